use nightclerk_sdk::{
    prelude::*,
    testing::{Bench, money, order},
};

use super::Reminder;

fn bench() -> Bench<Reminder> {
    Bench::new()
}

fn worth(amount: &str) -> OrderDetails {
    OrderDetails { total: Some(money(amount)), ..order("A1") }
}

#[test]
fn every_reminder_names_the_order_the_goods_the_sum_and_where_to_pay() {
    for language in ["zh-Hans", "en"] {
        for (attempt, last) in [(1, false), (2, false), (3, true), (1, true)] {
            let text = bench().language(language).payment_reminder(order("A1"), attempt, last).text();
            for part in ["A1", "Teapot", "CNY 199.00", "https://shop.example/pay/A1"] {
                assert!(text.contains(part), "{language} {attempt} {last}: {part} in {text}");
            }
        }
    }
}

#[test]
fn the_tone_goes_from_gentle_to_plain() {
    let mut bench = bench();
    assert!(bench.payment_reminder(order("A1"), 1, false).text().starts_with("Hello!"));
    assert!(bench.payment_reminder(order("A1"), 2, false).text().contains("short reminder"));
    assert!(bench.payment_reminder(order("A1"), 3, true).text().contains("will be closed"));
}

#[test]
fn customers_are_asked_whether_something_went_wrong_but_not_at_last() {
    let mut bench = bench();
    assert!(bench.payment_reminder(order("A1"), 1, false).text().contains("go wrong?"));
    assert!(!bench.payment_reminder(order("A1"), 3, true).text().contains("go wrong?"));
}

#[test]
fn large_orders_get_a_word_of_their_own_and_an_offer_from_the_second_time() {
    let mut bench = bench().settings(json!({ "incentive_en": "Shipping is on us." }));
    let first = bench.payment_reminder(worth("CNY 500.00"), 1, false).text();
    assert!(first.contains("Xiaoer will see to it") && !first.contains("on us"), "{first}");
    assert!(bench.payment_reminder(worth("CNY 500.00"), 2, false).text().contains("Shipping is on us."));
    let small = bench.payment_reminder(worth("CNY 499.99"), 2, false).text();
    assert!(!small.contains("in person") && !small.contains("on us"), "{small}");
}

#[test]
fn large_is_measured_in_the_currencys_own_units() {
    let mut bench = bench();
    assert!(bench.payment_reminder(worth("JPY 500"), 1, false).text().contains("in person"));
    assert!(!bench.payment_reminder(worth("USD 5.00"), 1, false).text().contains("in person"));
}

#[test]
fn an_offer_is_not_made_up() {
    let with_defaults = bench().payment_reminder(worth("CNY 900.00"), 2, false).text();
    assert!(!with_defaults.to_lowercase().contains("discount") && !with_defaults.contains("free"), "{with_defaults}");
}

#[test]
fn who_bought_before_is_thanked() {
    let earlier = OrderDetails { status: OrderStatus::Delivered, ..order("A0") };
    assert!(bench().order(earlier).payment_reminder(order("A1"), 1, false).text().contains("again!"));
    assert!(!bench().order(order("A0")).payment_reminder(order("A1"), 1, false).text().contains("again!"));
}

#[test]
fn an_order_paid_meanwhile_is_not_reminded() {
    let paid = OrderDetails { status: OrderStatus::Paid, ..order("A1") };
    let reaction = bench().payment_reminder(paid, 2, false);
    assert!(matches!(reaction.actions(), [Action::Silence(_)]), "{reaction:?}");
}

#[test]
fn without_the_orders_grant_or_a_payment_link_it_reminds_all_the_same() {
    let order = OrderDetails { payment_url: None, ..order("A1") };
    let text = bench().grants(&["reply"]).payment_reminder(order, 1, false).text();
    assert!(text.contains("A1") && !text.contains("Pay here"), "{text}");
}

#[test]
fn the_customer_is_addressed_by_the_name_on_the_order() {
    let order = OrderDetails { customer_name: Some("Ana".into()), ..order("A1") };
    assert!(bench().payment_reminder(order, 1, false).text().starts_with("Hello Ana!"));
}

#[test]
fn customers_of_other_languages_are_left_to_the_clerk() {
    for language in ["ja", "zh-Hant-TW", "th"] {
        assert!(bench().language(language).payment_reminder(order("A1"), 1, false).passed(), "{language}");
    }
}
