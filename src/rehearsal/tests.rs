use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::{
    config::Config,
    in_force::InForce,
    model::{
        Address, Event, EventKind, Hook, HookAnswer, HookCall, KvWrite, Message, NoPlugins, OrderChange, OrderEvent,
        Plugins,
    },
    store::{Agenda, Committed, Journal, Retention, SqliteStore, Store, Views, wait},
};
use std::sync::Arc;

/// A Wednesday afternoon in the store's zone.
const NOW_MS: i64 = 1_768_372_200_000;
const HOUR_MS: i64 = 3_600_000;

/// The configuration that the clerk comes with.
fn shop() -> Arc<InForce> {
    let config = Config::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("config")).unwrap();
    Arc::new(InForce::new(config.playbook))
}

fn event(number: usize, chat: &str, at_ms: i64, kind: EventKind) -> Event {
    Event { channel: "shop".to_owned(), dedupe: format!("e{number}"), address: Address::new("shop", chat), at_ms, kind }
}

fn says(text: &str) -> EventKind {
    EventKind::Message(Message {
        id: "m".to_owned(),
        sender: "s".to_owned(),
        text: Some(text.to_owned()),
        ..Message::default()
    })
}

fn order(id: &str, change: OrderChange) -> EventKind {
    EventKind::Order(OrderEvent { change, order_id: id.to_owned(), addressed: true, ..OrderEvent::default() })
}

fn told(played: &Played) -> String {
    let told = played.told(&played.event.address);
    told.map(|message| message.content.to_plain_text()).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_falls_due_happens_at_its_time_and_nothing_that_was_paid_is_asked_after() {
    let mut stage = Stage::new(shop(), Arc::new(NoPlugins), NOW_MS);
    for (number, id) in ["1001", "1002"].into_iter().enumerate() {
        stage.play(event(number, id, NOW_MS, order(id, OrderChange::Placed))).unwrap();
    }
    stage.play(event(2, "1002", NOW_MS, order("1002", OrderChange::Paid))).unwrap();
    assert!(stage.advance_to(NOW_MS + 29 * 60_000).unwrap().iter().all(|it| told(it).is_empty()));
    let due = stage.advance_to(NOW_MS + HOUR_MS).unwrap();
    let reminded: Vec<_> = due.iter().filter(|it| !told(it).is_empty()).collect();
    assert_eq!(reminded.len(), 1, "{due:?}");
    assert_eq!((reminded[0].event.address.chat.as_str(), reminded[0].at_ms), ("1001", NOW_MS + 30 * 60_000));
    assert_eq!(stage.now_ms(), NOW_MS + HOUR_MS);
}

/// Writes down how often it was asked in the conversation, and until when that counts.
struct Counting;

impl Plugins for Counting {
    fn any_at(&self, hook: Hook) -> bool {
        matches!(hook, Hook::Message | Hook::Daily)
    }

    fn offer(&self, call: &HookCall<'_>) -> HookAnswer {
        if !self.any_at(call.moment.hook()) {
            return HookAnswer::default();
        }
        let key = call.customer.map_or("days", |customer| customer.address.chat.as_str()).to_owned();
        let mut value = call.lookups.kv("counting", &key).unwrap_or_default();
        value.push(call.lookups.kv_keys("counting", "", "", 10).len() as u8);
        let expires_ms = value.len().is_multiple_of(3).then_some(call.now_ms + HOUR_MS);
        let value = Some(value).filter(|value| value.len() < 7);
        let kv = vec![KvWrite { plugin: "counting".to_owned(), key, value, expires_ms }];
        HookAnswer { kv, ..HookAnswer::default() }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Says { chat: u8, text: &'static str },
    Order { chat: u8, id: u8, change: OrderChange },
    Waits { hours: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let text = prop::sample::select(vec![
        "hello",
        "where is my order A-1?",
        "the cup is broken, this is a disaster",
        "please add a note to my order: no bag",
        "I want to talk to a person",
        "订单 2 到哪了",
        "thanks",
    ]);
    let change = prop::sample::select(vec![
        OrderChange::Placed,
        OrderChange::Paid,
        OrderChange::Shipped,
        OrderChange::Delivered,
        OrderChange::Cancelled,
    ]);
    prop_oneof![
        4 => (0..3_u8, text).prop_map(|(chat, text)| Step::Says { chat, text }),
        4 => (0..3_u8, 0..3_u8, change).prop_map(|(chat, id, change)| Step::Order { chat, id, change }),
        2 => (1..40_i64).prop_map(|hours| Step::Waits { hours }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The rows in memory are those that the store would have: every decision made on them is accepted by it as made on
    /// its own, and all that can be read is the same.
    #[test]
    fn the_rows_of_a_rehearsal_are_those_the_store_would_have(steps in prop::collection::vec(step(), 1..25)) {
        let folder = TempDir::new().unwrap();
        let store = SqliteStore::open(&folder.path().join("store.sqlite"), Retention::default()).unwrap();
        let mut stage = Stage::new(shop(), Arc::new(Counting), NOW_MS);
        for (number, step) in steps.into_iter().enumerate() {
            let decided = match step {
                Step::Says { chat, text } => vec![stage.decided(event(number, &chat.to_string(), stage.now_ms(), says(text)))],
                Step::Order { chat, id, change } => {
                    let id = ["A-1", "2", "B 33"][usize::from(id)];
                    vec![stage.decided(event(number, &chat.to_string(), stage.now_ms(), order(id, change)))]
                }
                Step::Waits { hours } => stage.advanced(stage.now_ms() + hours * HOUR_MS),
            };
            for decided in decided {
                let committed = wait_for(store.commit(decided));
                prop_assert!(matches!(committed, Committed::New { .. }), "{committed:?}");
            }
            let (memory, now_ms) = (stage.rows(), stage.now_ms());
            for chat in ["0", "1", "2"] {
                let address = Address::new("shop", chat);
                prop_assert_eq!(memory.conversation(&address).unwrap(), store.conversation(&address).unwrap());
                prop_assert_eq!(memory.orders_of(&address, 2).unwrap(), store.orders_of(&address, 2).unwrap());
                for owner in ["engine", "orders", "hand-over"] {
                    let timers = memory.waiting_timers(&address, owner).unwrap();
                    prop_assert_eq!(timers, store.waiting_timers(&address, owner).unwrap());
                }
                for ticket in &memory.conversation(&address).unwrap().value.unwrap_or_default().tickets {
                    prop_assert_eq!(memory.ticket(&ticket.id).unwrap(), store.ticket(&ticket.id).unwrap());
                }
                let key = |views: &dyn Views| views.kv("counting", chat, now_ms).unwrap();
                prop_assert_eq!(key(memory), key(&store));
            }
            for number in ["a1", "2", "#33", "B33", "x"] {
                prop_assert_eq!(memory.orders_numbered(number, 8).unwrap(), store.orders_numbered(number, 8).unwrap());
            }
            let keys = |views: &dyn Views| views.kv_keys("counting", "", "0", now_ms, 2).unwrap();
            prop_assert_eq!(keys(memory), keys(&store));
            prop_assert_eq!(memory.kv_size("counting").unwrap(), store.kv_size("counting").unwrap());
            prop_assert_eq!(memory.next_due_ms(), wait_for(store.next_due_ms()));
        }
        store.close();
    }
}

fn wait_for<T>(pending: crate::store::Pending<T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(wait(pending)).unwrap()
}
