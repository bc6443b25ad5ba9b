//! Who listens: event streams hold a connection for as long as a page is open, so they are counted.
//!
//! A visitor has a few, of which the newest win; an address has a share, and all together leave room for webhooks.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::model::Address;

/// Streams of one visitor: a few tabs.
const PER_VISITOR: usize = 3;

/// All streams that are open.
pub struct Seats {
    most: usize,
    most_per_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    count: usize,
    next: u64,
    by_visitor: HashMap<Address, VecDeque<(u64, CancellationToken)>>,
    by_address: HashMap<IpAddr, usize>,
}

/// One open stream; it is counted until this is dropped.
pub struct Seat {
    seats: Arc<Seats>,
    number: u64,
    visitor: Address,
    from: IpAddr,
    /// Cancelled when a newer stream of the visitor takes its place.
    pub given_up: CancellationToken,
}

impl Seats {
    /// `connections`: what the listener takes in all; half of it stays for others.
    pub fn new(connections: usize) -> Arc<Self> {
        let most = (connections / 2).max(1);
        Arc::new(Self { most, most_per_address: (most / 2).max(1), taken: Mutex::default() })
    }

    /// A seat for one more stream, or `None` where all are taken.
    pub fn take(self: &Arc<Self>, visitor: &Address, from: IpAddr) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.by_visitor.get_mut(visitor);
        if let Some(oldest) = own.filter(|own| own.len() >= PER_VISITOR).and_then(VecDeque::pop_front) {
            // Its stream ends by itself, and is counted until then; the visitor has the place already.
            oldest.1.cancel();
        } else if taken.count >= self.most || taken.by_address.get(&from).is_some_and(|it| *it >= self.most_per_address)
        {
            return None;
        }
        taken.count += 1;
        taken.next += 1;
        *taken.by_address.entry(from).or_default() += 1;
        let (number, given_up) = (taken.next, CancellationToken::new());
        taken.by_visitor.entry(visitor.clone()).or_default().push_back((number, given_up.clone()));
        Some(Seat { seats: self.clone(), number, visitor: visitor.clone(), from, given_up })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.count -= 1;
        if let Some(own) = taken.by_visitor.get_mut(&self.visitor) {
            own.retain(|(number, _)| *number != self.number);
            if own.is_empty() {
                taken.by_visitor.remove(&self.visitor);
            }
        }
        if let Some(count) = taken.by_address.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&self.from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn visitor(number: usize) -> Address {
        Address::new("chat", number.to_string())
    }

    #[test]
    fn of_one_visitors_streams_the_newest_win() {
        let seats = Seats::new(4096);
        let streams: Vec<_> = (0..5).filter_map(|_| seats.take(&visitor(1), HERE)).collect();
        let given_up: Vec<_> = streams.iter().map(|seat| seat.given_up.is_cancelled()).collect();
        assert_eq!(given_up, [true, true, false, false, false]);
    }

    #[test]
    fn streams_never_take_more_than_half_the_house_and_come_back_when_left() {
        let seats = Seats::new(40);
        let address = |number: usize| IpAddr::from([10, 0, 0, number as u8]);
        let open: Vec<_> = (0..100).filter_map(|it| seats.take(&visitor(it), address(it))).collect();
        assert_eq!(open.len(), 20);
        drop(open);
        assert_eq!((0..100).filter_map(|it| seats.take(&visitor(it), HERE)).collect::<Vec<_>>().len(), 10);
        let taken = seats.taken.lock().unwrap();
        assert!(taken.count == 0 && taken.by_visitor.is_empty() && taken.by_address.is_empty());
    }
}
