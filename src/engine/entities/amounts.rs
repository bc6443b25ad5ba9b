//! Amounts of money.

use super::{
    cues::Cue,
    form::{Form, Reading, pattern},
};
use crate::model::Money;

/// What currencies are called, before the amount or after it.
const SIGNS: [(&str, &str); 33] = [
    ("¥", "CNY"),
    ("￥", "CNY"),
    ("rmb", "CNY"),
    ("cny", "CNY"),
    ("元", "CNY"),
    ("圆", "CNY"),
    ("块", "CNY"),
    ("塊", "CNY"),
    ("人民币", "CNY"),
    ("yuan", "CNY"),
    ("us$", "USD"),
    ("hk$", "HKD"),
    ("nt$", "TWD"),
    ("$", "USD"),
    ("usd", "USD"),
    ("美元", "USD"),
    ("美金", "USD"),
    ("dollar", "USD"),
    ("dollars", "USD"),
    ("bucks", "USD"),
    ("€", "EUR"),
    ("eur", "EUR"),
    ("euro", "EUR"),
    ("euros", "EUR"),
    ("欧元", "EUR"),
    ("£", "GBP"),
    ("gbp", "GBP"),
    ("pounds", "GBP"),
    ("hkd", "HKD"),
    ("港币", "HKD"),
    ("jpy", "JPY"),
    ("日元", "JPY"),
    ("円", "JPY"),
];

pub static AFTER_SIGN: Form = Form::new(
    || {
        pattern(
            r"(?P<sign>us\$|hk\$|nt\$|[¥￥$€£]|(?-u:\b)(?:cny|rmb|usd|eur|gbp|hkd|jpy)(?-u:\b))\s?(?P<amount>\d[\d,]{0,12}(?:\.\d{1,2})?)",
        )
    },
    |it| it.cues.digits > 0 && it.cues.has(Cue::Money),
);
pub static BEFORE_SIGN: Form = Form::new(
    || {
        pattern(
            r"(?P<amount>\d[\d,]{0,12}(?:\.\d{1,2})?)\s?(?P<sign>元|圆|块|塊|人民币|美元|美金|欧元|港币|日元|円|[¥$€£]|(?:rmb|cny|yuan|usd|dollars?|bucks|euros?|eur|gbp|pounds|hkd|jpy)(?-u:\b))",
        )
    },
    |it| it.cues.digits > 0 && it.cues.has(Cue::Money),
);

pub fn read(text: &Reading) -> Vec<Money> {
    let before = text.all(&AFTER_SIGN);
    let after = text.all(&BEFORE_SIGN);
    let mut found: Vec<(usize, Money)> = Vec::new();
    for captures in before.chain(after) {
        let (Some(sign), Some(amount)) = (captures.name("sign"), captures.name("amount")) else { continue };
        let sign = sign.as_str().to_lowercase();
        let Some((_, currency)) = SIGNS.iter().find(|(name, _)| *name == sign) else { continue };
        if found.iter().any(|(at, _)| *at == amount.start()) {
            continue;
        }
        if let Ok(money) = Money::parse(&amount.as_str().replace(',', ""), currency) {
            found.push((amount.start(), money));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, money)| money).collect()
}
