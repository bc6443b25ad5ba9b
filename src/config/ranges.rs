//! Values that can be read and cannot work: out of the range that the setting's type declares, or at odds with another.

use std::ops::Range;

use serde_json::Value;
use toml::de::{DeTable, DeValue};
use tracing_subscriber::EnvFilter;

use super::{
    daemon::{DaemonConfig, FILE},
    schema,
};
use crate::setting::{Delay, PathStep, Problem};

/// Every value of a file that is out of its range: its place, what would come of it, and what to write.
pub fn out_of_range(file: &str, text: &str) -> Vec<Problem> {
    let schema = schema::of_file(file);
    if !has_ranges(schema) {
        return Vec::new();
    }
    let mut problems = Vec::new();
    let (table, _) = DeTable::parse_recoverable(text);
    walk_table(table.get_ref(), schema, &mut Vec::new(), &mut |path, value, schema| {
        if let Some((message, hint)) = mistake(value, schema) {
            problems.push(Problem::new(file.to_owned(), path.iter().cloned(), message).hint(hint));
        }
    });
    problems
}

/// The range of a setting in words: `1 to 1024`, `at least 1d`.
pub fn in_words(schema: &Value) -> Option<String> {
    if let Some(least) = schema["x-least"].as_str() {
        return Some(format!("at least {least}"));
    }
    let Range { start, end } = numbers(schema)?;
    Some(match (start, end) {
        (start, i64::MAX) => format!("at least {start}"),
        (i64::MIN, end) => format!("at most {end}"),
        (start, end) => format!("{start} to {end}"),
    })
}

/// The least and the greatest number, both included; nothing where it is no more than the number's type says.
fn numbers(schema: &Value) -> Option<Range<i64>> {
    let least = schema["minimum"].as_i64().filter(|it| *it != 0);
    let most = schema["maximum"].as_i64();
    (least.is_some() || most.is_some()).then(|| least.unwrap_or(i64::MIN)..most.unwrap_or(i64::MAX))
}

fn has_ranges(schema: &Value) -> bool {
    let within = || match schema {
        Value::Object(map) => map.values().any(has_ranges),
        Value::Array(list) => list.iter().any(has_ranges),
        _ => false,
    };
    in_words(schema).is_some() || within()
}

/// What is wrong with a value, and what to write.
fn mistake(value: &DeValue<'_>, schema: &Value) -> Option<(String, String)> {
    let range = in_words(schema)?;
    let words = |key: &str| schema[key].as_str().map(str::to_owned);
    let wrong = match value {
        DeValue::String(text) if schema["x-least"].is_string() => {
            let least: Delay = schema["x-least"].as_str()?.parse().ok()?;
            let given: Delay = text.parse().ok()?;
            (given < least).then(|| words("x-below").unwrap_or_else(|| format!("{given} is less than {least}")))
        }
        value => {
            let number = number(value)?;
            let Range { start, end } = numbers(schema)?;
            let below =
                (number < start).then(|| words("x-below").unwrap_or_else(|| format!("{number} is below {start}")));
            below.or_else(|| {
                (number > end).then(|| words("x-above").unwrap_or_else(|| format!("{number} is above {end}")))
            })
        }
    }?;
    let hint = match &schema["default"] {
        Value::Null => range,
        default => format!("{range}, for example {default}"),
    };
    Some((wrong, hint))
}

/// A whole number, be it in quotes by a slip.
fn number(value: &DeValue<'_>) -> Option<i64> {
    match value {
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
        DeValue::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Has `see` look at every value that is described, with the way to it.
fn walk_table(
    table: &DeTable<'_>,
    schema: &Value,
    path: &mut Vec<PathStep>,
    see: &mut impl FnMut(&[PathStep], &DeValue<'_>, &Value),
) {
    let kind = table.iter().find(|(key, _)| key.get_ref() == "kind").and_then(|(_, it)| it.get_ref().as_str());
    let of_kind = schema["oneOf"].as_array().into_iter().flatten();
    let schema = of_kind.into_iter().find(|it| it["properties"]["kind"]["const"].as_str() == kind).unwrap_or(schema);
    for (key, value) in table {
        let described = schema["properties"].get(key.get_ref().as_ref()).or_else(|| schema.get("additionalProperties"));
        if let Some(described) = described {
            path.push(key.get_ref().as_ref().into());
            walk(value.get_ref(), described, path, see);
            path.pop();
        }
    }
}

fn walk(
    value: &DeValue<'_>,
    described: &Value,
    path: &mut Vec<PathStep>,
    see: &mut impl FnMut(&[PathStep], &DeValue<'_>, &Value),
) {
    see(path, value, described);
    let schema = schema::without_null(described);
    match value {
        // A table may stand where a list of them is wanted.
        DeValue::Table(table) => walk_table(table, schema::items(schema).unwrap_or(schema), path, see),
        DeValue::Array(list) => {
            let Some(items) = schema::items(schema) else { return };
            for (index, value) in list.iter().enumerate() {
                path.push(index.into());
                walk(value.get_ref(), items, path, see);
                path.pop();
            }
        }
        _ => {}
    }
}

impl DaemonConfig {
    /// What is in its range and cannot work for another reason.
    pub(super) fn contradictions(&self) -> Vec<Problem> {
        let Self { server, admin, log, outbox, .. } = self;
        let same_address = admin.listen == server.listen && admin.listen.port() != 0;
        let empty_token = admin.token.as_ref().is_some_and(|token| token.expose().trim().is_empty());
        #[rustfmt::skip]
        let checks = [
            (same_address, "admin", "listen", "it is the public address already", "the operator's side has one of its own"),
            (empty_token, "admin", "token", "it is empty", "leave it out, and one is made at the first start"),
            (outbox.max_backoff < outbox.first_backoff, "outbox", "max_backoff", "it is shorter than `first_backoff`", "for example \"5m\""),
        ];
        let wrong = checks.into_iter().filter(|(is_wrong, ..)| *is_wrong);
        let mut problems: Vec<_> = wrong
            .map(|(_, section, key, why, hint)| Problem::new(FILE, [section.into(), key.into()], why).hint(hint))
            .collect();
        if let Err(error) = EnvFilter::try_new(&log.level) {
            let why = format!("`{}` is not a level: {error}", log.level);
            let hint = "write `info`, or a filter such as `info,nightclerk::outbox=debug`";
            problems.push(Problem::new(FILE, ["log".into(), "level".into()], why).hint(hint));
        }
        problems
    }
}
