//! Pictures go from one platform to another: what customers send comes to the staff room, what colleagues send there comes to
//! the customer.

mod files;
mod site;

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use self::site::{JPEG, MEI, PNG, ROOM, Sent, Site, colleague, line_picture, photo};
use crate::harness::{
    desk::Colleague,
    eventually,
    platforms::{line_text, page, wechat_xml, whatsapp, whatsapp_message},
    visitor,
};

#[tokio::test]
async fn a_customers_picture_on_line_reaches_the_staff_room_on_telegram() {
    let site = Site::new(&["tg", "ln"], false).await;
    site.world.keeps("/v2/bot/message/325708/content", JPEG);
    let daemon = site.shop.start().await;
    site.line_customer(&daemon).await;
    daemon.line(line_picture("E3", "325708")).await;
    daemon.line(json!([line_text("E4", "Uana", "it came like this")])).await;
    let shown = site.world.said(ROOM, "the picture", |it| it.method() == "sendPhoto").await;
    assert_eq!(shown.file.as_deref(), Some(JPEG));
    assert!(shown.text().contains("Customer: [image]"), "{shown:?}");
    let after = site.world.told("it came like this").await;
    assert!(shown.id < after.id, "in the order it was written");
    // It is a message of the customer's like any other.
    colleague(&daemon, 2, &shown, json!({ "text": "Oh no." })).await;
    site.world.said("Uana", "the answer", |it| it.text() == "Oh no.").await;
    let received = site.platform.after_quiet().await;
    let fetched: Vec<_> = received.iter().filter(|it| it.path().ends_with("/content")).collect();
    assert!(fetched.iter().all(|it| it.header("authorization") == "Bearer line-token"));
    assert_eq!(site.world.sent().iter().filter(|it| it.method() == "sendPhoto").count(), 1);
    assert!(std::fs::read_dir(site.shop.data().join("pictures")).unwrap().next().is_none(), "it is kept nowhere");
    site.keeps_its_secrets();
}

#[tokio::test]
async fn what_a_customer_showed_before_somebody_was_asked_for_is_shown_with_the_card() {
    let site = Site::new(&["tg", "ln"], false).await;
    site.world.keeps("/v2/bot/message/325708/content", JPEG);
    site.world.keeps("/v2/bot/message/325709/content", PNG);
    let daemon = site.shop.start().await;
    daemon.line(json!([line_text("E1", "Uana", "hello")])).await;
    daemon.line(line_picture("E2", "325708")).await;
    daemon.line(line_picture("E3", "325709")).await;
    daemon.line(json!([line_text("E4", "Uana", "I want to talk to a person")])).await;
    let card = site.world.told("talk to a person").await;
    let [first, second] = [JPEG, PNG].map(|file| move |it: &Sent| it.file.as_deref() == Some(file));
    let first = site.world.said(ROOM, "the first picture", first).await;
    let second = site.world.said(ROOM, "the second picture", second).await;
    assert!(card.id < first.id && first.id < second.id, "after the card, in their order");
    site.platform.after_quiet().await;
    assert_eq!(site.world.sent().iter().filter(|it| it.file.is_some()).count(), 2, "each once");
    site.keeps_its_secrets();
}

#[tokio::test]
async fn what_a_customer_showed_is_shown_with_the_card_also_while_the_team_is_closed() {
    let site = Site::new(&["tg", "ln"], false).await;
    site.shop.write("hours.toml", "timezone = \"Asia/Shanghai\"\n");
    site.world.keeps("/v2/bot/message/325708/content", JPEG);
    let daemon = site.shop.start().await;
    daemon.line(json!([line_text("E1", "Uana", "hello")])).await;
    daemon.line(line_picture("E2", "325708")).await;
    daemon.line(json!([line_text("E3", "Uana", "I want to talk to a person")])).await;
    let card = site.world.told("talk to a person").await;
    let shown = site.world.said(ROOM, "the picture", |it| it.file.as_deref() == Some(JPEG)).await;
    assert!(card.id < shown.id, "after the card");
    let told = site.world.sent().into_iter().any(|it| it.text().contains("The team has gone home. I have put"));
    assert!(told, "nobody is there: {:?}", site.world.sent());
    // Who asks again at once is not spoken of again.
    daemon.line(json!([line_text("E4", "Uana", "I want to talk to a person")])).await;
    site.platform.after_quiet().await;
    assert_eq!(site.world.sent().iter().filter(|it| it.file.is_some()).count(), 1, "once");
    // Who quotes the picture answers its customer.
    colleague(&daemon, 1, &shown, json!({ "text": "Oh no." })).await;
    site.world.said("Uana", "the answer", |it| it.text() == "Oh no.").await;
    site.keeps_its_secrets();
}

#[tokio::test]
async fn a_colleagues_picture_in_telegram_reaches_a_customer_on_line_and_goes_with_them_when_they_are_forgotten() {
    let site = Site::new(&["tg", "ln"], true).await;
    site.world.keeps("/photos/AgACnew", PNG);
    let daemon = site.shop.start().await;
    let card = site.line_customer(&daemon).await;
    let mut answer = photo("AgACnew");
    answer["caption"] = json!("this one?");
    colleague(&daemon, 2, &card, answer).await;
    let shown = site.world.said("Uana", "the picture", |it| it.text() == "this one?").await;
    let picture = &shown.fields["messages"][1];
    assert_eq!(picture["type"], "image");
    assert_eq!(picture["originalContentUrl"], picture["previewImageUrl"]);
    let url = picture["originalContentUrl"].as_str().unwrap();
    let path = url.strip_prefix("https://clerk.example").expect(url);
    let fetched = daemon.get(path).await.unwrap();
    assert_eq!((fetched.status, &fetched.body[..]), (StatusCode::OK, PNG));
    assert_eq!(fetched.headers["content-type"], "image/png");
    assert_eq!(fetched.headers["x-content-type-options"], "nosniff");
    // Nobody guesses an address, nor makes one last longer.
    let parts: Vec<_> = path.split('/').collect();
    let longer = path.replacen(parts[2], &format!("9{}", parts[2]), 1);
    let forged = path.replacen(parts[3], &"0".repeat(32), 1);
    for other in [longer, forged] {
        assert_eq!(daemon.get(&other).await.unwrap().status, StatusCode::NOT_FOUND, "{other}");
    }
    let forgotten = daemon.admin(Method::DELETE, "/v1/customers/ln/Uana").await;
    assert_eq!(forgotten.status, StatusCode::OK);
    assert_eq!(daemon.get(path).await.unwrap().status, StatusCode::NOT_FOUND);
    site.keeps_its_secrets();
}

#[tokio::test]
async fn all_that_a_colleague_attaches_to_one_message_reaches_the_customer_in_order_and_once() {
    let site = Site::new(&["tg", "shop"], false).await;
    // The sales team sits in a chat of the shop's own, whose messages hold as many as one likes; customers are on Telegram.
    site.shop.edit(
        "store.toml",
        &format!("channel = \"tg\"\nchat = \"{ROOM}\""),
        "channel = \"shop\"\nchat = \"sales\"",
    );
    site.shop.edit(
        "store.toml",
        &format!("channel = \"tg\"\naccount = \"{MEI}\""),
        "channel = \"shop\"\naccount = \"mei\"",
    );
    site.world.keeps("/files/new.png", PNG);
    site.world.keeps("/files/old.jpg", JPEG);
    let daemon = site.shop.start().await;
    let customer = json!({ "id": 42, "is_bot": false, "first_name": "Ana" });
    for (update, words) in [(1, "hello"), (2, "I want to talk to a person")] {
        let chat = json!({ "id": 42, "type": "private" });
        let message = json!({ "message_id": update, "from": customer, "chat": chat, "date": 1, "text": words });
        assert!(daemon.telegram(json!({ "update_id": update, "message": message })).await.status.is_success());
    }
    let card = site.world.said("sales", "the card", |it| it.text().contains("talk to a person")).await;
    let url = |name: &str| format!("{}/files/{name}", site.platform.url());
    let media = |name: &str| json!({ "kind": "image", "url": url(name) });
    let answer = |id: &str, text: &str, names: &[&str]| {
        json!({ "id": id, "chat_id": "sales", "sender": { "id": "mei" }, "text": text, "quoted": card.key,
            "media": names.iter().map(|it| media(it)).collect::<Vec<_>>() })
    };
    let both = answer("a1", "before and after", &["old.jpg", "new.png"]);
    for _ in 0..2 {
        daemon.webhook("a1", "message.received", both.clone()).await.expect("an answer");
    }
    daemon
        .webhook("a2", "message.received", answer("a2", "/say and once more", &["old.jpg"]))
        .await
        .expect("an answer");
    site.world.said(42, "the last", |it| it.text() == "and once more").await;
    site.platform.after_quiet().await;
    let shown: Vec<_> = site.world.sent().into_iter().filter(|it| it.file.is_some()).collect();
    let shown: Vec<_> = shown.iter().map(|it| (it.chat.as_str(), it.text(), it.file.as_deref().unwrap())).collect();
    let wanted = [("before and after", JPEG), ("", PNG), ("and once more", JPEG)];
    assert_eq!(shown, wanted.map(|(words, file)| ("42", words.to_owned(), file)));
    // Who reads it in the console sees them, too.
    let owner = Colleague::owner(&daemon).await;
    let page = owner.get(&daemon, "/console/conversations/tg/42").await.text();
    let pictures: Vec<_> = page.split("<img src=\"").skip(1).filter_map(|it| it.split('"').next()).collect();
    let mut seen = Vec::new();
    for path in pictures {
        seen.push(owner.get(&daemon, path).await.body);
    }
    assert_eq!(seen, [JPEG, PNG, JPEG], "{page}");
    site.keeps_its_secrets();
}

#[tokio::test]
async fn a_colleague_whose_picture_cannot_be_passed_on_hears_so() {
    let site = Site::new(&["tg", "ln"], false).await;
    site.world.keeps("/photos/AgACnew", PNG);
    let daemon = site.shop.start().await;
    let card = site.line_customer(&daemon).await;
    colleague(&daemon, 2, &card, photo("AgACnew")).await;
    site.world.told("A picture or file for the customer could not be delivered").await;
    let dead = daemon.dead().await;
    assert!(dead[0].to_string().contains("`public_url` is not set"), "{dead:?}");
    assert!(!site.world.sent().iter().any(|it| it.chat == "Uana" && it.text().contains("AgAC")));
    site.keeps_its_secrets();
}

#[tokio::test]
async fn what_of_a_customers_cannot_be_shown_in_the_room_is_said_to_be_there() {
    static LARGE: [u8; (10 << 20) + 1] = [0; (10 << 20) + 1];
    let site = Site::new(&["tg", "ln"], false).await;
    site.world.answers("/message/1/content", &[(404, b"{\"message\":\"Not found\"}")]);
    site.world.answers("/message/2/content", &[(410, b"{\"message\":\"Gone\"}")]);
    site.world.keeps("/message/3/content", &LARGE);
    let daemon = site.shop.start().await;
    site.line_customer(&daemon).await;
    for number in 1..=3 {
        daemon.line(line_picture(&format!("P{number}"), &number.to_string())).await;
        daemon.line(json!([line_text(&format!("T{number}"), "Uana", &format!("after {number}"))])).await;
        site.world.told(&format!("after {number}")).await;
        let told =
            site.world.sent().into_iter().filter(|it| it.text().contains("cannot be shown here; look at it where ln"));
        assert_eq!(told.count(), number, "each is said to be there, in its place");
    }
    assert!(site.shop.log().contains("it is larger than 10 MB"), "{}", site.shop.log());
    assert!(!site.world.sent().iter().any(|it| it.file.is_some()));
    site.keeps_its_secrets();
}

#[tokio::test]
async fn a_picture_whose_platform_is_away_for_a_while_comes_later_and_in_its_place_also_through_kill_9() {
    let site = Site::new(&["tg", "ln"], false).await;
    let end = "/message/325708/content";
    site.world.answers(end, &[(503, b"")]);
    let mut daemon = site.shop.start().await;
    site.line_customer(&daemon).await;
    daemon.line(line_picture("E3", "325708")).await;
    daemon.line(json!([line_text("E4", "Uana", "did you get it?")])).await;
    let asked = || site.platform.received().iter().filter(|it| it.path().ends_with(end)).count();
    eventually("it is asked for again", async || (asked() > 1).then_some(())).await;
    daemon.kill();
    daemon = site.shop.start().await;
    let before = asked();
    eventually("it is asked for by the next", async || (asked() > before).then_some(())).await;
    site.world.answers(end, &[(202, b""), (200, JPEG)]);
    let after = site.world.told("did you get it?").await;
    let shown: Vec<_> = site.world.sent().into_iter().filter(|it| it.file.is_some()).collect();
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert!(shown[0].id < after.id && shown[0].file.as_deref() == Some(JPEG));
    drop(daemon);
    site.keeps_its_secrets();
}

#[tokio::test]
async fn pictures_go_both_ways_between_wechat_and_telegram_without_an_address() {
    let site = Site::new(&["tg", "wx"], false).await;
    site.world.keeps("/cgi-bin/media/get?access_token=wechat-access&media_id=MEDIA-ana", JPEG);
    site.world.keeps("/photos/AgACnew", PNG);
    let daemon = site.shop.start().await;
    let text = |id: &str, text: &str| wechat_xml("text", "oAna", 0, &[("Content", text), ("MsgId", id)]);
    daemon.wechat(text("1", "hello")).await;
    daemon.wechat(text("2", "I want to talk to a person")).await;
    let card = site.taken(&daemon).await;
    daemon.wechat(wechat_xml("image", "oAna", 0, &[("MediaId", "MEDIA-ana"), ("MsgId", "3")])).await;
    let shown = site.world.said(ROOM, "the picture", |it| it.method() == "sendPhoto").await;
    assert_eq!(shown.file.as_deref(), Some(JPEG));
    // A picture has no caption there, so the words come before it.
    let mut answer = photo("AgACnew");
    answer["caption"] = json!("this one?");
    colleague(&daemon, 2, &card, answer).await;
    let picture = site.world.said("oAna", "the picture", |it| it.fields["msgtype"] == "image").await;
    assert_eq!(picture.fields["image"]["media_id"], "MEDIA-1");
    let sent = site.world.sent();
    let words = sent.iter().find(|it| it.chat == "oAna" && it.text() == "this one?").expect("the words");
    let uploaded = sent.iter().find(|it| it.path == "/cgi-bin/media/upload").expect("an upload");
    assert_eq!(uploaded.file.as_deref(), Some(PNG));
    assert_eq!(uploaded.fields["media"], "picture.png");
    assert!(words.id < picture.id && uploaded.id < picture.id);
    site.keeps_its_secrets();
}

#[tokio::test]
async fn pictures_go_both_ways_between_the_web_chat_and_telegram() {
    let site = Site::new(&["tg"], false).await;
    let channels = std::fs::read_to_string(site.shop.config().join("channels.toml")).unwrap();
    site.shop.write("channels.toml", &format!("{channels}[[channel]]\nid = \"webchat\"\nkind = \"webchat\"\n"));
    site.world.keeps("/photos/AgACnew", PNG);
    let daemon = site.shop.start().await;
    let cookie = visitor::visit(&daemon).await;
    visitor::say(&daemon, &cookie, "m1", "hello").await;
    visitor::say(&daemon, &cookie, "m2", "I want to talk to a person").await;
    let card = site.taken(&daemon).await;
    let headers = [("cookie", cookie.as_str()), ("content-type", "image/jpeg"), ("message-id", "m3")];
    assert_eq!(daemon.post("/chat/pictures", &headers, JPEG).await.unwrap().status, StatusCode::ACCEPTED);
    let shown = site.world.said(ROOM, "the picture", |it| it.method() == "sendPhoto").await;
    assert_eq!(shown.file.as_deref(), Some(JPEG));
    colleague(&daemon, 2, &card, photo("AgACnew")).await;
    let url = eventually("the picture on the page", async || {
        let history = visitor::history(&daemon, &cookie).await;
        let lines = history["lines"].as_array().unwrap().clone();
        let picture = lines.into_iter().find(|it| it["from"] == "clerk" && it["content"]["type"] == "image");
        picture.map(|it| it["content"]["url"].as_str().unwrap().to_owned())
    })
    .await;
    let looks = async |cookie: &str| {
        let url = format!("http://{}{url}", daemon.public);
        daemon.call(Method::GET, &url, &[("cookie", cookie)], Bytes::new()).await.unwrap()
    };
    assert_eq!(&looks(&cookie).await.body[..], PNG);
    let stranger = visitor::visit(&daemon).await;
    assert_eq!(looks(&stranger).await.status, StatusCode::NOT_FOUND, "it is the customer's alone");
    // What comes after it is read after it.
    colleague(&daemon, 3, &card, json!({ "text": "It is the last one." })).await;
    let last = eventually("the words", async || {
        let history = visitor::history(&daemon, &cookie).await;
        history["lines"].as_array().unwrap().last().filter(|it| it["content"]["text"] == "It is the last one.").cloned()
    });
    last.await;
}

#[tokio::test]
async fn pictures_go_both_ways_between_whatsapp_and_telegram() {
    let site = Site::new(&["tg", "wa"], false).await;
    let lies = format!("{{\"url\":\"{}/lookaside/1\",\"mime_type\":\"image/jpeg\"}}", site.platform.url());
    site.world.answers("/v25.0/77", &[(200, Box::leak(lies.into_boxed_str()).as_bytes())]);
    site.world.keeps("/lookaside/1", JPEG);
    site.world.keeps("/photos/AgACnew", PNG);
    let daemon = site.shop.start().await;
    let say = async |id: &str, more: Value| {
        daemon.meta("wa", whatsapp(json!({ "messages": [whatsapp_message(id, "16505551234", more)] }))).await;
    };
    say("w1", json!({ "type": "text", "text": { "body": "hello" } })).await;
    say("w2", json!({ "type": "text", "text": { "body": "I want to talk to a person" } })).await;
    let card = site.taken(&daemon).await;
    say("w3", json!({ "type": "image", "image": { "id": "77", "caption": "broken" } })).await;
    let shown = site.world.said(ROOM, "the picture", |it| it.method() == "sendPhoto").await;
    assert_eq!(shown.file.as_deref(), Some(JPEG));
    assert!(shown.text().contains("broken"));
    let mut answer = photo("AgACnew");
    answer["caption"] = json!("this one?");
    colleague(&daemon, 2, &card, answer).await;
    let picture = site.world.said("16505551234", "the picture", |it| it.fields["type"] == "image").await;
    assert_eq!(picture.fields["image"], json!({ "id": "4490709327384033", "caption": "this one?" }));
    let received = site.platform.received();
    let fetched = received.iter().find(|it| it.path() == "/lookaside/1").unwrap();
    assert_eq!(fetched.header("authorization"), "Bearer meta-token");
    site.keeps_its_secrets();
}

#[tokio::test]
async fn pictures_go_both_ways_between_messenger_and_telegram() {
    let site = Site::new(&["tg", "ms"], false).await;
    site.world.keeps("/cdn/1.jpg", JPEG);
    site.world.keeps("/photos/AgACnew", PNG);
    let daemon = site.shop.start().await;
    let say = async |more: Value| {
        daemon.meta("ms", page("page", json!({ "message": more }))).await;
    };
    say(json!({ "mid": "m1", "text": "hello" })).await;
    say(json!({ "mid": "m2", "text": "I want to talk to a person" })).await;
    let card = site.taken(&daemon).await;
    let url = format!("{}/cdn/1.jpg", site.platform.url());
    say(json!({ "mid": "m3", "attachments": [{ "type": "image", "payload": { "url": url } }] })).await;
    let shown = site.world.said(ROOM, "the picture", |it| it.method() == "sendPhoto").await;
    assert_eq!(shown.file.as_deref(), Some(JPEG));
    colleague(&daemon, 2, &card, photo("AgACnew")).await;
    let recipient = json!({ "id": "24001" }).to_string();
    let picture = site.world.said(&recipient, "the picture", |it| it.file.is_some()).await;
    assert_eq!(picture.file.as_deref(), Some(PNG));
    let message: Value = serde_json::from_str(picture.fields["message"].as_str().unwrap()).unwrap();
    assert_eq!(message, json!({ "attachment": { "type": "image", "payload": {} } }));
}

#[tokio::test]
async fn who_reads_a_conversation_in_the_console_sees_what_both_sides_sent() {
    let site = Site::new(&["tg", "ln"], false).await;
    site.world.keeps("/v2/bot/message/325708/content", JPEG);
    site.world.keeps("/photos/AgACnew", PNG);
    let daemon = site.shop.start().await;
    let card = site.line_customer(&daemon).await;
    daemon.line(line_picture("E3", "325708")).await;
    colleague(&daemon, 2, &card, photo("AgACnew")).await;
    site.world.told("could not be delivered").await;
    let owner = Colleague::owner(&daemon).await;
    let page = owner.get(&daemon, "/console/conversations/ln/Uana").await.text();
    let pictures: Vec<_> = page.split("<img src=\"").skip(1).filter_map(|it| it.split('"').next()).collect();
    assert_eq!(pictures.len(), 2, "{page}");
    for (path, bytes, kind) in [(pictures[0], JPEG, "image/jpeg"), (pictures[1], PNG, "image/png")] {
        let shown = owner.get(&daemon, path).await;
        assert_eq!((&shown.body[..], shown.headers["content-type"].to_str().unwrap()), (bytes, kind));
        assert_eq!(shown.headers["x-content-type-options"], "nosniff");
        let of_another = path.replace("Uana", "Uben");
        assert_eq!(owner.get(&daemon, &of_another).await.status, StatusCode::NOT_FOUND);
        let stranger = Colleague::stranger(&daemon);
        assert_ne!(stranger.get(&daemon, path).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_shop_of_its_own_gets_a_colleagues_picture_by_its_address() {
    let site = Site::new(&["tg", "shop"], true).await;
    site.world.keeps("/photos/AgACnew", PNG);
    let daemon = site.shop.start().await;
    daemon.say("m1", "ana", "hello").await;
    daemon.say("m2", "ana", "I want to talk to a person").await;
    let card = site.taken(&daemon).await;
    colleague(&daemon, 2, &card, photo("AgACnew")).await;
    let shown = site.world.said("ana", "the picture", |it| it.fields["data"]["content"]["type"] == "image").await;
    let url = shown.fields["data"]["content"]["url"].as_str().unwrap();
    let fetched = daemon.get(url.strip_prefix("https://clerk.example").expect(url)).await.unwrap();
    assert_eq!(&fetched.body[..], PNG);
}
