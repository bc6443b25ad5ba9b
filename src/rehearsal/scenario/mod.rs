//! Stories that an owner writes down, and what the clerk is expected to say in them.
//!
//! A file of `tests/` in the configuration folder, or `<plugin>.test.toml` beside a plugin, holds scenarios. Each is
//! played on a stage of its own, with the configuration and plugins that the daemon would run.

mod disguise;
mod expected;
mod file;
mod play;
mod record;
mod settle;
mod when;

use std::path::{Path, PathBuf};

pub use expected::Miss;
pub use file::{ActionWords, OrderReport, OrderWord, Outside, Scenario, ScenarioFile, Sent, StaffDoes, Step};
pub use play::{Heard, Outcome, answers, play};
pub use record::{record, without};
pub use settle::problems;
pub use when::{Day, USUAL_DAY, When};

use crate::plugin::contract::plugin_name;

/// The folder of the owner's scenarios within the configuration folder.
pub const FOLDER: &str = "tests";
/// How a file of scenarios beside a plugin ends, after the plugin's name.
const BESIDE: &str = ".test.toml";

/// The files of scenarios in a folder, by name.
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    files(folder, |name| name.ends_with(".toml") && !name.starts_with('.'))
}

/// What the file of scenarios beside a plugin is called.
pub fn file_beside(plugin: &str) -> String {
    format!("{plugin}{BESIDE}")
}

/// The files of scenarios beside plugins, by name: of the one plugin, where it is named.
pub fn files_beside(plugins: &Path, plugin: Option<&str>) -> Vec<PathBuf> {
    files(plugins, |name| {
        name.strip_suffix(BESIDE).is_some_and(|stem| plugin.is_none_or(|plugin| plugin_name(plugin) == stem))
    })
}

fn files(folder: &Path, is_one: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_one = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).is_some_and(&is_one);
    let mut files: Vec<_> = entries.filter(is_one).collect();
    files.sort_unstable();
    files
}
