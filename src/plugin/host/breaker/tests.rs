use proptest::prelude::*;

use super::*;

const BAR: u32 = 5;
const NOW: i64 = 1_795_000_000_000;

/// A usual call fails.
fn fails(breaker: &mut Breaker, fault: Fault, conversation: Conversation, now_ms: i64) -> Change {
    let admission = breaker.admit(conversation, now_ms).expect("it is asked");
    breaker.failed(admission, fault, conversation, BAR, now_ms)
}

/// A breaker that five customers' crashes have just opened.
fn opened() -> Breaker {
    let mut breaker = Breaker::default();
    for customer in 0..4 {
        assert_eq!(fails(&mut breaker, Fault::Crash, customer, NOW), Change::None);
    }
    let until_ms = NOW + MINUTE_MS;
    assert_eq!(fails(&mut breaker, Fault::Crash, 4, NOW), Change::Opened { failures: 5, until_ms });
    breaker
}

#[test]
fn crashes_in_a_row_for_several_customers_open_it() {
    let mut breaker = opened();
    assert_eq!(breaker.open_until_ms(), Some(NOW + MINUTE_MS));
    assert_eq!(breaker.admit(9, NOW + MINUTE_MS - 1), None);
}

#[test]
fn a_success_in_between_begins_the_count_anew() {
    let mut breaker = Breaker::default();
    for customer in 0..40 {
        assert_eq!(fails(&mut breaker, Fault::Crash, customer, NOW), Change::None);
        if customer % 4 == 3 {
            breaker.succeeded(Admission::Usual);
        }
    }
}

#[test]
fn failures_far_apart_are_not_one_trouble() {
    let mut breaker = Breaker::default();
    for customer in 0..40 {
        let now = NOW + customer as i64 * (WINDOW_MS + 1);
        assert_eq!(fails(&mut breaker, Fault::Crash, customer, now), Change::None);
    }
}

#[test]
fn its_own_errors_are_borne_longer_and_counted_apart() {
    let mut breaker = Breaker::default();
    for customer in 0..19 {
        assert_eq!(fails(&mut breaker, Fault::Error, customer, NOW), Change::None);
    }
    for customer in 0..4 {
        assert_eq!(fails(&mut breaker, Fault::Crash, customer, NOW), Change::None);
    }
    assert!(matches!(fails(&mut breaker, Fault::Error, 19, NOW), Change::Opened { failures: 20, .. }));
}

#[test]
fn it_half_opens_after_1_2_4_and_at_most_64_minutes() {
    let mut breaker = opened();
    let mut now = NOW;
    for (customer, minutes) in (100..).zip([1, 2, 4, 8, 16, 32, 64, 64, 64]) {
        assert_eq!(breaker.open_until_ms(), Some(now + minutes * MINUTE_MS));
        assert_eq!(breaker.admit(customer, now + minutes * MINUTE_MS - 1), None);
        now += minutes * MINUTE_MS;
        assert_eq!(breaker.admit(customer, now), Some(Admission::Probe));
        assert_eq!(breaker.admit(customer + 1, now), None, "one probe at a time");
        let change = breaker.failed(Admission::Probe, Fault::Crash, customer, BAR, now);
        assert!(matches!(change, Change::StaysOpen { .. }));
    }
}

#[test]
fn one_probe_that_succeeds_closes_it() {
    let mut breaker = opened();
    assert_eq!(breaker.admit(9, NOW + MINUTE_MS), Some(Admission::Probe));
    breaker.succeeded(Admission::Probe);
    assert_eq!(breaker.open_until_ms(), None);
    assert_eq!(breaker.admit(4, NOW + MINUTE_MS), Some(Admission::Usual));
    for customer in 0..4 {
        assert_eq!(fails(&mut breaker, Fault::Crash, customer, NOW + MINUTE_MS), Change::None, "the count is new");
    }
}

#[test]
fn a_probe_that_is_never_heard_of_again_does_not_block_it_for_ever() {
    let mut breaker = opened();
    assert_eq!(breaker.admit(9, NOW + MINUTE_MS), Some(Admission::Probe));
    assert_eq!(breaker.admit(10, NOW + MINUTE_MS + PROBE_MS), Some(Admission::Probe));
}

#[test]
fn calls_from_before_it_opened_neither_close_it_nor_lengthen_the_wait() {
    let mut breaker = opened();
    breaker.succeeded(Admission::Usual);
    assert_eq!(breaker.failed(Admission::Usual, Fault::Crash, 77, BAR, NOW), Change::None);
    assert_eq!(breaker.open_until_ms(), Some(NOW + MINUTE_MS));
}

#[test]
fn who_saw_it_fail_is_the_probe_only_if_nobody_else_comes() {
    let mut breaker = opened();
    assert_eq!(breaker.admit(4, NOW + MINUTE_MS), None);
    assert_eq!(breaker.admit(4, NOW + 2 * MINUTE_MS), Some(Admission::Probe));
}

#[test]
fn a_clock_put_back_does_not_lengthen_the_wait() {
    let mut breaker = opened();
    assert_eq!(breaker.admit(9, NOW - 24 * 60 * MINUTE_MS), Some(Admission::Probe));
}

#[test]
fn a_reset_forgets_everything() {
    let mut breaker = opened();
    assert!(breaker.reset());
    assert!(!breaker.reset());
    for customer in 0..4 {
        assert_eq!(fails(&mut breaker, Fault::Crash, customer, NOW), Change::None);
    }
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![Just(Fault::Crash), Just(Fault::Error)]
}

proptest! {
    /// Whatever one customer and a friend do, and whenever, the plugin stays everybody else's.
    #[test]
    fn two_customers_alone_never_open_it(calls in prop::collection::vec((0..2_u64, fault(), 0..2 * WINDOW_MS), 1..300)) {
        let mut breaker = Breaker::default();
        let mut now = NOW;
        for (customer, fault, pause) in calls {
            now += pause;
            prop_assert_eq!(fails(&mut breaker, fault, customer, now), Change::None);
        }
    }

    /// A single customer whose every call fails cannot keep it open once others come: a probe is theirs.
    #[test]
    fn one_customer_cannot_keep_it_open(pauses in prop::collection::vec(1..MINUTE_MS, 1..100)) {
        let mut breaker = opened();
        let mut now = NOW + MINUTE_MS;
        for pause in pauses {
            prop_assert_eq!(breaker.admit(4, now), None);
            now = (now + pause).min(NOW + 2 * MINUTE_MS - 1);
        }
        prop_assert_eq!(breaker.admit(1000, now), Some(Admission::Probe));
    }

    /// However calls fall, waits stay between one minute and the longest, and what is kept stays small.
    #[test]
    fn it_is_asked_again_in_time_and_stays_small(
        calls in prop::collection::vec((0..50_u64, fault(), 0..WINDOW_MS, prop::bool::weighted(0.02)), 1..400),
    ) {
        let mut breaker = Breaker::default();
        let mut now = NOW;
        for (customer, fault, pause, succeeds) in calls {
            now += pause;
            if let Some(admission) = breaker.admit(customer, now) {
                if succeeds {
                    breaker.succeeded(admission);
                    prop_assert_eq!(breaker.open_until_ms(), None);
                } else {
                    breaker.failed(admission, fault, customer, BAR, now);
                }
            }
            if let Some(until) = breaker.open_until_ms() {
                prop_assert!(until - now <= LONGEST_WAIT_MS);
                prop_assert_eq!(breaker.clone().admit(1000, until), Some(Admission::Probe));
                prop_assert_eq!(breaker.clone().admit(customer, until + LONGEST_WAIT_MS), Some(Admission::Probe));
            }
            prop_assert!(breaker.crashes.recent.0.len() <= CONVERSATIONS);
            prop_assert!(breaker.errors.recent.0.len() <= CONVERSATIONS);
        }
    }
}
