//! How much of us strangers, and one channel of many, may take by webhooks, asked before anything is written.
//!
//! What counts against an address is what was refused of it: nobody who holds the secret is ever slowed down, however
//! much comes from how few addresses. Whoever has used up what may be refused is turned away before their body is read,
//! unless somebody genuine was heard from the same address, or it is a proxy's that does not say for whom it calls: those
//! are read, and only what is refused of them costs.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    num::{NonZeroU32, NonZeroUsize},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::response::{IntoResponse, Response};
use governor::Quota;
use http::{StatusCode, header};
use lru::LruCache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    http::{
        allowance::{Allowances, network},
        caller::Caller,
    },
    in_force::Front,
    webhook::Refusal,
};

/// Addresses whose refusals are counted, and those that are turned away.
const STRANGERS: NonZeroUsize = NonZeroUsize::new(8192).unwrap();
/// Addresses from which something genuine came. Nobody without a secret can fill these places.
const FRIENDS: NonZeroUsize = NonZeroUsize::new(4096).unwrap();
/// For how long an address is known after something genuine came.
const KNOWN_FOR: Duration = Duration::from_secs(24 * 3600);

/// What may be had.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Webhooks that may be refused of one address in a minute.
    pub refused_per_minute: u32,
    /// Genuine webhooks of one channel that may wait to be kept at once.
    pub waiting_per_channel: usize,
}

/// Who has taken how much.
pub struct Budgets {
    refused: Allowances<IpAddr>,
    barred: Mutex<LruCache<IpAddr, Instant>>,
    friends: Mutex<LruCache<IpAddr, Instant>>,
    waiting_per_channel: usize,
    /// By configured name.
    channels: Mutex<BTreeMap<String, Arc<Semaphore>>>,
}

/// Whose request this is, as far as their budget goes.
#[derive(Clone, Copy, Debug)]
pub struct From {
    address: IpAddr,
    /// Whether to look at what they bring even where their budget is used up.
    is_heard: bool,
}

/// The budget is used up for so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsedUp {
    wait_s: u64,
}

impl Budgets {
    pub fn new(budget: Budget) -> Self {
        let each = NonZeroU32::new(budget.refused_per_minute).unwrap_or(NonZeroU32::MIN);
        Self {
            refused: Allowances::new(Quota::per_minute(each), STRANGERS),
            barred: Mutex::new(LruCache::new(STRANGERS)),
            friends: Mutex::new(LruCache::new(FRIENDS)),
            waiting_per_channel: budget.waiting_per_channel.min(Semaphore::MAX_PERMITS),
            channels: Mutex::default(),
        }
    }

    /// Whether to read what this caller brings.
    ///
    /// # Errors
    /// Too much of theirs was refused.
    pub fn admit(&self, front: &Front, caller: Caller) -> Result<From, UsedUp> {
        let now = Instant::now();
        let address = network(caller.address);
        let is_friend = {
            let mut friends = self.friends.lock().unwrap_or_else(PoisonError::into_inner);
            friends.get(&address).is_some_and(|heard| now.duration_since(*heard) < KNOWN_FOR)
        };
        if is_friend || front.trusts(caller.address) {
            return Ok(From { address, is_heard: true });
        }
        let mut barred = self.barred.lock().unwrap_or_else(PoisonError::into_inner);
        match barred.get(&address).map(|until| until.saturating_duration_since(now)) {
            Some(left) if !left.is_zero() => Err(UsedUp { wait_s: left.as_secs() + 1 }),
            Some(_) => {
                barred.pop(&address);
                Ok(From { address, is_heard: false })
            }
            None => Ok(From { address, is_heard: false }),
        }
    }

    /// What they brought was genuine.
    pub fn genuine(&self, from: From) {
        let mut friends = self.friends.lock().unwrap_or_else(PoisonError::into_inner);
        friends.put(from.address, Instant::now());
    }

    /// What they brought was refused.
    ///
    /// # Errors
    /// It was one too many.
    pub fn refused(&self, from: From) -> Result<(), UsedUp> {
        self.refused.take(&from.address).map_err(|wait_s| {
            if !from.is_heard {
                let mut barred = self.barred.lock().unwrap_or_else(PoisonError::into_inner);
                barred.put(from.address, Instant::now() + Duration::from_secs(wait_s));
            }
            UsedUp { wait_s }
        })
    }

    /// A place for a genuine webhook of a configured channel while it is kept; `None` where others of the same channel
    /// have all that one channel may have.
    pub fn wait(&self, channel: &str) -> Option<OwnedSemaphorePermit> {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let places = match channels.get(channel) {
            Some(places) => places.clone(),
            None => {
                let places = Arc::new(Semaphore::new(self.waiting_per_channel));
                channels.insert(channel.to_owned(), places.clone());
                places
            }
        };
        drop(channels);
        places.try_acquire_owned().ok()
    }
}

impl UsedUp {
    /// As it stands in the owner's log.
    pub fn refusal() -> Refusal {
        let why = "one address sends many webhooks that are refused; it has to wait (`refused_per_minute` in [server] of \
                   nightclerk.toml)\n";
        let detail = Some("too many refused requests; wait a moment".to_owned());
        Refusal { status: StatusCode::TOO_MANY_REQUESTS, why, detail }
    }
}

impl IntoResponse for UsedUp {
    fn into_response(self) -> Response {
        let response = UsedUp::refusal().into_response();
        (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, self.wait_s.to_string())], response.into_body())
            .into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: u32 = 10;

    fn budgets() -> Budgets {
        Budgets::new(Budget { refused_per_minute: MOST, waiting_per_channel: 2 })
    }

    fn front() -> Front {
        Front { trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], public_url: None }
    }

    fn from(address: &str) -> Caller {
        Caller { address: address.parse().unwrap(), by_proxy: false }
    }

    /// How many of a flood were read at all.
    fn read(budgets: &Budgets, caller: Caller) -> u32 {
        let read = (0..1000).filter(|_| match budgets.admit(&front(), caller) {
            Ok(from) => {
                let _ = budgets.refused(from);
                true
            }
            Err(used_up) => {
                assert!((1..=60).contains(&used_up.wait_s), "{used_up:?}");
                false
            }
        });
        u32::try_from(read.count()).unwrap()
    }

    #[test]
    fn an_address_of_which_too_much_was_refused_is_not_read_and_others_are() {
        let budgets = budgets();
        assert_eq!(read(&budgets, from("203.0.113.1")), MOST + 1);
        assert_eq!(read(&budgets, from("203.0.113.2")), MOST + 1);
        assert_eq!(read(&budgets, from("2001:db8::1")), MOST + 1);
        assert_eq!(read(&budgets, from("2001:db8::2")), 0, "the same household");
    }

    #[test]
    fn whoever_was_genuine_is_read_whatever_else_comes_from_there_and_so_is_a_proxy_that_names_nobody() {
        let budgets = budgets();
        budgets.genuine(budgets.admit(&front(), from("203.0.113.1")).unwrap());
        assert_eq!(read(&budgets, from("203.0.113.1")), 1000);
        assert_eq!(read(&budgets, from("127.0.0.1")), 1000);
        let from = budgets.admit(&front(), from("127.0.0.1")).unwrap();
        assert!(budgets.refused(from).is_err(), "and yet it counts");
    }

    #[test]
    fn addresses_without_end_fill_no_memory() {
        let budgets = budgets();
        for number in 0..3 * u32::try_from(STRANGERS.get()).unwrap() {
            let caller = Caller { address: IpAddr::from(number.to_be_bytes()), by_proxy: false };
            for _ in 0..MOST + 2 {
                if let Ok(from) = budgets.admit(&Front::default(), caller) {
                    let _ = budgets.refused(from);
                }
            }
        }
        assert_eq!(budgets.refused.len(), STRANGERS.get());
        assert_eq!(budgets.barred.lock().unwrap().len(), STRANGERS.get());
    }

    #[test]
    fn one_channel_takes_no_more_than_its_places_and_another_has_its_own() {
        let budgets = budgets();
        let places = [budgets.wait("shop"), budgets.wait("shop")];
        assert!(places.iter().all(Option::is_some) && budgets.wait("shop").is_none());
        assert!(budgets.wait("telegram").is_some());
        drop(places);
        assert!(budgets.wait("shop").is_some());
    }
}
