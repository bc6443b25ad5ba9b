use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer, SigningKey as Ed25519Key};
use http::Method;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    channel::testing::{
        ATTEMPT, KEY, NOW_MS, Post, accepted, answer, channel, event, ignored, mistake, outgoing, refused, rendered,
        uncertain, vector,
    },
    model::{Choice, EventKind, Media, Message, ReplyContext},
    webhook::{
        signature::hmac_sha256,
        testing::{SECRET, standard, standard_hmac},
    },
};

const NEXT_SECRET: &str = "whsec_bmV4dC1uZXh0LW5leHQtbmV4dC1uZXh0LW5leHQ=";

fn settings(secrets: &[&str]) -> String {
    format!("kind = \"standard-webhooks\"\nsecrets = {secrets:?}\nreply_url = \"https://shop.example/replies\"")
}

fn shop() -> Box<dyn Channel> {
    channel(&settings(&[SECRET]))
}

fn signed(body: &[u8]) -> Post<'_> {
    standard(SECRET, NOW_MS / 1000, body)
}

fn receive(body: &Value) -> Inbound {
    signed(body.to_string().as_bytes()).to(&*shop())
}

fn hello() -> Vec<u8> {
    br#"{"type":"message.received","data":{"chat_id":"ana","text":"hello"}}"#.to_vec()
}

#[test]
fn what_the_reference_library_signs_is_verified_and_signed_alike() {
    let vector = vector("standard-webhooks", "v1 HMAC-SHA256");
    let (id, timestamp, body) = (vector.input("webhook_id"), vector.input("webhook_timestamp"), vector.input("body"));
    let key = SigningKey::parse(&Secret::new(vector.input("secret"))).unwrap();
    let signature = key.sign(id, timestamp, body.as_bytes());
    assert_eq!(signature, vector.expected.as_str().unwrap());
    for prefix in ["webhook", "svix"] {
        assert!(verified(&vector.inputs, prefix, &signature, body), "{prefix}");
        assert!(!verified(&vector.inputs, prefix, &signature, &format!("{body} ")), "{prefix}, changed body");
    }
}

#[test]
fn one_good_signature_among_several_is_enough() {
    let vector = vector("standard-webhooks", "header with several signatures");
    assert_eq!(vector.expected, "valid");
    let (signatures, body) = (vector.input("webhook_signature"), vector.input("body"));
    assert!(verified(&vector.inputs, "webhook", signatures, body));
    let (others, _) = signatures.rsplit_once(' ').unwrap();
    assert!(!verified(&vector.inputs, "webhook", others, body), "without the good one");
}

/// Whether a vector's request gets past the door, at the time it was signed.
fn verified(inputs: &Value, prefix: &str, signatures: &str, body: &str) -> bool {
    let [id, timestamp, signature] = ["id", "timestamp", "signature"].map(|name| format!("{prefix}-{name}"));
    let sent = inputs["webhook_timestamp"].as_str().unwrap();
    let mut post = Post::new(body)
        .header(&id, inputs["webhook_id"].as_str().unwrap())
        .header(&timestamp, sent)
        .header(&signature, signatures);
    post.now_ms = sent.parse::<i64>().unwrap() * 1000;
    match post.to(&*channel(&settings(&[inputs["secret"].as_str().unwrap()]))) {
        Inbound::Events { .. } | Inbound::Unclaimed { .. } => true,
        Inbound::Refused(refusal) => refusal.status != StatusCode::UNAUTHORIZED,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_is_believed_for_five_minutes_either_way() {
    let body = hello();
    let now = NOW_MS / 1000;
    for (sent, good) in [(now - 300, true), (now + 300, true), (now - 301, false), (now + 301, false), (0, false)] {
        let inbound = standard(SECRET, sent, &body).to(&*shop());
        match good {
            true => drop(event(inbound)),
            false => assert_eq!(refused(inbound), StatusCode::UNAUTHORIZED, "{}", sent - now),
        }
    }
}

#[test]
fn a_missing_forged_or_malformed_signature_is_refused_before_the_body_is_read() {
    // A body that would be refused as malformed, had anybody looked at it.
    let body = b"{";
    let now = NOW_MS / 1000;
    let good = standard_hmac(SECRET, "msg_1", now, body);
    let headers = |id: &str, timestamp: &str, signature: &str| {
        Post::new(body)
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .to(&*shop())
    };
    let now = now.to_string();
    assert_eq!(refused(headers("msg_1", &now, &format!("v1,{good}"))), StatusCode::BAD_REQUEST, "the true one");
    assert_eq!(refused(Post::new(body).to(&*shop())), StatusCode::UNAUTHORIZED, "unsigned");
    for (id, timestamp, signature) in [
        ("msg_2", now.as_str(), format!("v1,{good}")),
        ("", &now, format!("v1,{good}")),
        ("msg_1", &format!("+{now}"), format!("v1,{good}")),
        ("msg_1", "", format!("v1,{good}")),
        ("msg_1", "99999999999999999999", format!("v1,{good}")),
        ("msg_1", &now, String::new()),
        ("msg_1", &now, good.clone()),
        ("msg_1", &now, format!("v2,{good}")),
        ("msg_1", &now, format!("v1a,{good}")),
        ("msg_1", &now, format!("v1,{}", &good[..20])),
        ("msg_1", &now, "v1,".to_owned()),
        ("msg_1", &now, "v1,not base64".to_owned()),
        ("msg_1", &now, "v1,AAAA ".repeat(17) + "v1," + &good),
    ] {
        let status = refused(headers(id, timestamp, &signature));
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{id} {timestamp} {signature}");
    }
    let mut get = signed(b"{}");
    get.method = Method::GET;
    assert_eq!(refused(get.to(&*shop())), StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn a_key_can_be_changed_without_a_gap() {
    let body = hello();
    let both = channel(&settings(&[NEXT_SECRET, SECRET]));
    for secret in [SECRET, NEXT_SECRET] {
        event(standard(secret, NOW_MS / 1000, &body).to(&*both));
    }
    let stranger = "whsec_c3RyYW5nZXJzdHJhbmdlcnN0cmFuZ2Vyc3RyYW5nZXI=";
    assert_eq!(refused(standard(stranger, NOW_MS / 1000, &body).to(&*both)), StatusCode::UNAUTHORIZED);
}

#[test]
fn a_public_key_verifies_ed25519_signatures() {
    let (key, stranger) = (Ed25519Key::from_bytes(&[7; 32]), Ed25519Key::from_bytes(&[8; 32]));
    let public = format!("whpk_{}", STANDARD.encode(key.verifying_key().as_bytes()));
    let settings = settings(&[&public]);
    assert!(mistake(&settings).contains("reply_secret"), "a public key cannot sign replies");
    let shop = channel(&format!("{settings}\nreply_secret = \"{SECRET}\""));
    let body = hello();
    let now = NOW_MS / 1000;
    let message = [format!("msg_1.{now}.").as_bytes(), &body].concat();
    let post = |signature: String| {
        Post::new(&body)
            .header("webhook-id", "msg_1")
            .header("webhook-timestamp", now.to_string())
            .header("webhook-signature", signature)
            .to(&*shop)
    };
    event(post(format!("v1a,{}", STANDARD.encode(key.sign(&message).to_bytes()))));
    for forged in [
        format!("v1a,{}", STANDARD.encode(stranger.sign(&message).to_bytes())),
        format!("v1,{}", STANDARD.encode(key.sign(&message).to_bytes())),
        format!("v1,{}", STANDARD.encode(hmac_sha256(key.verifying_key().as_bytes(), &[&message]))),
    ] {
        assert_eq!(refused(post(forged)), StatusCode::UNAUTHORIZED);
    }
}

#[test]
fn a_message_is_read_with_all_it_carries() {
    let event = event(receive(&json!({
        "type": "message.received", "timestamp": "2023-11-14T22:13:20Z",
        "data": {
            "id": "m1", "chat_id": "c1", "sender": { "id": 7, "name": "Ana" }, "text": "看这个 😀",
            "media": [{ "kind": "Image", "url": "https://shop.example/1.jpg" }, { "url": "https://shop.example/2", "name": "a.pdf" }],
        },
    })));
    assert_eq!((event.dedupe.as_str(), event.at_ms), ("msg_1", 1_700_000_000_000));
    assert_eq!(event.address, Address::new("main", "c1"));
    let media = |kind: &str, url: &str| Media::new(kind, url);
    let expected = Message {
        id: "m1".to_owned(),
        sender: "7".to_owned(),
        sender_name: Some("Ana".to_owned()),
        text: Some("看这个 😀".to_owned()),
        media: vec![
            media("image", "https://shop.example/1.jpg"),
            media("file", "https://shop.example/2").called(Some("a.pdf")),
        ],
        reply: ReplyContext { data: json!({ "in_reply_to": "m1" }), ..ReplyContext::default() },
        ..Message::default()
    };
    assert_eq!(event.kind, EventKind::Message(expected));
}

#[test]
fn a_taken_choice_is_what_the_customer_says_and_an_id_may_be_left_out() {
    let event = event(receive(&json!({
        "type": "message.received",
        "data": { "sender": { "id": "ana" }, "text": "Where is my parcel?", "choice": "parcel" },
    })));
    assert_eq!(event.address.chat, "ana", "a chat of two needs no id of its own");
    let EventKind::Message(message) = event.kind else { panic!("{event:?}") };
    assert_eq!((message.text.as_deref(), message.id.as_str()), (Some("parcel"), "msg_1"));
    assert_eq!(event.at_ms, NOW_MS);
}

#[test]
fn an_opened_conversation_is_seen() {
    let data = json!({ "chat_id": "c1", "sender": { "name": "Ana" } });
    let event = event(receive(&json!({ "type": "conversation.opened", "data": data })));
    let expected = EventKind::Opened {
        sender: "c1".to_owned(),
        sender_name: Some("Ana".to_owned()),
        payload: None,
        reply: ReplyContext::default(),
    };
    assert_eq!(event.kind, expected);
}

#[test]
fn what_a_shop_writes_as_null_is_absent_and_a_time_without_zone_is_greenwichs() {
    let body = json!({
        "type": "message.received", "timestamp": "2023-11-14T22:00:00.123456",
        "data": { "chat_id": "c1", "id": null, "sender": null, "text": "refund", "media": null, "choice": null, "label": null },
    });
    let read = event(receive(&body));
    assert_eq!((read.address.chat.as_str(), read.at_ms), ("c1", 1_699_999_200_123));
    let opened =
        json!({ "type": "conversation.opened", "timestamp": null, "data": { "chat_id": "c1", "sender": null } });
    assert!(matches!(event(receive(&opened)).kind, EventKind::Opened { .. }));
}

#[test]
fn a_byte_order_mark_before_the_json_is_no_part_of_it() {
    let text = json!({ "type": "message.received", "data": { "chat_id": "c1", "text": "refund" } }).to_string();
    let body = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    assert_eq!(event(signed(&body).to(&*shop())).address.chat, "c1");
}

#[test]
fn a_senders_fast_clock_does_not_move_an_event_into_the_future() {
    let body = json!({ "type": "message.received", "timestamp": "2099-01-01T00:00:00Z",
                       "data": { "chat_id": "ana", "text": "hello" } });
    assert_eq!(event(receive(&body)).at_ms, NOW_MS);
}

#[test]
fn unknown_types_are_acknowledged_and_counted() {
    assert_eq!(ignored(receive(&json!({ "type": "loyalty.points_expired", "data": { "id": 1 } }))), 1);
    let report = receive(&json!({ "type": "order.paid", "data": { "id": "A1" } }));
    assert!(matches!(report, Inbound::Unclaimed { .. }), "left to who reads orders: {report:?}");
}

#[test]
fn a_body_that_says_too_little_is_refused_with_what_is_missing() {
    for (body, missing) in [
        ("", "EOF"),
        ("{", "EOF"),
        ("7", "expected struct"),
        (r#"{"data":{}}"#, "type"),
        (r#"{"type":"message.received"}"#, "chat_id"),
        (r#"{"type":"message.received","data":7}"#, "data"),
        (r#"{"type":"message.received","data":{"chat_id":"c"}}"#, "text"),
        (r#"{"type":"message.received","data":{"chat_id":"","text":"hi"}}"#, "chat_id"),
    ] {
        let Inbound::Refused(refusal) = signed(body.as_bytes()).to(&*shop()) else { panic!("{body}") };
        assert_eq!(refusal.status, StatusCode::BAD_REQUEST, "{body}");
        let detail = refusal.detail.unwrap_or_default();
        assert!(detail.contains(missing), "{body}: {detail}");
    }
}

#[test]
fn a_reply_is_signed_and_names_what_it_answers() {
    let shop = channel(&settings(&[NEXT_SECRET, SECRET]));
    let content = Content::Choices {
        text: "Which?".to_owned(),
        choices: vec![Choice { label: "This".to_owned(), value: "this".to_owned() }],
    };
    let context = ReplyContext { data: json!({ "in_reply_to": "m1" }), ..ReplyContext::default() };
    let (request, body) = rendered(&*shop, &outgoing(&content, &context));
    assert_eq!(request.uri(), "https://shop.example/replies");
    let expected = json!({
        "type": "message.reply", "timestamp": "2023-11-14T22:15:00Z",
        "data": {
            "chat_id": "42", "text": "Which?\n1. This", "in_reply_to": "m1",
            "content": { "type": "choices", "text": "Which?", "choices": [{ "label": "This", "value": "this" }] },
        },
    });
    assert_eq!(body, expected);
    let header = |name: &str| request.headers()[name].to_str().unwrap();
    assert_eq!((header("webhook-id"), header("webhook-timestamp")), (KEY, "1700000100"));
    let signature = standard_hmac(NEXT_SECRET, KEY, NOW_MS / 1000, request.body());
    assert_eq!(header("webhook-signature"), format!("v1,{signature}"), "by the first of the secrets");
}

#[test]
fn a_notice_answers_nothing_and_reply_secret_signs_where_it_is_set() {
    let shop = channel(&format!("{}\nreply_secret = \"{NEXT_SECRET}\"", settings(&[SECRET])));
    let content = Content::text("Your parcel has left.");
    let context = ReplyContext::default();
    let (request, body) = rendered(&*shop, &outgoing(&content, &context));
    assert_eq!(body["data"].get("in_reply_to"), None);
    let signature = standard_hmac(NEXT_SECRET, KEY, NOW_MS / 1000, request.body());
    assert_eq!(request.headers()["webhook-signature"], format!("v1,{signature}"));
    let again = Outgoing { attempt: 1, now_ms: NOW_MS + 60_000, ..outgoing(&content, &context) };
    let (again, _) = rendered(&*shop, &again);
    assert_eq!(again.headers()["webhook-id"], request.headers()["webhook-id"], "the same message");
    assert_ne!(again.headers()["webhook-timestamp"], request.headers()["webhook-timestamp"], "sent anew");
}

#[test]
fn each_answer_has_its_meaning() {
    let shop = shop();
    for (status, outcome) in [
        (200, Outcome::Sent(None)),
        (202, Outcome::Sent(None)),
        (204, Outcome::Sent(None)),
        (409, Outcome::AlreadySent),
        (408, Outcome::Retry(None)),
        (425, Outcome::Retry(None)),
        (429, Outcome::Retry(None)),
        (500, Outcome::Retry(None)),
        (503, Outcome::Retry(None)),
        (302, Outcome::Refused("302: no".to_owned())),
        (400, Outcome::Refused("400: no".to_owned())),
        (401, Outcome::Refused("401: no".to_owned())),
        (404, Outcome::Refused("404: no".to_owned())),
        (410, Outcome::Refused("410: no".to_owned())),
    ] {
        assert_eq!(shop.classify(&answer(status, "no"), &ATTEMPT), outcome, "{status}");
    }
    let mut busy = answer(429, "");
    busy.headers_mut().insert("retry-after", HeaderValue::from_static("30"));
    assert_eq!(shop.classify(&busy, &ATTEMPT), Outcome::Retry(Some(30_000)));
    assert_eq!(shop.classify(&answer(410, ""), &ATTEMPT), Outcome::Refused("410 Gone".to_owned()));
    let (content, context) = (Content::text("x"), ReplyContext::default());
    assert_eq!(uncertain(&*shop, &outgoing(&content, &context)), Uncertain::Resend, "the key tells repeats apart");
}

#[test]
fn the_longest_reply_stays_within_what_receivers_take() {
    let shop = shop();
    let content = Content::text("夜".repeat(shop.capabilities().max_length / "夜".len()));
    let (request, _) = rendered(&*shop, &outgoing(&content, &ReplyContext::default()));
    assert!(request.body().len() <= 20_000, "{}", request.body().len());
}

#[test]
fn unusable_settings_are_refused_by_name_without_showing_a_key() {
    for (secrets, extra, named) in [
        (vec![], "", "secrets"),
        (vec![SECRET, "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="], "", "secrets[1]"),
        (vec!["whsec_AQID"], "", "24 to 64"),
        (vec!["whsec_!!!!"], "", "base64"),
        (vec!["whpk_AQID"], "", "32 bytes"),
        (vec![SECRET], "reply_secret = \"AQID\"", "reply_secret"),
    ] {
        let mistake = mistake(&format!("{}\n{extra}", settings(&secrets)));
        assert!(mistake.contains(named) && !mistake.contains("AQID"), "{mistake}");
    }
    let url = settings(&[SECRET]).replace("https://shop.example", "shop.example");
    assert!(mistake(&url).contains("reply_url"));
}

proptest! {
    #[test]
    fn no_body_behind_a_true_signature_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        drop(signed(&body).to(&*shop()));
    }

    #[test]
    fn no_data_of_a_known_type_makes_it_panic(kind in 0_usize..2, data in ".{0,80}", key in "(id|chat_id|text|media)") {
        let kind = ["message.received", "conversation.opened"][kind];
        drop(receive(&json!({ "type": kind, "data": { key: data } })));
        drop(signed(format!("{{\"type\":\"{kind}\",\"data\":{data}}}").as_bytes()).to(&*shop()));
    }

    #[test]
    fn no_headers_are_believed_by_chance(id in "[ -~]{0,20}", timestamp in "[ -~]{0,20}", signature in "[ -~]{0,60}") {
        let post = Post::new(b"{}")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature);
        prop_assert_eq!(refused(post.to(&*shop())), StatusCode::UNAUTHORIZED);
    }
}

#[test]
fn an_acknowledgement_is_a_2xx_with_nothing_in_it() {
    let (ack, ..) = accepted(signed(&hello()).to(&*shop()));
    assert_eq!((ack.status(), ack.body().len()), (StatusCode::ACCEPTED, 0));
}

#[test]
fn what_a_person_says_in_the_shops_own_inbox_and_that_they_are_done_is_known() {
    for (kind, left) in [("message.sent", false), ("conversation.returned", true)] {
        let body = json!({ "type": kind, "data": { "chat_id": "ana", "id": 7, "text": "hello from Mei" } });
        let event = event(receive(&body));
        assert_eq!(event.address.chat, "ana");
        let EventKind::Colleague(colleague) = event.kind else { panic!("{event:?}") };
        assert_eq!((colleague.message_id.as_deref(), colleague.left), (Some("7"), left));
        let nobody = receive(&json!({ "type": kind, "data": { "text": "hello" } }));
        assert_eq!(refused(nobody), StatusCode::BAD_REQUEST, "{kind}");
    }
}
