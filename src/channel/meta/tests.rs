use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    channel::testing::{
        NOW_MS, Post, accepted, answer, channel, event, ignored, mistake, outgoing, refused, rendered, vector,
    },
    model::{Content, DeliveryStatus, Event, EventKind, Media, Message, ReplyContext},
    webhook::signature::hmac_sha256,
};

const ACCOUNT: &str = "106540352242922";
const SECRET: &str = "app-secret";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn settings(platform: &str) -> String {
    format!(
        "kind = \"meta\"\nplatform = \"{platform}\"\naccount = \"{ACCOUNT}\"\napp_secret = \"{SECRET}\"\n\
         verify_token = \"meatyhamhock\"\naccess_token = \"meta-token\""
    )
}

fn account(platform: &str) -> Box<dyn Channel> {
    channel(&settings(platform))
}

fn signature(secret: &str, body: &str) -> String {
    format!("sha256={}", hex::encode(hmac_sha256(secret.as_bytes(), &[body.as_bytes()])))
}

fn receive(platform: &str, body: &Value) -> Inbound {
    let body = body.to_string();
    Post::new(&body).header("x-hub-signature-256", signature(SECRET, &body)).to(&*account(platform))
}

/// A WhatsApp webhook whose one change has these fields.
fn whatsapp(more: &Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "15550783881", "phone_number_id": ACCOUNT },
        "contacts": [{ "profile": { "name": "Sheena" }, "wa_id": "16505551234" }],
    });
    for (key, field) in more.as_object().unwrap() {
        value[key] = field.clone();
    }
    let changes = json!([{ "field": "messages", "value": value }]);
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": changes }] })
}

/// A WhatsApp message with these fields.
fn said(id: &str, more: &Value) -> Value {
    let mut message = json!({ "from": "16505551234", "id": id, "timestamp": "1700000000" });
    for (key, field) in more.as_object().unwrap() {
        message[key] = field.clone();
    }
    message
}

/// A Messenger webhook of these things sent to the page.
fn messenger(messaging: &[Value]) -> Value {
    json!({ "object": "page", "entry": [{ "id": ACCOUNT, "time": NOW_MS, "messaging": messaging }] })
}

/// One thing a customer sent to the page.
fn sent(more: &Value) -> Value {
    let mut messaging =
        json!({ "sender": { "id": "24001" }, "recipient": { "id": ACCOUNT }, "timestamp": 1_700_000_000_000_i64 });
    for (key, field) in more.as_object().unwrap() {
        messaging[key] = field.clone();
    }
    messaging
}

fn message_of(event: Event) -> Message {
    match event.kind {
        EventKind::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_meta_signs_is_verified_and_read() {
    for (platform, account, chat, text) in [
        ("whatsapp", ACCOUNT, "16505551234", "Does it come in another color? 你好"),
        ("messenger", "1122334455", "24001", "hi é"),
        ("instagram", "1122334455", "24001", "hi é"),
    ] {
        let vector = vector(platform, "X-Hub-Signature-256");
        let settings = settings(platform).replace(SECRET, vector.input("app_secret")).replace(ACCOUNT, account);
        let channel = channel(&settings);
        let (body, signature) = (vector.input("body"), vector.expected.as_str().unwrap());
        let event = event(Post::new(body).header("x-hub-signature-256", signature).to(&*channel));
        assert_eq!(event.address.chat, chat);
        assert_eq!(event.at_ms / 1000, if platform == "whatsapp" { 1_749_416_383 } else { 1_749_416_382 });
        let at_ms = event.at_ms;
        let message = message_of(event);
        assert_eq!(message.text.as_deref(), Some(text));
        assert_eq!(message.reply.deadline_ms, Some(at_ms + DAY_MS));
        // The same text, but not the same bytes.
        let rewritten = serde_json::from_str::<Value>(body).unwrap().to_string();
        let inbound = Post::new(&rewritten).header("x-hub-signature-256", signature).to(&*channel);
        assert_eq!(refused(inbound), StatusCode::UNAUTHORIZED, "{platform}");
    }
}

#[test]
fn a_missing_or_forged_signature_is_refused_before_the_body_is_read() {
    let account = account("whatsapp");
    let status = |header: &str| refused(Post::new("{").header("x-hub-signature-256", header).to(&*account));
    let good = signature(SECRET, "{");
    assert_eq!(status(&good), StatusCode::BAD_REQUEST, "the true one");
    let bare = good.trim_start_matches("sha256=").to_owned();
    let sha1 = good.replace("sha256=", "sha1=");
    for forged in ["", "sha256=", &good[..70], &bare, &sha1, &signature("another", "{"), &signature(SECRET, "}")] {
        assert_eq!(status(forged), StatusCode::UNAUTHORIZED, "{forged}");
    }
    assert_eq!(refused(Post::new("{").to(&*account)), StatusCode::UNAUTHORIZED, "unsigned");
    let mut put = Post::new("{");
    put.method = Method::PUT;
    assert_eq!(refused(put.to(&*account)), StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn the_handshake_echoes_the_challenge_to_those_who_know_the_token() {
    let vector = vector("whatsapp", "GET verification handshake");
    let account = channel(&settings("whatsapp").replace("meatyhamhock", vector.input("configured_verify_token")));
    let get = |query: &str| {
        let mut get = Post::new("");
        get.method = Method::GET;
        get.query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        match get.to(&*account) {
            Inbound::Respond(response) => response,
            Inbound::Refused(refusal) => refusal.into_response(),
            other => panic!("{other:?}"),
        }
    };
    let query = vector.input("query");
    let response = get(query);
    assert_eq!(response.status(), 200);
    assert_eq!(response.body().as_ref(), vector.expected["body"].as_str().unwrap().as_bytes());
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));

    for (wrong, status) in [
        (query.replace("meatyhamhock", "meaty"), 403),
        (query.replace("subscribe", "unsubscribe"), 403),
        (query.replace("hub.verify_token", "verify_token"), 403),
        (query.replace("hub.challenge=1158201444", ""), 400),
        (query.replace("1158201444", &"1".repeat(257)), 400),
    ] {
        let response = get(&wrong);
        assert_eq!(response.status(), status, "{wrong}");
        assert!(!response.body().starts_with(b"1"), "{wrong} is echoed");
    }
}

#[test]
fn every_message_of_a_batch_is_kept_but_those_not_meant_for_us() {
    let text = |id: &str| said(id, &json!({ "type": "text", "text": { "body": id } }));
    let mut body = whatsapp(&json!({ "messages": [
        text("first"),
        said("reaction", &json!({ "type": "reaction", "reaction": { "emoji": "👍" } })),
        said("broken", &json!({ "type": "text" })),
        "not a message",
        text("second"),
    ] }));
    let mut other_account = body["entry"][0].clone();
    other_account["changes"][0]["value"]["metadata"]["phone_number_id"] = json!("2");
    let mut other_field = body["entry"][0].clone();
    other_field["changes"][0]["field"] = json!("account_alerts");
    let last = whatsapp(&json!({ "messages": [text("last")] }))["entry"][0].clone();
    body["entry"].as_array_mut().unwrap().extend([other_account, other_field, json!(7), last]);
    let (_, events, ignored) = accepted(receive("whatsapp", &body));
    assert_eq!(events.iter().map(|event| event.dedupe.as_str()).collect::<Vec<_>>(), ["first", "second", "last"]);
    assert_eq!(ignored, 6);
    // The webhook of another product of the same app.
    assert_eq!(self::ignored(receive("instagram", &body)), 1);
    assert_eq!(self::ignored(receive("whatsapp", &json!({ "entry": "none" }))), 1);
}

#[test]
fn whatsapp_buttons_say_their_value_and_media_their_caption() {
    let file = |kind: &str| said("m", &json!({ "type": kind, kind: { "id": "media-1", "caption": "look" } }));
    let place = json!({ "latitude": 25.5, "longitude": 121.25, "name": "Home" });
    let pressed = |kind: &str| json!({ "type": kind, kind: { "id": "parcel", "title": "Where is it?" } });
    for (message, text, media) in [
        (file("image"), Some("look"), Some(("image", "media-1"))),
        (file("video"), Some("look"), Some(("video", "media-1"))),
        (file("document"), Some("look"), Some(("file", "media-1"))),
        (said("m", &json!({ "type": "audio", "audio": { "id": "a" } })), None, Some(("audio", "a"))),
        (said("m", &json!({ "type": "sticker", "sticker": { "id": "s" } })), None, Some(("sticker", "s"))),
        (said("m", &json!({ "type": "location", "location": place })), Some("Home"), Some(("location", "25.5,121.25"))),
        (said("m", &json!({ "type": "button", "button": { "text": "Yes", "payload": "yes" } })), Some("yes"), None),
        (said("m", &json!({ "type": "interactive", "interactive": pressed("button_reply") })), Some("parcel"), None),
        (said("m", &json!({ "type": "interactive", "interactive": pressed("list_reply") })), Some("parcel"), None),
        (
            said("m", &json!({ "type": "text", "text": { "body": "hi" }, "referral": { "source_type": "ad" } })),
            Some("hi"),
            None,
        ),
    ] {
        let event = event(receive("whatsapp", &whatsapp(&json!({ "messages": [message] }))));
        let message = message_of(event);
        assert_eq!(message.text.as_deref(), text);
        let media: Vec<_> =
            media.map(|(kind, it)| Media { kind: kind.to_owned(), reference: it.to_owned() }).into_iter().collect();
        assert_eq!(message.media, media);
        assert_eq!(message.sender_name.as_deref(), Some("Sheena"));
    }
    let form = json!({ "type": "nfm_reply", "nfm_reply": {} });
    let form = said("m", &json!({ "type": "interactive", "interactive": form }));
    assert_eq!(ignored(receive("whatsapp", &whatsapp(&json!({ "messages": [form] })))), 1);
    let welcome = said("m", &json!({ "type": "request_welcome" }));
    let event = event(receive("whatsapp", &whatsapp(&json!({ "messages": [welcome] }))));
    assert!(matches!(event.kind, EventKind::Opened { .. }), "{event:?}");
}

#[test]
fn a_customer_without_a_number_is_known_and_answered_by_user_id() {
    let contact = json!([{ "profile": { "name": "Ana" }, "user_id": "US.13491208655302741918" }]);
    let user_id = json!({ "from_user_id": "US.13491208655302741918" });
    let without_number = json!({ "from": "", "from_user_id": "US.13491208655302741918" });
    for sender in [user_id, without_number, json!({})] {
        let mut message = json!({ "id": "m", "timestamp": "1700000000", "type": "text", "text": { "body": "hi" } });
        for (key, value) in sender.as_object().unwrap() {
            message[key] = value.clone();
        }
        let body = whatsapp(&json!({ "contacts": contact, "messages": [message] }));
        let event = event(receive("whatsapp", &body));
        assert_eq!(event.address.chat, "US.13491208655302741918");
        assert_eq!(message_of(event).sender_name.as_deref(), Some("Ana"));
    }
    let (content, context) = (Content::text("hi"), ReplyContext::default());
    let message = Outgoing { chat: "US.13491208655302741918", ..outgoing(&content, &context) };
    let (_, body) = rendered(&*account("whatsapp"), &message);
    assert_eq!((&body["recipient"], body.get("to")), (&json!("US.13491208655302741918"), None));
    assert_eq!(body["recipient_type"], "individual");
}

#[test]
fn what_became_of_our_messages_is_told_once_a_step() {
    let status = |status: &str, more: Value| {
        let mut value =
            json!({ "id": "wamid.1", "status": status, "timestamp": "1700000000", "recipient_id": "16505551234" });
        for (key, field) in more.as_object().unwrap() {
            value[key] = field.clone();
        }
        value
    };
    let errors = json!({ "errors": [{ "code": 131_047, "title": "Re-engagement message" }] });
    let statuses = [status("sent", json!({})), status("read", json!({})), status("failed", errors)];
    let (_, events, _) = accepted(receive("whatsapp", &whatsapp(&json!({ "statuses": statuses }))));
    let dedupe: std::collections::BTreeSet<_> = events.iter().map(|event| &event.dedupe).collect();
    assert_eq!(dedupe.len(), 3);
    let failed = DeliveryStatus {
        message_id: "wamid.1".to_owned(),
        status: "failed".to_owned(),
        error: Some("131047: Re-engagement message".to_owned()),
    };
    assert_eq!(events[2].kind, EventKind::Status(failed));
    assert_eq!(events[2].address.chat, "16505551234");

    let delivered = sent(&json!({ "delivery": { "mids": ["m1", "m2"], "watermark": 1 } }));
    let (_, events, ignored) = accepted(receive("messenger", &messenger(&[delivered])));
    assert_eq!((events.len(), ignored), (2, 0));
    let seen = sent(&json!({ "read": { "watermark": 1 } }));
    assert_eq!(self::ignored(receive("messenger", &messenger(&[seen]))), 1);
}

#[test]
fn messenger_messages_buttons_and_arrivals_are_read() {
    let picture =
        json!([{ "type": "image", "payload": { "url": "https://cdn.example/1.jpg" } }, { "type": "fallback" }]);
    let batch = [
        sent(&json!({ "message": { "mid": "m1", "text": "hi" } })),
        sent(&json!({ "message": { "mid": "m2", "text": "Parcel", "quick_reply": { "payload": "parcel" } } })),
        sent(&json!({ "message": { "mid": "m3", "attachments": picture } })),
        sent(&json!({ "postback": { "title": "Start", "payload": "start" } })),
    ];
    let (_, events, ignored) = accepted(receive("messenger", &messenger(&batch)));
    assert_eq!(ignored, 0);
    let messages: Vec<_> = events.into_iter().map(message_of).collect();
    let texts: Vec<_> = messages.iter().map(|message| message.text.as_deref()).collect();
    assert_eq!(texts, [Some("hi"), Some("parcel"), None, Some("start")]);
    let media = Media { kind: "image".to_owned(), reference: "https://cdn.example/1.jpg".to_owned() };
    assert_eq!(messages[2].media, [media]);

    let link = json!([{ "type": "fallback", "title": "Tea", "url": "https://l.example/tea", "payload": null }]);
    let shared = sent(&json!({ "message": { "mid": "m4", "text": "https://shop.example/tea", "attachments": link } }));
    let shared = message_of(event(receive("messenger", &messenger(&[shared]))));
    assert_eq!(shared.text.as_deref(), Some("https://shop.example/tea"));
    assert_eq!(shared.media[0].reference, "https://l.example/tea");

    let pressed = sent(&json!({ "postback": { "mid": "m5", "title": "Talk to us" } }));
    assert_eq!(message_of(event(receive("messenger", &messenger(&[pressed])))).text.as_deref(), Some("Talk to us"));
    let started = event(receive("messenger", &messenger(&[sent(&json!({ "postback": { "mid": "m6" } }))])));
    assert!(matches!(started.kind, EventKind::Opened { ref sender, .. } if sender == "24001"), "{started:?}");

    let arrival = sent(&json!({ "referral": { "ref": "spring", "source": "SHORTLINK", "type": "OPEN_THREAD" } }));
    let event = event(receive("messenger", &messenger(&[arrival])));
    assert!(matches!(event.kind, EventKind::Opened { ref sender, .. } if sender == "24001"), "{event:?}");
}

#[test]
fn our_own_and_withdrawn_messages_and_those_of_others_are_not_answered() {
    let own = json!({ "sender": { "id": ACCOUNT }, "recipient": { "id": "24001" }, "timestamp": 1,
        "message": { "mid": "m0", "text": "from the page" } });
    let batch = [
        sent(&json!({ "message": { "mid": "m1", "text": "hello", "is_echo": true, "app_id": 7 } })),
        sent(&json!({ "message": { "mid": "m2", "is_deleted": true } })),
        sent(&json!({ "reaction": { "reaction": "love" } })),
        sent(&json!({ "message": { "mid": "m3", "attachments": [{ "type": "like_heart" }] } })),
        own,
        sent(&json!({ "message": { "mid": "", "text": "without an id" } })),
    ];
    assert_eq!(ignored(receive("messenger", &messenger(&batch))), 6);
    let mut other = messenger(&[sent(&json!({ "message": { "mid": "m1", "text": "hi" } }))]);
    other["entry"][0]["id"] = json!("2");
    assert_eq!(ignored(receive("messenger", &other)), 1);
    let comment = json!({ "object": "page", "entry": [{ "id": ACCOUNT, "changes": [{ "field": "feed" }] }] });
    assert_eq!(ignored(receive("messenger", &comment)), 1);
}

#[test]
fn a_text_goes_to_the_accounts_messages_with_its_token() {
    let (content, context) = (Content::text("您好"), ReplyContext::default());
    let own_base = format!("{}\napi_base = \"http://127.0.0.1:1/\"\napi_version = \"v24.0\"", settings("whatsapp"));
    let (request, body) = rendered(&*channel(&own_base), &outgoing(&content, &context));
    assert_eq!(request.uri(), &*format!("http://127.0.0.1:1/v24.0/{ACCOUNT}/messages"));
    assert_eq!(
        body,
        json!({ "messaging_product": "whatsapp", "recipient_type": "individual", "to": "42", "type": "text",
            "text": { "body": "您好", "preview_url": false } })
    );
    for platform in ["messenger", "instagram"] {
        let (request, body) = rendered(&*account(platform), &outgoing(&content, &context));
        assert_eq!(request.uri(), &*format!("https://graph.facebook.com/v25.0/{ACCOUNT}/messages"));
        assert_eq!(request.headers()["authorization"], "Bearer meta-token");
        let expected =
            json!({ "recipient": { "id": "42" }, "messaging_type": "RESPONSE", "message": { "text": "您好" } });
        assert_eq!(body, expected);
    }
}

#[test]
fn a_whatsapp_answer_quotes_what_it_answers_and_a_notice_nothing() {
    let question = said("wamid.7", &json!({ "type": "text", "text": { "body": "Where is it?" } }));
    let answer = message_of(event(receive("whatsapp", &whatsapp(&json!({ "messages": [question] }))))).reply;
    let notice = ReplyContext { data: Value::Null, ..answer.clone() };
    let choice = Choice { label: "Yes".to_owned(), value: "yes".to_owned() };
    let image = Content::Image { url: "https://shop.example/1.jpg".to_owned(), caption: None };
    let choices = Content::Choices { text: "Is it?".to_owned(), choices: vec![choice] };
    for content in [Content::text("hi"), image, choices] {
        let context = |context| rendered(&*account("whatsapp"), &outgoing(&content, context)).1.get("context").cloned();
        assert_eq!(context(&answer), Some(json!({ "message_id": "wamid.7" })));
        assert_eq!(context(&notice), None);
    }
}

#[test]
fn nothing_is_sent_after_the_24_hours() {
    let content = Content::text("hi");
    for platform in ["whatsapp", "messenger", "instagram"] {
        for (deadline_ms, open) in [(None, true), (Some(NOW_MS), true), (Some(NOW_MS - 1), false)] {
            let context = ReplyContext { deadline_ms, ..ReplyContext::default() };
            let closed = matches!(account(platform).render(&outgoing(&content, &context)), Rendered::Closed(_));
            assert_eq!(closed, !open, "{platform} {deadline_ms:?}");
        }
    }
}

#[test]
fn choices_become_buttons_a_list_or_words_as_they_fit() {
    let context = ReplyContext::default();
    let choices = |count: usize, label: &str| Content::Choices {
        text: "Which?".to_owned(),
        choices: (0..count).map(|n| Choice { label: format!("{label}{n}"), value: format!("v{n}") }).collect(),
    };
    let body = |platform: &str, content: &Content| rendered(&*account(platform), &outgoing(content, &context)).1;

    let buttons = body("whatsapp", &choices(3, "Tea "));
    assert_eq!(buttons["interactive"]["type"], "button");
    let first = json!({ "type": "reply", "reply": { "id": "v0", "title": "Tea 0" } });
    assert_eq!(buttons["interactive"]["action"]["buttons"][0], first);
    assert_eq!(buttons["interactive"]["body"]["text"], "Which?");
    for content in [choices(4, "Tea "), choices(10, "Tea "), choices(2, &"x".repeat(20))] {
        let list = body("whatsapp", &content);
        assert_eq!(list["interactive"]["type"], "list", "{list}");
        let rows = &list["interactive"]["action"]["sections"][0]["rows"];
        assert_eq!(rows[0]["id"], "v0");
    }
    let twice = Choice { label: "Tea".to_owned(), value: "tea".to_owned() };
    let twice = Content::Choices { text: "Which?".to_owned(), choices: vec![twice.clone(), twice] };
    for content in [choices(11, "Tea "), choices(0, ""), choices(2, &"x".repeat(30)), twice.clone()] {
        assert_eq!(body("whatsapp", &content)["text"]["body"], content.to_plain_text());
    }

    for platform in ["messenger", "instagram"] {
        let replies = body(platform, &choices(13, "Tea "));
        let replies = &replies["message"]["quick_replies"];
        assert_eq!(replies.as_array().map(Vec::len), Some(13));
        assert_eq!(replies[0], json!({ "content_type": "text", "title": "Tea 0", "payload": "v0" }));
        for content in [choices(14, "Tea "), choices(2, &"x".repeat(20)), twice.clone()] {
            assert_eq!(body(platform, &content)["message"], json!({ "text": content.to_plain_text() }));
        }
    }
}

#[test]
fn pictures_go_by_link_with_their_caption_where_there_is_room() {
    let context = ReplyContext::default();
    let picture =
        |url: &str, caption: Option<&str>| Content::Image { url: url.to_owned(), caption: caption.map(str::to_owned) };
    let body = |platform: &str, content: &Content| rendered(&*account(platform), &outgoing(content, &context)).1;
    let url = "https://shop.example/1.jpg";
    assert_eq!(body("whatsapp", &picture(url, Some("Oolong")))["image"], json!({ "link": url, "caption": "Oolong" }));
    assert_eq!(body("whatsapp", &picture(url, None))["image"], json!({ "link": url }));
    let long = "x".repeat(1025);
    assert_eq!(body("whatsapp", &picture(url, Some(&long)))["text"]["body"], format!("{long}\n{url}"));
    assert_eq!(body("whatsapp", &picture("ftp://shop.example/1", None))["type"], "text");
    let attached = json!({ "attachment": { "type": "image", "payload": { "url": url } } });
    assert_eq!(body("messenger", &picture(url, None))["message"], attached);
    assert_eq!(body("instagram", &picture(url, Some("Oolong")))["message"]["text"], format!("Oolong\n{url}"));
    let link = Content::Link { text: "Our tea".to_owned(), url: "https://shop.example".to_owned() };
    let text = json!({ "body": "Our tea\nhttps://shop.example", "preview_url": true });
    assert_eq!(body("whatsapp", &link)["text"], text);
}

#[test]
fn each_error_has_its_meaning() {
    let account = account("whatsapp");
    let refusal = |status: u16, code: i64, subcode: Option<i64>| {
        let error = json!({ "error": { "message": "words", "code": code, "error_subcode": subcode } });
        account.classify(&answer(status, &error.to_string()))
    };
    for code in [1, 2, 4, 17, 32, 613, 1_200, 80_007, 130_429, 131_000, 131_016, 131_057, 133_004] {
        assert_eq!(refusal(400, code, None), Outcome::Retry(None), "{code}");
    }
    for (code, wait) in [(131_056, 6_000), (131_048, 600_000), (131_064, 600_000), (133_016, 3_600_000)] {
        assert_eq!(refusal(400, code, None), Outcome::Retry(Some(wait)), "{code}");
    }
    for code in [100, 551, 131_008, 131_009, 131_021, 131_026, 131_030, 131_047, 131_049, 131_051, 132_001, 999_999] {
        assert_eq!(refusal(400, code, None), Outcome::Drop(format!("400: error {code}: words")), "{code}");
    }
    assert!(matches!(refusal(500, 131_026, None), Outcome::Drop(_)), "the code counts, not the status");
    for code in [0, 3, 10, 190, 200, 299, 368, 131_005, 131_031, 131_042, 131_045, 133_010] {
        assert!(matches!(refusal(403, code, None), Outcome::StopChannel(_)), "{code}");
    }
    for (code, subcode) in [(10, 2_018_065), (10, 2_018_278), (10, 2_534_022), (10, 2_018_108), (200, 1_545_041)] {
        assert!(matches!(refusal(403, code, Some(subcode)), Outcome::Drop(_)), "{code} {subcode}");
    }
    assert_eq!(refusal(503, 999_999, None), Outcome::Retry(None));
    assert!(matches!(refusal(401, 999_999, None), Outcome::StopChannel(_)));
    let transient = r#"{"error":{"code":999999,"message":"words","is_transient":true}}"#;
    assert_eq!(account.classify(&answer(400, transient)), Outcome::Retry(None));
}

#[test]
fn an_answer_without_an_error_code_is_read_by_its_status() {
    let account = account("messenger");
    let sent = |id: &str| Outcome::Sent(Some(id.to_owned()));
    let whatsapp = r#"{"messaging_product":"whatsapp","messages":[{"id":"wamid.1"}]}"#;
    assert_eq!(account.classify(&answer(200, whatsapp)), sent("wamid.1"));
    assert_eq!(account.classify(&answer(200, r#"{"recipient_id":"24001","message_id":"m1"}"#)), sent("m1"));
    assert_eq!(account.classify(&answer(200, "")), Outcome::Sent(None));
    assert_eq!(account.classify(&answer(502, "<html>")), Outcome::Retry(None));
    assert!(matches!(account.classify(&answer(401, "")), Outcome::StopChannel(_)));
    assert!(matches!(account.classify(&answer(404, "")), Outcome::Drop(_)));
    let mut limited = answer(429, r#"{"error":{"code":131056,"message":"words"}}"#);
    limited.headers_mut().insert("retry-after", HeaderValue::from_static("30"));
    assert_eq!(account.classify(&limited), Outcome::Retry(Some(30_000)));
    limited.headers_mut().insert("retry-after", HeaderValue::from_static("1"));
    assert_eq!(account.classify(&limited), Outcome::Retry(Some(6_000)));
}

#[test]
fn a_refused_token_is_not_quoted() {
    let error = r#"{"error":{"code":190,"message":"Malformed access token meta-token","type":"OAuthException"}}"#;
    let Outcome::StopChannel(why) = account("whatsapp").classify(&answer(401, error)) else { panic!("not stopped") };
    assert!(why.contains("190") && !why.contains("meta-token"), "{why}");
}

#[test]
fn settings_that_cannot_work_are_refused_without_showing_secrets() {
    for (from, to, word) in [
        (ACCOUNT, "@shop", "account"),
        (ACCOUNT, "1/../2", "account"),
        (SECRET, "", "app_secret"),
        ("meatyhamhock", "", "verify_token"),
        ("meta-token", "two\\nlines", "access_token"),
    ] {
        let mistake = mistake(&settings("whatsapp").replace(from, to));
        assert!(mistake.contains(word) && !mistake.contains("lines"), "{mistake}");
    }
    for (setting, value) in [("api_version", "25"), ("api_version", "v25.0/x"), ("api_base", "graph.facebook.com")] {
        let mistake = mistake(&format!("{}\n{setting} = \"{value}\"", settings("messenger")));
        assert!(mistake.contains(setting), "{mistake}");
    }
}

proptest! {
    #[test]
    fn garbage_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,40}", number: i64) {
        let status = format!("{{\"error\":{{\"code\":{number},\"message\":{}}}}}", json!(text));
        for platform in ["whatsapp", "messenger", "instagram"] {
            let account = account(platform);
            let signature = format!("sha256={}", hex::encode(hmac_sha256(SECRET.as_bytes(), &[&noise])));
            let _ = Post::new(&noise).header("x-hub-signature-256", signature).to(&*account);
            let _ = account.classify(&answer(400, &status));
            let said = said(&text, &json!({ "type": "text", "text": { "body": text }, "timestamp": number.to_string() }));
            let _ = receive(platform, &whatsapp(&json!({ "messages": [said, text, number] })));
            let thing = sent(&json!({ "timestamp": number, "message": { "mid": text, "text": text } }));
            let _ = receive(platform, &messenger(&[thing, json!(text), json!({ "sender": number })]));
        }
    }
}
