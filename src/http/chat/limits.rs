//! How much visitors may write, asked before anything is written.
//!
//! Nobody has to log in, so there is a limit for one visitor, for one address, for visitors that an address brings
//! anew, and for the chat as a whole. People who type never meet one.

use std::{
    net::IpAddr,
    num::{NonZeroU32, NonZeroUsize},
    sync::{Mutex, PoisonError},
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use http::{HeaderValue, StatusCode, header};
use lru::LruCache;

use crate::{
    http::allowance::{self, Allowances, network},
    webhook::Refusal,
};

/// Visitors remembered as no longer new, and visitors and addresses whose allowance is.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

const fn count(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

/// So many after each other, and so many at once.
const VISITOR: Quota = Quota::per_second(count(1)).allow_burst(count(12));
const ADDRESS: Quota = Quota::per_second(count(1)).allow_burst(count(120));
const NEWCOMERS: Quota = Quota::per_minute(count(12)).allow_burst(count(60));
const ALL: Quota = Quota::per_second(count(50)).allow_burst(count(200));

pub struct Limits {
    visitors: Allowances<String>,
    addresses: Allowances<IpAddr>,
    newcomers: Allowances<IpAddr>,
    all: DefaultDirectRateLimiter,
    known: Mutex<LruCache<String, ()>>,
}

/// Too much, and the seconds after which there is room again.
#[derive(Debug, PartialEq, Eq)]
pub struct TooMuch {
    why: &'static str,
    wait_s: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            visitors: Allowances::new(VISITOR, REMEMBERED),
            addresses: Allowances::new(ADDRESS, REMEMBERED),
            newcomers: Allowances::new(NEWCOMERS, REMEMBERED),
            all: RateLimiter::direct(ALL),
            known: Mutex::new(LruCache::new(REMEMBERED)),
        }
    }
}

impl Limits {
    /// Whether this visitor, who comes from there, may write once more.
    ///
    /// # Errors
    /// Not now.
    pub fn write(&self, chat: &str, from: IpAddr) -> Result<(), TooMuch> {
        let from = network(from);
        let chat = chat.to_owned();
        let slow = |why| move |wait_s| TooMuch { why, wait_s };
        self.visitors.take(&chat).map_err(slow("a visitor of the chat writes faster than people do\n"))?;
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&chat).is_some();
        if !known {
            self.newcomers.take(&from).map_err(slow(
                "one address brings too many new visitors to the chat; behind a proxy, let it pass X-Forwarded-For on\n",
            ))?;
        }
        // Asked after the newcomers, so that whoever floods with those does not silence visitors who are known.
        self.addresses.take(&from).map_err(slow("one address writes too much to the chat\n"))?;
        allowance::take(&self.all).map_err(slow("the chat as a whole is written to too much\n"))?;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).put(chat, ());
        Ok(())
    }
}

impl TooMuch {
    pub fn refusal(&self) -> Refusal {
        let detail = Some("too many messages; wait a moment".to_owned());
        Refusal { status: StatusCode::TOO_MANY_REQUESTS, why: self.why, detail }
    }

    pub fn retry_after(&self) -> (header::HeaderName, HeaderValue) {
        (header::RETRY_AFTER, HeaderValue::from(self.wait_s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[test]
    fn a_visitor_who_writes_faster_than_people_do_waits_and_others_do_not() {
        let limits = Limits::default();
        for _ in 0..VISITOR.burst_size().get() {
            assert_eq!(limits.write("ana", address(1)), Ok(()));
        }
        let refused = limits.write("ana", address(2)).unwrap_err();
        assert!(refused.wait_s >= 1 && refused.why.contains("visitor"), "{refused:?}");
        assert_eq!(limits.write("ben", address(1)), Ok(()));
    }

    #[test]
    fn an_address_cannot_bring_visitors_without_end() {
        let limits = Limits::default();
        let brought =
            |limits: &Limits, from| (0..1000).filter(|n| limits.write(&format!("{from}/{n}"), from).is_ok()).count();
        let most = NEWCOMERS.burst_size().get() as usize;
        assert_eq!(brought(&limits, address(1)), most);
        assert_eq!(brought(&limits, address(2)), most, "another address");
        assert_eq!(limits.write("203.0.113.1/0", address(1)), Ok(()), "who is known goes on");
        let limits = Limits::default();
        let of = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(brought(&limits, of("2001:db8:0:1::1")), most);
        assert_eq!(brought(&limits, of("2001:db8:0:1::2")), 0, "the same household");
        assert_eq!(brought(&limits, of("2001:db8:0:2::1")), most);
    }

    #[test]
    fn the_whole_chat_has_a_limit() {
        let limits = Limits::default();
        let all = (0..60u32)
            .flat_map(|net| (0..50u32).map(move |n| (net, n)))
            .filter(|(net, n)| limits.write(&format!("{net}/{n}"), IpAddr::from([10, 0, *net as u8, 1])).is_ok())
            .count();
        let burst = ALL.burst_size().get() as usize;
        assert!((burst..burst * 2).contains(&all), "{all}");
    }
}
