use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use subtle::ConstantTimeEq;

/// A token, key or password. It never prints, and compares in constant time.
///
/// In the configuration: the text itself, `{ env = "NAME" }`, or `{ file = "/path" }` (trailing
/// line ends are cut). Both are read when the configuration is.
#[derive(Clone, Default)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, for signing or sending; never for a log or an error.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `candidate` is this secret; takes the same time wherever they differ.
    pub fn matches(&self, candidate: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(candidate).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other.0.as_bytes())
    }
}

/// Whether a text looks like the name of an environment variable and like nothing secret: capitals, digits and `_`.
pub fn is_variable(text: &str) -> bool {
    text.bytes().next().is_some_and(|first| first.is_ascii_uppercase() || first == b'_')
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a text, { env = \"NAME\" } or { file = \"/path\" }")]
        enum Source {
            Inline(String),
            Env { env: String },
            File { file: String },
        }
        match Source::deserialize(deserializer)? {
            Source::Inline(value) => Ok(Self(value)),
            Source::Env { env } => std::env::var(&env).map(Self).map_err(|_| match is_variable(&env) {
                true => de::Error::custom(format!("the environment variable `{env}` is not set")),
                // What stands here may be the secret itself, by a slip.
                false => de::Error::custom("`env` is not the name of a variable that is set; write one in capitals"),
            }),
            Source::File { file } => std::fs::read_to_string(&file)
                .map(|text| Self(text.trim_end_matches(['\r', '\n']).to_owned()))
                .map_err(|error| de::Error::custom(format!("the secret file `{file}` cannot be read: {error}"))),
        }
    }
}

impl JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let named = |key: &str| json_schema!({ "type": "object", "properties": { key: { "type": "string" } }, "required": [key] });
        json_schema!({
            "anyOf": [{ "type": "string" }, named("env"), named("file")],
            "x-type": "secret: a text, `{ env = \"NAME\" }` or `{ file = \"/path\" }`",
        })
    }
}
