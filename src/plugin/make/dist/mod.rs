//! `plugins/dist/`: the components of the shipped plugins and the script engine, tracked beside a lock that says what they were made from.

mod crates;
mod inputs;
mod lock;
mod manifest;
mod packages;
#[cfg(test)]
mod tests;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    build,
    built::{BuildError, Built},
};
use crate::atomic_file;
use lock::Lock;
pub use manifest::InputError;

/// Where they are tracked, from the root of the repository.
pub const FOLDER: &str = "plugins/dist";
/// The sources of the script engine, and its name there.
const ENGINE_SOURCES: &str = "sdk/js/engine";
const ENGINE: &str = "script-engine.wasm";

/// Why the shipped plugins were not built.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum DistError {
    #[error("{} is not nightclerk's repository: it has no {FOLDER}", .0.display())]
    #[diagnostic(help("run it at the repository's root"))]
    NotTheRepository(PathBuf),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Build(#[from] BuildError),
    #[error(transparent)]
    Input(#[from] InputError),
    #[error("{} cannot be read or written: {why}", path.display())]
    File { path: PathBuf, why: io::Error },
}

/// Builds every plugin that the repository at `root` ships, and the script engine, into `out`, with its lock. `tell` hears what is under way.
///
/// # Errors
/// The first that fails; the lock is written last.
pub fn build(root: &Path, out: &Path, tell: &dyn Fn(&str)) -> Result<Vec<Built>, DistError> {
    if !root.join(FOLDER).is_dir() {
        return Err(DistError::NotTheRepository(root.to_owned()));
    }
    // Before they are compiled: an edit meanwhile must not pass for what was built.
    let inputs = inputs::inputs(root)?;
    let folders: Vec<_> = crates::shipped(root)?.iter().map(|folder| root.join(folder)).collect();
    let built = build::build(&folders, out, tell)?;
    let mut lock = Lock { inputs, ..Lock::default() };
    for plugin in &built {
        let component = fs::read(&plugin.file).map_err(|why| DistError::File { path: plugin.file.clone(), why })?;
        lock.compiler.clone_from(&plugin.compiler);
        lock.outputs.insert(format!("{}.wasm", plugin.name), inputs::sha256(&component));
    }
    let (engine, c_compiler) = build::build_engine(&root.join(ENGINE_SOURCES), tell)?;
    lock.c_compiler = c_compiler;
    lock.outputs.insert(ENGINE.to_owned(), inputs::sha256(&engine));
    let write = |file: &str, bytes: &[u8]| {
        let path = out.join(file);
        atomic_file::replace(&path, bytes).map_err(|why| DistError::File { path, why })
    };
    write(ENGINE, &engine)?;
    write(Lock::FILE, lock.to_string().as_bytes())?;
    Ok(built)
}
