//! Whether a message says anything beside a word: a word for the menu asks for it by itself, and not in "thanks for your help".

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::text::{fold_pattern, regex};

/// What stands before a word that somebody asks for, and after it. "Thank you" before it is for something.
const BEFORE: &str = r"^(?:\W|\b(?:hi|hello|hey|ok|okay|please|pls|plz|can|could|may|would|do|did|you|u|i|we|me|us|a|an|the|my|your|some|any|have|has|got|get|need|want|like|to|see|show|open|send|give|go|back|main|where|is|for|just|there|what|s|d|m|in|on|this|now|again|bit|of|hola|por favor|tolong|mohon|kak|xin|cho|toi|muốn|xem)\b|你好|您好|请问|请|我|要|想|需要|有没有|有|没有|给|发|看|打开|回到|返回|显示|主|个|一下|下|哪里|在|能|可以|可不可以|能不能|帮)*$";
const AFTER: &str = r"^(?:\W|\b(?:me|us|please|pls|plz|here|now|again|thanks|thank|out|you|someone|somebody|anyone|anybody|there|por favor|gracias|dong|kak|ya|nhé)\b|一下|我|吗|呢|吧|呀|啊|在|哪里|哪|谢谢|好|可以|有|看看|看|をください|ください|お願いします|を見せて|주세요|보여주세요|หน่อย|ค่ะ|ครับ)*$";

static WORDS_BEFORE: LazyLock<Regex> = LazyLock::new(|| regex(&fold_pattern(BEFORE)));
static WORDS_AFTER: LazyLock<Regex> = LazyLock::new(|| regex(&fold_pattern(AFTER)));

/// Whether a folded text says nothing beside what stands there but that it is asked for.
pub fn says_nothing_beside(folded: &str, span: &Range<usize>) -> bool {
    let parts = folded.get(..span.start).zip(folded.get(span.end..));
    parts.is_some_and(|(before, after)| WORDS_BEFORE.is_match(before) && WORDS_AFTER.is_match(after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::fold;

    #[test]
    fn a_word_is_asked_for_by_itself_or_with_courtesies() {
        let alone = |said: &str, word: &str| {
            let text = fold(said);
            let start = text.find(word).unwrap();
            says_nothing_beside(&text, &(start..start + word.len()))
        };
        for said in ["help", "HELP!!", "I need some help please", "can you help me?", "Hi, help, thanks"] {
            assert!(alone(said, "help"), "{said}");
        }
        for said in ["thank you for your help", "help with my homework", "no help at all", "helpful"] {
            assert!(!alone(said, "help"), "{said}");
        }
        assert!(alone("请问有菜单吗？", "菜单") && !alone("菜单上的鱼多少钱", "菜单"));
    }
}
