//! Random tokens of cookies and links, of which the store has only the hash.

use sha2::{Digest, Sha256};

use crate::store::TokenHash;

/// A new token, for a cookie or a link; `None` where the system has no randomness.
pub fn new_token() -> Option<String> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).ok()?;
    Some(hex::encode(random))
}

/// What the store has of a token.
pub fn hash_of(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}
