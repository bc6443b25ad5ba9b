//! What a customer says stands in the event alone: a trace is kept, compared and counted without it.

use std::collections::BTreeSet;

use super::*;
use crate::model::{Media, OrderChange, OrderEvent};

/// A word that only the customer says.
const PRIVATE: &str = "Zanzibar";

/// Decides on events, and looks for the customer's word in each trace.
struct Eavesdropper {
    talk: Talk,
    /// The kinds of findings there were.
    kinds: BTreeSet<String>,
}

impl Eavesdropper {
    fn on(mut talk: Talk) -> Self {
        talk.conversation.first_seen_ms = Some(0);
        Self { talk, kinds: BTreeSet::new() }
    }

    fn says(&mut self, text: &str) {
        self.writes(Message { text: Some(text.replace('*', PRIVATE)), ..Message::default() });
    }

    fn writes(&mut self, message: Message) {
        let message = Message { sender_name: Some(PRIVATE.to_owned()), ..message };
        self.happens(EventKind::Message(message), None);
    }

    fn happens(&mut self, kind: EventKind, order: Option<&Order>) -> Decision {
        let decision = self.talk.decide(kind, order);
        let trace = serde_json::to_value(&decision.trace).unwrap();
        let words: String = decision.trace.iter().map(|step| step.what.to_string()).collect();
        for written in [trace.to_string(), words] {
            assert!(!written.to_lowercase().contains(&PRIVATE.to_lowercase()), "{written}");
        }
        let kinds = trace.as_array().unwrap().iter().map(|step| step["what"]["type"].as_str().unwrap().to_owned());
        self.kinds.extend(kinds);
        decision
    }

    fn found(&self, kinds: &[&str]) {
        for kind in kinds {
            assert!(self.kinds.contains(*kind), "no {kind} among {:?}", self.kinds);
        }
    }
}

#[test]
fn nothing_a_customer_writes_gets_into_a_trace() {
    let rules = r#"
        [[rule]]
        id = "pattern"
        patterns = ["to [a-z]+ with it"]
        text.en = "Gladly."
        [[rule]]
        id = "unfillable"
        any = ["unfillable"]
        text.en = "{% if 'unfillable' in text|default('') %}{{ text|int }}{% endif %}"
        [[rule]]
        id = "method"
        any = ["methodical"]
        text.en = "{% if 'methodical' in text|default('') %}{{ text.translate() }}{% endif %}"
    "#;
    let mut settings = prompt();
    settings.store.storm_guard.repeat = Some("5s".parse().unwrap());
    let more: RulesSettings = toml::from_str(rules).unwrap();
    settings.rules.rule.extend(more.rule);
    let mut talk = Talk::with(settings, NIGHT_MS);
    talk.facts.orders = vec![order("A1001", OrderStatus::Delivered)];
    let mut ear = Eavesdropper::on(talk);
    for said in [
        "Do you ship abroad, to *?",
        "to * with it",
        "unfillable *",
        "methodical *",
        "a gift box for *",
        "where is my order, * asks",
        "and a1001 *?",
        "is there oolong in *",
        "蘸齉龘 *",
        "蘸齉龘 *",
        "menu",
        "2",
    ] {
        ear.says(said);
        ear.talk.now_ms += 1_000;
    }
    let media = vec![Media::new("image", PRIVATE)];
    ear.writes(Message { media, ..Message::default() });
    ear.found(&[
        "heard",
        "pattern_fits",
        "unfilled",
        "no_order_to_remark",
        "told_of",
        "numbers_said",
        "asked_about",
        "nothing_fits",
        "silent",
        "chose",
        "asked_by_menu",
        "no_words",
    ]);
}

#[test]
fn nothing_said_about_an_order_or_to_a_person_gets_into_a_trace() {
    let mut ear = Eavesdropper::on(Talk::at(DAY_MS));
    let mut known = None;
    for change in [OrderChange::Placed, OrderChange::RefundRequested, OrderChange::ReviewPosted] {
        let event = OrderEvent {
            change,
            addressed: true,
            order_id: "A1".to_owned(),
            customer_name: Some(PRIVATE.to_owned()),
            rating: Some(1),
            text: Some(PRIVATE.to_owned()),
            ..OrderEvent::default()
        };
        known = ear.happens(EventKind::Order(event), known.as_ref()).orders.into_iter().next();
    }
    ear.says("I want to complain: *");
    ear.says("a human agent please, I am *");
    ear.says("* is still waiting");
    ear.says("*, about the invoice");
    ear.says("*, and the receipt");
    ear.found(&["order", "means", "urgent", "silent"]);
}
