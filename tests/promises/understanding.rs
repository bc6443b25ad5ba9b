//! How customers are understood, by the real clerk.

use std::fs;

use crate::harness::{
    Shop, eventually,
    generic::{replies, shop_talking_to},
    platform::Platform,
};
use serde_json::Value;

fn run(shop: &Shop, arguments: &[&str]) -> String {
    let output = shop.run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_late_parcel_in_the_customers_own_words_gets_an_apology_and_stands_at_the_top_of_the_list() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "where is my parcle?? its been 10 days").await;
    eventually("an apology", async || {
        let said = replies(&platform.received());
        said.iter().any(|(chat, text)| chat == "ana" && text.contains("sorry")).then_some(())
    })
    .await;
    let said: String = replies(&platform.received()).into_iter().map(|(_, text)| text).collect();
    assert!(!said.contains("Tieguanyin"), "nothing is advertised: {said}");
    let tickets: Value = serde_json::from_str(&run(&shop, &["tickets", "--json"])).unwrap();
    assert_eq!(tickets[0]["urgency"], "urgent", "{tickets}");
    let explained = run(&shop, &["explain", "m1"]);
    assert!(explained.contains("urgent; late "), "{explained}");
}

#[tokio::test]
async fn an_owners_sentence_is_understood_as_soon_as_it_is_saved() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    assert!(!run(&shop, &["understand", "the tea fairy forgot me"]).contains("means late"));
    let daemon = shop.start().await;
    fs::create_dir(shop.config().join("intents")).unwrap();
    shop.write("intents/late.toml", "[examples]\nen = [\"the tea fairy forgot me\"]\n");
    eventually("an answer to a late parcel", async || {
        let count = platform.received().len();
        let id = format!("m{count}-{}", crate::harness::sign::now_s());
        daemon.say(&id, &format!("c{id}"), "The tea fairy forgot me!").await;
        replies(&platform.received()).iter().any(|(_, text)| text.contains("presses for it")).then_some(())
    })
    .await;
    assert!(run(&shop, &["understand", "the tea fairy forgot me"]).contains("means late"));

    shop.write("intents/late.toml", "[examples]\nen = [\"\"]\n");
    let refused = shop.run(&["check"]);
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && words.contains("late.toml") && words.contains("an empty sentence"), "{words}");
}

#[test]
fn whoever_asks_is_shown_how_often_sentences_are_understood() {
    let shop = Shop::new();
    let set = shop.config().join("set.tsv");
    fs::write(
        &set,
        "language\tintents\turgent\tsentence\nen\tlate|lost\tyes\tmy parcel is late\nen\tthanks\tno\tqwertz\n",
    )
    .unwrap();
    let set = set.to_str().unwrap();
    let report: Value = serde_json::from_str(&run(&shop, &["understand", "--set", set, "--json"])).unwrap();
    assert_eq!((&report["all"]["right"], &report["all"]["missing"]), (&1.into(), &1.into()), "{report}");
    assert_eq!(report["all"]["urgent_missed"], 0, "{report}");
    let by_rules = run(&shop, &["understand", "--set", set, "--rules-only"]);
    assert!(by_rules.lines().any(|line| line.starts_with("all ") && line.contains("100%")), "{by_rules}");
    fs::write(set, "language\tsentence\nen\thello\n").unwrap();
    let refused = shop.run(&["understand", "--set", set]);
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && words.contains("no column `intents`"), "{words}");
}
