//! What the shipped components are made from: all that can change a byte of them, and nothing of the daemon's.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use sha2::{Digest, Sha256};
use toml::{Table, Value};

use super::{
    crates,
    manifest::{self, InputError},
    packages::CargoLock,
};

/// The contract, the script engine with the versions of all that it is built with, and how guests are compiled and packaged.
const TREES: [&str; 4] = ["sdk/wit", "sdk/js/engine", "src/plugin/make/flags.rs", "src/plugin/make/package.rs"];
/// Names that, by the habits of this repository and of cargo, no plugin is compiled from.
const NOT_COMPILED: [&str; 7] = ["tests", "tests.rs", "testing", "template", "examples", "benches", "target"];
/// What the workspace's Cargo.toml decides for its members.
const OF_THE_WORKSPACE: [&[&str]; 5] = [
    &["workspace", "package"],
    &["workspace", "dependencies"],
    &["workspace", "resolver"],
    &["profile", "release"],
    &["patch"],
];

/// SHA-256 of every input, by its path from the root of the repository. Line endings do not matter.
///
/// # Errors
/// One cannot be read, or is not what it should be.
pub fn inputs(root: &Path) -> Result<BTreeMap<String, String>, InputError> {
    let crates = crates::local(root)?;
    let mut inputs = BTreeMap::new();
    for tree in crates.values().map(|it| it.folder.as_path()).chain(TREES.map(Path::new)) {
        collect(root, tree, &mut inputs)?;
    }
    let workspace: Table = manifest::read(&root.join("Cargo.toml"))?;
    let mut settings = BTreeSet::new();
    for keys in OF_THE_WORKSPACE {
        if let Some(value) = manifest::value(&workspace, keys) {
            flatten(keys.join("."), value, &mut settings);
        }
    }
    inputs.insert("Cargo.toml".to_owned(), sha256(lines(settings).as_bytes()));
    let path = root.join("Cargo.lock");
    let packages = manifest::read::<CargoLock>(&path)?.reached_from(&crates);
    let packages = packages.map_err(|why| InputError::broken(&path, why))?;
    inputs.insert("Cargo.lock".to_owned(), sha256(lines(packages).as_bytes()));
    Ok(inputs)
}

/// In hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A file, or all files of a folder but hidden ones, documents and what is not compiled.
fn collect(root: &Path, at: &Path, inputs: &mut BTreeMap<String, String>) -> Result<(), InputError> {
    let path = root.join(at);
    if !path.is_dir() {
        let bytes = fs::read(&path).map_err(|why| InputError::read(&path, why))?;
        let hash = match str::from_utf8(&bytes) {
            Ok(text) => sha256(text.replace("\r\n", "\n").as_bytes()),
            Err(_) => sha256(&bytes),
        };
        inputs.insert(at.to_string_lossy().into_owned(), hash);
        return Ok(());
    }
    for entry in fs::read_dir(&path).map_err(|why| InputError::read(&path, why))? {
        let name = entry.map_err(|why| InputError::read(&path, why))?.file_name();
        let shown = name.to_string_lossy();
        if !(shown.starts_with('.') || shown.ends_with(".md") || NOT_COMPILED.contains(&&*shown)) {
            collect(root, &at.join(&name), inputs)?;
        }
    }
    Ok(())
}

/// One line for each value that lies under a name.
fn flatten(name: String, value: &Value, lines: &mut BTreeSet<String>) {
    match value {
        Value::Table(table) => table.iter().for_each(|(key, value)| flatten(format!("{name}.{key}"), value, lines)),
        other => _ = lines.insert(format!("{name} = {other}")),
    }
}

fn lines(lines: BTreeSet<String>) -> String {
    lines.into_iter().map(|line| line + "\n").collect()
}
