//! Tickets: what the clerk promises of what waits for a person, on the running daemon.

use crate::harness::{
    Daemon, Shop, eventually,
    generic::{replies, shop_talking_to},
    platform::Platform,
};
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// A store that never closes, with one team, and targets of its own.
fn staffed_shop(platform: &Platform, targets: &str) -> Shop {
    let shop = shop_talking_to(platform);
    shop.write("hours.toml", "timezone = \"UTC\"\n[[shift]]\nfrom = \"00:00\"\nuntil = \"24:00\"\n");
    shop.write("orders.toml", "[notices]\nallowed = \"00:00-24:00\"\n");
    shop.write(
        "store.toml",
        &format!(
            "[store]\nname = \"Night Tea House\"\nlanguage = \"en\"\n[morning]\nenabled = false\n[tickets]\n{targets}\n\
             [[team]]\nname = \"service\"\nchannel = \"shop\"\nchat = \"TEAM\"\n"
        ),
    );
    shop
}

async fn tickets(daemon: &Daemon) -> Vec<Value> {
    let answer = daemon.admin(Method::GET, "/v1/tickets").await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.json().as_array().unwrap().clone()
}

async fn of_customer(daemon: &Daemon, chat: &str) -> Value {
    daemon.admin(Method::GET, &format!("/v1/customers/shop/{chat}")).await.json()
}

fn printed(shop: &Shop, arguments: &[&str]) -> String {
    let output = shop.run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What was said in a chat that holds this, each message once however often it was tried.
fn said(platform: &Platform, chat: &str, holds: &str) -> usize {
    let received = platform.received();
    let all = replies(&received).into_iter().zip(&received);
    let ids: std::collections::BTreeSet<_> = all
        .filter(|((to, text), _)| to == chat && text.contains(holds))
        .map(|(_, request)| request.header("webhook-id").to_owned())
        .collect();
    ids.len()
}

#[tokio::test]
async fn the_same_thing_said_twice_by_one_person_is_one_ticket_whose_end_they_hear_of_once() {
    let platform = Platform::start().await;
    let shop = staffed_shop(&platform, "");
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "hello").await;
    daemon.say("m2", "ana-2", "hello").await;
    for (event, order, chat) in [("e1", "A1", "ana"), ("e2", "A2", "ana-2")] {
        let order = json!({ "id": order, "chat_id": chat, "total": "9.00", "currency": "CNY",
            "customer": { "email": "ana@example.com" } });
        daemon.order(event, "order.paid", order).await;
    }
    daemon.say("m3", "ana", "I want to complain about the service, it is terrible").await;
    daemon.say("m4", "ana-2", "I want to complain about the service, it is terrible").await;
    let open = tickets(&daemon).await;
    let complaints: Vec<_> = open.iter().filter(|it| it["kind"] == "complaint").collect();
    let [complaint] = complaints.as_slice() else { panic!("{open:#?}") };
    assert_eq!(complaint["also"], json!([{ "channel": "shop", "chat": "ana-2" }]));
    let evidence: Vec<_> = complaint["evidence"].as_array().unwrap().iter().map(|it| it["event"].clone()).collect();
    assert_eq!(evidence, ["m3", "m4"], "where it was said, and not the words once more");
    assert_eq!(complaint["text"].as_str().unwrap().lines().count(), 1);
    assert!(complaint["due_ms"].as_i64().unwrap() > complaint["opened_ms"].as_i64().unwrap());
    // A picture is kept by reference.
    let picture = json!({ "id": "m5", "chat_id": "ana", "sender": { "id": "ana", "name": "Ana" },
        "text": "I want to complain about the service, it is terrible",
        "media": [{ "kind": "image", "reference": "https://pictures.example/1.jpg" }] });
    daemon.webhook("m5", "message.received", picture).await.unwrap();
    // Who wants no unasked messages hears the end of what they asked all the same.
    daemon.say("m6", "ana", "STOP").await;
    let id = complaint["id"].as_str().unwrap();
    assert!(printed(&shop, &["tickets", "close", id]).contains("closed"));
    eventually("the end is told", async || (said(&platform, "ana", "is taken care of") == 1).then_some(())).await;
    for chat in ["ana", "ana-2"] {
        let kept = of_customer(&daemon, chat).await;
        let left = kept["conversation"]["tickets"].as_array().unwrap();
        assert!(left.iter().all(|it| it["id"] != id), "{left:?}");
    }
    assert!(!shop.run(&["tickets", "close", id]).status.success(), "it is closed");
    platform.after_quiet().await;
    assert_eq!((said(&platform, "ana", "is taken care of"), said(&platform, "ana-2", "is taken care of")), (1, 0));
    let register: Value = serde_json::from_str(&printed(&shop, &["tickets", "--register", "--json"])).unwrap();
    let row = register["kinds"].as_array().unwrap().iter().find(|it| it["kind"] == "complaint").unwrap();
    assert_eq!((row["opened"].as_u64(), row["done"].as_u64(), row["open"].as_u64()), (Some(1), Some(1), Some(0)));
    assert!(row["median_ms"].as_i64().is_some());
    let csv = printed(&shop, &["tickets", "--register", "--csv"]);
    assert!(csv.contains(",\"complaint\",1,1,0,0,0,"), "{csv}");
    assert_eq!(printed(&shop, &["tickets", "--register", "--month", "2020-01"]), "2020-01: no tickets\n");
    assert!(!shop.run(&["tickets", "--register", "--month", "November"]).status.success());
}

#[tokio::test]
async fn refunds_of_two_orders_are_two_tickets_and_each_is_closed_by_its_own() {
    let platform = Platform::start().await;
    let shop = staffed_shop(&platform, "");
    let daemon = shop.start().await;
    let order = |id: &str| json!({ "id": id, "chat_id": "ana", "total": "9.00", "currency": "CNY" });
    for id in ["A1", "A2"] {
        daemon.order(&format!("{id}-1"), "order.paid", order(id)).await;
        daemon.order(&format!("{id}-2"), "order.refund_requested", order(id)).await;
    }
    let open = tickets(&daemon).await;
    let about =
        |open: &[Value]| open.iter().map(|it| it["order"]["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(about(&open), ["A1", "A2"]);
    daemon.order("A1-3", "order.refund_settled", order("A1")).await;
    assert_eq!(about(&tickets(&daemon).await), ["A2"]);
}

#[tokio::test]
async fn whoever_a_ticket_waits_for_hears_once_that_its_target_is_missed_though_the_clerk_is_killed() {
    let platform = Platform::start().await;
    let shop = staffed_shop(&platform, "refund = \"2s\"");
    let mut daemon = shop.start().await;
    let order = |id: &str| json!({ "id": id, "chat_id": id, "total": "9.00", "currency": "CNY" });
    for id in ["late", "held", "done"] {
        daemon.order(&format!("{id}-1"), "order.refund_requested", order(id)).await;
    }
    let open = tickets(&daemon).await;
    let id_of =
        |chat: &str| open.iter().find(|it| it["address"]["chat"] == chat).unwrap()["id"].as_str().unwrap().to_owned();
    printed(&shop, &["tickets", "hold", &id_of("held")]);
    printed(&shop, &["tickets", "drop", &id_of("done")]);
    for _ in 0..4 {
        daemon.kill();
        daemon = shop.start().await;
    }
    eventually("the escalation", async || (said(&platform, "TEAM", "[Overdue]") > 0).then_some(())).await;
    daemon.kill();
    daemon = shop.start().await;
    platform.after_quiet().await;
    assert_eq!(said(&platform, "TEAM", "[Overdue]"), 1);
    assert_eq!(said(&platform, "TEAM", &id_of("late")), 1);
    let left = tickets(&daemon).await;
    assert_eq!(left.len(), 2);
    assert_eq!((left[0]["id"].as_str(), left[0]["urgency"].as_str()), (Some(id_of("late").as_str()), Some("urgent")));
    assert_eq!(left[1]["state"], "waiting");
    assert_eq!(said(&platform, "done", "is taken care of"), 0, "there was nothing to do, and nothing to tell");
    assert!(printed(&shop, &["tickets"]).contains("overdue"));
}

#[tokio::test]
async fn the_same_wrong_of_two_orders_is_two_tickets_and_people_hear_of_each() {
    let platform = Platform::start().await;
    let shop = staffed_shop(&platform, "");
    let daemon = shop.start().await;
    for (id, chat) in [("A1001", "ana"), ("A1002", "ana"), ("A1003", "ana-2")] {
        let customer = json!({ "email": "ana@example.com" });
        let order = json!({ "id": id, "chat_id": chat, "customer": customer, "total": "9.00", "currency": "CNY" });
        daemon.order(&format!("{id}-1"), "order.paid", order.clone()).await;
        daemon.order(&format!("{id}-2"), "order.delivered", order).await;
    }
    daemon.say("m1", "ana", "the cup of order A1001 arrived damaged").await;
    daemon.say("m2", "ana", "the cup is damaged!!").await;
    daemon.say("m3", "ana-2", "hello, the cup of A1001 is damaged").await;
    let open = tickets(&daemon).await;
    assert_eq!(open.len(), 1, "of one order, wherever it is said: {open:?}");
    daemon.say("m4", "ana", "the teapot of order A1002 is damaged as well").await;
    let open = tickets(&daemon).await;
    let mut orders: Vec<_> = open.iter().filter_map(|it| it["order"]["id"].as_str()).collect();
    orders.sort_unstable();
    assert_eq!((open.len(), orders), (2, vec!["A1001", "A1002"]), "{open:?}");
    let of = |id: &str| open.iter().find(|it| it["order"]["id"] == id).unwrap();
    assert!(!of("A1001")["text"].as_str().unwrap().contains("teapot"));
    platform.after_quiet().await;
    assert_eq!((said(&platform, "TEAM", "the cup of order A1001"), said(&platform, "TEAM", "the teapot")), (1, 1));
    printed(&shop, &["tickets", "close", of("A1001")["id"].as_str().unwrap()]);
    let left = tickets(&daemon).await;
    assert!(left.len() == 1 && left[0]["order"]["id"] == "A1002", "{left:?}");
}

#[tokio::test]
async fn who_says_that_it_is_not_done_after_all_has_the_same_ticket_open_again_and_hears_of_its_end_once_more() {
    let platform = Platform::start().await;
    let shop = staffed_shop(&platform, "");
    let daemon = shop.start().await;
    for (chat, answer) in [("ana", "it is still not solved"), ("bo", "不满意"), ("cy", "No."), ("dee", "没好")] {
        daemon.say(&format!("{chat}-1"), chat, "hello").await;
        daemon.say(&format!("{chat}-2"), chat, "the cup arrived damaged").await;
        let id = tickets(&daemon).await[0]["id"].as_str().unwrap().to_owned();
        printed(&shop, &["tickets", "close", &id]);
        assert!(tickets(&daemon).await.is_empty());
        daemon.say(&format!("{chat}-3"), chat, answer).await;
        let open = tickets(&daemon).await;
        assert_eq!((open.len(), open[0]["id"].as_str(), open[0]["urgency"].as_str()), (1, Some(&*id), Some("urgent")));
        assert!(open[0]["text"].as_str().unwrap().ends_with(&format!("\n{answer}")), "{open:?}");
        assert_eq!(open[0]["state"], "open");
        platform.after_quiet().await;
        assert_eq!(said(&platform, "TEAM", answer), 1, "people hear of it");
        printed(&shop, &["tickets", "close", &id]);
        platform.after_quiet().await;
        let told = said(&platform, chat, "is taken care of") + said(&platform, chat, "处理好了");
        assert_eq!(told, 2, "{chat}");
        // Thanks are thanks.
        daemon.say(&format!("{chat}-4"), chat, "thank you!").await;
        assert!(tickets(&daemon).await.is_empty());
    }
}
