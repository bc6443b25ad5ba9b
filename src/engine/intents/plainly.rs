//! What short words say plainly, whatever they resemble: so many of something, a colour or a size and no more, and that
//! something is not wanted.

use std::sync::LazyLock;

use regex::Regex;

use crate::engine::{
    entities::{COUNT, UNITS},
    stance::{is_refused, occurrences},
    text::is_han,
};

/// The longest of these, in characters.
const LONGEST: usize = 40;

/// 红色的, "the red one": colours and sizes, as of most goods. Folded, so simplified and without accents.
const VARIANT_CHINESE: &str = "(?:深|浅|大|纯)?(?:红|黑|白|蓝|绿|黄|紫|灰|粉|棕|橙|金|银|米|杏|咖啡|卡其|藏青|奶白|酒红|透明)色?(?:色)?|(?:加)?(?:大|小|中|均|s|m|l|xs|xl|xxl|xxxl|[2-5]\\d(?:\\.5)?)(?:号|码)";
const VARIANT_ENGLISH: &str = "(?:dark |light )?(?:red|black|white|blue|green|yellow|purple|violet|grey|gray|pink|brown|orange|gold|golden|silver|beige|navy|cream|khaki)|(?:extra )?(?:large|small|medium|big|little|bigger|smaller|larger)|x{0,3}[sl]|m|size \\d{1,2}(?:\\.5)?";

static ORDER_CHINESE: LazyLock<Regex> = LazyLock::new(|| {
    let item = format!("(?:{COUNT}\\s*(?:{UNITS})|(?:{VARIANT_CHINESE})(?:的|那个|那款|那种|款)*)");
    regex(&format!(
        "^(?:我|就|那|再|先|帮我|给我|还|一共|总共)*(?:想要|要|买|拿|来|订|拍|加|选)?(?:了|个)?\\s*{item}(?:\\s*[,、和加 ]?\\s*{item})*(?:吧|哈|啊|哦|喔|就行|就好|即可|谢谢|的)*$"
    ))
});

static ORDER_ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    let item = format!(
        "(?:(?:{COUNT} )(?:(?:{VARIANT_ENGLISH}) )?(?:{UNITS}|ones)|(?:the |a |an )?(?:{VARIANT_ENGLISH})(?: ones?)?)"
    );
    regex(&format!(
        "^(?:(?:i|i'd|i'll|id|ill|we|we'd|would|just|only|please|pls|make it|give me|want|need|take|like|have|get|order|so|ok|then) )*{item}(?:(?: and|,) {item})*(?: of (?:it|them|those|these))?(?: please| pls| thanks| thank you| then| for me)*$"
    ))
});

fn regex(pattern: &str) -> Regex {
    match Regex::new(pattern) {
        Ok(regex) => regex,
        Err(error) => unreachable!("{error}"),
    }
}

/// Whether a folded text names how many, or which, and no more: 要3盒, 红色的, "the red one".
pub fn names_what_is_ordered(folded: &str) -> bool {
    let said = folded.trim_matches(|it: char| it.is_whitespace() || matches!(it, '.' | '!' | ',' | '~' | '…'));
    if said.is_empty() || said.chars().nth(LONGEST).is_some() {
        return false;
    }
    match said.chars().any(is_han) {
        true => ORDER_CHINESE.is_match(said),
        false => ORDER_ENGLISH.is_match(said),
    }
}

/// What somebody may say that they do not want.
const UNWANTED: [&str; 14] = [
    "投诉",
    "退款",
    "退钱",
    "退货",
    "换货",
    "差评",
    "举报",
    "人工",
    "complain",
    "complaint",
    "refund",
    "return",
    "exchange",
    "argue",
];
/// Who would have to want it: what the store does not want is another matter.
const OTHERS: [&str; 9] = ["你", "您", "店", "卖家", "商家", "客服", "you", "they", "seller"];
/// What may come behind it and change nothing.
const BEHIND: [char; 10] = ['的', '了', '哈', '啊', '哦', '呀', '呢', '哟', '嘛', ' '];

/// Whether a clause says that its customer does not want something, and no more: 我不要退款, "I am not here to complain".
pub fn only_refuses(clause: &str) -> bool {
    if OTHERS.iter().any(|it| clause.contains(it)) || clause.contains('?') {
        return false;
    }
    UNWANTED.iter().flat_map(|word| occurrences(clause, word)).any(|span| {
        let behind = clause.get(span.end..).unwrap_or_default();
        is_refused(clause, &span) && behind.trim_matches(BEHIND.as_slice()).is_empty()
    })
}

/// What a text says besides refusing; `None` where that changes nothing.
pub fn without_refusals(folded: &str) -> Option<String> {
    if !UNWANTED.iter().any(|it| folded.contains(it)) {
        return None;
    }
    let mut left = String::with_capacity(folded.len());
    let mut refused = false;
    for part in parts(folded) {
        if only_refuses(part.trim_matches(|it: char| !it.is_alphanumeric())) {
            refused = true;
        } else {
            left.push_str(part);
        }
    }
    refused.then_some(left)
}

/// Clauses with the sign that ends each; a space after Chinese ends one as well.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, sign) in text.char_indices() {
        if crate::engine::stance::parts(text, at, sign) {
            let end = at + sign.len_utf8();
            parts.push(&text[from..end]);
            from = end;
        }
    }
    parts.push(&text[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::fold;

    #[test]
    fn how_many_and_which_is_told_from_what_is_said_about_it() {
        for said in [
            "要3盒",
            "三盒",
            "我要两件",
            "来5包吧",
            "红色的",
            "要红色的",
            "黑色那款",
            "再来一箱",
            "要3盒红色的",
            "XL码",
            "L碼的",
            "３盒",
            "一共十件",
            "3 boxes",
            "the red one",
            "two boxes please",
            "i'll take 3 boxes",
            "a dozen boxes",
            "red",
            "the large one please",
            "2 red ones",
            "size 9",
            "the blue ones",
            "just one box",
        ] {
            assert!(names_what_is_ordered(&fold(said)), "{said}");
        }
        for said in [
            "",
            "红色的吗",
            "红色的有货吗",
            "收到3盒都碎了",
            "少了3盒",
            "3盒坏了",
            "红色的发成蓝色的了",
            "三天没发货",
            "发错了红色",
            "3 boxes broken",
            "the red one is broken",
            "two boxes missing",
            "wrong colour",
            "only got 2 boxes",
            "3 days",
            "received one box",
            "where is the red one",
            "help",
            "大",
            "要",
            "不要红色的",
            "3 boxes short",
            "still 2 boxes missing",
        ] {
            assert!(!names_what_is_ordered(&fold(said)), "{said}");
        }
    }

    #[test]
    fn who_does_not_want_something_has_not_asked_for_it() {
        for (said, left) in [
            ("我不要退款\n我不是来投诉的", ""),
            ("我不是来投诉的 就想问问早上几点有人", "就想问问早上几点有人"),
            ("i'm not here to complain, where is my order", "where is my order"),
            ("i don't want a refund, just send it", "just send it"),
            ("我不退货的，就是问下", "我不退货的,就是问下"),
        ] {
            let folded = fold(said);
            let without = without_refusals(&folded).unwrap_or_else(|| folded.clone());
            assert_eq!(without.trim(), left, "{said}");
        }
        for said in [
            "你们不想退款",
            "怎么还不退款",
            "不退款就投诉",
            "要不要退款",
            "再不退款我就投诉",
            "为什么不给退款",
            "you don't want to refund",
            "why no refund",
            "我要退款",
            "i want a refund not an exchange",
            "不要换货要退款",
            "i do not want to return it, it is broken",
        ] {
            let left = without_refusals(&fold(said));
            assert!(left.as_deref().is_none_or(|it| it.contains("broken")), "{said}: {left:?}");
        }
    }
}
