//! Whatever people do on a platform, the clerk answers what is meant for it, once, and keeps still else.

use crate::harness::{
    Daemon, eventually,
    platform::{Platform, Received, json},
    platforms::{
        ACCOUNT, in_telegram_group, line_event, line_text, page, shop_on, telegram_message, wechat_xml, whatsapp,
        whatsapp_message,
    },
    sign,
};
use http::StatusCode;
use serde_json::{Value, json};

/// All that a request says, in words.
fn said(request: &Received) -> String {
    let body = request.json();
    let texts = [&body["text"], &body["text"]["body"], &body["interactive"]["body"]["text"], &body["message"]["text"]];
    let of_line = body["messages"].as_array().into_iter().flatten().map(|it| &it["text"]);
    texts.into_iter().chain(of_line).filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
}

/// What is sent because of what `act` does, once all before has settled.
async fn answers(platform: &Platform, act: impl AsyncFnOnce()) -> Vec<String> {
    let before = platform.after_quiet().await.len();
    act().await;
    platform.after_quiet().await[before..].iter().map(said).collect()
}

async fn has_ticket(daemon: &Daemon, event: &str) -> bool {
    let actions = daemon.explain(event).await["actions"].clone();
    actions.as_array().is_some_and(|actions| actions.iter().any(|it| it["type"] == "open_ticket"))
}

#[tokio::test]
async fn in_a_group_the_clerk_answers_what_is_said_to_it_and_leaves_the_talk_of_others_alone() {
    let platform = Platform::start().await;
    let shop = shop_on(&["tg", "ln", "wa"], &platform);
    let daemon = shop.start().await;
    let group = json!({ "type": "group", "groupId": "C1", "userId": "Ub" });
    let talk = answers(&platform, async || {
        daemon.telegram(in_telegram_group(1, -1003, json!({ "text": "anyone up for lunch?" }))).await;
        let other = json!({ "message_id": 1, "from": { "id": 99, "is_bot": false } });
        daemon.telegram(in_telegram_group(2, -1003, json!({ "text": "sure", "reply_to_message": other }))).await;
        let mut named = line_text("E1", "Ub", "@Cy see you");
        named["source"] = group.clone();
        named["message"]["mention"] = json!({ "mentionees": [{ "index": 0, "length": 3, "isSelf": false }] });
        daemon.line(json!([named])).await;
        let text = json!({ "type": "text", "text": { "body": "refund please" }, "group_id": "G1" });
        daemon.meta("wa", whatsapp(json!({ "messages": [whatsapp_message("w1", "16505551234", text)] }))).await;
    })
    .await;
    assert_eq!(talk, [""; 0]);

    let ours = json!({ "message_id": 1, "from": { "id": 123_456, "is_bot": true } });
    daemon.telegram(in_telegram_group(3, -1003, json!({ "text": "refund please", "reply_to_message": ours }))).await;
    let mut named = line_text("E2", "Ub", "@Clerk refund please");
    named["source"] = group;
    named["message"]["mention"] = json!({ "mentionees": [{ "index": 0, "length": 6, "isSelf": true }] });
    daemon.line(json!([named])).await;
    let received = platform.after_quiet().await;
    assert!(received.iter().any(|it| it.json()["chat_id"] == -1003), "{received:?}");
    assert!(received.iter().any(|it| it.path() == "/v2/bot/message/reply"), "{received:?}");
}

#[tokio::test]
async fn nobody_in_a_chat_of_the_stores_own_people_is_a_customer() {
    let platform = Platform::start().await;
    let shop = shop_on(&["tg", "wa"], &platform);
    shop.write(
        "store.toml",
        "[[team]]\nname = \"service\"\nchannel = \"tg\"\nchat = \"77\"\n\
         [[person]]\nname = \"Bo\"\nteam = \"service\"\nchannel = \"wa\"\nchat = \"+1 650 555 1234\"\n",
    );
    let daemon = shop.start().await;
    let text = json!({ "type": "text", "text": { "body": "who takes the early shift?" } });
    let answers = answers(&platform, async || {
        daemon.telegram(telegram_message(853_001, 77, json!({ "text": "who takes the early shift?" }))).await;
        daemon.meta("wa", whatsapp(json!({ "messages": [whatsapp_message("w1", "16505551234", text)] }))).await;
    })
    .await;
    // They hear what can be typed, and are neither welcomed nor answered.
    assert!(answers.len() == 2 && answers.iter().all(|it| it.contains("/help")), "{answers:?}");
    let words = daemon.explain("853001").await["trace"].to_string();
    assert!(words.contains("leads to nothing"), "{words}");
}

#[tokio::test]
async fn pictures_sent_together_are_thanked_for_once() {
    let platform = Platform::start().await;
    let shop = shop_on(&["tg", "wa", "ln"], &platform);
    let daemon = shop.start().await;
    daemon.telegram(telegram_message(1, 42, json!({ "text": "hello" }))).await;
    let hello = whatsapp_message("w0", "16505551234", json!({ "type": "text", "text": { "body": "hello" } }));
    daemon.meta("wa", whatsapp(json!({ "messages": [hello] }))).await;
    daemon.line(json!([line_text("E0", "Ua", "hello")])).await;

    let album = answers(&platform, async || {
        for number in 853_002..853_006 {
            let photo = json!({ "photo": [{ "file_id": "p" }], "media_group_id": "13770" });
            daemon.telegram(telegram_message(number, 42, photo)).await;
        }
    })
    .await;
    assert_eq!(album.len(), 1, "{album:?}");
    let picture = |number: u32| {
        whatsapp_message(&format!("p{number}"), "16505551234", json!({ "type": "image", "image": { "id": "i" } }))
    };
    let burst = answers(&platform, async || {
        daemon.meta("wa", whatsapp(json!({ "messages": (1..6).map(picture).collect::<Vec<_>>() }))).await;
    })
    .await;
    assert_eq!(burst.len(), 1, "{burst:?}");
    let image = |id: &str| {
        let message = json!({ "id": id, "type": "image", "imageSet": { "id": "S", "index": 1, "total": 2 } });
        line_event(id, "Ua", json!({ "type": "message", "message": message }))
    };
    let set = answers(&platform, async || {
        daemon.line(json!([image("E1"), image("E2")])).await;
    })
    .await;
    assert_eq!(set.len(), 1, "{set:?}");
    for event in ["853002", "853005", "p5", "E2"] {
        assert!(has_ticket(&daemon, event).await || daemon.explain(event).await["trace"].is_array(), "{event} is kept");
    }
}

#[tokio::test]
async fn who_opens_a_chat_is_welcomed_and_asks_nothing() {
    let platform = Platform::start().await;
    let shop = shop_on(&["tg", "ms", "ig", "wx"], &platform);
    let daemon = shop.start().await;
    daemon.telegram(telegram_message(853_001, 42, json!({ "text": "/start order_1234" }))).await;
    daemon.telegram(telegram_message(853_002, 43, json!({ "text": "/start@night_bot" }))).await;
    let started = json!({ "postback": { "mid": "g1", "title": "Get Started", "payload": "GET_STARTED" } });
    daemon.meta("ms", page("page", started.clone())).await;
    daemon.meta("ig", page("instagram", started)).await;
    let scanned = wechat_xml("event", "oFollower", 0, &[("Event", "SCAN"), ("EventKey", "324234"), ("Ticket", "T")]);
    let passive = daemon.wechat(scanned).await.text();
    assert!(passive.contains("<Content>"), "somebody who scans the shop's code is welcomed: {passive}");
    let received = platform.wait_for(4).await;
    assert!(received.iter().all(|it| !said(it).is_empty()), "{received:?}");
    for event in ["853001", "853002", "g1"] {
        assert!(!has_ticket(&daemon, event).await, "{event}");
    }
    assert_eq!(daemon.explain("853001").await["event"]["kind"]["payload"], "order_1234");

    let again = answers(&platform, async || {
        daemon.telegram(telegram_message(853_003, 42, json!({ "text": "/start order_1234" }))).await;
        let pressed = json!({ "postback": { "mid": "g2", "payload": "GET_STARTED" } });
        daemon.meta("ms", page("page", pressed)).await;
    })
    .await;
    assert!(again.iter().all(|it| !it.contains("noted your question")), "{again:?}");
}

#[tokio::test]
async fn a_button_of_another_tool_says_what_stood_on_it() {
    let platform = Platform::start().await;
    let shop = shop_on(&["wa", "ms", "tg"], &platform);
    let daemon = shop.start().await;
    let title = "What is your return policy?";
    let pressed = json!({ "type": "button_reply", "button_reply": { "id": "btn_7f3a", "title": title } });
    let message = json!({ "type": "interactive", "interactive": pressed });
    daemon.meta("wa", whatsapp(json!({ "messages": [whatsapp_message("w1", "16505551234", message)] }))).await;
    let breaker = json!({ "postback": { "mid": "m1", "title": title, "payload": "ICE_BREAKER_1" } });
    daemon.meta("ms", page("page", breaker)).await;
    let keyboard = json!({ "inline_keyboard": [[{ "text": title, "callback_data": "cb_9" }]] });
    let query = json!({ "id": "q1", "from": { "id": 42, "first_name": "Ana" }, "data": "cb_9",
        "message": { "message_id": 7, "chat": { "id": 42, "type": "private" }, "reply_markup": keyboard } });
    daemon.telegram(json!({ "update_id": 9, "callback_query": query })).await;
    for (to, customer) in
        [("to", json!("16505551234")), ("recipient", json!({ "id": "24001" })), ("chat_id", json!(42))]
    {
        eventually("what the button asks to be answered", async || {
            let received = platform.received();
            received.iter().any(|it| it.json()[to] == customer && said(it).contains("7 days")).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn whatever_a_person_sends_on_purpose_reaches_a_colleague() {
    let platform = Platform::start().await;
    let shop = shop_on(&["wa", "tg", "ln", "ms", "wx"], &platform);
    let daemon = shop.start().await;
    let form = json!({ "type": "nfm_reply", "nfm_reply": { "response_json": "{}", "body": "Sent" } });
    let kinds = [
        json!({ "type": "contacts", "contacts": [{ "phones": [{ "phone": "+1 650" }] }] }),
        json!({ "type": "interactive", "interactive": form }),
        json!({ "type": "unsupported", "errors": [{ "code": 131_060 }] }),
        json!({ "type": "order", "order": { "product_items": [] } }),
    ];
    for (number, kind) in kinds.into_iter().enumerate() {
        let message = whatsapp_message(&format!("w{number}"), &format!("1650555{number:04}"), kind);
        daemon.meta("wa", whatsapp(json!({ "messages": [message] }))).await;
        assert!(has_ticket(&daemon, &format!("w{number}")).await, "w{number}");
    }
    let kinds = [
        json!({ "contact": { "phone_number": "+8613800000000" } }),
        json!({ "poll": { "id": "p" } }),
        json!({ "dice": { "value": 3 } }),
        json!({ "hologram": { "id": "h" } }),
    ];
    for (number, kind) in (853_100..).zip(kinds) {
        daemon.telegram(telegram_message(number, number, kind)).await;
        assert!(has_ticket(&daemon, &number.to_string()).await, "{number}");
    }
    let coupon = json!({ "type": "message", "message": { "id": "m", "type": "coupon" } });
    daemon.line(json!([line_event("E1", "Ua", coupon)])).await;
    let product = json!([{ "type": "template", "payload": { "product": { "elements": [{ "id": "7" }] } } }]);
    daemon.meta("ms", page("page", json!({ "message": { "mid": "m1", "attachments": product } }))).await;
    daemon.wechat(wechat_xml("miniprogrampage", "oAna", 0, &[("PagePath", "p"), ("MsgId", "1001")])).await;
    daemon.wechat(wechat_xml("file", "oBo", 0, &[("Title", "a.pdf"), ("MsgId", "1002")])).await;
    for event in ["E1", "m1", "1001", "1002"] {
        assert!(has_ticket(&daemon, event).await, "{event}");
    }
}

#[tokio::test]
async fn what_is_signed_is_acknowledged_whatever_is_in_it() {
    let platform = Platform::start().await;
    let shop = shop_on(&["wa", "tg", "ln", "wx", "shop"], &platform);
    let daemon = shop.start().await;
    let cut = [b"<xml><FromUserName>o</FromUserName><MsgType>text</MsgType><MsgId>2</MsgId><Content><![CDATA[\xe9\x80\x80 \xe6\xb8".as_slice(), b"]]></Content></xml>"].concat();
    let nested = wechat_xml("text", "oAna", 0, &[("Content", "<a><![CDATA[1]]></a> 退货"), ("MsgId", "853200")]);
    for body in [nested.into_bytes(), cut, b"<xml><broken".to_vec(), b"{\"MsgType\":\"text\"}".to_vec(), b"".to_vec()] {
        let answer = daemon.wechat(body).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    assert!(has_or_said(&daemon, "853200").await, "the message with XML in it is read");
    for body in [&b"\xef\xbb\xbf{\"object\":\"x\"}"[..], b"{\"object\":", b"[]", b"\xff\xfe", b""] {
        assert_eq!(daemon.meta_bytes("wa", body).await.status, StatusCode::OK);
    }
    for events in [json!([{}]), json!([{ "type": "message" }]), json!("none"), json!([line_text("", "Ua", "hello")])] {
        assert_eq!(daemon.line(events).await.status, StatusCode::OK);
    }
    for update in [json!({}), json!([]), json!({ "update_id": "x" })] {
        assert_eq!(daemon.telegram(update).await.status, StatusCode::OK);
    }
    let slash = daemon.post("/hooks/tg/", &[("x-telegram-bot-api-secret-token", "wrong")], "{}").await.unwrap();
    assert_eq!(slash.status, StatusCode::UNAUTHORIZED, "a slash at the end is the same place");
    let body =
        "\u{feff}{\"type\":\"message.received\",\"data\":{\"chat_id\":\"c\",\"text\":\"refund\",\"sender\":null}}";
    let headers = sign::standard("bom", body);
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(daemon.post("/hooks/shop", &headers, body).await.unwrap().status, StatusCode::ACCEPTED);
}

async fn has_or_said(daemon: &Daemon, event: &str) -> bool {
    daemon.explain(event).await["trace"].is_array()
}

#[tokio::test]
async fn where_a_colleague_answers_in_the_platforms_inbox_the_clerk_keeps_still() {
    let platform = Platform::answering(|_| json(200, r#"{"message_id":"m_out"}"#)).await;
    let shop = shop_on(&["ms", "ig", "wa"], &platform);
    let daemon = shop.start().await;
    let echo = |object: &str, mid: &str, text: &str| {
        let mut echo = page(object, json!({ "message": { "mid": mid, "text": text, "is_echo": true } }));
        let messaging = &mut echo["entry"][0]["messaging"][0];
        messaging["sender"]["id"] = json!(ACCOUNT);
        messaging["recipient"]["id"] = json!("24001");
        echo
    };
    for (id, object) in [("ms", "page"), ("ig", "instagram")] {
        let asked = |mid: &str| page(object, json!({ "message": { "mid": mid, "text": "Do you ship abroad?" } }));
        let first = answers(&platform, async || {
            daemon.meta(id, asked(&format!("{id}1"))).await;
        })
        .await;
        assert!(!first.is_empty());
        // The platform sends back what the clerk said: by its id, and by its words where the id is not known yet.
        daemon.meta(id, echo(object, "m_out", "whatever")).await;
        daemon.meta(id, echo(object, &format!("{id}-unknown"), &first[first.len() - 1])).await;
        let still = answers(&platform, async || {
            daemon
                .meta(id, page(object, json!({ "message": { "mid": format!("{id}2"), "text": "return policy?" } })))
                .await;
        })
        .await;
        let trace = daemon.explain(&format!("{id}2")).await;
        assert!(!still.is_empty(), "the clerk's own echo is no colleague: {trace} {first:?}");
        daemon.meta(id, echo(object, &format!("{id}-person"), "Good evening, this is Bo.")).await;
        let silent = answers(&platform, async || {
            daemon.meta(id, asked(&format!("{id}3"))).await;
        })
        .await;
        assert_eq!(silent, [""; 0], "{id}");
        let words = daemon.explain(&format!("{id}-person")).await["trace"].to_string();
        assert!(words.contains("answered in the platform's own inbox"), "{words}");
    }
    let mut echoes = whatsapp(json!({ "message_echoes": [{ "id": "wamid.e", "to": "16505551234", "type": "text",
        "timestamp": sign::now_s().to_string(), "text": { "body": "I am here" } }] }));
    echoes["entry"][0]["changes"][0]["field"] = json!("smb_message_echoes");
    daemon.meta("wa", echoes).await;
    let text = json!({ "type": "text", "text": { "body": "Do you ship abroad?" } });
    let silent = answers(&platform, async || {
        daemon.meta("wa", whatsapp(json!({ "messages": [whatsapp_message("w1", "16505551234", text)] }))).await;
    })
    .await;
    assert_eq!(silent, [""; 0], "what is written in the WhatsApp Business app is a colleague's");
}

#[tokio::test]
async fn messages_of_one_webhook_are_answered_in_the_order_in_which_they_were_written() {
    let platform = Platform::start().await;
    let shop = shop_on(&["wa"], &platform);
    let daemon = shop.start().await;
    let text = |id: &str, text: &str, ago: i64| {
        let at = (sign::now_s() - ago).to_string();
        let more = json!({ "type": "text", "text": { "body": text }, "timestamp": at });
        whatsapp_message(id, "16505551234", more)
    };
    let hello = text("w0", "hello", 60);
    daemon.meta("wa", whatsapp(json!({ "messages": [hello] }))).await;
    let before = platform.after_quiet().await.len();
    let (second, first) = (text("w2", "what is your return policy?", 0), text("w1", "Do you ship abroad?", 20));
    daemon.meta("wa", whatsapp(json!({ "messages": [second, first] }))).await;
    let received =
        eventually("both answers", async || Some(platform.received()).filter(|received| received.len() >= before + 2))
            .await;
    let quoted: Vec<_> = received[before..].iter().map(|it| it.json()["context"]["message_id"].clone()).collect();
    assert_eq!(quoted, ["w1", "w2"]);
}

#[tokio::test]
async fn in_the_chats_of_a_person_who_lets_the_bot_in_it_answers_in_their_name_and_they_quiet_it() {
    let platform = Platform::start().await;
    let shop = shop_on(&["tg"], &platform);
    let daemon = shop.start().await;
    let business = |update: i64, from: i64, text: &str| {
        let more = json!({ "text": text, "business_connection_id": "b1", "from": { "id": from, "first_name": "A" } });
        let mut update = telegram_message(update, 42, more);
        let message = update.as_object_mut().unwrap().remove("message").unwrap();
        update["business_message"] = message;
        update
    };
    let connection = json!({ "id": "b1", "user": { "id": 7 }, "is_enabled": true, "rights": { "can_reply": true } });
    daemon.telegram(json!({ "update_id": 1, "business_connection": connection })).await;
    shop.logged("Telegram Business").await;
    let said = answers(&platform, async || {
        daemon.telegram(business(2, 42, "hello")).await;
    })
    .await;
    assert!(!said.is_empty());
    let sent = platform.received();
    assert!(sent.iter().all(|it| it.json()["business_connection_id"] == "b1" && it.json()["chat_id"] == 42));
    let said = answers(&platform, async || {
        // The clerk's own words come back so, and then the person writes by themselves.
        let mut own = business(3, 7, "how can I help?");
        own["business_message"]["sender_business_bot"] = json!({ "id": 1, "is_bot": true });
        daemon.telegram(own).await;
        daemon.telegram(business(4, 42, "hello?")).await;
    })
    .await;
    assert!(!said.is_empty(), "its own words quiet nobody");
    let said = answers(&platform, async || {
        daemon.telegram(business(5, 7, "I am here myself")).await;
        daemon.telegram(business(6, 42, "what is your return policy?")).await;
    })
    .await;
    assert_eq!(said, Vec::<String>::new(), "where its owner answers the clerk keeps still");
}
