use nightclerk_sdk::{
    prelude::*,
    testing::{Bench, order},
};

use super::Notice;

fn bench() -> Bench<Notice> {
    Bench::new()
}

fn shipped(carrier: &str, number: &str) -> OrderDetails {
    let known = |text: &str| Some(text.to_owned()).filter(|it| !it.is_empty());
    let parcel = Parcel { carrier: known(carrier), tracking_number: known(number), ..Parcel::default() };
    OrderDetails { status: OrderStatus::Shipped, parcels: vec![parcel], ..order("A1") }
}

#[test]
fn every_usual_courier_is_known_by_its_names_and_linked() {
    for (called, shown, link) in [
        ("SF Express", "SF Express", "com=shunfeng&nu=N1"),
        ("SF", "SF Express", "com=shunfeng&nu=N1"),
        ("顺丰速运", "SF Express", "com=shunfeng&nu=N1"),
        ("YTO", "YTO Express", "com=yuantong&nu=N1"),
        ("圆通", "YTO Express", "com=yuantong&nu=N1"),
        ("中通快递", "ZTO Express", "com=zhongtong&nu=N1"),
        ("sto", "STO Express", "com=shentong&nu=N1"),
        ("YunDa", "Yunda Express", "com=yunda&nu=N1"),
        ("EMS", "EMS", "com=ems&nu=N1"),
        ("DHL Express", "DHL", "dhl.com/en/express/tracking.html?AWB=N1"),
        ("ups", "UPS", "ups.com/track?tracknum=N1"),
        ("FedEx Ground", "FedEx", "fedex.com/fedextrack/?trknbr=N1"),
    ] {
        let text = bench().shipping_notice(shipped(called, "N1")).text();
        assert!(text.contains(&format!("Courier: {shown}, tracking number: N1")) && text.ends_with(link), "{text}");
    }
}

#[test]
fn a_code_inside_another_word_is_no_courier() {
    for called in ["Upside Couriers", "Groups Ltd", "SFX"] {
        let text = bench().shipping_notice(shipped(called, "N1")).text();
        assert!(text.contains(called) && text.contains("N1") && !text.contains("http"), "{text}");
    }
}

#[test]
fn the_shops_own_link_goes_first() {
    let mut order = shipped("SF", "N1");
    order.parcels[0].tracking_url = Some("https://track.example/N1".into());
    assert!(bench().shipping_notice(order).text().ends_with("https://track.example/N1"));
}

#[test]
fn a_number_that_could_break_a_link_makes_none() {
    let text = bench().shipping_notice(shipped("SF", "N1&com=evil")).text();
    assert!(text.contains("N1&com=evil") && !text.contains("http"), "{text}");
}

#[test]
fn what_is_not_known_is_not_mentioned() {
    for order in [shipped("", ""), OrderDetails { parcels: Vec::new(), ..shipped("", "") }] {
        let text = bench().shipping_notice(order).text();
        assert!(text.contains("A1 is on its way"), "{text}");
        assert!(!text.contains("Courier") && !text.contains("racking") && !text.contains("Expected"), "{text}");
    }
    let text = bench().shipping_notice(shipped("", "N1")).text();
    assert!(text.contains("Tracking number: N1") && !text.contains("Courier"), "{text}");
}

#[test]
fn the_time_of_delivery_is_told_where_it_is_known() {
    let mut order = shipped("SF", "N1");
    order.parcels[0].expected = Some("Friday".into());
    assert!(bench().shipping_notice(order).text().contains("Expected: Friday"));
}

#[test]
fn fragile_goods_come_with_a_request() {
    let titled = |title: &str| OrderDetails {
        items: vec![OrderItem { sku: None, title: title.into(), quantity: 1 }],
        ..shipped("SF", "N1")
    };
    assert!(bench().shipping_notice(titled("Blue GLASS bowl")).text().contains("fragile"));
    assert!(bench().language("zh-Hans").shipping_notice(titled("陶瓷杯")).text().contains("易碎品"));
    assert!(!bench().shipping_notice(titled("Cotton shirt")).text().contains("fragile"));
}

#[test]
fn couriers_may_be_added() {
    let carriers =
        json!([{ "known_as": ["pigeon"], "zh": "鸽子", "en": "Pigeon Post", "url": "https://coo.example/{number}" }]);
    let text = bench().settings(json!({ "carriers": carriers })).shipping_notice(shipped("PIGEON", "7")).text();
    assert!(text.contains("Pigeon Post") && text.ends_with("https://coo.example/7"), "{text}");
}

#[test]
fn customers_of_other_languages_are_left_to_the_clerk() {
    for language in ["ja", "zh-Hant-TW", "th"] {
        assert!(bench().language(language).shipping_notice(shipped("SF", "N1")).passed(), "{language}");
    }
}
