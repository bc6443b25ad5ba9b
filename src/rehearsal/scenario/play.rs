//! Plays a scenario.

use std::sync::Arc;

use toml::Spanned;

use super::{
    expected::{Miss, misses, place},
    file::{Outside, Scenario, ScenarioFile, StaffDoes, Step},
    when::USUAL_DAY,
};
use crate::{
    in_force::InForce,
    model::{EventKind, OutsideQuestion, Plugins, Reply},
    rehearsal::{Ask, Customer, Played, Stage, words},
};

/// From one step to the next where nothing is said about it: long enough for short lines to be answered.
pub const BREATH_MS: i64 = 10_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// What a customer is called who has no name.
const NOBODY: &str = "customer";

/// How a scenario went.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub name: String,
    /// Where it begins in the file, in bytes.
    pub at: usize,
    pub misses: Vec<Miss>,
    /// All that was said, for whoever looks for the reason.
    pub talk: Vec<Heard>,
}

impl Outcome {
    pub fn is_as_expected(&self) -> bool {
        self.misses.is_empty()
    }
}

/// Something that happened, and what the customer was told then.
#[derive(Clone, Debug)]
pub struct Heard {
    /// On the store's wall.
    pub time: String,
    pub what: String,
    pub told: Vec<String>,
    pub by: String,
    /// Who was asked outside, and whether somebody answered.
    pub asked: Vec<String>,
}

/// Plays one scenario of a file on a stage of its own.
pub fn play(
    file: &ScenarioFile,
    scenario: &Spanned<Scenario>,
    in_force: &Arc<InForce>,
    plugins: &Arc<dyn Plugins>,
) -> Outcome {
    let mut outcome =
        Outcome { name: scenario.get_ref().name.clone(), at: place(scenario), misses: Vec::new(), talk: Vec::new() };
    let zone = in_force.playbook.zone().clone();
    let day = file.date.map_or(USUAL_DAY, |day| day.0);
    let settings = scenario.get_ref();
    let Some(begins_ms) = settings.at.unwrap_or_default().from_day(day, &zone) else {
        outcome.misses.push(Miss {
            at: outcome.at,
            expected: "a beginning".to_owned(),
            instead: "no such time".to_owned(),
        });
        return outcome;
    };
    let stage = Stage::new(in_force.clone(), plugins.clone(), begins_ms);
    let outside = settings.outside.iter().chain(&file.outside).cloned().collect();
    let mut telling =
        Telling { settings, stage: stage.asking(answers(outside)), count: 0, since_ms: begins_ms, outcome };
    let welcomed_ms = settings.known.then_some(begins_ms - DAY_MS);
    let customer = telling.customer(None);
    telling.stage.put_conversation(&customer.address, customer.conversation(&settings.tags, welcomed_ms));
    for (index, step) in settings.step.iter().enumerate() {
        let next = settings.step.get(index + 1).map(Spanned::get_ref);
        if !telling.step(index, step, next) {
            break;
        }
    }
    telling.outcome
}

/// Who answers for the outside: the first that fits.
pub fn answers(outside: Vec<Outside>) -> Ask {
    Box::new(move |question| {
        let found = outside.iter().find(|it| it.fits(question));
        match found {
            Some(Outside { fails: Some(why), .. }) => Reply::Failed(why.clone()),
            Some(found) => {
                Reply::Response { status: found.status, headers: Vec::new(), body: found.body.clone().into() }
            }
            None => Reply::Failed("no [[outside]] of the scenario answers this".to_owned()),
        }
    })
}

impl Outside {
    fn fits(&self, question: &OutsideQuestion) -> bool {
        let method = self.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(&question.method));
        let asked = |words: &String| String::from_utf8_lossy(&question.body).contains(words.as_str());
        method && question.url.starts_with(&self.url) && self.asked.as_ref().is_none_or(asked)
    }
}

/// A scenario while it is played.
struct Telling<'a> {
    settings: &'a Scenario,
    stage: Stage,
    count: u64,
    /// When the step before began.
    since_ms: i64,
    outcome: Outcome,
}

impl Telling<'_> {
    fn customer(&self, who: Option<&str>) -> Customer {
        let settings = self.settings;
        let channel = settings.channel.as_ref().map(|channel| channel.get_ref().as_str());
        let customer = Customer::new(self.stage.in_force(), channel, who.unwrap_or(NOBODY));
        let name = who.map(str::to_owned).or_else(|| settings.customer.clone());
        Customer { name, language: settings.language.clone(), ..customer }
    }

    /// When a step begins; `None` where that is over.
    fn begin_of(&self, step: &Step, since_ms: i64) -> Option<i64> {
        let zone = self.stage.in_force().playbook.zone();
        match (&step.at, step.after) {
            (Some(at), _) => at.get_ref().after(since_ms, zone),
            (None, Some(after)) => Some(since_ms.saturating_add(after.as_ms())),
            (None, None) => Some(since_ms.saturating_add(BREATH_MS)),
        }
    }

    /// Whether the story goes on.
    fn step(&mut self, index: usize, step: &Spanned<Step>, next: Option<&Step>) -> bool {
        let (at, step) = (place(step), step.get_ref());
        let is_told_when = step.at.is_some() || step.after.is_some();
        let begins_ms =
            if index == 0 && !is_told_when { Some(self.since_ms) } else { self.begin_of(step, self.since_ms) };
        let Some(begins_ms) = begins_ms else {
            let when = step.at.as_ref().map(|at| at.get_ref().to_string()).unwrap_or_default();
            self.outcome.misses.push(Miss { at, expected: format!("at {when}"), instead: "that is over".to_owned() });
            return false;
        };
        let who = self.customer(step.who.as_deref());
        match self.happen(step, next, &who, begins_ms) {
            Ok(played) => {
                let told: Vec<String> = played
                    .iter()
                    .flat_map(|it| it.told(&who.address))
                    .map(|message| message.content.to_plain_text())
                    .collect();
                self.outcome.misses.extend(misses(step, &told, &played));
                true
            }
            Err(error) => {
                let (expected, instead) = ("a decision".to_owned(), error.to_string());
                self.outcome.misses.push(Miss { at, expected, instead });
                false
            }
        }
    }

    /// Lets the time pass, then has it happen. What comes is of the step: while it waits where it only waits, and in the
    /// moments after it where something happens.
    fn happen(
        &mut self,
        step: &Step,
        next: Option<&Step>,
        who: &Customer,
        begins_ms: i64,
    ) -> Result<Vec<Played>, crate::store::StoreError> {
        let meanwhile = self.stage.advance_to(begins_ms)?;
        self.hear(&meanwhile);
        self.since_ms = begins_ms;
        let Some((kind, shop)) = deed(step, who) else { return Ok(meanwhile) };
        self.count += 1;
        let event = who.event(self.stage.in_force(), kind, shop, self.count, begins_ms);
        let mut played = vec![self.stage.play(event)?];
        let next_ms = next.and_then(|next| self.begin_of(next, begins_ms)).unwrap_or(i64::MAX);
        played.extend(self.stage.advance_to(begins_ms.saturating_add(BREATH_MS - 1).min(next_ms.saturating_sub(1)))?);
        self.hear(&played);
        Ok(played)
    }

    fn hear(&mut self, played: &[Played]) {
        let zone = self.stage.in_force().playbook.zone().clone();
        self.outcome.talk.extend(played.iter().map(|it| Heard {
            time: words::clock(it.at_ms, &zone),
            what: words::event(&it.event.kind),
            told: words::told(it),
            by: words::answered_by(&it.decision.trace),
            asked: it.asked.iter().map(words::asked).collect(),
        }));
    }
}

/// What happens in a step, and the shop that reports it.
fn deed<'a>(step: &'a Step, who: &Customer) -> Option<(EventKind, Option<&'a str>)> {
    if let Some(order) = &step.order {
        let shop = order.get_ref().shop.as_ref().map(|shop| shop.get_ref().as_str());
        return Some((who.order(order.get_ref()), shop));
    }
    let kind = match (step.opens, step.staff, &step.says, step.sends) {
        (true, ..) => who.opens(),
        (_, Some(staff), ..) => Customer::staff(staff == StaffDoes::Takes),
        (_, None, None, None) => return None,
        (_, None, says, sends) => who.says(says.as_deref(), sends.map(super::Sent::kind)),
    };
    Some((kind, None))
}
