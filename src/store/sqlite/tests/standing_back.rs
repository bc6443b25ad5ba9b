use super::*;

/// Commits `decided` on the rows as they are, so that the log keeps the way back.
fn change(site: &Site, decided: Decided) -> i64 {
    let conversation = site.conversation_of(&decided.event.address.chat);
    let orders: Vec<_> = decided.decision.orders.iter().map(|order| site.order_as_it_is(&order.id)).collect();
    let decided = orders.into_iter().fold(decided.resting_on(conversation), Decided::resting_on);
    site.keep(decided).0
}

#[test]
fn every_row_can_be_stood_back_at_any_moment_the_log_reaches() {
    let site = Site::new();
    let mut events = Vec::new();
    for number in 0..20_u64 {
        let mut decided = message(&format!("m{number}"), "ana").having_received(number).about("shop", "A1").noting(
            "p",
            "count",
            (number % 4 != 3).then(|| number.to_string()).as_deref().map(str::as_bytes),
        );
        decided.decision.orders[0].reminders = number as u32;
        events.push(change(&site, decided));
        change(&site, message(&format!("other{number}"), "ben").having_received(100));
    }
    for (number, event_id) in events.iter().enumerate() {
        let before = number.checked_sub(1);
        let conversation = wait(site.store.conversation_before(&chat("ana"), *event_id)).unwrap();
        assert_eq!(conversation.map(|it| it.received), before.map(|it| it as u64));
        let order = wait(site.store.order_before("shop", "A1", *event_id)).unwrap();
        assert_eq!(order.map(|it| it.reminders), before.map(|it| it as u32));
        let value = wait(site.store.kv_before("p", "count", *event_id)).unwrap();
        let expected = before.filter(|it| it % 4 != 3).map(|it| it.to_string().into_bytes());
        assert_eq!(value, expected, "before event {number}");
    }
    let now = wait(site.store.conversation_before(&chat("ana"), i64::MAX)).unwrap();
    assert_eq!(now, site.store.conversation(&chat("ana")).unwrap().value);
}

#[test]
fn the_log_holds_no_words_twice_and_no_bytes_of_plugins() {
    let site = Site::new();
    let ticket = Action::OpenTicket {
        id: "T1".to_owned(),
        kind: "complaint".to_owned(),
        text: "words-of-the-ticket".to_owned(),
        urgency: crate::model::Urgency::Urgent,
    };
    let decided = message("m1", "ana")
        .replying("words-of-the-reply")
        .acting(Action::Reply { content: Content::text("words-of-the-reply") })
        .acting(ticket)
        .noting("p", "k", Some(b"bytes-of-the-plugin"));
    change(&site, decided);
    let count = |words: &str| {
        let sql = "SELECT count(*) FROM (SELECT event AS it FROM events UNION ALL SELECT decision FROM events
                   UNION ALL SELECT coalesce(undo, '') FROM events UNION ALL SELECT content FROM messages)
                   WHERE instr(it, ?1) > 0";
        site.beside().query_row(sql, (words,), |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(count("words-of-the-reply"), 1);
    assert_eq!(count("words-of-the-ticket"), 0);
    assert_eq!(count("bytes-of-the-plugin"), 0);
    assert_eq!(count("你好"), 1, "what the customer said stands in the event alone");
}

#[test]
fn a_message_costs_few_bytes_beyond_its_own() {
    let site = Site::new();
    let words = "Do you ship abroad? My address is in Lisbon. ".repeat(20);
    for number in 0..200 {
        let mut decided = message(&format!("m{number}"), "ana").having_received(number).replying("Yes, we do.");
        if let EventKind::Message(message) = &mut decided.event.kind {
            message.text = Some(words.clone());
        }
        change(&site, decided);
    }
    site.store.close();
    let bytes = std::fs::metadata(site.path()).unwrap().len();
    // The design's bar: below 2.5 times its own bytes plus 1 kB.
    let bar = 200 * (5 * words.len() as u64 / 2 + 1000);
    assert!(bytes < bar, "{bytes} bytes for 200 messages of {}; the bar is {bar}", words.len());
}
