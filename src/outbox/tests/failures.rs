use http::StatusCode;
use serde_json::json;

use super::*;

#[tokio::test]
async fn a_message_is_given_up_after_so_many_attempts() {
    let site = Site::new(|seen| if seen.text == "never" { Answer::status(404) } else { Answer::ok() }).await;
    let ids = site.say(vec![to("a", "never"), to("a", "next")]).await;
    let settled = site.settled(&ids).await;
    assert_eq!((settled[0].state, settled[0].attempts), (MessageState::Dead, 4));
    assert_eq!(settled[0].last_error.as_deref(), Some("there is nothing here"));
    assert_eq!(settled[1].state, MessageState::Sent);
    assert_eq!(site.platform.texts("a"), ["never", "never", "never", "never", "next"]);
}

#[tokio::test]
async fn a_dead_letter_that_a_person_retries_is_sent() {
    let broken = Arc::new(AtomicBool::new(true));
    let state = broken.clone();
    let answer = move |_: &Seen| if state.load(Ordering::SeqCst) { Answer::status(404) } else { Answer::ok() };
    let site = Site::new(answer).await;
    let ids = site.say(vec![to("a", "hello")]).await;
    assert_eq!(site.settled(&ids).await[0].state, MessageState::Dead);
    broken.store(false, Ordering::SeqCst);
    site.store.settle(ids[0], Settlement::Retry).await.unwrap().unwrap();
    site.outbox.enqueue(vec![wait(site.store.message(ids[0])).await.unwrap().unwrap()]);
    assert_eq!(site.settled(&ids).await[0].state, MessageState::Sent);
}

#[tokio::test]
async fn a_message_that_will_never_be_accepted_is_dropped_at_once() {
    let site = Site::new(|_| Answer::word("blocked")).await;
    let ids = site.say(vec![to("a", "hello")]).await;
    let settled = site.settled(&ids).await;
    assert_eq!((settled[0].state, settled[0].attempts), (MessageState::Dead, 1));
    assert_eq!(settled[0].last_error.as_deref(), Some("the customer blocked the shop"));
    assert_eq!(site.platform.seen().len(), 1);
}

#[tokio::test]
async fn the_platforms_word_on_when_to_come_back_is_obeyed_and_written_down() {
    let site = Site::new(|_| Answer::Say(StatusCode::TOO_MANY_REQUESTS, json!({ "after_ms": 3_600_000 }))).await;
    let before = now_ms();
    let ids = site.say(vec![to("a", "hello")]).await;
    let postponed = site.until(ids[0], |queued| queued.attempts == 1).await;
    assert_eq!(postponed.state, MessageState::Pending);
    assert!(postponed.message.not_before_ms >= before + 3_600_000);
    assert_eq!(postponed.last_error.as_deref(), Some("the platform answered HTTP 429"));
    assert_eq!(site.platform.seen().len(), 1);
}

#[tokio::test]
async fn a_stopped_channel_waits_for_a_person_and_loses_nothing() {
    let banned = Arc::new(AtomicBool::new(true));
    let state = banned.clone();
    let answer = move |_: &Seen| if state.load(Ordering::SeqCst) { Answer::word("banned") } else { Answer::ok() };
    let site = Site::new(answer).await;
    site.configure("other", JsonChannel { local: true, ..JsonChannel::new("") }, None);
    let waiting = site.say(vec![to("a", "1"), to("a", "2")]).await;
    let stopped = eventually(async || Some(site.outbox.stopped_channels()).filter(|stopped| !stopped.is_empty())).await;
    assert_eq!(stopped, [("shop".to_owned(), "the account is banned".to_owned())]);
    let later = site.say(vec![to("b", "3")]).await;
    let other = site.say(vec![on("other", "a", "hello")]).await;
    site.settled(&other).await;
    assert_eq!(site.platform.seen().len(), 1);
    banned.store(false, Ordering::SeqCst);
    site.outbox.resume_channel("shop");
    assert_eq!(site.outbox.stopped_channels(), []);
    for queued in site.settled(&[waiting, later].concat()).await {
        assert_eq!((queued.state, queued.attempts), (MessageState::Sent, 0));
    }
    assert_eq!(site.platform.texts("a"), ["1", "1", "2"]);
}

#[tokio::test]
async fn an_unanswered_reply_is_sent_once_more_and_no_more() {
    let site = Site::with(OutboxSettings { request_timeout_ms: 150, ..QUICK }, |_| {}, |_| Answer::Silence).await;
    let ids = site.say(vec![to("a", "hello")]).await;
    let settled = site.settled(&ids).await;
    assert_eq!((settled[0].state, settled[0].attempts), (MessageState::Dead, 2));
    let error = settled[0].last_error.clone().unwrap();
    assert!(error.starts_with("may have been delivered: ") && !error.contains("s3cret"), "{error}");
    assert_eq!(site.platform.seen().len(), 2);
}

#[tokio::test]
async fn an_unanswered_notice_is_never_sent_again() {
    let site = Site::with(OutboxSettings { request_timeout_ms: 150, ..QUICK }, |_| {}, |_| Answer::Silence).await;
    let ids = site.say(vec![notice("a", "please pay")]).await;
    let settled = site.settled(&ids).await;
    assert_eq!((settled[0].state, settled[0].attempts), (MessageState::Dead, 1));
    assert!(settled[0].last_error.clone().unwrap().starts_with("may have been delivered: "));
    assert_eq!(site.platform.seen().len(), 1);
}

#[tokio::test]
async fn a_platform_that_knows_our_key_gets_the_unanswered_message_again_with_the_same_key() {
    let settings = OutboxSettings { request_timeout_ms: 150, ..QUICK };
    let shape = |channel: &mut JsonChannel| channel.uncertain = Uncertain::Resend;
    let site =
        Site::with(settings, shape, |seen| if seen.before < 3 { Answer::Silence } else { Answer::word("known") }).await;
    let ids = site.say(vec![notice("a", "hello")]).await;
    assert_eq!(site.settled(&ids).await[0].state, MessageState::Sent);
    let keys: Vec<_> = site.platform.seen().into_iter().map(|seen| seen.key).collect();
    assert_eq!(keys, vec!["key of hello"; 4]);
}

#[tokio::test]
async fn a_channel_that_panics_takes_no_other_message_with_it() {
    let site = Site::new(|seen| Answer::word(if seen.text == "bad" { "panic" } else { "ok" })).await;
    let ids = site.say(vec![to("a", "bad"), to("a", "good")]).await;
    let settled = site.settled(&ids).await;
    assert_eq!(settled[0].state, MessageState::Dead);
    assert_eq!(settled[1].state, MessageState::Sent);
}

#[tokio::test]
async fn whatever_fails_each_conversation_hears_everything_in_order() {
    // Deterministic trouble: every third request fails in one way or another.
    let requests = AtomicUsize::new(0);
    let answer = move |_: &Seen| match requests.fetch_add(1, Ordering::SeqCst) % 9 {
        2 => Answer::status(500),
        5 => Answer::Say(StatusCode::TOO_MANY_REQUESTS, json!({ "after_ms": 3 })),
        8 => Answer::word("other way"),
        _ => Answer::ok(),
    };
    let site = Site::with(OutboxSettings { max_attempts: 50, ..QUICK }, |_| {}, answer).await;
    let mut ids = Vec::new();
    for round in 0..20 {
        ids.extend(
            site.say((0..10).map(|chat| to(&format!("chat-{chat}"), &format!("{chat}.{round:02}"))).collect()).await,
        );
    }
    site.settled(&ids).await;
    for chat in 0..10 {
        let mut texts = site.platform.texts(&format!("chat-{chat}"));
        assert!(texts.is_sorted(), "{texts:?}");
        // The same again is a retry.
        texts.dedup();
        assert_eq!(texts.len(), 20);
    }
}
