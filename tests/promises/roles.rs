//! What each permission opens on the console: every page and every deed, one by one, to those alone whose role has it.

use std::collections::BTreeSet;

use crate::harness::{
    desk::{Colleague, staff},
    generic::shop_talking_to,
    platform::Platform,
};
use http::{Method, StatusCode};
use serde_json::json;

/// A route of the console, an address on it, and what opens it: any one of these sets of permissions.
struct Door {
    method: Method,
    route: &'static str,
    address: String,
    opened_by: &'static [&'static [&'static str]],
}

/// Whoever is signed in.
const ANYBODY: &[&[&str]] = &[&[]];
/// Who reads conversations.
const READERS: &[&[&str]] = &[&["answer"], &["monitor"]];
const ANSWER: &[&[&str]] = &[&["answer"]];
const TICKETS: &[&[&str]] = &[&["tickets"]];
const CONTACTS: &[&[&str]] = &[&["contacts"]];
const ORDERS: &[&[&str]] = &[&["orders"]];
const SETTINGS: &[&[&str]] = &[&["settings"]];

/// Every door of the console beside the one it is entered by. What would reach a customer, a file or a colleague is asked of
/// one that is not there: who may is told so.
fn doors(contact: &str, ticket: &str) -> Vec<Door> {
    let get = |route, address: &str, opened_by| Door { method: Method::GET, route, address: address.into(), opened_by };
    let post =
        |route, address: &str, opened_by| Door { method: Method::POST, route, address: address.into(), opened_by };
    let deed = "/console/conversations/{channel}/{chat}/{deed}";
    let of_contact = "/console/contacts/{id}/{deed}";
    let contact_deed = |name: &str| format!("/console/contacts/{contact}/{name}");
    vec![
        get("/console/", "/console/", ANYBODY),
        get("/console/now", "/console/now", ANYBODY),
        get("/console/more", "/console/more", ANYBODY),
        get("/console/conversations", "/console/conversations", READERS),
        get("/console/conversations/fresh", "/console/conversations/fresh", READERS),
        get("/console/conversations/{channel}/{chat}", "/console/conversations/shop/ana", READERS),
        get("/console/conversations/{channel}/{chat}/fresh", "/console/conversations/shop/ana/fresh", READERS),
        get(
            "/console/conversations/{channel}/{chat}/media/{event}/{index}",
            "/console/conversations/shop/ana/media/1/0",
            READERS,
        ),
        get("/console/pictures/{visitor}/{file}", "/console/pictures/a/b.png", READERS),
        get("/console/explain/{reference}", "/console/explain/1", READERS),
        post(deed, "/console/conversations/shop/nobody/say", ANSWER),
        post(deed, "/console/conversations/shop/nobody/phrase", ANSWER),
        post(deed, "/console/conversations/shop/nobody/take", ANSWER),
        post(deed, "/console/conversations/shop/nobody/return", ANSWER),
        post(deed, "/console/conversations/shop/nobody/close", ANSWER),
        post(deed, "/console/conversations/shop/nobody/transfer", &[&["transfer"]]),
        post(deed, "/console/conversations/shop/nobody/note", &[&["note"]]),
        post(deed, "/console/conversations/shop/nobody/remark", &[&["remark"]]),
        post(deed, "/console/conversations/shop/nobody/tag", &[&["tag"]]),
        post(deed, "/console/conversations/shop/nobody/untag", &[&["tag"]]),
        get("/console/tickets", "/console/tickets", TICKETS),
        get("/console/tickets/{id}", &format!("/console/tickets/{ticket}"), TICKETS),
        post("/console/tickets/{id}/{deed}", "/console/tickets/T-NONE/take", TICKETS),
        post("/console/tickets/{id}/{deed}", "/console/tickets/T-NONE/close", TICKETS),
        get("/console/contacts", "/console/contacts", CONTACTS),
        get("/console/contacts/{id}", &format!("/console/contacts/{contact}"), CONTACTS),
        get("/console/contacts/{id}/erase", &contact_deed("erase"), &[&["contacts", "settings"]]),
        post("/console/contacts/{id}/erase", &contact_deed("erase"), &[&["contacts", "settings"]]),
        post(of_contact, &contact_deed("name"), CONTACTS),
        post(of_contact, &contact_deed("merge"), CONTACTS),
        post(of_contact, &contact_deed("split"), CONTACTS),
        post(of_contact, &contact_deed("note"), &[&["contacts", "note"]]),
        post(of_contact, &contact_deed("tag"), &[&["contacts", "tag"]]),
        post(of_contact, &contact_deed("untag"), &[&["contacts", "tag"]]),
        get("/console/orders", "/console/orders", ORDERS),
        get("/console/orders/{shop}/{id}", "/console/orders/shop/O-1", ORDERS),
        post("/console/orders/{shop}/{id}/remark", "/console/orders/shop/O-1/remark", &[&["orders", "remark"]]),
        get("/console/mail", "/console/mail", ANSWER),
        post("/console/mail/{id}/{deed}", "/console/mail/999/retry", ANSWER),
        post("/console/mail/{id}/{deed}", "/console/mail/999/drop", ANSWER),
        post("/console/channels/{id}/resume", "/console/channels/none/resume", SETTINGS),
        get("/console/plugins", "/console/plugins", SETTINGS),
        get("/console/plugins/{name}", "/console/plugins/greeting", SETTINGS),
        post("/console/plugins/{name}/{deed}", "/console/plugins/none/disable", SETTINGS),
        get("/console/files", "/console/files", SETTINGS),
        get("/console/files/{file}", "/console/files/rules.toml", SETTINGS),
        post("/console/files/{file}/check", "/console/files/none.toml/check", SETTINGS),
        post("/console/files/{file}/compare", "/console/files/none.toml/compare", SETTINGS),
        post("/console/files/{file}/edit", "/console/files/none.toml/edit", SETTINGS),
        post("/console/files/{file}/save", "/console/files/none.toml/save", SETTINGS),
        get("/console/phrases", "/console/phrases", &[&["answer"], &["settings"]]),
        get("/console/phrases/new", "/console/phrases/new", SETTINGS),
        get("/console/phrases/code/{code}", "/console/phrases/code/none", SETTINGS),
        post("/console/phrases/compare", "/console/phrases/compare", SETTINGS),
        get("/console/figures", "/console/figures", &[&["figures"]]),
        get("/console/people", "/console/people", SETTINGS),
        post("/console/people/{name}/{deed}", "/console/people/none/revoke", SETTINGS),
        get("/console/audit", "/console/audit", &[&["monitor"]]),
    ]
}

/// What is there for everybody, signed in or not.
const ENTRANCE: [&str; 6] = [
    "/console/assets/{file}",
    "/console/sign-in",
    "/console/sign-out",
    "/console/language/{tag}",
    "/console/join/{token}",
    "/console",
];

/// The permissions that roles are made of.
const PERMISSIONS: [&str; 12] = [
    "answer",
    "transfer",
    "note",
    "remark",
    "tag",
    "take-over",
    "tickets",
    "contacts",
    "orders",
    "figures",
    "monitor",
    "settings",
];

#[tokio::test]
async fn every_page_and_every_deed_of_the_console_is_for_the_permissions_that_it_names_alone() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    staff(&shop);
    // One person who may do nothing, one for each permission, and one for each set that only opens something together.
    let mut roles: BTreeSet<Vec<&str>> = PERMISSIONS.iter().map(|it| vec![*it]).collect();
    roles.insert(Vec::new());
    roles.extend(doors("", "").iter().flat_map(|door| door.opened_by).map(|set| set.to_vec()));
    let mut people = std::fs::read_to_string(shop.config().join("store.toml")).unwrap();
    for may in &roles {
        let name = format!("p-{}", may.join("-"));
        people += &format!("[[role]]\nname = \"{name}\"\nmay = {may:?}\n");
        people += &format!("[[person]]\nname = \"{name}\"\ntitle = \"P\"\nrole = \"{name}\"\n");
    }
    shop.write("store.toml", &people);
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "this is a complaint, the cup is broken").await;
    let order = json!({ "id": "O-1", "chat_id": "ana", "total": "89.00", "currency": "CNY" });
    daemon.order("placed", "order.placed", order).await;
    let view = daemon.admin(Method::GET, "/v1/contacts/shop%2Fana").await.json();
    let contact = view["contact"]["id"].as_str().expect("Ana is a contact").to_owned();
    let tickets = daemon.admin(Method::GET, "/v1/tickets").await.json();
    let ticket = tickets[0]["id"].as_str().unwrap_or_else(|| panic!("{tickets}")).to_owned();
    let doors = doors(&contact, &ticket);
    let stranger = Colleague::stranger(&daemon);
    for Door { method, address, .. } in &doors {
        let answer = match *method {
            Method::GET => stranger.get(&daemon, address).await,
            _ => stranger.post(&daemon, address, &[]).await,
        };
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "a stranger at {method} {address}");
        assert!(answer.headers["location"].to_str().unwrap().starts_with("/console/sign-in"), "{address}");
    }
    for may in &roles {
        let colleague = Colleague::joined(&shop, &daemon, &format!("p-{}", may.join("-"))).await;
        let token = colleague.form_token(&daemon).await;
        for Door { method, address, opened_by, .. } in &doors {
            let answer = match *method {
                Method::GET => colleague.get(&daemon, address).await,
                _ => {
                    let fields =
                        [("form-token", token.as_str()), ("text", "x"), ("code", "x"), ("to", "sales"), ("tag", "x")];
                    colleague.post(&daemon, address, &fields).await
                }
            };
            let opens = opened_by.iter().any(|set| set.iter().all(|it| may.contains(it)));
            let refused = answer.status == StatusCode::FORBIDDEN;
            assert_eq!(!refused, opens, "{may:?} at {method} {address}: {}", answer.status);
            assert!(!refused || !answer.text().contains("broken"), "a refusal shows nothing of the conversation");
            assert!(!answer.status.is_server_error(), "{may:?} at {method} {address}: {}", answer.text());
        }
    }
}

/// A page that is added is held to its permission by the promise above, or this fails.
#[test]
fn no_door_of_the_console_is_left_out() {
    let doors = doors("", "");
    let known: BTreeSet<&str> = doors.iter().map(|door| door.route).chain(ENTRANCE).collect();
    let routes = include_str!("../../src/http/console/mod.rs").split(".route(\"").skip(1);
    let routes: BTreeSet<&str> = routes.filter_map(|rest| rest.split('"').next()).filter(|it| *it != "/").collect();
    assert_eq!(known, routes);
}
