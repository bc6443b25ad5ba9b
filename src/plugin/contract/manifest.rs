//! What a plugin says of itself: UTF-8 JSON in a custom section named `nightclerk:manifest` at the top level of
//! the component.

use std::{collections::BTreeMap, ops::Range};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wasm_encoder::Section;
use wasmparser::{Encoding, Payload};

use super::{
    binary::{self, Broken},
    capability::Capability,
    setting::Setting,
};
use crate::setting::is_name;

/// The custom section's name.
pub const SECTION: &str = "nightclerk:manifest";
/// A manifest of more bytes is refused.
const MAX_BYTES: usize = 64 * 1024;
const MAX_SETTINGS: usize = 100;

/// A plugin's manifest, checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of `nightclerk:plugin` it was made for: `1.0`.
    pub contract: ContractVersion,
    /// 1 to 64 of `a-z0-9-`, a letter first.
    pub name: String,
    pub version: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub author: String,
    /// What it wants to ask and do.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
    #[serde(default)]
    pub settings: BTreeMap<String, Setting>,
}

/// `<major>.<minor>` of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContractVersion {
    pub major: u32,
    pub minor: u32,
}

impl TryFrom<String> for ContractVersion {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let numbers = text
            .split_once('.')
            .and_then(|(major, minor)| Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? }));
        numbers.ok_or_else(|| format!("`{text}` is not a contract version such as `1.0`"))
    }
}

impl From<ContractVersion> for String {
    fn from(version: ContractVersion) -> Self {
        version.to_string()
    }
}

impl std::fmt::Display for ContractVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Why there is no manifest to work with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    #[error(transparent)]
    NotWasm(#[from] Broken),
    #[error("it is a core module, not a component; `nightclerk plugin build` makes one of it")]
    NotAComponent,
    #[error("it has no `{SECTION}` section; is it a nightclerk plugin?")]
    Missing,
    #[error("it has more than one `{SECTION}` section")]
    Twice,
    #[error("its manifest has {0} bytes; {MAX_BYTES} are allowed")]
    TooLong(usize),
    #[error("its manifest is not usable: {0}")]
    Invalid(String),
}

/// Reads and checks the manifest of a component. The rest of the component is looked at only as far as it takes
/// to find the section.
pub fn read(component: &[u8]) -> Result<Manifest, ManifestError> {
    let sections = Sections::find(component)?;
    if sections.encoding == Encoding::Module {
        return Err(ManifestError::NotAComponent);
    }
    parse(sections.only_manifest()?)
}

/// Checks a manifest that stands in no component.
///
/// # Errors
/// It is too long, or not what a manifest is.
pub fn of_json(manifest: &Value) -> Result<Manifest, ManifestError> {
    parse(manifest.to_string().as_bytes())
}

/// The bytes of the manifest section at the top level of a component or of a core module.
pub fn section(wasm: &[u8]) -> Result<&[u8], ManifestError> {
    Sections::find(wasm)?.only_manifest()
}

/// The component with its manifest edited. The result is checked as `read` would.
pub fn rewrite(component: &[u8], edit: impl FnOnce(&mut Value)) -> Result<Vec<u8>, ManifestError> {
    let mut manifest = serde_json::from_slice(section(component)?).map_err(invalid)?;
    edit(&mut manifest);
    let json = serde_json::to_vec(&manifest).map_err(invalid)?;
    parse(&json)?;
    Ok(attach(component, &json))
}

/// The component with this manifest in place of any it had. Nothing is checked.
pub fn attach(component: &[u8], manifest_json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(component.len() + manifest_json.len() + 32);
    let mut kept = 0;
    for (whole, _) in Sections::find(component).into_iter().flat_map(|sections| sections.manifests) {
        out.extend_from_slice(component.get(kept..whole.start).unwrap_or_default());
        kept = whole.end;
    }
    out.extend_from_slice(component.get(kept..).unwrap_or_default());
    wasm_encoder::CustomSection { name: SECTION.into(), data: manifest_json.into() }.append_to(&mut out);
    out
}

fn invalid(error: serde_json::Error) -> ManifestError {
    ManifestError::Invalid(error.to_string())
}

/// Checks the bytes of a manifest.
///
/// # Errors
/// They are too many, or not what a manifest is.
pub fn parse(json: &[u8]) -> Result<Manifest, ManifestError> {
    if json.len() > MAX_BYTES {
        return Err(ManifestError::TooLong(json.len()));
    }
    let manifest: Manifest = serde_json::from_slice(json).map_err(invalid)?;
    manifest.check().map_err(ManifestError::Invalid)?;
    Ok(manifest)
}

impl Manifest {
    fn check(&self) -> Result<(), String> {
        if !is_name(&self.name, b'-') {
            return Err("`name` takes 1 to 64 of a-z, 0-9 and `-`, a letter first".to_owned());
        }
        let plain = |text: &str, longest: usize| text.len() <= longest && !text.chars().any(char::is_control);
        if self.version.is_empty() || !plain(&self.version, 64) {
            return Err("`version` takes 1 to 64 printable characters".to_owned());
        }
        if !plain(&self.description, 1000) || !plain(&self.author, 200) {
            return Err("`description` and `author` take one printable line of at most 1000 and 200 bytes".to_owned());
        }
        if has_repeats(&self.capabilities) {
            return Err("`capabilities` names one twice".to_owned());
        }
        if self.settings.len() > MAX_SETTINGS {
            return Err(format!("`settings` has more than {MAX_SETTINGS}"));
        }
        for (key, setting) in &self.settings {
            if !is_name(key, b'_') {
                return Err(format!("the setting {key:?}: a key takes 1 to 64 of a-z, 0-9 and `_`, a letter first"));
            }
            setting.check().map_err(|why| format!("the setting `{key}`: {why}"))?;
        }
        Ok(())
    }
}

fn has_repeats<T: Ord>(items: &[T]) -> bool {
    items.iter().collect::<std::collections::BTreeSet<_>>().len() < items.len()
}

/// What the top level of a binary says.
struct Sections<'a> {
    encoding: Encoding,
    /// Where each manifest section lies as a whole, and its contents.
    manifests: Vec<(Range<usize>, &'a [u8])>,
}

impl<'a> Sections<'a> {
    fn find(wasm: &'a [u8]) -> Result<Self, ManifestError> {
        let mut found = Self { encoding: Encoding::Module, manifests: Vec::new() };
        binary::walk(wasm, |part, at| {
            match part {
                Payload::Version { encoding, .. } => found.encoding = encoding,
                Payload::CustomSection(section) if section.name() == SECTION => {
                    found.manifests.push((at, section.data()));
                }
                _ => {}
            }
            Ok::<_, ManifestError>(())
        })?;
        Ok(found)
    }

    fn only_manifest(&self) -> Result<&'a [u8], ManifestError> {
        match self.manifests.as_slice() {
            [(_, data)] => Ok(data),
            [] => Err(ManifestError::Missing),
            _ => Err(ManifestError::Twice),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn greeting() -> Value {
        json!({
            "contract": "1.0", "name": "greeting", "version": "0.1.0",
            "capabilities": ["reply", "http:api.example.com"],
            "settings": { "text": { "type": "string", "default": "Hello" } },
        })
    }

    fn component(manifest: &Value) -> Vec<u8> {
        let inner = "(component (core module (func (export \"f\")) (@custom \"nightclerk:manifest\" \"{}\")))";
        attach(&wat::parse_str(inner).unwrap(), manifest.to_string().as_bytes())
    }

    #[test]
    fn the_manifest_is_read_from_the_top_level_only() {
        let manifest = read(&component(&greeting())).unwrap();
        assert_eq!(manifest.name, "greeting");
        assert_eq!(manifest.capabilities, [Capability::Reply, "http:api.example.com".parse().unwrap()]);
        assert_eq!(manifest.settings["text"].default, Some(json!("Hello")));
    }

    #[test]
    fn a_component_can_be_given_another_manifest() {
        let before = component(&greeting());
        let after = rewrite(&before, |manifest| manifest["settings"]["text"]["default"] = json!("Hi")).unwrap();
        assert_eq!(read(&after).unwrap().settings["text"].default, Some(json!("Hi")));
        assert_eq!(rewrite(&after, |manifest| *manifest = greeting()).unwrap().len(), before.len());
        assert!(matches!(rewrite(&before, |it| it["name"] = json!("No")), Err(ManifestError::Invalid(_))));
    }

    #[test]
    fn what_is_no_plugin_is_refused_with_the_reason() {
        let whole = component(&greeting());
        assert!(matches!(read(b"not wasm at all"), Err(ManifestError::NotWasm(_))));
        assert!(matches!(read(&whole[..whole.len() / 2]), Err(ManifestError::NotWasm(_))));
        assert_eq!(read(&wat::parse_str("(module)").unwrap()), Err(ManifestError::NotAComponent));
        assert_eq!(read(&wat::parse_str("(component)").unwrap()), Err(ManifestError::Missing));
        let mut twice = whole;
        wasm_encoder::CustomSection { name: SECTION.into(), data: b"{}".into() }.append_to(&mut twice);
        assert_eq!(read(&twice), Err(ManifestError::Twice));
    }

    #[test]
    fn a_manifest_that_does_not_hold_is_refused() {
        for (key, value) in [
            ("contract", json!("one")),
            ("contract", json!(1)),
            ("name", json!("")),
            ("name", json!("Greeting")),
            ("name", json!("../greeting")),
            ("name", json!("a".repeat(65))),
            ("version", json!("")),
            ("description", json!("two\nlines")),
            ("hooks", json!(["welcome"])),
            ("capabilities", json!(["reply", "reply"])),
            ("capabilities", json!(["root"])),
            ("settings", json!({ "Text": { "type": "string" } })),
            ("settings", json!({ "text": { "type": "text" } })),
            ("settings", json!({ "text": { "type": "string", "default": 1 } })),
            ("surplus", json!(true)),
        ] {
            let mut manifest = greeting();
            manifest[key] = value;
            assert!(matches!(read(&component(&manifest)), Err(ManifestError::Invalid(_))), "{manifest}");
        }
        let mut long = greeting();
        long["settings"]["text"]["default"] = json!("x".repeat(MAX_BYTES));
        assert!(matches!(read(&component(&long)), Err(ManifestError::TooLong(_))));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = read(&bytes);
            let _ = read(&attach(&bytes, &bytes));
        }

        #[test]
        fn no_damage_to_a_component_makes_it_panic(at in 0_usize..200, byte: u8, length in 0_usize..600) {
            let mut bytes = component(&greeting());
            if let Some(target) = bytes.get_mut(at) {
                *target = byte;
            }
            bytes.truncate(length);
            let _ = read(&bytes);
            let _ = rewrite(&bytes, |_| ());
        }
    }
}
