//! What `docs/rules.md` shows is what happens.

use super::*;
use crate::model::Money;

/// A configuration of the document's, and the conversation that is held with it.
fn examples() -> Vec<(String, String)> {
    let document = include_str!("../../../docs/rules.md");
    let mut blocks = document.split("```").skip(1).step_by(2);
    let mut examples = Vec::new();
    while let Some(block) = blocks.next() {
        let Some(rules) = block.strip_prefix("toml\n") else { panic!("an example without a conversation: {block}") };
        let Some(chat) = blocks.next().and_then(|it| it.strip_prefix("chat\n")) else {
            panic!("a configuration without its conversation: {rules}")
        };
        examples.push((rules.to_owned(), chat.to_owned()));
    }
    examples
}

/// What stands in brackets: an order, a tag, the night.
fn arrange(talk: &mut Talk, what: &str) {
    let words: Vec<&str> = what.trim_matches(['(', ')']).split(' ').collect();
    match words[..] {
        ["order", id, status, ref total @ ..] => {
            let status = [OrderStatus::Placed, OrderStatus::Paid, OrderStatus::Shipped, OrderStatus::Delivered]
                .into_iter()
                .find(|it| it.to_string() == status)
                .unwrap();
            let mut order = order(id, status);
            if let [amount, currency] = total {
                order.total = Some(Money::parse(amount, currency).unwrap());
            }
            order.placed_ms = Some(talk.now_ms - 1);
            order.delivered_ms = (status == OrderStatus::Delivered).then_some(talk.now_ms - 1);
            talk.facts.orders = vec![order];
        }
        ["tag", tag] => talk.conversation.tags.push(tag.to_owned()),
        ["at", "night"] => talk.now_ms = NIGHT_MS + 24 * 3_600_000,
        _ => panic!("{what}"),
    }
}

#[test]
fn every_example_of_the_document_is_good_and_answers_as_it_says() {
    let examples = examples();
    assert!(examples.len() >= 10);
    let mut wrong = Vec::new();
    for (rules, chat) in examples {
        let mut settings = staffed();
        let own: RulesSettings = toml::from_str(&rules).unwrap_or_else(|error| panic!("{error}\n{rules}"));
        settings.rules.rule.splice(0..0, own.rule);
        settings.rules.adjust.extend(own.adjust);
        settings.rules.gather = own.gather.or(settings.rules.gather);
        if !own.menu.is_empty() {
            settings.rules.menu = own.menu;
        }
        let mut talk = Talk::with(settings, DAY_MS);
        talk.conversation.first_seen_ms = Some(1);
        let mut said = String::new();
        for line in chat.lines() {
            if let Some(words) = line.strip_prefix("> ") {
                said = texts(&talk.say(words)).join("\n");
            } else if let Some(answer) = line.strip_prefix("< ") {
                if !said.contains(answer) {
                    wrong.push(format!("{answer:?} is not in {said:?}, in\n{chat}"));
                }
            } else {
                arrange(&mut talk, line);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_key_is_in_the_document() {
    let document = include_str!("../../../docs/rules.md");
    // What serde lists of a table whose key is misspelt.
    for (table, place) in [
        ("[[rule]]\nxx=1", "rule"),
        ("[[rule]]\nwhen={xx=1}", "when"),
        ("[[rule]]\nask={xx=1}", "ask"),
        ("[[rule]]\nticket={xx=1}", "ticket"),
        ("[[adjust]]\nxx=1", "adjust"),
        ("xx=1", "file"),
    ] {
        let error = toml::from_str::<RulesSettings>(table).unwrap_err().to_string();
        let keys: Vec<&str> =
            error.split('`').skip(1).step_by(2).filter(|it| *it != "xx" && !it.contains('\n')).collect();
        assert!(keys.len() > 2, "{error}");
        for key in keys {
            assert!(document.contains(key), "{key} of {place} is in no example");
        }
    }
}
