//! Whoever is refused again and again hears of it late, and so does everybody once there are many who are refused: most
//! floods send no more before they are answered.
//!
//! A refusal costs us little, but thousands a second are felt by those who wait for the same processors. Late, a caller who
//! asks one thing after the other asks once a second; and one who opens ever more connections finds that theirs are the
//! first to make room.

use std::{
    net::IpAddr,
    num::{NonZeroU32, NonZeroUsize},
    sync::Arc,
    time::Duration,
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use http::request::Parts;

use super::{
    allowance::{self, Allowances, network},
    patience::Guest,
};

/// Refusals of one address that are answered at once: more than slips and tests come to.
const AT_ONCE: Quota = Quota::per_second(NonZeroU32::new(10).unwrap()).allow_burst(NonZeroU32::new(300).unwrap());
/// The same of all addresses together: a crowd that comes from ever new ones is one flood.
const ALL_AT_ONCE: Quota = Quota::per_second(NonZeroU32::new(50).unwrap()).allow_burst(NonZeroU32::new(600).unwrap());
/// How late the others are.
const LATE: Duration = Duration::from_secs(1);
/// Addresses that are remembered.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(8192).unwrap();

/// Slows down whom it is told of.
pub struct Brake {
    addresses: Allowances<IpAddr>,
    all: DefaultDirectRateLimiter,
}

impl Default for Brake {
    fn default() -> Self {
        Self { addresses: Allowances::new(AT_ONCE, REMEMBERED), all: RateLimiter::direct(ALL_AT_ONCE) }
    }
}

impl Brake {
    /// Returns when a refusal for a caller from there may be answered. Until then their connection, where it is known,
    /// makes room for whoever comes.
    pub async fn hold(&self, from: IpAddr, connection: Option<&Guest>) {
        // What one address has too many of is not counted against the others.
        if self.addresses.take(&network(from)).is_ok() && allowance::take(&self.all).is_ok() {
            return;
        }
        if let Some(connection) = connection {
            connection.begins_to_speak();
        }
        tokio::time::sleep(LATE).await;
        if let Some(connection) = connection {
            connection.has_spoken();
        }
    }
}

/// The connection by which a request came, as the listener put it there.
pub fn connection(parts: &Parts) -> Option<Arc<Guest>> {
    parts.extensions.get().cloned()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::http::patience::Room;

    #[tokio::test]
    async fn who_is_refused_without_end_hears_of_it_late_and_others_at_once() {
        let brake = Brake::default();
        let began = Instant::now();
        let mut answers = 0;
        while began.elapsed() < LATE {
            brake.hold(IpAddr::from([203, 0, 113, 1]), None).await;
            answers += 1;
        }
        let at_once = AT_ONCE.burst_size().get();
        assert!((at_once..at_once + 50).contains(&answers), "{answers}");
        let began = Instant::now();
        brake.hold(IpAddr::from([203, 0, 113, 2]), None).await;
        assert!(began.elapsed() < LATE, "another address");
    }

    #[tokio::test]
    async fn a_crowd_that_is_refused_from_ever_new_addresses_hears_of_it_late() {
        let brake = Brake::default();
        let began = Instant::now();
        let mut answers = 0;
        while began.elapsed() < LATE {
            let from = IpAddr::from(u32::to_be_bytes(answers));
            brake.hold(from, None).await;
            answers += 1;
        }
        let at_once = ALL_AT_ONCE.burst_size().get();
        assert!((at_once..at_once + 200).contains(&answers), "{answers}");
    }

    #[tokio::test]
    async fn who_is_kept_waiting_makes_room_first() {
        let brake = Brake::default();
        let flooding = IpAddr::from([203, 0, 113, 1]);
        while brake.addresses.take(&flooding).is_ok() {}
        let room = Room::of(1);
        let connection = room.guest();
        let place = room.take(1).await.unwrap();
        // All its request is there, so that it would keep its place.
        connection.has_spoken();
        tokio::select! {
            () = brake.hold(flooding, Some(&connection)) => panic!("it was answered while others wait"),
            came = room.take(1) => panic!("the place is taken still: {came:?}"),
            () = connection.shown_out.cancelled() => drop(place),
        }
        assert!(room.take(1).await.is_some());
    }
}
