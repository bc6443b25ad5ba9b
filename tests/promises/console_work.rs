//! What colleagues do from the pages of the console: conversations, undelivered messages; and that nobody does more than
//! their role allows.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::harness::{
    Daemon, Shop,
    desk::{Colleague, staff},
    eventually,
    generic::{replies, shop_talking_to},
    platform::{Platform, json},
};
use http::{Method, StatusCode};
use serde_json::{Value, json};

const ANA: &str = "/console/conversations/shop/ana";

async fn staffed() -> (Shop, Daemon, Platform) {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    staff(&shop);
    shop.write("phrases.toml", "[quick.hours]\nen = \"We are here from 9 to 18.\"\nzh = \"我们 9 点到 18 点在线。\"\n");
    let daemon = shop.start().await;
    (shop, daemon, platform)
}

async fn said_to(platform: &Platform, chat: &str, words: &str) -> usize {
    // What is told of an order's remark has no words of its own.
    let received: Vec<_> = platform.received().into_iter().filter(|it| it.json()["data"]["text"].is_string()).collect();
    replies(&received).into_iter().filter(|(to, text)| to == chat && text.contains(words)).count()
}

async fn is_said(platform: &Platform, chat: &str, words: &str) {
    eventually(words, async || (said_to(platform, chat, words).await > 0).then_some(())).await;
}

/// Nothing waits to be sent any more.
async fn all_is_sent(daemon: &Daemon) {
    let waiting = async || daemon.admin(Method::GET, "/v1/outbox/waiting").await.text();
    eventually("all is sent", async || (waiting().await == "[]").then_some(())).await;
}

async fn placed(daemon: &Daemon, id: &str, chat: &str) {
    let order = json!({ "id": id, "chat_id": chat, "total": "89.00", "currency": "CNY" });
    daemon.order(&format!("placed-{id}"), "order.placed", order).await;
}

#[tokio::test]
async fn a_conversation_is_transferred_with_its_note_and_the_others_read_it() {
    let (shop, daemon, platform) = staffed().await;
    daemon.say("m1", "ana", "hello").await;
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    mei.submit(&daemon, &format!("{ANA}/take"), &[]).await;
    let transfer = format!("{ANA}/transfer");
    let nobody = mei.submit(&daemon, &transfer, &[("to", "nobody"), ("note", "x")]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", nobody.text());
    assert!(mei.get(&daemon, ANA).await.text().contains("badge mine"), "it is hers still");
    let fields = [("to", "warehouse"), ("note", "wants two boxes, not one")];
    let done = mei.submit(&daemon, &transfer, &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    is_said(&platform, "WAREHOUSE", "wants two boxes, not one").await;
    let page = mei.get(&daemon, ANA).await.text();
    assert!(page.contains("Mei transferred it to the warehouse: wants two boxes, not one"), "{page}");
    assert!(page.contains("Waits for the warehouse"), "{page}");
    all_is_sent(&daemon).await;
    assert_eq!(said_to(&platform, "ana", "two boxes").await, 0, "a note is for colleagues");
}

#[tokio::test]
async fn who_transfers_to_somebody_who_is_not_there_reads_so_and_keeps_the_conversation() {
    let (shop, daemon, _platform) = staffed().await;
    // Whatever the day is, the warehouse works on another.
    let today = jiff::Timestamp::now().in_tz("Asia/Shanghai").unwrap().date();
    let other = today.checked_add(jiff::Span::new().days(3)).unwrap().strftime("%a").to_string().to_lowercase();
    shop.write(
        "hours.toml",
        &format!(
            "timezone = \"Asia/Shanghai\"\n[[shift]]\nteam = \"sales\"\nfrom = \"00:00\"\nuntil = \"24:00\"\n\
             [[shift]]\nteam = \"warehouse\"\ndays = [\"{other}\"]\nfrom = \"00:00\"\nuntil = \"24:00\"\n"
        ),
    );
    let reloaded = shop.run(&["reload"]);
    assert!(reloaded.status.success(), "{}", String::from_utf8_lossy(&reloaded.stderr));
    daemon.say("m1", "ana", "hello").await;
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    mei.submit(&daemon, &format!("{ANA}/take"), &[]).await;
    let answer = mei.submit(&daemon, &format!("{ANA}/transfer"), &[("to", "warehouse"), ("note", "")]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
    assert!(answer.text().contains("the warehouse is not there now"), "{}", answer.text());
    assert!(mei.get(&daemon, ANA).await.text().contains("badge mine"), "it is hers still");
}

/// A store whose only team has no chat, and answers on the console.
async fn answering_here(policy: &str) -> (Shop, Daemon, Platform) {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    staff(&shop);
    let store = format!(
        "[store]\nname = \"Night Tea House\"\nlanguage = \"en\"\n[routing]\nperson = \"sales\"\n[[team]]\nname = \"sales\"\n\
         title = \"our sales team\"\nrole = \"presales\"\nchannel = \"console\"\n{policy}\n[[person]]\nname = \"mei\"\ntitle = \"Mei\"\nteam = \"sales\"\n"
    );
    shop.write("store.toml", &store);
    let daemon = shop.start().await;
    (shop, daemon, platform)
}

async fn at_the_console(daemon: &Daemon) -> bool {
    daemon.admin(Method::GET, "/v1/desk").await.json()["people"][0]["at_console"] == true
}

#[tokio::test]
async fn a_conversation_is_handed_over_to_a_team_of_the_console_while_somebody_looks_at_it() {
    let (shop, daemon, platform) = answering_here("").await;
    daemon.say("m1", "ana", "I want to speak to a person").await;
    let owner = Colleague::owner(&daemon).await;
    // Whether somebody is said to come, and whether it is the clerk's.
    let state = async |chat: &str| {
        let page = owner.get(&daemon, &format!("/console/conversations/shop/{chat}")).await.text();
        (page.contains("Waits for our sales team"), page.contains("badge clerk"))
    };
    assert_eq!(state("ana").await, (false, true), "nobody would see it");
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    mei.get(&daemon, "/console/").await;
    eventually("mei at the console", async || at_the_console(&daemon).await.then_some(())).await;
    daemon.say("m2", "bob", "I want to speak to a person").await;
    eventually("bob waits", async || state("bob").await.0.then_some(())).await;
    assert!(mei.get(&daemon, "/console/now").await.text().contains("/console/conversations/shop/bob"));
    let answer =
        mei.submit(&daemon, "/console/conversations/shop/bob/say", &[("text", "Mei here, at the console")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    is_said(&platform, "bob", "Mei here, at the console").await;
    // Who signs out is gone at once.
    mei.submit(&daemon, "/console/sign-out", &[]).await;
    assert!(!at_the_console(&daemon).await);
    daemon.say("m3", "cid", "I want to speak to a person").await;
    all_is_sent(&daemon).await;
    assert_eq!(state("cid").await, (false, true), "she would not see it");
}

#[tokio::test]
async fn who_looks_at_the_console_is_given_conversations_by_the_teams_policy_and_nobody_who_does_not() {
    let (shop, daemon, _platform) = answering_here("policy = [\"least-loaded\"]").await;
    shop.edit("store.toml", "team = \"sales\"\n", "team = \"sales\"\n[[person]]\nname = \"an\"\nteam = \"sales\"\n");
    let reloaded = shop.run(&["reload"]);
    assert!(reloaded.status.success(), "{}", String::from_utf8_lossy(&reloaded.stderr));
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    mei.get(&daemon, "/console/").await;
    let looks = async || {
        let desk = daemon.admin(Method::GET, "/v1/desk").await.json();
        let mei = desk["people"].as_array()?.iter().find(|it| it["name"] == "mei")?.clone();
        (mei["at_console"] == true).then_some(())
    };
    eventually("mei at the console", looks).await;
    for (number, chat) in ["ana", "bob"].into_iter().enumerate() {
        daemon.say(&format!("m{number}"), chat, "I want to speak to a person").await;
    }
    all_is_sent(&daemon).await;
    let desk = daemon.admin(Method::GET, "/v1/desk").await.json();
    let holds = |name: &str| {
        let people = desk["people"].as_array().unwrap();
        people.iter().find(|it| it["name"] == name).map_or(0, |it| it["holds"].as_array().unwrap().len())
    };
    assert_eq!((holds("mei"), holds("an")), (2, 0), "{desk}");
}

#[tokio::test]
async fn a_note_is_kept_for_colleagues_and_the_customer_hears_nothing() {
    let (shop, daemon, platform) = staffed().await;
    daemon.say("m1", "ana", "hello").await;
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    let empty = mei.submit(&daemon, &format!("{ANA}/note"), &[("text", "  ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = mei.submit(&daemon, &format!("{ANA}/note"), &[("text", "allergic to <b>nuts</b>")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let page = Colleague::joined(&shop, &daemon, "li").await.get(&daemon, ANA).await.text();
    assert!(page.contains("Mei noted: allergic to &lt;b&gt;nuts&lt;/b&gt;"), "{page}");
    all_is_sent(&daemon).await;
    assert_eq!(said_to(&platform, "ana", "allergic").await, 0);
}

#[tokio::test]
async fn a_remark_stands_on_the_order_and_the_warehouse_hears_of_it() {
    let (shop, daemon, platform) = staffed().await;
    daemon.say("m1", "ana", "hello").await;
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    let remark = format!("{ANA}/remark");
    let none = mei.submit(&daemon, &remark, &[("text", "wrap it as a present")]).await;
    assert_eq!(none.status, StatusCode::CONFLICT);
    assert!(none.text().contains("no order here that has not left yet"), "{}", none.text());
    placed(&daemon, "A1", "ana").await;
    let done = mei.submit(&daemon, &remark, &[("text", "wrap it as a present")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    is_said(&platform, "WAREHOUSE", "wrap it as a present").await;
    let kept = daemon.admin(Method::GET, "/v1/customers/shop/ana").await.json();
    assert_eq!(kept["orders"][0]["remarks"], json!(["wrap it as a present"]));
    assert!(mei.get(&daemon, ANA).await.text().contains("Mei put a remark on the order: wrap it as a present"));
    assert_eq!(said_to(&platform, "ana", "present").await, 0);
}

#[tokio::test]
async fn a_quick_phrase_is_said_by_its_code_and_one_that_is_not_there_says_so() {
    let (shop, daemon, platform) = staffed().await;
    daemon.say("m1", "ana", "hello").await;
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    assert!(mei.get(&daemon, ANA).await.text().contains("<option>hours</option>"));
    let say = format!("{ANA}/phrase");
    let unknown = mei.submit(&daemon, &say, &[("code", "weather")]).await;
    assert_eq!(unknown.status, StatusCode::CONFLICT);
    assert!(unknown.text().contains("There is no quick phrase `weather`."), "{}", unknown.text());
    let fields = [("code", "hours"), ("once", "4a46c9a2-2b3f-4a87-8a4e-7b2f07d6a2f1")];
    for _ in 0..2 {
        let done = mei.submit(&daemon, &say, &fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    }
    is_said(&platform, "ana", "We are here from 9 to 18.").await;
    all_is_sent(&daemon).await;
    assert_eq!(said_to(&platform, "ana", "We are here").await, 1);
    assert!(mei.get(&daemon, ANA).await.text().contains("badge mine"), "who answers has the conversation");
}

#[tokio::test]
async fn what_a_role_lacks_is_refused_at_every_deed_of_a_conversation_and_changes_nothing() {
    let (shop, daemon, platform) = staffed().await;
    placed(&daemon, "A1", "ana").await;
    daemon.say("m1", "ana", "hello").await;
    shop.edit(
        "store.toml",
        "name = \"boss\"",
        "name = \"guest\"\n    role = \"nothing\"\n    [[person]]\n    name = \"boss\"",
    );
    let text = std::fs::read_to_string(shop.config().join("store.toml")).unwrap();
    shop.write("store.toml", &format!("{text}\n[[role]]\nname = \"nothing\"\nmay = []\n"));
    let reloaded = shop.run(&["reload"]);
    assert!(reloaded.status.success(), "{}", String::from_utf8_lossy(&reloaded.stderr));
    let guest = Colleague::joined(&shop, &daemon, "guest").await;
    let before = daemon.admin(Method::GET, "/v1/customers/shop/ana").await.json();
    let fields = [("text", "x"), ("to", "sales"), ("tag", "x"), ("code", "hours"), ("note", "x")];
    for deed in ["take", "return", "close", "say", "phrase", "transfer", "note", "remark", "tag", "untag"] {
        let answer = guest.submit(&daemon, &format!("{ANA}/{deed}"), &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{deed}");
    }
    // A form with a mistake in it shows nothing of the conversation either.
    for (deed, fields) in
        [("frobnicate", &fields[..]), ("say", &[("text", " ")]), ("note", &[]), ("transfer", &[("to", "x")])]
    {
        let answer = guest.submit(&daemon, &format!("{ANA}/{deed}"), fields).await;
        assert!(answer.status.is_client_error(), "{deed}: {}", answer.status);
        assert!(!answer.text().contains("hello"), "{deed}: {}", answer.text());
    }
    for path in ["", "/conversations", "/tickets", "/mail", "/figures", "/plugins", "/files", "/people", "/audit"] {
        let page = guest.get(&daemon, &format!("/console{path}/").replace("//", "/")).await;
        assert!(!page.text().contains("hello"), "{path}");
    }
    let after = daemon.admin(Method::GET, "/v1/customers/shop/ana").await.json();
    let said = |kept: &Value| (kept["conversation"].clone(), kept["orders"].clone(), kept["tickets"].clone());
    assert_eq!(said(&before), said(&after));
    all_is_sent(&daemon).await;
    assert_eq!(said_to(&platform, "ana", "We are here").await, 0);
}

/// A store whose platform refuses for good what is sent to ana, while told so.
async fn refusing() -> (Shop, Daemon, Platform, Arc<AtomicBool>) {
    let refuses = Arc::new(AtomicBool::new(true));
    let switch = refuses.clone();
    let platform = Platform::answering(move |request| {
        let to_ana = request.json()["data"]["chat_id"] == "ana";
        match to_ana && switch.load(Ordering::Relaxed) {
            true => json(400, r#"{"error":"no such chat"}"#),
            false => json(200, "{}"),
        }
    })
    .await;
    let shop = shop_talking_to(&platform);
    staff(&shop);
    let daemon = shop.start().await;
    (shop, daemon, platform, refuses)
}

async fn dead(daemon: &Daemon) -> Vec<i64> {
    let dead = daemon.admin(Method::GET, "/v1/outbox/dead").await.json();
    dead.as_array().unwrap().iter().filter_map(|it| it["id"].as_i64()).collect()
}

/// Waits until all that is said to ana is given up.
async fn given_up(daemon: &Daemon) -> Vec<i64> {
    eventually("all to be given up", async || {
        let waits = daemon.admin(Method::GET, "/v1/outbox/waiting").await.text();
        Some(dead(daemon).await).filter(|it| waits == "[]" && !it.is_empty())
    })
    .await
}

/// Waits until so many letters are dead, of which the last try is over.
async fn until_dead(daemon: &Daemon, count: usize) -> Vec<i64> {
    eventually("dead letters", async || Some(dead(daemon).await).filter(|it| it.len() == count)).await
}

#[tokio::test]
async fn what_could_not_be_delivered_is_tried_again_or_dropped_by_whoever_may_answer() {
    let (shop, daemon, platform, refuses) = refusing().await;
    daemon.say("m1", "ana", "Do you ship abroad?").await;
    let letters = given_up(&daemon).await;
    let letter = letters[0];
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    let page = mei.get(&daemon, "/console/mail").await.text();
    assert!(page.contains(&format!("/console/mail/{letter}/retry")) && page.contains("no such chat"), "{page}");
    // The platform refuses still: it is a dead letter again, and so often as it is tried.
    let tried = platform.received().len();
    let path = |deed: &str| format!("/console/mail/{letter}/{deed}");
    assert_eq!(mei.submit(&daemon, &path("retry"), &[]).await.status, StatusCode::SEE_OTHER);
    platform.wait_for(tried + 1).await;
    until_dead(&daemon, letters.len()).await;
    // Nothing else than the two is done with it, and not by everybody.
    assert_eq!(mei.submit(&daemon, &path("frobnicate"), &[]).await.status, StatusCode::NOT_FOUND);
    let wu = Colleague::joined(&shop, &daemon, "wu").await;
    for deed in ["retry", "drop"] {
        assert_eq!(wu.submit(&daemon, &path(deed), &[]).await.status, StatusCode::FORBIDDEN, "{deed}");
    }
    assert_eq!(dead(&daemon).await.len(), letters.len());
    // It accepts: delivered, once.
    refuses.store(false, Ordering::Relaxed);
    assert_eq!(mei.submit(&daemon, &path("retry"), &[]).await.status, StatusCode::SEE_OTHER);
    eventually("the letter to leave", async || (!dead(&daemon).await.contains(&letter)).then_some(())).await;
    all_is_sent(&daemon).await;
    assert_eq!(mei.submit(&daemon, &path("retry"), &[]).await.status, StatusCode::CONFLICT, "it is no dead letter");
    let page = mei.get(&daemon, "/console/mail").await.text();
    assert!(!page.contains(&path("retry")), "{page}");
}

#[tokio::test]
async fn a_dropped_message_is_never_sent_and_its_conversation_says_so() {
    let (shop, daemon, platform, refuses) = refusing().await;
    daemon.say("m1", "ana", "Do you ship abroad?").await;
    let letters = given_up(&daemon).await;
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    for letter in letters {
        let answer = mei.submit(&daemon, &format!("/console/mail/{letter}/drop"), &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    }
    refuses.store(false, Ordering::Relaxed);
    let before = platform.received().len();
    assert!(mei.get(&daemon, "/console/mail").await.text().contains("Everything was delivered."));
    assert!(mei.get(&daemon, ANA).await.text().contains("dropped"));
    all_is_sent(&daemon).await;
    let to_ana = platform.received()[before..].iter().filter(|it| it.json()["data"]["chat_id"] == "ana").count();
    assert_eq!(to_ana, 0);
    let owner = Colleague::owner(&daemon).await;
    let audit = owner.get(&daemon, "/console/audit").await.text();
    assert!(audit.contains("<span>drop</span>") || audit.contains("Dropped"), "{audit}");
}
