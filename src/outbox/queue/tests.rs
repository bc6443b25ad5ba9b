//! The queue against a store that is a plain map, and a clock that is moved by hand.

use std::collections::BTreeMap;

use proptest::{prelude::*, sample::Index};

use super::*;
use crate::{
    model::{Content, ReplyContext},
    store::{Delivery, NewMessage},
};

const ROOMY: Bounds = Bounds { in_flight: 64, in_memory: 1000 };

struct World {
    queue: Queue,
    now: Now,
    /// What is pending in the store.
    pending: BTreeMap<i64, Queued>,
    next_id: i64,
}

impl World {
    fn new(bounds: Bounds) -> Self {
        let now = Now { instant: Instant::now(), wall_ms: 1_000_000 };
        Self { queue: Queue::new(bounds), now, pending: BTreeMap::new(), next_id: 1 }
    }

    /// One that has read its empty backlog.
    fn live(bounds: Bounds) -> Self {
        let mut world = Self::new(bounds);
        world.read_all();
        world
    }

    fn commit(&mut self, chat: &str, hold_ms: i64) -> Queued {
        let (channel, chat) = chat.split_once('/').unwrap();
        let message = NewMessage {
            address: Address::new(channel, chat),
            content: Content::text("hello"),
            context: ReplyContext::default(),
            key: String::new(),
            not_before_ms: if hold_ms > 0 { self.now.wall_ms + hold_ms } else { 0 },
            notice: false,
        };
        let id = self.next_id;
        self.next_id += 1;
        let queued = Queued {
            id,
            message,
            attempts: 0,
            doubts: 0,
            state: MessageState::Pending,
            last_error: None,
            created_ms: 0,
            delivery: Delivery::default(),
        };
        self.pending.insert(id, queued.clone());
        queued
    }

    fn enqueue(&mut self, queued: Queued) {
        for id in self.queue.enqueue(vec![queued], self.now) {
            if let Some(pending) = self.pending.get(&id) {
                self.queue.take(pending.clone(), self.now);
            }
        }
    }

    fn add(&mut self, chat: &str) -> i64 {
        let queued = self.commit(chat, 0);
        let id = queued.id;
        self.enqueue(queued);
        id
    }

    fn page(&self, after: i64, limit: usize) -> Vec<Queued> {
        self.pending.range(after + 1..).take(limit).map(|(_, queued)| queued.clone()).collect()
    }

    fn read_page(&mut self, limit: usize) -> bool {
        let Some(after) = self.queue.begin_read() else { return false };
        let page = self.page(after, limit);
        let last = page.len() < limit;
        self.queue.admit_page(page, last, self.now);
        true
    }

    fn read_all(&mut self) {
        for _ in 0..10_000 {
            if !self.read_page(7) {
                return;
            }
        }
        panic!("reading never ends");
    }

    fn next(&mut self) -> Option<Job> {
        self.queue.next(self.now, |_| 0)
    }

    fn next_id(&mut self) -> Option<i64> {
        self.next().map(|job| job.queued.id)
    }

    fn sent(&mut self, job: &Job) {
        self.queue.finish(&job.queued.message.address, job.queued.id, Duration::ZERO, self.now);
        self.pending.remove(&job.queued.id);
        self.queue.settled(&[job.queued.id]);
    }

    fn advance(&mut self, time: Duration) {
        self.now.instant += time;
        self.now.wall_ms += time.as_millis() as i64;
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_message_that_waits_for_its_retry_holds_back_its_conversation_alone() {
    let mut world = World::live(ROOMY);
    let [a1, a2, b1] = ["t/a", "t/a", "t/b"].map(|chat| world.add(chat));
    let first = world.next().unwrap();
    assert_eq!(first.queued.id, a1);
    world.queue.put_back(first, SECOND, Duration::ZERO, world.now);
    assert_eq!(world.next_id(), Some(b1));
    assert_eq!(world.next_id(), None);
    assert_eq!(world.queue.next_wake(), Some(world.now.instant + SECOND));
    world.advance(SECOND);
    let again = world.next().unwrap();
    assert_eq!(again.queued.id, a1);
    assert_eq!(world.next_id(), None);
    world.sent(&again);
    assert_eq!(world.next_id(), Some(a2));
}

#[test]
fn a_chat_gets_its_next_message_after_the_gap_even_if_its_line_was_empty() {
    let mut world = World::live(ROOMY);
    world.add("t/a");
    let job = world.next().unwrap();
    world.queue.finish(&job.queued.message.address, job.queued.id, SECOND, world.now);
    let next = world.add("t/a");
    assert_eq!(world.next_id(), None);
    world.advance(SECOND);
    assert_eq!(world.next_id(), Some(next));
}

#[test]
fn a_conversation_with_nothing_to_say_is_forgotten() {
    let mut world = World::live(ROOMY);
    world.add("t/a");
    let job = world.next().unwrap();
    world.queue.finish(&job.queued.message.address, job.queued.id, SECOND, world.now);
    assert_eq!(world.queue.conversations.len(), 1);
    world.advance(SECOND);
    assert_eq!(world.next_id(), None);
    assert_eq!(world.queue.conversations.len(), 0);
    assert_eq!(world.queue.len(), 0);
}

#[test]
fn a_channel_sends_no_more_per_second_than_it_may() {
    let mut world = World::live(ROOMY);
    for chat in 0..30 {
        world.add(&format!("t/{chat}"));
    }
    let mut taken = Vec::new();
    for _ in 0..3 {
        let mut burst = 0;
        while let Some(job) = world.queue.next(world.now, |_| 10) {
            world.sent(&job);
            burst += 1;
        }
        taken.push(burst);
        let wake = world.queue.next_wake();
        assert!(wake.is_none_or(|wake| wake > world.now.instant), "it would spin");
        world.advance(SECOND);
    }
    assert_eq!(taken, [10, 10, 10]);
}

#[test]
fn one_channel_leaves_room_for_the_others() {
    let mut world = World::live(Bounds { in_flight: 8, ..ROOMY });
    for chat in 0..20 {
        world.add(&format!("slow/{chat}"));
    }
    let mut under_way = 0;
    while world.next().is_some() {
        under_way += 1;
    }
    assert_eq!(under_way, 6);
    let other = world.add("t/a");
    assert_eq!(world.next_id(), Some(other));
}

#[test]
fn channels_take_turns() {
    let mut world = World::live(Bounds { in_flight: 100, ..ROOMY });
    for chat in 0..3 {
        world.add(&format!("x/{chat}"));
    }
    for chat in 0..3 {
        world.add(&format!("y/{chat}"));
    }
    let turns: Vec<_> = std::iter::from_fn(|| world.next()).map(|job| job.queued.message.address.channel).collect();
    assert_eq!(turns, ["x", "y", "x", "y", "x", "y"]);
}

#[test]
fn a_stopped_channel_keeps_its_messages_until_it_is_resumed() {
    let mut world = World::live(ROOMY);
    world.queue.halt("t", "banned".to_owned(), None);
    let [stopped, other] = ["t/a", "u/a"].map(|chat| world.add(chat));
    // A token that comes back does not end a stop.
    world.queue.halt("t", "no token".to_owned(), Some(world.now.instant));
    assert_eq!(world.next_id(), Some(other));
    assert_eq!(world.next_id(), None);
    assert_eq!(world.queue.halted(world.now), [("t".to_owned(), "banned".to_owned())]);
    assert_eq!(world.queue.next_wake(), None);
    world.queue.resume("t");
    assert_eq!(world.next_id(), Some(stopped));
    assert_eq!(world.queue.halted(world.now), []);
}

#[test]
fn a_channel_without_a_token_opens_by_itself() {
    let mut world = World::live(ROOMY);
    let id = world.add("t/a");
    world.queue.halt("t", "no token".to_owned(), Some(world.now.instant + SECOND));
    assert_eq!(world.next_id(), None);
    assert_eq!(world.queue.next_wake(), Some(world.now.instant + SECOND));
    world.advance(SECOND);
    assert_eq!(world.next_id(), Some(id));
}

#[test]
fn a_channel_waits_when_two_chats_are_told_to_send_less_and_not_when_one_is() {
    let mut world = World::live(ROOMY);
    let [a, b] = ["a", "b"].map(|chat| Address::new("t", chat));
    world.queue.throttled(&a, SECOND, world.now);
    world.queue.throttled(&a, SECOND, world.now);
    let alone = world.add("t/c");
    assert_eq!(world.next_id(), Some(alone));
    world.queue.throttled(&b, SECOND * 2, world.now);
    let waits = world.add("t/d");
    assert_eq!(world.next_id(), None);
    world.advance(SECOND * 2);
    assert_eq!(world.next_id(), Some(waits));
}

#[test]
fn a_held_message_is_claimed_once_and_never_after_it_left() {
    let mut world = World::live(ROOMY);
    let held = world.commit("t/a", 1000);
    let (id, behind) = (held.id, world.commit("t/a", 0));
    world.enqueue(held);
    world.enqueue(behind.clone());
    assert_eq!(world.next_id(), None);
    assert!(world.queue.claim(id, world.now));
    assert!(!world.queue.claim(id, world.now));
    assert_eq!(world.next_id(), Some(behind.id));
    let late = world.commit("t/b", 1000);
    world.enqueue(late.clone());
    world.advance(SECOND);
    assert_eq!(world.next_id(), Some(late.id));
    assert!(!world.queue.claim(late.id, world.now));
}

#[test]
fn a_claimed_message_that_is_given_back_goes_before_those_behind_it() {
    let mut world = World::live(ROOMY);
    let [mut first, second] = [world.commit("t/a", 1000), world.commit("t/a", 1000)];
    world.enqueue(first.clone());
    world.enqueue(second.clone());
    assert!(world.queue.claim(first.id, world.now));
    first.message.not_before_ms = 0;
    world.enqueue(first.clone());
    world.queue.release([second.id], world.now);
    let job = world.next().unwrap();
    assert_eq!(job.queued.id, first.id);
    world.sent(&job);
    assert_eq!(world.next_id(), Some(second.id));
}

#[test]
fn a_message_read_from_the_store_and_enqueued_late_is_sent_once() {
    let mut world = World::new(ROOMY);
    let committed = world.commit("t/a", 0);
    world.read_all();
    // Its enqueueing comes while it waits, while it is under way, while it settles, and when it is settled.
    world.enqueue(committed.clone());
    let job = world.next().unwrap();
    world.enqueue(committed.clone());
    world.queue.finish(&job.queued.message.address, job.queued.id, Duration::ZERO, world.now);
    world.enqueue(committed.clone());
    world.pending.clear();
    world.queue.settled(&[committed.id]);
    world.enqueue(committed);
    assert_eq!(world.next_id(), None);
}

#[test]
fn a_page_older_than_a_settlement_does_not_bring_the_message_back() {
    let mut world = World::live(Bounds { in_memory: 2, ..ROOMY });
    // Two lanes: the second message overtakes the first on its way here.
    let late = world.commit("t/a", 0);
    world.add("t/b");
    world.add("t/c");
    world.enqueue(late);
    let [one, two] = [world.next().unwrap(), world.next().unwrap()];
    world.sent(&one);
    let after = world.queue.begin_read().unwrap();
    let page = world.page(after, 100);
    assert!(page.iter().any(|queued| queued.id == two.queued.id));
    world.sent(&two);
    world.queue.admit_page(page, true, world.now);
    world.read_all();
    let left: Vec<_> = std::iter::from_fn(|| world.next_id()).collect();
    assert_eq!(left, [1]);
}

#[test]
fn a_channel_that_is_full_keeps_no_other_from_the_store() {
    let mut world = World::new(Bounds { in_flight: 4, in_memory: 10 });
    for _ in 0..50 {
        world.commit("stuck/a", 0);
    }
    let behind = world.commit("t/a", 0);
    world.queue.halt("stuck", "banned".to_owned(), None);
    world.read_all();
    assert!(world.queue.len() <= 11);
    let job = world.next().unwrap();
    assert_eq!(job.queued.id, behind.id);
    world.sent(&job);
    let live = world.add("t/a");
    assert_eq!(world.next_id(), Some(live));
}

/// What befalls the queue.
#[derive(Clone, Debug)]
enum Step {
    /// Commits a message to one of a few chats; it is enqueued now or later.
    Commit {
        chat: u8,
        held: bool,
        late: bool,
    },
    /// The messages committed and not yet enqueued come, from several lanes in any order.
    Enqueue(Index),
    /// A read begins, or ends with the page it saw when it began.
    Read,
    Start,
    Sent(Index),
    Postponed(Index),
    Settle,
    Claim(Index),
    Release(Index),
    Advance(u16),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u8..5, any::<bool>(), any::<bool>()).prop_map(|(chat, held, late)| {
            Step::Commit { chat, held: held && chat == 0, late }
        }),
        2 => any::<Index>().prop_map(Step::Enqueue),
        2 => Just(Step::Read),
        4 => Just(Step::Start),
        4 => any::<Index>().prop_map(Step::Sent),
        2 => any::<Index>().prop_map(Step::Postponed),
        1 => Just(Step::Settle),
        1 => any::<Index>().prop_map(Step::Claim),
        1 => any::<Index>().prop_map(Step::Release),
        1 => (0u16..2000).prop_map(Step::Advance),
    ]
}

fn take<T>(items: &mut Vec<T>, index: Index) -> Option<T> {
    if items.is_empty() { None } else { Some(items.remove(index.index(items.len()))) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whatever fails, overtakes or does not fit: each message is sent or claimed exactly once, those of one
    /// conversation in order, and memory stays within its bound.
    #[test]
    fn every_message_leaves_once_and_in_order(
        before in proptest::collection::vec(0u8..5, 0..12),
        steps in proptest::collection::vec(step(), 0..80),
    ) {
        let bounds = Bounds { in_flight: 3, in_memory: 4 };
        let mut world = World::new(bounds);
        let chats = ["s/a", "t/a", "t/b", "t/c", "u/a"];
        for chat in before {
            world.commit(chats[usize::from(chat)], 0);
        }
        let mut coming: Vec<Queued> = Vec::new();
        let mut under_way: Vec<Job> = Vec::new();
        let mut settling: Vec<i64> = Vec::new();
        let mut held: Vec<i64> = Vec::new();
        let mut page: Option<(Vec<Queued>, bool)> = None;
        let mut left: Vec<(Address, i64)> = Vec::new();
        // Conversations whose messages came out of order, which no one lane does.
        let mut overtaken: HashSet<Address> = HashSet::new();
        let mut claimed: Vec<i64> = Vec::new();
        let mut steps = steps.into_iter();
        let mut rounds = 0;
        loop {
            // When the steps are over, all that is open comes to its end.
            let closing = steps.len() == 0;
            let step = steps.next();
            if closing {
                rounds += 1;
                prop_assert!(rounds < 2000, "not all messages leave");
                world.advance(SECOND * 3);
            }
            match step {
                Some(Step::Commit { chat, held: hold, late }) => {
                    let queued = world.commit(chats[usize::from(chat)], if hold { 1000 } else { 0 });
                    if hold {
                        held.push(queued.id);
                    }
                    if late {
                        coming.push(queued);
                    } else {
                        if coming.iter().any(|it| it.message.address == queued.message.address) {
                            overtaken.insert(queued.message.address.clone());
                        }
                        world.enqueue(queued);
                    }
                }
                Some(Step::Enqueue(index)) => if let Some(queued) = take(&mut coming, index) {
                    let address = &queued.message.address;
                    if coming.iter().any(|it| it.message.address == *address && it.id < queued.id) {
                        overtaken.insert(address.clone());
                    }
                    world.enqueue(queued);
                },
                Some(Step::Advance(ms)) => world.advance(Duration::from_millis(u64::from(ms))),
                Some(Step::Claim(index)) => if let Some(id) = take(&mut held, index)
                    // An event is answered only after its messages were enqueued.
                    && coming.iter().all(|it| it.id != id)
                    && world.queue.claim(id, world.now)
                {
                    world.pending.remove(&id);
                    claimed.push(id);
                },
                Some(Step::Release(index)) => if let Some(id) = take(&mut held, index) {
                    world.queue.release([id], world.now);
                },
                _ => {}
            }
            if closing && !coming.is_empty() {
                let queued = coming.remove(0);
                world.enqueue(queued);
            }
            if closing || matches!(step, Some(Step::Read)) {
                if let Some((rows, last)) = page.take() {
                    world.queue.admit_page(rows, last, world.now);
                } else if let Some(after) = world.queue.begin_read() {
                    let rows = world.page(after, 3);
                    let last = rows.len() < 3;
                    page = Some((rows, last));
                }
            }
            if closing || matches!(step, Some(Step::Start)) {
                under_way.extend(world.next());
            }
            let done = match step {
                Some(Step::Postponed(index)) => {
                    if let Some(mut job) = take(&mut under_way, index) {
                        job.queued.attempts += 1;
                        world.queue.put_back(job, SECOND, Duration::ZERO, world.now);
                    }
                    None
                }
                Some(Step::Sent(index)) => take(&mut under_way, index),
                _ if closing => under_way.pop(),
                _ => None,
            };
            if let Some(job) = done {
                let Queued { id, message, .. } = &job.queued;
                world.queue.finish(&message.address, *id, Duration::from_millis(100), world.now);
                left.push((message.address.clone(), *id));
                settling.push(*id);
            }
            if closing || matches!(step, Some(Step::Settle)) {
                for id in settling.drain(..) {
                    world.pending.remove(&id);
                    world.queue.settled(&[id]);
                }
            }
            // Only what comes late from behind may exceed the bound, and there it is the lanes' number.
            prop_assert!(world.queue.len() <= 3 * bounds.in_memory + 12 + coming.len());
            if closing && world.pending.is_empty() && page.is_none() && coming.is_empty() && !world.queue.wants_read() {
                break;
            }
        }
        let mut ids: Vec<_> = left.iter().map(|(_, id)| *id).chain(claimed).collect();
        ids.sort_unstable();
        prop_assert_eq!(ids, (1..world.next_id).collect::<Vec<_>>());
        for chat in chats {
            let (channel, chat) = chat.split_once('/').unwrap();
            let address = Address::new(channel, chat);
            let order: Vec<_> = left.iter().filter(|(it, _)| *it == address).map(|(_, id)| *id).collect();
            prop_assert!(overtaken.contains(&address) || order.is_sorted(), "{address}: {order:?}");
        }
        prop_assert!(world.queue.conversations.len() <= chats.len());
        prop_assert_eq!(world.queue.len(), 0);
    }
}
