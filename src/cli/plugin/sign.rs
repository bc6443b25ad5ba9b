//! `nightclerk plugin keygen`, `sign` and `verify`: who vouches for a plugin.

use std::{
    fs,
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use clap::Args;
use miette::{IntoDiagnostic, Report, WrapErr, miette};

use super::{
    super::output::{field, say},
    subject::{Around, Subject},
};
use crate::{
    atomic_file,
    plugin::{
        contract::{FileKind, PublicKey, SecretKey, manifest, plugin_name, signature},
        host::folder,
    },
};

#[derive(Args)]
pub struct KeygenArgs {
    /// The new file, which only you can read; keep it where no plugin's file goes.
    file: PathBuf,
}

#[derive(Args)]
pub struct SignArgs {
    /// The plugin's file.
    file: PathBuf,
    /// The file that `nightclerk plugin keygen` made.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The plugin's name, where a script's file is called otherwise, as one that runs as a shadow is.
    #[arg(long)]
    name: Option<String>,
}

#[derive(Args)]
pub struct VerifyArgs {
    /// The plugin's name, or its file.
    #[arg(value_name = "NAME|FILE")]
    plugin: String,
    /// A public key that must have signed it; those of `trust` in [plugins] unless given.
    #[arg(long, value_name = "KEY")]
    key: Vec<PublicKey>,
    /// The plugin's name, where a script's file is called otherwise.
    #[arg(long)]
    name: Option<String>,
}

pub fn keygen(args: &KeygenArgs) -> Result<(), Report> {
    let shown = args.file.display();
    let key = SecretKey::generate().map_err(|error| miette!("the system has no randomness: {error}"))?;
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&args.file);
    let mut file = file.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => miette!("{shown} is there already; a key that is lost cannot be had again"),
        _ => miette!("{shown} cannot be written: {error}"),
    })?;
    let written = file.write_all(key.to_text().expose().as_bytes()).and_then(|()| file.sync_all());
    written.into_diagnostic().wrap_err_with(|| format!("{shown} cannot be written"))?;
    say!("{shown} holds the secret key: keep a copy of it where nobody else can read it")?;
    say!(
        "its public half, for those who are to load what you sign:\n\n    [plugins]\n    trust = [\"{}\"]",
        key.public()
    )?;
    Ok(())
}

pub fn sign(args: &SignArgs) -> Result<(), Report> {
    let subject = Subject::read(&args.file)?;
    let key = fs::read_to_string(&args.key).into_diagnostic();
    let key = key.wrap_err_with(|| format!("{} cannot be read", args.key.display()))?;
    let key = SecretKey::of_text(&key).ok_or_else(|| {
        miette!(help = "`nightclerk plugin keygen FILE` makes one", "{} holds no secret key", args.key.display())
    })?;
    let name = name_of(&subject, args.name.as_deref())?;
    let others = folder::signatures(&args.file).unwrap_or_default();
    // What cannot be read would spoil the new one, too.
    let others = if signature::signers(&name, &subject.bytes, &others).is_ok() { others } else { String::new() };
    let text = key.sign(&name, &subject.bytes, &others);
    let out = folder::signature_file(&args.file);
    let write = atomic_file::replace_durably(&out, text.as_bytes());
    write.into_diagnostic().wrap_err_with(|| format!("{} cannot be written", out.display()))?;
    say!("{} says that {} has signed it, as the plugin {name}", out.display(), key.public())?;
    Ok(())
}

/// Fails where it is not signed by one of the keys.
pub fn verify(args: &VerifyArgs, config_dir: &Path) -> Result<(), Report> {
    let around = Around::of(config_dir)?;
    let subject = around.find(&args.plugin)?;
    let shown = subject.shown();
    let Some(path) = &subject.path else {
        say!("{shown}: it is part of the clerk, and as good as the clerk")?;
        return Ok(());
    };
    let name = name_of(&subject, args.name.as_deref())?;
    let Some(text) = folder::signatures(path) else {
        return Err(miette!("{shown}: nobody has signed it: there is no {}", folder::signature_file(path).display()));
    };
    let signers = signature::signers(&name, &subject.bytes, &text).map_err(|error| miette!("{shown}: {error}"))?;
    let wanted = if args.key.is_empty() {
        around.plugins().map(|plugins| plugins.folder.trust.clone()).unwrap_or_default()
    } else {
        args.key.clone()
    };
    let mut is_wanted = false;
    for (key, is_good) in &signers {
        let what = if *is_good { "signed by" } else { "changed after it was signed by" };
        say!("{}: {what} {key}", field(&shown))?;
        is_wanted |= *is_good && (wanted.is_empty() || wanted.contains(key));
    }
    match is_wanted {
        true => Ok(()),
        false if signers.iter().any(|(_, is_good)| *is_good) => {
            Err(miette!("{shown}: no key that is trusted signed it"))
        }
        false => Err(miette!("{shown}: no signature is of this file, as the plugin {name}")),
    }
}

/// The plugin's name: what a component says it is, what a script's file is called.
fn name_of(subject: &Subject, named: Option<&str>) -> Result<String, Report> {
    match FileKind::of(&subject.file) {
        Some(FileKind::Component) => {
            let manifest =
                manifest::read(&subject.bytes).map_err(|why| miette!("{} is no plugin: {why}", subject.shown()))?;
            Ok(manifest.name)
        }
        Some(FileKind::Script | FileKind::TypedScript) => {
            Ok(named.unwrap_or_else(|| plugin_name(&subject.file)).to_owned())
        }
        None => {
            Err(miette!("{} is no plugin's file: it ends with neither .wasm, .js, .mjs, .ts nor .mts", subject.shown()))
        }
    }
}
