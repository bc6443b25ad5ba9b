use std::fmt;

use wasmtime::Trap;

use super::text::line;

/// Why a call came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It answered with an error of its own.
    Said(String),
    /// It ran out of time.
    Overtime,
    /// It broke a limit of the host's: it asked too often, or handed over too much.
    Limit(String),
    /// It trapped.
    Trapped(String),
    /// A hook is of another shape than the contract's.
    Shape(String),
    /// Its answer may not be carried out.
    Refused(String),
}

impl Failure {
    /// Whether the author's own code said so, in order; all else is a fault in the plugin.
    pub fn is_own_error(&self) -> bool {
        matches!(self, Self::Said(_))
    }

    /// Whether a limit of the host's ended the call.
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::Overtime | Self::Limit(_))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(why) => write!(f, "failed: {why}"),
            Self::Overtime => f.write_str("ran out of time"),
            Self::Limit(why) => write!(f, "was stopped: {why}"),
            Self::Trapped(why) => write!(f, "trapped: {why}"),
            Self::Shape(why) => write!(f, "has a hook of another shape than the contract's: {why}"),
            Self::Refused(why) => write!(f, "gave an answer that is refused: {why}"),
        }
    }
}

/// The clock's way of ending a guest.
#[derive(Debug, thiserror::Error)]
#[error("out of time")]
pub struct Overtime;

/// A limit of the host's that a guest broke.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broke(pub String);

/// A hook that is not typed as the contract has it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Misshapen(pub String);

impl From<wasmtime::Error> for Failure {
    fn from(error: wasmtime::Error) -> Self {
        if error.is::<Overtime>() {
            return Self::Overtime;
        }
        if let Some(Broke(why)) = error.downcast_ref() {
            return Self::Limit(line(why));
        }
        if let Some(Misshapen(why)) = error.downcast_ref() {
            return Self::Shape(line(why));
        }
        let why = match error.downcast_ref::<Trap>() {
            Some(trap) => trap.to_string(),
            None => error.root_cause().to_string(),
        };
        if why.contains(HOSTCALL_FUEL) {
            return Self::Limit("it handed the host more bytes at once than are allowed".to_owned());
        }
        Self::Trapped(line(&why))
    }
}

/// What the runtime says, in words alone, when a guest hands over too much at once.
const HOSTCALL_FUEL: &str = "fuel allocated for hostcalls";
