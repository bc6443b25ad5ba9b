use super::*;

/// Commits `decided` on the rows as they are, so that the log keeps the way back.
pub fn change<P: Place>(site: &Site<P>, decided: Decided) -> i64 {
    let conversation = site.conversation_of(&decided.event.address.chat);
    let orders: Vec<_> = decided.decision.orders.iter().map(|order| site.order_as_it_is(&order.id)).collect();
    let decided = orders.into_iter().fold(decided.resting_on(conversation), Decided::resting_on);
    site.keep(decided).0
}

pub fn every_row_can_be_stood_back_at_any_moment_the_log_reaches<P: Place>() {
    let site = Site::<P>::new();
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

pub fn a_contact_that_was_made_a_part_of_another_is_stood_back<P: Place>() {
    let site = Site::<P>::new();
    let rest = |decided: Decided| {
        let ids: Vec<String> = decided.decision.contacts.iter().map(|it| it.id.clone()).collect();
        ids.iter().fold(decided, |decided, id| decided.resting_on(site.contact_as_it_is(id)))
    };
    site.keep(rest(message("m1", "ana").knowing("C1", &["a@example.com"])));
    site.keep(rest(message("m2", "ben").knowing("C2", &["b@example.com"])));
    let mut merging =
        message("m3", "ana").knowing("C1", &["a@example.com", "b@example.com"]).knowing("C2", &["b@example.com"]);
    merging.decision.contacts[1].merged_into = Some("C1".to_owned());
    let (merged, _) = site.keep(rest(merging));
    assert_eq!(site.store.contact_by(&ContactKey::Email("b@example.com".to_owned())).unwrap().as_deref(), Some("C1"));
    let before = |id| wait(site.store.contact_before(id, merged)).unwrap().unwrap();
    assert_eq!((before("C1").emails, before("C2").merged_into), (vec!["a@example.com".to_owned()], None));
    assert_eq!(wait(site.store.contact_before("C1", 1)).unwrap(), None);
}
