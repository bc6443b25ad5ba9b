//! The settings a plugin declares, and what the store sets them to.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What one setting may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    #[serde(rename = "type")]
    pub kind: SettingKind,
    /// Where absent, the store must say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The only values allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choices: Option<Vec<Value>>,
    /// Of a number, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SettingKind {
    String,
    Integer,
    Number,
    Boolean,
    Array,
    Object,
}

impl Setting {
    /// Whether the declaration makes sense in itself.
    pub fn check(&self) -> Result<(), String> {
        let is_number = matches!(self.kind, SettingKind::Integer | SettingKind::Number);
        if !is_number && (self.minimum.is_some() || self.maximum.is_some()) {
            return Err("`minimum` and `maximum` are for numbers".to_owned());
        }
        if self.minimum.zip(self.maximum).is_some_and(|(minimum, maximum)| minimum > maximum) {
            return Err("`minimum` is above `maximum`".to_owned());
        }
        if self.choices.as_ref().is_some_and(Vec::is_empty) {
            return Err("`choices` is empty".to_owned());
        }
        for choice in self.choices.iter().flatten() {
            self.kind.accept(choice).map_err(|why| format!("a choice: {why}"))?;
        }
        self.default.iter().try_for_each(|value| self.accept(value)).map_err(|why| format!("`default`: {why}"))
    }

    /// Whether the store may set it to this.
    pub fn accept(&self, value: &Value) -> Result<(), String> {
        self.kind.accept(value)?;
        if let Some(choices) = &self.choices
            && !choices.contains(value)
        {
            let choices: Vec<_> = choices.iter().map(Value::to_string).collect();
            return Err(format!("{value} is none of {}", choices.join(", ")));
        }
        if let Some(number) = value.as_f64() {
            if let Some(minimum) = self.minimum.filter(|minimum| number < *minimum) {
                return Err(format!("{value} is below {minimum}"));
            }
            if let Some(maximum) = self.maximum.filter(|maximum| number > *maximum) {
                return Err(format!("{value} is above {maximum}"));
            }
        }
        Ok(())
    }

    /// Some allowed value, for a trial before the store has set one.
    fn sample(&self) -> Value {
        if let Some(value) = self.default.as_ref().or_else(|| self.choices.as_ref()?.first()) {
            return value.clone();
        }
        match self.kind {
            SettingKind::String => json!("sample"),
            // The cast saturates, which is as near to the range as an integer comes.
            SettingKind::Integer => json!(self.nearest_to_zero().ceil() as i64),
            SettingKind::Number => json!(self.nearest_to_zero()),
            SettingKind::Boolean => json!(false),
            SettingKind::Array => json!([]),
            SettingKind::Object => json!({}),
        }
    }

    fn nearest_to_zero(&self) -> f64 {
        0_f64.min(self.maximum.unwrap_or(0.0)).max(self.minimum.unwrap_or(f64::MIN))
    }
}

impl fmt::Display for SettingKind {
    /// Its word in manifests.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Array => "array",
            Self::Object => "object",
        })
    }
}

impl SettingKind {
    fn accept(self, value: &Value) -> Result<(), String> {
        let fits = match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
        };
        if fits { Ok(()) } else { Err(format!("{} is not {}", without_words(value), self.with_article())) }
    }

    fn with_article(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// The value as it is shown in an error: a text may be a key that was written into the wrong line.
fn without_words(value: &Value) -> String {
    match value {
        Value::String(_) => "\"…\"".to_owned(),
        Value::Array(_) => "[…]".to_owned(),
        Value::Object(_) => "{…}".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// The declared settings with the store's over their defaults; or why the store's do not do.
pub fn settle(declared: &BTreeMap<String, Setting>, given: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    if let Some(unknown) = given.keys().find(|key| !declared.contains_key(*key)) {
        let known: Vec<_> = declared.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(format!("it has no setting `{unknown}`; it has {known}"));
    }
    declared
        .iter()
        .map(|(key, setting)| match (given.get(key), &setting.default) {
            (Some(value), _) => match setting.accept(value) {
                Ok(()) => Ok((key.clone(), value.clone())),
                Err(why) => Err(format!("the setting `{key}`: {why}")),
            },
            (None, Some(default)) => Ok((key.clone(), default.clone())),
            (None, None) => Err(format!("the setting `{key}` is required")),
        })
        .collect()
}

/// Allowed values for everything, the defaults where there are some.
pub fn samples(declared: &BTreeMap<String, Setting>) -> Map<String, Value> {
    declared.iter().map(|(key, setting)| (key.clone(), setting.sample())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> BTreeMap<String, Setting> {
        serde_json::from_value(json!({
            "text": { "type": "string", "default": "Hello" },
            "days": { "type": "integer", "minimum": 1, "maximum": 30 },
            "tone": { "type": "string", "default": "warm", "choices": ["warm", "brief"] },
        }))
        .unwrap()
    }

    fn given(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn the_stores_settings_lie_over_the_defaults() {
        let settled = settle(&declared(), &given(json!({ "days": 3, "tone": "brief" }))).unwrap();
        assert_eq!(Value::Object(settled), json!({ "text": "Hello", "days": 3, "tone": "brief" }));
    }

    #[test]
    fn settings_that_do_not_fit_are_refused_with_the_reason() {
        for (settings, reason) in [
            (json!({}), "the setting `days` is required"),
            (json!({ "day": 3 }), "it has no setting `day`; it has days, text, tone"),
            (json!({ "days": "3" }), "the setting `days`: \"…\" is not an integer"),
            (json!({ "days": 1.5 }), "the setting `days`: 1.5 is not an integer"),
            (json!({ "days": 0 }), "the setting `days`: 0 is below 1"),
            (json!({ "days": 31 }), "the setting `days`: 31 is above 30"),
            (json!({ "days": 3, "tone": "rude" }), "the setting `tone`: \"rude\" is none of \"warm\", \"brief\""),
        ] {
            assert_eq!(settle(&declared(), &given(settings)).unwrap_err(), reason);
        }
    }

    #[test]
    fn samples_are_allowed_values() {
        let declared = declared();
        let samples = samples(&declared);
        for (key, setting) in &declared {
            setting.accept(&samples[key]).unwrap();
        }
    }

    #[test]
    fn a_declaration_that_contradicts_itself_is_refused() {
        for setting in [
            json!({ "type": "integer", "default": "three" }),
            json!({ "type": "integer", "default": 3, "maximum": 2 }),
            json!({ "type": "string", "minimum": 2 }),
            json!({ "type": "number", "minimum": 2, "maximum": 1 }),
            json!({ "type": "string", "choices": [] }),
            json!({ "type": "string", "choices": [1] }),
        ] {
            let setting: Setting = serde_json::from_value(setting).unwrap();
            assert!(setting.check().is_err(), "{setting:?}");
        }
    }
}
