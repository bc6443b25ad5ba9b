use super::*;

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
        if let EventKind::Message(message) = &mut std::sync::Arc::make_mut(&mut decided.event).kind {
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
