//! What only makes sense by what was said before.

use super::*;
use crate::model::Urgency;

/// What is answered to the last of several messages.
fn last(language: &str, said: &[&str]) -> (String, Decision) {
    let mut talk = Talk::met(NIGHT_MS);
    talk.conversation.language = Some(language.to_owned());
    let mut decision = Decision::default();
    for said in said {
        decision = talk.say(said);
    }
    (texts(&decision).join("\n"), decision)
}

#[test]
fn it_is_what_was_told_of_last() {
    for (language, said, told, not) in [
        ("zh", &["盖碗烫手吗", "多少钱"][..], "¥59.00", "热销"),
        ("zh", &["龙井有货吗", "什么时候补货"], "已经登记", "卖得最好"),
        ("en", &["do you have longjing?", "when is it back"], "a colleague tells you", "best sellers"),
        ("en", &["tell me about the tieguanyin", "is it strong?"], "shop.example/t1", "which product"),
        // Another thing is named, so that it is not meant.
        ("zh", &["盖碗烫手吗", "运费多少钱"], "结算页面", "¥59.00"),
    ] {
        let (text, decision) = last(language, said);
        assert!(text.contains(told) && !text.contains(not), "{said:?}: {text} {:?}", decision.trace);
    }
}

#[test]
fn what_is_taken_of_what_was_told_leads_to_where_it_is_ordered() {
    for (language, said, address, not) in [
        ("zh", &["铁观音多少钱", "就它了"][..], "https://shop.example/t1", "/c1"),
        ("en", &["how much is the gaiwan", "ok two of those"], "https://shop.example/c1", "/t1"),
        ("en", &["what teas do you have", "the second one please"], "https://shop.example/c1", "/t1"),
    ] {
        let (text, decision) = last(language, said);
        assert!(text.contains(address) && !text.contains(not), "{said:?}: {text} {:?}", decision.trace);
    }
}

#[test]
fn who_names_a_price_is_told_what_costs_about_that() {
    for (language, said, told, not) in [
        ("zh", &["有什么茶推荐", "六十块左右的有吗"][..], "¥59.00", "¥118.00"),
        ("zh", &["有什么茶推荐", "两百块左右的有吗"], "最接近", "¥59.00"),
        ("en", &["tell me about the tieguanyin", "anything cheaper"], "59.00", "118.00"),
    ] {
        let (text, decision) = last(language, said);
        assert!(text.contains(told) && !text.contains(not), "{said:?}: {text} {:?}", decision.trace);
    }
}

#[test]
fn what_is_asked_of_a_trouble_goes_with_it() {
    for (language, told, asked) in [
        ("zh", "快递十天了还没到", "什么时候能到"),
        ("zh", "茶饼到的时候全碎了", "你们负责吗"),
        ("zh", "少发了一罐", "补发吗"),
        ("en", "my parcel is two weeks late", "so when will it get here"),
        ("en", "the lid arrived broken", "are you going to pay for it?"),
        ("ko", "택배가 2주째 안 왔어요", "어떻게 돼가요?"),
        ("id", "paket saya hilang", "gimana kabarnya"),
        ("es", "mi paquete llegó roto", "¿cómo va lo mío?"),
    ] {
        let mut talk = Talk::met(NIGHT_MS);
        talk.conversation.language = Some(language.to_owned());
        let kind = talk.say(told).conversation.tickets.first().map(|it| it.kind.clone());
        let decision = talk.say(asked);
        let kinds: Vec<_> = decision.conversation.tickets.iter().map(|it| it.kind.clone()).collect();
        assert_eq!(kinds, Vec::from_iter(kind), "{asked}: {:?}", decision.trace);
        assert_eq!(decision.replies().count(), 1, "{asked}: {:?}", decision.trace);
    }
    // Another trouble told in the same breath is heard as what it is.
    let (_, decision) = last("zh", &["快递十天了还没到", "收到了，杯子全碎了，怎么办"]);
    assert!(decision.conversation.tickets.iter().any(|it| it.kind == "damaged"), "{:?}", decision.trace);
}

#[test]
fn who_gives_up_on_a_trouble_gets_no_friendly_farewell_and_stays_on_top() {
    for (language, said) in
        [("zh", ["杯子碎了", "算了 自认倒霉"]), ("en", ["my parcel never came", "forget it, i'll just eat the loss"])]
    {
        let (text, decision) = last(language, &said);
        assert!(text.contains(if language == "zh" { "抱歉" } else { "sorry" }), "{text}");
        assert!(!text.contains("祝您") && !text.contains("welcome"), "{text}");
        assert!(decision.tickets.iter().all(|it| it.urgency == Urgency::Urgent), "{:?}", decision.tickets);
    }
}

#[test]
fn that_something_is_noted_is_not_said_twice_running_in_the_same_words() {
    let mut talk = Talk::met(NIGHT_MS);
    talk.conversation.language = Some("en".to_owned());
    talk.say("got the wrong tea");
    let mut before = String::new();
    for said in ["my order is A1001", "it was meant to be a gift", "what now?", "who pays?"] {
        talk.now_ms += 1000;
        let text = texts(&talk.say(said)).join("\n");
        assert!(!text.is_empty() && text != before, "{said}: {text}");
        before = text;
    }
}
