//! What the manifest declares, as far as the bench holds a plugin to it. The daemon checks more.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
pub struct Declared {
    pub name: String,
    #[serde(default)]
    pub capabilities: BTreeSet<String>,
    #[serde(default)]
    settings: BTreeMap<String, Setting>,
}

#[derive(Deserialize)]
struct Setting {
    #[serde(rename = "type")]
    kind: String,
    default: Option<Value>,
    minimum: Option<f64>,
    maximum: Option<f64>,
    choices: Option<Vec<Value>>,
}

impl Declared {
    #[track_caller]
    pub fn read(manifest: &str) -> Self {
        let declared: Self =
            serde_json::from_str(manifest).unwrap_or_else(|error| panic!("manifest.json is not usable: {error}"));
        for (key, setting) in &declared.settings {
            if let Some(default) = &setting.default {
                setting.check(key, default);
            }
        }
        declared
    }

    pub fn defaults(&self) -> Map<String, Value> {
        let default = |(key, setting): (&String, &Setting)| Some((key.clone(), setting.default.clone()?));
        self.settings.iter().filter_map(default).collect()
    }

    #[track_caller]
    pub fn check_setting(&self, key: &str, value: &Value) {
        match self.settings.get(key) {
            Some(setting) => setting.check(key, value),
            None => panic!("manifest.json declares no setting `{key}`"),
        }
    }
}

impl Setting {
    #[track_caller]
    fn check(&self, key: &str, value: &Value) {
        let fits = match self.kind.as_str() {
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            other => panic!("the setting `{key}` is of no known type: `{other}`"),
        };
        assert!(fits, "the setting `{key}`: {value} is no {}", self.kind);
        if let Some(number) = value.as_f64() {
            let range = self.minimum.unwrap_or(f64::MIN)..=self.maximum.unwrap_or(f64::MAX);
            assert!(range.contains(&number), "the setting `{key}`: {value} is out of {range:?}");
        }
        if let Some(choices) = &self.choices {
            assert!(choices.contains(value), "the setting `{key}`: {value} is none of {choices:?}");
        }
    }
}
