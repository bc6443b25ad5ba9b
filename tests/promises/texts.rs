//! The store's own texts: what is wrong with them is said before a customer could meet it, and nothing in them is ever
//! answered with silence.

use crate::harness::{
    Shop, eventually,
    generic::{replies, shop_talking_to},
    platform::Platform,
};

fn check(shop: &Shop) -> (bool, String) {
    let output = shop.command().arg("check").env("NO_COLOR", "1").output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn a_text_that_cannot_be_filled_is_refused_by_check_and_serve_with_its_place() {
    let shop = Shop::new();
    shop.write(
        "phrases.toml",
        r#"
        [phrase]
        greeting = { en = "Hi {{ customer|defualt('dear') }}" }
        farewell = { en = ["Bye", "{% if order %}{{ order.traking_number }}{% endif %}"] }
        menu = { en = "{{ order.total + 1 }}" }
        media = { en = "Thanks, {name}" }
        "#,
    );
    shop.write(
        "rules.toml",
        "[[rule]]\nid = \"now\"\nany = [\"what time\"]\ntext = { en = \"It is {{ now() }} or {{ tim }}\" }\n",
    );
    let (good, said) = check(&shop);
    assert!(!good, "{said}");
    for mistake in [
        "no filter `defualt` (line 1, column 16 of the text)",
        "did you mean `default`",
        "`order` has no `traking_number`",
        "did you mean `tracking_number`",
        "this cannot be filled",
        "customers would read `{name}` as it stands",
        "no function `now`",
        "nothing fills the placeholder `tim`",
        "phrases.toml:3",
        "rules.toml:4",
    ] {
        let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(mistake), "no `{mistake}` in: {said}");
    }
    let served = shop.run(&["serve"]);
    assert!(!served.status.success(), "serve takes what check refuses");
    assert!(String::from_utf8_lossy(&served.stderr).contains("defualt"));
}

#[tokio::test]
async fn where_the_stores_words_fail_a_customer_hears_the_clerks_and_the_log_says_which() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.edit("store.toml", "language = \"zh\"", "language = \"en\"");
    // Each fails for this customer alone, which nobody could have foreseen.
    shop.write(
        "phrases.toml",
        r#"
        [phrase]
        opted-out = { en = "{% if customer == 'Ana' %}{{ customer + 1 }}{% endif %}" }
        opted-in = { en = "{% if customer != 'Ana' %}Welcome back{% endif %}" }
        "#,
    );
    shop.write(
        "rules.toml",
        r#"
        [[rule]]
        id = "secret-recipe"
        any = ["recipe"]
        text = { en = "{% if customer == 'Ana' %}{{ customer + 1 }}{% endif %}" }
        "#,
    );
    let (good, said) = check(&shop);
    assert!(good, "{said}");
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "hello").await;
    platform.wait_for(1).await;
    for (id, words, answer) in [
        ("m2", "STOP", "I will not write to you unasked"),
        ("m3", "START", "keep you posted"),
        ("m4", "what is the recipe of grandmother's tea?", "I have noted it"),
    ] {
        daemon.say(id, "ana", words).await;
        eventually(&format!("the answer to `{words}`"), async || {
            replies(&platform.received()).iter().any(|(_, text)| text.contains(answer)).then_some(())
        })
        .await;
    }
    let tickets = daemon.admin(http::Method::GET, "/v1/tickets").await.json();
    assert!(tickets[0]["text"].as_str().unwrap().contains("recipe"), "{tickets}");
    shop.logged("secret-recipe").await;
    let log = shop.log();
    for (text, why) in [("opted-out", "operation"), ("opted-in", "empty"), ("secret-recipe", "operation")] {
        assert!(log.lines().any(|line| line.contains(text) && line.contains(why)), "{text}: {log}");
    }
    assert!(!log.contains("Ana") && !log.contains("grandmother"), "{log}");
}

#[tokio::test]
async fn a_default_stands_where_the_customers_name_is_not_known() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.write(
        "rules.toml",
        "[[rule]]\nid = \"hi\"\nany = [\"ahoy\"]\ntext = \"Hi {{ customer|default('dear') }}!\"\n",
    );
    let daemon = shop.start().await;
    for (id, name) in
        [("m1", None), ("m2", Some("")), ("m3", Some("  ")), ("m4", Some("undefined")), ("m5", Some("Ana"))]
    {
        let sender = serde_json::json!({ "id": id, "name": name });
        let data = serde_json::json!({ "id": id, "chat_id": id, "sender": sender, "text": "ahoy" });
        assert!(daemon.webhook(id, "message.received", data).await.unwrap().status.is_success());
        let expected = if name == Some("Ana") { "Hi Ana!" } else { "Hi dear!" };
        eventually(&format!("{expected} to {id}"), async || {
            replies(&platform.received()).iter().any(|(to, text)| to == id && text.contains(expected)).then_some(())
        })
        .await;
    }
}
