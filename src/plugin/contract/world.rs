//! The world `nightclerk:plugin`, generated from `sdk/wit/nightclerk.wit`, and whether a component keeps to it.
//!
//! A component made for an older minor version imports and exports the same names with the older version. While
//! a minor version only adds functions, the linker matches the two. One that changes a type gets bindings of its
//! own beside these, and `load` chooses by the manifest.

use std::ops::RangeInclusive;

use wasmparser::{ComponentExternalKind, ComponentTypeRef, Payload};

use super::{PluginError, binary, manifest::ContractVersion};

mod bindings {
    wasmtime::component::bindgen!({
        path: "sdk/wit",
        world: "plugin",
        imports: { default: trappable },
    });
}

pub use bindings::{
    Plugin, PluginPre,
    nightclerk::plugin::{host, types},
};

const MAJOR: u32 = 1;
/// Every minor version the host ever shipped.
const MINORS: RangeInclusive<u32> = 0..=0;
/// The interfaces a component may import, each at any version the host speaks.
const INTERFACES: [&str; 2] = ["nightclerk:plugin/host", "nightclerk:plugin/types"];
/// What it must export.
const HANDLE: &str = "handle";

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

/// Whether a component asks for nothing but the contract and offers what the contract says, by name. Compiling and
/// linking check the types afterwards.
pub fn check_world(component: &[u8]) -> Result<(), PluginError> {
    let wrong = |what: String| Err(PluginError::WrongWorld(what));
    let mut handles = false;
    binary::walk(component, |part, _| {
        match part {
            Payload::ComponentImportSection(imports) => {
                for import in imports {
                    let import = import.map_err(binary::Broken::from)?;
                    // The world names the types it uses; they carry nothing.
                    let is_type = matches!(import.ty, ComponentTypeRef::Type(_));
                    if !is_type && !is_offered(import.name.name) {
                        let name = import.name.name;
                        let hint = if name.starts_with("wasi:") { "; plugins have no WASI" } else { "" };
                        return wrong(format!("it imports `{name}`, which is not offered{hint}"));
                    }
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports {
                    let export = export.map_err(binary::Broken::from)?;
                    handles |= export.name.name == HANDLE && export.kind == ComponentExternalKind::Func;
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    if handles { Ok(()) } else { wrong(format!("it does not export the function `{HANDLE}`")) }
}

/// Whether `name`, as in `nightclerk:plugin/host@1.0.0`, is an interface at a version the host speaks.
fn is_offered(name: &str) -> bool {
    let Some((interface, version)) = name.split_once('@') else { return false };
    let mut numbers = version.splitn(3, '.').map(|number| number.parse().ok());
    let mut number = || numbers.next().flatten();
    let (Some(major), Some(minor), Some(_patch)) = (number(), number(), number()) else { return false };
    INTERFACES.contains(&interface) && is_spoken(ContractVersion { major, minor })
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
            ("wasi:cli/environment@0.2.0", false),
        ] {
            assert_eq!(is_offered(name), offered, "{name}");
        }
    }
}
