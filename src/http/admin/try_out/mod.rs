//! The try-out page: a chat with the clerk in a rehearsal, for who has the token. Nothing is sent and nothing kept: each
//! request brings all that was said so far, which is played from the beginning.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, oneshot};
use utoipa::ToSchema;

use super::{Admin, ErrorView, refusal::refuse};
use crate::{
    clock,
    in_force::InForce,
    language::Tag,
    model::{Content, EventKind, Plugins},
    plugin::host::Apart,
    rehearsal::{
        Played, Stage,
        scenario::When,
        talk::{Talk, TalkError},
        words,
    },
};

/// A rehearsal's stack, as a lane's.
const STACK_BYTES: usize = 16 << 20;
/// Rehearsals at once: customers go first.
static TURNS: Semaphore = Semaphore::const_new(2);
/// Lines of one conversation, and bytes of one line.
const LINES: usize = 200;
const LINE: usize = 8192;
/// The page loads nothing from elsewhere, and is in no other's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const PAGE: &str = include_str!("index.html");
const FILES: [(&str, &str, &str); 4] = [
    ("try.js", "text/javascript; charset=utf-8", include_str!("try.js")),
    ("try.css", "text/css; charset=utf-8", include_str!("try.css")),
    ("chat.css", "text/css; charset=utf-8", include_str!("../../chat/page/chat.css")),
    ("icon.svg", "image/svg+xml", include_str!("../../chat/page/icon.svg")),
];

/// The page and its files, which say nothing of the store: for anybody who reaches the admin side.
pub fn page() -> Router<Admin> {
    Router::new().route("/try", get(async || file("text/html; charset=utf-8", PAGE))).route("/try/{file}", get(asset))
}

async fn asset(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|(known, ..)| *known == name) {
        Some((_, content_type, content)) => file(content_type, content),
        None => refuse(StatusCode::NOT_FOUND, "there is nothing here"),
    }
}

fn file(content_type: &'static str, content: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, content).into_response()
}

/// Where one can talk.
#[derive(Serialize, ToSchema)]
pub struct TryShop {
    store: String,
    channels: Vec<String>,
}

/// A conversation, from its beginning.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryTalk {
    /// When it begins: `23:30`, `saturday 09:00`, `2026-11-11 20:00`; now unless given.
    at: Option<String>,
    channel: Option<String>,
    name: Option<String>,
    language: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    /// The customer has written before.
    #[serde(default)]
    known: bool,
    /// What is said, and commands as in `plugin dev`: `/order 1001 paid`, `/wait 30m`.
    lines: Vec<String>,
}

/// How it went.
#[derive(Serialize, ToSchema)]
pub struct TryPlayed {
    /// The time on the store's wall at the end.
    now: String,
    /// Whether people are there then.
    open: bool,
    played: Vec<TryEvent>,
}

#[derive(Serialize, ToSchema)]
struct TryEvent {
    time: String,
    what: String,
    /// Whether the customer said it.
    said: bool,
    messages: Vec<TryMessage>,
    trace: Vec<TryStep>,
    done: Vec<String>,
    /// What plugins asked outside, where nobody answers.
    asked: Vec<String>,
    took_us: u64,
}

#[derive(Serialize, ToSchema)]
struct TryMessage {
    /// Whom it goes to, if not the customer.
    to: Option<String>,
    text: String,
    choices: Vec<TryChoice>,
}

#[derive(Serialize, ToSchema)]
struct TryChoice {
    label: String,
    value: String,
}

#[derive(Serialize, ToSchema)]
struct TryStep {
    by: String,
    words: String,
}

#[utoipa::path(get, path = "/v1/try", responses((status = 200, body = TryShop)))]
pub async fn shop(State(admin): State<Admin>) -> Json<TryShop> {
    let in_force = admin.in_force.load();
    let mut channels: Vec<String> = in_force.channels.keys().cloned().collect();
    channels.sort_by_key(|id| (!in_force.is_web_chat(id), id.clone()));
    Json(TryShop { store: in_force.playbook.storefront("").name.into_owned(), channels })
}

#[utoipa::path(
    post,
    path = "/v1/try",
    request_body = TryTalk,
    responses((status = 200, body = TryPlayed), (status = 400, body = ErrorView))
)]
pub async fn talk(State(admin): State<Admin>, Json(talk): Json<TryTalk>) -> Response {
    if talk.lines.len() > LINES || talk.lines.iter().any(|line| line.len() > LINE) {
        return refuse(
            StatusCode::BAD_REQUEST,
            format!("{LINES} lines of {LINE} bytes are the most that is tried out"),
        );
    }
    let Ok(_turn) = TURNS.acquire().await else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "the clerk is leaving");
    };
    let (in_force, plugins) = (admin.in_force.load_full(), Arc::new(Apart(admin.plugins.clone())));
    let (done, played) = oneshot::channel();
    let thread = std::thread::Builder::new().name("try-out".to_owned()).stack_size(STACK_BYTES);
    if thread.spawn(move || drop(done.send(play(in_force, plugins, talk)))).is_err() {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "the system refuses a thread");
    }
    match played.await {
        Ok(Ok(played)) => Json(played).into_response(),
        Ok(Err(why)) => refuse(StatusCode::BAD_REQUEST, why),
        Err(_) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "this brought the rehearsal down: a fault in the clerk"),
    }
}

fn play(in_force: Arc<InForce>, plugins: Arc<dyn Plugins>, asked: TryTalk) -> Result<TryPlayed, String> {
    let zone = in_force.playbook.zone().clone();
    let now_ms = clock::now_ms();
    let begins_ms = match &asked.at {
        Some(at) => {
            let when: When = at.parse()?;
            when.after(now_ms, &zone).or_else(|| when.on_its_day(&zone)).ok_or_else(|| format!("there is no `{at}`"))?
        }
        None => now_ms,
    };
    if let Some(channel) = asked.channel.as_ref().filter(|id| !in_force.channels.contains_key(*id)) {
        return Err(format!("there is no channel `{channel}`"));
    }
    let language = asked.language.as_deref().map(|tag| Tag::parse(tag).map_err(|_| format!("`{tag}` is no language")));
    let mut talk = Talk::new(Stage::new(in_force.clone(), plugins, begins_ms), asked.channel.as_deref());
    talk.begin(asked.name, language.transpose()?, &asked.tags, asked.known);
    let mut played = Vec::new();
    for line in &asked.lines {
        let came = talk.line(line).map_err(|error| match error {
            TalkError::Meant(why) => why,
            TalkError::Store(error) => error.to_string(),
        })?;
        let home = talk.who().address.clone();
        played.extend(came.iter().map(|it| shown(it, &home, &zone)));
    }
    let now_ms = talk.stage().now_ms();
    Ok(TryPlayed { now: words::clock(now_ms, &zone), open: in_force.playbook.is_open(now_ms), played })
}

fn shown(played: &Played, home: &crate::model::Address, zone: &jiff::tz::TimeZone) -> TryEvent {
    let done = played.decision.actions.iter().filter_map(words::action).filter(|it| it != "reply");
    TryEvent {
        time: words::clock(played.at_ms, zone),
        what: words::event(&played.event.kind),
        said: matches!(played.event.kind, EventKind::Message(_)),
        messages: played
            .messages
            .iter()
            .map(|message| TryMessage {
                to: (message.address != *home).then(|| message.address.to_string()),
                text: plain(&message.content),
                choices: choices(&message.content),
            })
            .collect(),
        trace: played
            .decision
            .trace
            .iter()
            .map(|step| TryStep { by: step.by.to_string(), words: step.what.to_string() })
            .collect(),
        done: done.collect(),
        asked: played.asked.iter().map(words::asked).collect(),
        took_us: u64::try_from(played.took.as_micros()).unwrap_or(u64::MAX),
    }
}

/// Choices stand below as buttons.
fn plain(content: &Content) -> String {
    match content {
        Content::Choices { text, .. } => text.clone(),
        other => other.to_plain_text(),
    }
}

fn choices(content: &Content) -> Vec<TryChoice> {
    match content {
        Content::Choices { choices, .. } => {
            choices.iter().map(|it| TryChoice { label: it.label.clone(), value: it.value.clone() }).collect()
        }
        _ => Vec::new(),
    }
}
