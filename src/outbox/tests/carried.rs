//! What is carried from another channel: fetched once it is delivered, kept where it is lent out, and forgotten.

use http::StatusCode;

use super::*;
use crate::model::{Carried, Media};

const ANA: &str = "ana";

/// Something at an address of the platform's own, which `shop` knows by nothing else.
fn carried(site: &Site, path: &str, instead: Option<&str>) -> NewMessage {
    let media = Media::new("image", format!("{}{path}", site.platform.url));
    let carried = Carried {
        customer: Address::new("elsewhere", ANA),
        channel: "shop".to_owned(),
        media,
        caption: Some("Ana: look".to_owned()),
        instead: instead.map(str::to_owned),
    };
    NewMessage { content: Content::Carried(Box::new(carried)), ..to("room", path) }
}

#[tokio::test]
async fn a_platform_that_takes_addresses_alone_wants_a_public_one() {
    let site = Site::new(|_| Answer::ok()).await;
    site.platform.keeps("/cup.png", StatusCode::OK, b"\x89PNG\r\n\x1a\n");
    let ids = site.say(vec![carried(&site, "/cup.png", None), to("room", "next")]).await;
    let settled = site.settled(&ids).await;
    assert_eq!((settled[0].state, settled[0].attempts), (MessageState::Dead, 1));
    let why = settled[0].last_error.as_deref().unwrap();
    assert!(why.contains("`public_url` is not set"), "{why}");
    assert_eq!(site.platform.texts("room"), ["next"]);
}

#[tokio::test]
async fn what_is_fetched_is_lent_out_once_however_often_the_message_is_tried() {
    let site = Site::new(|seen| if seen.before == 0 { Answer::status(503) } else { Answer::ok() }).await;
    site.is_public.store(true, Ordering::SeqCst);
    site.platform.keeps("/cup.png", StatusCode::OK, b"\x89PNG\r\n\x1a\n");
    let ids = site.say(vec![carried(&site, "/cup.png", None)]).await;
    assert_eq!(site.settled(&ids).await[0].state, MessageState::Sent);
    let texts = site.platform.texts("room");
    assert_eq!(texts.len(), 2);
    assert!(texts[0].starts_with("Ana: look\nhttps://clerk.example/media/") && texts[0].ends_with(".png"), "{texts:?}");
    assert_eq!(site.platform.fetched("/cup.png"), 1);
}

#[tokio::test]
async fn what_is_gone_is_said_to_be_where_there_are_words_for_it_and_else_is_a_dead_letter() {
    let site = Site::new(|_| Answer::ok()).await;
    site.platform.keeps("/gone.png", StatusCode::GONE, b"");
    let messages = vec![carried(&site, "/gone.png", Some("Ana sent a picture")), carried(&site, "/gone.png", None)];
    let ids = site.say(messages).await;
    let settled = site.settled(&ids).await;
    assert_eq!((settled[0].state, settled[1].state), (MessageState::Sent, MessageState::Dead));
    assert_eq!(site.platform.texts("room"), ["Ana sent a picture"]);
    assert_eq!(settled[1].last_error.as_deref(), Some("the platform it came by gives it no more (410 Gone)"));
}

#[tokio::test]
async fn a_source_that_is_away_holds_up_its_own_chat_alone() {
    let site = Site::new(|_| Answer::ok()).await;
    site.is_public.store(true, Ordering::SeqCst);
    site.platform.keeps("/cup.png", StatusCode::BAD_GATEWAY, b"");
    let ids = site.say(vec![carried(&site, "/cup.png", None), to("room", "behind it")]).await;
    let postponed = site.until(ids[0], |queued| queued.attempts > 5).await;
    assert_eq!(postponed.state, MessageState::Pending, "it goes on beyond the attempts that a refusal is given");
    let other = site.say(vec![to("ben", "elsewhere")]).await;
    assert_eq!(site.settled(&other).await[0].state, MessageState::Sent);
    assert!(site.platform.texts("room").is_empty());
    site.platform.keeps("/cup.png", StatusCode::OK, b"\x89PNG\r\n\x1a\n");
    assert!(site.settled(&ids).await.iter().all(|it| it.state == MessageState::Sent));
    assert_eq!(site.platform.texts("room").last().unwrap(), "behind it");
}

#[tokio::test]
async fn what_a_forgotten_customer_sent_is_not_shown_any_more() {
    let site = Site::new(|_| Answer::ok()).await;
    site.is_public.store(true, Ordering::SeqCst);
    site.platform.keeps("/cup.png", StatusCode::BAD_GATEWAY, b"");
    let ids = site.say(vec![carried(&site, "/cup.png", None), to("room", "of others")]).await;
    site.until(ids[0], |queued| queued.attempts > 0).await;
    // What is under way is not called back; between two attempts it waits.
    eventually(async || {
        site.outbox.forget(&Address::new("elsewhere", ANA));
        (!site.platform.texts("room").is_empty()).then_some(())
    })
    .await;
    assert_eq!(site.platform.texts("room"), ["of others"]);
    assert_eq!(site.platform.seen().len(), 1);
}
