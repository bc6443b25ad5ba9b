//! A notice that one of a customer's addresses no longer takes, said at another of theirs.

use serde::{Deserialize, Serialize};

use super::turn::Turn;
use crate::model::{Address, Content, Event, EventKind, Finding, Part, TimerFired, WhySilent};

/// Whose event it is; no plugin can have this name.
const OWNER: &str = "clerk:passed-on";
const KEY: &str = "notice";

/// A notice on its way to the next address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PassedOn {
    pub content: Content,
    /// The message that could not be delivered.
    pub message: i64,
    /// Where it was tried before, the last of them last.
    pub tried: Vec<Address>,
}

impl PassedOn {
    /// The event with which it is said at an address. The same message in the same attempt always gives the same.
    ///
    /// # Errors
    /// What was to be said is nothing that can be written down.
    pub fn event(&self, to: Address, attempts: u32, at_ms: i64) -> serde_json::Result<Event> {
        Ok(Event {
            channel: "clerk".to_owned(),
            dedupe: format!("passed-on:{}:{attempts}", self.message),
            address: to,
            at_ms,
            kind: EventKind::Timer(TimerFired {
                key: KEY.to_owned(),
                due_ms: at_ms,
                owner: OWNER.to_owned(),
                payload: serde_json::to_value(self)?,
            }),
        })
    }

    /// What an event passes on, if it does.
    pub fn of(event: &Event) -> Option<Self> {
        match &event.kind {
            EventKind::Timer(timer) if is_passed_on(timer) => serde_json::from_value(timer.payload.clone()).ok(),
            _ => None,
        }
    }
}

pub(super) fn is_passed_on(timer: &TimerFired) -> bool {
    timer.owner == OWNER
}

/// Whether what an event led to may be said at another address as well: news of orders, and what plugins say in their
/// own time. What belongs to a conversation stays in it.
pub(super) fn may_be_passed_on(event: &Event) -> bool {
    match &event.kind {
        EventKind::Order(_) => true,
        EventKind::Timer(timer) => is_passed_on(timer) || !timer.owner.starts_with("clerk:"),
        _ => false,
    }
}

impl Turn<'_> {
    pub(super) fn passed_on(&mut self) {
        let Some(PassedOn { content, message, tried }) = PassedOn::of(self.event) else { return };
        if self.view.conversation.has_opted_out() {
            return self.stay_silent(Part::Limits, WhySilent::OptedOutBefore);
        }
        let from = tried.last().map(|it| it.channel.clone()).unwrap_or_default();
        self.note(Part::Notices, Finding::PassedOn { message, from });
        self.decision.conversation.notices_ms.push(self.view.now_ms);
        match content {
            Content::Several { parts } => parts.into_iter().for_each(|part| self.say(part)),
            content => self.say(content),
        }
    }
}
