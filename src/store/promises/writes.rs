use super::*;

pub fn a_commit_keeps_event_conversation_order_data_timers_and_messages<P: Place>() {
    let site = Site::<P>::new();
    let decided = message("m1", "ana")
        .replying("你好")
        .replying("在的")
        .having_received(3)
        .about("shop", "A1")
        .noting("greeting", "seen", Some(b"yes"))
        .acting(set_timer("pay", 5_000, 1));
    let (event_id, queued) = site.keep(decided.clone());
    let check = |site: &Site<P>| {
        let store = &site.store;
        assert_eq!(store.find_event("shop", "m1").unwrap(), Some(event_id));
        assert_eq!(store.conversation(&chat("ana")).unwrap().value.unwrap().received, 3);
        assert_eq!(store.order("shop", "A1").unwrap().value.as_ref(), decided.decision.orders.first());
        assert_eq!(store.orders_of(&chat("ana"), 10).unwrap().len(), 1);
        assert_eq!(store.kv("greeting", "seen", 0).unwrap().value.as_deref(), Some(&b"yes"[..]));
        assert_eq!(wait(store.next_due_ms()).unwrap(), Some(5_000));
        assert_eq!(wait(store.pending(0, 10)).unwrap(), queued);
        assert_eq!(wait(store.messages_of(event_id)).unwrap(), queued);
        let logged = wait(store.explain("m1")).unwrap().unwrap();
        assert_eq!((logged.event, logged.trace), ((*decided.event).clone(), decided.decision.trace.clone()));
        assert_eq!((logged.id, logged.received_ms, logged.queued), (event_id, 1_000, queued.clone()));
    };
    assert_eq!(queued.iter().map(|it| &it.message).collect::<Vec<_>>(), decided.messages.iter().collect::<Vec<_>>());
    assert!(queued[0].id < queued[1].id);
    check(&site);
    check(&site.reopened());
}

pub fn an_event_delivered_twice_is_answered_once<P: Place>() {
    let site = Site::<P>::new();
    let (event_id, queued) = site.keep(message("m1", "ana").replying("hello").having_received(1));
    site.settle(queued[0].id, sent(Some("p1")));
    let again = message("m1", "ana").replying("hello again").having_received(2).noting("p", "k", Some(b"v"));
    let Committed::Duplicate { event_id: same, queued } = site.commit(again) else { panic!("answered twice") };
    assert_eq!(same, event_id);
    assert_eq!(queued.iter().map(|it| it.state).collect::<Vec<_>>(), [MessageState::Sent]);
    assert_eq!(queued[0].message.content, Content::text("hello"));
    assert_eq!(site.store.conversation(&chat("ana")).unwrap().value.unwrap().received, 1);
    assert_eq!(site.store.kv("p", "k", 0).unwrap().value, None);
    assert!(site.ids_pending().is_empty());
}

pub fn the_same_id_on_another_channel_is_another_event<P: Place>() {
    let site = Site::<P>::new();
    let mut other = message("m1", "ana");
    std::sync::Arc::make_mut(&mut other.event).channel = "elsewhere".to_owned();
    let (first, _) = site.keep(message("m1", "ana"));
    let (second, _) = site.keep(other);
    assert!(second > first);
}

pub fn writes_are_made_in_the_order_they_were_handed_in<P: Place>() {
    let site = Site::<P>::new();
    let pending: Vec<_> = site.as_one_group(|store| {
        (0..1_200)
            .map(|number| {
                store.commit(message(&format!("m{}", number / 2), "ana").replying("x").having_received(number))
            })
            .collect()
    });
    let mut last_message = 0;
    for (number, pending) in pending.into_iter().enumerate() {
        match wait(pending).unwrap() {
            Committed::New { queued, .. } if number % 2 == 0 => {
                assert!(queued[0].id > last_message);
                last_message = queued[0].id;
            }
            Committed::Duplicate { queued, .. } if number % 2 == 1 => assert_eq!(queued[0].id, last_message),
            other => panic!("{number}: {other:?}"),
        }
    }
    assert_eq!(site.store.conversation(&chat("ana")).unwrap().value.unwrap().received, 1_198);
}

pub fn writers_on_many_threads_lose_nothing<P: Place>() {
    let site = Site::<P>::new();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let site = &site;
            scope.spawn(move || {
                for number in 0..25 {
                    let id = format!("{thread}-{number}");
                    let (event_id, queued) = site.keep(message(&id, &format!("chat{thread}")).replying("x"));
                    assert_eq!(site.store.find_event("shop", &id).unwrap(), Some(event_id));
                    site.settle(queued[0].id, sent(None));
                }
            });
        }
    });
    assert!(site.ids_pending().is_empty());
    assert_eq!(
        (0..8).map(|it| wait(site.store.transcript(&chat(&format!("chat{it}")), 0, 100)).unwrap().len()).sum::<usize>(),
        200
    );
}

pub fn a_barrier_waits_for_everything_before_it<P: Place>() {
    let site = Site::<P>::new();
    let (commit, barrier) = site.as_one_group(|store| (store.commit(message("m1", "ana")), store.barrier()));
    wait(barrier).unwrap();
    assert!(site.store.find_event("shop", "m1").unwrap().is_some());
    drop(commit);
}

pub fn messages_wait_in_order_until_they_are_settled<P: Place>() {
    let site = Site::<P>::new();
    let (_, first) = site.keep(message("m1", "ana").replying("1").replying("2"));
    let (_, second) = site.keep(message("m2", "ben").replying("3").replying("4"));
    let ids: Vec<i64> = first.iter().chain(&second).map(|it| it.id).collect();
    assert_eq!(site.ids_pending(), ids);

    site.settle(ids[0], sent(Some("p1")));
    site.settle(
        ids[1],
        Settlement::Postponed { attempts: 2, doubts: 0, not_before_ms: 9_000, error: "busy".to_owned() },
    );
    site.settle(ids[2], Settlement::Dead { attempts: 5, error: "blocked".to_owned() });
    site.settle(ids[3], Settlement::Dead { attempts: 1, error: "gone".to_owned() });
    assert_eq!(site.ids_pending(), [ids[1]]);
    assert_eq!(wait(site.store.pending(ids[1], 10)).unwrap(), []);
    let postponed = wait(site.store.message(ids[1])).unwrap().unwrap();
    assert_eq!((postponed.attempts, postponed.message.not_before_ms), (2, 9_000));
    assert_eq!(postponed.last_error.as_deref(), Some("busy"));
    assert_eq!(wait(site.store.dead(10)).unwrap().iter().map(|it| it.id).collect::<Vec<_>>(), [ids[3], ids[2]]);

    site.settle(ids[2], Settlement::Retry);
    site.settle(ids[3], Settlement::Dropped);
    assert_eq!(site.ids_pending(), [ids[1], ids[2]]);
    assert_eq!(wait(site.store.message(ids[2])).unwrap().unwrap().attempts, 0);
    assert_eq!(wait(site.store.message(ids[3])).unwrap().unwrap().state, MessageState::Dropped);
    assert_eq!(wait(site.store.dead(10)).unwrap(), []);
}

pub fn a_settlement_that_makes_no_sense_is_refused_and_changes_nothing<P: Place>() {
    let site = Site::<P>::new();
    let (_, queued) = site.keep(message("m1", "ana").replying("1"));
    let id = queued[0].id;
    let refused = |settlement| wait(site.store.settle(id, settlement)).unwrap_err().to_string();
    assert!(refused(Settlement::Retry).contains("waiting to be sent already"));
    site.settle(id, sent(None));
    assert!(refused(Settlement::Retry).contains("sent already"));
    assert!(refused(Settlement::Dropped).contains("sent already"));
    assert!(refused(Settlement::Dead { attempts: 1, error: String::new() }).contains("sent already"));
    assert_eq!(wait(site.store.message(id)).unwrap().unwrap().state, MessageState::Sent);
    let nothing = wait(site.store.settle(99, sent(None))).unwrap_err().to_string();
    assert!(nothing.contains("no message 99"), "{nothing}");
}

pub fn a_transcript_holds_what_one_address_was_sent<P: Place>() {
    let site = Site::<P>::new();
    let team = Address::new("wecom", "team");
    site.keep(message("m1", "ana").replying("1").telling(team.clone(), "ana needs you").replying("2"));
    site.keep(message("m2", "ben").replying("x").telling(team.clone(), "ben needs you"));
    site.keep(message("m3", "ana").replying("3"));
    let texts = |address: &Address, after, limit| -> Vec<(i64, String)> {
        let messages = wait(site.store.transcript(address, after, limit)).unwrap();
        messages.into_iter().map(|it| (it.id, it.message.content.to_plain_text())).collect()
    };
    let all = texts(&chat("ana"), 0, 10);
    assert_eq!(all.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
    assert_eq!(texts(&chat("ana"), 0, 2), all[1..], "the newest");
    assert_eq!(texts(&chat("ana"), all[0].0, 10), all[1..]);
    assert_eq!(texts(&chat("ana"), all[2].0, 10), []);
    assert_eq!(texts(&team, 0, 10).len(), 2);
    assert_eq!(texts(&chat("nobody"), 0, 10), []);
    assert_eq!(site.store.conversation(&team).unwrap().value, None, "the team has not spoken");
}

pub fn what_a_customer_wrote_is_read_back_in_order<P: Place>() {
    let site = Site::<P>::new();
    for (id, name) in [("m1", "ana"), ("m2", "ben"), ("m3", "ana"), ("m4", "ana")] {
        site.keep(message(id, name));
    }
    let heard = |name: &str, after, limit| -> Vec<(i64, String)> {
        let heard = wait(site.store.heard(&chat(name), after, limit)).unwrap();
        heard.into_iter().map(|it| (it.id, it.event.dedupe)).collect()
    };
    let all = heard("ana", 0, 10);
    assert_eq!(all.iter().map(|(_, id)| id.as_str()).collect::<Vec<_>>(), ["m1", "m3", "m4"]);
    assert_eq!(heard("ana", 0, 2), all[1..], "the newest");
    assert_eq!(heard("ana", all[0].0, 10), all[1..]);
    assert_eq!(heard("nobody", 0, 10), []);
}

pub fn orders_come_newest_first_and_follow_their_customer<P: Place>() {
    let site = Site::<P>::new();
    site.keep(message("m1", "ana").about("shop", "A1"));
    site.keep(message("m2", "ana").about("shop", "A2"));
    site.keep(message("m3", "ana").about("other-shop", "A1"));
    let ids = |name: &str, limit| -> Vec<(String, String)> {
        site.store
            .orders_of(&chat(name), limit)
            .unwrap()
            .into_iter()
            .filter_map(|it| it.value)
            .map(|it| (it.shop, it.id))
            .collect()
    };
    let pair = |shop: &str, id: &str| (shop.to_owned(), id.to_owned());
    assert_eq!(ids("ana", 10), [pair("other-shop", "A1"), pair("shop", "A2"), pair("shop", "A1")]);
    assert_eq!(ids("ana", 1), [pair("other-shop", "A1")]);
    let mut moved = message("m4", "ana").about("shop", "A2");
    moved.decision.orders[0].address = chat("ben");
    site.keep(moved);
    assert_eq!(ids("ana", 10), [pair("other-shop", "A1"), pair("shop", "A1")]);
    assert_eq!(ids("ben", 10), [pair("shop", "A2")]);
}

pub fn a_plugins_data_is_its_own_and_is_measured<P: Place>() {
    let site = Site::<P>::new();
    site.keep(message("m1", "ana").noting("one", "key", Some(b"12345")).noting("two", "key", Some(b"1")));
    assert_eq!(site.store.kv("one", "key", 0).unwrap().value.as_deref(), Some(&b"12345"[..]));
    assert_eq!(site.store.kv("two", "key", 0).unwrap().value.as_deref(), Some(&b"1"[..]));
    assert_eq!(site.store.kv_size("one").unwrap(), 8);
    site.keep(message("m2", "ana").noting("one", "key", Some(b"1")).noting("one", "钥", Some(b"")));
    assert_eq!(site.store.kv_size("one").unwrap(), 3 + 1 + 3);
    site.keep(message("m3", "ana").noting("one", "key", None).noting("one", "never", None));
    assert_eq!(site.store.kv("one", "key", 0).unwrap().value, None);
    assert_eq!(site.store.kv_size("one").unwrap(), 3);
    assert_eq!(site.store.kv_size("none").unwrap(), 0);
}
