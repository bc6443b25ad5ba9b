//! The last digits of a phone with no word that says so: `A9001 8899`.
//!
//! Four digits may be a price, a year or how many, too. They are those of a phone where they stand right beside an order's
//! number and nothing but the end of the sentence, or of the question, comes after them.

use std::sync::LazyLock;

use regex::Regex;

use crate::engine::{
    entities::{OF_A_PHONE, OF_AN_ORDER, one_of},
    text::{fold, regex},
};

/// With what somebody goes on who asks how it stands, or is polite.
const ASKING: &str = "please|pls|thanks|thank you|thx|check|look up|status|where|请|麻烦|帮我|帮忙|查一下|查下|查询|查|看一下|看下|谢谢|到哪里|到哪|在哪里|在哪|状态\
    |物流|怎么样|gracias|por favor|お願いします|부탁드려요|ครับ|ค่ะ|ạ|nhé|tolong|terima kasih|です|입니다";
/// What else says nothing around them.
const AROUND: &str = "what|about|吗|呢|现在|什么|情况";

/// What comes after an order's number: labels, the four digits, the rest.
static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    let labels = one_of(&[OF_A_PHONE]);
    regex(&format!(r"^(?:[\s,;:/?!。、]|\.\s|{labels})*[\s,;:/?!。、]{labels}*\s*(?P<tail>\d{{4}})(?P<rest>.*)$"))
});
/// What comes before it, where the digits were said first.
static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    let idle = one_of(&[OF_A_PHONE, OF_AN_ORDER, ASKING, AROUND]);
    regex(&format!(r"^(?:[\s,;:.!。、]|{idle})*(?P<tail>\d{{4}})[\s,;:/。、](?:[\s,;:/#]|{idle})*$"))
});
/// What ends a sentence, or goes on with the question.
static ENDS: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"^\s*(?:$|[,.!?;~…。、)]+(?:\s|$|\D)|{})", one_of(&[ASKING]))));
/// Nothing that says anything.
static IDLE: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(r"^(?:[\s\p{{P}}\p{{S}}]|{})*$", one_of(&[OF_A_PHONE, OF_AN_ORDER, ASKING, AROUND])))
});

/// A text around an order's number.
fn around<'t>(folded: &'t str, number: &str) -> Option<(&'t str, &'t str)> {
    let number = fold(number);
    let at = folded.find(&number).filter(|_| !number.is_empty())?;
    Some((folded.get(..at)?, folded.get(at + number.len()..)?))
}

/// The four digits that stand beside an order's number in a folded text, as those of its phone do.
pub fn tail(folded: &str, number: &str) -> Option<String> {
    let (before, after) = around(folded, number)?;
    let behind = BEHIND.captures(after).filter(|it| ENDS.is_match(it.name("rest").map_or("", |it| it.as_str())));
    let found = behind.or_else(|| BEFORE.captures(before).filter(|_| IDLE.is_match(after)))?;
    found.name("tail").map(|it| it.as_str().to_owned())
}

/// Whether four digits may as well say when.
pub fn is_year(tail: &str) -> bool {
    tail.starts_with("19") || tail.starts_with("20")
}

/// Whether a folded text has an order's number and what is said of its phone, and else nothing that says anything.
pub fn is_all(folded: &str, number: &str, tail: &str) -> bool {
    let Some((before, after)) = around(folded, number) else { return false };
    // The phone as a whole, or its last digits, however they are parted.
    let has_digit = |it: &str| it.bytes().any(|byte| byte.is_ascii_digit());
    let without_phone = |text: &str| -> Option<String> {
        let phone = |it: char| it.is_ascii_digit() || matches!(it, ' ' | '-' | '+' | '(' | ')');
        let ends = text.rfind(tail).map(|at| at + tail.len())?;
        let (said, rest) = text.split_at_checked(ends)?;
        Some(format!("{} {rest}", said.trim_end_matches(phone)))
    };
    let (before, after) = match (has_digit(before), has_digit(after)) {
        (false, true) => (before.to_owned(), without_phone(after)),
        (true, false) => (without_phone(before).unwrap_or_else(|| before.to_owned()), Some(after.to_owned())),
        _ => return false,
    };
    after.is_some_and(|after| IDLE.is_match(&before) && IDLE.is_match(&after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beside(said: &str, number: &str) -> Option<String> {
        tail(&fold(said), number)
    }

    #[test]
    fn four_digits_right_beside_a_number_are_those_of_the_phone() {
        for said in [
            "A9001 8899",
            "A9001，8899",
            "a9001、8899。",
            "A9001 8899 谢谢",
            "A9001 8899到哪了",
            "订单号A9001 8899",
            "where is my order A9001 8899?",
            "order A9001, phone 8899",
            "order A9001, phone number is 8899.",
            "A9001 手机8899",
            "A9001，电话号码是8899",
            "8899 A9001",
            "phone 8899, order A9001",
            "pedido A9001 teléfono 8899",
            "A9001 電話番号8899です",
            "đơn hàng A9001 số điện thoại 8899",
        ] {
            assert_eq!(beside(said, "A9001").as_deref(), Some("8899"), "{said}");
        }
    }

    #[test]
    fn digits_that_are_something_else_are_not() {
        for said in [
            "A9001 8899元",
            "A9001 ¥8899",
            "A9001 $8899",
            "A9001 8899.50",
            "A9001 8899 yuan",
            "A9001 2026年买的",
            "A9001 2026-11-24",
            "A9001 1000件",
            "A9001 2000 pieces",
            "A9001 88990",
            "A9001 8899-1",
            "A9001 8899%",
            "A90018899",
            "A9001 for 8899 dollars",
            "I paid 8899 for A9001",
            "付了8899，订单A9001",
            "A9001",
        ] {
            assert_eq!(beside(said, "A9001"), None, "{said}");
        }
    }

    #[test]
    fn who_says_more_than_number_and_digits_has_said_more() {
        for said in [
            "A9001 8899",
            "order A9001, phone ending in 8899 please",
            "你好，订单A9001 手机尾号8899，麻烦查一下",
            "A9001 138-0013-8899",
            "+86 138 0013 8899, A9001",
        ] {
            assert!(is_all(&fold(said), "A9001", "8899"), "{said}");
        }
        for said in ["A9001 8899 arrived broken", "A9001 8899 坏了", "A9001 8899 7766", "A9001", "cancel A9001 8899"]
        {
            assert!(!is_all(&fold(said), "A9001", "8899"), "{said}");
        }
    }
}
