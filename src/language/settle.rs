//! Which language a customer is answered in: the words decide, then what the platform says, then the store.

use serde::{Deserialize, Serialize};

use super::{
    Tag,
    chinese::is_traditional,
    is_same_language,
    recognise::{Sign, Strength},
};

/// What is remembered of a customer's language beside the language itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Signs {
    /// What the platform says the customer reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<Tag>,
    /// The language was told by a word or two, which people also use of languages that they do not speak.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unsure: bool,
    /// The language of the last words, where it was another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
}

impl Signs {
    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Of what the platform says the customer reads, most wanted first, the first that is spoken here.
    pub fn hear_platform(&mut self, wanted: &[Tag], is_spoken: impl Fn(&str) -> bool) {
        let best = wanted.iter().find(|tag| is_spoken(tag)).or(wanted.first());
        if let Some(best) = best {
            self.locale = Some(best.clone());
        }
    }

    /// Takes in what the customer's words say. `language` is the one that was settled so far; it changes when the words
    /// leave no doubt: one odd message is answered in its own language if that is certain, and changes nothing. Returns the
    /// language to answer this message in, where it is another than the settled one.
    pub fn hear_words(&mut self, language: &mut Option<String>, sign: Sign, store: &str) -> Option<String> {
        let tag = self.tag_of(sign, language.as_deref(), store);
        let Some(settled) = language.as_deref() else {
            // Unknown words in Latin letters say less than the platform does.
            if sign.strength > Strength::Guess || self.locale.is_none() {
                *language = Some(tag);
                self.unsure = sign.strength < Strength::Strong;
            }
            return None;
        };
        if settled == tag {
            self.other = None;
            self.unsure &= sign.strength < Strength::Strong;
            return None;
        }
        if sign.strength == Strength::Guess {
            return None;
        }
        let again = self.other.as_deref() == Some(&*tag);
        let certain = sign.strength == Strength::Strong;
        if again || (certain && self.unsure) {
            *language = Some(tag);
            self.unsure = !certain;
            self.other = None;
            return None;
        }
        self.other = Some(tag.clone());
        certain.then_some(tag)
    }

    /// The tag of what was recognised: where the words leave it open, the script and place that are known already.
    fn tag_of(&self, sign: Sign, settled: Option<&str>, store: &str) -> String {
        let known = || [settled, self.locale.as_deref(), Some(store)].into_iter().flatten();
        let first = known().next().unwrap_or(store);
        let language = sign.or.filter(|or| is_same_language(first, or)).unwrap_or(sign.language);
        let fits = |tag: &&str| is_same_language(tag, language) && sign.variety.is_none_or(|it| is_of(tag, it));
        match (known().find(fits), sign.variety) {
            (Some(known), _) => known.to_owned(),
            (None, Some(variety)) if is_same_language(variety, language) => variety.to_owned(),
            (None, _) => language.to_owned(),
        }
    }
}

/// Whether a tag is of a variety: `zh-Hant-HK` of `zh-Hant`, `zh-SG` of `zh`, but `zh-Hant` not of `zh`.
fn is_of(tag: &str, variety: &str) -> bool {
    tag.starts_with(variety) && is_traditional(tag) == is_traditional(variety)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::recognise;

    /// What each message is answered in, one conversation long.
    fn answers(locale: Option<&str>, store: &str, messages: &[&str]) -> (Vec<String>, Option<String>) {
        let mut signs = Signs::default();
        let wanted: Vec<_> = locale.and_then(Tag::of_platform).into_iter().collect();
        signs.hear_platform(&wanted, |_| true);
        let mut language = None;
        let mut answers = Vec::new();
        for message in messages {
            let sign = recognise(message, language.as_deref());
            let now = sign.and_then(|sign| signs.hear_words(&mut language, sign, store));
            let settled = language.clone().or(signs.locale.as_ref().map(ToString::to_string));
            answers.push(now.or(settled).unwrap_or(store.to_owned()));
        }
        (answers, language)
    }

    #[test]
    fn words_decide_then_the_platform_then_the_store() {
        for (locale, messages, expected) in [
            (None, &["A10023"][..], &["zh"][..]),
            (Some("zh-TW"), &["A10023", "👍", "在嗎"], &["zh-Hant-TW", "zh-Hant-TW", "zh-Hant-TW"]),
            (Some("ja"), &["A10023", "在庫", "返品できますか"], &["ja", "ja", "ja"]),
            (Some("en-GB"), &["在吗"], &["zh"]),
            (Some("zh-hk"), &["有冇貨", "你好"], &["zh-Hant-HK", "zh-Hant-HK"]),
            (Some("zh-CN"), &["請問有貨嗎"], &["zh-Hant"]),
            (Some("en-GB"), &["hello there"], &["en-GB"]),
            (Some("th"), &["Tieguanyin Longjing"], &["th"]),
            (None, &["Tieguanyin Longjing"], &["en"]),
            (None, &["hola", "ok", "12345"], &["es", "es", "es"]),
        ] {
            assert_eq!(answers(locale, "zh", messages).0, expected, "{locale:?} {messages:?}");
        }
    }

    #[test]
    fn one_odd_message_flips_nothing_and_the_second_does() {
        let (spoken, settled) = answers(None, "zh", &["我的快递到哪里了", "hello", "谢谢", "thanks", "A10023", "好的"]);
        assert_eq!((spoken, settled.as_deref()), (vec!["zh".to_owned(); 6], Some("zh")));
        let sentence = ["我的快递到哪里了", "please ship it to the other address", "12"];
        let (spoken, settled) = answers(None, "zh", &sentence);
        assert_eq!((spoken.join(" "), settled.as_deref()), ("zh en zh".to_owned(), Some("zh")));
        let (spoken, settled) = answers(None, "zh", &["你好，请问有货吗", "hello", "where is my order", "12"]);
        assert_eq!((spoken.join(" "), settled.as_deref()), ("zh zh en en".to_owned(), Some("en")));
    }

    #[test]
    fn a_greeting_in_another_language_is_taken_back_by_a_sentence() {
        let (spoken, _) = answers(None, "en", &["hi", "请问什么时候发货"]);
        assert_eq!(spoken, ["en", "zh"]);
    }

    #[test]
    fn a_character_that_both_scripts_have_keeps_the_script() {
        let (spoken, _) = answers(None, "zh", &["請問什麼時候出貨", "好的", "你好，在不在", "謝謝"]);
        assert_eq!(spoken, ["zh-Hant"; 4]);
        let (spoken, _) = answers(None, "zh-Hant-TW", &["你好", "请问什么时候发货"]);
        assert_eq!(spoken, ["zh-Hant-TW", "zh"]);
    }
}
