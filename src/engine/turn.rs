//! One event being decided: what is known of it, and what was decided so far.

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
};

use super::{
    Playbook, View,
    at_hand::AtHand,
    entities::Captured,
    limits,
    phrases::Words,
    utterance::Utterance,
    variables::{self, Known},
};
use crate::language::Language;
use crate::model::{
    Action, Contact, Content, Conversation, CustomerFacts, Decision, Event, EventKind, Finding, HookCall, Lines,
    Moment, NotDone, Order, Part, Plugins, Source, TraceStep, Urgency, WhySilent,
};
use crate::template::Gaps;

/// Who sets the timer at which lines are read that waited for more; no plugin can have this name.
pub(super) const LINES: &str = "clerk:lines";

pub struct Turn<'a> {
    pub(super) playbook: &'a Playbook,
    pub(super) event: &'a Event,
    pub(super) view: &'a View<'a>,
    plugins: &'a dyn Plugins,
    /// Whether people are there to answer.
    pub(super) open: bool,
    pub(super) decision: Decision,
    /// The language of this message, where it is another than the conversation's.
    pub(super) language_now: Option<String>,
    /// What plugins add to the answer, done after it.
    also: Vec<Action>,
    next_open_ms: OnceCell<Option<i64>>,
    /// What was said and answered, for what is said of it.
    pub(super) captured: Captured,
    /// Lines that waited for this one.
    pub(super) earlier: Option<Lines>,
    /// A choice of the last menu was picked, so that another can be.
    pub(super) chose: bool,
    /// Somebody of the store hears of this message at once, whichever rule answers it.
    pub(super) told: bool,
    /// The words that were looked into last.
    utterance: RefCell<Option<Rc<Utterance>>>,
    /// A menu was offered.
    offered: bool,
}

impl<'a> Turn<'a> {
    pub fn new(playbook: &'a Playbook, event: &'a Event, view: &'a View<'a>, plugins: &'a dyn Plugins) -> Self {
        let decision = Decision { conversation: view.conversation.clone(), ..Decision::default() };
        let open = playbook.schedule.is_open(view.now_ms);
        Self {
            playbook,
            event,
            view,
            plugins,
            open,
            decision,
            also: Vec::new(),
            next_open_ms: OnceCell::new(),
            captured: Captured::new(),
            earlier: None,
            chose: false,
            told: false,
            utterance: RefCell::default(),
            offered: false,
            language_now: None,
        }
    }

    pub fn finish(mut self) -> Decision {
        for action in std::mem::take(&mut self.also) {
            self.act(action);
        }
        self.watch_for_the_end();
        self.set_targets();
        self.fit_budget();
        // Another answer makes of a number something else than a choice of the menu before it.
        if self.answers() && !self.offered && !self.chose && self.decision.replies().next().is_some() {
            self.decision.conversation.menu.clear();
        }
        self.keep_contact();
        limits::prune(&mut self.decision.conversation, self.playbook, self.view.now_ms);
        self.decision
    }

    /// Whether this event is answered to the customer, rather than told of.
    fn answers(&self) -> bool {
        match &self.event.kind {
            EventKind::Message(_) | EventKind::Opened { .. } => true,
            EventKind::Timer(timer) => timer.owner == LINES,
            _ => false,
        }
    }

    /// The customer's language: this message's, the conversation's, the platform's word on it; else the store's.
    pub fn language(&self) -> Language<'_> {
        let Conversation { language, language_signs, .. } = &self.decision.conversation;
        let customers = self.language_now.as_deref().or(language.as_deref()).or(language_signs.locale.as_deref());
        self.playbook.shop.language(customers)
    }

    /// Words, with what was read from them so far. Layer after layer asks of the same ones.
    pub fn utterance(&self, text: &str) -> Rc<Utterance> {
        let mut last = self.utterance.borrow_mut();
        match &*last {
            Some(known) if known.text() == text => known.clone(),
            _ => last.insert(Rc::new(Utterance::new(text))).clone(),
        }
    }

    pub fn note(&mut self, by: impl Into<Source>, what: Finding) {
        self.decision.trace.push(TraceStep::new(by, what));
    }

    /// When people are back, in words; empty while they are there, or if nobody knows.
    pub fn back(&self, language: Language<'_>) -> String {
        self.in_words(self.next_open_ms(), language)
    }

    /// Whether the people are there whom a team, person or route means: the store may be open without them.
    pub(super) fn is_there(&self, to: &str) -> bool {
        self.playbook.hours_of(to).is_open(self.view.now_ms) && !self.is_everybody_away(to)
    }

    /// When those are back, in words; empty while they are there, or if nobody knows.
    fn back_of(&self, to: &str, language: Language<'_>) -> String {
        let next = if self.is_there(to) { None } else { self.playbook.hours_of(to).next_open_ms(self.view.now_ms) };
        self.in_words(next, language)
    }

    fn in_words(&self, next_ms: Option<i64>, language: Language<'_>) -> String {
        next_ms.map_or_else(String::new, |next| self.playbook.back(next, self.view.now_ms, language))
    }

    /// `None` while people are there, or if nobody knows.
    pub(super) fn next_open_ms(&self) -> Option<i64> {
        if self.open {
            return None;
        }
        *self.next_open_ms.get_or_init(|| self.playbook.schedule.next_open_ms(self.view.now_ms))
    }

    /// Offers a moment to the plugins; whether one took it.
    pub fn offer(&mut self, moment: Moment<'_>) -> bool {
        if self.decision.question.is_some() {
            // It is decided again from the start, so nobody need be asked now.
            return true;
        }
        if !self.plugins.any_at(moment.hook()) {
            return false;
        }
        let (playbook, now_ms, language) = (self.playbook, self.view.now_ms, self.language());
        let customer = CustomerFacts { address: &self.event.address, conversation: &self.decision.conversation };
        let answer = playbook.facts(now_ms, language, self.next_open_ms(), |store| {
            self.plugins.offer(&HookCall {
                moment,
                now_ms,
                open: self.open,
                store,
                customer: moment.hook().is_a_customers().then_some(customer),
                written: &self.decision.kv,
                lookups: self.view.lookups,
                recorded: self.view.recorded,
                event: Some(self.event.into()),
            })
        });
        self.decision.kv.extend(answer.kv);
        self.decision.trace.extend(answer.trace);
        if answer.question.is_some() {
            self.decision.question = answer.question;
            return true;
        }
        self.also.extend(answer.also);
        let taken = answer.actions.is_some();
        for action in answer.actions.into_iter().flatten() {
            self.act(action);
        }
        taken
    }

    /// Decides on an action, and keeps the conversation in step with it.
    pub fn act(&mut self, action: Action) {
        let action = match action {
            Action::Reply { .. } | Action::AskSatisfaction { .. } if self.is_unwanted() => {
                return self.note(Part::Limits, Finding::OptedOut);
            }
            Action::AskSatisfaction { content } => match self.asking_how_satisfied(content) {
                Some(content) => Action::AskSatisfaction { content },
                None => return,
            },
            Action::Assign { to } if !self.is_heard_by(&to) => return self.not_handed_over(&to, ""),
            Action::Transfer { to, note } if !self.is_heard_by(&to) => return self.not_handed_over(&to, &note),
            // What a plugin calls somebody must be one in a list as well.
            Action::Tag { tag } => match Contact::tag(&tag) {
                Some(tag) => Action::Tag { tag },
                None => return self.note(Part::Contacts, Finding::NotDone { why: NotDone::NoTag }),
            },
            Action::OpenTicket { kind, text, urgency, .. } => {
                let id = self.file_ticket(&kind, &text, urgency);
                Action::OpenTicket { id, kind, text, urgency }
            }
            other => other,
        };
        let now_ms = self.view.now_ms;
        let conversation = &mut self.decision.conversation;
        match &action {
            Action::Reply { content } | Action::AskSatisfaction { content } => {
                conversation.sent += 1;
                conversation.last_reply_ms = Some(now_ms);
                limits::remember_reply(conversation, now_ms);
                limits::remember_said(conversation, content, now_ms);
                if let Content::Choices { choices, .. } = content {
                    conversation.menu.clone_from(choices);
                    conversation.menu_ms = Some(now_ms);
                    self.offered = true;
                }
            }
            Action::Tag { tag } => {
                if !conversation.tags.contains(tag) {
                    conversation.tags.push(tag.clone());
                }
            }
            Action::Untag { tag } => conversation.tags.retain(|it| it != tag),
            Action::Assign { to } => drop(self.hand_over(&to.clone(), "")),
            Action::Transfer { to, note } => drop(self.hand_over(&to.clone(), &note.clone())),
            Action::CloseTicket { id } => self.settle_ticket(&id.clone()),
            Action::Remark { order_id, text } => {
                let (order_id, text) = (order_id.clone(), text.clone());
                self.put_remark(&order_id, &text);
            }
            Action::Pause { .. }
            | Action::OpenTicket { .. }
            | Action::Notify { .. }
            | Action::Tell { .. }
            | Action::SetTimer { .. }
            | Action::CancelTimer { .. }
            | Action::Silence { .. } => {}
        }
        self.decision.actions.push(action);
    }

    /// Whoever wanted it, nobody would hear of it: the customer is told how it stands.
    fn not_handed_over(&mut self, to: &str, note: &str) {
        self.hand_over(to, note);
        self.say_phrase("nobody-hears", &AtHand::default());
    }

    pub fn say(&mut self, content: Content) {
        self.act(Action::Reply { content });
    }

    pub fn stay_silent(&mut self, by: Part, reason: WhySilent) {
        self.act(Action::Silence { reason: reason.to_string() });
        self.note(by, Finding::Silent { reason });
    }

    /// A phrase by name, filled in the customer's language. `None` is noted in the trace.
    pub fn phrase(&mut self, name: &str, at_hand: &AtHand<'_>) -> Option<String> {
        let Some(words) = self.playbook.phrases.get(name) else {
            self.note(Part::Phrases, Finding::NoPhrase { phrase: name.to_owned() });
            return None;
        };
        self.fill(words, name, at_hand)
    }

    /// A phrase for the people of the store, who read its own language.
    pub fn phrase_for_people(&mut self, name: &str, at_hand: &AtHand<'_>) -> Option<String> {
        let words = self.playbook.phrases.get(name)?;
        self.fill_for_colleagues(words, name, at_hand)
    }

    /// Words filled in the customer's language; where the store's cannot be filled or come out empty, the clerk's own
    /// ones. That is noted in the trace, as is `None`, where there are none.
    pub fn fill(&mut self, words: &Words, name: &str, at_hand: &AtHand<'_>) -> Option<String> {
        let filled = self.filled(words, self.language(), at_hand, Gaps::Empty);
        self.take_filled(filled, name).or_else(|| self.fill(words.built_in()?, name, at_hand))
    }

    /// Words that a person chose for the customer: where something is missing in them, they are not said.
    pub fn fill_whole(&mut self, words: &Words, name: &str) -> Option<String> {
        let filled = self.filled(words, self.language(), &AtHand::default(), Gaps::Refused);
        self.take_filled(filled, name)
    }

    /// Words for people of the store, filled in the store's language.
    pub fn fill_for_colleagues(&mut self, words: &Words, name: &str, at_hand: &AtHand<'_>) -> Option<String> {
        let filled = self.filled(words, self.playbook.shop.language(None), at_hand, Gaps::Empty);
        self.take_filled(filled, name).or_else(|| self.fill_for_colleagues(words.built_in()?, name, at_hand))
    }

    fn filled(
        &self,
        words: &Words,
        language: Language<'_>,
        at_hand: &AtHand<'_>,
        gaps: Gaps,
    ) -> Result<String, String> {
        let turn = self.decision.conversation.sent;
        let known = Known {
            playbook: self.playbook,
            view: self.view,
            open: at_hand.team.map_or(self.open, |to| self.is_there(to)),
            back: &|language| at_hand.team.map_or_else(|| self.back(language), |to| self.back_of(to, language)),
            conversation: &self.decision.conversation,
            address: &self.event.address,
            captured: &self.captured,
        };
        let variable = |name, spoken| variables::value(name, spoken, &known, at_hand);
        self.playbook.phrases.render(words, language, turn, gaps, variable)
    }

    fn take_filled(&mut self, filled: Result<String, String>, name: &str) -> Option<String> {
        match filled {
            Ok(text) if text.is_empty() => {
                self.note(Part::Phrases, Finding::Empty { phrase: name.to_owned() });
                None
            }
            Ok(text) => Some(text),
            Err(why) => {
                self.note(Part::Phrases, Finding::Unfilled { phrase: name.to_owned(), why });
                None
            }
        }
    }

    /// Says a phrase; whether there was something to say.
    pub fn say_phrase(&mut self, name: &str, at_hand: &AtHand<'_>) -> bool {
        let text = self.phrase(name, at_hand);
        let said = text.is_some();
        if let Some(text) = text {
            self.say(Content::text(text));
        }
        said
    }

    /// Puts something on the list of those who come in the morning.
    pub fn open_ticket(&mut self, kind: &str, text: String, urgency: Urgency) {
        self.act(Action::OpenTicket { id: String::new(), kind: kind.to_owned(), text, urgency });
    }

    /// The order as it is after this event, in place of what was decided about it before.
    pub fn put_order(&mut self, order: Order) {
        let orders = &mut self.decision.orders;
        match orders.iter_mut().find(|it| it.shop == order.shop && it.id == order.id) {
            Some(known) => *known = order,
            None => orders.push(order),
        }
    }

    /// Where the platform takes fewer messages in answer than there are, the last ones become one.
    fn fit_budget(&mut self) {
        let allowed = self.decision.conversation.answering(self.view.now_ms);
        let Some(budget) = allowed.budget.map(usize::from).filter(|it| *it > 0) else { return };
        let budget = budget * usize::from(allowed.at_once.unwrap_or(1).max(1));
        let surplus = self.decision.replies().count().saturating_sub(budget);
        if surplus == 0 || !self.answers() {
            return;
        }
        let joined: Vec<_> = self.decision.replies().skip(budget - 1).map(Content::to_plain_text).collect();
        let mut seen = 0;
        self.decision.actions.retain_mut(|action| {
            let (Action::Reply { content } | Action::AskSatisfaction { content }) = action else { return true };
            seen += 1;
            if seen == budget {
                *content = Content::text(joined.join("\n\n"));
            }
            seen <= budget
        });
        let conversation = &mut self.decision.conversation;
        conversation.sent = conversation.sent.saturating_sub(u64::try_from(surplus).unwrap_or(0));
        self.note(Part::Limits, Finding::Joined { budget, messages: surplus + 1 });
    }
}
