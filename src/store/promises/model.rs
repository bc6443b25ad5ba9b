//! Any sequence of writes leaves the same behind as in a simple model in memory.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Commit {
        dedupe: u8,
        chat: u8,
        replies: u8,
        timer: Option<(u8, Option<i64>)>,
        kv: Option<(u8, Option<u8>)>,
        order: Option<u8>,
    },
    /// Fires the timer that is due first.
    Fire,
    Settle {
        message: u8,
        settlement: Settlement,
    },
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let timer = prop::option::of((0..3_u8, prop::option::of(0..50_i64)));
    let kv = prop::option::of((0..3_u8, prop::option::of(any::<u8>())));
    let settlement = prop_oneof![
        Just(sent(Some("p"))),
        Just(Settlement::Postponed { attempts: 1, doubts: 1, not_before_ms: 5, error: "e".to_owned() }),
        Just(Settlement::Dead { attempts: 2, error: "e".to_owned() }),
        Just(Settlement::Retry),
        Just(Settlement::Dropped),
    ];
    prop_oneof![
        8 => (0..20_u8, 0..3_u8, 0..3_u8, timer, kv, prop::option::of(0..3_u8)).prop_map(
            |(dedupe, chat, replies, timer, kv, order)| Step::Commit { dedupe, chat, replies, timer, kv, order }
        ),
        2 => Just(Step::Fire),
        4 => (0..20_u8, settlement).prop_map(|(message, settlement)| Step::Settle { message, settlement }),
        1 => Just(Step::Reopen),
    ]
}

#[derive(Default)]
struct Model {
    events: BTreeMap<String, (i64, Vec<i64>)>,
    received: BTreeMap<String, u64>,
    messages: BTreeMap<i64, (String, MessageState)>,
    timers: BTreeMap<(String, String), i64>,
    kv: BTreeMap<String, Vec<u8>>,
    orders: BTreeMap<String, String>,
    clock: u64,
}

impl Model {
    /// What the store is expected to answer.
    fn commit(&mut self, decided: &Decided) -> (bool, i64, Vec<i64>) {
        let Event { dedupe, address, kind, .. } = &*decided.event;
        if let Some((id, messages)) = self.events.get(dedupe) {
            return (false, *id, messages.clone());
        }
        let id = self.events.len() as i64 + 1;
        let first = self.messages.len() as i64 + 1;
        let messages: Vec<i64> = (first..).take(decided.messages.len()).collect();
        for id in &messages {
            self.messages.insert(*id, (address.chat.clone(), MessageState::Pending));
        }
        self.events.insert(dedupe.clone(), (id, messages.clone()));
        self.received.insert(address.chat.clone(), decided.decision.conversation.received);
        if let EventKind::Timer(fired) = kind {
            self.timers.remove(&(address.chat.clone(), fired.key.clone()));
        }
        for action in &decided.decision.actions {
            match action {
                Action::SetTimer { key, due_ms, .. } => {
                    self.timers.insert((address.chat.clone(), key.clone()), *due_ms);
                }
                Action::CancelTimer { key, .. } => {
                    self.timers.remove(&(address.chat.clone(), key.clone()));
                }
                _ => {}
            }
        }
        for write in &decided.decision.kv {
            match &write.value {
                Some(value) => self.kv.insert(write.key.clone(), value.clone()),
                None => self.kv.remove(&write.key),
            };
        }
        for order in &decided.decision.orders {
            self.orders.insert(order.id.clone(), order.address.chat.clone());
        }
        (true, id, messages)
    }

    fn settle(&mut self, id: i64, settlement: &Settlement) -> bool {
        use MessageState::{Dead, Dropped, Pending, Sent};
        let Some((_, state)) = self.messages.get_mut(&id) else { return false };
        let next = match (settlement, *state) {
            (Settlement::Sent { .. }, _) => Sent,
            (Settlement::Postponed { .. }, Pending) => Pending,
            (Settlement::Dead { .. }, Pending) => Dead,
            (Settlement::Retry, Dead) => Pending,
            (Settlement::Dropped, Pending | Dead) => Dropped,
            _ => return false,
        };
        *state = next;
        true
    }

    fn compare(&self, store: &impl Store) {
        for (dedupe, (id, messages)) in &self.events {
            assert_eq!(store.find_event("shop", dedupe).unwrap(), Some(*id));
            let of_event: Vec<i64> = wait(store.messages_of(*id)).unwrap().iter().map(|it| it.id).collect();
            assert_eq!(&of_event, messages);
        }
        for (id, (_, state)) in &self.messages {
            assert_eq!(wait(store.message(*id)).unwrap().unwrap().state, *state);
        }
        let with =
            |state| -> Vec<i64> { self.messages.iter().filter(|(_, it)| it.1 == state).map(|(id, _)| *id).collect() };
        let ids = |queued: Vec<Queued>| -> Vec<i64> { queued.into_iter().map(|it| it.id).collect() };
        assert_eq!(ids(wait(store.pending(0, 1_000)).unwrap()), with(MessageState::Pending));
        let mut dead = ids(wait(store.dead(1_000)).unwrap());
        dead.reverse();
        assert_eq!(dead, with(MessageState::Dead));
        for (name, received) in &self.received {
            assert_eq!(store.conversation(&chat(name)).unwrap().value.unwrap().received, *received);
            let to: Vec<i64> = self.messages.iter().filter(|(_, it)| it.0 == *name).map(|(id, _)| *id).collect();
            assert_eq!(ids(wait(store.transcript(&chat(name), 0, 1_000)).unwrap()), to);
            let orders: BTreeSet<String> = store
                .orders_of(&chat(name), 100)
                .unwrap()
                .into_iter()
                .filter_map(|it| it.value)
                .map(|it| it.id)
                .collect();
            let expected: BTreeSet<String> =
                self.orders.iter().filter(|(_, it)| *it == name).map(|(id, _)| id.clone()).collect();
            assert_eq!(orders, expected);
        }
        let timers: BTreeMap<(String, String), i64> = wait(store.claim_due(i64::MAX, 0, 1_000))
            .unwrap()
            .into_iter()
            .map(|it| ((it.address.chat, it.key), it.due_ms))
            .collect();
        assert_eq!(timers, self.timers);
        for key in ["0", "1", "2"] {
            assert_eq!(store.kv("p", key, 0).unwrap().value.as_ref(), self.kv.get(key));
        }
        let size: usize = self.kv.iter().map(|(key, value)| key.len() + value.len()).sum();
        assert_eq!(store.kv_size("p").unwrap(), size as u64);
    }

    fn decide(&mut self, step: &Step) -> Decided {
        self.clock += 1;
        let Step::Commit { dedupe, chat, replies, timer, kv, order } = step else { unreachable!() };
        let mut decided = message(&format!("m{dedupe}"), &chat.to_string()).having_received(self.clock);
        for number in 0..*replies {
            decided = decided.replying(&number.to_string());
        }
        if let Some((key, due_ms)) = timer {
            let key = key.to_string();
            decided = decided.acting(due_ms.map_or_else(|| cancel_timer(&key), |due_ms| set_timer(&key, due_ms, 0)));
        }
        if let Some((key, value)) = kv {
            let value = value.map(|length| vec![length; length.into()]);
            decided = decided.noting("p", &key.to_string(), value.as_deref());
        }
        if let Some(order) = order {
            decided = decided.about("shop", &order.to_string());
        }
        decided
    }
}

pub fn any_sequence_of_writes_equals_the_model<P: Place>() {
    let config = ProptestConfig { cases: 24, ..ProptestConfig::default() };
    proptest!(config, |(steps in prop::collection::vec(step(), 1..60))| {
        let mut site = Site::<P>::new();
        let mut model = Model::default();
        let mut commits = Vec::new();
        for step in &steps {
            match step {
                Step::Commit { .. } => {
                    let decided = model.decide(step);
                    let expected = model.commit(&decided);
                    commits.push((site.store.commit(decided), expected));
                }
                Step::Fire => {
                    wait(site.store.barrier()).unwrap();
                    let Some(timer) = wait(site.store.claim_due(i64::MAX, 0, 1)).unwrap().pop() else { continue };
                    let decided = fired(&format!("t{}", timer.id), &timer.address.chat, &timer.key, timer.due_ms);
                    let expected = model.commit(&decided);
                    prop_assert!(expected.0, "a timer fires twice");
                    commits.push((site.store.commit(decided), expected));
                }
                Step::Settle { message, settlement } => {
                    let id = i64::from(*message);
                    let expected = model.settle(id, settlement);
                    let result = wait(site.store.settle(id, settlement.clone()));
                    prop_assert_eq!(result.is_ok(), expected, "{:?}", result);
                }
                Step::Reopen => site = site.reopened(),
            }
        }
        for (commit, (new, id, messages)) in commits {
            let (was_new, event_id, queued) = match wait(commit).unwrap() {
                Committed::New { event_id, queued } => (true, event_id, queued),
                Committed::Duplicate { event_id, queued } => (false, event_id, queued),
            };
            prop_assert_eq!((was_new, event_id), (new, id));
            prop_assert_eq!(queued.iter().map(|it| it.id).collect::<Vec<_>>(), messages);
        }
        model.compare(&site.store);
        model.compare(&site.reopened().store);
    });
}
