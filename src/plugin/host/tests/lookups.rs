//! What plugins may ask, and what they are told.

use std::sync::Mutex;

use bytes::Bytes;
use serde_json::json;

use super::{Facts, Shop, guests, said, trace, trial};
use crate::{
    model::{Hook, HookAnswer, HookCall, KvWrite, Order, Plugins, Reply},
    plugin::host::{PluginHost, offer_until_answered},
};

const FIND_ORDER: &str = "
    (call $find_order (i32.const 8192) (i32.const LENGTH) (i32.const 3072))
    (if (result i32) (i32.load8_u (i32.const 3072))
      (then (call $fail (i32.load (i32.const 3080)) (i32.load (i32.const 3084))))
      (else (if (result i32) (i32.load8_u (i32.const 3080))
        (then (call $reply (i32.load (i32.const 3088)) (i32.load (i32.const 3092))))
        (else (call $pass)))))";

/// Counts in the key-value space, and passes or answers as its mode says.
const KEEP: &str = "
    (call $kv_set (i32.const 8192) (i32.const 1) (i32.const 8193) (i32.const 3) (i32.const 3072))
    (call $kv_get (i32.const 8192) (i32.const 1) (i32.const 3072))
    (if (result i32) (call $is_wild_after)
      (then (call $pass))
      (else (call $reply (i32.load (i32.const 3080)) (i32.load (i32.const 3084)))))";

fn one(body: &str, text: &str, grants: &[&str]) -> Shop {
    Shop::with(
        &[("one.wasm", guests::component(body, text, &guests::manifest("one", "1.0.0")))],
        json!({ "one": { "grants": grants } }),
    )
}

fn facts() -> Facts {
    let order = |shop: &str, id: &str| Order { shop: shop.to_owned(), id: id.to_owned(), ..Order::default() };
    Facts { orders: vec![order("shop-a", "A1"), order("shop-b", "B1")], ..Facts::default() }
}

#[test]
fn an_order_is_found_at_the_shops_of_the_customers_orders() {
    let shop = one(FIND_ORDER, "B1", &["reply", "orders"]);
    let answer = shop.offer_with(&facts());
    assert_eq!(said(&answer), Some("shop-b"));
    assert_eq!(trace(&answer), ["orders.find `B1`: found", "took it with 1 action"]);
    let answer = shop.offer_with(&Facts::default());
    assert_eq!(trace(&answer), ["orders.find `B1`: none", "passed"]);
}

#[test]
fn somebody_elses_order_is_not_found_without_the_grant_for_it() {
    let mut facts = facts();
    facts.foreign = vec![Order { shop: "shop-b".to_owned(), id: "B9".to_owned(), ..Order::default() }];
    let ask = |wish: &str, grant: &str| {
        let mut manifest = guests::manifest("one", "1.0.0");
        manifest["capabilities"] = json!(["reply", wish]);
        let files = [("one.wasm", guests::component(FIND_ORDER, "B9", &manifest))];
        let answer = Shop::with(&files, json!({ "one": { "grants": ["reply", grant] } })).offer_with(&facts);
        said(&answer).map(str::to_owned)
    };
    assert_eq!(ask("orders:any", "orders:any").as_deref(), Some("shop-b"));
    for (wish, grant) in [("orders", "orders"), ("orders", "orders:any"), ("orders:any", "orders")] {
        assert_eq!(ask(wish, grant), None, "{wish} {grant}");
    }
}

#[test]
fn a_question_without_its_grant_is_refused() {
    let answer = one(FIND_ORDER, "B1", &["reply"]).offer_with(&facts());
    assert_eq!(
        trace(&answer),
        [
            "orders.find `B1`: refused, add \"orders\" to the grants of [one] in plugins.toml",
            "skipped: it failed: add \"orders\" to the grants of [one] in plugins.toml"
        ]
    );
}

#[test]
fn a_grant_takes_effect_and_ends_while_the_daemon_runs() {
    let shop = one(FIND_ORDER, "B1", &["reply"]);
    assert_eq!(shop.offer_with(&facts()).actions, None);
    shop.host.reconfigure(super::entries(json!({ "one": { "grants": ["reply", "orders", "tag"] } })));
    assert_eq!(said(&shop.offer_with(&facts())), Some("shop-b"));
    let granted: Vec<_> = shop.status("one").granted.iter().map(ToString::to_string).collect();
    assert_eq!(granted, ["reply", "orders"], "a grant nobody wished for is none");
    shop.host.reconfigure(super::entries(json!({ "one": { "grants": ["orders"] } })));
    assert_eq!(shop.offer_with(&facts()).actions, None);
}

#[test]
fn a_call_reads_what_it_wrote_and_keeps_it_unless_it_fails() {
    let keep = KEEP.replace("(call $is_wild_after)", "(i32.const 0)");
    let answer = one(&keep, "kabc", &["reply", "kv"]).offer();
    assert_eq!(said(&answer), Some("abc"));
    let write =
        KvWrite { plugin: "one".to_owned(), key: "k".to_owned(), value: Some(b"abc".to_vec()), expires_ms: None };
    assert_eq!(answer.kv, std::slice::from_ref(&write));
    assert_eq!(trace(&answer)[..2], ["kv.set `k`, 3 bytes: staged", "kv.get `k`: 3 bytes"]);

    let pass = KEEP.replace("(call $is_wild_after)", "(i32.const 1)");
    let answer = one(&pass, "kabc", &["reply", "kv"]).offer();
    assert_eq!((answer.actions, answer.kv), (None, vec![write]), "a pass keeps it as well");
    let trap = KEEP.replace("(call $is_wild_after)", "(unreachable)");
    let trap = guests::wild("one", &trap, "kabc");
    let entry = |mode| json!({ "one": { "grants": ["reply", "kv"], "settings": { "mode": mode } } });
    let shop = Shop::with(&[("one.wasm", trap)], entry("calm"));
    shop.host.reconfigure(super::entries(entry("wild")));
    let answer = shop.offer();
    assert!(trace(&answer).last().unwrap().contains("trapped"), "{:?}", answer.trace);
    assert!(answer.kv.is_empty());
}

#[test]
fn a_plugin_reads_its_own_space_only() {
    let get = "
        (call $kv_get (i32.const 8192) (i32.const 1) (i32.const 3072))
        (if (result i32) (i32.load8_u (i32.const 3076))
          (then (call $reply (i32.load (i32.const 3080)) (i32.load (i32.const 3084))))
          (else (call $pass)))";
    let shop = one(get, "k", &["reply", "kv"]);
    let kept = |plugin: &str| Facts {
        kv: [((plugin.to_owned(), "k".to_owned()), b"mine".to_vec())].into(),
        ..Facts::default()
    };
    assert_eq!(said(&shop.offer_with(&kept("one"))), Some("mine"));
    assert_eq!(shop.offer_with(&kept("two")).actions, None);
}

#[test]
fn what_was_written_earlier_in_the_decision_is_there_already() {
    let get = "
        (call $kv_get (i32.const 8192) (i32.const 1) (i32.const 3072))
        (if (result i32) (i32.load8_u (i32.const 3076))
          (then (call $reply (i32.load (i32.const 3080)) (i32.load (i32.const 3084))))
          (else (call $pass)))";
    let shop = one(get, "k", &["reply", "kv"]);
    let write = |plugin: &str, expires_ms| KvWrite {
        plugin: plugin.to_owned(),
        key: "k".to_owned(),
        value: Some(b"earlier".to_vec()),
        expires_ms,
    };
    let ask = |written: &[KvWrite]| {
        let answer = trial::with_sample(Hook::Message, |asked| shop.host.offer(&HookCall { written, ..*asked }));
        said(&answer).map(str::to_owned)
    };
    assert_eq!(ask(&[write("one", None)]).as_deref(), Some("earlier"));
    assert_eq!(ask(&[write("two", None)]), None, "that is another's");
    assert_eq!(ask(&[write("one", Some(trial::NOW_MS))]), None, "that has expired");
}

#[test]
fn settings_are_the_stores_over_the_defaults() {
    let body = "
        (call $settings (i32.const 3072))
        (call $reply (i32.load (i32.const 3072)) (i32.load (i32.const 3076)))";
    let shop = one(body, "", &["reply"]);
    assert_eq!(said(&shop.offer()), Some("{\"mode\":\"calm\"}"));
    let set = |mode| super::entries(json!({ "one": { "grants": ["reply"], "settings": { "mode": mode } } }));
    shop.host.reconfigure(set("wild"));
    assert_eq!(said(&shop.offer()), Some("{\"mode\":\"wild\"}"));
    shop.host.reconfigure(set("odd"));
    assert_eq!(said(&shop.offer()), Some("{\"mode\":\"wild\"}"), "the entry before stays in force");
    assert!(shop.reason("one").contains("\"odd\" is none of"), "{}", shop.reason("one"));
    shop.host.reconfigure(set("calm"));
    assert_eq!(shop.status("one").reason, None);
}

#[test]
fn templates_are_filled_by_the_host() {
    let body = "
        (call $render (i32.const 8192) (i32.const 6) (i32.const 8198) (i32.const 7) (i32.const 3072))
        (if (result i32) (i32.load8_u (i32.const 3072))
          (then (call $fail (i32.load (i32.const 3076)) (i32.load (i32.const 3080))))
          (else (call $reply (i32.load (i32.const 3076)) (i32.load (i32.const 3080)))))";
    assert_eq!(said(&one(body, "{{a}}!{\"a\":1}", &["reply"]).offer()), Some("1!"));
    for (text, reason) in [("{% if {\"a\":1}", "line 1 of the text"), ("{{a}}!{\"a\":1 ", "not JSON")] {
        let refused = one(body, text, &["reply"]).reason("one");
        assert!(refused.contains(reason), "it can do nothing else, so its trial shows it: {refused}");
    }
}

/// Answers every request and remembers it.
#[derive(Default)]
struct Network {
    asked: Mutex<Vec<String>>,
}

impl Network {
    fn offer(&self, host: &PluginHost, facts: &Facts) -> HookAnswer {
        super::with_message(facts, |call| {
            offer_until_answered(host, call, |question| {
                self.asked.lock().unwrap().push(format!("{} {}", question.method, question.url));
                Reply::Response { status: 200, headers: Vec::new(), body: Bytes::from_static(b"sunny") }
            })
        })
    }
}

/// GETs the URL that is its text, and says what came back.
const FETCH: &str = "
    (i32.store (i32.const 4096) (i32.const 0x00544547))
    (call $http_send (i32.const 4096) (i32.const 3) (i32.const 8192) (i32.const LENGTH)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 3072))
    (if (result i32) (i32.load8_u (i32.const 3072))
      (then (call $fail (i32.load (i32.const 3076)) (i32.load (i32.const 3080))))
      (else (call $reply (i32.load (i32.const 3088)) (i32.load (i32.const 3092)))))";

#[test]
fn a_granted_host_is_asked_off_the_call_and_the_trace_keeps_no_query() {
    let url = "https://api.example.com/weather?key=private";
    let shop = one(FETCH, url, &["reply", "http:api.example.com"]);
    let network = Network::default();
    let waiting = shop.offer();
    let question = waiting.question.expect("the answer is awaited");
    assert_eq!((question.plugin.as_str(), question.url.as_str()), ("one", url));
    assert!(waiting.actions.is_none() && waiting.trace.is_empty() && waiting.kv.is_empty(), "nothing of it counts yet");

    let answer = network.offer(&shop.host, &Facts::default());
    assert_eq!(said(&answer), Some("sunny"));
    assert_eq!(trace(&answer), ["http.send GET api.example.com: 200", "took it with 1 action"]);
    assert_eq!(*network.asked.lock().unwrap(), [format!("GET {url}")], "the trial at load asks nothing");

    let plugins = json!({ "one": { "grants": ["reply"] } });
    shop.host.reconfigure(super::entries(plugins));
    let answer = shop.offer();
    assert!(trace(&answer)[0].contains("add \"http:api.example.com\" to the grants"), "{:?}", answer.trace);
}

#[test]
fn one_call_fetches_a_few_times_only() {
    let body = format!(
        "(loop $again
           (call $http_send (i32.const 8192) (i32.const 3) (i32.const 8195) (i32.const 24)
             (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 3072))
           (br_if $again (i32.eqz (i32.load8_u (i32.const 3072)))))
         {}",
        "(call $fail (i32.load (i32.const 3076)) (i32.load (i32.const 3080)))"
    );
    let text = "GEThttps://api.example.com/";
    let shop = one(&body, text, &["http:api.example.com"]);
    let network = Network::default();
    let answer = network.offer(&shop.host, &Facts::default());
    assert!(trace(&answer).last().unwrap().contains("one call may fetch 4 times"), "{:?}", answer.trace);
    assert_eq!(network.asked.lock().unwrap().len(), 1, "the same request is sent once an event");
}
