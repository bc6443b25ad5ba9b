use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    channel::testing::{NOW_MS, Post, channel, mistake, outgoing, refused},
    model::{Content, EventKind},
};

fn chat(settings: &str) -> WebChat {
    WebChat::new("main", &toml::from_str(settings).unwrap()).unwrap()
}

fn visitor() -> Visitor {
    Visitor { chat: "ana".to_owned(), name: None, is_customer: false }
}

fn say(body: &str) -> Result<Event, StatusCode> {
    chat("").written(&visitor(), body.as_bytes(), NOW_MS).map_err(|refusal| refusal.status)
}

#[test]
fn a_visitors_message_is_kept_under_the_visitors_own_chat() {
    let event = say(r#"{"id":"1","text":"你们发到国外吗"}"#).unwrap();
    assert_eq!(event.address, Address::new("main", "ana"));
    assert_eq!((event.at_ms, event.dedupe.as_str()), (NOW_MS, "ana/1"));
    let text = Some("你们发到国外吗".to_owned());
    let expected = Message { id: "1".to_owned(), sender: "ana".to_owned(), text, ..Message::default() };
    assert_eq!(event.kind, EventKind::Message(expected));
}

#[test]
fn visitors_number_their_messages_independently() {
    let of = |chat_id: &str| {
        let visitor = Visitor { chat: chat_id.to_owned(), ..visitor() };
        chat("").written(&visitor, br#"{"id":"1","text":"hi"}"#, NOW_MS).unwrap()
    };
    assert_ne!(of("ana").dedupe, of("bob").dedupe);
    assert_eq!(of("ana"), of("ana"), "sent twice it is the same");
}

#[test]
fn a_message_has_an_id_and_between_one_and_4000_characters() {
    let of = |id: &str, text: &str| say(&json!({ "id": id, "text": text }).to_string());
    of("1", &"茶".repeat(MAX_TEXT)).unwrap();
    of(&"x".repeat(MAX_ID), "hi").unwrap();
    assert_eq!(of("1", &"茶".repeat(MAX_TEXT + 1)), Err(StatusCode::PAYLOAD_TOO_LARGE));
    for (id, text) in [("1", ""), ("1", " \n"), ("", "hi"), ("a b", "hi"), ("open/1", "hi"), ("一", "hi")] {
        assert_eq!(of(id, text), Err(StatusCode::BAD_REQUEST), "{id:?} {text:?}");
    }
    assert_eq!(of(&"x".repeat(MAX_ID + 1), "hi"), Err(StatusCode::BAD_REQUEST));
    for body in ["", "{", "[]", r#"{"id":"1"}"#, r#"{"text":"hi"}"#, r#"{"id":1,"text":"hi"}"#] {
        assert_eq!(say(body), Err(StatusCode::BAD_REQUEST), "{body}");
    }
}

#[test]
fn a_picture_is_offered_by_where_it_is_kept() {
    let event = chat("").pictured(&visitor(), "7", "/chat/pictures/x.png".to_owned(), NOW_MS).unwrap();
    let EventKind::Message(message) = event.kind else { panic!("a message") };
    assert_eq!((message.text, message.media[0].kind.as_str()), (None, "image"));
    assert_eq!(message.media[0].reference, "/chat/pictures/x.png");
    assert!(chat("").pictured(&visitor(), "a/b", String::new(), NOW_MS).is_err());
}

#[test]
fn opening_the_page_is_told_once_an_hour_or_once_for_each_id() {
    let at = |body: &str, now_ms: i64| chat("").opened(&visitor(), body.as_bytes(), now_ms).unwrap();
    let hour = NOW_MS - NOW_MS % SAME_OPENING_MS;
    let first = at("", hour);
    assert!(matches!(first.kind, EventKind::Opened { .. }), "{first:?}");
    assert_eq!(first.dedupe, at("{}", hour + SAME_OPENING_MS - 1).dedupe, "a reload");
    assert_ne!(first.dedupe, at("", hour + SAME_OPENING_MS).dedupe);
    assert_eq!(at(r#"{"id":"a"}"#, hour).dedupe, at(r#"{"id":"a"}"#, hour + SAME_OPENING_MS).dedupe);
    assert_ne!(at(r#"{"id":"a"}"#, hour).dedupe, at(r#"{"id":"b"}"#, hour).dedupe);
}

#[test]
fn a_customer_is_who_the_shop_signs_for_and_nobody_else() {
    let page = chat("identity_secret = \"shop secret\"");
    let sign = |id: &str| hex::encode(crate::webhook::signature::hmac_sha256(b"shop secret", &[id.as_bytes()]));
    let ask = |id: &str, hmac: &str, name: Option<&str>| {
        page.identified(json!({ "id": id, "hmac": hmac, "name": name }).to_string().as_bytes())
    };
    // printf %s 42 | openssl dgst -sha256 -hmac "shop secret"
    assert_eq!(sign("42"), "7e8ded12662d7c4a16b1e18aa094fe3e125b5b6e1b53c094971c4ab55bf20532");
    let customer = ask("42", &sign("42"), Some("Ana")).unwrap();
    assert_eq!((customer.id.as_str(), customer.name.as_deref()), ("42", Some("Ana")));
    assert_eq!(ask("42", &sign("42").to_uppercase(), Some("")).unwrap().name, None);
    for hmac in [sign("43"), String::new(), "zz".to_owned(), sign("42")[..32].to_owned()] {
        assert_eq!(ask("42", &hmac, None).unwrap_err().status, StatusCode::FORBIDDEN, "{hmac}");
    }
    let long = "x".repeat(MAX_NAME + 1);
    for (id, name) in [("", None), (" ", None), (long.as_str(), None), ("a\nb", None), ("42", Some(long.as_str()))] {
        assert_eq!(ask(id, &sign(id), name).unwrap_err().status, StatusCode::BAD_REQUEST, "{id:?}");
    }
    assert_eq!(page.identified(b"[]").unwrap_err().status, StatusCode::BAD_REQUEST);
}

#[test]
fn without_a_secret_nobody_is_identified_and_the_log_says_what_is_missing() {
    let refusal = chat("").identified(br#"{"id":"42","hmac":""}"#).unwrap_err();
    assert_eq!(refusal.status, StatusCode::FORBIDDEN);
    assert!(refusal.why.contains("identity_secret"));
    assert!(mistake("kind = \"webchat\"\nidentity_secret = \"\"").contains("identity_secret"));
}

#[test]
fn nothing_comes_in_by_a_webhook() {
    let page = channel("kind = \"webchat\"");
    for path in ["", "messages", "open"] {
        let mut post = Post::new(r#"{"id":"1","text":"hi"}"#).header("content-type", "application/json");
        post.path = path;
        assert_eq!(refused(post.to(&*page)), StatusCode::NOT_FOUND, "{path}");
    }
}

#[test]
fn an_answer_stays_with_us() {
    let content = Content::text("hello");
    let context = ReplyContext::default();
    assert!(matches!(chat("").render(&outgoing(&content, &context)), Rendered::Local));
}

#[test]
fn an_allowed_origin_that_no_browser_would_send_is_refused() {
    for origin in ["shop.example", "https://shop.example/", "https://shop.example/chat", "*", "https://", "https://a@b"]
    {
        let mistake = mistake(&format!("kind = \"webchat\"\nallowed_origins = [\"{origin}\"]"));
        assert!(mistake.contains("allowed_origins"), "{mistake}");
    }
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let page = chat("identity_secret = \"shop secret\"");
        drop(page.written(&visitor(), &body, NOW_MS));
        drop(page.opened(&visitor(), &body, NOW_MS));
        drop(page.identified(&body));
    }
}
