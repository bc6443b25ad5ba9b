//! Addresses at which a platform, or a customer's telephone, fetches a file: nobody guesses one, and each ends.

use subtle::ConstantTimeEq;

use super::Place;
use crate::{setting::Secret, webhook::signature::hmac_sha256};

/// Where they are on the public side.
pub const PREFIX: &str = "/media";
/// How long one holds: apps fetch a picture when somebody looks at it, which may be days later.
const LIFE_MS: i64 = 30 * 24 * 3_600_000;

/// Makes the addresses, and knows its own.
pub struct Seal(Secret);

impl Seal {
    pub fn new(key: Secret) -> Self {
        Self(key)
    }

    /// The path of a file from now on.
    pub fn path(&self, Place { folder, name }: &Place, now_ms: i64) -> String {
        let until_s = now_ms.saturating_add(LIFE_MS) / 1000;
        format!("{PREFIX}/{until_s}/{}/{folder}/{name}", self.seal(until_s, folder, name))
    }

    /// Whether a path was made here, and holds.
    pub fn holds(&self, until_s: i64, seal: &str, Place { folder, name }: &Place, now_ms: i64) -> bool {
        let own = self.seal(until_s, folder, name);
        now_ms / 1000 <= until_s && bool::from(own.as_bytes().ct_eq(seal.as_bytes()))
    }

    fn seal(&self, until_s: i64, folder: &str, name: &str) -> String {
        let words = format!("media:{until_s}:{folder}:{name}");
        hex::encode(&hmac_sha256(self.0.expose().as_bytes(), &[words.as_bytes()])[..16])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_795_000_000_000;

    fn place() -> Place {
        Place { folder: "a".repeat(32), name: format!("{}.jpg", "b".repeat(32)) }
    }

    fn parts(path: &str) -> (i64, &str) {
        let mut parts = path.split('/').skip(2);
        (parts.next().unwrap().parse().unwrap(), parts.next().unwrap())
    }

    #[test]
    fn an_address_leads_to_its_own_file_for_a_while() {
        let seal = Seal::new(Secret::new("a key of the data folder"));
        let path = seal.path(&place(), NOW_MS);
        let (until_s, mark) = parts(&path);
        assert!(seal.holds(until_s, mark, &place(), NOW_MS + LIFE_MS));
        assert!(!seal.holds(until_s, mark, &place(), NOW_MS + LIFE_MS + 1000), "it ended");
        assert!(!seal.holds(until_s + 1, mark, &place(), NOW_MS), "nobody makes it last longer");
        let other = Place { name: format!("{}.jpg", "c".repeat(32)), ..place() };
        assert!(!seal.holds(until_s, mark, &other, NOW_MS), "nor leads it elsewhere");
        for forged in ["", &mark[..2], &mark[..31], "zz", &"0".repeat(32)] {
            assert!(!seal.holds(until_s, forged, &place(), NOW_MS), "{forged}");
        }
        assert!(!Seal::new(Secret::new("another")).holds(until_s, mark, &place(), NOW_MS));
    }
}
