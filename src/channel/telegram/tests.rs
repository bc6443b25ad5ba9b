use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    channel::testing::{
        ATTEMPT, NOW_MS, Post, accepted, answer, channel, event, ignored, mistake, outgoing, refused, rendered,
        uncertain, vector,
    },
    model::{Event, EventKind, Media, Message, ReplyContext},
};

const SETTINGS: &str = "kind = \"telegram\"\ntoken = \"1:bot-token\"\nsecret_token = \"nightclerk_Secret-1\"";
const HEADER: &str = "x-telegram-bot-api-secret-token";

fn bot() -> Box<dyn Channel> {
    channel(SETTINGS)
}

fn receive(update: &Value) -> Inbound {
    Post::new(&update.to_string()).header(HEADER, "nightclerk_Secret-1").to(&*bot())
}

/// A message from Ana to the bot, with more fields.
fn message(more: Value) -> Value {
    let mut message = json!({
        "message_id": 77, "date": 1_700_000_000, "chat": { "id": 42, "type": "private" },
        "from": { "id": 42, "is_bot": false, "first_name": "Ana", "last_name": "Li" },
    });
    for (key, value) in more.as_object().unwrap() {
        message[key] = value.clone();
    }
    json!({ "update_id": 853_211, "message": message })
}

fn read(more: Value) -> Message {
    message_of(event(receive(&message(more))))
}

fn message_of(event: Event) -> Message {
    match event.kind {
        EventKind::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_update_made_by_an_sdk_is_read_alike() {
    let vector = vector("telegram", "update JSON");
    let (name, secret) = vector.inputs["header"].as_object().unwrap().iter().next().unwrap();
    let body = vector.inputs["body"].to_string();
    let name = name.to_lowercase();
    let event = event(Post::new(&body).header(&name, secret.as_str().unwrap()).to(&*bot()));
    let found = json!({ "dedupe_id": event.dedupe, "chat_id": event.address.chat, "timestamp": event.at_ms / 1000 });
    let message = message_of(event);
    let mut found = found;
    found["message_id"] = json!(message.id);
    found["sender_id"] = json!(message.sender);
    found["text"] = json!(message.text);
    assert_eq!(found, vector.expected);
    let wrong = Post::new(&body).header(&name, "nightclerk_Secret-2").to(&*bot());
    assert_eq!(refused(wrong), StatusCode::UNAUTHORIZED);
}

#[test]
fn a_message_is_sent_in_the_form_a_strict_model_accepts() {
    let vector = vector("telegram", "OUTBOUND sendMessage");
    let quoted = vector.inputs["reply_parameters"]["message_id"].clone();
    let context = ReplyContext { data: json!({ chat::QUOTE: quoted }), ..ReplyContext::default() };
    let content = Content::text(vector.input("text"));
    let (request, body) = rendered(&*bot(), &outgoing(&content, &context));
    assert_eq!(body, vector.inputs);
    assert_eq!(request.uri(), "https://api.telegram.org/bot1:bot-token/sendMessage");
}

#[test]
fn a_request_without_the_secret_is_refused_before_the_body_is_read() {
    assert_eq!(refused(Post::new("{").to(&*bot())), StatusCode::UNAUTHORIZED);
    for wrong in ["", "nightclerk_Secret-", "nightclerk_Secret-11", "NIGHTCLERK_SECRET-1"] {
        assert_eq!(refused(Post::new("{").header(HEADER, wrong).to(&*bot())), StatusCode::UNAUTHORIZED, "{wrong}");
    }
    let truth = Post::new("{").header(HEADER, "nightclerk_Secret-1");
    assert_eq!(ignored(truth.to(&*bot())), 1, "what is signed is acknowledged");
    let mut get = Post::new("").header(HEADER, "nightclerk_Secret-1");
    get.method = Method::GET;
    assert_eq!(refused(get.to(&*bot())), StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn pictures_voices_and_places_are_kept_by_reference() {
    for (more, kind, reference, text) in [
        (
            json!({ "photo": [{ "file_id": "small" }, { "file_id": "large" }], "caption": "broken" }),
            "image",
            "large",
            Some("broken"),
        ),
        (json!({ "voice": { "file_id": "v" } }), "audio", "v", None),
        (json!({ "audio": { "file_id": "a" } }), "audio", "a", None),
        (json!({ "video": { "file_id": "v" } }), "video", "v", None),
        (json!({ "video_note": { "file_id": "v" } }), "video", "v", None),
        (json!({ "animation": { "file_id": "g" }, "document": { "file_id": "d" } }), "video", "g", None),
        (json!({ "document": { "file_id": "d" } }), "file", "d", None),
        (json!({ "sticker": { "file_id": "s" } }), "sticker", "s", None),
        (json!({ "location": { "latitude": 25.5, "longitude": -121.25 } }), "location", "25.5,-121.25", None),
    ] {
        let message = read(more);
        assert_eq!(message.media, [Media::new(kind, reference)]);
        assert_eq!(message.text.as_deref(), text, "{kind}");
        assert_eq!(message.sender_name.as_deref(), Some("Ana Li"));
    }
    let named = read(json!({ "document": { "file_id": "d", "file_name": "../invoice.pdf", "mime_type": "text/x" } }));
    assert_eq!(named.media, [Media::new("file", "d").called(Some("invoice.pdf"))]);
}

#[test]
fn start_opens_the_conversation_and_with_words_it_is_a_message() {
    let opened = event(receive(&message(json!({ "text": "/start" }))));
    let expected = EventKind::Opened {
        sender: "42".to_owned(),
        sender_name: Some("Ana Li".to_owned()),
        payload: None,
        reply: ReplyContext::default(),
    };
    assert_eq!((opened.kind, opened.at_ms), (expected, 1_700_000_000_000));
    for (text, carried) in
        [("/start order-1001", Some("order-1001")), ("/start@shop_bot", None), ("/start@shop_bot a b", Some("a b"))]
    {
        let EventKind::Opened { payload, .. } = event(receive(&message(json!({ "text": text })))).kind else {
            panic!("{text}")
        };
        assert_eq!(payload.as_deref(), carried, "{text}");
    }
    assert_eq!(read(json!({ "text": "/started" })).text.as_deref(), Some("/started"));
}

#[test]
fn in_a_group_only_what_is_addressed_to_the_bot_is_for_it() {
    let in_group = |more: Value| {
        let mut message = message(json!({ "chat": { "id": -1001, "type": "supergroup" } }));
        for (key, value) in more.as_object().unwrap() {
            message["message"][key] = value.clone();
        }
        message
    };
    let entity =
        |kind: &str, offset: usize, length: usize| json!([{ "type": kind, "offset": offset, "length": length }]);
    let answered = |id: i64| json!({ "message_id": 1, "from": { "id": id, "is_bot": true }, "chat": { "id": -1001 } });
    let named = &format!("{SETTINGS}\nusername = \"@Shop_Bot\"");
    let to = |settings: &str, update: &Value| {
        Post::new(&update.to_string()).header(HEADER, "nightclerk_Secret-1").to(&*channel(settings))
    };
    let me = json!([{ "type": "text_mention", "offset": 0, "length": 3, "user": { "id": 1, "is_bot": true } }]);
    for (more, text) in [
        (json!({ "text": "refund please", "reply_to_message": answered(1) }), "refund please"),
        (json!({ "text": "@shop_bot refund", "entities": entity("mention", 0, 9) }), "refund"),
        (json!({ "text": "🍵 @shop_bot?", "entities": entity("mention", 3, 9) }), "🍵 ?"),
        (json!({ "text": "Bot refund", "entities": me }), "refund"),
        (json!({ "text": "/help me", "entities": entity("bot_command", 0, 5) }), "/help me"),
        (json!({ "text": "/help@shop_bot me", "entities": entity("bot_command", 0, 14) }), "/help me"),
        (
            json!({ "photo": [{ "file_id": "p" }], "caption": "@shop_bot broken", "caption_entities": entity("mention", 0, 9) }),
            "broken",
        ),
    ] {
        let message = message_of(event(to(named, &in_group(more))));
        assert_eq!(message.text.as_deref(), Some(text));
    }
    for more in [
        json!({ "text": "anyone up for lunch?" }),
        json!({ "text": "yes", "reply_to_message": answered(99) }),
        json!({ "text": "@ana yes", "entities": entity("mention", 0, 4) }),
        json!({ "text": "@other_bot yes", "entities": entity("mention", 0, 10) }),
        json!({ "text": "/help@other_bot", "entities": entity("bot_command", 0, 15) }),
        json!({ "text": "see /help", "entities": entity("bot_command", 4, 5) }),
        json!({ "photo": [{ "file_id": "p" }] }),
        json!({ "text": "a post of the channel", "from": { "id": 777_000 }, "sender_chat": { "id": -1 }, "is_automatic_forward": true }),
    ] {
        assert_eq!(ignored(to(named, &in_group(more.clone()))), 1, "{more}");
    }
    let talk = in_group(json!({ "text": "anyone up for lunch?" }));
    assert_eq!(message_of(event(to(&format!("{SETTINGS}\ngroups = \"all\""), &talk))).sender, "42");
    let command = in_group(json!({ "text": "/help", "entities": entity("bot_command", 0, 5) }));
    assert_eq!(ignored(to(&format!("{SETTINGS}\ngroups = \"none\""), &command)), 1);
    // Nobody said which bot it is: a name that only bots have counts.
    let somebot = in_group(json!({ "text": "@some_bot refund", "entities": entity("mention", 0, 9) }));
    assert_eq!(message_of(event(to(SETTINGS, &somebot))).text.as_deref(), Some("refund"));
}

#[test]
fn whatever_a_person_sends_is_kept_and_what_telegram_tells_is_not() {
    for (more, kind, reference) in [
        (json!({ "contact": { "phone_number": "+8613800000000", "first_name": "Ana" } }), "contact", "+8613800000000"),
        (json!({ "poll": { "id": "p1", "question": "?" } }), "poll", "p1"),
        (json!({ "dice": { "emoji": "🎲", "value": 3 } }), "dice", "77"),
        (json!({ "story": { "chat": {}, "id": 1 } }), "story", "77"),
        (json!({ "hologram": { "id": "h" } }), "hologram", "h"),
        (
            json!({ "venue": { "title": "Home" }, "location": { "latitude": 1.5, "longitude": 2.0 } }),
            "location",
            "1.5,2",
        ),
    ] {
        let message = read(more);
        assert_eq!(message.media, [Media::new(kind, reference)]);
    }
    for more in [
        json!({ "pinned_message": { "message_id": 1 } }),
        json!({ "left_chat_member": { "id": 1 } }),
        json!({ "forum_topic_created": { "name": "x" } }),
        json!({ "migrate_to_chat_id": -1009 }),
        json!({ "group_chat_created": true }),
    ] {
        assert_eq!(ignored(receive(&message(more.clone()))), 1, "{more}");
    }
    let album = read(json!({ "photo": [{ "file_id": "p" }], "media_group_id": "13770" }));
    assert_eq!(album.album.as_deref(), Some("13770"));
}

#[test]
fn a_pressed_button_tells_what_stood_on_it_and_one_without_a_chat_is_stopped_too() {
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Return policy", "callback_data": "btn_7" }]] });
    let pressed = json!({ "update_id": 9, "callback_query": { "id": "q1", "from": { "id": 42 }, "data": "btn_7",
        "message": { "message_id": 7, "chat": { "id": 42, "type": "private" }, "reply_markup": keyboard } } });
    assert_eq!(message_of(event(receive(&pressed))).label.as_deref(), Some("Return policy"));
    let inline = json!({ "update_id": 9, "callback_query": { "id": "q2", "from": { "id": 42 }, "data": "x", "inline_message_id": "i" } });
    let (ack, events, ignored) = accepted(receive(&inline));
    assert_eq!((events.len(), ignored), (0, 1));
    assert!(String::from_utf8_lossy(ack.body()).contains("\"q2\""), "{ack:?}");
}

#[test]
fn a_pressed_button_says_its_value_and_its_hourglass_is_stopped() {
    let (ack, mut events, ignored) = accepted(receive(&json!({
        "update_id": 9, "callback_query": {
            "id": "q1", "from": { "id": 42, "first_name": "Ana" }, "data": "parcel",
            "message": { "message_id": 70, "date": 1_600_000_000, "chat": { "id": 42, "type": "private" } },
        },
    })));
    assert_eq!((events.len(), ignored), (1, 0));
    let event = events.remove(0);
    assert_eq!((event.at_ms, event.dedupe.as_str()), (NOW_MS, "9"), "the old date is the message's");
    let message = message_of(event);
    assert_eq!((message.id.as_str(), message.text.as_deref()), ("q1", Some("parcel")));
    let call: Value = serde_json::from_slice(ack.body()).unwrap();
    assert_eq!(call, json!({ "method": "answerCallbackQuery", "callback_query_id": "q1" }));
    assert_eq!(ack.headers()["content-type"], "application/json");
}

#[test]
fn in_a_group_the_message_is_quoted_and_the_chat_is_the_groups() {
    let event = event(receive(&message(
        json!({ "text": "/help", "entities": [{ "type": "bot_command", "offset": 0, "length": 5 }],
        "chat": { "id": -1001, "type": "supergroup" } }),
    )));
    assert_eq!(event.address.chat, "-1001");
    let message = message_of(event);
    assert_eq!(message.sender, "42");
    let content = Content::text("hello");
    let (_, body) = rendered(&*bot(), &Outgoing { chat: "-1001", ..outgoing(&content, &message.reply) });
    assert_eq!((&body["chat_id"], &body["reply_parameters"]["message_id"]), (&json!(-1001), &json!(77)));
    let alone = read(json!({ "text": "hi" }));
    let (_, body) = rendered(&*bot(), &outgoing(&content, &alone.reply));
    assert_eq!(body, json!({ "chat_id": 42, "text": "hello" }));
}

#[test]
fn what_is_no_customers_message_is_acknowledged_and_counted() {
    for update in [
        message(json!({ "text": "our own", "from": { "id": 7, "is_bot": true, "first_name": "clerk" } })),
        message(json!({ "new_chat_members": [] })),
        message(json!({ "text": 7 })),
        json!({ "update_id": 1, "edited_message": message(json!({ "text": "hi" }))["message"] }),
        json!({ "update_id": 1, "channel_post": { "message_id": 1 } }),
        json!({ "update_id": 1, "message": { "message_id": 1 } }),
        json!({ "update_id": 1, "callback_query": { "id": "q", "from": { "id": 1 }, "game_short_name": "g" } }),
        json!({ "update_id": 1 }),
        json!({ "message": {} }),
        json!(7),
    ] {
        assert_eq!(ignored(receive(&update)), 1, "{update}");
    }
}

#[test]
fn a_link_is_written_out_and_a_picture_goes_by_its_url() {
    let context = ReplyContext::default();
    let link = Content::Link { text: "Pay here".to_owned(), url: "https://shop.example/pay".to_owned() };
    let (_, body) = rendered(&*bot(), &outgoing(&link, &context));
    assert_eq!(body["text"], "Pay here\nhttps://shop.example/pay");

    let picture =
        |caption: String| Content::Image { url: "https://shop.example/1.jpg".to_owned(), caption: Some(caption) };
    let content = picture("Oolong".to_owned());
    let (request, body) = rendered(&*bot(), &outgoing(&content, &context));
    assert!(request.uri().path().ends_with("/sendPhoto"));
    assert_eq!(body, json!({ "chat_id": 42, "photo": "https://shop.example/1.jpg", "caption": "Oolong" }));

    let long = picture("茶".repeat(MAX_CAPTION + 1));
    let in_words = Outgoing { fallback: true, ..outgoing(&content, &context) };
    for (message, beginning) in [(outgoing(&long, &context), "茶"), (in_words, "Oolong\nhttps")] {
        let (request, body) = rendered(&*bot(), &message);
        assert!(request.uri().path().ends_with("/sendMessage"));
        assert!(body["text"].as_str().unwrap().starts_with(beginning));
    }
}

#[test]
fn a_file_goes_by_its_url_as_what_it_is() {
    use crate::model::FileKind::{Audio, Document, Video};
    let context = ReplyContext::default();
    for (kind, method, field) in
        [(Video, "/sendVideo", "video"), (Audio, "/sendAudio", "audio"), (Document, "/sendDocument", "document")]
    {
        let url = "https://shop.example/it".to_owned();
        let content = Content::File { kind, url: url.clone(), caption: Some("Look".to_owned()), name: None };
        let (request, body) = rendered(&*bot(), &outgoing(&content, &context));
        assert!(request.uri().path().ends_with(method), "{}", request.uri());
        assert_eq!(body, json!({ "chat_id": 42, field: url, "caption": "Look" }));
        let in_words = Outgoing { fallback: true, ..outgoing(&content, &context) };
        assert_eq!(rendered(&*bot(), &in_words).1["text"], "Look\nhttps://shop.example/it");
    }
}

#[test]
fn choices_become_buttons_where_their_values_fit() {
    let context = ReplyContext::default();
    let choices = |value: &str| Content::Choices {
        text: "Which?".to_owned(),
        choices: ["这个", "那个"].map(|label| Choice { label: label.to_owned(), value: value.to_owned() }).into(),
    };
    let most = "茶".repeat(21) + "x";
    let content = choices(&most);
    let (_, body) = rendered(&*bot(), &outgoing(&content, &context));
    let button = |label: &str| json!([{ "text": label, "callback_data": most }]);
    assert_eq!(body["text"], "Which?");
    assert_eq!(body["reply_markup"], json!({ "inline_keyboard": [button("这个"), button("那个")] }));
    for value in [&format!("{most}x"), ""] {
        let content = choices(value);
        let (_, body) = rendered(&*bot(), &outgoing(&content, &context));
        assert_eq!(body, json!({ "chat_id": 42, "text": "Which?\n1. 这个\n2. 那个" }), "{value}");
    }
}

#[test]
fn each_answer_has_its_meaning() {
    let refusal = |code: u16, description: &str, parameters: Value| {
        let body = json!({ "ok": false, "error_code": code, "description": description, "parameters": parameters });
        bot().classify(&answer(code, &body.to_string()), &ATTEMPT)
    };
    let sent = bot().classify(&answer(200, r#"{"ok":true,"result":{"message_id":78}}"#), &ATTEMPT);
    assert_eq!(sent, Outcome::Sent(Some("78".to_owned())));
    assert_eq!(bot().classify(&answer(200, ""), &ATTEMPT), Outcome::Sent(None));
    let none = json!({});
    assert_eq!(refusal(429, "Too Many Requests", json!({ "retry_after": 14 })), Outcome::Retry(Some(14_000)));
    assert_eq!(refusal(429, "Too Many Requests", none.clone()), Outcome::Retry(None));
    assert_eq!(bot().classify(&answer(502, "<html>"), &ATTEMPT), Outcome::Retry(None));
    let blocked = "Forbidden: bot was blocked by the user";
    assert_eq!(refusal(403, blocked, none.clone()), Outcome::Drop(format!("403: {blocked}")));
    let unknown = "Bad Request: chat not found";
    assert_eq!(refusal(400, unknown, none.clone()), Outcome::Drop(format!("400: {unknown}")));
    let moved = refusal(400, "Bad Request: group chat was upgraded", json!({ "migrate_to_chat_id": -1009 }));
    assert_eq!(moved, Outcome::Moved("-1009".to_owned()));
    assert_eq!(refusal(400, "Bad Request: failed to get HTTP URL content", none.clone()), Outcome::Fallback);
    assert_eq!(refusal(400, "Bad Request: BUTTON_DATA_INVALID", none.clone()), Outcome::Fallback);
    for code in [401, 404] {
        let outcome = refusal(code, "Unauthorized", none.clone());
        assert!(matches!(outcome, Outcome::StopChannel(_)), "{outcome:?}");
    }
    let (content, context) = (Content::text("x"), ReplyContext::default());
    assert_eq!(uncertain(&*bot(), &outgoing(&content, &context)), Uncertain::ResendOnce, "no key tells repeats apart");
    assert_eq!(bot().capabilities().unit, Unit::Utf16);
}

#[test]
fn the_token_is_in_no_error_and_no_debug_output() {
    let context = ReplyContext::default();
    let content = Content::text("hello");
    let printed = format!("{:?}", bot().render(&outgoing(&content, &context)));
    assert_eq!(printed, "Request(POST api.telegram.org)");
    for settings in [
        SETTINGS.replace("1:bot-token", "bot-token"),
        SETTINGS.replace("1:bot-token", "1:bot-token/../x"),
        format!("{SETTINGS}\napi_base = \"telegram\""),
        SETTINGS.replace("nightclerk_Secret-1", ""),
        SETTINGS.replace("nightclerk_Secret-1", "with space"),
    ] {
        let mistake = mistake(&settings);
        assert!(!mistake.contains("bot-token") && !mistake.contains("space"), "{mistake}");
    }
}

#[test]
fn the_api_may_be_elsewhere() {
    let bot = channel(&format!("{SETTINGS}\napi_base = \"http://127.0.0.1:8081/\""));
    let content = Content::text("hello");
    let context = ReplyContext::default();
    let (request, _) = rendered(&*bot, &outgoing(&content, &context));
    assert_eq!(request.uri(), "http://127.0.0.1:8081/bot1:bot-token/sendMessage");
}

proptest! {
    #[test]
    fn no_body_behind_the_secret_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        drop(Post::new(&body).header(HEADER, "nightclerk_Secret-1").to(&*bot()));
    }

    #[test]
    fn no_message_makes_it_panic(id: i64, date: i64, text in ".{0,40}", field in "(text|photo|voice|chat|from|location)") {
        drop(receive(&message(json!({ "message_id": id, "date": date, field: text }))));
    }

    #[test]
    fn no_answer_makes_it_panic(status in 200_u16..600, body in ".{0,80}") {
        drop(bot().classify(&answer(status, &body), &ATTEMPT));
    }
}

#[test]
fn a_group_gets_no_more_than_twenty_messages_a_minute_and_a_person_one_a_second() {
    assert_eq!((bot().chat_gap_ms("42"), bot().chat_gap_ms("-100123"), bot().chat_gap_ms("@news")), (1000, 3000, 3000));
}
