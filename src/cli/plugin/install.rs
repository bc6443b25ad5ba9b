//! `nightclerk plugin install` and `remove`.

use std::{
    borrow::Cow,
    io::{self, BufRead, IsTerminal, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use miette::{IntoDiagnostic, Report, WrapErr, miette};

use super::{
    super::{
        admin_client::{AdminClient, segment},
        output::{field, say},
    },
    inspect::{profile, tell, tell_difference},
    subject::{Around, Subject},
};
use crate::{
    daemon::STORE_FILE,
    plugin::{
        contract::{FileKind, extension, files_of},
        host::{folder, would_stand},
        profile::Difference,
        shipped,
        supply::{Fetched, Lock, Locked, fetch, put_aside, seat},
    },
    store::{Archive as _, SqliteStore, Store as _},
};

#[derive(Args)]
pub struct InstallArgs {
    /// The plugin's file, or an https address that ends with its name.
    #[arg(value_name = "FILE|URL")]
    source: String,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
    /// Let it be fetched from a server of this machine, also without TLS.
    #[arg(long)]
    allow_loopback: bool,
}

#[derive(Args)]
pub struct RemoveArgs {
    /// The plugin's name.
    name: String,
    /// Delete what it keeps of its own, too.
    #[arg(long)]
    keys: bool,
}

pub fn install(args: &InstallArgs, config_dir: &Path) -> Result<(), Report> {
    let around = Around::of(config_dir)?;
    let config = around.plugins().ok_or_else(|| no_shop(config_dir))?;
    let (subject, signatures) = take(args)?;
    let workbench = around.workbench()?;
    let profile = profile(&workbench, &subject)?;
    let name = &profile.manifest.name;
    let file = format!("{name}.{}", extension(&subject.file));
    let check = |file: &str, bytes: &[u8]| around.check(&workbench, file, bytes);
    let (entries, trust) = (&config.plugins, config.trust());
    let stands = would_stand(&file, &subject.bytes, signatures.as_deref(), entries, &trust, check);
    let (_, standing) = stands.map_err(|why| miette!("{} is not installed: {why}", args.source))?;
    // A lock that cannot be read is not written over.
    let mut lock = Lock::read(&config.dir).into_diagnostic()?;
    let before = around.named(name)?;
    tell(&profile, around.entry(name), around.words)?;
    let is_there = before.as_ref().is_some_and(|before| before.bytes == subject.bytes);
    if let Some(before) = before.as_ref().filter(|_| !is_there) {
        // One that is no plugin any more wants nothing.
        if let Ok(before) = workbench.profile(&before.file, &before.bytes) {
            let difference = Difference::between(&before, &profile);
            tell_difference(&before, &difference, around.entry(name), around.words)?;
        }
    }
    if !is_there && !may(args.yes, &around, name)? {
        say!("{}", around.words.say("nothing is changed"))?;
        return Ok(());
    }
    let put = seat(&config.dir, name, &file, &subject.bytes, signatures.as_deref());
    put.into_diagnostic().wrap_err_with(|| format!("{} cannot be written", config.dir.join(&file).display()))?;
    lock.plugins.insert(name.clone(), Locked::of(&profile, &file, origin(&args.source)));
    lock.write(&config.dir).into_diagnostic()?;
    say!("{name} {} is installed as {}", field(&profile.version()), config.dir.join(&file).display())?;
    if let Some(what_to_write) = standing.reason {
        say!("it waits: {}", field(&what_to_write))?;
    }
    Ok(())
}

pub fn remove(args: &RemoveArgs, config_dir: &Path) -> Result<(), Report> {
    let around = Around::of(config_dir)?;
    let config = around.plugins().ok_or_else(|| no_shop(config_dir))?;
    let name = &args.name;
    let mut lock = Lock::read(&config.dir).into_diagnostic()?;
    let files = files_of(&config.dir, name);
    let is_shipped = shipped::SHIPPED.iter().any(|(file, _)| crate::plugin::contract::plugin_name(file) == name);
    let was_locked = lock.plugins.remove(name).is_some();
    if files.is_empty() && !was_locked && !args.keys {
        return Err(match is_shipped {
            true => miette!(
                help = format!("`nightclerk plugin disable {name}` turns it off"),
                "{name} comes with the clerk and cannot be removed"
            ),
            false => miette!("{} has no plugin `{name}`", config.dir.display()),
        });
    }
    for file in &files {
        let aside = put_aside(&config.dir, file).into_diagnostic();
        let aside = aside.wrap_err_with(|| format!("{} cannot be moved", config.dir.join(file).display()))?;
        say!("{file} lies in {} now", aside.display())?;
    }
    if was_locked {
        lock.write(&config.dir).into_diagnostic()?;
    }
    if is_shipped && !files.is_empty() {
        say!("the {name} that comes with the clerk takes its place again")?;
    }
    if around.entry(name).is_some() && !is_shipped {
        say!("plugins.toml still has its entry [{name}]: take it out, or the next start refuses it")?;
    }
    if args.keys {
        let count = drop_keys(&around, config_dir, name)?;
        say!("{count} keys of its own are deleted")?;
    } else {
        say!("what it kept of its own is kept; `nightclerk plugin remove {name} --keys` deletes it")?;
    }
    Ok(())
}

fn no_shop(config_dir: &Path) -> Report {
    miette!(help = "name the store's folder with --config", "there is no {}", config_dir.display())
}

/// The file and what vouches for it.
fn take(args: &InstallArgs) -> Result<(Subject, Option<String>), Report> {
    if !args.source.contains("://") {
        let path = PathBuf::from(&args.source);
        let subject = Subject::read(&path)?;
        if FileKind::of(&subject.file).is_none() {
            return Err(miette!(
                "{} is no plugin's file: it ends with neither .wasm, .js, .mjs, .ts nor .mts",
                args.source
            ));
        }
        return Ok((subject, folder::signatures(&path)));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().into_diagnostic()?;
    let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}  {msg}").into_diagnostic()?;
    let bar = ProgressBar::new(0).with_style(style).with_message("fetching it");
    let fetched = runtime.block_on(fetch(&args.source, args.allow_loopback, &mut |read, all| {
        bar.set_length(all.unwrap_or(read).max(read));
        bar.set_position(read);
    }));
    bar.finish_and_clear();
    let Fetched { file, bytes, signatures } = fetched.into_diagnostic().wrap_err("it cannot be fetched")?;
    Ok((Subject { file, bytes: Cow::Owned(bytes.to_vec()), path: None }, signatures))
}

/// Whether the owner lets it in.
fn may(yes: bool, around: &Around, name: &str) -> Result<bool, Report> {
    if yes {
        return Ok(true);
    }
    if !io::stdin().is_terminal() {
        return Err(miette!(
            help = "read what it may do, and say --yes",
            "{name} is not installed: there is nobody to ask"
        ));
    }
    eprint!("{} [y/N]: ", around.words.say("install it?"));
    let _ = io::stderr().flush();
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).into_diagnostic()?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes" | "是" | "好"))
}

/// Where a plugin came from, as it is written down.
fn origin(source: &str) -> String {
    match source.contains("://") {
        true => source.to_owned(),
        false => std::path::absolute(source).map_or_else(|_| source.to_owned(), |path| path.display().to_string()),
    }
}

/// By the clerk that runs, else in its store.
fn drop_keys(around: &Around, config_dir: &Path, name: &str) -> Result<u64, Report> {
    let asked =
        AdminClient::of_folder(config_dir).map(|client| client.delete(&format!("/v1/plugins/{}/keys", segment(name))));
    match asked {
        Ok(Ok(count)) => return Ok(count),
        Ok(Err(error)) if !error.nobody_is_there() => return Err(error.into()),
        _ => {}
    }
    let Some(config) = &around.config else { return Ok(0) };
    let file = config.data_dir.join(STORE_FILE);
    if !file.is_file() {
        return Ok(0);
    }
    let store = SqliteStore::open(&file, config.daemon.retention.into())?;
    let count = store.forget_keys(name).blocking_recv().unwrap_or(Err(crate::store::StoreError::Closed));
    store.close();
    Ok(count?)
}
