//! `rules.toml`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::when::WhenSettings;
use crate::{
    engine::phrases::{Label, Wording},
    language::Language,
    model::{Choice, EntityKind, FileKind},
    setting::{Delay, OneOrMore},
};

pub(in crate::engine) const FILE: &str = "rules.toml";

/// What the clerk answers to what, beside its own rules; docs/rules.md has an example for each key.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RulesSettings {
    /// Lines that say nothing by themselves are read together with what follows so soon; two seconds where absent.
    pub gather: Option<Delay>,
    /// The store's own rules.
    pub rule: Vec<RuleSettings>,
    /// More of them, of `answers.csv`.
    #[serde(skip)]
    pub answers: Vec<RuleSettings>,
    /// Built-in rules, changed a little.
    pub adjust: Vec<AdjustSettings>,
    /// The menu under the welcome; the built-in one where absent.
    pub menu: Vec<ChoiceSettings>,
}

/// `[[rule]]`: when it fits, and what it does.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RuleSettings {
    /// Its name, for `nightclerk explain`, menus, and to stand in the place of a built-in rule.
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
    /// All of these must occur.
    pub all: Vec<String>,
    /// None of these may occur.
    pub none: Vec<String>,
    /// Regular expressions of which one may occur in place of a word.
    pub patterns: Vec<String>,
    /// Its words count only where the customer says that it is so: not where they deny it, suppose it, or ask whether it is.
    pub stated: bool,
    /// Its words count only where the message says nothing else beside courtesies.
    pub alone: bool,
    /// A word of the rule does not count near one of these.
    pub unless_near: Vec<String>,
    /// The customer means one of these, as far as the clerk is sure.
    pub intent: OneOrMore,
    /// What it is called: where the customer names it, but wants none of it, it is not what they mean.
    pub names: Vec<String>,
    /// Only while people are there (`open`), or while nobody is (`closed`).
    pub hours: Option<Hours>,
    /// Only on these channels.
    pub channels: Vec<String>,
    /// What must be so beside the words.
    pub when: WhenSettings,
    /// In one conversation not again so soon.
    pub cooldown: Option<Delay>,
    /// Answers once in a conversation.
    pub once: bool,
    /// Stands back where the same words name a product.
    pub small_talk: bool,
    /// After it the next rule that fits answers as well.
    #[serde(rename = "continue")]
    pub goes_on: bool,

    /// What the rule is about, where the clerk asks which of several was meant.
    pub label: Option<Label>,
    /// The phrase of phrases.toml that it says.
    pub phrase: Option<String>,
    /// What it says.
    pub text: Option<Wording>,
    /// An address that is sent along.
    pub link: Option<String>,
    /// A picture that is sent along.
    pub image: Option<ImageSettings>,
    /// A recording or a file that is sent along.
    pub file: Option<FileSettings>,
    /// What is said after it, one message each.
    pub more: Vec<MoreSettings>,
    /// What the customer may choose from.
    pub menu: Vec<ChoiceSettings>,
    /// Shows the main menu.
    pub main_menu: bool,
    /// What the clerk looks up and says.
    pub answer: Option<Answer>,
    /// Waits for the customer's answer to what the rule says.
    pub ask: Option<AskSettings>,
    /// Tags that the conversation is given.
    pub tag: Vec<String>,
    /// Tags that are taken from it.
    pub untag: Vec<String>,
    /// The team or person that the conversation is noted for; the clerk goes on answering.
    pub assign: Option<String>,
    /// The team or person that it is handed to; the clerk is silent then.
    pub transfer: Option<String>,
    /// A ticket that is opened.
    pub ticket: Option<TicketSettings>,
    /// Who is told.
    pub notify: Option<NotifySettings>,
    /// What is noted on the customer's newest order.
    pub remark: Remark,
    /// Says nothing, on purpose.
    pub silent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Hours {
    Open,
    Closed,
}

/// What the clerk looks up itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    OrderStatus,
    /// What was asked for, or else what sells best.
    Products,
    /// What was asked for, if anything was.
    NamedProducts,
}

/// `remark = true` notes the customer's words, a text is noted in their place.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected `true` or a text")]
#[schemars(inline, extend("x-type" = "`true`, or a text by language"))]
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
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
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

#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageSettings {
    /// The picture's address.
    pub url: String,
    /// What stands under it.
    #[serde(default)]
    pub caption: Label,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileSettings {
    /// The file's address; by its ending it is a video, a recording, or a document.
    pub url: String,
    /// What it is, where the ending does not say so: `video`, `audio` or `document`.
    #[serde(default)]
    pub kind: Option<FileKind>,
    /// What stands under it.
    #[serde(default)]
    pub caption: Label,
}

/// One more message of a rule.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MoreSettings {
    /// How long after the message before it, up to half a minute: what the customer writes meanwhile is answered after it.
    pub pause: Option<Delay>,
    /// What it says.
    pub text: Option<Wording>,
    /// An address, after the text where there is one.
    pub link: Option<String>,
    /// A picture.
    pub image: Option<ImageSettings>,
    /// A recording or a file.
    pub file: Option<FileSettings>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceSettings {
    /// What the customer reads.
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

#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketSettings {
    /// What it is about, in a word of your own.
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

#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotifySettings {
    /// A team or person of store.toml, or `person` or `complaint` for whoever takes those.
    pub to: String,
    /// The phrase that they are told.
    #[serde(default)]
    pub phrase: Option<String>,
    /// What they are told.
    #[serde(default)]
    pub text: Option<Wording>,
}

/// What to change of a rule that the clerk has by itself. Lists are added to.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdjustSettings {
    /// The `id` of the built-in rule.
    pub rule: String,
    /// Switches it off.
    pub off: bool,
    /// Its place among the rules, in place of its own.
    pub priority: Option<i32>,
    /// More words of which one must occur.
    pub any: Vec<String>,
    /// More words that must not occur.
    pub none: Vec<String>,
    /// More patterns of which one may occur instead of a word.
    pub patterns: Vec<String>,
    /// More words near which its own do not count.
    pub unless_near: Vec<String>,
    /// Words of `any`, `all` or `none` that it no longer has.
    pub remove: Vec<String>,
    /// The phrase it says in place of its own.
    pub phrase: Option<String>,
    /// What it says in place of its own words.
    pub text: Option<Wording>,
}
