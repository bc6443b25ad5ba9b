//! Reports and timers in any order, late and repeated.

use proptest::prelude::*;

use super::*;

/// Something that happens to a shop.
#[derive(Clone, Debug)]
enum Happening {
    /// A report of something some minutes ago (or, for a clock that is ahead, to come).
    Report { change: Box<OrderEvent>, minutes_ago: i64 },
    /// So many minutes pass; timers fire on the way, or only at the end, as after an outage.
    Wait { minutes: i64, down: bool },
    /// A timer that fired before fires again.
    Repeat { which: usize },
}

fn change() -> impl Strategy<Value = OrderEvent> {
    prop_oneof![
        4 => Just(bare("A1", OrderChange::Placed)),
        1 => Just(bare("A1", OrderChange::Paid)),
        1 => Just(bare("A1", OrderChange::Cancelled)),
        1 => prop::option::of("[XY]").prop_map(|number| shipped("A1", number.as_deref())),
        2 => Just(bare("A1", OrderChange::Delivered)),
        1 => Just(bare("A1", OrderChange::RefundRequested)),
        1 => Just(bare("A1", OrderChange::RefundSettled)),
        1 => (1_u8..=5).prop_map(|rating| reviewed("A1", rating)),
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => (change().prop_map(Box::new), -600_i64..6000)
            .prop_map(|(change, minutes_ago)| Happening::Report { change, minutes_ago }),
        3 => (0_i64..3000, any::<bool>()).prop_map(|(minutes, down)| Happening::Wait { minutes, down }),
        2 => (0_usize..64).prop_map(|which| Happening::Repeat { which }),
    ]
}

/// What an order has been through, and the promises that hold meanwhile.
#[derive(Default)]
struct Watch {
    reports: Vec<OrderChange>,
    reminded_ms: Vec<i64>,
    review_requests: usize,
    announced: Vec<Option<String>>,
}

impl Watch {
    fn see(
        &mut self,
        moments: &[OrderMoment],
        order: Option<&Order>,
        now_ms: i64,
        max: usize,
    ) -> Result<(), TestCaseError> {
        let settled = self.reports.iter().any(|change| *change != OrderChange::Placed);
        let minute_of_day = (now_ms + 8 * HOUR).rem_euclid(24 * HOUR) / MINUTE;
        for moment in moments {
            match moment {
                OrderMoment::PaymentReminder { attempt, last } => {
                    prop_assert!(!settled, "reminded after {:?}", self.reports);
                    prop_assert!((9 * 60..21 * 60 + 30).contains(&minute_of_day));
                    let apart = self.reminded_ms.last().is_none_or(|before| now_ms - before >= 6 * HOUR);
                    prop_assert!(apart, "two reminders too close");
                    self.reminded_ms.push(now_ms);
                    prop_assert_eq!(*attempt as usize, self.reminded_ms.len());
                    prop_assert_eq!(*last, self.reminded_ms.len() == max);
                }
                OrderMoment::ReviewRequest => {
                    self.review_requests += 1;
                    prop_assert!(self.reports.contains(&OrderChange::Delivered));
                    // Not one that is cancelled, unless it was paid after that.
                    prop_assert_eq!(order.unwrap().status, OrderStatus::Delivered);
                    let wanted = |change: &OrderChange| {
                        use OrderChange::*;
                        !matches!(change, RefundRequested | RefundSettled | ReviewPosted)
                    };
                    prop_assert!(self.reports.iter().all(wanted), "asked after {:?}", self.reports);
                    prop_assert!((10 * 60..20 * 60).contains(&minute_of_day));
                }
                OrderMoment::ShippingNotice { parcel } => {
                    let parcel = &order.unwrap().parcels[*parcel];
                    let number = parcel.shipment.tracking_number.clone();
                    prop_assert!(!self.announced.contains(&number), "{number:?} was announced");
                    self.announced.push(number);
                    prop_assert!((8 * 60..22 * 60).contains(&minute_of_day));
                }
                OrderMoment::News(_) => prop_assert!((8 * 60..22 * 60).contains(&minute_of_day)),
            }
        }
        prop_assert!(self.reminded_ms.len() <= max);
        prop_assert!(self.review_requests <= 1);
        Ok(())
    }
}

proptest! {
    #[test]
    fn whatever_comes_in_whatever_order_nobody_is_bothered_wrongly_or_too_often(
        max in 1_usize..4,
        happenings in prop::collection::vec(happening(), 1..24),
    ) {
        let toml = format!("[payment-reminder]\ninterval = \"6h\"\nmax = {max}\n[review-request]\ndelay = \"1d\"");
        let mut shop = Shop::opened(&toml, "24T12:00");
        let mut watch = Watch::default();
        let mut fired: Vec<TimerFired> = Vec::new();
        for happening in happenings {
            match happening {
                Happening::Report { change, minutes_ago } => {
                    watch.reports.push(change.change);
                    let moments = shop.report_as_of(shop.now_ms - minutes_ago * MINUTE, *change);
                    watch.see(&moments, shop.orders.get("A1"), shop.now_ms, max)?;
                }
                Happening::Wait { minutes, down } => {
                    let end_ms = shop.now_ms + minutes * MINUTE;
                    if down {
                        shop.now_ms = end_ms;
                    }
                    // A firing that only puts itself off to the morning is the most that happens twice.
                    for _ in 0..64 {
                        let next = shop.timers.values().min_by_key(|timer| timer.due_ms).cloned();
                        let Some(timer) = next.filter(|timer| timer.due_ms <= end_ms) else { break };
                        shop.now_ms = shop.now_ms.max(timer.due_ms);
                        shop.timers.remove(&timer.key);
                        let moments = shop.fire(&timer);
                        watch.see(&moments, shop.orders.get("A1"), shop.now_ms, max)?;
                        fired.push(timer);
                    }
                    shop.now_ms = end_ms;
                }
                Happening::Repeat { which } => {
                    if let Some(timer) = fired.get(which % fired.len().max(1)).cloned() {
                        let moments = shop.fire(&timer);
                        watch.see(&moments, shop.orders.get("A1"), shop.now_ms, max)?;
                    }
                }
            }
        }
    }

    #[test]
    fn how_far_an_order_has_come_does_not_depend_on_the_order_of_the_reports(
        (reports, shuffled) in prop::collection::vec((change(), 0_i64..6000), 1..8)
            .prop_flat_map(|reports| (Just(reports.clone()), Just(reports).prop_shuffle())),
    ) {
        let end = |reports: &[(OrderEvent, i64)]| {
            let mut shop = Shop::opened("max_age = \"30d\"", "24T12:00");
            for (change, minutes_ago) in reports {
                shop.report_as_of(shop.now_ms - minutes_ago * MINUTE, change.clone());
            }
            let order = shop.orders.remove("A1").unwrap();
            let times = (order.placed_ms, order.paid_ms, order.delivered_ms, order.updated_ms);
            // What waits for the morning depends on what was told by then.
            let waits: Vec<_> = shop.timers.into_keys().filter(|key| !key.starts_with("news:")).collect();
            (order.status, order.reviewed, times, waits)
        };
        prop_assert_eq!(end(&reports), end(&shuffled));
    }
}
