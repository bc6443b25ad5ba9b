use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::{
    channel::{self, Attempt, Capabilities, Channel, Outcome, Outgoing, Rendered, SetUp},
    engine::{Playbook, PlaybookSettings},
    in_force::InForce,
    model::{Hook, HookAnswer, HookCall, KvWrite, Message, NoPlugins},
    outbox::{ChannelHandle, Folder, LocalDelivery, OutboxSettings, Renewals},
    pictures::{Pictures, Seal},
    setting::Secret,
    store::{Retention, SqliteStore},
    webhook::{Inbound, WebhookRequest},
};

/// There is nobody outside.
struct Nobody;

impl Outside for Nobody {
    fn ask(&self, _: OutsideQuestion) -> BoxFuture<'static, Reply> {
        Box::pin(async { Reply::Failed("there is no network here".to_owned()) })
    }
}

/// What visitors of the web chat were shown, in order.
#[derive(Default)]
struct Shown(Mutex<Vec<Queued>>);

impl LocalDelivery for Shown {
    fn deliver(&self, message: &Queued) {
        self.0.lock().unwrap().push(message.clone());
    }
}

struct Clerk {
    inbox: Inbox,
    outbox: Outbox,
    shown: Arc<Shown>,
    services: Services,
    _folder: TempDir,
}

/// A clerk with one web chat, on a store of its own, without a storm guard.
fn clerk() -> Clerk {
    clerk_with(Arc::new(NoPlugins), None)
}

/// `broken`: a further channel.
fn clerk_with(plugins: Arc<dyn Plugins>, broken: Option<Arc<dyn Channel>>) -> Clerk {
    let folder = TempDir::new().unwrap();
    let store: Arc<dyn Store> =
        Arc::new(SqliteStore::open(&folder.path().join("store.sqlite"), Retention::default()).unwrap());
    let settings = PlaybookSettings {
        store: toml::from_str("[limits]\nreplies = 0\n").unwrap(),
        rules: toml::from_str("gather = \"0s\"").unwrap(),
        ..PlaybookSettings::default()
    };
    let playbook = Playbook::compile(settings).unwrap_or_else(|problems| panic!("{problems:?}"));
    let web_chat = toml::from_str("kind = \"webchat\"").unwrap();
    let handle = ChannelHandle {
        id: "webchat".to_owned(),
        channel: Arc::from(channel::build("webchat", &web_chat).unwrap()),
        allow_private_targets: false,
        per_second: None,
    };
    let mut configured = InForce::new(playbook);
    configured.channels.insert("webchat".to_owned(), Arc::new(handle));
    if let Some(channel) = broken {
        let handle = ChannelHandle { id: "broken".to_owned(), channel, allow_private_targets: false, per_second: None };
        configured.channels.insert("broken".to_owned(), Arc::new(handle));
    }
    let in_force = Arc::new(ArcSwap::from_pointee(configured));
    let shown = Arc::new(Shown::default());
    let pictures = Arc::new(Pictures::open(folder.path().join("pictures")).unwrap());
    let lent = Folder { pictures, seal: Arc::new(Seal::new(Secret::new("seal"))) };
    let outbox = Outbox::start(
        store.clone(),
        in_force.clone(),
        shown.clone(),
        lent,
        OutboxSettings::default(),
        Renewals::default(),
    );
    let services = Services {
        store,
        in_force,
        plugins,
        outbox: outbox.clone(),
        outside: Arc::new(Nobody),
        crash_record: Arc::new(CrashRecord::open(folder.path(), 3).unwrap()),
    };
    let (inbox, _) = Inbox::start(services.clone(), 3).unwrap();
    Clerk { inbox, outbox, shown, services, _folder: folder }
}

fn says(chat: u8, id: u16) -> Event {
    Event {
        channel: "webchat".to_owned(),
        dedupe: format!("{chat}-{id}"),
        address: Address::new("webchat", format!("c{chat}")),
        at_ms: 1_764_000_000_000,
        kind: EventKind::Message(Message {
            id: format!("{chat}-{id}"),
            sender: format!("c{chat}"),
            text: Some(format!("hello {id}")),
            ..Message::default()
        }),
    }
}

/// A host of plugins with a fault of its own.
struct FaultyPlugins;

impl Plugins for FaultyPlugins {
    fn any_at(&self, _: Hook) -> bool {
        true
    }

    fn offer(&self, _: &HookCall<'_>) -> HookAnswer {
        panic!("a fault in the host")
    }
}

#[tokio::test]
async fn a_decision_that_panics_is_made_again_without_plugins_and_its_lane_goes_on() {
    let clerk = clerk_with(Arc::new(FaultyPlugins), None);
    for id in 0..20 {
        let accepted = clerk.inbox.accept(says(1, id), 1_764_000_000_000, None).await.unwrap();
        assert!(accepted.decided && !accepted.queued.is_empty(), "the built-in answer");
    }
}

/// A plugin that looks at one key, and writes it for the chat `c2`; the first time that `c1` is decided, `c2` comes between.
#[derive(Default)]
struct Meeting {
    between: Mutex<Option<(tokio::runtime::Handle, Inbox)>>,
    offered: AtomicUsize,
    contradicted: AtomicUsize,
}

impl Plugins for Meeting {
    fn any_at(&self, hook: Hook) -> bool {
        hook == Hook::Message
    }

    fn offer(&self, call: &HookCall<'_>) -> HookAnswer {
        let chat = call.customer.map(|it| it.address.chat.as_str());
        call.lookups.kv("p", "k");
        if chat == Some("c2") {
            let write = KvWrite { plugin: "p".to_owned(), key: "k".to_owned(), value: Some(vec![1]), expires_ms: None };
            return HookAnswer { kv: vec![write], ..HookAnswer::default() };
        }
        self.offered.fetch_add(1, Ordering::SeqCst);
        if let Some((runtime, other)) = self.between.lock().unwrap().take() {
            runtime.block_on(other.accept(says(2, 1), 1_764_000_000_000, None)).unwrap();
        }
        HookAnswer::default()
    }

    fn awaits_word_of(&self, address: &Address) -> bool {
        address.chat == "c1"
    }

    fn contradicted(&self, _: &Address, _: i64) {
        self.contradicted.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_speaks_against_an_answer_counts_once_however_often_that_is_decided() {
    let plugins = Arc::new(Meeting::default());
    let clerk = clerk_with(plugins.clone(), None);
    // A second daemon on the same store.
    let (other, _) = Inbox::start(clerk.services.clone(), 1).unwrap();
    *plugins.between.lock().unwrap() = Some((tokio::runtime::Handle::current(), other));
    let mut event = says(1, 1);
    if let EventKind::Message(message) = &mut event.kind {
        message.text = Some("我要投诉，叫你们经理来".to_owned());
    }
    assert!(clerk.inbox.accept(event, 1_764_000_000_000, None).await.unwrap().decided);
    // What is told after the commit is told before the next one's.
    clerk.inbox.accept(says(1, 2), 1_764_000_000_001, None).await.unwrap();
    assert_eq!(plugins.offered.load(Ordering::SeqCst), 3, "the first was decided twice");
    assert_eq!(plugins.contradicted.load(Ordering::SeqCst), 1);
}

/// A channel with a fault where messages are made for it.
struct FaultyChannel;

impl Channel for FaultyChannel {
    fn receive(&self, _: &WebhookRequest<'_>) -> Inbound {
        panic!("a fault in the channel")
    }

    fn capabilities(&self) -> Capabilities {
        panic!("a fault in the channel")
    }

    fn render(&self, _: &Outgoing<'_>) -> Rendered {
        Rendered::Closed("it is broken")
    }

    fn classify(&self, _: &http::Response<bytes::Bytes>, _: &Attempt) -> Outcome {
        Outcome::Drop(String::new())
    }

    fn set_up(&self, _: &str) -> SetUp {
        SetUp::by_hand([])
    }
}

#[tokio::test]
async fn an_event_that_no_care_helps_is_not_acknowledged_and_costs_nobody_else() {
    let clerk = clerk_with(Arc::new(NoPlugins), Some(Arc::new(FaultyChannel)));
    for id in 0..20 {
        let mut event = says(1, id);
        event.channel = "broken".to_owned();
        event.address = Address::new("broken", format!("c{id}"));
        // Its platform sends it again, to a clerk that is mended.
        assert!(clerk.inbox.accept(event, 1_764_000_000_000, None).await.is_err());
        let accepted = clerk.inbox.accept(says(2, id), 1_764_000_000_000, None).await.unwrap();
        assert!(!accepted.queued.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever comes, however often: each event is decided once, and the replies of a conversation leave in
    /// the order its events came.
    #[test]
    fn each_event_is_answered_once_and_in_the_order_of_arrival(
        arrivals in prop::collection::vec((0_u8..4, 0_u16..12), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let clerk = clerk();
            let events: Vec<_> = arrivals.iter().map(|(chat, id)| says(*chat, *id)).collect();
            let accepted = clerk.inbox.accept_all(events, 1_764_000_000_000).await.unwrap();
            let mut first_of = HashMap::new();
            let mut expected: HashMap<String, Vec<i64>> = HashMap::new();
            for ((chat, id), accepted) in arrivals.iter().zip(&accepted) {
                let new = first_of.insert((chat, id), accepted.event_id);
                prop_assert_eq!(accepted.duplicate, new.is_some());
                match new {
                    Some(event_id) => prop_assert_eq!(event_id, accepted.event_id),
                    None => expected
                        .entry(format!("c{chat}"))
                        .or_default()
                        .extend(accepted.queued.iter().map(|queued| queued.id)),
                }
            }
            let total: usize = expected.values().map(Vec::len).sum();
            prop_assert!(total >= first_of.len(), "every new event is answered");
            for _ in 0..500 {
                if clerk.shown.0.lock().unwrap().len() >= total {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            clerk.outbox.drain(Duration::from_secs(5)).await;
            let mut shown: HashMap<String, Vec<i64>> = HashMap::new();
            for queued in clerk.shown.0.lock().unwrap().iter() {
                shown.entry(queued.message.address.chat.clone()).or_default().push(queued.id);
            }
            prop_assert_eq!(shown, expected);
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn deciding_again_after_a_lost_commit_gives_the_same_message_keys() {
    let keys = async || {
        let accepted = clerk().inbox.accept(says(1, 1), 1_764_000_000_000, None).await.unwrap();
        accepted.queued.into_iter().map(|queued| queued.message.key).collect::<Vec<_>>()
    };
    let first = keys().await;
    assert!(!first.is_empty());
    assert_eq!(first, keys().await);
}
