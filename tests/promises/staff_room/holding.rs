//! Who has a customer: of several who reach for them, after a transfer, when the time is over, and while they wait in line.

use serde_json::json;

use super::world::{LI, MEI, OTHER, ROOM, World, button, press, printed, write, write_in};
use crate::harness::eventually;

#[tokio::test]
async fn of_two_who_grab_at_once_one_has_it_and_the_other_is_told() {
    let world = World::new().await;
    let daemon = world.shop.start().await;
    let card = world.called(&daemon, "ana").await;
    let take = button(&card, "take");
    tokio::join!(
        press(&daemon, 1, MEI, ROOM, card.id, &take),
        press(&daemon, 2, LI, ROOM, card.id, &take),
        press(&daemon, 3, 777, ROOM, card.id, &take),
    );
    // A group bears one message in three seconds.
    let told = || world.all_to(ROOM).into_iter().filter(|it| it.contains("already has this customer")).count();
    eventually("both others are told", async || (told() == 2).then_some(())).await;
    world.quiet().await;
    let room = world.all_to(ROOM);
    assert_eq!(room.iter().filter(|it| it.contains("has Ana now")).count(), 1, "{room:?}");
    assert_eq!(room.iter().filter(|it| it.contains("already has this customer")).count(), 2, "{room:?}");
    assert_eq!(world.all_to("ana").iter().filter(|it| it.contains("has taken over")).count(), 1);
    // What the others say does not reach the customer either.
    let has = room.iter().find(|it| it.contains("has Ana now")).unwrap();
    let other = if has.starts_with("Mei") { LI } else { MEI };
    write(&daemon, 4, other, Some(card.id), "me too").await;
    world.quiet().await;
    assert!(!world.all_to("ana").contains(&"me too".to_owned()));
}

#[tokio::test]
async fn a_transfer_takes_history_and_note_along_and_the_next_can_answer() {
    let world = World::new().await;
    let daemon = world.shop.start().await;
    let card = world.called(&daemon, "ana").await;
    write(&daemon, 1, MEI, Some(card.id), "/take").await;
    daemon.say("m3", "ana", "the cup came in pieces").await;
    world.said(ROOM, "the cup came in pieces").await;
    write(&daemon, 2, MEI, Some(card.id), "/transfer aftersales please send a new one").await;
    let next = world.said(OTHER, "please send a new one").await;
    assert!(next.text.contains("the cup came in pieces") && next.text.contains("talk to a person"), "{next:?}");
    world.said(ROOM, "Handed to our after-sales team").await;
    world.said("ana", "our after-sales team").await;
    write_in(&daemon, OTHER, 3, 900, Some(next.id), json!({ "text": "A new cup is on its way." })).await;
    world.said("ana", "A new cup is on its way.").await;
    daemon.say("m4", "ana", "thank you").await;
    world.said(OTHER, "Ana: thank you").await;
    world.quiet().await;
    assert!(!world.all_to(ROOM).iter().any(|it| it.contains("thank you")), "it is spoken of in one room");
}

#[tokio::test]
async fn what_is_given_back_or_closed_is_the_clerks_again() {
    let world = World::new().await;
    let daemon = world.shop.start().await;
    let card = world.called(&daemon, "ana").await;
    press(&daemon, 1, MEI, ROOM, card.id, &button(&card, "take")).await;
    world.said(ROOM, "has Ana now").await;
    press(&daemon, 2, MEI, ROOM, card.id, &button(&card, "return")).await;
    world.said("ana", "is back with you").await;
    world.said(ROOM, "with the clerk again").await;
    daemon.say("m3", "ana", "do you ship abroad?").await;
    world.said("ana", "most countries").await;
    let bob = world.called(&daemon, "bob").await;
    write(&daemon, 3, MEI, Some(bob.id), "hello Bob").await;
    world.said("bob", "hello Bob").await;
    press(&daemon, 4, MEI, ROOM, bob.id, &button(&bob, "close")).await;
    world.said(ROOM, "is closed").await;
    assert!(!printed(&world.shop, &["desk"]).contains("shop/"), "nobody has anything");
    assert!(printed(&world.shop, &["tickets"]).contains("nothing waits"));
}

#[tokio::test]
async fn whoever_is_silent_for_too_long_loses_it_to_the_clerk_and_all_hear_so() {
    let world = World::with("handback = \"2s\"", "", "").await;
    let daemon = world.shop.start().await;
    let card = world.called(&daemon, "ana").await;
    write(&daemon, 1, MEI, Some(card.id), "/take").await;
    world.said("ana", "has taken over").await;
    daemon.say("m3", "ana", "anybody there?").await;
    world.said(ROOM, "the clerk has taken over again").await;
    // Nobody says that it is done with: it is on the list, and urgent.
    world.said("ana", "has not been able to answer yet").await;
    assert!(!printed(&world.shop, &["desk"]).contains("shop/ana"));
    let waits = printed(&world.shop, &["tickets"]);
    assert!(waits.starts_with('!') && waits.contains("anybody there?"), "{waits}");
}

#[tokio::test]
async fn who_comes_when_all_have_their_hands_full_hears_their_place_and_is_next() {
    let team = "policy = [\"least-loaded\"]\ncapacity = 1";
    let world = World::with("", team, "").await;
    let daemon = world.shop.start().await;
    let first = world.called(&daemon, "ana").await;
    let second = world.called(&daemon, "bob").await;
    let names = [&first, &second].map(|card| card.text.contains("→ Mei"));
    assert!(names[0] != names[1], "one each: {first:?} {second:?}");
    world.called(&daemon, "cleo").await;
    world.said("cleo", "you are number 1 in line").await;
    world.called(&daemon, "dan").await;
    world.said("dan", "you are number 2 in line").await;
    let mine = if names[0] { &first } else { &second };
    press(&daemon, 1, MEI, ROOM, mine.id, &button(mine, "close")).await;
    let next = eventually("cleo is given to Mei", async || {
        world.sent().into_iter().find(|it| it.text.contains("shop cleo") && it.text.contains("→ Mei"))
    })
    .await;
    world.quiet().await;
    assert!(!world.sent().iter().any(|it| it.text.contains("shop dan") && it.text.contains("→")), "one at a time");
    write(&daemon, 2, MEI, Some(next.id), "hello Cleo").await;
    world.said("cleo", "hello Cleo").await;
    // Away, Mei keeps what she has and is given none.
    write(&daemon, 3, MEI, None, "/away").await;
    world.said(ROOM, "Mei is away").await;
    press(&daemon, 4, MEI, ROOM, next.id, &button(&next, "close")).await;
    world.quiet().await;
    assert!(!world.sent().iter().any(|it| it.text.contains("shop dan") && it.text.contains("→")));
    write(&daemon, 5, MEI, None, "/back").await;
    eventually("dan is given to Mei", async || {
        world.sent().into_iter().find(|it| it.text.contains("shop dan") && it.text.contains("→ Mei"))
    })
    .await;
}

#[tokio::test]
async fn where_all_are_away_the_clerk_answers_on() {
    let world = World::with("", "policy = [\"round-robin\"]", "").await;
    let daemon = world.shop.start().await;
    write(&daemon, 1, MEI, None, "/away").await;
    write(&daemon, 2, LI, None, "/away").await;
    world.said(ROOM, "Li is away").await;
    world.called(&daemon, "ana").await;
    daemon.say("m3", "ana", "do you ship abroad?").await;
    world.said("ana", "most countries").await;
}

#[tokio::test]
async fn a_customer_who_is_not_answered_in_time_is_spoken_of_once() {
    let team = "targets = { first = \"3s\" }\nescalate = \"aftersales\"";
    let world = World::with("", team, "").await;
    let daemon = world.shop.start().await;
    let card = world.called(&daemon, "ana").await;
    write(&daemon, 1, MEI, Some(card.id), "/take").await;
    world.said(OTHER, "[Late] Ana still waits").await;
    daemon.say("bob-1", "bob", "I want to talk to a person").await;
    printed(&world.shop, &["conversation", "say", "shop", "bob", "hello Bob", "--by", "mei"]);
    world.said("bob", "hello Bob").await;
    let deadline = std::time::Instant::now() + std::time::Duration::from_millis(4000);
    eventually("the time is over", async || (std::time::Instant::now() > deadline).then_some(())).await;
    world.quiet().await;
    let late = world.all_to(OTHER).into_iter().filter(|it| it.contains("[Late]")).count();
    assert_eq!(late, 1, "once, and not of who was answered");
}

#[tokio::test]
async fn what_is_closed_or_given_back_that_nobody_has_is_answered_and_leaves_nothing_open() {
    let world = World::new().await;
    // The team has gone home: its card comes all the same, for when it is back.
    let in_three_days = jiff::Timestamp::now().in_tz("Asia/Shanghai").unwrap().date() + jiff::Span::new().days(3);
    let day = in_three_days.strftime("%A").to_string().to_lowercase();
    let hours = format!(
        "timezone = \"Asia/Shanghai\"\n[[shift]]\nteam = \"aftersales\"\nfrom = \"00:00\"\nuntil = \"24:00\"\n\
         [[shift]]\nteam = \"sales\"\nfrom = \"00:00\"\nuntil = \"00:01\"\ndays = [\"{day}\"]\n"
    );
    world.shop.write("hours.toml", &hours);
    let daemon = world.shop.start().await;
    let card = world.called(&daemon, "ana").await;
    press(&daemon, 1, MEI, ROOM, card.id, &button(&card, "return")).await;
    world.said(ROOM, "Ana is with the clerk already").await;
    assert!(printed(&world.shop, &["tickets"]).contains("callback"), "it still waits");
    press(&daemon, 2, MEI, ROOM, card.id, &button(&card, "close")).await;
    world.said(ROOM, "The conversation with Ana is closed").await;
    assert!(printed(&world.shop, &["tickets"]).contains("nothing waits"));
    press(&daemon, 3, MEI, ROOM, card.id, &button(&card, "close")).await;
    let told = || world.all_to(ROOM).into_iter().filter(|it| it.contains("is with the clerk already")).count();
    eventually("the second of two who close is told", async || (told() == 2).then_some(())).await;
}

#[tokio::test]
async fn who_closes_the_ticket_of_a_conversation_ends_it_and_the_room_hears() {
    let world = World::new().await;
    let daemon = world.shop.start().await;
    let card = world.called(&daemon, "ana").await;
    write(&daemon, 1, MEI, Some(card.id), "/take").await;
    world.said(ROOM, "has Ana now").await;
    let tickets = daemon.admin(http::Method::GET, "/v1/tickets").await.json();
    let id = tickets[0]["id"].as_str().unwrap();
    printed(&world.shop, &["tickets", "close", id, "--by", "li"]);
    world.said(ROOM, "The conversation with Ana is closed").await;
    let bob = world.called(&daemon, "bob").await;
    write(&daemon, 2, MEI, Some(bob.id), "/take").await;
    world.said("bob", "has taken over").await;
    // A colleague gave it back in the platform's own inbox.
    daemon.webhook("r1", "conversation.returned", json!({ "chat_id": "bob" })).await.unwrap();
    world.said(ROOM, "is with the clerk again").await;
    assert!(!printed(&world.shop, &["desk"]).contains("shop/"), "nobody has anything");
    assert!(printed(&world.shop, &["tickets"]).contains("nothing waits"));
}
