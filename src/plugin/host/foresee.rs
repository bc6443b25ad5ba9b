//! What can be told of a plugin without compiling it, for when no daemon runs that could be asked.

use std::{borrow::Cow, path::Path, sync::Arc};

use super::{
    folder,
    loader::CheckReport,
    scripts::is_script,
    standing::{Entries, Standing, what_to_write},
    status::{PluginState, PluginStatus},
};
use crate::{
    model::Hook,
    plugin::{
        contract::{Manifest, PluginError, Trust, manifest, plugin_name, world},
        shipped,
    },
};

/// How the file `dir/file`, or else the shipped plugin of that name, would fare under these entries, as far as its manifest tells.
pub fn foresee(dir: &Path, file: &str, entries: &Entries, trust: &Trust) -> PluginStatus {
    let mut status = PluginStatus::unknown(file);
    if let Err(why) = check_trust(&dir.join(file), trust) {
        status.reason = Some(why.to_string());
        return status;
    }
    if is_script(file) {
        return of_script(status, entries);
    }
    let (manifest, hooks) = match read(dir, file) {
        Ok((manifest, hooks)) => (Arc::new(manifest), hooks),
        Err(why) => {
            status.reason = Some(why.to_string());
            return status;
        }
    };
    stand(status, &manifest, &hooks, entries)
}

/// Whether a file that lies in a plugins folder is vouched for; one that does not lie there comes with the clerk.
///
/// # Errors
/// It is not, or cannot be read.
pub fn check_trust(path: &Path, trust: &Trust) -> Result<(), PluginError> {
    if !trust.is_limited() {
        return Ok(());
    }
    let Some(bytes) = folder::read(path)? else { return Ok(()) };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if shipped::find(&name) == Some(&*bytes) {
        return Ok(());
    }
    trust.check(plugin_name(&name), &bytes, folder::signatures(path).as_deref())
}

/// The same of a file that was checked.
pub fn foresee_checked(file: &str, report: &CheckReport, entries: &Entries) -> PluginStatus {
    stand(PluginStatus::unknown(file), &report.manifest, &report.hooks, entries)
}

/// What is found of a file that is to take its place in the plugins folder, and how it would stand there. `check` does with it
/// all that loading does.
///
/// # Errors
/// Why the host would refuse it: nobody who is trusted vouches for it, it cannot be loaded, or its entry does not fit.
pub fn would_stand(
    file: &str,
    bytes: &[u8],
    signatures: Option<&str>,
    entries: &Entries,
    trust: &Trust,
    check: impl FnOnce(&str, &[u8]) -> Result<CheckReport, PluginError>,
) -> Result<(CheckReport, PluginStatus), PluginError> {
    trust.check(plugin_name(file), bytes, signatures)?;
    let report = check(file, bytes)?;
    match foresee_checked(file, &report, entries) {
        PluginStatus { state: PluginState::Refused, reason: Some(why), .. } => Err(PluginError::Settings(why)),
        status => Ok((report, status)),
    }
}

fn stand(mut status: PluginStatus, manifest: &Arc<Manifest>, hooks: &[Hook], entries: &Entries) -> PluginStatus {
    status.describe(manifest, hooks);
    (status.state, status.reason) = match Standing::of(manifest, entries) {
        Ok(Standing::Waiting) => (PluginState::Waiting, Some(what_to_write(manifest))),
        Ok(Standing::Disabled) => (PluginState::Disabled, None),
        Ok(Standing::Seated(seat)) => {
            status.granted.clone_from(&seat.granted);
            status.order = seat.order;
            (PluginState::Active, None)
        }
        Ok(Standing::Unfit) => (PluginState::Refused, None),
        Err(why) => (PluginState::Refused, Some(format!("its entry in plugins.toml is refused: {why}"))),
    };
    status
}

/// What it wishes is only known once it was evaluated.
fn of_script(mut status: PluginStatus, entries: &Entries) -> PluginStatus {
    status.state = match entries.get(&status.name) {
        None => PluginState::Waiting,
        Some(entry) if entry.enabled => PluginState::Active,
        Some(_) => PluginState::Disabled,
    };
    let ask = format!("it is a script: `nightclerk plugin check {}` says what it does and wishes for", status.file);
    status.reason = Some(ask);
    status
}

fn read(dir: &Path, file: &str) -> Result<(Manifest, Vec<Hook>), PluginError> {
    let gone = || PluginError::Io("it cannot be read: it is gone".to_owned());
    let lying = folder::read(&dir.join(file))?.map(Cow::Owned);
    let bytes = lying.or_else(|| shipped::find(file).map(Cow::Borrowed)).ok_or_else(gone)?;
    let manifest = manifest::read(&bytes)?;
    folder::check_name(file, &manifest)?;
    Ok((manifest, world::hooks(&bytes)?.into_iter().map(|it| it.hook).collect()))
}
