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
