//! `rules.toml`.

use serde::Deserialize;

use super::{
    AdjustSettings,
    when::{OneOrMore, WhenSettings},
};
use crate::{
    engine::phrases::{Label, Wording},
    language::Language,
    model::{Choice, EntityKind},
    setting::Delay,
};

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RulesSettings {
    /// Lines that say nothing by themselves are read together with what follows so soon; two seconds where absent.
    pub gather: Option<Delay>,
    pub rule: Vec<RuleSettings>,
    /// Built-in rules, changed a little.
    pub adjust: Vec<AdjustSettings>,
    /// The menu under the welcome; the built-in one where absent.
    pub menu: Vec<ChoiceSettings>,
}

/// `[[rule]]`: when it fits, and what it does.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleSettings {
    pub id: String,
    /// Switched off, by an adjustment.
    #[serde(skip)]
    pub off: bool,
    /// Its words make it fit without its `intent`, where an adjustment added them to a rule that had none.
    #[serde(skip)]
    pub words_suffice: bool,
    /// The highest is tried first.
    pub priority: i32,
    /// One of these, or of `patterns`, must occur.
    pub any: Vec<String>,
    pub all: Vec<String>,
    pub none: Vec<String>,
    pub patterns: Vec<String>,
    /// Its words count only where the customer says that it is so: not where they deny it, suppose it, or ask whether it is.
    pub stated: bool,
    /// A word of the rule does not count near one of these.
    pub unless_near: Vec<String>,
    /// The customer means one of these, as far as the clerk is sure.
    pub intent: OneOrMore,
    /// What it is called: where the customer names it, but wants none of it, it is not what they mean.
    pub names: Vec<String>,
    pub hours: Option<Hours>,
    pub channels: Vec<String>,
    pub when: WhenSettings,
    /// In one conversation not again so soon.
    pub cooldown: Option<Delay>,
    pub once: bool,
    /// Stands back where the same words name a product.
    pub small_talk: bool,
    /// After it the next rule that fits answers as well.
    #[serde(rename = "continue")]
    pub goes_on: bool,

    /// What the rule is about, where the clerk asks which of several was meant.
    pub label: Option<Label>,
    pub phrase: Option<String>,
    pub text: Option<Wording>,
    pub link: Option<String>,
    pub image: Option<ImageSettings>,
    pub menu: Vec<ChoiceSettings>,
    pub main_menu: bool,
    pub answer: Option<Answer>,
    /// Waits for the customer's answer to what the rule says.
    pub ask: Option<AskSettings>,
    pub tag: Vec<String>,
    pub untag: Vec<String>,
    pub assign: Option<String>,
    pub transfer: Option<String>,
    pub ticket: Option<TicketSettings>,
    pub notify: Option<NotifySettings>,
    /// What is noted on the customer's newest order.
    pub remark: Remark,
    /// Says nothing, on purpose.
    pub silent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hours {
    Open,
    Closed,
}

/// What the clerk looks up itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    OrderStatus,
    /// What was asked for, or else what sells best.
    Products,
    /// What was asked for, if anything was.
    NamedProducts,
}

/// `remark = true` notes the customer's words, a text is noted in their place.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected `true` or a text")]
pub enum Remark {
    Said(bool),
    Text(Wording),
}

impl Default for Remark {
    fn default() -> Self {
        Self::Said(false)
    }
}

/// `ask = { … }`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskSettings {
    /// What is asked for: `order`, `phone-tail`, `quantity`, `invoice`, …; several where either will do.
    #[serde(rename = "for", default)]
    pub wanted: OneOrMore,
    /// An answer of another form.
    #[serde(default)]
    pub pattern: Option<String>,
    /// The rule that is followed with the answer.
    #[serde(default)]
    pub then: Option<String>,
    /// What is said to an answer that is none, once.
    #[serde(default)]
    pub again: Option<Wording>,
    /// How long the answer is waited for.
    #[serde(default = "ten_minutes")]
    pub expires: Delay,
}

fn ten_minutes() -> Delay {
    Delay::minutes(10)
}

/// What an answer has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Entity(EntityKind),
    /// A title, a tax number, or that it is for a person.
    Invoice,
    /// Whatever is said.
    Text,
}

/// What an answer is held against.
#[derive(Debug)]
pub enum Wants {
    Kind(Wanted),
    Pattern(regex::Regex),
}

impl Wanted {
    pub fn named(name: &str) -> Option<Self> {
        let entity = EntityKind::ALL.into_iter().find(|kind| kind.name() == name).map(Self::Entity);
        entity.or(match name {
            "invoice" => Some(Self::Invoice),
            "text" => Some(Self::Text),
            _ => None,
        })
    }

    pub fn names() -> impl Iterator<Item = &'static str> {
        EntityKind::ALL.into_iter().map(EntityKind::name).chain(["invoice", "text"])
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageSettings {
    pub url: String,
    #[serde(default)]
    pub caption: Label,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceSettings {
    pub label: Label,
    /// What comes back as the customer's message; the label where absent. `rule:ID` asks that rule.
    #[serde(default)]
    pub value: Option<String>,
}

impl ChoiceSettings {
    pub fn choice(&self, language: Language<'_>) -> Choice {
        let label = self.label.get(language).into_owned();
        Choice { value: self.value.clone().unwrap_or_else(|| label.clone()), label }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketSettings {
    pub kind: String,
    /// What it says; the customer's words where absent.
    #[serde(default)]
    pub text: Option<Wording>,
    /// Goes to the top of the list, and is told to whoever takes complaints.
    #[serde(default)]
    pub urgent: bool,
    /// Only while nobody is there.
    #[serde(default)]
    pub closed_only: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotifySettings {
    pub to: String,
    #[serde(default)]
    pub phrase: Option<String>,
    #[serde(default)]
    pub text: Option<Wording>,
}
