//! Finds a compiler for `wasm32-unknown-unknown` by looking: the toolchain's own target where it is installed, else
//! Debian's `rustc-web`, which builds the standard library from `rust-web-src`.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::Command,
};

use super::{command::clean, flags::TARGET};

const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LIBRARY: &str = "/usr/lib/rustlib/src/rust/library";
pub const DEBIAN_LINKERS: &str = "/usr/bin";

/// A way to compile plugins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// `cargo` as it is, with the target installed.
    Installed,
    /// Debian's, with the standard library built along and this linker.
    Debian { linker: PathBuf },
}

impl Toolchain {
    /// Looks at this machine as it is for `folder`, where a `rust-toolchain.toml` may choose the toolchain; `None`
    /// where neither way is there.
    pub fn find(folder: &Path) -> Option<Self> {
        if target_is_installed(folder) {
            return Some(Self::Installed);
        }
        let library_manifest = Path::new(DEBIAN_LIBRARY).join("Cargo.toml");
        if ![Path::new(DEBIAN_CARGO), Path::new(DEBIAN_RUSTC), &library_manifest].iter().all(|file| file.exists()) {
            return None;
        }
        let entries = std::fs::read_dir(DEBIAN_LINKERS).ok()?.flatten();
        let linker = newest_linker(entries.map(|entry| entry.file_name()))?;
        Some(Self::Debian { linker: Path::new(DEBIAN_LINKERS).join(linker) })
    }

    /// `cargo <subcommand>` in `folder`, free of what an outer cargo has set for itself.
    pub fn cargo(&self, subcommand: &str, folder: &Path) -> Command {
        let mut command = match self {
            Self::Installed => clean("cargo", folder),
            Self::Debian { linker } => {
                let mut command = clean(DEBIAN_CARGO, folder);
                command
                    .env("RUSTC", DEBIAN_RUSTC)
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
                    // The libraries of the toolchain that runs the outer cargo are not this one's.
                    .env_remove("LD_LIBRARY_PATH");
                command
            }
        };
        command.arg(subcommand);
        command
    }

    /// The sources of a standard library that is built along.
    pub fn library(&self) -> Option<&'static Path> {
        match self {
            Self::Installed => None,
            Self::Debian { .. } => Some(Path::new(DEBIAN_LIBRARY)),
        }
    }

    /// What compiler and linker say of themselves, in one line: equal words, equal bytes.
    ///
    /// # Errors
    /// One of them cannot be run.
    pub fn version(&self, folder: &Path) -> io::Result<String> {
        let said = |command: &mut Command| -> io::Result<String> {
            let output = command.arg("--version").output()?;
            Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().trim().to_owned())
        };
        match self {
            // Its linker is its own.
            Self::Installed => said(&mut clean("rustc", folder)),
            Self::Debian { linker } => {
                let compiler = said(&mut clean(DEBIAN_RUSTC, folder))?;
                Ok(format!("{compiler}, {}", said(&mut clean(linker, folder))?))
            }
        }
    }

    /// What `cargo build` needs beside the target.
    pub fn build_arguments(&self) -> &'static [&'static str] {
        match self {
            Self::Installed => &[],
            Self::Debian { .. } => &["-Zbuild-std=std,panic_abort"],
        }
    }
}

fn target_is_installed(folder: &Path) -> bool {
    let asked = clean("rustc", folder).args(["--print", "target-libdir", "--target", TARGET]).output();
    asked.is_ok_and(|output| {
        let libraries = String::from_utf8_lossy(&output.stdout);
        output.status.success() && Path::new(libraries.trim()).is_dir()
    })
}

/// The `wasm-ld-N` with the highest `N`, else `wasm-ld`.
fn newest_linker(files: impl Iterator<Item = OsString>) -> Option<OsString> {
    newest("wasm-ld", files)
}

/// The `<program>-N` with the highest `N`, else `<program>`.
pub fn newest(program: &str, files: impl Iterator<Item = OsString>) -> Option<OsString> {
    let version = |name: &OsString| match name.to_str()?.strip_prefix(program)? {
        "" => Some(0),
        suffix => suffix.strip_prefix('-')?.parse::<u32>().ok(),
    };
    files.filter_map(|name| Some((version(&name)?, name))).max().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_linker_is_taken() {
        let newest = |names: &[&str]| newest_linker(names.iter().map(OsString::from));
        assert_eq!(newest(&["wasm-ld-9", "wasm-ld-22", "wasm-ld", "ld-99", "wasm-ld-x"]), Some("wasm-ld-22".into()));
        assert_eq!(newest(&["wasm-ld", "ls"]), Some("wasm-ld".into()));
        assert_eq!(newest(&["ld.lld-22"]), None);
    }
}
