//! What Messenger and Instagram post.

use super::*;

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
    let media = Media::new("image", "https://cdn.example/1.jpg");
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
fn the_button_that_opens_a_chat_opens_it_and_an_ice_breaker_asks_what_stands_on_it() {
    for payload in ["GET_STARTED", "get_started", "<GET_STARTED>", "Get Started", "GET_STARTED_PAYLOAD"] {
        let pressed = sent(&json!({ "postback": { "mid": "m", "title": "Get Started", "payload": payload } }));
        let event = event(receive("messenger", &messenger(&[pressed])));
        assert!(matches!(event.kind, EventKind::Opened { .. }), "{payload}");
    }
    let referral = json!({ "ref": "spring", "source": "SHORTLINK", "type": "OPEN_THREAD" });
    let pressed = sent(&json!({ "postback": { "mid": "m", "payload": "GET_STARTED", "referral": referral } }));
    let opened = event(receive("messenger", &messenger(&[pressed]))).kind;
    assert!(matches!(opened, EventKind::Opened { payload: Some(ref it), .. } if it == "spring"), "{opened:?}");
    let breaker = sent(&json!({ "postback": { "mid": "m", "title": "Do you ship abroad?", "payload": "ICE_1" } }));
    let message = message_of(event(receive("messenger", &messenger(&[breaker]))));
    assert_eq!((message.text.as_deref(), message.label.as_deref()), (Some("ICE_1"), Some("Do you ship abroad?")));
}

#[test]
fn whatever_a_person_sends_is_kept_and_a_nod_is_not() {
    let product = json!([{ "type": "template", "payload": { "product": { "elements": [{ "id": "7" }] } } }]);
    for (more, kind) in [
        (json!({ "mid": "m", "attachments": product }), "template"),
        (json!({ "mid": "m", "is_unsupported": true }), "unsupported"),
        (json!({ "mid": "m", "attachments": [{ "type": "hologram" }] }), "hologram"),
    ] {
        let message = message_of(event(receive("messenger", &messenger(&[sent(&json!({ "message": more }))]))));
        assert_eq!(message.media, [Media::new(kind, "m")]);
    }
    let thumb =
        json!({ "type": "image", "payload": { "url": "https://x/y.png", "sticker_id": 369_239_263_222_822_u64 } });
    let thumb = sent(&json!({ "message": { "mid": "m", "attachments": [thumb] } }));
    assert_eq!(ignored(receive("messenger", &messenger(&[thumb]))), 1);
}

#[test]
fn a_person_in_the_inbox_is_a_colleague_and_an_app_is_none() {
    let echo = |app: Value, to: &str| {
        json!({ "sender": { "id": ACCOUNT }, "recipient": { "id": to }, "timestamp": 1,
            "message": { "mid": "m1", "text": "I am here", "is_echo": true, "app_id": app } })
    };
    for app in [json!(263_902_037_430_900_u64), json!("263902037430900"), Value::Null] {
        let event = event(receive("messenger", &messenger(&[echo(app, "24001")])));
        assert_eq!(event.address.chat, "24001");
        let EventKind::Colleague(colleague) = event.kind else { panic!("{event:?}") };
        assert_eq!((colleague.message_id.as_deref(), colleague.text.as_deref()), (Some("m1"), Some("I am here")));
    }
    assert_eq!(ignored(receive("messenger", &messenger(&[echo(json!(7), "24001"), echo(Value::Null, ACCOUNT)]))), 2);
    let inbox = json!({ "previous_owner_app_id": "263902037430900", "new_owner_app_id": "7" });
    for (control, left) in [("take_thread_control", false), ("pass_thread_control", true)] {
        let kind = event(receive("messenger", &messenger(&[sent(&json!({ control: inbox }))]))).kind;
        assert!(matches!(kind, EventKind::Colleague(ref it) if it.left == left), "{kind:?}");
    }
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
