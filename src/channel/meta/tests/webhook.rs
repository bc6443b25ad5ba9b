//! Signatures, the handshake, and batches.

use super::*;
use proptest::prelude::*;

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
    let true_one = Post::new("{").header("x-hub-signature-256", good.as_str()).to(&*account);
    assert_eq!(ignored(true_one), 1, "what is signed is acknowledged");
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
    other_field["changes"][0]["field"] = json!("flows");
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
fn what_was_written_first_comes_first() {
    let text = |id: &str, at: &str| said(id, &json!({ "type": "text", "text": { "body": id }, "timestamp": at }));
    let body = whatsapp(&json!({ "messages": [text("second", "1700000020"), text("first", "1700000000")] }));
    let (_, events, _) = accepted(receive("whatsapp", &body));
    assert_eq!(events.iter().map(|event| event.dedupe.as_str()).collect::<Vec<_>>(), ["first", "second"]);
}

/// What the owner is told of a webhook.
fn concerns(inbound: Inbound) -> Vec<(bool, String)> {
    let Inbound::Events { concerns, .. } = inbound else { panic!("{inbound:?}") };
    concerns.into_iter().map(|it| (it.is_good_news, it.words)).collect()
}

#[test]
fn another_account_and_another_product_of_the_app_are_told_of_and_the_dashboards_samples_are_no_mistake() {
    let text = said("m", &json!({ "type": "text", "text": { "body": "hi" } }));
    let mut other = whatsapp(&json!({ "messages": [text, said("n", &json!({ "type": "reaction" }))] }));
    let number = |body: &mut Value, id: &str| {
        body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = json!(id);
    };
    number(&mut other, "15550783881");
    let [(false, words)] = &concerns(receive("whatsapp", &other))[..] else { panic!("once for each account") };
    assert!(words.contains("15550783881") && words.contains(ACCOUNT) && words.contains("phone number id"), "{words}");
    number(&mut other, "123456123");
    assert!(matches!(&concerns(receive("whatsapp", &other))[..], [(true, words)] if words.contains("test sample")));
    let mut page = messenger(&[sent(&json!({ "message": { "mid": "m", "text": "hi" } }))]);
    page["entry"][0]["id"] = json!("2");
    assert!(matches!(&concerns(receive("messenger", &page))[..], [(false, words)] if words.contains("page id")));
    page["entry"][0]["id"] = json!("0");
    assert!(matches!(&concerns(receive("messenger", &page))[..], [(true, _)]));
    let sample = json!({ "sample": { "field": "messages", "value": {} } });
    assert!(matches!(&concerns(receive("whatsapp", &sample))[..], [(true, _)]));
    assert!(matches!(&concerns(receive("instagram", &page))[..], [(false, words)] if words.contains("platform")));
}

proptest! {
    #[test]
    fn garbage_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,40}", number: i64) {
        let status = format!("{{\"error\":{{\"code\":{number},\"message\":{}}}}}", json!(text));
        for platform in ["whatsapp", "messenger", "instagram"] {
            let account = account(platform);
            let signature = format!("sha256={}", hex::encode(hmac_sha256(SECRET.as_bytes(), &[&noise])));
            let _ = Post::new(&noise).header("x-hub-signature-256", signature).to(&*account);
            let _ = account.classify(&answer(400, &status), &ATTEMPT);
            let said = said(&text, &json!({ "type": "text", "text": { "body": text }, "timestamp": number.to_string() }));
            let _ = receive(platform, &whatsapp(&json!({ "messages": [said, text, number] })));
            let thing = sent(&json!({ "timestamp": number, "message": { "mid": text, "text": text } }));
            let _ = receive(platform, &messenger(&[thing, json!(text), json!({ "sender": number })]));
        }
    }
}
