//! HMAC-SHA256, which most platforms sign with.

use ring::hmac::{Context, HMAC_SHA256, Key};
use subtle::ConstantTimeEq;

/// Bytes of an HMAC-SHA256.
pub const LENGTH: usize = 32;

/// A key that signs often: what HMAC makes of the key alone is made once.
#[derive(Clone)]
pub struct HmacKey(Key);

impl HmacKey {
    pub fn new(key: &[u8]) -> Self {
        Self(Key::new(HMAC_SHA256, key))
    }

    /// The HMAC-SHA256 of the parts, one after the other.
    pub fn sign(&self, parts: &[&[u8]]) -> [u8; LENGTH] {
        let mut signing = Context::with_key(&self.0);
        parts.iter().for_each(|part| signing.update(part));
        let mut signature = [0; LENGTH];
        signature.copy_from_slice(signing.sign().as_ref());
        signature
    }
}

/// The HMAC-SHA256 (RFC 2104) of the parts, one after the other.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; LENGTH] {
    HmacKey::new(key).sign(parts)
}

/// Whether `expected` is the HMAC-SHA256 of the parts; takes the same time wherever they differ.
pub fn verify_hmac_sha256(key: &[u8], parts: &[&[u8]], expected: &[u8]) -> bool {
    hmac_sha256(key, parts).ct_eq(expected).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_4231_holds_however_the_message_is_cut() {
        let expected = hex::decode("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843").unwrap();
        let parts: [&[&[u8]]; 2] = [&[b"what do ya want for nothing?"], &[b"what do ya want", b"", b" for nothing?"]];
        for parts in parts {
            assert_eq!(hmac_sha256(b"Jefe", parts).as_slice(), expected);
            assert_eq!(HmacKey::new(b"Jefe").sign(parts).as_slice(), expected);
            assert!(verify_hmac_sha256(b"Jefe", parts, &expected));
        }
    }

    #[test]
    fn a_changed_or_shortened_signature_does_not_hold() {
        let good = hmac_sha256(b"key", &[b"message"]);
        for bit in 0..LENGTH * 8 {
            let mut bad = good;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(!verify_hmac_sha256(b"key", &[b"message"], &bad));
        }
        for length in 0..LENGTH {
            assert!(!verify_hmac_sha256(b"key", &[b"message"], &good[..length]));
        }
    }
}
