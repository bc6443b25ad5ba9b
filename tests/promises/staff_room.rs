//! People answer customers from the chat they have: staff rooms on the running daemon, with Telegram's side and the generic
//! channel's played.

mod holding;
mod world;

use http::Method;
use serde_json::{Value, json};

use self::world::{BLOCKED, LI, MEI, OTHER, ROOM, World, button, press, printed, write, write_in};
use crate::harness::{
    eventually,
    platforms::{in_telegram_group, line_event, telegram_message},
};

#[tokio::test]
async fn who_presses_take_has_the_customer_and_what_they_reply_reaches_them_once() {
    let world = World::new().await;
    let daemon = world.shop.start().await;
    let card = world.called(&daemon, "ana").await;
    assert!(card.text.contains("Ana") && card.text.contains("talk to a person"), "{card:?}");
    press(&daemon, 1, MEI, ROOM, card.id, &button(&card, "take")).await;
    world.said("ana", "Mei has taken over").await;
    world.said(ROOM, "Mei has Ana now").await;
    write(&daemon, 2, MEI, Some(card.id), "Good evening, what can I do for you?").await;
    world.said("ana", "Good evening, what").await;
    daemon.say("m3", "ana", "do you ship abroad?").await;
    let relayed = world.said(ROOM, "Ana: do you ship abroad?").await;
    write(&daemon, 3, MEI, Some(relayed.id), "We do.").await;
    write(&daemon, 3, MEI, Some(relayed.id), "We do.").await;
    world.said("ana", "We do.").await;
    world.quiet().await;
    let to_ana = world.all_to("ana");
    assert_eq!(to_ana.iter().filter(|it| *it == "We do.").count(), 1, "{to_ana:?}");
    assert!(!to_ana.iter().any(|it| it.contains("most countries")), "the clerk keeps still: {to_ana:?}");
    assert!(printed(&world.shop, &["desk"]).contains("shop/ana"));
}

#[tokio::test]
async fn a_reply_that_was_acknowledged_reaches_the_customer_whenever_the_clerk_is_killed() {
    let world = World::new().await;
    let mut daemon = world.shop.start().await;
    let card = world.called(&daemon, "ana").await;
    write(&daemon, 1, MEI, Some(card.id), "/take").await;
    for number in 0..8_i64 {
        write(&daemon, 10 + number, MEI, Some(card.id), &format!("answer {number}.")).await;
        daemon.kill();
        daemon = world.shop.start().await;
        // Telegram did not see that it was taken.
        write(&daemon, 10 + number, MEI, Some(card.id), &format!("answer {number}.")).await;
    }
    for number in 0..8 {
        world.said("ana", &format!("answer {number}.")).await;
    }
    world.quiet().await;
    for number in 0..8 {
        let text = format!("answer {number}.");
        let mut keys: Vec<_> = world.sent().into_iter().filter(|it| it.text == text).map(|it| it.key).collect();
        keys.dedup();
        assert_eq!(keys.len(), 1, "one message with one key, however often it was tried: {keys:?}");
    }
}

#[tokio::test]
async fn people_of_the_store_are_never_customers_and_hear_what_to_type() {
    let world = World::new().await;
    let daemon = world.shop.start().await;
    write(&daemon, 1, MEI, None, "hello").await;
    world.said(ROOM, "I cannot tell which customer").await;
    write(&daemon, 2, MEI, None, "/help").await;
    world.said(ROOM, "/transfer TEAM-OR-PERSON").await;
    write(&daemon, 3, MEI, None, "/dance").await;
    world.said(ROOM, "no command /dance").await;
    write(&daemon, 4, MEI, None, "/note").await;
    world.said(ROOM, "/note wants something").await;
    // Li's own chat with the bot.
    daemon.telegram(telegram_message(5, LI, json!({ "text": "do you ship abroad?" }))).await;
    world.said(LI, "I cannot tell which customer").await;
    daemon.telegram(telegram_message(6, LI, json!({ "text": "/start" }))).await;
    world.said(LI, "/transfer TEAM-OR-PERSON").await;
    world.quiet().await;
    assert!(!world.sent().iter().any(|it| it.text.contains("most countries") || it.text.contains("welcome")));
}

#[tokio::test]
async fn a_stranger_who_presses_or_types_what_people_of_the_store_do_moves_nothing() {
    let world = World::new().await;
    let daemon = world.shop.start().await;
    let card = world.called(&daemon, "ana").await;
    let take = button(&card, "take");
    press(&daemon, 1, 4242, 4242, card.id, &take).await;
    daemon.telegram(telegram_message(2, 4242, json!({ "text": take }))).await;
    daemon.telegram(telegram_message(3, 4242, json!({ "text": "/take" }))).await;
    daemon.telegram(in_telegram_group(4, -555, json!({ "text": "/close@shop_bot" }))).await;
    daemon.say("x1", "eve", &take).await;
    daemon.say("x2", "eve", "/transfer aftersales").await;
    world.quiet().await;
    assert!(!world.sent().iter().any(|it| it.text.contains("has taken over") || it.text.contains("has Ana now")));
    assert!(!printed(&world.shop, &["desk"]).contains("has 1"));
    // It waits as before.
    press(&daemon, 5, MEI, ROOM, card.id, &take).await;
    world.said(ROOM, "Mei has Ana now").await;
}

#[tokio::test]
async fn pictures_go_both_ways_where_the_platform_can_pass_them_on() {
    let world = World::new().await;
    let daemon = world.shop.start().await;
    daemon.telegram(telegram_message(1, 42, json!({ "text": "hello" }))).await;
    daemon.telegram(telegram_message(2, 42, json!({ "text": "I want to talk to a person" }))).await;
    let card = world.said(ROOM, "tg 42").await;
    write(&daemon, 3, MEI, Some(card.id), "/take").await;
    world.said(ROOM, "has Ana now").await;
    let photo = json!([{ "file_id": "small" }, { "file_id": "AgACbig" }]);
    daemon.telegram(telegram_message(4, 42, json!({ "photo": photo, "caption": "broken" }))).await;
    let relayed = world.said(ROOM, "Ana: broken").await;
    assert_eq!(relayed.body["photo"], "AgACbig");
    let answer = json!({ "photo": [{ "file_id": "AgACnew" }], "caption": "this one?" });
    write_in(&daemon, ROOM, 5, MEI, Some(relayed.id), answer).await;
    let shown = world.said(42, "this one?").await;
    assert_eq!(shown.body["photo"], "AgACnew");
    // What has no form elsewhere cannot be passed on, and whoever sent it hears so.
    let bob = world.called(&daemon, "bob").await;
    write_in(&daemon, ROOM, 6, MEI, Some(bob.id), json!({ "sticker": { "file_id": "CAACAg" } })).await;
    world.said(ROOM, "cannot be passed on").await;
}

#[tokio::test]
async fn what_is_typed_without_a_quote_is_for_the_only_customer_one_has() {
    let world = World::new().await;
    let daemon = world.shop.start().await;
    let card = world.called(&daemon, "ana").await;
    write(&daemon, 1, MEI, Some(card.id), "/take").await;
    world.said(ROOM, "has Ana now").await;
    write(&daemon, 2, MEI, None, "one moment please").await;
    world.said("ana", "one moment please").await;
    let bob = world.called(&daemon, "bob").await;
    write(&daemon, 3, MEI, Some(bob.id), "/take").await;
    world.said(ROOM, "has Ana now").await;
    eventually("both", async || printed(&world.shop, &["desk"]).contains("has 2").then_some(())).await;
    write(&daemon, 4, MEI, None, "which of you?").await;
    world.said(ROOM, "I cannot tell which customer").await;
    world.quiet().await;
    assert!(!world.sent().iter().any(|it| it.text == "which of you?"));
}

#[tokio::test]
async fn notes_tags_phrases_and_drafts_are_at_hand_in_the_room() {
    let world = World::new().await;
    world.shop.write(
        "phrases.toml",
        "[quick.hours]\nen = \"{{ store }} never closes.\"\n[quick.honey]\nen = \"Honey keeps for years.\"\n\
         [quick.order]\nen = \"Your order {{ order.id }} is packed.\"\n",
    );
    let daemon = world.shop.start().await;
    let card = world.called(&daemon, "ana").await;
    write(&daemon, 1, MEI, Some(card.id), "/take").await;
    world.said(ROOM, "has Ana now").await;
    write(&daemon, 2, MEI, Some(card.id), "/note call back by Wednesday").await;
    world.said(ROOM, "Noted").await;
    assert!(printed(&world.shop, &["tickets"]).contains("[mei] call back by Wednesday"));
    write(&daemon, 3, MEI, Some(card.id), "/phrase ho").await;
    let list = world.said(ROOM, "hours  Night Tea House never closes.").await;
    assert!(list.text.contains("honey  Honey keeps"), "{list:?}");
    write(&daemon, 4, MEI, Some(card.id), "/phrase hou").await;
    world.said("ana", "Night Tea House never closes.").await;
    press(&daemon, 5, MEI, ROOM, list.id, &button(&list, "phrase")).await;
    world.said("ana", "Honey keeps for years.").await;
    write(&daemon, 10, MEI, Some(card.id), "/phrase order").await;
    world.said(ROOM, "The quick phrase order names something that this customer does not have").await;
    daemon.say("m3", "ana", "do you ship abroad?").await;
    world.said(ROOM, "Ana: do you ship abroad?").await;
    write(&daemon, 6, MEI, Some(card.id), "/draft").await;
    world.said(ROOM, "most countries").await;
    write(&daemon, 7, MEI, Some(card.id), "/tag vip").await;
    write(&daemon, 8, MEI, Some(card.id), "/remark gift wrap").await;
    world.said(ROOM, "no order that has not left").await;
    let order = json!({ "id": "A1001", "chat_id": "ana", "total": "9.00", "currency": "CNY" });
    daemon.order("o1", "order.paid", order).await;
    write(&daemon, 11, MEI, Some(card.id), "/remark a red ribbon").await;
    world.said(ROOM, "Noted on order A1001.").await;
    // What a keyboard makes of a command is one, and what is for colleagues stays with them.
    let notes =
        ["/note asks for the boss", "\u{200e}/note pays late", "、记录 haggles", "／ＮＯＴＥ　shouts", "/note: rude"];
    for (number, note) in (20..).zip(notes) {
        write(&daemon, number, MEI, Some(card.id), note).await;
    }
    world.quiet().await;
    assert!(!world.all_to("ana").iter().any(|it| it.contains("most countries")), "a draft is for the room alone");
    assert!(!world.all_to("ana").iter().any(|it| it.contains("is packed")), "no sentence with a hole in it");
    let noted = printed(&world.shop, &["tickets"]);
    for words in ["asks for the boss", "pays late", "haggles", "shouts", "rude"] {
        assert!(noted.contains(&format!("[mei] {words}")), "{noted}");
        assert!(!world.all_to("ana").iter().any(|it| it.contains(words)), "{words} is for colleagues");
    }
    let on_order = world.all_to(ROOM).iter().filter(|it| it.contains("Noted on order")).count();
    assert_eq!(on_order, 1, "a note is on no order");
    write(&daemon, 9, MEI, Some(card.id), "/transfer aftersales").await;
    let next = world.said(OTHER, "shop ana").await;
    assert!(next.text.contains("#vip"), "{next:?}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_delivered_is_told_in_the_room() {
    let world = World::new().await;
    let daemon = world.shop.start().await;
    daemon.telegram(telegram_message(1, BLOCKED, json!({ "text": "I want to talk to a person" }))).await;
    let card = world.said(ROOM, "tg 4000").await;
    write(&daemon, 2, MEI, Some(card.id), "hello?").await;
    world.said(ROOM, "could not be delivered").await;
    world.quiet().await;
    let told = || world.all_to(ROOM).into_iter().filter(|it| it.contains("could not be delivered")).count();
    assert_eq!(told(), 1, "of their answer alone, and once");
    daemon.kill();
    let daemon = world.shop.start().await;
    write(&daemon, 3, MEI, None, "/help").await;
    world.said(ROOM, "/transfer TEAM-OR-PERSON").await;
    assert_eq!(told(), 1, "nor again after a restart");
}

#[tokio::test]
async fn a_group_on_line_is_a_staff_room_too() {
    let world = World::new().await;
    world.shop.edit(
        "store.toml",
        &format!("channel = \"tg\"\n                chat = \"{ROOM}\""),
        "channel = \"ln\"\nchat = \"Cgroup\"",
    );
    let daemon = world.shop.start().await;
    daemon.say("m1", "ana", "I want to talk to a person").await;
    let card = world.said("Cgroup", "shop ana").await;
    let in_group = |id: &str, mut event: Value| {
        event["source"] = json!({ "type": "group", "groupId": "Cgroup", "userId": "Umei" });
        line_event(id, "Umei", event)
    };
    let items = &card.body["messages"][0]["quickReply"]["items"];
    let take = items[0]["action"]["data"].as_str().unwrap();
    assert!(take.starts_with("desk:take:"), "{card:?}");
    daemon.line(json!([in_group("e1", json!({ "type": "postback", "postback": { "data": take } }))])).await;
    world.said("ana", "has taken over").await;
    let quoted = card.id.to_string();
    let words = json!({ "id": "e2", "type": "text", "text": "Good evening from LINE", "quotedMessageId": quoted });
    daemon.line(json!([in_group("e2", json!({ "type": "message", "message": words }))])).await;
    world.said("ana", "Good evening from LINE").await;
    daemon.say("m2", "ana", "thank you").await;
    world.said("Cgroup", "Ana: thank you").await;
}

#[tokio::test]
async fn a_chat_of_the_generic_channel_is_a_staff_room_too() {
    let world = World::new().await;
    world.shop.edit(
        "store.toml",
        &format!("channel = \"tg\"\n                chat = \"{ROOM}\""),
        "channel = \"shop\"\nchat = \"STAFF\"",
    );
    let daemon = world.shop.start().await;
    daemon.telegram(telegram_message(1, 42, json!({ "text": "I want to talk to a person" }))).await;
    let card = world.said("STAFF", "tg 42").await;
    let staff = |id: &str, more: Value| {
        let mut data = json!({ "id": id, "chat_id": "STAFF", "sender": { "id": "7", "name": "Mo" } });
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        data
    };
    let take = card.body["content"]["choices"][0]["value"].as_str().unwrap();
    daemon.webhook("s1", "message.received", staff("s1", json!({ "choice": take }))).await.unwrap();
    world.said("STAFF", "Mo has Ana now").await;
    let words = json!({ "text": "Good evening from the shop", "quoted": card.key });
    daemon.webhook("s2", "message.received", staff("s2", words)).await.unwrap();
    world.said(42, "Good evening from the shop").await;
}

#[tokio::test]
async fn nothing_that_people_send_is_left_out_unsaid() {
    let world = World::new().await;
    world.shop.edit("nightclerk.toml", "[admin]", "public_url = \"https://shop.example\"\n[admin]");
    world.shop.edit(
        "store.toml",
        &format!("channel = \"tg\"\n                chat = \"{ROOM}\""),
        "channel = \"shop\"\nchat = \"STAFF\"",
    );
    let daemon = world.shop.start().await;
    daemon.say("m1", "ana", "I want to talk to a person").await;
    let card = world.said("STAFF", "shop ana").await;
    let staff = async |id: &str, text: &str, kinds: &[&str]| {
        let media: Vec<_> = kinds.iter().map(|it| json!({ "kind": it, "url": "https://x.example/1.png" })).collect();
        let sender = json!({ "id": "7", "name": "Mo" });
        let data =
            json!({ "id": id, "chat_id": "STAFF", "sender": sender, "text": text, "quoted": card.key, "media": media });
        daemon.webhook(id, "message.received", data).await.unwrap();
    };
    let told = || world.all_to("STAFF").into_iter().filter(|it| it.contains("was left out")).count();
    staff("s1", "look", &["image"]).await;
    world.quiet().await;
    assert_eq!(told(), 0, "{:?}", world.all_to("STAFF"));
    for (times, text, kinds) in [
        (1, "look", &["image", "sticker"][..]),
        (2, "just words", &["sticker"]),
        (3, "/note broken on arrival", &["image"]),
    ] {
        staff(&format!("s{}", times + 1), text, kinds).await;
        eventually(text, async || (told() == times).then_some(())).await;
    }
    world.said("ana", "just words").await;
    assert!(printed(&world.shop, &["tickets"]).contains("broken on arrival"));
    staff("s5", "/tag tier:gold", &[]).await;
    world.said("STAFF", "“tier:gold” cannot be a tag").await;
}

#[tokio::test]
async fn who_may_do_what_is_said_by_the_roles() {
    let more = "[[role]]\nname = \"looker\"\nmay = [\"note\"]\n[[person]]\nname = \"wu\"\nteam = \"sales\"\nrole = \
                \"looker\"\nchannel = \"tg\"\naccount = \"503\"\n";
    let world = World::with("", "", more).await;
    let daemon = world.shop.start().await;
    let card = world.called(&daemon, "ana").await;
    write(&daemon, 1, 503, Some(card.id), "hello from Wu").await;
    world.said(ROOM, "Your role does not allow that").await;
    write(&daemon, 2, 503, Some(card.id), "/note seen").await;
    world.said(ROOM, "Noted").await;
    world.quiet().await;
    assert!(!world.all_to("ana").contains(&"hello from Wu".to_owned()));
}

#[tokio::test]
async fn the_desk_can_be_worked_by_command_too() {
    let world = World::new().await;
    let daemon = world.shop.start().await;
    world.called(&daemon, "ana").await;
    let shop = &world.shop;
    printed(shop, &["conversation", "say", "shop", "ana", "Good evening from Li", "--by", "li"]);
    world.said("ana", "Good evening from Li").await;
    assert!(printed(shop, &["desk"]).contains("li  (sales)  there, has 1"));
    printed(shop, &["conversation", "note", "shop", "ana", "likes tea", "--by", "li"]);
    printed(shop, &["conversation", "transfer", "shop", "ana", "aftersales", "--note", "see above", "--by", "li"]);
    let card = world.said(OTHER, "see above").await;
    assert!(card.text.contains("[li] likes tea"), "{card:?}");
    let desk = daemon.admin(Method::GET, "/v1/desk").await.json();
    assert!(desk["people"].as_array().unwrap().iter().all(|it| it["holds"].as_array().unwrap().is_empty()), "{desk}");
    assert!(!shop.run(&["conversation", "transfer", "shop", "ana", "nobody"]).status.success());
    // Whoever is forgotten stands in nobody's list.
    printed(shop, &["conversation", "take", "shop", "ana", "--by", "li"]);
    printed(shop, &["forget", "shop", "ana"]);
    assert!(!printed(shop, &["desk"]).contains("shop/ana"));
}

#[test]
fn what_is_wrong_with_people_is_shown_where_it_stands() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (team, more, line, help) in [
        ("parent = \"salse\"", "", "there is no team `salse`", "did you mean `sales`?"),
        ("parent = \"sales\"", "", "is a part of another itself", "one level deep"),
        ("role = \"presale\"", "", "there is no role `presale`", "did you mean `presales`?"),
        ("escalate = \"nobody\"", "", "there is no team or person `nobody`", "known here"),
        ("capacity = 0", "", "gets none", "how many"),
        ("targets = { first = \"0s\" }", "", "no time at all (`first`)", "40s"),
        ("", "[[person]]\nname = \"x\"\nteam = \"packers\"", "there is no team `packers`", "known here"),
        ("", "[[team]]\nname = \"x\"\npolicy = [\"skill\"]", "has nobody", "[[person]]"),
        (
            "",
            "[[team]]\nname = \"x\"\nrole = \"warehouse\"\nchannel = \"tg\"\nchat = \"-100777\"",
            "share a room",
            "role",
        ),
        (
            "",
            "[[team]]\nname = \"x\"\nchannel = \"tgg\"\nchat = \"1\"",
            "there is no channel `tgg`",
            "did you mean `tg`?",
        ),
        ("", "[[role]]\nname = \"x\"\nmay = [\"everything\"]", "everything", ""),
    ] {
        let world = runtime.block_on(World::with("", team, more));
        let output = world.shop.run(&["check"]);
        let said = String::from_utf8_lossy(&output.stderr).replace("\n  │ ", " ");
        assert!(!output.status.success(), "{team}{more} is taken");
        assert!(said.contains("store.toml") && said.contains(line) && said.contains(help), "{team}{more}: {said}");
    }
}
