use tokio::{runtime, sync::Semaphore};

use super::*;
use crate::outbox::dispatcher::backlog::PAGE;

#[tokio::test]
async fn what_an_earlier_run_left_is_sent_first_and_in_order() {
    let folder = TempDir::new().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("clerk.sqlite"), Retention::default()).unwrap());
    let platform = Platform::start(|_| Answer::ok()).await;
    let channels = channels_to(&platform);
    // More than two pages.
    let mut ids = Vec::new();
    for event in 0..PAGE / 50 + 1 {
        let messages = (0..100).map(|index| to(&format!("chat-{}", index % 7), &format!("{event:03}.{index:03}")));
        ids.extend(commit(&*store, &format!("{event}"), messages.collect()).await.iter().map(|queued| queued.id));
    }
    assert!(ids.len() > 2 * PAGE);
    let outbox = Outbox::start(
        store.clone(),
        channels,
        Arc::new(Shown::default()),
        lent_from(&folder),
        QUICK,
        Renewals::default(),
    );
    let live = commit(&*store, "live", vec![to("chat-0", "live")]).await;
    outbox.enqueue(live);
    platform.until_seen(ids.len() + 1).await;
    assert_eq!(outbox.drain(Duration::from_secs(20)).await, 0);
    assert_eq!(platform.seen().len(), ids.len() + 1);
    for chat in 0..7 {
        let texts = platform.texts(&format!("chat-{chat}"));
        assert!(texts.is_sorted(), "{texts:?}");
    }
    assert_eq!(platform.texts("chat-0").last().unwrap(), "live");
}

#[test]
fn a_message_under_way_when_the_daemon_is_killed_is_sent_again_with_the_same_key() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("clerk.sqlite");
    let outside = runtime::Runtime::new().unwrap();
    let platform =
        outside.block_on(Platform::start(|seen| if seen.before == 0 { Answer::Silence } else { Answer::ok() }));
    let channels = channels_to(&platform);

    let killed = runtime::Runtime::new().unwrap();
    let store = Arc::new(SqliteStore::open(&path, Retention::default()).unwrap());
    killed.block_on(async {
        let outbox = Outbox::start(
            store.clone(),
            channels.clone(),
            Arc::new(Shown::default()),
            lent_from(&folder),
            QUICK,
            Renewals::default(),
        );
        outbox.enqueue(commit(&*store, "event", vec![to("a", "1"), to("a", "2")]).await);
        platform.until_seen(1).await;
    });
    killed.shutdown_timeout(Duration::from_secs(20));
    drop(store);

    outside.block_on(async {
        let store = Arc::new(SqliteStore::open(&path, Retention::default()).unwrap());
        let outbox = Outbox::start(
            store.clone(),
            channels,
            Arc::new(Shown::default()),
            lent_from(&folder),
            QUICK,
            Renewals::default(),
        );
        // The second message is silent at its first attempt, too.
        let seen = platform.until_seen(3).await;
        assert_eq!(platform.texts("a"), ["1", "1", "2"]);
        assert_eq!(seen[0].key, seen[1].key);
        drop(outbox);
    });
}

#[tokio::test]
async fn draining_finishes_what_is_under_way_and_begins_nothing_more() {
    let gate = Arc::new(Semaphore::new(0));
    let answer = gate.clone();
    let site = Site::new(move |_| Answer::Gate(answer.clone())).await;
    let ids = site.say(vec![to("a", "1"), to("a", "2"), held("b", "3")]).await;
    site.platform.until_seen(1).await;
    let outbox = site.outbox.clone();
    let draining = tokio::spawn(async move { outbox.drain(Duration::ZERO).await });
    // It waits for the platform; the settlement is durable when it returns.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!draining.is_finished());
    gate.add_permits(10);
    assert_eq!(draining.await.unwrap(), 2);
    let mut states = Vec::new();
    for id in &ids {
        states.push(wait(site.store.message(*id)).await.unwrap().unwrap().state);
    }
    assert_eq!(states, [MessageState::Sent, MessageState::Pending, MessageState::Pending]);
    assert_eq!(site.platform.seen().len(), 1);
}

#[tokio::test]
async fn draining_within_its_grace_sends_all_that_can_be_sent() {
    let site = Site::new(|_| Answer::ok()).await;
    let messages = (0..100).map(|index| to(&format!("chat-{}", index % 3), &format!("{index}"))).collect();
    site.say(messages).await;
    assert_eq!(site.outbox.drain(Duration::from_secs(20)).await, 0);
    assert_eq!(site.platform.seen().len(), 100);
}

#[tokio::test]
async fn what_could_not_be_settled_is_not_sent_again_and_settled_later() {
    let site = Site::new(|_| Answer::ok()).await;
    let ids = site.say(vec![to("a", "1")]).await;
    site.settled(&ids).await;
    // Another process holds the file: the store cannot write for a while.
    let beside = rusqlite::Connection::open(site.folder.path().join("clerk.sqlite")).unwrap();
    beside
        .execute_batch("CREATE TRIGGER broken BEFORE UPDATE ON messages BEGIN SELECT RAISE(ABORT, 'broken'); END")
        .unwrap();
    let ids = site.say(vec![to("a", "2")]).await;
    site.platform.until_seen(2).await;
    site.outbox.enqueue(vec![wait(site.store.message(ids[0])).await.unwrap().unwrap()]);
    let next = site.say(vec![to("a", "3")]).await;
    site.platform.until_seen(3).await;
    beside.execute_batch("DROP TRIGGER broken").unwrap();
    for queued in site.settled(&[ids, next].concat()).await {
        assert_eq!(queued.state, MessageState::Sent);
    }
    assert_eq!(site.platform.texts("a"), ["1", "2", "3"]);
}

fn channels_to(platform: &Platform) -> Arc<Handles> {
    let handle = ChannelHandle {
        id: "shop".to_owned(),
        channel: Arc::new(JsonChannel::new(&platform.url)),
        allow_private_targets: true,
        per_second: None,
    };
    let by_id = ArcSwap::from_pointee(HashMap::from([("shop".to_owned(), Arc::new(handle))]));
    Arc::new(Handles { by_id, ..Handles::default() })
}
