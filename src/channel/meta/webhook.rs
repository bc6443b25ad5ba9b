//! The envelope: batches of entries, each about one account.

use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Platform, messenger, whatsapp};
use crate::{
    channel::{Inbound, WebhookRequest},
    model::{Address, Event, EventKind, ReplyContext},
};

/// How long after a customer's message Meta takes free replies.
const WINDOW_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Deserialize)]
struct Envelope<'a> {
    object: String,
    #[serde(borrow, default)]
    entry: Vec<&'a RawValue>,
}

/// Reads a signed body. What we do not know or understand is counted and the rest kept: a refusal would make Meta
/// repeat the whole batch, and in the end unsubscribe the page.
pub fn read(platform: Platform, channel: &str, account: &str, request: &WebhookRequest<'_>) -> Inbound {
    let envelope: Envelope<'_> = match serde_json::from_slice(request.body) {
        Ok(envelope) => envelope,
        Err(error) if error.is_data() => return Inbound::events(Vec::new(), 1),
        Err(_) => return Inbound::refuse(StatusCode::BAD_REQUEST, "the body is not JSON\n"),
    };
    let mut batch = Batch { channel, account, now_ms: request.now_ms, events: Vec::new(), ignored: 0 };
    match (platform, envelope.object.as_str()) {
        (Platform::WhatsApp, "whatsapp_business_account") => batch.each(envelope.entry, whatsapp::read),
        (Platform::Messenger, "page") | (Platform::Instagram, "instagram") => {
            batch.each(envelope.entry, messenger::read);
        }
        _ => batch.ignored += 1,
    }
    Inbound::events(batch.events, batch.ignored)
}

/// The events of one webhook so far.
pub struct Batch<'a> {
    channel: &'a str,
    /// The account whose entries count.
    pub account: &'a str,
    pub now_ms: i64,
    events: Vec<Event>,
    ignored: usize,
}

impl Batch<'_> {
    /// Parses each part and gives it to `read`; those of another form, or that `read` declines, are counted.
    pub fn each<'a, T: Deserialize<'a>>(
        &mut self,
        parts: Vec<&'a RawValue>,
        mut read: impl FnMut(&mut Self, T) -> Option<()>,
    ) {
        for part in parts {
            let read = serde_json::from_str(part.get()).ok().and_then(|part| read(self, part));
            self.ignored += usize::from(read.is_none());
        }
    }

    /// Keeps an event of the chat `chat`.
    pub fn keep(&mut self, dedupe: String, chat: String, at_ms: i64, kind: EventKind) -> Option<()> {
        if dedupe.is_empty() || chat.is_empty() {
            return None;
        }
        let address = Address::new(self.channel, chat);
        self.events.push(Event { channel: self.channel.to_owned(), dedupe, address, at_ms, kind });
        Some(())
    }
}

/// How a message of that time can be answered.
pub fn reply_to(at_ms: i64) -> ReplyContext {
    ReplyContext { deadline_ms: Some(at_ms.saturating_add(WINDOW_MS)), ..ReplyContext::default() }
}
