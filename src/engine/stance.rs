//! How a customer stands to the words they use: whether they say that something is so, or that it is not, or might be.
//!
//! Read off the clause in which the word stands. Short and certain signs alone count: a complaint that is taken for none
//! harms more than the other way round.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{
    text::{is_han, is_thai, regex},
    word_list::WordList,
};

/// Bytes of a clause that are looked at on each side of a word.
const REACH: usize = 90;

/// 不要退款: the customer wants none of it. What is asked with the same characters (要不要, 能不能) is no refusal.
static REFUSED: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?:(?:不|没有?|并不)(?:是(?:来|要|想)|再?要|用|想要?|需要?|打算|准备|必)|无需|无须|别|勿|甭)(?:再|给我|我|你们?|来|去|办|申请|做|有)*$",
        r"|\b(?:do not|don't|dont|didn't|didnt|did not|not|no longer|never)\s+(?:really\s+)?(?:want|need|wish|like|ask(?:ing)?|look(?:ing)?|here|request(?:ing)?|mean(?:t)?)\b(?:\s+(?:to|for|a|an|any|the|my|your|make|get|have|it|want)){0,3}\s*$",
        r"|\bno need (?:for|to)(?:\s+(?:an?|any|the|my|get))?\s*$",
        // "Don't refund", 先不退款: the store is not to do it.
        r"|^\s*(?:(?:please|pls|plz|just|so|but|and|wait|ok|hi)\s+)*(?:do not|don't|dont)\s*$|(?:先|暂时|暂|还是)(?:不|别)$",
    ))
});
/// "No refund, please", where nothing more is said.
static NONE_OF_IT: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^\s*(?:(?:please|pls|plz|so|but|and|wait|ok|hi)\s+)*no\s*$"));
static NOTHING_MORE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"^\s*(?:(?:please|pls|plz|thanks|thank you|needed|necessary|required|for me|for now)\s*)*$")
});

/// Not so at all: 没坏, 不是假货, no complaint, not broken.
static DENIED: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?:不|没|别|无|未|勿|甭|莫|非)(?:要|是|有|想|会|用|能|再|给我|来|被|算|需要|打算|必|准备|我|什么|任何|收到|遇到|发现)*$",
        r"|\b(?:no|not|never|without|isn't|isnt|aren't|wasn't|weren't|don't|dont|do not|doesn't|didn't|won't|nothing|zero|free of|hardly)\b",
        r"(?:\s+(?:a|an|any|the|my|to|been|be|it|this|that|really|all|at|here|of|your|want|have|had|make|is|was|seem|look|get|got|single|of)){0,4}\s*$",
    ))
});
/// 怎么还不, 一直没: what is missing is the complaint.
static LACKED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "(?:怎么|为什么|为啥|咋|还|一直|迟迟|从来|都|仍|仍然|总是|总|又|到现在)(?:都|还)?(?:不|没|未)(?:有|给我|给|能|来)*$",
    )
});
/// Somebody thinks of what could be.
static SUPPOSED: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        "如果|要是|万一|假如|假设|倘若|若是|会不会|是不是|是否|有没有|能不能|可不可以|担心|害怕|怕|以免|免得|避免|防止|千万|小心|注意",
        r"|\bwhat if\b|\bin case\b|\bif (?:it|the|they|this|that|something|anything|my|one|i get|i receive|there)\b|\bwhether\b|\bsuppos|\bworried (?:that|it|about)\b|\bafraid (?:that|it|of)\b|\bmake sure\b|\bhope(?:fully)?\b|\bplease don't\b|\bcan you (?:make sure|avoid)\b",
    ))
});
/// And what would follow: 如果不发货我就投诉.
static CONSEQUENCE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"我就|就要|就去|就给|我要|我会|只能|只好|要去|要给|那我|\bi will\b|\bi'll\b|\bill\b|\bi am going\b|\bwe will\b",
    )
});
/// After the word: 收到之前, 坏了的话.
static SUPPOSED_AFTER: LazyLock<Regex> = LazyLock::new(|| regex("^.{0,9}?(?:之前|以前|的话|的时候会)|^货之前"));
/// `is this fake or real?`: a question, between a first and a second.
static ALTERNATIVE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\s*(?:hi,?\s+|hello,?\s+)?(?:is|are|was|were|does|do|has|have)\s+(?:it|this|that|these|those|they|the|your|you|anyone|there)\b(?:\s+\S+){0,4}\s*$",
    )
});

/// Whether the customer wants none of what the word at this place stands for.
pub fn is_refused(folded: &str, word: &Range<usize>) -> bool {
    let before = before(folded, word.start);
    let none_of_it = || {
        NONE_OF_IT.is_match(before)
            && NOTHING_MORE.is_match(after(folded, word.end))
            && !ends_in_question(folded, word.end)
    };
    REFUSED.find(before).is_some_and(|sign| !asks_whether(before, &sign.range()) && !LACKED.is_match(before))
        || none_of_it()
}

/// Whether the customer says that it is so: they neither deny it, nor suppose it, nor ask whether it is.
pub fn is_stated(folded: &str, word: &Range<usize>) -> bool {
    let (before, after) = (before(folded, word.start), after(folded, word.end));
    let denied = DENIED.is_match(before) && !LACKED.is_match(before);
    let supposed = SUPPOSED.find_iter(before).last().is_some_and(|sign| {
        let dreadful = sign.as_str() == "怕" && before.get(..sign.start()).is_some_and(|it| it.ends_with(['可', '恐']));
        !dreadful && !before.get(sign.end()..).is_some_and(|it| CONSEQUENCE.is_match(it))
    });
    let asked = ALTERNATIVE.is_match(before) && (after.contains(" or ") || ends_in_question(folded, word.end));
    !(denied || supposed || asked || SUPPOSED_AFTER.is_match(after))
}

/// Whether one of these folded words stands near: in the same clause, a few characters or words away.
pub fn is_near(folded: &str, word: &Range<usize>, others: &[String]) -> bool {
    let (before, after) = (before(folded, word.start), after(folded, word.end));
    others.iter().any(|other| stands_in(before, other) || stands_in(after, other))
}

/// Whether a folded word occurs in a folded text; a Latin one by itself.
pub fn stands_in(text: &str, word: &str) -> bool {
    occurrences(text, word).next().is_some()
}

/// Where it occurs.
pub fn occurrences<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    text.match_indices(word).map(|(at, _)| at..at + word.len()).filter(move |place| is_by_itself(text, place))
}

/// Whether one of these folded words occurs; a Latin one by itself.
pub fn one_stands_in(text: &str, words: &WordList) -> bool {
    words.places(text).any(|place| is_by_itself(text, &place))
}

/// Whether what stands at a place begins and ends there, where it begins and ends with Latin letters.
fn is_by_itself(text: &str, place: &Range<usize>) -> bool {
    let letter = |at: Option<usize>| at.and_then(|at| text.as_bytes().get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let joined = |left: Option<usize>, right: usize| letter(left) && letter(Some(right));
    !joined(place.start.checked_sub(1), place.start) && !joined(place.end.checked_sub(1), place.end)
}

/// 要不要, 能不能: the character before the sign comes again in it.
fn asks_whether(before: &str, sign: &Range<usize>) -> bool {
    let asked = before.get(..sign.start).and_then(|it| it.chars().next_back());
    let again = before.get(sign.clone()).and_then(|it| it.chars().nth(1));
    asked.is_some() && asked == again
}

fn ends_in_question(folded: &str, from: usize) -> bool {
    let rest = folded.get(from..).unwrap_or_default();
    let end = rest.find(['.', '!', '。', ',', ';']).unwrap_or(rest.len());
    rest.get(..end).is_some_and(|it| it.contains('?'))
}

/// The clause before a place.
fn before(folded: &str, at: usize) -> &str {
    let text = folded.get(..at).unwrap_or_default();
    let text = text.get(text.ceil_char_boundary(text.len().saturating_sub(REACH))..).unwrap_or_default();
    let begins =
        text.char_indices().rev().find(|(at, it)| parts(text, *at, *it)).map_or(0, |(at, it)| at + it.len_utf8());
    text.get(begins..).unwrap_or_default()
}

/// The clause after a place.
fn after(folded: &str, at: usize) -> &str {
    let text = folded.get(at..).unwrap_or_default();
    let text = text.get(..text.floor_char_boundary(REACH)).unwrap_or_default();
    let ends = text.char_indices().find(|(at, it)| parts(text, *at, *it)).map_or(text.len(), |(at, _)| at);
    text.get(..ends).unwrap_or_default()
}

/// Whether a clause ends here: at a sign, or at a space after Chinese or Thai, whose words have none between them.
pub fn parts(text: &str, at: usize, sign: char) -> bool {
    match sign {
        ',' | '.' | '!' | '?' | ';' | '。' | '、' | '~' | '…' | '\n' => true,
        ' ' => text.get(..at).and_then(|it| it.chars().next_back()).is_some_and(|it| is_han(it) || is_thai(it)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::text::fold;

    fn at(text: &str, word: &str) -> (String, Range<usize>) {
        let (text, word) = (fold(text), fold(word));
        let start = text.find(&word).unwrap_or_else(|| panic!("{word} is not in {text}"));
        let range = start..start + word.len();
        (text, range)
    }

    #[test]
    fn a_word_that_is_only_refused_is_told_from_one_that_is_missed() {
        for (text, word) in [
            ("please don't refund", "refund"),
            ("Do not cancel my order", "cancel"),
            ("no refund, please", "refund"),
            ("No refund needed", "refund"),
            ("先不退款", "退款"),
            ("先别取消", "取消"),
        ] {
            let (text, word) = at(text, word);
            assert!(is_refused(&text, &word), "{text}");
        }
        for (text, word) in [
            ("no refund yet", "refund"),
            ("still no refund", "refund"),
            ("no discount?", "discount"),
            ("you don't refund", "refund"),
            ("why do you not refund", "refund"),
            ("不退款就投诉", "退款"),
            ("怎么还不退款", "退款"),
        ] {
            let (text, word) = at(text, word);
            assert!(!is_refused(&text, &word), "{text}");
        }
    }

    #[test]
    fn what_is_denied_supposed_or_asked_is_not_stated() {
        for (text, word) in [
            ("别发错了哦", "发错"),
            ("千万不要少发", "少发"),
            ("怕路上碎了，包装好一点", "碎了"),
            ("如果收到坏了怎么办", "坏了"),
            ("要是路上破损了呢", "破损"),
            ("收到坏了的话怎么处理", "坏了"),
            ("会不会是假货", "假货"),
            ("这不是骗人的吧", "骗人"),
            ("我不是来投诉的", "投诉"),
            ("没差评，很好喝", "差评"),
            ("没有发错", "发错"),
            ("no complaint, all good", "complaint"),
            ("I have no complaints", "complaint"),
            ("it is not broken", "broken"),
            ("what if it arrives broken?", "broken"),
            ("if it is damaged, can I return it?", "damaged"),
            ("is this fake or real?", "fake"),
            ("Is it fake?", "fake"),
            ("没收到货之前可以改地址吗", "没收到"),
        ] {
            let (text, word) = at(text, word);
            assert!(!is_stated(&text, &word), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_stays_wrong_however_it_is_put() {
        for (text, word) in [
            ("怎么还不发货", "发货"),
            ("一直没发货", "发货"),
            ("我要投诉", "投诉"),
            ("不满意我就投诉", "投诉"),
            ("再不发货我就投诉", "投诉"),
            ("不退款投诉你们", "投诉"),
            ("如果你们不处理我就投诉", "投诉"),
            ("杯子坏了怎么办", "坏了"),
            ("太可怕了都碎了", "碎了"),
            ("没问题？都碎了", "碎了"),
            ("东西坏了，不是我弄的", "坏了"),
            ("it arrived broken", "broken"),
            ("why is it broken?", "broken"),
            ("If you do not answer I'll file a complaint", "complaint"),
            ("no answer, and it is broken", "broken"),
            ("you sent me a fake", "fake"),
        ] {
            let (text, word) = at(text, word);
            assert!(is_stated(&text, &word), "{text}");
        }
    }

    #[test]
    fn a_refusal_is_told_from_a_question() {
        for (text, word) in [
            ("我不要退款，只是问问", "退款"),
            ("不用发票", "发票"),
            ("别给我退款", "退款"),
            ("I don't want a refund, just asking", "refund"),
            ("I am not asking for a refund", "refund"),
            ("no need for an invoice", "invoice"),
        ] {
            let (text, word) = at(text, word);
            assert!(is_refused(&text, &word), "{text}");
        }
        for (text, word) in [
            ("能不能退款", "退款"),
            ("要不要发票", "发票"),
            ("需不需要发票", "发票"),
            ("可不可以退货", "退货"),
            ("不能退货吗", "退货"),
            ("怎么还没退款", "退款"),
            ("why no refund yet", "refund"),
            ("can I not get a refund?", "refund"),
            ("我要退款", "退款"),
        ] {
            let (text, word) = at(text, word);
            assert!(!is_refused(&text, &word), "{text}");
        }
    }

    #[test]
    fn near_is_within_the_clause() {
        let near = |text: &str, word: &str, other: &str| {
            let (text, word) = at(text, word);
            is_near(&text, &word, &[fold(other)])
        };
        assert!(near("茶饼掰碎了可以泡吗", "碎了", "掰"));
        assert!(!near("茶饼掰开了，杯子碎了", "碎了", "掰"));
        assert!(near("糖少点可以吗", "少点", "糖"));
        assert!(near("I have not received the coupon code", "not received", "coupon"));
        assert!(!near("I have not received the couponing book", "not received", "coupon"));
    }

    proptest! {
        #[test]
        fn any_place_in_any_text_has_a_stance(text in "\\PC{0,40}", start in 0_usize..60, length in 0_usize..10) {
            let text = fold(&text);
            let start = text.floor_char_boundary(start.min(text.len()));
            let end = text.ceil_char_boundary((start + length).min(text.len()));
            is_stated(&text, &(start..end));
            is_refused(&text, &(start..end));
            is_near(&text, &(start..end), &["a".to_owned()]);
        }
    }
}
