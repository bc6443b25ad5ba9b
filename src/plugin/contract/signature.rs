//! Who vouches for a plugin: ed25519 signatures over its name and its file, which lie beside it as `<file>.sig`.
//!
//! A line of that file is `ed25519 <public key> <signature>`, both in base64; several may vouch for one file. The name is
//! signed too, so that a script that was good as one plugin cannot be put in the place of another, with that one's grants.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::PluginError;
use crate::setting::{Secret, written_as_text};

/// What the name of a signature's file ends with, behind that of the plugin's.
pub const ENDING: &str = ".sig";
/// Bytes of such a file; more are no signatures.
pub const MAX_BYTES: u64 = 16 * 1024;
/// The word for the kind of keys and signatures.
const KIND: &str = "ed25519";
/// What a secret key's file begins with.
const SECRET: &str = "nightclerk-secret-key";
/// What is signed begins with this, so that no signature is good for anything else.
const CONTEXT: &[u8] = b"nightclerk plugin 1\0";

/// The half of a key that everybody may know: `ed25519:…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(VerifyingKey);

written_as_text!(PublicKey, "public key as `nightclerk plugin keygen` prints it, such as \"ed25519:…\"");

/// The half that signs.
pub struct SecretKey(SigningKey);

/// Whose plugins are loaded; anybody's where nobody is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust(Vec<PublicKey>);

impl Trust {
    pub fn new(keys: Vec<PublicKey>) -> Self {
        Self(keys)
    }

    /// Whether only some are trusted.
    pub fn is_limited(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether a file may be loaded as the plugin of this name.
    ///
    /// # Errors
    /// Nobody who is trusted has signed it.
    pub fn check(&self, name: &str, bytes: &[u8], signatures: Option<&str>) -> Result<(), PluginError> {
        if !self.is_limited() {
            return Ok(());
        }
        let Some(signatures) = signatures else { return Err(PluginError::Unsigned) };
        let signers = signers(name, bytes, signatures)?;
        if signers.iter().any(|(key, _)| self.0.contains(key) && is_good(&signers, key)) {
            return Ok(());
        }
        Err(match signers.iter().find(|(key, _)| self.0.contains(key)) {
            Some(_) => PluginError::ChangedAfterSigning,
            None => PluginError::SignedByOthers(signers.iter().map(|(key, _)| key.to_string()).collect()),
        })
    }
}

fn is_good(signers: &[(PublicKey, bool)], key: &PublicKey) -> bool {
    signers.iter().any(|(signer, good)| signer == key && *good)
}

/// Who has signed, and whether what they signed is this file, as the plugin of this name.
///
/// # Errors
/// These are no signatures.
pub fn signers(name: &str, bytes: &[u8], signatures: &str) -> Result<Vec<(PublicKey, bool)>, PluginError> {
    let message = message(name, bytes);
    let lines = signatures.lines().map(str::trim).filter(|line| !line.is_empty());
    let read = |line: &str| {
        let mut words = line.split_whitespace();
        let (kind, key, signature) = (words.next()?, words.next()?, words.next()?);
        if kind != KIND || words.next().is_some() {
            return None;
        }
        let key = PublicKey::decode(key)?;
        let signature = Signature::from_bytes(&BASE64.decode(signature).ok()?.try_into().ok()?);
        Some((key, key.0.verify_strict(&message, &signature).is_ok()))
    };
    lines.map(|line| read(line).ok_or(PluginError::NoSignature)).collect()
}

/// What is signed.
fn message(name: &str, bytes: &[u8]) -> Vec<u8> {
    [CONTEXT, name.as_bytes(), &[0], &Sha256::digest(bytes)].concat()
}

impl SecretKey {
    /// A new one.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The text of its file.
    pub fn to_text(&self) -> Secret {
        Secret::new(format!("{SECRET} {KIND}:{}\n", BASE64.encode(self.0.to_bytes())))
    }

    /// Reads the text of its file; `None` where it is none.
    pub fn of_text(text: &str) -> Option<Self> {
        let key = text.trim().strip_prefix(SECRET)?.trim_start().strip_prefix(KIND)?.strip_prefix(':')?;
        let seed: [u8; 32] = BASE64.decode(key).ok()?.try_into().ok()?;
        Some(Self(SigningKey::from_bytes(&seed)))
    }

    /// The signatures' file with this key's in it, beside those of others, for a file as the plugin of this name.
    pub fn sign(&self, name: &str, bytes: &[u8], others: &str) -> String {
        let signature = BASE64.encode(self.0.sign(&message(name, bytes)).to_bytes());
        let key = BASE64.encode(self.public().0.to_bytes());
        let others = others.lines().filter(|line| !line.trim().is_empty() && !line.contains(&key));
        let lines = others.map(str::to_owned).chain([format!("{KIND} {key} {signature}")]);
        lines.map(|line| line + "\n").collect()
    }
}

impl PublicKey {
    fn decode(base64: &str) -> Option<Self> {
        let bytes: [u8; 32] = BASE64.decode(base64).ok()?.try_into().ok()?;
        VerifyingKey::from_bytes(&bytes).ok().filter(|key| !key.is_weak()).map(Self)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{KIND}:{}", BASE64.encode(self.0.to_bytes()))
    }
}

impl FromStr for PublicKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let key = text.strip_prefix(KIND).and_then(|it| it.strip_prefix(':')).and_then(Self::decode);
        // Not a word of it: somebody may have taken the other half.
        key.ok_or_else(|| "this is no public key; `nightclerk plugin keygen` prints one, `ed25519:…`".to_owned())
    }
}

impl TryFrom<String> for PublicKey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SecretKey {
        SecretKey(SigningKey::from_bytes(&[seed; 32]))
    }

    fn trusting(keys: &[&SecretKey]) -> Trust {
        Trust::new(keys.iter().map(|key| key.public()).collect())
    }

    #[test]
    fn only_what_somebody_trusted_has_signed_as_it_is_and_by_its_name_is_let_in() {
        let (mine, other) = (key(1), key(2));
        let signed = mine.sign("hello", b"code", "");
        let trust = trusting(&[&other, &mine]);
        trust.check("hello", b"code", Some(&signed)).unwrap();
        assert!(matches!(trust.check("hello", b"c0de", Some(&signed)), Err(PluginError::ChangedAfterSigning)));
        assert!(matches!(trust.check("greeting", b"code", Some(&signed)), Err(PluginError::ChangedAfterSigning)));
        assert!(matches!(trust.check("hello", b"code", None), Err(PluginError::Unsigned)));
        let theirs = trusting(&[&other]).check("hello", b"code", Some(&signed));
        assert!(matches!(theirs, Err(PluginError::SignedByOthers(keys)) if keys == [mine.public().to_string()]));
        Trust::default().check("hello", b"code", None).unwrap();
    }

    #[test]
    fn several_may_sign_and_each_once() {
        let (one, two) = (key(1), key(2));
        let first = one.sign("hello", b"code", "");
        let both = one.sign("hello", b"code", &two.sign("hello", b"code", &first));
        assert_eq!(both.lines().count(), 2);
        for key in [&one, &two] {
            trusting(&[key]).check("hello", b"code", Some(&both)).unwrap();
        }
    }

    #[test]
    fn nonsense_is_no_signature_and_no_key() {
        for nonsense in ["x", "ed25519 a b", "ed25519", "ed448 AAAA BBBB"] {
            let checked = trusting(&[&key(1)]).check("hello", b"code", Some(nonsense));
            assert!(matches!(checked, Err(PluginError::NoSignature)), "{nonsense}");
        }
        let weak = format!("ed25519:{}", BASE64.encode([0; 32]));
        for nonsense in ["", "ed25519:", "ed25519:AAAA", &weak] {
            assert!(nonsense.parse::<PublicKey>().is_err(), "{nonsense}");
        }
    }

    #[test]
    fn keys_are_read_as_they_are_written() {
        let key = key(7);
        assert_eq!(key.public().to_string().parse(), Ok(key.public()));
        let again = SecretKey::of_text(key.to_text().expose()).unwrap();
        assert_eq!(again.public(), key.public());
        assert!(SecretKey::of_text(&key.public().to_string()).is_none());
    }
}
