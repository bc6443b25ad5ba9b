//! Who is asked at each moment, in order.

use std::{array, collections::BTreeMap};

use super::{slot::Slot, version::Seated};
use crate::model::Hook;

const HOOKS: usize = Hook::ALL.len();

/// The plugins of each hook. It never changes; a change makes a new one, and calls under way keep theirs.
#[derive(Default)]
pub struct Roster([Vec<Seated>; HOOKS]);

impl Roster {
    pub fn of(slots: &BTreeMap<String, Slot>) -> Self {
        let mut seated: Vec<_> = slots.values().filter_map(Slot::seated).collect();
        seated.sort_by(|a, b| (a.seat.order, a.seat.name()).cmp(&(b.seat.order, b.seat.name())));
        Self(array::from_fn(|index| {
            let hooks_it = |it: &&Seated| it.version.hooks.iter().any(|hook| *hook as usize == index);
            seated.iter().filter(hooks_it).cloned().collect()
        }))
    }

    pub fn at(&self, hook: Hook) -> &[Seated] {
        self.0.get(hook as usize).map_or(&[], Vec::as_slice)
    }
}
