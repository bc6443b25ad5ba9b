use super::*;

/// Copies the files as a power cut would leave them.
fn copy_as_killed(site: &Site, to: &Path) -> PathBuf {
    let copy = to.join("clerk.sqlite");
    for suffix in ["", "-wal"] {
        let mut from = site.path().into_os_string();
        from.push(suffix);
        let mut target = copy.clone().into_os_string();
        target.push(suffix);
        std::fs::copy(from, target).unwrap();
    }
    copy
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let site = Site::new();
    for number in 0..50 {
        let (_, queued) = site.keep(message(&format!("m{number}"), "ana").replying("x").having_received(number));
        if number % 2 == 0 {
            site.settle(queued[0].id, sent(None));
        }
    }
    let elsewhere = TempDir::new().unwrap();
    let copy = SqliteStore::open(&copy_as_killed(&site, elsewhere.path())).unwrap();
    assert_eq!(copy.pending(0, 100).unwrap(), site.store.pending(0, 100).unwrap());
    assert_eq!(copy.pending(0, 100).unwrap().len(), 25);
    assert_eq!(copy.conversation(&chat("ana")).unwrap().unwrap().received, 49);
    let next = wait(copy.commit(message("m50", "ana").replying("x"))).unwrap();
    let Committed::New { event_id, queued } = next else { panic!("{next:?}") };
    assert_eq!((event_id, queued[0].id), (51, 51), "ids go on where they were");
    let again = wait(copy.commit(message("m7", "ana").replying("x"))).unwrap();
    assert!(matches!(again, Committed::Duplicate { event_id: 8, .. }), "{again:?}");
}

#[test]
fn closing_finishes_what_was_handed_in_and_then_refuses() {
    let site = Site::new();
    let pending: Vec<_> = (0..300).map(|number| site.store.commit(message(&format!("m{number}"), "ana"))).collect();
    site.store.close();
    site.store.close();
    for pending in pending {
        wait(pending).unwrap();
    }
    assert_eq!(log_size(&site.path()), 0, "everything is in the file itself");
    assert!(matches!(wait(site.store.commit(message("late", "ana"))), Err(StoreError::Closed)));
    assert!(matches!(wait(site.store.barrier()), Err(StoreError::Closed)));
    assert!(matches!(wait(site.store.settle(1, Settlement::Retry)), Err(StoreError::Closed)));
    assert!(matches!(wait(site.store.prune(1)), Err(StoreError::Closed)));
    assert!(site.store.find_event("shop", "m299").unwrap().is_some(), "reading goes on");
    assert!(site.reopened().store.find_event("shop", "m0").unwrap().is_some());
}

#[test]
fn the_log_on_disk_stays_bounded_under_load() {
    const PAGES: i64 = 100;
    let site = Site::with(Limits { checkpoint_pages: PAGES, ..Limits::DEFAULT });
    let value = vec![7; 40_000];
    for number in 0..400 {
        site.keep(message(&format!("m{number}"), "ana").noting("p", &format!("k{}", number % 50), Some(&value)));
    }
    // 400 values are some 4,000 pages of 4 KiB, and as many more for their JSON; a few hundred may be on the way.
    let size = log_size(&site.path());
    assert!(size < 20 * PAGES as u64 * 4096, "{size}");
    assert_eq!(site.store.kv_size("p").unwrap(), 40_000 * 50 + 10 * 2 + 40 * 3);
}

#[test]
fn pruning_forgets_what_is_old_and_done_in_bounded_batches() {
    let site = Site::with(Limits { forget: 3, ..Limits::DEFAULT });
    let mut ids = Vec::new();
    for number in 0..10 {
        let (_, queued) = site.keep(message(&format!("m{number}"), "ana").replying("hello").at(number * 100));
        ids.push(queued[0].id);
        if number != 1 {
            site.settle(queued[0].id, sent(Some(&format!("p{number}"))));
        }
    }
    wait(site.store.prune(700)).unwrap();
    let known = |number: i64| site.store.find_event("shop", &format!("m{number}")).unwrap().is_some();
    assert_eq!((0..10).filter(|it| known(*it)).collect::<Vec<_>>(), [7, 8, 9]);
    let texts: Vec<_> =
        ids.iter().map(|id| site.store.message(*id).unwrap().unwrap().message.content.to_plain_text()).collect();
    assert_eq!(texts, ["", "hello", "", "", "", "", "", "hello", "hello", "hello"]);
    assert_eq!(site.ids_pending(), [ids[1]], "what still has to be said is not forgotten");
    let transcript = site.store.transcript(&chat("ana"), 0, 100).unwrap();
    assert_eq!(transcript.iter().map(|it| it.id).collect::<Vec<_>>(), [ids[1], ids[7], ids[8], ids[9]]);

    // The log and the platform's ids are kept; a dedupe id may come anew.
    let logged = site.store.explain("p0").unwrap().unwrap();
    assert_eq!(logged.event.dedupe, "m0");
    let (event_id, _) = site.keep(message("m0", "ana").at(1_000));
    wait(site.store.prune(700)).unwrap();
    assert_eq!(site.store.find_event("shop", "m0").unwrap(), Some(event_id));
}

#[test]
fn one_batch_of_pruning_is_bounded() {
    let site = Site::new();
    for number in 0..10 {
        site.keep(message(&format!("m{number}"), "ana"));
    }
    site.store.close();
    let connection = site.beside();
    let next = super::super::ledger::NextIds::read(&connection).unwrap();
    let ledger = super::super::ledger::Ledger::new(&connection, next);
    let left = || connection.query_row("SELECT count(*) FROM dedupe", (), |row| row.get::<_, i64>(0)).unwrap();
    for (more, remaining) in [(true, 6), (true, 2), (false, 0), (false, 0)] {
        assert_eq!(ledger.forget(i64::MAX, 4).unwrap(), more);
        assert_eq!(left(), remaining);
    }
}

#[test]
fn no_question_reads_a_whole_table() {
    let site = Site::new();
    for sql in super::super::queries::ALL {
        let beside = site.beside();
        let mut statement = beside.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan: Vec<String> = statement.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>().unwrap();
        let scans: Vec<_> = plan.iter().filter(|step| step.starts_with("SCAN") && *step != "SCAN chain").collect();
        assert!(scans.is_empty(), "{sql}\n{plan:#?}");
        let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE"));
        assert!(!sorts || sql.contains("RECURSIVE"), "{sql}\n{plan:#?}");
    }
}
