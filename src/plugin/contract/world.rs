//! The world `nightclerk:plugin`, generated from `sdk/wit/v1`, and whether a component keeps to it.
//!
//! A component exports one interface for each moment at which it wants to be asked, and imports what it asks for. One
//! made for an older minor version has the same names with the older version, and fewer of them: the linker matches
//! compatible versions, and the hooks are looked up one by one, so that what is added later is in nobody's way.

use std::ops::RangeInclusive;

use wasmparser::{ComponentExternalKind, ComponentTypeRef, Payload};

use super::{PluginError, binary, manifest::ContractVersion};
use crate::model::Hook;

mod bindings {
    wasmtime::component::bindgen!({
        path: "sdk/wit/v1",
        world: "imports",
        imports: { default: trappable },
    });
}

pub use bindings::{
    Imports,
    nightclerk::plugin::{catalogue, host, http, kv, orders, tickets, types},
};

const MAJOR: u32 = 1;
/// Every minor version the host ever shipped.
const MINORS: RangeInclusive<u32> = 0..=0;
/// What the names of the contract's interfaces begin with.
const PACKAGE: &str = "nightclerk:plugin/";
/// What a component may export beside hooks: what it makes of its settings once.
pub const PREPARE: &str = "nightclerk:plugin/prepare@1.0.0";
/// The interfaces a component may import, each at any version the host speaks.
const INTERFACES: [&str; 7] = ["types", "host", "orders", "catalogue", "kv", "tickets", "http"];

/// Whether the host speaks the version a manifest names.
pub fn check_version(wanted: ContractVersion) -> Result<(), PluginError> {
    if is_spoken(wanted) {
        Ok(())
    } else {
        let version = |minor: &u32| ContractVersion { major: MAJOR, minor: *minor };
        Err(PluginError::Contract { wanted, oldest: version(MINORS.start()), newest: version(MINORS.end()) })
    }
}

fn is_spoken(version: ContractVersion) -> bool {
    version.major == MAJOR && MINORS.contains(&version.minor)
}

/// A hook that a component exports, and the name of the interface it exports it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedHook {
    pub hook: Hook,
    pub interface: String,
}

impl ExportedHook {
    /// As a component exports it that was made together with this host.
    pub fn of_this_version(hook: Hook) -> Self {
        Self { hook, interface: format!("{PACKAGE}on-{hook}@{MAJOR}.{}.0", MINORS.end()) }
    }
}

/// The hooks of a component that asks for nothing but the contract. Only names are looked at; compiling and linking
/// check the types afterwards.
///
/// # Errors
/// It imports what is not offered, or exports no hook.
pub fn hooks(component: &[u8]) -> Result<Vec<ExportedHook>, PluginError> {
    let mut hooks = Vec::new();
    binary::walk(component, |part, _| {
        match part {
            Payload::ComponentImportSection(imports) => {
                for import in imports {
                    let import = import.map_err(binary::Broken::from)?;
                    // The world names the types it uses; they carry nothing.
                    if !matches!(import.ty, ComponentTypeRef::Type(_)) {
                        check_import(import.name.name)?;
                    }
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports {
                    let export = export.map_err(binary::Broken::from)?;
                    if export.kind == ComponentExternalKind::Instance {
                        hooks.extend(exported_hook(export.name.name)?);
                    }
                }
            }
            _ => {}
        }
        Ok::<_, PluginError>(())
    })?;
    if hooks.is_empty() { wrong(format!("it exports no hook, such as `{PACKAGE}on-message@1.0.0`")) } else { Ok(hooks) }
}

fn wrong<T>(what: String) -> Result<T, PluginError> {
    Err(PluginError::WrongWorld(what))
}

fn check_import(name: &str) -> Result<(), PluginError> {
    if spoken(name).is_some_and(|interface| INTERFACES.contains(&interface)) {
        return Ok(());
    }
    let hint = if name.starts_with("wasi:") { "; plugins have no WASI" } else { "" };
    wrong(format!("it imports `{name}`, which is not offered{hint}"))
}

/// The hook of an exported interface; `None` for what is not the contract's, and for `PREPARE`.
fn exported_hook(name: &str) -> Result<Option<ExportedHook>, PluginError> {
    if !name.starts_with(PACKAGE) || spoken(name) == spoken(PREPARE) {
        return Ok(None);
    }
    let word = spoken(name).and_then(|interface| interface.strip_prefix("on-"));
    match word.and_then(|word| Hook::ALL.into_iter().find(|hook| hook.to_string() == word)) {
        Some(hook) => Ok(Some(ExportedHook { hook, interface: name.to_owned() })),
        None => {
            let known: Vec<_> = Hook::ALL.iter().map(|hook| format!("on-{hook}")).collect();
            wrong(format!("it exports `{name}`, which is no hook of this host; there are {}", known.join(", ")))
        }
    }
}

/// `host` of `nightclerk:plugin/host@1.0.0`, if the version is one the host speaks.
fn spoken(name: &str) -> Option<&str> {
    let (interface, version) = name.strip_prefix(PACKAGE)?.split_once('@')?;
    let mut numbers = version.splitn(3, '.').map(|number| number.parse().ok());
    let mut number = || numbers.next().flatten();
    let (major, minor, _patch) = (number()?, number()?, number()?);
    is_spoken(ContractVersion { major, minor }).then_some(interface)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contracts_interfaces_at_known_versions_are_offered() {
        for (name, offered) in [
            ("nightclerk:plugin/host@1.0.0", true),
            ("nightclerk:plugin/types@1.0.7", true),
            ("nightclerk:plugin/host@1.1.0", false),
            ("nightclerk:plugin/host@2.0.0", false),
            ("nightclerk:plugin/host@1.0", false),
            ("nightclerk:plugin/host", false),
            ("nightclerk:plugin/secrets@1.0.0", false),
            ("nightclerk:plugin/on-message@1.0.0", false),
            ("wasi:cli/environment@0.2.0", false),
        ] {
            assert_eq!(check_import(name).is_ok(), offered, "{name}");
        }
    }

    #[test]
    fn a_hook_is_known_by_its_interface() {
        for hook in Hook::ALL {
            let interface = format!("nightclerk:plugin/on-{hook}@1.0.3");
            assert_eq!(exported_hook(&interface).unwrap(), Some(ExportedHook { hook, interface }));
        }
        for beside in ["my:own/interface@1.0.0", PREPARE] {
            assert_eq!(exported_hook(beside).unwrap(), None);
        }
        for misspelt in ["on-mesage@1.0.0", "on-message@1.9.0", "prepare@1.9.0"] {
            let misspelt = &format!("{PACKAGE}{misspelt}");
            assert!(exported_hook(misspelt).unwrap_err().to_string().contains("no hook of this host"), "{misspelt}");
        }
    }
}
