use super::{
    binary::Broken,
    manifest::{ContractVersion, ManifestError},
};
use crate::model::Hook;

/// Why a plugin is not loaded, or a wish about one not met.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    #[error("{0}")]
    Io(String),
    #[error("the plugin host cannot be set up: {0}")]
    Host(String),
    #[error("the file has {0} bytes; {limit} are allowed", limit = super::MAX_FILE_BYTES)]
    TooLarge(u64),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error("it is made for contract {wanted}; this host knows {oldest} to {newest}")]
    Contract { wanted: ContractVersion, oldest: ContractVersion, newest: ContractVersion },
    #[error("it is not of the world `nightclerk:plugin`: {0}")]
    WrongWorld(String),
    #[error("it does not compile: {0}")]
    Compile(String),
    #[error("its trial call of `{hook}` failed: it {why}")]
    Trial { hook: Hook, why: String },
    #[error("{0}")]
    Settings(String),
    #[error("loading it made the compiler or the trial panic")]
    Panicked,
    #[error("it says that it is the plugin `{0}`, so its file must be called {0}.wasm")]
    FileName(String),
    #[error("there is no plugin `{0}`")]
    Unknown(String),
    #[error("no earlier version of `{0}` is kept")]
    NothingToRollBackTo(String),
    #[error("`{name}` has no kept version `{wanted}` to go to; kept are {kept}")]
    NoSuchVersion { name: String, wanted: String, kept: String },
    #[error("`{0}` is not set aside")]
    NotSetAside(String),
}

impl From<Broken> for PluginError {
    fn from(broken: Broken) -> Self {
        Self::Manifest(broken.into())
    }
}
