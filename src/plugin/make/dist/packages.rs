//! The published packages that reach a component, as Cargo.lock pins them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::crates::Crate;

/// The daemon's package, and the one with which it makes components of what the compiler leaves.
const PACKAGER: (&str, &str) = ("nightclerk", "wit-component");

#[derive(Deserialize)]
pub struct CargoLock {
    #[serde(rename = "package")]
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    /// `None` for one of this repository.
    source: Option<String>,
    checksum: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

impl CargoLock {
    /// `name version checksum` of each package that `crates` or the packager are built with. A change of anything
    /// else the daemon depends on leaves the lines as they are.
    ///
    /// # Errors
    /// What is missing.
    pub fn reached_from(&self, crates: &BTreeMap<String, Crate>) -> Result<BTreeSet<String>, String> {
        let (daemon, packager) = PACKAGER;
        let packaging = self.package(daemon)?.dependencies.iter().find(|it| name_of(it) == packager);
        let packaging = packaging.ok_or_else(|| format!("`{daemon}` does not depend on `{packager}`"))?;
        let mut waiting = vec![self.package(packaging)?];
        for name in crates.keys() {
            waiting.push(self.package(name)?);
        }
        let mut seen = BTreeSet::new();
        let mut lines = BTreeSet::new();
        while let Some(package) = waiting.pop() {
            let Package { name, version, checksum, .. } = package;
            if !seen.insert((name, version)) {
                continue;
            }
            let local = crates.get(name);
            if package.source.is_some() {
                lines.insert(format!("{name} {version} {}", checksum.as_deref().unwrap_or_default()));
            } else if local.is_none() {
                return Err(format!("no path leads to `{name}`, which is not published"));
            }
            for wish in &package.dependencies {
                if local.is_none_or(|it| it.dependencies.contains(name_of(wish))) {
                    waiting.push(self.package(wish)?);
                }
            }
        }
        Ok(lines)
    }

    /// What a line of `dependencies` means: `name`, or `name version` where there are several.
    fn package(&self, wish: &str) -> Result<&Package, String> {
        let mut words = wish.split(' ');
        let (name, version) = (words.next(), words.next());
        let fits =
            |it: &&Package| name == Some(it.name.as_str()) && version.is_none_or(|version| version == it.version);
        self.packages.iter().find(fits).ok_or_else(|| format!("`{wish}` is not in it"))
    }
}

fn name_of(wish: &str) -> &str {
    wish.split(' ').next().unwrap_or_default()
}
