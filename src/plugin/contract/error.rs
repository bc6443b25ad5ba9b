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
    #[error("the file has {bytes} bytes; {limit} are allowed")]
    TooLarge { bytes: u64, limit: u64 },
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
    #[error("it says that it is the plugin `{name}`, so its file must be called {name}.{extension}")]
    FileName { name: String, extension: String },
    #[error("{}: keep one of them", .0.join(" and "))]
    Twice(Vec<String>),
    /// The script says what is wrong itself: `hello.js:2:5: …`.
    #[error("{0}")]
    Script(String),
    #[error("the script engine cannot be made ready: {0}")]
    NoEngine(String),
    #[error("the script engine is being made ready, which takes some seconds once; the script is loaded right after")]
    EngineAwaited,
    #[error("it is a script, which is evaluated when it is loaded")]
    NotEvaluated,
    #[error("it is not signed (no .sig lies beside it), and `trust` in [plugins] lets in only what is")]
    Unsigned,
    #[error("it is signed by {}, and `trust` in [plugins] names others", .0.join(", "))]
    SignedByOthers(Vec<String>),
    #[error("it was changed after it was signed, or signed for a plugin of another name")]
    ChangedAfterSigning,
    #[error("the .sig beside it holds no signatures, or more than those")]
    NoSignature,
    #[error("there is no plugin `{0}`")]
    Unknown(String),
    #[error("`{name}` has no second version that is run{}", .why.as_ref().map(|why| format!(": {why}")).unwrap_or_default())]
    NoShadow { name: String, why: Option<String> },
    #[error("no earlier version of `{0}` is kept")]
    NothingToRollBackTo(String),
    #[error("`{name}` has no kept version `{wanted}` to go to; kept are {kept}")]
    NoSuchVersion { name: String, wanted: String, kept: String },
    #[error("`{0}` is not set aside")]
    NotSetAside(String),
}

impl PluginError {
    /// Whether nobody who is trusted vouches for it.
    pub fn is_of_trust(&self) -> bool {
        matches!(self, Self::Unsigned | Self::SignedByOthers(_) | Self::ChangedAfterSigning | Self::NoSignature)
    }
}

impl From<Broken> for PluginError {
    fn from(broken: Broken) -> Self {
        Self::Manifest(broken.into())
    }
}
