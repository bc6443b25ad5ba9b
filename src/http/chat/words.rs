//! The page's own words, in the language of whoever reads them.

use std::{collections::BTreeMap, sync::LazyLock};

use http::{HeaderMap, header};
use serde_json::value::RawValue;

use crate::language::Tag;

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

/// The language that the browser asks for first and that the page has, else the store's, else English.
pub fn preferred(headers: &HeaderMap, stores: &str) -> &'static str {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    let mut wishes: Vec<(f32, &str)> = lines.flat_map(|line| line.split(',')).filter_map(wish).collect();
    // As written where they are wished for alike.
    wishes.sort_by(|a, b| b.0.total_cmp(&a.0));
    let browsers = wishes.into_iter().find_map(|(_, language)| tag_for(language));
    browsers.or_else(|| tag_for(stores)).unwrap_or("en")
}

/// One language of `Accept-Language`, with its weight (RFC 9110, section 12.5.4).
fn wish(item: &str) -> Option<(f32, &str)> {
    let mut parts = item.split(';').map(str::trim);
    let language = parts.next().filter(|it| !it.is_empty() && *it != "*")?;
    let weight = parts.find_map(|it| it.strip_prefix("q=")).map_or(1.0, |it| it.parse().unwrap_or(0.0));
    (weight > 0.0).then_some((weight, language))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn chosen(accepted: &str, stores: &str) -> &'static str {
        let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_str(accepted).unwrap())]);
        preferred(&headers, stores)
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
