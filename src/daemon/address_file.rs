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

/// Tells the other commands where this daemon is; whole or not at all.
pub fn write_addresses(data_dir: &Path, addresses: &Addresses) -> Result<(), Report> {
    let path = data_dir.join(Addresses::FILE);
    let text = serde_json::to_vec(addresses).into_diagnostic()?;
    atomic_file::replace(&path, &text)
        .into_diagnostic()
        .wrap_err_with(|| format!("{} cannot be written", path.display()))
}
