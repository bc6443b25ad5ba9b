//! What WhatsApp posts.

use super::*;

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
        let media: Vec<_> = media.map(|(kind, it)| Media::new(kind, it)).into_iter().collect();
        assert_eq!(message.media, media);
        assert_eq!(message.sender_name.as_deref(), Some("Sheena"));
    }
    let welcome = said("m", &json!({ "type": "request_welcome" }));
    let event = event(receive("whatsapp", &whatsapp(&json!({ "messages": [welcome] }))));
    assert!(matches!(event.kind, EventKind::Opened { .. }), "{event:?}");
}

#[test]
fn whatever_a_person_sends_is_kept_and_what_changes_or_groups_say_is_not() {
    let form = json!({ "type": "nfm_reply", "nfm_reply": { "response_json": "{\"rating\":5}", "body": "Sent" } });
    let contacts = json!([{ "name": { "formatted_name": "Bo" }, "phones": [{ "phone": "+1 650" }] }]);
    let unknown = json!({ "code": 131_060, "title": "This message is unavailable" });
    for (more, kind, reference) in [
        (json!({ "type": "contacts", "contacts": contacts }), "contact", "+1 650"),
        (json!({ "type": "interactive", "interactive": form }), "form", "{\"rating\":5}"),
        (json!({ "type": "interactive", "interactive": { "type": "hologram" } }), "hologram", "m"),
        (json!({ "type": "unsupported", "errors": [unknown] }), "unsupported", "m"),
        (json!({ "type": "order", "order": { "catalog_id": "c", "product_items": [] } }), "order", "m"),
        (json!({ "type": "poll", "poll": { "id": "p" } }), "poll", "p"),
    ] {
        let message = message_of(event(receive("whatsapp", &whatsapp(&json!({ "messages": [said("m", &more)] })))));
        assert_eq!(message.media, [Media::new(kind, reference)]);
    }
    for more in [
        json!({ "type": "reaction", "reaction": { "emoji": "👍" } }),
        json!({ "type": "system", "system": { "body": "changed their number" } }),
        json!({ "type": "edit", "edit": { "original_message_id": "m" } }),
        json!({ "type": "revoke", "revoke": { "original_message_id": "m" } }),
        json!({ "type": "text", "text": { "body": "lunch?" }, "group_id": "G1" }),
    ] {
        assert_eq!(ignored(receive("whatsapp", &whatsapp(&json!({ "messages": [said("m", &more)] })))), 1, "{more}");
    }
}

#[test]
fn a_button_tells_what_stood_on_it() {
    let pressed = json!({ "type": "button_reply", "button_reply": { "id": "btn_7f3a", "title": "Return policy?" } });
    let message = said("m", &json!({ "type": "interactive", "interactive": pressed }));
    let message = message_of(event(receive("whatsapp", &whatsapp(&json!({ "messages": [message] })))));
    assert_eq!((message.text.as_deref(), message.label.as_deref()), (Some("btn_7f3a"), Some("Return policy?")));
}

#[test]
fn what_the_store_writes_in_the_business_app_is_a_colleagues() {
    let mut body = whatsapp(&json!({ "message_echoes": [{ "from": "15550783881", "to": "16505551234", "id": "wamid.E",
        "timestamp": "1700000000", "type": "text", "text": { "body": "I am here" } }] }));
    body["entry"][0]["changes"][0]["field"] = json!("smb_message_echoes");
    let event = event(receive("whatsapp", &body));
    assert_eq!(event.address.chat, "16505551234");
    assert!(matches!(event.kind, EventKind::Colleague(Colleague { left: false, .. })), "{event:?}");
}

#[test]
fn a_phone_number_is_the_same_however_a_shop_writes_it() {
    let account = account("whatsapp");
    for written in ["+16505551234", "0016505551234", "+1 (650) 555-1234", "1.650.555.1234", "16505551234"] {
        assert_eq!(account.chat_id(written), "16505551234", "{written}");
        let (content, context) = (Content::text("hi"), ReplyContext::default());
        let (_, body) = rendered(&*account, &Outgoing { chat: written, ..outgoing(&content, &context) });
        assert_eq!((&body["to"], body.get("recipient")), (&json!("16505551234"), None));
    }
    for other in ["US.13491208655302741918", "ana", "", "+", "123", "1-2"] {
        assert_eq!(account.chat_id(other), other);
    }
    assert_eq!(self::account("messenger").chat_id("+24001"), "+24001");
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
