//! The cases of `sdk/conformance`, put to a plugin in the daemon's own host.

#![allow(dead_code, reason = "each test file uses its own part of the suite")]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;
use nightclerk::{
    model::{
        Action, Hook, HookAnswer, HookCall, KvWrite, Lookups, Media, Message, Moment, Order, OrderItem, OrderStatus,
        Product, Reply, Ticket,
    },
    plugin::{
        contract::Trust,
        host::{
            CallLimits, Compiler, HostSettings, LogLevel, PluginEntry, PluginHost, offer_until_answered, with_sample,
        },
    },
    template,
};
use serde_json::json;

pub use case::{Case, all};
use case::{CaseHook, Expectation};

#[path = "../../sdk/conformance/plugin/src/case.rs"]
mod case;

const NAME: &str = "conformance";

pub fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk/conformance").join(path)
}

/// What came otherwise than the case expects, whose outcome may be worded by `reword`.
pub fn wrong(host: &PluginHost, file: &str, case: &Case, reword: impl Fn(&str) -> String) -> Option<String> {
    let expected = Expectation {
        outcome: reword(&case.expect.outcome),
        log: case.expect.log.clone(),
        kept: Some(case.expect.kept.clone().unwrap_or_else(|| case.kept.clone())),
    };
    let came = run(host, case);
    let came = Expectation { outcome: reword(&came.outcome), ..came };
    (came != expected).then(|| format!("{file}: {}:\n  expected {expected:?}\n  came     {came:?}", case.name))
}

pub fn host_in(dir: &Path) -> PluginHost {
    PluginHost::new(HostSettings {
        dir: dir.join("plugins"),
        embedded: &[],
        cache_dir: dir.join("cache"),
        compiler: Compiler::Child(env!("CARGO_BIN_EXE_nightclerk").into()),
        archive_dir: dir.join("versions"),
        shadow_dir: dir.join("shadows"),
        limits: CallLimits { timeout: Duration::from_secs(5), ..CallLimits::default() },
        plugins: BTreeMap::new(),
        trust: Trust::default(),
        render: template::render,
    })
    .unwrap()
}

fn run(host: &PluginHost, case: &Case) -> Expectation {
    let grants = case.grants.as_ref().unwrap_or(&case.wishes);
    let entry = |settings| -> BTreeMap<String, PluginEntry> {
        let entry = json!({ "grants": grants, "keep_kb": case.keep_kb, "settings": settings });
        BTreeMap::from([(NAME.to_owned(), serde_json::from_value(entry).unwrap())])
    };
    host.reconfigure(entry(json!({})));
    let loaded = host.load_dir();
    assert_eq!(loaded[0].state.to_string(), "active", "{}: {:?}", case.name, loaded[0].reason);
    // After the trial calls, which would refuse a file that fails.
    host.reconfigure(entry(json!({ "steps": case.steps, "outcome": case.outcome })));
    // Cases that fail on purpose must not have it set aside for the next ones; there may be nothing to forgive.
    let _ = host.reinstate(NAME);
    let before = host.recent_log(NAME, usize::MAX).unwrap().len();
    let world = World::of(case);
    let answer = offer(host, case, &world);
    let mut log = host.recent_log(NAME, usize::MAX).unwrap().split_off(before);
    // What it failed with is the host's own line, and the last.
    if answer.trace.last().is_some_and(|step| step.what.to_string().starts_with("skipped: it ")) {
        let failure = log.pop();
        assert!(failure.is_some_and(|it| it.level == LogLevel::Error), "{}: its failure is not in its log", case.name);
    }
    Expectation {
        outcome: outcome(&answer),
        log: log.into_iter().map(|line| line.text).collect(),
        kept: Some(world.after(&answer.kv)),
    }
}

fn offer(host: &PluginHost, case: &Case, world: &World) -> HookAnswer {
    let picture = Media::new("image", "https://example.com/a.png");
    let message =
        Message { text: Some("x".repeat(case.text_bytes)), media: vec![picture; case.media], ..Message::default() };
    let order = shipped("A1");
    let hook = match case.hook {
        CaseHook::Message => Hook::Message,
        CaseHook::Order => Hook::Order,
        CaseHook::Timer => Hook::Timer,
        CaseHook::Daily => Hook::Daily,
    };
    with_sample(hook, |asked| {
        let mut timer = None;
        let moment = match asked.moment {
            Moment::Message { .. } => Moment::Message { message: &message },
            Moment::Order { event, .. } => Moment::Order { event, order: &order },
            Moment::Timer { timer: of } => {
                let mine = nightclerk::model::TimerFired { owner: NAME.to_owned(), ..of.clone() };
                Moment::Timer { timer: timer.insert(mine) }
            }
            other => other,
        };
        offer_until_answered(host, &HookCall { moment, lookups: world, ..*asked }, |_| Reply::Response {
            status: 200,
            headers: Vec::new(),
            body: Bytes::new(),
        })
    })
}

/// What the log and the answer say came of it, in the suite's words.
fn outcome(answer: &HookAnswer) -> String {
    let last = answer.trace.last().map(|step| step.what.to_string()).unwrap_or_default();
    let count = |actions: &[Action]| actions.len();
    match &answer.actions {
        Some(actions) => format!("took {}", count(actions)),
        None if last.starts_with("added") => format!("added {}", count(&answer.also)),
        None => last.strip_prefix("skipped: it ").unwrap_or(&last).to_owned(),
    }
}

fn shipped(id: &str) -> Order {
    Order {
        shop: "shop".to_owned(),
        id: id.to_owned(),
        status: OrderStatus::Shipped,
        items: vec![OrderItem { sku: None, title: "Teapot".to_owned(), quantity: 1 }],
        ..Order::default()
    }
}

/// What the host may look up.
struct World {
    orders: Vec<Order>,
    foreign: Vec<Order>,
    /// By key, as JSON.
    kept: BTreeMap<String, Vec<u8>>,
}

impl World {
    fn of(case: &Case) -> Self {
        let orders = |ids: &[String]| ids.iter().map(|id| shipped(id)).collect();
        let kept = case.kept.iter().map(|(key, value)| (key.clone(), json!(value).to_string().into_bytes()));
        Self { orders: orders(&case.orders), foreign: orders(&case.foreign_orders), kept: kept.collect() }
    }

    /// The keys after these writes; a long value by its length.
    fn after(&self, writes: &[KvWrite]) -> BTreeMap<String, String> {
        let mut kept = self.kept.clone();
        for write in writes {
            match &write.value {
                Some(value) => drop(kept.insert(write.key.clone(), value.clone())),
                None => drop(kept.remove(&write.key)),
            }
        }
        kept.into_iter().map(|(key, value)| (key, text(&value))).collect()
    }
}

fn text(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value).trim_matches('"').to_owned();
    if text.len() > 40 { format!("{} bytes", value.len()) } else { text }
}

impl Lookups for World {
    fn order(&self, shop: &str, id: &str) -> Option<Order> {
        self.orders.iter().chain(&self.foreign).find(|order| order.shop == shop && order.id == id).cloned()
    }

    fn orders(&self) -> Vec<Order> {
        self.orders.clone()
    }

    fn products(&self, _query: &str, _limit: usize) -> Vec<Product> {
        Vec::new()
    }

    fn kv(&self, _plugin: &str, key: &str) -> Option<Vec<u8>> {
        self.kept.get(key).cloned()
    }

    fn kv_keys(&self, _plugin: &str, prefix: &str, after: &str, limit: usize) -> Vec<String> {
        let keys = self.kept.keys().filter(|key| key.starts_with(prefix) && key.as_str() > after);
        keys.take(limit).cloned().collect()
    }

    fn tickets(&self) -> Vec<Ticket> {
        Vec::new()
    }

    fn kv_size(&self, _plugin: &str) -> u64 {
        self.kept.iter().map(|(key, value)| (key.len() + value.len()) as u64).sum()
    }
}
