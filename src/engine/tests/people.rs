use super::*;
use crate::model::Stage;

#[test]
fn who_asks_for_a_person_gets_one_and_the_clerk_steps_back() {
    let mut talk = Talk::met(DAY_MS);
    let decision = talk.say("转人工");
    assert!(texts(&decision)[0].contains("售前客服"), "{decision:?}");
    assert_eq!(decision.conversation.assigned.as_deref(), Some("presales"));
    assert_eq!(decision.conversation.stage, Stage::Person);
    assert!(decision.conversation.tickets.is_empty());
    let decision = talk.say("你们发到国外吗");
    assert_eq!(decision.replies().count(), 0);
    assert!(matches!(&decision.actions[..], [Action::Silence { reason }] if reason.contains("presales")));
    assert_eq!(steps(&decision), ["schedule", "routing"]);
}

#[test]
fn at_night_they_hear_when_people_are_back_and_are_on_the_list_and_the_clerk_goes_on() {
    let mut talk = Talk::met(NIGHT_MS);
    let decision = talk.say("agent please");
    assert!(texts(&decision)[0].contains("back today at 09:00"), "{decision:?}");
    assert_eq!(kinds(&decision), ["callback"]);
    assert!(went_by(&talk.say("Do you ship abroad?"), "rule:shipping-abroad"));
}

#[test]
fn a_conversation_nobody_continued_is_the_clerks_again() {
    let mut talk = Talk::met(DAY_MS);
    talk.say("转人工");
    talk.now_ms += 24 * 3_600_000;
    let decision = talk.say("你们发到国外吗");
    assert!(went_by(&decision, "rule:shipping-abroad"), "{:?}", decision.trace);
}

#[test]
fn an_urgent_ticket_is_told_to_whoever_takes_complaints_once() {
    let mut talk = Talk::at(NIGHT_MS);
    let told = |decision: &Decision| {
        let to_aftersales = |it: &&Action| matches!(it, Action::Notify { to, .. } if to == "aftersales");
        decision.actions.iter().filter(to_aftersales).count()
    };
    assert_eq!(talk.playbook.address_of("aftersales"), Some(Address::new("telegram", "-2")));
    assert_eq!(talk.playbook.address_of("nobody"), None);
    assert_eq!(told(&talk.say("我要投诉")), 1);
    assert_eq!(told(&talk.say("我要投诉！")), 0);
    talk.now_ms += 13 * 3_600_000;
    assert_eq!(told(&talk.say("还是要投诉")), 1);
}

#[test]
fn two_robots_do_not_talk_all_night() {
    let mut talk = Talk::met(DAY_MS);
    let answered = (0..50).filter(|number| talk.say(&format!("ship abroad {number}")).replies().count() > 0).count();
    assert_eq!(answered, 20);
    let decision = talk.say("ship abroad");
    assert!(matches!(&decision.actions[..], [Action::Silence { .. }]), "tagged once: {:?}", decision.actions);
    assert_eq!(decision.conversation.tags, ["storm"]);
    assert!(went_by(&decision, "limits"));
    talk.now_ms += 60_000;
    assert_eq!(talk.say("ship abroad").replies().count(), 1);
}

#[test]
fn the_storm_guard_can_be_switched_off() {
    let mut settings = shipped();
    settings.store.storm_guard.replies = 0;
    let mut talk = Talk::with(settings, DAY_MS);
    assert!((0..50).all(|number| talk.say(&format!("ship abroad {number}")).replies().count() > 0));
    assert!(talk.conversation.recent_replies_ms.is_empty());
}

#[test]
fn the_clerks_own_words_coming_back_are_not_answered() {
    let mut talk = Talk::met(DAY_MS);
    let own = texts(&talk.say("thanks")).remove(0);
    let decision = talk.say(&own);
    assert!(matches!(&decision.actions[..], [Action::Silence { .. }]), "{:?}", decision.actions);
}

#[test]
fn the_same_words_are_answered_again_unless_the_store_says_otherwise() {
    let mut talk = Talk::met(DAY_MS);
    assert_eq!(talk.say("thanks").replies().count(), 1);
    assert_eq!(talk.say("thanks").replies().count(), 1);
    let mut settings = shipped();
    settings.store.storm_guard.repeat = Some("5s".parse().unwrap());
    let mut talk = Talk::with(settings, DAY_MS);
    assert!(talk.say("thanks").replies().count() > 0);
    assert_eq!(talk.say("thanks").replies().count(), 0);
    talk.now_ms += 5_000;
    assert_eq!(talk.say("thanks").replies().count(), 1);
}

#[test]
fn what_is_remembered_does_not_grow_with_the_conversation() {
    let mut talk = Talk::met(DAY_MS);
    for number in 0..200 {
        talk.say(&format!("ship abroad {number}"));
        talk.now_ms += 7_000;
    }
    assert_eq!(talk.conversation.received, 200);
    assert!(talk.conversation.answered_ms.len() <= 4, "{:?}", talk.conversation.answered_ms);
    assert!(talk.conversation.recent_replies_ms.len() <= 20);
}

#[test]
fn a_platform_that_takes_one_answer_gets_all_of_it_in_one() {
    let mut talk = Talk::at(NIGHT_MS);
    let reply = crate::model::ReplyContext { budget: Some(1), ..Default::default() };
    let message = Message { text: Some("你们发到国外吗".to_owned()), reply, ..Message::default() };
    let decision = talk.decide(EventKind::Message(message), None);
    let texts = texts(&decision);
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains("1. 查订单") && texts[0].contains("港澳台"), "{texts:?}");
    assert_eq!(decision.conversation.sent, 1);
    assert!(went_by(&talk.say("1"), "rule:order-status"));
}

#[test]
fn a_plugin_that_takes_the_welcome_replaces_only_the_welcome() {
    let mut talk = Talk::at(NIGHT_MS);
    talk.plugins = Taking::at(Hook::Welcome, "Good evening!");
    let decision = talk.say("Do you ship abroad?");
    let texts = texts(&decision);
    assert_eq!(texts[0], "Good evening!");
    assert!(texts[1].contains("most countries"), "{texts:?}");
    assert_eq!(steps(&decision), ["schedule", "plugin:test", "intents", "rule:shipping-abroad"]);
}

#[test]
fn a_plugin_that_takes_the_message_replaces_the_rules() {
    let mut talk = Talk::met(NIGHT_MS);
    talk.plugins = Taking::at(Hook::Message, "From the plugin.");
    assert_eq!(texts(&talk.say("Do you ship abroad?")), ["From the plugin."]);
    assert!(talk.plugins.offered.lock().unwrap().iter().all(|(hook, open)| *hook == Hook::Message && !open));
}

#[test]
fn a_plugins_timer_comes_back_to_the_plugins() {
    let mut talk = Talk::met(DAY_MS);
    talk.plugins = Taking::at(Hook::Timer, "Time is up.");
    let timer =
        TimerFired { key: "k".to_owned(), due_ms: 0, owner: "test".to_owned(), payload: serde_json::Value::Null };
    assert_eq!(texts(&talk.decide(EventKind::Timer(timer), None)), ["Time is up."]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_said_gets_a_decision(said in proptest::collection::vec("\\PC{0,40}|(rule:|[0-9]|发|國|ship abroad|谢谢|Ａ|[{}%]){1,6}", 1..6)) {
        let mut talk = Talk::at(NIGHT_MS);
        for text in said {
            let decision = talk.say(&text);
            proptest::prop_assert!(!decision.trace.is_empty());
        }
    }
}
