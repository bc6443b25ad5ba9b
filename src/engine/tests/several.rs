//! Several questions in one message.

use std::collections::BTreeSet;

use super::*;

/// In the order in which they answered.
fn answered_by(decision: &Decision) -> Vec<String> {
    steps(decision).into_iter().filter(|it| it.starts_with("rule:") || *it == "catalogue").collect()
}

/// Questions of one language that the shipped store answers, and what people write between two of them.
const ASKED: [(&str, &[&str], &[&str]); 9] = [
    (
        "en",
        &[
            "can I pay cash on delivery",
            "how much is shipping",
            "do you ship abroad",
            "can I get an invoice",
            "do you do gift wrapping",
            "how long does delivery take",
            "which courier do you use",
            "is it authentic",
        ],
        &["? ", " and ", ", and ", "? also, ", " also ", ". And ", " plus "],
    ),
    (
        "zh-Hans",
        &[
            "能开发票吗",
            "几天能到",
            "支持货到付款吗",
            "运费多少钱",
            "发什么快递",
            "是正品吗",
            "能发国外吗",
            "可以送礼包装吗",
        ],
        &["？", "，", " ", "，还有", "另外", " 顺便问下 ", "，再问一下"],
    ),
    (
        "zh-Hant",
        &["可以開發票嗎", "幾天會到", "可以貨到付款嗎", "運費多少", "用哪家快遞", "是正品嗎", "可以寄到國外嗎"],
        &["？", "，", " ", "，還有", "另外", "，順便問一下"],
    ),
    (
        "es",
        &[
            "cuánto cuesta el envío",
            "puedo pagar contra reembolso",
            "hacen factura",
            "cuánto tarda en llegar",
            "envían al extranjero",
        ],
        &["? ", " y ", ", y ", "? Y además ", " y también "],
    ),
    (
        "ja",
        &["送料はいくらですか", "代引きは使えますか", "領収書は出せますか", "何日で届きますか", "海外発送できますか"],
        &["？", "。", "、あと", "。それと", "？また、"],
    ),
    (
        "ko",
        &["배송비 얼마예요", "착불 결제 되나요", "영수증 발급 되나요", "며칠 걸려요", "해외 배송 되나요"],
        &["? ", ". ", " 그리고 ", "? 그리고 "],
    ),
    (
        "id",
        &[
            "ongkirnya berapa",
            "bisa bayar di tempat",
            "bisa minta faktur",
            "berapa lama sampai",
            "bisa kirim ke luar negeri",
        ],
        &["? ", ", ", " dan ", " terus ", "? sama "],
    ),
    (
        "vi",
        &[
            "phí ship bao nhiêu",
            "có thanh toán khi nhận hàng không",
            "có xuất hóa đơn không",
            "bao lâu thì nhận được hàng",
            "có ship nước ngoài không",
        ],
        &["? ", ", ", " và ", "? với lại "],
    ),
    (
        "th",
        &["ค่าส่งเท่าไหร่", "เก็บเงินปลายทางได้ไหม", "ออกใบกำกับภาษีได้ไหม", "กี่วันถึง", "ส่งต่างประเทศได้ไหม"],
        &["? ", " ", " และ", " แล้วก็"],
    ),
];

/// What each of several messages is answered by, to somebody who has said nothing else.
fn each_answered_by(talk: &mut Talk, said: &str) -> BTreeSet<String> {
    let before = talk.conversation.clone();
    let by = answered_by(&talk.say(said)).into_iter().collect();
    talk.conversation = before;
    by
}

#[test]
fn two_questions_get_both_answers_however_they_are_joined_in_every_language() {
    let mut wrong = Vec::new();
    let mut talk = Talk::met(DAY_MS);
    for (language, questions, joints) in ASKED {
        let alone: Vec<_> = questions.iter().map(|it| (it, each_answered_by(&mut talk, it))).collect();
        for (one, other) in alone.iter().flat_map(|one| alone.iter().map(move |other| (one, other))) {
            let ((one, by_one), (other, by_other)) = (one, other);
            assert_eq!((by_one.len(), by_other.len()), (1, 1), "{one} / {other}");
            for joint in joints.iter().filter(|_| by_one != by_other) {
                let said = format!("{one}{joint}{other}?");
                let by = each_answered_by(&mut talk, &said);
                if by != by_one | by_other {
                    wrong.push(format!("{language}: {said}: {by:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn who_cancels_an_order_is_not_taken_off_the_list_for_notices() {
    for said in ["手滑点了两单一模一样的，留一单就成，另一个别发了", "拍重了 有一单不要 别发"]
    {
        let decision = Talk::met(DAY_MS).say(said);
        assert!(decision.conversation.tags.is_empty(), "{said}: {:?}", decision.trace);
    }
}

#[test]
fn two_questions_in_one_message_get_both_answers_in_their_order() {
    let mut wrong = Vec::new();
    for (said, rules) in [
        ("能开发票吗？几天能到", vec!["rule:invoice", "rule:shipping-time"]),
        ("几天能到，能开发票吗", vec!["rule:shipping-time", "rule:invoice"]),
        ("请问有貨嗎？可以便宜一點嗎", vec!["rule:product-price", "rule:discount"]),
        ("Do you ship abroad? And can I pay by credit card?", vec!["rule:shipping-abroad", "rule:payment-methods"]),
        ("有铁观音吗？几天能到", vec!["rule:product-price", "catalogue", "rule:shipping-time"]),
    ] {
        let decision = Talk::met(DAY_MS).say(said);
        if answered_by(&decision) != rules || decision.replies().count() != 2 {
            wrong.push(format!("{said}: {:?}", decision.trace));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn answers_that_could_contradict_are_not_given_together() {
    let mut wrong = Vec::new();
    for (said, rule) in [
        ("我要投诉，能开发票吗", "rule:complaint"),
        ("谢谢，能开发票吗", "rule:invoice"),
        ("催一下，我的快递到哪了", "rule:late"),
        ("铁观音收到了，能退货吗", "rule:returns"),
    ] {
        let decision = Talk::met(DAY_MS).say(said);
        if answered_by(&decision) != [rule] {
            wrong.push(format!("{said}: {:?}", decision.trace));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let many = Talk::met(DAY_MS).say("能开发票吗？几天能到？是正品吗？怎么付款？");
    assert_eq!(many.replies().count(), 3, "{:?}", many.trace);
}
