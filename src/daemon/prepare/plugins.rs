//! What `plugins.toml` says, held against the plugins that are there.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use crate::{
    config::PluginsConfig,
    engine::StoreSettings,
    plugin::{
        contract::{Capability, FileKind, Manifest, PluginError, manifest, plugin_name},
        host::{PluginEntry, folder},
        shipped,
    },
    setting::{Problem, hint},
};

const FILE: &str = "plugins.toml";

/// A file of the plugins folder, or one that the daemon brings along in its place.
pub struct PluginFile {
    pub path: PathBuf,
    /// Its contents, where it is the daemon's.
    shipped: Option<&'static [u8]>,
    /// What it says of itself, or why it cannot be a plugin.
    pub manifest: Result<Manifest, PluginError>,
}

impl PluginFile {
    fn read(path: PathBuf, shipped: Option<&'static [u8]>) -> Self {
        let mut file = Self { path, shipped, manifest: Err(PluginError::Unknown(String::new())) };
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        file.manifest = match FileKind::of(&name) {
            // To know it, the script would have to be run.
            Some(FileKind::Script | FileKind::TypedScript) => Err(PluginError::NotEvaluated),
            _ => file.bytes().and_then(|bytes| Ok(manifest::read(&bytes)?)),
        };
        file
    }

    /// What it holds.
    ///
    /// # Errors
    /// It is no ordinary file, too large, or cannot be read.
    pub fn bytes(&self) -> Result<Cow<'static, [u8]>, PluginError> {
        match self.shipped {
            Some(bytes) => Ok(bytes.into()),
            None => Ok(folder::read(&self.path)?.unwrap_or_default().into()),
        }
    }

    /// The plugin's name: its manifest's, else its file's.
    fn name(&self) -> Option<&str> {
        match &self.manifest {
            Ok(manifest) => Some(&manifest.name),
            Err(_) => self.path.file_stem()?.to_str(),
        }
    }
}

/// Reads what lies in the folder and what the daemon brings along, by file name.
pub fn survey(config: &PluginsConfig) -> Vec<PluginFile> {
    let dir = &config.dir;
    let files = folder::plugin_files(dir).unwrap_or_default().into_iter();
    let lying = files.filter(|file| config.second_version_of(file).is_none()).map(|file| (file, None));
    let shipped = shipped::beside(dir).map(|(file, bytes)| (file.to_owned(), Some(bytes)));
    let mut files: Vec<_> = lying.chain(shipped).collect();
    files.sort_unstable();
    files.into_iter().map(|(file, shipped)| PluginFile::read(dir.join(file), shipped)).collect()
}

/// Entries for plugins that are not there, and settings that theirs do not have or cannot be.
pub fn problems(entries: &BTreeMap<String, PluginEntry>, files: &[PluginFile]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, entry) in entries {
        let mut found = files.iter().filter(|file| file.name() == Some(name)).peekable();
        if found.peek().is_none() {
            let known: BTreeSet<_> = files.iter().filter_map(PluginFile::name).collect();
            let message = format!("there is no plugin `{name}`");
            problems.push(Problem::new(FILE, [name.as_str().into()], message).hint(hint(name, known)));
        }
        problems.extend(second_version(name, entry));
        if entry.enabled {
            let manifests = found.filter_map(|file| file.manifest.as_ref().ok());
            problems.extend(manifests.flat_map(|manifest| unsettled(name, manifest, entry)));
        }
    }
    problems
}

/// What is wrong with the second version that an entry names.
pub fn second_version(name: &str, entry: &PluginEntry) -> Option<Problem> {
    let at = |key: &str| [name.into(), key.into()];
    match &entry.shadow {
        None if entry.canary > 0 => Some(
            Problem::new(FILE, at("canary"), "there is no second version that could answer")
                .hint("name its file: `shadow = \"…\"`"),
        ),
        Some(file) if file.contains('/') || FileKind::of(file).is_none() => Some(
            Problem::new(FILE, at("shadow"), format!("`{file}` is no plugin's file in the plugins folder"))
                .hint("write its name alone, as in `shadow = \"hello-next.js\"`"),
        ),
        Some(file) if plugin_name(file) == name => Some(
            Problem::new(FILE, at("shadow"), format!("`{file}` is the file of the version in place"))
                .hint("the second version's file is called otherwise, as in `shadow = \"hello-next.js\"`"),
        ),
        _ => None,
    }
}

/// Teams and people that a plugin may tell of things, and who would never hear of it.
pub fn unheard(entries: &BTreeMap<String, PluginEntry>, files: &[PluginFile], store: &StoreSettings) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, entry) in entries.iter().filter(|(_, entry)| entry.enabled) {
        let manifests = files.iter().filter(|it| it.name() == Some(name)).filter_map(|it| it.manifest.as_ref().ok());
        // What is granted by name, and what a grant without a name comes to for this plugin.
        let granted = manifests.flat_map(|manifest| entry.granted(&manifest.capabilities));
        let all: BTreeSet<_> = entry.grants.iter().cloned().chain(granted).collect();
        for to in all.iter().filter_map(Capability::told) {
            if let Some((message, hint)) = store.why_unheard(to) {
                let path = [name.as_str().into(), "grants".into()];
                problems.push(Problem::new(FILE, path, format!("`notify:{to}`: {message}")).hint(hint));
            }
        }
    }
    problems
}

/// What keeps the entry's settings from being the plugin's.
fn unsettled(name: &str, manifest: &Manifest, entry: &PluginEntry) -> Vec<Problem> {
    let at = |key: &str| [name.into(), "settings".into(), key.into()];
    let declared = &manifest.settings;
    let given = entry.settings.iter().filter_map(|(key, value)| match declared.get(key) {
        None => {
            let known = declared.keys().map(String::as_str);
            let message = format!("the plugin {name} has no setting `{key}`");
            Some(Problem::new(FILE, at(key), message).hint(hint(key, known)))
        }
        Some(setting) => {
            let why = setting.accept(value).err()?;
            let message = format!("the plugin {name} does not take this for `{key}`: {why}");
            let description = Some(setting.description.as_str()).filter(|it| !it.is_empty());
            Some(Problem::new(FILE, at(key), message).hint(description.unwrap_or("see its description").to_owned()))
        }
    });
    let missing = declared.iter().filter(|(key, it)| it.default.is_none() && !entry.settings.contains_key(*key));
    let missing = missing.map(|(key, _)| {
        let message = format!("the plugin {name} needs its setting `{key}`");
        let hint = format!("add it under [{name}.settings]");
        Problem::new(FILE, [name.into(), "settings".into()], message).hint(hint)
    });
    given.chain(missing).collect()
}
