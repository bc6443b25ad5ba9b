//! Takes what tells of a person out of a real conversation: names, telephone numbers, e-mail and street addresses, numbers
//! of orders and parcels. The same is replaced by the same, in its form, so that the story stays what it was.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::{Captures, Regex};

const HAN_NAMES: [&str; 6] = ["王小明", "李雷", "韩梅", "张伟", "刘洋", "陈静"];
const LATIN_NAMES: [&str; 6] = ["Ana", "Ben", "Carla", "David", "Emma", "Frank"];
/// What is no name, however it is introduced.
const LONGEST_NAME: usize = 40;

/// A form in which such things are written.
macro_rules! form {
    ($name:ident, $pattern:literal) => {
        // Each is read by the tests below.
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($pattern).expect("a pattern of ours"));
    };
}

form!(EMAIL, r"(?i)[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+");
form!(URL, r"(?i)\b(?:https?://|www\.)[^\s，。；、“”]+");
// Numbers of telephones as people write them, with signs between the digits.
form!(PHONE, r"\+?\d(?:[ \-()]{0,3}\d){6,14}");
// Anything with four digits or more in a row, and the letters that belong to it.
form!(CODE, r"(?i)[a-z]{0,6}[-#]?\d{4,}[a-z0-9]*(?:-[a-z0-9]*\d[a-z0-9]*)*");
form!(
    INTRODUCED_HAN,
    r"(?P<by>我叫|我的名字是|名字[:：是]\s*|姓名[:：是]?\s*|收件人[:：是]?\s*|收货人[:：是]?\s*|联系人[:：是]?\s*)(?P<name>\p{Han}{2,4})"
);
form!(
    INTRODUCED_LATIN,
    r"(?P<by>(?i:my name is|i am called|this is mrs?\.?|name:)\s+)(?P<name>\p{Lu}[\p{L}'-]+(?:\s\p{Lu}[\p{L}'-]+){0,3})"
);
form!(
    STREET_HAN,
    r"(?:\p{Han}{2,10}(?:省|自治区|特别行政区))?(?:\p{Han}{1,10}市)?(?:\p{Han}{1,10}[区县縣區])?\p{Han}{1,12}(?:路|街道|大街|街|大道|巷|弄|胡同|村|镇)[\p{Han}a-zA-Z0-9\-－]*(?:号楼|号院|号|號|栋|幢|单元|楼|室|层|樓)[\p{Han}a-zA-Z0-9\-－]*"
);
form!(
    STREET_LATIN,
    r"(?i)\b\d+[a-z]?\s+(?:[\p{L}'.-]+\s+){1,4}(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|way|square|court|ct)\b\.?(?:,?\s*(?:apt|apartment|flat|unit|suite)\.?\s*\S+)?"
);

/// What was replaced by what.
#[derive(Debug, Default)]
pub struct Disguise {
    names: BTreeMap<String, String>,
    codes: BTreeMap<String, String>,
}

impl Disguise {
    /// Knows a person's name, and how they are called in the story.
    pub fn name(&mut self, name: &str) -> String {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            return String::new();
        }
        let is_han = name.chars().any(|it| matches!(it, '\u{3400}'..='\u{9fff}'));
        let names = if is_han { HAN_NAMES } else { LATIN_NAMES };
        let used = self.names.values().filter(|it| names.contains(&it.as_str())).count();
        let other = match names.get(used) {
            Some(name) => (*name).to_owned(),
            None => format!("{} {used}", names[0]),
        };
        self.names.entry(name.to_owned()).or_insert(other).clone()
    }

    /// Knows the number of an order, and gives the one it has in the story.
    pub fn code(&mut self, code: &str) -> String {
        let next = self.codes.len() + 1;
        self.codes.entry(code.trim().to_owned()).or_insert_with(|| alike(code.trim(), next)).clone()
    }

    /// A text without what tells of a person.
    pub fn text(&mut self, text: &str) -> String {
        let mut text = EMAIL.replace_all(text, "somebody@example.com").into_owned();
        text = URL.replace_all(&text, "https://example.com/").into_owned();
        text = STREET_HAN.replace_all(&text, "某市某区某路1号").into_owned();
        text = STREET_LATIN.replace_all(&text, "1 Example Street").into_owned();
        for form in [&INTRODUCED_HAN, &INTRODUCED_LATIN] {
            let introduced = |found: &Captures<'_>| format!("{}{}", &found["by"], self.name(&found["name"]));
            text = form.replace_all(&text, introduced).into_owned();
        }
        // What is longest first, so that a part of it is not taken for another's.
        let mut known: Vec<(String, String)> =
            self.names.iter().chain(&self.codes).map(|(it, other)| (it.clone(), other.clone())).collect();
        known.sort_by_key(|(it, _)| std::cmp::Reverse(it.len()));
        let mut parts = vec![(text, false)];
        for (name, other) in known {
            parts = parts.into_iter().flat_map(|(part, done)| replaced(part, done, &name, &other)).collect();
        }
        parts.into_iter().map(|(part, done)| if done { part } else { self.numbers(&part) }).collect()
    }

    fn numbers(&mut self, text: &str) -> String {
        let text = PHONE.replace_all(text, |found: &Captures<'_>| self.code(&found[0])).into_owned();
        let known: Vec<String> = self.codes.values().cloned().collect();
        CODE.replace_all(&text, |found: &Captures<'_>| match known.iter().any(|it| it == &found[0]) {
            true => found[0].to_owned(),
            false => self.code(&found[0]),
        })
        .into_owned()
    }
}

/// Replaces a known name within a part of a text, whatever the case it is written in; what is replaced is not looked into
/// again.
fn replaced(part: String, done: bool, name: &str, other: &str) -> Vec<(String, bool)> {
    // Where lower case is of another length, places in the two texts would not be the same.
    let folded = part.to_lowercase();
    let same_places = folded.len() == part.len();
    let (within, wanted) =
        if same_places { (folded.as_str(), name.to_lowercase()) } else { (part.as_str(), name.to_owned()) };
    if done || !within.contains(&wanted) {
        return vec![(part, done)];
    }
    let mut parts = Vec::new();
    let mut rest = 0;
    for (at, found) in within.match_indices(&wanted) {
        if let Some(before) = part.get(rest..at) {
            parts.push((before.to_owned(), false));
        }
        parts.push((other.to_owned(), true));
        rest = at + found.len();
    }
    parts.push((part.get(rest..).unwrap_or_default().to_owned(), false));
    parts
}

/// Another number of the same form: as many digits, and the letters before them.
fn alike(code: &str, number: usize) -> String {
    let digits = code.chars().filter(char::is_ascii_digit).count();
    let mut invented = format!("{number:0>digits$}").into_bytes();
    // The first digit stays one that numbers begin with.
    if let Some(first) = invented.first_mut().filter(|it| **it == b'0') {
        *first = b'1';
    }
    let mut invented = invented.into_iter().map(char::from);
    let letters = code.chars().take_while(char::is_ascii_alphabetic).count();
    let rest = |(place, it): (usize, char)| match it {
        it if it.is_ascii_digit() => invented.next().unwrap_or('0'),
        it if it.is_ascii_alphabetic() && place >= letters => 'x',
        it => it,
    };
    code.chars().enumerate().map(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_tells_of_a_person_is_left_and_the_same_stays_the_same() {
        let mut disguise = Disguise::default();
        disguise.name("Zoë Müller");
        disguise.name("赵钱孙");
        disguise.code("TX-2026-88123");
        for (text, secrets) in [
            ("Zoë Müller here, order TX-2026-88123?", &["Zo", "ller", "88123"][..]),
            ("zoë müller again: tx-2026-88123", &["müller", "88123"]),
            ("我叫钱多多，电话13911112222，收件人：赵钱孙", &["钱多多", "139", "2222", "赵钱孙"]),
            ("call me on +49 (170) 555-1234-9, tail 7788", &["170", "555", "1234", "7788"]),
            ("mail zoe.mueller+tea@mail.example.org or https://shop.test/o/ab?c=zoe", &["zoe", "mueller", "ab?c"]),
            ("改地址：浙江省杭州市西湖区文三路478号华星大厦3楼", &["杭州", "文三路", "478", "华星"]),
            ("My name is Peter Pan, 221b Baker Street, apt 5", &["Peter", "Pan", "Baker", "221"]),
            ("顺丰 SF1234567890123 还没到", &["1234567890123"]),
        ] {
            let told = disguise.text(text);
            for secret in secrets {
                assert!(!told.contains(secret), "{text}: {told}");
            }
        }
        assert_eq!(disguise.text("order TX-2026-88123"), disguise.text("order TX-2026-88123"));
        assert_eq!(disguise.text("我要退货，3 件，99.00 元"), "我要退货，3 件，99.00 元");
        assert_eq!(
            disguise.text("订单 TX-2026-88123 到哪了").replace(char::is_numeric, "0"),
            "订单 TX-0000-00000 到哪了"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken_and_no_long_number_is_left(text in "[\\p{Han}a-zA-Z0-9@.+ -]{0,60}", number in "[1-9][0-9]{7,12}") {
            let told = Disguise::default().text(&format!("{text} {number} ."));
            proptest::prop_assert!(!told.contains(&number), "{}", told);
        }
    }
}
