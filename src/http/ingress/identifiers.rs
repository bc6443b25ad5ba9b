//! Ids as platforms and shops send them, held to a size before they become keys of the store.

use sha2::{Digest, Sha256};

use crate::{
    model::{Event, EventKind},
    webhook::{Refusal, standard},
};

/// The longest id, in bytes; those of platforms have at most some 200.
const LONGEST: usize = 512;

/// Leaves out events whose ids nobody could answer to, and says how many. The id of a delivery is only ever compared, so
/// a long one is known by its hash.
pub fn settle(events: &mut Vec<Event>) -> usize {
    let before = events.len();
    events.retain(|event| ids(event).into_iter().all(|id| id.len() <= LONGEST));
    for event in events.iter_mut().filter(|event| event.dedupe.len() > LONGEST) {
        event.dedupe = format!("sha256:{}", hex::encode(Sha256::digest(event.dedupe.as_bytes())));
    }
    before - events.len()
}

/// What the developer at the other end is told.
pub fn refusal() -> Refusal {
    standard::unreadable(format!("data: an id has at most {LONGEST} bytes"))
}

/// What is kept as a key, or said back to the platform.
fn ids(event: &Event) -> Vec<&str> {
    let mut ids = vec![event.address.chat.as_str()];
    match &event.kind {
        EventKind::Message(message) => ids.extend([message.id.as_str(), message.sender.as_str()]),
        EventKind::Opened { sender, .. } => ids.push(sender),
        EventKind::Order(order) => ids.push(&order.order_id),
        EventKind::Status(status) => ids.push(&status.message_id),
        EventKind::Timer(_)
        | EventKind::Staff(_)
        | EventKind::Contact(_)
        | EventKind::Morning(_)
        | EventKind::Digest { .. }
        | EventKind::Colleague(_)
        | EventKind::Store { .. } => {}
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Message};

    fn message(dedupe: &str, chat: &str, id: &str) -> Event {
        Event {
            channel: "shop".to_owned(),
            dedupe: dedupe.to_owned(),
            address: Address::new("shop", chat),
            at_ms: 0,
            kind: EventKind::Message(Message { id: id.to_owned(), ..Message::default() }),
        }
    }

    #[test]
    fn a_delivery_with_a_long_id_is_kept_and_known_again() {
        let long = "x".repeat(LONGEST + 1);
        let mut events =
            vec![message(&long, "1", "1"), message(&long, "1", "1"), message(&format!("{long}y"), "1", "1")];
        assert_eq!(settle(&mut events), 0);
        assert_eq!(events[0].dedupe, events[1].dedupe);
        assert_ne!(events[0].dedupe, events[2].dedupe);
        assert!(events[0].dedupe.len() < LONGEST);
    }

    #[test]
    fn what_nobody_could_answer_to_is_left_out_and_the_others_stay() {
        let (fits, long) = ("é".repeat(LONGEST / 2), "x".repeat(LONGEST + 1));
        let mut events = vec![message("1", &long, "1"), message("2", &fits, &fits), message("3", "1", &long)];
        assert_eq!(settle(&mut events), 2);
        assert_eq!(events.iter().map(|event| event.dedupe.as_str()).collect::<Vec<_>>(), ["2"]);
    }
}
