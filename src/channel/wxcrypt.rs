//! The signature and cipher of WeChat's and WeCom's callbacks ("WXBizMsgCrypt").
//!
//! A plaintext is `16 bytes ‖ length (u32, big-endian) ‖ message ‖ receiver's id`, padded by PKCS#7 to 32-byte
//! blocks, under AES-256-CBC with the key's first half as the constant IV. Source: "消息加解密说明" of the
//! WeChat Official Accounts platform.

use std::iter;

use aes::Aes256;
use base64::{
    Engine, alphabet,
    engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD},
};
use cbc::cipher::{
    BlockModeDecrypt, BlockModeEncrypt, KeyIvInit,
    block_padding::{NoPadding, Padding, Pkcs7},
};
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

use crate::webhook::signature::hmac_sha256;

/// The platform hands out 43 characters whose last one may carry stray bits, which a strict decoder refuses.
const KEY_BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// PKCS#7 pads to this, not to the cipher's own 16 bytes.
const PADDED_BLOCK: usize = 32;
/// What stands before the message: the prefix and the length.
const HEAD: usize = PREFIX + 4;
const PREFIX: usize = 16;

/// Lower-case hexadecimal SHA-1 over the sorted, joined parts: every signature of these platforms.
pub fn signature(parts: &[&str]) -> String {
    let mut sorted = parts.to_vec();
    sorted.sort_unstable();
    let mut hash = Sha1::new();
    for part in sorted {
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

/// Whether `given` is the signature over `parts`; takes the same time wherever they differ.
pub fn signature_holds(parts: &[&str], given: &str) -> bool {
    signature(parts).as_bytes().ct_eq(given.as_bytes()).into()
}

/// A ciphertext that was not made with our key, for us. It does not say why, so that nobody can learn
/// about the padding by asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message cannot be decrypted with this encoding_aes_key and app id")]
pub struct Undecipherable;

/// The key shared with the platform, and the id both sides put into every message.
pub struct Cipher {
    key: [u8; 32],
    iv: [u8; 16],
    receiver: String,
}

impl Cipher {
    /// `encoding_aes_key` is the 43 characters from the platform's console, `receiver` the app id (WeChat)
    /// or corp id (WeCom).
    ///
    /// # Errors
    /// A key of another form, in words for the store owner.
    pub fn new(encoding_aes_key: &str, receiver: &str) -> Result<Self, String> {
        let wrong = || "encoding_aes_key is not the 43 letters and digits the platform's console shows".to_owned();
        let decoded = KEY_BASE64.decode(format!("{encoding_aes_key}=")).map_err(|_| wrong())?;
        let key: [u8; 32] = decoded.try_into().map_err(|_| wrong())?;
        let mut iv = [0; 16];
        iv.copy_from_slice(&key[..16]);
        Ok(Self { key, iv, receiver: receiver.to_owned() })
    }

    /// The message within `ciphertext` (base64). Check its signature first.
    ///
    /// # Errors
    /// Anything not encrypted with this key for this receiver.
    pub fn decrypt(&self, ciphertext: &str) -> Result<Vec<u8>, Undecipherable> {
        let ciphertext = STANDARD.decode(ciphertext).map_err(|_| Undecipherable)?;
        let padded = cbc::Decryptor::<Aes256>::new(&self.key.into(), &self.iv.into())
            .decrypt_padded_vec::<NoPadding>(&ciphertext)
            .map_err(|_| Undecipherable)?;
        let (blocks, []) = padded.as_chunks::<PADDED_BLOCK>() else { return Err(Undecipherable) };
        let last = blocks.last().ok_or(Undecipherable)?;
        let kept = Pkcs7::raw_unpad(last).map_err(|_| Undecipherable)?.len();
        let plaintext = &padded[..padded.len() - PADDED_BLOCK + kept];

        let (_, rest) = plaintext.split_at_checked(PREFIX).ok_or(Undecipherable)?;
        let (length, rest) = rest.split_first_chunk().ok_or(Undecipherable)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| Undecipherable)?;
        let (message, receiver) = rest.split_at_checked(length).ok_or(Undecipherable)?;
        if bool::from(receiver.ct_eq(self.receiver.as_bytes())) { Ok(message.to_vec()) } else { Err(Undecipherable) }
    }

    /// Encrypts `message` behind `prefix` (see [`Self::prefix`]), in base64.
    pub fn encrypt(&self, prefix: [u8; PREFIX], message: &[u8]) -> String {
        // A message comes from a reply of bounded length; the platform could not read a longer one anyway.
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
        let mut plaintext = Vec::with_capacity(HEAD + message.len() + self.receiver.len() + PADDED_BLOCK);
        plaintext.extend_from_slice(&prefix);
        plaintext.extend_from_slice(&length.to_be_bytes());
        plaintext.extend_from_slice(message);
        plaintext.extend_from_slice(self.receiver.as_bytes());
        let used = plaintext.len() % PADDED_BLOCK;
        let start = plaintext.len() - used;
        plaintext.resize(start + PADDED_BLOCK, 0);
        Pkcs7::raw_pad(&mut plaintext[start..], used);
        let ciphertext = cbc::Encryptor::<Aes256>::new(&self.key.into(), &self.iv.into())
            .encrypt_padded_vec::<NoPadding>(&plaintext);
        STANDARD.encode(ciphertext)
    }

    /// The 16 bytes before a message, which the platform wants to be random.
    ///
    /// As the IV is constant they do an IV's work: they must not repeat for different messages, and nobody
    /// without the key may foresee them. A channel draws no randomness, so they are a keyed hash of all that
    /// the message depends on: a synthetic IV, as in SIV mode (RFC 5297). It repeats only where the whole
    /// message does, and then an observer learns just that the same answer was given again.
    pub fn prefix(&self, parts: &[&[u8]]) -> [u8; PREFIX] {
        let lengths: Vec<_> = parts.iter().map(|part| part.len().to_be_bytes()).collect();
        let said = lengths.iter().zip(parts).flat_map(|(length, part)| [length.as_slice(), part]);
        let said: Vec<_> = iter::once(b"nightclerk wxcrypt prefix".as_slice()).chain(said).collect();
        let mut prefix = [0; PREFIX];
        prefix.copy_from_slice(&hmac_sha256(&self.key, &said)[..PREFIX]);
        prefix
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::channel::testing::vector;

    const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

    #[test]
    fn the_platforms_vectors_hold_both_ways() {
        for what in ["safe mode outbound reply", "safe mode XML text message"] {
            let vector = vector("wechat", what);
            let expected = |name: &str| vector.expected[name].as_str().unwrap();
            let cipher = Cipher::new(vector.input("encoding_aes_key"), vector.input("appid")).unwrap();
            let ciphertext = expected("encrypt");
            let signed = [vector.input("token"), vector.input("timestamp"), vector.input("nonce"), ciphertext];
            assert!(signature_holds(&signed, expected("msg_signature")), "{what}");
            let plaintext = vector.input("plaintext").as_bytes();
            assert_eq!(cipher.decrypt(ciphertext).as_deref(), Ok(plaintext), "{what}");
            let random = vector.input("random16").as_bytes().try_into().unwrap();
            assert_eq!(cipher.encrypt(random, plaintext), ciphertext, "{what}");
        }
    }

    #[test]
    fn a_message_for_another_account_or_from_another_key_is_not_read() {
        let ours = Cipher::new(KEY, "wx1").unwrap();
        let message = ours.encrypt([7; 16], b"hello");
        assert_eq!(ours.decrypt(&message).as_deref(), Ok(&b"hello"[..]));
        assert_eq!(Cipher::new(KEY, "wx2").unwrap().decrypt(&message), Err(Undecipherable));
        let other_key = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA";
        assert_eq!(Cipher::new(other_key, "wx1").unwrap().decrypt(&message), Err(Undecipherable));
        assert_eq!(ours.decrypt(""), Err(Undecipherable));
    }

    #[test]
    fn a_key_of_another_form_is_refused_without_being_shown() {
        for wrong in
            ["", "short", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH", "!bcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"]
        {
            let error = Cipher::new(wrong, "wx1").err().expect("a refusal");
            assert!(wrong.is_empty() || !error.contains(wrong), "{error}");
        }
    }

    #[test]
    fn the_prefix_depends_on_every_part_and_on_where_it_ends() {
        let cipher = Cipher::new(KEY, "wx1").unwrap();
        assert_eq!(cipher.prefix(&[b"a", b"b"]), cipher.prefix(&[b"a", b"b"]));
        assert_ne!(cipher.prefix(&[b"a", b"b"]), cipher.prefix(&[b"ab", b""]));
        let other = Cipher::new("BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA", "wx1").unwrap();
        assert_ne!(cipher.prefix(&[b"a"]), other.prefix(&[b"a"]));
    }

    proptest! {
        #[test]
        fn what_is_encrypted_can_be_decrypted(message in proptest::collection::vec(any::<u8>(), 0..200), prefix: [u8; 16]) {
            let cipher = Cipher::new(KEY, "wx2c2769f8efd9abc2").unwrap();
            prop_assert_eq!(cipher.decrypt(&cipher.encrypt(prefix, &message)), Ok(message));
        }

        #[test]
        fn garbage_is_refused(blocks in proptest::collection::vec(any::<u8>(), 0..200), text in ".{0,80}") {
            let cipher = Cipher::new(KEY, "wx1").unwrap();
            prop_assert_eq!(cipher.decrypt(&STANDARD.encode(&blocks)), Err(Undecipherable));
            prop_assert_eq!(cipher.decrypt(&text), Err(Undecipherable));
        }
    }
}
