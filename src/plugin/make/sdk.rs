//! The Rust SDK and the contract's WIT as this daemon has them, to be written out for a plugin that has no repository
//! around it.

use std::{fs, io, path::Path};

use toml_edit::{DocumentMut, Item, TableLike};

/// By path below `sdk/`.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/sdk_files.rs"));
/// The repository's own, which the SDK's inherits from.
const WORKSPACE: &str = include_str!("../../../Cargo.toml");

/// Writes the SDK into `folder`; its crate is `folder/rust`.
///
/// # Errors
/// A file cannot be written.
pub fn write_out(folder: &Path) -> io::Result<()> {
    for (name, bytes) in FILES {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        match std::str::from_utf8(bytes) {
            Ok(text) if path.ends_with("Cargo.toml") => fs::write(&path, alone(text)?)?,
            _ => fs::write(&path, bytes)?,
        }
    }
    Ok(())
}

/// Writes the contract alone into `folder`.
///
/// # Errors
/// A file cannot be written.
pub fn write_contract(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (name, bytes) in FILES {
        if let Some(file) = name.strip_prefix("wit/v1/").filter(|file| file.ends_with(".wit")) {
            fs::write(folder.join(file), bytes)?;
        }
    }
    Ok(())
}

/// A Cargo.toml of the workspace as it must be without the workspace.
fn alone(cargo_toml: &str) -> io::Result<String> {
    let parse = |text: &str| text.parse::<DocumentMut>().map_err(io::Error::other);
    let (mut document, workspace) = (parse(cargo_toml)?, parse(WORKSPACE)?);
    document.remove("lints");
    if let Some(package) = document.get_mut("package").and_then(Item::as_table_like_mut) {
        let inherited = workspace.get("workspace").and_then(|it| it.get("package"));
        settle(package, inherited);
    }
    Ok(document.to_string())
}

/// Puts the workspace's value wherever `<key>.workspace = true` stands.
fn settle(table: &mut dyn TableLike, inherited: Option<&Item>) {
    for (key, item) in table.iter_mut() {
        let inherits = item.get("workspace").and_then(Item::as_bool) == Some(true);
        if let Some(value) = inherited.and_then(|it| it.get(key.get())).filter(|_| inherits) {
            *item = value.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crate_stands_alone_and_is_otherwise_the_repositorys() {
        let folder = tempfile::tempdir().unwrap();
        write_out(folder.path()).unwrap();
        let text = fs::read_to_string(folder.path().join("rust/Cargo.toml")).unwrap();
        let written: toml::Table = toml::from_str(&text).unwrap();
        assert!(!text.contains("workspace"), "{text}");
        assert_eq!(written["package"]["version"].as_str(), Some(env!("CARGO_PKG_VERSION")));
        let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk");
        let original: toml::Table = toml::from_str(&fs::read_to_string(sdk.join("rust/Cargo.toml")).unwrap()).unwrap();
        assert_eq!(written["dependencies"], original["dependencies"]);
        assert_eq!(
            fs::read(folder.path().join("rust/src/lib.rs")).unwrap(),
            fs::read(sdk.join("rust/src/lib.rs")).unwrap()
        );
    }
}
