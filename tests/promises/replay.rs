//! What an owner may rely on who decides the last night again.

use std::{
    fs,
    process::Output,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::harness::{
    Daemon, Shop, eventually,
    generic::{self, replies, shop_talking_to},
    platform::Platform,
};
use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn said(output: &Output) -> String {
    format!("{}{}", out(output), String::from_utf8_lossy(&output.stderr))
}

/// Counts its customers, forgets that soon, keeps timers of its own, and asks outside.
const SCRIPT: &str = r#"
export async function message(context, message) {
    const count = (clerk.kv.get("count") ?? 0) + 1
    clerk.kv.set("count", count)
    clerk.kv.set("last", message.text, { expiresMs: context.nowMs + 1 })
    if (message.text.startsWith("rate")) {
        const found = await clerk.http("http://OUTSIDE/rates")
        return `${found.status}: ${found.body}, customer ${clerk.kv.get("count")}`
    }
    if (message.text.startsWith("later")) return { setTimer: { key: "later", dueMs: context.nowMs + 300 } }
    if (message.text.startsWith("how many")) return `${count} so far, ${clerk.kv.keys("").length} keys`
}

export const timer = () => "here I am again"
"#;

async fn until_told(platform: &Platform, chat: &str, words: &str) {
    eventually(words, async || {
        replies(&platform.received()).iter().any(|(to, text)| to == chat && text.contains(words)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_changed_a_day_of_plugins_answers_timers_and_restarts_comes_out_the_same() {
    let platform = Platform::start().await;
    let asked = std::sync::Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let outside = Platform::answering(move |_| {
        // Each time another answer: only what was written down can be the same again.
        Response::new(Bytes::from(format!("rate {}", count.fetch_add(1, Ordering::Relaxed))))
    })
    .await;
    let shop = shop_talking_to(&platform).with_plugins();
    let place = outside.url().replace("http://", "");
    fs::write(shop.plugins().join("counting.js"), SCRIPT.replace("OUTSIDE", &place)).unwrap();
    let grants = format!("\n[counting]\ngrants = [\"reply\", \"kv\", \"timer\", \"http:{place}\"]\n");
    let entries = fs::read_to_string(shop.config().join("plugins.toml")).unwrap();
    shop.write("plugins.toml", &(entries + &grants));
    shop.edit("orders.toml", "delay = \"30m\"", "delay = \"200ms\"");
    shop.edit("orders.toml", "allowed = \"09:00-21:30\"", "allowed = \"00:00-24:00\"");

    let daemon = shop.start().await;
    daemon.until_active("counting").await;
    for number in 0..30 {
        let chat = format!("c{}", number % 5);
        let text = ["hello", "我要退货", "how many?", "rate please", "where is my order 1001?", "the cup is broken"]
            [number % 6];
        daemon.say(&format!("m{number}"), &chat, text).await;
        if number % 7 == 0 {
            let order = json!({ "id": format!("10{number:02}"), "chat_id": chat, "total": "9.00", "currency": "CNY" });
            daemon.order(&format!("o{number}"), "order.placed", order).await;
        }
    }
    daemon.say("later", "c0", "later please").await;
    until_told(&platform, "c0", "here I am again").await;
    until_told(&platform, "c0", "1000").await;
    // A question is open when the clerk dies.
    daemon.say("open", "c1", "rate at last").await;
    daemon.kill();
    let daemon = shop.start().await;
    daemon.until_active("counting").await;
    for number in 30..40 {
        daemon.say(&format!("m{number}"), &format!("c{}", number % 5), "how many?").await;
    }
    daemon.order("p0", "order.paid", json!({ "id": "1000", "chat_id": "c0" })).await;
    until_told(&platform, "c1", "so far").await;
    settled(&daemon).await;

    let asked_before = asked.load(Ordering::Relaxed);
    let told_before = platform.received().len();
    let replayed = shop.run(&["replay", "--since", "1d"]);
    assert!(replayed.status.success(), "{}", said(&replayed));
    assert!(out(&replayed).contains(" otherwise\n") && out(&replayed).contains(", 0 otherwise"), "{}", out(&replayed));
    let events: usize = out(&replayed).split(' ').next().unwrap().parse().unwrap();
    assert!(events >= 50, "messages, orders and timers: {events}");
    assert_eq!(asked.load(Ordering::Relaxed), asked_before, "nobody is asked");
    assert_eq!(platform.received().len(), told_before, "nobody is told");

    // A backup does as well, and a changed script shows.
    let backup = shop.data().join("../backup.sqlite");
    assert!(shop.run(&["backup", backup.to_str().unwrap()]).status.success());
    daemon.terminate();
    let replayed = shop.run(&["replay", "--data", backup.to_str().unwrap()]);
    assert!(replayed.status.success(), "{}", said(&replayed));
    let plugins = shop.data().join("../plugins.new");
    fs::create_dir(&plugins).unwrap();
    fs::write(plugins.join("counting.js"), SCRIPT.replace("OUTSIDE", &place).replace("so far,", "until now,")).unwrap();
    let replayed = shop.run(&["replay", "--plugins", plugins.to_str().unwrap()]);
    assert_eq!(replayed.status.code(), Some(1), "{}", said(&replayed));
    let told = out(&replayed);
    assert!(told.contains("15: customers would be told other words"), "{told}");
    assert!(told.contains("15 × plugin:counting → plugin:counting"), "{told}");
    assert!(told.contains(" so far, ") && told.contains(" until now, "), "{told}");
}

/// Nothing is on its way, so that the log holds all of it.
async fn settled(daemon: &Daemon) {
    eventually("all is said", async || {
        let status: Value = daemon.status().await;
        status["mail"].as_array().unwrap().iter().all(|it| it["waiting"] == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_configuration_shows_by_kind_what_customers_would_have_been_told() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    for number in 0..6 {
        daemon.say(&format!("r{number}"), &format!("c{number}"), "我要退货").await;
        daemon.say(&format!("t{number}"), &format!("c{number}"), "多久能发货？").await;
    }
    settled(&daemon).await;
    let new = Shop::new();
    new.write("channels.toml", &generic::channel(&platform.url()));
    new.edit("rules.toml", "收到 7 天内都可以退换", "收到 30 天内都可以退换");
    let page = shop.data().join("../page.html");
    let data = shop.data();
    let replayed = new.run(&["replay", "--data", data.to_str().unwrap(), "--html", page.to_str().unwrap()]);
    assert_eq!(replayed.status.code(), Some(1), "{}", said(&replayed));
    let told = out(&replayed);
    assert!(told.contains("12 events of the last 12h decided again, 6 otherwise"), "{told}");
    assert!(told.contains("6: customers would be told other words"), "{told}");
    assert!(told.contains("6 × rule:returns → rule:returns") && told.contains("and 3 more"), "{told}");
    assert!(told.contains("“我要退货”") && told.contains("30 天"), "{told}");
    assert!(!told.contains('\u{1b}'), "no colours where no terminal shows them");
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("6 × rule:returns → rule:returns") && page.contains("30 天") && !page.contains("<script"));
    assert!(new.run(&["replay", "--data", "nowhere.sqlite"]).status.code() == Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_conversation_becomes_a_scenario_in_which_nothing_tells_of_a_person() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    daemon.say("m1", "chat-77", "我要退货").await;
    let placed = json!({
        "id": "TX-2026-88123", "chat_id": "chat-77", "total": "99.00", "currency": "CNY",
        "customer": { "id": "chat-77", "name": "欧阳娜娜", "phone": "13911112222" },
    });
    daemon.order("o1", "order.paid", placed).await;
    daemon.say("m2", "chat-77", "我叫欧阳娜娜，订单 TX-2026-88123 到哪了？电话13911112222").await;
    daemon.say("m3", "chat-77", "地址改成杭州市西湖区文三路478号，邮箱 nana@mail.example.org").await;
    settled(&daemon).await;
    let recorded = shop.run(&["test", "--record", "shop/chat-77"]);
    assert!(recorded.status.success(), "{}", said(&recorded));
    let text = out(&recorded);
    for secret in ["欧阳", "娜娜", "88123", "1391", "2222", "文三路", "西湖", "nana", "chat-77"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    for kept in
        ["says = \"我要退货\"", "by = \"rule:returns\"", "is = \"paid\"", "99.00", "ticket = \"returns\"", "到哪了"]
    {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    fs::create_dir(shop.config().join("tests")).unwrap();
    shop.write("tests/recorded.toml", &text);
    let tested = shop.run(&["test"]);
    assert!(tested.status.success(), "{}\n{text}", said(&tested));
    let nobody = shop.run(&["test", "--record", "shop/nobody"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(said(&nobody).contains("there is no conversation `shop/nobody`"), "{}", said(&nobody));
}
