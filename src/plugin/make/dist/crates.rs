//! The packages of this repository that the shipped plugins are made of.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use toml::{Table, Value};

use super::manifest::{self, InputError};

/// Members of the workspace below this folder are shipped.
const PLUGINS: &str = "plugins/";

/// A package that lies in the repository.
pub struct Crate {
    /// From the root.
    pub folder: PathBuf,
    /// The names of the packages it is built with.
    pub dependencies: BTreeSet<String>,
}

/// The folders of the shipped plugins, from the root.
pub fn shipped(root: &Path) -> Result<Vec<PathBuf>, InputError> {
    let workspace: Table = manifest::read(&root.join("Cargo.toml"))?;
    let members = manifest::value(&workspace, &["workspace", "members"]).and_then(Value::as_array);
    let members = members.into_iter().flatten().filter_map(Value::as_str);
    Ok(members.filter(|member| member.starts_with(PLUGINS)).map(PathBuf::from).collect())
}

/// The shipped plugins and what they reach by path, each under its package's name.
pub fn local(root: &Path) -> Result<BTreeMap<String, Crate>, InputError> {
    let mut found: BTreeMap<String, Crate> = BTreeMap::new();
    let mut waiting = shipped(root)?;
    while let Some(folder) = waiting.pop() {
        if found.values().any(|it| it.folder == folder) {
            continue;
        }
        let path = root.join(&folder).join("Cargo.toml");
        let manifest: Table = manifest::read(&path)?;
        let name = manifest::value(&manifest, &["package", "name"]).and_then(Value::as_str);
        let name = name.ok_or_else(|| InputError::broken(&path, "it has no package.name"))?.to_owned();
        let mut dependencies = BTreeSet::new();
        for (key, wish) in manifest::dependencies(&manifest) {
            dependencies.insert(wish.get("package").and_then(Value::as_str).unwrap_or(key).to_owned());
            if let Some(at) = wish.get("path").and_then(Value::as_str) {
                waiting.push(from_root(root, &folder.join(at))?);
            }
        }
        found.insert(name, Crate { folder, dependencies });
    }
    Ok(found)
}

/// A folder's path from the root, without `..`.
fn from_root(root: &Path, folder: &Path) -> Result<PathBuf, InputError> {
    let absolute = |path: &Path| fs::canonicalize(path).map_err(|why| InputError::read(path, why));
    let folder = absolute(&root.join(folder))?;
    let inside = folder.strip_prefix(absolute(root)?);
    inside.map(Path::to_owned).map_err(|_| InputError::broken(&folder, "it lies outside the repository"))
}
