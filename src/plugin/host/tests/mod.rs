//! What the host promises, shown with real components.

mod attacks;
mod contract_versions;
mod guests;
mod hot_swap;
mod logs;
mod lookups;
mod moments;
mod naming;
mod prepared;
mod rollback;
mod scripts;
mod set_aside;
mod trials;

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    CallLimits, Compiler, HostSettings, PluginEntry, PluginHost, PluginState, PluginStatus, TrialOutcome, trial,
};
use crate::{
    model::{
        Action, Address, Content, CustomerFacts, Hook, HookAnswer, HookCall, Lookups, Order, Plugins, Product, Ticket,
    },
    template,
};

/// A plugins folder with a host on it.
struct Shop {
    dir: TempDir,
    host: Arc<PluginHost>,
}

impl Shop {
    fn with(files: &[(&str, Vec<u8>)], plugins: Value) -> Self {
        Self::prepared(files, plugins, |_| ())
    }

    /// The same in a folder where something lies already.
    fn prepared(files: &[(&str, Vec<u8>)], plugins: Value, prepare: impl FnOnce(&Path)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        prepare(dir.path());
        fs::create_dir(dir.path().join("plugins")).unwrap();
        for (file, bytes) in files {
            fs::write(dir.path().join("plugins").join(file), bytes).unwrap();
        }
        let host = start(dir.path(), plugins);
        Self { dir, host }
    }

    fn write(&self, file: &str, bytes: &[u8]) {
        fs::write(self.dir.path().join("plugins").join(file), bytes).unwrap();
    }

    fn put(&self, file: &str, bytes: &[u8]) {
        self.write(file, bytes);
        self.host.refresh(file);
    }

    fn remove(&self, file: &str) {
        fs::remove_file(self.dir.path().join("plugins").join(file)).unwrap();
    }

    fn status(&self, name: &str) -> PluginStatus {
        self.host.status().into_iter().find(|it| it.name == name).unwrap()
    }

    fn reason(&self, name: &str) -> String {
        self.status(name).reason.unwrap_or_default()
    }

    fn offer(&self) -> HookAnswer {
        offer(&self.host, &Facts::default())
    }

    /// The same for this customer, so many milliseconds later.
    fn offer_to(&self, chat: &str, later_ms: i64) -> HookAnswer {
        trial::with_sample(Hook::Message, |asked| {
            let address = Address::new("sample", chat);
            let customer = asked.customer.map(|it| CustomerFacts { address: &address, ..it });
            self.host.offer(&HookCall { customer, now_ms: asked.now_ms + later_ms, ..*asked })
        })
    }

    fn offer_with(&self, facts: &Facts) -> HookAnswer {
        offer(&self.host, facts)
    }
}

fn start(dir: &Path, plugins: Value) -> Arc<PluginHost> {
    let host = PluginHost::new(HostSettings {
        dir: dir.join("plugins"),
        embedded: &[],
        cache_dir: dir.join("cache"),
        compiler: Compiler::Here,
        archive_dir: dir.join("versions"),
        shadow_dir: dir.join("shadows"),
        limits: limits(),
        plugins: entries(plugins),
        trust: crate::plugin::contract::Trust::default(),
        render: template::render,
    })
    .unwrap();
    host.load_dir();
    Arc::new(host)
}

fn limits() -> CallLimits {
    CallLimits { timeout: Duration::from_millis(200), failures_before_set_aside: 3, ..CallLimits::default() }
}

fn entries(plugins: Value) -> BTreeMap<String, PluginEntry> {
    serde_json::from_value(plugins).unwrap()
}

fn offer(host: &PluginHost, facts: &Facts) -> HookAnswer {
    with_message(facts, |call| host.offer(call))
}

fn with_message<T>(facts: &Facts, ask: impl FnOnce(&HookCall<'_>) -> T) -> T {
    trial::with_sample(Hook::Message, |asked| ask(&HookCall { lookups: facts, ..*asked }))
}

/// What the answer says to the customer.
fn said(answer: &HookAnswer) -> Option<&str> {
    match answer.actions.as_deref()? {
        [Action::Reply { content: Content::Text { text } }] => Some(text),
        other => panic!("not one text: {other:?}"),
    }
}

fn trace(answer: &HookAnswer) -> Vec<String> {
    answer.trace.iter().map(|step| step.what.to_string()).collect()
}

#[derive(Default)]
struct Facts {
    /// The customer's.
    orders: Vec<Order>,
    /// Other customers'.
    foreign: Vec<Order>,
    kv: HashMap<(String, String), Vec<u8>>,
    kept: u64,
}

impl Lookups for Facts {
    fn tickets(&self) -> Vec<Ticket> {
        Vec::new()
    }

    fn order(&self, shop: &str, id: &str) -> Option<Order> {
        self.orders.iter().chain(&self.foreign).find(|order| order.shop == shop && order.id == id).cloned()
    }

    fn orders(&self) -> Vec<Order> {
        self.orders.clone()
    }

    fn products(&self, _query: &str, _limit: usize) -> Vec<Product> {
        Vec::new()
    }

    fn kv(&self, plugin: &str, key: &str) -> Option<Vec<u8>> {
        self.kv.get(&(plugin.to_owned(), key.to_owned())).cloned()
    }

    fn kv_keys(&self, plugin: &str, prefix: &str, after: &str, limit: usize) -> Vec<String> {
        let mine =
            self.kv.keys().filter(|(owner, key)| owner == plugin && key.starts_with(prefix) && key.as_str() > after);
        let mut keys: Vec<_> = mine.map(|(_, key)| key.clone()).collect();
        keys.sort_unstable();
        keys.truncate(limit);
        keys
    }

    fn kv_size(&self, _plugin: &str) -> u64 {
        self.kept
    }
}

#[test]
fn a_granted_plugin_answers_in_the_built_in_answers_place() {
    let shop = Shop::with(
        &[("greeting.wasm", guests::replier("greeting", "1.0.0", "晚上好"))],
        json!({ "greeting": { "grants": ["reply"] } }),
    );
    let status = shop.status("greeting");
    assert_eq!(status.state, PluginState::Active);
    assert!(serde_json::to_string(&status).unwrap().contains("\"active\""));
    let answer = shop.offer();
    assert_eq!(said(&answer), Some("晚上好"));
    assert_eq!(trace(&answer), ["took it with 1 action"]);
    assert_eq!(answer.trace[0].by.to_string(), "plugin:greeting");
    let status = shop.status("greeting");
    assert_eq!((status.calls, status.failures), (1, 0));
}

#[test]
fn a_moment_nobody_hooks_is_nobodys() {
    let shop = Shop::with(
        &[("greeting.wasm", guests::replier("greeting", "1.0.0", "Hello"))],
        json!({ "greeting": { "grants": ["reply"] } }),
    );
    let answer = trial::with_sample(Hook::Order, |asked| shop.host.offer(asked));
    assert_eq!(answer, HookAnswer::default());
}

#[test]
fn plugins_are_asked_in_the_configured_order_until_one_takes_the_moment() {
    let files = [
        ("first.wasm", guests::replier("first", "1.0.0", "first")),
        ("second.wasm", guests::replier("second", "1.0.0", "second")),
        ("zeroth.wasm", guests::component("(call $pass)", "", &guests::manifest("zeroth", "1.0.0"))),
    ];
    let shop = Shop::with(
        &files,
        json!({
            "first": { "order": 2, "grants": ["reply"] },
            "second": { "order": 1, "grants": ["reply"] },
            "zeroth": { "order": 0 },
        }),
    );
    let answer = shop.offer();
    assert_eq!(said(&answer), Some("second"));
    let by: Vec<_> = answer.trace.iter().map(|step| step.by.to_string()).collect();
    assert_eq!(by, ["plugin:zeroth", "plugin:second"]);
}

#[test]
fn a_timer_is_offered_to_its_owner_alone() {
    let timer = |name, text| guests::on("on-timer", guests::REPLY, text, &guests::manifest(name, "1.0.0"));
    let (other, owner) = (timer("other", "other's"), timer("sample", "owner's"));
    let shop = Shop::with(
        &[("other.wasm", other), ("sample.wasm", owner)],
        json!({ "other": { "grants": ["reply"] }, "sample": { "order": 9, "grants": ["reply"] } }),
    );
    let answer = trial::with_sample(Hook::Timer, |asked| shop.host.offer(asked));
    assert_eq!(said(&answer), Some("owner's"));
}

#[test]
fn nothing_is_remembered_from_one_call_to_the_next() {
    let body = "
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (i32.store8 (i32.const 8192) (i32.add (i32.load8_u (i32.const 8192)) (global.get $count)))
        (call $reply (i32.const 8192) (i32.const 1))";
    let shop = Shop::with(
        &[("count.wasm", guests::component(body, "0", &guests::manifest("count", "1.0.0")))],
        json!({ "count": { "grants": ["reply"] } }),
    );
    for _ in 0..40 {
        assert_eq!(said(&shop.offer()), Some("1"));
    }
}

#[test]
fn checking_a_file_does_all_that_loading_does() {
    let render = |_: &str, _: &str| Ok(String::new());
    let report =
        super::check("greeting.wasm", &guests::replier("greeting", "1.2.3", "Hello"), |_| None, limits(), render)
            .unwrap();
    assert_eq!((report.name.as_str(), report.version.as_str()), ("greeting", "1.2.3"));
    assert_eq!(report.trial[0].outcome, TrialOutcome::Took { actions: 1 });
    let trapping = guests::component("(unreachable)", "", &guests::manifest("trap", "1.0.0"));
    let refusal = super::check("trap.wasm", &trapping, |_| None, limits(), render).unwrap_err().to_string();
    assert!(refusal.starts_with("its trial call of `message` failed: it trapped:"), "{refusal}");
}
