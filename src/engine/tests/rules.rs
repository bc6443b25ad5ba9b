//! What an owner can write in rules.toml.

mod conditions;

use super::*;

const HOUR_MS: i64 = 3_600_000;

fn answered_by(decision: &Decision) -> Vec<String> {
    steps(decision)
        .into_iter()
        .filter(|it| it.starts_with("rule:") || *it == "catalogue" || *it == "fallback")
        .collect()
}

fn mistakes(rules: &str) -> Vec<String> {
    let mut settings = staffed();
    settings.rules = toml::from_str(rules).unwrap();
    let problems = Playbook::compile(settings).err().unwrap_or_default();
    problems.iter().map(|it| format!("{it} ({})", it.hint.as_deref().unwrap_or_default())).collect()
}

#[test]
fn what_is_no_complaint_is_not_taken_for_one() {
    let mut wrong = Vec::new();
    for said in [
        "别发错了哦",
        "千万不要少发",
        "怕路上碎了，包装好一点",
        "如果收到坏了怎么办",
        "茶饼掰碎了可以泡吗",
        "天气太差了，会影响发货吗",
        "是人工采摘的吗",
        "有没有人工色素",
        "Is it hand-picked by human?",
        "is this fake or real?",
        "会不会是假货",
        "这不是骗人的吧",
        "我不是来投诉的",
        "没差评，很好喝",
        "no complaint, all good",
        "what if it arrives broken?",
        "has anyone complained?",
        "没收到货之前可以改地址吗",
        "I have not received the coupon code",
    ] {
        let decision = Talk::met(DAY_MS).say(said);
        let taken = ["rule:complaint", "rule:not-received", "rule:person"].iter().any(|rule| went_by(&decision, rule));
        if taken || decision.conversation.assigned.is_some() {
            wrong.push(format!("{said}: {:?}", decision.trace));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_a_complaint_stays_one() {
    let mut wrong = Vec::new();
    for (said, by) in [
        ("怎么还不发货", "rule:late"),
        ("我要投诉", "rule:complaint"),
        ("铁观音收到碎了", "rule:damaged"),
        ("你们发错货了", "rule:wrong-item"),
        ("不退款就投诉", "rule:refund-hanging"),
        ("it arrived broken", "rule:damaged"),
        ("你是机器人吗？我要找人工", "rule:person"),
        ("人工", "rule:person"),
        ("Agent!", "rule:person"),
        ("一直没收到", "rule:not-received"),
    ] {
        let decision = Talk::met(DAY_MS).say(said);
        if !went_by(&decision, by) {
            wrong.push(format!("{said}: {:?}", decision.trace));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn who_wants_no_refund_does_not_hear_of_refunds() {
    for said in ["我不要退款，只是问问", "I don't want a refund, just asking"] {
        let decision = Talk::met(DAY_MS).say(said);
        assert!(!went_by(&decision, "rule:returns") && !went_by(&decision, "rule:refund"), "{said}");
    }
    for said in ["能不能退款", "can I get a refund?", "我要退款"] {
        assert!(went_by(&Talk::met(DAY_MS).say(said), "rule:refund"), "{said}");
    }
}

#[test]
fn an_owner_says_where_a_word_does_not_count() {
    let rules = r#"
        [[rule]]
        id = "ice"
        any = ["少冰"]
        unless_near = ["不要"]
        text.zh = "记下了"
        [[rule]]
        id = "leak"
        any = ["漏水"]
        stated = true
        text.zh = "抱歉"
    "#;
    for (said, by) in [("少冰", true), ("不要给我少冰", false)] {
        assert_eq!(went_by(&Talk::with_rule(rules, DAY_MS).say(said), "rule:ice"), by, "{said}");
    }
    for (said, by) in [("杯子漏水", true), ("杯子会不会漏水", false), ("不漏水", false), ("万一漏水呢", false)]
    {
        assert_eq!(went_by(&Talk::with_rule(rules, DAY_MS).say(said), "rule:leak"), by, "{said}");
    }
}

#[test]
fn a_rule_that_goes_on_lets_the_next_one_answer() {
    let rules = r#"
        [[rule]]
        id = "wedding"
        any = ["婚礼"]
        tag = ["wedding"]
        priority = 5
        continue = true
    "#;
    let decision = Talk::with_rule(rules, DAY_MS).say("婚礼用的礼盒");
    assert!(went_by(&decision, "rule:wedding") && went_by(&decision, "rule:gift-wrap"), "{:?}", decision.trace);
    assert_eq!(decision.conversation.tags, ["wedding"]);
}

#[test]
fn what_a_pattern_captures_can_be_said_noted_and_told() {
    let rules = r#"
        [[rule]]
        id = "address"
        patterns = ['地址.*改成(?P<address>.+)']
        text.zh = "好的，改成 {{ captured.address }}"
        remark = "新地址：{{ captured.address }}"
        ticket = { kind = "address", text = "改地址：{{ captured.address }}" }
        notify = { to = "warehouse", text = "{{ captured.address }}" }
    "#;
    let mut talk = Talk::with_rule(rules, DAY_MS);
    talk.facts.orders = vec![order("A1", OrderStatus::Paid)];
    let decision = talk.say("請把地址改成台北市 信義路 1 號 Tower B");
    let address = "台北市 信義路 1 號 Tower B";
    assert!(texts(&decision)[0].contains(address), "{decision:?}");
    assert_eq!(decision.orders[0].remarks, [format!("新地址：{address}")]);
    assert_eq!(decision.tickets[0].text, format!("改地址：{address}"));
    let told = |it: &Action| matches!(it, Action::Notify { content, .. } if content.to_plain_text() == address);
    assert!(decision.actions.iter().any(told), "{:?}", decision.actions);
}

#[test]
fn what_was_read_can_be_said() {
    let rules = r#"
        [[rule]]
        id = "want"
        any = ["我要买"]
        text.zh = "{{ captured.quantity + 1 }} {{ captured.unit }}，{{ captured.courier }}，{{ captured.phone_tail }}"
    "#;
    let decision = Talk::with_rule(rules, DAY_MS).say("我要买3盒，发顺丰，手机尾号8899");
    assert_eq!(texts(&decision)[0], "4 盒，sf，8899");
}

#[test]
fn a_built_in_rule_is_changed_a_little_without_copying_it() {
    let rules = r#"
        [[adjust]]
        rule = "person"
        any = ["叫老板"]
        none = ["真人配音"]
        [[adjust]]
        rule = "menu"
        remove = ["帮助"]
        [[adjust]]
        rule = "farewell"
        text.zh = "慢走"
        [[adjust]]
        rule = "promotions"
        off = true
    "#;
    let mut settings = staffed();
    settings.rules.adjust = toml::from_str::<RulesSettings>(rules).unwrap().adjust;
    settings.rules.menu = toml::from_str::<RulesSettings>("[[menu]]\nlabel = \"x\"").unwrap().menu;
    let say = |said: &str| {
        let mut talk = Talk::with(settings.clone(), DAY_MS);
        talk.conversation.first_seen_ms = Some(1);
        talk.say(said)
    };
    assert!(went_by(&say("叫老板"), "rule:person"));
    assert!(went_by(&say("转人工"), "rule:person"), "what it knew stays");
    assert!(went_by(&say("菜单"), "rule:menu") && !went_by(&say("帮助"), "rule:menu"));
    assert!(!went_by(&say("转人工，真人配音"), "rule:person"));
    assert_eq!(texts(&say("再见")), ["慢走"]);
    assert!(!went_by(&say("有什么活动"), "rule:promotions"));
}

#[test]
fn an_adjustment_that_changes_nothing_is_refused() {
    let found = mistakes(
        r#"
        [[rule]]
        id = "own"
        any = ["x"]
        text.en = "x"
        [[adjust]]
        rule = "persn"
        any = ["y"]
        [[adjust]]
        rule = "own"
        any = ["y"]
        [[adjust]]
        rule = "person"
        remove = ["nobody says this"]
        [[adjust]]
        rule = "late"
        "#,
    );
    assert!(
        found[0]
            .starts_with("rules.toml: adjust[0].rule: the clerk has no rule `persn` by itself (did you mean `person`?"),
        "{found:?}"
    );
    assert!(found[1].contains("adjust[1].rule: `own` is a rule of your own"), "{found:?}");
    assert!(found[2].contains("adjust[2].remove[0]: `person` has no word `nobody says this`"), "{found:?}");
    assert!(found[3].contains("adjust[3].rule: nothing is changed"), "{found:?}");
}

#[test]
fn a_rule_that_can_never_answer_is_told_of_and_harms_nothing() {
    let mut settings = staffed();
    settings.rules = toml::from_str(
        r#"
        [[rule]]
        id = "first"
        any = ["换新", "换货吗"]
        text.en = "x"
        [[rule]]
        id = "second"
        any = ["换新"]
        text.en = "y"
        [[rule]]
        id = "fine"
        any = ["换新"]
        when = { order = "paid" }
        text.en = "z"
        "#,
    )
    .unwrap();
    let found: Vec<_> = compile(settings).doubts().iter().map(ToString::to_string).collect();
    assert_eq!(found, ["rules.toml: rule[1].any: the rule `second` never answers: `first` hears its words first"]);
}

#[test]
fn a_pattern_between_slashes_is_refused() {
    let found = mistakes("[[rule]]\nid = \"a\"\npatterns = ['/退款/i']\ntext.zh = \"x\"");
    assert!(found[0].contains("rule[0].patterns[0]: the slashes of `/退款/i` would be part"), "{found:?}");
    let asks = "[[rule]]\nid = \"a\"\nany = [\"x\"]\ntext.zh = \"x\"\nask = { pattern = '/[0-9]{4}/', then = \"a\" }";
    let found = mistakes(asks);
    assert!(found[0].contains("rule[0].ask.pattern: the slashes of `/[0-9]{4}/` would be part"), "{found:?}");
}

#[test]
fn an_offer_runs_from_its_hour_to_its_hour() {
    let mut settings = prompt();
    let promotion = "[[promotion]]\ntext = \"双11预售\"\nfrom = \"2026-11-24 12:00\"\nuntil = \"2026-11-24 13:00\"";
    settings.catalogue = toml::from_str(promotion).unwrap();
    for (now_ms, told) in [(DAY_MS - HOUR_MS, false), (DAY_MS, true), (DAY_MS + HOUR_MS, false)] {
        let mut talk = Talk::with(settings.clone(), now_ms);
        talk.conversation.first_seen_ms = Some(1);
        assert_eq!(texts(&talk.say("有什么优惠"))[0].contains("双11预售"), told);
    }
}

#[test]
fn a_long_text_is_matched_no_further_than_anybody_reads() {
    let rule = "[[rule]]\nid = \"engraving\"\nany = [\"刻字\"]\ntext.zh = \"免费\"";
    let say = |length| Talk::with_rule(rule, DAY_MS).say(&format!("{} 能刻字吗", "啊".repeat(length)));
    assert!(!went_by(&say(5000), "rule:engraving"));
    assert!(went_by(&say(1000), "rule:engraving"));
}

#[test]
fn digits_that_count_something_name_no_product() {
    let products = "[[product]]\nsku = \"1001\"\nname = \"杯子\"\n[[product]]\nsku = \"10\"\nname = \"盘子\"";
    let mut settings = prompt();
    settings.catalogue = toml::from_str(products).unwrap();
    let mut talk = Talk::with(settings, DAY_MS);
    talk.conversation.first_seen_ms = Some(1);
    talk.facts.orders = vec![order("1001", OrderStatus::Paid)];
    assert!(went_by(&talk.say("1001"), "orders"), "the customer's own order goes before a product");
    assert!(texts(&talk.say("10"))[0].contains("盘子"));
    assert!(texts(&talk.say("货号10还有吗"))[0].contains("盘子"));
    let decision = talk.say("我要10个杯子");
    assert!(!texts(&decision).join("").contains("盘子"), "{:?}", decision.trace);
}

#[test]
fn a_rule_says_several_messages_with_pauses_between_them_and_sends_files_along() {
    let rule = r#"
        [[rule]]
        id = "unpacking"
        any = ["开箱"]
        text.zh = "先看视频："
        file = { url = "https://shop.example/u.MP4?x=1", caption = { zh = "开箱" } }
        more = [
            { pause = "3s", text = { zh = "尺寸表：" }, file = { url = "https://shop.example/s.pdf" } },
            { pause = "1s", file = { url = "https://shop.example/voice", kind = "audio" } },
        ]
    "#;
    let decision = Talk::with_rule(rule, DAY_MS).say("怎么开箱");
    let file = |kind, url: &str, caption: Option<&str>| Action::Reply {
        content: Content::File {
            kind,
            url: format!("https://shop.example/{url}"),
            caption: caption.map(str::to_owned),
            name: None,
        },
    };
    let say = |text: &str| Action::Reply { content: Content::text(text) };
    use crate::model::FileKind::{Audio, Document, Video};
    let expected = [
        file(Video, "u.MP4?x=1", Some("开箱")),
        say("先看视频："),
        Action::Pause { ms: 3_000 },
        say("尺寸表："),
        file(Document, "s.pdf", None),
        Action::Pause { ms: 1_000 },
        file(Audio, "voice", None),
    ];
    assert_eq!(decision.actions, expected);
}

#[test]
fn a_message_of_a_rule_that_says_nothing_or_lets_the_customer_wait_is_refused() {
    for (more, message) in [
        ("[{ pause = \"2s\" }]", "says nothing"),
        ("[{ pause = \"5m\", text = \"x\" }]", "wait for an answer"),
        ("[{ file = { url = \"shop.example/x.pdf\" } }]", "address"),
        ("[{ text = \"{{ nobody }}\" }]", "nobody"),
    ] {
        let mut settings = staffed();
        let rule = format!("[[rule]]\nid = \"x\"\nany = [\"x\"]\ntext = \"x\"\nmore = {more}\n");
        settings.rules.rule.extend(toml::from_str::<RulesSettings>(&rule).unwrap().rule);
        let problems = Playbook::compile(settings).err().unwrap_or_default();
        let said: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert!(said.len() == 1 && said[0].contains(message) && said[0].contains("more"), "{more}: {said:?}");
    }
}

#[test]
fn a_tag_that_no_list_of_customers_can_hold_is_refused_in_a_rule_and_left_out_where_a_plugin_sets_it() {
    for tag in ["vip; new", "tier:gold", " vip", ""] {
        let found = mistakes(&format!("[[rule]]\nid = \"a\"\nany = [\"club\"]\ntag = [\"big spender\", \"{tag}\"]\n"));
        assert!(found.iter().any(|it| it.contains(&format!("`{tag}` cannot be a tag"))), "{tag}: {found:?}");
        assert_eq!(found.len(), 1, "{found:?}");
    }
    let mut talk = Talk::met(DAY_MS);
    let tags = ["a;b", "tier:gold", " big\u{3000}spender ", "new"].map(|it| Action::Tag { tag: it.to_owned() });
    talk.plugins.answers.insert(Hook::Message, tags.to_vec());
    let decision = talk.say("你好");
    assert_eq!(decision.conversation.tags, ["big spender", "new"]);
    let left_out = decision
        .trace
        .iter()
        .filter(|it| matches!(it.what, Finding::NotDone { why: crate::model::NotDone::NoTag }))
        .count();
    assert_eq!(left_out, 2);
}
