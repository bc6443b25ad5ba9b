use super::*;

impl Site {
    /// Makes the writing of plugin data under the key `poison` fail, late in its commit.
    fn poisoned() -> Self {
        let site = Self::new();
        let trigger = "CREATE TRIGGER poison BEFORE INSERT ON kv WHEN NEW.key = 'poison'
                       BEGIN SELECT RAISE(ABORT, 'the disk is on fire'); END";
        site.beside().execute_batch(trigger).unwrap();
        site
    }
}

#[test]
fn a_commit_that_fails_leaves_nothing_behind() {
    let site = Site::poisoned();
    let decided = message("m1", "ana")
        .replying("x")
        .having_received(1)
        .about("shop", "A1")
        .noting("p", "fine", Some(b"1"))
        .noting("p", "poison", Some(b"1"))
        .acting(set_timer("pay", 1, 0));
    let error = wait(site.store.commit(decided)).unwrap_err();
    assert!(error.to_string().contains("the disk is on fire"), "{error}");
    let store = &site.store;
    assert_eq!(store.find_event("shop", "m1").unwrap(), None);
    assert_eq!(store.conversation(&chat("ana")).unwrap(), Versioned::none());
    assert_eq!(store.order("shop", "A1").unwrap(), Versioned::none());
    assert_eq!(store.kv("p", "fine", 0).unwrap().value, None);
    assert_eq!(store.kv_size("p").unwrap(), 0);
    assert_eq!(wait(store.next_due_ms()).unwrap(), None);
    assert_eq!(wait(store.pending(0, 10)).unwrap(), []);
    assert_eq!(wait(store.explain("1")).unwrap(), None);
    // Delivered again, it is decided again.
    let (event_id, _) = site.keep(message("m1", "ana").replying("x"));
    assert_eq!(event_id, 1);
}

#[test]
fn a_failed_commit_takes_down_those_that_were_decided_on_it_and_no_others() {
    let site = Site::poisoned();
    let (_, queued) = site.keep(message("m0", "ana").replying("x"));
    let first = message("before", "ana").having_received(1).resting_on(site.conversation_of("ana"));
    let failing = message("failing", "ana").noting("p", "poison", Some(b"1")).resting_on(after(&first));
    let third = message("after", "ana").having_received(3).resting_on(after(&failing));
    let (first, failing, third, settled, other, barrier) = site.as_one_group(|store| {
        (
            store.commit(first),
            store.commit(failing),
            store.commit(third),
            store.settle(queued[0].id, sent(None)),
            store.commit(message("other", "ben").resting_on(site.conversation_of("ben"))),
            store.barrier(),
        )
    });
    assert!(matches!(wait(first).unwrap(), Committed::New { .. }));
    assert!(matches!(wait(failing), Err(StoreError::Write(_))));
    assert!(matches!(wait(third), Err(StoreError::Stale)));
    wait(settled).unwrap();
    assert!(matches!(wait(other).unwrap(), Committed::New { .. }), "it rests on nothing that failed");
    wait(barrier).unwrap();
    assert_eq!(site.store.conversation(&chat("ana")).unwrap().value.unwrap().received, 1);
    assert_eq!(site.store.find_event("shop", "after").unwrap(), None);
    site.keep(message("after", "ana").having_received(2).resting_on(site.conversation_of("ana")));
    assert_eq!(site.store.conversation(&chat("ana")).unwrap().value.unwrap().received, 2);
}

#[test]
fn when_the_group_cannot_be_committed_all_of_it_fails() {
    let site = Site::new();
    let (_, queued) = site.keep(message("m0", "ana").replying("x"));
    let broken = "CREATE TABLE promise (kept INTEGER REFERENCES promise_of (id) DEFERRABLE INITIALLY DEFERRED);
                  CREATE TABLE promise_of (id INTEGER PRIMARY KEY);
                  CREATE TRIGGER break_promise AFTER INSERT ON events WHEN NEW.dedupe = 'breaking'
                  BEGIN INSERT INTO promise VALUES (1); END";
    site.beside().execute_batch(broken).unwrap();
    let (first, breaking, settled, barrier) = site.as_one_group(|store| {
        (
            store.commit(message("first", "ana")),
            store.commit(message("breaking", "ana")),
            store.settle(queued[0].id, sent(None)),
            store.barrier(),
        )
    });
    assert!(matches!(wait(first), Err(StoreError::Write(_))));
    assert!(matches!(wait(breaking), Err(StoreError::Write(_))));
    assert!(matches!(wait(settled), Err(StoreError::Write(_))));
    wait(barrier).unwrap();
    assert_eq!(site.store.find_event("shop", "first").unwrap(), None);
    assert_eq!(site.ids_pending(), [queued[0].id]);
    let (event_id, _) = site.keep(message("first", "ana"));
    assert_eq!(event_id, 2, "ids leave no gap");
}

#[test]
fn a_second_daemon_is_kept_out() {
    let site = Site::new();
    let error = SqliteStore::open(&site.path(), Retention::default()).err().unwrap().to_string();
    assert!(error.contains("in use by another nightclerk"), "{error}");
    assert!(wait(site.reopened().store.pending(0, 1)).is_ok(), "the lock goes with its owner");
}

#[test]
fn a_store_of_a_newer_version_is_refused() {
    let Site { place, store } = Site::new();
    drop(store);
    let path = place.path();
    let newer = "INSERT INTO refinery_schema_history SELECT 99, 'newer', applied_on, checksum
         FROM refinery_schema_history LIMIT 1";
    Connection::open(&path).unwrap().execute_batch(newer).unwrap();
    let error = SqliteStore::open(&path, Retention::default()).err().unwrap().to_string();
    assert!(error.contains("newer nightclerk") && error.contains("99"), "{error}");
}

#[test]
fn a_file_that_is_no_store_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("clerk.sqlite");
    let text = "a diary, by mistake. ".repeat(500);
    std::fs::write(&path, &text).unwrap();
    let error = SqliteStore::open(&path, Retention::default()).err().unwrap().to_string();
    assert!(error.contains("damaged or is no store"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_damaged_record_is_an_error_and_no_panic() {
    let site = Site::new();
    let (event_id, queued) = site.keep(message("m1", "ana").replying("x").about("shop", "A1"));
    let spoil = "UPDATE events SET decision = '{'; UPDATE messages SET content = 'x', state = 9;
                 UPDATE conversations SET state = '{'; UPDATE orders SET state = ''";
    site.beside().execute_batch(spoil).unwrap();
    let store = &site.store;
    assert!(matches!(wait(store.explain(&event_id.to_string())), Err(StoreError::Read(_))));
    assert!(matches!(wait(store.message(queued[0].id)), Err(StoreError::Read(_))));
    assert!(matches!(store.conversation(&chat("ana")), Err(StoreError::Read(_))));
    assert!(matches!(store.order("shop", "A1"), Err(StoreError::Read(_))));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let error =
        SqliteStore::open(&folder.path().join("file/clerk.sqlite"), Retention::default()).err().unwrap().to_string();
    assert!(error.contains("file"), "{error}");
}

#[test]
fn a_store_that_could_not_write_is_asked_for_as_much_as_a_message_takes() {
    let site = Site::new();
    // As on a disk with room for a row and for no more.
    let full = "CREATE TRIGGER no_event BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'the disk is full'); END;
                CREATE TRIGGER no_bulk BEFORE INSERT ON kv WHEN octet_length(NEW.value) > 10000
                BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    site.beside().execute_batch(full).unwrap();
    wait(site.store.probe()).unwrap();
    wait(site.store.commit(message("m1", "ana").replying("x"))).unwrap_err();
    for _ in 0..3 {
        let error = wait(site.store.probe()).unwrap_err();
        assert!(error.to_string().contains("the disk is full"), "{error}");
    }
    site.beside().execute_batch("DROP TRIGGER no_event; DROP TRIGGER no_bulk").unwrap();
    wait(site.store.probe()).unwrap();
    let left: i64 = site.beside().query_row("SELECT count(*) FROM kv_sizes", (), |row| row.get(0)).unwrap();
    assert_eq!((left, site.store.kv("", "", 0).unwrap().value), (0, None), "nothing of it stays");
    site.keep(message("m1", "ana").replying("x"));
}
