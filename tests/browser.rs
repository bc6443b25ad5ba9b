//! The web chat in a real browser: Chromium, driven over WebDriver, with axe-core for accessibility.
//!
//! `cargo test --workspace` does not run it, as it needs `chromium` and `chromedriver` on the path, and axe-core where
//! `NIGHTCLERK_AXE` says (`npm pack axe-core`). With `NIGHTCLERK_SHOTS=FOLDER` it leaves pictures of what it saw.

mod harness;

use std::net::TcpListener;

use bytes::Bytes;
use harness::{
    Daemon, Shop,
    browser::{Browser, DESKTOP, ENTER, ESCAPE, Look, PHONE, SHIFT_TAB},
    eventually, generic,
    nginx::Nginx,
    platform::Platform,
};
use http::Response;
use serde_json::json;
use tempfile::TempDir;

fn shop(settings: &str) -> Shop {
    let shop = Shop::new();
    shop.write("channels.toml", &format!("[[channel]]\nid = \"webchat\"\nkind = \"webchat\"\n{settings}\n"));
    shop.edit("store.toml", "clerk = ", "colour = \"#7a2e2e\"\nclerk = ");
    shop
}

fn chat(daemon: &Daemon) -> String {
    format!("http://{}/chat/", daemon.public)
}

/// A page of the shop's own that carries the chat, on another site than the clerk's; and its origin.
async fn site(daemon: &Daemon, script: &str) -> (Platform, String) {
    let page = format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content='width=device-width'>
         <title>Tea</title></head><body><main><h1>Teas of the season</h1><p>Picked this spring.</p></main>
         <script>window.nightclerk = window.nightclerk || []; {script}</script>
         <script src='http://{}/chat/widget.js' async></script></body></html>",
        daemon.public
    );
    let page = Bytes::from(page);
    let platform = Platform::answering(move |_| {
        Response::builder().header("content-type", "text/html").body(page.clone()).unwrap()
    })
    .await;
    let origin = format!("http://localhost:{}", platform.address.port());
    (platform, origin)
}

/// The widget's parts are out of reach of the site's own styles.
const ROOT: &str = "document.querySelector('nightclerk-chat').shadowRoot";

#[tokio::test]
async fn a_conversation_is_held_by_the_keyboard_alone_and_is_there_after_a_reload_and_in_a_second_tab() {
    let shop = shop("");
    let daemon = shop.start().await;
    let browser = Browser::open(DESKTOP).await;
    browser.go(&chat(&daemon)).await;
    browser.until("document.querySelectorAll('.choices button').length > 0").await;
    assert_eq!(browser.focused().await, "text", "one can write at once");
    browser.say("Do you ship abroad?").await;
    browser.until("document.querySelectorAll('.line.clerk').length > 1").await;
    assert_eq!(browser.count(".line.mine").await, 1);
    assert_eq!(browser.count(".choices button:enabled").await, 0, "the menu before is closed");
    // Back through the page with the Tab key alone: every stop can be seen and has a name.
    let mut stops = Vec::new();
    for _ in 0..8 {
        browser.keys(SHIFT_TAB).await;
        stops.push(browser.focused().await);
        if stops.last().is_some_and(|it| it == "scroll") {
            break;
        }
    }
    assert!(stops.iter().any(|it| it == "attach") && stops.iter().any(|it| it == "scroll"), "{stops:?}");
    browser.js("document.getElementById('text').focus()").await;
    browser.say("Which teas do you recommend?").await;
    browser.until("document.querySelectorAll('.card').length > 1").await;
    browser.until("document.querySelector('.typing').hidden").await;
    browser.shot("desktop").await;
    let said = "return [...document.querySelectorAll('.bubble')].map((it) => it.textContent)";
    let before = browser.js(said).await;
    browser.reload().await;
    browser.until("document.querySelectorAll('.line.mine').length === 2").await;
    assert_eq!(browser.js(said).await, before, "after a reload");
    let first_tab = browser.open_tab().await;
    browser.go(&chat(&daemon)).await;
    browser.until("document.querySelectorAll('.line.mine').length === 2").await;
    browser.until("document.activeElement.id === 'text'").await;
    browser.say("Thanks!").await;
    browser.switch_to(&first_tab).await;
    browser.until("document.querySelectorAll('.line.mine').length === 3").await;
    assert_eq!(browser.errors().await, Vec::<String>::new(), "nothing in the console, so nothing against the policy");
    browser.close().await;
}

#[tokio::test]
async fn no_rule_of_accessibility_is_broken_in_light_and_dark_on_phones_and_desktops() {
    let shop = shop("");
    let daemon = shop.start().await;
    for (look, name) in [
        (PHONE, "phone"),
        (DESKTOP, "desktop-plain"),
        (Look { is_dark: true, ..PHONE }, "phone-dark"),
        (Look { is_dark: true, ..DESKTOP }, "desktop-dark"),
    ] {
        let browser = Browser::open(look).await;
        browser.go(&chat(&daemon)).await;
        let is_dark = browser.js("return matchMedia('(prefers-color-scheme: dark)').matches").await;
        assert_eq!(is_dark, json!(look.is_dark));
        browser.until("document.querySelectorAll('.choices button').length > 0").await;
        assert_eq!(browser.broken_rules().await, Vec::<String>::new(), "{name}, with a menu");
        browser.say("Do you have oolong tea? https://shop.example/t1").await;
        browser.until("document.querySelectorAll('.card').length > 0").await;
        let is_wide = "return document.documentElement.scrollWidth > innerWidth";
        assert_eq!(browser.js(is_wide).await, json!(false), "nothing sticks out: {name}");
        assert_eq!(browser.broken_rules().await, Vec::<String>::new(), "{name}, with cards");
        browser.shot(name).await;
        browser.close().await;
    }
}

#[tokio::test]
async fn a_message_that_could_not_be_sent_is_offered_again_and_answered_once() {
    let shop = shop("");
    // The same address before and after.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    shop.edit("nightclerk.toml", "listen = \"127.0.0.1:0\"", &format!("listen = \"{address}\""));
    let daemon = shop.start().await;
    let browser = Browser::open(PHONE).await;
    browser.go(&chat(&daemon)).await;
    browser.until("document.querySelectorAll('.line.clerk').length > 0").await;
    daemon.kill();
    browser.say("Do you ship abroad?").await;
    browser.until("document.querySelector('.line.failed .again')").await;
    assert_eq!(browser.broken_rules().await, Vec::<String>::new());
    browser.shot("failed").await;
    let daemon = shop.start().await;
    browser.click(".again").await;
    browser.until("document.querySelectorAll('.line.mine:not(.waiting, .failed)').length === 1").await;
    let answers = "[...document.querySelectorAll('.line.clerk')].filter((it) => it.textContent.includes('to most countries')).length";
    browser.until(&format!("{answers} > 0")).await;
    browser.reload().await;
    browser.until(&format!("{answers} === 1")).await;
    assert_eq!(browser.count(".line.mine").await, 1);
    drop(daemon);
    browser.close().await;
}

#[tokio::test]
async fn a_picture_is_shown_where_it_was_sent_and_after_a_reload() {
    let shop = shop("");
    let daemon = shop.start().await;
    let browser = Browser::open(PHONE).await;
    browser.go(&chat(&daemon)).await;
    browser.until("document.querySelectorAll('.line.clerk').length > 0").await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("cup.png");
    std::fs::write(&file, include_bytes!("fixtures/cup.png")).unwrap();
    browser.choose_file("#file", &file).await;
    let seen = "[...document.querySelectorAll('.line.mine:not(.waiting) img')].filter((it) => it.naturalWidth > 0).length === 1";
    browser.until(seen).await;
    browser.reload().await;
    browser.until(seen).await;
    browser.shot("picture").await;
    assert_eq!(browser.errors().await, Vec::<String>::new());
    browser.close().await;
}

#[tokio::test]
async fn the_page_follows_the_language_of_the_conversation() {
    let shop = shop("");
    let daemon = shop.start().await;
    let browser = Browser::open(PHONE).await;
    browser.go(&chat(&daemon)).await;
    browser.until("document.getElementById('text').placeholder === 'Write a message'").await;
    browser.until("document.activeElement.id === 'text'").await;
    browser.say("你们发到国外吗？多少钱？").await;
    browser.until("document.documentElement.lang === 'zh-Hans'").await;
    browser.until("document.getElementById('text').placeholder === '请输入消息'").await;
    browser.close().await;
}

#[tokio::test]
async fn on_an_allowed_site_a_button_opens_the_chat_and_the_shops_customer_is_known() {
    let shop = Shop::new();
    let platform = Platform::start().await;
    let daemon_settings = |origin: &str| {
        format!(
            "{}\n[[channel]]\nid = \"webchat\"\nkind = \"webchat\"\nidentity_secret = \"shop secret\"\n\
             allowed_origins = [\"{origin}\"]\n",
            generic::channel(&platform.url())
        )
    };
    shop.write("channels.toml", &daemon_settings("https://shop.example"));
    let daemon = shop.start().await;
    // HMAC-SHA-256 of 42 with the secret.
    let identify = "nightclerk.push(['identify', { id: '42', name: 'Ana',
        hmac: '7e8ded12662d7c4a16b1e18aa094fe3e125b5b6e1b53c094971c4ab55bf20532' }]);";
    let (_site, origin) = site(&daemon, identify).await;
    let order = json!({ "id": "A10023", "channel": "webchat", "chat_id": "42", "total": "99.00", "currency": "CNY" });
    daemon.order("o1", "order.paid", order).await;

    let browser = Browser::open(DESKTOP).await;
    browser.go(&origin).await;
    let why = eventually("the console says why there is no chat", async || {
        browser.errors().await.into_iter().find(|error| error.contains("nightclerk"))
    })
    .await;
    assert!(why.contains("allowed_origins") && why.contains(&origin), "{why}");
    assert_eq!(browser.count("nightclerk-chat").await, 0);

    shop.write("channels.toml", &daemon_settings(&origin));
    eventually("the site is allowed", async || {
        let asked = [("origin", origin.as_str())];
        let url = format!("{}store", chat(&daemon));
        let answer = daemon.call(http::Method::GET, &url, &asked, Bytes::new()).await.unwrap();
        (answer.status == 200).then_some(())
    })
    .await;
    browser.go(&origin).await;
    browser.until("document.querySelector('nightclerk-chat')").await;
    browser.shot("embedded-closed").await;
    assert_eq!(browser.broken_rules().await, Vec::<String>::new());
    // The button is the last stop of the page, and the Enter key presses it.
    browser.js(&format!("{ROOT}.querySelector('button').focus()")).await;
    browser.keys(ENTER).await;
    browser.until(&format!("{ROOT}.querySelector('iframe') && !{ROOT}.querySelector('.panel').hidden")).await;
    browser.enter_frame(&format!("{ROOT}.querySelector('iframe')")).await;
    browser.until("document.activeElement.id === 'text'").await;
    // The conversation is the customer's by now.
    eventually("the order is told of", async || {
        browser.js("document.getElementById('text').value = ''").await;
        browser.say("where is my order A10023?").await;
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
        let told = "return [...document.querySelectorAll('.line.clerk')].some((it) => /A10023/.test(it.textContent))";
        (browser.js(told).await == json!(true)).then_some(())
    })
    .await;
    assert_eq!(browser.broken_rules().await, Vec::<String>::new());
    browser.leave_frame().await;
    browser.shot("embedded").await;
    browser.js(&format!("{ROOT}.querySelector('button').focus()")).await;
    browser.keys(ESCAPE).await;
    browser.until(&format!("{ROOT}.querySelector('.panel').hidden")).await;
    assert_eq!(browser.focused().await, "nightclerk-chat", "the focus is on the button again");
    browser.close().await;
}

#[tokio::test]
async fn behind_a_bare_proxy_pass_the_page_works() {
    let shop = shop("");
    let daemon = shop.start().await;
    let Some(nginx) = Nginx::in_front_of(&daemon, "").await else { return };
    let browser = Browser::open(DESKTOP).await;
    browser.go(&format!("http://{}/chat/", nginx.address)).await;
    browser.until("document.querySelectorAll('.line.clerk').length > 0").await;
    browser.say("Do you ship abroad?").await;
    browser.until("document.querySelectorAll('.line.clerk').length > 1").await;
    assert_eq!(browser.count(".line.failed").await, 0);
    browser.close().await;
}

#[tokio::test]
async fn on_the_try_out_page_one_talks_at_any_hour_and_sees_why_and_nothing_is_kept() {
    let shop = shop("");
    let daemon = shop.start().await;
    for look in [DESKTOP, PHONE, Look { is_dark: true, ..DESKTOP }] {
        let browser = Browser::open(look).await;
        browser.go(&format!("http://{}/try", daemon.admin)).await;
        browser.until("document.querySelector('#token')").await;
        assert_eq!(browser.broken_rules().await, Vec::<String>::new(), "at the door");
        let enter = |token: &str| {
            format!(
                "document.getElementById('token').value = '{token}'; document.getElementById('door').requestSubmit()"
            )
        };
        browser.js(&enter("wrong")).await;
        browser.until("document.getElementById('refused').textContent.includes('not the token')").await;
        browser.js(&enter(harness::ADMIN_TOKEN)).await;
        browser.until("!document.getElementById('talk').hidden").await;
        browser
            .js("document.getElementById('at').value = '2026-01-14 03:00'; document.getElementById('tags').value = 'vip'; \
                 document.getElementById('settings').requestSubmit()")
            .await;
        browser.until("document.getElementById('state').textContent.includes('Wed 03:00')").await;
        browser.js("document.getElementById('text').focus()").await;
        browser.say("Do you ship abroad?").await;
        browser
            .until("[...document.querySelectorAll('.line.clerk')].some((it) => /ship to most/.test(it.textContent))")
            .await;
        browser
            .until(
                "[...document.querySelectorAll('#trace dt')].some((it) => it.textContent === 'rule:shipping-abroad')",
            )
            .await;
        browser
            .js("document.getElementById('order').value = '1001 placed total=99.00 currency=CNY'; \
                 document.getElementById('orders').requestSubmit()")
            .await;
        browser
            .until(
                "[...document.querySelectorAll('.happened')].some((it) => /order 1001 is placed/.test(it.textContent))",
            )
            .await;
        browser
            .js("document.getElementById('wait').value = '7h'; document.getElementById('times').requestSubmit()")
            .await;
        browser.until("[...document.querySelectorAll('.line.clerk')].some((it) => /1001/.test(it.textContent))").await;
        assert_eq!(browser.broken_rules().await, Vec::<String>::new(), "while one talks");
        let is_wide = "return document.documentElement.scrollWidth > innerWidth";
        assert_eq!(browser.js(is_wide).await, json!(false), "nothing sticks out");
        browser.shot(&format!("try-{}-{}", look.width, look.is_dark)).await;
        browser
            .js("document.getElementById('order').value = '1 payed'; document.getElementById('orders').requestSubmit()")
            .await;
        browser.until("!document.getElementById('notice').hidden").await;
        browser.close().await;
    }
    let known = daemon.admin(http::Method::GET, "/v1/customers/webchat/customer").await;
    assert_eq!(known.status, 404, "nobody was heard of");
}
