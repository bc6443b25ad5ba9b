//! What a script exports, made into the manifest and the hooks that every plugin has.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{CONTRACT, wishes};
use crate::{
    model::Hook,
    plugin::contract::{Manifest, PluginError, manifest},
};

/// The version of a script that says none.
const NO_VERSION: &str = "0";

/// What the daemon knows of a script that was evaluated.
pub struct Described {
    pub manifest: Manifest,
    pub hooks: Vec<Hook>,
}

/// The engine's answer to a script.
#[derive(Deserialize)]
struct Exports {
    manifest: Option<Map<String, Value>>,
    hooks: Vec<Hook>,
    /// The names of what else is exported.
    others: Vec<String>,
}

/// Takes what the engine says of the script that is the plugin `name`.
///
/// # Errors
/// It exports no hook, or its manifest is not usable.
pub fn describe(name: &str, exports: &str, source: &str) -> Result<Described, PluginError> {
    let unusable = |why: String| PluginError::Script(format!("its `export const manifest` is not usable: {why}"));
    let exports: Exports = serde_json::from_str(exports).map_err(|error| unusable(error.to_string()))?;
    if exports.hooks.is_empty() {
        return Err(PluginError::Script(no_hook(&exports.others)));
    }
    let mut manifest = exports.manifest.unwrap_or_default();
    let mut default = |key: &str, value: Value| _ = manifest.entry(key).or_insert(value);
    default("contract", json!(CONTRACT));
    default("name", json!(name));
    default("version", json!(NO_VERSION));
    default("capabilities", json!(wishes::of(source)));
    let manifest = manifest::of_json(&Value::Object(manifest)).map_err(|error| match error {
        manifest::ManifestError::Invalid(why) => unusable(why),
        other => other.into(),
    })?;
    Ok(Described { manifest, hooks: exports.hooks })
}

fn no_hook(others: &[String]) -> String {
    let hooks = "export a function welcome, message, order, paymentReminder, shippingNotice, reviewRequest, timer, \
                 shiftBegins or daily";
    match others {
        [] => format!("it exports no hook; {hooks}"),
        others => format!("it exports no hook, only `{}`; {hooks}", others.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::contract::Capability;

    fn described(exports: &str) -> Result<Described, String> {
        describe("hello", exports, "export function message() { clerk.kv.get(\"a\") }")
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_script_needs_no_manifest_and_its_wishes_are_found() {
        let Described { manifest, hooks } =
            described(r#"{ "manifest": null, "hooks": ["message"], "others": [] }"#).unwrap();
        assert_eq!((manifest.name.as_str(), manifest.version.as_str(), hooks), ("hello", "0", vec![Hook::Message]));
        assert_eq!(manifest.capabilities, [Capability::Reply, Capability::Kv]);
    }

    #[test]
    fn a_manifest_is_held_to_what_every_manifest_is_held_to() {
        let said = described(
            r#"{ "manifest": { "version": "1.2", "capabilities": ["tag"] }, "hooks": ["daily"], "others": [] }"#,
        );
        assert_eq!(said.unwrap().manifest.capabilities, [Capability::Tag]);
        for manifest in [r#"{ "hook": [] }"#, r#"{ "version": 1 }"#, r#"{ "capabilities": ["root"] }"#] {
            let why = described(&format!(r#"{{ "manifest": {manifest}, "hooks": ["daily"], "others": [] }}"#));
            assert!(why.err().unwrap().starts_with("its `export const manifest` is not usable: "), "{manifest}");
        }
    }

    #[test]
    fn who_exports_no_hook_is_told_which_there_are() {
        let why = described(r#"{ "manifest": null, "hooks": [], "others": ["mesage"] }"#).err().unwrap();
        assert!(why.starts_with("it exports no hook, only `mesage`; export a function welcome, message,"), "{why}");
    }
}
