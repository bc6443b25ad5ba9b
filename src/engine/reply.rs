//! What is answered to words that no plugin took: layer after layer, from the owner's own to what can always be said.

use std::{borrow::Cow, ops::Range, rc::Rc};

use super::{
    by_rule,
    entities::{Entities, only_identifies, says_order},
    intents::Understanding,
    lines::{asks, describes, is_hesitation, is_very_short},
    menu,
    question::{CERTAINLY, Question, SURELY},
    rules::{BY_ID, BY_INTENT, Circumstances, Match, Meant, Rule, clause_at, clauses},
    text::fold,
    turn::Turn,
    utterance::Utterance,
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
        let mut question = self.read(said, first);
        let asked = self.decision.conversation.asked.take();
        if (asked.is_some() || self.may_wait()) && is_hesitation(question.folded()) {
            // Who searches for words has not said anything yet.
            question.meant = Rc::default();
            question.parts.clear();
        }
        if asked.as_ref().is_some_and(|asked| self.take_answer(asked, &question)) {
            return;
        }
        if self.follow_choice(&question) {
            return;
        }
        if asked.is_some() && only_identifies(question.folded()) {
            let matches = self.matches(&question);
            if self.hear_of_details(&question, &matches) {
                // What was asked for is still missing.
                self.decision.conversation.asked = asked;
                return;
            }
        }
        if asked.is_some() && self.hear_of_the_trouble(&question, &self.matches(&question)) {
            // Nor does what is asked meanwhile answer it.
            self.decision.conversation.asked = asked;
            return;
        }
        if let Some(asked) = &asked
            && !self.speaks_of_something_else(&question)
        {
            if self.waits_for_more(&question) {
                self.decision.conversation.asked = Some(asked.clone());
                return;
            }
            if self.ask_again(asked.clone()) {
                return;
            }
        }
        if self.may_be_a_beginning(&question) && self.waits_for_more(&question) {
            self.decision.conversation.asked = asked;
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
        // Lines in which somebody searched for words mean nothing beside those that followed.
        let mut telling = Cow::Borrowed(said.as_str());
        if said.contains('\n') {
            let lines: Vec<_> = said.lines().filter(|line| !is_hesitation(&fold(line))).collect();
            telling = if lines.is_empty() { telling } else { lines.join("\n").into() };
        }
        let meant = self.meaning(&telling);
        let utterance = self.utterance(&said);
        let parts = self.parts(utterance.folded().as_str(), &meant);
        Question { utterance, said, entities, meant, parts, first }
    }

    /// What the clauses of a text mean. A clause that asks nothing says nothing by itself, unless the whole says it as well;
    /// and nobody is marked for what they may have said in passing.
    fn parts(&self, text: &str, meant: &Understanding) -> Vec<(String, Range<usize>)> {
        let clauses = clauses(text);
        // Where one clause has all the letters and the others are numbers, it means what the whole surely does.
        let has_letters =
            |it: &&Range<usize>| text.get(it.start..it.end).is_some_and(|it| it.contains(char::is_alphabetic));
        let mut with_letters = clauses.iter().filter(has_letters);
        let sure = meant.sure().filter(|_| meant.sureness() >= SURELY);
        if let (Some(only), None, Some(intent)) = (with_letters.next(), with_letters.next(), sure) {
            let part = (intent.to_owned(), only.clone());
            return if self.playbook.rules.is_small_talk(intent) { Vec::new() } else { vec![part] };
        }
        let of_clause = |clause: Range<usize>| {
            let words = text.get(clause.clone())?;
            let understood = self.playbook.intents.understand(words);
            let intent = understood.sure().filter(|_| understood.sureness() >= SURELY)?.to_owned();
            let whole = meant.sure() == Some(intent.as_str());
            let certainly = meant.score(&intent) >= CERTAINLY && understood.sureness() >= CERTAINLY;
            let calls = understood.urgent && meant.score(&intent) >= SURELY;
            let in_passing = (certainly || calls || asks(words)) && !self.playbook.rules.marks(&intent);
            ((whole || in_passing) && !self.playbook.rules.is_small_talk(&intent)).then_some((intent, clause))
        };
        let parts: Vec<_> = clauses.into_iter().filter_map(of_clause).collect();
        // What the whole means, and none of its clauses, is more than they say.
        let agrees = meant.sure().is_none_or(|whole| parts.iter().any(|(intent, _)| intent == whole));
        if agrees { parts } else { Vec::new() }
    }

    /// Whether rules, orders or products have something to say to it, and surely.
    pub(super) fn speaks_of_something_else(&self, question: &Question) -> bool {
        let surely = question.meant.sureness() >= SURELY;
        self.matches(question).iter().any(|it| surely || !matches!(it.why, Finding::MeantIt))
            || self.playbook.catalogue.named_at(&question.utterance).is_some()
            || self.is_bare_claim(question)
            || self.view.lookups.orders().iter().any(|it| says_order(question.folded(), &it.id))
    }

    /// Whether a line is so short that what it seems to mean may change with the next: nothing but its meaning speaks for
    /// an answer, and it does not surely call for help or for a person.
    fn may_be_a_beginning(&self, question: &Question) -> bool {
        // Most messages are longer: the rest is not asked of them.
        let line = question.last_line();
        if !is_very_short(&line) {
            return false;
        }
        let describes = describes(&line);
        let surely = question.meant.sureness() >= SURELY && !describes;
        let matches = self.matches(question);
        (question.meant.sureness() < CERTAINLY || describes)
            && !matches.is_empty()
            && matches.iter().all(|it| {
                let calls = surely && (it.rule.is_alone() || question.meant.urgent);
                matches!(it.why, Finding::MeantIt) && !calls && !it.rule.settings.small_talk
            })
            && self.playbook.catalogue.named_at(&question.utterance).is_none()
    }

    /// The layers, each asked where those before it have nothing to say.
    pub(super) fn answer(&mut self, question: &Question) -> Option<Answered> {
        let completed = self.completed(question);
        let question = completed.as_ref().unwrap_or(question);
        let matches = self.matches(question);
        if self.hear_of_details(question, &matches)
            || self.answer_bare_claim(question, &matches)
            || self.hear_of_a_photo(question, &matches)
            || self.hear_of_the_trouble(question, &matches)
            || self.hear_of_second_thoughts(question)
            || self.hear_more_of_it(question, &matches)
            || self.hear_a_choice(question, &matches)
            || self.hear_of_a_budget(question, &matches)
            || self.hear_when_it_is_back(question, &matches)
        {
            self.decision.conversation.misses = 0;
            return Some(Answered::Question);
        }
        let (small_talk, rules): (Vec<_>, Vec<_>) = matches.into_iter().partition(|it| it.rule.settings.small_talk);
        if self.answer_by_rules(rules, question) {
            self.decision.conversation.misses = 0;
            return Some(Answered::Question);
        }
        // Who waits for help is told neither of products nor of what they know.
        let known = !question.meant.urgent
            && (self.tell_of_named_orders(question.folded())
                || self.tell_of_an_order_they_claim(&question.said)
                || self.tell_of_products(&question.utterance, &question.said));
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
        let folded = question.folded();
        let clause = |(intent, clause): &'_ (String, Range<usize>)| (intent.clone(), clause.clone());
        let parts: Vec<_> = question.parts.iter().map(clause).collect();
        let whole = question.meant.sure().filter(|whole| parts.iter().all(|(intent, _)| intent != whole));
        let whole = whole.map(|intent| Meant { intent, clause: None });
        let parts = parts.iter().map(|(intent, clause)| Meant { intent, clause: Some(clause.clone()) });
        let meant: Vec<_> = whole.into_iter().chain(parts).collect();
        self.playbook.rules.find(&question.utterance, &meant, |rule| self.permits(rule, folded, question.first))
    }

    fn answer_by_rules(&mut self, rules: Vec<Match<'a>>, question: &Question) -> bool {
        if rules.is_empty() {
            return false;
        }
        let mut product = self.product_beside(&rules, &question.utterance);
        for (number, found) in rules.into_iter().enumerate() {
            let begins = found.spans.first().map_or(0, |it| it.start);
            if product.take_if(|at| *at < begins).is_some() {
                self.tell_of_products(&question.utterance, &question.said);
            }
            self.captured.extend(found.captured);
            if number == 0 {
                self.follow_kindly(found.rule, found.why, &question.said, &question.meant);
            } else {
                self.follow(found.rule, found.why, &question.said);
            }
        }
        if product.is_some() {
            self.tell_of_products(&question.utterance, &question.said);
        }
        true
    }

    /// Where a product is asked about beside what the rules answer: in a clause of its own, which asks something. What
    /// is said about a product goes before its name.
    fn product_beside(&self, rules: &[Match<'_>], utterance: &Utterance) -> Option<usize> {
        let told = |it: &Match<'_>| it.rule.is_alone() || it.rule.settings.answer.is_some() || it.rule.settings.goes_on;
        if rules.iter().any(told) {
            return None;
        }
        if rules.iter().any(|it| it.spans.is_empty()) {
            return None;
        }
        let text = utterance.folded().as_str();
        let named = self.playbook.catalogue.named_at(utterance)?;
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
        let chosen = menu::choose(&conversation.menu, &question.said, question.folded()).filter(|_| fresh).cloned();
        if let Some(choice) = &chosen {
            self.chose = true;
            self.decision.conversation.misses = 0;
            self.note(Part::Menu, Finding::Chose { label: choice.label.clone() });
        }
        let value = chosen.as_ref().map_or(question.said.as_str(), |choice| choice.value.as_str());
        let playbook = self.playbook;
        if let Some(rule) = value.strip_prefix(BY_ID).and_then(|id| playbook.rules.by_id(id))
            && self.permits(rule, question.folded(), question.first)
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
        if self.hear_what_nobody_knows(question) {
            return;
        }
        let misses = self.decision.conversation.misses;
        self.not_understood(&question.said, &question.meant, misses, question.first);
    }
}
