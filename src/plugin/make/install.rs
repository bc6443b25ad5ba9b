//! Gives a machine a compiler for plugins: says the line to type, and types it for who asks.

use std::{
    env, fmt, fs, io,
    os::unix::fs::MetadataExt,
    path::Path,
    process::{Command, ExitStatus, Stdio},
};

use super::{command::clean, flags::TARGET, toolchain::Toolchain};

/// Debian's compiler for WebAssembly and the sources of its standard library; beside them it needs a linker.
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// No way to a compiler led there.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum InstallError {
    #[error("neither rustup nor apt-get is here to install a compiler for {TARGET}")]
    #[diagnostic(help("install Rust with rustup, then: rustup target add {TARGET}"))]
    NoInstaller,
    #[error("no compiler for {TARGET} could be installed: {}", .0.join("; "))]
    Failed(Vec<String>),
}

/// One way to a compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The toolchain's own target.
    Rustup,
    /// Debian's packages; everybody but root needs `sudo`.
    Debian { sudo: bool },
}

/// What to type on this machine.
pub fn advice() -> String {
    match ways().first() {
        Some(way) => format!("type `{}`, or give this command --install, which does it", line(&way.steps())),
        None => InstallError::NoInstaller.to_string(),
    }
}

/// Installs a compiler that `Toolchain::find` will find, the way that comes first in the order it looks, else the
/// next. The installers talk to the terminal themselves; `tell` hears what each is called as.
///
/// # Errors
/// What became of each way.
pub fn install(folder: &Path, tell: &dyn Fn(&str)) -> Result<Toolchain, InstallError> {
    let ways = ways();
    if ways.is_empty() {
        return Err(InstallError::NoInstaller);
    }
    let mut failures = Vec::new();
    for way in ways {
        match way.go(folder, tell) {
            Err(why) => failures.push(why),
            Ok(()) => match Toolchain::find(folder) {
                Some(toolchain) => return Ok(toolchain),
                None => failures.push(format!("`{}` brought none", line(&way.steps()))),
            },
        }
    }
    Err(InstallError::Failed(failures))
}

/// The ways that are open here, in the order in which `Toolchain::find` looks.
fn ways() -> Vec<Way> {
    let rustup = on_path("rustup").then_some(Way::Rustup);
    // The owner of one's own process is oneself.
    let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    let debian = on_path("apt-get").then_some(Way::Debian { sudo: !is_root });
    rustup.into_iter().chain(debian).collect()
}

fn on_path(program: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

impl Way {
    /// Types its commands, the last of them as the lists are once they were fetched.
    fn go(self, folder: &Path, tell: &dyn Fn(&str)) -> Result<(), String> {
        let mut done = 0;
        while let Some(step) = self.steps().get(done) {
            tell(&step.to_string());
            step.run(folder).map_err(|error| format!("`{step}` cannot be run: {error}")).and_then(|status| {
                if status.success() { Ok(()) } else { Err(format!("`{step}` ended with {status}")) }
            })?;
            done += 1;
        }
        Ok(())
    }

    fn steps(self) -> Vec<Step> {
        match self {
            Self::Rustup => vec![Step::new(["rustup", "target", "add", TARGET])],
            Self::Debian { sudo } => {
                let linker = newest_lld().unwrap_or_else(|| "lld".to_owned());
                let as_root =
                    |words: &[&str]| Step::new(sudo.then_some("sudo").into_iter().chain(words.iter().copied()));
                let mut packages = vec!["apt-get", "install", "-y", "--no-install-recommends"];
                packages.extend(DEBIAN_PACKAGES);
                packages.push(&linker);
                vec![as_root(&["apt-get", "update"]), as_root(&packages)]
            }
        }
    }
}

/// The newest linker Debian's lists know; there is a package for each version, and an unversioned one that is older.
fn newest_lld() -> Option<String> {
    let listed = Command::new("apt-cache").args(["--names-only", "search", "^lld-[0-9]+$"]).output().ok()?;
    newest(&String::from_utf8_lossy(&listed.stdout))
}

fn newest(listed: &str) -> Option<String> {
    let names = listed.lines().filter_map(|line| line.split_whitespace().next());
    let versions = names.filter_map(|name| name.strip_prefix("lld-")?.parse::<u32>().ok());
    versions.max().map(|version| format!("lld-{version}"))
}

/// One command; shown as it would be typed.
#[derive(Debug, PartialEq, Eq)]
struct Step(Vec<String>);

impl Step {
    fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self(words.into_iter().map(str::to_owned).collect())
    }

    fn run(&self, folder: &Path) -> io::Result<ExitStatus> {
        let Some((program, arguments)) = self.0.split_first() else { return Err(io::ErrorKind::InvalidInput.into()) };
        clean(program, folder).args(arguments).stdin(Stdio::inherit()).status()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

fn line(steps: &[Step]) -> String {
    steps.iter().map(ToString::to_string).collect::<Vec<_>>().join(" && ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_to_type_is_one_that_a_shell_takes() {
        assert_eq!(line(&Way::Rustup.steps()), "rustup target add wasm32-unknown-unknown");
        let debian = line(&Way::Debian { sudo: true }.steps());
        let packages = "sudo apt-get install -y --no-install-recommends rustc-web cargo-web rust-web-src lld";
        assert!(debian.starts_with(&format!("sudo apt-get update && {packages}")), "{debian}");
        assert!(!line(&Way::Debian { sudo: false }.steps()).contains("sudo"));
    }

    #[test]
    fn the_newest_linker_of_debians_lists_is_taken() {
        assert_eq!(newest("lld-9 - linker\nlld-22 - linker\nlld-19 - linker\n"), Some("lld-22".to_owned()));
        assert_eq!(newest(""), None);
    }
}
