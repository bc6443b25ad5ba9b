use super::*;

pub fn a_decision_of_which_a_row_has_moved_is_refused_and_that_one_alone<P: Place>() {
    let site = Site::<P>::new();
    site.keep(message("m0", "ana").about("shop", "A1"));
    let early = site.order_as_it_is("A1");
    let paid = message("paid", "ana").about("shop", "A1").replying("paid").resting_on(early.clone());
    let late = message("late", "ben").about("shop", "A1").replying("late").resting_on(early);
    let (paid, late, other) =
        site.as_one_group(|store| (store.commit(paid), store.commit(late), store.commit(message("other", "cem"))));
    assert!(matches!(wait(paid).unwrap(), Committed::New { .. }));
    assert!(matches!(wait(late), Err(StoreError::Stale)));
    assert!(matches!(wait(other).unwrap(), Committed::New { .. }));
    assert_eq!(site.store.find_event("shop", "late").unwrap(), None, "nothing of it was written");
    assert_eq!(site.ids_pending().len(), 1);
    assert_eq!(site.store.order("shop", "A1").unwrap().value.unwrap().address, chat("ana"));
    site.keep(message("late", "ben").about("shop", "A1").resting_on(site.order_as_it_is("A1")));
}

pub fn what_was_not_there_must_still_not_be_there<P: Place>() {
    let site = Site::<P>::new();
    let nothing = site.order_as_it_is("A1");
    site.keep(message("first", "ana").about("shop", "A1").resting_on(nothing.clone()));
    let second = site.store.commit(message("second", "ben").about("shop", "A1").resting_on(nothing));
    assert!(matches!(wait(second), Err(StoreError::Stale)));
}

pub fn conversations_tickets_and_plugin_keys_have_versions_too<P: Place>() {
    let site = Site::<P>::new();
    let key = |site: &Site<P>| Basis::Key {
        plugin: "p".to_owned(),
        key: "count".to_owned(),
        version: site.store.kv("p", "count", 0).unwrap().version,
    };
    let ticket = |site: &Site<P>| {
        let found = site.store.ticket("T1").unwrap();
        Basis::Ticket {
            id: "T1".to_owned(),
            was: Versioned { value: found.value.map(Arc::new), version: found.version },
        }
    };
    let change = |dedupe: &str| message(dedupe, "ana").noting("p", "count", Some(b"1")).filing("T1");
    let (old_key, old_ticket, old_conversation) = (key(&site), ticket(&site), site.conversation_of("ana"));
    site.keep(change("m1").resting_on(old_key.clone()).resting_on(old_ticket.clone()));
    for row in [old_key, old_ticket, old_conversation] {
        let stale = site.store.commit(change("m2").resting_on(row.clone()));
        assert!(matches!(wait(stale), Err(StoreError::Stale)), "{row:?}");
    }
    let all = change("m2").resting_on(key(&site)).resting_on(ticket(&site)).resting_on(site.conversation_of("ana"));
    site.keep(all);
}

pub fn one_decision_changes_several_orders_and_conversations<P: Place>() {
    let site = Site::<P>::new();
    site.keep(message("m0", "ben").having_received(1));
    let mut decided = message("m1", "ana").about("shop", "A1").about("shop", "A2");
    decided.decision.elsewhere.push((chat("ben"), Conversation { received: 7, ..Conversation::default() }));
    let before = site.conversation_of("ben");
    site.keep(decided.resting_on(before.clone()));
    assert!(site.store.order("shop", "A1").unwrap().value.is_some());
    assert!(site.store.order("shop", "A2").unwrap().value.is_some());
    assert_eq!(site.store.conversation(&chat("ben")).unwrap().value.unwrap().received, 7);
    let stale = site.store.commit(message("m2", "ben").resting_on(before));
    assert!(matches!(wait(stale), Err(StoreError::Stale)), "the other conversation has moved as well");
}

pub fn an_event_seen_before_is_a_duplicate_whatever_has_moved<P: Place>() {
    let site = Site::<P>::new();
    let nothing = site.conversation_of("ana");
    site.keep(message("m1", "ana").resting_on(nothing.clone()));
    let again = site.commit(message("m1", "ana").resting_on(nothing));
    assert!(matches!(again, Committed::Duplicate { .. }), "{again:?}");
}

pub fn an_event_received_undecided_is_kept_with_its_answers_until_it_is_decided<P: Place>() {
    let site = Site::<P>::new();
    let decided = message("m1", "ana").replying("hello");
    let received = Received { event: decided.event.clone(), received_ms: 1_000 };
    let Committed::New { event_id, queued } = wait(site.store.receive(received.clone())).unwrap() else { panic!() };
    assert_eq!(queued, []);
    assert!(matches!(wait(site.store.receive(received)).unwrap(), Committed::Duplicate { .. }));
    let recorded =
        Recorded { number: 0, plugin: "p".to_owned(), digest: [7; 32], reply: Reply::Failed("timed out".to_owned()) };
    wait(site.store.record(event_id, recorded.clone())).unwrap();
    wait(site.store.record(event_id, Recorded { digest: [8; 32], ..recorded.clone() })).unwrap();
    let site = site.reopened();
    let waiting = wait(site.store.undecided(0, 10)).unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!((waiting[0].id, &waiting[0].event), (event_id, &*decided.event));
    assert_eq!(waiting[0].recorded, [recorded], "the first answer counts");

    let again = Decided { received: Some(event_id), ..decided };
    let Committed::New { event_id: same, queued } = site.commit(again.clone()) else { panic!() };
    assert_eq!((same, queued.len()), (event_id, 1));
    assert_eq!(wait(site.store.undecided(0, 10)).unwrap(), []);
    assert_eq!(wait(site.store.messages_of(event_id)).unwrap(), queued);
    assert!(matches!(site.commit(again), Committed::Duplicate { .. }), "it is decided once");
}

pub fn what_an_earlier_daemon_had_claimed_is_taken_up<P: Place>() {
    let site = Site::<P>::new();
    site.keep(message("m1", "ana").replying("x").acting(set_timer("pay", 100, 0)));
    assert_eq!(wait(site.store.claim_due(100, 60_000, 10)).unwrap().len(), 1);
    assert_eq!(wait(site.store.claim_due(200, 60_000, 10)).unwrap(), [], "one claim at a time");
    assert_eq!(wait(site.store.claim_due(60_000, 120_000, 10)).unwrap().len(), 1, "a claim ends");
    let site = site.reopened();
    assert_eq!(site.ids_pending().len(), 1);
    assert_eq!(wait(site.store.claim_due(200, 60_000, 10)).unwrap().len(), 1);
}

pub fn a_contact_has_versions_and_what_it_is_found_by_belongs_to_one<P: Place>() {
    let site = Site::<P>::new();
    let mail = ContactKey::Email("a@example.com".to_owned());
    let (nobody, no_row) = (site.holder_of(&mail), site.contact_as_it_is("C1"));
    site.keep(message("m1", "ana").knowing("C1", &["a@example.com"]).resting_on(nobody.clone()));
    assert_eq!(site.store.contact_by(&mail).unwrap().as_deref(), Some("C1"));
    assert_eq!(site.store.contact_by(&ContactKey::Address(chat("ana"))).unwrap().as_deref(), Some("C1"));
    for row in [nobody, no_row] {
        let second = site.store.commit(message("m2", "ben").knowing("C2", &["a@example.com"]).resting_on(row));
        assert!(matches!(wait(second), Err(StoreError::Stale)));
    }
    // What it is found by moves with it, and what it gave up is nobody's.
    let moved = message("m3", "ana").knowing("C1", &["b@example.com"]);
    site.keep(moved.resting_on(site.holder_of(&mail)).resting_on(site.contact_as_it_is("C1")));
    assert_eq!(site.store.contact_by(&mail).unwrap(), None);
}
