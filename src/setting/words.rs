//! What is said of mistakes, in the language of the store.
//!
//! Rooms and libraries say what is wrong in English, with names and values filled in. `words/zh.txt` has each such sentence once
//! more in Chinese, with holes where something is filled in; here the sentence is found to which a text belongs. What a library
//! says that is not listed stays as it is.

use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

/// A sentence with holes, taken apart at them.
struct Sentence {
    /// The fixed parts, one more than there are holes.
    parts: Vec<&'static str>,
    /// The names of the holes.
    holes: Vec<&'static str>,
}

/// A language in which mistakes are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Words {
    #[default]
    English,
    Chinese,
}

impl Words {
    /// Those for readers of a language.
    pub fn for_readers_of(tag: &str) -> Self {
        if tag == "zh" || tag.starts_with("zh-") { Self::Chinese } else { Self::English }
    }

    /// A text about a mistake in this language.
    pub fn say(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::English => Cow::Borrowed(text),
            Self::Chinese => in_chinese(text).map_or(Cow::Borrowed(text), Cow::Owned),
        }
    }
}

/// The English sentences with their Chinese, for those that know it.
static CHINESE: LazyLock<Vec<(Sentence, Sentence)>> = LazyLock::new(|| {
    let mut lines = include_str!("words/zh.txt").lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
    std::iter::from_fn(|| Some((Sentence::new(lines.next()?), Sentence::new(lines.next()?)))).collect()
});

/// The Chinese of a text; `None` where none is known.
fn in_chinese(text: &str) -> Option<String> {
    let fitting = CHINESE.iter().filter_map(|(english, chinese)| Some((english, chinese, english.filled_in(text)?)));
    // The sentence with most words of its own says most exactly what is meant.
    let (_, chinese, filled) = fitting.max_by_key(|(english, ..)| english.parts.concat().len())?;
    Some(chinese.fill(&filled))
}

impl Sentence {
    fn new(mut text: &'static str) -> Self {
        let (mut parts, mut holes) = (Vec::new(), Vec::new());
        let mut from = 0;
        // A hole is `{` and one letter and `}`: braces are also what templates are written in.
        while let Some(at) = text[from..].find('{').map(|at| from + at) {
            let is_hole = matches!(text.as_bytes()[at..], [b'{', b'a'..=b'e', b'}', ..]) && !text[..at].ends_with('{');
            from = at + 1;
            if is_hole {
                parts.push(&text[..at]);
                holes.push(&text[at + 1..at + 2]);
                text = &text[at + 3..];
                from = 0;
            }
        }
        parts.push(text);
        Self { parts, holes }
    }

    /// What stands in the holes, where the text is this sentence.
    fn filled_in<'a>(&self, text: &'a str) -> Option<BTreeMap<&'static str, &'a str>> {
        let (first, rest) = self.parts.split_first()?;
        let Some((last, between)) = rest.split_last() else { return (text == *first).then(BTreeMap::new) };
        let mut text = text.strip_prefix(first)?.strip_suffix(last)?;
        let mut filled = BTreeMap::new();
        let mut holes = self.holes.iter();
        for part in between {
            let (value, behind) = text.split_once(part)?;
            filled.insert(*holes.next()?, value);
            text = behind;
        }
        filled.insert(*holes.next()?, text);
        Some(filled)
    }

    /// The sentence with this in its holes, which may be a sentence itself.
    fn fill(&self, filled: &BTreeMap<&'static str, &str>) -> String {
        let mut text = String::new();
        for (at, part) in self.parts.iter().enumerate() {
            text.push_str(part);
            if let Some(value) = self.holes.get(at).and_then(|hole| filled.get(hole)) {
                // What stands in backquotes is somebody's own.
                let own = part.ends_with('`').then(|| (*value).to_owned());
                text.push_str(&own.or_else(|| in_chinese(value)).unwrap_or_else(|| (*value).to_owned()));
            }
        }
        text
    }
}

/// Every mistake that any test of any room meets has to have its Chinese: who writes a new one is told here.
#[cfg(test)]
pub(crate) fn expect_chinese(text: &str) {
    assert!(in_chinese(text).is_some() || text.is_empty(), "src/setting/words/zh.txt has no Chinese for: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_told_in_chinese_with_what_is_filled_in() {
        let say = |text| Words::Chinese.say(text).into_owned();
        assert_eq!(say("did you mean `any`?"), "是不是想写 `any`？");
        assert_eq!(say("there is no rule `退款`"), "没有规则 `退款`");
        assert_eq!(say("a whole number is wanted here, not a text"), "这里要的是整数，不是文字");
        assert_eq!(say("`secrets[2]` is not 32 bytes long"), "`secrets[2]` 长度不是 32 字节");
        assert_eq!(
            say("unknown field `priorty`, expected one of `id`, `priority`"),
            "没有 `priorty` 这个键",
            "the list is in the hint, where it helps"
        );
        assert_eq!(say("a library's own words"), "a library's own words");
        assert_eq!(Words::English.say("there is no rule `a`"), "there is no rule `a`");
    }

    #[test]
    fn every_sentence_finds_its_own_chinese_and_keeps_what_is_filled_in() {
        for (english, chinese) in CHINESE.iter() {
            let mut wanted: Vec<_> = english.holes.clone();
            wanted.retain(|hole| chinese.holes.contains(hole));
            assert_eq!(wanted.len(), chinese.holes.len(), "{:?} has holes of its own", chinese.parts);
            let filled: BTreeMap<_, _> = english.holes.iter().map(|hole| (*hole, "QQQ")).collect();
            let text = english.parts.join("QQQ");
            let said = in_chinese(&text).unwrap_or_else(|| panic!("{text} is not found"));
            assert_eq!(said, chinese.fill(&filled), "{text}");
        }
    }

    #[test]
    fn chinese_of_any_script_reads_chinese() {
        for (tag, words) in
            [("zh", Words::Chinese), ("zh-Hant-HK", Words::Chinese), ("en", Words::English), ("zha", Words::English)]
        {
            assert_eq!(Words::for_readers_of(tag), words);
        }
    }
}
