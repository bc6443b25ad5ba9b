//! A call that an author asks for: of which plugin, at which moment, with what.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use jiff::tz::TimeZone;
use miette::{IntoDiagnostic, Report, WrapErr, miette};
use serde::Deserialize;

use super::subject::{Around, waiting};
use crate::{
    clock,
    model::Hook,
    plugin::{
        contract::plugin_name,
        host::{
            PluginEntry,
            scene::{Facts, Given, GivenMessage, Scene, Search, StoreScene, sample},
            workbench::{Loaded, Workbench},
        },
    },
};

#[derive(Args)]
pub struct CallArgs {
    /// The plugin's name, or its file.
    #[arg(value_name = "NAME|FILE")]
    plugin: String,
    /// The moment it is asked at, such as `message` or `payment-reminder`; the only one it hooks unless given.
    #[arg(long, value_name = "HOOK", value_parser = hook)]
    moment: Option<Hook>,
    /// What the customer says.
    #[arg(long)]
    text: Option<String>,
    /// What else belongs to the call: JSON, from this file or from standard input (`-`).
    #[arg(long, value_name = "FILE")]
    context: Option<PathBuf>,
    /// When it is asked: `2026-12-25T21:30:00+08:00`, `2026-12-25 21:30`, or `21:30` by the store's clock.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

/// A call that can be made.
pub struct Call {
    pub workbench: Workbench,
    pub plugin: Loaded,
    pub hook: Hook,
    pub scene: Scene,
    pub facts: Facts,
    /// Nobody says what it may do, and so it may do all that it wishes for.
    pub all_granted: bool,
}

impl CallArgs {
    /// # Errors
    /// There is no such plugin or it cannot be loaded, it is not asked at that moment, or what was given is not understood.
    pub fn prepare(&self, config_dir: &Path) -> Result<Call, Report> {
        let mut given = self.context.as_deref().map(read::<Given>).transpose()?.unwrap_or_default();
        given.at = self.at.clone().or(given.at);
        if let Some(text) = &self.text {
            given.message.get_or_insert_with(GivenMessage::default).text = Some(text.clone());
        }
        let around = Around::of(config_dir)?;
        let subject = around.find(&self.plugin)?;
        let entry = entry(&around, plugin_name(&subject.file), &given);
        let workbench = around.workbench()?;
        let load = || workbench.load(&subject.file, &subject.bytes, entry.as_ref());
        let plugin = waiting(&workbench, &subject.file, load);
        let plugin = plugin.map_err(|why| miette!("{} cannot be loaded: {why}", subject.shown()))?;
        let hook = moment(self.moment, &plugin)?;
        let (scene, facts) = scene(&around, hook, given, &plugin.manifest.name)?;
        Ok(Call { workbench, plugin, hook, scene, facts, all_granted: entry.is_none() })
    }
}

/// A moment by its name, in the contract's spelling or JavaScript's.
///
/// # Errors
/// There is none of that name.
pub fn hook(text: &str) -> Result<Hook, String> {
    let found = Hook::ALL.into_iter().find(|hook| hook.to_string() == text || camel(*hook) == text);
    found.ok_or_else(|| {
        let known: Vec<_> = Hook::ALL.iter().map(ToString::to_string).collect();
        format!("there are {}", known.join(", "))
    })
}

/// The word that JavaScript has for it: `paymentReminder`.
fn camel(hook: Hook) -> String {
    let word = hook.to_string();
    let mut parts = word.split('-');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |camel, part| {
        let mut letters = part.chars();
        let capital = letters.next().map(|it| it.to_ascii_uppercase());
        camel + &capital.into_iter().chain(letters).collect::<String>()
    })
}

/// The hook to be called.
fn moment(wanted: Option<Hook>, plugin: &Loaded) -> Result<Hook, Report> {
    let words = || plugin.hooks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (wanted, &plugin.hooks[..]) {
        (Some(hook), hooks) if hooks.contains(&hook) => Ok(hook),
        (Some(hook), _) => Err(miette!("{} is not asked at `{hook}`, only at {}", plugin.manifest.name, words())),
        (None, [hook]) => Ok(*hook),
        (None, _) => Err(miette!("{} is asked at {}: say which with --moment", plugin.manifest.name, words())),
    }
}

/// What it may do and how it is set: as the file says, else as `plugins.toml` does; `None` where neither does, and it may do
/// all that it wishes for.
fn entry(around: &Around, name: &str, given: &Given) -> Option<PluginEntry> {
    let mut entry = around.entry(name).cloned();
    if let Some(grants) = &given.grants {
        entry.get_or_insert_with(PluginEntry::default).grants.clone_from(grants);
    }
    if let Some(settings) = &given.settings {
        entry.get_or_insert_with(PluginEntry::default).settings.clone_from(settings);
    }
    entry
}

/// The call: the store's own hours, offers and words where there is a store, else the sample's.
fn scene(around: &Around, hook: Hook, given: Given, name: &str) -> Result<(Scene, Facts), Report> {
    let playbook = around.config.as_ref().map(|config| &config.playbook);
    let zone = match playbook {
        Some(playbook) => playbook.zone().clone(),
        None => given.zone().into_diagnostic()?.unwrap_or_else(TimeZone::system),
    };
    let now_ms = given.at_ms(&zone, clock::now_ms()).into_diagnostic()?.unwrap_or_else(clock::now_ms);
    let mut base = sample(hook, now_ms);
    let mut search: Option<Search> = None;
    if let (Some(playbook), Some(config)) = (playbook, &around.config) {
        (base.open, base.store) =
            playbook.store_at(now_ms, given.language.as_deref(), |open, facts| (open, StoreScene::of(&facts)));
        let config = Arc::clone(config);
        search = Some(Arc::new(move |query, limit| config.playbook.products(query, limit)));
    }
    given.apply(name, base, search).into_diagnostic()
}

/// A JSON file, or standard input for `-`.
pub fn read<T: for<'de> Deserialize<'de>>(file: &Path) -> Result<T, Report> {
    let name = file.display();
    let text = if file == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(file)
    };
    let text = text.into_diagnostic().wrap_err_with(|| format!("{name} cannot be read"))?;
    serde_json::from_str(&text).map_err(|error| miette!("{name} is not what is wanted: {error}"))
}
