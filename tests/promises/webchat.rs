//! What a visitor of the web chat may rely on.

use crate::harness::{
    Shop, eventually, generic,
    platform::Platform,
    visitor::{Events, cookie_of, get, history, lines, post, say, shop, visit},
};
use http::{Method, StatusCode};
use serde_json::json;
use tokio::time::timeout;

/// Longer than a second answer would need.
const QUIET: std::time::Duration = std::time::Duration::from_secs(1);
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n not much of a picture";

#[tokio::test]
async fn a_visitor_talks_to_the_clerk_and_misses_nothing_across_a_reload() {
    let shop = shop();
    let daemon = shop.start().await;
    let cookie = visit(&daemon).await;
    let mut events = Events::open(&daemon, &cookie, "").await;
    assert_eq!(say(&daemon, &cookie, "1", "你好").await, StatusCode::ACCEPTED);
    let welcome = events.answer().await;
    assert!(welcome["content"]["text"].as_str().is_some_and(|text| !text.is_empty()), "{welcome}");
    let last = eventually("a cursor", async || {
        let _ = timeout(QUIET / 10, events.line()).await;
        (!events.last.is_empty()).then(|| events.last.clone())
    })
    .await;
    drop(events);
    assert_eq!(say(&daemon, &cookie, "2", "你们发到国外吗").await, StatusCode::ACCEPTED);
    daemon.kill();
    let daemon = shop.start().await;
    let mut events = Events::open(&daemon, &cookie, &last).await;
    let own = events.next().await;
    assert_eq!((own["from"].as_str(), own["id"].as_str()), (Some("visitor"), Some("2")), "and nothing of before");
    assert!(events.answer().await["content"]["text"].as_str().unwrap().contains("海外"));
    // By the id of a line alone it goes on behind that line.
    let mut events = Events::open(&daemon, &cookie, "2").await;
    assert_eq!(events.next().await["from"], "clerk");
}

#[tokio::test]
async fn what_was_said_is_there_after_a_reload_and_in_a_second_tab_once_and_under_the_same_name() {
    let shop = shop();
    let daemon = shop.start().await;
    let cookie = visit(&daemon).await;
    let mut second_tab = Events::open(&daemon, &cookie, "").await;
    assert_eq!(say(&daemon, &cookie, "q1", "do you ship abroad?").await, StatusCode::ACCEPTED);
    let (own, answer) = (second_tab.next().await, second_tab.answer().await);
    assert_eq!((own["id"].as_str(), own["content"]["text"].as_str()), (Some("q1"), Some("do you ship abroad?")));
    let first = history(&daemon, &cookie).await;
    assert_eq!(first["language"], "en");
    let said = lines(&first);
    assert_eq!(said.iter().filter(|(from, ..)| from == "visitor").count(), 1);
    assert_eq!(said[0].1, "q1", "the question comes before its answer: {said:?}");
    assert!(said.iter().any(|(_, id, _)| *id == answer["id"]), "{said:?}");
    assert_eq!(lines(&history(&daemon, &cookie).await), said);
    daemon.kill();
    let daemon = shop.start().await;
    assert_eq!(lines(&history(&daemon, &cookie).await), said, "also after a restart");
}

#[tokio::test]
async fn the_web_chat_works_under_any_id_and_where_there_is_none_no_page_promises_one() {
    let shop = Shop::new();
    shop.write("channels.toml", "[[channel]]\nid = \"mychat\"\nkind = \"webchat\"\npath_token = \"gate\"\n");
    let daemon = shop.start().await;
    let cookie = visit(&daemon).await;
    let mut events = Events::open(&daemon, &cookie, "").await;
    assert_eq!(say(&daemon, &cookie, "1", "你好").await, StatusCode::ACCEPTED);
    assert!(!events.answer().await["content"].is_null());
    shop.logged(&format!("http://{}/chat/", daemon.public)).await;
    // Nobody gets past the limits by the other door.
    for path in ["/hooks/mychat/gate/messages", "/hooks/mychat/messages"] {
        let headers = [("cookie", cookie.as_str()), ("content-type", "application/json")];
        let answer = daemon.post(path, &headers, r#"{"id":"2","text":"hi"}"#).await.unwrap();
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }

    let shop = Shop::new();
    let daemon = shop.start().await;
    assert_eq!(daemon.get("/chat/").await.unwrap().status, StatusCode::NOT_FOUND);
    assert!(!shop.log().contains("/chat/"), "{}", shop.log());
}

#[tokio::test]
async fn a_message_sent_twice_by_a_shaky_connection_is_answered_once() {
    let shop = shop();
    let daemon = shop.start().await;
    let cookie = visit(&daemon).await;
    for _ in 0..2 {
        assert_eq!(say(&daemon, &cookie, "same", "你们发到国外吗").await, StatusCode::ACCEPTED);
    }
    assert_eq!(say(&daemon, &cookie, "last", "谢谢").await, StatusCode::ACCEPTED);
    let mut events = Events::open(&daemon, &cookie, "").await;
    let mut said = Vec::new();
    while let Ok(event) = timeout(QUIET, events.answer()).await {
        said.push(event["content"].to_string());
    }
    let answers = said.iter().filter(|words| words.contains("海外")).count();
    assert_eq!(answers, 1, "the question is answered once: {said:?}");
    assert!(said.len() > answers, "and the other message too: {said:?}");
}

/// `printf %s 42 | openssl dgst -sha256 -hmac "shop secret"`
const OF_42: &str = "7e8ded12662d7c4a16b1e18aa094fe3e125b5b6e1b53c094971c4ab55bf20532";

#[tokio::test]
async fn a_customer_whom_the_shop_signs_for_reads_of_their_own_orders_and_nobody_else_does() {
    let platform = Platform::start().await;
    let shop = Shop::new();
    shop.write(
        "channels.toml",
        &format!(
            "{}\n[[channel]]\nid = \"webchat\"\nkind = \"webchat\"\nidentity_secret = \"shop secret\"\n",
            generic::channel(&platform.url())
        ),
    );
    let daemon = shop.start().await;
    let order = json!({ "id": "A10023", "channel": "webchat", "chat_id": "42", "total": "99.00", "currency": "CNY" });
    daemon.order("o1", "order.paid", order).await;

    let stranger = visit(&daemon).await;
    let who = |hmac: &str| json!({ "id": "42", "hmac": hmac, "name": "Ana" });
    let refused = post(&daemon, &stranger, "identify", &[], who(&"0".repeat(64))).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let known = post(&daemon, &stranger, "identify", &[], who(OF_42)).await;
    assert_eq!(known.status, StatusCode::NO_CONTENT, "{}", known.text());
    let customer = cookie_of(&known);
    for (cookie, knows) in [(&customer, true), (&stranger, false)] {
        let mut events = Events::open(&daemon, cookie, "").await;
        assert_eq!(say(&daemon, cookie, "where", "where is my order A10023?").await, StatusCode::ACCEPTED);
        let told = async {
            loop {
                let answer = events.answer().await["content"]["text"].to_string();
                if answer.contains("A10023") && (answer.contains("paid") || answer.contains("Paid")) {
                    return answer;
                }
            }
        };
        assert_eq!(timeout(QUIET * 3, told).await.is_ok(), knows);
    }
    // Who leaves is a stranger again, with a new conversation.
    let headers = [("cookie", customer.as_str()), ("content-type", "application/json")];
    let left = daemon.post("/chat/identify", &headers, "").await.unwrap();
    assert_eq!(history(&daemon, &cookie_of(&left)).await["lines"], json!([]));
}

#[tokio::test]
async fn a_stranger_who_says_number_and_phone_of_an_order_hears_how_it_stands_and_is_guessing_soon_over() {
    let platform = Platform::start().await;
    let shop = Shop::new();
    // Whatever the clock says while the tests run, parcels are announced at once.
    shop.edit("orders.toml", "allowed = \"08:00-22:00\"", "allowed = \"00:00-24:00\"");
    let webchat = "[[channel]]\nid = \"webchat\"\nkind = \"webchat\"\n";
    shop.write("channels.toml", &format!("{}\n{webchat}", generic::channel(&platform.url())));
    let daemon = shop.start().await;
    let customer = json!({ "id": "ana", "name": "Ana", "phone": "+86 138-0013-8000" });
    let order =
        json!({ "id": "SO-2026-0001", "chat_id": "ana", "customer": customer, "total": "99", "currency": "CNY" });
    daemon.order("o1", "order.paid", order).await;
    let ask = async |cookie: &str, events: &mut Events, id: &str, text: &str| {
        assert_eq!(say(&daemon, cookie, id, text).await, StatusCode::ACCEPTED);
        // The welcome goes before the first answer; a question of the clerk's ends it.
        loop {
            let said = events.answer().await["content"]["text"].as_str().unwrap_or_default().to_owned();
            if ["SO-2026-0001：", "后四位", "已经记下"].iter().any(|it| said.contains(it)) {
                return said;
            }
        }
    };
    let stranger = visit(&daemon).await;
    let mut events = Events::open(&daemon, &stranger, "").await;
    ask(&stranger, &mut events, "1", "查快递").await;
    let told = ask(&stranger, &mut events, "2", "so 2026 0001 尾号8000").await;
    assert!(told.contains("已付款"), "{told}");
    // Of what happens next whoever ordered hears, and not who asked.
    daemon.order("o2", "order.shipped", json!({ "id": "SO-2026-0001" })).await;
    let notices = generic::replies(&platform.wait_for(1).await);
    assert!(notices.iter().all(|(chat, text)| chat == "ana" && text.contains("SO-2026-0001")), "{notices:?}");

    let mut wrong = Vec::new();
    for number in 0..6 {
        let guesser = visit(&daemon).await;
        let mut events = Events::open(&daemon, &guesser, "").await;
        ask(&guesser, &mut events, "1", "查快递").await;
        wrong.push(ask(&guesser, &mut events, "2", &format!("so 2026 0001 尾号123{number}")).await);
    }
    // By now the right digits say no more than the wrong ones, whoever says them.
    let mut late = Events::open(&daemon, &stranger, &events.last).await;
    let refused = ask(&stranger, &mut late, "3", "订单 SO-2026-0001 到哪了，手机尾号8000").await;
    let plain = |it: &str| it.replace("SO-2026-0001", "").replace("so 2026 0001", "");
    assert!(lines(&history(&daemon, &stranger).await).iter().all(|(_, _, said)| !said.contains("已发货")));
    assert!(plain(&refused) == plain(&wrong[0]), "{refused} / {wrong:?}");
}

#[tokio::test]
async fn a_picture_is_seen_by_its_visitor_and_the_operator_and_goes_when_it_is_forgotten() {
    let shop = shop();
    let daemon = shop.start().await;
    let (ana, bob) = (visit(&daemon).await, visit(&daemon).await);
    let send = async |cookie: &str, kind: &str, picture: &'static [u8]| {
        let headers = [("cookie", cookie), ("content-type", kind), ("message-id", "p1")];
        daemon.post("/chat/pictures", &headers, picture).await.unwrap().status
    };
    assert_eq!(send(&ana, "image/png", PNG).await, StatusCode::ACCEPTED);
    assert_eq!(send(&ana, "image/png", PNG).await, StatusCode::ACCEPTED, "sent again it is the same");
    assert_eq!(send(&bob, "image/png", b"<html>not a picture").await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(send(&bob, "text/html", PNG).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(send("", "image/png", PNG).await, StatusCode::UNAUTHORIZED);
    let said = history(&daemon, &ana).await;
    let own: Vec<_> = said["lines"].as_array().unwrap().iter().filter(|it| it["from"] == "visitor").collect();
    assert_eq!(own.len(), 1, "{said}");
    let path = own[0]["content"]["url"].as_str().unwrap().to_owned();
    let see = async |cookie: &str| {
        let url = format!("http://{}{path}", daemon.public);
        daemon.call(Method::GET, &url, &[("cookie", cookie)], "".into()).await.unwrap()
    };
    let seen = see(&ana).await;
    assert_eq!((seen.status, &seen.body[..]), (StatusCode::OK, PNG));
    assert_eq!(seen.headers["content-type"], "image/png");
    assert_eq!(see(&bob).await.status, StatusCode::NOT_FOUND);
    let admins = path.replace("/chat/", "/v1/");
    assert_eq!(&daemon.admin(Method::GET, &admins).await.body[..], PNG);
    // The conversation, as the operator finds it.
    let event = daemon.admin(Method::GET, "/v1/explain/1").await.json();
    let chat = event["event"]["address"]["chat"].as_str().unwrap();
    daemon.admin(Method::DELETE, &format!("/v1/customers/webchat/{chat}")).await;
    assert_eq!(see(&ana).await.status, StatusCode::NOT_FOUND);
    assert_eq!(daemon.admin(Method::GET, &admins).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_page_shows_the_store_and_speaks_the_visitors_language() {
    let shop = shop();
    shop.edit("store.toml", "clerk = ", "colour = \"#ffdd00\"\npicture = \"https://shop.example/face.png\"\nclerk = ");
    let daemon = shop.start().await;
    let page = get(&daemon, "", &[("accept-language", "en-GB,en;q=0.8")]).await.text();
    assert!(page.contains("<html lang=\"en\"") && page.contains("<title>Night Tea House</title>"), "{page}");
    assert!(page.contains("shop.example"), "{page}");
    for (accepted, tag, send) in [("zh-TW", "zh-Hant", "傳送"), ("th,en;q=0.5", "th", "ส่ง"), ("de", "zh-Hans", "发送")]
    {
        let page = get(&daemon, "", &[("accept-language", accepted)]).await.text();
        assert!(page.contains(&format!("<html lang=\"{tag}\"")), "{accepted}");
        let store = get(&daemon, "store", &[("accept-language", accepted)]).await.json();
        assert_eq!((store["language"].as_str(), store["words"]["send"].as_str()), (Some(tag), Some(send)));
        assert_eq!((store["colour"].as_str(), store["ink"].as_str()), (Some("#ffdd00"), Some("#000000")));
    }
    for file in ["chat.css", "theme.css", "chat.js", "bubbles.js", "outgoing.js", "stream.js", "words.js", "icon.svg"] {
        let answer = get(&daemon, file, &[]).await;
        assert!(answer.status == StatusCode::OK && !answer.body.is_empty(), "{file}");
    }
    shop.write("store.toml", "[store]\nname = \"<b>&\"\ncolour = \"red; }\"\n");
    eventually("the mistake is told", async || shop.log().contains("is not a colour").then_some(())).await;
    shop.write("store.toml", "[store]\nname = \"</title><script>alert(1)</script>\"\n");
    eventually("the new name", async || {
        let page = daemon.get("/chat/").await.unwrap().text();
        page.contains("&lt;script&gt;alert(1)").then(|| assert!(!page.contains("<script>alert"), "{page}"))
    })
    .await;
}

#[tokio::test]
async fn products_come_with_what_a_card_shows() {
    let shop = shop();
    shop.edit(
        "catalogue.toml",
        "url = \"https://shop.example/t1\"",
        "url = \"https://shop.example/t1\"\npicture = \"https://shop.example/t1.jpg\"",
    );
    let daemon = shop.start().await;
    let cookie = visit(&daemon).await;
    let mut events = Events::open(&daemon, &cookie, "").await;
    assert_eq!(say(&daemon, &cookie, "1", "铁观音多少钱").await, StatusCode::ACCEPTED);
    let line = loop {
        let line = events.answer().await;
        if line["cards"].is_array() {
            break line;
        }
    };
    let card = line["cards"].as_array().unwrap().iter().find(|it| it["url"] == "https://shop.example/t1").unwrap();
    assert_eq!(
        (card["price"].as_str(), card["picture"].as_str()),
        (Some("CNY 99.00"), Some("https://shop.example/t1.jpg"))
    );
}

#[tokio::test]
async fn a_visitor_is_welcomed_in_the_language_that_the_browser_asks_for() {
    let shop = shop();
    let daemon = shop.start().await;
    for (accepted, name) in [("en-GB,en;q=0.8", "Night Tea House"), ("zh-CN", "夜茶铺")] {
        let cookie = visit(&daemon).await;
        let mut events = Events::open(&daemon, &cookie, "").await;
        let opened = post(&daemon, &cookie, "open", &[("accept-language", accepted)], json!({})).await;
        assert_eq!(opened.status, StatusCode::ACCEPTED);
        let welcome = events.answer().await["content"]["text"].to_string();
        assert!(welcome.contains(name), "{welcome}");
    }
}

#[tokio::test]
async fn pictures_are_part_of_a_backup_and_come_back_with_it() {
    let shop = shop();
    let daemon = shop.start().await;
    let ana = visit(&daemon).await;
    let headers = [("cookie", ana.as_str()), ("content-type", "image/png"), ("message-id", "1")];
    assert_eq!(daemon.post("/chat/pictures", &headers, PNG).await.unwrap().status, StatusCode::ACCEPTED);
    let backup = shop.data().join("../backup.sqlite");
    let told = shop.run(&["backup", backup.to_str().unwrap()]);
    assert!(told.status.success() && String::from_utf8_lossy(&told.stdout).contains("pictures (1)"), "{told:?}");
    daemon.kill();
    std::fs::remove_dir_all(shop.data().join("pictures")).unwrap();
    let told = shop.run(&["restore", backup.to_str().unwrap()]);
    assert!(told.status.success() && String::from_utf8_lossy(&told.stdout).contains("are back (1)"), "{told:?}");
    let daemon = shop.start().await;
    let seen = history(&daemon, &ana).await;
    let picture = seen["lines"][0]["content"]["url"].as_str().unwrap_or_else(|| panic!("{seen}")).to_owned();
    let shown = daemon.call(Method::GET, &format!("http://{}{picture}", daemon.public), &headers[..1], "".into()).await;
    assert_eq!(shown.unwrap().body, PNG);
}
