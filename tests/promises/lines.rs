//! Short lines of one thought, over the generic channel.

use std::time::{Duration, Instant};

use crate::harness::{
    eventually,
    generic::{replies, shop_talking_to},
    platform::Platform,
};

#[tokio::test]
async fn a_thought_in_five_lines_gets_one_answer() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    daemon.say("m0", "ana", "Hello!").await;
    let welcomed = platform.after_quiet().await.len();
    for (number, line) in ["我想问一下", "那个", "红色的", "就是上次的", "多少钱"].into_iter().enumerate()
    {
        daemon.say(&format!("m{}", number + 1), "ana", line).await;
    }
    platform.wait_for(welcomed + 1).await;
    assert_eq!(platform.after_quiet().await.len(), welcomed + 1, "{:?}", replies(&platform.received()));
}

#[tokio::test]
async fn lines_that_wait_are_answered_once_though_the_clerk_is_killed_meanwhile() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    daemon.say("m0", "ana", "Hello!").await;
    let welcomed = platform.after_quiet().await.len();
    daemon.say("m1", "ana", "那个").await;
    daemon.say("m2", "ana", "红色的").await;
    daemon.kill();
    let daemon = shop.start().await;
    platform.wait_for(welcomed + 1).await;
    assert_eq!(platform.after_quiet().await.len(), welcomed + 1, "{:?}", replies(&platform.received()));
    let output = shop.run(&["tickets"]);
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(listed.contains("那个") && listed.contains("红色的"), "{listed}");
    drop(daemon);
}

#[tokio::test]
async fn messages_of_a_rule_arrive_in_order_with_the_pauses_between_them_though_the_clerk_is_killed_meanwhile() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.write(
        "rules.toml",
        "[[rule]]\nid = \"unpack\"\nany = [\"unpack\"]\ntext = \"First\"\n\
         more = [{ pause = \"2s\", text = \"Second\" }, { pause = \"1s\", file = { url = \"https://shop.example/s.pdf\" } }]\n",
    );
    let daemon = shop.start().await;
    daemon.say("m0", "ana", "Hello!").await;
    let welcomed = platform.after_quiet().await.len();
    let asked = Instant::now();
    daemon.say("m1", "ana", "unpack").await;
    platform.wait_for(welcomed + 1).await;
    daemon.kill();
    let daemon = shop.start().await;
    // What is asked in a pause is answered after it.
    daemon.say("m2", "ana", "unpack").await;
    let said = || replies(&platform.received()[welcomed..]).into_iter().map(|(_, text)| text).collect::<Vec<_>>();
    let file = "https://shop.example/s.pdf";
    let answers = async |wanted: usize| {
        let come = async || (said().iter().filter(|text| *text == file).count() == wanted).then_some(());
        eventually("the file", come).await;
    };
    answers(1).await;
    assert!(asked.elapsed() >= Duration::from_secs(3), "{:?}", asked.elapsed());
    answers(2).await;
    // What was on its way when the clerk was killed may have come twice, under one key.
    let mut said = said();
    said.dedup();
    let once = ["First", "Second", file];
    assert_eq!(said, [once, once].concat());
    drop(daemon);
}
