//! Deciding again what was decided before: each event of the log on the rows as they were just before it, with what the
//! outside answered then. Every event is on its own: what would have been said otherwise changes nothing for the next, as
//! customers would have gone on otherwise too.

use std::{borrow::Cow, sync::Arc};

use super::words;
use crate::{
    in_force::InForce,
    inbox::{Care, Case, Deciding, Made},
    model::{Action, Content, Event, EventKind, Finding, Plugins, Recorded, Reply, TraceStep, Version, Versioned},
    store::{Decided, NewMessage, Past, PastEvent, StoreError},
};

/// Questions that one event may ask outside.
const MOST_QUESTIONS: usize = 64;

/// What came of deciding again.
#[derive(Debug, Default)]
pub struct Replayed {
    /// Events that were decided again.
    pub events: usize,
    /// Events to whose rows the log does not lead back.
    pub lost: usize,
    pub differences: Vec<Difference>,
}

/// An event that would have come out otherwise.
#[derive(Clone, Debug)]
pub struct Difference {
    pub event_id: i64,
    pub at_ms: i64,
    pub event: Event,
    pub change: Change,
    pub before: Side,
    pub after: Side,
    /// What else is to be known to judge it.
    pub notes: Vec<Note>,
}

/// One of the two sides of a difference.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// Who answered.
    pub by: String,
    /// What the customer was told.
    pub told: Vec<String>,
    /// What others were told: people of the store, the shop.
    pub others: Vec<String>,
    /// What was done besides, in words.
    pub deeds: Vec<String>,
}

/// How it is other, as the customer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Change {
    /// The customer was told something, and would be told nothing.
    Silent,
    /// The customer was told nothing, and would be told something.
    Answered,
    /// The customer would be told other words.
    Reworded,
    /// People of the store or the shop would be told otherwise.
    OthersTold,
    /// Tags, tickets, timers or the hand-over would be otherwise.
    Deeds,
}

impl Change {
    pub const ALL: [Self; 5] = [Self::Silent, Self::Answered, Self::Reworded, Self::OthersTold, Self::Deeds];

    /// In words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Silent => "customers would be told nothing any more",
            Self::Answered => "customers would be told something, and were told nothing",
            Self::Reworded => "customers would be told other words",
            Self::OthersTold => "people of the store, or the shop, would be told otherwise",
            Self::Deeds => "tags, tickets, timers or the hand-over would be otherwise",
        }
    }
}

/// Something that makes a difference less than it seems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// A plugin failed then, or was left alone for failing.
    PluginFailedThen,
    /// A plugin asks outside what it did not ask then, so that nobody answers.
    NotAnsweredThen,
}

impl Note {
    pub fn words(self) -> &'static str {
        match self {
            Self::PluginFailedThen => "a plugin failed then, or was set aside",
            Self::NotAnsweredThen => "a plugin asks outside what was not asked then, and gets no answer",
        }
    }
}

/// Decides all of it again. `progress` hears how many are done.
///
/// # Errors
/// The store cannot be read.
pub fn replay(
    past: &mut dyn Past,
    in_force: &Arc<InForce>,
    plugins: &Arc<dyn Plugins>,
    progress: &mut dyn FnMut(usize),
) -> Result<Replayed, StoreError> {
    let mut replayed = Replayed::default();
    while let Some(event) = past.next_event()? {
        progress(replayed.events + replayed.lost);
        if event.is_lost || !event.logged.decided {
            replayed.lost += 1;
            continue;
        }
        replayed.events += 1;
        let (decided, not_answered) = decide_again(past, in_force, &**plugins, &event)?;
        replayed.differences.extend(difference(&event, &decided, not_answered));
    }
    Ok(replayed)
}

/// The decision as it would be, and whether something was asked that was not answered then.
fn decide_again(
    past: &dyn Past,
    in_force: &InForce,
    plugins: &dyn Plugins,
    PastEvent { logged, recorded, .. }: &PastEvent,
) -> Result<(Decided, bool), StoreError> {
    let mut event = Arc::new(logged.event.clone());
    let mut recorded = recorded.clone();
    let mut not_answered = false;
    loop {
        let row = past.conversation(&event.address)?;
        let conversation = Versioned { value: row.value.map(Arc::new), version: row.version };
        let case = Case {
            event: &event,
            conversation: &conversation,
            recorded: &recorded,
            now_ms: logged.received_ms,
            hold_ms: in_force.hold_ms(&event),
            received: None,
            version: Version(logged.id),
        };
        match Deciding::alone(in_force, plugins, past).make(&case, Care::Usual)? {
            Made::Decision(decided) => return Ok((*decided, not_answered)),
            Made::Elsewhere(address) => Arc::make_mut(&mut event).address = address,
            Made::Question(_) if recorded.len() >= MOST_QUESTIONS => {
                return Err(StoreError::Read("a plugin asks outside without end".to_owned()));
            }
            Made::Question(question) => {
                not_answered = true;
                let number = u32::try_from(recorded.len()).unwrap_or(u32::MAX);
                let reply = Reply::Failed("this was not asked then".to_owned());
                recorded.push(Recorded { number, plugin: question.plugin, digest: question.digest, reply });
            }
        }
    }
}

fn difference(past: &PastEvent, decided: &Decided, not_answered: bool) -> Option<Difference> {
    let logged = &past.logged;
    let said = logged.queued.iter().map(|queued| &queued.message).collect::<Vec<_>>();
    let says = decided.messages.iter().collect::<Vec<_>>();
    let to_customer = |message: &&NewMessage| message.address == decided.event.address;
    let contents = |messages: &[&NewMessage], of_customer: bool| -> Vec<(String, Content)> {
        let wanted = messages.iter().filter(|it| to_customer(it) == of_customer);
        wanted.map(|it| (it.address.to_string(), it.content.clone())).collect()
    };
    let (told, tells) = (contents(&said, true), contents(&says, true));
    let change = match (told.is_empty(), tells.is_empty()) {
        (false, true) => Change::Silent,
        (true, false) => Change::Answered,
        _ if told != tells => Change::Reworded,
        _ if contents(&said, false) != contents(&says, false) => Change::OthersTold,
        _ if deeds(&logged.actions) != deeds(&decided.decision.actions) => Change::Deeds,
        _ => return None,
    };
    let side = |messages: &[&NewMessage], actions: &[Action], trace: &[TraceStep]| Side {
        by: words::answered_by(trace),
        told: contents(messages, true).into_iter().map(|(_, content)| content.to_plain_text()).collect(),
        others: contents(messages, false).into_iter().map(|(to, it)| format!("{to}: {}", it.to_plain_text())).collect(),
        deeds: actions.iter().filter(|it| !matches!(it, Action::Reply { .. })).filter_map(words::action).collect(),
    };
    let failed = logged.trace.iter().any(|it| matches!(it.what, Finding::Skipped { .. } | Finding::SetAside));
    let notes = [(failed, Note::PluginFailedThen), (not_answered, Note::NotAnsweredThen)];
    Some(Difference {
        event_id: logged.id,
        at_ms: logged.received_ms,
        event: logged.event.clone(),
        change,
        before: side(&said, &logged.actions, &logged.trace),
        after: side(&says, &decided.decision.actions, &decided.decision.trace),
        notes: notes.into_iter().filter_map(|(is_so, note)| is_so.then_some(note)).collect(),
    })
}

/// What is done, without the words, which are compared where they are said.
fn deeds(actions: &[Action]) -> Vec<Cow<'_, Action>> {
    actions.iter().map(Action::without_words).collect()
}

/// Differences of one kind: the same change, from the same to the same.
#[derive(Debug)]
pub struct Group<'a> {
    pub change: Change,
    /// Who answered then, and who would.
    pub by: (&'a str, &'a str),
    /// In the order in which they happened.
    pub differences: Vec<&'a Difference>,
}

impl Replayed {
    /// By kind of change, then the most frequent first.
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut groups: Vec<Group<'_>> = Vec::new();
        for difference in &self.differences {
            let by = (difference.before.by.as_str(), difference.after.by.as_str());
            let change = difference.change;
            match groups.iter_mut().find(|group| group.change == change && group.by == by) {
                Some(group) => group.differences.push(difference),
                None => groups.push(Group { change, by, differences: vec![difference] }),
            }
        }
        groups.sort_by_key(|group| (group.change, std::cmp::Reverse(group.differences.len())));
        groups
    }
}

impl Difference {
    /// The customer's words, or what happened in their place.
    pub fn what(&self) -> String {
        match &self.event.kind {
            EventKind::Message(_) => format!("“{}”", words::event(&self.event.kind)),
            other => words::event(other),
        }
    }
}
