use super::*;

pub fn a_key_that_has_expired_is_not_there_though_its_row_may_be<P: Place>() {
    let site = Site::<P>::new();
    let mut decided = message("m1", "ana").noting("p", "a/1", Some(b"1")).noting("p", "a/2", Some(b"2"));
    decided.decision.kv[0].expires_ms = Some(100);
    site.keep(decided);
    assert_eq!(site.store.kv("p", "a/1", 99).unwrap().value.as_deref(), Some(&b"1"[..]));
    assert_eq!(site.store.kv("p", "a/1", 100).unwrap().value, None);
    assert_eq!(site.store.kv_keys("p", "a/", "", 99, 10).unwrap(), ["a/1", "a/2"]);
    assert_eq!(site.store.kv_keys("p", "a/", "", 100, 10).unwrap(), ["a/2"]);
    assert_eq!(site.store.kv_keys("p", "a/", "a/1", 0, 10).unwrap(), ["a/2"]);
    assert_eq!(site.store.kv_keys("p", "b", "", 0, 10).unwrap(), [""; 0]);
    assert_eq!(site.store.kv_keys("q", "", "", 0, 10).unwrap(), [""; 0]);
}

pub fn an_export_holds_all_of_one_customer_and_nothing_of_another<P: Place>() {
    let site = Site::<P>::new();
    site.keep(message("m1", "ana").replying("hello").about("shop", "A1").filing("T1").having_received(1));
    site.keep(message("m2", "ben").replying("secret of ben"));
    site.keep(message("m3", "ana").replying("bye").having_received(2));
    let export = wait(site.store.export(&chat("ana"))).unwrap().unwrap();
    assert_eq!(export.events.iter().map(|it| it.event.dedupe.as_str()).collect::<Vec<_>>(), ["m1", "m3"]);
    assert_eq!((export.orders.len(), export.tickets.len()), (1, 1));
    assert_eq!(export.conversation.as_ref().map(|it| it.received), Some(2));
    let text = serde_json::to_string(&export).unwrap();
    assert!(text.contains("hello") && text.contains("你好") && !text.contains("secret of ben"), "{text}");
    assert_eq!(wait(site.store.export(&chat("nobody"))).unwrap(), None);
}

pub fn what_a_platform_says_later_is_kept_with_the_message<P: Place>() {
    let site = Site::<P>::new();
    let (_, queued) = site.keep(message("m1", "ana").replying("1").replying("2").replying("3"));
    let report = |id: &str, status: &str, at_ms| crate::store::Report {
        channel: "shop".to_owned(),
        platform_id: id.to_owned(),
        status: status.to_owned(),
        error: (status == "failed").then(|| "131026: cannot be delivered".to_owned()),
        at_ms,
    };
    // One report overtakes the message's own settlement.
    wait(site.store.report(report("p1", "failed", 5))).unwrap();
    for (message, id) in queued.iter().zip(["p1", "p2", "p3"]) {
        site.settle(message.id, sent(Some(id)));
    }
    for (id, status, at_ms) in [("p2", "delivered", 6), ("p2", "read", 7), ("p2", "delivered", 9), ("p3", "sent", 6)] {
        wait(site.store.report(report(id, status, at_ms))).unwrap();
    }
    let message = |index: usize| wait(site.store.message(queued[index].id)).unwrap().unwrap();
    assert_eq!(message(0).state, MessageState::Dead);
    assert_eq!(message(0).last_error.as_deref(), Some("131026: cannot be delivered"));
    assert_eq!((message(1).delivery.delivered_ms, message(1).delivery.read_ms), (Some(6), Some(7)));
    assert_eq!(message(2).state, MessageState::Sent);
    wait(site.store.report(report("p2", "failed", 10))).unwrap();
    assert_eq!(message(1).state, MessageState::Sent, "what was read has arrived");
}

pub fn a_contact_is_forgotten_at_all_of_its_addresses<P: Place>() {
    let site = Site::<P>::new();
    site.keep(message("m1", "ana").replying("one").having_received(1));
    let mut nobodys = message("o1", "").about("shop", "A1");
    nobodys.event =
        event("o1", "", EventKind::Order(crate::model::OrderEvent { order_id: "A1".to_owned(), ..Default::default() }))
            .event;
    nobodys.decision.orders[0].contact = Some("C1".to_owned());
    site.keep(nobodys);
    site.keep(message("o2", "").replying("of another"));
    let mut known = message("m2", "ana2").replying("two").knowing("C1", &["a@example.com"]);
    known.decision.contacts[0].addresses.push(chat("ana"));
    site.keep(known);
    site.keep(message("m3", "ben").replying("of ben"));
    let person = wait(site.store.person(PersonAt::Address(chat("ana")))).unwrap();
    assert_eq!(person, wait(site.store.person(PersonAt::Contact("C1".to_owned()))).unwrap());
    assert_eq!((person.contact.as_deref(), person.addresses.len()), (Some("C1"), 3));
    let forgotten = wait(site.store.forget(&person, |address| address.chat.clone())).unwrap();
    assert_eq!((forgotten.contacts, forgotten.events, forgotten.orders), (1, 3, 1));
    assert_eq!(site.store.contact("C1").unwrap().value, None);
    assert_eq!(site.store.contact_by(&ContactKey::Email("a@example.com".to_owned())).unwrap(), None);
    for gone in ["ana", "ana2"] {
        assert_eq!(wait(site.store.export(&chat(gone))).unwrap(), None);
    }
    for there in ["ben", ""] {
        assert_eq!(wait(site.store.export(&chat(there))).unwrap().unwrap().events.len(), 1, "{there:?}");
    }
    let nobody = Person { contact: None, addresses: vec![chat("ana")] };
    assert_eq!(wait(site.store.person(PersonAt::Address(chat("ana")))).unwrap(), nobody);
}

pub fn a_contacts_orders_are_those_of_all_its_addresses_and_parts<P: Place>() {
    let site = Site::<P>::new();
    for (dedupe, name, order, contact) in [
        ("m1", "ana", "A1", None),
        ("m2", "ana2", "A2", Some("C1")),
        ("m3", "", "A3", Some("C2")),
        ("m4", "ben", "B1", Some("C3")),
    ] {
        let mut decided = message(dedupe, name).about("shop", order);
        decided.decision.orders[0].contact = contact.map(str::to_owned);
        site.keep(decided);
    }
    let mut part = message("m5", "ana").knowing("C1", &[]).knowing("C2", &[]);
    part.decision.contacts[1].merged_into = Some("C1".to_owned());
    site.keep(part);
    let found = site.store.orders_of_contact("C1", &chat("ana"), 10).unwrap();
    let ids: Vec<_> = found.into_iter().filter_map(|it| it.value).map(|it| it.id).collect();
    assert_eq!(ids, ["A3", "A2", "A1"]);
}

pub fn who_held_a_forgotten_customers_conversation_is_forgotten_too<P: Place>() {
    let site = Site::<P>::new();
    let holding = |names: &[&str]| {
        let holds: Vec<_> =
            names.iter().map(|name| serde_json::json!({ "address": chat(name), "since_ms": 1 })).collect();
        serde_json::json!({ "holds": holds }).to_string().into_bytes()
    };
    let key = "agent:mei";
    site.keep(message("m1", "ana").noting(DESK, key, Some(&holding(&["ana"]))));
    let (both, _) = site.keep(message("m2", "ben").noting(DESK, key, Some(&holding(&["ana", "ben"]))));
    let (after, _) = site.keep(message("m3", "ana").noting(DESK, key, Some(&holding(&["ben"]))));
    let (last, _) = site.keep(message("m4", "ben").noting(DESK, key, Some(&holding(&[]))));
    let before = |id| wait(site.store.kv_before(DESK, key, id)).unwrap();
    assert_eq!(before(after), Some(holding(&["ana", "ben"])));
    let ana = Person { contact: None, addresses: vec![chat("ana")] };
    wait(site.store.forget(&ana, |address| address.chat.clone())).unwrap();
    for id in [both, after, last] {
        let row = before(id).map(String::from_utf8).transpose().unwrap().unwrap_or_default();
        assert!(!row.contains("ana"), "{row}");
    }
}
