use super::*;
use crate::model::Conversation;

/// Somebody who was welcomed by day and writes at night.
fn tonight() -> Talk {
    let mut talk = Talk::met(NIGHT_MS);
    talk.conversation.away_until_ms = None;
    talk
}

fn opened() -> EventKind {
    EventKind::Opened { sender: "ana".to_owned(), sender_name: None, payload: None, reply: ReplyContext::default() }
}

#[test]
fn each_night_a_customer_hears_once_that_nobody_is_there_and_when_they_are_back() {
    let mut talk = Talk::met(DAY_MS);
    talk.say("你好");
    for night in 1..=3 {
        talk.now_ms = NIGHT_MS + night * 24 * 3_600_000;
        let decision = talk.say("你好");
        let said = texts(&decision);
        assert_eq!(said.len(), 1, "no second greeting: {said:?}");
        assert!(said[0].contains("今天 09:00回来") && said[0].contains("优惠"), "{said:?}");
        let menu = decision.replies().any(|it| matches!(it, Content::Choices { .. }));
        assert!(menu, "{said:?}");
        talk.now_ms += 60_000;
        assert!(!texts(&talk.say("你好呀")).concat().contains("09:00"), "once");
        assert!(went_by(&talk.say("你们发到国外吗"), "rule:shipping-abroad"));
    }
}

#[test]
fn somebody_upset_at_night_gets_an_apology_and_no_offers() {
    let mut talk = tonight();
    let said = texts(&talk.say("我要投诉"));
    assert!(said[0].contains("抱歉") && said[0].contains("09:00") && said.len() == 1, "{said:?}");
}

#[test]
fn a_plugins_welcome_that_says_when_people_are_back_is_enough() {
    let mut talk = Talk::at(NIGHT_MS);
    talk.plugins = Taking::at(Hook::Welcome, "Good evening! We are back 今天 09:00.");
    assert_eq!(texts(&talk.say("在吗")).len(), 1);
    assert_eq!(texts(&talk.say("有什么优惠")).len(), 1, "and is not said again");
}

#[test]
fn whether_anybody_is_there_is_answered_truthfully() {
    for said in ["现在有人吗", "有人在吗？", "is anybody there?", "Anyone there"] {
        let mut talk = Talk::met(NIGHT_MS);
        talk.say("thanks");
        let answer = texts(&talk.say(said)).concat();
        assert!(answer.contains("09:00"), "{said}: {answer}");
        assert!(!texts(&Talk::met(DAY_MS).say(said)).concat().contains("09:00"));
    }
}

#[test]
fn who_opens_the_conversation_again_is_answered() {
    let mut talk = Talk::at(DAY_MS);
    assert_eq!(talk.decide(opened(), None).replies().count(), 1);
    assert_eq!(talk.decide(opened(), None).replies().count(), 1);
    let mut talk = tonight();
    assert!(texts(&talk.decide(opened(), None))[0].contains("09:00"));
}

#[test]
fn the_same_words_are_answered_three_times_an_hour() {
    let mut talk = Talk::met(DAY_MS);
    let automatic = "Do you ship to Germany?";
    let mut answered = 0;
    for _ in 0..900 {
        answered += usize::from(talk.say(automatic).replies().count() > 0);
        talk.now_ms += 4_000;
    }
    assert!((1..=3).contains(&answered), "{answered}");
    talk.now_ms += 3_600_000;
    assert!(talk.say("几点上班").replies().count() > 0, "other words are answered");
}

#[test]
fn a_robot_that_varies_its_words_is_answered_less_and_less() {
    let mut talk = Talk::met(DAY_MS);
    let mut by_hour = [0_usize; 8];
    for second in 0..8 * 3600 {
        talk.now_ms = DAY_MS + second * 1000;
        let said = format!("ship abroad {second}");
        by_hour[usize::try_from(second / 3600).unwrap()] += usize::from(talk.say(&said).replies().count() > 0);
    }
    assert!(by_hour[0] <= 120 && by_hour.iter().sum::<usize>() <= 201, "{by_hour:?}");
    assert!(by_hour[5..].iter().sum::<usize>() <= 20, "{by_hour:?}");
    assert_eq!(talk.conversation.tickets.iter().filter(|it| it.kind == "storm").count(), 1, "people can look at it");
    assert!(talk.conversation.heard_ms.len() <= 32);
}

#[test]
fn who_opts_out_hears_so_once_and_nothing_unasked_any_more() {
    let mut talk = Talk::met(DAY_MS);
    let decision = talk.say("退订");
    assert_eq!(decision.replies().count(), 1);
    assert!(decision.conversation.tags.iter().any(|it| it == Conversation::OPTED_OUT));
    assert!(decision.conversation.tickets.is_empty());
    assert_eq!(talk.say("STOP").replies().count(), 0, "confirmed once");
    talk.plugins = Taking::at(Hook::Timer, "Buy now!");
    let timer =
        || TimerFired { key: "k".to_owned(), due_ms: 0, owner: "test".to_owned(), payload: serde_json::Value::Null };
    assert_eq!(talk.decide(EventKind::Timer(timer()), None).replies().count(), 0);
    assert!(talk.say("你们发到国外吗").replies().count() > 0, "what they ask is answered");
    assert_eq!(talk.say("START").replies().count(), 1);
    assert_eq!(talk.decide(EventKind::Timer(timer()), None).replies().count(), 1);
}

#[test]
fn who_wants_no_more_of_what_was_wrong_still_gets_messages_and_is_heard() {
    for (said, kind) in [
        ("stop sending me broken cups", "damaged"),
        ("stop sending me damaged goods", "damaged"),
        ("别再发坏的了", "damaged"),
        ("别再发碎的了", "damaged"),
        ("stop sending me the wrong size", "wrong-item"),
        ("不要再发错了", "wrong-item"),
        ("不要再寄错了", "wrong-item"),
        ("你好，不要再发错了", "wrong-item"),
        ("please stop sending it to the old address", "change-address"),
        ("please stop sending parcels to my neighbour", "change-address"),
        ("不要再发到旧地址了", "change-address"),
        ("别再寄错地址", "change-address"),
        ("stop sending me empty boxes!", "wrong-item"),
    ] {
        let decision = Talk::met(NIGHT_MS).say(said);
        assert!(!decision.conversation.has_opted_out(), "{said}: {:?}", decision.trace);
        assert!(kinds(&decision).contains(&kind), "{said}: {:?}", decision.trace);
    }
    // What has another name than messages have is not understood, rather than taken for them.
    assert!(!Talk::met(NIGHT_MS).say("stop sending me green tea").conversation.has_opted_out());
}

#[test]
fn who_wants_no_more_messages_is_still_heard_beside_it() {
    for said in [
        "stop sending me messages",
        "quit sending me this junk",
        "stop sending me your ads",
        "stop texting me at night",
        "别给我发消息了",
        "不要再给我推送了",
        "别再发错误的广告给我了",
        "no me manden más mensajes",
        "もうメッセージを送らないで",
        "문자 그만 보내세요",
        "đừng gửi tin nhắn nữa",
        "jangan kirim pesan lagi",
        "อย่าส่งข้อความมาอีก",
    ] {
        let decision = Talk::met(NIGHT_MS).say(said);
        assert!(decision.conversation.has_opted_out(), "{said}: {:?}", decision.trace);
    }
}
