use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    channel::testing::{NOW_MS, Post, accepted, channel, event, mistake, outgoing, refused},
    model::{Content, EventKind},
};

const VISITOR: &str = "0123456789abcdef0123456789abcdef";

fn page() -> Box<dyn Channel> {
    channel("kind = \"webchat\"")
}

/// A request of the page, made by the visitor.
fn post<'a>(path: &'a str, body: &'a str) -> Post<'a> {
    let mut post =
        Post::new(body).header("content-type", "application/json").header("cookie", format!("nc_visitor={VISITOR}"));
    post.path = path;
    post
}

fn say(body: &str) -> Inbound {
    post("messages", body).to(&*page())
}

#[test]
fn a_visitors_message_is_kept_under_the_visitors_own_chat() {
    let (ack, mut events, _) = accepted(say(r#"{"id":"1","text":"你们发到国外吗"}"#));
    assert_eq!(ack.status(), StatusCode::ACCEPTED);
    let event = events.remove(0);
    let chat = visitor_chat(Some(&format!("nc_visitor={VISITOR}"))).unwrap();
    assert_eq!(event.address, Address::new("main", chat.clone()));
    assert_eq!((event.at_ms, event.dedupe.as_str()), (NOW_MS, format!("{chat}/1").as_str()));
    let expected =
        Message {
            id: "1".to_owned(), sender: chat, text: Some("你们发到国外吗".to_owned()), ..Message::default()
        };
    assert_eq!(event.kind, EventKind::Message(expected));
}

#[test]
fn the_cookie_is_nowhere_in_what_is_kept() {
    let event = event(say(r#"{"id":"1","text":"hi"}"#));
    let kept = serde_json::to_string(&event).unwrap();
    assert!(!kept.contains(VISITOR) && !kept.contains(&VISITOR[..16]), "{kept}");
}

#[test]
fn visitors_number_their_messages_independently() {
    let of = |visitor: &str| {
        let mut post = post("messages", r#"{"id":"1","text":"hi"}"#);
        post.headers[1].1 = format!("nc_visitor={visitor}");
        event(post.to(&*page()))
    };
    let (ana, bob) = (of(VISITOR), of(&new_visitor([7; 16])));
    assert_ne!(ana.dedupe, bob.dedupe);
    assert_ne!(ana.address, bob.address);
    assert_eq!(ana, of(VISITOR), "sent twice it is the same");
}

#[test]
fn a_visitor_is_known_by_a_well_formed_cookie_only() {
    let chat = visitor_chat(Some(&format!("nc_visitor={VISITOR}")));
    assert!(chat.as_deref().is_some_and(|chat| chat.len() == 32));
    for cookie in [
        format!("a=b; nc_visitor={VISITOR}; c=d"),
        format!("a=b;nc_visitor={VISITOR}"),
        format!("nc_visitor=guess; nc_visitor={VISITOR}"),
    ] {
        assert_eq!(visitor_chat(Some(&cookie)), chat, "{cookie}");
    }
    for cookie in [
        String::new(),
        "nc_visitor=".to_owned(),
        "nc_visitor=guess".to_owned(),
        format!("nc_visitor={}", VISITOR.to_uppercase()),
        format!("nc_visitor={VISITOR}0"),
        format!("nc_visitor=\"{VISITOR}\""),
        format!("nc_visitor={}", &VISITOR[1..]),
        format!("x_nc_visitor={VISITOR}"),
    ] {
        assert_eq!(visitor_chat(Some(&cookie)), None, "{cookie}");
    }
    assert_eq!(visitor_chat(None), None);
    assert_eq!(new_visitor([0xab; 16]), "ab".repeat(16));
    assert!(visitor_chat(Some(&format!("nc_visitor={}", new_visitor([0xab; 16])))).is_some());
}

#[test]
fn a_stranger_is_refused() {
    let mut post = post("messages", r#"{"id":"1","text":"hi"}"#);
    post.headers.truncate(1);
    assert_eq!(refused(post.to(&*page())), StatusCode::UNAUTHORIZED);
}

#[test]
fn only_the_daemons_own_page_and_the_allowed_ones_may_post() {
    let page = channel("kind = \"webchat\"\nallowed_origins = [\"https://shop.example\"]");
    let from = |origin: &str| {
        post("messages", r#"{"id":"1","text":"hi"}"#)
            .header("host", "chat.example:8443")
            .header("origin", origin)
            .to(&*page)
    };
    for origin in ["https://chat.example:8443", "http://CHAT.example:8443", "https://shop.example"] {
        event(from(origin));
    }
    for origin in [
        "https://evil.example",
        "https://chat.example",
        "https://chat.example:8443.evil.example",
        "https://shop.example.evil.example",
        "http://shop.example",
        "https://evil.example/https://shop.example",
        "chat.example:8443",
        "null",
        "",
    ] {
        assert_eq!(refused(from(origin)), StatusCode::FORBIDDEN, "{origin}");
    }
    let hostless = post("messages", "{}").header("origin", "https://chat.example").to(&*page);
    assert_eq!(refused(hostless), StatusCode::FORBIDDEN);
}

#[test]
fn what_a_foreign_form_can_send_is_not_taken() {
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json-x", ""]
    {
        let mut post = post("messages", r#"{"id":"1","text":"hi"}"#);
        post.headers[0].1 = content_type.to_owned();
        assert_eq!(refused(post.to(&*page())), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
    }
    let mut post = post("messages", r#"{"id":"1","text":"hi"}"#);
    post.headers[0].1 = "Application/JSON; charset=utf-8".to_owned();
    event(post.to(&*page()));
}

#[test]
fn a_message_has_an_id_and_between_one_and_4000_characters() {
    let of = |id: &str, text: &str| say(&json!({ "id": id, "text": text }).to_string());
    event(of("1", &"茶".repeat(MAX_TEXT)));
    event(of(&"x".repeat(MAX_ID), "hi"));
    assert_eq!(refused(of("1", &"茶".repeat(MAX_TEXT + 1))), StatusCode::PAYLOAD_TOO_LARGE);
    for (id, text) in [("1", ""), ("1", " \n"), ("", "hi"), ("a b", "hi"), ("open/1", "hi"), ("一", "hi")] {
        assert_eq!(refused(of(id, text)), StatusCode::BAD_REQUEST, "{id:?} {text:?}");
    }
    assert_eq!(refused(of(&"x".repeat(MAX_ID + 1), "hi")), StatusCode::BAD_REQUEST);
    for body in ["", "{", "[]", r#"{"id":"1"}"#, r#"{"text":"hi"}"#, r#"{"id":1,"text":"hi"}"#] {
        assert_eq!(refused(say(body)), StatusCode::BAD_REQUEST, "{body}");
    }
}

#[test]
fn opening_the_page_is_told_once_an_hour_or_once_for_each_id() {
    let at = |body: &str, now_ms: i64| {
        let mut post = post("open", body);
        post.now_ms = now_ms;
        event(post.to(&*page()))
    };
    let hour = NOW_MS - NOW_MS % SAME_OPENING_MS;
    let first = at("", hour);
    assert!(matches!(first.kind, EventKind::Opened { .. }), "{first:?}");
    assert_eq!(first.dedupe, at("{}", hour + SAME_OPENING_MS - 1).dedupe, "a reload");
    assert_ne!(first.dedupe, at("", hour + SAME_OPENING_MS).dedupe);
    assert_eq!(at(r#"{"id":"a"}"#, hour).dedupe, at(r#"{"id":"a"}"#, hour + SAME_OPENING_MS).dedupe);
    assert_ne!(at(r#"{"id":"a"}"#, hour).dedupe, at(r#"{"id":"b"}"#, hour).dedupe);
}

#[test]
fn elsewhere_and_by_other_methods_there_is_nothing() {
    for path in ["", "message", "messages/", "events"] {
        assert_eq!(refused(post(path, "{}").to(&*page())), StatusCode::NOT_FOUND, "{path}");
    }
    let mut get = post("messages", "");
    get.method = Method::GET;
    assert_eq!(refused(get.to(&*page())), StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn an_answer_stays_with_us() {
    let content = Content::text("hello");
    let context = ReplyContext::default();
    assert!(matches!(page().render(&outgoing(&content, &context)), Rendered::Local));
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
    fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200), path in "(messages|open|.{0,9})") {
        let body = String::from_utf8_lossy(&body);
        drop(post(&path, &body).to(&*page()));
    }

    #[test]
    fn no_cookie_or_origin_makes_it_panic(cookie in "[ -~]{0,60}", origin in "[ -~]{0,30}") {
        let mut post = post("messages", r#"{"id":"1","text":"hi"}"#).header("host", "a").header("origin", origin);
        post.headers[1].1 = cookie;
        drop(post.to(&*page()));
    }
}
