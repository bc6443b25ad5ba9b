//! Who is asked at each moment, in order.

use std::{array, collections::BTreeMap, sync::Arc};

use super::{shadow::Shadow, slot::Slot, version::Seated};
use crate::model::Hook;

const HOOKS: usize = Hook::ALL.len();

/// A plugin that is asked, with its second version, if it has one.
#[derive(Clone)]
pub struct OnDuty {
    pub in_place: Seated,
    pub shadow: Option<Arc<Shadow>>,
}

/// The plugins of each hook. It never changes; a change makes a new one, and calls under way keep theirs.
#[derive(Default)]
pub struct Roster([Vec<OnDuty>; HOOKS]);

impl Roster {
    pub fn of(slots: &BTreeMap<String, Slot>) -> Self {
        let on_duty = |slot: &Slot| Some(OnDuty { in_place: slot.seated()?, shadow: slot.shadow.clone() });
        let mut all: Vec<_> = slots.values().filter_map(on_duty).collect();
        all.sort_by(|a, b| {
            let (a, b) = (&a.in_place.seat, &b.in_place.seat);
            (a.order, a.name()).cmp(&(b.order, b.name()))
        });
        Self(array::from_fn(|index| {
            let hooks_it = |it: &&OnDuty| it.in_place.version.hooks.iter().any(|hook| *hook as usize == index);
            all.iter().filter(hooks_it).cloned().collect()
        }))
    }

    pub fn at(&self, hook: Hook) -> &[OnDuty] {
        self.0.get(hook as usize).map_or(&[], Vec::as_slice)
    }
}
