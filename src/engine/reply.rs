//! What is answered to words that no plugin took: layer after layer, from the owner's own to what can always be said.

use super::{
    by_rule,
    entities::{Entities, says_order},
    intents::Understanding,
    menu,
    rules::{BY_ID, BY_INTENT, Circumstances, Match, Rule, clause_at},
    text::Folded,
    turn::Turn,
};
use crate::model::{Finding, Order, Part, Source};

/// How long a menu can be chosen from by number or label.
const MENU_MS: i64 = 60 * 60_000;
/// Signs in a clause that something is asked about the product in it.
const ASKING: [&str; 17] = [
    "?",
    "吗",
    "么",
    "有",
    "多少",
    "怎么样",
    "几",
    "如何",
    "想买",
    "要",
    "how",
    "do you",
    "is there",
    "any",
    "have",
    "want",
    "price",
];

/// What a customer said, read once for all layers.
pub(super) struct Question {
    pub said: String,
    pub folded: Folded,
    pub entities: Entities,
    /// What was most likely meant.
    pub meant: Understanding,
    /// Whether the welcome went before.
    pub first: bool,
}

/// What a message got its answer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answered {
    Question,
    /// Greetings and thanks, which change no subject.
    SmallTalk,
}

impl<'a> Turn<'a> {
    /// `first`: the welcome went before.
    pub(super) fn reply_to(&mut self, said: &str, first: bool) {
        let (said, first) = self.with_earlier_lines(said, first);
        let question = self.read(said, first);
        let asked = self.decision.conversation.asked.take();
        if asked.as_ref().is_some_and(|asked| self.take_answer(asked, &question)) {
            return;
        }
        if self.follow_choice(&question) {
            return;
        }
        match self.answer(&question) {
            Some(Answered::Question) => return,
            Some(Answered::SmallTalk) => {
                // Thanks in between are no other subject: the question still waits.
                self.decision.conversation.asked = asked;
                return;
            }
            None => {}
        }
        if asked.is_some_and(|asked| self.ask_again(asked)) {
            return;
        }
        let facts = !question.entities.kinds().is_empty() && !question.meant.urgent;
        if facts && self.add_to_ticket(&question.said) {
            self.decision.conversation.misses = 0;
            return;
        }
        if self.waits_for_more(&question) {
            return;
        }
        self.fall_back(&question);
    }

    pub(super) fn read(&mut self, said: String, first: bool) -> Question {
        let entities = Entities::read(&said, self.playbook.schedule.today(self.view.now_ms));
        let kinds = entities.kinds();
        if !kinds.is_empty() {
            self.note(Part::Entities, Finding::Read { kinds });
        }
        self.captured.extend(entities.captured());
        let meant = self.meaning(&said);
        Question { folded: Folded::new(&said), said, entities, meant, first }
    }

    /// The layers, each asked where those before it have nothing to say.
    pub(super) fn answer(&mut self, question: &Question) -> Option<Answered> {
        let matches = self.matches(question);
        let (small_talk, rules): (Vec<_>, Vec<_>) = matches.into_iter().partition(|it| it.rule.settings.small_talk);
        if self.answer_by_rules(rules, question) {
            self.decision.conversation.misses = 0;
            return Some(Answered::Question);
        }
        // Who waits for help is told neither of products nor of what they know.
        let known = !question.meant.urgent
            && (self.tell_of_named_orders(question.folded.as_str())
                || self.tell_of_products(&question.folded, &question.said));
        if known {
            return Some(Answered::Question);
        }
        let talked = self.make_small_talk(small_talk, question);
        if talked {
            self.decision.conversation.misses = 0;
        }
        talked.then_some(Answered::SmallTalk)
    }

    /// The rules that answer what was said, of those that may answer here and now.
    pub(super) fn matches(&self, question: &Question) -> Vec<Match<'a>> {
        let folded = question.folded.as_str();
        let intent = question.meant.sure();
        self.playbook
            .rules
            .find(&question.folded, &question.said, intent, |rule| self.permits(rule, folded, question.first))
    }

    fn answer_by_rules(&mut self, rules: Vec<Match<'a>>, question: &Question) -> bool {
        if rules.is_empty() {
            return false;
        }
        let mut product = self.product_beside(&rules, &question.folded);
        for (number, found) in rules.into_iter().enumerate() {
            let begins = found.spans.first().map_or(0, |it| it.start);
            if product.take_if(|at| *at < begins).is_some() {
                self.tell_of_products(&question.folded, &question.said);
            }
            self.captured.extend(found.captured);
            if number == 0 {
                self.follow_kindly(found.rule, found.why, &question.said, &question.meant);
            } else {
                self.follow(found.rule, found.why, &question.said);
            }
        }
        if product.is_some() {
            self.tell_of_products(&question.folded, &question.said);
        }
        true
    }

    /// Where a product is asked about beside what the rules answer: in a clause of its own, which asks something. What
    /// is said about a product goes before its name.
    fn product_beside(&self, rules: &[Match<'_>], folded: &Folded) -> Option<usize> {
        let told = |it: &Match<'_>| it.rule.is_alone() || it.rule.settings.answer.is_some() || it.rule.settings.goes_on;
        if rules.iter().any(told) {
            return None;
        }
        let text = folded.as_str();
        let named = self.playbook.catalogue.named_at(folded)?;
        let clause = clause_at(text, named.start);
        let apart = rules.iter().flat_map(|it| &it.spans).all(|it| clause_at(text, it.start) != clause);
        let asks = text.get(clause).is_some_and(|clause| ASKING.iter().any(|sign| clause.contains(sign)));
        (apart && asks).then_some(named.start)
    }

    fn make_small_talk(&mut self, rules: Vec<Match<'a>>, question: &Question) -> bool {
        let Some(found) = rules.into_iter().next() else { return false };
        if question.first && found.rule.settings.main_menu {
            // The welcome has greeted, and offered the menu.
            self.note(Source::rule(found.rule.id()), Finding::WelcomeSufficed);
        } else {
            self.follow_kindly(found.rule, found.why, &question.said, &question.meant);
        }
        true
    }

    /// Follows the choice of the last menu that a message picks, or the rule that a button asks for.
    fn follow_choice(&mut self, question: &Question) -> bool {
        let conversation = &self.decision.conversation;
        let fresh = conversation.menu_ms.is_some_and(|at| self.view.now_ms.saturating_sub(at) < MENU_MS);
        let chosen = menu::choose(&conversation.menu, &question.said).filter(|_| fresh).cloned();
        if let Some(choice) = &chosen {
            self.chose = true;
            self.decision.conversation.misses = 0;
            self.note(Part::Menu, Finding::Chose { label: choice.label.clone() });
        }
        let value = chosen.as_ref().map_or(question.said.as_str(), |choice| choice.value.as_str());
        let playbook = self.playbook;
        if let Some(rule) = value.strip_prefix(BY_ID).and_then(|id| playbook.rules.by_id(id))
            && self.permits(rule, question.folded.as_str(), question.first)
        {
            let label = chosen.as_ref().map_or(rule.id(), |choice| choice.label.as_str());
            self.follow(rule, Finding::AskedByMenu, label);
            return true;
        }
        let Some(choice) = chosen else { return false };
        let mut meant = self.read(choice.value, question.first);
        if meant.said.starts_with(BY_INTENT) {
            meant.said = choice.label;
        }
        if self.answer(&meant).is_none() {
            self.fall_back(&meant);
        }
        true
    }

    /// Whether a rule may answer here and now.
    pub(super) fn permits(&self, rule: &Rule, folded: &str, first: bool) -> bool {
        let answered = self.decision.conversation.answered_ms.get(&by_rule(rule.id()));
        let rested = answered.is_none_or(|at| !rule.rests(self.view.now_ms.saturating_sub(*at)));
        let conversation = &self.decision.conversation;
        let here = Circumstances {
            open: self.open,
            channel: &self.event.address.channel,
            language: self.language().tag(),
            first: first || conversation.received <= 1,
            tags: &conversation.tags,
            orders: &|| self.view.lookups.orders(),
            named: &|order: &Order| says_order(folded, &order.id),
            now_ms: self.view.now_ms,
            wall: self.playbook.schedule.wall(self.view.now_ms),
        };
        rested && rule.holds(&here)
    }

    /// What nothing answers.
    pub(super) fn fall_back(&mut self, question: &Question) {
        let misses = self.decision.conversation.misses;
        self.not_understood(&question.said, &question.meant, misses, question.first);
    }
}
