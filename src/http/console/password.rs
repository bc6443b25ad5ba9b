//! Passwords: argon2 on a thread of its own, few at a time, as each takes megabytes and tens of milliseconds.

use std::sync::OnceLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

/// The shortest that is taken. What people choose is guessed by the thousand an hour at most (see `limits`).
pub const LEAST_CHARACTERS: usize = 10;
/// The longest, so that nobody has us hash a book.
const MOST_BYTES: usize = 1024;
/// Hashed at once.
const AT_ONCE: usize = 2;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);
/// What a name without a password is held against, so that it takes as long as one with.
static NOBODYS: OnceLock<Option<String>> = OnceLock::new();

/// Whether a password can be taken at all.
pub fn is_good(password: &str) -> bool {
    password.chars().count() >= LEAST_CHARACTERS && password.len() <= MOST_BYTES
}

/// Its hash; `None` where the system has no randomness.
pub async fn hash(password: String) -> Option<String> {
    apart(move || hashed(&password)).await.flatten()
}

/// Whether it is the one that was hashed. Takes as long where nobody has one.
pub async fn is_right(password: String, hash: Option<String>) -> bool {
    if password.len() > MOST_BYTES {
        return false;
    }
    let known = hash.is_some();
    let verify = move || {
        let held_against = hash.or_else(|| NOBODYS.get_or_init(|| hashed("nobody")).clone())?;
        let parsed = PasswordHash::new(&held_against).ok()?;
        Some(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
    };
    apart(verify).await.flatten().unwrap_or(false) && known
}

fn hashed(password: &str) -> Option<String> {
    Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let _turn = TURNS.acquire().await.ok()?;
    tokio::task::spawn_blocking(work).await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_that_was_chosen_is_right_and_nobody_has_none() {
        let hash = hash("lanterns and tea".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(is_right("lanterns and tea".to_owned(), Some(hash.clone())).await);
        assert!(!is_right("lanterns and Tea".to_owned(), Some(hash.clone())).await);
        assert!(!is_right("nobody".to_owned(), None).await, "what nobody's is held against lets nobody in");
        assert!(!is_right("x".repeat(MOST_BYTES + 1), Some(hash)).await);
    }

    #[test]
    fn a_password_is_long_enough_in_any_script() {
        assert!(is_good("一二三四五六七八九十"));
        assert!(!is_good("123456789"));
        assert!(!is_good(&"x".repeat(MOST_BYTES + 1)));
    }
}
