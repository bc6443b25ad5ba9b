//! What a webhook's entries add up to: both platforms' readers put their events in here.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    model::{Address, Event, EventKind, ReplyContext},
    webhook::{Concern, Inbound},
};

/// How long after a customer's message Meta takes free replies.
const WINDOW_MS: i64 = 24 * 60 * 60 * 1000;
/// The accounts in what the app dashboard's "Test" button sends.
const SAMPLES: [&str; 2] = ["0", "123456123"];

/// The events of one webhook so far.
pub struct Batch<'a> {
    channel: &'a str,
    /// The account whose entries count.
    pub account: &'a str,
    pub now_ms: i64,
    events: Vec<Event>,
    ignored: usize,
    concerns: Vec<Concern>,
}

impl<'b> Batch<'b> {
    pub fn new(channel: &'b str, account: &'b str, now_ms: i64) -> Self {
        Self { channel, account, now_ms, events: Vec::new(), ignored: 0, concerns: Vec::new() }
    }

    /// Counts a part that says nothing to a clerk.
    pub fn ignore(&mut self) {
        self.ignored += 1;
    }

    pub fn concern(&mut self, concern: Concern) {
        self.concerns.push(concern);
    }

    /// Whether something is about our account. Another one is the sign of a wrong setting, or of a second account of
    /// the same app that no channel is for.
    pub fn is_ours(&mut self, account: &str, what: &str) -> bool {
        if account == self.account {
            return true;
        }
        self.concern(if SAMPLES.contains(&account) {
            Concern::test_sample()
        } else {
            let account: String = account.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
            Concern::new(format!(
                "what Meta sends is about the account {account}, and `account` is {}: write the {what} there, or make a \
                 channel for the second account",
                self.account
            ))
        });
        false
    }

    /// All that was kept, acknowledged together.
    pub fn finish(self) -> Inbound {
        self.concerns.into_iter().fold(Inbound::events(self.events, self.ignored), Inbound::with)
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
