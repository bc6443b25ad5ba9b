//! Several things for each of many numbers, kept close.

use std::ops::Range;

/// For each number from zero on, the things that were noted for it. A store of fifty thousand products has one of these for
/// two hundred thousand words: a list of its own for each would take ten times as much.
#[derive(Debug, Default, PartialEq)]
pub struct Grouped {
    /// Where the things of each number end.
    ends: Vec<u32>,
    things: Vec<u32>,
}

impl Grouped {
    /// Of numbers and things, whatever their order. The things of one number keep theirs.
    pub fn new(mut noted: Vec<(usize, usize)>) -> Self {
        noted.sort_by_key(|(number, _)| *number);
        let mut ends = Vec::new();
        for (at, (number, _)) in (1_u32..).zip(&noted) {
            let (number, before) = (*number, at - 1);
            if ends.len() <= number {
                ends.resize(number, before);
                ends.push(at);
            } else if let Some(end) = ends.last_mut() {
                *end = at;
            }
        }
        ends.shrink_to_fit();
        Self { ends, things: noted.into_iter().map(|(_, thing)| small(thing)).collect() }
    }

    /// What was noted for a number, in the order in which it was.
    pub fn of(&self, number: usize) -> impl Iterator<Item = usize> + Clone + '_ {
        self.things.get(self.range(number)).unwrap_or_default().iter().map(|thing| index(*thing))
    }

    fn range(&self, number: usize) -> Range<usize> {
        let Some(end) = self.ends.get(number) else { return 0..0 };
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        index(start)..index(*end)
    }
}

/// Four billion things would be no configuration that anything could read.
fn small(thing: usize) -> u32 {
    u32::try_from(thing).unwrap_or(u32::MAX)
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_number_has_what_was_noted_for_it_in_order(noted in prop::collection::vec((0..9_usize, 0..9_usize), 0..30)) {
            let mut plain: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for (number, thing) in &noted {
                plain.entry(*number).or_default().push(*thing);
            }
            let grouped = Grouped::new(noted);
            for number in 0..12 {
                let things: Vec<_> = grouped.of(number).collect();
                prop_assert_eq!(things, plain.remove(&number).unwrap_or_default());
            }
        }
    }
}
