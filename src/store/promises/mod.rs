//! What every store promises, whatever it is made of: one suite, which each backend runs on its own ground.
//!
//! A backend says in a `Place` where its store lives and how it is opened, and calls `keep_promises!` in its tests. What
//! only one backend can promise (its files, its log, its faults) is tested beside that one.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
        mpsc,
    },
    task::{Context, Wake},
};

use serde_json::json;

use super::{
    Agenda, Archive, Committed, Decided, Journal, Mailbox, MessageState, NewMessage, Pending, Person, PersonAt, Queued,
    Received, Settlement, Store, StoreError, Views,
};
use crate::model::{
    Action, Address, Basis, Contact, ContactKey, Content, Conversation, DESK, Decision, Event, EventKind, Finding,
    KvWrite, Message, Order, Recorded, Reply, ReplyContext, Source, Ticket, TimerFired, TraceStep, Version, Versioned,
};

pub mod explaining;
pub mod keeping;
pub mod model;
pub mod standing_back;
pub mod timers;
pub mod versions;
pub mod writes;

/// One test for each promise, on the store of a `Place`.
macro_rules! keep_promises {
    ($place:path) => {
        $crate::store::promises::keep_promises! { $place =>
            writes {
                a_commit_keeps_event_conversation_order_data_timers_and_messages
                an_event_delivered_twice_is_answered_once
                the_same_id_on_another_channel_is_another_event
                writes_are_made_in_the_order_they_were_handed_in
                writers_on_many_threads_lose_nothing
                a_barrier_waits_for_everything_before_it
                messages_wait_in_order_until_they_are_settled
                a_settlement_that_makes_no_sense_is_refused_and_changes_nothing
                a_transcript_holds_what_one_address_was_sent
                what_a_customer_wrote_is_read_back_in_order
                orders_come_newest_first_and_follow_their_customer
                a_plugins_data_is_its_own_and_is_measured
            }
            timers {
                timers_without_a_weight_come_due_by_time_and_the_others_heaviest_first
                of_all_that_is_due_the_heaviest_comes_first_however_many_there_are
                setting_a_timer_again_replaces_it_for_its_conversation_and_owner_alone
                timers_that_wait_are_counted_by_conversation_and_owner
                a_timer_fires_once
                a_timer_set_anew_outlives_the_firing_of_the_old_one
                a_timers_id_is_never_given_twice
            }
            explaining {
                an_event_is_found_by_every_name_it_has
                where_several_match_the_newest_is_shown
                old_and_new_messages_alike_are_found_by_key_and_platform_id
                what_was_said_in_a_room_leads_to_the_conversation_it_is_about
            }
            versions {
                a_decision_of_which_a_row_has_moved_is_refused_and_that_one_alone
                what_was_not_there_must_still_not_be_there
                conversations_tickets_and_plugin_keys_have_versions_too
                one_decision_changes_several_orders_and_conversations
                a_contact_has_versions_and_what_it_is_found_by_belongs_to_one
                an_event_seen_before_is_a_duplicate_whatever_has_moved
                an_event_received_undecided_is_kept_with_its_answers_until_it_is_decided
                what_an_earlier_daemon_had_claimed_is_taken_up
            }
            standing_back {
                every_row_can_be_stood_back_at_any_moment_the_log_reaches
                a_contact_that_was_made_a_part_of_another_is_stood_back
            }
            keeping {
                a_key_that_has_expired_is_not_there_though_its_row_may_be
                an_export_holds_all_of_one_customer_and_nothing_of_another
                a_contact_is_forgotten_at_all_of_its_addresses
                who_held_a_forgotten_customers_conversation_is_forgotten_too
                a_contacts_orders_are_those_of_all_its_addresses_and_parts
                what_a_platform_says_later_is_kept_with_the_message
            }
            model {
                any_sequence_of_writes_equals_the_model
            }
        }
    };
    ($place:path => $($room:ident { $($promise:ident)+ })+) => {
        $(mod $room {
            $(#[test]
            fn $promise() {
                $crate::store::promises::$room::$promise::<$place>();
            })+
        })+
    };
}
pub(in crate::store) use keep_promises;

/// Every decision of the tests has a version of its own.
static VERSIONS: AtomicI64 = AtomicI64::new(1);

/// Where a backend keeps the store that a promise is tried on; gone with the value.
pub trait Place: Sized + Sync {
    type Store: Store;

    fn new() -> Self;
    /// Opens the store, which is empty the first time and as it was left after that.
    fn open(&self) -> Self::Store;
}

/// A store in a place of its own.
pub struct Site<P: Place> {
    pub place: P,
    pub store: P::Store,
}

impl<P: Place> Site<P> {
    pub fn new() -> Self {
        let place = P::new();
        let store = place.open();
        Self { place, store }
    }

    pub fn reopened(self) -> Self {
        let Self { place, store } = self;
        drop(store);
        let store = place.open();
        Self { place, store }
    }

    pub fn commit(&self, decided: Decided) -> Committed {
        wait(self.store.commit(decided)).unwrap()
    }

    pub fn keep(&self, decided: Decided) -> (i64, Vec<Queued>) {
        match self.commit(decided) {
            Committed::New { event_id, queued } => (event_id, queued),
            other => panic!("{other:?}"),
        }
    }

    pub fn settle(&self, id: i64, settlement: Settlement) {
        wait(self.store.settle(id, settlement)).unwrap();
    }

    /// A conversation as it is by now.
    pub fn conversation_of(&self, name: &str) -> Basis {
        let found = self.store.conversation(&chat(name)).unwrap();
        let was = Versioned { value: found.value.map(Arc::new), version: found.version };
        Basis::Conversation { address: chat(name), was }
    }

    pub fn order_as_it_is(&self, id: &str) -> Basis {
        let found = self.store.order("shop", id).unwrap();
        let was = Versioned { value: found.value.map(Arc::new), version: found.version };
        Basis::Order { shop: "shop".to_owned(), id: id.to_owned(), was }
    }

    pub fn contact_as_it_is(&self, id: &str) -> Basis {
        let found = self.store.contact(id).unwrap();
        let was = Versioned { value: found.value.map(Arc::new), version: found.version };
        Basis::Contact { id: id.to_owned(), was }
    }

    /// Which contact is found by a key, as a decision rests on it.
    pub fn holder_of(&self, key: &ContactKey) -> Basis {
        Basis::ContactKey { key: key.clone(), contact: self.store.contact_by(key).unwrap() }
    }

    pub fn ids_pending(&self) -> Vec<i64> {
        wait(self.store.pending(0, 1000)).unwrap().iter().map(|queued| queued.id).collect()
    }

    /// Keeps the writer from its queue while `work` hands in commands, so that they become one group.
    pub fn as_one_group<T>(&self, work: impl FnOnce(&P::Store) -> T) -> T {
        let (reached, is_held) = mpsc::channel();
        let (release, open) = mpsc::channel();
        let waker = Arc::new(Gate { reached, open: Mutex::new(open) }).into();
        let mut context = Context::from_waker(&waker);
        for _ in 0..1_000 {
            let mut barrier = self.store.barrier();
            if Pin::new(&mut barrier).poll(&mut context).is_pending() {
                is_held.recv().unwrap();
                let result = work(&self.store);
                drop(release);
                return result;
            }
        }
        panic!("the writer always answered before it was listened to");
    }
}

/// Stops the thread that resolves what is waited for, until the other end of `open` is gone.
struct Gate {
    reached: mpsc::Sender<()>,
    open: Mutex<mpsc::Receiver<()>>,
}

impl Wake for Gate {
    fn wake(self: Arc<Self>) {
        let _ = self.reached.send(());
        let _ = self.open.lock().unwrap().recv();
    }
}

pub fn wait<T>(pending: Pending<T>) -> Result<T, StoreError> {
    pending.blocking_recv().expect("the store answers")
}

/// The conversation as a decision that is not committed yet will leave it.
pub fn after(decided: &Decided) -> Basis {
    let was = Versioned::new(Arc::new(decided.decision.conversation.clone()), decided.version);
    Basis::Conversation { address: decided.event.address.clone(), was }
}

pub fn chat(name: &str) -> Address {
    Address::new("shop", name)
}

pub fn sent(platform_id: Option<&str>) -> Settlement {
    Settlement::Sent { platform_id: platform_id.map(str::to_owned), at_ms: 7 }
}

pub fn event(dedupe: &str, name: &str, kind: EventKind) -> Decided {
    Decided {
        event: Event { channel: "shop".to_owned(), dedupe: dedupe.to_owned(), address: chat(name), at_ms: 1_000, kind }
            .into(),
        decision: Decision {
            trace: vec![TraceStep::new(Source::rule(dedupe), Finding::AskedByMenu)],
            ..Decision::default()
        },
        messages: Vec::new(),
        received_ms: 1_000,
        basis: Vec::new(),
        version: Version(VERSIONS.fetch_add(1, Ordering::Relaxed)),
        received: None,
    }
}

/// A customer's message; what was decided about it is added by the methods below.
pub fn message(dedupe: &str, name: &str) -> Decided {
    event(dedupe, name, EventKind::Message(Message { text: Some("你好".to_owned()), ..Message::default() }))
}

impl Decided {
    pub fn replying(self, text: &str) -> Self {
        let address = self.event.address.clone();
        self.telling(address, text)
    }

    pub fn telling(mut self, address: Address, text: &str) -> Self {
        let key = format!("{}/{}", self.event.dedupe, self.messages.len());
        let context = ReplyContext {
            data: json!({ "quote": 5 }),
            deadline_ms: Some(9),
            budget: None,
            at_once: Some(5),
            languages: Vec::new(),
        };
        self.messages.push(NewMessage {
            address,
            content: Content::text(text),
            context,
            key,
            not_before_ms: 0,
            notice: false,
        });
        self
    }

    pub fn acting(mut self, action: Action) -> Self {
        self.decision.actions.push(action);
        self
    }

    pub fn about(mut self, shop: &str, id: &str) -> Self {
        let address = self.event.address.clone();
        self.decision.orders.push(Order { shop: shop.to_owned(), id: id.to_owned(), address, ..Order::default() });
        self
    }

    pub fn noting(mut self, plugin: &str, key: &str, value: Option<&[u8]>) -> Self {
        let value = value.map(<[u8]>::to_vec);
        self.decision.kv.push(KvWrite { plugin: plugin.to_owned(), key: key.to_owned(), value, expires_ms: None });
        self
    }

    pub fn filing(mut self, id: &str) -> Self {
        let address = self.event.address.clone();
        self.decision.tickets.push(Ticket { id: id.to_owned(), address, ..Ticket::default() });
        self
    }

    /// Makes or changes a contact that is found by these e-mail addresses, and by the event's own.
    pub fn knowing(mut self, id: &str, emails: &[&str]) -> Self {
        let addresses = vec![self.event.address.clone()];
        let emails = emails.iter().map(|it| (*it).to_owned()).collect();
        self.decision.contacts.push(Contact { id: id.to_owned(), addresses, emails, ..Contact::default() });
        self
    }

    pub fn having_received(mut self, received: u64) -> Self {
        self.decision.conversation = Conversation { received, ..Conversation::default() };
        self
    }

    pub fn at(mut self, received_ms: i64) -> Self {
        self.received_ms = received_ms;
        self
    }

    /// Rests on a row, as it is in the store by now.
    pub fn resting_on(mut self, row: Basis) -> Self {
        self.basis.push(row);
        self
    }
}

pub fn set_timer(key: &str, due_ms: i64, priority: i64) -> Action {
    let (key, owner) = (key.to_owned(), "engine".to_owned());
    Action::SetTimer { at: None, key, due_ms, priority, payload: json!({ "order_id": "A1" }), owner }
}

pub fn cancel_timer(key: &str) -> Action {
    Action::CancelTimer { at: None, key: key.to_owned(), owner: "engine".to_owned() }
}

pub fn fired(dedupe: &str, name: &str, key: &str, due_ms: i64) -> Decided {
    let (key, owner) = (key.to_owned(), "engine".to_owned());
    event(dedupe, name, EventKind::Timer(TimerFired { key, due_ms, owner, payload: json!(null) }))
}
