use super::*;
use crate::model::{Address, Colleague, Media, Staff, StaffDeed, Stage, Urgency};

/// Who was told, and what.
fn told(decision: &Decision) -> Vec<(String, String)> {
    let notices = decision.actions.iter().filter_map(|action| match action {
        Action::Notify { to, content } => Some((to.clone(), content.to_plain_text())),
        _ => None,
    });
    notices.collect()
}

impl Talk {
    /// The timer that the last hand-over set comes due.
    fn time_is_up(&mut self) -> Decision {
        self.now_ms += 10 * 60_000;
        let (key, owner) = ("take".to_owned(), "clerk:hand-over".to_owned());
        let payload = serde_json::Value::Null;
        self.decide(EventKind::Timer(TimerFired { key, due_ms: self.now_ms, owner, payload }), None)
    }

    fn staff(&mut self, deed: Staff) -> Decision {
        self.decide(EventKind::Staff(deed), None)
    }
}

fn take(by: &str) -> Staff {
    Staff::new(Some(by.to_owned()), StaffDeed::Take)
}

#[test]
fn who_asks_for_a_person_is_handed_over_to_somebody_who_hears_of_it() {
    let mut talk = Talk::met(DAY_MS);
    talk.facts.orders = vec![order("A1", OrderStatus::Paid)];
    let decision = talk.say("转人工");
    assert!(texts(&decision)[0].contains("售前客服"), "{decision:?}");
    assert_eq!(decision.conversation.assigned.as_deref(), Some("presales"));
    assert_eq!(decision.conversation.stage, Stage::Person);
    let [(to, notice)] = &told(&decision)[..] else { panic!("{decision:?}") };
    assert_eq!(to, "presales");
    for fact in ["Ana", "转人工", "A1", "webchat", "ana", "/take"] {
        assert!(notice.contains(fact), "{fact}: {notice}");
    }
    assert_eq!(kinds(&decision), ["callback"]);
    assert_eq!(decision.tickets[0].owner.as_deref(), Some("presales"));
}

#[test]
fn each_room_is_shown_once_what_the_customer_sent_before() {
    let mut talk = Talk::met(DAY_MS);
    let shown = |decision: &Decision| -> Vec<Address> {
        let rooms = decision.actions.iter().filter_map(|action| match action {
            Action::Tell { room, content: Content::Carried(_), .. } => Some(room.clone()),
            _ => None,
        });
        rooms.collect()
    };
    let media = vec![Media::new("image", "1")];
    talk.decide(EventKind::Message(Message { media, ..Message::default() }), None);
    let card = talk.say("转人工");
    let first = shown(&card);
    assert_eq!(first.len(), 1, "{card:?}");
    let urgent = talk.say("太过分了，我要投诉你们");
    let second = shown(&urgent);
    assert!(second.len() == 1 && second != first, "another room: {urgent:?}");
    let again = talk.say("太过分了，我要投诉你们");
    assert_eq!(shown(&again), [], "they have seen them: {again:?}");
    let transfer = |to: &str| Staff::new(None, StaffDeed::Transfer { to: to.to_owned(), note: String::new() });
    let within = talk.staff(transfer("presales"));
    assert!(shown(&within).is_empty() && !told(&within).is_empty(), "a card, and no picture twice: {within:?}");
    assert_eq!(shown(&talk.staff(transfer("warehouse"))).len(), 1, "who never saw them does");
}

#[test]
fn where_nobody_hears_of_it_the_clerk_says_so_and_goes_on() {
    let mut talk = Talk::with(shipped(), DAY_MS);
    talk.conversation.first_seen_ms = Some(DAY_MS - 1);
    let decision = talk.say("转人工");
    assert!(texts(&decision)[0].contains("没有能直接接入"), "{decision:?}");
    assert_eq!(decision.conversation.stage, Stage::Clerk);
    assert_eq!(kinds(&decision), ["callback"]);
    assert!(decision.trace.iter().any(|step| matches!(step.what, Finding::NobodyHears { .. })));
    assert!(went_by(&talk.say("你们发到国外吗"), "rule:shipping-abroad"));
    let decision = talk.say("我要投诉");
    let said = &texts(&decision)[0];
    assert!(!said.contains("通知了") && !said.contains("马上"), "{said}");
    assert!(talk.say("你们发到国外吗").replies().count() > 0);
}

#[test]
fn a_rules_own_words_do_not_promise_somebody_who_does_not_hear() {
    let rule = "[[rule]]\nid = \"vip\"\nany = [\"vip\"]\ntext = \"Our VIP desk joins now.\"\ntransfer = \"person\"";
    let mut settings = shipped();
    settings.rules.rule.extend(toml::from_str::<RulesSettings>(rule).unwrap().rule);
    let mut talk = Talk::with(settings, DAY_MS);
    talk.conversation.first_seen_ms = Some(DAY_MS - 1);
    let decision = talk.say("vip");
    assert!(!texts(&decision)[0].contains("joins now"), "{decision:?}");
    assert_eq!(kinds(&decision), ["callback"]);
    assert_eq!(texts(&Talk::with_rule(rule, DAY_MS).say("vip")), ["Our VIP desk joins now."]);
}

#[test]
fn who_waits_hears_now_and_then_that_they_are_not_forgotten_and_their_words_are_kept() {
    let mut talk = Talk::met(DAY_MS);
    talk.say("转人工");
    assert_eq!(talk.say("是关于发票的").replies().count(), 1);
    assert_eq!(talk.say("在吗").replies().count(), 0, "not to each line");
    talk.now_ms += 3 * 60_000;
    let decision = talk.say("有人吗");
    assert!(texts(&decision)[0].contains("售前客服"), "{decision:?}");
    let words = &decision.tickets[0].text;
    assert!(words.contains("是关于发票的") && words.contains("有人吗"), "{words}");
}

#[test]
fn what_is_urgent_does_not_wait_for_a_person() {
    let mut talk = Talk::met(DAY_MS);
    talk.say("转人工");
    let decision = talk.say("太过分了，我要投诉你们");
    assert!(texts(&decision)[0].contains("抱歉"), "{decision:?}");
    assert_eq!(told(&decision)[0].0, "aftersales");
    assert_eq!(kinds(&decision), ["callback", "complaint"]);
    let decision = talk.staff(take("mei"));
    assert_eq!(decision.conversation.hand_over.as_ref().map(|it| it.taken), Some(true));
    assert!(texts(&talk.say("没收到货")).iter().any(|text| text.contains("抱歉")), "taken or not");
}

#[test]
fn a_conversation_that_nobody_takes_in_time_is_the_clerks_again_and_its_ticket_urgent() {
    let mut talk = Talk::met(DAY_MS);
    talk.say("转人工");
    let decision = talk.time_is_up();
    assert!(texts(&decision)[0].contains("抱歉"), "{decision:?}");
    assert_eq!(decision.conversation.stage, Stage::Clerk);
    assert_eq!(decision.tickets[0].urgency, Urgency::Urgent);
    assert_eq!(told(&decision)[0].0, "presales");
    assert!(went_by(&talk.say("你们发到国外吗"), "rule:shipping-abroad"));
    assert_eq!(told(&talk.say("转人工")).len(), 1, "a new hand-over is told again");
}

#[test]
fn a_customer_who_writes_before_the_timer_finds_the_clerk_again_too() {
    let mut talk = Talk::met(DAY_MS);
    talk.say("转人工");
    talk.now_ms += 11 * 60_000;
    let decision = talk.say("你们发到国外吗");
    assert!(went_by(&decision, "rule:shipping-abroad"), "{:?}", decision.trace);
    assert!(decision.actions.iter().any(|it| matches!(it, Action::CancelTimer { .. })));
    assert_eq!(talk.time_is_up().replies().count(), 0, "said once");
}

#[test]
fn what_a_person_took_stays_theirs_until_they_return_it_or_give_no_sign_for_long() {
    let mut talk = Talk::met(DAY_MS);
    talk.say("转人工");
    let decision = talk.staff(take("presales"));
    assert!(texts(&decision)[0].contains("售前客服"), "{decision:?}");
    assert_eq!(talk.time_is_up().replies().count(), 0);
    assert_eq!(talk.say("你们发到国外吗").replies().count(), 1, "they hear whose question it is");
    assert_eq!(talk.say("谢谢").replies().count(), 0);
    let decision = talk.staff(Staff::new(None, StaffDeed::Return));
    assert_eq!(decision.conversation.stage, Stage::Clerk);
    assert!(kinds(&decision).is_empty(), "what it was about is done: {decision:?}");
    assert!(went_by(&talk.say("你们发到国外吗"), "rule:shipping-abroad"));
    talk.staff(take("presales"));
    talk.now_ms += 13 * 3_600_000;
    assert!(went_by(&talk.say("你们发到国外吗"), "rule:shipping-abroad"));
}

#[test]
fn who_takes_the_ticket_of_somebody_who_waits_takes_the_conversation() {
    let mut talk = Talk::met(DAY_MS);
    let ticket = talk.say("转人工").tickets[0].id.clone();
    let decision = talk
        .staff(Staff::new(Some("presales".to_owned()), StaffDeed::TakeTicket { ticket: ticket.clone(), from: None }));
    assert_eq!(decision.conversation.hand_over.as_ref().map(|it| it.taken), Some(true));
    let decision = talk.staff(Staff::new(None, StaffDeed::CloseTicket { ticket }));
    assert!(kinds(&decision).is_empty() && decision.conversation.stage == Stage::Clerk, "{decision:?}");
}

#[test]
fn a_plugin_that_hands_over_to_nobody_is_put_right() {
    let mut talk = Talk::with(shipped(), DAY_MS);
    talk.conversation.first_seen_ms = Some(DAY_MS - 1);
    let transfer = Action::Transfer { to: "person".to_owned(), note: "asks for a price".to_owned() };
    talk.plugins.answers.insert(Hook::Message, vec![transfer]);
    let decision = talk.say("how much for 500?");
    assert!(texts(&decision)[0].contains("Nobody can join"), "{decision:?}");
    assert_eq!(kinds(&decision), ["callback"]);
    assert!(!decision.actions.iter().any(|it| matches!(it, Action::Transfer { .. })));
}

/// After-sales go home at six; presales stay until midnight.
fn with_teams_hours(now_ms: i64) -> Talk {
    let mut settings = staffed();
    settings.hours = toml::from_str(
        r#"
        [[shift]]
        team = "aftersales"
        from = "09:00"
        until = "18:00"
        [[shift]]
        team = ["presales"]
        from = "09:00"
        until = "24:00"
        "#,
    )
    .unwrap();
    let mut talk = Talk::with(settings, now_ms);
    talk.conversation.first_seen_ms = Some(now_ms - 1);
    talk
}

#[test]
fn a_team_that_has_gone_home_is_not_promised_while_another_is_there() {
    let evening_ms = DAY_MS + 8 * 3_600_000; // 20:30
    let mut talk = with_teams_hours(evening_ms);
    let decision = talk.say("我要投诉你们");
    let said = &texts(&decision)[0];
    assert!(said.contains("明天 09:00") && !said.contains("马上"), "{said}");
    assert_eq!(decision.conversation.stage, Stage::Clerk, "the clerk answers on");
    assert_eq!(decision.conversation.assigned.as_deref(), Some("aftersales"));
    assert_eq!(told(&decision)[0].0, "aftersales", "and it is on their list");

    let mut talk = with_teams_hours(evening_ms);
    let decision = talk.say("转人工");
    assert_eq!(decision.conversation.stage, Stage::Person);
    assert_eq!(decision.conversation.assigned.as_deref(), Some("presales"));

    let mut talk = with_teams_hours(DAY_MS);
    assert_eq!(talk.say("我要投诉你们").conversation.stage, Stage::Person, "by day after-sales are there");
}

#[test]
fn a_person_keeps_the_hours_of_their_team_and_a_team_without_shifts_those_of_the_store() {
    let evening_ms = DAY_MS + 8 * 3_600_000;
    let rules = r#"
        [[rule]]
        id = "to-mei"
        any = ["小梅"]
        text.zh = "{% if open %}请稍等{% else %}她{{ back }}上班{% endif %}"
        transfer = "mei"
        [[rule]]
        id = "to-warehouse"
        any = ["仓库"]
        text.zh = "{% if open %}请稍等{% else %}{{ back }}{% endif %}"
        transfer = "warehouse"
    "#;
    let people = "[[person]]\nname = \"mei\"\nteam = \"aftersales\"\nchannel = \"telegram\"\nchat = \"7\"";
    let StoreSettings { person, .. } = toml::from_str(people).unwrap();
    for (words, answer, stage) in [("小梅在吗", "她明天 09:00上班", Stage::Clerk), ("找仓库", "请稍等", Stage::Person)]
    {
        let mut settings = staffed();
        settings.store.person.clone_from(&person);
        settings.hours = toml::from_str(
            r#"
            [[shift]]
            team = "aftersales"
            from = "09:00"
            until = "18:00"
            [[shift]]
            team = "presales"
            from = "09:00"
            until = "24:00"
            "#,
        )
        .unwrap();
        settings.rules.rule.extend(toml::from_str::<RulesSettings>(rules).unwrap().rule);
        let mut talk = Talk::with(settings, evening_ms);
        talk.conversation.first_seen_ms = Some(evening_ms - 1);
        let decision = talk.say(words);
        assert_eq!(texts(&decision)[0], answer);
        assert_eq!(decision.conversation.stage, stage, "{words}");
    }
}

#[test]
fn a_shift_of_a_team_that_is_none_is_a_mistake_with_the_nearest_name() {
    let mut settings = staffed();
    settings.hours = toml::from_str("[[shift]]\nteam = \"aftersale\"\nfrom = \"09:00\"\nuntil = \"18:00\"").unwrap();
    let problems = Playbook::compile(settings).err().unwrap_or_default();
    let said: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert!(said.len() == 1 && said[0].contains("aftersale"), "{said:?}");
    assert!(problems[0].hint.as_deref().is_some_and(|hint| hint.contains("aftersales")), "{problems:?}");
}

fn says(by: &str, text: &str) -> Staff {
    Staff::new(Some(by.to_owned()), StaffDeed::Say { content: Content::text(text) })
}

#[test]
fn the_clerk_says_nothing_between_a_customer_and_a_person_who_answers() {
    let mut talk = Talk::met(DAY_MS);
    talk.say("转人工");
    talk.staff(take("presales"));
    talk.now_ms += 9 * 60_000;
    assert_eq!(texts(&talk.staff(says("presales", "您好，我是小梅"))), ["您好，我是小梅"]);
    talk.now_ms += 2 * 60_000;
    assert_eq!(texts(&talk.say("好的，我再看看")), [""; 0]);
    let decision = talk.say("杯子碎了，我要投诉");
    assert_eq!(texts(&decision), [""; 0], "they read it themselves");
    assert!(kinds(&decision).contains(&"complaint"), "and it is on the list: {decision:?}");
    talk.now_ms += 11 * 60_000;
    assert!(!texts(&talk.say("还在吗")).is_empty(), "who says nothing for long is spoken of");
}

#[test]
fn an_answer_of_a_person_takes_the_conversation_without_announcing_it() {
    let mut talk = Talk::met(DAY_MS);
    talk.say("转人工");
    let decision = talk.staff(says("presales", "您好"));
    assert_eq!(texts(&decision), ["您好"]);
    let hand_over = decision.conversation.hand_over.unwrap();
    assert!(hand_over.taken && hand_over.answered);
    assert_eq!(hand_over.holder.as_deref(), Some("presales"));
    assert!(decision.kv.iter().any(|it| it.key == "agent:presales"), "it counts as one of theirs");
}

#[test]
fn who_waits_for_a_person_in_vain_hears_that_the_clerk_is_back_whatever_notice_came_meanwhile() {
    let silent = |says_something: bool| {
        let mut talk = Talk::met(DAY_MS);
        talk.say("转人工");
        talk.staff(take("presales"));
        talk.now_ms += 60_000;
        talk.say("在吗");
        if says_something {
            talk.staff(says("presales", "您好"));
        }
        talk.now_ms += 3_600_000;
        talk.conversation.last_reply_ms = Some(talk.now_ms);
        talk.now_ms += 13 * 3_600_000;
        let (key, owner) = ("handback".to_owned(), "clerk:desk".to_owned());
        let payload = serde_json::Value::Null;
        let timer = TimerFired { key, due_ms: talk.now_ms, owner, payload };
        talk.decide(EventKind::Timer(timer), None)
    };
    assert_eq!(texts(&silent(false)).len(), 1, "a notice of the clerk's was no answer");
    assert!(texts(&silent(true)).is_empty(), "who had an answer is left in peace");
}

#[test]
fn a_customer_is_handed_on_to_whoever_is_meant_by_name_or_by_title() {
    for said in ["warehouse", "Warehouse", "ＷＡＲＥＨＯＵＳＥ", "仓库", "倉庫"] {
        let mut talk = Talk::met(DAY_MS);
        talk.say("转人工");
        talk.staff(take("presales"));
        let to = StaffDeed::Transfer { to: said.to_owned(), note: String::new() };
        let decision = talk.staff(Staff::new(None, to));
        assert_eq!(decision.conversation.assigned.as_deref(), Some("warehouse"), "{said}: {decision:?}");
    }
    let mut talk = Talk::met(DAY_MS);
    talk.say("转人工");
    talk.staff(take("presales"));
    let to = StaffDeed::Transfer { to: "nobody".to_owned(), note: String::new() };
    let decision = talk.staff(Staff::new(None, to));
    assert_eq!(decision.conversation.assigned.as_deref(), Some("presales"), "{decision:?}");
}

/// What the customer hears twelve hours after a person answered from the platform's own inbox, and `then` was said.
fn heard_after_an_answer_from_the_inbox(then: &[&str]) -> (Vec<String>, Stage) {
    let mut talk = Talk::met(DAY_MS);
    let decision = talk.decide(EventKind::Colleague(Colleague::default()), None);
    let set = decision.actions.iter().find_map(|action| match action {
        Action::SetTimer { key, due_ms, owner, .. } => Some((key.clone(), *due_ms, owner.clone())),
        _ => None,
    });
    let (key, due_ms, owner) = set.expect("somebody looks whether they were left alone");
    for said in then {
        talk.now_ms += 60_000;
        assert!(texts(&talk.say(said)).is_empty(), "a person has it");
    }
    talk.now_ms = due_ms;
    let timer = TimerFired { key, due_ms, owner, payload: serde_json::Value::Null };
    let decision = talk.decide(EventKind::Timer(timer), None);
    (texts(&decision).iter().map(|it| (*it).to_owned()).collect(), decision.conversation.stage)
}

#[test]
fn who_writes_after_an_answer_from_the_inbox_that_nobody_reads_is_not_left_alone() {
    for then in
        [&["还有，什么时候能到货？"][..], &["谢谢", "还有，什么时候能到货？"], &["还有，什么时候能到货？", "谢谢"]]
    {
        let (heard, stage) = heard_after_an_answer_from_the_inbox(then);
        assert_eq!((heard.len(), stage), (1, Stage::Clerk), "{then:?}: {heard:?}");
    }
}

#[test]
fn who_only_thanks_whoever_answered_is_left_in_peace() {
    for then in [&[][..], &["谢谢"], &["好的，谢谢", "再见"], &["ok thanks"]] {
        let (heard, stage) = heard_after_an_answer_from_the_inbox(then);
        assert_eq!((heard.len(), stage), (0, Stage::Clerk), "{then:?}: {heard:?}");
    }
}

#[test]
fn the_ticket_of_who_was_answered_by_nobody_says_so_where_their_words_stand_on_none() {
    let mut talk = Talk::met(DAY_MS);
    talk.say("转人工");
    talk.staff(take("presales"));
    // What it was about is settled, and they write again.
    let id = talk.conversation.tickets[0].id.clone();
    talk.facts.tickets[0].closed_ms = Some(talk.now_ms);
    talk.conversation.tickets.retain(|it| it.id != id);
    talk.conversation.last_received_ms = Some(talk.now_ms + 1);
    talk.now_ms += 13 * 3_600_000;
    let (key, owner) = ("handback".to_owned(), "clerk:desk".to_owned());
    let timer = TimerFired { key, due_ms: talk.now_ms, owner, payload: serde_json::Value::Null };
    let decision = talk.decide(EventKind::Timer(timer), None);
    let opened = decision.tickets.iter().find(|it| it.is_open()).expect("a ticket");
    assert!(opened.text.contains("Ana") && opened.text.contains("没有人回复"), "{opened:?}");
}

#[test]
fn what_a_customer_sent_that_has_no_form_in_the_room_is_said_to_be_there() {
    let mut talk = Talk::met(DAY_MS);
    talk.say("转人工");
    let media = vec![Media::new("sticker", "1"), Media::new("image", "2")];
    let message = Message { text: Some("碎了".to_owned()), media, ..Message::default() };
    let decision = talk.decide(EventKind::Message(message), None);
    let relayed = decision.actions.iter().find_map(|action| match action {
        Action::Tell { content, .. } => Some(content.to_plain_text()),
        _ => None,
    });
    assert!(relayed.is_some_and(|it| it.contains("碎了 [sticker]")), "{decision:?}");
}
