//! What in a text speaks for a rule.

use std::ops::Range;

use super::{Meant, Rule};
use crate::engine::{
    little_words::says_nothing_beside,
    stance::{is_near, is_refused, is_stated, occurrences},
    text::Folded,
    vocabulary::{Heard, Hit, Vocabulary},
};

/// The words and patterns of a rule that count in a text, and where.
#[derive(Debug, Default, PartialEq)]
pub struct Evidence {
    /// Numbers of its keywords that were heard, in the rule's order.
    pub words: Vec<usize>,
    /// Numbers of its patterns that fit.
    pub patterns: Vec<usize>,
    /// Where, in order, without overlaps.
    pub spans: Vec<Range<usize>>,
    /// The clause that means what the rule is about.
    pub clause: Option<Range<usize>>,
}

impl Evidence {
    /// Bytes of the text that it stands on.
    pub fn covered(&self) -> usize {
        self.spans.iter().map(ExactSizeIterator::len).sum()
    }

    /// Where in the text it stands; nowhere, if the text as a whole means it.
    pub fn places(&self) -> Vec<Range<usize>> {
        if self.spans.is_empty() { self.clause.iter().cloned().collect() } else { self.spans.clone() }
    }

    fn add(&mut self, span: Range<usize>) {
        self.spans.push(span);
        self.spans.sort_unstable_by_key(|it| (it.start, it.end));
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(self.spans.len());
        for span in self.spans.drain(..) {
            match merged.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => merged.push(span),
            }
        }
        self.spans = merged;
    }
}

impl Rule {
    /// `None` where the rule does not fit.
    pub(super) fn evidence(
        &self,
        heard: &Heard,
        vocabulary: &Vocabulary,
        text: &Folded,
        meant: &[Meant<'_>],
    ) -> Option<Evidence> {
        let intents = self.settings.intent.as_slice();
        let meant = meant.iter().find(|it| intents.iter().any(|known| known == it.intent));
        if !intents.is_empty() && meant.is_none() && !self.settings.words_suffice {
            return None;
        }
        if self.none.iter().any(|it| heard.keyword(*it)) {
            return None;
        }
        let folded = text.as_str();
        if meant.is_some() && self.is_only_named(text.as_str()) {
            return None;
        }
        let mut evidence = Evidence { clause: meant.and_then(|it| it.clause.clone()), ..Evidence::default() };
        let said = |number: usize| heard.hits(number).iter().map(Hit::range).filter(|span| self.counts(folded, span));
        for number in &self.any {
            let before = evidence.spans.len();
            said(*number).for_each(|span| evidence.add(span));
            if evidence.spans.len() > before || said(*number).next().is_some() {
                evidence.words.push(*number);
            }
        }
        for number in self.patterns.iter().filter(|it| heard.pattern(**it)) {
            if let Some(span) = vocabulary.span(*number, text).filter(|span| self.counts(folded, span)) {
                evidence.add(span);
                evidence.patterns.push(*number);
            }
        }
        let means_it = self.settings.words_suffice && meant.is_some();
        let one = self.any.is_empty() && self.patterns.is_empty();
        if !(one || means_it) && evidence.words.is_empty() && evidence.patterns.is_empty() {
            return None;
        }
        for number in &self.all {
            said(*number).next()?;
            said(*number).for_each(|span| evidence.add(span));
            evidence.words.push(*number);
        }
        Some(evidence)
    }

    /// Whether the customer names it, and each time says that they do not want it.
    fn is_only_named(&self, folded: &str) -> bool {
        let spans = || self.names.iter().flat_map(|name| occurrences(folded, name));
        spans().next().is_some() && !spans().any(|span| self.counts(folded, &span))
    }

    /// Whether the customer means this word as the rule does.
    fn counts(&self, folded: &str, span: &Range<usize>) -> bool {
        !is_refused(folded, span)
            && (!self.settings.stated || is_stated(folded, span))
            && (!self.settings.alone || says_nothing_beside(folded, span))
            && (self.unless_near.is_empty() || !is_near(folded, span, &self.unless_near))
    }
}
