//! The clerk's own questions, its menus, and lines that belong together.

use super::*;
use crate::model::{ReplyContext, Urgency};

const MINUTE_MS: i64 = 60_000;

const WHOLESALE: &str = r#"
    [[rule]]
    id = "bulk"
    any = ["大宗"]
    text.zh = "您要多少盒？"
    ask = { for = "quantity", then = "bulk-taken", again = "麻烦告诉我数量", expires = "10m" }
    [[rule]]
    id = "bulk-taken"
    text.zh = "好的，{{ captured.quantity }} 盒"
    ticket = { kind = "bulk", text = "大宗 {{ captured.quantity }}" }
"#;

fn by(decision: &Decision) -> Vec<String> {
    steps(decision).into_iter().filter(|it| it != "schedule" && it != "entities").collect()
}

#[test]
fn a_number_that_was_asked_for_is_the_answer_and_no_choice_of_an_old_menu() {
    for (said, text) in [("3", "好的，3 盒"), ("三盒", "好的，3 盒"), ("要３０", ""), ("20 boxes", "好的，20 盒")]
    {
        let mut talk = Talk::with_rule(WHOLESALE, DAY_MS);
        talk.say("菜单");
        talk.say("大宗");
        let decision = talk.say(said);
        if !text.is_empty() {
            assert_eq!(texts(&decision), [text], "{said}: {:?}", decision.trace);
            assert_eq!(decision.tickets[0].kind, "bulk");
        }
        assert!(!went_by(&decision, "menu"), "{said}");
    }
}

#[test]
fn an_answer_is_awaited_for_a_while_asked_for_once_more_and_then_let_go() {
    let mut talk = Talk::with_rule(WHOLESALE, DAY_MS);
    talk.say("大宗");
    let decision = talk.say("嗯这个嘛");
    assert_eq!(texts(&decision), ["麻烦告诉我数量"]);
    assert!(!went_by(&talk.say("呣呣呀呀"), "rule:bulk"), "asked again once");
    assert!(!went_by(&talk.say("5"), "rule:bulk-taken"), "and abandoned then");

    let mut talk = Talk::with_rule(WHOLESALE, DAY_MS);
    talk.say("大宗");
    talk.now_ms += 11 * MINUTE_MS;
    assert!(!went_by(&talk.say("5"), "rule:bulk-taken"), "too late");
}

#[test]
fn who_speaks_of_something_else_is_not_asked_again() {
    let mut talk = Talk::with_rule(WHOLESALE, DAY_MS);
    talk.say("大宗");
    assert!(went_by(&talk.say("能开发票吗"), "rule:invoice"));
    let decision = talk.say("我要投诉");
    assert!(went_by(&decision, "rule:complaint"));

    let mut talk = Talk::with_rule(WHOLESALE, DAY_MS);
    talk.say("大宗");
    let decision = talk.say("3 盒都碎了，我要投诉");
    assert!(went_by(&decision, "rule:complaint") && !went_by(&decision, "rule:bulk-taken"), "{:?}", decision.trace);
}

#[test]
fn thanks_in_between_do_not_end_a_question() {
    let mut talk = Talk::with_rule(WHOLESALE, DAY_MS);
    talk.say("大宗");
    assert!(went_by(&talk.say("谢谢"), "rule:farewell"));
    assert_eq!(texts(&talk.say("3")), ["好的，3 盒"]);
}

#[test]
fn a_question_of_the_owners_own_form_is_answered_by_it() {
    let rules = r#"
        [[rule]]
        id = "size"
        any = ["穿多大"]
        text.zh = "请告诉我身高体重"
        ask = { pattern = '(?P<height>\d{3})\D+(?P<weight>\d{2,3})', then = "sized" }
        [[rule]]
        id = "sized"
        text.zh = "{% if captured.height|int > 170 %}L{% else %}M{% endif %} 码（{{ captured.weight }} 斤）"
    "#;
    let mut talk = Talk::with_rule(rules, DAY_MS);
    talk.say("穿多大");
    assert_eq!(texts(&talk.say("１７５，140斤")), ["L 码（140 斤）"]);
}

#[test]
fn the_number_of_an_order_that_was_asked_for_is_taken() {
    for (said, rest) in [
        ("A10023", "8899"),
        ("手机尾号 8899", "A10023"),
        ("订单号：2837465910283746591", "8899"),
        ("13800138000", "A10023"),
        ("SF1234567890123", ""),
    ] {
        let mut talk = Talk::met(NIGHT_MS);
        assert!(texts(&talk.say("查快递"))[0].contains("订单号"));
        let mut decision = talk.say(said);
        if !rest.is_empty() {
            assert!(!went_by(&decision, "rule:order-taken"), "{said}: {:?}", decision.trace);
            decision = talk.say(rest);
        }
        assert!(texts(&decision)[0].contains("09:00"), "{said}: {decision:?}");
        assert!(went_by(&decision, "rule:order-taken"), "{said}: {:?}", decision.trace);
        assert_eq!(decision.tickets[0].kind, "order");
        assert!(decision.tickets[0].text.contains(said), "{:?}", decision.tickets);
    }
}

#[test]
fn an_order_of_theirs_is_told_of_when_its_number_answers() {
    let mut talk = Talk::met(DAY_MS);
    talk.say("查快递");
    talk.facts.orders = vec![order("A10023", OrderStatus::Shipped)];
    assert!(texts(&talk.say("10023"))[0].contains("A10023"));
}

#[test]
fn what_an_invoice_needs_is_taken_when_it_was_asked_for() {
    let mut talk = Talk::met(DAY_MS);
    assert!(went_by(&talk.say("可以开发票吗"), "rule:invoice"));
    let decision = talk.say("发票抬头：杭州夜茶有限公司 税号：91330106MA2XXXXX0K");
    assert!(went_by(&decision, "rule:invoice-taken"), "{:?}", decision.trace);
    assert!(texts(&decision)[0].contains("杭州夜茶有限公司"), "{decision:?}");
    assert_eq!(decision.tickets[0].kind, "invoice");
    assert!(decision.tickets[0].text.contains("91330106MA2XXXXX0K"));
}

#[test]
fn who_an_invoice_is_for_is_taken_when_it_was_asked_for() {
    for (asked, said, title) in [
        ("我要开发票", "个人", "个人"),
        ("我要开发票", "个人的", "个人"),
        ("我要开发票", "开个人", "个人"),
        ("我要开发票", "个人就行", "个人"),
        ("我要开发票", "个人抬头", "个人"),
        ("我要开发票", "抬头个人", "个人"),
        ("我要开发票", "抬头个人，邮箱a@b.com", "个人"),
        ("我要开发票", "抬头写张三", "张三"),
        ("我要开发票", "张三", "张三"),
        ("我要开发票", "周杰伦", "周杰伦"),
        ("我要开发票", "上海某某有限公司", "上海某某有限公司"),
        ("I need an invoice", "personal", "personal"),
        ("I need an invoice", "private", "private"),
        ("I need an invoice", "just my name, John Smith", "John Smith"),
        ("I need an invoice", "my name is John Smith", "John Smith"),
        ("I need an invoice", "title Acme", "Acme"),
    ] {
        let mut talk = Talk::met(DAY_MS);
        assert!(went_by(&talk.say(asked), "rule:invoice"), "{asked}");
        let decision = talk.say(said);
        assert!(went_by(&decision, "rule:invoice-taken"), "{said}: {:?}", decision.trace);
        assert!(texts(&decision)[0].contains(title), "{said}: {:?}", texts(&decision));
        assert_eq!(kinds(&decision), ["invoice"], "{said}");
    }
}

#[test]
fn another_question_is_no_name_for_an_invoice() {
    for (said, rule) in [
        ("什么时候发货", "rule:shipping"),
        ("转人工", "rule:person"),
        ("我要投诉", "rule:complaint"),
        ("包邮吗", "rule:"),
        ("when will it ship?", "rule:shipping"),
        ("铁观音", ""),
        ("谢谢", "rule:farewell"),
        ("马上", ""),
        ("申诉", ""),
        ("my name is wrong on the parcel", ""),
    ] {
        let mut talk = Talk::met(DAY_MS);
        talk.say("我要开发票");
        let decision = talk.say(said);
        assert!(!went_by(&decision, "rule:invoice-taken"), "{said}: {:?}", decision.trace);
        let went = rule.is_empty() || steps(&decision).iter().any(|it| it.starts_with(rule));
        assert!(went, "{said}: {:?}", decision.trace);
    }
}

#[test]
fn a_question_that_cannot_be_answered_is_refused() {
    let mut settings = staffed();
    settings.rules = toml::from_str(
        r#"
        [[rule]]
        id = "a"
        any = ["x"]
        text.en = "Which?"
        ask = { for = "oder", then = "b" }
        [[rule]]
        id = "c"
        any = ["y"]
        tag = ["t"]
        ask = { expires = "0s" }
        "#,
    )
    .unwrap();
    let problems = Playbook::compile(settings).err().unwrap();
    let found: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "rules.toml: rule[0].ask.for: nothing of the kind `oder` can be asked for",
            "rules.toml: rule[0].ask.then: there is no rule `b`",
            "rules.toml: rule[1].ask.for: nothing is asked for",
            "rules.toml: rule[1].ask.for: the rule asks without a word",
            "rules.toml: rule[1].ask.expires: nobody answers at once",
        ]
    );
    assert_eq!(problems[0].hint.as_deref(), Some("did you mean `order`?"));
}

#[test]
fn a_menu_is_chosen_from_until_another_answer_or_an_hour() {
    for said in ["2", "1️⃣", "选2", "第二个", "the second", "(2)"] {
        let mut talk = Talk::met(DAY_MS);
        talk.say("菜单");
        assert!(went_by(&talk.say(said), "menu"), "{said}");
    }
    let mut talk = Talk::met(DAY_MS);
    talk.say("菜单");
    talk.say("2");
    assert!(went_by(&talk.say("3"), "menu"), "who chose may choose again");
    talk.say("能开发票吗");
    assert!(!went_by(&talk.say("1"), "menu"), "after another answer a number means something else");

    let mut talk = Talk::met(DAY_MS);
    talk.say("菜单");
    talk.now_ms += 61 * MINUTE_MS;
    assert!(!went_by(&talk.say("2"), "menu"));
    assert!(went_by(&talk.say("rule:promotions"), "rule:promotions"), "a button works as long as it is seen");
}

/// The shipped store, which reads short lines together.
fn patient() -> Talk {
    let mut settings = staffed();
    settings.rules.gather = None;
    let mut talk = Talk::with(settings, DAY_MS);
    talk.conversation.first_seen_ms = Some(1);
    talk
}

fn timer(decision: &Decision) -> Option<TimerFired> {
    decision.actions.iter().find_map(|action| match action {
        Action::SetTimer { key, due_ms, owner, .. } => Some(TimerFired {
            key: key.clone(),
            due_ms: *due_ms,
            owner: owner.clone(),
            payload: serde_json::Value::Null,
        }),
        _ => None,
    })
}

#[test]
fn five_short_lines_of_one_thought_get_one_answer() {
    let mut talk = patient();
    let mut answers = Vec::new();
    for line in ["我想问一下", "那个", "红色的", "就是上次的", "多少钱"] {
        answers.extend(texts(&talk.say(line)));
        talk.now_ms += 1_000;
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(talk.conversation.lines, None);
}

#[test]
fn lines_after_which_nothing_comes_are_answered_once_by_the_clock() {
    let mut talk = patient();
    let first = timer(&talk.say("那个")).unwrap();
    assert_eq!(first.due_ms, DAY_MS + 2_000);
    talk.now_ms += 1_000;
    let second = timer(&talk.say("呣呣呀呀")).unwrap();
    talk.now_ms += 1_000;
    let early = talk.decide(EventKind::Timer(first), None);
    assert_eq!(early.replies().count(), 0, "more was said meanwhile");
    talk.now_ms += 1_000;
    let decision = talk.decide(EventKind::Timer(second.clone()), None);
    assert_eq!(decision.replies().count(), 1);
    assert_eq!(decision.tickets[0].text, "那个\n呣呣呀呀");
    assert_eq!(decision.tickets[0].urgency, Urgency::Normal);
    assert_eq!(talk.decide(EventKind::Timer(second), None).replies().count(), 0, "never twice");
}

#[test]
fn what_can_be_answered_is_answered_at_once() {
    for said in [
        "能开发票吗",
        "铁观音多少钱",
        "你好",
        "这是什么意思？",
        "如果收到坏了怎么办",
        "会不会是假货",
        "are you a bot?",
        "我想问一下那个上次买的红色的那一款现在怎么样了呢",
    ] {
        assert!(patient().say(said).replies().count() > 0, "{said}");
    }
    let mut talk = patient();
    talk.say("那个");
    let decision = talk.say("能开发票吗");
    assert!(went_by(&decision, "rule:invoice"));
    assert!(decision.actions.iter().any(|it| matches!(it, Action::CancelTimer { .. })), "{:?}", decision.actions);
}

#[test]
fn a_platform_that_takes_its_answer_in_the_response_is_not_kept_waiting() {
    let mut talk = patient();
    talk.may_wait = false;
    assert_eq!(talk.say("呣呣呀呀").replies().count(), 1);
}

#[test]
fn nobody_waits_for_the_end_of_a_thought_for_ever() {
    let mut talk = patient();
    let answered = (0..12).position(|number| {
        talk.now_ms += 1_500;
        talk.say(&format!("那个{}", "嗯".repeat(number % 3))).replies().count() > 0
    });
    assert!(answered.is_some_and(|it| it < 8), "{answered:?}");
}

#[test]
fn the_first_short_line_is_welcomed_and_the_rest_waits() {
    let mut settings = staffed();
    settings.rules.gather = None;
    let mut talk = Talk::with(settings, NIGHT_MS);
    let decision = talk.say("呣呣呀呀");
    assert_eq!(decision.replies().count(), 1, "the welcome");
    let timer = timer(&decision).unwrap();
    talk.now_ms = timer.due_ms;
    let decision = talk.decide(EventKind::Timer(timer), None);
    assert_eq!(decision.replies().count(), 0, "the welcome stands");
    assert_eq!(kinds(&decision), ["question"]);
}

#[test]
fn lines_that_waited_are_answered_within_what_the_platform_takes() {
    let mut talk = patient();
    let reply = ReplyContext { budget: Some(1), ..ReplyContext::default() };
    let message = Message { text: Some("呣呣呀呀".to_owned()), reply, ..Message::default() };
    let timer = timer(&talk.decide(EventKind::Message(message), None)).unwrap();
    talk.now_ms = timer.due_ms;
    assert_eq!(talk.decide(EventKind::Timer(timer), None).replies().count(), 1);
}

#[test]
fn the_trace_tells_what_was_waited_for() {
    let mut talk = patient();
    assert_eq!(by(&talk.say("那个")), ["intents", "lines"]);
}
