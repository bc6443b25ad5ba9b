//! Staff rooms with topics: Telegram's forums, in which each customer has a place of their own.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicI64, Ordering::SeqCst},
};

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use crate::harness::{
    Daemon, Shop, eventually,
    platform::{Platform, Received},
    platforms::{in_telegram_group, shop_on},
};

/// The sales team's group.
const ROOM: i64 = -1_001_234_567_890;
const MEI: i64 = 501;

/// A call that Telegram, or the shop, took.
#[derive(Clone, Debug)]
struct Call {
    method: String,
    body: Value,
    id: i64,
}

impl Call {
    fn text(&self) -> &str {
        self.body["text"].as_str().or_else(|| self.body["data"]["text"].as_str()).unwrap_or_default()
    }

    fn thread(&self) -> Option<i64> {
        self.body["message_thread_id"].as_i64()
    }
}

/// How the group is.
#[derive(Default)]
struct Group {
    calls: Mutex<Vec<Call>>,
    topics: AtomicI64,
    /// What it answers to whoever wants a topic.
    refusal: Mutex<Option<&'static str>>,
    /// Nothing can be said in it for a while.
    is_away: AtomicBool,
    /// The topic that somebody deleted.
    deleted: AtomicI64,
}

fn answer(status: u16, body: &Value) -> Response<Bytes> {
    Response::builder().status(status).header("content-type", "application/json").body(body.to_string().into()).unwrap()
}

fn bad_request(description: &str) -> Response<Bytes> {
    let description = format!("Bad Request: {description}");
    answer(400, &json!({ "ok": false, "error_code": 400, "description": description }))
}

impl Group {
    /// As the Bot API answers.
    fn take(&self, request: &Received) -> Response<Bytes> {
        let method = request.path().rsplit('/').next().unwrap_or_default().to_owned();
        // What is only asked has no body.
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let mut calls = self.calls.lock().unwrap();
        let id = 1000 + calls.len() as i64;
        let thread = body["message_thread_id"].as_i64();
        calls.push(Call { method: method.clone(), body: body.clone(), id });
        let is_here = body["chat_id"] == ROOM;
        if thread.is_some_and(|it| it == self.deleted.load(SeqCst)) {
            return bad_request("message thread not found");
        }
        match method.as_str() {
            "createForumTopic" => match *self.refusal.lock().unwrap() {
                Some(why) => bad_request(why),
                None => {
                    let number = 10 * (self.topics.fetch_add(1, SeqCst) + 1);
                    let name = &body["name"];
                    let made = json!({ "message_thread_id": number, "name": name, "icon_color": 7_322_096 });
                    answer(200, &json!({ "ok": true, "result": made }))
                }
            },
            "closeForumTopic" | "reopenForumTopic" => answer(200, &json!({ "ok": true, "result": true })),
            "sendMessage" if is_here && self.is_away.load(SeqCst) => {
                answer(502, &json!({ "ok": false, "error_code": 502, "description": "Bad Gateway" }))
            }
            _ => {
                let mut sent = json!({ "message_id": id, "date": 1, "text": body["text"],
                    "chat": { "id": body["chat_id"], "type": "supergroup", "is_forum": true } });
                if let Some(thread) = thread {
                    sent["message_thread_id"] = json!(thread);
                    sent["is_topic_message"] = json!(true);
                }
                answer(200, &json!({ "ok": true, "result": sent }))
            }
        }
    }
}

struct World {
    _platform: Platform,
    group: Arc<Group>,
    shop: Shop,
}

impl World {
    async fn new() -> Self {
        let group = Arc::new(Group::default());
        let there = group.clone();
        let platform = Platform::answering(move |request| there.take(request)).await;
        let shop = shop_on(&["tg", "shop"], &platform);
        shop.write("hours.toml", "timezone = \"Asia/Shanghai\"\n[[shift]]\nfrom = \"00:00\"\nuntil = \"24:00\"\n");
        shop.write(
            "store.toml",
            &format!(
                "[store]\nname = \"Night Tea House\"\nlanguage = \"en\"\n[limits]\nreplies = 0\n[routing]\nperson = \"sales\"\n\
                 [morning]\nenabled = false\n[[team]]\nname = \"sales\"\ntitle = {{ en = \"our sales team\" }}\nchannel = \"tg\"\n\
                 chat = \"{ROOM}\"\ntopics = true\n[[person]]\nname = \"mei\"\ntitle = {{ en = \"Mei\" }}\nteam = \"sales\"\n\
                 channel = \"tg\"\naccount = \"{MEI}\"\n"
            ),
        );
        Self { _platform: platform, group, shop }
    }

    fn calls(&self, method: &str) -> Vec<Call> {
        self.group.calls.lock().unwrap().iter().filter(|it| it.method == method).cloned().collect()
    }

    /// Waits until something that `holds` was said, in the group or to a customer of the shop.
    async fn said(&self, holds: &str) -> Call {
        eventually(holds, async || {
            let calls = self.group.calls.lock().unwrap().clone();
            calls.into_iter().rev().find(|it| it.text().contains(holds))
        })
        .await
    }

    async fn called(&self, method: &str, times: usize) -> Call {
        let what = format!("{times} times {method}");
        eventually(&what, async || self.calls(method).into_iter().nth(times - 1)).await
    }

    async fn asks_for_a_person(&self, daemon: &Daemon, chat: &str, round: u32) {
        daemon.say(&format!("{chat}-{round}"), chat, "I want to talk to a person").await;
    }
}

/// Mei writes in a topic, quoting nothing: what Telegram says such a message answers is the topic's beginning.
async fn write(daemon: &Daemon, update: i64, topic: i64, text: &str) {
    let begun = json!({
        "message_id": topic, "message_thread_id": topic, "date": 1, "chat": { "id": ROOM, "type": "supergroup" },
        "from": { "id": 42, "is_bot": true, "first_name": "clerk" }, "is_topic_message": true,
        "forum_topic_created": { "name": "a customer", "icon_color": 7_322_096 },
    });
    let message = json!({
        "from": { "id": MEI, "is_bot": false, "first_name": "Mei" }, "text": text, "message_thread_id": topic,
        "is_topic_message": true, "reply_to_message": begun,
    });
    let mut update = in_telegram_group(update, ROOM, message);
    update["message"]["chat"]["is_forum"] = json!(true);
    assert!(daemon.telegram(update).await.status.is_success());
}

#[tokio::test]
async fn each_customer_has_one_topic_in_which_they_are_spoken_of_and_answered() {
    let world = World::new().await;
    let daemon = world.shop.start().await;
    world.asks_for_a_person(&daemon, "ana", 1).await;
    let made = world.called("createForumTopic", 1).await;
    assert_eq!((&made.body["chat_id"], made.body["name"].as_str()), (&json!(ROOM), Some("Ana · shop")));
    let card = world.said("shop ana").await;
    assert_eq!((card.thread(), &card.body["chat_id"]), (Some(10), &json!(ROOM)));
    assert!(card.body["reply_markup"]["inline_keyboard"].is_array(), "{card:?}");
    // What is written in the topic is for its customer, and what they answer comes there.
    write(&daemon, 1, 10, "Good evening, Ana").await;
    write(&daemon, 1, 10, "Good evening, Ana").await;
    assert_eq!(world.said("Good evening, Ana").await.body["data"]["chat_id"], "ana");
    daemon.say("ana-2", "ana", "do you ship abroad?").await;
    assert_eq!(world.said("Ana: do you ship abroad?").await.thread(), Some(10));
    // Another has another.
    world.asks_for_a_person(&daemon, "bob", 1).await;
    world.called("createForumTopic", 2).await;
    assert_eq!(world.said("shop bob").await.thread(), Some(20));
    write(&daemon, 2, 20, "Hello Bob").await;
    assert_eq!(world.said("Hello Bob").await.body["data"]["chat_id"], "bob");
    // It is closed with the conversation, and the same is opened again.
    write(&daemon, 3, 10, "/close").await;
    let closed = world.called("closeForumTopic", 1).await;
    assert_eq!((&closed.body["chat_id"], closed.thread()), (&json!(ROOM), Some(10)));
    world.asks_for_a_person(&daemon, "ana", 3).await;
    assert_eq!(world.called("reopenForumTopic", 1).await.thread(), Some(10));
    eventually("a second card", async || {
        let cards = world.calls("sendMessage").into_iter().filter(|it| it.text().contains("shop ana"));
        (cards.filter(|it| it.thread() == Some(10)).count() == 2).then_some(())
    })
    .await;
    assert_eq!(world.calls("createForumTopic").len(), 2);
    let greeted = world.group.calls.lock().unwrap().iter().filter(|it| it.text() == "Good evening, Ana").count();
    assert_eq!(greeted, 1);
}

#[tokio::test]
async fn where_no_topic_is_to_be_had_cards_stand_in_the_group_and_the_owner_is_told_why() {
    for why in ["the chat is not a forum", "not enough rights to create a topic"] {
        let world = World::new().await;
        *world.group.refusal.lock().unwrap() = Some(why);
        let daemon = world.shop.start().await;
        world.asks_for_a_person(&daemon, "ana", 1).await;
        let card = world.said("shop ana").await;
        assert_eq!((card.thread(), &card.body["chat_id"]), (None, &json!(ROOM)));
        assert!(card.body["reply_markup"]["inline_keyboard"].is_array(), "{card:?}");
        world.shop.logged("a staff room has no topics").await;
        // It is quoted as where nobody asked for topics.
        let quoted = json!({ "message_id": card.id, "chat": { "id": ROOM }, "date": 1 });
        let from = json!({ "id": MEI, "is_bot": false, "first_name": "Mei" });
        let answers = json!({ "from": from, "text": "Good evening, Ana", "reply_to_message": quoted });
        daemon.telegram(in_telegram_group(1, ROOM, answers)).await;
        assert_eq!(world.said("Good evening, Ana").await.body["data"]["chat_id"], "ana");
        // With topics switched on, the next word stands in one.
        *world.group.refusal.lock().unwrap() = None;
        daemon.say("ana-2", "ana", "do you ship abroad?").await;
        assert_eq!(world.said("Ana: do you ship abroad?").await.thread(), Some(10));
    }
}

#[tokio::test]
async fn a_topic_that_was_begun_is_not_begun_again_though_the_clerk_is_killed_before_its_first_card() {
    let world = World::new().await;
    world.group.is_away.store(true, SeqCst);
    let daemon = world.shop.start().await;
    world.asks_for_a_person(&daemon, "ana", 1).await;
    // The card was tried: by then the topic's number is on disk.
    eventually("the card is tried", async || world.calls("sendMessage").into_iter().find(|it| it.thread() == Some(10)))
        .await;
    daemon.kill();
    world.group.is_away.store(false, SeqCst);
    let daemon = world.shop.start().await;
    write(&daemon, 1, 10, "Good evening, Ana").await;
    assert_eq!(world.said("Good evening, Ana").await.body["data"]["chat_id"], "ana");
    daemon.say("ana-2", "ana", "do you ship abroad?").await;
    assert_eq!(world.said("Ana: do you ship abroad?").await.thread(), Some(10));
    assert_eq!(world.calls("createForumTopic").len(), 1);
}

#[tokio::test]
async fn a_topic_that_somebody_deleted_is_begun_anew() {
    let world = World::new().await;
    let daemon = world.shop.start().await;
    world.asks_for_a_person(&daemon, "ana", 1).await;
    assert_eq!(world.said("shop ana").await.thread(), Some(10));
    world.group.deleted.store(10, SeqCst);
    daemon.say("ana-2", "ana", "are you there?").await;
    eventually("it is said in another", async || {
        world
            .calls("sendMessage")
            .into_iter()
            .find(|it| it.text().contains("are you there?") && it.thread() == Some(20))
    })
    .await;
    write(&daemon, 1, 20, "Good evening, Ana").await;
    assert_eq!(world.said("Good evening, Ana").await.body["data"]["chat_id"], "ana");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_where_topics_are_missing_and_check_where_there_are_none() {
    let world = World::new().await;
    let output = world.shop.run(&["doctor"]);
    let words = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    for finding in ["has no topics", "may not manage topics"] {
        assert!(words.contains(finding), "{finding}: {words}");
    }
    world.shop.edit("store.toml", "channel = \"tg\"\nchat", "channel = \"shop\"\nchat");
    let output = world.shop.run(&["check"]);
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && words.contains("the channel `shop` has no topics"), "{words}");
}
