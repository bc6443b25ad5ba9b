//! What a plugin may bring upon people and the store over time. The contract's limits are for one call; a plugin that
//! does little in each of many calls is bounded here.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
};

use lru::LruCache;

use crate::model::{Action, HookCall};

/// Timers of a plugin that wait in one conversation.
pub const WAITING_TIMERS: usize = 64;
/// Tickets that are open in one conversation, when a plugin opens another.
pub const OPEN_TICKETS: usize = 16;
/// Words to people of the store within an hour: over one conversation, and of one plugin altogether.
const NOTICES_OVER_ONE: u32 = 20;
const NOTICES: u32 = 240;
const HOUR_MS: i64 = 3_600_000;
/// Conversations whose notices are counted; those quiet for longest make room.
const COUNTED: NonZeroUsize = NonZeroUsize::new(8192).unwrap();

/// Counts notices by plugin and conversation, by the events' own time.
pub struct Notices(Mutex<Counts>);

struct Counts {
    plugins: HashMap<String, Count>,
    conversations: LruCache<(String, u64), Count>,
}

/// Of one hour, and which.
#[derive(Clone, Copy, Default)]
struct Count {
    hour: i64,
    notices: u32,
}

impl Count {
    fn at(self, hour: i64) -> Self {
        if self.hour == hour { self } else { Self { hour, notices: 0 } }
    }
}

impl Default for Notices {
    fn default() -> Self {
        Self(Mutex::new(Counts { plugins: HashMap::new(), conversations: LruCache::new(COUNTED) }))
    }
}

impl Notices {
    /// Counts the notices among the actions of one answer.
    ///
    /// # Errors
    /// They are too many, in words; none is counted.
    pub fn count(&self, plugin: &str, conversation: u64, now_ms: i64, actions: &[Action]) -> Result<(), String> {
        let notices = actions.iter().filter(|it| matches!(it, Action::Notify { .. })).count();
        let Ok(notices) = u32::try_from(notices) else { return Err("it notifies without end".to_owned()) };
        if notices == 0 {
            return Ok(());
        }
        let hour = now_ms.div_euclid(HOUR_MS);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (plugin.to_owned(), conversation);
        let of_plugin = counts.plugins.get(plugin).copied().unwrap_or_default().at(hour);
        let of_conversation = counts.conversations.get(&key).copied().unwrap_or_default().at(hour);
        for (count, most, whose) in
            [(of_conversation, NOTICES_OVER_ONE, "over one conversation"), (of_plugin, NOTICES, "of one plugin")]
        {
            if count.notices.saturating_add(notices) > most {
                return Err(format!("{most} notices {whose} an hour are allowed"));
            }
        }
        let add = |count: Count| Count { notices: count.notices + notices, ..count };
        counts.plugins.insert(plugin.to_owned(), add(of_plugin));
        counts.conversations.put(key, add(of_conversation));
        Ok(())
    }
}

/// Whether the store has room for the timers and tickets of an answer.
///
/// # Errors
/// It has not, in words.
pub fn check_waiting(plugin: &str, asked: &HookCall<'_>, actions: &[Action]) -> Result<(), String> {
    let new = |is: fn(&Action) -> bool| actions.iter().filter(|it| is(it)).count();
    let timers = new(|it| matches!(it, Action::SetTimer { .. }));
    if timers > 0 && asked.lookups.waiting_timers(plugin) + timers > WAITING_TIMERS {
        return Err(format!("`set-timer`: {WAITING_TIMERS} timers of it may wait in one conversation"));
    }
    let tickets = new(|it| matches!(it, Action::OpenTicket { .. }));
    if tickets > 0 && asked.lookups.tickets().len() + tickets > OPEN_TICKETS {
        return Err(format!("`open-ticket`: {OPEN_TICKETS} tickets may be open in one conversation"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Content, Hook, Urgency},
        plugin::host::trial,
    };

    #[test]
    fn a_plugin_that_notifies_over_every_message_is_stopped_for_the_hour() {
        let notices = Notices::default();
        let one = [Action::Notify { to: "warehouse".to_owned(), content: Content::text("look") }];
        let count = |plugin: &str, conversation, now_ms| notices.count(plugin, conversation, now_ms, &one);
        for _ in 0..NOTICES_OVER_ONE {
            count("eager", 1, 0).unwrap();
        }
        assert_eq!(count("eager", 1, 0).unwrap_err(), "20 notices over one conversation an hour are allowed");
        for conversation in 2..u64::from(NOTICES - NOTICES_OVER_ONE) + 2 {
            count("eager", conversation, 0).unwrap();
        }
        assert_eq!(count("eager", 999, 0).unwrap_err(), "240 notices of one plugin an hour are allowed");
        count("modest", 1, 0).unwrap();
        count("eager", 1, HOUR_MS).unwrap();
    }

    #[test]
    fn a_plugin_fills_the_store_neither_with_timers_nor_with_tickets() {
        let timer = |key: usize| Action::SetTimer {
            at: None,
            key: key.to_string(),
            due_ms: 0,
            priority: 0,
            payload: serde_json::Value::Null,
            owner: "eager".to_owned(),
        };
        let ticket = |kind: usize| Action::OpenTicket {
            id: String::new(),
            kind: kind.to_string(),
            text: String::new(),
            urgency: Urgency::Normal,
        };
        let checked =
            |actions: Vec<Action>| trial::with_sample(Hook::Message, |asked| check_waiting("eager", asked, &actions));
        checked((0..WAITING_TIMERS).map(timer).collect()).unwrap();
        checked((0..OPEN_TICKETS).map(ticket).collect()).unwrap();
        assert!(checked((0..=WAITING_TIMERS).map(timer).collect()).unwrap_err().contains("64 timers of it"));
        assert!(checked((0..=OPEN_TICKETS).map(ticket).collect()).unwrap_err().contains("16 tickets"));
    }

    #[test]
    fn what_people_are_not_told_is_not_counted() {
        let notices = Notices::default();
        let reply = [Action::Reply { content: Content::text("hello") }];
        for _ in 0..1000 {
            notices.count("greeting", 1, 0, &reply).unwrap();
        }
    }
}
