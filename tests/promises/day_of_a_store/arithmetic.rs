//! Plain arithmetic over what the customers saw, and the figures held against it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    life::{Day, Saw},
    plan::{DAY, HOUR, SECOND},
};

/// A count of times, and their sum.
type Times = (u64, i64);

#[derive(Debug, Default)]
struct Sums {
    contacts: u64,
    conversations: u64,
    answered: u64,
    first: Times,
    first_in_time: u64,
    all: Times,
    people: Times,
    people_in_time: u64,
}

fn add(times: &mut Times, took: i64) {
    *times = (times.0 + 1, times.1 + took);
}

fn sums(day: &Day) -> Sums {
    let within = |at: i64| (day.from_ms..day.from_ms + DAY).contains(&at);
    let mut sums = Sums::default();
    for seen in day.saw.values() {
        let mut asked_before = false;
        let mut last: Option<i64> = None;
        let mut waits: Option<i64> = None;
        let (mut is_answered, mut counts) = (false, false);
        for (sent, it) in seen {
            let (at, by_person) = match it {
                Saw::Asked => {
                    if last.is_none_or(|last| sent - last >= 6 * HOUR) {
                        (is_answered, counts, waits) = (false, within(*sent), None);
                        sums.conversations += u64::from(counts);
                    }
                    if within(*sent) {
                        sums.contacts += u64::from(!std::mem::replace(&mut asked_before, true));
                    }
                    waits = waits.or(Some(*sent));
                    last = Some(*sent);
                    continue;
                }
                Saw::Took { .. } => {
                    last = last.map(|last| last.max(*sent));
                    continue;
                }
                Saw::Notice => continue,
                Saw::Clerk { at } => (*at, false),
                Saw::Person { at, .. } => (*at, true),
            };
            last = last.map(|last| last.max(at));
            let Some(since) = waits.take() else { continue };
            let first = !std::mem::replace(&mut is_answered, true);
            sums.answered += u64::from(first && counts);
            // Answers belong to the day that was asked on.
            if !within(since) {
                continue;
            }
            let took = at - since;
            add(&mut sums.all, took);
            if first {
                add(&mut sums.first, took);
                sums.first_in_time += u64::from(took <= 10 * SECOND);
            }
            if by_person {
                add(&mut sums.people, took);
                sums.people_in_time += u64::from(took <= 40 * SECOND);
            }
        }
    }
    sums
}

/// A share as the report tells it.
fn share(found: &Value, part: u64, of: u64, what: &str) {
    assert_eq!((&found["part"], &found["of"]), (&json!(part), &json!(of)), "{what}");
}

fn times(found: &Value, (count, sum): Times, what: &str) {
    assert_eq!(found["count"], json!(count), "{what}");
    let mean = sum as f64 / count as f64 / 1000.0;
    assert!((found["mean_seconds"].as_f64().unwrap() - mean).abs() < 0.001, "{what}: {found} {mean}");
}

/// The figures of the day are what its customers saw.
pub async fn holds(day: &Day) {
    let report = day.report("").await;
    let figures = &report["figures"];
    let sums = sums(day);
    assert_eq!(figures["contacts"], json!(sums.contacts));
    assert_eq!(figures["conversations"], json!(sums.conversations));
    share(&figures["reply_rate"], sums.answered, sums.conversations, "reply rate");
    times(&figures["first_response"], sums.first, "first response");
    share(&figures["first_response_in_time"], sums.first_in_time, sums.first.0, "first response in time");
    times(&figures["response"], sums.all, "response");
    times(&figures["people_response"], sums.people, "people's response");
    share(&figures["people_response_in_time"], sums.people_in_time, sums.people.0, "people's response in time");
    assert!(sums.people.0 > sums.contacts / 30, "people had their part: {sums:?}");
    money(day, figures, sums.contacts);
    // By hour and by channel the sums are those of the whole.
    for by in ["hour", "channel"] {
        let report = day.report(&format!("&by={by}")).await;
        let rows = report["by"][by].as_object().unwrap();
        let sum: u64 = rows.values().map(|row| row["conversations"].as_u64().unwrap_or(0)).sum();
        assert_eq!(sum, sums.conversations, "{by}");
    }
    // Each person has the contacts whom they had a part with.
    let within = |at: i64| (day.from_ms..day.from_ms + DAY).contains(&at);
    let report = day.report("&by=agent").await;
    let rows = report["by"]["agent"].as_object().unwrap();
    assert_eq!(rows.len(), 3, "{rows:?}");
    for (name, row) in rows {
        let theirs = day.saw.values().filter(|seen| {
            seen.iter().any(|(sent, it)| match it {
                Saw::Took { who } | Saw::Person { who: Some(who), .. } => who == name && within(*sent),
                _ => false,
            })
        });
        assert_eq!(row["contacts"], json!(theirs.count()), "{name}");
    }
}

fn money(day: &Day, figures: &Value, asked: u64) {
    let within = |at: i64| (day.from_ms..day.from_ms + DAY).contains(&at);
    let orders = || day.orders.values();
    assert_eq!(figures["orders_placed"], json!(orders().filter(|it| within(it.placed)).count()));
    let sold: Vec<_> = orders().filter(|it| it.paid.is_some_and(within)).collect();
    assert_eq!(figures["orders_sold"], json!(sold.len()));
    let sales: i64 = sold.iter().map(|it| it.minor).sum();
    assert_eq!(figures["sales"], json!([{ "minor": sales, "currency": "CNY" }]));
    let payers: BTreeSet<_> = sold.iter().map(|it| &it.contact).collect();
    let orderers: BTreeSet<_> = orders().filter(|it| within(it.placed)).map(|it| &it.contact).collect();
    let paid = payers.intersection(&orderers).count() as u64;
    share(&figures["order_success"], paid, orderers.len() as u64, "order success");
    let first_asked = |contact: &String| {
        let mut seen = day.saw.get(contact)?.iter();
        seen.find(|(_, it)| matches!(it, Saw::Asked)).map(|(sent, _)| *sent)
    };
    let converted: BTreeSet<_> = orders()
        .filter(|it| within(it.placed) && first_asked(&it.contact).is_some_and(|asked| asked < it.placed))
        .map(|it| &it.contact)
        .collect();
    share(&figures["inquiry_conversion"], converted.len() as u64, asked, "inquiry conversion");
    let reminded: Vec<_> = orders().filter(|it| it.reminded.iter().any(|at| within(*at))).collect();
    let helped = reminded.iter().filter(|it| {
        let last = it.reminded.iter().rfind(|at| it.paid.is_some_and(|paid| **at <= paid));
        it.paid.zip(last).is_some_and(|(paid, last)| within(*last) && paid - last <= 3 * DAY)
    });
    share(&figures["reminder_conversion"], helped.count() as u64, reminded.len() as u64, "reminder conversion");
    assert!(reminded.len() * 10 > day.orders.len(), "{}", reminded.len());
    let refunds: Vec<_> = orders().filter_map(|it| it.refunded).filter(|(at, _)| within(*at)).collect();
    assert_eq!(figures["refunds_settled"], json!(refunds.len()));
    let back: i64 = refunds.iter().map(|(_, minor)| minor).sum();
    assert_eq!(figures["refunded"], json!([{ "minor": back, "currency": "CNY" }]));
    assert_eq!(figures["refunds_asked"], json!(orders().filter(|it| it.refund_asked.is_some_and(within)).count()));
}
