//! BCP 47 tags, in the one spelling that tags of the same meaning share.

use std::{fmt, ops::Deref};

use icu_locale_core::{
    LanguageIdentifier,
    subtags::{Script, language, region, script},
};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::setting::{advised, hint, written_as_text};

/// A language, as written: `zh` (simplified Chinese), `zh-Hant-HK`, `pt-BR`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Tag(Box<str>);

/// Why a text is not the tag of a language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TagError {
    message: String,
    /// What to do about it.
    pub hint: String,
}

impl Tag {
    /// Reads what an owner wrote.
    ///
    /// # Errors
    /// It is no BCP 47 tag, or of no language there is.
    pub fn parse(text: &str) -> Result<Self, TagError> {
        let wrong = |message: String, hint: String| TagError { message, hint };
        let meant = MEANT.iter().find(|(other, _)| text.eq_ignore_ascii_case(other));
        let advice =
            || meant.map_or("write one such as `en`, `ja` or `zh-Hant`".to_owned(), |(_, it)| format!("write `{it}`"));
        let malformed = || format!("`{text}` is not a BCP 47 tag");
        if text.contains('_') {
            return Err(wrong(malformed(), format!("write `{}`", text.replace('_', "-"))));
        }
        let id = LanguageIdentifier::try_from_str(text).map_err(|_| wrong(malformed(), advice()))?;
        if !is_language(id.language.as_str()) {
            return Err(wrong(format!("`{text}` is not the tag of a language"), advice()));
        }
        if let Some(script) = id.script
            && !SCRIPTS.contains(&script.as_str())
        {
            return Err(wrong(format!("`{script}` is not the code of a script"), hint(script.as_str(), SCRIPTS)));
        }
        Ok(Self::canonical(id))
    }

    /// Reads what a platform says of a customer: `zh_TW`, `en-US-u-hc-h12`, `pt_BR.UTF-8`. `None` where it says nothing
    /// that is understood.
    pub fn of_platform(text: &str) -> Option<Self> {
        let text = text.trim().replace('_', "-");
        let text = text.split(['.', '@']).next().unwrap_or_default();
        // Extensions begin with a subtag of one letter.
        let subtags: Vec<_> = text.split('-').take_while(|it| it.len() > 1).take(3).collect();
        let id = LanguageIdentifier::try_from_str(&subtags.join("-")).ok()?;
        is_language(id.language.as_str()).then(|| Self::canonical(id))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn canonical(mut id: LanguageIdentifier) -> Self {
        let code = id.language.as_str();
        if let Some((_, new)) = OLD_CODES.iter().find(|(old, _)| *old == code) {
            id.language = *new;
        }
        if id.language == language!("yue") {
            id.language = language!("zh");
            id.region = id.region.or(Some(region!("HK")));
        }
        if id.language == language!("zh") {
            const HANT: Script = script!("Hant");
            if id.region == Some(region!("MO")) {
                // One way of writing: what Hong Kong calls a thing, Macau does too.
                id.region = Some(region!("HK"));
            }
            let is_traditional_place = [Some(region!("HK")), Some(region!("TW"))].contains(&id.region);
            let script = id.script.or(is_traditional_place.then_some(HANT));
            id.script = script.filter(|script| *script == HANT);
        }
        Self(id.to_string().into())
    }
}

impl Default for Tag {
    /// Simplified Chinese, which the clerk speaks where nobody says otherwise.
    fn default() -> Self {
        Self("zh".into())
    }
}

impl Deref for Tag {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for Tag {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|error| de::Error::custom(advised(&error.message, &error.hint)))
    }
}

written_as_text!(Tag, "language tag, such as \"en\" or \"zh-Hant\"");

fn is_language(code: &str) -> bool {
    match *code.as_bytes() {
        [first, second] => TWO_LETTERS.as_bytes().as_chunks().0.binary_search(&[first, second]).is_ok(),
        _ => THREE_LETTERS.contains(&code),
    }
}

/// ISO 639-1, all codes in their order, without separators.
const TWO_LETTERS: &str = "aaabaeafakamanarasavayazbabebgbhbibmbnbobrbscacechcocrcscucvcydadedvdzeeeleneoeseteufafffifj\
                           fofrfygagdglgngugvhahehihohrhthuhyhziaidieigiiikinioisitiuiwjajijvjwkakgkikjkkklkmknkokrkskukvkw\
                           kylalblglilnloltlulvmgmhmimkmlmnmomrmsmtmynanbndnengnlnnnonrnvnyocojomorospapiplpsptqurmrnrorurw\
                           sascsdsesgshsiskslsmsnsosqsrssstsusvswtatetgthtitktltntotrtstttwtyugukuruzvevivowawoxhyiyozazhzu";

/// Languages with many speakers and no code of two letters (ISO 639-3).
const THREE_LETTERS: [&str; 34] = [
    "arz", "awa", "bho", "bik", "ceb", "ckb", "cmn", "doi", "fil", "gsw", "hak", "haw", "hil", "hmn", "ilo", "kok",
    "lmo", "mad", "mai", "min", "mni", "nan", "nds", "pam", "pap", "pcm", "prs", "sat", "scn", "szl", "tpi", "war",
    "wuu", "yue",
];

/// Scripts that living languages are written in (ISO 15924).
const SCRIPTS: [&str; 33] = [
    "Arab", "Armn", "Beng", "Cans", "Cyrl", "Deva", "Ethi", "Geor", "Grek", "Gujr", "Guru", "Hang", "Hans", "Hant",
    "Hebr", "Hira", "Jpan", "Kana", "Khmr", "Knda", "Kore", "Laoo", "Latn", "Mlym", "Mong", "Mymr", "Orya", "Sinh",
    "Taml", "Telu", "Thaa", "Thai", "Tibt",
];

/// Codes that BCP 47 has replaced.
const OLD_CODES: [(&str, icu_locale_core::subtags::Language); 9] = [
    ("cmn", language!("zh")),
    ("in", language!("id")),
    ("iw", language!("he")),
    ("ji", language!("yi")),
    ("jw", language!("jv")),
    ("mo", language!("ro")),
    ("nb", language!("no")),
    ("tl", language!("fil")),
    ("sh", language!("sr")),
];

/// What is written for a language and is no tag: its name, the code of a country, a code of ISO 639 that has a shorter one.
const MEANT: [(&str, &str); 39] = [
    ("chi", "zh"),
    ("chinese", "zh"),
    ("chs", "zh"),
    ("cht", "zh-Hant"),
    ("cn", "zh"),
    ("cz", "cs"),
    ("deu", "de"),
    ("dk", "da"),
    ("eng", "en"),
    ("english", "en"),
    ("esp", "es"),
    ("fra", "fr"),
    ("french", "fr"),
    ("gb", "en"),
    ("ger", "de"),
    ("gr", "el"),
    ("hk", "zh-Hant-HK"),
    ("ind", "id"),
    ("indonesian", "id"),
    ("ita", "it"),
    ("jap", "ja"),
    ("jp", "ja"),
    ("japanese", "ja"),
    ("jpn", "ja"),
    ("kor", "ko"),
    ("korean", "ko"),
    ("msa", "ms"),
    ("por", "pt"),
    ("rus", "ru"),
    ("spa", "es"),
    ("spanish", "es"),
    ("tha", "th"),
    ("thai", "th"),
    ("us", "en"),
    ("traditional", "zh-Hant"),
    ("vie", "vi"),
    ("vietnamese", "vi"),
    ("vn", "vi"),
    ("zho", "zh"),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_of_one_meaning_have_one_spelling() {
        for (text, tag) in [
            ("zh", "zh"),
            ("ZH-hans", "zh"),
            ("zh-CN", "zh-CN"),
            ("zh-TW", "zh-Hant-TW"),
            ("zh-hk", "zh-Hant-HK"),
            ("zh-Hant-MO", "zh-Hant-HK"),
            ("yue", "zh-Hant-HK"),
            ("EN-us", "en-US"),
            ("pt-br", "pt-BR"),
            ("in", "id"),
            ("tl", "fil"),
        ] {
            assert_eq!(Tag::parse(text).unwrap().as_str(), tag, "{text}");
        }
    }

    #[test]
    fn every_code_of_two_letters_is_known() {
        let codes: Vec<_> = TWO_LETTERS.as_bytes().chunks(2).map(|it| str::from_utf8(it).unwrap()).collect();
        assert!(codes.iter().all(|it| is_language(it)), "they are looked for in their order: {codes:?}");
        assert!(!is_language("xx") && !is_language("e"));
    }

    #[test]
    fn what_is_no_language_is_refused_with_what_to_write() {
        for (text, message, hint) in [
            ("jp", "`jp` is not the tag of a language", "write `ja`"),
            ("eng", "`eng` is not the tag of a language", "write `en`"),
            ("zh_TW", "`zh_TW` is not a BCP 47 tag", "write `zh-TW`"),
            ("Chinese", "`Chinese` is not a BCP 47 tag", "write `zh`"),
            ("text", "`text` is not a BCP 47 tag", "write one such as"),
            ("", "`` is not a BCP 47 tag", "write one such as"),
            ("zh-Hanz", "`Hanz` is not the code of a script", "did you mean"),
            ("url", "`url` is not the tag of a language", "write one such as"),
        ] {
            let error = Tag::parse(text).unwrap_err();
            assert_eq!(error.to_string(), message);
            assert!(error.hint.contains(hint), "{text}: {}", error.hint);
        }
    }

    #[test]
    fn what_platforms_say_is_read_with_all_that_hangs_on_it() {
        for (text, tag) in [
            ("zh_TW", Some("zh-Hant-TW")),
            ("zh-hans", Some("zh")),
            ("en-US-u-hc-h12", Some("en-US")),
            ("pt_BR.UTF-8", Some("pt-BR")),
            ("ja", Some("ja")),
            ("*", None),
            ("xx", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(Tag::of_platform(text).as_deref(), tag, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_tag_reads_as_itself(text in "[a-zA-Z]{2,3}(-[a-zA-Z]{4})?(-[A-Za-z]{2})?") {
            if let Ok(tag) = Tag::parse(&text) {
                prop_assert_eq!(Tag::parse(&tag).unwrap(), tag);
            }
        }

        #[test]
        fn nothing_a_platform_says_panics(text in ".{0,40}") {
            let _ = (Tag::of_platform(&text), Tag::parse(&text));
        }
    }
}
