//! HMAC-SHA256, which most platforms sign with.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of an HMAC-SHA256.
pub const LENGTH: usize = 32;

/// A key that signs often: what HMAC makes of the key alone is made once.
#[derive(Clone)]
pub struct HmacKey(Hmac<Sha256>);

impl HmacKey {
    pub fn new(key: &[u8]) -> Self {
        Self(mac(key, &[]))
    }

    /// The HMAC-SHA256 of the parts, one after the other.
    pub fn sign(&self, parts: &[&[u8]]) -> [u8; LENGTH] {
        let mut mac = self.0.clone();
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }
}

/// The HMAC-SHA256 (RFC 2104) of the parts, one after the other.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; LENGTH] {
    mac(key, parts).finalize().into_bytes().into()
}

/// Whether `expected` is the HMAC-SHA256 of the parts; takes the same time wherever they differ.
pub fn verify_hmac_sha256(key: &[u8], parts: &[&[u8]], expected: &[u8]) -> bool {
    mac(key, parts).verify_slice(expected).is_ok()
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac
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
