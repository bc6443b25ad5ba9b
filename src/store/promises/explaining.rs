use super::*;

fn explained<P: Place>(site: &Site<P>, reference: &str) -> Option<String> {
    wait(site.store.explain(reference)).unwrap().map(|logged| logged.event.dedupe)
}

pub fn an_event_is_found_by_every_name_it_has<P: Place>() {
    let site = Site::<P>::new();
    site.keep(message("m0", "ana").replying("x").replying("y"));
    let (event_id, queued) = site.keep(message("m1", "ben").replying("x"));
    site.keep(message("m2", "ana"));
    site.settle(queued[0].id, sent(Some("wamid.1")));
    for reference in ["m1", "wamid.1", "m1/0", &event_id.to_string(), &format!("out:{}", queued[0].id)] {
        let logged = wait(site.store.explain(reference)).unwrap().unwrap_or_else(|| panic!("{reference} is not found"));
        assert_eq!(logged.id, event_id, "{reference}");
        assert_eq!(logged.queued[0].state, MessageState::Sent);
    }
    for nothing in ["", "m3", "out:", "out:99", "out:m1", "99", "-1", "0", "99999999999999999999", "%", "' OR 1"] {
        assert_eq!(explained(&site, nothing), None, "{nothing}");
    }
}

pub fn where_several_match_the_newest_is_shown<P: Place>() {
    let site = Site::<P>::new();
    site.keep(message("m1", "ana"));
    let (_, queued) = site.keep(message("m2", "ana").replying("x"));
    site.settle(queued[0].id, sent(Some("1")));
    assert_eq!(explained(&site, "1").as_deref(), Some("m2"), "a platform id over a log id");
    site.keep(message("1", "ana"));
    assert_eq!(explained(&site, "1").as_deref(), Some("1"), "a dedupe id over both");
    let mut elsewhere = message("m1", "ben");
    std::sync::Arc::make_mut(&mut elsewhere.event).channel = "zzz".to_owned();
    let (newest, _) = site.keep(elsewhere);
    assert_eq!(wait(site.store.explain("m1")).unwrap().unwrap().id, newest);
}

pub fn old_and_new_messages_alike_are_found_by_key_and_platform_id<P: Place>() {
    let site = Site::<P>::new();
    let commits: Vec<_> =
        (0..1_600).map(|number| site.store.commit(message(&format!("m{number}"), "ana").replying("x"))).collect();
    for commit in commits {
        wait(commit).unwrap();
    }
    for number in [1_i64, 511, 512, 513, 1_024, 1_600] {
        site.settle(number, sent(Some(&format!("p{number}"))));
        let dedupe = format!("m{}", number - 1);
        assert_eq!(explained(&site, &format!("p{number}")), Some(dedupe.clone()));
        assert_eq!(explained(&site, &format!("{dedupe}/0")), Some(dedupe));
    }
    assert_eq!(explained(&site, "p2"), None);
}

pub fn what_was_said_in_a_room_leads_to_the_conversation_it_is_about<P: Place>() {
    let site = Site::<P>::new();
    let (_, queued) = site.keep(message("m1", "ana").replying("one moment").telling(chat("room"), "Ana waits"));
    site.settle(queued[0].id, sent(Some("7")));
    site.settle(queued[1].id, sent(Some("8")));
    site.keep(message("m2", "ben").telling(chat("room"), "Ben waits"));
    let about = |room: &str, reference: &str| wait(site.store.subject_of(&chat(room), reference)).unwrap();
    assert_eq!(about("room", "8"), Some(chat("ana")));
    assert_eq!(about("room", &queued[0].message.key), Some(chat("ana")), "by the key of any message of its event");
    assert_eq!(about("room", "7"), None, "what was said to the customer stands in no room");
    assert_eq!(about("other", "8"), None, "platforms count in each chat anew");
    assert_eq!(about("room", "9"), None);
}
