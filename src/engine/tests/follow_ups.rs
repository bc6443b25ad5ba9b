//! What is said after something was told, and belongs to it.

use super::*;

/// The kinds of the tickets that a message came to, after those before it were told.
fn after(told: &str, said: &str) -> (Vec<String>, Vec<String>) {
    let mut talk = Talk::met(DAY_MS);
    talk.say(told);
    let decision = talk.say(said);
    (kinds(&decision).into_iter().map(str::to_owned).collect(), texts(&decision))
}

#[test]
fn what_belongs_to_a_trouble_goes_with_its_ticket() {
    for (told, kind, said) in [
        ("my cup arrived broken", "damaged", "order A1001, photo attached"),
        ("my cup arrived broken", "damaged", "order number is A1001"),
        ("my cup arrived broken", "damaged", "how long will this take?"),
        ("my cup arrived broken", "damaged", "any update?"),
        ("my cup arrived broken", "damaged", "my email is ana@shop.example"),
        ("杯子碎了", "damaged", "订单号A1001"),
        ("杯子碎了", "damaged", "订单A1001，照片发你了"),
        ("杯子碎了", "damaged", "等我拍一下"),
        ("杯子碎了", "damaged", "今天能解决吗 急用"),
        ("杯子碎了", "damaged", "多久能处理好"),
        ("杯子碎了", "damaged", "有结果了吗"),
        ("杯子碎了", "damaged", "手机尾号8899"),
        ("杯子碎了", "damaged", "电话13800138000 微信同号"),
        ("杯子碎了", "damaged", "A1001"),
        ("杯子碎了", "damaged", "反正也赶不上了"),
        ("杯子裂開了", "damaged", "訂單編號 A1001"),
        ("商品が割れていました", "damaged", "注文番号 A1001 です"),
        ("商品が割れていました", "damaged", "写真あります"),
        ("컵이 깨졌어요", "damaged", "주문번호 A1001입니다"),
        ("你们发错了", "wrong-item", "截图发你"),
        ("我要退货", "returns", "尺码不合适，订单A1001"),
        ("我要退货", "returns", "尺码不合适"),
        ("我要退货", "returns", "订单号A1001"),
        ("我要退貨", "returns", "尺寸不合，訂單A1001"),
        ("I want to return it", "returns", "order A1001"),
        ("I want to cancel my order", "cancel-order", "ordered the wrong size"),
        ("取消订单", "cancel-order", "不好意思拍错了"),
        ("我要退款", "refund", "多久到账"),
    ] {
        let (kinds, said_back) = after(told, said);
        assert_eq!(kinds, [kind], "{told} / {said}: {said_back:?}");
    }
}

#[test]
fn what_is_about_something_else_does_not() {
    for (told, said) in [
        ("杯子碎了", "龙井多少钱"),
        ("杯子碎了", "你们几点上班"),
        ("杯子碎了", "运费怎么算"),
        ("杯子碎了", "另外我还有一个包裹一直没收到"),
        ("my cup arrived broken", "do you ship to Canada?"),
        ("my cup arrived broken", "and my other parcel never arrived"),
        ("我要退货", "请问尺码怎么选"),
        ("我要退货", "还有一件碎了"),
        ("I want to return it", "what size should I take?"),
        ("今天有什么优惠", "尺码不合适"),
        ("有礼盒吗", "好 拍了"),
    ] {
        let (_, said_back) = after(told, said);
        let noted = said_back.iter().any(|it| it.contains("记在一起") || it.contains("what you told me before"));
        assert!(!noted, "{told} / {said}: {said_back:?}");
    }
}

#[test]
fn good_news_of_whoever_took_it_in_reaches_the_ticket() {
    for said in
        ["哦 我老公拿了 虚惊一场", "我妈签收了", "my husband picked it up", "sorry, my neighbour had it all along"]
    {
        let mut talk = Talk::met(DAY_MS);
        talk.say("等了十天了，包裹还没到");
        let decision = talk.say(said);
        assert_eq!(kinds(&decision), ["late"], "{said}: {:?}", texts(&decision));
        assert!(texts(&decision).is_empty(), "{said}: {:?}", texts(&decision));
    }
    for said in ["我妈说没签收", "被别人拿走了", "my neighbour says he has not seen it"] {
        let (_, said_back) = after("杯子碎了", said);
        assert!(!said_back.is_empty(), "{said}");
    }
}

#[test]
fn who_thinks_better_of_it_in_two_words_is_heard() {
    for (told, said) in
        [("取消订单A1001", "等等先别"), ("cancel my order A1001", "no wait, don't"), ("取消訂單", "先別動")]
    {
        let (kinds, said_back) = after(told, said);
        assert_eq!(kinds, ["cancel-order"], "{said}: {said_back:?}");
    }
}
