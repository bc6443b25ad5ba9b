//! The signature: HMAC-SHA256 (`v1`) or ed25519 (`v1a`) over `{id}.{timestamp}.{body}`.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use ed25519_dalek::Signature;
use subtle::ConstantTimeEq;

use crate::{
    setting::Secret,
    webhook::{
        WebhookRequest,
        signature::{HmacKey, LENGTH},
    },
};

/// How far a sender's clock may be from ours; what the reference libraries allow.
const WINDOW_MS: i64 = 300_000;
/// More signatures than any rotation needs; the rest of a longer list is not looked at.
const MAX_SIGNATURES: usize = 16;

/// The same bytes come under either prefix; `svix-` is Svix's own.
const HEADERS: [[&str; 3]; 2] =
    [["webhook-id", "webhook-timestamp", "webhook-signature"], ["svix-id", "svix-timestamp", "svix-signature"]];

/// Keys are written with padding or without.
const KEY_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A shared key.
#[derive(Clone)]
pub struct SigningKey(HmacKey);

impl SigningKey {
    /// # Errors
    /// What is wrong with the key, to follow its name; the key is not shown.
    pub fn parse(secret: &Secret) -> Result<Self, &'static str> {
        let text = secret.expose().strip_prefix("whsec_").ok_or("does not begin with `whsec_`")?;
        let key = KEY_BASE64.decode(text).map_err(|_| "is not base64 after `whsec_`")?;
        if (24..=64).contains(&key.len()) { Ok(Self(HmacKey::new(&key))) } else { Err("is not 24 to 64 bytes long") }
    }

    /// The value of `webhook-signature`.
    pub fn sign(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        format!("v1,{}", STANDARD.encode(self.hmac(id, timestamp, body)))
    }

    fn hmac(&self, id: &str, timestamp: &str, body: &[u8]) -> [u8; LENGTH] {
        self.0.sign(&[id.as_bytes(), b".", timestamp.as_bytes(), b".", body])
    }
}

/// A key that incoming signatures are held against.
enum VerifyingKey {
    Shared(SigningKey),
    Public(ed25519_dalek::VerifyingKey),
}

impl VerifyingKey {
    /// # Errors
    /// What is wrong with the key, to follow its name; the key is not shown.
    fn parse(secret: &Secret) -> Result<Self, &'static str> {
        let Some(text) = secret.expose().strip_prefix("whpk_") else {
            return SigningKey::parse(secret).map(Self::Shared);
        };
        let bytes = KEY_BASE64.decode(text).map_err(|_| "is not base64 after `whpk_`")?;
        let bytes = bytes.as_slice().try_into().map_err(|_| "is not 32 bytes long")?;
        ed25519_dalek::VerifyingKey::from_bytes(bytes).map(Self::Public).map_err(|_| "is not an ed25519 public key")
    }

    /// The key to sign with, where it is one.
    fn signing_key(&self) -> Option<SigningKey> {
        match self {
            Self::Shared(key) => Some(key.clone()),
            Self::Public(_) => None,
        }
    }
}

/// The keys that may sign what comes in; several at once let a key be changed without a gap.
pub struct Keyring(Vec<VerifyingKey>);

impl Keyring {
    /// Reads the setting `secrets`: `whsec_…` (shared) or `whpk_…` (ed25519, public).
    ///
    /// # Errors
    /// A key that is none, or no key at all, in words for the store owner; no key is shown.
    pub fn parse(secrets: &[Secret]) -> Result<Self, String> {
        if secrets.is_empty() {
            return Err("`secrets` is empty: without a key nothing can be verified".to_owned());
        }
        let keys = secrets.iter().enumerate().map(|(index, secret)| {
            VerifyingKey::parse(secret).map_err(|mistake| format!("`secrets[{index}]` {mistake}"))
        });
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// The first key that can sign as well.
    pub fn signing_key(&self) -> Option<SigningKey> {
        self.0.iter().find_map(VerifyingKey::signing_key)
    }

    /// The request's id, once its time and signature hold.
    ///
    /// # Errors
    /// Why the request is not to be believed.
    pub fn verify<'a>(&self, request: &WebhookRequest<'a>) -> Result<&'a str, &'static str> {
        let header = |name| request.headers.get(name).and_then(|value| value.to_str().ok());
        let signed = HEADERS.iter().find_map(|[id, timestamp, signature]| {
            Some((header(*id).filter(|id| !id.is_empty())?, header(*timestamp)?, header(*signature)?))
        });
        let Some((id, timestamp, signatures)) = signed else {
            return Err("the headers webhook-id, webhook-timestamp and webhook-signature are needed\n");
        };
        // Only digits: the text is part of what is signed, so there is one way to write it.
        let seconds = timestamp.bytes().all(|it| it.is_ascii_digit()).then(|| timestamp.parse::<i64>().ok()).flatten();
        let sent_ms =
            seconds.and_then(|it| it.checked_mul(1000)).ok_or("webhook-timestamp is not in whole seconds\n")?;
        if sent_ms.abs_diff(request.now_ms) > WINDOW_MS.unsigned_abs() {
            return Err("webhook-timestamp is more than 300 seconds from now\n");
        }
        let signatures: Vec<_> = signatures.split(' ').take(MAX_SIGNATURES).filter_map(Claim::parse).collect();
        if self.0.iter().any(|key| holds(key, &signatures, id, timestamp, request.body)) {
            Ok(id)
        } else {
            Err("no signature holds\n")
        }
    }
}

/// One signature of the list, of a version we know.
enum Claim {
    Hmac(Vec<u8>),
    Ed25519(Signature),
}

impl Claim {
    fn parse(text: &str) -> Option<Self> {
        let (version, signature) = text.split_once(',')?;
        let bytes = STANDARD.decode(signature).ok()?;
        match version {
            "v1" => Some(Self::Hmac(bytes)),
            "v1a" => Signature::from_slice(&bytes).ok().map(Self::Ed25519),
            _ => None,
        }
    }
}

fn holds(key: &VerifyingKey, claims: &[Claim], id: &str, timestamp: &str, body: &[u8]) -> bool {
    match key {
        VerifyingKey::Shared(key) => {
            let expected = key.hmac(id, timestamp, body);
            claims.iter().any(|claim| matches!(claim, Claim::Hmac(given) if expected.ct_eq(given).into()))
        }
        VerifyingKey::Public(key) => {
            let mut given = claims.iter().filter_map(|claim| match claim {
                Claim::Ed25519(signature) => Some(signature),
                Claim::Hmac(_) => None,
            });
            let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
            given.any(|signature| key.verify_strict(&signed, signature).is_ok())
        }
    }
}
