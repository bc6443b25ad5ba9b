//! Makes a component of what the compiler left: checks what the core module asks for, wraps it, and lifts its
//! manifest to where the daemon reads it.

use wasm_encoder::RawSection;
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

use crate::plugin::contract::manifest::{self, Manifest, ManifestError};

/// The one interface a plugin may import, in any 1.x.
const HOST: &str = "nightclerk:plugin/";

/// Why a core module makes no plugin.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    #[error("it is not a usable WebAssembly module: {0}")]
    NotAModule(String),
    #[error("it carries no manifest; does it call `nightclerk_sdk::plugin!`?")]
    NoManifest,
    #[error(
        "it imports `{module}` `{name}`: a plugin has nothing but the functions of nightclerk:plugin; \
         some dependency wants an operating system or a browser"
    )]
    ForeignImport { module: String, name: String },
    #[error("it cannot be made a component: {0}")]
    NotAComponent(String),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

/// A plugin, ready for the plugins folder.
pub struct Packaged {
    pub manifest: Manifest,
    pub component: Vec<u8>,
}

/// Whether these bytes are a module, and no component yet.
pub fn is_core_module(bytes: &[u8]) -> bool {
    Parser::is_core_wasm(bytes)
}

/// Wraps a core module that was built with an SDK, or of what wit-bindgen wrote.
///
/// # Errors
/// The module is broken, has no manifest or a wrong one, or imports anything but the contract.
pub fn package(module: &[u8]) -> Result<Packaged, PackageError> {
    let Parts { manifest, bare } = take_apart(module)?;
    let component = ComponentEncoder::default()
        .validate(true)
        .module(&bare)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| PackageError::NotAComponent(format!("{error:#}")))?;
    let component = manifest::attach(&component, &manifest);
    Ok(Packaged { manifest: manifest::read(&component)?, component })
}

struct Parts {
    manifest: Vec<u8>,
    /// The module without its manifest, which would only lie in the component a second time.
    bare: Vec<u8>,
}

fn take_apart(module: &[u8]) -> Result<Parts, PackageError> {
    let broken = |error: wasmparser::BinaryReaderError| PackageError::NotAModule(error.to_string());
    let mut manifest = None;
    let mut bare = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(broken)?;
        match &payload {
            Payload::Version { encoding: wasmparser::Encoding::Component, .. } => {
                return Err(PackageError::NotAModule("it is a component already".to_owned()));
            }
            Payload::CustomSection(section) if section.name() == manifest::SECTION => {
                manifest = Some(section.data().to_vec());
                continue;
            }
            Payload::ImportSection(imports) => {
                for import in imports.clone().into_imports() {
                    let import = import.map_err(broken)?;
                    if !import.module.starts_with(HOST) {
                        let (module, name) = (import.module.to_owned(), import.name.to_owned());
                        return Err(PackageError::ForeignImport { module, name });
                    }
                }
            }
            _ => {}
        }
        if let Some((id, range)) = payload.as_section() {
            let data = module.get(range).unwrap_or_default();
            bare.section(&RawSection { id, data });
        }
    }
    Ok(Parts { manifest: manifest.ok_or(PackageError::NoManifest)?, bare: bare.finish() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_manifest(wat: &str) -> Vec<u8> {
        let manifest = r#"{"contract":"1.0","name":"x","version":"1"}"#;
        manifest::attach(&wat::parse_str(wat).unwrap(), manifest.as_bytes())
    }

    fn refusal(module: &[u8]) -> String {
        package(module).err().expect("it is refused").to_string()
    }

    #[test]
    fn a_module_without_manifest_is_refused() {
        assert!(refusal(&wat::parse_str("(module)").unwrap()).contains("no manifest"));
    }

    #[test]
    fn a_module_that_wants_a_system_is_refused_by_the_name_of_what_it_wants() {
        let module = with_manifest(r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)))"#);
        let why = refusal(&module);
        assert!(why.contains("wasi_snapshot_preview1") && why.contains("fd_write"), "{why}");
    }

    #[test]
    fn what_is_no_module_is_refused() {
        for bytes in [b"".as_slice(), b"\0asm", b"hello, world", &wat::parse_str("(component)").unwrap()] {
            assert!(refusal(bytes).contains("not a usable"), "{bytes:?}");
        }
    }

    #[test]
    fn a_module_that_does_not_speak_the_contract_makes_no_component() {
        let module = with_manifest(r#"(module (import "nightclerk:plugin/host@1.0.0" "launch-missiles" (func)))"#);
        assert!(refusal(&module).contains("cannot be made a component"));
    }
}
