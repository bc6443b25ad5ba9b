//! The morning list: what those who come in are told, on the running daemon.

use std::collections::BTreeMap;

use crate::harness::{
    Daemon, Shop, eventually,
    generic::{replies, shop_talking_to},
    platform::Platform,
};
use http::Method;
use jiff::{Span, Timestamp, tz::TimeZone};
use serde_json::{Value, json};

/// A store in whose night we are: it opens in two hours.
fn shop_at_night(platform: &Platform) -> Shop {
    let shop = shop_talking_to(platform);
    let hour = |hours: i64| {
        let at = Timestamp::now() + Span::new().hours(hours);
        TimeZone::UTC.to_datetime(at).strftime("%H:%M").to_string()
    };
    shop.write(
        "hours.toml",
        &format!("timezone = \"UTC\"\n[[shift]]\nfrom = \"{}\"\nuntil = \"{}\"\n", hour(2), hour(3)),
    );
    shop.write("orders.toml", "[notices]\nallowed = \"00:00-24:00\"\n");
    shop.write(
        "store.toml",
        "[store]\nname = \"Night Tea House\"\nlanguage = \"en\"\n[morning]\nbefore = \"0s\"\n[[team]]\nname = \"service\"\n\
         channel = \"shop\"\nchat = \"TEAM\"\n",
    );
    shop
}

/// The lists that the team was sent, each once however often it was tried.
fn lists(platform: &Platform) -> BTreeMap<String, String> {
    let received = platform.received();
    let all = replies(&received).into_iter().zip(&received);
    all.filter(|((to, text), _)| to == "TEAM" && text.starts_with("[Morning list]"))
        .map(|((_, text), request)| (request.header("webhook-id").to_owned(), text))
        .collect()
}

async fn get(daemon: &Daemon, path: &str) -> Value {
    daemon.admin(Method::GET, path).await.json()
}

#[tokio::test]
async fn a_list_that_is_wanted_earlier_is_sent_at_once() {
    let platform = Platform::start().await;
    let shop = shop_at_night(&platform);
    let daemon = shop.start().await;
    daemon.say("h0", "c0", "hello").await;
    daemon.say("m0", "c0", "I want to talk to a person").await;
    // Sooner than the clerk looks at the clock without a reason.
    shop.edit("store.toml", "before = \"0s\"", "before = \"23h\"");
    eventually("the list", async || (lists(&platform).len() == 1).then_some(())).await;
}

#[tokio::test]
async fn those_who_come_in_are_sent_once_all_that_waits_and_nothing_that_is_done() {
    let platform = Platform::start().await;
    let shop = shop_at_night(&platform);
    let mut daemon = shop.start().await;
    for number in 0..6 {
        daemon.say(&format!("h{number}"), &format!("c{number}"), "hello").await;
    }
    daemon.say("m0", "c0", "I want to complain about the service, it is terrible").await;
    daemon.say("m1", "c1", "I want to talk to a person").await;
    daemon.say("m2", "c2", "I want to talk to a person").await;
    let order = |id: &str, chat: &str| json!({ "id": id, "chat_id": chat, "total": "9.00", "currency": "CNY" });
    daemon.order("o3", "order.refund_requested", order("A3", "c3")).await;
    daemon.order("o4", "order.refund_requested", order("A4", "c4")).await;
    // Nobody knows whom to tell of this one.
    daemon.order("o5", "order.cancelled", json!({ "id": "A5", "total": "9.00", "currency": "CNY" })).await;
    let open = get(&daemon, "/v1/tickets").await;
    let open = open.as_array().unwrap();
    let of = |chat: &str| open.iter().find(|it| it["address"]["chat"] == chat).unwrap()["id"].as_str().unwrap();
    let closed = of("c4").to_owned();
    assert!(shop.run(&["tickets", "close", &closed]).status.success());

    // What waits, by arithmetic of its own: urgent, then old, each ticket once, then what is no ticket.
    let open = get(&daemon, "/v1/tickets").await;
    let mut expected: Vec<(bool, i64, String)> = open
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["urgency"] != "urgent", it["opened_ms"].as_i64().unwrap(), it["id"].as_str().unwrap().to_owned()))
        .collect();
    expected.sort();
    let mut expected: Vec<String> = expected.into_iter().map(|(.., id)| id).collect();
    expected.push("A5".to_owned());
    assert!(expected.len() >= 5 && !expected.contains(&closed), "{expected:?}");
    let today = get(&daemon, "/v1/today").await;
    let listed: Vec<_> =
        today["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(listed, expected);
    assert!(today["alone"]["answered"].as_u64().unwrap() >= 9, "{today:#}");
    let printed = String::from_utf8(shop.run(&["today"]).stdout).unwrap();
    assert!(expected.iter().all(|id| printed.contains(id)) && printed.contains("tickets take"), "{printed}");
    // The command beside an order says what is missing; once that is known, whose it is.
    assert!(printed.contains("nightclerk contact show shop/A5"), "{printed}");
    let shown = shop.run(&["contact", "show", "shop/A5"]);
    let said = String::from_utf8(shown.stderr).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("nobody knows whose the order") && said.contains("chat_id"), "{said}");
    assert!(String::from_utf8(shop.run(&["contact", "show", "shop/A4"]).stdout).unwrap().contains("shop/c4"));

    // The time has come, and the clerk dies over it more than once.
    shop.edit("store.toml", "before = \"0s\"", "before = \"23h\"");
    for _ in 0..4 {
        daemon.kill();
        daemon = shop.start().await;
    }
    eventually("the list", async || (!lists(&platform).is_empty()).then_some(())).await;
    daemon.kill();
    let _daemon = shop.start().await;
    platform.after_quiet().await;
    let lists = lists(&platform);
    assert_eq!(lists.len(), 1, "{lists:#?}");
    let text = lists.values().next().unwrap();
    let mut place = 0;
    for id in &expected {
        let at = text[place..].find(id.as_str()).unwrap_or_else(|| panic!("{id} is not in its place: {text}"));
        place += at;
    }
    assert!(text.contains(&format!("{} waiting", expected.len())) && !text.contains(&closed), "{text}");
    assert!(text.contains("The clerk alone:"), "{text}");

    // What a ticket says is forgotten with its customer, in the list as well.
    let words = "it is terrible";
    assert!(text.contains(words), "{text}");
    assert!(shop.run(&["forget", "shop", "c0"]).status.success());
    for entry in std::fs::read_dir(shop.data()).unwrap().flatten().filter(|it| it.path().is_file()) {
        let bytes = std::fs::read(entry.path()).unwrap();
        let found = bytes.windows(words.len()).any(|window| window == words.as_bytes());
        assert!(!found, "{}", entry.path().display());
    }
}

#[tokio::test]
async fn where_the_consoles_address_is_known_the_list_leads_to_its_pages() {
    let platform = Platform::start().await;
    let shop = shop_at_night(&platform);
    shop.edit("nightclerk.toml", "[admin]\n", "[admin]\npublic_url = \"https://desk.example\"\n");
    let daemon = shop.start().await;
    daemon.say("m0", "c0", "I want to complain about the service, it is terrible").await;
    let ticket = get(&daemon, "/v1/tickets").await[0]["id"].as_str().unwrap().to_owned();
    shop.edit("store.toml", "before = \"0s\"", "before = \"23h\"");
    assert!(shop.run(&["reload"]).status.success());
    let sent = eventually("the list", async || lists(&platform).into_values().next()).await;
    assert!(sent.contains(&format!("https://desk.example/console/tickets/{ticket}\n")), "{sent}");
    assert!(!sent.contains("nightclerk "), "{sent}");
}
