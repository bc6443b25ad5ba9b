//! Builds plugins from their sources: one cargo call for each workspace, then one component for each plugin.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::SystemTime,
};

use serde::Deserialize;

use super::{
    package::{PackageError, package},
    toolchain::{NoToolchain, TARGET, Toolchain},
};
use crate::atomic_file;

/// The cargo profile of plugins, small and quick to instantiate. Given on the command line, so that it holds in
/// every author's workspace and needs nothing in their Cargo.toml.
const PROFILE: &str = "plugin";
const PROFILE_SETTINGS: [&str; 7] = [
    r#"profile.plugin.inherits="release""#,
    r#"profile.plugin.opt-level="s""#,
    "profile.plugin.lto=true",
    "profile.plugin.codegen-units=1",
    r#"profile.plugin.panic="abort""#,
    "profile.plugin.strip=true",
    "profile.plugin.debug=false",
];
/// A call needs little stack, and every page of it counts when an instance is made.
const STACK: &str = "-Clink-arg=-zstack-size=131072";
/// Serialises builds that share a target folder, from compiling to taking the result.
const LOCK_FILE: &str = ".nightclerk-build.lock";

/// Why a plugin was not built. What lay in the plugins folder before is still there.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum BuildError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    NoToolchain(#[from] NoToolchain),
    #[error("{} holds no plugin source: no Cargo.toml there", folder.display())]
    #[diagnostic(help("start one with `nightclerk plugin new NAME`"))]
    NoSource { folder: PathBuf },
    #[error("the package in {} is no plugin", folder.display())]
    #[diagnostic(help("its Cargo.toml needs [lib] with crate-type = [\"cdylib\"]"))]
    NotAPlugin { folder: PathBuf },
    #[error("cargo cannot be run: {0}")]
    CargoMissing(io::Error),
    #[error("cargo failed:\n{0}")]
    Cargo(String),
    #[error("cargo said something that is not understood: {0}")]
    CargoOutput(serde_json::Error),
    #[error("`{plugin}` was compiled, but {why}")]
    Package { plugin: String, why: PackageError },
    #[error("{what} {}: {why}", path.display())]
    File { what: &'static str, path: PathBuf, why: io::Error },
}

impl BuildError {
    fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |why| Self::File { what, path: path.to_owned(), why }
    }
}

/// A plugin that was built, or was found to be up to date.
#[derive(Debug)]
pub struct Built {
    pub name: String,
    pub version: String,
    pub file: PathBuf,
    pub bytes: u64,
    /// Nothing had changed, so nothing was done.
    pub was_fresh: bool,
}

/// The folders below `plugins_dir` that hold sources for cargo.
///
/// # Errors
/// The folder cannot be read.
pub fn sources(plugins_dir: &Path) -> Result<Vec<PathBuf>, BuildError> {
    let read = || -> io::Result<Vec<PathBuf>> {
        let entries = fs::read_dir(plugins_dir)?.map(|entry| Ok(entry?.path()));
        entries
            .filter(|path: &io::Result<PathBuf>| path.as_ref().map_or(true, |it| it.join("Cargo.toml").is_file()))
            .collect()
    };
    let mut folders = read().map_err(BuildError::file("cannot read", plugins_dir))?;
    folders.sort();
    Ok(folders)
}

/// Builds the plugins in `folders` into `out`, as `<name>.wasm`. With `only_stale`, a plugin whose file is newer than
/// all it was made from is left alone. `tell` hears what is under way.
///
/// # Errors
/// The first that fails. What was finished before it is in place; no file is ever seen half written.
pub fn build(folders: &[PathBuf], out: &Path, only_stale: bool, tell: &dyn Fn(&str)) -> Result<Vec<Built>, BuildError> {
    let mut workspaces: BTreeMap<PathBuf, Workspace> = BTreeMap::new();
    for folder in folders {
        if !folder.join("Cargo.toml").is_file() {
            return Err(BuildError::NoSource { folder: folder.clone() });
        }
        let folder = fs::canonicalize(folder).map_err(BuildError::file("cannot read", folder))?;
        let toolchain = Toolchain::find(&folder)?;
        let (root, target, source) = locate(&toolchain, &folder)?;
        let workspace = workspaces.entry(root.clone());
        workspace.or_insert_with(|| Workspace { toolchain, root, target, sources: Vec::new() }).sources.push(source);
    }
    fs::create_dir_all(out).map_err(BuildError::file("cannot make", out))?;
    let mut built = Vec::new();
    for workspace in workspaces.values() {
        built.extend(workspace.build(out, only_stale, tell)?);
    }
    Ok(built)
}

/// Sources that cargo builds in one go.
struct Workspace {
    toolchain: Toolchain,
    root: PathBuf,
    /// Apart from the daemon's own target folder, so that neither waits for or invalidates the other.
    target: PathBuf,
    sources: Vec<Source>,
}

/// One plugin's package.
struct Source {
    package: String,
    version: String,
    folder: PathBuf,
    /// The stem of the file that the compiler leaves.
    artifact: String,
}

impl Workspace {
    fn build(&self, out: &Path, only_stale: bool, tell: &dyn Fn(&str)) -> Result<Vec<Built>, BuildError> {
        fs::create_dir_all(&self.target).map_err(BuildError::file("cannot make", &self.target))?;
        let lock_path = self.target.join(LOCK_FILE);
        let lock = File::create(&lock_path).map_err(BuildError::file("cannot make", &lock_path))?;
        tell("waiting for another build");
        lock.lock().map_err(BuildError::file("cannot lock", &lock_path))?;
        let stale = |source: &&Source| !(only_stale && self.is_fresh(source, &out.join(source.file_name())));
        let to_build: Vec<&Source> = self.sources.iter().filter(stale).collect();
        if !to_build.is_empty() {
            let names: Vec<_> = to_build.iter().map(|source| source.package.as_str()).collect();
            tell(&format!("compiling {}", names.join(", ")));
            run(&mut self.compile(&to_build))?;
        }
        self.sources
            .iter()
            .map(|source| {
                let file = out.join(source.file_name());
                let is_new = to_build.iter().any(|it| it.package == source.package);
                if is_new {
                    tell(&format!("packaging {}", source.package));
                    self.package(source, &file)?;
                }
                let bytes = fs::metadata(&file).map_err(BuildError::file("cannot read", &file))?.len();
                let (name, version) = (source.package.clone(), source.version.clone());
                Ok(Built { name, version, file, bytes, was_fresh: !is_new })
            })
            .collect()
    }

    fn compile(&self, sources: &[&Source]) -> Command {
        let mut command = self.toolchain.cargo("build", &self.root);
        command
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", STACK)
            .args(["--lib", "--target", TARGET, "--profile", PROFILE, "--target-dir"])
            .arg(&self.target)
            .args(PROFILE_SETTINGS.iter().flat_map(|setting| ["--config", setting]))
            .args(self.toolchain.build_arguments())
            .args(sources.iter().flat_map(|source| ["--package", &source.package]));
        command
    }

    fn artifact(&self, source: &Source, extension: &str) -> PathBuf {
        self.target.join(TARGET).join(PROFILE).join(&source.artifact).with_extension(extension)
    }

    fn package(&self, source: &Source, file: &Path) -> Result<(), BuildError> {
        let artifact = self.artifact(source, "wasm");
        let module = fs::read(&artifact).map_err(BuildError::file("cannot read", &artifact))?;
        let refused = |why| BuildError::Package { plugin: source.package.clone(), why };
        let packaged = package(&module).map_err(refused)?;
        atomic_file::replace(file, &packaged.component).map_err(BuildError::file("cannot write", file))
    }

    /// Whether the file is newer than all that cargo says it was made from.
    fn is_fresh(&self, source: &Source, file: &Path) -> bool {
        let modified = |path: &Path| fs::metadata(path).and_then(|it| it.modified()).ok();
        let Some(made) = modified(file) else { return false };
        let Ok(inputs) = fs::read_to_string(self.artifact(source, "d")) else { return false };
        let manifests = [source.folder.join("Cargo.toml"), self.root.join("Cargo.toml"), self.root.join("Cargo.lock")];
        let older = |path: &Path| modified(path).is_some_and(|time: SystemTime| time <= made);
        manifests.iter().all(|path| older(path)) && dependencies(&inputs).iter().all(|path| older(path))
    }
}

impl Source {
    fn file_name(&self) -> String {
        format!("{}.wasm", self.package)
    }
}

/// The prerequisites of a dep-info file, which is written like a Makefile: `target: a b\ c`.
fn dependencies(dep_info: &str) -> Vec<PathBuf> {
    let line = dep_info.lines().next().unwrap_or_default();
    let files = line.split_once(": ").map_or("", |(_, files)| files);
    // A space within a name is escaped; NUL, which no name has, stands in for it while the line is split.
    let files = files.replace("\\ ", "\0");
    files.split(' ').filter(|file| !file.is_empty()).map(|file| file.replace('\0', " ").into()).collect()
}

/// The workspace root, the target folder for plugins, and the package in `folder`.
fn locate(toolchain: &Toolchain, folder: &Path) -> Result<(PathBuf, PathBuf, Source), BuildError> {
    #[derive(Deserialize)]
    struct Metadata {
        workspace_root: PathBuf,
        target_directory: PathBuf,
        packages: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        version: String,
        manifest_path: PathBuf,
        targets: Vec<Target>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
        kind: Vec<String>,
    }

    let output = run(toolchain.cargo("metadata", folder).args(["--no-deps", "--format-version", "1"]))?;
    let metadata: Metadata = serde_json::from_slice(&output.stdout).map_err(BuildError::CargoOutput)?;
    let not_a_plugin = || BuildError::NotAPlugin { folder: folder.to_owned() };
    let manifest = folder.join("Cargo.toml");
    let package = metadata.packages.into_iter().find(|it| it.manifest_path == manifest).ok_or_else(not_a_plugin)?;
    let is_library = |target: &&Target| target.kind.iter().any(|kind| kind == "cdylib");
    let library = package.targets.iter().find(is_library).ok_or_else(not_a_plugin)?;
    let source = Source {
        artifact: library.name.replace('-', "_"),
        folder: folder.to_owned(),
        package: package.name,
        version: package.version,
    };
    Ok((metadata.workspace_root, metadata.target_directory.join("plugins"), source))
}

fn run(command: &mut Command) -> Result<Output, BuildError> {
    let output = command.output().map_err(BuildError::CargoMissing)?;
    match output.status.success() {
        true => Ok(output),
        false => Err(BuildError::Cargo(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}

#[cfg(test)]
mod tests;
