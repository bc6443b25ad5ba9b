//! What each script of the guide and the cookbook promises.

use plugin_sdk::{
    Action, Content, Customer, OrderChange, OrderDetails, OrderStatus, Parcel, Product,
    testing::{Reaction, money, order, product},
};
use serde_json::json;

use super::snippets::Snippet;

/// # Panics
/// It does something else, or nothing is promised of it here.
pub fn try_out(it: &Snippet) {
    match (it.document.split('.').next().unwrap_or_default(), it.name()) {
        ("README", "hello") => greeting(it),
        ("javascript", "hello") => discount(it),
        ("javascript", "tea") => tea(it),
        ("javascript", "rate") => rate(it),
        ("javascript", "regulars") => regulars(it),
        ("cookbook", "coupon") => coupon(it),
        ("cookbook", "kind-reminder") => kind_reminder(it),
        // Beside what is tried in `on_the_daemon`.
        ("cookbook", "tracking") => tracking(it),
        ("cookbook", "ask-model") => ask_model(it),
        ("cookbook", "vip") => vip(it),
        ("cookbook", "stock-alert") => stock_alert(it),
        ("cookbook", "review-care") => review_care(it),
        ("cookbook", "lottery") => lottery(it),
        (document, name) => {
            panic!("{document}: nothing is promised of `{name}`; say in tests/cookbook/recipes.rs what it does")
        }
    }
}

fn customer(id: &str, tags: &[&str]) -> Customer {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    Customer { id: id.to_owned(), name: Some("Ana".to_owned()), tags, first_seen_ms: None, messages: 2 }
}

/// `part` is in what the customer reads.
#[track_caller]
fn tells(reaction: &Reaction, part: &str) {
    let text = reaction.text();
    assert!(text.contains(part), "`{part}` is not in `{text}`");
}

fn greeting(it: &Snippet) {
    let mut bench = it.bench().back(Some("09:00"));
    for (time, english, chinese) in [
        ("08:00", "Good morning, and welcome to Tea House!", "早上好，欢迎光临Tea House！"),
        ("15:00", "Good afternoon", "下午好"),
        ("22:00", "Good evening", "晚上好"),
    ] {
        bench.set_time(&format!("2026-11-24T{time}:00+08:00"));
        tells(&bench.welcome("Hi"), it.says(english, chinese));
        tells(&bench.opened(), it.says("back 09:00", "09:00回来"));
    }
    tells(&it.bench().open(true).opened(), it.says("How can we help?", "有什么可以帮您"));
}

fn discount(it: &Snippet) {
    tells(&it.bench().message(it.says("a discount?", "有优惠吗")), it.says("Tea House gives 10%", "Tea House首单九折"));
    assert!(it.bench().message("Hi").passed());
}

fn tea(it: &Snippet) {
    let reaction = it.bench().message("tea");
    let [
        Action::Reply(Content::Link(link)),
        Action::Reply(Content::Choices(question)),
        Action::Tag(tag),
        Action::Notify(notice),
    ] = reaction.actions()
    else {
        panic!("{reaction:?}")
    };
    assert_eq!((link.url.as_str(), question.choices.len()), ("https://example.com/tea", 2));
    assert_eq!(question.choices[1].value, "black tea");
    assert_eq!((tag.as_str(), notice.to.as_str()), ("likes-tea", "warehouse"));
    assert!(it.bench().message("coffee").passed());
}

fn rate(it: &Snippet) {
    let mut bench = it.bench().http("https://api.example.com/rate?of=tea", 200, r#"{"rate":"7.5"}"#);
    tells(&bench.message("rate"), "Today: 7.5");
    let mut bench = it.bench().http("https://api.example.com/rate?of=tea", 503, "");
    tells(&bench.message("rate"), "cannot look it up");
    assert!(it.bench().message("Hi").passed());
}

fn regulars(it: &Snippet) {
    tells(&it.bench().customer(customer("c", &["regular"])).welcome("Hi"), "How good to see you again!");
    assert!(it.bench().welcome("Hi").passed());
}

fn coupon(it: &Snippet) {
    let ask = it.says("Any discount?", "有优惠码吗");
    let mut bench = it.bench().customer(customer("c1", &["regular", "vip"]));
    tells(&bench.message(ask), "VIP20");
    tells(&bench.message(ask), it.says("VIP20 is still good", "VIP20 仍然有效"));
    bench.set_customer(customer("c2", &["regular"]));
    let other = bench.message(ask);
    tells(&other, "BACK10");
    tells(&other, it.says("14 days", "14 天"));
    bench.set_customer(customer("c3", &[]));
    assert!(bench.message(ask).passed(), "who has no tag is the clerk's");
    assert!(bench.message(it.says("Hello", "你好")).passed());
    bench.set_customer(customer("c1", &["vip"]));
    bench.set_time("2026-12-09T21:30:00+08:00");
    tells(&bench.message(ask), it.says("With our thanks", "感谢您的支持"));
    assert_eq!(bench.kept().len(), 1, "what is over is forgotten");
}

fn kind_reminder(it: &Snippet) {
    let of =
        |amount: &str| OrderDetails { total: Some(money(amount)), customer_name: Some("Ana".into()), ..order("A1") };
    let mut bench = it.bench().at("2026-11-24T10:00:00+08:00");
    let first = bench.payment_reminder(of("CNY 199.00"), 1, false);
    for part in ["A1", "CNY 199.00", "Ana", "https://shop.example/pay/A1", it.says("Good morning", "早上好")] {
        tells(&first, part);
    }
    let asks = it.says("two parts", "分两次付");
    assert!(!first.text().contains(asks), "{first:?}");
    bench.set_time("2026-11-24T20:00:00+08:00");
    let large = bench.payment_reminder(of("CNY 1000.00"), 2, false);
    tells(&large, asks);
    tells(&large, it.says("Good evening", "晚上好"));
    tells(&large, it.says("still keep", "还在为您保留"));
    tells(&bench.payment_reminder(of("CNY 1.00"), 3, true), it.says("last word", "最后一次提醒"));
    let paid = OrderDetails { status: OrderStatus::Paid, ..order("A1") };
    let silent = bench.payment_reminder(paid, 1, false);
    assert!(matches!(silent.actions(), [Action::Silence(_)]), "{silent:?}");
    let bare = OrderDetails { total: None, payment_url: None, ..order("A1") };
    tells(&bench.payment_reminder(bare, 1, false), "A1");
}

fn shipped(number: &str) -> OrderDetails {
    let parcel = Parcel { tracking_number: Some(number.to_owned()), ..Parcel::default() };
    OrderDetails { status: OrderStatus::Shipped, parcels: vec![parcel], ..order("A1") }
}

fn tracking(it: &Snippet) {
    let ask = it.says("Where is my parcel", "我的快递到哪了");
    let url = "https://track.example.com/v1/parcels/SF123";
    let place = r#"{"place":"Hangzhou","expected":"2026-11-26"}"#;
    let answered = it.bench().order(shipped("SF123")).http(url, 200, place).message(ask);
    tells(&answered, "Hangzhou");
    tells(&answered, "2026-11-26");
    assert!(it.bench().order(shipped("SF123")).http(url, 404, "no such").message(ask).passed());
    assert!(it.bench().order(shipped("SF123")).http(url, 200, "<html>").message(ask).passed());
    assert!(it.bench().order(shipped("SF123")).message(ask).passed(), "nobody answers");
    assert!(it.bench().order(shipped("../admin")).message(ask).passed(), "what is no number goes into no URL");
    assert!(it.bench().order(order("A1")).message(ask).passed());
}

fn ask_model(it: &Snippet) {
    let url = "https://model.example.com/v1/chat/completions";
    let ask = it.says("How much is the Longjing?", "Longjing多少钱？");
    let says = |said: &str| {
        let answer = json!({ "choices": [{ "message": { "content": said } }] }).to_string();
        it.bench().product(product("TEA-1", "Longjing")).http(url, 200, &answer).message(ask)
    };
    tells(&says("It is CNY 59.00."), "It is CNY 59.00.");
    assert!(says("It is CNY 49.00.").passed(), "a price that nobody set is not told");
    assert!(says("PASS").passed());
    assert!(it.bench().product(product("TEA-1", "Longjing")).message(ask).passed(), "nobody answers");
    assert!(it.bench().message(ask).passed(), "what the store does not sell is not asked");
    assert!(it.bench().product(product("TEA-1", "Longjing")).message("Longjing").passed(), "it is no question");
}

fn vip(it: &Snippet) {
    let of = |id: &str, status, amount: &str| OrderDetails { status, total: Some(money(amount)), ..order(id) };
    let paid = of("A2", OrderStatus::Paid, "CNY 1500.00");
    let earlier = of("A1", OrderStatus::Delivered, "CNY 600.00");
    let unpaid = of("A0", OrderStatus::Placed, "CNY 9000.00");
    let now = it.bench().order(earlier).order(unpaid.clone()).order_event(OrderChange::Paid, paid.clone());
    assert!(matches!(now.actions(), [Action::Tag(tag)] if tag == "vip"), "{now:?}");
    assert!(it.bench().order(unpaid).order_event(OrderChange::Paid, paid).passed(), "not enough is paid yet");
    let written = it.bench().customer(customer("c", &["vip"])).message("Hello");
    let [Action::Assign(team), Action::Notify(notice)] = written.actions() else { panic!("{written:?}") };
    assert_eq!((team.as_str(), notice.to.as_str()), ("vip-desk", "vip-desk"));
    assert!(it.bench().customer(customer("c", &["vip"])).assigned("vip-desk").message("Hello").passed());
    assert!(it.bench().customer(customer("c", &[])).message("Hello").passed());
}

fn stock_alert(it: &Snippet) {
    let gone = Product { stock: Some(0), ..product("TEA-1", "Longjing") };
    let ask = it.says("Tell me when Longjing is back in stock", "Longjing到货了告诉我");
    let mut bench = it.bench().at("2026-11-24T10:00:00+08:00").product(gone);
    let promised = bench.message(ask);
    let [Action::Reply(_), Action::SetTimer(timer)] = promised.actions() else { panic!("{promised:?}") };
    let payload: serde_json::Value = serde_json::from_str(&timer.payload).unwrap();
    assert_eq!((timer.key.as_str(), &payload), ("stock/TEA-1", &json!({ "sku": "TEA-1", "looks": 1 })));
    let again = bench.timer(&timer.key, payload.clone());
    assert!(matches!(again.actions(), [Action::SetTimer(next)] if next.due_ms > timer.due_ms - 1), "{again:?}");
    let morning = bench.daily();
    let [Action::Notify(notice)] = morning.actions() else { panic!("{morning:?}") };
    assert!(matches!(&notice.content, Content::Text(text) if text.contains("Longjing")), "{morning:?}");
    bench.set_stock(5);
    assert!(bench.daily().passed());
    bench.set_time("2026-11-24T23:00:00+08:00");
    let at_night = bench.timer("stock/TEA-1", payload.clone());
    assert!(matches!(at_night.actions(), [Action::SetTimer(_)]), "nobody is woken: {at_night:?}");
    bench.set_time("2026-11-25T09:00:00+08:00");
    let told = bench.timer("stock/TEA-1", payload);
    tells(&told, it.says("Longjing is back", "Longjing到货了"));
    tells(&told, "https://shop.example/TEA-1");
    let in_vain = bench.timer("stock/TEA-1", json!({ "sku": "TEA-1", "looks": 10_000 }));
    assert!(matches!(in_vain.actions(), [Action::Silence(_)]), "{in_vain:?}");
    tells(&bench.message(ask), it.says("in stock", "现在有货"));
    assert!(bench.message(it.says("Tell me a joke", "到货的笑话")).passed());
}

fn review_care(it: &Snippet) {
    let of = |rating| it.bench().review_posted(order("A1"), rating, "It leaks");
    let bad = of(Some(1));
    let [Action::Reply(_), Action::OpenTicket(ticket), Action::SetTimer(timer)] = bad.actions() else {
        panic!("{bad:?}")
    };
    assert_eq!((ticket.kind.as_str(), ticket.urgency.as_deref()), ("bad-review", Some("urgent")));
    assert!(ticket.text.contains("A1") && ticket.text.contains("It leaks"), "{ticket:?}");
    assert_eq!((timer.key.as_str(), timer.payload.as_str()), ("care/A1", "\"A1\""));
    tells(&bad, "A1");
    for rating in [None, Some(4), Some(5)] {
        assert!(of(rating).passed(), "{rating:?}");
    }
    assert!(it.bench().order_event(OrderChange::Paid, order("A1")).passed());
    let later = it.bench().timer("care/A1", json!("A1"));
    let [Action::AskSatisfaction(Content::Choices(question))] = later.actions() else { panic!("{later:?}") };
    assert!(question.text.contains("A1") && question.choices.len() == 2, "{later:?}");
    let still_open = it.bench().ticket("bad-review", "order A1: 1 of 5").timer("care/A1", json!("A1"));
    assert!(matches!(still_open.actions(), [Action::Notify(notice)] if notice.to == "aftersales"), "{still_open:?}");
}

fn lottery(it: &Snippet) {
    let delivered = |id: &str| OrderDetails { status: OrderStatus::Delivered, ..order(id) };
    let ask = it.says("the lottery, please", "我要抽奖");
    let newcomer = it.bench().order(delivered("A1")).message(ask);
    tells(&newcomer, it.says("have had 1", "目前有 1 笔"));
    let mut bench = ["A1", "A2", "A3"].iter().fold(it.bench(), |bench, id| bench.order(delivered(id)));
    let mut won = 0;
    for number in 0..300 {
        bench.set_customer(customer(&format!("c{number}"), &[]));
        let drawn = bench.message(ask);
        if let [Action::Reply(_), Action::Tag(tag), Action::Notify(notice)] = drawn.actions() {
            assert_eq!((tag.as_str(), notice.to.as_str()), ("won-2026-11", "sales"));
            won += 1;
        }
        assert!(!drawn.passed());
        tells(&bench.message(ask), it.says("have drawn this month", "已经抽过了"));
    }
    assert_eq!(won, 3, "as many as there are prizes, of three hundred with one chance in twenty");
    bench.set_time("2026-12-01T09:00:00+08:00");
    let again = bench.message(ask);
    assert!(!again.text().contains(it.says("have drawn", "已经抽过")), "{again:?}");
    assert!(bench.message("Hello").passed());
}
