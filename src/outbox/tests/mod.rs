//! The outbox's promises: a real store, real sockets, and a channel as plain as can be.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use arc_swap::ArcSwap;
use tempfile::TempDir;

use super::*;
use crate::{
    channel::Uncertain,
    clock::now_ms,
    model::{Address, Content, Decision, Event, EventKind, ReplyContext, Version},
    pictures::{Pictures, Seal},
    setting::Secret,
    store::{Committed, Decided, Journal, Mailbox, MessageState, NewMessage, Retention, Settlement, SqliteStore, wait},
};
use platform::{Answer, JsonChannel, Platform, Seen};

mod carried;
mod delivery;
mod failures;
mod outages;
mod platform;
mod restart;
mod tokens;

/// Small waits, and long patience with the platform.
const QUICK: OutboxSettings = OutboxSettings {
    max_attempts: 4,
    keep_trying_ms: 3_600_000,
    first_backoff_ms: 2,
    max_backoff_ms: 20,
    request_timeout_ms: 20_000,
    max_in_flight: 16,
};

/// Channels that a test configures.
#[derive(Default)]
struct Handles {
    by_id: ArcSwap<HashMap<String, Arc<ChannelHandle>>>,
    /// Whether platforms reach the daemon.
    is_public: Arc<AtomicBool>,
}

impl Channels for Handles {
    fn channel(&self, id: &str) -> Option<Arc<ChannelHandle>> {
        self.by_id.load().get(id).cloned()
    }

    fn public_url(&self) -> Option<String> {
        self.is_public.load(Ordering::SeqCst).then(|| "https://clerk.example".to_owned())
    }
}

/// A store, a platform and the outbox between them.
struct Site {
    /// Deleted at the end.
    folder: TempDir,
    store: Arc<SqliteStore>,
    platform: Platform,
    channels: Arc<Handles>,
    is_public: Arc<AtomicBool>,
    shown: Arc<Shown>,
    outbox: Outbox,
    events: AtomicUsize,
}

/// The customer's page.
#[derive(Default)]
struct Shown(Mutex<Vec<i64>>);

impl LocalDelivery for Shown {
    fn deliver(&self, message: &Queued) {
        self.0.lock().unwrap().push(message.id);
    }
}

impl Site {
    async fn new(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self::with(QUICK, |_| {}, answer).await
    }

    async fn with(
        settings: OutboxSettings,
        shape: impl FnOnce(&mut JsonChannel),
        answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let folder = TempDir::new().unwrap();
        let store = Arc::new(SqliteStore::open(&folder.path().join("clerk.sqlite"), Retention::default()).unwrap());
        let platform = Platform::start(answer).await;
        let mut channel = JsonChannel::new(&platform.url);
        shape(&mut channel);
        let channels = Arc::new(Handles::default());
        let shown = Arc::new(Shown::default());
        let outbox = Outbox::start(
            store.clone(),
            channels.clone(),
            shown.clone(),
            lent_from(&folder),
            settings,
            Renewals::default(),
        );
        let is_public = channels.is_public.clone();
        let site = Self { folder, store, platform, channels, is_public, shown, outbox, events: AtomicUsize::new(0) };
        site.configure("shop", channel, None);
        site
    }

    fn configure(&self, id: &str, channel: JsonChannel, per_second: Option<u32>) {
        let handle =
            ChannelHandle { id: id.to_owned(), channel: Arc::new(channel), allow_private_targets: true, per_second };
        let mut channels = HashMap::clone(&self.channels.by_id.load());
        channels.insert(id.to_owned(), Arc::new(handle));
        self.channels.by_id.store(Arc::new(channels));
    }

    /// Commits one event's messages, as the inbox does.
    async fn commit(&self, messages: Vec<NewMessage>) -> Vec<Queued> {
        let number = self.events.fetch_add(1, Ordering::SeqCst);
        commit(&*self.store, &format!("event-{number}"), messages).await
    }

    /// Commits and enqueues; the ids.
    async fn say(&self, messages: Vec<NewMessage>) -> Vec<i64> {
        let queued = self.commit(messages).await;
        let ids = queued.iter().map(|queued| queued.id).collect();
        self.outbox.enqueue(queued);
        ids
    }

    /// Waits until none of the messages is pending.
    async fn settled(&self, ids: &[i64]) -> Vec<Queued> {
        let mut settled = Vec::new();
        for &id in ids {
            settled.push(self.until(id, |queued| queued.state != MessageState::Pending).await);
        }
        settled
    }

    async fn until(&self, id: i64, condition: impl Fn(&Queued) -> bool) -> Queued {
        eventually(async || wait(self.store.message(id)).await.unwrap().filter(|queued| condition(queued))).await
    }
}

/// The folder of pictures beside the store.
fn lent_from(folder: &TempDir) -> Folder {
    let pictures = Pictures::open(folder.path().join("pictures")).unwrap();
    Folder { pictures: Arc::new(pictures), seal: Arc::new(Seal::new(Secret::new("seal"))) }
}

async fn commit(store: &dyn Store, dedupe: &str, messages: Vec<NewMessage>) -> Vec<Queued> {
    let event = Event {
        channel: "shop".to_owned(),
        dedupe: dedupe.to_owned(),
        address: Address::new("shop", "anyone"),
        at_ms: now_ms(),
        kind: EventKind::Opened {
            sender: "anyone".to_owned(),
            sender_name: None,
            payload: None,
            reply: ReplyContext::default(),
        },
    };
    let decided = Decided {
        event: event.into(),
        decision: Decision::default(),
        messages,
        received_ms: now_ms(),
        basis: Vec::new(),
        version: Version(1),
        received: None,
    };
    match store.commit(decided).await.unwrap().unwrap() {
        Committed::New { queued, .. } | Committed::Duplicate { queued, .. } => queued,
    }
}

/// Waits for what is to come; fails after long enough.
async fn eventually<T>(mut check: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..6000 {
        if let Some(found) = check().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it never came to that");
}

fn to(chat: &str, text: &str) -> NewMessage {
    on("shop", chat, text)
}

fn on(channel: &str, chat: &str, text: &str) -> NewMessage {
    NewMessage {
        address: Address::new(channel, chat),
        content: Content::text(text),
        context: ReplyContext::default(),
        key: format!("key of {text}"),
        not_before_ms: 0,
        notice: false,
    }
}

fn held(chat: &str, text: &str) -> NewMessage {
    NewMessage { not_before_ms: now_ms() + 3_600_000, ..to(chat, text) }
}

fn notice(chat: &str, text: &str) -> NewMessage {
    NewMessage { notice: true, ..to(chat, text) }
}
