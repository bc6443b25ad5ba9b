use super::*;
use crate::prelude::*;

/// Does what its message says.
#[derive(Deserialize)]
struct Probe {
    text: String,
    limit: u32,
}

impl OnMessage for Probe {
    fn on_message(&self, ctx: &Context, message: &Message) -> Answer {
        let words = message.text.as_deref().unwrap_or_default();
        match words {
            "count" => {
                let count = ctx.kv_get::<u32>("count")?.unwrap_or(0) + 1;
                ctx.kv_set("count", &count)?;
                Ok(Outcome::reply(ctx.render(&self.text, &json!({ "count": count }))?))
            }
            "count and fail" => {
                ctx.kv_set("count", &100)?;
                Err("as asked".into())
            }
            "products" => {
                let names = ctx.find_products("", self.limit)?.into_iter().map(|it| it.name);
                Ok(Outcome::reply(names.collect::<Vec<_>>().join(",")))
            }
            "fetch" => {
                let response = ctx.http_send(&HttpRequest::get("https://api.example.com/rate"))?;
                Ok(Outcome::reply(String::from_utf8_lossy(&response.body).into_owned()))
            }
            "tag" => Ok(Outcome::of(Action::tag("vip"))),
            "later" => Ok(Outcome::of(Action::set_timer("t", ctx.now_ms + 1000, &json!({ "n": 1 })))),
            _ => {
                ctx.log(Level::Info, words);
                Ok(Outcome::pass())
            }
        }
    }
}

impl OnOrder for Probe {
    fn on_order(&self, ctx: &Context, _event: &OrderEvent) -> Answer {
        let ids: Vec<_> = ctx.customer_orders()?.into_iter().map(|order| order.id).collect();
        Ok(Outcome::reply(ids.join(",")))
    }
}

impl OnTimer for Probe {
    fn on_timer(&self, _ctx: &Context, timer: &Timer) -> Answer {
        Ok(Outcome::reply(format!("{} {}", timer.key, timer.payload)))
    }
}

crate::plugin!(Probe: OnMessage, OnOrder, OnTimer; "src/testing/probe.json");

#[test]
fn what_a_plugin_keeps_is_there_at_its_next_call_unless_it_failed() {
    let mut bench = Bench::<Probe>::new();
    assert_eq!(bench.message("count").text(), "1");
    assert_eq!(bench.message("count and fail").error(), "as asked");
    assert_eq!(bench.message("count").text(), "2");
}

#[test]
fn what_is_not_granted_is_refused_in_lookups_and_in_actions() {
    let mut bench = Bench::<Probe>::new().grants(&["reply"]);
    let add = |grant: &str| format!("add \"{grant}\" to the grants of [nightclerk-sdk] in plugins.toml");
    assert_eq!(bench.message("count").error(), add("kv"));
    assert_eq!(bench.message("products").error(), add("catalogue"));
    assert_eq!(bench.message("fetch").error(), add("http:api.example.com"));
    assert_eq!(bench.message("later").error(), format!("`set-timer`: {}", add("timer")));
}

#[test]
fn what_the_manifest_does_not_wish_for_cannot_be_granted() {
    let mut bench = Bench::<Probe>::new().grants(&["reply", "tag"]);
    assert_eq!(bench.message("tag").error(), "`tag`: declare `tag` in the capabilities of its manifest");
}

#[test]
fn lookups_answer_from_what_the_test_gave() {
    let cold = Product { hot: false, ..product("CUP", "Cup") };
    let mut bench = Bench::<Probe>::new()
        .product(cold)
        .product(product("POT", "Pot"))
        .settings(json!({ "limit": 1 }))
        .order(OrderDetails { placed_ms: Some(1), ..order("OLD") })
        .http("https://api.example.com/rate", HttpResponse { status: 200, headers: Vec::new(), body: b"7.1".to_vec() });
    assert_eq!(bench.message("products").text(), "Pot");
    assert_eq!(bench.message("fetch").text(), "7.1");
    assert_eq!(bench.order_event(OrderChange::Paid, order("NEW")).text(), "NEW,OLD");
    assert_eq!(bench.timer("t", json!({ "n": 1 })).text(), "t {\"n\":1}");
}

#[test]
fn a_pass_is_a_pass_and_the_log_is_kept() {
    let reaction = Bench::<Probe>::new().message("hm");
    assert!(reaction.passed());
    assert_eq!(reaction.log, [(Level::Info, "hm".to_owned())]);
}

#[test]
#[should_panic(expected = "declares no setting `colour`")]
fn an_unknown_setting_is_a_mistake_of_the_test() {
    let _ = Bench::<Probe>::new().settings(json!({ "colour": "red" }));
}

#[test]
#[should_panic(expected = "out of")]
fn a_setting_out_of_range_is_a_mistake_of_the_test() {
    let _ = Bench::<Probe>::new().settings(json!({ "limit": 6 }));
}
