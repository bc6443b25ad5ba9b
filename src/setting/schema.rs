//! What the description of settings says of types that are written as texts.

/// Declares that a type is written as a text, and what to call such a text.
macro_rules! written_as_text {
    ($type:ty, $words:literal) => {
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "x-type": $words })
            }
        }
    };
}

pub(crate) use written_as_text;
