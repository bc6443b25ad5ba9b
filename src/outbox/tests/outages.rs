//! A platform that is away, slow, or elsewhere.

use http::StatusCode;
use serde_json::json;

use super::*;

/// A platform that is away until the test lets it come back.
fn away(how: fn() -> Answer) -> (Arc<AtomicBool>, impl Fn(&Seen) -> Answer + Send + Sync + 'static) {
    let back = Arc::new(AtomicBool::new(false));
    let is_back = back.clone();
    (back, move |_: &Seen| if is_back.load(Ordering::SeqCst) { Answer::ok() } else { how() })
}

#[tokio::test]
async fn an_outage_costs_no_message_whatever_the_number_of_attempts() {
    for how in [|| Answer::status(503), || Answer::status(429)] {
        let (back, answer) = away(how);
        let site = Site::new(answer).await;
        let ids = site.say(vec![to("a", "1"), to("a", "2"), notice("b", "please pay")]).await;
        site.until(ids[0], |queued| queued.attempts > 3 * QUICK.max_attempts).await;
        back.store(true, Ordering::SeqCst);
        assert!(site.settled(&ids).await.iter().all(|queued| queued.state == MessageState::Sent));
        let mut texts = site.platform.texts("a");
        texts.dedup();
        assert_eq!(texts, ["1", "2"], "in order");
    }
}

#[tokio::test]
async fn what_waits_for_the_platform_follows_what_gets_through() {
    let (back, answer) = away(|| Answer::status(503));
    // Nobody would be tried again within the test's patience by itself.
    let slow = OutboxSettings { first_backoff_ms: 3_600_000, max_backoff_ms: 3_600_000, ..QUICK };
    let site = Site::with(slow, |_| {}, answer).await;
    let ids = site.say((0..40).map(|chat| to(&format!("chat-{chat}"), "hello")).collect()).await;
    for id in &ids {
        site.until(*id, |queued| queued.attempts == 1).await;
    }
    back.store(true, Ordering::SeqCst);
    let first = site.say(vec![to("b", "the first after it")]).await;
    let settled = site.settled(&[first, ids].concat()).await;
    assert!(settled.iter().all(|queued| queued.state == MessageState::Sent));
}

#[tokio::test]
async fn after_the_time_to_keep_trying_it_is_a_dead_letter() {
    let site = Site::with(OutboxSettings { keep_trying_ms: 0, ..QUICK }, |_| {}, |_| Answer::status(503)).await;
    let ids = site.say(vec![to("a", "hello")]).await;
    let settled = site.settled(&ids).await;
    assert_eq!((settled[0].state, settled[0].attempts), (MessageState::Dead, 1));
    assert_eq!(settled[0].last_error.as_deref(), Some("the platform answered HTTP 503"));
}

#[tokio::test]
async fn a_platform_that_cannot_be_reached_is_no_doubt() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let site = Site::with(QUICK, move |channel| channel.url = format!("http://{closed}"), |_| Answer::ok()).await;
    let ids = site.say(vec![notice("a", "please pay")]).await;
    let waiting = site.until(ids[0], |queued| queued.attempts > 2 * QUICK.max_attempts).await;
    assert_eq!((waiting.state, waiting.doubts), (MessageState::Pending, 0));
    assert!(waiting.last_error.unwrap().starts_with("not sent: "));
}

#[tokio::test]
async fn a_platform_that_wants_less_of_the_whole_channel_gets_nothing_for_so_long() {
    let site = Site::new(|_| Answer::Say(StatusCode::OK, json!({ "is": "slow down", "after_ms": 3_600_000 }))).await;
    let first = site.say(vec![to("a", "1")]).await;
    site.until(first[0], |queued| queued.attempts == 1).await;
    site.say((0..5).map(|chat| to(&format!("chat-{chat}"), "hello")).collect()).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(site.platform.seen().len(), 1);
}

#[tokio::test]
async fn a_chat_with_a_new_id_gets_its_message_there_and_so_does_the_next_run() {
    let answer = |seen: &Seen| if seen.chat == "a" { Answer::word("moved") } else { Answer::ok() };
    let site = Site::new(answer).await;
    let ids = site.say(vec![to("a", "1"), to("a", "2")]).await;
    for queued in site.settled(&ids).await {
        assert_eq!((queued.state, queued.message.address.chat.as_str()), (MessageState::Sent, "a"));
    }
    assert_eq!(
        (site.platform.texts("a"), site.platform.texts("b")),
        (vec!["1".to_owned()], vec!["1".to_owned(), "2".to_owned()])
    );
    assert_eq!(site.outbox.home_of(&Address::new("shop", "b")), Some(Address::new("shop", "a")));

    eventually(async || site.store.moves().ok().filter(|moves| !moves.is_empty())).await;
    let next = Outbox::start(
        site.store.clone(),
        site.channels.clone(),
        Arc::new(Shown::default()),
        lent_from(&site.folder),
        QUICK,
        Renewals::default(),
    );
    assert_eq!(next.home_of(&Address::new("shop", "b")), Some(Address::new("shop", "a")));
}

#[tokio::test]
async fn what_is_good_for_one_use_is_sent_again_while_nobody_knows_and_then_counts_as_sent() {
    let shape = |channel: &mut JsonChannel| channel.uncertain = Uncertain::ResendWhileGood;
    let answer = |seen: &Seen| if seen.before == 0 { Answer::Silence } else { Answer::word("used up") };
    let site = Site::with(OutboxSettings { request_timeout_ms: 150, ..QUICK }, shape, answer).await;
    let ids = site.say(vec![to("a", "hello")]).await;
    let settled = site.settled(&ids).await;
    assert_eq!((settled[0].state, settled[0].doubts), (MessageState::Sent, 1));
    let seen = site.platform.seen();
    assert_eq!(
        seen.iter().map(|seen| (seen.fallback, seen.in_doubt)).collect::<Vec<_>>(),
        [(false, false), (false, true)]
    );
}
