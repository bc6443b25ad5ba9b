//! Who of the store comes in at the console, and what people did there.

use serde::{Deserialize, Serialize};

use crate::model::Address;

/// The SHA-256 of a token that only a browser, or whoever was sent a link, has.
pub type TokenHash = [u8; 32];

/// A link by which a person chooses a password; the newest of a person is the one that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub person: String,
    pub hash: TokenHash,
    pub expires_ms: i64,
}

/// A browser in which somebody signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub hash: TokenHash,
    /// `None`: the owner.
    pub person: Option<String>,
    /// What it was opened with, where it ends when that changes.
    pub proof: TokenHash,
    pub opened_ms: i64,
    pub expires_ms: i64,
}

/// Something that a person did or looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    pub at_ms: i64,
    /// `None`: the owner.
    pub who: Option<String>,
    /// A word for the deed, such as `conversation-take`.
    pub what: String,
    /// What else it was done to: a ticket, a plugin, a file, a person. Nobody's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// The customer's conversation; `None` where it is about none, or where the customer is forgotten.
    pub conversation: Option<Address>,
}

/// Which entries of the audit are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditAsked {
    /// Of this person alone; empty for the owner.
    pub who: Option<String>,
    /// Whose deed begins with this.
    pub what: Option<String>,
    /// Not before.
    pub since_ms: i64,
    /// Before this one, for the page after.
    pub before: Option<i64>,
    pub limit: usize,
}
