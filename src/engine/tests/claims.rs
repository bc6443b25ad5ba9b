//! An order of which it is not known whose it is: who says its number and the last digits of its phone hears of it.

use super::*;

const PAY: &str = "https://shop.example/pay/secret";

/// An order of somebody's, known to the shop by a phone that ends in 8000.
fn of_somebody(id: &str) -> Order {
    Order {
        phone_tail: Some("8000".to_owned()),
        payment_url: Some(PAY.to_owned()),
        customer_name: Some("Zhang San".to_owned()),
        address: Address::new("telegram", "77"),
        ..order(id, OrderStatus::Placed)
    }
}

fn talk_beside(orders: Vec<Order>) -> Talk {
    let mut talk = Talk::met(DAY_MS);
    talk.facts.others = orders;
    talk
}

fn is_told(decision: &Decision) -> bool {
    texts(decision).iter().any(|it| it.contains("待付款") || it.contains("waiting for payment"))
}

#[test]
fn who_says_number_and_phone_of_an_order_hears_how_it_stands() {
    for (first, then) in [
        ("查快递", "SO-1001 8000"),
        ("查快递", "so1001，尾号8000"),
        ("查快递", "1001 13800138000"),
        ("订单SO-1001到哪了，手机尾号8000", ""),
        ("where is my order SO-1001? phone ending in 8000", ""),
        ("订单号SO-1001 手机尾号8000", ""),
    ] {
        let mut talk = talk_beside(vec![of_somebody("SO-1001")]);
        let mut decision = talk.say(first);
        if !then.is_empty() {
            assert!(!is_told(&decision), "{first}");
            decision = talk.say(then);
        }
        assert!(is_told(&decision), "{first} / {then}: {:?} {:?}", texts(&decision), decision.trace);
    }
}

#[test]
fn what_is_missing_is_asked_for_whether_or_not_there_is_such_an_order() {
    let mut answers = Vec::new();
    for id in ["SO-1001", "SO-7777"] {
        let mut talk = talk_beside(vec![of_somebody(id)]);
        talk.say("查快递");
        let asked = talk.say("SO-1001");
        assert!(!is_told(&asked));
        assert!(texts(&asked)[0].contains("后四位"), "{:?}", texts(&asked));
        answers.push(texts(&asked));
        assert_eq!(is_told(&talk.say("8000")), id == "SO-1001");
    }
    assert_eq!(answers[0], answers[1]);
    let mut talk = talk_beside(vec![of_somebody("SO-1001")]);
    talk.say("查快递");
    let asked = talk.say("手机尾号8000");
    assert!(texts(&asked)[0].contains("订单号"), "{:?}", texts(&asked));
    assert!(is_told(&talk.say("SO-1001")));
}

#[test]
fn nobody_learns_which_of_the_two_was_wrong() {
    let said = |orders: Vec<Order>| {
        let mut talk = talk_beside(orders);
        talk.say("查快递");
        let decision = talk.say("SO-1001 8000");
        assert!(!is_told(&decision));
        (texts(&decision), kinds(&decision).into_iter().map(str::to_owned).collect::<Vec<_>>(), decision.conversation)
    };
    let right_number = said(vec![Order { phone_tail: Some("1234".to_owned()), ..of_somebody("SO-1001") }]);
    let right_phone = said(vec![of_somebody("SO-7777")]);
    let nothing = said(Vec::new());
    let without_phone = said(vec![Order { phone_tail: None, ..of_somebody("SO-1001") }]);
    for other in [right_phone, nothing, without_phone] {
        assert_eq!(right_number, other);
    }
    assert_eq!(right_number.1, ["order"], "a person finds it on the list");
}

#[test]
fn nobody_tries_the_digits_of_a_phone_one_after_the_other() {
    let mut talk = talk_beside(vec![of_somebody("SO-1001")]);
    for digits in ["0001", "0002", "0003", "0004", "0005"] {
        assert!(!is_told(&talk.say(&format!("订单SO-1001到哪了，手机尾号{digits}"))));
        talk.now_ms += 60_000;
    }
    let refused = talk.say("订单SO-1001到哪了，手机尾号8000");
    assert!(!is_told(&refused), "{:?}", texts(&refused));
    talk.now_ms += 24 * 3_600_000;
    assert!(is_told(&talk.say("订单SO-1001到哪了，手机尾号8000")), "another day, another try");
}

#[test]
fn tries_are_counted_for_the_order_whoever_makes_them() {
    let mut order = of_somebody("SO-1001");
    for digits in ["0001", "0002", "0003", "0004", "0005"] {
        let mut talk = talk_beside(vec![order.clone()]);
        let decision = talk.say(&format!("订单SO-1001到哪了，手机尾号{digits}"));
        assert!(!is_told(&decision));
        order = decision.orders.first().expect("the try is kept with the order").clone();
    }
    let mut talk = talk_beside(vec![order.clone()]);
    assert!(!is_told(&talk.say("订单SO-1001到哪了，手机尾号8000")));
    let mut talk = talk_beside(vec![order, of_somebody("SO-1002")]);
    assert!(is_told(&talk.say("订单SO-1002到哪了，手机尾号8000")), "others are not closed by it");
}

#[test]
fn an_order_that_is_told_of_stays_whose_it_was_and_shows_neither_name_nor_where_to_pay() {
    let mut talk = talk_beside(vec![of_somebody("SO-1001")]);
    let decision = talk.say("订单SO-1001到哪了，手机尾号8000");
    assert!(is_told(&decision));
    let said = texts(&decision).join("\n");
    assert!(!said.contains(PAY) && !said.contains("Zhang"), "{said}");
    assert_eq!(decision.orders, [], "nothing about the order changes");
    assert!(!is_told(&talk.say("我的订单到哪了")), "and it is not theirs afterwards");
}

#[test]
fn an_order_known_to_be_theirs_needs_no_phone() {
    let mut talk = talk_beside(Vec::new());
    talk.facts.orders = vec![order("SO-1001", OrderStatus::Placed)];
    assert!(is_told(&talk.say("订单SO-1001到哪了")));
}

#[test]
fn a_trace_of_a_claim_has_none_of_the_digits() {
    let mut talk = talk_beside(vec![of_somebody("SO-1001")]);
    for said in ["订单SO-1001到哪了，手机尾号5566", "订单SO-9876到哪了，手机尾号8000"] {
        let decision = talk.say(said);
        let trace = serde_json::to_string(&decision.trace).unwrap();
        assert!(!trace.contains("5566") && !trace.contains("8000") && !trace.contains("9876"), "{trace}");
    }
}

#[test]
fn number_and_digits_are_heard_unasked_in_any_conversation() {
    for (id, said) in [
        ("A9001", "A9001 8000"),
        ("A9001", "A9001，8000"),
        ("A9001", "订单号A9001 8000"),
        ("A9001", "where is my order A9001 8000"),
        ("A9001", "order A9001, phone 8000"),
        ("A9001", "8000 A9001"),
        ("A9001", "你好，A9001 8000 麻烦查一下"),
        ("SO-2026-0001", "SO-2026-0001 8000"),
        ("20261127001", "20261127001 7766"),
        ("1001", "#1001 8000"),
        ("1001", "订单1001 8000"),
    ] {
        let tail = Some(if id == "20261127001" { "7766" } else { "8000" }.to_owned());
        let orders = vec![Order { phone_tail: tail, ..of_somebody(id) }];
        for first in [true, false] {
            let mut talk = talk_beside(orders.clone());
            if first {
                talk = Talk::at(DAY_MS);
                talk.facts.others = orders.clone();
            }
            let decision = talk.say(said);
            assert!(is_told(&decision), "{said}, first {first}: {:?} {:?}", texts(&decision), decision.trace);
            assert_eq!(kinds(&decision), [""; 0], "{said}");
        }
        let mut talk = talk_beside(orders);
        talk.say("查快递");
        assert!(is_told(&talk.say(said)), "{said}, asked");
    }
}

#[test]
fn after_a_slip_the_right_pair_is_looked_up() {
    for first in [&["查快递", "A9001 0000"][..], &["A9001 0000"], &["order A9001, phone 1111", "A9001 0000"]] {
        let mut talk = talk_beside(vec![of_somebody("A9001")]);
        for said in first {
            assert!(!is_told(&talk.say(said)), "{said}");
        }
        let decision = talk.say("A9001 8000");
        assert!(is_told(&decision), "{first:?}: {:?} {:?}", texts(&decision), decision.trace);
    }
}

#[test]
fn two_numbers_are_no_guess_at_a_phone() {
    for said in [
        "A9001 8000元",
        "A9001 ¥8000",
        "A9001 8000件",
        "A9001 8000 pieces",
        "A9001 8000年",
        "I paid 8000 for A9001",
        "I paid for A9001 8000 or so",
        "1001 8000",
        "8000 1001",
    ] {
        let heard = |orders: Vec<Order>| {
            let mut talk = talk_beside(orders);
            let decision = talk.say(said);
            assert!(!is_told(&decision), "{said}: {:?}", texts(&decision));
            assert_eq!(decision.conversation.claims_ms, [0_i64; 0], "{said} is no try");
            texts(&decision)
        };
        assert_eq!(heard(vec![of_somebody("A9001"), of_somebody("1001")]), heard(Vec::new()), "{said}");
    }
}

#[test]
fn digits_that_may_be_a_year_count_where_they_are_right_and_tell_nothing_where_they_are_not() {
    let of_2026 = || vec![Order { phone_tail: Some("2026".to_owned()), ..of_somebody("A9001") }];
    for said in ["A9001 2026", "where is my order A9001 2026"] {
        assert!(is_told(&talk_beside(of_2026()).say(said)), "{said}");
        let heard = |orders: Vec<Order>| {
            let decision = talk_beside(orders).say(said);
            assert!(!is_told(&decision), "{said}");
            (texts(&decision), decision.conversation)
        };
        assert_eq!(heard(vec![of_somebody("A9001")]), heard(Vec::new()), "{said}");
    }
}

#[test]
fn nobody_tries_bare_digits_one_after_the_other_either() {
    let mut talk = talk_beside(vec![of_somebody("A9001")]);
    for digits in ["0001", "0002", "0003", "0004", "0005"] {
        assert!(!is_told(&talk.say(&format!("A9001 {digits}"))));
        talk.now_ms += 60_000;
    }
    assert!(!is_told(&talk.say("A9001 8000")));
    let told_of_a_wrong_one = |orders: Vec<Order>| {
        let decision = talk_beside(orders).say("A9001 0001");
        (texts(&decision), decision.conversation)
    };
    assert_eq!(told_of_a_wrong_one(vec![of_somebody("A9001")]), told_of_a_wrong_one(Vec::new()));
}

#[test]
fn number_and_digits_after_a_complaint_belong_to_it() {
    let mut talk = talk_beside(vec![of_somebody("A9001")]);
    talk.say("my cup arrived broken");
    let decision = talk.say("order A9001, phone 8000");
    assert_eq!(kinds(&decision), ["damaged"], "{:?}", decision.trace);
}

#[test]
fn a_number_and_then_its_digits_are_one_claim() {
    for (number, digits) in [
        ("SO-1001", "8000"),
        ("订单号SO-1001", "尾号8000"),
        ("SO-1001", "phone ends in 8000"),
        ("my order is SO-1001", "8000"),
        ("注文番号 SO-1001", "8000です"),
    ] {
        let mut talk = talk_beside(vec![of_somebody("SO-1001")]);
        assert!(!is_told(&talk.say(number)), "{number}");
        talk.now_ms += 60_000;
        let decision = talk.say(digits);
        assert!(
            is_told(&decision) || texts(&decision).iter().any(|it| it.contains("SO-1001")),
            "{number} / {digits}: {:?}",
            texts(&decision)
        );
    }
}

#[test]
fn who_asks_where_it_is_hears_it_whatever_else_waits() {
    for said in [
        "SO-1001 8000 查一下",
        "SO-1001 8000 status",
        "SO-1001 8000 到哪了",
        "where is SO-1001? phone 8000",
        "订单SO-1001 尾号8000 到哪了",
    ] {
        let mut talk = talk_beside(vec![of_somebody("SO-1001")]);
        talk.say("我要退货");
        let decision = talk.say(said);
        assert!(is_told(&decision), "{said}: {:?}", texts(&decision));
    }
    for said in ["SO-1001 8000", "订单SO-1001，手机尾号8000，谢谢"] {
        let mut talk = talk_beside(vec![of_somebody("SO-1001")]);
        talk.say("我要退货");
        let decision = talk.say(said);
        assert_eq!(kinds(&decision), ["returns"], "{said}: they were asked for it: {:?}", texts(&decision));
    }
}
