//! What a rule may depend on: the order, the customer, the time.

use super::*;

const DAYS_MS: i64 = 24 * HOUR_MS;

#[test]
fn a_rule_may_depend_on_the_order() {
    let rules = r#"
        [[rule]]
        id = "pay"
        any = ["改地址"]
        when = { order = "placed" }
        text.zh = "付款前可以直接改：{{ order.payment_url }}"
        [[rule]]
        id = "late"
        any = ["改地址"]
        when = { order = ["shipped", "delivered"] }
        text.zh = "已经{{ order.status }}，改不了了"
        [[rule]]
        id = "none"
        any = ["改地址"]
        when = { order = "none" }
        text.zh = "请先告诉我订单号"
        [[rule]]
        id = "big"
        any = ["退货费"]
        when = { total_over = 200, currency = "CNY" }
        text.zh = "满 200 免退货费，{{ (order.amount * 2)|int }}"
        [[rule]]
        id = "old"
        any = ["会员日"]
        when = { delivered_over = "7d" }
        text.zh = "签收 {{ order.days_since_delivery }} 天了，state {{ order.state }}"
    "#;
    let mut placed = order("A1001", OrderStatus::Placed);
    placed.payment_url = Some("https://pay.example/1".to_owned());
    let mut delivered = order("A1002", OrderStatus::Delivered);
    delivered.total = Some(crate::model::Money { minor: 25_000, currency: "CNY".to_owned() });
    delivered.delivered_ms = Some(DAY_MS - 8 * DAYS_MS);
    let ask = |orders: &[&Order], said: &str| {
        let mut talk = Talk::with_rule(rules, DAY_MS);
        talk.facts.orders = orders.iter().copied().cloned().collect();
        let decision = talk.say(said);
        (answered_by(&decision), texts(&decision).join("\n"))
    };
    assert_eq!(ask(&[&placed], "改地址").0, ["rule:pay"]);
    assert!(ask(&[&placed], "改地址").1.contains("https://pay.example/1"));
    assert_eq!(ask(&[&delivered], "改地址").0, ["rule:late"]);
    assert_eq!(ask(&[], "改地址").0, ["rule:none"]);
    assert_eq!(ask(&[&placed, &delivered], "改地址").0, ["rule:pay"], "the newest");
    assert_eq!(ask(&[&placed, &delivered], "订单 A1002 改地址").0, ["rule:late"], "the one that is named");
    assert_eq!(ask(&[&delivered], "退货费").0, ["rule:big"]);
    assert!(ask(&[&delivered], "退货费").1.contains("500"));
    assert!(!ask(&[&placed], "退货费").0.contains(&"rule:big".to_owned()));
    assert_eq!(ask(&[&delivered], "会员日").1, "签收 8 天了，state delivered");
    assert!(!ask(&[&placed], "会员日").0.contains(&"rule:old".to_owned()));
}

#[test]
fn a_rule_may_depend_on_the_customer() {
    let rules = r#"
        [[rule]]
        id = "vip"
        any = ["价格表"]
        when = { tier = "gold" }
        text.zh = "专属价格表"
        [[rule]]
        id = "wholesaler"
        any = ["价格表"]
        when = { tag = ["wholesale"], no_tag = ["blocked"] }
        text.zh = "批发价格表"
        [[rule]]
        id = "anyone"
        any = ["价格表"]
        text.zh = "价格表"
        [[rule]]
        id = "again"
        any = ["老客户"]
        when = { bought = true }
        text.zh = "欢迎回来"
        [[rule]]
        id = "english"
        any = ["catalogue"]
        when = { language = "en", channel = "webchat" }
        text.en = "Here it is"
        [[rule]]
        id = "elsewhere"
        any = ["catalogue"]
        when = { channel = "telegram" }
        text.en = "There it is"
        [[rule]]
        id = "newcomer"
        any = ["新人"]
        when = { first = true }
        text.zh = "新人礼"
    "#;
    let ask = |tags: &[&str], said: &str| {
        let mut talk = Talk::with_rule(rules, DAY_MS);
        talk.conversation.tags = tags.iter().map(|it| (*it).to_owned()).collect();
        talk.conversation.received = 3;
        answered_by(&talk.say(said))
    };
    assert_eq!(ask(&["tier:gold"], "价格表"), ["rule:vip"]);
    assert_eq!(ask(&["wholesale"], "价格表"), ["rule:wholesaler"]);
    assert_eq!(ask(&["wholesale", "blocked"], "价格表"), ["rule:anyone"]);
    assert!(!ask(&[], "老客户").contains(&"rule:again".to_owned()));
    assert_eq!(ask(&[], "catalogue"), ["rule:english"]);
    assert!(!ask(&[], "新人").contains(&"rule:newcomer".to_owned()));
    assert!(went_by(&Talk::with_rule(rules, DAY_MS).say("新人"), "rule:newcomer"));
    let mut talk = Talk::with_rule(rules, DAY_MS);
    talk.facts.orders = vec![order("A1", OrderStatus::Delivered)];
    assert!(went_by(&talk.say("老客户"), "rule:again"));
}

#[test]
fn a_rule_may_depend_on_the_time() {
    let rules = r#"
        [[rule]]
        id = "eleven"
        any = ["活动吗"]
        when = { from = "2026-11-24 12:00", until = "2026-11-24" }
        text.zh = "双11"
        [[rule]]
        id = "night"
        any = ["快递员"]
        when = { time = "22:00-06:00" }
        text.zh = "夜里不派件"
        [[rule]]
        id = "weekend"
        any = ["周末"]
        when = { days = ["sat-sun"] }
        text.zh = "周末照常"
        [[rule]]
        id = "away"
        any = ["在不在"]
        when = { open = false }
        text.zh = "不在"
    "#;
    let by = |rule: &str, said: &str, now_ms: i64| went_by(&Talk::with_rule(rules, now_ms).say(said), rule);
    assert!(by("rule:eleven", "活动吗", DAY_MS));
    assert!(!by("rule:eleven", "活动吗", DAY_MS - HOUR_MS));
    assert!(!by("rule:eleven", "活动吗", DAY_MS + 12 * HOUR_MS));
    assert!(by("rule:night", "快递员", NIGHT_MS) && !by("rule:night", "快递员", DAY_MS));
    assert!(!by("rule:weekend", "周末", DAY_MS) && by("rule:weekend", "周末", DAY_MS + 4 * DAYS_MS));
    assert!(by("rule:away", "在不在", NIGHT_MS) && !by("rule:away", "在不在", DAY_MS));
}

#[test]
fn a_condition_that_cannot_be_is_refused_with_what_was_meant() {
    let found = mistakes(
        r#"
        [[rule]]
        id = "a"
        any = ["x"]
        text.en = "x"
        when = { order = "shiped", from = "11-11", currency = "yuan", total_over = 5, total_under = 5 }
        "#,
    );
    assert_eq!(found[0], "rules.toml: rule[0].when.order: `shiped` is no state of an order (did you mean `shipped`?)");
    assert!(found.iter().any(|it| it.contains("when.from: `11-11` is no day")), "{found:?}");
    assert!(found.iter().any(|it| it.contains("when.currency: `yuan`")), "{found:?}");
    assert!(found.iter().any(|it| it.contains("when.total_under: nothing is over 5 and under 5")), "{found:?}");
    let misspelt = toml::from_str::<RulesSettings>("[[rule]]\nid=\"a\"\nwhen={ ordr = \"paid\" }").unwrap_err();
    assert!(misspelt.to_string().contains("ordr"), "{misspelt}");
}
