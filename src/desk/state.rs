//! What changes at the desk while the store works: rows that decisions read and write in the clerk's own key space, so
//! that each has a version, and two daemons that give away the same seat agree who has it.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::model::Address;

/// What one person has, and whether they are there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Agent {
    /// They take no new conversations.
    pub away: bool,
    /// Since when they are away, or there again.
    pub since_ms: i64,
    /// Until when they count as looking at the console, unless they look again.
    pub console_until_ms: i64,
    /// When they were last given a conversation.
    pub given_ms: i64,
    /// The conversations that they hold, oldest first.
    pub holds: Vec<Held>,
}

/// A conversation that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub address: Address,
    /// The staff room it is spoken of in.
    #[serde(default)]
    pub room: Option<Address>,
    pub since_ms: i64,
}

/// A team's queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Queue {
    /// In the order in which they are served.
    pub waiting: Vec<Waiting>,
}

/// Somebody who waits until one of a team is free.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub address: Address,
    pub since_ms: i64,
    #[serde(default)]
    pub urgent: bool,
}

impl Agent {
    pub fn is_at_console(&self, now_ms: i64) -> bool {
        self.console_until_ms > now_ms
    }

    pub fn load(&self) -> u32 {
        u32::try_from(self.holds.len()).unwrap_or(u32::MAX)
    }

    /// They hold this conversation from now on.
    pub fn give(&mut self, address: &Address, room: Option<&Address>, now_ms: i64) {
        self.drop_off(address);
        self.holds.push(Held { address: address.clone(), room: room.cloned(), since_ms: now_ms });
        self.given_ms = now_ms;
    }

    /// They hold it no longer; whether they did.
    pub fn drop_off(&mut self, address: &Address) -> bool {
        let before = self.holds.len();
        self.holds.retain(|it| it.address != *address);
        self.holds.len() < before
    }
}

impl Queue {
    /// Lines up, behind those who wait already and before whoever is less urgent; the place, from 1.
    pub fn line_up(&mut self, waiting: Waiting) -> usize {
        self.leave(&waiting.address);
        let before = |it: &Waiting| it.urgent || !waiting.urgent;
        let place = self.waiting.iter().position(|it| !before(it)).unwrap_or(self.waiting.len());
        self.waiting.insert(place, waiting);
        place + 1
    }

    /// Whether they waited.
    pub fn leave(&mut self, address: &Address) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|it| it.address != *address);
        self.waiting.len() < before
    }
}

pub fn agent_key(name: &str) -> String {
    format!("agent:{name}")
}

pub fn queue_key(team: &str) -> String {
    format!("queue:{team}")
}

/// A row as it is kept. One that cannot be read counts as empty, as one that is not there.
pub fn from_bytes<T: DeserializeOwned + Default>(bytes: Option<&[u8]>) -> T {
    bytes.and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(chat: &str, urgent: bool) -> Waiting {
        Waiting { address: Address::new("shop", chat), since_ms: 0, urgent }
    }

    #[test]
    fn who_comes_first_is_served_first_and_what_is_urgent_before_that() {
        let mut queue = Queue::default();
        assert_eq!(queue.line_up(waiting("a", false)), 1);
        assert_eq!(queue.line_up(waiting("b", false)), 2);
        assert_eq!(queue.line_up(waiting("c", true)), 1);
        assert_eq!(queue.line_up(waiting("d", true)), 2);
        assert_eq!(queue.line_up(waiting("a", false)), 4, "who lines up again goes to the end");
        let chats: Vec<_> = queue.waiting.iter().map(|it| it.address.chat.as_str()).collect();
        assert_eq!(chats, ["c", "d", "b", "a"]);
        assert!(queue.leave(&Address::new("shop", "d")) && !queue.leave(&Address::new("shop", "d")));
    }

    #[test]
    fn a_conversation_is_held_once_however_often_it_is_taken() {
        let (mut agent, ana) = (Agent::default(), Address::new("shop", "ana"));
        agent.give(&ana, None, 1);
        agent.give(&ana, None, 2);
        assert_eq!((agent.load(), agent.given_ms), (1, 2));
        assert!(agent.drop_off(&ana) && !agent.drop_off(&ana));
        assert_eq!(agent.load(), 0);
    }

    #[test]
    fn a_row_that_cannot_be_read_is_an_empty_one() {
        assert_eq!(from_bytes::<Agent>(Some(b"{{")), Agent::default());
        assert_eq!(from_bytes::<Queue>(None), Queue::default());
    }
}
