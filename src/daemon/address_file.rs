//! What other commands need to find a running daemon and be let in: its addresses and its token, in the data folder.

use std::{fs, io::Write, path::Path};

use miette::{IntoDiagnostic, Report, WrapErr, miette};
use serde::{Deserialize, Serialize};

use crate::{atomic_file, setting::Secret};

/// Where a running daemon listens; it writes this into its data folder at start.
#[derive(Debug, Serialize, Deserialize)]
pub struct Addresses {
    pub pid: u32,
    pub public: String,
    pub admin: String,
}

impl Addresses {
    /// The file's name within the data folder.
    pub const FILE: &str = "daemon.json";

    /// The addresses of the daemon that runs on this data folder.
    ///
    /// # Errors
    /// None runs, or the file is not one of ours.
    pub fn read(data_dir: &Path) -> Result<Self, Report> {
        let path = data_dir.join(Self::FILE);
        let text = fs::read(&path).map_err(|_| {
            miette!(help = "start it with `nightclerk serve`", "no clerk runs on {}", data_dir.display())
        })?;
        serde_json::from_slice(&text)
            .into_diagnostic()
            .wrap_err_with(|| format!("{} is not what a clerk writes", path.display()))
    }
}

/// The file of the generated admin token within the data folder.
pub const TOKEN_FILE: &str = "admin.token";

/// The file of what the visitors' cookies are signed with.
pub const VISITOR_KEY_FILE: &str = "visitor.key";

/// The file of what the addresses of lent pictures are sealed with.
pub const MEDIA_KEY_FILE: &str = "media.key";

/// The configured token, or one of our own.
pub fn admin_token(data_dir: &Path, configured: Option<Secret>) -> Result<Secret, Report> {
    configured.map_or_else(|| own_secret(data_dir, TOKEN_FILE), Ok)
}

/// A secret that is made at the first start and kept where only this user reads it.
pub fn own_secret(data_dir: &Path, file: &str) -> Result<Secret, Report> {
    let path = data_dir.join(file);
    if let Ok(text) = fs::read_to_string(&path)
        && !text.trim().is_empty()
    {
        keep_from_others(&path);
        return Ok(Secret::new(text.trim()));
    }
    let mut random = [0; 24];
    getrandom::fill(&mut random).map_err(|error| miette!("no randomness for {file}: {error}"))?;
    let token = hex::encode(random);
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(token.as_bytes()))
        .into_diagnostic()
        .wrap_err_with(|| format!("a secret cannot be kept in {}", path.display()))?;
    Ok(Secret::new(token))
}

/// Closes a secret's file to other users, and says so: whoever had read it has it still.
fn keep_from_others(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let Ok(known) = fs::metadata(path) else { return };
    if known.permissions().mode() & 0o077 == 0 {
        return;
    }
    let closed = fs::set_permissions(path, fs::Permissions::from_mode(0o600)).is_ok();
    tracing::warn!(
        file = %path.display(),
        closed,
        "other users of this machine could read this secret: where they are strangers, remove the file and restart, which \
         makes a new one"
    );
}

/// Tells the other commands where this daemon is; whole or not at all.
pub fn write_addresses(data_dir: &Path, addresses: &Addresses) -> Result<(), Report> {
    let path = data_dir.join(Addresses::FILE);
    let text = serde_json::to_vec(addresses).into_diagnostic()?;
    atomic_file::replace(&path, &text)
        .into_diagnostic()
        .wrap_err_with(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_that_others_could_read_is_closed_to_them() {
        let dir = tempfile::TempDir::new().unwrap();
        let made = own_secret(dir.path(), TOKEN_FILE).unwrap();
        let path = dir.path().join(TOKEN_FILE);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        let known = own_secret(dir.path(), TOKEN_FILE).unwrap();
        assert_eq!(known.expose(), made.expose());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
