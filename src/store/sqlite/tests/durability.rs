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
    let copy = SqliteStore::open(&copy_as_killed(&site, elsewhere.path()), Retention::default()).unwrap();
    assert_eq!(wait(copy.pending(0, 100)).unwrap(), wait(site.store.pending(0, 100)).unwrap());
    assert_eq!(wait(copy.pending(0, 100)).unwrap().len(), 25);
    assert_eq!(copy.conversation(&chat("ana")).unwrap().value.unwrap().received, 49);
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
    assert!(matches!(wait(site.store.expire(1)), Err(StoreError::Closed)));
    assert!(site.store.find_event("shop", "m299").unwrap().is_some(), "reading goes on");
    assert!(site.reopened().store.find_event("shop", "m0").unwrap().is_some());
}

#[test]
fn the_log_on_disk_stays_bounded_under_load() {
    const PAGES: i64 = 100;
    let site = Site::with(Bounds { checkpoint_pages: PAGES, ..Bounds::DEFAULT });
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
fn no_question_reads_a_whole_table() {
    let site = Site::new();
    for sql in super::super::queries::ALL.into_iter().flatten() {
        let beside = site.beside();
        let mut statement = beside.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan: Vec<String> = statement.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>().unwrap();
        let scans: Vec<_> = plan
            .iter()
            .filter(|step| {
                step.starts_with("SCAN") && *step != "SCAN chain" && !step.contains("USING INDEX tickets_open")
            })
            .collect();
        assert!(scans.is_empty(), "{sql}\n{plan:#?}");
        let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE"));
        // What is due together is sorted by weight, and nothing else.
        let sorted = sql.contains("RECURSIVE") || sql.contains("priority <> 0");
        assert!(!sorts || sorted, "{sql}\n{plan:#?}");
    }
}
