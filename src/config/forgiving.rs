//! Reads a file whole: what is plainly meant is taken as meant, and all mistakes are found at once, not the first alone.

use std::{borrow::Cow, ops::Range};

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue, Deserializer},
};

use crate::setting::{advised, nearest};

/// After so many, the rest is for the next time.
pub const MOST: usize = 50;

/// Something wrong, at its bytes.
pub struct Finding {
    pub span: Option<Range<usize>>,
    pub message: String,
}

/// What can be read of a text in which something is wrong: all but the entries that are.
pub fn rest_of<T: DeserializeOwned>(text: &str) -> Option<T> {
    let (table, _) = DeTable::parse_recoverable(text);
    take_apart(table, |table| T::deserialize(table)).0
}

/// # Errors
/// Every mistake, in the order of the file.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Vec<Finding>> {
    // Nearly always all is well, and a catalogue may have fifty thousand products.
    if let Ok(value) = toml::from_str(text) {
        return Ok(value);
    }
    read_table(parse(text)?, |table| T::deserialize(table))
}

/// The tables of a text.
///
/// # Errors
/// All that is no TOML.
pub fn parse(text: &str) -> Result<Spanned<DeTable<'_>>, Vec<Finding>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(table);
    }
    let mut findings: Vec<Finding> = Vec::new();
    let mut lines = Vec::new();
    for error in errors {
        // What follows on the same line follows from it.
        let line = error.span().map(|span| text.get(..span.start).unwrap_or(text).matches('\n').count());
        if !lines.contains(&line) && findings.len() < MOST {
            lines.push(line);
            findings.push(Finding { span: error.span(), message: error.message().trim_end().to_owned() });
        }
    }
    findings.sort_by_key(|it| it.span.as_ref().map(|span| span.start));
    Err(findings)
}

/// Has `read` read a table, again and again without what was found to be wrong.
///
/// # Errors
/// Every mistake.
pub fn read_table<T>(
    table: Spanned<DeTable<'_>>,
    read: impl Fn(Deserializer<'_>) -> Result<T, toml::de::Error>,
) -> Result<T, Vec<Finding>> {
    match take_apart(table, read) {
        (Some(value), findings) if findings.is_empty() => Ok(value),
        (_, findings) => Err(findings),
    }
}

/// What is right of a table, as far as anything is, and every mistake.
fn take_apart<T>(
    table: Spanned<DeTable<'_>>,
    read: impl Fn(Deserializer<'_>) -> Result<T, toml::de::Error>,
) -> (Option<T>, Vec<Finding>) {
    let mut rest = None;
    let around = table.span();
    let mut table = table.into_inner();
    let mut findings = Vec::new();
    let mut repaired: Vec<Range<usize>> = Vec::new();
    let mut left_out: Vec<String> = Vec::new();
    for _ in 0..20 * MOST {
        let whole = Spanned::new(around.clone(), table.clone());
        let error = match read(Deserializer::from(whole)) {
            Ok(value) => {
                rest = Some(value);
                break;
            }
            Err(error) => error,
        };
        let message = error.message().trim_end().to_owned();
        let Some(span) = error.span() else {
            findings.push(Finding { span: None, message });
            break;
        };
        let wanted = message.split_once("expected ").map_or("", |(_, wanted)| wanted);
        if message.starts_with("invalid type") && !repaired.contains(&span) {
            repaired.push(span.clone());
            if change(&mut table, &span, &mut |value| as_meant(value, wanted)) {
                continue;
            }
        }
        // What was taken away because it is wrong, or misspelt, is not missing.
        let missing = message.strip_prefix("missing field `").and_then(|it| it.split('`').next());
        let follows =
            missing.is_some_and(|name| left_out.iter().any(|key| key == name || nearest(key, &[name]).is_some()));
        if !follows {
            findings.push(Finding { span: Some(span.clone()), message: in_words(&message) });
        }
        if findings.len() >= MOST || !leave_out(&mut table, &span, &mut left_out) {
            break;
        }
    }
    findings.sort_by_key(|it| it.span.as_ref().map(|span| span.start));
    (rest, findings)
}

/// Turns a value into what it is plainly meant for; false where that is not plain.
fn as_meant(value: &mut Spanned<DeValue<'_>>, wanted: &str) -> bool {
    let span = value.span();
    let a_list = wanted.starts_with("a sequence") || wanted.starts_with("a list");
    let a_text = ["a string", "string", "a text", "map", "a map"].iter().any(|it| wanted.starts_with(it));
    let a_number = NUMBERS.contains(&wanted);
    let new = match value.get_ref() {
        DeValue::Datetime(moment) if a_text => DeValue::String(without_seconds(moment.to_string()).into()),
        DeValue::Integer(number) if a_text => DeValue::String(number.to_string().into()),
        DeValue::Float(number) if a_text => DeValue::String(number.to_string().into()),
        DeValue::String(Cow::Borrowed(text)) if a_number => {
            let is_plain = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
            match DeValue::parse(text).map(Spanned::into_inner) {
                Ok(number @ DeValue::Integer(_)) if is_plain => number,
                _ => return false,
            }
        }
        DeValue::String(_) | DeValue::Table(_) if a_list => {
            let inner = std::mem::replace(value, Spanned::new(span.clone(), DeValue::Boolean(false)));
            let mut list = DeArray::new();
            list.push(inner);
            DeValue::Array(list)
        }
        _ => return false,
    };
    *value = Spanned::new(span, new);
    true
}

const NUMBERS: [&str; 10] = ["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize"];

/// `09:00:00` is how TOML writes a time of its own, where hours and minutes are asked for.
fn without_seconds(text: String) -> String {
    let is_time = text.len() == 8 && text.as_bytes()[2] == b':';
    text.strip_suffix(":00").filter(|_| is_time).map_or(text.clone(), str::to_owned)
}

/// What serde says of types, in words, and without the value: it may be a secret.
fn in_words(message: &str) -> String {
    if let Some((_, wanted)) = message.strip_prefix("invalid value: ").and_then(|it| it.split_once(", expected ")) {
        let wanted = match NUMBERS.contains(&wanted) {
            true if wanted.starts_with('u') => "a whole number, 0 or more,",
            true => "a whole number",
            false => wanted,
        };
        return format!("{wanted} is wanted here, not this");
    }
    let Some((found, wanted)) = message.strip_prefix("invalid type: ").and_then(|it| it.split_once(", expected "))
    else {
        return message.to_owned();
    };
    let found = match found.split([' ', '`']).next().unwrap_or_default() {
        "string" => "a text",
        "integer" => "a number",
        "floating" => "a number with a point",
        "boolean" => "`true` or `false`",
        "map" => "a table",
        "sequence" => "a list",
        _ => "something else",
    };
    let (wanted, instead) = match wanted {
        wanted if NUMBERS.contains(&wanted) => ("a whole number", "write it without quotes or unit, such as 120"),
        "a boolean" => ("`true` or `false`", "write it without quotes"),
        "a string" => ("a text", "write it in quotes, such as \"…\""),
        wanted if wanted.starts_with("a sequence") => ("a list", "write it in brackets, such as [\"…\"]"),
        "struct Wording" => ("a text for each language", "name the language, such as `text.zh = \"…\"`"),
        wanted if wanted.starts_with("struct ") => ("a table", "write it under a line such as `[section]`"),
        wanted => (wanted, ""),
    };
    let message = format!("{wanted} is wanted here, not {found}");
    if instead.is_empty() { message } else { advised(&message, instead) }
}

/// Lets `act` have the innermost value at these bytes; its answer, or false where there is none.
fn change(
    table: &mut DeTable<'_>,
    span: &Range<usize>,
    act: &mut impl FnMut(&mut Spanned<DeValue<'_>>) -> bool,
) -> bool {
    table.iter_mut().any(|(_, value)| change_value(value, span, act))
}

fn change_value(
    value: &mut Spanned<DeValue<'_>>,
    span: &Range<usize>,
    act: &mut impl FnMut(&mut Spanned<DeValue<'_>>) -> bool,
) -> bool {
    let within = match value.get_mut() {
        DeValue::Table(table) => change(table, span, act),
        DeValue::Array(list) => list.iter_mut().any(|value| change_value(value, span, act)),
        _ => false,
    };
    within || (value.span() == *span && act(value))
}

/// Takes the innermost entry away that has these bytes, so that what else is wrong shows; false where there is none.
fn leave_out(table: &mut DeTable<'_>, span: &Range<usize>, left_out: &mut Vec<String>) -> bool {
    let mut found = table.iter_mut().any(|(_, value)| leave_out_within(value, span, left_out));
    if !found {
        let entry = table.iter().find(|(key, value)| key.span() == *span || value.span() == *span);
        if let Some(name) = entry.map(|(key, _)| key.get_ref().to_string()) {
            found = table.remove(name.as_str()).is_some();
            left_out.push(name);
        }
    }
    found
}

fn leave_out_within(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>, left_out: &mut Vec<String>) -> bool {
    match value.get_mut() {
        DeValue::Table(table) => leave_out(table, span, left_out),
        DeValue::Array(list) => {
            if list.iter_mut().any(|value| leave_out_within(value, span, left_out)) {
                return true;
            }
            let before = list.len();
            let all = std::mem::replace(list, DeArray::new());
            *list = all.into_iter().filter(|value| value.span() != *span).collect();
            list.len() < before
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct File {
        rule: Vec<Rule>,
        date: String,
        from: String,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Rule {
        id: String,
        #[serde(default)]
        any: Vec<String>,
        #[serde(default)]
        stock: Option<u32>,
    }

    #[test]
    fn what_is_plainly_meant_is_taken_as_meant() {
        let text = "date = 2027-02-05\nfrom = 09:00:00\n[rule]\nid = 7\nany = \"退款\"\nstock = \"120\"\n";
        let Ok(file) = read::<File>(text) else { panic!("it is meant") };
        let rule = Rule { id: "7".to_owned(), any: vec!["退款".to_owned()], stock: Some(120) };
        assert_eq!(file, File { rule: vec![rule], date: "2027-02-05".to_owned(), from: "09:00".to_owned() });
    }

    #[test]
    fn all_mistakes_of_a_file_are_found_at_once_and_none_that_only_follows() {
        let text = "dat = 1\n[[rule]]\nid = true\nanny = []\n[[rule]]\nid = \"b\"\nstock = \"hunter2\"\n";
        let Err(findings) = read::<File>(text) else { panic!("it is wrong") };
        let said: Vec<_> = findings
            .iter()
            .map(|it| (text[..it.span.clone().unwrap().start].matches('\n').count() + 1, &*it.message))
            .collect();
        assert_eq!(said.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3, 4, 7], "{said:?}");
        assert!(said.iter().all(|(_, message)| !message.contains("hunter2")), "{said:?}");
    }

    #[test]
    fn every_line_that_is_no_toml_is_found() {
        let text = "date = “a”\nfrom = ‘b’\n";
        let Err(findings) = parse(text) else { panic!("it is wrong") };
        assert_eq!(findings.len(), 2);
    }
}
