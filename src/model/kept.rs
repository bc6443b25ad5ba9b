//! What plugins keep under their keys, wherever it lies: in the store, in a rehearsal's memory, or still to be committed.

use std::collections::{BTreeMap, BTreeSet};

/// A value, and until when it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptValue {
    pub value: Vec<u8>,
    /// `None`: until it is deleted.
    pub expires_ms: Option<i64>,
}

impl KeptValue {
    pub fn is_there(&self, now_ms: i64) -> bool {
        is_there(self.expires_ms, now_ms)
    }
}

/// Whether what expires then is there now.
pub fn is_there(expires_ms: Option<i64>, now_ms: i64) -> bool {
    expires_ms.is_none_or(|expires_ms| expires_ms > now_ms)
}

/// Keys beneath, some of which are otherwise above: there, or not. The first of what both come to; `beneath` must have as many
/// more as there are above, since those may be gone.
pub fn laid_over(beneath: Vec<String>, above: &BTreeMap<&str, bool>, limit: usize) -> Vec<String> {
    let mut keys: BTreeSet<String> = beneath.into_iter().filter(|key| !above.contains_key(key.as_str())).collect();
    keys.extend(above.iter().filter(|(_, is_there)| **is_there).map(|(key, _)| (*key).to_owned()));
    keys.into_iter().take(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_there_until_its_time_is_over() {
        let kept = |expires_ms| KeptValue { value: Vec::new(), expires_ms };
        assert!(kept(None).is_there(i64::MAX) && kept(Some(6)).is_there(5) && !kept(Some(5)).is_there(5));
    }

    #[test]
    fn what_lies_above_takes_the_place_of_what_lies_beneath() {
        let beneath = ["a", "b", "d", "e"].map(str::to_owned).to_vec();
        let above = BTreeMap::from([("b", false), ("c", true), ("d", true), ("x", false)]);
        assert_eq!(laid_over(beneath.clone(), &above, 9), ["a", "c", "d", "e"]);
        assert_eq!(laid_over(beneath, &above, 2), ["a", "c"]);
    }
}
