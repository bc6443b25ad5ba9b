//! `nightclerk plugin inspect`: what a plugin may do, in plain words, and what changes against the version in place.

use std::path::Path;

use clap::Args;
use indicatif::HumanBytes;
use miette::{Report, miette};
use serde::Serialize;

use super::{
    super::output::{field, say},
    check::describe,
    subject::{Around, Subject, pretty, waiting},
};
use crate::{
    plugin::{
        contract::Capability,
        host::{PluginEntry, ran_last, workbench::Workbench},
        profile::{Difference, Profile, asked_when, change_in_words, may},
    },
    setting::Words,
};

#[derive(Args)]
pub struct InspectArgs {
    /// The plugin's name, or its file.
    #[arg(value_name = "NAME|FILE")]
    plugin: String,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// What is told, as other programs read it.
#[derive(Serialize)]
struct Inspected<'a> {
    #[serde(flatten)]
    profile: &'a Profile,
    /// Of its wishes, what `plugins.toml` grants.
    granted: Vec<Capability>,
    /// Whether `plugins.toml` has an entry of it.
    has_entry: bool,
    /// The version it is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<&'a Difference>,
}

pub fn run(args: &InspectArgs, config_dir: &Path) -> Result<(), Report> {
    let around = Around::of(config_dir)?;
    let subject = around.find(&args.plugin)?;
    let workbench = around.workbench()?;
    let profile = profile(&workbench, &subject)?;
    let before = in_place(&around, &workbench, &subject, &profile)?;
    let difference = before.as_ref().map(|before| Difference::between(before, &profile));
    let entry = around.entry(&profile.manifest.name);
    if args.json {
        let granted = entry.map(|entry| entry.granted(profile.wishes()).into_iter().collect()).unwrap_or_default();
        let inspected = Inspected {
            profile: &profile,
            granted,
            has_entry: entry.is_some(),
            in_place: before.as_ref().map(Profile::version),
            difference: difference.as_ref(),
        };
        say!("{}", pretty(&inspected)?)?;
        return Ok(());
    }
    tell(&profile, entry, around.words)?;
    if let (Some(before), Some(difference)) = (&before, &difference) {
        tell_difference(before, difference, entry, around.words)?;
    }
    Ok(())
}

/// What the file is and wants.
///
/// # Errors
/// It is no plugin's.
pub fn profile(workbench: &Workbench, subject: &Subject) -> Result<Profile, Report> {
    let profile = waiting(workbench, &subject.file, || workbench.profile(&subject.file, &subject.bytes));
    profile.map_err(|why| miette!("{} is no plugin: {why}", subject.shown()))
}

/// The version that another one would take the place of; `None` where there is none. For the one in place itself, the version
/// that the clerk ran last, if that is another.
fn in_place(
    around: &Around,
    workbench: &Workbench,
    subject: &Subject,
    profile: &Profile,
) -> Result<Option<Profile>, Report> {
    let name = &profile.manifest.name;
    if let Some(there) = around.named(name)?
        && there.bytes != subject.bytes
    {
        return self::profile(workbench, &there).map(Some);
    }
    let Some(config) = &around.config else { return Ok(None) };
    let Some((file, bytes)) = ran_last(&config.plugins.archive_dir(&config.data_dir), name) else { return Ok(None) };
    if *bytes == *subject.bytes {
        return Ok(None);
    }
    // What cannot be read any more is compared with nothing.
    Ok(workbench.profile(&file, &bytes).ok())
}

/// What a plugin is, when it is asked, and what it may do.
pub fn tell(profile: &Profile, entry: Option<&PluginEntry>, words: Words) -> Result<(), Report> {
    let Profile { manifest, hooks, language, bytes, sha256 } = profile;
    let line = |text: &str| -> Result<(), Report> {
        say!("{}", field(&words.say(text)))?;
        Ok(())
    };
    match manifest.description.as_str() {
        "" => say!("{} {}", manifest.name, field(&manifest.version))?,
        what => say!("{} {}: {}", manifest.name, field(&manifest.version), field(what))?,
    }
    let language = language.as_deref().unwrap_or("WebAssembly");
    line(&format!("  {language}, {}, contract {}, SHA-256 {sha256}", HumanBytes(*bytes as u64), manifest.contract))?;
    if !manifest.author.is_empty() {
        line(&format!("  by {}", manifest.author))?;
    }
    line("it is asked")?;
    for hook in hooks {
        item(asked_when(*hook), words, "")?;
    }
    let granted = entry.map(|entry| entry.granted(&manifest.capabilities));
    let (may_do, may_not): (Vec<_>, Vec<_>) = manifest.capabilities.iter().partition(|wish| match &granted {
        Some(granted) => granted.iter().any(|grant| grant.covers(wish)),
        None => false,
    });
    let narrower: Vec<_> = granted.iter().flatten().filter(|grant| !may_do.contains(grant)).collect();
    if !may_do.is_empty() || !narrower.is_empty() {
        line("it may")?;
    }
    for capability in may_do.into_iter().chain(narrower) {
        item(&may(capability), words, &capability.to_string())?;
    }
    if !may_not.is_empty() {
        line("it wishes for more than it may")?;
    }
    for capability in &may_not {
        item(&may(capability), words, &capability.to_string())?;
    }
    if !may_not.is_empty() {
        let grants: Vec<_> = may_not.iter().map(|wish| format!("\"{wish}\"")).collect();
        let grants = grants.join(", ");
        match entry {
            Some(_) => line(&format!("to let it, add {grants} to the grants of [{}] in plugins.toml", manifest.name))?,
            None => line(&format!("to let it, write [{}] with grants = [{grants}] into plugins.toml", manifest.name))?,
        }
    }
    if !manifest.settings.is_empty() {
        line("its settings")?;
    }
    for (key, setting) in &manifest.settings {
        say!("  {key}: {}", field(&describe(setting)))?;
    }
    Ok(())
}

/// What changes against the version before it, and what of that takes effect without another word of the owner's.
pub fn tell_difference(
    before: &Profile,
    difference: &Difference,
    entry: Option<&PluginEntry>,
    words: Words,
) -> Result<(), Report> {
    let line = |text: &str| -> Result<(), Report> {
        say!("{}", field(&words.say(text)))?;
        Ok(())
    };
    let version = before.version();
    if difference.is_none() {
        return line(&format!("it wants nothing other than version {version}, which is in place"));
    }
    line(&format!("against version {version}, which is in place:"))?;
    let sign = |sign: &str, text: &str, capability: &str| -> Result<(), Report> {
        let text = words.say(text);
        match capability {
            "" => say!("  {sign} {}", field(&text))?,
            word => say!("  {sign} {} ({})", field(&text), field(word))?,
        }
        Ok(())
    };
    for wish in &difference.wishes_added {
        let has = entry.is_some_and(|entry| entry.granted(std::slice::from_ref(wish)).contains(wish));
        let how = if has { "granted already" } else { "not granted" };
        sign("+", &may(wish), &format!("{wish}; {}", words.say(how)))?;
    }
    for wish in &difference.wishes_dropped {
        sign("-", &may(wish), &wish.to_string())?;
    }
    for hook in &difference.hooks_added {
        sign("+", asked_when(*hook), "")?;
    }
    for hook in &difference.hooks_dropped {
        sign("-", asked_when(*hook), "")?;
    }
    for change in &difference.settings {
        sign("~", &change_in_words(change), "")?;
    }
    Ok(())
}

fn item(text: &str, words: Words, capability: &str) -> Result<(), Report> {
    let text = words.say(text);
    match capability {
        "" => say!("  {}", field(&text))?,
        word => say!("  {} ({})", field(&text), field(word))?,
    }
    Ok(())
}
