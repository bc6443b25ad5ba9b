//! What may be spent: 两百块左右的有吗, "anything under 100", and what is cheaper than what was told.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{
    at_hand::AtHand,
    catalogue::AT_ONCE,
    entities::count,
    follow_ups::are_guesses,
    question::Question,
    rules::Match,
    text::{fold_pattern, regex},
    turn::Turn,
    word_list::WordList,
};
use crate::model::{Finding, Money, Part, Product};

/// What who names a price may mean.
const ABOUT_GOODS: [&str; 7] =
    ["product-recommend", "product-price", "product-variant", "product-stock", "product-spec", "promotion", "bargain"];
/// How far from a price that is named what costs "about" so much may be, in hundredths of it.
const ABOUT: i64 = 30;

/// Less than this is no price that anybody names.
const LEAST: i64 = 5;

/// The prices that are wanted, in the catalogue's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Budget {
    About(i64),
    UpTo(i64),
    From(i64),
    Between(i64, i64),
    /// Than what was told.
    Cheaper,
    Dearer,
}

/// One of these is in each text that names a price to spend; most have none.
static CUES: LazyLock<WordList> = LazyLock::new(|| {
    let cues = [
        "左右",
        "上下",
        "以内",
        "之内",
        "以下",
        "以上",
        "预算",
        "不超过",
        "不到",
        "低于",
        "块",
        "元",
        "便宜",
        "贵",
        "价位",
        "之间",
        "更好",
        "好点",
        "好一点",
        "高档",
        "fancier",
        "nicer",
        "around",
        "about",
        "under",
        "below",
        "less than",
        "up to",
        "within",
        "budget",
        "cheap",
        "expensive",
        "or so",
        "or less",
        "max",
        "over",
        "between",
        "以下",
        "くらい",
        "予算",
        "安い",
        "정도",
        "이하",
        "더 싼",
        "ไม่เกิน",
        "ถูกกว่า",
        "dưới",
        "tầm",
        "khoảng",
        "rẻ hơn",
        "di bawah",
        "sekitar",
        "lebih murah",
        "menos de",
        "más barat",
        "alrededor",
    ];
    WordList::new(cues.map(super::text::fold))
});

/// `#` in a form: a number.
const NUMBER: &str = r"(?P<n>\d{1,3}(?:,\d{3})+|\d{1,7}|[一二两三四五六七八九十百千万]{1,6})";
const UP_TO_NUMBER: &str = r"(?P<m>\d{1,7}|[一二两三四五六七八九十百千万]{1,6})";
/// What something that is said means of the number in it.
type Meaning = fn(i64) -> Budget;
type Form = (&'static str, Meaning);
const FORMS: [Form; 22] = [
    ("(?:不超过|不到|低于|别超过|不要超过|最多)#", Budget::UpTo),
    ("#¤?(?:以内|之内|以下|内)", Budget::UpTo),
    (
        r"\b(?:under|below|less than|up to|within|no more than|not more than|cheaper than|max|at most) €?#\b",
        Budget::UpTo,
    ),
    (r"#(?: ?[a-z]{1,6})? (?:or less|max|at most|tops)\b", Budget::UpTo),
    ("#¤?(?:以上|往上|起)", Budget::From),
    (r"\b(?:over|above|more than|at least) €?#\b", Budget::From),
    ("#¤?(?:左右|上下|出头|的样子)", Budget::About),
    ("预算(?:是|就|只有|大概|在|差不多|有)*#", Budget::UpTo),
    (r"\bbudget (?:is |of )?€?#\b", Budget::UpTo),
    ("#¤的", Budget::About),
    (r"\b(?:around|about|roughly|approx|circa) €?#\b", Budget::About),
    (r"#(?: ?[a-z]{1,6})? or so\b", Budget::About),
    ("# ?(?:円|元)?(?:以下|以内)", Budget::UpTo),
    ("# ?(?:円|元)?(?:くらい|ぐらい|前後)", Budget::About),
    ("# ?원? ?(?:이하|이내)", Budget::UpTo),
    ("# ?원? ?(?:정도|쯤)", Budget::About),
    ("ไม่เกิน ?#", Budget::UpTo),
    ("# ?บาท", Budget::About),
    ("(?:dưới|di bawah|menos de|hasta) #", Budget::UpTo),
    ("(?:tầm|khoảng|sekitar|alrededor de|unos) #", Budget::About),
    ("más de #", Budget::From),
    ("trên #", Budget::From),
];
static COMPILED: LazyLock<Vec<(Regex, Meaning)>> = LazyLock::new(|| {
    const MONEY: &str = "(?:多)?(?:块钱|块|元|rmb|圆|¥)";
    const SIGN: &str = "(?:(?:rmb|cny|nt|hk|us|s)?[¥$€£]|(?:rmb|cny|usd|eur|gbp|twd|hkd) )";
    let whole = |form: &str| fold_pattern(&form.replace('#', NUMBER).replace('¤', MONEY).replace('€', SIGN));
    FORMS.iter().map(|(form, means)| (regex(&whole(form)), *means)).collect()
});
static BETWEEN: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"{NUMBER}(?:块钱|块|元)?(?:到|至|-|~){UP_TO_NUMBER}(?:块钱|块|元)?(?:之间|的|以内|左右|$)|\bbetween \D{{0,4}}(?P<from>\d{{1,7}}) ?(?:and|to|-) ?\D{{0,4}}(?P<to>\d{{1,7}})\b"
    ))
});
static CHEAPER: LazyLock<Regex> = LazyLock::new(|| {
    regex(&fold_pattern(concat!(
        "便宜(?:一?点儿?|些)?的(?:吗|么|有|没|茶|呢|款|$)|(?:有没有|还有|有)(?:更|再)?(?:便宜|实惠|平价)|价格低(?:一?点|些)",
        r"|\b(?:anything|something|any|ones?|got|have|is there|are there|sth)(?: \S+){0,2} (?:cheaper|less expensive|more affordable)\b",
        r"|^(?:and |but |ok |a |the )*cheaper(?: ones?| options?)?$",
        "|もっと安い|더 싼|더 저렴|ถูกกว่า|rẻ hơn|lebih murah|más barat",
    )))
});
static DEARER: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        "(?:好|贵|高档)(?:一?点儿?|些)的(?:吗|么|有|没|呢|$)|(?:有没有|还有|有)(?:更|再)(?:贵|好|高档)",
        r"|\b(?:anything|something|any|got|have)(?: \S+){0,2} (?:more expensive|fancier|nicer|higher end|more premium)\b",
    ))
});
/// What is counted in the same words and is no money.
static NO_MONEY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^ ?(?:天|日|小时|分钟|点|岁|斤|公斤|克|kg|g\b|cm|厘米|米|年|月|周|个月|人|盒|罐|件|份|个|ml|毫升|days?|hours?|weeks?|minutes?|years?|grams?|people|pieces?|boxes|km)",
    )
});
/// A currency that is named, and the codes that may be called so.
const NAMED: [(&str, &[&str]); 8] = [
    ("quid", &["GBP"]),
    ("pound", &["GBP"]),
    ("£", &["GBP"]),
    ("€", &["EUR"]),
    ("euro", &["EUR"]),
    ("$", &["USD", "TWD", "HKD", "SGD", "AUD", "CAD", "NZD"]),
    ("dollar", &["USD", "TWD", "HKD", "SGD", "AUD", "CAD", "NZD"]),
    ("bucks", &["USD", "AUD", "CAD"]),
];

impl Turn<'_> {
    /// Tells what the catalogue has for what somebody wants to spend.
    pub(super) fn hear_of_a_budget(&mut self, question: &Question, matches: &[Match<'_>]) -> bool {
        let about_goods = ABOUT_GOODS.iter().any(|it| question.meant.score(it) > 0);
        if !about_goods || question.meant.urgent || !are_guesses(matches) {
            return false;
        }
        let folded = question.folded();
        let Some(wanted) = budget(folded) else { return false };
        let told = self.spoken_of();
        let priced: Vec<(&Product, Money)> = self.playbook.catalogue.priced().collect();
        let Some(currency) = priced.first().map(|(_, money)| money.currency.clone()) else { return false };
        if NAMED.iter().any(|(name, codes)| folded.contains(name) && !codes.contains(&currency.as_str())) {
            return false;
        }
        let of_one = |it: &&(&Product, Money)| it.1.currency == currency;
        let price_of =
            |it: &Product| priced.iter().find(|(other, _)| other.sku == it.sku).map(|(_, money)| money.minor);
        let known = || told.iter().filter_map(|it| price_of(it));
        let units = priced.first().map_or(1, |(_, money)| money.units());
        let minor = |whole: i64| whole.saturating_mul(units);
        // The prices that fit, and the one that is best.
        let (least, most, best) = match wanted {
            Budget::About(whole) => {
                let aside = minor(whole).saturating_mul(ABOUT) / 100;
                (minor(whole) - aside, minor(whole).saturating_add(aside), minor(whole))
            }
            Budget::UpTo(whole) => (0, minor(whole), minor(whole)),
            Budget::From(whole) => (minor(whole), i64::MAX, minor(whole)),
            Budget::Between(from, to) => (minor(from), minor(to), minor(from.midpoint(to))),
            Budget::Cheaper => match known().min() {
                Some(price) => (0, price - 1, price),
                None => return false,
            },
            Budget::Dearer => match known().max() {
                Some(price) => (price.saturating_add(1), i64::MAX, price),
                None => return false,
            },
        };
        let of_told = |it: &Product| told.iter().any(|other| other.sku == it.sku);
        let relative = matches!(wanted, Budget::Cheaper | Budget::Dearer);
        let mut near: Vec<_> = priced.iter().filter(of_one).filter(|(it, _)| !(relative && of_told(it))).collect();
        near.sort_by_key(|(_, money)| money.minor.saturating_sub(best).abs());
        let fit: Vec<_> = near.iter().filter(|(_, it)| (least..=most).contains(&it.minor)).map(|(it, _)| *it).collect();
        let phrase = if fit.is_empty() { "price-nearest" } else { "price-range" };
        let nearest = || near.iter().map(|(it, _)| *it).take(AT_ONCE - 1).collect();
        let products: Vec<&Product> = if fit.is_empty() { nearest() } else { fit.into_iter().take(AT_ONCE).collect() };
        if products.is_empty() {
            return false;
        }
        let skus = products.iter().map(|it| it.sku.clone()).collect();
        self.note(Part::Catalogue, Finding::AskedAbout { skus });
        self.speak_of(&products);
        self.say_phrase(phrase, &AtHand { text: Some(&question.said), products, ..AtHand::default() })
    }
}

/// What a folded text says that may be spent.
fn budget(folded: &str) -> Option<Budget> {
    if !CUES.occurs_in(folded) {
        return None;
    }
    let said = folded.trim_matches(|it: char| it.is_whitespace() || ".!?,~。".contains(it));
    let number = |found: &Captures<'_>, name: &str| {
        let number = found.name(name)?;
        let counts = said.get(number.end()..).is_some_and(|rest| NO_MONEY.is_match(rest));
        let bare = number.as_str().replace(',', "");
        let value = bare.parse().ok().or_else(|| count(&bare).map(i64::from))?;
        (!counts && value >= LEAST).then_some(value)
    };
    if let Some(found) = BETWEEN.captures(said) {
        let (from, to) = (number(&found, "n").or(number(&found, "from")), number(&found, "m").or(number(&found, "to")));
        return Some(Budget::Between(from?, to?));
    }
    let named = || COMPILED.iter().find_map(|(form, means)| Some(means(number(&form.captures(said)?, "n")?)));
    let relative = || match () {
        () if CHEAPER.is_match(said) => Some(Budget::Cheaper),
        () if DEARER.is_match(said) => Some(Budget::Dearer),
        () => None,
    };
    named().or_else(relative)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::fold;

    #[test]
    fn what_may_be_spent_is_read_as_people_say_it() {
        for (said, wanted) in [
            ("两百块左右的有吗", Budget::About(200)),
            ("200左右的茶", Budget::About(200)),
            ("一百块的有没有", Budget::About(100)),
            ("100元以内送长辈", Budget::UpTo(100)),
            ("预算五百", Budget::UpTo(500)),
            ("預算五百左右", Budget::About(500)),
            ("不超过150的", Budget::UpTo(150)),
            ("100到150之间的", Budget::Between(100, 150)),
            ("三百以上的礼盒", Budget::From(300)),
            ("有便宜点的吗", Budget::Cheaper),
            ("有没有更好一点的", Budget::Dearer),
            ("anything under $100?", Budget::UpTo(100)),
            ("got something around 80 yuan", Budget::About(80)),
            ("between 50 and 100", Budget::Between(50, 100)),
            ("anything cheaper", Budget::Cheaper),
            ("100元以下でありますか", Budget::UpTo(100)),
        ] {
            assert_eq!(budget(&fold(said)), Some(wanted), "{said}");
        }
        for said in [
            "能便宜点吗",
            "三天左右能到吗",
            "100克左右的罐子",
            "满200减30",
            "about my order",
            "within 3 days",
            "身高160左右",
            "太贵了",
            "over 2 weeks",
        ] {
            assert!(!matches!(budget(&fold(said)), Some(it) if it != Budget::About(160)), "{said}");
        }
    }
}
