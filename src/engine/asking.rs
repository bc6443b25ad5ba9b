//! The clerk's own questions: what was asked, and whether a message answers it.

mod titles;

use super::{
    at_hand::AtHand,
    claims::is_asked_of_orders,
    entities::{Captured, Entities, count, looks_like_order, placeholder},
    intents::Verdict,
    question::{Question, SURELY},
    rules::{Match, Rule, Wanted, Wants},
    text::{fold, half_width},
    turn::Turn,
};
use crate::model::{Asked, Content, EntityKind, Finding, Source, Urgency};
use titles::Title;

/// The kind of ticket that keeps an answer where its rule names none.
const TICKET: &str = "answer";
/// The longest line that may be no more than an answer, in characters.
const BARE: usize = 12;
/// The longest name that is a word as likely, in characters.
const SHORT_NAME: usize = 2;
/// What is said to an answer that is kept, and to one that was none.
const TAKEN: &str = "answer-taken";
const AGAIN: &str = "ask-again";

impl Turn<'_> {
    /// Waits for the answer to what a rule just asked.
    pub(super) fn await_answer(&mut self, rule: &Rule) {
        let Some(ask) = &rule.settings.ask else { return };
        let until_ms = self.view.now_ms.saturating_add(ask.expires.as_ms());
        let captured = self.captured.clone();
        let rule = rule.id().to_owned();
        self.decision.conversation.asked = Some(Asked { rule, until_ms, again: false, captured });
    }

    /// Whether what was said answers the question. What hands over to people, or is urgent, goes before it.
    pub(super) fn take_answer(&mut self, asked: &Asked, question: &Question) -> bool {
        let playbook = self.playbook;
        let Some(rule) = playbook.rules.by_id(&asked.rule).filter(|_| self.view.now_ms < asked.until_ms) else {
            return false;
        };
        let last = question.said.lines().next_back().unwrap_or_default();
        let whole = self.title_in(rule, &question.said, question);
        let found = answer(&rule.wants, &question.said, &question.entities, whole.as_ref());
        let of_last = || {
            let title = self.title_in(rule, last, question);
            answer(&rule.wants, last, &question.entities, title.as_ref())
        };
        let Some(answer) = found.or_else(of_last) else { return false };
        // A guess at the meaning of a bare number is no call for help, nor is one at what is all that was asked for.
        let fits = whole.is_some_and(|it| it.alone) || (is_asked_of_orders(asked) && self.is_bare_claim(question));
        let surely =
            !fits && (question.meant.sureness() >= SURELY || (question.meant.urgent && last.chars().count() > BARE));
        let calls = |it: &Match<'_>| it.rule.is_alone() && (surely || !matches!(it.why, Finding::MeantIt));
        if self.matches(question).iter().any(calls) {
            return false;
        }
        let read = std::mem::replace(&mut self.captured, asked.captured.clone());
        self.captured.extend(read);
        self.captured.extend(answer);
        self.note(Source::rule(rule.id()), Finding::Answered);
        let then = rule.settings.ask.as_ref().and_then(|ask| ask.then.as_deref());
        match then.and_then(|id| playbook.rules.by_id(id)) {
            _ if self.tell_of_named_orders(question.folded()) => {}
            _ if self.answer_claim(question, asked) => {}
            Some(then) => self.follow(then, Finding::Answered, &question.said),
            None => {
                let kind = rule.settings.ticket.as_ref().map_or(TICKET, |it| it.kind.as_str());
                self.say_phrase(TAKEN, &AtHand { text: Some(&question.said), ..AtHand::default() });
                self.open_ticket(kind, question.said.clone(), Urgency::Normal);
            }
        }
        true
    }

    /// The title of an invoice in an answer to who asked for one.
    fn title_in(&self, rule: &Rule, said: &str, question: &Question) -> Option<Title> {
        let wants_title =
            |it: &Wants| matches!(it, Wants::Kind(Wanted::Invoice | Wanted::Entity(EntityKind::InvoiceTitle)));
        if !rule.wants.iter().any(wants_title) {
            return None;
        }
        let speaks = |title: &Title| {
            let sure = question.meant.sure().filter(|_| question.meant.sureness() >= SURELY);
            let meant = sure.is_some_and(|intent| !self.playbook.rules.is_small_talk(intent));
            // Nothing but Latin words, and nothing that calls them a name.
            let is_any_word = title.title.is_ascii()
                && said.trim().starts_with(&title.title)
                && (meant || (titles::is_in_small_letters(&title.title) && question.meant.verdict != Verdict::Miss));
            // Two characters are a word as likely as a name; what is sold is none.
            is_any_word
                || (meant && title.title.chars().count() <= SHORT_NAME)
                || self.playbook.catalogue.named_at(&question.utterance).is_some()
        };
        titles::title(said, &question.entities).filter(|it| !(it.guess && speaks(it)))
    }

    /// Asks once more, kindly, where what was said neither answers nor speaks of something else.
    pub(super) fn ask_again(&mut self, asked: Asked) -> bool {
        let playbook = self.playbook;
        let rule = playbook.rules.by_id(&asked.rule).filter(|_| self.view.now_ms < asked.until_ms && !asked.again);
        let Some(rule) = rule else { return false };
        let at_hand = AtHand::default();
        let text = match &rule.again {
            Some(words) => self.fill(words, rule.id(), &at_hand),
            None => self.phrase(AGAIN, &at_hand),
        };
        let Some(text) = text else { return false };
        self.note(Source::rule(rule.id()), Finding::AskedAgain);
        self.say(Content::text(text));
        self.decision.conversation.asked = Some(Asked { again: true, ..asked });
        true
    }
}

/// What a message holds of what is wanted, by name; `None` if nothing.
fn answer(wants: &[Wants], said: &str, entities: &Entities, title: Option<&Title>) -> Option<Captured> {
    let mut found = Captured::new();
    for wanted in wants {
        match wanted {
            Wants::Pattern(pattern) => found.extend(fitting(pattern, said)),
            Wants::Kind(Wanted::Text) => found.extend([("answer".to_owned(), said.trim().to_owned())]),
            Wants::Kind(Wanted::Invoice) => found.extend(invoice(entities, title)),
            Wants::Kind(Wanted::Entity(kind)) => {
                let name = placeholder(*kind);
                let title = title.filter(|_| *kind == EntityKind::InvoiceTitle).map(|it| it.title.clone());
                let read = entities.captured().remove(&name).or(title).or_else(|| bare(*kind, said));
                found.extend(read.map(|read| (name, read)));
            }
        }
    }
    if found.is_empty() {
        return None;
    }
    found.entry("answer".to_owned()).or_insert_with(|| said.trim().to_owned());
    Some(found)
}

/// What who was asked writes without saying what it is.
fn bare(kind: EntityKind, said: &str) -> Option<String> {
    let said = half_width(said);
    let said = said.trim();
    let digits: String = said.chars().filter(char::is_ascii_digit).collect();
    match kind {
        EntityKind::Order | EntityKind::Parcel => looks_like_order(said).then(|| said.to_owned()),
        EntityKind::PhoneTail => (digits.len() == 4 && said.chars().count() <= 10).then_some(digits),
        EntityKind::Phone => {
            let plain = said.chars().all(|it| it.is_ascii_digit() || matches!(it, ' ' | '-' | '+' | '(' | ')'));
            (plain && (6..=15).contains(&digits.len())).then_some(digits)
        }
        EntityKind::Quantity => count(said).map(|it| it.to_string()),
        _ => None,
    }
}

fn invoice(entities: &Entities, title: Option<&Title>) -> Captured {
    let mut found = entities.captured();
    found.retain(|name, _| matches!(name.as_str(), "invoice_title" | "tax_number" | "email"));
    if let Some(title) = title {
        found.entry("invoice_title".to_owned()).or_insert_with(|| title.title.clone());
    }
    if !(found.contains_key("invoice_title") || found.contains_key("tax_number")) {
        found.clear();
    }
    found
}

fn fitting(pattern: &regex::Regex, said: &str) -> Captured {
    let (written, folded) = (half_width(said), fold(said));
    let Some(captures) = pattern.captures(&written).or_else(|| pattern.captures(&folded)) else {
        return Captured::new();
    };
    let named = pattern.capture_names().flatten();
    let mut found: Captured =
        named.filter_map(|name| Some((name.to_owned(), captures.name(name)?.as_str().trim().to_owned()))).collect();
    let whole = captures.get(0).map_or("", |it| it.as_str().trim());
    found.entry("answer".to_owned()).or_insert_with(|| whole.to_owned());
    found
}
