//! The chat page that the daemon serves: its visitors write here, and read the answers from the store.
//!
//! A visitor is known by a random cookie. Whoever has it is the visitor, so it is treated as a password:
//! the chat's id is its hash, and the cookie itself reaches neither store nor log.

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, Uri, header};
use serde::{Deserialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::{Attempt, Capabilities, Channel, Outcome, Outgoing, Rendered, SetUp, Unit};
use crate::{
    model::{Address, Event, EventKind, Message, ReplyContext},
    webhook::{Inbound, Refusal, WebhookRequest, text_response},
};

/// The cookie's name.
const COOKIE: &str = "nc_visitor";
/// Keeps the hash apart from all others of the same bytes.
const CHAT_ID_CONTEXT: &[u8] = b"nightclerk/webchat/visitor\0";
/// The longest message, in characters.
const MAX_TEXT: usize = 4000;
/// The longest id that the page may give a message.
const MAX_ID: usize = 64;
/// Opening the page again within this time is the same opening, where the page gives it no id.
const SAME_OPENING_MS: i64 = 60 * 60 * 1000;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Origins besides the daemon's own whose pages may post: `https://shop.example`.
    #[serde(default)]
    allowed_origins: Vec<String>,
}

pub struct WebChat {
    id: String,
    allowed_origins: Vec<String>,
}

impl WebChat {
    pub fn new(id: &str, settings: &Settings) -> Result<Self, String> {
        match settings.allowed_origins.iter().find(|origin| origin_host(origin).is_none()) {
            Some(origin) => Err(format!("`allowed_origins`: `{origin}` is not an origin such as https://shop.example")),
            None => Ok(Self { id: id.to_owned(), allowed_origins: settings.allowed_origins.clone() }),
        }
    }

    fn event(&self, chat: String, dedupe: &str, at_ms: i64, kind: EventKind) -> Event {
        // Visitors number their messages independently.
        let dedupe = format!("{chat}/{dedupe}");
        Event { channel: self.id.clone(), dedupe, address: Address::new(self.id.clone(), chat), at_ms, kind }
    }

    /// Browsers name the page's origin in every POST; a caller that is no browser has no cookie to lose.
    fn is_own_page(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let same_host = origin_host(origin).zip(host).is_some_and(|(page, own)| page.eq_ignore_ascii_case(own));
        same_host || self.allowed_origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }
}

/// Host and port of an origin: a scheme, a host and nothing behind it.
fn origin_host(origin: &str) -> Option<&str> {
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"))?;
    let url: Uri = origin.parse().ok()?;
    (url.authority()?.as_str() == host && !host.contains('@')).then_some(host)
}

/// The chat of the visitor whose cookie is in this `Cookie` header; `None` if there is no valid one.
pub fn visitor_chat(cookie: Option<&str>) -> Option<String> {
    let visitor = cookie?
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE && is_visitor(value)).then_some(value))?;
    let hash = Sha256::new().chain_update(CHAT_ID_CONTEXT).chain_update(visitor).finalize();
    Some(hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect())
}

fn is_visitor(value: &str) -> bool {
    value.len() == 32 && value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A new visitor's cookie value, made of bytes that nobody can guess.
pub fn new_visitor(random: [u8; 16]) -> String {
    hex::encode(random)
}

#[derive(Deserialize)]
struct Written {
    /// The page's own id of the message; the same when it sends it again.
    id: String,
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OpenedPage {
    id: Option<String>,
}

impl Channel for WebChat {
    fn receive(&self, request: &WebhookRequest<'_>) -> Inbound {
        if request.method != Method::POST {
            return Inbound::refuse(StatusCode::METHOD_NOT_ALLOWED, "messages are posted\n");
        }
        // A form of a foreign page can send a cookie along, but not this type.
        if !is_json(request) {
            return Inbound::refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the content type is application/json\n");
        }
        if !self.is_own_page(request.headers) {
            return Inbound::Refused(Refusal {
                status: StatusCode::FORBIDDEN,
                why: "the page's origin is neither the address it was called at nor in `allowed_origins`; a proxy in \
                      front has to pass the Host header on",
                detail: Some("this page may not write here".to_owned()),
            });
        }
        let Some(chat) = visitor_chat(request.header("cookie")) else {
            return Inbound::refuse(StatusCode::UNAUTHORIZED, "load the chat page first\n");
        };
        let event = match request.path {
            "messages" => self.written(chat, request),
            "open" => self.opened(chat, request),
            _ => Err((StatusCode::NOT_FOUND, "there is nothing here\n")),
        };
        match event {
            Ok(event) => {
                let ack = text_response(StatusCode::ACCEPTED, "");
                Inbound::acknowledged(ack, vec![event], 0)
            }
            Err((status, why)) => Inbound::refuse(status, why),
        }
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_length: MAX_TEXT,
            unit: Unit::Chars,
            per_second: 1000,
            chat_gap_ms: 0,
            budget_is_final: false,
            answers_in_response: false,
        }
    }

    fn render(&self, _message: &Outgoing<'_>) -> Rendered {
        Rendered::Local
    }

    fn classify(&self, _response: &Response<Bytes>, _attempt: &Attempt) -> Outcome {
        Outcome::Sent(None)
    }

    fn set_up(&self, _webhook_url: &str) -> SetUp {
        SetUp::by_hand(["nothing is to be set up: the daemon serves the chat itself, at /chat/".to_owned()])
    }
}

/// The status and the words of a refusal.
type Refused = (StatusCode, &'static str);

impl WebChat {
    fn written(&self, chat: String, request: &WebhookRequest<'_>) -> Result<Event, Refused> {
        let Written { id, text } = parse(request.body)?;
        check_id(&id)?;
        if text.trim().is_empty() {
            return Err((StatusCode::BAD_REQUEST, "the message is empty\n"));
        }
        if text.chars().count() > MAX_TEXT {
            return Err((StatusCode::PAYLOAD_TOO_LARGE, "a message has at most 4000 characters\n"));
        }
        let sender = chat.clone();
        let kind = EventKind::Message(Message { id: id.clone(), sender, text: Some(text), ..Message::default() });
        Ok(self.event(chat, &id, request.now_ms, kind))
    }

    fn opened(&self, chat: String, request: &WebhookRequest<'_>) -> Result<Event, Refused> {
        let opened: OpenedPage = if request.body.is_empty() { OpenedPage::default() } else { parse(request.body)? };
        let opening = match opened.id {
            Some(id) => {
                check_id(&id)?;
                id
            }
            None => request.now_ms.div_euclid(SAME_OPENING_MS).to_string(),
        };
        let kind = EventKind::Opened {
            sender: chat.clone(),
            sender_name: None,
            payload: None,
            reply: ReplyContext::default(),
        };
        Ok(self.event(chat, &format!("open/{opening}"), request.now_ms, kind))
    }
}

fn is_json(request: &WebhookRequest<'_>) -> bool {
    let essence = request.header("content-type").and_then(|value| value.split(';').next());
    essence.is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json"))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|_| (StatusCode::BAD_REQUEST, "the body is not {\"id\":…,\"text\":…}\n"))
}

/// An id is visible ASCII, and cannot be taken for another kind of event's.
fn check_id(id: &str) -> Result<(), Refused> {
    let well_formed =
        (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
    if well_formed {
        Ok(())
    } else {
        Err((StatusCode::BAD_REQUEST, "an id is 1 to 64 visible characters without `/`\n"))
    }
}

#[cfg(test)]
mod tests;
