//! The forms in which facts are written, each with what no text of it is without.

use std::sync::LazyLock;

use regex::{Captures, Regex, RegexBuilder};

use super::cues::{Cue, Cues};

/// A pattern, compiled once a text comes that may have it.
pub struct Form {
    pub pattern: LazyLock<Regex>,
    pub may_be_in: fn(&Reading) -> bool,
}

impl Form {
    /// `pattern` as [`pattern`] makes it; `may_be_in`: whether a text has what no text of this form is without.
    pub const fn new(pattern: fn() -> Regex, may_be_in: fn(&Reading) -> bool) -> Self {
        Self { pattern: LazyLock::new(pattern), may_be_in }
    }
}

/// Of a source that a test compiles; case does not matter.
pub fn pattern(source: &str) -> Regex {
    let built = RegexBuilder::new(source).case_insensitive(true).build();
    built.unwrap_or_else(|error| unreachable!("{error}"))
}

/// A text in half width, and which forms it may have.
pub struct Reading<'t> {
    pub text: &'t str,
    pub cues: Cues,
}

impl<'t> Reading<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, cues: Cues::of(text) }
    }

    pub fn first(&self, form: &Form) -> Option<Captures<'t>> {
        self.first_from(form, 0)
    }

    pub fn first_from(&self, form: &Form, from: usize) -> Option<Captures<'t>> {
        if (form.may_be_in)(self) { form.pattern.captures_at(self.text, from) } else { None }
    }

    pub fn all(&self, form: &'static Form) -> impl Iterator<Item = Captures<'t>> + use<'t> {
        let found = (form.may_be_in)(self).then(|| form.pattern.captures_iter(self.text));
        found.into_iter().flatten()
    }

    /// Whether something may be counted. English articles count too, and are everywhere.
    pub fn may_count(&self) -> bool {
        let articles = ["a ", "an ", "A "];
        self.cues.digits > 0 || self.cues.has(Cue::Count) || articles.iter().any(|it| self.text.contains(it))
    }
}
