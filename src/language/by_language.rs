//! What is there in several languages.

use std::{borrow::Cow, fmt, marker::PhantomData};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess, Visitor, value::SeqAccessDeserializer},
    ser::SerializeMap,
};

use super::{
    Language, Tag,
    chinese::{is_traditional, rewrite},
    lookup::{is_same_language, shorter_and_shorter},
};

/// A thing by language: `{ zh = "…", en = "…", "zh-Hant" = "…" }`; or one alone, in the store's own language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByLanguage<T> {
    untagged: Option<T>,
    /// In the order of their tags. They are few, and a store has tens of thousands of such lists.
    tagged: Vec<(Tag, T)>,
}

/// What was found for a language, and the language it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'a, T> {
    pub tag: &'a str,
    pub value: &'a T,
}

impl<T> Default for ByLanguage<T> {
    fn default() -> Self {
        Self { untagged: None, tagged: Vec::new() }
    }
}

impl<T> From<T> for ByLanguage<T> {
    /// In the store's own language.
    fn from(value: T) -> Self {
        Self { untagged: Some(value), tagged: Vec::new() }
    }
}

impl<T> FromIterator<(Tag, T)> for ByLanguage<T> {
    fn from_iter<I: IntoIterator<Item = (Tag, T)>>(items: I) -> Self {
        let mut all = Self::default();
        items.into_iter().for_each(|(tag, value)| all.insert(tag, value));
        all
    }
}

impl<T> ByLanguage<T> {
    /// What there is for a language, or for the one that stands in for it; failing all, what there is.
    pub fn find<'a>(&'a self, language: Language<'a>) -> Option<Found<'a, T>> {
        let found = language.ranges().find_map(|range| {
            let exact = shorter_and_shorter(range).find_map(|tag| self.exact(tag, language));
            exact.or_else(|| self.iter(language).find(|found| is_same_language(found.tag, range)))
        });
        found.or_else(|| self.iter(language).next())
    }

    /// All of it; what has no tag is in the store's language.
    pub fn iter<'a>(&'a self, language: Language<'a>) -> impl Iterator<Item = Found<'a, T>> {
        let untagged = self.untagged.iter().map(move |value| Found { tag: language.store(), value });
        untagged.chain(self.tagged.iter().map(|(tag, value)| Found { tag, value }))
    }

    fn exact<'a>(&'a self, tag: &str, language: Language<'a>) -> Option<Found<'a, T>> {
        let tagged = self.tagged.iter().find(|(it, _)| it.as_str() == tag);
        let tagged = tagged.map(|(tag, value)| Found { tag: tag.as_str(), value });
        let untagged = || self.untagged.as_ref().filter(|_| tag == language.store());
        tagged.or_else(|| untagged().map(|value| Found { tag: language.store(), value }))
    }

    /// Whether it is there in this very language or script, not by another that stands in for it.
    pub fn speaks(&self, tag: &str, language: Language<'_>) -> bool {
        let in_script = |it: &&str| is_traditional(it) == is_traditional(tag);
        shorter_and_shorter(tag).take_while(in_script).any(|tag| self.exact(tag, language).is_some())
    }

    pub fn insert(&mut self, tag: Tag, value: T) {
        match self.tagged.binary_search_by(|(it, _)| it.cmp(&tag)) {
            Ok(at) => {
                if let Some((_, known)) = self.tagged.get_mut(at) {
                    *known = value;
                }
            }
            Err(at) => {
                self.tagged.reserve_exact(1);
                self.tagged.insert(at, (tag, value));
            }
        }
    }

    /// The tags it has, and `None` for what has none.
    pub fn entries(&self) -> impl Iterator<Item = (Option<&Tag>, &T)> {
        let untagged = self.untagged.iter().map(|value| (None, value));
        untagged.chain(self.tagged.iter().map(|(tag, value)| (Some(tag), value)))
    }

    pub fn is_absent(&self) -> bool {
        self.untagged.is_none() && self.tagged.is_empty()
    }
}

impl ByLanguage<String> {
    /// The text for a language, in the script of Chinese that it is read in; empty where there is none.
    pub fn get<'a>(&'a self, language: Language<'a>) -> Cow<'a, str> {
        self.find(language).map_or_else(Cow::default, |found| rewrite(found.value, found.tag, language.tag()))
    }

    /// Whether one of its texts is blank, or there is none.
    pub fn is_empty(&self) -> bool {
        self.is_absent() || self.entries().any(|(_, text)| text.trim().is_empty())
    }
}

impl From<&str> for ByLanguage<String> {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl<T: Serialize> Serialize for ByLanguage<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let (Some(value), true) = (&self.untagged, self.tagged.is_empty()) {
            return value.serialize(serializer);
        }
        let mut map = serializer.serialize_map(Some(self.tagged.len()))?;
        for (tag, value) in &self.tagged {
            map.serialize_entry(tag, value)?;
        }
        map.end()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ByLanguage<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ByLanguageVisitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for ByLanguage<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}ByLanguage", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({
            "anyOf": [one.clone(), { "type": "object", "additionalProperties": one }],
            "x-type": "text, or texts by language such as `{ zh = \"…\", en = \"…\" }`",
        })
    }
}

struct ByLanguageVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ByLanguageVisitor<T> {
    type Value = ByLanguage<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or texts by language such as { zh = \"…\", en = \"…\" }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        T::deserialize(de::value::StrDeserializer::new(text)).map(ByLanguage::from)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(items)).map(ByLanguage::from)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut all = ByLanguage::default();
        while let Some(tag) = map.next_key::<Tag>()? {
            let value = map.next_value()?;
            if all.tagged.iter().any(|(it, _)| *it == tag) {
                return Err(de::Error::custom(format!("the language `{tag}` is there twice")));
            }
            all.insert(tag, value);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn texts(toml: &str) -> ByLanguage<String> {
        #[derive(Deserialize)]
        struct Holder {
            text: ByLanguage<String>,
        }
        toml::from_str::<Holder>(&format!("text = {toml}")).unwrap().text
    }

    fn tags(toml: &str, tag: &str, fallback: Option<&str>, store: &str) -> String {
        let texts = texts(toml);
        let tag = texts.find(Language::new(tag, fallback, store)).map(|found| found.tag.to_owned());
        tag.unwrap_or_default()
    }

    #[test]
    fn a_language_falls_back_along_its_tag_then_to_the_stores_then_to_english() {
        let all = r#"{ zh-Hant-HK = "1", zh-Hant = "2", zh = "3", ja = "4", en = "5" }"#;
        for (tag, found) in [
            ("zh-Hant-HK", "zh-Hant-HK"),
            ("zh-Hant-TW", "zh-Hant"),
            ("zh-SG", "zh"),
            ("ja-JP", "ja"),
            ("fr", "ja"),
            ("en-GB", "en"),
        ] {
            assert_eq!(tags(all, tag, None, "ja"), found, "{tag}");
        }
        assert_eq!(tags(all, "fr", Some("en"), "ja"), "en");
        assert_eq!(tags(r#"{ en = "1", th = "2" }"#, "fr", None, "ja"), "en");
        assert_eq!(tags(r#"{ th = "2" }"#, "fr", None, "ja"), "th");
        assert_eq!(tags("{}", "fr", None, "ja"), "");
    }

    #[test]
    fn another_kind_of_the_same_language_is_nearer_than_another_language() {
        assert_eq!(tags(r#"{ en = "1", pt-BR = "2" }"#, "pt", None, "en"), "pt-BR");
        assert_eq!(tags(r#"{ en = "1", zh-Hant = "2" }"#, "zh", None, "en"), "zh-Hant");
    }

    #[test]
    fn a_text_without_a_tag_is_in_the_stores_language() {
        assert_eq!(tags(r#""您好""#, "en", None, "zh"), "zh");
        assert_eq!(texts(r#""快递""#).get(Language::new("zh-Hant", None, "zh")), "快遞");
        assert_eq!(texts(r#""Hello""#).get(Language::new("zh-Hant", None, "en")), "Hello");
    }

    #[test]
    fn owners_simplified_words_are_read_in_traditional_and_the_other_way_round() {
        let simplified = texts(r#"{ zh = "短信通知您", en = "we text you" }"#);
        assert_eq!(simplified.get(Language::of("zh-Hant-TW")), "簡訊通知您");
        assert_eq!(simplified.get(Language::of("zh")), "短信通知您");
        assert_eq!(texts(r#"{ zh-Hant = "簡訊通知您" }"#).get(Language::of("zh")), "短信通知您");
    }

    #[test]
    fn one_language_twice_is_a_mistake() {
        let twice = toml::from_str::<BTreeMap<String, ByLanguage<String>>>("a = { zh = \"1\", zh-Hans = \"2\" }");
        assert!(twice.unwrap_err().message().contains("`zh` is there twice"));
    }
}
