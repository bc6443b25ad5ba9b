use proptest::prelude::*;

use super::*;
use crate::{
    channel::testing::{
        ATTEMPT, KEY, NOW_MS, Post, accepted, answer, channel, event, ignored, mistake, outgoing, refused, rendered,
        vector,
    },
    model::{Content, EventKind, ReplyContext},
};

const TOKEN: &str = "nightclerkToken";
const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const APP: &str = "wx2c2769f8efd9abc2";

fn plain() -> Box<dyn Channel> {
    channel(&format!("kind = \"wechat\"\ntoken = \"{TOKEN}\"\napp_id = \"{APP}\"\napp_secret = \"app-secret\""))
}

fn safe() -> Box<dyn Channel> {
    channel(&format!("kind = \"wechat\"\ntoken = \"{TOKEN}\"\napp_id = \"{APP}\"\nencoding_aes_key = \"{AES_KEY}\""))
}

fn now_s() -> String {
    (NOW_MS / 1000).to_string()
}

/// A message's XML, from its fields.
fn message(fields: &[(&str, &str)]) -> String {
    let created = now_s();
    let mut all = vec![
        ("ToUserName", Value::Text("gh_10f6c3c3ac5a")),
        ("FromUserName", Value::Text("openid-1")),
        ("CreateTime", Value::Text(&created)),
    ];
    all.extend(fields.iter().map(|(name, value)| (*name, Value::Text(value))));
    xml::write(&all)
}

/// A plain-mode request, signed at `timestamp`.
fn signed_at<'a>(timestamp: &str, body: &'a str) -> Post<'a> {
    Post::new(body)
        .query("signature", wxcrypt::signature(&[TOKEN, timestamp, "nonce"]))
        .query("timestamp", timestamp)
        .query("nonce", "nonce")
}

fn signed(body: &str) -> Post<'_> {
    signed_at(&now_s(), body)
}

/// A safe-mode request around `ciphertext`, whose envelope must be kept by the caller.
fn envelope(ciphertext: &str) -> String {
    xml::write(&[("ToUserName", Value::Text("gh_1")), ("Encrypt", Value::Text(ciphertext))])
}

fn safely<'a>(envelope: &'a str, ciphertext: &str) -> Post<'a> {
    Post::new(envelope)
        .query("msg_signature", wxcrypt::signature(&[TOKEN, &now_s(), "nonce", ciphertext]))
        .query("timestamp", now_s())
        .query("nonce", "nonce")
        .query("encrypt_type", "aes")
}

fn encrypted(message: &str) -> String {
    Cipher::new(AES_KEY, APP).unwrap().encrypt(*b"0123456789abcdef", message.as_bytes())
}

#[test]
fn the_official_handshake_is_answered_with_its_echo_and_a_forged_one_refused() {
    let vector = vector("wechat", "GET verify");
    let wechat = channel(&format!("kind = \"wechat\"\ntoken = \"{}\"\napp_id = \"wx1\"", vector.input("token")));
    let get = |signature: &str| {
        let mut post = Post::new("")
            .query("signature", signature)
            .query("timestamp", vector.input("timestamp"))
            .query("nonce", vector.input("nonce"))
            .query("echostr", vector.input("echostr"));
        post.method = Method::GET;
        wechat.receive(&WebhookRequest {
            method: &post.method,
            path: "",
            query: &post.query,
            headers: &http::HeaderMap::new(),
            body: b"",
            now_ms: NOW_MS,
        })
    };
    match get(vector.expected["signature"].as_str().unwrap()) {
        Inbound::Respond(response) => {
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
            assert_eq!(response.body(), vector.expected["response_body"].as_str().unwrap());
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(refused(get("0000000000000000000000000000000000000000")), StatusCode::FORBIDDEN);
}

#[test]
fn the_official_plain_signature_holds() {
    let vector = vector("wechat", "plain-mode POST");
    let parts = [vector.input("token"), vector.input("timestamp"), vector.input("nonce")];
    assert!(wxcrypt::signature_holds(&parts, vector.expected.as_str().unwrap()));
}

#[test]
fn a_plain_message_becomes_an_event() {
    let body = message(&[("MsgType", "text"), ("Content", "在吗？"), ("MsgId", "6054768590064713728")]);
    let event = event(signed(&body).to(&*plain()));
    assert_eq!(event.dedupe, "6054768590064713728");
    assert_eq!(event.address, crate::model::Address::new("main", "openid-1"));
    assert_eq!(event.at_ms, NOW_MS / 1000 * 1000);
    let EventKind::Message(message) = event.kind else { panic!("a message") };
    assert_eq!(message.text.as_deref(), Some("在吗？"));
    assert_eq!(message.reply.budget, Some(5));
    assert_eq!(message.reply.deadline_ms, Some(event.at_ms + 48 * 3_600_000));
}

#[test]
fn a_plain_message_is_believed_only_for_five_minutes() {
    let body = message(&[("MsgType", "text"), ("Content", "x"), ("MsgId", "1")]);
    for (seconds, good) in [(0, true), (300, true), (-300, true), (301, false), (-301, false)] {
        let inbound = signed_at(&(NOW_MS / 1000 + seconds).to_string(), &body).to(&*plain());
        match good {
            true => drop(event(inbound)),
            false => assert_eq!(refused(inbound), StatusCode::UNAUTHORIZED, "{seconds}"),
        }
    }
    let unsigned = Post::new(&body).query("timestamp", now_s()).query("nonce", "nonce");
    assert_eq!(refused(unsigned.to(&*plain())), StatusCode::UNAUTHORIZED);
}

#[test]
fn an_overheard_signature_is_good_for_its_own_message_alone() {
    let wechat = plain();
    let text = |words: &str, id: &str| message(&[("MsgType", "text"), ("Content", words), ("MsgId", id)]);
    let own = text("在吗？", "1");
    drop(event(signed(&own).to(&*wechat)));
    drop(event(signed(&own).to(&*wechat)));
    assert_eq!(refused(signed(&text("退款", "2")).to(&*wechat)), StatusCode::UNAUTHORIZED, "another message");
    let foreign = own.replace("openid-1", "openid-2");
    assert_eq!(refused(signed(&foreign).to(&*wechat)), StatusCode::UNAUTHORIZED, "another sender");
    let shouted = Post::new(&foreign)
        .query("signature", wxcrypt::signature(&[TOKEN, &now_s(), "nonce"]).to_uppercase())
        .query("timestamp", now_s())
        .query("nonce", "nonce");
    assert_eq!(refused(shouted.to(&*wechat)), StatusCode::UNAUTHORIZED, "the same signature in other letters");
    let fresh = text("退款", "3");
    drop(event(signed_at(&(NOW_MS / 1000 + 1).to_string(), &fresh).to(&*wechat)));
}

#[test]
fn the_sdks_encrypted_message_is_read() {
    let vector = vector("wechat", "safe mode XML text message");
    let ciphertext = vector.expected["encrypt"].as_str().unwrap();
    let body = envelope(ciphertext);
    let post = Post::new(&body)
        .query("msg_signature", vector.expected["msg_signature"].as_str().unwrap())
        .query("timestamp", vector.input("timestamp"))
        .query("nonce", vector.input("nonce"));
    let event = event(post.to(&*safe()));
    let fields = &vector.expected["fields"];
    assert_eq!(event.dedupe, fields["dedupe_id"].as_str().unwrap());
    assert_eq!(event.address.chat, fields["sender"].as_str().unwrap());
    let EventKind::Message(message) = event.kind else { panic!("a message") };
    assert_eq!(message.text.as_deref(), fields["text"].as_str());
    assert_eq!(message.reply.budget, Some(1), "without app_secret the response is the only way to answer");
}

#[test]
fn in_safe_mode_only_what_is_encrypted_and_signed_is_read() {
    let ciphertext = encrypted(&message(&[("MsgType", "text"), ("Content", "x"), ("MsgId", "1")]));
    let body = envelope(&ciphertext);
    drop(event(safely(&body, &ciphertext).to(&*safe())));
    let clear = message(&[("MsgType", "text"), ("Content", "x"), ("MsgId", "1")]);
    assert_eq!(refused(signed(&clear).to(&*safe())), StatusCode::UNAUTHORIZED, "a plain message");
    assert_eq!(refused(safely(&body, "another").to(&*safe())), StatusCode::UNAUTHORIZED, "another signature");
    let foreign = Cipher::new(AES_KEY, "wx-another").unwrap().encrypt([1; 16], clear.as_bytes());
    let body = envelope(&foreign);
    assert_eq!(refused(safely(&body, &foreign).to(&*safe())), StatusCode::FORBIDDEN, "for another app id");
}

#[test]
fn an_encrypted_message_on_a_plain_channel_says_which_setting_is_missing() {
    let body = envelope("abc");
    match signed(&body).to(&*plain()) {
        Inbound::Events { ack, events, concerns, .. } => {
            assert_eq!((ack.body().as_ref(), events.len()), (&b"success"[..], 0), "the customer sees no error");
            assert!(concerns[0].words.contains("encoding_aes_key"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_follow_opens_the_conversation_and_a_menu_click_says_its_key() {
    let follow = event(signed(&message(&[("MsgType", "event"), ("Event", "subscribe")])).to(&*plain()));
    assert!(matches!(&follow.kind, EventKind::Opened { reply, .. } if reply.budget == Some(3)), "{follow:?}");
    let click =
        event(signed(&message(&[("MsgType", "event"), ("Event", "CLICK"), ("EventKey", "物流")])).to(&*plain()));
    let EventKind::Message(message) = &click.kind else { panic!("{click:?}") };
    assert_eq!(message.text.as_deref(), Some("物流"));
    assert_ne!(follow.dedupe, click.dedupe, "two events of one second are two");
}

#[test]
fn a_code_of_the_shop_opens_the_conversation_and_a_colleague_who_takes_it_is_seen() {
    let happened = |fields: &[(&str, &str)]| {
        let fields: Vec<_> = [("MsgType", "event")].iter().chain(fields).copied().collect();
        event(signed(&message(&fields)).to(&*plain())).kind
    };
    for (name, key) in [("SCAN", "324234"), ("subscribe", "qrscene_324234")] {
        let EventKind::Opened { payload, .. } = happened(&[("Event", name), ("EventKey", key)]) else {
            panic!("{name}")
        };
        assert_eq!(payload.as_deref(), Some("324234"));
    }
    for (name, left) in [("kf_create_session", false), ("kf_switch_session", false), ("kf_close_session", true)] {
        let kind = happened(&[("Event", name), ("KfAccount", "a@b")]);
        assert!(matches!(kind, EventKind::Colleague(ref colleague) if colleague.left == left), "{kind:?}");
    }
}

#[test]
fn pictures_voices_and_places_come_as_media() {
    let media = |fields: &[(&str, &str)]| {
        let event = event(signed(&message(fields)).to(&*plain()));
        let EventKind::Message(message) = event.kind else { panic!("a message") };
        (message.text, message.media.into_iter().map(|it| (it.kind, it.reference)).collect::<Vec<_>>())
    };
    let one = |kind: &str, reference: &str| vec![(kind.to_owned(), reference.to_owned())];
    assert_eq!(
        media(&[("MsgType", "image"), ("PicUrl", "https://x/p.jpg"), ("MsgId", "1")]),
        (None, one("image", "https://x/p.jpg"))
    );
    assert_eq!(
        media(&[("MsgType", "voice"), ("MediaId", "m"), ("Recognition", "我的快递呢"), ("MsgId", "1")]),
        (Some("我的快递呢".to_owned()), one("audio", "m"))
    );
    assert_eq!(media(&[("MsgType", "file"), ("Title", "a.pdf"), ("MsgId", "7")]), (None, one("file", "7")));
    let page = [("MsgType", "miniprogrampage"), ("PagePath", "pages/tea"), ("MsgId", "7")];
    assert_eq!(media(&page), (None, one("miniprogrampage", "pages/tea")));
    assert_eq!(
        media(&[("MsgType", "location"), ("Location_X", "23.1"), ("Location_Y", "113.3"), ("MsgId", "1")]),
        (None, one("location", "23.1,113.3"))
    );
}

#[test]
fn an_unfollow_and_unknown_events_are_acknowledged_and_counted() {
    for fields in [[("MsgType", "event"), ("Event", "unsubscribe")], [("MsgType", "event"), ("Event", "VIEW")]] {
        assert_eq!(ignored(signed(&message(&fields)).to(&*plain())), 1);
    }
    let body = message(&[("MsgType", "text"), ("Content", "x"), ("MsgId", "1")]);
    let (ack, _, _) = accepted(signed(&body).to(&*plain()));
    assert_eq!(ack.body(), "success");
}

#[test]
fn the_passive_reply_is_the_xml_the_sdk_reads() {
    let vector = vector("wechat", "OUTBOUND passive XML");
    let content = Content::text(vector.expected["content"].as_str().unwrap());
    let context = ReplyContext { data: json!({ "account": vector.expected["source"] }), ..ReplyContext::default() };
    let mut message = outgoing(&content, &context);
    message.chat = vector.expected["target"].as_str().unwrap();
    let reply = sync_reply(&*plain(), &message, 1_409_735_670_000);
    assert_eq!(reply.body(), vector.input("xml"));
}

fn sync_reply(wechat: &dyn Channel, message: &Outgoing<'_>, now_ms: i64) -> Response<Bytes> {
    let query = [("nonce".to_owned(), "nonce".to_owned())];
    let request = WebhookRequest {
        method: &Method::POST,
        path: "",
        query: &query,
        headers: &http::HeaderMap::new(),
        body: b"",
        now_ms,
    };
    wechat.sync_reply(&request, message).expect("a reply")
}

#[test]
fn in_safe_mode_the_passive_reply_is_encrypted_and_signed() {
    let content = Content::text("您好");
    let context = ReplyContext { data: json!({ "account": "gh_1" }), ..ReplyContext::default() };
    let reply = sync_reply(&*safe(), &outgoing(&content, &context), NOW_MS);
    assert!(!String::from_utf8_lossy(reply.body()).contains("您好"));
    let fields = xml::read(reply.body()).unwrap();
    let signed = [TOKEN, &fields["TimeStamp"], &fields["Nonce"], &fields["Encrypt"]];
    assert!(wxcrypt::signature_holds(&signed, &fields["MsgSignature"]));
    let inner = xml::read(&Cipher::new(AES_KEY, APP).unwrap().decrypt(&fields["Encrypt"]).unwrap()).unwrap();
    assert_eq!((inner["Content"].as_str(), inner["ToUserName"].as_str()), ("您好", "42"));
}

#[test]
fn a_customer_service_message_goes_to_the_api_in_raw_utf8() {
    let content = Content::Link { text: "今天的活动".to_owned(), url: "https://shop.example/a".to_owned() };
    let context = ReplyContext { deadline_ms: Some(NOW_MS), budget: Some(1), ..ReplyContext::default() };
    let mut message = outgoing(&content, &context);
    message.token = Some("ACCESS TOKEN");
    let (request, body) = rendered(&*plain(), &message);
    assert_eq!(request.uri(), "https://api.weixin.qq.com/cgi-bin/message/custom/send?access_token=ACCESS+TOKEN");
    assert_eq!(
        body,
        json!({ "touser": "42", "msgtype": "text", "text": { "content": "今天的活动\nhttps://shop.example/a" } })
    );
    assert!(String::from_utf8_lossy(request.body()).contains("今天的活动"), "not escaped");
}

#[test]
fn nothing_is_sent_that_the_platform_would_refuse() {
    let content = Content::text("x");
    let closed = |wechat: &dyn Channel, context: ReplyContext| {
        let mut message = outgoing(&content, &context);
        message.token = Some("t");
        matches!(wechat.render(&message), Rendered::Closed(_))
    };
    let context = |deadline_ms, budget| ReplyContext { deadline_ms, budget, ..ReplyContext::default() };
    assert!(!closed(&*plain(), context(Some(NOW_MS), Some(1))));
    assert!(closed(&*plain(), context(Some(NOW_MS - 1), Some(1))), "past the window");
    assert!(closed(&*plain(), context(Some(NOW_MS), Some(0))), "the budget is used up");
    assert!(closed(&*safe(), context(Some(NOW_MS), Some(1))), "no app_secret");
}

#[test]
fn the_token_is_asked_for_and_forced_only_when_refused() {
    for force in [false, true] {
        let TokenRequest { request, parse } = plain().token(force).expect("a token request");
        assert_eq!(request.uri(), "https://api.weixin.qq.com/cgi-bin/stable_token");
        let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(body["force_refresh"], force);
        assert_eq!(body["secret"], "app-secret");
        assert_eq!(parse(br#"{"access_token":"T","expires_in":7200}"#), Ok(("T".to_owned(), 7200)));
        assert!(parse(br#"{"errcode":40013,"errmsg":"invalid appid"}"#).unwrap_err().contains("40013"));
        assert!(parse(b"<html>").is_err());
    }
    assert!(safe().token(false).is_none());
}

#[test]
fn answers_are_classed_as_the_platform_means_them() {
    let class = |status, body: &str| plain().classify(&answer(status, body), &ATTEMPT);
    let code = |code: i64| class(200, &format!(r#"{{"errcode":{code},"errmsg":"words"}}"#));
    assert_eq!(code(0), Outcome::Sent(None));
    assert_eq!(code(-1), Outcome::Retry(None));
    assert_eq!(code(45011), Outcome::SlowDown(60_000, None));
    for stale in [40001, 40014, 42001] {
        assert_eq!(code(stale), Outcome::RefreshToken, "{stale}");
    }
    for refused in [45015, 45047, 40003, 43004, 45002, 48001, 50002, 99999] {
        assert!(matches!(code(refused), Outcome::Drop(why) if why.contains(&refused.to_string())), "{refused}");
    }
    for stop in [40164, 40013, 50001] {
        assert!(matches!(code(stop), Outcome::StopChannel(_)), "{stop}");
    }
    assert_eq!(class(503, ""), Outcome::Retry(None));
    assert_eq!(class(200, "<html>"), Outcome::Retry(None));
    assert!(matches!(class(404, ""), Outcome::Drop(_)));
}

#[test]
fn settings_that_cannot_work_are_refused_in_words() {
    for (settings, word) in [
        ("kind = \"wechat\"\ntoken = \"\"\napp_id = \"wx1\"", "token"),
        ("kind = \"wechat\"\ntoken = \"t\"\napp_id = \"\"", "app_id"),
        ("kind = \"wechat\"\ntoken = \"t\"\napp_id = \"wx1\"\nencoding_aes_key = \"short\"", "encoding_aes_key"),
        ("kind = \"wechat\"\ntoken = \"t\"\napp_id = \"wx1\"\napi_base = \"nowhere\"", "api_base"),
    ] {
        assert!(mistake(settings).contains(word), "{}", mistake(settings));
    }
}

proptest! {
    #[test]
    fn garbage_behind_a_true_signature_never_panics(noise in "\\PC{0,120}", bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
        signed(&noise).to(&*plain());
        let body = envelope(&noise);
        safely(&body, &noise).to(&*safe());
        let ciphertext = Cipher::new(AES_KEY, APP).unwrap().encrypt([0; 16], &bytes);
        let body = envelope(&ciphertext);
        safely(&body, &ciphertext).to(&*safe());
    }
}

#[test]
fn a_repeated_question_gets_the_same_ciphertext_for_the_same_answer() {
    let content = Content::text("您好");
    let context = ReplyContext { data: json!({ "account": "gh_1" }), ..ReplyContext::default() };
    let message = outgoing(&content, &context);
    assert_eq!(message.key, KEY);
    assert_eq!(sync_reply(&*safe(), &message, NOW_MS).body(), sync_reply(&*safe(), &message, NOW_MS).body());
}
