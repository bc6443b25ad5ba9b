use super::*;

fn with_token(channel: &mut JsonChannel) {
    channel.wants_token = true;
}

#[tokio::test]
async fn many_messages_share_one_token_fetched_once() {
    let site = Site::with(QUICK, with_token, |_| Answer::ok()).await;
    let ids = site.say((0..30).map(|chat| to(&format!("chat-{chat}"), "hello")).collect()).await;
    site.settled(&ids).await;
    assert_eq!(site.platform.tokens.load(Ordering::SeqCst), 1);
    assert!(site.platform.seen().iter().all(|seen| seen.token.as_deref() == Some("token-1")));
}

#[tokio::test]
async fn a_stale_token_is_renewed_once_for_all_who_meet_it() {
    let stale = |seen: &Seen| match seen.token.as_deref() {
        Some("token-1") => Answer::word("stale token"),
        _ => Answer::ok(),
    };
    let site = Site::with(QUICK, with_token, stale).await;
    let ids = site.say((0..10).map(|chat| to(&format!("chat-{chat}"), "hello")).collect()).await;
    for queued in site.settled(&ids).await {
        assert_eq!((queued.state, queued.attempts), (MessageState::Sent, 0));
    }
    assert_eq!(site.platform.tokens.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn the_token_that_another_system_made_is_asked_for_and_none_is_forced() {
    let site = Site::with(QUICK, with_token, |seen| match seen.token.as_deref() {
        Some("token-2") => Answer::ok(),
        _ => Answer::word("stale token"),
    })
    .await;
    let ids = site.say(vec![to("a", "hello")]).await;
    assert_eq!(site.settled(&ids).await[0].state, MessageState::Sent);
    assert_eq!(site.platform.forced.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_platform_that_refuses_its_own_token_is_forced_to_another_once_and_then_waited_for() {
    let site = Site::with(QUICK, with_token, |_| Answer::word("stale token")).await;
    site.platform.keeps_tokens.store(true, Ordering::SeqCst);
    let ids = site.say((0..4).map(|chat| to(&format!("chat-{chat}"), "hello")).collect()).await;
    let (_, reason) = eventually(async || {
        site.outbox.stopped_channels().pop().filter(|_| site.platform.forced.load(Ordering::SeqCst) == 1)
    })
    .await;
    assert_eq!(reason, "no access token: the platform refuses its newest token, and may not be asked for another yet");
    let later = site.say(vec![to("b", "later")]).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(site.platform.forced.load(Ordering::SeqCst), 1);
    for id in [ids, later].concat() {
        let waiting = wait(site.store.message(id)).await.unwrap().unwrap();
        assert_eq!((waiting.state, waiting.attempts), (MessageState::Pending, 0), "no attempt is spent");
    }
}

#[tokio::test]
async fn a_platform_that_refuses_every_token_is_left_in_peace() {
    let site = Site::with(QUICK, with_token, |_| Answer::word("stale token")).await;
    let ids = site.say(vec![to("a", "hello")]).await;
    let (_, reason) = eventually(async || site.outbox.stopped_channels().pop()).await;
    assert_eq!(reason, "no access token: the platform refuses every token it gives");
    assert_eq!(site.platform.seen().len(), 3);
    let waiting = wait(site.store.message(ids[0])).await.unwrap().unwrap();
    assert_eq!((waiting.state, waiting.attempts), (MessageState::Pending, 0));
}

#[tokio::test]
async fn without_a_token_messages_wait_uncounted_and_the_reason_shows_no_secret() {
    let site = Site::with(QUICK, with_token, |_| Answer::ok()).await;
    site.platform.no_tokens.store(true, Ordering::SeqCst);
    let ids = site.say(vec![to("a", "1"), to("a", "2"), to("b", "3")]).await;
    let stopped = eventually(async || site.outbox.stopped_channels().pop()).await;
    assert_eq!(stopped.1, "no access token: the secret is wrong (HTTP 200)");
    eventually(async || (site.platform.tokens.load(Ordering::SeqCst) > 6).then_some(())).await;
    site.platform.no_tokens.store(false, Ordering::SeqCst);
    for queued in site.settled(&ids).await {
        assert_eq!((queued.state, queued.attempts), (MessageState::Sent, 0));
    }
    assert_eq!(site.platform.texts("a"), ["1", "2"]);
}

#[tokio::test]
async fn a_token_endpoint_out_of_reach_names_the_host_alone() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let shape = move |channel: &mut JsonChannel| {
        channel.wants_token = true;
        channel.url = format!("http://{closed}");
    };
    let site =
        Site::with(OutboxSettings { first_backoff_ms: 600_000, max_backoff_ms: 600_000, ..QUICK }, shape, |_| {
            Answer::ok()
        })
        .await;
    site.say(vec![to("a", "hello")]).await;
    let (_, reason) = eventually(async || site.outbox.stopped_channels().pop()).await;
    assert!(reason.starts_with("no access token: not sent: 127.0.0.1") && !reason.contains("s3cret"), "{reason}");
}

#[tokio::test]
async fn new_settings_of_a_channel_mean_a_new_token() {
    let site = Site::with(QUICK, with_token, |_| Answer::ok()).await;
    let ids = site.say(vec![to("a", "1")]).await;
    site.settled(&ids).await;
    site.configure("shop", JsonChannel { wants_token: true, ..JsonChannel::new(&site.platform.url) }, None);
    let ids = site.say(vec![to("a", "2")]).await;
    site.settled(&ids).await;
    let tokens: Vec<_> = site.platform.seen().into_iter().filter_map(|seen| seen.token).collect();
    assert_eq!(tokens, ["token-1", "token-2"]);
}
