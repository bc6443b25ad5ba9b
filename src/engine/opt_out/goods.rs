//! Who wants no more of what was wrong says it as who wants no more messages does: "stop sending me broken cups", 不要再发错了.
//!
//! To take it for the other costs much: no notice reaches them afterwards, and nobody hears what was wrong.

use std::sync::LazyLock;

use regex::Regex;

use crate::engine::{
    intents::{Candidate, Understanding, Verdict},
    question::SURELY,
    text::regex,
};

/// What no more messages are wanted by.
const OPT_OUT: &str = "opt-out";
/// What goes wrong with orders: who wants an end of that, and says it with the same words, wants no end of messages.
const TROUBLES: [&str; 11] = [
    "damaged",
    "wrong-item",
    "missing-item",
    "lost",
    "signed-not-received",
    "late",
    "fake",
    "refund-hanging",
    "complaint",
    "bad-review-threat",
    "change-address",
];

/// What is sent in words, and may be what nobody wants to be sent again.
static MESSAGES: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        "消息|信息|短信|通知|提醒|广告|推送|推广|促销|微信|邮件|骚扰|打扰",
        r"|\b(?:messages?|msgs?|texts?|sms|e-?mails?|mails?|ads?|adverts?\w*|promo\w*|offers?|coupons?|newsletters?|notif\w*",
        r"|notices?|reminders?|updates?|alerts?|marketing|spam\w*|junk|crap|stuff|things|links?|news|pictures?|photos?|videos?|surveys?)\b",
    ))
});
/// What is sent again that was wrong, and what that was.
static GOODS: LazyLock<[(Regex, &str); 4]> = LazyLock::new(|| {
    // Some kind of goods, or who brings them, is a wish for the next order.
    let again_sent = "(?:别|不要|不许|不用|勿|请勿|停止)再?(?:给我|给|帮我|往我这)?(?:发|寄|送|配|塞|放|装|用|拿)";
    let kinds = "(?:我|给我|来)?(?:这|那|此)?(?:个|种|款|批|家|些|类|样|次)?.{0,6}(?:款|种|色|颜色|码|号的|尺寸|口味|味道|牌子|品牌|型号|货|茶|杯|碗|赠品|小样|卡片|袋|盒|包装|泡沫|快递|物流|顺丰|中通|圆通|韵达|申通|极兔|邮政|德邦|京东|平邮)";
    let english_kinds = r"\b(?:do not|don't|dont|never|stop|no more|quit) (?:ever )?(?:send|sending|ship|shipping|use|using|pack|packing)(?: me| us)? (?:this|that|these|those|the same|any more of (?:this|these|those)) (?:(?:\w+ )?(?:model|colou?r|size|style|kind|type|brand|flavou?r|courier|carrier|one|ones|version|tea|cup|box|packaging|product|item)s?)\b";
    let again = "(?:别|不要|不许|不准|勿|请勿|停止)再?.{0,4}(?:发|寄|送|邮|装|拿|搞|弄).{0,6}";
    [
        (regex(&format!("{again}(?:地址|地方)")), "change-address"),
        (regex(&format!("{again}(?:坏|碎|破|烂|瑕疵)")), "damaged"),
        (regex("再.{0,4}(?:发|寄|送|邮|装|拿|搞|弄).{0,2}错"), "wrong-item"),
        (regex(&format!("(?:{again_sent})(?:{kinds})|{english_kinds}")), "remark"),
    ]
});
/// Something is sent that has a name.
static SENDING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\b(?:stop|quit) (?:sending|shipping|delivering|mailing)(?: to)?(?: me| us)?(?: (?:please|pls|now|again|any ?more|this|that|these|those|already))*(?P<what> ?\w*)",
    )
});

/// What somebody means who seems to want no more messages, where it is goods that they want no more of; `None` where it
/// is messages.
pub fn meant(folded: &str, seems: &Understanding) -> Option<Understanding> {
    let seems_out = match &seems.verdict {
        Verdict::Sure(intent) => intent == OPT_OUT,
        Verdict::Unsure(intents) => intents.iter().any(|it| it == OPT_OUT),
        Verdict::Miss => false,
    };
    if !seems_out {
        return None;
    }
    let urgent = |intent: &str| !["change-address", "remark"].contains(&intent);
    let surely = |intent: &str, score| {
        let candidates = vec![Candidate { intent: intent.to_owned(), score }];
        Understanding { candidates, verdict: Verdict::Sure(intent.to_owned()), urgent: urgent(intent) }
    };
    let trouble = seems.candidates.iter().find(|it| it.score >= SURELY && TROUBLES.contains(&it.intent.as_str()));
    if let Some(trouble) = trouble {
        return Some(surely(&trouble.intent, trouble.score));
    }
    if MESSAGES.is_match(folded) {
        return None;
    }
    if let Some((_, intent)) = GOODS.iter().find(|(pattern, _)| pattern.is_match(folded)) {
        return Some(surely(intent, SURELY));
    }
    let named = SENDING.captures(folded).is_some_and(|it| it.name("what").is_some_and(|it| !it.is_empty()));
    let others = || seems.candidates.iter().filter(|it| it.intent != OPT_OUT).cloned().collect();
    named.then(|| Understanding { candidates: others(), verdict: Verdict::Miss, urgent: seems.urgent })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::fold;

    fn told_apart(said: &str) -> Option<Understanding> {
        let seems = Understanding {
            candidates: vec![Candidate { intent: OPT_OUT.to_owned(), score: 100 }],
            verdict: Verdict::Sure(OPT_OUT.to_owned()),
            urgent: false,
        };
        meant(&fold(said), &seems)
    }

    #[test]
    fn a_wish_about_goods_or_who_brings_them_is_no_end_of_messages() {
        for said in [
            "以后别再发这个款了",
            "别再寄这种颜色了",
            "下次不要再发中通了",
            "以後別再寄這款茶了",
            "不要再给我塞小卡片了",
            "please don't send this model again",
            "stop shipping that colour",
            "never use this courier again",
        ] {
            let told = told_apart(said).unwrap_or_else(|| panic!("{said}"));
            assert_eq!((told.sure(), told.urgent), (Some("remark"), false), "{said}");
        }
        for said in [
            "别再发这种消息了",
            "不要再发广告了",
            "别再发了",
            "stop sending me this stuff",
            "don't send these emails again",
        ] {
            assert_eq!(told_apart(said), None, "{said}");
        }
    }
}
