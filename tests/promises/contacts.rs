//! Customers as persons: what the clerk promises of contacts, on the running daemon.

use std::fs;

use crate::harness::{
    Daemon, Shop, eventually,
    generic::{replies, shop_talking_to},
    platform::Platform,
};
use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Value, json};

const TERMS: &str = r#"
    [[tier]]
    name = "gold"
    orders = 3
    spent = "CNY 100"
    within = "365d"
    [[tier]]
    name = "silver"
    orders = 1
    [[group]]
    name = "regulars"
    orders = 2
"#;

/// A shop with terms for tiers, a rule for one of them, and no notices that would be in the way.
fn shop_with_terms(platform: &Platform) -> Shop {
    let shop = shop_talking_to(platform);
    shop.write("contacts.toml", TERMS);
    shop.write(
        "rules.toml",
        r#"
        gather = "0s"
        [[rule]]
        id = "lounge"
        any = ["lounge"]
        priority = 50
        when = { tier = "gold", group = "regulars" }
        text = "The golden lounge is open for you."
        "#,
    );
    shop
}

fn paid(id: &str, chat: Option<&str>, customer: Value, total: &str) -> Value {
    let mut order = json!({ "id": id, "customer": customer, "total": total, "currency": "CNY" });
    if let Some(chat) = chat {
        order["chat_id"] = chat.into();
    }
    order
}

async fn contact(daemon: &Daemon, reference: &str) -> Value {
    let answer = daemon.admin(Method::GET, &format!("/v1/contacts/{}", reference.replace('/', "%2F"))).await;
    assert_eq!(answer.status, StatusCode::OK, "{reference}: {}", answer.text());
    answer.json()["contact"].clone()
}

async fn contacts(daemon: &Daemon, query: &str) -> Vec<Value> {
    let answer = daemon.admin(Method::GET, &format!("/v1/contacts{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["contacts"].as_array().unwrap().clone()
}

fn run(shop: &Shop, arguments: &[&str]) -> Result<String, String> {
    let output = shop.run(arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[tokio::test]
async fn one_person_on_two_chats_is_one_contact_whose_tags_tier_and_orders_hold_in_both() {
    let platform = Platform::start().await;
    let shop = shop_with_terms(&platform);
    let daemon = shop.start().await;
    daemon.say("m1", "ana-phone", "hello").await;
    daemon.say("m2", "ana-web", "hello").await;
    assert_eq!(contacts(&daemon, "").await.len(), 2);
    let account = || json!({ "id": "7", "email": "Ana@Example.com" });
    daemon.order("e1", "order.paid", paid("A1", Some("ana-phone"), account(), "40.00")).await;
    daemon.order("e2", "order.paid", paid("A2", Some("ana-web"), account(), "40.00")).await;
    let one = contact(&daemon, "ana@example.com").await;
    assert_eq!(contacts(&daemon, "").await.len(), 1, "the shop knows that they are one");
    assert_eq!((one["tier"].as_str(), one["groups"][0].as_str()), (Some("silver"), Some("regulars")));
    daemon.order("e3", "order.paid", paid("A3", Some("ana-web"), json!({}), "20.00")).await;
    for chat in ["shop/ana-phone", "shop/ana-web", "shop/7"] {
        let known = contact(&daemon, chat).await;
        assert_eq!((known["id"].clone(), known["tier"].as_str()), (one["id"].clone(), Some("gold")), "{chat}");
    }
    // The chat in which the last order was not reported knows the tier as well, and the orders of the other.
    daemon.say("m3", "ana-phone", "is the lounge open?").await;
    eventually("the golden answer", async || {
        replies(&platform.received())
            .iter()
            .any(|it| it == &("ana-phone".to_owned(), "The golden lounge is open for you.".to_owned()))
            .then_some(())
    })
    .await;
    // A refund in whole takes it back.
    daemon.order("e4", "order.refund_settled", paid("A3", None, json!({}), "20.00")).await;
    assert_eq!(contact(&daemon, "shop/ana-phone").await["tier"], "silver");
    // Who wants no more messages wants none anywhere.
    daemon.say("m4", "ana-web", "STOP").await;
    assert_eq!(contact(&daemon, "shop/ana-phone").await["tags"], json!(["opted-out"]));
    let logged = daemon.admin(Method::GET, "/v1/customers/shop/ana-phone").await.json();
    let tags = logged["conversation"]["tags"].as_array().unwrap();
    assert!(tags.contains(&json!("opted-out")) && tags.contains(&json!("tier:silver")), "{tags:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn orders_of_one_person_that_come_at_once_in_different_chats_are_all_counted() {
    let platform = Platform::start().await;
    let shop = shop_with_terms(&platform);
    let daemon = std::sync::Arc::new(shop.start().await);
    for round in 0..20 {
        let mut coming = Vec::new();
        for number in 0..4 {
            let daemon = daemon.clone();
            coming.push(tokio::spawn(async move {
                let chat = format!("c{round}-{number}");
                let customer = json!({ "id": format!("account-{round}"), "email": format!("c{round}@example.com") });
                let order = paid(&format!("O{round}-{number}"), Some(&chat), customer, "30.00");
                daemon.order(&format!("e{round}-{number}"), "order.paid", order).await;
            }));
        }
        for it in coming {
            it.await.unwrap();
        }
        let one = contact(&daemon, &format!("c{round}@example.com")).await;
        assert_eq!(one["purchases"].as_array().unwrap().len(), 4, "round {round}: {one}");
        assert_eq!((one["tier"].as_str(), one["addresses"].as_array().unwrap().len()), (Some("gold"), 4));
    }
    assert_eq!(contacts(&daemon, "?limit=1000").await.len(), 20);
    assert_eq!(contacts(&daemon, "?tier=gold&limit=7").await.len(), 7);
}

#[tokio::test]
async fn a_report_that_names_no_chat_reaches_who_wrote_before() {
    let platform = Platform::start().await;
    let shop = shop_with_terms(&platform);
    shop.write("orders.toml", "[notices]\nallowed = \"00:00-24:00\"\n");
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "hello").await;
    daemon.order("e1", "order.paid", paid("A1", Some("ana"), json!({ "email": "ana@example.com" }), "40.00")).await;
    // Ordered as a guest: no chat, only the same e-mail address.
    daemon.order("e2", "order.paid", paid("A2", None, json!({ "email": "ana@example.com" }), "40.00")).await;
    daemon
        .order(
            "e3",
            "order.shipped",
            json!({ "id": "A2", "shipment": { "carrier": "SF", "tracking_number": "SF123456" } }),
        )
        .await;
    eventually("the shipping notice", async || {
        replies(&platform.received())
            .iter()
            .any(|(chat, text)| chat == "ana" && text.contains("SF123456"))
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn people_note_tag_merge_and_part_contacts_and_the_log_leads_back() {
    let platform = Platform::start().await;
    let shop = shop_with_terms(&platform);
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "hello").await;
    daemon.say("m2", "bo", "hello").await;
    daemon.order("e1", "order.paid", paid("B1", Some("bo"), json!({ "email": "bo@example.com" }), "200.00")).await;
    run(&shop, &["contact", "note", "shop/ana", "asks for the window seat"]).unwrap();
    run(&shop, &["contact", "tag", "shop/ana", "vip"]).unwrap();
    run(&shop, &["contact", "name", "shop/ana", "Ana Li"]).unwrap();
    run(&shop, &["contact", "merge", "shop/ana", "bo@example.com"]).unwrap();
    let one = contact(&daemon, "shop/bo").await;
    assert_eq!((one["name"].as_str(), one["tier"].as_str()), (Some("Ana Li"), Some("silver")));
    let kept = daemon.admin(Method::GET, "/v1/customers/shop/bo").await.json();
    assert!(kept["conversation"]["tags"].as_array().unwrap().contains(&json!("vip")), "{kept}");
    let shown = run(&shop, &["contact", "show", "shop/bo"]).unwrap();
    assert!(
        shown.contains("window seat") && shown.contains("order shop/B1") && shown.contains("CNY 200.00"),
        "{shown}"
    );
    let part = one["parts"][0].as_str().unwrap();
    // And they were two people after all.
    run(&shop, &["contact", "split", "shop/ana", part]).unwrap();
    let (ana, bo) = (contact(&daemon, "shop/ana").await, contact(&daemon, "shop/bo").await);
    assert_ne!(ana["id"], bo["id"]);
    assert_eq!((ana["tier"].as_str(), bo["tier"].as_str()), (None, Some("silver")));
    assert_eq!((ana["tags"].clone(), bo["tags"].clone()), (json!(["vip"]), json!([])));
    let kept = daemon.admin(Method::GET, "/v1/customers/shop/bo").await.json();
    assert!(!kept["conversation"]["tags"].as_array().unwrap().contains(&json!("vip")), "{kept}");
    // What the shop knows makes them one no more.
    daemon.order("e2", "order.paid", paid("A1", Some("ana"), json!({ "email": "bo@example.com" }), "50.00")).await;
    assert_ne!(contact(&daemon, "shop/ana").await["id"], contact(&daemon, "bo@example.com").await["id"]);
    // A chat that is somebody else's is parted from them.
    daemon.order("e3", "order.paid", paid("B2", Some("bo-2"), json!({ "email": "bo@example.com" }), "50.00")).await;
    run(&shop, &["contact", "split", "bo@example.com", "shop/bo-2"]).unwrap();
    assert_ne!(contact(&daemon, "shop/bo-2").await["id"], contact(&daemon, "shop/bo").await["id"]);
    for wrong in [
        &["contact", "split", "shop/ana", "nobody@example.com"][..],
        &["contact", "merge", "shop/ana", "shop/ana"],
        &["contact", "show", "nobody@example.com"],
        &["contact", "tag", "shop/ana", "tier:gold"],
        &["contact", "tag", "shop/ana", "no-such", "--remove"],
    ] {
        assert!(run(&shop, wrong).is_err(), "{wrong:?}");
    }
    // Each of these is in the audit once, as what it was.
    let audit = daemon.admin(Method::GET, "/v1/audit").await.json();
    let done = |what: &str| {
        let all = audit.as_array().unwrap().iter();
        all.filter(|it| it["what"] == what && it["outcome"] == 200).count()
    };
    assert_eq!(["note", "tag", "name", "merge", "split", "part"].map(done), [1; 6], "{audit}");
    let unnamed = audit.as_array().unwrap().iter().any(|it| it["what"] == "contacts");
    assert!(!unnamed, "what was refused says as well what it was: {audit}");
}

#[tokio::test]
async fn a_list_is_brought_in_whole_or_not_at_all_and_is_handed_out_again() {
    let platform = Platform::start().await;
    let shop = shop_with_terms(&platform);
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "hello").await;
    let file = shop.data().join("list.csv");
    fs::write(&file, "name,emails,phones,addresses,tags\nBo,bo@example.com,,,wholesale\nCem,nothing,,,\n").unwrap();
    let why = run(&shop, &["contact", "import", file.to_str().unwrap()]).unwrap_err();
    assert!(why.contains("line 3") && why.contains("nothing"), "{why}");
    assert_eq!(contacts(&daemon, "").await.len(), 1, "nothing was brought in");
    fs::write(
        &file,
        "name,emails,phones,addresses,tags\nBo,bo@example.com,+86 138 0013 8000,,wholesale\nAna Li,,,shop/ana,vip; tea\n",
    )
    .unwrap();
    for round in 0..2 {
        let said = run(&shop, &["contact", "import", file.to_str().unwrap()]).unwrap();
        assert!(said.contains(if round == 0 { "1 contacts are new" } else { "0 contacts are new" }), "{said}");
    }
    assert_eq!(contacts(&daemon, "?tag=wholesale").await.len(), 1);
    assert_eq!(contact(&daemon, "008613800138000").await["name"], "Bo");
    let kept = daemon.admin(Method::GET, "/v1/customers/shop/ana").await.json();
    assert_eq!(kept["conversation"]["tags"], json!(["vip", "tea"]));
    // An order of somebody in the list finds them.
    daemon.order("e1", "order.paid", paid("B1", Some("bo"), json!({ "email": "BO@example.com" }), "20.00")).await;
    assert_eq!(contact(&daemon, "shop/bo").await["tags"], json!(["wholesale"]));
    let out = shop.data().join("out.csv");
    run(&shop, &["contact", "export", out.to_str().unwrap()]).unwrap();
    let text = fs::read_to_string(&out).unwrap();
    assert!(text.starts_with("id,name,addresses,") && text.contains("shop/bo") && text.contains("CNY 20.00"), "{text}");
    let said = run(&shop, &["contact", "import", out.to_str().unwrap()]).unwrap();
    assert!(said.starts_with("2 lines: 0 contacts are new"), "{said}");
}

#[tokio::test]
async fn a_contact_is_forgotten_at_each_address_and_no_byte_of_them_is_left() {
    let platform = Platform::start().await;
    let shop = shop_with_terms(&platform);
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "hello").await;
    daemon.say("m2", "bo", "my name is Bosporus").await;
    let account = |email: &str| json!({ "name": "Zanzibara", "email": email, "phone": "+86 13800138042" });
    daemon.order("e1", "order.paid", paid("A1", Some("ana"), account("zebra@example.com"), "40.00")).await;
    daemon.order("e2", "order.paid", paid("A2", Some("ana-2"), account("zebra@example.com"), "40.00")).await;
    // Before it was known who that is.
    daemon.order("e3", "order.placed", paid("A3", None, json!({ "name": "Zanzibara" }), "40.00")).await;
    daemon.order("e4", "order.paid", paid("A3", Some("ana"), json!({ "email": "zebra@example.com" }), "40.00")).await;
    run(&shop, &["contact", "note", "zebra@example.com", "likes quetzal feathers"]).unwrap();
    let files = |words: &[&str]| {
        let mut found = Vec::new();
        for entry in fs::read_dir(shop.data()).unwrap().flatten().filter(|it| it.path().is_file()) {
            let bytes = fs::read(entry.path()).unwrap();
            for word in words {
                if bytes.windows(word.len()).any(|window| window == word.as_bytes()) {
                    found.push(format!("{word} in {}", entry.path().display()));
                }
            }
        }
        found
    };
    let words = ["zebra@example.com", "Zanzibara", "13800138042", "quetzal"];
    assert!(!files(&words).is_empty());
    let said = run(&shop, &["contact", "forget", "zebra@example.com"]).unwrap();
    assert!(said.contains("1 contacts") && said.contains("3 orders"), "{said}");
    assert_eq!(files(&words), [""; 0]);
    assert_eq!(contacts(&daemon, "").await.len(), 1);
    let kept = daemon.admin(Method::GET, "/v1/customers/shop/bo").await;
    assert!(kept.text().contains("Bosporus"));
    // Who comes back is somebody new.
    daemon.say("m9", "ana", "hello again").await;
    assert_eq!(contact(&daemon, "shop/ana").await["emails"], json!([]));
}

#[tokio::test]
async fn what_is_asked_of_contacts_wrongly_is_refused_in_words() {
    let platform = Platform::start().await;
    let shop = shop_with_terms(&platform);
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "hello").await;
    let post = async |path: &str, kind: &str, body: &str| {
        daemon.admin_with(Method::POST, path, kind, Bytes::from(body.to_owned())).await
    };
    let answer = post("/v1/contacts/shop%2Fana", "application/json", r#"{"deed":"note","text":"  "}"#).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer = post("/v1/contacts.csv", "text/csv", "name,emial\nBo,bo@example.com").await;
    assert!(
        answer.status == StatusCode::BAD_REQUEST && answer.text().contains("did you mean `emails`"),
        "{}",
        answer.text()
    );
    let answer = post("/v1/contacts/nobody", "application/json", r#"{"deed":"tag","tag":"vip"}"#).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_was_parted_from_a_contact_keeps_all_of_theirs_when_it_is_forgotten() {
    let platform = Platform::start().await;
    let shop = shop_with_terms(&platform);
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "hello").await;
    daemon.say("m2", "bo", "my parcel never arrived, I want to complain!!").await;
    run(&shop, &["contact", "merge", "shop/ana", "shop/bo"]).unwrap();
    run(&shop, &["contact", "split", "shop/ana", "shop/bo"]).unwrap();
    let (ana, bo) = (contact(&daemon, "shop/ana").await, contact(&daemon, "shop/bo").await);
    assert_eq!((ana["tickets"].as_array().unwrap().len(), bo["tickets"].as_array().unwrap().len()), (0, 1));
    // What had been made a part brings nothing back that is somebody else's by now.
    let part = ana["parts"][0].as_str().unwrap();
    run(&shop, &["contact", "split", "shop/ana", part]).unwrap();
    assert_eq!(contact(&daemon, "shop/bo").await["id"], bo["id"]);
    run(&shop, &["contact", "merge", "shop/ana", part]).unwrap();
    run(&shop, &["contact", "forget", "shop/ana"]).unwrap();
    let tickets = run(&shop, &["tickets"]).unwrap();
    assert!(tickets.contains("never arrived"), "{tickets}");
    let kept = daemon.admin(Method::GET, "/v1/customers/shop/bo").await.json();
    assert!(kept["events"].as_array().is_some_and(|it| !it.is_empty()), "{kept}");
    assert_eq!(daemon.admin(Method::GET, "/v1/customers/shop/ana").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_order_goes_with_the_chat_that_the_shop_named_for_it_when_two_people_are_told_apart() {
    let platform = Platform::start().await;
    let shop = shop_with_terms(&platform);
    shop.write("orders.toml", "[notices]\nallowed = \"00:00-24:00\"\n");
    let daemon = shop.start().await;
    let known = || json!({ "email": "family@example.com" });
    for (event, id, chat) in [("e1", "A1001", Some("ana")), ("e2", "B2001", Some("bo")), ("e3", "G3001", None)] {
        if let Some(chat) = chat {
            daemon.say(&format!("hello-{chat}"), chat, "hello").await;
        }
        // The last was ordered as a guest: it is spoken of with whoever wrote last.
        daemon.order(event, "order.paid", paid(id, chat, known(), "40.00")).await;
    }
    assert_eq!(contact(&daemon, "family@example.com").await["purchases"].as_array().unwrap().len(), 3);
    run(&shop, &["contact", "split", "family@example.com", "shop/bo"]).unwrap();
    let bought = |it: &Value| -> Vec<String> {
        it["purchases"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    let (ana, bo) = (contact(&daemon, "shop/ana").await, contact(&daemon, "shop/bo").await);
    assert_eq!((bought(&ana), bought(&bo)), (vec!["A1001".to_owned(), "G3001".to_owned()], vec!["B2001".to_owned()]));
    assert_eq!((ana["groups"].clone(), bo["groups"].clone()), (json!(["regulars"]), json!([])));
    // Each hears of their own, and of nothing else.
    for (event, id, number) in [("s1", "A1001", "SF-ANA"), ("s2", "B2001", "SF-BO"), ("s3", "G3001", "SF-GUEST")] {
        let shipment = json!({ "carrier": "SF", "tracking_number": number });
        daemon.order(event, "order.shipped", json!({ "id": id, "shipment": shipment })).await;
    }
    daemon.say("where-ana", "ana", "where is my order?").await;
    daemon.say("where-bo", "bo", "where is my order?").await;
    eventually("all notices and answers", async || {
        let all = replies(&platform.received());
        let told = |chat: &str, number: &str| all.iter().filter(|(to, it)| to == chat && it.contains(number)).count();
        let own = [told("ana", "SF-ANA"), told("ana", "SF-GUEST"), told("bo", "SF-BO")];
        own.iter().all(|it| *it >= 2).then_some(())
    })
    .await;
    platform.after_quiet().await;
    for (chat, text) in replies(&platform.received()) {
        let others: &[&str] = if chat == "bo" { &["A1001", "G3001"] } else { &["B2001"] };
        assert!(!others.iter().any(|it| text.contains(it)), "{chat}: {text}");
    }
    // Forgetting one leaves the other's.
    run(&shop, &["contact", "forget", "shop/ana"]).unwrap();
    assert_eq!(bought(&contact(&daemon, "shop/bo").await), ["B2001"]);
    let shown = run(&shop, &["contact", "show", "shop/bo"]).unwrap();
    assert!(shown.contains("B2001") && !shown.contains("G3001"), "{shown}");
}

#[tokio::test]
async fn a_list_that_was_exported_and_imported_again_changes_nothing() {
    let platform = Platform::start().await;
    let shop = shop_with_terms(&platform);
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "hello").await;
    daemon.order("e1", "order.paid", paid("A1", Some("ana"), json!({ "phone": "+86 138-0000-0000" }), "20.00")).await;
    for words in ["first note", "second; note\nof two lines, with \"quotes\"", "=1+1"] {
        run(&shop, &["contact", "note", "shop/ana", words]).unwrap();
    }
    run(&shop, &["contact", "name", "shop/ana", "'=Ana"]).unwrap();
    run(&shop, &["contact", "tag", "shop/ana", " big\nspender "]).unwrap();
    assert!(run(&shop, &["contact", "tag", "shop/ana", "a;b"]).is_err(), "it would be two when it is read again");
    let list = daemon.admin(Method::GET, "/v1/contacts.csv").await.body;
    // A spreadsheet ends lines in its own way.
    let saved = String::from_utf8(list.to_vec()).unwrap().replace('\n', "\r\n");
    for text in [list.clone(), Bytes::from(saved)] {
        let answer = daemon.admin_with(Method::POST, "/v1/contacts.csv", "text/csv", text).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let again = daemon.admin(Method::GET, "/v1/contacts.csv").await.body;
        assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&list));
    }
}
