use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    channel::testing::{
        ATTEMPT, KEY, NOW_MS, Post, accepted, answer, channel, event, ignored, mistake, outgoing, refused, rendered,
        uncertain, vector,
    },
    model::{Address, Event, EventKind, Media, Message, ReplyContext},
    webhook::signature::hmac_sha256,
};

const SETTINGS: &str = "kind = \"line\"\nchannel_secret = \"line-secret\"\naccess_token = \"line-token\"";

fn account() -> Box<dyn Channel> {
    channel(SETTINGS)
}

fn signed(body: &[u8]) -> Post<'_> {
    Post::new(body).header("x-line-signature", STANDARD.encode(hmac_sha256(b"line-secret", &[body])))
}

fn receive(events: &[Value]) -> Inbound {
    let body = json!({ "destination": "U8e", "events": events }).to_string();
    signed(body.as_bytes()).to(&*account())
}

/// An event from a user, with more fields.
fn from_user(id: &str, more: Value) -> Value {
    let mut event = json!({
        "webhookEventId": id, "mode": "active", "timestamp": 1_700_000_000_000_i64, "replyToken": "token",
        "source": { "type": "user", "userId": "U4a" }, "deliveryContext": { "isRedelivery": false },
    });
    for (key, value) in more.as_object().unwrap() {
        event[key] = value.clone();
    }
    event
}

fn text(id: &str, text: &str) -> Value {
    from_user(id, json!({ "type": "message", "message": { "id": "m1", "type": "text", "text": text } }))
}

fn message_of(event: Event) -> Message {
    match event.kind {
        EventKind::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_line_signs_is_verified_and_read() {
    let vector = vector("line", "x-line-signature");
    let (body, signature) = (vector.input("body"), vector.expected.as_str().unwrap());
    let account = channel(&SETTINGS.replace("line-secret", vector.input("channel_secret")));
    let event = event(Post::new(body).header("x-line-signature", signature).to(&*account));
    assert_eq!(event.dedupe, "01FZ74A0TDDPYRVKNK77XKC3ZR");
    assert_eq!(event.address, Address::new("main", "U4af4980629af4980629af4980629af49"));
    assert_eq!(event.at_ms, 1_462_629_479_859);
    assert_eq!(message_of(event).text.as_deref(), Some("Hello 世界"));
    let changed = body.replace("Hello", "hello");
    let inbound = Post::new(&changed).header("x-line-signature", signature).to(&*account);
    assert_eq!(refused(inbound), StatusCode::UNAUTHORIZED);
}

#[test]
fn the_consoles_verify_button_is_answered_with_200() {
    let vector = vector("line", "console \"Verify\"");
    let account = channel(&SETTINGS.replace("line-secret", vector.input("channel_secret")));
    let post = Post::new(vector.input("body")).header("x-line-signature", vector.input("x_line_signature"));
    let (ack, events, ignored) = accepted(post.to(&*account));
    assert_eq!(json!({ "status": ack.status().as_u16(), "events": events.len() }), vector.expected);
    assert_eq!(ignored, 0);
}

#[test]
fn a_missing_or_forged_signature_is_refused_before_the_body_is_read() {
    let good = STANDARD.encode(hmac_sha256(b"line-secret", &[b"{"]));
    let status = |signature: &str| refused(Post::new("{").header("x-line-signature", signature).to(&*account()));
    let true_one = Post::new("{").header("x-line-signature", good.as_str()).to(&*account());
    assert_eq!(ignored(true_one), 1, "what is signed is acknowledged");
    let stranger = STANDARD.encode(hmac_sha256(b"other-secret", &[b"{"]));
    for forged in ["", "=", &good[..40], &stranger, &hex::encode(hmac_sha256(b"line-secret", &[b"{"]))] {
        assert_eq!(status(forged), StatusCode::UNAUTHORIZED, "{forged}");
    }
    assert_eq!(refused(Post::new("{").to(&*account())), StatusCode::UNAUTHORIZED, "unsigned");
    let mut get = signed(b"");
    get.method = Method::GET;
    assert_eq!(refused(get.to(&*account())), StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn every_event_of_a_batch_is_kept_but_those_not_meant_for_us() {
    let mut standby = text("E2", "for another module");
    standby["mode"] = json!("standby");
    let mut redelivered = text("E3", "again");
    redelivered["deliveryContext"]["isRedelivery"] = json!(true);
    let batch = [
        text("E1", "first"),
        standby,
        redelivered,
        from_user("E4", json!({ "type": "unsend", "unsend": { "messageId": "m1" } })),
        json!("not an event"),
        text("", "without an id of its own"),
        text("E5", "last"),
    ];
    let (_, events, ignored) = accepted(receive(&batch));
    assert_eq!(events.iter().map(|event| event.dedupe.as_str()).collect::<Vec<_>>(), ["E1", "E3", "m1", "E5"]);
    assert_eq!(ignored, 3);
}

#[test]
fn a_follow_opens_the_conversation_and_a_postback_says_its_data() {
    let follow = event(receive(&[from_user("E1", json!({ "type": "follow", "follow": { "isUnblocked": false } }))]));
    let EventKind::Opened { sender, reply, .. } = follow.kind else { panic!("{follow:?}") };
    assert_eq!((sender.as_str(), reply.budget), ("U4a", Some(1)));
    let pressed = from_user("E2", json!({ "type": "postback", "postback": { "data": "parcel" } }));
    let message = message_of(event(receive(&[pressed])));
    assert_eq!((message.id.as_str(), message.text.as_deref()), ("E2", Some("parcel")));
}

#[test]
fn a_group_or_room_is_the_chat_and_its_member_the_sender() {
    for (source, chat, sender) in [
        (json!({ "type": "group", "groupId": "C1", "userId": "U4a" }), "C1", "U4a"),
        (json!({ "type": "room", "roomId": "R1", "userId": "U4a" }), "R1", "U4a"),
        (json!({ "type": "group", "groupId": "C1" }), "C1", "C1"),
    ] {
        let mut said = text("E1", "@Clerk hi");
        said["message"]["mention"] =
            json!({ "mentionees": [{ "index": 0, "length": 6, "type": "user", "userId": "U0", "isSelf": true }] });
        said["source"] = source;
        let event = event(receive(&[said]));
        assert_eq!(event.address.chat, chat);
        let message = message_of(event);
        assert_eq!((message.sender.as_str(), message.text.as_deref()), (sender, Some("hi")));
    }
    let mut nobody = text("E1", "hi");
    nobody["source"] = json!({ "type": "user" });
    assert_eq!(ignored(receive(&[nobody])), 1);
}

#[test]
fn in_a_group_only_what_names_the_account_or_presses_its_buttons_is_for_it() {
    let in_group = |mut event: Value| {
        event["source"] = json!({ "type": "group", "groupId": "C1", "userId": "U4a" });
        event
    };
    let mut other = text("E2", "@Cy see you");
    other["message"]["mention"] =
        json!({ "mentionees": [{ "index": 0, "length": 3, "userId": "Uc", "isSelf": false }] });
    let picture = from_user("E3", json!({ "type": "message", "message": { "id": "m1", "type": "image" } }));
    let talk = [text("E1", "lunch anyone?"), other, picture].map(in_group);
    assert_eq!(ignored(receive(&talk)), 3);
    let pressed = in_group(from_user("E4", json!({ "type": "postback", "postback": { "data": "rule:returns" } })));
    assert_eq!(event(receive(std::slice::from_ref(&pressed))).address.chat, "C1");
    let to = |groups: &str, event: &Value| {
        let body = json!({ "destination": "U8e", "events": [event] }).to_string();
        signed(body.as_bytes()).to(&*channel(&format!("{SETTINGS}\ngroups = \"{groups}\"")))
    };
    assert_eq!(event(to("all", &talk[0])).address.chat, "C1");
    assert_eq!(ignored(to("none", &pressed)), 1);
}

#[test]
fn what_line_thinks_of_next_is_media_of_its_kind_and_pictures_sent_together_are_one_album() {
    let coupon = json!({ "type": "message", "message": { "id": "m1", "type": "coupon", "couponId": "c" } });
    let message = message_of(event(receive(&[from_user("E1", coupon)])));
    assert_eq!(message.media, [Media::new("coupon", "m1")]);
    let picture = json!({ "id": "m1", "type": "image", "imageSet": { "id": "S", "index": 1, "total": 2 } });
    let message = message_of(event(receive(&[from_user("E1", json!({ "type": "message", "message": picture }))])));
    assert_eq!(message.album.as_deref(), Some("S"));
}

#[test]
fn an_answer_in_parts_is_one_reply_whose_last_part_has_the_buttons() {
    let reply = message_of(event(receive(&[text("E1", "hi")]))).reply;
    assert_eq!((reply.budget, reply.at_once), (Some(1), Some(5)));
    let choice = Choice { label: "Parcel".to_owned(), value: "rule:parcel".to_owned() };
    let welcome = Content::Choices { text: "Welcome".to_owned(), choices: vec![choice] };
    let content = Content::Several { parts: vec![welcome, Content::text("7 days")] };
    let (request, body) = rendered(&*account(), &outgoing(&content, &reply));
    assert!(request.uri().path().ends_with("/reply"));
    assert_eq!((&body["messages"][0]["text"], &body["messages"][1]["text"]), (&json!("Welcome"), &json!("7 days")));
    assert_eq!(body["messages"][0].get("quickReply"), None);
    assert_eq!(body["messages"][1]["quickReply"]["items"][0]["action"]["data"], "rule:parcel");
    let picture = Content::Image { url: "https://shop.example/1.jpg".to_owned(), caption: Some("Oolong".to_owned()) };
    let (_, body) = rendered(&*account(), &outgoing(&Content::Several { parts: vec![picture; 5] }, &reply));
    assert_eq!(body["messages"].as_array().map(Vec::len), Some(5), "LINE refuses six");
}

#[test]
fn pictures_stickers_and_places_are_kept_by_reference() {
    for (message, kind, reference) in [
        (json!({ "id": "m1", "type": "image" }), "image", "m1"),
        (json!({ "id": "m1", "type": "audio", "duration": 1 }), "audio", "m1"),
        (json!({ "id": "m1", "type": "file", "fileSize": 2138 }), "file", "m1"),
        (json!({ "id": "m1", "type": "sticker", "stickerId": "s", "text": "hi" }), "sticker", "s"),
        (json!({ "id": "m1", "type": "location", "latitude": 25.5, "longitude": 121.25 }), "location", "25.5,121.25"),
    ] {
        let event = event(receive(&[from_user("E1", json!({ "type": "message", "message": message }))]));
        let message = message_of(event);
        assert_eq!(message.media, [Media::new(kind, reference)]);
        assert_eq!(message.text, None, "{kind}");
    }
    let file = json!({ "id": "m1", "type": "file", "fileName": "a.pdf", "fileSize": 2138 });
    let message = message_of(event(receive(&[from_user("E1", json!({ "type": "message", "message": file }))])));
    assert_eq!(message.media, [Media::new("file", "m1").called(Some("a.pdf"))]);
}

#[test]
fn the_first_answer_within_fifty_seconds_is_a_free_reply_and_the_others_are_pushed() {
    let reply = message_of(event(receive(&[text("E1", "hi")]))).reply;
    let account = account();
    let content = Content::text("你好");
    let in_time = Outgoing { now_ms: NOW_MS + 49_999, ..outgoing(&content, &reply) };
    let (request, body) = rendered(&*account, &in_time);
    assert_eq!(request.uri(), "https://api.line.me/v2/bot/message/reply");
    assert_eq!(body, json!({ "replyToken": "token", "messages": [{ "type": "text", "text": "你好" }] }));
    assert_eq!(request.headers()["authorization"], "Bearer line-token");
    assert!(!request.headers().contains_key("x-line-retry-key"), "a reply takes none");

    let used_up = ReplyContext { budget: Some(0), ..reply.clone() };
    let notice = ReplyContext::default();
    for (case, message) in [
        ("late", Outgoing { now_ms: NOW_MS + 50_000, ..outgoing(&content, &reply) }),
        ("refused", Outgoing { fallback: true, ..outgoing(&content, &reply) }),
        ("second", outgoing(&content, &used_up)),
        ("notice", outgoing(&content, &notice)),
    ] {
        let (request, body) = rendered(&*account, &message);
        assert_eq!(request.uri(), "https://api.line.me/v2/bot/message/push", "{case}");
        assert_eq!(body, json!({ "to": "42", "messages": [{ "type": "text", "text": "你好" }] }), "{case}");
        assert_eq!(request.headers()["x-line-retry-key"], KEY, "{case}");
        assert_eq!(request.headers()["authorization"], "Bearer line-token", "{case}");
    }
}

#[test]
fn a_picture_carries_its_caption_as_a_message_of_its_own() {
    let context = ReplyContext::default();
    let picture =
        |url: &str, caption: Option<&str>| Content::Image { url: url.to_owned(), caption: caption.map(str::to_owned) };
    let url = "https://shop.example/1.jpg";
    let image = json!({ "type": "image", "originalContentUrl": url, "previewImageUrl": url });
    for (content, messages) in [
        (picture(url, Some("Oolong")), json!([{ "type": "text", "text": "Oolong" }, image])),
        (picture(url, Some("")), json!([image])),
        (picture(url, None), json!([image])),
        (picture("http://shop.example/1.jpg", None), json!([{ "type": "text", "text": "http://shop.example/1.jpg" }])),
    ] {
        let (_, body) = rendered(&*account(), &outgoing(&content, &context));
        assert_eq!(body["messages"], messages);
    }
}

#[test]
fn choices_become_quick_replies_within_lines_limits() {
    let context = ReplyContext::default();
    let choices = |count: usize, label: &str, value: &str| Content::Choices {
        text: "哪个？".to_owned(),
        choices: vec![Choice { label: label.to_owned(), value: value.to_owned() }; count],
    };
    let items = |content: &Content| {
        let (_, body) = rendered(&*account(), &outgoing(content, &context));
        body["messages"][0]["quickReply"]["items"].clone()
    };
    let action = |label: &str, shown: &str| {
        json!({ "type": "action", "action":
            { "type": "postback", "label": label, "data": "parcel", "displayText": shown } })
    };
    assert_eq!(items(&choices(1, "查件", "parcel")), json!([action("查件", "查件")]));
    let (twenty, more) = ("茶".repeat(20), "茶".repeat(21));
    assert_eq!(items(&choices(1, &twenty, "parcel")), json!([action(&twenty, &twenty)]));
    assert_eq!(items(&choices(1, &more, "parcel")), json!([action(&format!("{}…", "茶".repeat(19)), &more)]));
    assert_eq!(items(&choices(MAX_CHOICES, "a", "b")).as_array().map(Vec::len), Some(MAX_CHOICES));
    let long = "x".repeat(MAX_POSTBACK + 1);
    for content in
        [choices(MAX_CHOICES + 1, "a", "b"), choices(2, "a", ""), choices(2, "", "b"), choices(2, "a", &long)]
    {
        let (_, body) = rendered(&*account(), &outgoing(&content, &context));
        assert_eq!(body["messages"], json!([{ "type": "text", "text": content.to_plain_text() }]));
    }
}

#[test]
fn each_answer_has_its_meaning() {
    let account = account();
    let refusal = |status: u16, message: &str| {
        account.classify(&answer(status, &json!({ "message": message }).to_string()), &ATTEMPT)
    };
    let sent =
        account.classify(&answer(200, r#"{"sentMessages":[{"id":"461230966842064897","quoteToken":"q"}]}"#), &ATTEMPT);
    assert_eq!(sent, Outcome::Sent(Some("461230966842064897".to_owned())));
    assert_eq!(account.classify(&answer(200, "{}"), &ATTEMPT), Outcome::Sent(None));
    assert_eq!(refusal(409, "The retry key is already accepted"), Outcome::AlreadySent);
    assert_eq!(refusal(400, "Invalid reply token"), Outcome::Fallback);
    assert_eq!(
        refusal(400, "The property, 'to', is invalid"),
        Outcome::Drop("400: The property, 'to', is invalid".to_owned())
    );
    assert_eq!(refusal(429, "The API rate limit has been exceeded."), Outcome::Retry(None));
    let spent = refusal(429, "You have reached your monthly limit.");
    assert_eq!(spent, Outcome::Drop("429: You have reached your monthly limit.".to_owned()));
    assert_eq!(refusal(500, ""), Outcome::Retry(None));
    assert_eq!(account.classify(&answer(503, "<html>"), &ATTEMPT), Outcome::Retry(None));
    assert!(matches!(refusal(401, "Authentication failed"), Outcome::StopChannel(_)));
    for status in [403, 404] {
        assert!(matches!(refusal(status, "no"), Outcome::Drop(_)), "{status}");
    }
    let doubtful = Attempt { in_doubt: true, ..ATTEMPT };
    let used_up = answer(400, r#"{"message":"Invalid reply token"}"#);
    assert_eq!(account.classify(&used_up, &doubtful), Outcome::AlreadySent, "an earlier attempt used it up");
}

#[test]
fn a_reply_that_may_have_arrived_is_repeated_while_its_token_is_good_and_never_becomes_a_push() {
    let (account, content) = (account(), Content::text("7 days"));
    let reply = message_of(event(receive(&[text("E1", "hi")]))).reply;
    let again = Outgoing { in_doubt: true, ..outgoing(&content, &reply) };
    assert_eq!(uncertain(&*account, &again), Uncertain::ResendWhileGood);
    let late = Outgoing { now_ms: NOW_MS + 60_000, ..again };
    assert!(matches!(account.render(&late), Rendered::Closed(why) if why.starts_with("may have been delivered")));
    let never_arrived = Outgoing { in_doubt: false, ..late };
    assert_eq!(uncertain(&*account, &never_arrived), Uncertain::Resend, "a push has a key");
}

#[test]
fn unusable_settings_are_refused_by_name_without_showing_a_secret() {
    for (settings, named) in [
        (SETTINGS.replace("line-secret", ""), "channel_secret"),
        (SETTINGS.replace("line-token", "line-token\\n"), "access_token"),
        (SETTINGS.replace("line-token", ""), "access_token"),
        (format!("{SETTINGS}\napi_base = \"line\""), "api_base"),
    ] {
        let mistake = mistake(&settings);
        assert!(mistake.contains(named) && !mistake.contains("line-"), "{mistake}");
    }
}

proptest! {
    #[test]
    fn no_signed_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        drop(signed(&body).to(&*account()));
    }

    #[test]
    fn no_event_makes_it_panic(kind in "(message|postback|follow|x)", value in ".{0,40}", field in "(source|mode|message|timestamp)") {
        drop(receive(&[from_user("E1", json!({ "type": kind, field: value }))]));
    }

    #[test]
    fn no_answer_makes_it_panic(status in 200_u16..600, body in ".{0,80}") {
        drop(account().classify(&answer(status, &body), &ATTEMPT));
    }
}

#[test]
fn what_a_customer_sent_is_fetched_by_its_messages_id() {
    let media = |reference: &str| Media::new("image", reference);
    let Lies::There(request) = account().find(&media("325708"), None) else { panic!("it can be fetched") };
    assert_eq!(request.uri(), "https://api-data.line.me/v2/bot/message/325708/content");
    assert_eq!(request.headers()["authorization"], "Bearer line-token");
    assert!(matches!(account().find(&media("../../profile"), None), Lies::Nowhere), "an id leads nowhere else");
    let elsewhere = json!({ "type": "external", "originalContentUrl": "https://x.example/1.jpg" });
    let message = json!({ "id": "m1", "type": "image", "contentProvider": elsewhere });
    let read = message_of(event(receive(&[from_user("e1", json!({ "type": "message", "message": message }))])));
    assert_eq!(read.media, [media("https://x.example/1.jpg")]);
}

#[test]
fn pictures_are_shown_where_line_can_show_them_and_linked_to_where_it_cannot() {
    for (kind, bytes, takes) in [
        (Kind::Jpeg, 1_000_000, Takes::Address),
        (Kind::Png, 1, Takes::Address),
        (Kind::Jpeg, 1_000_001, Takes::Link),
        (Kind::Gif, 1, Takes::Link),
        (Kind::Mp4, 1, Takes::Link),
    ] {
        assert_eq!(account().takes(kind, bytes), takes, "{kind:?} {bytes}");
    }
}
