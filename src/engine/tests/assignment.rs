//! Who gets a customer, and who hears that a target is missed, in decisions as they are made.

use super::*;
use crate::{
    desk::Policy,
    model::{Address, Stage},
};

/// A store in which An and Bo take conversations for sales.
fn desk(policy: &[Policy], an: &str, bo: &str) -> Talk {
    let mut settings = staffed();
    settings.store.team[0].policy = policy.to_vec();
    let people = format!(
        "[[person]]\nname = \"an\"\nteam = \"presales\"\n{an}\n[[person]]\nname = \"bo\"\nteam = \"presales\"\n{bo}\n"
    );
    settings.store.person = toml::from_str::<StoreSettings>(&people).unwrap().person;
    let mut talk = Talk::with(settings, DAY_MS);
    talk.conversation.first_seen_ms = Some(DAY_MS - 1);
    talk
}

/// Who has the conversation after it.
fn holder(decision: &Decision) -> Option<&str> {
    decision.conversation.hand_over.as_ref()?.holder.as_deref()
}

#[test]
fn by_channel_whoever_is_for_the_customers_channel_gets_them() {
    for (an, bo, who) in [("telegram", "webchat", "bo"), ("webchat", "telegram", "an")] {
        let channels = |it: &str| format!("channels = [\"{it}\"]");
        let mut talk = desk(&[Policy::Channel], &channels(an), &channels(bo));
        assert_eq!(holder(&talk.say("转人工")), Some(who));
    }
}

#[test]
fn by_language_whoever_speaks_the_customers_gets_them() {
    for (said, who) in [("轉人工", "bo"), ("转人工", "bo"), ("I want to talk to a person", "an")] {
        let mut talk = desk(&[Policy::Language], "languages = [\"en\"]", "languages = [\"zh\"]");
        assert_eq!(holder(&talk.say(said)), Some(who), "{said}");
    }
}

#[test]
fn by_skill_whoever_knows_what_is_open_with_the_customer_gets_them() {
    let mut talk = desk(&[Policy::Skill], "skills = [\"invoice\"]", "skills = [\"refund\"]");
    let decision = talk.say("我想退款");
    assert!(kinds(&decision).contains(&"refund"), "{decision:?}");
    assert_eq!(holder(&talk.say("转人工")), Some("bo"), "though what is asked for now is a person");
    let mut talk = desk(&[Policy::Skill], "skills = [\"callback\"]", "skills = [\"refund\"]");
    assert_eq!(holder(&talk.say("转人工")), Some("an"), "who only wants a person");
}

#[test]
fn by_tag_whoever_is_for_a_tag_a_tier_or_a_group_of_the_customers_gets_them() {
    for tag in ["vip", "tier:vip", "group:vip"] {
        let mut talk = desk(&[Policy::Tag], "tags = [\"new\"]", "tags = [\"vip\"]");
        talk.conversation.tags = vec![tag.to_owned()];
        assert_eq!(holder(&talk.say("转人工")), Some("bo"), "{tag}");
    }
    let mut talk = desk(&[Policy::Tag], "tags = [\"new\"]", "tags = [\"vip\"]");
    assert_eq!(holder(&talk.say("转人工")), Some("an"), "nobody fits: who has least, then by name");
}

/// What is told to whom that a target was missed.
fn late(decision: &Decision) -> Vec<&str> {
    let told = decision.actions.iter().filter_map(|action| match action {
        Action::Notify { to, .. } => Some(to.as_str()),
        _ => None,
    });
    told.collect()
}

/// The timer that watches the target of a ticket of this kind: its key, and how long after the decision.
fn watch(decision: &Decision, kind: &str, now_ms: i64) -> Option<(String, i64)> {
    let ticket = decision.conversation.tickets.iter().find(|it| it.kind == kind)?;
    decision.actions.iter().find_map(|action| match action {
        Action::SetTimer { key, due_ms, owner, .. }
            if owner == "clerk:tickets" && *key == format!("due:{}", ticket.id) =>
        {
            Some((key.clone(), due_ms - now_ms))
        }
        _ => None,
    })
}

#[test]
fn each_kind_of_ticket_has_the_target_of_the_team_it_waits_for_and_that_teams_superior_hears_of_it() {
    let mut settings = staffed();
    let target = |text: &str| toml::from_str(text).unwrap();
    settings.store.team[0].targets = target("refund = \"4h\"");
    settings.store.team[0].escalate = Some("warehouse".to_owned());
    settings.store.team[1].targets = target("complaint = \"30m\"\nrefund = \"9h\"");
    let mut talk = Talk::with(settings, DAY_MS);
    talk.conversation.first_seen_ms = Some(DAY_MS - 1);
    let decision = talk.say("我想退款");
    let (refund, after) = watch(&decision, "refund", DAY_MS).expect("a refund is watched");
    assert_eq!(after, 4 * 3_600_000);
    let decision = talk.say("我要投诉你们");
    let (complaint, after) = watch(&decision, "complaint", DAY_MS).expect("a complaint is watched");
    assert_eq!(after, 30 * 60_000);
    // Each is told of where it waits, whoever has the conversation by then.
    talk.conversation.assigned = Some("presales".to_owned());
    for (key, to) in [(complaint, "aftersales"), (refund.clone(), "warehouse")] {
        talk.now_ms += 10 * 3_600_000;
        let timer = TimerFired {
            key,
            due_ms: talk.now_ms,
            owner: "clerk:tickets".to_owned(),
            payload: serde_json::Value::Null,
        };
        assert_eq!(late(&talk.decide(EventKind::Timer(timer), None)), [to]);
    }
    // What is closed in time is late for nobody.
    let id = refund.strip_prefix("due:").unwrap().to_owned();
    let close = crate::model::Staff::new(None, crate::model::StaffDeed::CloseTicket { ticket: id });
    talk.decide(EventKind::Staff(close), None);
    let timer = TimerFired {
        key: refund,
        due_ms: talk.now_ms,
        owner: "clerk:tickets".to_owned(),
        payload: serde_json::Value::Null,
    };
    assert!(late(&talk.decide(EventKind::Timer(timer), None)).is_empty());
}

#[test]
fn the_target_of_a_ticket_runs_from_when_its_team_is_there_and_no_repetition_puts_it_off() {
    let mut settings = staffed();
    settings.store.team[0].targets = toml::from_str("refund = \"1h\"").unwrap();
    settings.hours =
        toml::from_str("timezone = \"Asia/Shanghai\"\n[[shift]]\nfrom = \"09:00\"\nuntil = \"18:00\"").unwrap();
    // Eight in the evening.
    let mut talk = Talk::with(settings, DAY_MS + 15 * 1_800_000);
    talk.conversation.first_seen_ms = Some(DAY_MS - 1);
    let decision = talk.say("我想退款");
    let (refund, after) = watch(&decision, "refund", talk.now_ms).expect("a refund is watched");
    assert_eq!(after, 14 * 3_600_000, "an hour after nine");
    talk.now_ms += 60_000;
    assert_eq!(watch(&talk.say("我想退款！！"), "refund", talk.now_ms), None);
    // What waits for somebody else is held against nobody.
    let id = refund.strip_prefix("due:").unwrap().to_owned();
    let hold = crate::model::Staff::new(None, crate::model::StaffDeed::HoldTicket { ticket: id });
    talk.decide(EventKind::Staff(hold), None);
    talk.now_ms += after;
    let fired = |talk: &Talk, owner: &str, key: &str| {
        EventKind::Timer(TimerFired {
            key: key.to_owned(),
            due_ms: talk.now_ms,
            owner: owner.to_owned(),
            payload: serde_json::Value::Null,
        })
    };
    let timer = fired(&talk, "clerk:tickets", &refund);
    assert!(late(&talk.decide(timer, None)).is_empty());
    // Nor is anything told twice where an earlier version of the clerk set a timer of its own.
    let timer = fired(&talk, "clerk:desk", &refund.replace("due:", "ticket:"));
    assert!(late(&talk.decide(timer, None)).is_empty());
}

#[test]
fn who_is_of_a_part_of_the_team_is_given_conversations_in_that_parts_own_room() {
    let mut settings = staffed();
    settings.store.team[0].policy = vec![Policy::LeastLoaded];
    let mut part = settings.store.team[1].clone();
    part.name = "night".to_owned();
    part.parent = Some("presales".to_owned());
    part.chat = Some("NIGHT".to_owned());
    settings.store.team.push(part);
    settings.store.person =
        toml::from_str::<StoreSettings>("[[person]]\nname = \"an\"\nteam = \"night\"\n").unwrap().person;
    let mut talk = Talk::with(settings, DAY_MS);
    talk.conversation.first_seen_ms = Some(DAY_MS - 1);
    let decision = talk.say("转人工");
    assert_eq!((holder(&decision), late(&decision)), (Some("an"), vec!["night"]));
    let room = decision.conversation.hand_over.as_ref().unwrap().room.as_ref().unwrap();
    assert_eq!(room.chat, "NIGHT", "what the customer writes comes there");
}

/// The store in which sales answer on the console, and Bo has a chat as well.
fn at_console(policy: &[Policy], bo: &str) -> Talk {
    let mut settings = staffed();
    settings.store.team[0].policy = policy.to_vec();
    settings.store.team[0].channel = Some("console".to_owned());
    settings.store.team[0].chat = None;
    let people = format!(
        "[[person]]\nname = \"an\"\nteam = \"presales\"\n[[person]]\nname = \"bo\"\nteam = \"presales\"\n{bo}\n"
    );
    settings.store.person = toml::from_str::<StoreSettings>(&people).unwrap().person;
    let mut talk = Talk::with(settings, DAY_MS);
    talk.conversation.first_seen_ms = Some(DAY_MS - 1);
    talk
}

#[test]
fn who_answers_on_the_console_and_has_a_chat_hears_there_of_who_wants_a_person() {
    let card = |decision: &Decision| {
        decision.actions.iter().find_map(|action| match action {
            Action::Notify { to, content: Content::Choices { .. } } => Some(to.clone()),
            _ => None,
        })
    };
    let chat = "channel = \"telegram\"\nchat = \"7\"";
    for policy in [&[][..], &[Policy::LeastLoaded]] {
        let decision = at_console(policy, "").say("转人工");
        assert_eq!((decision.conversation.stage, card(&decision)), (Stage::Clerk, None), "nobody is there");
        let mut talk = at_console(policy, chat);
        let decision = talk.say("转人工");
        assert_eq!(decision.conversation.stage, Stage::Person);
        assert_eq!(card(&decision).as_deref(), Some("bo"), "{decision:?}");
        if policy.is_empty() {
            continue;
        }
        assert_eq!(holder(&decision), Some("bo"));
        let room = decision.conversation.hand_over.and_then(|it| it.room);
        assert_eq!(room, Some(Address::new("telegram", "7")), "what they write comes there too");
    }
}
