//! The page's own words, in the language of whoever reads them.

use std::{collections::BTreeMap, sync::LazyLock};

use http::{HeaderMap, header};
use serde_json::value::RawValue;

use crate::language::{Tag, accepted};

/// All words by language tag (BCP 47); a new language is a new entry there.
static WORDS: LazyLock<BTreeMap<&str, &RawValue>> =
    LazyLock::new(|| serde_json::from_str(include_str!("page/words.json")).expect("the file is tested"));

/// The words of a language that `tag_for` or `preferred` gave.
pub fn of(tag: &str) -> &'static RawValue {
    WORDS.get(tag).copied().unwrap_or(RawValue::NULL)
}

/// The entry for a language tag, however exact it is: `zh-TW` and `zh_HK` read `zh-Hant`, `es-MX` reads `es`.
pub fn tag_for(language: &str) -> Option<&'static str> {
    let tag = Tag::of_platform(language)?;
    let wanted = match tag.split('-').next()? {
        "zh" if tag.contains("Hant") => "zh-Hant",
        "zh" => "zh-Hans",
        base => base,
    };
    WORDS.keys().copied().find(|known| *known == wanted)
}

/// What a browser says its user reads, most wanted first.
pub fn wanted(headers: &HeaderMap) -> Vec<Tag> {
    headers.get(header::ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok()).map(accepted).unwrap_or_default()
}

/// The most wanted language that the page has, else the store's, else English.
pub fn preferred(wanted: &[Tag], stores: &str) -> &'static str {
    wanted.iter().find_map(|tag| tag_for(tag)).or_else(|| tag_for(stores)).unwrap_or("en")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn chosen(accepted: &str, stores: &str) -> &'static str {
        let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_str(accepted).unwrap())]);
        preferred(&wanted(&headers), stores)
    }

    #[test]
    fn every_language_has_all_the_words() {
        let keys = |tag: &str| -> Vec<String> {
            let words: BTreeMap<String, String> = serde_json::from_str(of(tag).get()).unwrap();
            assert!(words.values().all(|word| !word.trim().is_empty()), "{tag}");
            words.into_keys().collect()
        };
        for tag in ["zh-Hans", "zh-Hant", "en", "ja", "th", "vi", "id", "ko", "es"] {
            assert_eq!(keys(tag), keys("en"), "{tag}");
        }
    }

    #[test]
    fn the_page_speaks_the_browsers_language_where_it_can() {
        assert_eq!(chosen("en-GB,en;q=0.9,zh;q=0.8", "zh"), "en");
        assert_eq!(chosen("fr-FR, ja;q=0.5, th;q=0.7", "zh"), "th");
        assert_eq!(chosen("de", "zh"), "zh-Hans", "the store's");
        assert_eq!(chosen("*", "de"), "en", "where there is nothing else");
        assert_eq!(chosen("ja;q=0, ;q=1, ko;q=x", "vi"), "vi");
        for (language, tag) in [
            ("zh", "zh-Hans"),
            ("zh-CN", "zh-Hans"),
            ("zh-Hans-HK", "zh-Hans"),
            ("zh-TW", "zh-Hant"),
            ("zh_HK", "zh-Hant"),
            ("zh-Hant", "zh-Hant"),
            ("es-MX", "es"),
            ("in", "id"),
        ] {
            assert_eq!(tag_for(language), Some(tag), "{language}");
        }
    }
}
