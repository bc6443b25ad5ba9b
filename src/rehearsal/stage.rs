//! A shop in rehearsal.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::memory::Memory;
use crate::{
    in_force::InForce,
    inbox::{Care, Case, Deciding, Made},
    model::{
        Address, Conversation, Decision, Event, Hook, OutsideQuestion, Plugins, Recorded, Reply, Version, Versioned,
    },
    store::{Decided, NewMessage, StoreError, Timer, Views},
};

/// Whoever asks the outside more often than this about one event goes round in a circle.
const MOST_QUESTIONS: usize = 64;
/// How often the store's clock is looked at for its own moments.
const MINUTE_MS: i64 = 60_000;

/// What answers for the outside.
pub type Ask = Box<dyn FnMut(&OutsideQuestion) -> Reply + Send>;

/// A question to the outside, and what was answered.
#[derive(Clone, Debug)]
pub struct Answered {
    pub question: OutsideQuestion,
    pub reply: Reply,
}

/// One event, and what came of it.
#[derive(Clone, Debug)]
pub struct Played {
    pub event: Arc<Event>,
    pub at_ms: i64,
    pub decision: Decision,
    /// What would go into the outbox.
    pub messages: Vec<NewMessage>,
    /// What plugins asked the outside.
    pub asked: Vec<Answered>,
    /// How long deciding took, the last time where the outside was asked.
    pub took: Duration,
}

impl Played {
    /// What the customer at `address` would be told by it, in order.
    pub fn told<'a>(&'a self, address: &'a Address) -> impl Iterator<Item = &'a NewMessage> {
        self.messages.iter().filter(move |message| message.address == *address)
    }
}

/// The owner's configuration and plugins, with rows in memory and a clock of its own. Nothing leaves it.
pub struct Stage {
    in_force: Arc<InForce>,
    plugins: Arc<dyn Plugins>,
    memory: Memory,
    ask: Ask,
    now_ms: i64,
    versions: i64,
    /// When each of the store's own moments was last, so that each comes once.
    moments: Vec<(Hook, i64)>,
}

impl Stage {
    /// A stage on which nothing has happened yet, at this time. Nobody outside answers.
    pub fn new(in_force: Arc<InForce>, plugins: Arc<dyn Plugins>, now_ms: i64) -> Self {
        let moments = in_force.playbook.moments_begun(now_ms).map(|(moment, at_ms)| (moment.hook(), at_ms)).collect();
        let ask: Ask = Box::new(|_| Reply::Failed("nothing is asked outside in a rehearsal".to_owned()));
        Self { in_force, plugins, memory: Memory::default(), ask, now_ms, versions: 0, moments }
    }

    /// The same, with somebody who answers for the outside.
    #[must_use]
    pub fn asking(mut self, ask: Ask) -> Self {
        self.ask = ask;
        self
    }

    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    pub fn in_force(&self) -> &InForce {
        &self.in_force
    }

    /// Forgets all that happened; the time stays.
    pub fn begin_anew(&mut self) {
        self.memory = Memory::default();
    }

    /// What is known of a conversation.
    pub fn conversation(&self, address: &Address) -> Conversation {
        self.memory.conversation(address).ok().and_then(|row| row.value).unwrap_or_default()
    }

    /// Makes a conversation what it is to be before the next thing happens.
    pub fn put_conversation(&mut self, address: &Address, conversation: Conversation) {
        self.memory.put(address, conversation);
    }

    /// Has an event happen now.
    ///
    /// # Errors
    /// It cannot be decided: it is not of an order, say, whose shop does not tell of whom it is.
    pub fn play(&mut self, event: Event) -> Result<Played, StoreError> {
        let (decided, asked, took) = self.decide(event)?;
        self.memory.take(&decided);
        let Decided { event, decision, messages, .. } = decided;
        Ok(Played { event, at_ms: self.now_ms, decision, messages, asked, took })
    }

    /// Lets the time pass up to a moment; what falls due meanwhile happens at its time, in its order.
    ///
    /// # Errors
    /// As for [`Self::play`].
    pub fn advance_to(&mut self, at_ms: i64) -> Result<Vec<Played>, StoreError> {
        let mut played = Vec::new();
        while let Some(event) = self.next_due(at_ms) {
            played.push(self.play(event)?);
        }
        Ok(played)
    }

    /// Moves the clock to what happens by itself next, at latest at this moment; to that moment where nothing does.
    fn next_due(&mut self, until_ms: i64) -> Option<Event> {
        let timer_ms = self.memory.next_due_ms();
        if let Some((event, at_ms)) = self.next_moment(timer_ms.unwrap_or(until_ms).min(until_ms)) {
            self.now_ms = self.now_ms.max(at_ms);
            return Some(event);
        }
        let due_ms = timer_ms.filter(|due_ms| *due_ms <= until_ms);
        self.now_ms = self.now_ms.max(due_ms.unwrap_or(until_ms));
        due_ms.and_then(|_| self.memory.first_due(self.now_ms)).map(Timer::into_event)
    }

    /// The store's own moment that comes first until then, if a plugin is to be told of it.
    fn next_moment(&mut self, until_ms: i64) -> Option<(Event, i64)> {
        if ![Hook::Daily, Hook::ShiftBegins].into_iter().any(|hook| self.plugins.any_at(hook)) {
            return None;
        }
        let mut look_ms = self.now_ms;
        loop {
            let begun: Vec<_> = self.in_force.playbook.moments_begun(look_ms).collect();
            for (moment, at_ms) in begun {
                let hook = moment.hook();
                if self.moments.contains(&(hook, at_ms)) {
                    continue;
                }
                self.moments.retain(|(known, _)| *known != hook);
                self.moments.push((hook, at_ms));
                if self.plugins.any_at(hook) {
                    return Some((moment.into_event(at_ms), at_ms));
                }
            }
            if look_ms >= until_ms {
                return None;
            }
            look_ms = look_ms.saturating_add(MINUTE_MS).min(until_ms);
        }
    }

    /// Decides as a lane does, and asks outside as often as it takes.
    fn decide(&mut self, event: Event) -> Result<(Decided, Vec<Answered>, Duration), StoreError> {
        let mut event = Arc::new(event);
        let mut recorded: Vec<Recorded> = Vec::new();
        let mut asked = Vec::new();
        loop {
            let began = Instant::now();
            self.versions += 1;
            let row = self.memory.conversation(&event.address)?;
            let conversation = Versioned { value: row.value.map(Arc::new), version: row.version };
            let case = Case {
                event: &event,
                conversation: &conversation,
                recorded: &recorded,
                now_ms: self.now_ms,
                hold_ms: self.in_force.hold_ms(&event),
                received: None,
                version: Version(self.versions),
            };
            let deciding = Deciding::alone(&self.in_force, &*self.plugins, &self.memory);
            match deciding.make(&case, Care::Usual)? {
                Made::Decision(decided) => return Ok((*decided, asked, began.elapsed())),
                Made::Elsewhere(address) => Arc::make_mut(&mut event).address = address,
                Made::Question(_) if recorded.len() >= MOST_QUESTIONS => {
                    return Err(StoreError::Read("a plugin asks outside without end".to_owned()));
                }
                Made::Question(question) => {
                    let reply = (self.ask)(&question);
                    let number = u32::try_from(recorded.len()).unwrap_or(u32::MAX);
                    let (plugin, digest) = (question.plugin.clone(), question.digest);
                    recorded.push(Recorded { number, plugin, digest, reply: reply.clone() });
                    asked.push(Answered { question, reply });
                }
            }
        }
    }
}

#[cfg(test)]
impl Stage {
    pub(super) fn rows(&self) -> &Memory {
        &self.memory
    }

    /// As `play`, for a store that is to take the same in.
    pub(super) fn decided(&mut self, event: Event) -> Decided {
        let (decided, ..) = self.decide(event).unwrap();
        self.memory.take(&decided);
        decided
    }

    pub(super) fn advanced(&mut self, at_ms: i64) -> Vec<Decided> {
        let mut all = Vec::new();
        while let Some(event) = self.next_due(at_ms) {
            all.push(self.decided(event));
        }
        all
    }
}
