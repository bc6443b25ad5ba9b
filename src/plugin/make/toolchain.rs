//! Finds a compiler for `wasm32-unknown-unknown` by looking: the toolchain's own target where it is installed, else
//! Debian's `rustc-web`, which builds the standard library from `rust-web-src`.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::Command,
};

/// Plugins are compiled for this target: it has no WASI that could sneak in.
pub const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LIBRARY: &str = "/usr/lib/rustlib/src/rust/library/Cargo.toml";
const DEBIAN_LINKERS: &str = "/usr/bin";

/// Neither way is there.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("no Rust toolchain here compiles for {TARGET}")]
#[diagnostic(help(
    "with rustup: rustup target add {TARGET}\n\
     on Debian: apt-get install --no-install-recommends rustc-web cargo-web rust-web-src lld\n\
     then build again; it takes the first that is there"
))]
pub struct NoToolchain;

/// A way to compile plugins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// `cargo` as it is, with the target installed.
    Installed,
    /// Debian's, with the standard library built along and this linker.
    Debian { linker: PathBuf },
}

impl Toolchain {
    /// Looks at this machine as it is for `folder`, where a `rust-toolchain.toml` may choose the toolchain.
    pub fn find(folder: &Path) -> Result<Self, NoToolchain> {
        if target_is_installed(folder) {
            return Ok(Self::Installed);
        }
        if ![DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_LIBRARY].iter().all(|file| Path::new(file).exists()) {
            return Err(NoToolchain);
        }
        let entries = std::fs::read_dir(DEBIAN_LINKERS).into_iter().flatten().flatten();
        let linker = newest_linker(entries.map(|entry| entry.file_name())).ok_or(NoToolchain)?;
        Ok(Self::Debian { linker: Path::new(DEBIAN_LINKERS).join(linker) })
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

/// A command that sees the environment as the user set it.
fn clean(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        if is_of_an_outer_build(&name) {
            command.env_remove(name);
        }
    }
    command
}

/// Whether a variable says how to build something else: cargo and rustup set many for the programs they run, and
/// flags meant for the daemon would rebuild or break plugins.
fn is_of_an_outer_build(name: &OsStr) -> bool {
    const KEPT: [&str; 6] =
        ["CARGO_HOME", "CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR", "CARGO_TERM_", "CARGO_BUILD_JOBS"];
    let Some(name) = name.to_str() else { return false };
    let of_rust = name.starts_with("CARGO")
        || name.starts_with("RUSTC")
        || name.starts_with("RUSTDOC")
        || matches!(name, "RUSTFLAGS" | "RUSTUP_TOOLCHAIN" | "RUST_RECURSION_COUNT");
    of_rust && !KEPT.iter().any(|kept| name.starts_with(kept))
}

/// The `wasm-ld-N` with the highest `N`, else `wasm-ld`.
fn newest_linker(files: impl Iterator<Item = OsString>) -> Option<OsString> {
    let version = |name: &OsString| match name.to_str()?.strip_prefix("wasm-ld")? {
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

    #[test]
    fn what_an_outer_cargo_sets_does_not_reach_the_plugins() {
        for name in [
            "CARGO",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_INCREMENTAL",
            "CARGO_MANIFEST_DIR",
            "CARGO_TARGET_DIR",
            "RUSTC",
            "RUSTC_WRAPPER",
            "RUSTFLAGS",
            "RUSTUP_TOOLCHAIN",
        ] {
            assert!(is_of_an_outer_build(OsStr::new(name)), "{name}");
        }
        for name in ["PATH", "HOME", "CARGO_HOME", "CARGO_NET_OFFLINE", "CARGO_REGISTRIES_X_TOKEN", "RUSTUP_HOME"] {
            assert!(!is_of_an_outer_build(OsStr::new(name)), "{name}");
        }
    }
}
