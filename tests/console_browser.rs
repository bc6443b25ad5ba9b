//! The console in a real browser: Chromium, driven over WebDriver, at the size of a phone and of a desk, with axe-core for
//! accessibility.
//!
//! Run as `tests/browser.rs` is. With `NIGHTCLERK_SHOTS=FOLDER` it leaves pictures of each page.

mod harness;

use harness::{
    Daemon, Shop,
    browser::{Browser, ENTER, Look, PHONE},
    built_plugin,
    desk::{PASSWORD, invited, staff},
    eventually,
    generic::channel,
    visitor,
};
use http::Method;
use nightclerk::plugin::contract::manifest;
use serde_json::json;

const DESK: Look = Look { width: 1280, height: 900, is_dark: false };
const TAB: &str = "\u{e004}";

/// A store whose customers come by the web chat.
async fn store() -> (Shop, Daemon) {
    let shop = visitor::shop();
    staff(&shop);
    shop.edit("store.toml", "channel = \"shop\"\n    chat = \"SALES\"\n", "");
    shop.edit("store.toml", "channel = \"shop\"\n    chat = \"WAREHOUSE\"\n", "");
    shop.edit("store.toml", "[routing]\n    person = \"sales\"\n", "");
    shop.write("plugins.toml", "[greeting]\ngrants = [\"reply\"]\nshadow = \"greeting-next.wasm\"\n");
    let next = std::fs::read(built_plugin("greeting")).unwrap();
    let next = manifest::rewrite(&next, |manifest| manifest["version"] = json!("9.0.0")).unwrap();
    std::fs::write(shop.plugins().join("greeting-next.wasm"), next).unwrap();
    shop.write(
        "phrases.toml",
        "[quick.hours]\nen = \"We are here from 9 to 18 every day.\"\nzh = \"我们每天 9 点到 18 点在线。\"\n",
    );
    shop.write("contacts.toml", "[[tier]]\nname = \"silver\"\norders = 1\n");
    shop.write("orders.toml", "[notices]\nallowed = \"00:00-24:00\"\n");
    // A shop whose messages cannot be delivered.
    let channels = std::fs::read_to_string(shop.config().join("channels.toml")).unwrap();
    shop.write("channels.toml", &format!("{channels}\n{}", channel("http://127.0.0.1:9")));
    let daemon = shop.start().await;
    (shop, daemon)
}

/// Waits until both versions of the greeting run, so that its page shows how they fare.
async fn both_versions_run(daemon: &Daemon) {
    eventually("both versions of the greeting", async || {
        let all = daemon.admin(Method::GET, "/v1/plugins").await.json();
        let greeting = all.as_array()?.iter().find(|it| it["name"] == "greeting")?;
        greeting["shadow"]["version"].as_str().filter(|it| it.starts_with("9.0.0")).map(drop)
    })
    .await;
}

fn console(daemon: &Daemon, path: &str) -> String {
    format!("http://{}/console/{path}", daemon.admin)
}

/// Chooses a password behind the link, by the keyboard alone, and so comes in.
async fn join(browser: &Browser, shop: &Shop, name: &str) {
    browser.go(&invited(shop, name)).await;
    browser.js("document.getElementById('password').focus()").await;
    browser.keys(&format!("{PASSWORD}{TAB}")).await;
    browser.keys(&format!("{PASSWORD}{ENTER}")).await;
    browser.until("location.pathname === '/console/' && document.querySelector('nav.places')").await;
}

/// Waits for the one conversation, and opens it.
async fn open_the_conversation(browser: &Browser, daemon: &Daemon) {
    browser.go(&console(daemon, "conversations")).await;
    browser.until("document.querySelectorAll('a.talk').length === 1").await;
    browser.js("document.querySelector('a.talk').focus()").await;
    browser.keys(ENTER).await;
    browser.until("document.querySelector('#conversation .story')").await;
}

async fn looks_right(browser: &Browser, name: &str) {
    fits(browser, name).await;
    assert_eq!(browser.errors().await, Vec::<String>::new(), "{name}");
}

/// The same but for what the browser notes of answers.
async fn fits(browser: &Browser, name: &str) {
    assert_eq!(browser.broken_rules().await, Vec::<String>::new(), "{name}");
    let wide = browser.js("return document.documentElement.scrollWidth > innerWidth").await;
    assert_eq!(wide, json!(false), "{name} is wider than the screen");
    let small = browser
        .js("return [...document.querySelectorAll('button, nav a, select, input:not([type=hidden], [type=checkbox]), label.check, summary, a.button')]
            .filter((it) => it.checkVisibility() && it.getBoundingClientRect().height < 44).map((it) => it.outerHTML)")
        .await;
    assert_eq!(small, json!([]), "{name}: too small for a thumb");
    browser.shot(name).await;
}

#[tokio::test]
async fn a_colleague_takes_a_conversation_and_answers_and_the_customer_has_it_once() {
    let (shop, daemon) = store().await;
    let customer = visitor::visit(&daemon).await;
    visitor::say(&daemon, &customer, "c1", "Which tea goes with a rainy evening?").await;
    let browser = Browser::open(PHONE).await;
    join(&browser, &shop, "mei").await;
    open_the_conversation(&browser, &daemon).await;
    // By the keyboard alone: take it, then answer.
    browser.js("document.getElementById('take').focus()").await;
    browser.keys(ENTER).await;
    browser.until("document.querySelector('.stand .badge.mine')").await;
    browser.js("document.getElementById('text').focus()").await;
    browser.keys(&format!("A smoky Lapsang.{TAB}")).await;
    browser.keys(ENTER).await;
    browser
        .until("[...document.querySelectorAll('.person .bubble')].some((it) => it.innerText === 'A smoky Lapsang.')")
        .await;
    assert_eq!(browser.js("return document.getElementById('text').value").await, json!(""));
    let heard = async || {
        let history = visitor::history(&daemon, &customer).await;
        visitor::lines(&history).into_iter().filter(|(.., text)| text == "A smoky Lapsang.").count()
    };
    eventually("the answer in the chat", async || (heard().await > 0).then_some(())).await;
    // What the customer says next is there without a reload, and what was typed meanwhile stays.
    browser.js("document.getElementById('text').focus()").await;
    browser.keys("half a sentence").await;
    visitor::say(&daemon, &customer, "c2", "That sounds lovely").await;
    browser.until("document.querySelector('.story').innerText.includes('That sounds lovely')").await;
    assert_eq!(browser.js("return document.getElementById('text').value").await, json!("half a sentence"));
    assert_eq!(heard().await, 1);
    assert_eq!(browser.errors().await, Vec::<String>::new());
    browser.close().await;
}

#[tokio::test]
async fn two_people_grab_one_conversation_and_the_slower_one_reads_who_has_it() {
    let (shop, daemon) = store().await;
    let customer = visitor::visit(&daemon).await;
    visitor::say(&daemon, &customer, "c1", "Hello, is anybody there?").await;
    let (mei, li) = (Browser::open(PHONE).await, Browser::open(DESK).await);
    join(&mei, &shop, "mei").await;
    join(&li, &shop, "li").await;
    for browser in [&mei, &li] {
        open_the_conversation(browser, &daemon).await;
    }
    tokio::join!(mei.click("#take"), li.click("#take"));
    let ended = "document.querySelector('.stand .badge.mine') || document.querySelector('[role=alert]') || document.querySelector('.stand .badge.taken')";
    tokio::join!(mei.until(ended), li.until(ended));
    let has_it = async |browser: &Browser| browser.count(".stand .badge.mine").await;
    assert_eq!(has_it(&mei).await + has_it(&li).await, 1, "one of them has it");
    let (loser, winner) = if has_it(&mei).await == 1 { (&li, "Mei") } else { (&mei, "Li") };
    loser.until(&format!("document.querySelector('main').innerText.includes('With {winner}')")).await;
    assert_eq!(loser.count("#take").await, 0, "it is not theirs to take");
    mei.close().await;
    li.close().await;
}

#[tokio::test]
async fn every_page_is_right_on_a_phone_and_on_a_desk_in_light_and_dark() {
    let (shop, daemon) = store().await;
    let customer = visitor::visit(&daemon).await;
    for (id, text) in [("c1", "Which teas do you have?"), ("c2", "I want to complain! My parcel never arrived!")] {
        visitor::say(&daemon, &customer, id, text).await;
    }
    for (id, kind) in [("o1", "order.paid"), ("o2", "order.shipped")] {
        let order = json!({ "id": "A1", "chat_id": "ana", "customer": { "name": "Ana Lim" }, "total": "189.00", "currency": "CNY",
            "items": [{ "title": "Jasmine tea, first harvest", "quantity": 2 }, { "title": "Cup", "quantity": 1 }],
            "shipment": { "carrier": "SF Express", "tracking_number": "SF100200300400", "tracking_url": "https://sf.example/1" } });
        daemon.order(id, kind, order).await;
    }
    daemon.order("o3", "order.cancelled", json!({ "id": "B2", "total": "9.00", "currency": "CNY" })).await;
    let dark = Look { is_dark: true, ..PHONE };
    for (size, look) in [("phone", PHONE), ("desk", DESK), ("phone-dark", dark), ("phone-zh", PHONE), ("desk-zh", DESK)]
    {
        let browser = Browser::open(look).await;
        if size.ends_with("zh") {
            browser.go(&console(&daemon, "language/zh")).await;
        }
        browser.go(&console(&daemon, "sign-in")).await;
        looks_right(&browser, &format!("{size}-sign-in")).await;
        browser.go(&invited(&shop, "boss")).await;
        looks_right(&browser, &format!("{size}-join")).await;
        join(&browser, &shop, "boss").await;
        looks_right(&browser, &format!("{size}-now")).await;
        for (name, path) in [
            ("conversations", "conversations"),
            ("tickets", "tickets"),
            ("contacts", "contacts"),
            ("orders", "orders"),
            ("order", "orders/shop/A1"),
            ("phrases", "phrases"),
            ("phrase", "phrases/code/hours"),
            ("phrase-new", "phrases/new"),
            ("mail", "mail"),
            ("plugins", "plugins"),
            ("files", "files"),
            ("editor", "files/rules.toml"),
            ("people", "people"),
            ("audit", "audit"),
            ("more", "more"),
            ("figures", "figures"),
        ] {
            browser.go(&console(&daemon, path)).await;
            looks_right(&browser, &format!("{size}-{name}")).await;
        }
        open_the_conversation(&browser, &daemon).await;
        looks_right(&browser, &format!("{size}-conversation")).await;
        browser.js("for (const it of document.querySelectorAll('details')) it.open = true; scrollTo(0, document.body.scrollHeight)").await;
        looks_right(&browser, &format!("{size}-deeds")).await;
        browser.js("document.querySelector('.meta a').click()").await;
        browser.until("document.querySelector('.trace')").await;
        looks_right(&browser, &format!("{size}-why")).await;
        open_the_conversation(&browser, &daemon).await;
        browser.click("#take").await;
        browser.until("document.querySelector('.stand .badge.mine')").await;
        browser.go(&console(&daemon, "")).await;
        browser.js("document.querySelector('.answer').open = true; document.querySelector('.answer textarea').value = 'half'").await;
        looks_right(&browser, &format!("{size}-card")).await;
        // What is half written stays while the list is drawn anew.
        visitor::say(&daemon, &customer, &format!("again-{size}"), &format!("Still there? {size}")).await;
        browser.until(&format!("document.querySelector('main').innerText.includes('Still there? {size}')")).await;
        assert_eq!(browser.js("return document.querySelector('.answer textarea').value").await, json!("half"));
        open_the_conversation(&browser, &daemon).await;
        browser.click("#return").await;
        browser.until("!document.querySelector('.stand .badge.mine')").await;
        browser.go(&console(&daemon, "contacts")).await;
        browser.click("a.talk").await;
        browser.until("document.querySelector('.deeds details')").await;
        browser.js("for (const it of document.querySelectorAll('details')) it.open = true").await;
        looks_right(&browser, &format!("{size}-contact")).await;
        browser.js("document.querySelector('a.danger').click()").await;
        browser.until("document.querySelector('[name=sure]')").await;
        looks_right(&browser, &format!("{size}-erase")).await;
        both_versions_run(&daemon).await;
        browser.go(&console(&daemon, "plugins")).await;
        browser.click("a.talk").await;
        browser.until("document.querySelector('form[action$=\"/promote\"]')").await;
        looks_right(&browser, &format!("{size}-plugin")).await;
        browser.close().await;
    }
}

#[tokio::test]
async fn an_edit_is_checked_while_it_is_typed_and_shown_before_it_is_saved() {
    let (shop, daemon) = store().await;
    let browser = Browser::open(DESK).await;
    join(&browser, &shop, "boss").await;
    browser.go(&console(&daemon, "files/hours.toml")).await;
    let change = async |from: &str, to: &str| {
        let script = format!(
            "const it = document.getElementById('text'); it.value = it.value.replace({}, {});
             it.dispatchEvent(new Event('input', {{ bubbles: true }}))",
            json!(from),
            json!(to)
        );
        browser.js(&script).await;
    };
    change("until = \"24:00\"", "until = \"25:00\"").await;
    browser.until("document.querySelector('#check .slips')").await;
    looks_right(&browser, "desk-slip").await;
    change("until = \"25:00\"", "until = \"23:00\"").await;
    browser.until("document.querySelector('#check .notice:not(.bad)')").await;
    browser.click("button.main").await;
    browser.until("document.querySelector('.diff ins') && document.querySelector('.diff del')").await;
    looks_right(&browser, "desk-difference").await;
    assert!(
        std::fs::read_to_string(shop.config().join("hours.toml")).unwrap().contains("24:00"),
        "not before it is saved"
    );
    browser.click("button.main").await;
    browser.until("document.querySelector('.notice[role=status]')").await;
    assert!(std::fs::read_to_string(shop.config().join("hours.toml")).unwrap().contains("23:00"));
    browser.close().await;
}

#[tokio::test]
async fn a_second_version_is_put_in_place_by_a_tap() {
    let (shop, daemon) = store().await;
    both_versions_run(&daemon).await;
    let browser = Browser::open(PHONE).await;
    join(&browser, &shop, "boss").await;
    // The places below would be in the way of the tap, as they are until one scrolls.
    let promote = async || {
        let button = "form[action$=\"/promote\"] button";
        browser.js(&format!("document.querySelector('{button}').scrollIntoView({{ block: 'center' }})")).await;
        browser.click(button).await;
    };
    browser.go(&console(&daemon, "plugins/greeting")).await;
    std::fs::rename(shop.plugins().join("greeting-next.wasm"), shop.plugins().join("elsewhere")).unwrap();
    promote().await;
    browser.until("document.querySelector('[role=alert]')?.innerText.includes('there is no such file')").await;
    fits(&browser, "phone-plugin-refused").await;
    assert_eq!(browser.errors().await.len(), 1, "the browser notes the answer's status, and nothing else");
    std::fs::rename(shop.plugins().join("elsewhere"), shop.plugins().join("greeting-next.wasm")).unwrap();
    promote().await;
    browser.until("document.querySelector('main').innerText.includes('9.0.0') && !document.querySelector('form[action$=\"/promote\"]')").await;
    looks_right(&browser, "phone-plugin-promoted").await;
    browser.close().await;
}
