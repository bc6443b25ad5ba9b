//! Builds plugins from their sources: one cargo call for each workspace, then one component for each plugin; and each that is
//! written in Python by itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde::Deserialize;

use super::{
    built::{BuildError, Built},
    clang::Clang,
    flags::{ENGINE_SETTINGS, ENGINE_STACK, PROFILE, PROFILE_SETTINGS, STACK, TARGET, c_flags, encoded_rustflags},
    install,
    package::package,
    python,
    toolchain::Toolchain,
};
use crate::atomic_file;

/// Serialises builds that share a target folder, from compiling to taking the result.
const LOCK_FILE: &str = ".nightclerk-build.lock";

/// Whether a folder holds the sources of a plugin.
pub fn is_source(folder: &Path) -> bool {
    folder.join("Cargo.toml").is_file() || python::is_source(folder)
}

/// The folders below `plugins_dir` that hold sources.
///
/// # Errors
/// The folder cannot be read.
pub fn sources(plugins_dir: &Path) -> Result<Vec<PathBuf>, BuildError> {
    let read = || -> io::Result<Vec<PathBuf>> {
        let entries = fs::read_dir(plugins_dir)?.map(|entry| Ok(entry?.path()));
        entries.filter(|path: &io::Result<PathBuf>| path.as_ref().map_or(true, |it| is_source(it))).collect()
    };
    let mut folders = read().map_err(BuildError::file("cannot read", plugins_dir))?;
    folders.sort();
    Ok(folders)
}

/// Builds the plugins in `folders` into `out`, as `<name>.wasm`. `tell` hears what is under way.
///
/// # Errors
/// The first that fails. What was finished before it is in place; no file is ever seen half written.
pub fn build(folders: &[PathBuf], out: &Path, tell: &dyn Fn(&str)) -> Result<Vec<Built>, BuildError> {
    let mut workspaces: BTreeMap<PathBuf, Workspace> = BTreeMap::new();
    let (crates, in_python): (Vec<_>, Vec<_>) = folders.iter().partition(|it| it.join("Cargo.toml").is_file());
    if let Some(folder) = in_python.iter().find(|it| !python::is_source(it)) {
        return Err(BuildError::NoSource { folder: (*folder).clone() });
    }
    for folder in crates {
        let folder = fs::canonicalize(folder).map_err(BuildError::file("cannot read", folder))?;
        let toolchain =
            Toolchain::find(&folder).ok_or_else(|| BuildError::NoToolchain { advice: install::advice() })?;
        let (workspace, source) = locate(toolchain, &folder)?;
        workspaces.entry(workspace.root.clone()).or_insert(workspace).sources.push(source);
    }
    fs::create_dir_all(out).map_err(BuildError::file("cannot make", out))?;
    let mut built = Vec::new();
    for workspace in workspaces.values() {
        built.extend(workspace.build(out, tell)?);
    }
    for folder in in_python {
        built.push(python::build(folder, out, tell)?);
    }
    Ok(built)
}

/// Builds the script engine in `folder`: a core module, and what compiled the C in it.
///
/// # Errors
/// A compiler is missing, or does not take it.
pub fn build_engine(folder: &Path, tell: &dyn Fn(&str)) -> Result<(Vec<u8>, String), BuildError> {
    let folder = fs::canonicalize(folder).map_err(BuildError::file("cannot read", folder))?;
    let toolchain = Toolchain::find(&folder).ok_or_else(|| BuildError::NoToolchain { advice: install::advice() })?;
    let clang = Clang::find().ok_or_else(|| BuildError::NoClang { advice: Clang::advice() })?;
    let (mut workspace, source) = locate(toolchain, &folder)?;
    let artifact = workspace.artifact(&source);
    workspace.sources.push(source);
    let _lock = workspace.lock(tell)?;
    tell("compiling the script engine");
    // Clang is told the whole path of a file.
    let renamed = [vec![(workspace.root.as_path(), "/src")], workspace.renamed()].concat();
    let mut command = workspace.compile(ENGINE_STACK, &ENGINE_SETTINGS);
    command.envs(clang.environment(&c_flags(&renamed)));
    run(&mut command)?;
    let module = fs::read(&artifact).map_err(BuildError::file("cannot read", &artifact))?;
    Ok((module, clang.version().map_err(BuildError::CompilerMissing)?))
}

/// Sources that cargo builds in one go.
struct Workspace {
    toolchain: Toolchain,
    root: PathBuf,
    /// Apart from the daemon's own target folder, so that neither waits for or invalidates the other.
    target: PathBuf,
    /// Where cargo keeps the sources of published packages: one folder for each registry.
    registries: BTreeSet<PathBuf>,
    sources: Vec<Source>,
}

/// One plugin's package.
struct Source {
    package: String,
    version: String,
    /// The stem of the file that the compiler leaves.
    artifact: String,
}

impl Workspace {
    fn build(&self, out: &Path, tell: &dyn Fn(&str)) -> Result<Vec<Built>, BuildError> {
        let _lock = self.lock(tell)?;
        let names: Vec<_> = self.sources.iter().map(|source| source.package.as_str()).collect();
        tell(&format!("compiling {}", names.join(", ")));
        run(&mut self.compile(STACK, &[]))?;
        let compiler = self.toolchain.version(&self.root).map_err(BuildError::CompilerMissing)?;
        self.sources.iter().map(|source| self.package(source, out, &compiler)).collect()
    }

    /// Holds off other builds while it lives.
    fn lock(&self, tell: &dyn Fn(&str)) -> Result<File, BuildError> {
        fs::create_dir_all(&self.target).map_err(BuildError::file("cannot make", &self.target))?;
        let lock_path = self.target.join(LOCK_FILE);
        let lock = File::create(&lock_path).map_err(BuildError::file("cannot make", &lock_path))?;
        tell("waiting for another build");
        lock.lock().map_err(BuildError::file("cannot lock", &lock_path))?;
        Ok(lock)
    }

    /// The workspace's own folder is not among them: cargo names what lies below it by its path from there. So workspaces that
    /// share a target folder share what is compiled of libraries, the standard one first of all.
    fn renamed(&self) -> Vec<(&Path, &'static str)> {
        let mut renamed = vec![(self.target.as_path(), "/target")];
        renamed.extend(self.registries.iter().map(|folder| (folder.as_path(), "/registry")));
        renamed.extend(self.toolchain.library().map(|folder| (folder, "/library")));
        renamed
    }

    fn artifact(&self, source: &Source) -> PathBuf {
        self.target.join(TARGET).join(PROFILE).join(&source.artifact).with_extension("wasm")
    }

    fn compile(&self, stack: usize, settings: &[&str]) -> Command {
        let mut command = self.toolchain.cargo("build", &self.root);
        command
            .env("CARGO_ENCODED_RUSTFLAGS", encoded_rustflags(&self.renamed(), stack))
            .args(["--lib", "--target", TARGET, "--profile", PROFILE, "--target-dir"])
            .arg(&self.target)
            .args(PROFILE_SETTINGS.iter().chain(settings).flat_map(|setting| ["--config", setting]))
            .args(self.toolchain.build_arguments())
            .args(self.sources.iter().flat_map(|source| ["--package", &source.package]));
        command
    }

    fn package(&self, source: &Source, out: &Path, compiler: &str) -> Result<Built, BuildError> {
        let artifact = self.artifact(source);
        let module = fs::read(&artifact).map_err(BuildError::file("cannot read", &artifact))?;
        let refused = |why| BuildError::Package { plugin: source.package.clone(), why };
        let component = package(&module).map_err(refused)?.component;
        let file = out.join(format!("{}.wasm", source.package));
        atomic_file::replace(&file, &component).map_err(BuildError::file("cannot write", &file))?;
        let (name, version) = (source.package.clone(), source.version.clone());
        Ok(Built { name, version, file, bytes: component.len(), compiler: compiler.to_owned() })
    }
}

/// The package in `folder`, and the workspace it is in with no sources yet.
fn locate(toolchain: Toolchain, folder: &Path) -> Result<(Workspace, Source), BuildError> {
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
        /// `None` for one that lies where it is worked on.
        source: Option<String>,
        manifest_path: PathBuf,
        targets: Vec<Target>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
        kind: Vec<String>,
    }

    let output = run(toolchain.cargo("metadata", folder).args(["--format-version", "1", "--filter-platform", TARGET]))?;
    let metadata: Metadata = serde_json::from_slice(&output.stdout).map_err(BuildError::CargoOutput)?;
    let published = metadata.packages.iter().filter(|package| package.source.is_some());
    let registries = published.filter_map(|package| package.manifest_path.ancestors().nth(2).map(Path::to_owned));
    // As it is called wherever it is linked to, so that each of these has what was compiled for the others.
    let target = fs::canonicalize(&metadata.target_directory).unwrap_or(metadata.target_directory);
    let workspace = Workspace {
        toolchain,
        root: metadata.workspace_root,
        target: target.join("plugins"),
        registries: registries.collect(),
        sources: Vec::new(),
    };
    let not_a_plugin = || BuildError::NotAPlugin { folder: folder.to_owned() };
    let manifest = folder.join("Cargo.toml");
    let package = metadata.packages.into_iter().find(|it| it.manifest_path == manifest).ok_or_else(not_a_plugin)?;
    let is_library = |target: &&Target| target.kind.iter().any(|kind| kind == "cdylib");
    let library = package.targets.iter().find(is_library).ok_or_else(not_a_plugin)?;
    let artifact = library.name.replace('-', "_");
    Ok((workspace, Source { artifact, package: package.name, version: package.version }))
}

fn run(command: &mut Command) -> Result<Output, BuildError> {
    let output = command.output().map_err(BuildError::CargoMissing)?;
    match output.status.success() {
        true => Ok(output),
        false => Err(BuildError::Cargo(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}
