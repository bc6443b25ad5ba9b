//! Quick phrases in the text of `phrases.toml`, changed so that everything else there stays as its owner wrote it.

use std::collections::BTreeMap;

use toml_edit::{DocumentMut, Item, Table, TableLike, Value, value};

use crate::http::admin::{QuickChange, QuickPhrase};

const QUICK: &str = "quick";

/// The quick phrases of a text, in its order.
///
/// # Errors
/// It is no TOML: why.
pub fn quick_phrases(text: &str) -> Result<Vec<QuickPhrase>, String> {
    let document = parsed(text)?;
    let Some(quick) = document.get(QUICK).and_then(Item::as_table_like) else { return Ok(Vec::new()) };
    let phrases = quick.iter().map(|(code, item)| {
        let texts = match item.as_table_like() {
            Some(table) => table.iter().map(|(tag, item)| (tag.to_owned(), texts_of(item))).collect(),
            None => vec![(String::new(), texts_of(item))],
        };
        QuickPhrase { code: code.to_owned(), texts }
    });
    Ok(phrases.collect())
}

fn texts_of(item: &Item) -> Vec<String> {
    match item.as_array() {
        Some(texts) => texts.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        None => item.as_str().map(str::to_owned).into_iter().collect(),
    }
}

/// The text with a quick phrase changed.
///
/// # Errors
/// It is no TOML, or its `quick` is no table: why.
pub fn with_quick_phrase(text: &str, change: &QuickChange) -> Result<String, String> {
    match change {
        QuickChange::Put { was, code, texts } => with(text, was.as_deref(), code, texts),
        QuickChange::Remove { code } => without(text, code),
    }
}

fn with(text: &str, was: Option<&str>, code: &str, wording: &BTreeMap<String, String>) -> Result<String, String> {
    let mut document = parsed(text)?;
    let quick = quick_of(&mut document)?;
    if let Some(was) = was.filter(|was| *was != code)
        && let Some(item) = quick.remove(was)
    {
        if quick.contains_key(code) {
            return Err(format!("there is a quick phrase `{code}` already"));
        }
        quick.insert(code, item);
    }
    // A phrase without tags is in the store's own language, under the empty tag.
    let plain = quick.get(code).filter(|it| it.as_table_like().is_none()).is_some();
    match (plain, wording.get("")) {
        (true, Some(only)) if wording.values().filter(|it| !it.is_empty()).count() == 1 && !only.is_empty() => {
            put(quick, code, only);
        }
        _ => {
            if plain || !quick.contains_key(code) {
                quick.insert(code, Item::Table(Table::new()));
            }
            let Some(phrase) = quick.get_mut(code).and_then(Item::as_table_like_mut) else {
                return Err(format!("[quick.{code}] is no table"));
            };
            for (tag, text) in wording.iter().filter(|(tag, _)| !tag.is_empty()) {
                match text.is_empty() {
                    true => drop(phrase.remove(tag)),
                    false => put(phrase, tag, text),
                }
            }
        }
    }
    Ok(document.to_string())
}

fn without(text: &str, code: &str) -> Result<String, String> {
    let mut document = parsed(text)?;
    let quick = quick_of(&mut document)?;
    quick.remove(code);
    if quick.is_empty() {
        document.remove(QUICK);
    }
    Ok(document.to_string())
}

/// Puts a text in the place of the one there; what stands around it, such as a comment, stays.
fn put(table: &mut dyn TableLike, key: &str, text: &str) {
    let old = table.get(key).and_then(Item::as_value);
    if old.and_then(Value::as_str) == Some(text) {
        return;
    }
    let decor = old.map(|it| it.decor().clone());
    let mut new = value(text);
    if let (Some(decor), Some(new)) = (decor, new.as_value_mut()) {
        *new.decor_mut() = decor;
    }
    table.insert(key, new);
}

fn quick_of(document: &mut DocumentMut) -> Result<&mut dyn TableLike, String> {
    let mut implicit = Table::new();
    implicit.set_implicit(true);
    let quick = document.entry(QUICK).or_insert(Item::Table(implicit));
    quick.as_table_like_mut().ok_or_else(|| "`quick` is no table".to_owned())
}

fn parsed(text: &str) -> Result<DocumentMut, String> {
    text.parse().map_err(|error: toml_edit::TomlError| error.message().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# Ours.
[quick.hours] # asked daily
zh = \"9 点到 18 点。\"  # by the calendar
en = [\"From 9.\", \"Nine to six.\"]

[phrase.farewell]
zh = \"再见\"
";

    fn wording(texts: &[(&str, &str)]) -> BTreeMap<String, String> {
        texts.iter().map(|(tag, text)| ((*tag).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn a_phrase_is_changed_and_everything_else_stays() {
        let new = with(TEXT, None, "hours", &wording(&[("zh", "全天。")])).unwrap();
        assert_eq!(new, TEXT.replace("\"9 点到 18 点。\"", "\"全天。\""));
        let same = with(TEXT, Some("hours"), "hours", &wording(&[("zh", "9 点到 18 点。")])).unwrap();
        assert_eq!(same, TEXT);
        let less = with(TEXT, None, "hours", &wording(&[("zh", "")])).unwrap();
        assert_eq!(
            quick_phrases(&less).unwrap()[0].texts,
            [("en".to_owned(), vec!["From 9.".to_owned(), "Nine to six.".to_owned()])]
        );
    }

    #[test]
    fn a_phrase_is_added_renamed_and_taken_out() {
        let two = with(TEXT, None, "ship", &wording(&[("en", "Tomorrow.\nIn \"paper\".")])).unwrap();
        assert!(two.starts_with(&TEXT[..TEXT.find("[phrase").unwrap()]), "{two}");
        let codes = |text: &str| quick_phrases(text).unwrap().into_iter().map(|it| it.code).collect::<Vec<_>>();
        assert_eq!(codes(&two), ["hours", "ship"]);
        assert_eq!(quick_phrases(&two).unwrap()[1].texts[0].1, ["Tomorrow.\nIn \"paper\"."]);
        let renamed = with(&two, Some("ship"), "sent", &wording(&[("en", "Tomorrow.")])).unwrap();
        assert_eq!(codes(&renamed), ["hours", "sent"]);
        assert!(with(&two, Some("ship"), "hours", &wording(&[])).is_err(), "no other is overwritten");
        let one = without(&renamed, "sent").unwrap();
        assert_eq!(codes(&one), ["hours"]);
        let none = without(&one, "hours").unwrap();
        assert!(codes(&none).is_empty() && none.contains("[phrase.farewell]") && !none.contains("quick"), "{none}");
        assert_eq!(codes(&with("", None, "a", &wording(&[("en", "A")])).unwrap()), ["a"]);
    }

    #[test]
    fn a_phrase_of_one_text_stays_one_until_it_gets_another_language() {
        let text = "quick = { hi = \"Hello\" }\n";
        let one = with(text, None, "hi", &wording(&[("", "Hello!"), ("zh", "")])).unwrap();
        assert_eq!(one, "quick = { hi = \"Hello!\" }\n");
        let text = "[quick]\nhi = \"Hello\"\n";
        let two = with(text, None, "hi", &wording(&[("en", "Hello"), ("zh", "你好")])).unwrap();
        let texts = |tag: &str, text: &str| (tag.to_owned(), vec![text.to_owned()]);
        assert_eq!(quick_phrases(&two).unwrap()[0].texts, [texts("en", "Hello"), texts("zh", "你好")]);
        assert!(with("[quick", None, "hi", &wording(&[])).is_err());
        assert!(with("quick = 1", None, "hi", &wording(&[("en", "x")])).is_err());
    }
}
