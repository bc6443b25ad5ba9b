use tokio::sync::Semaphore;

use super::*;

#[tokio::test]
async fn a_message_is_sent_and_the_platforms_id_kept() {
    let site = Site::new(|_| Answer::ok()).await;
    let ids = site.say(vec![to("a", "hello")]).await;
    let settled = site.settled(&ids).await;
    assert_eq!(settled[0].state, MessageState::Sent);
    let seen = site.platform.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].text.as_str(), seen[0].key.as_str(), seen[0].attempt), ("hello", "key of hello", 0));
    let logged = wait(site.store.explain("platform-id")).await.unwrap().unwrap();
    assert_eq!(logged.queued[0].id, ids[0]);
}

#[tokio::test]
async fn a_message_the_platform_knows_already_is_sent() {
    let site = Site::new(|_| Answer::word("known")).await;
    let ids = site.say(vec![to("a", "hello")]).await;
    assert_eq!(site.settled(&ids).await[0].state, MessageState::Sent);
}

#[tokio::test]
async fn messages_of_one_conversation_leave_in_order_though_each_fails_at_first() {
    let site = Site::new(|seen| if seen.before < 2 { Answer::status(503) } else { Answer::ok() }).await;
    let ids = site.say(vec![to("a", "1"), to("a", "2"), to("a", "3")]).await;
    site.settled(&ids).await;
    assert_eq!(site.platform.texts("a"), ["1", "1", "1", "2", "2", "2", "3", "3", "3"]);
    let attempts: Vec<_> = site.platform.seen().iter().map(|seen| seen.attempt).collect();
    assert_eq!(attempts, [0, 1, 2, 0, 1, 2, 0, 1, 2]);
}

#[tokio::test]
async fn conversations_are_served_in_parallel_and_no_more_than_allowed() {
    let gate = Arc::new(Semaphore::new(0));
    let answer = gate.clone();
    let site =
        Site::with(OutboxSettings { max_in_flight: 8, ..QUICK }, |_| {}, move |_| Answer::Gate(answer.clone())).await;
    let messages = (0..20).map(|chat| to(&format!("chat-{chat}"), "hello")).collect();
    let ids = site.say(messages).await;
    // Six of eight: a quarter is kept for other channels.
    assert_eq!(site.platform.until_seen(6).await.len(), 6);
    gate.add_permits(1);
    assert_eq!(site.platform.until_seen(7).await.len(), 7);
    gate.add_permits(100);
    site.settled(&ids).await;
    let chats: HashSet<_> = site.platform.seen().into_iter().map(|seen| seen.chat).collect();
    assert_eq!((chats.len(), site.platform.seen().len()), (20, 20));
}

#[tokio::test]
async fn a_slow_chat_holds_back_no_other() {
    let gate = Arc::new(Semaphore::new(0));
    let answer = gate.clone();
    let slow = move |seen: &Seen| if seen.chat == "slow" { Answer::Gate(answer.clone()) } else { Answer::ok() };
    let site = Site::new(slow).await;
    let stuck = site.say(vec![to("slow", "1"), to("slow", "2")]).await;
    let others = site.say(vec![to("b", "1"), to("b", "2"), to("c", "1")]).await;
    site.settled(&others).await;
    assert_eq!(site.platform.texts("slow"), ["1"]);
    gate.add_permits(2);
    site.settled(&stuck).await;
    assert_eq!(site.platform.texts("slow"), ["1", "2"]);
}

#[tokio::test]
async fn a_local_message_is_shown_and_sent_at_once() {
    let site = Site::with(QUICK, |channel| channel.local = true, |_| Answer::ok()).await;
    let ids = site.say(vec![to("visitor", "1"), to("visitor", "2")]).await;
    assert!(site.settled(&ids).await.iter().all(|queued| queued.state == MessageState::Sent));
    assert_eq!(*site.shown.0.lock().unwrap(), ids);
    assert_eq!(site.platform.seen(), []);
}

#[tokio::test]
async fn a_message_the_platform_would_refuse_is_a_dead_letter_with_the_reason() {
    let site = Site::with(QUICK, |channel| channel.closed_to = Some("late"), |_| Answer::ok()).await;
    let ids = site.say(vec![to("a", "late"), to("a", "next")]).await;
    let settled = site.settled(&ids).await;
    assert_eq!(settled[0].state, MessageState::Dead);
    assert_eq!(settled[0].last_error.as_deref(), Some("the platform takes no reply after a day"));
    assert_eq!(site.platform.texts("a"), ["next"]);
}

#[tokio::test]
async fn a_message_to_a_channel_that_is_gone_waits_and_it_is_said() {
    let site = Site::new(|_| Answer::ok()).await;
    let ids = site.say(vec![on("gone", "a", "hello")]).await;
    let stopped = eventually(async || site.outbox.stopped_channels().pop()).await;
    assert_eq!(stopped.0, "gone");
    let waiting = wait(site.store.message(ids[0])).await.unwrap().unwrap();
    assert_eq!((waiting.state, waiting.attempts), (MessageState::Pending, 0));
}

#[tokio::test]
async fn a_platform_that_wants_it_the_other_way_gets_it_the_other_way_at_once() {
    let site = Site::new(|seen| if seen.fallback { Answer::ok() } else { Answer::word("other way") }).await;
    let ids = site.say(vec![to("a", "hello")]).await;
    let settled = site.settled(&ids).await;
    assert_eq!((settled[0].state, settled[0].attempts), (MessageState::Sent, 0));
    let ways: Vec<_> = site.platform.seen().iter().map(|seen| seen.fallback).collect();
    assert_eq!(ways, [false, true]);
}

#[tokio::test]
async fn a_platform_that_wants_it_neither_way_makes_a_dead_letter() {
    let site = Site::new(|_| Answer::word("other way")).await;
    let ids = site.say(vec![to("a", "hello")]).await;
    assert_eq!(site.settled(&ids).await[0].state, MessageState::Dead);
    assert_eq!(site.platform.seen().len(), 2);
}

#[tokio::test]
async fn a_held_message_waits_until_it_is_released() {
    let site = Site::new(|_| Answer::ok()).await;
    let [first, second] = site.say(vec![held("a", "1"), held("a", "2")]).await[..] else { panic!() };
    let other = site.say(vec![to("b", "1")]).await;
    site.settled(&other).await;
    assert_eq!(site.platform.texts("a").len(), 0);
    site.outbox.release([first, second]);
    site.settled(&[first, second]).await;
    assert_eq!(site.platform.texts("a"), ["1", "2"]);
}

#[tokio::test]
async fn a_claimed_message_is_sent_by_nobody_else() {
    let site = Site::new(|_| Answer::ok()).await;
    let [first, second] = site.say(vec![held("a", "in the response"), held("a", "after it")]).await[..] else {
        panic!()
    };
    assert!(eventually(async || site.outbox.claim(first).then_some(true)).await);
    assert!(!site.outbox.claim(first));
    site.store.settle(first, Settlement::Sent { platform_id: None, at_ms: now_ms() }).await.unwrap().unwrap();
    site.outbox.release([second]);
    site.settled(&[second]).await;
    assert_eq!(site.platform.texts("a"), ["after it"]);
    assert!(!site.outbox.claim(second));
}

#[tokio::test]
async fn a_private_target_is_refused_unless_the_channel_may() {
    let site = Site::new(|_| Answer::ok()).await;
    let channel = JsonChannel::new(&site.platform.url);
    let handle = ChannelHandle {
        id: "shop".to_owned(),
        channel: Arc::new(channel),
        allow_private_targets: false,
        per_second: None,
    };
    site.channels.by_id.store(Arc::new(HashMap::from([("shop".to_owned(), Arc::new(handle))])));
    let ids = site.say(vec![to("a", "hello")]).await;
    let settled = site.settled(&ids).await;
    assert_eq!(settled[0].state, MessageState::Dead);
    let error = settled[0].last_error.clone().unwrap();
    assert!(error.contains("not on the public internet") && !error.contains("s3cret"), "{error}");
    assert_eq!(site.platform.seen(), []);
}

#[tokio::test]
async fn whoever_waits_for_a_messages_number_is_told_when_it_is_known() {
    let gate = Arc::new(Semaphore::new(0));
    let closed = gate.clone();
    let site = Site::new(move |_| Answer::Gate(closed.clone())).await;
    let room = Address::new("shop", "room");
    assert!(!site.outbox.is_unsettled(&room), "nothing is on its way, so nothing is to be waited for");
    let mut settlements = site.outbox.settlements();
    let ids = site.say(vec![to("room", "1")]).await;
    site.platform.until_seen(1).await;
    assert!(site.outbox.is_unsettled(&room), "it may be read already");
    gate.add_permits(1);
    settlements.rung().await;
    assert_eq!(wait(site.store.message(ids[0])).await.unwrap().unwrap().state, MessageState::Sent);
    assert!(!site.outbox.is_unsettled(&room));
}

#[tokio::test]
async fn a_dead_letter_is_told_once_the_store_knows_of_it() {
    let site = Site::new(|_| Answer::word("blocked")).await;
    let mut troubles = site.outbox.troubles();
    let ids = site.say(vec![to("a", "1")]).await;
    troubles.rung().await;
    assert_eq!(wait(site.store.message(ids[0])).await.unwrap().unwrap().state, MessageState::Dead);
    assert_eq!(wait(site.store.dead(1)).await.unwrap().len(), 1);
}
