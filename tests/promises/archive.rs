//! What a store owner may rely on about what is kept: it can be handed over, forgotten, copied and put back, from the
//! command line, while the clerk works.

use std::sync::Arc;

use crate::harness::{
    Shop,
    generic::{message, replies, shop_talking_to},
    platform::Platform,
};
use serde_json::{Value, json};

fn said(shop: &Shop, arguments: &[&str]) -> String {
    let output = shop.run(arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn on_disk(shop: &Shop, words: &str) -> bool {
    let files = std::fs::read_dir(shop.data()).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.is_file())
        .any(|path| std::fs::read(path).unwrap().windows(words.len()).any(|window| window == words.as_bytes()))
}

#[tokio::test]
async fn a_customer_is_exported_and_forgotten_to_the_last_byte_while_others_are_served() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    for number in 0..40 {
        daemon.say(&format!("a{number}"), "ana", &format!("my secret is XYZZYPLUGH {number}")).await;
        daemon.say(&format!("b{number}"), "ben", "do you ship abroad?").await;
    }
    let order =
        json!({ "id": "A1", "chat_id": "ana", "customer": { "name": "XYZZYPLUGH" }, "total": "1", "currency": "CNY" });
    daemon.order("o1", "order.placed", order).await;
    platform.after_quiet().await;
    assert!(on_disk(&shop, "XYZZYPLUGH"));

    let export: Value = serde_json::from_str(&said(&shop, &["export", "shop", "ana"])).unwrap();
    assert_eq!(export["events"].as_array().unwrap().len(), 41);
    assert_eq!(export["orders"][0]["id"], "A1");
    assert!(!export.to_string().contains("ship abroad"), "it holds nothing of another customer");

    let told = said(&shop, &["forget", "shop", "ana"]);
    assert!(told.contains("41 events") && told.contains("1 orders"), "{told}");
    assert!(!on_disk(&shop, "XYZZYPLUGH"), "their words are still on the disk");
    let nothing = shop.run(&["export", "shop", "ana"]);
    assert!(!nothing.status.success(), "{nothing:?}");

    // The clerk meets them anew, and goes on with the others.
    daemon.say("a-again", "ana", "hello").await;
    daemon.say("b-again", "ben", "hello").await;
    let answered = replies(&platform.after_quiet().await);
    assert!(answered.iter().rev().take(4).any(|(chat, _)| chat == "ana"), "{answered:?}");
    let export: Value = serde_json::from_str(&said(&shop, &["export", "shop", "ana"])).unwrap();
    assert_eq!(export["conversation"]["received"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_holds_all_that_was_acknowledged_and_is_put_back_whole() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = Arc::new(shop.start().await);
    for number in 0..200 {
        daemon.say(&format!("before{number}"), &format!("c{number}"), "hello").await;
    }
    let (sender, stop) = (daemon.clone(), Arc::new(tokio::sync::Notify::new()));
    let stopped = stop.clone();
    let load = tokio::spawn(async move {
        let mut number = 0;
        let mut done = std::pin::pin!(stopped.notified());
        loop {
            let id = format!("during{number}");
            tokio::select! {
                () = &mut done => return number,
                answer = sender.webhook(&id, "message.received", message(&id, &id, "hello")) => {
                    assert!(answer.unwrap().status.is_success());
                    number += 1;
                }
            }
        }
    });
    let backup = shop.data().join("../backup.sqlite");
    let file = backup.to_str().unwrap();
    let told = tokio::task::block_in_place(|| said(&shop, &["backup", file]));
    assert!(told.contains("backup.sqlite"), "{told}");
    let refused = shop.run(&["restore", file]);
    assert!(!refused.status.success(), "a store in use must not be replaced");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("in use"), "{refused:?}");
    stop.notify_one();
    assert!(load.await.unwrap() > 0, "there was no load");
    Arc::into_inner(daemon).unwrap().kill();

    std::fs::remove_file(shop.data().join("nightclerk.sqlite")).unwrap();
    let _ = std::fs::remove_file(shop.data().join("nightclerk.sqlite-wal"));
    let _ = std::fs::remove_file(shop.data().join("nightclerk.sqlite-shm"));
    said(&shop, &["restore", file]);
    let daemon = shop.start().await;
    for number in 0..200 {
        let answer = daemon.admin(http::Method::GET, &format!("/v1/explain/before{number}")).await;
        assert!(answer.status.is_success(), "before{number} was acknowledged before the backup and is not in it");
    }
    daemon.say("after", "c7", "hello").await;
}

#[tokio::test]
async fn tickets_are_listed_the_most_urgent_first_until_they_are_closed() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    let placed = |id: &str, chat: &str| json!({ "id": id, "chat_id": chat, "total": "1", "currency": "CNY" });
    for (id, chat) in [("A1", "ana"), ("B1", "ben")] {
        daemon.order(&format!("placed-{id}"), "order.paid", placed(id, chat)).await;
    }
    daemon.order("e1", "order.refund_requested", placed("A1", "ana")).await;
    let mut review = placed("B1", "ben");
    review["rating"] = json!(1);
    review["text"] = json!("cold tea");
    daemon.order("e2", "order.review_posted", review).await;
    let listed = said(&shop, &["tickets"]);
    let place = |words: &str| listed.find(words).unwrap_or_else(|| panic!("no {words} in {listed}"));
    assert!(place("bad-review") < place("refund"), "{listed}");
    assert!(listed.contains("order B1: cold tea"), "{listed}");
    daemon.order("e3", "order.refund_settled", placed("A1", "ana")).await;
    let listed = said(&shop, &["tickets"]);
    assert!(!listed.contains("refund") && listed.contains("bad-review"), "{listed}");
}
