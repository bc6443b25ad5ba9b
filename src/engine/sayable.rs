//! Names for tickets and contacts that can be said and written down.

use uuid::Uuid;

use crate::model::Event;

/// Letters and digits that cannot be taken for one another, read out or written down (Crockford's base 32).
pub(super) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The name of the how-manieth thing that an event makes, in a namespace of its own (UUID v5): fifty bits in two groups of
/// five, `7K3M9-QX2PA`, short enough to be said, and no two in the life of a store. Deciding again gives the same.
pub(super) fn sayable(namespace: Uuid, event: &Event, number: usize) -> String {
    of_text(namespace, &format!("{}\0{}\0{number}", event.channel, event.dedupe))
}

pub(super) fn of_text(namespace: Uuid, text: &str) -> String {
    let (high, _) = Uuid::new_v5(&namespace, text.as_bytes()).as_u64_pair();
    let letter = |place: u32| char::from(ALPHABET[(high >> (5 * place)) as usize % ALPHABET.len()]);
    let group = |from: u32| (from..from + 5).map(letter).collect::<String>();
    format!("{}-{}", group(0), group(5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_said_and_is_the_same_whenever_its_event_is_decided() {
        let namespace = Uuid::from_u128(7);
        let id = of_text(namespace, "shop\0m1\x000");
        assert_eq!(id, of_text(namespace, "shop\0m1\x000"));
        assert_eq!(id.len(), 11);
        assert!(id.bytes().all(|byte| byte == b'-' || ALPHABET.contains(&byte)), "{id}");
        let all: std::collections::BTreeSet<_> =
            (0..1000).map(|number| of_text(namespace, &format!("shop\0m1\0{number}"))).collect();
        assert_eq!(all.len(), 1000);
    }
}
