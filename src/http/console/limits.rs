//! How often signing in may be tried, asked before anything is looked up.

use std::{
    net::IpAddr,
    num::{NonZeroU32, NonZeroUsize},
};

use governor::Quota;

use crate::http::allowance::{Allowances, network};

const REMEMBERED: NonZeroUsize = NonZeroUsize::new(4096).unwrap();
/// Tries from one address, whoever they are for.
const ADDRESS: Quota = Quota::per_minute(NonZeroU32::new(6).unwrap()).allow_burst(NonZeroU32::new(20).unwrap());
/// Tries for one name, wherever they come from and whether or not somebody has it: some 1,500 a day.
const PERSON: Quota = Quota::per_minute(NonZeroU32::new(1).unwrap()).allow_burst(NonZeroU32::new(10).unwrap());

pub struct Limits {
    addresses: Allowances<IpAddr>,
    persons: Allowances<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { addresses: Allowances::new(ADDRESS, REMEMBERED), persons: Allowances::new(PERSON, REMEMBERED) }
    }
}

impl Limits {
    /// One more try.
    ///
    /// # Errors
    /// Not now; the seconds until then.
    pub fn attempt(&self, from: IpAddr, name: Option<&str>) -> Result<(), u64> {
        self.addresses.take(&network(from))?;
        name.map_or(Ok(()), |name| self.persons.take(&name.to_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_guesses_waits_and_others_do_not() {
        let limits = Limits::default();
        let from = |last: u8| IpAddr::from([203, 0, 113, last]);
        let tries = (0..100).take_while(|_| limits.attempt(from(1), Some("mei")).is_ok()).count();
        assert_eq!(tries, 10, "for one name");
        assert!(limits.attempt(from(2), Some("Mei")).is_err(), "from elsewhere");
        assert!(limits.attempt(from(2), Some("li")).is_ok());
        let tries = (0..100).take_while(|it| limits.attempt(from(3), Some(&it.to_string())).is_ok()).count();
        assert_eq!(tries, 20, "from one address");
    }
}
