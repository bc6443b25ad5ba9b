//! What building a plugin comes to.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{flags::TARGET, package::PackageError};
use crate::plugin::contract::{PluginError, manifest::ManifestError};

/// How to come by the compiler for Python.
pub const PYTHON_ADVICE: &str = "install it with `pip install componentize-py` (Python 3.10 or newer; in a virtual environment, \
                          activate that first), and try again";

/// A plugin that was built.
#[derive(Debug)]
pub struct Built {
    pub name: String,
    pub version: String,
    pub file: PathBuf,
    pub bytes: usize,
    /// What compiled it, in its own words.
    pub compiler: String,
}

/// Why a plugin was not built. What lay in the plugins folder before is still there.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum BuildError {
    #[error("no Rust toolchain here compiles for {TARGET}")]
    #[diagnostic(help("{advice}"))]
    NoToolchain { advice: String },
    #[error("componentize-py, which builds plugins in Python, is not on the PATH")]
    #[diagnostic(help("{}", PYTHON_ADVICE))]
    NoComponentizePy,
    #[error("componentize-py does not take it:\n{0}")]
    Python(String),
    #[error("`{plugin}` was built, but the clerk would not load it: {why}")]
    Contract { plugin: String, why: PluginError },
    #[error("{}: {why}", path.display())]
    Manifest { path: PathBuf, why: ManifestError },
    #[error("{} holds no plugin source: neither Cargo.toml, nor app.py with manifest.json", folder.display())]
    #[diagnostic(help("start one with `nightclerk plugin new NAME`"))]
    NoSource { folder: PathBuf },
    #[error("the package in {} is no plugin", folder.display())]
    #[diagnostic(help("its Cargo.toml needs [lib] with crate-type = [\"cdylib\"]"))]
    NotAPlugin { folder: PathBuf },
    #[error("cargo cannot be run: {0}")]
    CargoMissing(io::Error),
    #[error("no C compiler here compiles for {TARGET}")]
    #[diagnostic(help("{advice}"))]
    NoClang { advice: String },
    #[error("the compiler does not say its version: {0}")]
    CompilerMissing(io::Error),
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
    pub(super) fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |why| Self::File { what, path: path.to_owned(), why }
    }
}
