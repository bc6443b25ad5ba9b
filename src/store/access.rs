//! Who of the store comes in at the console.

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
