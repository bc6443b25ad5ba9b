//! The chat page that the daemon serves: its visitors write here, and read the answers from the store.
//!
//! What visitors send comes in at the page's own address, where the chat room lets through who is let in; here it is
//! read. So nothing arrives by a webhook.

mod visitor;

use bytes::Bytes;
use http::{Response, StatusCode, Uri};
use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};

use super::{Attempt, Capabilities, Channel, Lies, Outcome, Outgoing, Rendered, SetUp, Takes, Unit};
use crate::{
    model::{Address, Event, EventKind, Media, Message, ReplyContext},
    pictures::{Kind, Place},
    setting::{Secret, ascii_host},
    webhook::{Inbound, Refusal, WebhookRequest, signature::verify_hmac_sha256},
};

pub use visitor::{COOKIE, Customer, Visitor, VisitorKey};

/// The longest message, in characters.
const MAX_TEXT: usize = 4000;
/// The longest id that the page may give a message.
const MAX_ID: usize = 64;
/// The longest customer id and name, in characters.
const MAX_NAME: usize = 128;
/// Where the page fetches pictures, behind the daemon's own address.
const PICTURES: &str = "/chat/pictures";
/// Opening the page again within this time is the same opening, where the page gives it no id.
const SAME_OPENING_MS: i64 = 60 * 60 * 1000;

/// Where a visitor's page fetches what lies at a place; what they sent is known by it.
pub fn picture_at(place: &Place) -> String {
    format!("{PICTURES}/{}/{}", place.folder, place.name)
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Origins besides the daemon's own whose pages may show the chat and write to it: `https://shop.example`.
    #[serde(default)]
    allowed_origins: Vec<String>,
    /// What the shop signs its customers' ids with.
    #[serde(default)]
    identity_secret: Option<Secret>,
}

pub struct WebChat {
    id: String,
    allowed_origins: Vec<String>,
    identity_secret: Option<Secret>,
}

impl WebChat {
    pub fn new(id: &str, settings: &Settings) -> Result<Self, String> {
        let Settings { allowed_origins, identity_secret } = settings.clone();
        if let Some(origin) = allowed_origins.iter().find(|origin| origin_host(&ascii_host(origin)).is_none()) {
            return Err(format!("`allowed_origins`: `{origin}` is not an origin such as https://shop.example"));
        }
        if identity_secret.as_ref().is_some_and(Secret::is_empty) {
            return Err("`identity_secret` is empty: anybody could sign with it".to_owned());
        }
        let allowed_origins = allowed_origins.iter().map(|origin| ascii_host(origin).to_ascii_lowercase()).collect();
        Ok(Self { id: id.to_owned(), allowed_origins, identity_secret })
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// Sites besides the daemon's own that the chat may be part of, in lower case.
    pub fn allowed_origins(&self) -> &[String] {
        &self.allowed_origins
    }

    pub fn address(&self, visitor: &Visitor) -> Address {
        Address::new(self.id.clone(), visitor.chat.clone())
    }

    /// What a visitor wrote: `{"id":…,"text":…}`.
    ///
    /// # Errors
    /// It is not that, or too long.
    pub fn written(&self, visitor: &Visitor, body: &[u8], now_ms: i64) -> Result<Event, Refusal> {
        let Written { id, text } = parse(body)?;
        check_id(&id)?;
        if text.trim().is_empty() {
            return Err(refusal(StatusCode::BAD_REQUEST, "the message is empty\n"));
        }
        if text.chars().count() > MAX_TEXT {
            return Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, "a message has at most 4000 characters\n"));
        }
        Ok(self.message(visitor, id, now_ms, Message { text: Some(text), ..Message::default() }))
    }

    /// A picture that a visitor sent and that is kept under `reference`.
    ///
    /// # Errors
    /// The id is none.
    pub fn pictured(&self, visitor: &Visitor, id: &str, reference: String, now_ms: i64) -> Result<Event, Refusal> {
        check_id(id)?;
        let media = vec![Media::new("image", reference)];
        Ok(self.message(visitor, id.to_owned(), now_ms, Message { media, ..Message::default() }))
    }

    /// The page was opened; the body is empty or `{"id":…}`.
    ///
    /// # Errors
    /// It is neither.
    pub fn opened(&self, visitor: &Visitor, body: &[u8], now_ms: i64) -> Result<Event, Refusal> {
        let opened: OpenedPage = if body.is_empty() { OpenedPage::default() } else { parse(body)? };
        let opening = match opened.id {
            Some(id) => {
                check_id(&id)?;
                id
            }
            None => now_ms.div_euclid(SAME_OPENING_MS).to_string(),
        };
        let (sender, sender_name) = (visitor.chat.clone(), visitor.name.clone());
        let kind = EventKind::Opened { sender, sender_name, payload: None, reply: ReplyContext::default() };
        Ok(self.event(visitor, &format!("open/{opening}"), now_ms, kind))
    }

    /// The customer whom the shop's signature names: `{"id":…,"hmac":…,"name":…}`, with HMAC-SHA-256 of the id in hex.
    ///
    /// # Errors
    /// It is not signed with the channel's secret, or there is none.
    pub fn identified(&self, body: &[u8]) -> Result<Customer, Refusal> {
        let Some(secret) = &self.identity_secret else {
            let why = "a site names its customer, and the channel has no `identity_secret` in channels.toml\n";
            return Err(refusal(StatusCode::FORBIDDEN, why));
        };
        let Signed { id, hmac, name } = serde_json::from_slice(body).map_err(|_| {
            refusal(
                StatusCode::BAD_REQUEST,
                "the body is not {\"id\":…,\"hmac\":…} with texts, and a `name` if known\n",
            )
        })?;
        let good = |text: &str| {
            !text.trim().is_empty() && text.chars().count() <= MAX_NAME && !text.contains(char::is_control)
        };
        if !good(&id) || name.as_deref().is_some_and(|name| !name.is_empty() && !good(name)) {
            return Err(refusal(
                StatusCode::BAD_REQUEST,
                "an id or name has 1 to 128 characters, none of them control\n",
            ));
        }
        let hmac = hex::decode(hmac.trim()).unwrap_or_default();
        if !verify_hmac_sha256(secret.expose().as_bytes(), &[id.as_bytes()], &hmac) {
            let why = "`hmac` is not the HMAC-SHA-256 of the id, in hex, with the channel's `identity_secret`\n";
            return Err(refusal(StatusCode::FORBIDDEN, why));
        }
        Ok(Customer { id, name: name.filter(|name| !name.is_empty()) })
    }

    fn message(&self, visitor: &Visitor, id: String, now_ms: i64, message: Message) -> Event {
        let (sender, sender_name) = (visitor.chat.clone(), visitor.name.clone());
        let kind = EventKind::Message(Message { id: id.clone(), sender, sender_name, ..message });
        self.event(visitor, &id, now_ms, kind)
    }

    fn event(&self, visitor: &Visitor, dedupe: &str, at_ms: i64, kind: EventKind) -> Event {
        // Visitors number their messages independently.
        let dedupe = format!("{}/{dedupe}", visitor.chat);
        Event { channel: self.id.clone(), dedupe, address: self.address(visitor), at_ms, kind }
    }
}

/// Host and port of an origin: a scheme, a host and nothing behind it.
pub fn origin_host(origin: &str) -> Option<&str> {
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"))?;
    let url: Uri = origin.parse().ok()?;
    (url.authority()?.as_str() == host && !host.contains('@')).then_some(host)
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

#[derive(Deserialize)]
struct Signed {
    id: String,
    hmac: String,
    #[serde(default)]
    name: Option<String>,
}

impl Channel for WebChat {
    fn receive(&self, _request: &WebhookRequest<'_>) -> Inbound {
        Inbound::Refused(Refusal {
            status: StatusCode::NOT_FOUND,
            why: "a web chat has no webhook: its visitors write at /chat/",
            detail: Some("no channel has this name".to_owned()),
        })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_length: MAX_TEXT,
            unit: Unit::Chars,
            max_caption: MAX_TEXT,
            per_second: 1000,
            chat_gap_ms: 0,
            budget_is_final: false,
            answers_in_response: false,
        }
    }

    fn render(&self, _message: &Outgoing<'_>) -> Rendered {
        Rendered::Local
    }

    fn find(&self, media: &Media, _token: Option<&str>) -> Lies {
        let path = media.reference.strip_prefix(PICTURES).and_then(|it| it.strip_prefix('/')?.split_once('/'));
        path.and_then(|(folder, name)| Place::named(folder, name)).map_or(Lies::Nowhere, Lies::Here)
    }

    fn takes(&self, _kind: Kind, _bytes: usize) -> Takes {
        Takes::Page
    }

    fn classify(&self, _response: &Response<Bytes>, _attempt: &Attempt) -> Outcome {
        Outcome::Sent(None)
    }

    fn set_up(&self, _webhook_url: &str) -> SetUp {
        SetUp::by_hand(["nothing is to be set up: the daemon serves the chat itself, at /chat/".to_owned()])
    }
}

fn refusal(status: StatusCode, why: &'static str) -> Refusal {
    Refusal { status, why, detail: None }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|_| refusal(StatusCode::BAD_REQUEST, "the body is not {\"id\":…,\"text\":…}\n"))
}

/// An id is visible ASCII, and cannot be taken for another kind of event's.
fn check_id(id: &str) -> Result<(), Refusal> {
    let well_formed =
        (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
    if well_formed {
        Ok(())
    } else {
        Err(refusal(StatusCode::BAD_REQUEST, "an id is 1 to 64 visible characters without `/`\n"))
    }
}

#[cfg(test)]
mod tests;
