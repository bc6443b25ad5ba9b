use nightclerk_sdk::{
    prelude::*,
    testing::{Bench, product},
};

use super::Greeting;

fn bench() -> Bench<Greeting> {
    Bench::new()
}

fn known_as(name: &str, first_seen_ms: Option<i64>) -> Customer {
    Customer { id: "customer-1".into(), name: Some(name.into()), tags: Vec::new(), first_seen_ms, messages: 1 }
}

#[test]
fn the_greeting_follows_the_hour() {
    for (hour, greeting) in [
        ("06", "Good morning"),
        ("11", "Good morning"),
        ("12", "Good afternoon"),
        ("18", "Good evening"),
        ("23", "It is late"),
        ("03", "It is late"),
    ] {
        let text = bench().at(&format!("2026-11-24T{hour}:59:00+08:00")).welcome("Hi").text();
        assert!(text.starts_with(greeting), "{hour}: {text}");
        assert!(text.contains("Tea House") && text.contains("Xiaoer"), "{text}");
    }
}

#[test]
fn customers_are_greeted_in_their_language() {
    let text = bench().language("zh-Hans").welcome("你好").text();
    assert!(text.starts_with("晚上好！欢迎光临Tea House，我是Xiaoer。"), "{text}");
}

#[test]
fn an_acquaintance_is_welcomed_back_by_name() {
    let long_ago = Some(1_700_000_000_000);
    let text = bench().customer(known_as("Ana", long_ago)).welcome("Hi").text();
    assert!(text.starts_with("Welcome back, Ana!"), "{text}");
    let text = bench().customer(known_as("Ana", None)).welcome("Hi").text();
    assert!(text.starts_with("Good evening, Ana!"), "{text}");
    let alike = json!({ "returning_en": "" });
    let text = bench().settings(alike).customer(known_as("Ana", long_ago)).welcome("Hi").text();
    assert!(text.starts_with("Good evening, Ana!"), "{text}");
}

#[test]
fn a_closed_store_says_so_and_an_open_one_offers_help() {
    assert!(bench().welcome("Hi").text().contains("leave a message"));
    let text = bench().open(true).welcome("Hi").text();
    assert!(text.contains("How can we help") && !text.contains("leave a message"), "{text}");
}

#[test]
fn a_closed_store_says_when_people_are_back() {
    assert!(bench().welcome("Hi").text().contains("off now and back tomorrow at 09:00."));
    let text = bench().language("zh-Hans").back(Some("明天09:00")).welcome("你好").text();
    assert!(text.contains("同事们已经下班，明天09:00回来；"), "{text}");
    assert!(bench().back(None).welcome("Hi").text().contains("off now. Ask me"), "where nobody knows");
}

#[test]
fn todays_offers_and_the_main_menu_come_with_the_greeting() {
    let with_all = || {
        let bench = bench().offer("Two for one", Some("https://shop.example/two")).offer("{{ store }}", None);
        bench.menu("My order", "order").menu("A person", "person")
    };
    let reaction = with_all().welcome("Hi");
    let [Action::Reply(Content::Choices(question))] = reaction.actions() else { panic!("{reaction:?}") };
    assert!(
        question.text.ends_with("On offer today:\nTwo for one https://shop.example/two\n{{ store }}"),
        "{question:?}"
    );
    assert_eq!(question.choices, [Choice::new("My order", "order"), Choice::new("A person", "person")]);
    let plain = with_all().settings(json!({ "offers": false, "menu": false })).welcome("Hi");
    assert!(
        matches!(plain.actions(), [Action::Reply(Content::Text(text))] if !text.contains("Two for one")),
        "{plain:?}"
    );
}

#[test]
fn a_template_says_what_stands_in_for_a_name_that_is_not_known() {
    let words = json!({ "evening_en": "Hello {{ name|default('friend') }}." });
    let text = |name: Option<&str>| {
        let customer = Customer { name: name.map(str::to_owned), ..known_as("", None) };
        bench().settings(words.clone()).at("2026-11-24T20:00:00+08:00").customer(customer).welcome("Hi").text()
    };
    assert!(text(None).starts_with("Hello friend."));
    assert!(text(Some("Ana")).starts_with("Hello Ana."));
}

#[test]
fn feasts_are_wished_for_on_their_days() {
    let text = |day: &str| bench().at(&format!("{day}T10:00:00+08:00")).opened().text();
    assert!(text("2026-12-25").starts_with("Merry Christmas! Good morning"));
    assert!(text("2027-02-12").starts_with("Happy Lunar New Year!"));
    assert!(text("2027-02-13").starts_with("Good morning"));
}

#[test]
fn a_feast_of_every_year_is_wished_for_as_long_as_it_lasts_and_a_date_that_is_none_never() {
    let feasts = json!([
        { "date": "12-30", "days": 5, "zh": "", "en": "Enjoy the turn of the year!" },
        { "date": "13-01", "days": 400, "zh": "", "en": "Never!" },
    ]);
    let text = |day: &str| {
        let bench = bench().settings(json!({ "festivals": feasts }));
        bench.at(&format!("{day}T10:00:00+08:00")).opened().text()
    };
    assert!(text("2026-12-29").starts_with("Good morning"));
    assert!(text("2026-12-31").starts_with("Enjoy"));
    assert!(text("2027-01-03").starts_with("Enjoy"));
    assert!(text("2027-01-04").starts_with("Good morning"));
}

#[test]
fn todays_pick_is_hot_in_stock_and_another_one_tomorrow() {
    let gone = Product { stock: Some(0), ..product("A", "Gone") };
    let cold = Product { hot: false, ..product("B", "Cold") };
    let mut bench = bench().product(gone).product(cold).product(product("C", "Cup")).product(product("D", "Dish"));
    let today = bench.welcome("Hi").text();
    bench.set_time("2026-11-25T21:30:00+08:00");
    let tomorrow = bench.welcome("Hi").text();
    assert_ne!(today.contains("Cup"), tomorrow.contains("Cup"), "{today}\n{tomorrow}");
    assert_ne!(today.contains("Dish"), tomorrow.contains("Dish"));
    assert!(today.contains("CNY 59.00") && today.contains("https://shop.example/"), "{today}");
    assert!(!today.contains("Gone") && !today.contains("Cold"));
}

#[test]
fn what_the_customer_speaks_of_goes_before_the_days_turn() {
    let mut bench = bench().product(product("C", "Cup")).product(product("D", "Dish"));
    for name in ["Cup", "Dish"] {
        assert!(bench.welcome(&format!("Do you have the {name}?")).text().contains(&format!("Today's pick: {name}")));
    }
}

#[test]
fn without_the_catalogue_it_greets_all_the_same() {
    let text = bench().grants(&["reply"]).product(product("C", "Cup")).welcome("Hi").text();
    assert!(text.starts_with("Good evening!") && !text.contains("Cup"), "{text}");
}

#[test]
fn names_and_products_cannot_smuggle_templates_in() {
    let text = bench()
        .customer(known_as("{{ store }}", None))
        .product(product("C", "{% for x in range(9) %}"))
        .welcome("Hi")
        .text();
    assert!(text.contains("Good evening, {{ store }}!") && text.contains("{% for x in range(9) %}"), "{text}");
}

#[test]
fn all_texts_may_be_replaced() {
    let words = json!({ "evening_en": "Hoy {{ name }}", "closed_en": "", "recommend": false });
    let text =
        bench().settings(words).customer(known_as("Ana", None)).product(product("C", "Cup")).welcome("Hi").text();
    assert_eq!(text, "Hoy Ana");
}

#[test]
fn customers_of_other_languages_are_left_to_the_clerk() {
    for language in ["ja", "zh-Hant-TW", "th"] {
        assert!(bench().language(language).welcome("こんにちは").passed(), "{language}");
    }
}
