//! Whatever befalls the queue, it keeps its promises.

use std::collections::HashSet;

use proptest::{prelude::*, sample::Index};

use super::*;

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
    /// The platform is away.
    Away(Index),
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
        2 => any::<Index>().prop_map(Step::Away),
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
                Some(Step::Away(index)) => {
                    if let Some(mut job) = take(&mut under_way, index) {
                        job.queued.attempts += 1;
                        world.queue.wait_for_platform(job, SECOND * 60, Duration::ZERO, world.now);
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
                world.queue.came_back(&message.address.channel, world.now);
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
