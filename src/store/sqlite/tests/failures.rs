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
    assert_eq!(store.conversation(&chat("ana")).unwrap(), None);
    assert_eq!(store.order("shop", "A1").unwrap(), None);
    assert_eq!(store.kv("p", "fine").unwrap(), None);
    assert_eq!(store.kv_size("p").unwrap(), 0);
    assert_eq!(store.next_due_ms().unwrap(), None);
    assert_eq!(store.pending(0, 10).unwrap(), []);
    assert_eq!(store.explain("1").unwrap(), None);
    // Delivered again, it is decided in the new epoch.
    let (event_id, _) = site.keep(message("m1", "ana").replying("x").in_epoch(store.epoch()));
    assert_eq!(event_id, 1);
}

#[test]
fn a_failed_commit_takes_down_those_decided_after_it_and_no_others() {
    let site = Site::poisoned();
    let (_, queued) = site.keep(message("m0", "ana").replying("x"));
    let (before, failing, after, settled, other_epoch, barrier) = site.as_one_group(|store| {
        (
            store.commit(message("before", "ana").having_received(1)),
            store.commit(message("failing", "ana").noting("p", "poison", Some(b"1"))),
            store.commit(message("after", "ana").having_received(3)),
            store.settle(queued[0].id, sent(None)),
            store.commit(message("from-the-future", "ben").in_epoch(1)),
            store.barrier(),
        )
    });
    assert!(matches!(wait(before).unwrap(), Committed::New { .. }));
    assert!(matches!(wait(failing), Err(StoreError::Write(_))));
    assert!(matches!(wait(after), Err(StoreError::Stale)));
    wait(settled).unwrap();
    assert!(matches!(wait(other_epoch).unwrap(), Committed::New { .. }), "it is decided on what is committed");
    wait(barrier).unwrap();
    assert_eq!(site.store.epoch(), 1);
    assert_eq!(site.store.conversation(&chat("ana")).unwrap().unwrap().received, 1);
    assert_eq!(site.store.find_event("shop", "after").unwrap(), None);

    let late = site.store.commit(message("late", "ana"));
    assert!(matches!(wait(late), Err(StoreError::Stale)), "the old epoch is over for later groups as well");
    site.keep(message("after", "ana").having_received(2).in_epoch(1));
    assert_eq!(site.store.conversation(&chat("ana")).unwrap().unwrap().received, 2);
}

#[test]
fn several_failures_in_one_group_each_move_the_epoch_on() {
    let site = Site::poisoned();
    let pending: Vec<_> = site.as_one_group(|store| {
        (0..6)
            .map(|number| {
                let decided = message(&format!("m{number}"), "ana").in_epoch(number / 2);
                let key = if number % 2 == 0 { "fine" } else { "poison" };
                store.commit(decided.noting("p", key, Some(b"1")))
            })
            .collect()
    });
    let kept: Vec<_> = pending.into_iter().map(|pending| wait(pending).is_ok()).collect();
    assert_eq!(kept, [true, false, true, false, true, false]);
    assert_eq!(site.store.epoch(), 3);
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
    assert_eq!(site.store.epoch(), 1);
    assert_eq!(site.store.find_event("shop", "first").unwrap(), None);
    assert_eq!(site.ids_pending(), [queued[0].id]);
    assert!(matches!(wait(site.store.commit(message("first", "ana"))), Err(StoreError::Stale)));
    let (event_id, _) = site.keep(message("first", "ana").in_epoch(1));
    assert_eq!(event_id, 2, "ids leave no gap");
}

#[test]
fn a_second_daemon_is_kept_out() {
    let site = Site::new();
    let error = SqliteStore::open(&site.path()).err().unwrap().to_string();
    assert!(error.contains("in use by another nightclerk"), "{error}");
    assert!(site.reopened().store.pending(0, 1).is_ok(), "the lock goes with its owner");
}

#[test]
fn a_store_of_a_newer_version_is_refused() {
    let Site { folder, store } = Site::new();
    drop(store);
    let path = folder.path().join("data/clerk.sqlite");
    let newer =
        "INSERT INTO refinery_schema_history SELECT 99, 'newer', applied_on, checksum FROM refinery_schema_history";
    Connection::open(&path).unwrap().execute_batch(newer).unwrap();
    let error = SqliteStore::open(&path).err().unwrap().to_string();
    assert!(error.contains("newer nightclerk") && error.contains("99"), "{error}");
}

#[test]
fn a_file_that_is_no_store_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("clerk.sqlite");
    let text = "a diary, by mistake. ".repeat(500);
    std::fs::write(&path, &text).unwrap();
    let error = SqliteStore::open(&path).err().unwrap().to_string();
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
    assert!(matches!(store.explain(&event_id.to_string()), Err(StoreError::Read(_))));
    assert!(matches!(store.message(queued[0].id), Err(StoreError::Read(_))));
    assert!(matches!(store.conversation(&chat("ana")), Err(StoreError::Read(_))));
    assert!(matches!(store.order("shop", "A1"), Err(StoreError::Read(_))));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let error = SqliteStore::open(&folder.path().join("file/clerk.sqlite")).err().unwrap().to_string();
    assert!(error.contains("file"), "{error}");
}
