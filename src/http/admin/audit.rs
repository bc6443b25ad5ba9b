//! Who did what: deeds of people from the log, and what operators did and looked up, which is written down as it happens.

use axum::{
    Json,
    extract::{MatchedPath, Query, RawPathParams, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Admin, ErrorView,
    deed_kind::{DeedKind, OPERATORS},
    period::Asked,
    refusal::{Refusal, refuse},
};
use crate::{
    clock,
    model::{Address, Event, EventKind, Staff, StaffDeed},
    report::Period,
    setting::steers,
    store::{Deed, Records, StoreError, wait},
};

/// Who runs a command, as the command line says it.
pub const OPERATOR_HEADER: &str = "x-nightclerk-operator";
/// Deeds in one answer.
const MOST: usize = 1000;
/// Entries of the log that are read at once.
const STEP: usize = 512;
/// What is asked so often, and shows nothing of customers, that it is not worth writing down.
const UNWRITTEN: [&str; 7] =
    ["/metrics", "/v1/openapi.json", "/v1/status", "/v1/plugins", "/v1/plugin-logs", "/v1/try", "/v1/desk"];
/// What stands on the log as a deed of its own.
const ON_THE_LOG: [&str; 2] = ["/v1/conversations/", "/v1/tickets/"];
/// What the owner is called.
pub(in crate::http) const OWNER: &str = "owner";
/// Before a name that whoever has the admin token gave: nobody signed in under it.
const SAID_TO_BE: &str = "said to be ";
/// Where what is explained is looked up.
const EXPLAIN: &str = "/v1/explain/";
/// Bytes of a name or subject.
const LONGEST: usize = 64;

/// Writes down what an operator does, before they have the answer.
pub async fn note(State(admin): State<Admin>, parameters: RawPathParams, request: Request, next: Next) -> Response {
    let deed = deed(&request, &parameters);
    let is_explain = request.extensions().get::<MatchedPath>().is_some_and(|it| it.as_str().starts_with(EXPLAIN));
    let reference = parameters.iter().find(|(key, _)| *key == "reference").map(|(_, it)| it.to_owned());
    let explained = reference.filter(|_| is_explain);
    let answer = next.run(request).await;
    if let Some(mut deed) = deed {
        let outcome = answer.status().as_u16();
        if let Some(NotedAs(done)) = answer.extensions().get() {
            done.name().clone_into(&mut deed.what);
        }
        if let Some(reference) = explained.filter(|_| answer.status().is_success()) {
            // Whose it is stands in what was found.
            let found = wait(admin.store.explain(&reference)).await.ok().flatten();
            deed.address = found.map(|it| it.event.address);
        }
        // Who could not look any more because it cannot be written down could not mend that either.
        if let Err(error) = wait(admin.store.note_deed(Deed { outcome, ..deed })).await {
            tracing::error!(%error, "what an operator did could not be written down");
        }
    }
    answer
}

/// How the audit calls what was done, where the path does not say it.
#[derive(Clone, Copy)]
struct NotedAs(DeedKind);

/// An answer to what the audit calls so.
pub(super) fn noted_as(done: DeedKind, mut answer: Response) -> Response {
    answer.extensions_mut().insert(NotedAs(done));
    answer
}

fn deed(request: &Request, parameters: &RawPathParams) -> Option<Deed> {
    let path = request.extensions().get::<MatchedPath>()?.as_str();
    let is_read = request.method() == Method::GET;
    let query = request.uri().query().unwrap_or_default();
    let value = |name: &str| form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, it)| it);
    let shows_no_words = path == "/v1/report" && value("words").is_none_or(|it| it != "true");
    let unwritten = is_read && (UNWRITTEN.contains(&path) || shows_no_words || path.ends_with("/comparison"));
    if unwritten || (!is_read && ON_THE_LOG.iter().any(|it| path.starts_with(it))) {
        return None;
    }
    let words: Vec<_> = path.trim_start_matches("/v1/").split('/').filter(|it| !it.starts_with('{')).collect();
    let kind = DeedKind::of_request(request.method(), path);
    let parameter = |name: &str| parameters.iter().find(|(key, _)| *key == name).map(|(_, it)| it.to_owned());
    let named = parameter("channel").zip(parameter("chat")).map(|(channel, chat)| Address { channel, chat });
    // Whom is what is to be forgotten.
    let address = named.filter(|_| kind != Some(DeedKind::Forget));
    let of = parameters
        .iter()
        .find(|(key, _)| matches!(*key, "reference" | "id" | "name" | "person"))
        .map(|(_, it)| plain(it));
    let subject = words.first().copied().unwrap_or_default();
    let who = value("by").map(|it| plain(&it)).or_else(|| {
        let named = request.headers().get(OPERATOR_HEADER)?.to_str().ok()?;
        Some(plain(named)).filter(|it| !it.is_empty())
    });
    Some(Deed {
        at_ms: clock::now_ms(),
        who: who.map_or_else(|| "operator".to_owned(), said_to_be),
        what: kind.map(DeedKind::name).or(words.last().copied()).unwrap_or_default().to_owned(),
        subject: of.map_or_else(|| subject.to_owned(), |of| format!("{subject} {of}")),
        address,
        outcome: 0,
    })
}

/// A name that nobody signed in under.
fn said_to_be(name: String) -> String {
    format!("{SAID_TO_BE}{name}")
}

/// The name that somebody gave who did not sign in under it.
pub(in crate::http) fn given_name(who: &str) -> Option<&str> {
    who.strip_prefix(SAID_TO_BE)
}

/// A name as it may be kept: short, and nothing in it that steers a terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|it| !steers(*it) && *it != '\n').take(LONGEST).collect()
}

/// What is to be shown.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// A person, team or operator.
    pub who: Option<String>,
    /// `say`, `take`, `close`, `look-up`, `forget`, …
    pub what: Option<String>,
    /// Of a customer's conversation.
    pub channel: Option<String>,
    /// Of a customer's conversation.
    pub chat: Option<String>,
    /// The person of store.toml who looks, who must be allowed to; nobody where whoever has the token does.
    #[serde(rename = "as")]
    pub person: Option<String>,
}

impl Wanted {
    fn wants(&self, deed: &Deed) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|it| it == found);
        let of = |wanted: &Option<String>, part: fn(&Address) -> &str| {
            wanted.as_ref().is_none_or(|it| deed.address.as_ref().is_some_and(|address| part(address) == it))
        };
        let who = given_name(&deed.who).unwrap_or(&deed.who);
        self.who.as_ref().is_none_or(|it| it == who || *it == deed.who)
            && is(&self.what, &deed.what)
            && of(&self.channel, |it| it.channel.as_str())
            && of(&self.chat, |it| it.chat.as_str())
    }
}

#[utoipa::path(
    get,
    path = "/v1/audit",
    params(Asked, Wanted),
    responses((status = 200, body = Vec<Object>), (status = 400, body = ErrorView), (status = 403, body = ErrorView))
)]
pub async fn audit(State(admin): State<Admin>, Query(asked): Query<Asked>, Query(wanted): Query<Wanted>) -> Response {
    let in_force = admin.in_force.load_full();
    if wanted.person.as_ref().is_some_and(|it| !in_force.playbook.may_monitor(it)) {
        return refuse(StatusCode::FORBIDDEN, "the role does not allow to look up what colleagues did");
    }
    let period = match asked.period(in_force.playbook.zone()) {
        // What is done at this very moment is shown as well.
        Ok(period) if asked.to.is_none() && asked.month.is_none() => Period { until_ms: i64::MAX, ..period },
        Ok(period) => period,
        Err(why) => return refuse(StatusCode::BAD_REQUEST, why),
    };
    match deeds(&admin, period, wanted).await {
        Ok(deeds) => Json(deeds).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// What was done in a period, on the log and past it, newest first.
pub(in crate::http) async fn deeds(admin: &Admin, period: Period, wanted: Wanted) -> Result<Vec<Deed>, Refusal> {
    let written = wait(admin.store.deeds(period.from_ms, period.until_ms, i64::MAX as usize)).await?;
    let mut deeds: Vec<_> = written.into_iter().filter(|it| wanted.wants(it)).collect();
    let store = admin.store.clone();
    let logged = tokio::task::spawn_blocking(move || {
        let records = store.records()?;
        deeds.extend(on_the_log(&*records, period, &wanted)?);
        Ok::<_, StoreError>(deeds)
    });
    let unread = |_| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the log could not be read");
    let mut deeds = logged.await.map_err(unread)??;
    deeds.sort_by_key(|it| std::cmp::Reverse(it.at_ms));
    deeds.truncate(MOST);
    Ok(deeds)
}

/// Deeds of the store's people; at most as many as are shown, the newest.
fn on_the_log(records: &dyn Records, period: Period, wanted: &Wanted) -> Result<Vec<Deed>, StoreError> {
    let mut deeds = std::collections::VecDeque::new();
    let mut next = records.first_since(period.from_ms)?;
    loop {
        let step = records.from(next, STEP)?;
        let Some(last) = step.last() else { return Ok(deeds.into()) };
        next = last.logged.id + 1;
        for record in step.iter().filter(|it| period.holds(it.logged.received_ms)) {
            if let Some(deed) = of_event(record.logged.received_ms, &record.logged.event).filter(|it| wanted.wants(it))
            {
                if deeds.len() >= MOST {
                    deeds.pop_front();
                }
                deeds.push_back(deed);
            }
        }
    }
}

fn of_event(at_ms: i64, event: &Event) -> Option<Deed> {
    let (who, kind, subject) = match &event.kind {
        EventKind::Staff(Staff { by, deed, room, yields, .. }) => {
            let (kind, subject) = match deed {
                StaffDeed::Take => (DeedKind::Take, String::new()),
                StaffDeed::Return => (DeedKind::Return, String::new()),
                StaffDeed::TakeTicket { ticket, .. } => (DeedKind::Take, format!("ticket {ticket}")),
                StaffDeed::HoldTicket { ticket } => (DeedKind::Hold, format!("ticket {ticket}")),
                StaffDeed::CloseTicket { ticket } => (DeedKind::Close, format!("ticket {ticket}")),
                StaffDeed::DropTicket { ticket } => (DeedKind::Drop, format!("ticket {ticket}")),
                StaffDeed::Say { .. } => (DeedKind::Say, String::new()),
                StaffDeed::Phrase { code } => (DeedKind::Say, format!("phrase {code}")),
                StaffDeed::Transfer { to, .. } => (DeedKind::Transfer, to.clone()),
                StaffDeed::Note { .. } => (DeedKind::Note, String::new()),
                StaffDeed::Remark { .. } => (DeedKind::Remark, String::new()),
                StaffDeed::Tag { tag } => (DeedKind::Tag, tag.clone()),
                StaffDeed::Untag { tag } => (DeedKind::Untag, tag.clone()),
                StaffDeed::Close => (DeedKind::Close, String::new()),
                StaffDeed::Draft { .. } => (DeedKind::Draft, String::new()),
                StaffDeed::Away => (DeedKind::Away, String::new()),
                StaffDeed::Online => (DeedKind::Online, String::new()),
                // That somebody looks is written down with what they look at.
                StaffDeed::AtConsole { .. }
                | StaffDeed::Help
                | StaffDeed::Unclear { .. }
                | StaffDeed::Undelivered { .. } => return None,
            };
            // A room knows its people by the platform, the console by their signing in; a command is told a name.
            let is_known = room.is_some() || *yields;
            let by = by.clone();
            (if is_known { by } else { by.map(said_to_be) }, kind, subject)
        }
        EventKind::Colleague(colleague) if !colleague.left => {
            (None, DeedKind::Say, "in the platform's inbox".to_owned())
        }
        // Of operators it was written down as they asked for it.
        EventKind::Contact(_) if event.dedupe.starts_with(OPERATORS) => return None,
        EventKind::Contact(deed) => {
            let by = deed.by().unwrap_or(OWNER);
            (Some(by.to_owned()), DeedKind::of_contact(deed), format!("contact {}", deed.contact()))
        }
        _ => return None,
    };
    let who = who.unwrap_or_else(|| "somebody".to_owned());
    Some(Deed { at_ms, who, what: kind.name().to_owned(), subject, address: Some(event.address.clone()), outcome: 200 })
}
