//! What the customer means, where no words of a rule say it.

use std::rc::Rc;

use super::{
    at_hand::AtHand,
    intents::{Understanding, Verdict},
    rules::{BY_INTENT, Rule, TicketSettings},
    turn::Turn,
};
use crate::model::{Choice, Content, Finding, Part, Urgency};

impl Turn<'_> {
    /// What words most likely mean.
    pub(super) fn understand(&self, words: &str) -> Rc<Understanding> {
        self.utterance(words).meaning(&self.playbook.intents)
    }

    /// Takes down what was most likely meant; a button of ours says it outright.
    pub(super) fn meaning(&mut self, words: &str) -> Rc<Understanding> {
        let meant = match words.strip_prefix(BY_INTENT) {
            Some(id) => Rc::new(self.playbook.intents.chosen(id)),
            None => self.unless_goods(words, self.understand(words)),
        };
        let intents = meant.candidates.iter().map(|it| (it.intent.clone(), it.score)).collect();
        self.note(Part::Intents, Finding::Means { intents, urgent: meant.urgent });
        meant
    }

    /// Follows a rule; whoever waits for help hears that we are sorry and is at the top of the list, whichever it is.
    pub(super) fn follow_kindly(&mut self, rule: &Rule, why: Finding, said: &str, meant: &Understanding) {
        let urgent_itself = rule.settings.ticket.as_ref().is_some_and(|it| it.urgent);
        let worried = meant.urgent && !urgent_itself;
        if worried {
            self.told = self.is_heard_by("complaint");
            self.say_phrase("sorry", &AtHand { text: Some(said), told: self.told, ..AtHand::default() });
        }
        self.follow(rule, why, said);
        if worried {
            self.file(&urgent_ticket(rule.id()), said);
        }
    }

    /// Puts a fact that was said alone with the newest thing that waits for a colleague, if anything does.
    pub(super) fn add_to_ticket(&mut self, said: &str) -> bool {
        let Some(kind) = self.decision.conversation.tickets.last().map(|it| it.kind.clone()) else { return false };
        self.say_noted(said);
        self.open_ticket(&kind, said.to_owned(), Urgency::Normal);
        true
    }

    /// Asks which of several things was meant, or says that nothing was understood: never the same twice running, and
    /// never without somebody who will read it.
    pub(super) fn not_understood(&mut self, said: &str, meant: &Understanding, misses: u32, first: bool) {
        self.decision.conversation.misses = misses.saturating_add(1);
        let at_hand = AtHand { text: Some(said), ..AtHand::default() };
        if meant.urgent {
            self.note(Part::Fallback, Finding::NothingFits { welcomed: false });
            let phrase = if misses == 0 { "urgent-unclear" } else { "sorry" };
            self.say_phrase(phrase, &AtHand { told: self.is_heard_by("complaint"), ..at_hand });
            return self.file(&urgent_ticket("urgent"), said);
        }
        if let (Verdict::Unsure(intents), 0) = (&meant.verdict, misses)
            && self.ask_which(intents, said)
        {
            return;
        }
        let welcomed = first && misses == 0;
        self.note(Part::Fallback, Finding::NothingFits { welcomed });
        match misses {
            // The welcome stands, and it has the menu.
            0 if welcomed => {}
            0 => {
                if let Some(text) = self.phrase("fallback", &at_hand) {
                    self.say_with_main_menu(text);
                }
            }
            odd if odd % 2 == 1 => drop(self.say_phrase("fallback-again", &at_hand)),
            _ => drop(self.say_phrase("fallback-noted", &at_hand)),
        }
        if !(welcomed && self.open) {
            self.open_ticket("question", said.to_owned(), Urgency::Normal);
        }
    }

    /// Offers what may have been meant, and a person; whether there is anything to offer.
    fn ask_which(&mut self, intents: &[String], said: &str) -> bool {
        let language = self.language();
        let mut choices: Vec<Choice> = Vec::new();
        for intent in intents {
            let Some(label) = self.playbook.rules.label(intent) else { continue };
            let label = label.get(language).into_owned();
            if !choices.iter().any(|it| it.label == label) {
                choices.push(Choice { label, value: format!("{BY_INTENT}{intent}") });
            }
        }
        if choices.is_empty() {
            return false;
        }
        if let Some(label) = self.playbook.rules.label("person") {
            let label = label.get(language).into_owned();
            if !choices.iter().any(|it| it.label == label) {
                choices.push(Choice { label, value: format!("{BY_INTENT}person") });
            }
        }
        let Some(text) = self.phrase("which", &AtHand { text: Some(said), ..AtHand::default() }) else { return false };
        self.note(Part::Intents, Finding::AskedWhich { intents: intents.to_vec() });
        self.say(Content::Choices { text, choices });
        true
    }
}

fn urgent_ticket(kind: &str) -> TicketSettings {
    TicketSettings { kind: kind.to_owned(), urgent: true, ..TicketSettings::default() }
}
