use super::*;

impl<P: Place> Site<P> {
    fn due(&self, now_ms: i64) -> Vec<(String, i64)> {
        wait(self.store.claim_due(now_ms, 0, 100)).unwrap().into_iter().map(|it| (it.key, it.due_ms)).collect()
    }
}

fn due(key: &str, due_ms: i64) -> (String, i64) {
    (key.to_owned(), due_ms)
}

pub fn timers_without_a_weight_come_due_by_time_and_the_others_heaviest_first<P: Place>() {
    let site = Site::<P>::new();
    let decided = message("m1", "ana")
        .acting(set_timer("late", 300, 9))
        .acting(set_timer("small", 200, 1))
        .acting(set_timer("large", 200, 5))
        .acting(set_timer("small too", 200, 1))
        .acting(set_timer("early", 100, 0));
    site.keep(decided);
    assert_eq!(site.due(99), []);
    assert_eq!(site.due(200), [due("early", 100), due("large", 200), due("small", 200), due("small too", 200)]);
    let all = [due("early", 100), due("late", 300), due("large", 200), due("small", 200), due("small too", 200)];
    assert_eq!(site.due(300), all);
    assert_eq!(wait(site.store.claim_due(300, 0, 2)).unwrap().len(), 2);
    assert_eq!(wait(site.store.next_due_ms()).unwrap(), Some(100));
    let timer = wait(site.store.claim_due(100, 0, 1)).unwrap().remove(0);
    assert_eq!((timer.address, timer.owner.as_str()), (chat("ana"), "engine"));
    assert_eq!(timer.payload, json!({ "order_id": "A1" }));
}

pub fn of_all_that_is_due_the_heaviest_comes_first_however_many_there_are<P: Place>() {
    let site = Site::<P>::new();
    let mut decided = message("m1", "ana");
    for weight in 1..=600 {
        // The heaviest became due last.
        decided = decided.acting(set_timer(&format!("order {weight}"), 100 + weight, weight));
    }
    site.keep(decided.acting(set_timer("one moment", 900, 0)));
    let mut came = Vec::new();
    loop {
        let due = wait(site.store.claim_due(1_000, 60_000, 256)).unwrap();
        if due.is_empty() {
            break;
        }
        came.extend(due.into_iter().map(|it| it.priority));
    }
    let heaviest_first: Vec<i64> = (1..=600).rev().collect();
    assert_eq!(came[0], 0, "who was told to wait a moment waits for none of them");
    assert_eq!(came[1..], heaviest_first);
}

pub fn setting_a_timer_again_replaces_it_for_its_conversation_and_owner_alone<P: Place>() {
    let site = Site::<P>::new();
    let theirs = Action::SetTimer {
        at: None,
        key: "pay".to_owned(),
        due_ms: 1,
        priority: 0,
        payload: json!(1),
        owner: "plugin".to_owned(),
    };
    site.keep(message("m1", "ana").acting(set_timer("pay", 100, 0)).acting(theirs));
    site.keep(message("m2", "ben").acting(set_timer("pay", 110, 0)));
    site.keep(message("m3", "ana").acting(set_timer("pay", 200, 0)));
    assert_eq!(site.due(1_000), [due("pay", 1), due("pay", 110), due("pay", 200)]);
    site.keep(message("m4", "ana").acting(cancel_timer("pay")).acting(cancel_timer("unknown")));
    assert_eq!(site.due(1_000), [due("pay", 1), due("pay", 110)]);
}

pub fn timers_that_wait_are_counted_by_conversation_and_owner<P: Place>() {
    let site = Site::<P>::new();
    site.keep(message("m1", "ana").acting(set_timer("one", 100, 0)).acting(set_timer("two", 100, 0)));
    site.keep(message("m2", "ben").acting(set_timer("one", 100, 0)));
    let waiting = |who: &str, owner: &str| site.store.waiting_timers(&chat(who), owner).unwrap();
    assert_eq!((waiting("ana", "engine"), waiting("ben", "engine")), (2, 1));
    assert_eq!((waiting("ana", "plugin"), waiting("cem", "engine")), (0, 0));
}

pub fn a_timer_fires_once<P: Place>() {
    let site = Site::<P>::new();
    site.keep(message("m1", "ana").acting(set_timer("pay", 100, 0)));
    site.keep(fired("t1", "ana", "pay", 100).replying("please pay"));
    assert_eq!(site.due(1_000), []);
    let again = site.commit(fired("t1", "ana", "pay", 100).replying("please pay"));
    assert!(matches!(again, Committed::Duplicate { .. }), "{again:?}");
    assert_eq!(site.ids_pending().len(), 1);
    assert_eq!(wait(site.store.next_due_ms()).unwrap(), None);
}

pub fn a_timer_set_anew_outlives_the_firing_of_the_old_one<P: Place>() {
    let site = Site::<P>::new();
    site.keep(message("m1", "ana").acting(set_timer("pay", 100, 0)));
    // Its own firing sets it again.
    site.keep(fired("t1", "ana", "pay", 100).acting(set_timer("pay", 200, 0)));
    assert_eq!(site.due(1_000), [due("pay", 200)]);
    // It was replaced while the firing was on its way.
    site.keep(message("m2", "ana").acting(set_timer("pay", 300, 0)));
    site.keep(fired("t2", "ana", "pay", 200));
    assert_eq!(site.due(1_000), [due("pay", 300)]);
}

pub fn a_timers_id_is_never_given_twice<P: Place>() {
    let site = Site::<P>::new();
    let id = |site: &Site<P>| wait(site.store.claim_due(100, 0, 1)).unwrap()[0].id;
    site.keep(message("m1", "ana").acting(set_timer("pay", 100, 0)));
    let first = id(&site);
    site.keep(fired("t1", "ana", "pay", 100));
    let site = site.reopened();
    site.keep(message("m2", "ana").acting(set_timer("pay", 100, 0)));
    assert!(id(&site) > first);
}
