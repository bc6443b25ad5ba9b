//! What real customers asked the shipped shop, and what a good clerk says to it.

use crate::harness::{
    Daemon, Shop, eventually,
    generic::{replies, shop_talking_to},
    platform::Platform,
};

fn shop(platform: &Platform) -> Shop {
    let shop = shop_talking_to(platform);
    shop.edit("rules.toml", "# gather = \"2s\"", "gather = \"0s\"");
    shop
}

fn all_to(platform: &Platform, chat: &str) -> Vec<String> {
    replies(&platform.received()).into_iter().filter(|(to, _)| to == chat).map(|(_, text)| text).collect()
}

/// What a customer is told, welcome and all, once a part of it is there.
async fn told(platform: &Platform, chat: &str, part: &str) -> String {
    eventually(&format!("`{part}` for {chat}"), async || {
        let all = all_to(platform, chat).join("\n");
        (!all.is_empty() && all.contains(part)).then_some(all)
    })
    .await
}

/// Says these one after the other, and gives what was answered to each.
async fn talk(daemon: &Daemon, platform: &Platform, chat: &str, lines: &[&str]) -> Vec<String> {
    let mut answers = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let before = all_to(platform, chat).len();
        daemon.say(&format!("{chat}-{number}"), chat, line).await;
        eventually(&format!("an answer to `{line}`"), async || (all_to(platform, chat).len() > before).then_some(()))
            .await;
        platform.after_quiet().await;
        answers.push(all_to(platform, chat)[before..].join("\n"));
    }
    answers
}

/// An advertisement: what is sold and what it costs, as its readers have it.
const ADVERT: &str = "¥";
const ENGLISH_ADVERT: &str = "CNY";

/// The question, a part of the answer, and what is not in it.
const QUESTIONS: [(&str, &str, &str); 30] = [
    // To somebody new, the welcome says it.
    ("在吗", "", ADVERT),
    ("有货吗", "铁观音", "记下"),
    ("铁观音还有货吗", "现货 120 件", "哪款"),
    ("龙井什么时候有货", "暂时售罄，什么时候再到货我这里查不到，已经登记，同事", "哪款"),
    ("包邮吗", "运费", "价格是店里"),
    ("能便宜点吗", "满200减30", "记下"),
    ("给我包邮吧，以后还要来买的，培养个老客户嘛", "任选两件包邮", "记下"),
    ("发什么快递", "顺丰", ADVERT),
    ("什么时候发货", "24 小时", ADVERT),
    ("我要退货", "退换", ADVERT),
    ("东西收到了，我要退货", "退换", ADVERT),
    ("怎么还没到", "抱歉", ADVERT),
    ("都一个星期了快递还没到！！！", "抱歉", ADVERT),
    ("衣服号码大了，不是太合身", "换", ADVERT),
    ("这款有几个颜色", "哪一款", ADVERT),
    ("有什么优惠", "满200减30", "记下"),
    ("这个太贵了", "满200减30", "记下"),
    ("怎么还没付款就关闭了订单", "关闭", ADVERT),
    ("我拍下了还没付款，能改地址吗", "新地址", ADVERT),
    ("发错货还这么凶，我要给你差评！", "抱歉", ADVERT),
    ("骗子！退钱！", "抱歉", ADVERT),
    ("我買的東西發錯尺碼了，可以退貨嗎？", "抱歉", "发错"),
    ("請問有貨嗎？可以便宜一點嗎", "滿200減30", "价格"),
    ("Do you have it in stock?", "best sellers", "noted"),
    ("any discont for 2 tea sets?", "30 off orders of 200", "noted"),
    ("where is my parcle?? its been 10 days", "sorry", ENGLISH_ADVERT),
    ("hi 铁观音 how much 多少钱", "¥99.00", "哪款"),
    ("礻可以开发票么", "抬头", ADVERT),
    ("什么叫明前茶！", "记下", ADVERT),
    ("你是机器人吗？我要找人工", "", ADVERT),
];

#[tokio::test]
async fn thirty_questions_that_customers_asked_are_answered_as_a_good_clerk_would() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let daemon = shop.start().await;
    for (number, (question, ..)) in QUESTIONS.iter().enumerate() {
        daemon.say(&format!("q{number}"), &format!("c{number}"), question).await;
    }
    let mut wrong = Vec::new();
    for number in 0..QUESTIONS.len() {
        told(&platform, &format!("c{number}"), "").await;
    }
    platform.after_quiet().await;
    for (number, (question, part, never)) in QUESTIONS.iter().enumerate() {
        // The welcome goes before.
        let all = all_to(&platform, &format!("c{number}"));
        let all = all[1.min(all.len() - 1)..].join("\n");
        if !all.contains(part) || all.contains(never) {
            wrong.push(format!("{question}: {all}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Late parcels, a wrong one, anger and a threat are at the top of the list, and nothing else is.
    let tickets = daemon.admin(http::Method::GET, "/v1/tickets").await.json();
    let urgent = tickets.as_array().unwrap().iter().filter(|it| it["urgency"] == "urgent").count();
    assert_eq!(urgent, 6, "{tickets:#}");
}

#[tokio::test]
async fn a_store_without_a_catalogue_promises_to_look_nothing_up() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    shop.write("catalogue.toml", "");
    let daemon = shop.start().await;
    daemon.say("q1", "ana", "铁观音还有货吗").await;
    let all = told(&platform, "ana", "记下").await;
    assert!(!all.contains("名字") && !all.contains("哪款"), "{all}");
    let asked = daemon.admin(http::Method::GET, "/v1/tickets").await.json().to_string();
    assert!(asked.contains("铁观音还有货吗"), "{asked}");
}

#[tokio::test]
async fn who_complains_twice_does_not_read_the_same_words_twice() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let daemon = shop.start().await;
    for (chat, lines) in [("ana", ["投诉", "你们到底管不管"]), ("ben", ["i want to complain", "this is a disgrace"])]
    {
        let answers = talk(&daemon, &platform, chat, &lines).await;
        let last_words = |text: &String| text.lines().last().map(str::to_owned);
        assert_ne!(last_words(&answers[0]), last_words(&answers[1]), "{answers:?}");
        assert!(answers.iter().all(|it| !it.contains(ADVERT)), "{answers:?}");
    }
}

#[tokio::test]
async fn who_gives_title_and_tax_number_is_not_asked_for_them() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let daemon = shop.start().await;
    let lines = ["要开发票 抬头：小猫茶馆 税号 91310000MA1K35X123"];
    let answers = talk(&daemon, &platform, "ana", &lines).await;
    assert!(answers[0].contains("小猫茶馆") && answers[0].contains("91310000MA1K35X123"), "{answers:?}");
    assert!(!answers[0].contains("抬头和税号"), "{answers:?}");
}

#[tokio::test]
async fn who_walks_away_from_a_price_is_let_go_kindly() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let daemon = shop.start().await;
    for (chat, lines) in [
        ("ana", ["能不能少10块", "那我不买了"]),
        ("ben", ["can you do it any cheaper", "never mind then, too pricey for me"]),
    ] {
        let answers = talk(&daemon, &platform, chat, &lines).await;
        assert!(answers[0].contains("200"), "an offer: {answers:?}");
        assert!(!answers[1].contains("200") && !answers[1].contains(ADVERT), "{answers:?}");
    }
}
