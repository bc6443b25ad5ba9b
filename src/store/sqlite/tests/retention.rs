use super::*;
use crate::store::{Deed, PersonAt};

const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;

/// A store that keeps the log for ten days and the rest for twenty.
fn forgetful(bounds: Bounds) -> Site {
    let retention = Retention {
        log_ms: 10 * DAY,
        conversations_ms: 20 * DAY,
        orders_ms: 20 * DAY,
        tickets_ms: 20 * DAY,
        contacts_ms: 20 * DAY,
        audit_ms: 20 * DAY,
    };
    Site::keeping(retention, bounds)
}

fn count(site: &Site, table: &str) -> i64 {
    site.beside().query_row(&format!("SELECT count(*) FROM {table}"), (), |row| row.get(0)).unwrap()
}

#[test]
fn every_kind_of_row_goes_when_its_time_is_over_and_not_before() {
    let site = forgetful(Bounds { expire: 3, ..Bounds::DEFAULT });
    for number in 0..10 {
        let name = format!("c{number}");
        let mut decided = message(&format!("m{number}"), &name)
            .replying("hello")
            .having_received(1)
            .about("shop", &format!("A{number}"))
            .filing(&format!("T{number}"))
            .knowing(&format!("C{number}"), &[&format!("{name}@example.com")])
            .noting("p", &name, Some(b"1"))
            .at(number * DAY);
        decided.decision.tickets[0].closed_ms = Some(number * DAY);
        decided.decision.kv[0].expires_ms = Some(number * DAY + 5 * DAY);
        let (_, queued) = site.keep(decided);
        site.settle(queued[0].id, sent(Some(&name)));
    }
    let kept = |site: &Site| {
        ["events", "messages", "dedupe", "conversations", "orders", "tickets", "kv", "contacts"]
            .map(|it| count(site, it))
    };
    wait(site.store.expire(5 * DAY - 1)).unwrap();
    assert_eq!(kept(&site), [10; 8]);
    wait(site.store.expire(12 * DAY)).unwrap();
    // The log for ten days, dedupe ids for eight, keys as their plugin said.
    assert_eq!(kept(&site), [7, 7, 6, 10, 10, 10, 2, 10]);
    wait(site.store.expire(24 * DAY)).unwrap();
    assert_eq!(kept(&site), [0, 0, 0, 5, 5, 5, 0, 5]);
    wait(site.store.expire(40 * DAY)).unwrap();
    assert_eq!(kept(&site), [0; 8]);
    assert_eq!(count(&site, "contact_keys"), 0);
    assert_eq!(count(&site, "former_kv"), 0);
}

#[test]
fn what_still_has_to_be_said_and_what_is_open_is_not_deleted() {
    let site = forgetful(Bounds::DEFAULT);
    site.keep(message("m1", "ana").replying("not sent yet").filing("T1").acting(set_timer("pay", 1, 0)).at(0));
    wait(site.store.expire(1000 * DAY)).unwrap();
    assert_eq!(site.ids_pending().len(), 1);
    assert_eq!(count(&site, "tickets"), 1);
    assert_eq!(count(&site, "timers"), 1);
}

#[test]
fn one_batch_of_expiring_is_bounded() {
    let site = forgetful(Bounds::DEFAULT);
    for number in 0..10 {
        site.keep(message(&format!("m{number}"), "ana"));
    }
    site.store.close();
    let connection = site.beside();
    let next = crate::store::sqlite::ledger::NextIds::read(&connection).unwrap();
    let (known, _reading) =
        crate::store::sqlite::known::KnownIds::start(rusqlite::Connection::open_in_memory().unwrap()).unwrap();
    let ledger = crate::store::sqlite::ledger::Ledger::new(&connection, 1, &known, next);
    for (more, remaining) in [(true, 6), (true, 2), (false, 0), (false, 0)] {
        assert_eq!(ledger.expire(15 * DAY, 4).unwrap(), more);
        assert_eq!(count(&site, "events"), remaining);
    }
}

#[test]
fn forgetting_a_customer_leaves_no_byte_of_their_words_on_the_disk() {
    let site = Site::new();
    let team = Address::new("wecom", "team");
    for number in 0..30 {
        let mut decided = message(&format!("m{number}"), "ana")
            .replying(&format!("dear SECRETWORD, number {number}"))
            .telling(team.clone(), "SECRETWORD needs you")
            .about("shop", "A1")
            .filing("T1")
            .noting("p", "seen/customer-1", Some(b"SECRETWORD"));
        decided.decision.conversation.sender_name = Some("SECRETWORD".to_owned());
        decided.decision.orders[0].customer_name = Some("SECRETWORD".to_owned());
        decided.decision.tickets[0].text = "SECRETWORD".to_owned();
        if let EventKind::Message(message) = &mut std::sync::Arc::make_mut(&mut decided.event).kind {
            message.text = Some(format!("my name is SECRETWORD {number}"));
        }
        let basis = site.conversation_of("ana");
        let order = site.order_as_it_is("A1");
        site.keep(decided.resting_on(basis).resting_on(order));
        site.keep(message(&format!("other{number}"), "ben").replying("words of somebody else"));
    }
    assert!(on_disk(&site, "SECRETWORD"));
    let forgotten = {
        let person = crate::store::Person { contact: None, addresses: vec![chat("ana")] };
        wait(site.store.forget(&person, |_| "customer-1".to_owned())).unwrap()
    };
    assert_eq!((forgotten.events, forgotten.orders, forgotten.tickets), (30, 1, 1));
    assert!(!on_disk(&site, "SECRETWORD"), "their words are still in the file or its log");
    assert_eq!(site.store.conversation(&chat("ana")).unwrap(), Versioned::none());
    assert_eq!(wait(site.store.export(&chat("ana"))).unwrap(), None);
    assert_eq!(wait(site.store.transcript(&chat("ben"), 0, 100)).unwrap().len(), 30, "others lose nothing");
    let again = site.commit(message("m7", "ana"));
    assert!(matches!(again, Committed::Duplicate { .. }), "a late delivery does not begin anew: {again:?}");
}

fn on_disk(site: &Site, word: &str) -> bool {
    ["", "-wal"].iter().any(|suffix| {
        let mut path = site.path().into_os_string();
        path.push(suffix);
        let bytes = std::fs::read(&path).unwrap_or_default();
        bytes.windows(word.len()).any(|window| window == word.as_bytes())
    })
}

#[test]
fn forgetting_a_customer_takes_what_plugins_kept_of_them_and_let_expire_or_overwrote() {
    let site = forgetful(Bounds::DEFAULT);
    // Under their own key, twice, which expires; and under a key that others write as well.
    for (number, word) in ["FIRSTWORD", "SECRETWORD"].iter().enumerate() {
        let mut decided = message(&format!("m{number}"), "ana")
            .noting("p", "cart/customer-1", Some(word.as_bytes()))
            .noting("p", "last", Some(word.as_bytes()))
            .at(DAY);
        decided.decision.kv[0].expires_ms = Some(2 * DAY);
        site.keep(decided.resting_on(site.conversation_of("ana")));
    }
    site.keep(message("n1", "ben").noting("p", "last", Some(b"of ben")).at(DAY));
    site.keep(
        message("n2", "ben").noting("p", "last", Some(b"of ben anew")).resting_on(site.conversation_of("ben")).at(DAY),
    );
    wait(site.store.expire(3 * DAY)).unwrap();
    assert_eq!(count(&site, "kv"), 1, "the expired key is gone for plugins");
    assert!(on_disk(&site, "FIRSTWORD") && on_disk(&site, "SECRETWORD"), "and there for who looks back");

    let ana = crate::store::Person { contact: None, addresses: vec![chat("ana")] };
    let forgotten = wait(site.store.forget(&ana, |_| "customer-1".to_owned())).unwrap();
    assert!(!on_disk(&site, "FIRSTWORD") && !on_disk(&site, "SECRETWORD"), "{forgotten:?}");
    assert_eq!(site.store.kv("p", "last", 3 * DAY).unwrap().value.as_deref(), Some(b"of ben anew".as_slice()));
    assert!(on_disk(&site, "of ben") && count(&site, "former_kv") == 2, "others lose nothing");
}

#[test]
fn a_backup_of_a_store_in_use_is_one_moment_of_it_and_can_be_put_back() {
    let site = Site::new();
    for number in 0..200 {
        site.keep(message(&format!("m{number}"), "ana").replying("x").having_received(number));
    }
    let file = site.place.0.path().join("backup.sqlite");
    let backup = crate::store::backup(&site.path(), file.clone(), Box::new(|_, _| {}));
    for number in 200..400 {
        site.keep(message(&format!("m{number}"), "ana").replying("x").having_received(number));
    }
    wait(backup).unwrap();
    let taken = wait(crate::store::backup(&site.path(), file.clone(), Box::new(|_, _| {}))).unwrap_err().to_string();
    assert!(taken.contains("there already"), "{taken}");
    let refused = crate::store::restore(&file, &site.path()).unwrap_err().to_string();
    assert!(refused.contains("in use"), "{refused}");

    let Site { place, store } = site;
    drop(store);
    let path = place.path();
    let aside = crate::store::restore(&file, &path).unwrap().expect("what was there is kept");
    assert!(aside.exists());
    let store = SqliteStore::open(&path, Retention::default()).unwrap();
    let events: Vec<bool> = (0..400).map(|it| store.find_event("shop", &format!("m{it}")).unwrap().is_some()).collect();
    let first_missing = events.iter().position(|it| !it).unwrap_or(400);
    assert!(first_missing >= 200, "what was acknowledged before the backup began is in it");
    assert!(events[first_missing..].iter().all(|it| !it), "it shows one moment");
    assert_eq!(store.conversation(&chat("ana")).unwrap().value.unwrap().received, first_missing as u64 - 1);
}

#[test]
fn what_is_no_backup_is_refused_and_the_store_left_alone() {
    let site = Site::new();
    site.keep(message("m1", "ana"));
    let Site { place, store } = site;
    drop(store);
    let path = place.path();
    let before = std::fs::read(&path).unwrap();
    let file = place.0.path().join("holiday.jpg");
    std::fs::write(&file, "no store at all".repeat(400)).unwrap();
    let error = crate::store::restore(&file, &path).unwrap_err().to_string();
    assert!(error.contains("holiday.jpg"), "{error}");
    let empty = place.0.path().join("other.sqlite");
    Connection::open(&empty).unwrap().execute_batch("CREATE TABLE recipes (tea TEXT)").unwrap();
    let error = crate::store::restore(&empty, &path).unwrap_err().to_string();
    assert!(error.contains("not a nightclerk's"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn the_data_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let site = Site::new();
    site.keep(message("m1", "ana"));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(site.path().parent().unwrap()), 0o700);
    for entry in std::fs::read_dir(site.path().parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn what_operators_did_is_kept_its_time_and_whose_it_was_is_forgotten_with_them() {
    let site = forgetful(Bounds::DEFAULT);
    site.keep(message("m1", "ana").having_received(1).at(0));
    let deed = |at_ms: i64, chat: &str| Deed {
        at_ms,
        who: "mei".to_owned(),
        what: "look-up".to_owned(),
        subject: "customers".to_owned(),
        address: Some(Address::new("shop", chat)),
        outcome: 200,
    };
    for (at_ms, chat) in [(1, "ana"), (2, "bo"), (DAY, "ana")] {
        wait(site.store.note_deed(deed(at_ms, chat))).unwrap();
    }
    let seen = |since_ms: i64, limit: usize| wait(site.store.deeds(since_ms, i64::MAX, limit)).unwrap();
    assert_eq!(seen(0, 10), [deed(DAY, "ana"), deed(2, "bo"), deed(1, "ana")], "newest first");
    assert_eq!((seen(2, 10).len(), seen(0, 1).len()), (2, 1));
    wait(site.store.expire(20 * DAY + 2)).unwrap();
    assert_eq!(seen(0, 10), [deed(DAY, "ana")]);
    let person = wait(site.store.person(PersonAt::Address(Address::new("shop", "ana")))).unwrap();
    wait(site.store.forget(&person, |_| String::new())).unwrap();
    let left = seen(0, 10);
    assert_eq!((left.len(), &left[0].address, left[0].who.as_str()), (1, &None, "mei"));
}
