//! The store's promises, on real files.

use std::{
    path::{Path, PathBuf},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
        mpsc,
    },
    task::{Context, Wake},
};

use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use super::{SqliteStore, writer::Bounds};
use crate::{
    model::{
        Action, Address, Basis, Content, Conversation, Decision, Event, EventKind, Finding, KvWrite, Message, Order,
        Recorded, Reply, ReplyContext, Source, Ticket, TimerFired, TraceStep, Version, Versioned,
    },
    store::{
        Agenda, Archive, Committed, Decided, Journal, Mailbox, MessageState, NewMessage, Pending, Queued, Received,
        Retention, Settlement, Store, StoreError, Views,
    },
};

mod durability;
mod explaining;
mod failures;
mod model;
mod retention;
mod standing_back;
mod timers;
mod versions;
mod writes;

/// Every decision of the tests has a version of its own.
static VERSIONS: AtomicI64 = AtomicI64::new(1);

/// A store in a folder of its own.
struct Site {
    folder: TempDir,
    store: SqliteStore,
}

impl Site {
    fn new() -> Self {
        Self::with(Bounds::DEFAULT)
    }

    fn with(limits: Bounds) -> Self {
        let folder = TempDir::new().unwrap();
        let store =
            SqliteStore::open_with(&folder.path().join("data/clerk.sqlite"), Retention::default(), limits).unwrap();
        Self { folder, store }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("data/clerk.sqlite")
    }

    /// A connection beside the store's own, to look at or spoil what it holds.
    fn beside(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    fn reopened(self) -> Self {
        let Self { folder, store } = self;
        drop(store);
        let store = SqliteStore::open(&folder.path().join("data/clerk.sqlite"), Retention::default()).unwrap();
        Self { folder, store }
    }

    fn commit(&self, decided: Decided) -> Committed {
        wait(self.store.commit(decided)).unwrap()
    }

    fn keep(&self, decided: Decided) -> (i64, Vec<Queued>) {
        match self.commit(decided) {
            Committed::New { event_id, queued } => (event_id, queued),
            other => panic!("{other:?}"),
        }
    }

    fn settle(&self, id: i64, settlement: Settlement) {
        wait(self.store.settle(id, settlement)).unwrap();
    }

    /// A conversation as it is by now.
    fn conversation_of(&self, name: &str) -> Basis {
        let found = self.store.conversation(&chat(name)).unwrap();
        let was = Versioned { value: found.value.map(Arc::new), version: found.version };
        Basis::Conversation { address: chat(name), was }
    }

    fn order_as_it_is(&self, id: &str) -> Basis {
        let found = self.store.order("shop", id).unwrap();
        let was = Versioned { value: found.value.map(Arc::new), version: found.version };
        Basis::Order { shop: "shop".to_owned(), id: id.to_owned(), was }
    }

    fn ids_pending(&self) -> Vec<i64> {
        wait(self.store.pending(0, 1000)).unwrap().iter().map(|queued| queued.id).collect()
    }

    /// Keeps the writer from its queue while `work` hands in commands, so that they become one group.
    fn as_one_group<T>(&self, work: impl FnOnce(&SqliteStore) -> T) -> T {
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

fn wait<T>(pending: Pending<T>) -> Result<T, StoreError> {
    pending.blocking_recv().expect("the store answers")
}

/// The conversation as a decision that is not committed yet will leave it.
fn after(decided: &Decided) -> Basis {
    let was = Versioned::new(Arc::new(decided.decision.conversation.clone()), decided.version);
    Basis::Conversation { address: decided.event.address.clone(), was }
}

fn chat(name: &str) -> Address {
    Address::new("shop", name)
}

fn sent(platform_id: Option<&str>) -> Settlement {
    Settlement::Sent { platform_id: platform_id.map(str::to_owned), at_ms: 7 }
}

fn event(dedupe: &str, name: &str, kind: EventKind) -> Decided {
    Decided {
        event: Event { channel: "shop".to_owned(), dedupe: dedupe.to_owned(), address: chat(name), at_ms: 1_000, kind },
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
fn message(dedupe: &str, name: &str) -> Decided {
    event(dedupe, name, EventKind::Message(Message { text: Some("你好".to_owned()), ..Message::default() }))
}

impl Decided {
    fn replying(self, text: &str) -> Self {
        let address = self.event.address.clone();
        self.telling(address, text)
    }

    fn telling(mut self, address: Address, text: &str) -> Self {
        let key = format!("{}/{}", self.event.dedupe, self.messages.len());
        let context =
            ReplyContext { data: json!({ "quote": 5 }), deadline_ms: Some(9), budget: None, languages: Vec::new() };
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

    fn acting(mut self, action: Action) -> Self {
        self.decision.actions.push(action);
        self
    }

    fn about(mut self, shop: &str, id: &str) -> Self {
        let address = self.event.address.clone();
        self.decision.orders.push(Order { shop: shop.to_owned(), id: id.to_owned(), address, ..Order::default() });
        self
    }

    fn noting(mut self, plugin: &str, key: &str, value: Option<&[u8]>) -> Self {
        let value = value.map(<[u8]>::to_vec);
        self.decision.kv.push(KvWrite { plugin: plugin.to_owned(), key: key.to_owned(), value, expires_ms: None });
        self
    }

    fn filing(mut self, id: &str) -> Self {
        let address = self.event.address.clone();
        self.decision.tickets.push(Ticket { id: id.to_owned(), address, ..Ticket::default() });
        self
    }

    fn having_received(mut self, received: u64) -> Self {
        self.decision.conversation = Conversation { received, ..Conversation::default() };
        self
    }

    fn at(mut self, received_ms: i64) -> Self {
        self.received_ms = received_ms;
        self
    }

    /// Rests on a row, as it is in the store by now.
    fn resting_on(mut self, row: Basis) -> Self {
        self.basis.push(row);
        self
    }
}

fn set_timer(key: &str, due_ms: i64, priority: i64) -> Action {
    let (key, owner) = (key.to_owned(), "engine".to_owned());
    Action::SetTimer { at: None, key, due_ms, priority, payload: json!({ "order_id": "A1" }), owner }
}

fn cancel_timer(key: &str) -> Action {
    Action::CancelTimer { at: None, key: key.to_owned(), owner: "engine".to_owned() }
}

fn fired(dedupe: &str, name: &str, key: &str, due_ms: i64) -> Decided {
    let (key, owner) = (key.to_owned(), "engine".to_owned());
    event(dedupe, name, EventKind::Timer(TimerFired { key, due_ms, owner, payload: json!(null) }))
}

/// Size of the write-ahead log of the store at `path`.
fn log_size(path: &Path) -> u64 {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    std::fs::metadata(PathBuf::from(name)).map_or(0, |it| it.len())
}
