//! Who a visitor is: a random cookie, or the customer that the shop says they are.
//!
//! A cookie carries the server's own signature, so that nobody becomes a visitor by making one up. Whoever has it is
//! the visitor, so it is treated as a password: a stranger's chat is known by its hash, and the cookie itself reaches
//! neither store nor log.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    setting::Secret,
    webhook::signature::{hmac_sha256, verify_hmac_sha256},
};

/// The cookie's name.
pub const COOKIE: &str = "nc_visitor";
/// Keeps the hash apart from all others of the same bytes.
const CHAT_ID_CONTEXT: &[u8] = b"nightclerk/webchat/visitor\0";
/// Keeps the signature apart from all others by the same key.
const COOKIE_CONTEXT: &[u8] = b"nightclerk/webchat/cookie\0";
/// How the cookie of a stranger begins, and that of a customer.
const STRANGER: &str = "s";
const CUSTOMER: &str = "c";

/// Signs the cookies of visitors, and knows its own again.
pub struct VisitorKey(Secret);

/// Somebody with a cookie of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The chat's id on the channel.
    pub chat: String,
    pub name: Option<String>,
    /// Whether the shop told who it is.
    pub is_customer: bool,
}

/// A customer as the shop names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl VisitorKey {
    pub fn new(secret: Secret) -> Self {
        Self(secret)
    }

    /// The cookie of a new visitor, made of bytes that nobody can guess.
    pub fn stranger(&self, random: [u8; 16]) -> String {
        self.signed(STRANGER, &hex::encode(random))
    }

    /// The cookie of a customer.
    pub fn customer(&self, customer: &Customer) -> String {
        // Two texts: nothing in it can fail.
        let payload = serde_json::to_vec(customer).unwrap_or_default();
        self.signed(CUSTOMER, &URL_SAFE_NO_PAD.encode(payload))
    }

    /// The visitor whose cookie is in this `Cookie` header; `None` if there is none that was given out here.
    pub fn visitor(&self, header: &str) -> Option<Visitor> {
        header
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == COOKIE)
            .find_map(|(_, value)| self.read(value))
    }

    fn read(&self, value: &str) -> Option<Visitor> {
        let (signed, signature) = value.rsplit_once('.')?;
        let signature = hex::decode(signature).ok()?;
        if !verify_hmac_sha256(self.0.expose().as_bytes(), &[COOKIE_CONTEXT, signed.as_bytes()], &signature) {
            return None;
        }
        match signed.split_once('.')? {
            (STRANGER, random) => {
                let hash = Sha256::new().chain_update(CHAT_ID_CONTEXT).chain_update(random).finalize();
                Some(Visitor { chat: hex::encode(&hash[..16]), name: None, is_customer: false })
            }
            (CUSTOMER, payload) => {
                let Customer { id, name } = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
                Some(Visitor { chat: id, name, is_customer: true })
            }
            _ => None,
        }
    }

    fn signed(&self, kind: &str, payload: &str) -> String {
        let signed = format!("{kind}.{payload}");
        let signature = hmac_sha256(self.0.expose().as_bytes(), &[COOKIE_CONTEXT, signed.as_bytes()]);
        format!("{signed}.{}", hex::encode(signature))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> VisitorKey {
        VisitorKey::new(Secret::new("a key of the data folder"))
    }

    fn header(value: &str) -> String {
        format!("a=b; {COOKIE}={value}; c=d")
    }

    #[test]
    fn a_visitor_is_known_again_by_the_cookie_that_was_given_out() {
        let cookie = key().stranger([0xab; 16]);
        let visitor = key().visitor(&header(&cookie)).unwrap();
        assert_eq!(visitor.chat.len(), 32);
        assert!(!cookie.contains(&visitor.chat) && !visitor.is_customer);
        assert_ne!(Some(visitor), key().visitor(&header(&key().stranger([7; 16]))));
        for before in ["nc_visitor=guess; ", "", "a=b;"] {
            assert!(key().visitor(&format!("{before}{COOKIE}={cookie}")).is_some(), "{before}");
        }
    }

    #[test]
    fn nobody_becomes_a_visitor_by_making_a_cookie_up() {
        let cookie = key().stranger([1; 16]);
        let other = VisitorKey::new(Secret::new("another clerk's key")).stranger([1; 16]);
        for made_up in ["", "guess", "0123456789abcdef0123456789abcdef", &cookie[..cookie.len() - 1], &other] {
            assert_eq!(key().visitor(&header(made_up)), None, "{made_up}");
        }
        assert_eq!(key().visitor(&format!("x_{COOKIE}={cookie}")), None);
        let customer = cookie.replacen(STRANGER, CUSTOMER, 1);
        assert_eq!(key().visitor(&header(&customer)), None);
    }

    #[test]
    fn a_customer_writes_under_the_id_that_the_shop_knows() {
        let customer = Customer { id: "客 42;=".to_owned(), name: Some("Ana".to_owned()) };
        let cookie = key().customer(&customer);
        let visitor = key().visitor(&header(&cookie)).unwrap();
        assert_eq!(visitor, Visitor { chat: customer.id, name: customer.name, is_customer: true });
    }

    proptest! {
        #[test]
        fn no_cookie_makes_it_panic(cookie in "[ -~]{0,80}", flip in 0usize..200) {
            prop_assert_eq!(key().visitor(&cookie), None);
            let mut bytes = key().stranger([3; 16]).into_bytes();
            let at = flip % bytes.len();
            bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(key().visitor(&header(&changed)), None);
        }
    }
}
