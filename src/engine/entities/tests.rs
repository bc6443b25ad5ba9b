use jiff::civil::date;
use proptest::prelude::*;

use super::{
    form::{Form, Reading},
    *,
};

/// A Tuesday.
fn read(text: &str) -> Entities {
    Entities::read(text, date(2026, 11, 24))
}

#[test]
fn numbers_of_orders_are_read_as_people_write_them() {
    for (text, number) in [
        ("A10023", "A10023"),
        ("我的订单A10023到哪了", "A10023"),
        ("订单号：12345", "12345"),
        ("訂單編號 12345", "12345"),
        ("my order number is 77812", "77812"),
        ("order no. 77812 please", "77812"),
        ("#1001", "#1001"),
        ("where is #1001?", "#1001"),
        ("SO-2026-0001", "SO-2026-0001"),
        ("so 2026 0001", "so 2026 0001"),
        ("order so 2026 0001", "so 2026 0001"),
        ("订单 2026 0001", "2026 0001"),
        ("order SO2026 0001", "SO2026 0001"),
        ("订单号A9001 8899", "A9001"),
        ("order 1001 8899", "1001"),
        ("单号2837465910283746591", "2837465910283746591"),
        ("2837465910283746591 到哪了", "2837465910283746591"),
        ("ＳＯ－２０２６－０００１", "SO-2026-0001"),
    ] {
        let found = read(text).orders;
        assert_eq!(
            found.iter().map(|it| it.trim_start_matches('#')).collect::<Vec<_>>(),
            [number.trim_start_matches('#')],
            "{text}"
        );
    }
    for text in [
        "我要10个杯子",
        "我要退货",
        "2026-11-24下的单",
        "3天了",
        "手机尾号8899",
        "13800138000",
        "99元",
        "call me at +49 170 1234567",
    ] {
        assert_eq!(read(text).orders, [""; 0], "{text}");
    }
}

#[test]
fn an_order_is_known_by_its_number_however_it_is_written() {
    for (said, id) in [
        ("1001", "#1001"),
        ("so 2026 0001", "SO-2026-0001"),
        ("so20260001?", "SO-2026-0001"),
        ("订单 a10023 到哪了", "A10023"),
        ("10023", "A10023"),
        ("and a0999?", "A0999"),
    ] {
        assert!(says_order(&super::super::text::fold(said), id), "{said} {id}");
    }
    for (said, id) in [("11001", "#1001"), ("10015", "1001"), ("so 2026 00011", "SO-2026-0001"), ("我要10个杯子", "10")]
    {
        assert!(!says_order(&super::super::text::fold(said), id), "{said} {id}");
    }
}

#[test]
fn phones_and_their_last_digits_are_told_from_orders() {
    for text in [
        "手机尾号 8899",
        "尾号8899",
        "手機尾號是8899",
        "后四位：8899",
        "8899尾号",
        "last four digits 8899",
        "phone ending in 8899",
    ] {
        assert_eq!(read(text).phone_tails, ["8899"], "{text}");
    }
    for (text, phone) in [
        ("13800138000", "13800138000"),
        ("我的手机号是138 0013 8000", "13800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("call me at +49 170 1234567", "+491701234567"),
        ("电话：0755-12345678", "075512345678"),
    ] {
        assert_eq!(read(text).phones, [phone], "{text}");
        assert_eq!(read(text).orders, [""; 0], "{text}");
    }
}

#[test]
fn parcels_have_numbers_of_their_own() {
    for (text, number) in [
        ("SF1234567890123 到哪了", "SF1234567890123"),
        ("快递单号 78901234567890", "78901234567890"),
        ("RR123456789CN", "RR123456789CN"),
        ("tracking number 1Z999AA10123456784", "1Z999AA10123456784"),
        ("tracking 1Z999AA10123456784", "1Z999AA10123456784"),
        // A letter too few or too many is a slip of the pen.
        ("ups 1Z54F78A045029351 isn't moving", "1Z54F78A045029351"),
        ("1Z54F78A04502935171", "1Z54F78A04502935171"),
        ("tracking code JD014600003912345678", "JD014600003912345678"),
    ] {
        let found = read(text);
        assert_eq!(found.parcels, [number], "{text}");
        assert_eq!(found.orders, [""; 0], "{text}");
    }
}

#[test]
fn quantities_have_units_and_are_neither_days_nor_money() {
    let counts = |text: &str| read(text).quantities.iter().map(|it| it.count).collect::<Vec<_>>();
    for (text, count) in [
        ("我要两盒", vec![2]),
        ("铁观音三箱，红茶 3 箱", vec![3, 3]),
        ("十二个", vec![12]),
        ("any discount for 2 tea sets?", vec![2]),
        ("two boxes please", vec![2]),
        ("I want a dozen boxes", vec![12]),
        ("T1 x2", vec![2]),
        ("等了3天", vec![]),
        ("两个月了", vec![]),
        ("for 3 days", vec![]),
        ("99元", vec![]),
        ("第一个", vec![]),
    ] {
        assert_eq!(counts(text), count, "{text}");
    }
}

#[test]
fn days_are_counted_from_the_stores_day() {
    for (text, day) in [
        ("3天前下的单", date(2026, 11, 21)),
        ("两周前", date(2026, 11, 10)),
        ("ordered 3 days ago", date(2026, 11, 21)),
        ("昨天买的", date(2026, 11, 23)),
        ("大前天", date(2026, 11, 21)),
        ("yesterday", date(2026, 11, 23)),
        ("last Monday", date(2026, 11, 23)),
        ("上周一", date(2026, 11, 16)),
        ("上星期天", date(2026, 11, 22)),
        ("11月11日下单", date(2026, 11, 11)),
        ("12月30号买的", date(2025, 12, 30)),
        ("2026-11-01", date(2026, 11, 1)),
        ("on Nov 11", date(2026, 11, 11)),
        ("11th of November", date(2026, 11, 11)),
    ] {
        assert_eq!(read(text).dates, [day], "{text}");
    }
    assert_eq!(read("2026-13-45, 99月99日").dates, []);
}

#[test]
fn days_waited_are_those_that_have_passed() {
    for (text, days) in [
        ("等了10天", Some(10)),
        ("都一个星期了快递还没到！！！", Some(7)),
        ("where is my parcle?? its been 10 days", Some(10)),
        ("two weeks and nothing", Some(14)),
        ("已经半个月了", Some(15)),
        ("付款5天还没发货", Some(5)),
        ("I have been waiting for a week", Some(7)),
        ("7天无理由", None),
        ("3天能到吗", None),
        ("3天前下的单", None),
        ("delivery within 3 days?", None),
        ("第3天", None),
    ] {
        assert_eq!(read(text).days_waited, days, "{text}");
    }
}

#[test]
fn couriers_are_known_by_name_and_letters() {
    for (text, courier) in [
        ("可以发顺丰吗", "sf"),
        ("能发韵达吗", "yunda"),
        ("發圓通可以嗎", "yto"),
        ("SF please", "sf"),
        ("is it sent by DHL?", "dhl"),
        ("EMS到了吗", "ems"),
        ("中通快递", "zto"),
        ("do you ship with UPS", "ups"),
    ] {
        assert_eq!(read(text).couriers, [courier], "{text}");
    }
    assert_eq!(read("there are ups and downs").couriers, [""; 0]);
    assert_eq!(read("safe transfer").couriers, [""; 0]);
}

#[test]
fn amounts_have_a_currency() {
    for (text, amount) in [
        ("能不能少10块", "CNY 10.00"),
        ("99.5元", "CNY 99.50"),
        ("￥1,299.00", "CNY 1299.00"),
        ("$20", "USD 20.00"),
        ("20 euros", "EUR 20.00"),
        ("USD 15.50", "USD 15.50"),
    ] {
        assert_eq!(read(text).amounts.iter().map(ToString::to_string).collect::<Vec<_>>(), [amount], "{text}");
    }
}

#[test]
fn an_invoice_has_a_title_a_tax_number_and_an_address() {
    for text in [
        "发票抬头：杭州夜茶有限公司 税号：91330106MA2XXXXX0K 邮箱 a.b@example.com",
        "杭州夜茶有限公司\n91330106MA2XXXXX0K\na.b@example.com",
        "發票抬頭是杭州夜茶有限公司，稅號91330106MA2XXXXX0K，a.b@example.com",
    ] {
        let found = read(text);
        assert_eq!(found.invoice_title.as_deref(), Some("杭州夜茶有限公司"), "{text}");
        assert_eq!(found.tax_number.as_deref(), Some("91330106MA2XXXXX0K"), "{text}");
        assert_eq!(found.emails, ["a.b@example.com"], "{text}");
        assert_eq!(found.orders, [""; 0], "{text}");
    }
    let found = read("Company name: Acme Trading Ltd, VAT number DE123456789");
    assert_eq!(found.invoice_title.as_deref(), Some("Acme Trading Ltd"));
    assert_eq!(found.tax_number.as_deref(), Some("DE123456789"));
    for text in ["发票抬头能改吗", "抬头是什么", "你们公司在哪", "快递公司是哪家"] {
        assert_eq!(read(text).invoice_title, None, "{text}");
    }
}

#[test]
fn the_kinds_of_what_was_read_are_told() {
    let kinds = read("手机尾号 8899，等了10天，发顺丰的").kinds();
    assert_eq!(kinds, [EntityKind::PhoneTail, EntityKind::DaysWaited, EntityKind::Courier]);
}

proptest! {
    #[test]
    fn no_text_is_too_odd_to_be_read(text in "\\PC{0,60}|[0-9a-zA-Z#@.:年月日号天前等了个订单尾手机 +-]{0,60}") {
        read(&text);
    }
}

/// All there are.
static FORMS: [&Form; 27] = [
    &invoice::EMAIL,
    &invoice::LABELLED_TAX,
    &invoice::CREDIT_CODE,
    &invoice::LABELLED_TITLE,
    &invoice::COMPANY,
    &amounts::AFTER_SIGN,
    &amounts::BEFORE_SIGN,
    &number::COUNT_WITH_UNIT,
    &number::FACTOR,
    &number::COUNT_BEFORE_NOUN,
    &days::AGO,
    &days::ISO_DATE,
    &days::MONTH_DAY,
    &days::ENGLISH_DATE,
    &days::WEEKDAY,
    &days::NAMED_DAY,
    &days::WAIT,
    &codes::TAIL,
    &codes::TAIL_BEFORE,
    &codes::LABELLED_PARCEL,
    &codes::PARCEL,
    &codes::LABELLED_PHONE,
    &codes::PHONE,
    &codes::LABELLED_ORDER,
    &codes::HASH,
    &codes::CODE,
    &codes::LONG,
];

#[test]
fn every_form_is_found_where_it_stands() {
    for (form, text) in [
        (&invoice::EMAIL, "a.b@example.com"),
        (&invoice::COMPANY, "杭州夜茶有限公司"),
        (&number::COUNT_BEFORE_NOUN, "I want two boxes"),
        (&days::NAMED_DAY, "yesterday"),
        (&days::WAIT, "10天"),
        (&codes::LONG, "2837465910283746591"),
    ] {
        assert!(Reading::new(text).first(form).is_some(), "{text}");
    }
}

proptest! {
    #[test]
    fn nothing_is_passed_over_for_want_of_a_cue(text in "(13800138000|SF1234567890123|A10023|2026-11-24|x2|[0-9]{1,9}|尾号|订单|#|order |顺丰|元|\\$|个月|天|前|上周一|last mon|一|two |a |boxes|月|公司|Ltd|税号|VAT |@|a.b@c.de|半个月|want |[ ,，]){0,6}") {
        let reading = Reading::new(&text);
        for form in FORMS {
            prop_assert!(!form.pattern.is_match(&text) || (form.may_be_in)(&reading), "{}", *form.pattern);
        }
    }
}
