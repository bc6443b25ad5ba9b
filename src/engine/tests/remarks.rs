use super::*;

const GIFT: &str = "请用礼盒包装好一点";

fn remarked<'d>(decision: &'d Decision, id: &str) -> &'d [String] {
    decision.orders.iter().find(|it| it.id == id).map_or(&[], |it| &it.remarks)
}

#[test]
fn a_wish_stands_on_the_order_and_whoever_packs_it_hears_of_it() {
    let mut talk = Talk::met(DAY_MS);
    talk.facts.orders = vec![order("A2", OrderStatus::Shipped), order("A1", OrderStatus::Paid)];
    let decision = talk.say(GIFT);
    assert_eq!(remarked(&decision, "A1"), [GIFT]);
    let told = decision.actions.iter().any(|it| {
        matches!(it, Action::Notify { to, content } if to == "warehouse" && content.to_plain_text().contains("A1"))
    });
    assert!(told, "{:?}", decision.actions);
    assert!(texts(&decision)[0].contains("A1") && texts(&decision)[0].contains("转给仓库了"), "{decision:?}");
    assert!(decision.conversation.tickets.is_empty());
}

#[test]
fn where_nobody_who_packs_hears_of_it_a_ticket_stands_for_it_and_no_more_is_promised() {
    let mut talk = Talk::with(shipped(), DAY_MS);
    talk.conversation.first_seen_ms = Some(DAY_MS - 1);
    talk.facts.orders = vec![order("A1", OrderStatus::Paid)];
    let decision = talk.say(GIFT);
    assert_eq!(remarked(&decision, "A1"), [GIFT]);
    assert_eq!(kinds(&decision), ["remark"]);
    assert!(!texts(&decision)[0].contains("转给仓库了"), "{decision:?}");
}

#[test]
fn a_shop_that_listens_hears_of_it_without_a_warehouse() {
    let mut talk = Talk::with(shipped(), DAY_MS);
    talk.conversation.first_seen_ms = Some(DAY_MS - 1);
    talk.facts.orders = vec![order("A1", OrderStatus::Paid)];
    talk.facts.shop_listens = true;
    let decision = talk.say(GIFT);
    assert!(kinds(&decision).is_empty());
    assert!(decision.actions.iter().any(|it| matches!(it, Action::Remark { .. })));
}

#[test]
fn a_wish_goes_to_every_order_that_it_names() {
    let mut talk = Talk::met(DAY_MS);
    talk.facts.orders = ["A1003", "A1002", "A1001"].map(|id| order(id, OrderStatus::Paid)).to_vec();
    let decision = talk.say("gift box for A1001 and A1002, please");
    assert!(!remarked(&decision, "A1001").is_empty() && !remarked(&decision, "A1002").is_empty());
    assert!(remarked(&decision, "A1003").is_empty());
}

#[test]
fn without_an_order_the_wish_is_kept_and_nobody_is_told_otherwise() {
    for rule in ["", "[[rule]]\nid = \"gift-wrap\"\nany = [\"礼盒\"]\ntext = \"已写进您的订单备注\"\nremark = true"]
    {
        let mut settings = staffed();
        let own: RulesSettings = toml::from_str(rule).unwrap();
        settings.rules.rule.retain(|it| own.rule.is_empty() || it.id != "gift-wrap");
        settings.rules.rule.extend(own.rule);
        let mut talk = Talk::with(settings, DAY_MS);
        talk.conversation.first_seen_ms = Some(DAY_MS - 1);
        let decision = talk.say(GIFT);
        assert_eq!(kinds(&decision), ["remark"]);
        let said = &texts(&decision)[0];
        assert!(said.contains("没有看到") && !said.contains("已写进"), "{said}");
    }
}
