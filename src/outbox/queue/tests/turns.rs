//! Who may send, and when.

use super::*;

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
fn a_channel_sends_no_more_within_any_second_than_it_may() {
    const STEP: Duration = Duration::from_millis(10);
    for limit in [1, 3, 9, 10, 30, 200] {
        let mut world = World::live(ROOMY);
        let seconds = 4;
        for chat in 0..limit * seconds {
            world.add(&format!("t/{chat}"));
        }
        let began = world.now.instant;
        let mut sent = Vec::new();
        while world.now.instant < began + SECOND * seconds {
            while let Some(job) = world.queue.next(world.now, |_| limit) {
                world.sent(&job);
                sent.push(world.now.instant);
            }
            let wake = world.queue.next_wake();
            assert!(wake.is_none_or(|wake| wake > world.now.instant), "it would spin");
            world.advance(STEP);
        }
        for first in &sent {
            let within = sent.iter().filter(|it| (*first..*first + SECOND).contains(it)).count();
            assert!(within <= limit as usize, "{within} within a second, of {limit}");
        }
        let all = (limit * seconds) as usize;
        assert!(sent.len() * 10 >= all * 8, "it holds back too much: {} of {all}", sent.len());
    }
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
fn a_message_whose_lane_is_slow_is_not_overtaken_by_what_follows_it_in_its_conversation() {
    let mut world = World::live(Bounds { in_flight: 8, in_memory: 2 });
    world.add("t/b");
    world.add("t/b");
    let first = world.commit("t/a", 0);
    // There is no room: this one stays in the store, and from now on the channel is read from there.
    world.add("t/c");
    let second = world.commit("t/a", 0);
    let mut left = Vec::new();
    for late in [None, Some(first.clone()), Some(second.clone()), None] {
        late.into_iter().for_each(|it| world.enqueue(it));
        while let Some(job) = world.next() {
            world.sent(&job);
            left.push(job.queued.id);
            world.read_all();
        }
    }
    left.retain(|id| [first.id, second.id].contains(id));
    assert_eq!(left, [first.id, second.id]);
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
