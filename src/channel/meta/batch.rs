//! What a webhook's entries add up to: both platforms' readers put their events in here.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    model::{Address, Event, EventKind, ReplyContext},
    webhook::Inbound,
};

/// How long after a customer's message Meta takes free replies.
const WINDOW_MS: i64 = 24 * 60 * 60 * 1000;

/// The events of one webhook so far.
pub struct Batch<'a> {
    channel: &'a str,
    /// The account whose entries count.
    pub account: &'a str,
    pub now_ms: i64,
    events: Vec<Event>,
    ignored: usize,
}

impl<'b> Batch<'b> {
    pub fn new(channel: &'b str, account: &'b str, now_ms: i64) -> Self {
        Self { channel, account, now_ms, events: Vec::new(), ignored: 0 }
    }

    /// Counts a part that says nothing to a clerk.
    pub fn ignore(&mut self) {
        self.ignored += 1;
    }

    /// All that was kept, acknowledged together.
    pub fn finish(self) -> Inbound {
        Inbound::events(self.events, self.ignored)
    }

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
