//! Every channel keeps the same promises, each in its platform's own protocol: real payloads in, the platform's
//! own requests out.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use crate::harness::{
    Answer, Daemon, Shop, eventually,
    platform::{Platform, Received, json},
    sign,
};
use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde_json::{Value, json};

/// What the platform posts.
struct Delivery {
    query: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// A platform's side of its channel, which has the id `shop`.
struct Protocol {
    /// The channel's keys in `channels.toml`, but `id` and `api_base`.
    settings: String,
    /// A customer's message, and one that must not be answered: our own, or for somebody else.
    payloads: [&'static str; 2],
    /// The platform's id of the first.
    message_id: &'static str,
    /// Signs a payload as the platform does, or with a secret that is not the shop's.
    sign: fn(&str, Secret) -> Delivery,
    /// The query of the handshake with its answer, and one with a wrong token.
    handshake: Option<[String; 3]>,
    /// Where the answer goes.
    answered: Answered,
}

#[derive(Clone, Copy, PartialEq)]
enum Secret {
    Right,
    Wrong,
}

enum Answered {
    /// To the platform's API; checks one request and gives its text.
    OverTheApi(fn(&Received) -> String),
    /// In the webhook's response; checks it and gives its text.
    InTheResponse(fn(&str) -> String),
}

/// A payload from `tests/fixtures`, as if it had happened now.
fn fresh(payload: &str) -> String {
    let now_s = sign::now_s().to_string();
    payload.replace("1700000000", &now_s)
}

async fn deliver(daemon: &Daemon, delivery: &Delivery) -> Answer {
    let headers: Vec<_> = delivery.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    daemon.post(&format!("/hooks/shop{}", delivery.query), &headers, delivery.body.clone()).await.expect("an answer")
}

/// A shop with one channel.
fn shop(settings: &str, platform: &Platform) -> Shop {
    let target = if settings.contains("standard-webhooks") { "reply_url" } else { "api_base" };
    let path = if target == "reply_url" { "/replies" } else { "" };
    let shop = Shop::new();
    shop.write(
        "channels.toml",
        &format!(
            "[[channel]]\nid = \"shop\"\nallow_private_targets = true\n{settings}\n{target} = \"{}{path}\"\n",
            platform.url(),
        ),
    );
    shop
}

/// Waits until all that was to be said to an event has been sent, and counts it.
async fn said(daemon: &Daemon, event: &str) -> usize {
    let messages = eventually("the answer to be sent", async || {
        let explanation = daemon.admin(Method::GET, &format!("/v1/explain/{event}")).await;
        let messages = explanation.json()["messages"].as_array().cloned()?;
        messages.iter().all(|message| message["state"] != "pending").then_some(messages)
    })
    .await;
    assert!(!messages.is_empty(), "nothing was answered");
    assert!(messages.iter().all(|message| message["state"] == "sent"), "{messages:?}");
    messages.len()
}

/// What holds of every channel.
async fn keeps_its_promises(protocol: Protocol) {
    let platform = Platform::start().await;
    let shop = shop(&protocol.settings, &platform);
    let daemon = shop.start().await;

    if let Some([good, answer, bad]) = &protocol.handshake {
        let shaken = daemon.get(&format!("/hooks/shop?{good}")).await.unwrap();
        assert_eq!((shaken.status, shaken.text()), (StatusCode::OK, answer.clone()), "the handshake");
        let refused = daemon.get(&format!("/hooks/shop?{bad}")).await.unwrap();
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "a handshake with a wrong token");
    }

    let [message, unanswered] = protocol.payloads.map(fresh);
    let refused = deliver(&daemon, &(protocol.sign)(&message, Secret::Wrong)).await;
    assert!(matches!(refused.status.as_u16(), 401 | 403), "a forged message: {refused:?}");
    let mut changed = (protocol.sign)(&message, Secret::Right);
    changed.headers.clear();
    changed.query.clear();
    let refused = deliver(&daemon, &changed).await;
    assert!(matches!(refused.status.as_u16(), 401 | 403), "an unsigned message: {refused:?}");
    let ignored = deliver(&daemon, &(protocol.sign)(&unanswered, Secret::Right)).await;
    assert!(ignored.status.is_success(), "a message that is not for us: {ignored:?}");
    assert!(platform.after_quiet().await.is_empty(), "something was answered that should not have been");

    let delivery = (protocol.sign)(&message, Secret::Right);
    let first = deliver(&daemon, &delivery).await;
    assert!(first.status.is_success(), "{first:?}");
    let messages = said(&daemon, protocol.message_id).await;
    let sent = platform.received();
    let texts: Vec<_> = match protocol.answered {
        Answered::OverTheApi(read) => sent.iter().map(read).collect(),
        Answered::InTheResponse(read) => vec![read(&first.text())],
    };
    assert_eq!(texts.len(), messages, "{texts:?}");
    assert!(texts.iter().all(|text| !text.trim().is_empty()), "{texts:?}");

    // The platform did not see the answer, and asks again.
    let again = deliver(&daemon, &delivery).await;
    assert!(again.status.is_success(), "{again:?}");
    // Longer than any platform's pause between two messages to one chat.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(platform.after_quiet().await.len(), sent.len(), "the same message was answered twice");
    if let Answered::InTheResponse(read) = protocol.answered {
        assert_eq!(read(&again.text()), texts[0], "another answer to the same message");
    }
}

#[tokio::test]
async fn standard_webhooks() {
    keeps_its_promises(Protocol {
        settings: format!("kind = \"standard-webhooks\"\nsecrets = [\"{}\"]", sign::WEBHOOK_SECRET),
        payloads: [
            include_str!("../fixtures/standard-webhooks.json"),
            include_str!("../fixtures/standard-webhooks-unanswered.json"),
        ],
        message_id: "msg_1",
        sign: |payload, secret| {
            let signed = if secret == Secret::Right { payload } else { "another body" };
            let id = if payload.contains("message.received") { "msg_1" } else { "msg_2" };
            let headers = sign::standard(id, signed).into();
            Delivery { query: String::new(), headers, body: payload.to_owned() }
        },
        handshake: None,
        answered: Answered::OverTheApi(|request| {
            assert_eq!(request.path(), "/replies");
            assert!(sign::standard_holds(&request.headers, &request.body), "{request:?}");
            let data = &request.json()["data"];
            assert_eq!(data["chat_id"], "ana");
            text(&data["text"])
        }),
    })
    .await;
}

const TELEGRAM_TOKEN: &str = "123456:AAbbCCdd-test_token";

#[tokio::test]
async fn telegram() {
    keeps_its_promises(Protocol {
        settings: format!("kind = \"telegram\"\ntoken = \"{TELEGRAM_TOKEN}\"\nsecret_token = \"nightclerk_Secret-1\""),
        payloads: [include_str!("../fixtures/telegram.json"), include_str!("../fixtures/telegram-unanswered.json")],
        message_id: "853211",
        sign: telegram_update,
        handshake: None,
        answered: Answered::OverTheApi(|request| {
            assert_eq!(request.path(), format!("/bot{TELEGRAM_TOKEN}/sendMessage"));
            let body = request.json();
            assert_eq!(body["chat_id"], 42);
            text(&body["text"])
        }),
    })
    .await;
}

fn telegram_update(payload: &str, secret: Secret) -> Delivery {
    let token = if secret == Secret::Right { "nightclerk_Secret-1" } else { "nightclerk_Secret-2" };
    let headers = vec![("x-telegram-bot-api-secret-token", token.to_owned())];
    Delivery { query: String::new(), headers, body: payload.to_owned() }
}

const META_SECRET: &str = "0123456789abcdef0123456789abcdef";

/// One of Meta's platforms.
fn meta(
    platform: &str,
    account: &str,
    payloads: [&'static str; 2],
    message_id: &'static str,
    read: fn(&Received) -> String,
) -> Protocol {
    let handshake = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";
    Protocol {
        settings: format!(
            "kind = \"meta\"\nplatform = \"{platform}\"\naccount = \"{account}\"\napp_secret = \"{META_SECRET}\"\n\
             verify_token = \"meatyhamhock\"\naccess_token = \"meta-token\"",
        ),
        payloads,
        message_id,
        sign: |payload, secret| {
            let secret = if secret == Secret::Right { META_SECRET } else { "another secret" };
            let headers = vec![("x-hub-signature-256", sign::meta(secret, payload))];
            Delivery { query: String::new(), headers, body: payload.to_owned() }
        },
        handshake: Some([format!("{handshake}meatyhamhock"), "1158201444".to_owned(), format!("{handshake}wrong")]),
        answered: Answered::OverTheApi(read),
    }
}

#[tokio::test]
async fn whatsapp() {
    let payloads = [include_str!("../fixtures/whatsapp.json"), include_str!("../fixtures/whatsapp-unanswered.json")];
    keeps_its_promises(meta(
        "whatsapp",
        "106540352242922",
        payloads,
        "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=",
        |request| {
            assert!(request.path().ends_with("/106540352242922/messages"), "{}", request.path());
            assert_eq!(request.header("authorization"), "Bearer meta-token");
            let body = request.json();
            assert_eq!((&body["messaging_product"], &body["to"]), (&json!("whatsapp"), &json!("16505551234")));
            match body["type"].as_str() {
                Some("interactive") => text(&body["interactive"]["body"]["text"]),
                _ => text(&body["text"]["body"]),
            }
        },
    ))
    .await;
}

#[tokio::test]
async fn messenger() {
    let payloads = [include_str!("../fixtures/messenger.json"), include_str!("../fixtures/messenger-unanswered.json")];
    keeps_its_promises(meta("messenger", "1122334455", payloads, "m_abc123", page_message)).await;
}

#[tokio::test]
async fn instagram() {
    let payloads = [include_str!("../fixtures/instagram.json"), include_str!("../fixtures/instagram-unanswered.json")];
    keeps_its_promises(meta("instagram", "1122334455", payloads, "m_abc123", page_message)).await;
}

fn page_message(request: &Received) -> String {
    assert!(request.path().ends_with("/1122334455/messages"), "{}", request.path());
    assert_eq!(request.header("authorization"), "Bearer meta-token");
    let body = request.json();
    assert_eq!((&body["recipient"]["id"], &body["messaging_type"]), (&json!("24001"), &json!("RESPONSE")));
    text(&body["message"]["text"])
}

#[tokio::test]
async fn line() {
    const SECRET: &str = "8c570fa6dd201bb328f1c1eac23a96d8";
    keeps_its_promises(Protocol {
        settings: format!("kind = \"line\"\nchannel_secret = \"{SECRET}\"\naccess_token = \"line-token\""),
        payloads: [include_str!("../fixtures/line.json"), include_str!("../fixtures/line-unanswered.json")],
        message_id: "01FZ74A0TDDPYRVKNK77XKC3ZR",
        sign: |payload, secret| {
            let secret = if secret == Secret::Right { SECRET } else { "another secret" };
            let headers = vec![("x-line-signature", sign::line(secret, payload))];
            Delivery { query: String::new(), headers, body: payload.to_owned() }
        },
        handshake: None,
        answered: Answered::OverTheApi(|request| {
            assert_eq!(request.header("authorization"), "Bearer line-token");
            let body = request.json();
            match request.path() {
                "/v2/bot/message/reply" => assert_eq!(body["replyToken"], "nHuyWiB7yP5Zw52FIkcQobQuGDXCTA"),
                "/v2/bot/message/push" => assert_eq!(body["to"], "U4af4980629af4980629af4980629af49"),
                other => panic!("{other}"),
            }
            text(&body["messages"][0]["text"])
        }),
    })
    .await;
}

const WECHAT_TOKEN: &str = "nightclerkToken";

/// The query of a WeChat request whose `name` signs the `more` that it covers beside token, time and nonce.
fn wechat_query(name: &str, secret: Secret, more: &[&str]) -> String {
    let timestamp = sign::now_s().to_string();
    let token = if secret == Secret::Right { WECHAT_TOKEN } else { "another token" };
    let nonce = sign::nonce();
    let signature = sign::wechat(&[&[token, &timestamp, &nonce], more].concat());
    format!("{name}={signature}&timestamp={timestamp}&nonce={nonce}")
}

fn wechat_plainly(payload: &str, secret: Secret) -> Delivery {
    let query = format!("?{}", wechat_query("signature", secret, &[]));
    Delivery { query, headers: vec![("content-type", "text/xml".to_owned())], body: payload.to_owned() }
}

fn wechat_safely(payload: &str, secret: Secret) -> Delivery {
    let ciphertext = sign::wechat_encrypt(payload);
    let query = format!("?encrypt_type=aes&{}", wechat_query("msg_signature", secret, &[&ciphertext]));
    let body = format!(
        "<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName><Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>"
    );
    Delivery { query, headers: vec![("content-type", "text/xml".to_owned())], body }
}

/// An account of WeChat; without an app secret its only answers are passive.
fn wechat(more: &str, sign: fn(&str, Secret) -> Delivery, read: fn(&str) -> String) -> Protocol {
    let good = wechat_query("signature", Secret::Right, &[]);
    let bad = wechat_query("signature", Secret::Wrong, &[]);
    Protocol {
        settings: format!("kind = \"wechat\"\ntoken = \"{WECHAT_TOKEN}\"\napp_id = \"{}\"\n{more}", sign::WECHAT_APP),
        payloads: [include_str!("../fixtures/wechat.xml"), include_str!("../fixtures/wechat-unanswered.xml")],
        message_id: "6054768590064713728",
        sign,
        handshake: Some([
            format!("{good}&echostr=4375120948345356249"),
            "4375120948345356249".to_owned(),
            format!("{bad}&echostr=4375120948345356249"),
        ]),
        answered: Answered::InTheResponse(read),
    }
}

/// The content of a passive reply to the customer of the fixture.
fn passive_reply(xml: &str) -> String {
    assert_eq!(field(xml, "ToUserName"), "oyORnuP8q7ou2gfYjqLzSIWZf0rs", "{xml}");
    assert_eq!(field(xml, "FromUserName"), "gh_10f6c3c3ac5a", "{xml}");
    assert_eq!(field(xml, "MsgType"), "text", "{xml}");
    field(xml, "Content")
}

#[tokio::test]
async fn wechat_in_plain_mode() {
    keeps_its_promises(wechat("", wechat_plainly, passive_reply)).await;
}

#[tokio::test]
async fn wechat_in_safe_mode() {
    let key = format!("encoding_aes_key = \"{}\"", sign::WECHAT_KEY);
    keeps_its_promises(wechat(&key, wechat_safely, |xml| {
        let ciphertext = field(xml, "Encrypt");
        let signed = [WECHAT_TOKEN, &field(xml, "TimeStamp"), &field(xml, "Nonce"), &ciphertext];
        assert_eq!(field(xml, "MsgSignature"), sign::wechat(&signed));
        passive_reply(&sign::wechat_decrypt(&ciphertext))
    }))
    .await;
}

#[tokio::test]
async fn a_stale_wechat_message_is_refused_where_its_signature_does_not_cover_it() {
    let platform = Platform::start().await;
    let shop = shop(&wechat("", wechat_plainly, passive_reply).settings, &platform);
    let daemon = shop.start().await;
    let timestamp = (sign::now_s() - 600).to_string();
    let signature = sign::wechat(&[WECHAT_TOKEN, &timestamp, "nonce1"]);
    let query = format!("?signature={signature}&timestamp={timestamp}&nonce=nonce1");
    let body = fresh(include_str!("../fixtures/wechat.xml"));
    let answer = deliver(&daemon, &Delivery { query, headers: vec![], body }).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_platform_that_asks_for_patience_gets_it_and_each_message_once() {
    let calls = AtomicUsize::new(0);
    let platform = Platform::answering(move |_| match calls.fetch_add(1, Ordering::Relaxed) {
        0 => Response::builder()
            .status(StatusCode::TOO_MANY_REQUESTS)
            .header("retry-after", "1")
            .body(Bytes::from_static(b"{\"ok\":false,\"error_code\":429,\"parameters\":{\"retry_after\":1}}"))
            .unwrap(),
        _ => json(200, r#"{"ok":true,"result":{"message_id":1}}"#),
    })
    .await;
    let settings = format!("kind = \"telegram\"\ntoken = \"{TELEGRAM_TOKEN}\"\nsecret_token = \"nightclerk_Secret-1\"");
    let shop = shop(&settings, &platform);
    let daemon = shop.start().await;
    let update = fresh(include_str!("../fixtures/telegram.json"));
    let answer = deliver(&daemon, &telegram_update(&update, Secret::Right)).await;
    assert!(answer.status.is_success(), "{answer:?}");
    let messages = said(&daemon, "853211").await;
    let received = platform.received();
    assert!(received[1].at - received[0].at >= Duration::from_secs(1), "it was asked to wait a second");
    assert_eq!(received[0].body, received[1].body, "the refused message comes first again");
    assert_eq!(received.len(), messages + 1, "each message was taken once");
}

#[tokio::test]
async fn an_expired_token_is_replaced_and_the_message_sent_once() {
    let platform = Platform::answering(|request| {
        let query = request.uri.query().unwrap_or_default();
        match request.path() {
            "/cgi-bin/stable_token" if request.json()["force_refresh"] == true => {
                json(200, r#"{"access_token":"new","expires_in":7200}"#)
            }
            "/cgi-bin/stable_token" => json(200, r#"{"access_token":"old","expires_in":7200}"#),
            _ if query == "access_token=new" => json(200, r#"{"errcode":0,"errmsg":"ok"}"#),
            _ => json(200, r#"{"errcode":42001,"errmsg":"access_token expired"}"#),
        }
    })
    .await;
    let settings = wechat("app_secret = \"wechat-secret\"", wechat_plainly, passive_reply).settings;
    let shop = shop(&settings, &platform);
    let daemon = shop.start().await;
    let message = fresh(include_str!("../fixtures/wechat.xml"));
    // The first words are in the response; the rest goes over the API.
    let passive = passive_reply(&deliver(&daemon, &wechat_plainly(&message, Secret::Right)).await.text());
    let said = said(&daemon, "6054768590064713728").await;
    assert!(said >= 2 && !passive.is_empty(), "the welcome comes apart from the answer");
    let received = platform.received();
    let (tokens, messages): (Vec<_>, Vec<_>) =
        received.iter().partition(|request| request.path() == "/cgi-bin/stable_token");
    assert_eq!(
        tokens.iter().map(|it| it.json()["force_refresh"] == true).collect::<Vec<_>>(),
        [false, false, true],
        "it asks for the current one before it forces another"
    );
    for request in &messages {
        assert_eq!(request.path(), "/cgi-bin/message/custom/send");
        assert_eq!(request.json()["touser"], "oyORnuP8q7ou2gfYjqLzSIWZf0rs");
    }
    let (accepted, refused): (Vec<_>, Vec<_>) =
        messages.into_iter().partition(|request| request.uri.query() == Some("access_token=new"));
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(accepted[0].body, refused[0].body);
    assert_eq!(accepted.len() + 1, said, "each message was taken once");
    assert!(!shop.log().contains("access_token="), "a token is in the log");
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// The text of a field in WeChat's flat XML.
fn field(xml: &str, name: &str) -> String {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let value = xml.split_once(&start).and_then(|(_, rest)| rest.split_once(&end)).map(|(value, _)| value);
    let value = value.unwrap_or_else(|| panic!("no {name} in {xml}"));
    value.replace("<![CDATA[", "").replace("]]>", "")
}
