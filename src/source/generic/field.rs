//! Fields of a report as shops write them: texts for numbers, numbers for texts, null for nothing.
//!
//! What cannot be read is dropped and its name is kept, never its value: the report counts all the same.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::{Map, Value};

/// An object of the body.
#[derive(Clone, Copy)]
pub struct Fields<'a>(Option<&'a Map<String, Value>>);

/// The names of what could not be read.
#[derive(Default)]
pub struct Unread(Vec<String>);

impl Unread {
    /// Names that are kept of one report.
    const MOST: usize = 20;

    pub fn note(&mut self, name: impl Into<String>) {
        let name = name.into();
        if self.0.len() < Self::MOST && !self.0.contains(&name) {
            self.0.push(name);
        }
    }

    pub fn into_names(self) -> Vec<String> {
        self.0
    }

    /// `read` of the value, which is noted under `name` if that gives nothing.
    pub fn or_note<T>(&mut self, name: &str, value: Option<&Value>, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let value = value?;
        let found = read(value);
        if found.is_none() {
            self.note(name);
        }
        found
    }
}

impl<'a> Fields<'a> {
    pub fn of(value: Option<&'a Value>) -> Self {
        Self(value.and_then(Value::as_object))
    }

    /// The first of these that says something: `null`, blanks, and empty lists say nothing.
    pub fn get(self, names: &[&str]) -> Option<&'a Value> {
        let says = |value: &&Value| match value {
            Value::Null => false,
            Value::String(text) => !text.trim().is_empty(),
            Value::Array(list) => !list.is_empty(),
            _ => true,
        };
        names.iter().find_map(|name| self.0?.get(*name).filter(says))
    }

    pub fn text(self, name: &str, unread: &mut Unread) -> Option<String> {
        unread.or_note(name, self.get(&[name]), text)
    }
}

/// A text, or a number as one.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number| number.is_finite())
}

pub fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => number.as_f64().map(|it| it != 0.0),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A moment in milliseconds: ISO 8601 with or without a zone, a day, or Unix seconds, milliseconds or microseconds.
pub fn moment(value: &Value, local: &TimeZone) -> Option<i64> {
    if let Some(number) = number(value) {
        // Seconds reach this far only in the year 5138, milliseconds were there in 1973.
        let ms = match number.abs() {
            it if it < 1e11 => number * 1000.0,
            it if it < 1e14 => number,
            _ => number / 1000.0,
        };
        return Timestamp::from_millisecond(ms as i64).ok().map(Timestamp::as_millisecond);
    }
    let text = value.as_str()?.trim().replace('/', "-");
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    let wall: DateTime = text.parse().ok()?;
    local.to_timestamp(wall).ok().map(Timestamp::as_millisecond)
}
