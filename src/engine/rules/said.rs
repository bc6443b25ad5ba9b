//! What a rule says: its words, its further messages, its notice, and the question it asks.

use regex::RegexBuilder;

use super::{
    AskSettings, FILE, MoreSettings, NotifySettings, RuleSettings, Wanted, Wants,
    compiler::{Compiler, at},
};
use crate::{
    engine::{
        phrases::{Wording, Words},
        text::fold_pattern,
    },
    setting::{PathStep, hint},
};

/// Pauses between the messages of a rule are at most so long: they hold back the answer to what is written meanwhile.
const LONGEST_PAUSE_MS: i64 = 30_000;
pub const PATTERN_HINT: &str = "see https://docs.rs/regex for what can be written; single quotes keep backslashes";
pub const SLASHES_HINT: &str = "write what is between them; upper and lower case are the same anyway";

impl Compiler<'_> {
    pub fn words(&mut self, path: &[PathStep], text: &Wording) -> Words {
        match self.with_order {
            true => self.phrases.words_on_an_order(FILE, path, text, self.problems),
            false => self.phrases.words(FILE, path, text, self.problems),
        }
    }

    /// The words of a phrase that is named, or of a text that is given.
    pub fn wording(
        &mut self,
        phrase_path: &[PathStep],
        text_path: &[PathStep],
        phrase: &Option<String>,
        text: &Option<Wording>,
    ) -> Option<Words> {
        if let (Some(_), Some(_)) = (phrase, text) {
            self.wrong(text_path.to_vec(), "there is a phrase already", "keep either `phrase` or `text`");
        }
        if let Some(name) = phrase {
            self.used_phrases.insert(name.clone());
            let words = self.phrases.get(name).cloned();
            if words.is_none() {
                let hint = hint(name, self.phrases.names());
                self.wrong(phrase_path.to_vec(), format!("there is no phrase `{name}`"), hint);
            }
            return words;
        }
        let text = text.as_ref()?;
        Some(self.words(text_path, text))
    }

    pub fn notice(&mut self, path: &[PathStep], settings: &NotifySettings) -> Option<Words> {
        let at = |key: &str| [&at(path, "notify")[..], &[key.into()]].concat();
        self.check_member(at("to"), &settings.to);
        self.check_reach(at("to"), &settings.to);
        if settings.phrase.is_none() && settings.text.is_none() {
            self.wrong(at("to"), "nothing is said", "add `text` or `phrase`");
        }
        self.wording(&at("phrase"), &at("text"), &settings.phrase, &settings.text)
    }

    /// One more message: its words, if it has any.
    pub fn more(&mut self, path: &[PathStep], index: usize, more: &MoreSettings) -> Option<Words> {
        let path = [&at(path, "more")[..], &[index.into()]].concat();
        self.check_addresses(&path, more.link.as_deref(), more.image.as_ref(), more.file.as_ref());
        if more.pause.is_some_and(|pause| pause.as_ms() > LONGEST_PAUSE_MS) {
            let hint = "write 30 seconds at most; for what is to be said later, write a plugin that sets a timer";
            self.wrong(at(&path, "pause"), "the customer would wait for an answer as long", hint);
        }
        let says = MoreSettings { pause: None, ..more.clone() } != MoreSettings::default();
        if !says {
            self.wrong(path.clone(), "it says nothing", "add `text`, `link`, `image` or `file`");
        }
        more.text.as_ref().map(|text| self.words(&at(&path, "text"), text))
    }

    pub fn ask(&mut self, path: &[PathStep], ask: &AskSettings, rule: &RuleSettings) -> (Vec<Wants>, Option<Words>) {
        let at = |key: &str| [&at(path, "ask")[..], &[key.into()]].concat();
        let mut wants = Vec::new();
        for name in ask.wanted.as_slice() {
            match Wanted::named(name) {
                Some(wanted) => wants.push(Wants::Kind(wanted)),
                None => {
                    let hint = hint(name, Wanted::names());
                    self.wrong(at("for"), format!("nothing of the kind `{name}` can be asked for"), hint);
                }
            }
        }
        if let Some(pattern) = ask.pattern.as_ref().filter(|it| is_delimited(it)) {
            self.wrong(at("pattern"), format!("the slashes of `{pattern}` would be part of the pattern"), SLASHES_HINT);
        } else if let Some(pattern) = &ask.pattern {
            match RegexBuilder::new(&fold_pattern(pattern)).case_insensitive(true).build() {
                Ok(regex) => wants.push(Wants::Pattern(regex)),
                Err(_) => self.wrong(at("pattern"), "not a regular expression", PATTERN_HINT),
            }
        }
        if ask.wanted.as_slice().is_empty() && ask.pattern.is_none() {
            self.wrong(at("for"), "nothing is asked for", "add `for`, such as \"order\", or `pattern`");
        }
        if rule.phrase.is_none() && rule.text.is_none() && rule.answer.is_none() {
            self.wrong(at("for"), "the rule asks without a word", "add the question as `text` or `phrase`");
        }
        if let Some(then) = ask.then.as_ref().filter(|it| !self.ids.contains(*it)) {
            let hint = hint(then, self.ids.iter().map(String::as_str));
            self.wrong(at("then"), format!("there is no rule `{then}`"), hint);
        }
        if ask.expires.as_ms() == 0 {
            self.wrong(at("expires"), "nobody answers at once", "write a time such as \"10m\"");
        }
        let again = ask.again.as_ref().map(|it| self.words(&at("again"), it));
        (wants, again)
    }
}

/// `/退款/i`, as other languages write patterns.
pub(in crate::engine) fn is_delimited(pattern: &str) -> bool {
    let flags = |end: &str| end.bytes().all(|it| matches!(it, b'g' | b'i' | b'm' | b's' | b'u' | b'x' | b'y'));
    pattern.strip_prefix('/').and_then(|it| it.rsplit_once('/')).is_some_and(|(_, end)| flags(end))
}
