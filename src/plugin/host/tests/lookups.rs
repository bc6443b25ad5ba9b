//! What plugins may ask, and what they are told.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use serde_json::json;

use super::{Facts, Shop, guests, offer, said, start, trace};
use crate::{
    model::{KvWrite, Order},
    plugin::host::Fetch,
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
    assert_eq!(trace(&answer), ["find-order `B1`: found", "took it with 1 action"]);
    let answer = shop.offer_with(&Facts::default());
    assert_eq!(trace(&answer), ["find-order `B1`: none", "passed"]);
}

#[test]
fn a_question_without_its_grant_is_refused() {
    let answer = one(FIND_ORDER, "B1", &["reply"]).offer_with(&facts());
    assert_eq!(
        trace(&answer),
        [
            "find-order `B1`: refused, find-order `B1` needs the grant `orders`",
            "skipped: it failed: find-order `B1` needs the grant `orders`"
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
fn a_call_reads_what_it_wrote_and_only_an_answer_keeps_it() {
    let keep = KEEP.replace("(call $is_wild_after)", "(i32.const 0)");
    let answer = one(&keep, "kabc", &["reply", "kv"]).offer();
    assert_eq!(said(&answer), Some("abc"));
    let write =
        KvWrite { plugin: "one".to_owned(), key: "k".to_owned(), value: Some(b"abc".to_vec()), expires_ms: None };
    assert_eq!(answer.kv, [write]);
    assert_eq!(trace(&answer)[..2], ["kv-set `k`, 3 bytes: staged", "kv-get `k`: 3 bytes"]);

    let pass = KEEP.replace("(call $is_wild_after)", "(i32.const 1)");
    assert!(one(&pass, "kabc", &["reply", "kv"]).offer().kv.is_empty());
    let trap = KEEP.replace("(call $is_wild_after)", "(unreachable)");
    let trap = guests::wild("one", &trap, "kabc");
    let shop = Shop::with(
        &[("one.wasm", trap)],
        json!({ "one": { "grants": ["reply", "kv"], "settings": { "mode": "wild" } } }),
    );
    assert!(shop.offer().kv.is_empty());
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
    assert_eq!(said(&one(body, "Hello,{\"a\":1}", &["reply"]).offer()), Some("Hello, {\"a\":1}"));
    for (text, reason) in [("broken{\"a\":1}", "the template is broken"), ("Hello,{\"a\":1 ", "not JSON")] {
        let answer = one(body, text, &["reply"]).offer();
        assert!(trace(&answer)[0].contains(reason), "{:?}", answer.trace);
    }
}

/// Answers every request and remembers it; slow enough to outlast a guest's own time.
#[derive(Default)]
struct Network {
    asked: Mutex<Vec<String>>,
}

impl Fetch for Network {
    fn fetch(&self, request: Request<Bytes>, timeout: Duration) -> Result<Response<Bytes>, String> {
        assert!(timeout <= Duration::from_secs(3));
        std::thread::sleep(Duration::from_millis(300));
        self.asked.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
        Ok(Response::new(Bytes::from_static(b"sunny")))
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
fn a_granted_host_is_fetched_from_and_the_trace_keeps_no_query() {
    let url = "https://api.example.com/weather?key=private";
    let mut shop = one(FETCH, url, &[]);
    let network = Arc::new(Network::default());
    let plugins = |grants: &[&str]| json!({ "one": { "grants": grants } });
    shop.host = start(shop.dir.path(), plugins(&["reply", "http:api.example.com"]), Some(network.clone()));
    let answer = offer(&shop.host, &Facts::default());
    assert_eq!(said(&answer), Some("sunny"));
    assert_eq!(trace(&answer), ["http-send GET api.example.com: 200", "took it with 1 action"]);
    assert_eq!(*network.asked.lock().unwrap(), [format!("GET {url}")], "the trial at load fetches nothing");

    shop.host.reconfigure(super::entries(plugins(&["reply"])));
    let answer = shop.offer();
    assert!(trace(&answer)[0].contains("needs the grant `http:api.example.com`"), "{:?}", answer.trace);
    assert_eq!(network.asked.lock().unwrap().len(), 1);
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
    let mut shop = one(&body, text, &[]);
    let network = Arc::new(Network::default());
    let plugins = json!({ "one": { "grants": ["http:api.example.com"] } });
    shop.host = start(shop.dir.path(), plugins, Some(network.clone()));
    let answer = shop.offer();
    assert!(trace(&answer).last().unwrap().contains("one call may fetch 4 times"), "{:?}", answer.trace);
    assert_eq!(network.asked.lock().unwrap().len(), 4);
}
