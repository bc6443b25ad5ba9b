//! `rules.toml`.

use serde::Deserialize;

use crate::{
    engine::phrases::{Label, Wording},
    language::Language,
    model::Choice,
    setting::Delay,
};

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RulesSettings {
    pub rule: Vec<RuleSettings>,
    /// The menu under the welcome; the built-in one where absent.
    pub menu: Vec<ChoiceSettings>,
}

/// `[[rule]]`: when it fits, and what it does.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleSettings {
    pub id: String,
    /// The highest is tried first.
    pub priority: i32,
    /// One of these, or of `patterns`, must occur.
    pub any: Vec<String>,
    pub all: Vec<String>,
    pub none: Vec<String>,
    pub patterns: Vec<String>,
    /// The customer means one of these, as far as the clerk is sure.
    pub intent: OneOrMore,
    pub hours: Option<Hours>,
    pub channels: Vec<String>,
    /// In one conversation not again so soon.
    pub cooldown: Option<Delay>,
    pub once: bool,
    /// Stands back where the same words name a product.
    pub small_talk: bool,

    /// What the rule is about, where the clerk asks which of several was meant.
    pub label: Option<Label>,
    pub phrase: Option<String>,
    pub text: Option<Wording>,
    pub link: Option<String>,
    pub image: Option<ImageSettings>,
    pub menu: Vec<ChoiceSettings>,
    pub main_menu: bool,
    pub answer: Option<Answer>,
    pub tag: Vec<String>,
    pub untag: Vec<String>,
    pub assign: Option<String>,
    pub transfer: Option<String>,
    pub ticket: Option<TicketSettings>,
    pub notify: Option<NotifySettings>,
    /// Notes the customer's words on their newest order.
    pub remark: bool,
    /// Says nothing, on purpose.
    pub silent: bool,
}

/// `intent = "late"` or `intent = ["late", "lost"]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected the id of an intent or a list of them")]
pub enum OneOrMore {
    One(String),
    Many(Vec<String>),
}

impl Default for OneOrMore {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl OneOrMore {
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(id) => std::slice::from_ref(id),
            Self::Many(ids) => ids,
        }
    }
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
