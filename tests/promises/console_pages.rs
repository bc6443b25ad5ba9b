//! The console's pages of contacts, orders and quick phrases, and where links lead, on the running daemon.

use std::fs;

use crate::harness::{
    Daemon, Shop,
    desk::{Colleague, staff},
    eventually,
    generic::{replies, shop_talking_to},
    platform::Platform,
};
use http::{Method, StatusCode};
use serde_json::{Value, json};

async fn staffed() -> (Shop, Daemon, Platform) {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    staff(&shop);
    shop.write(
        "contacts.toml",
        "[[tier]]\nname = \"silver\"\norders = 1\n[[group]]\nname = \"regulars\"\norders = 2\n",
    );
    shop.write("orders.toml", "[notices]\nallowed = \"00:00-24:00\"\n");
    let daemon = shop.start().await;
    (shop, daemon, platform)
}

async fn order(daemon: &Daemon, event: &str, kind: &str, id: &str, chat: &str) {
    let mut data = json!({ "id": id, "total": "89.00", "currency": "CNY" });
    if !chat.is_empty() {
        data["chat_id"] = json!(chat);
    }
    daemon.order(event, kind, data).await;
}

/// The id of the contact who is spoken to in a chat of the shop.
async fn contact(daemon: &Daemon, chat: &str) -> String {
    let view = daemon.admin(Method::GET, &format!("/v1/contacts/shop%2F{chat}")).await.json();
    view["contact"]["id"].as_str().unwrap_or_else(|| panic!("{view}")).to_owned()
}

async fn one(daemon: &Daemon, id: &str) -> Value {
    daemon.admin(Method::GET, &format!("/v1/contacts/{id}")).await.json()["contact"].clone()
}

#[tokio::test]
async fn contacts_are_found_by_name_tier_and_tag_and_each_has_a_page() {
    let (shop, daemon, _platform) = staffed().await;
    daemon.say("m1", "ana", "hello").await;
    daemon.say("m2", "ben", "hello").await;
    order(&daemon, "o1", "order.paid", "A1", "ana").await;
    let (ana, ben) = (contact(&daemon, "ana").await, contact(&daemon, "ben").await);
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    let listed = async |query: &str| {
        let page = mei.get(&daemon, &format!("/console/contacts{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        let text = page.text();
        let has = |id: &str| text.contains(&format!("href=\"/console/contacts/{id}\""));
        (has(&ana), has(&ben))
    };
    assert_eq!(listed("").await, (true, true));
    assert_eq!(listed("?tier=silver").await, (true, false));
    assert_eq!(listed("?q=shop%2Fben").await, (false, true));
    assert_eq!(listed(&format!("?q={}", ben.to_lowercase())).await, (false, true));
    assert_eq!(listed("?q=nobody+at+all").await, (false, false));
    let path = format!("/console/contacts/{ana}");
    assert_eq!(
        mei.submit(&daemon, &format!("{path}/tag"), &[("tag", "tea-lover")]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(listed("?tag=tea-lover").await, (true, false));
    let page = mei.get(&daemon, &path).await.text();
    for part in ["silver", "tea-lover", "/console/conversations/shop/ana", "/console/orders/shop/A1", "89.00"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(mei.get(&daemon, "/console/contacts/C-NOBODY").await.status, StatusCode::NOT_FOUND);
    // What is done with a contact is nobody's conversation.
    let talks = mei.get(&daemon, "/console/conversations").await.text();
    assert!(
        talks.contains("/console/conversations/shop/ana") && !talks.contains("/console/conversations/clerk/"),
        "{talks}"
    );
    let own = format!("/console/conversations/clerk/contact%3A{ana}");
    assert_eq!(mei.get(&daemon, &own).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_contact_is_noted_named_put_together_and_taken_apart() {
    let (shop, daemon, _platform) = staffed().await;
    daemon.say("m1", "ana", "hello").await;
    daemon.say("m2", "ben", "hello").await;
    let (ana, ben) = (contact(&daemon, "ana").await, contact(&daemon, "ben").await);
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    let path = format!("/console/contacts/{ana}");
    let fill = async |deed: &str, field: &str, value: &str| {
        mei.fill(&daemon, &path, &format!("{path}/{deed}"), &[(field, value)]).await
    };
    for (deed, field, value) in [
        ("note", "note", "likes <i>green</i> tea"),
        ("name", "name", "Ana Lim"),
        ("tag", "tag", "b2b"),
        ("untag", "tag", "b2b"),
    ] {
        let answer = fill(deed, field, value).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{deed}: {}", answer.text());
    }
    let found = one(&daemon, &ana).await;
    assert_eq!((&found["name"], &found["tags"]), (&json!("Ana Lim"), &json!([])));
    assert_eq!(
        (&found["notes"][0]["text"], &found["notes"][0]["by"]),
        (&json!("likes <i>green</i> tea"), &json!("mei"))
    );
    let page = mei.get(&daemon, &path).await.text();
    assert!(page.contains("<h1>Ana Lim</h1>") && page.contains("likes &lt;i&gt;green&lt;/i&gt; tea"), "{page}");
    // What makes no sense says so and changes nothing.
    let submit = async |deed: &str, field: &str, value: &str| {
        mei.submit(&daemon, &format!("{path}/{deed}"), &[(field, value)]).await
    };
    for (deed, field, value) in [
        ("note", "note", " "),
        ("tag", "tag", "tier:gold"),
        ("untag", "tag", "none"),
        ("merge", "other", "C-NOBODY"),
        ("merge", "other", ana.as_str()),
        ("split", "off", "C-NOBODY"),
    ] {
        let answer = submit(deed, field, value).await;
        assert!(answer.status.is_client_error(), "{deed} {value}: {}", answer.status);
        assert!(answer.text().contains("role=\"alert\""), "{deed} {value}");
    }
    assert_eq!(one(&daemon, &ana).await, found);
    assert_eq!(fill("merge", "other", "shop/ben").await.status, StatusCode::SEE_OTHER);
    let both = one(&daemon, &ana).await;
    assert_eq!((both["addresses"].as_array().unwrap().len(), &both["parts"]), (2, &json!([ben])));
    let page = mei.get(&daemon, &path).await.text();
    assert!(page.contains(&format!("<option value=\"{ben}\">")) && page.contains("/console/conversations/shop/ben"));
    assert_eq!(fill("split", "off", &ben).await.status, StatusCode::SEE_OTHER);
    assert_eq!(one(&daemon, &ana).await["parts"], json!([]));
    assert_eq!(one(&daemon, &ben).await["addresses"].as_array().unwrap().len(), 1);
    let owner = Colleague::owner(&daemon).await;
    let audit = owner.get(&daemon, "/console/audit?who=mei").await.text();
    for what in ["Looked at", "Noted", "Put together", "Took apart"] {
        assert!(audit.contains(&format!("<span>{what}</span>")), "{what}: {audit}");
    }
    assert!(audit.contains(&format!("href=\"/console/contacts/{ana}\"")) && !audit.contains("green"), "{audit}");
}

#[tokio::test]
async fn a_contact_is_erased_only_after_a_question_and_by_whoever_may_change_settings() {
    let (shop, daemon, _platform) = staffed().await;
    daemon.say("m1", "ana", "my secret wish").await;
    let ana = contact(&daemon, "ana").await;
    let path = format!("/console/contacts/{ana}");
    let erase = format!("{path}/erase");
    let (mei, boss) = (Colleague::joined(&shop, &daemon, "mei").await, Colleague::joined(&shop, &daemon, "boss").await);
    assert!(!mei.get(&daemon, &path).await.text().contains("/erase"));
    assert_eq!(mei.get(&daemon, &erase).await.status, StatusCode::FORBIDDEN);
    assert_eq!(mei.submit(&daemon, &erase, &[("sure", "yes")]).await.status, StatusCode::FORBIDDEN);
    assert!(boss.get(&daemon, &path).await.text().contains(&erase));
    let question = boss.get(&daemon, &erase).await.text();
    assert!(question.contains("Nobody can bring it back") && question.contains("name=\"sure\""), "{question}");
    assert_eq!(boss.submit(&daemon, &erase, &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(boss.get(&daemon, "/console/conversations/shop/ana").await.status, StatusCode::OK, "there still");
    assert_eq!(boss.submit(&daemon, &erase, &[("sure", "yes")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(boss.get(&daemon, &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(boss.get(&daemon, "/console/conversations/shop/ana").await.status, StatusCode::NOT_FOUND);
    assert_eq!(daemon.admin(Method::GET, "/v1/customers/shop/ana").await.status, StatusCode::NOT_FOUND);
    let audit = boss.get(&daemon, "/console/audit").await.text();
    assert!(audit.contains("<span>Erased</span>") && !audit.contains(&ana), "{audit}");
}

#[tokio::test]
async fn lists_are_bounded_and_the_rest_is_behind_more() {
    let (shop, daemon, _platform) = staffed().await;
    for number in 0..60 {
        daemon.say(&format!("m{number}"), &format!("c{number}"), "hello").await;
        order(&daemon, &format!("o{number}"), "order.placed", &format!("A{number}"), &format!("c{number}")).await;
    }
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    for (path, item) in [("/console/contacts", "class=\"talk\""), ("/console/orders", "class=\"talk\"")] {
        let first = mei.get(&daemon, path).await.text();
        let of = |text: &str| {
            let mut hrefs: Vec<String> =
                text.split(item).skip(1).map(|rest| rest.split('"').nth(1).unwrap().to_owned()).collect();
            hrefs.sort();
            hrefs
        };
        assert_eq!(of(&first).len(), 50, "{path}");
        let more = first.split(&format!("{path}?")).nth(1).and_then(|it| it.split('"').next()).expect("more");
        let second = mei.get(&daemon, &format!("{path}?{}", more.replace("&amp;", "&"))).await.text();
        assert_eq!(of(&second).len(), 10, "{path}: {second}");
        assert!(!second.contains(&format!("{path}?")), "there is no third page");
        let mut all = [of(&first), of(&second)].concat();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 60, "each once");
    }
}

#[tokio::test]
async fn an_order_shows_its_parcels_what_was_told_and_takes_a_remark() {
    let (shop, daemon, platform) = staffed().await;
    daemon.say("m1", "ana", "hello").await;
    order(&daemon, "o1", "order.placed", "A1", "ana").await;
    order(&daemon, "o2", "order.paid", "A1", "ana").await;
    order(&daemon, "o3", "order.placed", "B7", "ana").await;
    let (mei, wu) = (Colleague::joined(&shop, &daemon, "mei").await, Colleague::joined(&shop, &daemon, "wu").await);
    let path = "/console/orders/shop/A1";
    let remark = format!("{path}/remark");
    assert_eq!(mei.submit(&daemon, &remark, &[("text", " ")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // On the order whose page it is, though another is newer; by the warehouse as well, whose role has it.
    let done = wu.submit(&daemon, &remark, &[("text", "fragile")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let kept = daemon.admin(Method::GET, "/v1/customers/shop/ana").await.json();
    for it in kept["orders"].as_array().unwrap() {
        let expected = if it["id"] == "A1" { json!(["fragile"]) } else { json!([]) };
        assert_eq!(it["remarks"], expected, "{it}");
    }
    let shipped = json!({ "id": "A1", "chat_id": "ana",
        "shipment": { "carrier": "SF", "tracking_number": "SF100200", "tracking_url": "https://sf.example/SF100200" } });
    daemon.order("o4", "order.shipped", shipped).await;
    eventually("the news", async || {
        // What is told of an order's remark has no words of its own.
        let received = platform.received().into_iter().filter(|it| it.json()["data"]["text"].is_string());
        let said = replies(&received.collect::<Vec<_>>());
        said.iter().any(|(to, text)| to == "ana" && text.contains("SF100200")).then_some(())
    })
    .await;
    let page = mei.get(&daemon, path).await.text();
    for part in
        ["SF100200", "https://sf.example/SF100200", "on its way", "fragile", "Order A1: shipped", "Order A1: paid"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("Order B7"), "another order's events: {page}");
    assert!(!page.contains(&remark), "it has left");
    let late = mei.submit(&daemon, &remark, &[("text", "too late")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text());
    // The warehouse sees the order, and not what is said to the customer.
    let page = wu.get(&daemon, path).await.text();
    assert!(
        page.contains("SF100200") && !page.contains("class=\"bubble\"") && !page.contains("/console/conversations/"),
        "{page}"
    );
    for (query, found) in [("?q=a1", true), ("?q=B-7", false), ("?status=shipped", true), ("?status=placed", false)] {
        let list = mei.get(&daemon, &format!("/console/orders{query}")).await.text();
        assert_eq!(list.contains("href=\"/console/orders/shop/A1\""), found, "{query}: {list}");
    }
    assert_eq!(mei.get(&daemon, "/console/orders/shop/nothing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_may_not_see_contacts_orders_or_phrases_is_refused_at_each_page_and_deed() {
    let (shop, daemon, _platform) = staffed().await;
    daemon.say("m1", "ana", "hello").await;
    order(&daemon, "o1", "order.placed", "A1", "ana").await;
    let ana = contact(&daemon, "ana").await;
    let text = fs::read_to_string(shop.config().join("store.toml")).unwrap();
    shop.write(
        "store.toml",
        &format!("{text}\n[[role]]\nname = \"nothing\"\nmay = []\n[[person]]\nname = \"guest\"\nrole = \"nothing\"\n"),
    );
    let reloaded = shop.run(&["reload"]);
    assert!(reloaded.status.success(), "{}", String::from_utf8_lossy(&reloaded.stderr));
    let (guest, wu) = (Colleague::joined(&shop, &daemon, "guest").await, Colleague::joined(&shop, &daemon, "wu").await);
    let before =
        (one(&daemon, &ana).await, daemon.admin(Method::GET, "/v1/customers/shop/ana").await.json()["orders"].clone());
    let contact = format!("/console/contacts/{ana}");
    for path in [
        "/console/contacts",
        &contact,
        &format!("{contact}/erase"),
        "/console/phrases",
        "/console/phrases/new",
        "/console/phrases/code/x",
    ] {
        assert_eq!(guest.get(&daemon, path).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(wu.get(&daemon, path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for path in ["/console/orders", "/console/orders/shop/A1", "/console/tickets/X"] {
        assert_eq!(guest.get(&daemon, path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let fields = [
        ("note", "x"),
        ("name", "x"),
        ("tag", "x"),
        ("untag", "x"),
        ("other", "x"),
        ("off", "x"),
        ("sure", "yes"),
        ("text", "x"),
    ];
    for deed in ["note", "name", "tag", "untag", "merge", "split", "erase"] {
        for who in [&guest, &wu] {
            let answer = who.submit(&daemon, &format!("{contact}/{deed}"), &fields).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{deed}");
        }
    }
    assert_eq!(guest.submit(&daemon, "/console/orders/shop/A1/remark", &fields).await.status, StatusCode::FORBIDDEN);
    let phrase = [("code", "x"), ("text:en", "x")];
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    for who in [&guest, &wu, &mei] {
        assert_eq!(who.submit(&daemon, "/console/phrases/compare", &phrase).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(mei.get(&daemon, "/console/phrases").await.status, StatusCode::OK, "who answers reads them");
    let after =
        (one(&daemon, &ana).await, daemon.admin(Method::GET, "/v1/customers/shop/ana").await.json()["orders"].clone());
    assert_eq!(before, after);
}

/// The value of a hidden text of a form.
fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" aria-hidden=\"true\" tabindex=\"-1\">")).expect(name);
    let text = rest.split_once("</textarea>").unwrap().0.trim_start_matches('\n');
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[tokio::test]
async fn quick_phrases_are_added_changed_and_removed_in_the_file_after_a_look_at_the_difference() {
    let (shop, daemon, platform) = staffed().await;
    let file = shop.config().join("phrases.toml");
    const TEXT: &str = "# Ours, by heart.\n[quick.hours]\nen = \"From 9 to 18.\" # the calendar's\n";
    shop.write("phrases.toml", TEXT);
    assert!(shop.run(&["reload"]).status.success());
    let boss = Colleague::joined(&shop, &daemon, "boss").await;
    let compare = async |fields: &[(&str, &str)]| boss.submit(&daemon, "/console/phrases/compare", fields).await;
    let save = async |page: &str| {
        let fields = [("was", hidden(page, "was")), ("text", hidden(page, "text")), ("from", "phrases".to_owned())];
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        boss.submit(&daemon, "/console/files/phrases.toml/save", &fields).await
    };
    assert!(boss.get(&daemon, "/console/phrases").await.text().contains("From 9 to 18."));
    // What is wrong says so, and keeps what was typed.
    for (fields, why) in [
        (&[("code", "two words"), ("text:en", "typed by hand")][..], "cannot be typed as a code"),
        (&[("code", "ship"), ("text:en", "typed by hand {{ nonsense")], "template"),
        (&[("code", "hours"), ("text:en", "typed by hand")], "of this code already"),
    ] {
        let answer = compare(fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}: {}", answer.text());
        assert!(answer.text().contains(why) && answer.text().contains("typed by hand"), "{why}: {}", answer.text());
    }
    assert_eq!(compare(&[("code", "ship"), ("text:en", " ")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(fs::read_to_string(&file).unwrap(), TEXT);
    // Added: shown first, in force once it is saved, for a colleague to say.
    let page = compare(&[("code", "ship"), ("text:en", "We ship\r\ntomorrow."), ("text:zh", "明天发货。")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(page.text().contains("<ins>") && fs::read_to_string(&file).unwrap() == TEXT);
    let saved = save(&page.text()).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
    assert_eq!(saved.headers["location"], "/console/phrases?saved=yes");
    assert!(fs::read_to_string(&file).unwrap().starts_with(TEXT));
    daemon.say("m1", "ana", "hello").await;
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    let said = mei.submit(&daemon, "/console/conversations/shop/ana/phrase", &[("code", "ship")]).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.text());
    eventually("the phrase", async || {
        replies(&platform.received()).contains(&("ana".to_owned(), "We ship\ntomorrow.".to_owned())).then_some(())
    })
    .await;
    // Changed: the comment beside it stays.
    let page = compare(&[("was", "hours"), ("code", "hours"), ("text:en", "From 10 to 18.")]).await.text();
    assert_eq!(save(&page).await.status, StatusCode::SEE_OTHER);
    let now = fs::read_to_string(&file).unwrap();
    assert!(now.contains("en = \"From 10 to 18.\" # the calendar's") && now.contains("by heart"), "{now}");
    // Whoever saves what somebody else changed meanwhile saves nothing.
    let stale = compare(&[("was", "ship"), ("code", "ship"), ("text:en", "Never.")]).await.text();
    shop.write("phrases.toml", &now.replace("by heart", "by hand"));
    assert_eq!(save(&stale).await.status, StatusCode::CONFLICT);
    assert!(!fs::read_to_string(&file).unwrap().contains("Never."));
    // Removed.
    let page = compare(&[("was", "ship"), ("code", "ship"), ("remove", "yes")]).await.text();
    assert_eq!(save(&page).await.status, StatusCode::SEE_OTHER);
    let now = fs::read_to_string(&file).unwrap();
    assert!(!now.contains("ship") && now.contains("[quick.hours]") && now.contains("by hand"), "{now}");
    assert_eq!(boss.get(&daemon, "/console/phrases/code/ship").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn each_thing_that_waits_leads_to_its_page() {
    let (shop, daemon, _platform) = staffed().await;
    daemon.say("m1", "ana", "I want to complain! My parcel never arrived!").await;
    order(&daemon, "o1", "order.cancelled", "A5", "").await;
    let tickets = daemon.admin(Method::GET, "/v1/tickets").await.json();
    let ticket = tickets[0]["id"].as_str().unwrap();
    let boss = Colleague::joined(&shop, &daemon, "boss").await;
    let now = boss.get(&daemon, "/console/").await.text();
    for path in ["/console/conversations/shop/ana", "/console/orders/shop/A5"] {
        assert!(now.contains(&format!("href=\"{path}\"")), "{path}: {now}");
        assert_eq!(boss.get(&daemon, path).await.status, StatusCode::OK, "{path}");
    }
    let single = format!("/console/tickets/{ticket}");
    assert!(boss.get(&daemon, "/console/tickets").await.text().contains(&format!("href=\"{single}\"")));
    assert!(boss.get(&daemon, &single).await.text().contains("never arrived"));
    boss.submit(&daemon, &format!("{single}/close"), &[]).await;
    let closed = boss.get(&daemon, &single).await.text();
    assert!(closed.contains("Closed") && !closed.contains(&format!("{single}/close")), "{closed}");
}
