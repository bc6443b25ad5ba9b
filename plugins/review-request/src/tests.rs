use nightclerk_sdk::{
    prelude::*,
    testing::{Bench, Reaction, order},
};

use super::Reviews;

fn bench() -> Bench<Reviews> {
    Bench::new()
}

fn delivered(id: &str) -> OrderDetails {
    OrderDetails { status: OrderStatus::Delivered, ..order(id) }
}

fn review(rating: Option<u8>, text: &str) -> Reaction {
    bench().review_posted(delivered("A1"), rating, text)
}

fn is_silent(reaction: &Reaction) -> bool {
    matches!(reaction.actions(), [Action::Silence(_)])
}

#[test]
fn a_review_is_asked_for_with_the_goods_named() {
    let text = bench().review_request(delivered("A1")).text();
    assert!(text.contains("Teapot") && text.contains("review"), "{text}");
    let text = bench().language("zh-Hans").review_request(delivered("A1")).text();
    assert!(text.contains("Teapot") && text.contains("评价"), "{text}");
}

#[test]
fn the_link_and_the_bonus_are_the_stores_to_say() {
    let settings = json!({ "link": "https://shop.example/review/{{ order_id }}", "bonus_en": "A sticker is yours." });
    let text = bench().settings(settings).review_request(delivered("A1")).text();
    assert!(text.contains("A sticker is yours.") && text.ends_with("https://shop.example/review/A1"), "{text}");
}

#[test]
fn a_customer_who_was_asked_lately_is_left_alone() {
    let mut bench = bench().order(delivered("A1")).order(delivered("A2"));
    assert!(!is_silent(&bench.review_request(delivered("A1"))));
    bench.set_time("2026-12-01T10:00:00+08:00");
    assert!(is_silent(&bench.review_request(delivered("A2"))), "a week later");
    bench.set_time("2026-12-10T10:00:00+08:00");
    assert!(!is_silent(&bench.review_request(delivered("A2"))), "sixteen days later");
}

#[test]
fn a_customer_who_waits_for_a_refund_is_not_asked() {
    let disputed = OrderDetails { status: OrderStatus::RefundRequested, ..order("A2") };
    assert!(is_silent(&bench().order(disputed.clone()).review_request(delivered("A1"))));
    assert!(is_silent(&bench().grants(&["reply"]).review_request(disputed)));
}

#[test]
fn an_order_that_was_refunded_or_reviewed_is_not_asked_about() {
    for order in [
        OrderDetails { status: OrderStatus::Refunded, ..order("A1") },
        OrderDetails { reviewed: true, ..delivered("A1") },
    ] {
        assert!(is_silent(&bench().review_request(order)));
    }
}

#[test]
fn without_orders_and_kv_it_asks_all_the_same() {
    assert!(bench().grants(&["reply"]).review_request(delivered("A1")).text().contains("review"));
}

#[test]
fn a_good_review_is_thanked_for() {
    let reaction = review(Some(5), "lovely");
    assert!(reaction.text().contains("Thank you") && reaction.actions().len() == 1, "{reaction:?}");
}

#[test]
fn a_bad_review_gets_an_apology_and_a_ticket_with_its_words() {
    for rating in 1..=3 {
        let reaction = review(Some(rating), "It leaks");
        assert!(reaction.text().contains("sorry"), "{reaction:?}");
        let [_, Action::OpenTicket(ticket)] = reaction.actions() else { panic!("{reaction:?}") };
        assert_eq!(ticket.kind, "bad-review");
        assert_eq!(ticket.text, format!("order A1: {rating} of 5: It leaks"));
    }
}

#[test]
fn what_is_no_rated_review_is_left_to_others() {
    assert!(review(None, "hm").passed());
    assert!(bench().order_event(OrderChange::Paid, order("A1")).passed());
    let mute = json!({ "thanks_en": "" });
    assert!(bench().settings(mute).review_posted(delivered("A1"), Some(5), "lovely").passed());
}

#[test]
fn what_is_remembered_of_a_customer_is_forgotten_in_time() {
    let mut bench = bench();
    bench.review_request(delivered("A1"));
    assert_eq!(bench.kept().len(), 1);
    bench.set_time("2026-12-10T10:00:00+08:00");
    bench.review_posted(delivered("A1"), Some(5), "lovely");
    assert!(bench.kept().is_empty());
}

#[test]
fn customers_of_other_languages_are_left_to_the_clerk() {
    for language in ["ja", "zh-Hant-TW", "th"] {
        assert!(bench().language(language).review_request(delivered("A1")).passed(), "{language}");
    }
}
