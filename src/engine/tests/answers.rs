use super::*;
use crate::model::Urgency;

#[test]
fn the_first_words_are_welcomed_by_store_and_clerk_with_a_menu() {
    let decision = Talk::at(DAY_MS).say("Hello!");
    let texts = texts(&decision);
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains("Night Tea House") && texts[0].contains("Xiao Er"), "{texts:?}");
    assert!(texts[0].contains("1. Where is my order?"), "{texts:?}");
    let decision = Talk::at(DAY_MS).say("你好");
    assert!(super::texts(&decision)[0].contains("夜茶铺"));
}

#[test]
fn at_night_the_welcome_says_when_people_are_back_and_what_is_on_offer() {
    let zh = texts(&Talk::at(NIGHT_MS).say("你好")).remove(0);
    assert!(zh.contains("今天 09:00回来") && zh.contains("满200减30 https://shop.example/offers"), "{zh}");
    let en = texts(&Talk::at(NIGHT_MS).say("hello")).remove(0);
    assert!(en.contains("back today at 09:00") && en.contains("30 off orders of 200"), "{en}");
}

#[test]
fn a_question_in_the_first_message_is_answered_after_the_welcome() {
    let decision = Talk::at(NIGHT_MS).say("Do you ship abroad?");
    let texts = texts(&decision);
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts[1].contains("we ship to most countries"), "{texts:?}");
    assert_eq!(steps(&decision), ["schedule", "welcome", "intents", "rule:shipping-abroad"]);
}

#[test]
fn the_questions_every_store_gets_are_answered_by_the_shipped_rules() {
    for (said, by) in [
        ("Do you ship abroad?", "rule:shipping-abroad"),
        ("你们发到国外吗", "rule:shipping-abroad"),
        ("你們發到國外嗎", "rule:shipping-abroad"),
        ("where is my order", "rule:order-status"),
        ("我的快递到哪了", "rule:order-status"),
        ("我的快遞到哪了？", "rule:order-status"),
        ("hello", "rule:greeting"),
        ("ＨＥＬＬＯ！", "rule:greeting"),
        ("你好", "rule:greeting"),
        ("thanks", "rule:farewell"),
        ("谢谢", "rule:farewell"),
        ("謝謝", "rule:farewell"),
        ("转人工", "rule:person"),
        ("轉人工", "rule:person"),
        ("Can I talk to a human agent?", "rule:person"),
        ("催一下我的快递", "rule:late"),
        ("我要投诉", "rule:complaint"),
        ("I never received it", "rule:not-received"),
        ("可以便宜点吗", "rule:discount"),
        ("any offers today?", "rule:promotions"),
        ("有什么推荐的", "rule:recommend"),
        ("how can I return it", "rule:returns"),
        ("是假货吗", "rule:genuine"),
    ] {
        let decision = Talk::met(DAY_MS).say(said);
        assert!(went_by(&decision, by), "{said}: {:?}", decision.trace);
        assert!(decision.replies().count() >= 1, "{said}");
    }
}

#[test]
fn every_answer_is_in_the_customers_language() {
    let mut talk = Talk::met(DAY_MS);
    assert_eq!(talk.say("thanks").conversation.language.as_deref(), Some("en"));
    // A number, or what a button sends, says nothing about the language.
    talk.say("menu");
    let decision = talk.say("rule:promotions");
    assert!(texts(&decision)[0].contains("Today's offers"), "{decision:?}");
    assert_eq!(talk.say("👍").conversation.language.as_deref(), Some("en"));
    let decision = talk.say("谢谢");
    assert!(texts(&decision)[0].contains("不客气"), "{decision:?}");
}

#[test]
fn a_bare_number_a_label_or_a_button_picks_from_the_menu() {
    for said in ["2", "２", "2.", "今日优惠", "今日優惠", "rule:promotions"] {
        let mut talk = Talk::met(DAY_MS);
        talk.say("菜单");
        let decision = talk.say(said);
        assert!(went_by(&decision, "rule:promotions"), "{said}: {:?}", decision.trace);
    }
    let mut talk = Talk::met(DAY_MS);
    talk.say("菜单");
    assert!(went_by(&talk.say("9"), "fallback"), "a number that is not on the menu");
}

#[test]
fn an_unhappy_customer_goes_before_small_talk_and_before_every_other_rule() {
    let decision = Talk::met(NIGHT_MS).say("你好，你们发到国外的快递我一直没收到，谢谢");
    assert!(went_by(&decision, "rule:not-received"), "{:?}", decision.trace);
    let ticket = &decision.tickets[0];
    assert_eq!((ticket.kind.as_str(), ticket.urgency), ("not-received", Urgency::Urgent));
    assert!(ticket.text.contains("没收到"), "{ticket:?}");
}

#[test]
fn an_order_is_told_of_with_its_parcel() {
    let mut talk = Talk::met(DAY_MS);
    let mut sent = order("A1001", OrderStatus::Shipped);
    sent.parcels = vec![Parcel {
        shipment: Shipment {
            carrier: Some("SF Express".to_owned()),
            tracking_number: Some("SF123".to_owned()),
            ..Shipment::default()
        },
        ..Parcel::default()
    }];
    talk.facts.orders = vec![sent, order("A0999", OrderStatus::Delivered)];
    let text = texts(&talk.say("where is my order")).remove(0);
    assert!(text.contains("A1001: on its way, SF Express SF123") && !text.contains("A0999"), "{text}");
    let text = texts(&talk.say("and a0999?")).remove(0);
    assert!(text.contains("A0999: delivered") && !text.contains("A1001"), "{text}");
}

#[test]
fn an_order_nobody_knows_is_asked_for_and_put_on_the_list() {
    let decision = Talk::met(NIGHT_MS).say("where is my order");
    assert!(texts(&decision)[0].contains("send me the order number"), "{decision:?}");
    assert_eq!(kinds(&decision), ["order"]);
}

#[test]
fn a_product_is_told_of_with_price_and_stock_and_what_goes_with_it() {
    let decision = Talk::met(DAY_MS).say("谢谢，请问铁观音怎么样");
    let text = texts(&decision).join("\n");
    assert!(went_by(&decision, "catalogue"), "{:?}", decision.trace);
    assert!(text.contains("¥99.00") && text.contains("现货 120 件") && text.contains("白瓷盖碗"), "{text}");
}

#[test]
fn a_product_that_is_sold_out_comes_with_substitutes_in_stock() {
    let text = texts(&Talk::met(DAY_MS).say("Do you have longjing?")).remove(0);
    assert!(text.contains("sold out") && text.contains("碧螺春") && text.contains("铁观音"), "{text}");
}

#[test]
fn a_wish_for_a_discount_is_answered_with_an_offer_and_its_condition() {
    let text = texts(&Talk::met(DAY_MS).say("any discount?")).remove(0);
    assert!(text.contains("Buy any two and shipping is free"), "{text}");
}

#[test]
fn what_nothing_answers_is_noted_and_something_is_offered() {
    let decision = Talk::met(NIGHT_MS).say("qwertz");
    let text = &texts(&decision)[0];
    assert!(text.contains("today at 09:00") && !text.contains("铁观音") && text.contains("1. Where"), "{text}");
    assert_eq!(kinds(&decision), ["question"]);
    assert_eq!(steps(&decision), ["schedule", "intents", "fallback"]);
}

#[test]
fn a_picture_without_words_is_passed_on() {
    let mut talk = Talk::met(DAY_MS);
    let media = vec![crate::model::Media::new("image", "1")];
    let decision = talk.decide(EventKind::Message(Message { media, ..Message::default() }), None);
    assert_eq!(decision.replies().count(), 1);
    assert_eq!(kinds(&decision), ["media"]);
}

#[test]
fn a_conversation_that_is_opened_is_welcomed_once() {
    let mut talk = Talk::at(DAY_MS);
    let opened = || EventKind::Opened {
        sender: "ana".to_owned(),
        sender_name: None,
        payload: None,
        reply: ReplyContext::default(),
    };
    assert_eq!(talk.decide(opened(), None).replies().count(), 1);
    assert_eq!(talk.decide(opened(), None).replies().count(), 1, "greeted");
    let decision = talk.say("你们发到国外吗");
    assert_eq!(steps(&decision), ["schedule", "intents", "rule:shipping-abroad"]);
}

#[test]
fn the_same_thing_said_often_is_said_in_different_words() {
    let mut talk = Talk::met(DAY_MS);
    assert_ne!(texts(&talk.say("在吗")), texts(&talk.say("在吗")));
}

#[test]
fn a_rule_says_links_pictures_and_menus_and_does_what_it_says() {
    let rule = r#"
        [[rule]]
        id = "size"
        any = ["尺码"]
        text = { zh = "{{ customer }}，请看尺码表" }
        link = "https://shop.example/size"
        image = { url = "https://shop.example/size.png" }
        menu = [{ label = { zh = "退换" }, value = "rule:returns" }]
        tag = ["size"]
        notify = { to = "warehouse", text = { zh = "问：{{ text }}" } }
    "#;
    let mut talk = Talk::with_rule(rule, DAY_MS);
    let decision = talk.say("尺碼呢");
    let notify = Action::Notify { to: "warehouse".to_owned(), content: Content::text("问：尺碼呢") };
    assert!(decision.actions.contains(&notify), "{:?}", decision.actions);
    assert_eq!(
        texts(&decision),
        [
            "Ana，請看尺碼表\nhttps://shop.example/size",
            "https://shop.example/size.png",
            "請選擇，或直接告訴我您的問題：\n1. 退換",
        ]
    );
    assert_eq!(decision.conversation.tags, ["size"]);
    assert!(went_by(&talk.say("1"), "rule:returns"));
}

#[test]
fn a_rule_keeps_to_its_hours_its_channels_and_its_rest() {
    let base = "[[rule]]\nid = \"x\"\nany = [\"xyzzy\"]\ntext = { en = \"magic\" }\n";
    let answers = |condition: &str, now_ms: i64| {
        let mut talk = Talk::with_rule(&format!("{base}{condition}"), now_ms);
        let first = went_by(&talk.say("xyzzy"), "rule:x");
        talk.now_ms += 60_000;
        (first, went_by(&talk.say("xyzzy"), "rule:x"))
    };
    assert_eq!(answers("", DAY_MS), (true, true));
    assert_eq!(answers("hours = \"closed\"", DAY_MS), (false, false));
    assert_eq!(answers("hours = \"closed\"", NIGHT_MS), (true, true));
    assert_eq!(answers("channels = [\"telegram\"]", DAY_MS), (false, false));
    assert_eq!(answers("cooldown = \"2m\"", DAY_MS), (true, false));
    assert_eq!(answers("cooldown = \"30s\"", DAY_MS), (true, true));
    assert_eq!(answers("once = true", DAY_MS), (true, false));
}

#[test]
fn the_highest_priority_answers_then_the_first_in_the_file() {
    let rules = r#"
        [[rule]]
        id = "low"
        priority = 1
        any = ["xyzzy"]
        text = { en = "low" }
        [[rule]]
        id = "high"
        priority = 2
        all = ["xyzzy", "plugh"]
        none = ["except"]
        text = { en = "high" }
        [[rule]]
        id = "same"
        priority = 2
        patterns = ["^xyzzy"]
        text = { en = "same" }
    "#;
    let mut talk = Talk::with_rule(rules, DAY_MS);
    assert_eq!(texts(&talk.say("xyzzy plugh")), ["high"]);
    assert_eq!(texts(&talk.say("XYZZY except plugh")), ["same"]);
    assert_eq!(texts(&talk.say("a xyzzy")), ["low"]);
}

#[test]
fn a_rule_of_the_store_takes_the_place_of_a_built_in_one() {
    let rule = "[[rule]]\nid = \"farewell\"\nany = [\"ciao\"]\ntext = { en = \"Ciao!\" }\n";
    let mut talk = Talk::with_rule(rule, DAY_MS);
    assert_eq!(texts(&talk.say("ciao")), ["Ciao!"]);
    assert!(!went_by(&talk.say("thanks"), "rule:farewell"));
}

#[test]
fn a_wish_is_written_on_the_order_that_has_not_left_yet() {
    let mut talk = Talk::met(DAY_MS);
    talk.facts.orders = vec![order("A2", OrderStatus::Shipped), order("A1", OrderStatus::Paid)];
    let decision = talk.say("请用礼盒");
    let remark = Action::Remark { order_id: "A1".to_owned(), text: "请用礼盒".to_owned() };
    assert!(decision.actions.contains(&remark), "{:?}", decision.actions);
}

#[test]
fn of_two_rules_the_one_that_says_more_of_the_question_answers() {
    let rules = r#"
        [[rule]]
        id = "refunds"
        any = ["定制"]
        text.zh = "about refunds"
        [[rule]]
        id = "progress"
        any = ["定制进度"]
        text.zh = "about their progress"
        [[rule]]
        id = "anything"
        patterns = ['.*制.*']
        text.zh = "about anything"
    "#;
    for (said, by) in [("定制进度怎么样", "rule:progress"), ("我要定制", "rule:refunds"), ("什么制", "rule:anything")]
    {
        let decision = Talk::with_rule(rules, DAY_MS).say(said);
        assert!(went_by(&decision, by), "{said}: {:?}", decision.trace);
    }
}

#[test]
fn an_order_is_found_by_its_number_however_it_is_written() {
    for (id, said) in [("#1001", "1001"), ("SO-2026-0001", "so 2026 0001"), ("A1001", "a1001?")] {
        let mut talk = Talk::met(DAY_MS);
        talk.facts.orders = vec![order(id, OrderStatus::Shipped)];
        let decision = talk.say(said);
        assert!(went_by(&decision, "orders"), "{said}: {:?}", decision.trace);
    }
}

#[test]
fn what_a_customer_says_of_an_order_is_read_and_the_trace_names_its_kinds() {
    let decision = Talk::met(DAY_MS).say("手机尾号 8899，等了10天");
    let read = decision.trace.iter().map(|it| it.what.to_string()).find(|it| it.starts_with("read:"));
    assert_eq!(read.as_deref(), Some("read: phone-tail, days-waited"));
}

#[test]
fn who_thinks_better_of_cancelling_is_read_by_whoever_would_cancel() {
    for (asked, then) in [
        ("please cancel my order", "wait, don't cancel my order"),
        ("我要取消订单", "等等，先别取消了"),
        ("我要开发票", "发票不用了"),
    ] {
        let mut talk = Talk::met(NIGHT_MS);
        let first = talk.say(asked);
        let decision = talk.say(then);
        assert_eq!(kinds(&decision), kinds(&first), "{then}: {:?}", decision.trace);
        assert!(decision.tickets[0].text.contains(then), "{:?}", decision.tickets);
        assert!(!texts(&decision).is_empty(), "{then}");
    }
    let decision = Talk::met(NIGHT_MS).say("don't cancel my order");
    assert_eq!((texts(&decision), decision.tickets.len()), (vec!["All right.".to_owned()], 0));
}

#[test]
fn who_needs_no_help_any_more_is_read_by_whoever_would_help() {
    for (told, then) in [
        ("我的快递丢了", "快递没丢，找到了"),
        ("退款还没到账", "退款到了，谢谢"),
        ("my parcel is lost", "it is not lost, I found it"),
        ("my cup arrived broken", "sorry, it is not broken"),
    ] {
        let mut talk = Talk::met(NIGHT_MS);
        let first = talk.say(told);
        let decision = talk.say(then);
        assert_eq!(kinds(&decision), kinds(&first), "{then}: {:?}", decision.trace);
        assert!(decision.tickets[0].text.contains(then), "{:?}", decision.tickets);
        assert_eq!(texts(&decision), [""; 0], "{then}: nothing is to be answered");
    }
    assert!(Talk::met(NIGHT_MS).say("快递没丢，找到了").tickets.is_empty());
}

#[test]
fn words_about_a_photo_belong_to_the_trouble_that_was_told() {
    for (told, said) in [
        ("杯子收到是碎的", "没有照片"),
        ("杯子收到是碎的", "图片发你了"),
        ("杯子收到是碎的", "[图片]"),
        ("my cup arrived broken", "I have no photo"),
        ("my cup arrived broken", "here is the picture"),
    ] {
        let mut talk = Talk::met(NIGHT_MS);
        talk.say(told);
        let decision = talk.say(said);
        assert_eq!(kinds(&decision), ["damaged"], "{said}: {:?}", decision.trace);
        assert!(decision.tickets[0].text.contains(said), "{:?}", decision.tickets);
        assert_eq!(decision.tickets[0].urgency, Urgency::Urgent, "{said}");
        talk.now_ms += 2 * 3_600_000;
        assert!(!texts(&talk.say(said)).is_empty(), "{said}: it is answered later, too");
    }
    let mut talk = Talk::met(NIGHT_MS);
    talk.say("杯子收到是碎的");
    assert!(went_by(&talk.say("还少发了一件"), "rule:wrong-item"), "another trouble is one of its own");
}
