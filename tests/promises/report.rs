//! What an owner may rely on who looks at figures, on the running daemon.

use crate::harness::{
    Daemon, Shop, eventually,
    generic::{replies, shop_talking_to},
    platform::Platform,
};
use serde_json::{Value, json};

fn printed(shop: &Shop, arguments: &[&str]) -> String {
    let output = shop.run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn report(shop: &Shop, more: &[&str]) -> Value {
    let arguments = [&["report", "--since", "1d", "--json"], more].concat();
    serde_json::from_str(&printed(shop, &arguments)).unwrap()
}

async fn said(platform: &Platform, chat: &str, holds: &str) {
    eventually(&format!("`{holds}` in {chat}"), async || {
        replies(&platform.received()).iter().any(|(to, text)| to == chat && text.contains(holds)).then_some(())
    })
    .await;
}

/// All that was to be said has left, and the store knows it.
async fn settled(daemon: &Daemon) {
    eventually("an empty outbox", async || {
        let waiting = daemon.admin(http::Method::GET, "/v1/outbox/waiting").await.json();
        waiting.as_array().unwrap().is_empty().then_some(())
    })
    .await;
}

/// A morning: four customers ask, one not to be understood, three order, one is reminded and pays.
async fn a_morning(platform: &Platform, shop: &Shop) -> Daemon {
    shop.edit("orders.toml", "delay = \"30m\"", "delay = \"200ms\"");
    shop.edit("orders.toml", "allowed = \"09:00-21:30\"", "allowed = \"00:00-24:00\"");
    let daemon = shop.start().await;
    for chat in ["ana", "bo", "cy", "dee"] {
        daemon.say(&format!("m-{chat}"), chat, "hello").await;
    }
    daemon.say("m-odd", "dee", "zqx frobnicate the wug").await;
    daemon
        .order("o1", "order.placed", json!({ "id": "1", "chat_id": "ana", "total": "10.00", "currency": "CNY" }))
        .await;
    daemon
        .order("o2", "order.placed", json!({ "id": "2", "chat_id": "bo", "total": "20.50", "currency": "CNY" }))
        .await;
    daemon.order("o3", "order.placed", json!({ "id": "3", "chat_id": "eve", "total": "7", "currency": "USD" })).await;
    for (chat, order) in [("ana", "1"), ("bo", "2"), ("eve", "3")] {
        said(platform, chat, &format!(" {order}")).await;
    }
    // The odd one might have gone on, and is answered when it does not.
    eventually("an answer to dee", async || {
        (replies(&platform.received()).iter().filter(|(to, _)| to == "dee").count() >= 2).then_some(())
    })
    .await;
    settled(&daemon).await;
    daemon.order("p1", "order.paid", json!({ "id": "1", "chat_id": "ana" })).await;
    daemon.order("p1-again", "order.paid", json!({ "id": "1", "chat_id": "ana" })).await;
    daemon.order("p3", "order.paid", json!({ "id": "3", "chat_id": "eve" })).await;
    daemon.order("r3", "order.refunded", json!({ "id": "3", "refund": { "amount": "2" } })).await;
    settled(&daemon).await;
    daemon
}

#[tokio::test]
async fn figures_are_those_of_what_happened_and_are_read_while_the_clerk_runs() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = a_morning(&platform, &shop).await;
    let found = report(&shop, &[]);
    let figures = &found["figures"];
    assert_eq!(figures["contacts"], 4, "{figures:#}");
    assert_eq!(figures["conversations"], 4);
    assert_eq!((&figures["reply_rate"]["part"], &figures["reply_rate"]["of"]), (&json!(4), &json!(4)));
    assert_eq!(figures["first_response"]["count"], 4);
    assert!(figures["first_response"]["mean_seconds"].as_f64().unwrap() < 10.0);
    assert_eq!(figures["not_understood"], 1);
    assert_eq!((&figures["inquiry_conversion"]["part"], &figures["inquiry_conversion"]["of"]), (&json!(2), &json!(4)));
    assert_eq!((&figures["order_success"]["part"], &figures["order_success"]["of"]), (&json!(2), &json!(3)));
    assert_eq!((&figures["orders_placed"], &figures["orders_sold"]), (&json!(3), &json!(2)));
    let cny = json!({ "minor": 1000, "currency": "CNY" });
    let usd = json!({ "minor": 700, "currency": "USD" });
    assert_eq!(figures["sales"], json!([cny, usd]), "never added across currencies");
    assert_eq!(
        (&figures["reminder_conversion"]["part"], &figures["reminder_conversion"]["of"]),
        (&json!(2), &json!(3))
    );
    assert_eq!(figures["refunded"], json!([{ "minor": 200, "currency": "USD" }]));
    assert!(!found.to_string().contains("frobnicate"), "customers' words are not asked for");
    assert_eq!(found["unanswered"]["groups"][0]["count"], 1);
    assert!(report(&shop, &["--words"]).to_string().contains("frobnicate"));
    let by_channel = report(&shop, &["--by", "channel"]);
    assert_eq!(by_channel["by"]["channel"]["shop"]["contacts"], 4);
    // Not a word is lost while it is read.
    daemon.say("m-late", "fay", "hello").await;
    said(&platform, "fay", "").await;
}

#[tokio::test]
async fn figures_come_as_words_as_a_table_and_as_a_page_and_without_a_clerk_that_runs() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.edit("store.toml", "[routing]", "[targets]\nsales = { CNY = \"310\" }\n\n[routing]");
    drop(a_morning(&platform, &shop).await);
    let words = printed(&shop, &["report"]);
    for holds in [
        "reply rate",
        "100.0% (4/4)",
        "CNY 10.00, USD 7.00",
        "not known",
        "target completion",
        "Questions nobody answered",
    ] {
        assert!(words.contains(holds), "`{holds}` in {words}");
    }
    assert!(printed(&shop, &["report", "--language", "zh"]).contains("回复率"));
    let table = printed(&shop, &["report", "--by", "channel", "--csv"]);
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let head = rows.headers().unwrap().clone();
    let row = rows.records().next().unwrap().unwrap();
    let cell = |name: &str| row.get(head.iter().position(|it| it == name).unwrap()).unwrap().to_owned();
    assert_eq!(
        (cell("channel"), cell("contacts"), cell("sales_CNY"), cell("sales_USD")),
        ("shop".to_owned(), "4".to_owned(), "10.00".to_owned(), "7.00".to_owned())
    );
    let wordings = printed(&shop, &["report", "--by", "wording"]);
    assert!(wordings.contains("too few to tell"), "{wordings}");
    let file = shop.config().join("week.html");
    printed(&shop, &["report", "--html", file.to_str().unwrap()]);
    let page = std::fs::read_to_string(&file).unwrap();
    assert!(page.contains("<svg") && !page.contains("<script") && !page.contains("http://"), "{page}");
    let wrong = shop.run(&["report", "--month", "yesterday"]);
    assert!(!wrong.status.success());
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("is not a month"));
}

#[tokio::test]
async fn disputes_and_scores_are_figures_of_what_the_shop_tells() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    for (id, decided_by) in [("1", "shop"), ("2", "platform"), ("3", "shop"), ("4", "nobody we know")] {
        let order = json!({ "id": id, "chat_id": "ana", "total": "10", "currency": "CNY" });
        daemon.order(&format!("placed-{id}"), "order.placed", order).await;
        daemon.order(&format!("paid-{id}"), "order.paid", json!({ "id": id })).await;
        let refund = json!({ "id": id, "refund": { "amount": "4", "decided_by": decided_by } });
        daemon.order(&format!("back-{id}"), "order.refund_settled", refund).await;
    }
    daemon.order("placed-5", "order.placed", json!({ "id": "5", "chat_id": "bo", "total": "10" })).await;
    daemon.order("paid-5", "order.paid", json!({ "id": "5" })).await;
    daemon.order("asked-5", "order.refund_requested", json!({ "id": "5" })).await;
    daemon.order("refused", "order.refund_refused", json!({ "id": "5", "refund": { "decided_by": "Platform" } })).await;
    for (id, scores) in
        [("1", json!({ "described": 5, "service": "4", "shipping": 2 })), ("2", json!({ "described": 4 }))]
    {
        for time in 0..2 {
            let review = json!({ "id": id, "rating": 4, "scores": scores });
            daemon.order(&format!("review-{id}-{time}"), "order.review_posted", review).await;
        }
    }
    let figures = &report(&shop, &[])["figures"];
    assert_eq!((&figures["refunds_settled"], &figures["refunds_refused"]), (&json!(4), &json!(1)));
    assert_eq!(figures["dispute_rate"], json!({ "part": 2, "of": 4, "share": 0.5 }), "one is not told of");
    assert_eq!(figures["settled_without_platform"]["part"], 2);
    let marks = |key: &str| (figures[key]["count"].as_u64().unwrap(), figures[key]["mean"].as_f64().unwrap());
    assert_eq!([marks("dsr_described"), marks("dsr_service"), marks("dsr_shipping")], [(2, 4.5), (1, 4.0), (1, 2.0)]);
}

#[tokio::test]
async fn the_console_gets_the_same_figures_over_the_admin_api() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = a_morning(&platform, &shop).await;
    let get = async |path: &str| daemon.admin(http::Method::GET, path).await;
    let told = get("/v1/report?since=1d").await.json();
    assert_eq!(told["figures"], report(&shop, &[])["figures"]);
    assert!(get("/v1/report?since=1d&by=channel&format=csv").await.text().starts_with("channel,contacts"));
    let page = get("/v1/report?format=html&language=zh").await;
    assert!(page.text().contains("回复率"));
    for wrong in ["month=13", "by=moon", "format=pdf", "since=yesterday"] {
        let answer = get(&format!("/v1/report?{wrong}")).await;
        assert_eq!(answer.status, http::StatusCode::BAD_REQUEST, "{wrong}: {}", answer.text());
    }
}

#[tokio::test]
async fn who_did_what_is_told_with_who_looked_it_up_and_nobodys_words() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.write(
        "store.toml",
        r#"
        [store]
        language = "en"
        [[team]]
        name = "service"
        channel = "shop"
        chat = "ROOM"
        [[person]]
        name = "mei"
        team = "service"
        [[person]]
        name = "boss"
        role = "operations"
        "#,
    );
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "a word of my own: xylophone").await;
    printed(&shop, &["conversation", "take", "shop", "ana", "--by", "mei"]);
    printed(&shop, &["conversation", "return", "shop", "ana", "--by", "mei"]);
    printed(&shop, &["explain", "m1"]);
    printed(&shop, &["export", "shop", "ana"]);
    let exported = printed(&shop, &["export", "shop", "ana"]);
    assert!(exported.contains("explain m1") && exported.contains("look-up"), "who looked is told to the customer");
    let told = printed(&shop, &["audit"]);
    for holds in [
        "said to be mei  take",
        "said to be mei  return",
        "look-up  customers  shop/ana",
        "look-up  explain m1  shop/ana",
    ] {
        assert!(told.contains(holds), "`{holds}` in {told}");
    }
    assert!(!told.contains("xylophone"));
    let again = printed(&shop, &["audit", "--what", "look-up"]);
    assert!(again.contains("look-up  audit") && !again.contains("mei  take"), "{again}");
    assert!(printed(&shop, &["audit", "--who", "mei", "--customer", "shop", "ana"]).lines().count() == 2);
    assert!(printed(&shop, &["audit", "--customer", "shop", "bo"]).contains("nobody"));
    for (person, status) in [("mei", http::StatusCode::FORBIDDEN), ("boss", http::StatusCode::OK)] {
        let answer = daemon.admin(http::Method::GET, &format!("/v1/audit?as={person}")).await;
        assert_eq!(answer.status, status, "{person}");
    }
    // What was looked up of a customer who is forgotten is nobody's.
    printed(&shop, &["forget", "shop", "ana"]);
    let told = printed(&shop, &["audit", "--what", "look-up", "--json"]);
    assert!(!told.contains("ana"), "{told}");
}

#[tokio::test]
async fn a_customer_is_asked_once_how_satisfied_they_are_and_it_is_a_figure() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.write(
        "store.toml",
        r#"
        [store]
        language = "en"
        [satisfaction]
        ask = true
        after = "300ms"
        [[team]]
        name = "service"
        channel = "shop"
        chat = "ROOM"
        "#,
    );
    let daemon = shop.start().await;
    for (chat, mark) in [("ana", "5"), ("bo", "1")] {
        daemon.say(&format!("hello-{chat}"), chat, "hello").await;
        for _ in 0..2 {
            printed(&shop, &["conversation", "take", "shop", chat, "--by", "service"]);
            printed(&shop, &["conversation", "return", "shop", chat]);
        }
        said(&platform, chat, "How satisfied").await;
        daemon.say(&format!("mark-{chat}"), chat, mark).await;
        said(&platform, chat, if mark == "5" { "Thank you" } else { "I am sorry" }).await;
    }
    settled(&daemon).await;
    let asked = replies(&platform.received()).iter().filter(|(_, text)| text.contains("How satisfied")).count();
    assert_eq!(asked, 2, "each once");
    let figures = &report(&shop, &[])["figures"];
    assert_eq!(figures["satisfaction"], json!({ "part": 1, "of": 2, "share": 0.5 }));
    assert_eq!(figures["satisfaction_mean"]["mean"], 3.0);
    assert_eq!(figures["satisfaction_answered"]["part"], 2);
    let tickets = daemon.admin(http::Method::GET, "/v1/tickets").await.text();
    assert!(tickets.contains("unsatisfied"), "{tickets}");
}

#[tokio::test]
async fn wordings_of_a_reminder_are_said_each_to_its_own_customers_and_compared() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform).with_plugins();
    shop.edit(
        "orders.toml",
        "[shipping-notice]",
        r#"
        [[payment-reminder.wording]]
        name = "kind"
        text = { en = "KIND {{ order.id }}", zh = "KIND {{ order.id }}" }
        [[payment-reminder.wording]]
        name = "short"
        text = { en = "SHORT {{ order.id }}", zh = "SHORT {{ order.id }}" }
        [shipping-notice]"#,
    );
    shop.edit("orders.toml", "delay = \"30m\"", "delay = \"200ms\"");
    shop.edit("orders.toml", "allowed = \"09:00-21:30\"", "allowed = \"00:00-24:00\"");
    let daemon = shop.start().await;
    for number in 0..12 {
        let order =
            json!({ "id": format!("77{number}"), "chat_id": format!("c{number}"), "total": "5", "currency": "CNY" });
        daemon.order(&format!("o{number}"), "order.placed", order).await;
    }
    let told = eventually("twelve reminders", async || {
        let told = replies(&platform.received());
        (told.len() >= 12).then_some(told)
    })
    .await;
    settled(&daemon).await;
    let kind = told.iter().filter(|(_, text)| text.starts_with("KIND")).count();
    assert!(
        kind > 0 && kind < 12 && told.iter().all(|(_, text)| text.starts_with("KIND") || text.starts_with("SHORT"))
    );
    let paid = told.iter().find(|(_, text)| text.starts_with("KIND")).unwrap().1.replace("KIND ", "");
    daemon.order("paid", "order.paid", json!({ "id": paid })).await;
    let wordings = &report(&shop, &["--by", "wording"])["by"]["wording"];
    assert_eq!((&wordings["kind"]["all"]["sent"], &wordings["kind"]["all"]["paid"]), (&json!(kind), &json!(1)));
    assert_eq!(wordings["short"]["all"]["paid"], 0);
    assert_eq!(wordings["short"]["all"]["too_few_to_tell"], true);
}

#[tokio::test]
async fn the_owner_is_told_each_weeks_figures_once_through_any_kill() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    // The moment was a minute ago, on the store's wall.
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let passed = zone.to_datetime(jiff::Timestamp::now() - jiff::SignedDuration::from_secs(60));
    let on = passed.strftime("%A %H:%M").to_string();
    shop.write(
        "store.toml",
        &format!(
            r#"
            [store]
            language = "en"
            [digest]
            to = "boss"
            on = "{on}"
            [[person]]
            name = "boss"
            channel = "shop"
            chat = "BOSS"
            "#
        ),
    );
    let count = |platform: &Platform| {
        replies(&platform.received())
            .iter()
            .filter(|(to, text)| to == "BOSS" && text.contains("week's figures"))
            .count()
    };
    let daemon = shop.start().await;
    eventually("the week's figures", async || (count(&platform) == 1).then_some(())).await;
    settled(&daemon).await;
    daemon.kill();
    let daemon = shop.start().await;
    // Whatever it would say at a start, it says before the answer to this.
    daemon.say("m1", "ana", "hello").await;
    said(&platform, "ana", "").await;
    platform.after_quiet().await;
    assert_eq!(count(&platform), 1);
}
