//! What a file of scenarios says, held against the shop that it is played in.

use toml::Spanned;

use super::file::{Scenario, ScenarioFile, Step};
use crate::{
    in_force::InForce,
    model::{Amount, Source},
    setting::{PathStep, Problem, hint},
};

/// All that cannot be meant, at its place.
pub fn problems(file: &str, scenarios: &ScenarioFile, in_force: &InForce) -> Vec<Problem> {
    let mut found = Found { file, in_force, problems: Vec::new() };
    for (index, scenario) in scenarios.scenario.iter().enumerate() {
        found.scenario(index, scenario.get_ref());
    }
    found.problems
}

struct Found<'a> {
    file: &'a str,
    in_force: &'a InForce,
    problems: Vec<Problem>,
}

impl Found<'_> {
    fn add(&mut self, path: Vec<PathStep>, message: String, hint: String) {
        self.problems.push(Problem::new(self.file.to_owned(), path, message).hint(hint));
    }

    fn scenario(&mut self, index: usize, scenario: &Scenario) {
        let path = |key: &str| vec!["scenario".into(), index.into(), key.into()];
        self.channel(path("channel"), scenario.channel.as_ref());
        if scenario.step.is_empty() {
            let hint = "tell what happens in [[scenario.step]]".to_owned();
            self.add(path("name"), "nothing happens in this scenario".to_owned(), hint);
        }
        for (number, step) in scenario.step.iter().enumerate() {
            self.step(vec!["scenario".into(), index.into(), "step".into(), number.into()], step.get_ref());
        }
    }

    fn step(&mut self, at: Vec<PathStep>, step: &Step) {
        let path = |key: &str| at.iter().cloned().chain([PathStep::from(key)]).collect::<Vec<_>>();
        if step.deeds() > 1 {
            let hint = "make a step of each: the first of `says`, `opens`, `order` and `staff` here, the next below"
                .to_owned();
            self.add(at.clone(), "two things happen in this step".to_owned(), hint);
        }
        if step.deeds() == 0 && step.after.is_none() && step.at.is_none() {
            let hint =
                "say what happens with `says`, `opens`, `order` or `staff`, or wait with `after` or `at`".to_owned();
            self.add(at.clone(), "nothing happens in this step".to_owned(), hint);
        }
        if step.after.is_some() && step.at.is_some() {
            self.add(path("at"), "`after` and `at` are two times".to_owned(), "keep one of them".to_owned());
        }
        let told = step.contains.is_some() || step.answer.is_some();
        if step.silent.as_ref().is_some_and(|it| *it.get_ref()) && told {
            let hint = "keep one of them".to_owned();
            self.add(path("silent"), "who is told nothing is told no words".to_owned(), hint);
        }
        for (key, texts) in [("contains", &step.contains), ("lacks", &step.lacks)] {
            if texts.as_ref().is_some_and(|it| it.get_ref().0.iter().any(|text| text.trim().is_empty())) {
                self.add(path(key), "an empty text is in every answer".to_owned(), "remove it".to_owned());
            }
        }
        if let Some(intent) = &step.intent {
            let intents: Vec<_> = self.in_force.playbook.intents().collect();
            if !intents.contains(&intent.get_ref().as_str()) {
                let message = format!("there is no intent `{}`", intent.get_ref());
                let hint = hint(intent.get_ref(), intents);
                self.add(path("intent"), message, hint);
            }
        }
        if let Some(by) = &step.by
            && by.get_ref().parse::<Source>().is_err()
        {
            let hint =
                "write it as `nightclerk explain` shows it: `rule:returns`, `plugin:greeting`, `orders`".to_owned();
            self.add(path("by"), format!("nobody who answers is called `{}`", by.get_ref()), hint);
        }
        if let Some(order) = &step.order {
            let order = order.get_ref();
            let in_order = |key: &str| path("order").into_iter().chain([PathStep::from(key)]).collect::<Vec<_>>();
            self.shop(in_order("shop"), order.shop.as_ref());
            for (key, amount) in [("total", &order.total), ("refund", &order.refund)] {
                let Some(text) = amount.as_ref().map(Spanned::get_ref) else { continue };
                let amount = Amount { text: text.clone(), currency: order.currency.clone() };
                if amount.money(Some("CNY")).or_else(|| amount.money(Some("KWD"))).is_none() {
                    let hint = "write it like \"199.00\", and its `currency` beside it".to_owned();
                    self.add(in_order(key), format!("`{text}` is no amount"), hint);
                }
            }
        }
    }

    fn channel(&mut self, path: Vec<PathStep>, channel: Option<&Spanned<String>>) {
        let Some(id) = channel.map(Spanned::get_ref) else { return };
        if !self.in_force.channels.contains_key(id) {
            let hint = hint(id, self.in_force.channels.keys().map(String::as_str));
            self.add(path, format!("channels.toml has no channel `{id}`"), hint);
        }
    }

    fn shop(&mut self, path: Vec<PathStep>, shop: Option<&Spanned<String>>) {
        let Some(id) = shop.map(Spanned::get_ref) else { return };
        if !self.in_force.listens(id) {
            let known = self.in_force.sources.keys().chain(self.in_force.channels.keys()).map(String::as_str);
            let hint = hint(id, known);
            self.add(path, format!("channels.toml has no shop `{id}`"), hint);
        }
    }
}
