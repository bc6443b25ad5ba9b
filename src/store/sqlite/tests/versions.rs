use super::*;

#[test]
fn messages_of_a_daemon_whose_time_is_over_are_taken_over_and_no_others() {
    let site = Site::new();
    let (_, queued) = site.keep(message("m1", "ana").replying("1").replying("2").replying("3"));
    let others = "INSERT INTO daemons VALUES (1, 5000), (2, 50000);
                  UPDATE messages SET claimed_by = 1 WHERE id = 1; UPDATE messages SET claimed_by = 2 WHERE id = 2";
    site.beside().execute_batch(others).unwrap();
    assert_eq!(site.ids_pending(), [queued[2].id]);
    assert_eq!(wait(site.store.hold_claims(4_000, 9_000)).unwrap(), 0);
    assert_eq!(wait(site.store.hold_claims(6_000, 9_000)).unwrap(), 1);
    assert_eq!(site.ids_pending(), [queued[0].id, queued[2].id]);
}
