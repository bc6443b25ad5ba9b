use std::fmt;

use uuid::Uuid;

use super::Event;

/// Namespace of ids and keys (UUID v5): the same event always gives the same.
const EVENTS: Uuid = Uuid::from_u128(0x6e69_6768_7463_6c65_726b_2f6b_6579_2f31);
/// The digits of a UUID up to its second hyphen.
const DIGITS: usize = 13;
const BYTES: usize = 6;

/// What all log lines about one event have in common, as the field `event`: it follows from what the platform sent, so
/// it is there before the store gave the event a number, and every message's key begins with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceId([u8; BYTES]);

impl TraceId {
    /// The idempotency key of an event's message: deciding again gives the same. `index` counts the event's messages.
    pub fn key(event: &Event, index: usize) -> String {
        let mut key = digest(event);
        // Their beginning is the event's id, so that they differ in their end.
        for (byte, place) in key[BYTES..].iter_mut().rev().zip(index.to_le_bytes()) {
            *byte ^= place;
        }
        let uuid = uuid::Builder::from_custom_bytes(key).into_uuid();
        // Not by way of a formatter, which costs more than the digest.
        uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()).to_owned()
    }

    /// The part of a message's key that all messages of its event share.
    pub fn of_key(key: &str) -> &str {
        key.get(..DIGITS).unwrap_or(key)
    }
}

impl From<&Event> for TraceId {
    fn from(event: &Event) -> Self {
        let [a, b, c, d, e, f, ..] = digest(event);
        Self([a, b, c, d, e, f])
    }
}

fn digest(event: &Event) -> uuid::Bytes {
    let name = [event.channel.as_str(), "\0", &event.dedupe].concat();
    Uuid::new_v5(&EVENTS, name.as_bytes()).into_bytes()
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}{b:02x}{c:02x}{d:02x}-{e:02x}{g:02x}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::{Address, EventKind, ReplyContext};

    fn event(dedupe: &str) -> Event {
        Event {
            channel: "shop".to_owned(),
            dedupe: dedupe.to_owned(),
            address: Address::new("shop", "ana"),
            at_ms: 0,
            kind: EventKind::Opened {
                sender: "ana".to_owned(),
                sender_name: None,
                payload: None,
                reply: ReplyContext::default(),
            },
        }
    }

    #[test]
    fn every_key_of_an_event_begins_with_its_id_and_is_a_uuid_of_its_own() {
        let keys = [0, 1, 255, 256, 65_536, usize::MAX].map(|index| TraceId::key(&event("m1"), index));
        for key in &keys {
            assert_eq!(TraceId::of_key(key), TraceId::from(&event("m1")).to_string());
            assert!(Uuid::parse_str(key).is_ok(), "{key}");
        }
        assert_eq!(BTreeSet::from(keys.clone()).len(), keys.len(), "{keys:?}");
    }

    #[test]
    fn deciding_again_gives_the_same_and_another_event_another() {
        assert_eq!(TraceId::key(&event("m1"), 3), TraceId::key(&event("m1"), 3));
        assert_ne!(TraceId::from(&event("m1")), TraceId::from(&event("m2")));
    }
}
