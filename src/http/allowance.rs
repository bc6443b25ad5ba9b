//! So much in a time for each of many strangers, of whom the latest are remembered: whoever comes under ever new names
//! fills no memory.

use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use lru::LruCache;

/// An allowance for each `K`.
pub struct Allowances<K> {
    quota: Quota,
    latest: Mutex<LruCache<K, DefaultDirectRateLimiter>>,
}

impl<K: Hash + Eq + Clone> Allowances<K> {
    /// For each so much, as long as it is among the `most` that came last.
    pub fn new(quota: Quota, most: NonZeroUsize) -> Self {
        Self { quota, latest: Mutex::new(LruCache::new(most)) }
    }

    /// Takes one.
    ///
    /// # Errors
    /// It is used up: the seconds until there is one again.
    pub fn take(&self, key: &K) -> Result<(), u64> {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        take(latest.get_or_insert_ref(key, || RateLimiter::direct(self.quota)))
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// Takes one of an allowance that all share.
///
/// # Errors
/// As for one of many.
pub fn take(allowance: &DefaultDirectRateLimiter) -> Result<(), u64> {
    allowance.check().map_err(|until| until.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
}

/// What one household has: an address, or with IPv6 the network that a provider gives out whole.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn each_has_an_allowance_and_only_the_latest_are_remembered() {
        let quota = Quota::per_hour(NonZeroU32::new(2).unwrap());
        let each = Allowances::new(quota, NonZeroUsize::new(3).unwrap());
        assert_eq!((each.take(&0), each.take(&0)), (Ok(()), Ok(())));
        assert!(each.take(&0).is_err_and(|seconds| (1..=1801).contains(&seconds)));
        assert_eq!(each.take(&1), Ok(()), "another");
        for stranger in 2..1000 {
            assert_eq!(each.take(&stranger), Ok(()));
        }
        assert_eq!(each.len(), 3);
    }

    #[test]
    fn a_network_that_is_given_out_whole_counts_as_one() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:0:1::1"), of("2001:db8:0:1:ffff::2"));
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
        assert_eq!(of("203.0.113.9"), "203.0.113.9");
    }
}
