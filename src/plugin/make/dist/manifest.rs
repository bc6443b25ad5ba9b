//! Reading Cargo's files.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use toml::{Table, Value};

/// Dependencies under this condition stand in for the daemon in tests, and reach no component.
const OFF_WASM: &str = r#"cfg(not(target_arch = "wasm32"))"#;

/// Why the inputs of the shipped components cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    #[error("{} cannot be read: {why}", path.display())]
    Read { path: PathBuf, why: io::Error },
    #[error("{} is not usable: {why}", path.display())]
    Broken { path: PathBuf, why: String },
}

impl InputError {
    pub fn read(path: &Path, why: io::Error) -> Self {
        Self::Read { path: path.to_owned(), why }
    }

    pub fn broken(path: &Path, why: impl ToString) -> Self {
        Self::Broken { path: path.to_owned(), why: why.to_string() }
    }
}

pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, InputError> {
    let text = fs::read_to_string(path).map_err(|why| InputError::read(path, why))?;
    toml::from_str(&text).map_err(|error| InputError::broken(path, error))
}

/// What lies under `keys`.
pub fn value<'a>(table: &'a Table, keys: &[&str]) -> Option<&'a Value> {
    let (first, rest) = keys.split_first()?;
    rest.iter().try_fold(table.get(*first)?, |value, key| value.get(*key))
}

/// Name and wish of each dependency that may reach a component.
pub fn dependencies(manifest: &Table) -> impl Iterator<Item = (&String, &Value)> {
    let conditional = manifest.get("target").and_then(Value::as_table).into_iter().flatten();
    let on_wasm = conditional.filter(|(condition, _)| *condition != OFF_WASM).filter_map(|(_, it)| it.as_table());
    let tables = std::iter::once(manifest).chain(on_wasm);
    let kinds = |table| ["dependencies", "build-dependencies"].map(|kind| value(table, &[kind])?.as_table());
    tables.flat_map(kinds).flatten().flatten()
}
