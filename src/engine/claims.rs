//! An order that nobody knows to be this customer's: its status is told to who says its number and the last four digits
//! of the phone it was ordered with, since who ordered it knows both.
//!
//! Whether the number was wrong, or the digits, or somebody tried too often, is not told: the same is said each time, and
//! a person finds it on the list. Nor does the order become this customer's: what is told of it unasked goes where it went.

mod bare;

use std::collections::BTreeSet;

use super::{
    at_hand::AtHand,
    entities::{Captured, Entities, looks_like_order, only_identifies, says_order},
    follow_ups::are_guesses,
    question::Question,
    rules::{Match, ORDER_NUMBER, ORDER_TAIL, ORDER_TAKEN, ORDER_UNKNOWN},
    text::{fold, half_width},
    turn::Turn,
};
use crate::model::{Asked, ClaimFinding, Finding, Order, Part, Urgency};

/// How often within a day somebody may be wrong, in one conversation and about one order, before no claim is looked at.
const TRIES: usize = 5;
const DAY_MS: i64 = 24 * 3_600_000;
const DIGITS: usize = 4;
/// The longest sentence that is made of them, in characters.
const SENTENCE: usize = 12;
/// As many digits as a whole phone number has at least.
const PHONE_DIGITS: usize = 7;
/// Whoever means this is answered by the rule for it, which tells of orders as well.
const ASKS_FOR_ORDER: &str = "where-is-order";
/// What the store put on the list for a claim.
const TICKET: &str = "order";

/// What somebody says of an order, as far as they said it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Claim {
    number: Option<String>,
    tail: Option<String>,
    /// The digits stand beside the number, and nothing says that they are a phone's.
    bare: bool,
}

impl Claim {
    /// What was said outright, or cannot be anything else.
    pub fn said(folded: &str, entities: &Entities) -> Self {
        let claim = Self::labelled(entities);
        let (Some(number), None) = (&claim.number, &claim.tail) else { return claim };
        let tail = bare::tail(folded, number);
        Self { bare: tail.is_some(), tail, ..claim }
    }

    fn labelled(entities: &Entities) -> Self {
        let tail = entities.phone_tails.first().cloned().or_else(|| last_digits(entities.phones.first()?));
        Self { number: entities.orders.first().cloned(), tail, bare: false }
    }

    /// What was said by who was asked for it, who need not say which is which. `earlier`: what they said before.
    fn answered(said: &str, entities: &Entities, earlier: &Captured) -> Self {
        let mut claim = Self::labelled(entities);
        let (number, tail) = (earlier.get("order").cloned(), earlier.get("phone_tail").cloned());
        let before = Self { number, tail, bare: false };
        let said = half_width(said);
        let read = claim.clone();
        let taken = |run: &str| {
            read.number.as_deref().is_some_and(|it| it.contains(run))
                || (read.tail.is_some() && last_digits(run) == read.tail)
                || entities.phones.iter().any(|it| it.contains(run))
                || entities.parcels.contains(&run.to_uppercase())
        };
        let parts =
            || said.split([' ', ',', '，', '、', ';', '\n', '。', '.']).map(str::trim).filter(|it| !it.is_empty());
        let mut bare: Vec<&str> =
            parts().filter(|it| it.chars().any(|it| it.is_ascii_digit()) && looks_like_order(it)).collect();
        bare.retain(|it| !taken(it));
        match (bare.as_slice(), &before) {
            // 8000です: the digits that were asked for, in a sentence.
            ([], Self { number: Some(_), tail: None, .. })
                if claim.tail.is_none() && said.chars().count() <= SENTENCE =>
            {
                claim.tail = last_digits(&said);
            }
            ([], _) => {}
            // The digits that were asked for.
            ([one], Self { number: Some(_), tail: None, .. }) if claim.number.is_none() || is_tail(one) => {
                claim.tail = claim.tail.or_else(|| last_digits(one));
            }
            ([one], _) if claim.number.is_none() => claim.number = Some((*one).to_owned()),
            ([one], _) => claim.tail = claim.tail.or_else(|| last_digits(one)),
            ([one, other, ..], _) => {
                // A number of another length than the digits asked for can be told from them.
                let (number, tail) = if is_tail(one) && !is_tail(other) { (other, one) } else { (one, other) };
                claim.number = claim.number.or_else(|| Some((*number).to_owned()));
                claim.tail = claim.tail.or_else(|| last_digits(tail));
            }
        }
        Self { number: claim.number.or(before.number), tail: claim.tail.or(before.tail), bare: false }
    }

    fn captured(&self) -> Captured {
        let named = [("order", &self.number), ("phone_tail", &self.tail)];
        named.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it.clone()?))).collect()
    }

    /// The number and the digits, where both were said; either way round, where both could be either.
    fn pairs(&self) -> Vec<(&str, &str)> {
        let (Some(number), Some(tail)) = (&self.number, &self.tail) else { return Vec::new() };
        let mut pairs = vec![(number.as_str(), tail.as_str())];
        if is_tail(number) && number != tail {
            pairs.push((tail, number));
        }
        pairs
    }

    pub fn is_whole(&self) -> bool {
        self.number.is_some() && self.tail.is_some()
    }

    /// Whether the digits may as well be a year: they count where they are right, and were not said where they are not.
    pub fn may_be_a_year(&self) -> bool {
        self.bare && self.tail.as_deref().is_some_and(bare::is_year)
    }

    /// Whether a folded text says nothing beside it.
    fn is_all_of(&self, folded: &str) -> bool {
        matches!((&self.number, &self.tail), (Some(number), Some(tail)) if bare::is_all(folded, number, tail))
    }
}

/// Whether the clerk asked for what a claim is made of.
pub(super) fn is_asked_of_orders(asked: &Asked) -> bool {
    [ORDER_UNKNOWN, ORDER_TAIL, ORDER_NUMBER].contains(&asked.rule.as_str())
}

fn is_tail(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|it| it.is_ascii_digit())
}

/// The last digits of a phone number, or what is no more than those.
fn last_digits(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let whole = digits.len() >= PHONE_DIGITS || digits.len() == DIGITS;
    whole.then(|| digits.get(digits.len() - DIGITS..).map(str::to_owned)).flatten()
}

/// What of the last day is still counted.
fn is_recent(at_ms: i64, now_ms: i64) -> bool {
    now_ms.saturating_sub(at_ms) < DAY_MS
}

fn has_tried_too_often(tries_ms: &[i64], now_ms: i64) -> bool {
    tries_ms.iter().filter(|at| is_recent(**at, now_ms)).count() >= TRIES
}

fn note_try(tries_ms: &mut Vec<i64>, now_ms: i64) {
    tries_ms.retain(|at| is_recent(*at, now_ms));
    tries_ms.push(now_ms);
}

/// What a claim comes to: the orders it fits, and those about which somebody was wrong.
fn judge(claim: &Claim, numbered: &dyn Fn(&str) -> Vec<Order>, now_ms: i64) -> (Vec<Order>, Vec<Order>) {
    let (mut fitting, mut missed) = (Vec::new(), Vec::new());
    for (number, tail) in claim.pairs() {
        for order in numbered(number) {
            let known = order.phone_tail.as_deref();
            if !says_order(&fold(number), &order.id) || has_tried_too_often(&order.claims_ms, now_ms) {
                continue;
            }
            match known {
                Some(known) if known == tail => fitting.push(order),
                Some(_) => missed.push(order),
                // Of an order without a phone nobody can be right.
                None => {}
            }
        }
    }
    (fitting, missed)
}

/// What may be told to who knows no more than that: not where to pay, which may show who pays.
fn told_to_a_stranger(order: Order) -> Order {
    Order { payment_url: None, remarks: Vec::new(), customer_name: None, ..order }
}

impl Turn<'_> {
    /// Takes what was said for a claim, where the clerk asked for one; whether that was an answer to it.
    pub(super) fn answer_claim(&mut self, question: &Question, asked: &Asked) -> bool {
        if !is_asked_of_orders(asked) {
            return false;
        }
        let claim = Claim::answered(&question.said, &question.entities, &asked.captured);
        if claim.is_whole() {
            // What each of the numbers was is known now.
            for guessed in ["parcel", "phone", "phone_tail", "order"] {
                self.captured.remove(guessed);
            }
            self.captured.extend(claim.captured());
            return self.tell_of_claimed(&claim);
        }
        self.ask_for_the_rest(&claim, &question.said, true)
    }

    /// Whether somebody says number and phone of an order, and else nothing that says anything.
    pub(super) fn is_bare_claim(&self, question: &Question) -> bool {
        !question.entities.orders.is_empty()
            && Claim::said(question.folded(), &question.entities).is_all_of(question.folded())
            && self.playbook.catalogue.named_at(&question.utterance).is_none()
    }

    /// Answers who says no more than that, or one half of it, whatever numbers may seem to mean: a guess at it is no
    /// complaint.
    pub(super) fn answer_bare_claim(&mut self, question: &Question, matches: &[Match<'_>]) -> bool {
        if !are_guesses(matches) || question.meant.sure() == Some(ASKS_FOR_ORDER) {
            return false;
        }
        if !self.is_bare_claim(question) {
            return self.answer_half_a_claim(question);
        }
        // Who gave it for what waits already was heard: the others ask how it stands.
        self.tell_of_named_orders(question.folded()) || self.tell_of_claim_in(&question.said)
    }

    /// Asks who says nothing but an order's number for the digits, as who asks where it is.
    fn answer_half_a_claim(&mut self, question: &Question) -> bool {
        let numbered = !question.entities.orders.is_empty() && only_identifies(question.folded());
        if !numbered || self.playbook.catalogue.named_at(&question.utterance).is_some() {
            return false;
        }
        let claim = Claim::said(question.folded(), &question.entities);
        self.tell_of_named_orders(question.folded()) || self.ask_for_the_rest(&claim, &question.said, true)
    }

    fn waits_for_something_else(&self) -> bool {
        self.decision.conversation.tickets.last().is_some_and(|it| it.kind != TICKET)
    }

    /// Answers who says number and phone, and waits for nothing else.
    pub(super) fn tell_of_an_order_they_claim(&mut self, said: &str) -> bool {
        !self.waits_for_something_else() && self.tell_of_claim_in(said)
    }

    fn tell_of_claim_in(&mut self, said: &str) -> bool {
        let Some(claim) = self.claim_in(said).filter(Claim::is_whole) else { return false };
        match claim.bare {
            // Two numbers in a sentence about something else are no claim.
            true if !claim.is_all_of(&fold(said)) => false,
            true if claim.may_be_a_year() => self.tell_of_claimed(&claim),
            _ => self.take_claim(&claim, said, true),
        }
    }

    /// Answers a claim that was made unasked: an order that is told of, or a question for what is missing. `keep`: who is
    /// told nothing is on the list.
    pub(super) fn take_claim(&mut self, claim: &Claim, said: &str, keep: bool) -> bool {
        if !claim.is_whole() {
            return self.ask_for_the_rest(claim, said, keep);
        }
        if self.tell_of_claimed(claim) {
            return true;
        }
        if claim.may_be_a_year() {
            return self.ask_for_the_rest(&Claim { tail: None, ..claim.clone() }, said, keep);
        }
        self.captured.extend(claim.captured());
        let Some(rule) = self.playbook.rules.by_id(ORDER_TAKEN) else { return false };
        match keep {
            true => self.follow(rule, Finding::Answered, said),
            false => self.say_rule(rule, said),
        }
        true
    }

    /// Tells the status of the orders that a claim fits; whether there are any.
    fn tell_of_claimed(&mut self, claim: &Claim) -> bool {
        let now_ms = self.view.now_ms;
        if has_tried_too_often(&self.decision.conversation.claims_ms, now_ms) {
            self.note(Part::Orders, Finding::Claimed { what: ClaimFinding::TooOften });
            return false;
        }
        let lookups = self.view.lookups;
        let (fitting, missed) = judge(claim, &|number| lookups.orders_numbered(number), now_ms);
        if fitting.is_empty() {
            self.note(Part::Orders, Finding::Claimed { what: ClaimFinding::Wrong { orders: missed.len() } });
            note_try(&mut self.decision.conversation.claims_ms, now_ms);
            for mut order in missed {
                note_try(&mut order.claims_ms, now_ms);
                self.put_order(order);
            }
            return false;
        }
        let ids: BTreeSet<_> = fitting.iter().map(|it| it.id.clone()).collect();
        let what = ClaimFinding::Right { orders: ids.into_iter().collect() };
        self.note(Part::Orders, Finding::Claimed { what });
        let told: Vec<_> = fitting.into_iter().map(told_to_a_stranger).collect();
        self.say_phrase("order-status", &AtHand { orders: told.iter().collect(), ..AtHand::default() })
    }

    /// Asks for the other half, whether or not there is such an order.
    fn ask_for_the_rest(&mut self, claim: &Claim, said: &str, keep: bool) -> bool {
        let id = match (&claim.number, &claim.tail) {
            (Some(_), None) => ORDER_TAIL,
            (None, Some(_)) => ORDER_NUMBER,
            _ => return false,
        };
        let Some(rule) = self.playbook.rules.by_id(id) else { return false };
        self.captured = claim.captured();
        self.say_rule(rule, said);
        self.await_answer(rule);
        if keep {
            self.open_ticket(TICKET, said.to_owned(), Urgency::Normal);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(number: &str, tail: &str) -> Claim {
        let some = |it: &str| (!it.is_empty()).then(|| it.to_owned());
        Claim { number: some(number), tail: some(tail), bare: false }
    }

    fn answered(said: &str, earlier: &Claim) -> Claim {
        let today = jiff::civil::date(2026, 11, 24);
        Claim::answered(said, &Entities::read(said, today), &earlier.captured())
    }

    #[test]
    fn number_and_phone_are_told_apart_however_they_are_given() {
        for said in [
            "1001 8000",
            "1001，8000",
            "订单号1001，手机尾号8000",
            "尾号8000 订单1001",
            "#1001, phone ending in 8000",
            "order 1001, last four digits 8000",
            "订单1001 13800138000",
            "１００１　８０００",
        ] {
            let read = answered(said, &Claim::default());
            let digits = read.number.as_deref().map(|it| it.trim_start_matches('#'));
            assert_eq!((digits, read.tail.as_deref()), (Some("1001"), Some("8000")), "{said}");
        }
        assert_eq!(answered("SO-2026-0001 8000", &Claim::default()), claim("SO-2026-0001", "8000"));
        assert_eq!(answered("8000 20260001", &Claim::default()), claim("20260001", "8000"), "the shorter is the tail");
    }

    #[test]
    fn what_was_missing_completes_what_was_said_before() {
        let number = claim("1001", "");
        for said in ["8000", "尾号8000", "13800138000", "8000。", "+86 138 0013 8000"] {
            assert_eq!(answered(said, &number), claim("1001", "8000"), "{said}");
        }
        let tail = claim("", "8000");
        for said in ["1001", "订单1001", "1001！"] {
            assert_eq!(answered(said.trim_end_matches('！'), &tail).tail.as_deref(), Some("8000"), "{said}");
            assert!(answered(said.trim_end_matches('！'), &tail).is_whole(), "{said}");
        }
        assert_eq!(answered("嗯嗯", &number), number);
    }

    #[test]
    fn four_digits_may_be_either() {
        assert_eq!(claim("8000", "1001").pairs(), [("8000", "1001"), ("1001", "8000")]);
        assert_eq!(claim("A1001", "8000").pairs(), [("A1001", "8000")]);
        assert_eq!(claim("1001", "").pairs(), []);
    }

    #[test]
    fn a_phone_is_known_by_its_last_four_digits() {
        assert_eq!(last_digits("+86 138-0013-8000").as_deref(), Some("8000"));
        assert_eq!(last_digits("8000").as_deref(), Some("8000"));
        assert_eq!(last_digits("80000"), None, "neither four digits nor a phone");
    }
}
