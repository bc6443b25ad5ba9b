use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ClaimFinding, ContactFinding, Failure, OrderFinding, Question};
use crate::model::{EntityKind, Staff};

/// What a step found or did. A new kind of finding is a variant here, with its words in `Display`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Finding {
    /// Whether people were there to answer.
    Hours { open: bool },
    /// Who opened the conversation has been welcomed before.
    WelcomedBefore,
    /// The first contact, answered with a phrase.
    FirstContact { phrase: String },
    /// The customer picked a choice of the menu they were offered, by its number, label or button.
    Chose { label: String },
    /// Facts of these kinds stand in what the customer said.
    Read { kinds: Vec<EntityKind> },
    /// A menu asked for the rule.
    AskedByMenu,
    /// What the rule asked was answered.
    Answered,
    /// What was said is no answer to what the rule asked, nor anything else.
    AskedAgain,
    /// Lines that say nothing by themselves wait for what follows.
    WaitsForMore { lines: usize },
    /// Lines that waited were answered with what followed.
    AnsweredMeanwhile,
    /// Keywords of the rule that were heard, in the form they are compared in.
    Heard { words: Vec<String> },
    /// What the customer means, as far as the words show: intents with how well they fit, from 0 to 100.
    Means { intents: Vec<(String, u8)>, urgent: bool },
    /// The rule waits for what the customer means.
    MeantIt,
    /// Several things may be meant, and the customer is asked which.
    AskedWhich { intents: Vec<String> },
    /// No keyword, but a pattern of the rule fits.
    PatternFits,
    /// The rule would greet and offer the menu, as the welcome just did.
    WelcomeSufficed,
    /// The rule puts the customer's wish on an order, and there is none that has not left yet.
    NoOrderToRemark,
    /// The customer asked about products, by these SKUs.
    AskedAbout { skus: Vec<String> },
    /// The customer asked about their orders: how many are known, and which they were told of.
    ToldOf { known: usize, orders: Vec<String> },
    /// Somebody of whom no order is known asked for one by its number and phone.
    Claimed { what: ClaimFinding },
    /// Nothing fitted but the numbers of these orders.
    NumbersSaid { orders: Vec<String> },
    /// What was found about one order.
    Order { id: String, what: OrderFinding },
    /// What was found about a contact, or done with it.
    Contact { id: String, what: ContactFinding },
    /// A timer of the engine's is about an order nobody knows.
    TimerWithoutOrder { timer: String },
    /// A ticket was to be closed that is not open in this conversation.
    NotOpen { ticket: String },
    /// A ticket was not done in the time that the store wants for its kind.
    Overdue { ticket: String },
    /// The customer was told that a ticket is done, and says that it is not.
    OpenAgain { ticket: String },
    /// Nothing fitted what was said. `welcomed`: the welcome that goes before it stands alone.
    NothingFits { welcomed: bool },
    /// A message without words, with media of these kinds.
    NoWords { media: Vec<String> },
    /// A plugin's timer came due, and no plugin took it.
    NobodyTook { timer: String, owner: String },
    /// The clerk deliberately says nothing.
    Silent { reason: WhySilent },
    /// Another address of the customer did not take the notice, so that it is said here: the message there, and its channel.
    PassedOn { message: i64, from: String },
    /// No person has continued the conversation.
    TakenBack,
    /// A person took the conversation, or it came back, before the time for it was over.
    TakenMeanwhile,
    /// Nobody would hear of what is handed to this team or person, so the clerk keeps it.
    NobodyHears { who: String },
    /// A colleague has the conversation or the ticket, so that nothing is done with it.
    HeldBy { who: String },
    /// What a person of the store wanted is not done.
    NotDone { why: NotDone },
    /// What was said must not wait for a person.
    Urgent,
    /// The customer wants no unasked messages, or wants them again.
    Opted { out: bool },
    /// Something would have been said unasked to somebody who does not want that.
    OptedOut,
    /// The customer is told that nobody is there, once while that is so.
    Away { phrase: String },
    /// A person of the store took a hand.
    Staff { deed: Staff },
    /// The platform takes few messages in answer, so that many became one.
    Joined { budget: usize, messages: usize },
    /// The platform takes no more in answer, so that the end was left out.
    Shortened,
    /// The customer pressed a button of another tool: what stood on it counts.
    ReadByLabel { label: String },
    /// A person of the store answered past the clerk, from the platform's own inbox.
    ColleagueAnswered,
    /// They gave the conversation back.
    ColleagueLeft,
    /// The process died over the event more than once: it was put aside undecided.
    BroughtTheClerkDown,
    /// There is no phrase of this name.
    NoPhrase { phrase: String },
    /// The phrase, or the words of the rule, came out empty.
    Empty { phrase: String },
    /// The phrase, or the words of the rule, could not be filled.
    Unfilled { phrase: String, why: String },
    /// The customer is not asked how satisfied they are: something is still open, or they were asked of late.
    NotAskedHowSatisfied,
    /// The customer said how satisfied they are, from 1 to 5.
    Satisfied { mark: u8 },
    /// What the platform says became of a message.
    Delivery {
        message: String,
        status: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// A plugin asked the host.
    Asked {
        question: Question,
        /// What it was told, in short: that there is something, how many, how long.
        answer: String,
    },
    /// A plugin left the moment to others.
    Passed,
    /// A plugin added actions to the clerk's own answer.
    Added { actions: usize },
    /// A plugin answered in the clerk's place.
    Took { actions: usize },
    /// A plugin was asked, and its call came to nothing.
    Skipped { why: Failure },
    /// A plugin was not asked, because it failed before.
    SetAside,
}

/// Why what a person of the store wanted is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NotDone {
    /// Whoever was to have the conversation is not there, or hears of it on no channel.
    NotThere { who: String },
    /// The customer has no order that has not left yet.
    NoOrder,
    /// No quick phrase has this code.
    NoPhrase { code: String },
    /// Something that this quick phrase names is not known of the customer.
    PhraseWithGaps { code: String },
    /// Nobody can be called so.
    NoTag,
}

impl fmt::Display for NotDone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotThere { who } => write!(f, "{who} is not there"),
            Self::NoOrder => f.write_str("there is no order that has not left yet"),
            Self::NoPhrase { code } => write!(f, "there is no quick phrase `{code}`"),
            Self::NoTag => f.write_str("it cannot be a tag: one is a line without `;` that is no tier or group"),
            Self::PhraseWithGaps { code } => write!(f, "nothing fills what the quick phrase `{code}` names"),
        }
    }
}

/// Why the clerk deliberately says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum WhySilent {
    /// Whoever comes in finds nothing that waits, and nothing was done.
    NothingWaits,
    /// As many replies as the store allows went out: two robots may be talking.
    TooManyReplies,
    /// What came in is what the clerk just said.
    OwnWords,
    /// The same words were answered as often as the store wants.
    SaidAgain,
    /// The customer opted out before, and heard so.
    OptedOutBefore,
    /// What came before it, a moment ago or in the same album, was thanked for.
    ThankedAlready,
    /// The chat is one in which store.toml has colleagues told of things.
    AmongColleagues,
    /// What was said wants no answer.
    NoQuestion,
    /// The conversation is with a person or team, who are there. Without a name, nobody knows with whom.
    WithPerson {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        who: Option<String>,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hours { open: true } => f.write_str("people are there"),
            Self::Hours { open: false } => f.write_str("nobody is there"),
            Self::WelcomedBefore => f.write_str("welcomed before"),
            Self::FirstContact { phrase } => write!(f, "first contact: the phrase `{phrase}`"),
            Self::Chose { label } => write!(f, "chose `{label}`"),
            Self::Read { kinds } => {
                let kinds: Vec<_> = kinds.iter().map(|it| it.name()).collect();
                write!(f, "read: {}", kinds.join(", "))
            }
            Self::Answered => f.write_str("its question was answered"),
            Self::AskedAgain => f.write_str("its question was not answered: asked once more"),
            Self::WaitsForMore { lines } => write!(f, "{lines} that may go on: waits for more"),
            Self::AnsweredMeanwhile => f.write_str("answered with what followed"),
            Self::AskedByMenu => f.write_str("asked for by a menu"),
            Self::Heard { words } => write!(f, "heard `{}`", words.join("`, `")),
            Self::Means { intents, urgent } => {
                f.write_str(if *urgent { "urgent; " } else { "" })?;
                let words: Vec<_> = intents.iter().map(|(intent, score)| format!("{intent} {score}")).collect();
                f.write_str(if words.is_empty() { "nothing it knows" } else { "" })?;
                f.write_str(&words.join(", "))
            }
            Self::MeantIt => f.write_str("this is what was meant"),
            Self::AskedWhich { intents } => write!(f, "asked which was meant: {}", intents.join(", ")),
            Self::PatternFits => f.write_str("one of its patterns fits"),
            Self::WelcomeSufficed => f.write_str("the welcome was answer enough"),
            Self::NoOrderToRemark => f.write_str("there is no order to put the remark on"),
            Self::AskedAbout { skus } => write!(f, "asked about {}", skus.join(", ")),
            Self::ToldOf { known, orders } if orders.is_empty() => write!(f, "{known} known, none told of"),
            Self::ToldOf { known, orders } => write!(f, "{known} known, told of {}", orders.join(", ")),
            Self::Claimed { what } => write!(f, "an order was asked for by number and phone: {what}"),
            Self::NumbersSaid { orders } => write!(f, "their number was said: {}", orders.join(", ")),
            Self::Order { id, what } => write!(f, "order {id}: {what}"),
            Self::TimerWithoutOrder { timer } => write!(f, "the order of timer `{timer}` is not known"),
            Self::Contact { id, what } => write!(f, "contact {id}: {what}"),
            Self::OpenAgain { ticket } => {
                write!(f, "ticket {ticket} is open again: the customer says that it is not done")
            }
            Self::Overdue { ticket } => write!(f, "ticket {ticket} is not done, and should be by now"),
            Self::NotOpen { ticket } => write!(f, "ticket {ticket} is not open in this conversation"),
            Self::NothingFits { welcomed: false } => f.write_str("no rule, product or order fits"),
            Self::NothingFits { welcomed: true } => f.write_str("no rule, product or order fits: the welcome stands"),
            Self::NoWords { media } if media.is_empty() => f.write_str("no words, and nothing else"),
            Self::NoWords { media } => write!(f, "no words, but: {}", media.join(", ")),
            Self::NobodyTook { timer, owner } => write!(f, "nobody took timer `{timer}` of `{owner}`"),
            Self::Silent { reason } => write!(f, "silent: {reason}"),
            Self::PassedOn { message, from } => write!(f, "{from} did not take out:{message}: said here instead"),
            Self::TakenBack => f.write_str("the conversation is the clerk's again"),
            Self::TakenMeanwhile => f.write_str("it does not wait for a person any more"),
            Self::NobodyHears { who } => {
                write!(f, "the {who} can be told on no channel: the clerk keeps the conversation")
            }
            Self::HeldBy { who } => write!(f, "nothing is done: {who} has it"),
            Self::NotDone { why } => write!(f, "nothing is done: {why}"),
            Self::Opted { out: true } => f.write_str("wants no unasked messages any more"),
            Self::Opted { out: false } => f.write_str("wants messages again"),
            Self::OptedOut => f.write_str("not said: this customer wants no unasked messages"),
            Self::Away { phrase } => write!(f, "nobody is there: the phrase `{phrase}`"),
            Self::Urgent => f.write_str("it is urgent: it does not wait for a person"),
            Self::Staff { deed } => deed.fmt(f),
            Self::Joined { budget, messages } => {
                write!(f, "the platform takes {budget} messages in answer: {messages} joined")
            }
            Self::Shortened => f.write_str("the platform takes no more in answer: the end is left out"),
            Self::ReadByLabel { label } => write!(f, "a button of another tool, read as `{label}`"),
            Self::ColleagueAnswered => f.write_str("a person of the store answered in the platform's own inbox"),
            Self::ColleagueLeft => f.write_str("the person of the store gave the conversation back"),
            Self::BroughtTheClerkDown => f.write_str("it brought the clerk down before: it is put aside for a person"),
            Self::NoPhrase { phrase } => write!(f, "there is no phrase `{phrase}`"),
            Self::Empty { phrase } => write!(f, "`{phrase}` comes out empty"),
            Self::Unfilled { phrase, why } => write!(f, "`{phrase}` cannot be filled: {why}"),
            Self::NotAskedHowSatisfied => {
                f.write_str("not asked how satisfied they are: something is open, or they were asked of late")
            }
            Self::Satisfied { mark } => write!(f, "satisfied: {mark} of 5"),
            Self::Delivery { message, status, error } => {
                write!(f, "the platform says of message {message}: {status}")?;
                error.as_ref().map_or(Ok(()), |error| write!(f, ": {error}"))
            }
            Self::Asked { question, answer } => write!(f, "{question}: {answer}"),
            Self::Passed => f.write_str("passed"),
            Self::Added { actions } => write!(f, "added {}", Actions(*actions)),
            Self::Took { actions } => write!(f, "took it with {}", Actions(*actions)),
            Self::Skipped { why } => write!(f, "skipped: it {why}"),
            Self::SetAside => f.write_str("skipped: it is set aside"),
        }
    }
}

/// A number of actions, in words.
struct Actions(usize);

impl fmt::Display for Actions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 action"),
            count => write!(f, "{count} actions"),
        }
    }
}

impl fmt::Display for WhySilent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingWaits => f.write_str("nothing waits, and nothing was done"),
            Self::TooManyReplies => f.write_str("too many replies in a short time"),
            Self::OwnWords => f.write_str("these are the clerk's own words"),
            Self::NoQuestion => f.write_str("there is nothing to answer"),
            Self::SaidAgain => f.write_str("the same words were just answered"),
            Self::OptedOutBefore => f.write_str("opted out before"),
            Self::ThankedAlready => f.write_str("thanked a moment ago, or for the same album"),
            Self::AmongColleagues => f.write_str("this is a chat of the store's own people"),
            Self::WithPerson { who } => {
                write!(f, "{} has this conversation", who.as_deref().unwrap_or("a person"))
            }
        }
    }
}
