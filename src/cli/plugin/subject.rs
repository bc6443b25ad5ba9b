//! The plugin a command is about, by its name or its file, and the store around it, if there is one.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
    sync::Arc,
};

use indicatif::ProgressBar;
use miette::{IntoDiagnostic, Report, miette};

use super::configuration;
use crate::{
    config::{Config, PluginsConfig, words_of},
    plugin::{
        contract::{PluginError, files_of, plugin_name},
        host::{CallLimits, CheckReport, PluginEntry, folder, workbench::Workbench},
        shipped,
    },
    setting::Words,
    template,
};

/// The store whose folder a command is run on.
pub struct Around {
    /// `None` where there is no configuration: an author's folder need not be a shop's.
    pub config: Option<Arc<Config>>,
    pub words: Words,
}

/// A plugin's file.
pub struct Subject {
    /// As it is, or would be, called in the plugins folder.
    pub file: String,
    pub bytes: Cow<'static, [u8]>,
    /// Where it lies; `None` for one that comes with the clerk.
    pub path: Option<PathBuf>,
}

impl Around {
    /// # Errors
    /// The configuration that is there has mistakes.
    pub fn of(config_dir: &Path) -> Result<Self, Report> {
        let words = if config_dir.is_dir() { words_of(config_dir) } else { Words::default() };
        Ok(Self { config: configuration(config_dir)?.map(Arc::new), words })
    }

    pub fn plugins(&self) -> Option<&PluginsConfig> {
        self.config.as_ref().map(|config| &config.plugins)
    }

    /// What `plugins.toml` says of a plugin.
    pub fn entry(&self, name: &str) -> Option<&PluginEntry> {
        self.plugins()?.plugins.get(name)
    }

    /// The plugins folder, else where one is.
    pub fn plugins_dir(&self) -> PathBuf {
        self.plugins().map_or_else(|| PathBuf::from("."), |plugins| plugins.dir.clone())
    }

    /// What plugins are tried with: the store's limits, and its compiled code where a clerk has run on it.
    ///
    /// # Errors
    /// The system lacks the address space.
    pub fn workbench(&self) -> Result<Workbench, Report> {
        match &self.config {
            Some(config) => workbench(&config.plugins, Some(&config.data_dir)),
            None => Workbench::new(CallLimits::default(), template::render, None).map_err(|error| miette!("{error}")),
        }
    }

    /// Does with a file what the daemon does before it loads it.
    ///
    /// # Errors
    /// Why the daemon would refuse it.
    pub fn check(&self, workbench: &Workbench, file: &str, bytes: &[u8]) -> Result<CheckReport, PluginError> {
        waiting(workbench, file, || workbench.check(file, bytes, |name| self.entry(name).cloned()))
    }

    /// The plugin of a file, else of a name: in the plugins folder, else among those that come with the clerk.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn find(&self, what: &str) -> Result<Subject, Report> {
        let path = Path::new(what);
        if path.is_file() {
            return Subject::read(path);
        }
        self.named(what)?.ok_or_else(|| {
            let dir = self.plugins_dir();
            miette!(
                help = "name a file, or a plugin that `nightclerk plugin list` shows",
                "there is no file `{what}`, and no plugin of that name in {}",
                dir.display()
            )
        })
    }

    /// The plugin of a name that is in place now.
    ///
    /// # Errors
    /// Its file cannot be read.
    pub fn named(&self, name: &str) -> Result<Option<Subject>, Report> {
        let dir = self.plugins_dir();
        if let Some(file) = files_of(&dir, name).first() {
            return Subject::read(&dir.join(file)).map(Some);
        }
        let found = shipped::SHIPPED.iter().find(|(file, _)| plugin_name(file) == name);
        Ok(found.map(|(file, bytes)| Subject { file: (*file).to_owned(), bytes: Cow::Borrowed(*bytes), path: None }))
    }
}

/// What plugins are tried with: the store's limits, and its compiled code where a clerk has run on `data_dir`.
///
/// # Errors
/// The system lacks the address space.
pub fn workbench(config: &PluginsConfig, data_dir: Option<&Path>) -> Result<Workbench, Report> {
    let new = |cache: Option<&Path>| Workbench::new(config.limits(), template::render, cache);
    // What cannot be written to is done without.
    let cache = data_dir.map(|dir| config.cache_dir(dir)).filter(|dir| dir.is_dir());
    let cached = cache.and_then(|dir| new(Some(&dir)).ok());
    cached.map_or_else(|| new(None), Ok).map_err(|error| miette!("{error}"))
}

impl Subject {
    pub fn read(path: &Path) -> Result<Self, Report> {
        let bytes = folder::read_there(path).map_err(|error| miette!("{}: {error}", path.display()))?;
        let file = path.file_name().unwrap_or_default().to_str();
        let file = file.ok_or_else(|| miette!("{}: its name is not UTF-8", path.display()))?.to_owned();
        Ok(Self { file, bytes: Cow::Owned(bytes), path: Some(path.to_owned()) })
    }

    /// Where it lies, for messages.
    pub fn shown(&self) -> String {
        self.path
            .as_ref()
            .map_or_else(|| format!("{} (comes with the clerk)", self.file), |path| path.display().to_string())
    }
}

/// Shows that something is under way which may take seconds.
pub fn waiting<T>(workbench: &Workbench, file: &str, work: impl FnOnce() -> T) -> T {
    if !workbench.is_slow_for(file) {
        return work();
    }
    let spinner = ProgressBar::new_spinner().with_message("compiling the script engine");
    spinner.enable_steady_tick(std::time::Duration::from_millis(120));
    let done = work();
    spinner.finish_and_clear();
    done
}

/// JSON for other programs.
pub fn pretty(value: &impl serde::Serialize) -> Result<String, Report> {
    serde_json::to_string_pretty(value).into_diagnostic()
}
