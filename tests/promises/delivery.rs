//! What the clerk says arrives, once, however the platform is: late, away, busy, moved, or refusing afterwards.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use crate::harness::{
    eventually,
    generic::replies,
    platform::{LATE, Platform, json},
    platforms::{
        in_telegram_group, line_text, settings, shop_on, telegram_message, wechat_xml, whatsapp, whatsapp_message,
    },
    sign,
};
use http::{HeaderValue, Response};
use serde_json::{Value, json};

fn whatsapp_text(id: &str, text: &str) -> Value {
    let text = json!({ "type": "text", "text": { "body": text } });
    whatsapp(json!({ "messages": [whatsapp_message(id, "16505551234", text)] }))
}

fn shipped(order: &str, channel: &str, chat: &str) -> Value {
    json!({ "id": order, "customer": { "id": chat, "name": "Ana" }, "chat_id": chat, "channel": channel,
            "shipment": { "carrier": "SF", "tracking_number": "SF1" } })
}

#[tokio::test]
async fn what_whatsapp_fails_to_deliver_later_is_a_dead_letter_with_its_code_logged_and_counted() {
    let platform = Platform::answering(|_| json(200, r#"{"messages":[{"id":"wamid.OUT"}]}"#)).await;
    let shop = shop_on(&["wa"], &platform);
    let daemon = shop.start().await;
    daemon.meta("wa", whatsapp_text("w1", "Do you ship abroad?")).await;
    eventually("the answer to be sent", async || {
        let messages = daemon.explain("w1").await["messages"].as_array().cloned()?;
        messages.iter().all(|it| it["state"] == "sent").then_some(())
    })
    .await;
    let failed = json!({ "statuses": [{ "id": "wamid.OUT", "status": "failed", "recipient_id": "16505551234",
        "timestamp": sign::now_s().to_string(), "errors": [{ "code": 131_026, "title": "Message undeliverable" }] }] });
    daemon.meta("wa", whatsapp(failed.clone())).await;
    let dead = daemon.dead().await;
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0]["last_error"], "131026: Message undeliverable");
    daemon.meta("wa", whatsapp(failed)).await;
    shop.logged("131026").await;
    let log = shop.log();
    assert_eq!(log.lines().filter(|line| line.contains("131026") && line.contains("WARN")).count(), 1, "{log}");
    let metrics = daemon.admin(http::Method::GET, "/metrics").await.text();
    assert!(metrics.lines().any(|line| line == "nightclerk_outbox_dead_total{channel=\"wa\"} 1"), "{metrics}");
}

/// WeChat's API, which gives a token and takes everything.
async fn wechat_platform() -> Platform {
    Platform::answering(|request| match request.path() {
        "/cgi-bin/stable_token" => json(200, r#"{"access_token":"T","expires_in":7200}"#),
        _ => json(200, r#"{"errcode":0,"errmsg":"ok"}"#),
    })
    .await
}

#[tokio::test]
async fn a_menu_click_takes_nothing_away_from_the_48_hours_after_a_message() {
    let platform = wechat_platform().await;
    let shop = shop_on(&["wx", "shop"], &platform);
    let daemon = shop.start().await;
    daemon.wechat(wechat_xml("text", "oAna", 300, &[("Content", "退货"), ("MsgId", "1")])).await;
    // Its own minute is over already.
    let click = [("Event", "CLICK"), ("EventKey", "rule:promotions")];
    daemon.wechat(wechat_xml("event", "oAna", 120, &click)).await;
    daemon.order("o1", "order.shipped", shipped("A102", "wx", "oAna")).await;
    let sent = eventually("the notice to be sent", async || {
        platform.received().into_iter().find(|it| String::from_utf8_lossy(&it.body).contains("SF1"))
    })
    .await;
    assert_eq!(sent.json()["touser"], "oAna");
    assert_eq!(daemon.dead().await, [Value::Null; 0]);
}

#[tokio::test]
async fn an_order_for_a_phone_number_reaches_who_writes_from_it() {
    let platform = Platform::start().await;
    let shop = shop_on(&["wa", "shop"], &platform);
    let daemon = shop.start().await;
    daemon.order("o1", "order.shipped", shipped("A7001", "wa", "+1 (650) 555-1234")).await;
    let notice = platform.wait_for(1).await;
    assert_eq!((&notice[0].json()["to"], notice[0].json().get("recipient")), (&json!("16505551234"), None));
    daemon.meta("wa", whatsapp_text("w1", "where is my order?")).await;
    eventually("the parcel to be named", async || {
        let received = platform.received();
        received[1..].iter().any(|it| String::from_utf8_lossy(&it.body).contains("SF1")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_line_reply_whose_answer_comes_late_is_no_second_message() {
    let used = Arc::new(std::sync::Mutex::new(std::collections::HashSet::new()));
    let platform = Platform::answering(move |request| {
        let token = request.json()["replyToken"].as_str().unwrap_or_default().to_owned();
        if !used.lock().unwrap().insert(token) {
            return json(400, r#"{"message":"Invalid reply token"}"#);
        }
        let mut late = json(200, r#"{"sentMessages":[{"id":"1"}]}"#);
        late.headers_mut().insert(LATE, HeaderValue::from_static("2000"));
        late
    })
    .await;
    let shop = shop_on(&["ln"], &platform);
    shop.edit("nightclerk.toml", "first_backoff", "request_timeout = \"300ms\"\nfirst_backoff");
    let daemon = shop.start().await;
    daemon.line(json!([line_text("E1", "Ua", "Do you ship abroad?")])).await;
    eventually("the reply to count as sent", async || {
        let messages = daemon.explain("E1").await["messages"].as_array().cloned()?;
        messages.iter().all(|it| it["state"] == "sent").then_some(())
    })
    .await;
    let paths: Vec<_> = platform.after_quiet().await.iter().map(|it| it.path().to_owned()).collect();
    assert_eq!(paths, ["/v2/bot/message/reply"; 2], "the same reply again, and no push");
}

#[tokio::test]
async fn a_long_answer_on_line_is_one_free_reply_that_keeps_its_buttons() {
    let platform = Platform::start().await;
    let shop = shop_on(&["ln"], &platform);
    let long = "All about our tea. ".repeat(400);
    let rules = std::fs::read_to_string(shop.config().join("rules.toml")).unwrap();
    let rule = format!("\n[[rule]]\nid = \"long\"\nany = [\"longtext\"]\ntext.en = \"{long}\"\ntext.zh = \"{long}\"\n");
    shop.write("rules.toml", &(rules + &rule));
    let daemon = shop.start().await;
    // The first contact: a welcome with its menu, and the answer in two parts.
    daemon.line(json!([line_text("E1", "Ua", "longtext")])).await;
    platform.wait_for(1).await;
    let received = platform.after_quiet().await;
    let [reply] = &received[..] else { panic!("one call: {received:?}") };
    assert_eq!(reply.path(), "/v2/bot/message/reply");
    let messages = reply.json()["messages"].as_array().unwrap().clone();
    assert_eq!(messages.len(), 3);
    assert!(messages[2]["quickReply"]["items"].as_array().is_some_and(|items| !items.is_empty()), "{messages:?}");
}

#[tokio::test]
async fn where_wechat_takes_one_message_it_ends_with_a_sign_and_nothing_is_a_dead_letter() {
    let platform = wechat_platform().await;
    let shop = shop_on(&[], &platform);
    let without_secret = settings("wx").replace("app_secret = \"wechat-secret\"", "");
    shop.write("channels.toml", &crate::harness::platforms::channel("wx", &without_secret, &platform));
    let long = "茶".repeat(3000);
    shop.write("rules.toml", &format!("[[rule]]\nid = \"long\"\nany = [\"退货\"]\ntext.zh = \"{long}\"\n"));
    let daemon = shop.start().await;
    let answer = daemon.wechat(wechat_xml("text", "oAna", 0, &[("Content", "退货"), ("MsgId", "1")])).await.text();
    assert!(answer.contains("茶…]]>") && answer.len() < 3000, "{answer}");
    platform.after_quiet().await;
    assert_eq!(daemon.dead().await, [Value::Null; 0]);
}

#[tokio::test]
async fn wechats_own_tokens_are_forced_once_and_no_message_is_spent_on_it() {
    let forced = Arc::new(AtomicUsize::new(0));
    let count = forced.clone();
    let platform = Platform::answering(move |request| match request.path() {
        "/cgi-bin/stable_token" => {
            let force = request.json()["force_refresh"] == true;
            let made = count.fetch_add(usize::from(force), Ordering::SeqCst) + usize::from(force);
            let tokens = [r#"{"access_token":"T0","expires_in":7200}"#, r#"{"access_token":"T1","expires_in":7200}"#];
            json(200, tokens[made.min(1)])
        }
        _ => json(200, r#"{"errcode":40001,"errmsg":"invalid credential"}"#),
    })
    .await;
    let shop = shop_on(&["wx"], &platform);
    let daemon = shop.start().await;
    for (number, who) in ["oA", "oB", "oC", "oD"].into_iter().enumerate() {
        let message = wechat_xml("text", who, 0, &[("Content", "退货"), ("MsgId", &number.to_string())]);
        daemon.wechat(message).await;
    }
    let reason = eventually("the channel to be stopped", async || {
        let channel = daemon.status().await["channels"][0].clone();
        channel["stopped"].as_str().map(str::to_owned).filter(|_| forced.load(Ordering::SeqCst) > 0)
    })
    .await;
    assert!(reason.contains("refuses"), "{reason}");
    platform.after_quiet().await;
    assert_eq!(forced.load(Ordering::SeqCst), 1);
    assert_eq!(daemon.dead().await, [Value::Null; 0], "no message's attempts are spent");
}

#[tokio::test]
async fn a_group_that_became_a_supergroup_gets_its_answer_there_and_stays_one_conversation() {
    let platform = Platform::answering(|request| match request.json()["chat_id"].as_i64() {
        Some(-700) => json(400, r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded","parameters":{"migrate_to_chat_id":-1001557}}"#),
        _ => json(200, r#"{"ok":true,"result":{"message_id":1}}"#),
    })
    .await;
    let shop = shop_on(&["tg"], &platform);
    let daemon = shop.start().await;
    let command = json!({ "text": "/refund", "entities": [{ "type": "bot_command", "offset": 0, "length": 7 }] });
    daemon.telegram(in_telegram_group(1, -700, command.clone())).await;
    eventually("the answer at the new id", async || {
        platform.received().into_iter().find(|it| it.json()["chat_id"] == -1_001_557)
    })
    .await;
    platform.after_quiet().await;
    assert_eq!(daemon.dead().await, [Value::Null; 0]);
    drop(daemon);
    let daemon = shop.start().await;
    let before = platform.received().len();
    daemon.telegram(in_telegram_group(2, -1_001_557, command)).await;
    assert_eq!(daemon.explain("2").await["event"]["address"]["chat"], "-700");
    platform.after_quiet().await;
    assert!(platform.received()[before..].iter().all(|it| it.json()["chat_id"] == -1_001_557), "remembered");
}

#[tokio::test]
async fn an_outage_loses_nothing_and_drains_in_order() {
    let away = Arc::new(AtomicBool::new(true));
    let is_away = away.clone();
    let platform =
        Platform::answering(move |_| json(if is_away.load(Ordering::SeqCst) { 503 } else { 200 }, "{}")).await;
    let shop = shop_on(&["shop"], &platform);
    shop.edit("nightclerk.toml", "first_backoff", "max_attempts = 2\nfirst_backoff");
    let daemon = shop.start().await;
    for number in 0..10 {
        daemon.say(&format!("m{number}"), &format!("c{number}"), "Do you ship abroad?").await;
        daemon.say(&format!("n{number}"), &format!("c{number}"), "What is your return policy?").await;
    }
    // Every conversation has been tried more often than a refused message would be.
    eventually("many attempts", async || (platform.received().len() > 60).then_some(())).await;
    assert_eq!(daemon.dead().await, [Value::Null; 0]);
    away.store(false, Ordering::SeqCst);
    let count = platform.received().len();
    eventually("all answers", async || {
        let pending = daemon.admin(http::Method::GET, "/metrics").await.text();
        pending.lines().any(|line| line == "nightclerk_outbox_waiting 0").then_some(())
    })
    .await;
    let delivered = replies(&platform.after_quiet().await[count..]);
    for number in 0..10 {
        let chat = format!("c{number}");
        let texts: Vec<_> = delivered.iter().filter(|(to, _)| *to == chat).map(|(_, text)| text.as_str()).collect();
        let place = |words: &str| texts.iter().position(|text| text.contains(words));
        assert!(place("abroad").is_none() || place("abroad") < place("7 days"), "{texts:?}");
        assert!(place("7 days").is_some(), "{texts:?}");
    }
    assert_eq!(daemon.dead().await, [Value::Null; 0]);
}

#[tokio::test]
async fn a_shops_site_that_is_away_for_a_moment_and_a_date_to_come_back_at_are_waited_for() {
    let calls = AtomicUsize::new(0);
    let platform = Platform::answering(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => json(404, "not found"),
        1 => json(410, "gone"),
        2 => Response::builder()
            .status(429)
            .header("retry-after", "Tue, 14 Nov 2023 22:15:10 GMT")
            .body(bytes::Bytes::new())
            .unwrap(),
        _ => json(200, "{}"),
    })
    .await;
    let shop = shop_on(&["shop"], &platform);
    let daemon = shop.start().await;
    daemon.say("m1", "c1", "hello").await;
    platform.wait_for(4).await;
    platform.after_quiet().await;
    assert_eq!(daemon.dead().await, [Value::Null; 0]);
}

#[tokio::test]
async fn an_account_that_is_not_there_stops_the_channel_with_what_to_look_at() {
    let platform = Platform::answering(|_| {
        json(400, r#"{"error":{"message":"Unsupported post request","code":100,"error_subcode":33}}"#)
    })
    .await;
    let shop = shop_on(&["wa"], &platform);
    let daemon = shop.start().await;
    daemon.meta("wa", whatsapp_text("w1", "hello")).await;
    let reason = eventually("the channel to be stopped", async || {
        daemon.status().await["channels"][0]["stopped"].as_str().map(str::to_owned)
    })
    .await;
    assert!(reason.contains("`account`") && reason.contains("100"), "{reason}");
    assert_eq!(daemon.dead().await, [Value::Null; 0], "it is not the message's fault");
}

#[tokio::test]
async fn an_emoji_of_several_characters_is_not_cut() {
    let platform = Platform::start().await;
    let shop = shop_on(&["tg"], &platform);
    let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}";
    let text = family.repeat(500);
    shop.write("rules.toml", &format!("[[rule]]\nid = \"z\"\nany = [\"family\"]\ntext.en = \"{text}\"\n"));
    let daemon = shop.start().await;
    daemon.telegram(telegram_message(1, 42, json!({ "text": "family" }))).await;
    let parts = eventually("both parts", async || {
        let texts = platform.received().into_iter().filter_map(|it| it.json()["text"].as_str().map(str::to_owned));
        Some(texts.filter(|text| text.contains(family)).collect::<Vec<_>>()).filter(|parts| parts.len() > 1)
    })
    .await;
    for part in parts {
        assert_eq!(part.replace(family, ""), "");
    }
}

#[tokio::test]
async fn a_number_with_two_forms_is_one_customer_and_answered_in_the_form_that_the_platform_uses() {
    let platform = Platform::start().await;
    let shop = shop_on(&["wa", "shop"], &platform);
    let daemon = shop.start().await;
    for (index, (shops, platforms)) in
        [("+55 11 98765-4321", "551187654321"), ("+52 55 1234 5678", "5215512345678")].into_iter().enumerate()
    {
        let text = json!({ "type": "text", "text": { "body": "hello" } });
        let value = json!({ "messages": [whatsapp_message(&format!("wamid.{index}"), platforms, text)] });
        daemon.meta("wa", whatsapp(value)).await;
        let before = platform.after_quiet().await;
        assert!(before.last().unwrap().json()["to"] == platforms, "{:?}", before.last());
        let order = format!("T{index}");
        daemon.order(&format!("o{index}"), "order.shipped", shipped(&order, "wa", shops)).await;
        let notice = platform.wait_for(before.len() + 1).await;
        assert_eq!(notice.last().unwrap().json()["to"], platforms, "the notice goes where the answers went");
    }
}

#[tokio::test]
async fn what_whatsapp_says_of_the_whole_account_holds_the_channel_and_stands_in_the_status() {
    let platform = Platform::start().await;
    let shop = shop_on(&["wa"], &platform);
    let daemon = shop.start().await;
    let errors = json!([{ "code": 131_048, "title": "Spam rate limit hit" }]);
    daemon.meta("wa", whatsapp(json!({ "errors": errors }))).await;
    daemon.meta("wa", whatsapp_text("wamid.1", "hello")).await;
    let status = daemon.status().await.to_string();
    assert!(
        status.contains("131048: Spam rate limit hit") && status.contains("\"stopped\":\"WhatsApp reports"),
        "{status}"
    );
    assert!(platform.after_quiet().await.is_empty(), "nothing leaves meanwhile, and nothing is lost");
    assert!(daemon.dead().await.is_empty());
    shop.logged("the whole channel waits").await;
    let unknown = daemon.admin(http::Method::POST, "/v1/channels/none/resume").await;
    assert_eq!(unknown.status, http::StatusCode::NOT_FOUND);
    daemon.admin(http::Method::POST, "/v1/channels/wa/resume").await;
    assert!(!platform.wait_for(1).await.is_empty());
}

#[tokio::test]
async fn what_a_colleague_says_on_wechat_goes_to_the_customer_and_not_into_the_answer_to_the_colleague() {
    let platform = wechat_platform().await;
    let shop = shop_on(&["wx"], &platform);
    shop.write("hours.toml", "timezone = \"Asia/Shanghai\"\n[[shift]]\nfrom = \"00:00\"\nuntil = \"24:00\"\n");
    shop.write(
        "store.toml",
        "[store]\nname = \"Tea\"\n[routing]\nperson = \"li\"\n[[person]]\nname = \"li\"\nchannel = \"wx\"\nchat = \"oLi\"\n",
    );
    let daemon = shop.start().await;
    daemon.wechat(wechat_xml("text", "oLi", 0, &[("Content", "/help"), ("MsgId", "1")])).await;
    daemon.wechat(wechat_xml("text", "oAna", 0, &[("Content", "转人工"), ("MsgId", "2")])).await;
    assert!(shop.run(&["conversation", "take", "wx", "oAna", "--by", "li"]).status.success());
    let words = [("Content", "这是小李，您请说"), ("MsgId", "3")];
    let answer = daemon.wechat(wechat_xml("text", "oLi", 0, &words)).await.text();
    assert!(!answer.contains("小李"), "WeChat gives it to nobody else than who asked: {answer}");
    let sent = eventually("the words to reach Ana", async || {
        platform.received().into_iter().find(|it| String::from_utf8_lossy(&it.body).contains("这是小李"))
    })
    .await;
    assert_eq!(sent.json()["touser"], "oAna");
}
