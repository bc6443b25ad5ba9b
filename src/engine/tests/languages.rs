//! Who is answered in which language.

use super::*;
use crate::language::Tag;

/// A conversation of somebody whose platform says what they read.
fn reader(language: &str) -> Talk {
    let mut talk = Talk::met(DAY_MS);
    talk.languages = vec![Tag::of_platform(language).unwrap()];
    talk
}

fn first(decision: &Decision) -> String {
    texts(decision).into_iter().next().unwrap_or_default()
}

#[test]
fn an_order_number_never_changes_the_language_of_anybody() {
    let mut talk = reader("zh-hans");
    talk.say("我想查一下订单");
    for said in [
        "A10023",
        "SF1234567890",
        "https://shop.example/t1",
        "ana@shop.example",
        "😀",
        "2",
        "/help",
        "Tieguanyin",
        "ok",
    ] {
        let decision = talk.say(said);
        assert_eq!(decision.conversation.language.as_deref(), Some("zh"), "{said}");
        let words = texts(&decision).join("");
        assert!(words.is_empty() || words.contains(|it: char| !it.is_ascii()), "{said}: {decision:?}");
    }
}

#[test]
fn the_platforms_language_is_spoken_before_the_first_words() {
    let mut talk = reader("en-US");
    let decision = talk.say("A10023");
    assert!(first(&decision).contains("last four digits"), "{decision:?}");
    assert_eq!(decision.conversation.language, None);
    assert!(!first(&talk.say("请问有什么优惠")).is_ascii());
}

#[test]
fn of_what_a_browser_wants_the_first_that_somebody_here_speaks_is_taken() {
    let mut talk = Talk::met(DAY_MS);
    talk.languages = ["eo", "en-GB", "zh"].iter().filter_map(|it| Tag::of_platform(it)).collect();
    assert!(first(&talk.say("123")).contains("I have noted it"));
}

#[test]
fn whoever_writes_traditional_reads_traditional() {
    let mut talk = Talk::met(DAY_MS);
    let text = first(&talk.say("請問有什麼優惠"));
    assert!(text.contains("滿200減30") && !text.contains("满"), "{text}");
    let rule = first(&talk.say("可以退貨嗎"));
    assert!(rule.contains("告訴我訂單編號") && !rule.contains("换"), "{rule}");
    assert_eq!(talk.conversation.language.as_deref(), Some("zh-Hant"));
    let menu = talk.say("選單").conversation.menu;
    assert!(menu.is_empty() || menu.iter().any(|it| it.label == "查訂單"), "{menu:?}");
}

#[test]
fn a_store_has_texts_in_any_language_and_the_rest_fall_back() {
    let rule = r#"
        [[rule]]
        id = "wool"
        any = ["wool", "wolle", "羊毛"]
        text = { de = "Reine Wolle.", en = "Pure wool.", zh = "纯羊毛。" }
    "#;
    for (language, said, answer) in [
        ("de", "Wolle", "Reine Wolle."),
        ("de-CH", "ist es aus Wolle?", "Reine Wolle."),
        ("nl", "wool", "Pure wool."),
        ("zh-TW", "羊毛", "純羊毛。"),
    ] {
        let mut talk = Talk::with_rule(rule, DAY_MS);
        talk.languages = vec![Tag::of_platform(language).unwrap()];
        assert_eq!(first(&talk.say(said)), answer, "{language}");
    }
}

#[test]
fn what_fills_a_text_is_in_the_language_of_the_text() {
    let mut talk = reader("fr");
    talk.now_ms = NIGHT_MS;
    let text = first(&talk.say("returns"));
    assert!(text.contains("today at 09:00"), "{text}");
}
