//! The signatures platforms put on their webhooks, computed here apart from the daemon's own code.

use base64::{
    Engine, alphabet,
    engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD},
};
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::NoPadding};
use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};
use sha2::Sha256;

/// The signing secret of every generic channel in these tests.
pub const WEBHOOK_SECRET: &str = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

pub fn now_s() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
}

/// A number that WeChat draws for each request.
pub fn nonce() -> String {
    uuid::Uuid::new_v4().as_u64_pair().0.to_string()
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// Standard Webhooks: the three headers for a body sent now.
pub fn standard(id: &str, body: &str) -> [(&'static str, String); 3] {
    standard_at(id, now_s(), body)
}

/// Standard Webhooks at a time of the caller's choice.
pub fn standard_at(id: &str, timestamp: i64, body: &str) -> [(&'static str, String); 3] {
    let key = STANDARD.decode(WEBHOOK_SECRET.trim_start_matches("whsec_")).unwrap();
    let signature = STANDARD.encode(hmac_sha256(&key, format!("{id}.{timestamp}.{body}").as_bytes()));
    [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", format!("v1,{signature}")),
    ]
}

/// Whether a request's Standard Webhooks headers sign its body.
pub fn standard_holds(headers: &http::HeaderMap, body: &[u8]) -> bool {
    let get = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned();
    let key = STANDARD.decode(WEBHOOK_SECRET.trim_start_matches("whsec_")).unwrap();
    let mut message = format!("{}.{}.", get("webhook-id"), get("webhook-timestamp")).into_bytes();
    message.extend_from_slice(body);
    get("webhook-signature") == format!("v1,{}", STANDARD.encode(hmac_sha256(&key, &message)))
}

/// Meta: `X-Hub-Signature-256`.
pub fn meta(secret: &str, body: &str) -> String {
    meta_bytes(secret, body.as_bytes())
}

/// The same for a body that is no text.
pub fn meta_bytes(secret: &str, body: &[u8]) -> String {
    format!("sha256={}", hex::encode(hmac_sha256(secret.as_bytes(), body)))
}

/// LINE: `x-line-signature`.
pub fn line(secret: &str, body: &str) -> String {
    STANDARD.encode(hmac_sha256(secret.as_bytes(), body.as_bytes()))
}

/// WeChat: `sha1` over the sorted parts.
pub fn wechat(parts: &[&str]) -> String {
    let mut parts = parts.to_vec();
    parts.sort_unstable();
    hex::encode(Sha1::digest(parts.concat().as_bytes()))
}

/// The key and the app id of every encrypted WeChat account in these tests.
pub const WECHAT_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
pub const WECHAT_APP: &str = "wx2c2769f8efd9abc2";

fn wechat_key() -> [u8; 32] {
    let lenient = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    let decoded = GeneralPurpose::new(&alphabet::STANDARD, lenient).decode(format!("{WECHAT_KEY}=")).unwrap();
    decoded.try_into().unwrap()
}

/// WeChat's safe mode: the ciphertext of a message.
pub fn wechat_encrypt(message: &str) -> String {
    let key = wechat_key();
    let mut plain = b"0123456789abcdef".to_vec();
    plain.extend((message.len() as u32).to_be_bytes());
    plain.extend(message.as_bytes());
    plain.extend(WECHAT_APP.as_bytes());
    let padding = 32 - plain.len() % 32;
    plain.extend(vec![padding as u8; padding]);
    let cipher = cbc::Encryptor::<aes::Aes256>::new_from_slices(&key, &key[..16]).unwrap();
    STANDARD.encode(cipher.encrypt_padded_vec::<NoPadding>(&plain))
}

/// WeChat's safe mode: the message in a ciphertext, which must be for our app.
pub fn wechat_decrypt(ciphertext: &str) -> String {
    let key = wechat_key();
    let cipher = cbc::Decryptor::<aes::Aes256>::new_from_slices(&key, &key[..16]).unwrap();
    let plain = cipher.decrypt_padded_vec::<NoPadding>(&STANDARD.decode(ciphertext).unwrap()).unwrap();
    let length = u32::from_be_bytes(plain[16..20].try_into().unwrap()) as usize;
    let (message, rest) = plain[20..].split_at(length);
    assert!(rest.starts_with(WECHAT_APP.as_bytes()), "a message for another app");
    String::from_utf8(message.to_vec()).unwrap()
}
