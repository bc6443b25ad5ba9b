//! Short lines of one thought, read together.
//!
//! A line that says nothing by itself waits for the next one, for a moment that the store's agenda keeps: killed in
//! between, the clerk answers when it is back. What can be answered is answered at once.

use super::{reply::Question, stance::stands_in, turn::Turn};
use crate::model::{Action, Finding, Lines, Part, TimerFired};

/// Who sets the timer; no plugin can have this name.
pub const OWNER: &str = "clerk:lines";
const KEY: &str = "lines";
/// The longest line that may be part of something, in characters; Chinese ones say more.
const SHORT: usize = 40;
const SHORT_CHINESE: usize = 12;
/// Nobody waits longer than this for the end of a thought, or for more lines of it.
const LONGEST_MS: i64 = 8_000;
const MOST: usize = 8;

impl Turn<'_> {
    /// What was said, after the lines that wait, if they still do; and whether the welcome went before it all.
    pub(super) fn with_earlier_lines(&mut self, said: &str, first: bool) -> (String, bool) {
        match self.decision.conversation.lines.take() {
            Some(lines) => {
                self.act(Action::CancelTimer { at: None, key: KEY.to_owned(), owner: OWNER.to_owned() });
                let said = lines.said.iter().map(String::as_str).chain([said]).collect::<Vec<_>>().join("\n");
                self.earlier = Some(lines);
                let welcomed = self.earlier.as_ref().is_some_and(|it| it.welcomed);
                (said, first || welcomed)
            }
            None => (said.to_owned(), first),
        }
    }

    /// Whether what nothing answers may be the beginning of something that is answered with what follows.
    pub(super) fn waits_for_more(&mut self, question: &Question) -> bool {
        let now_ms = self.view.now_ms;
        let wait_ms = self.playbook.rules.gather_ms;
        let said: Vec<String> = question.said.lines().map(str::to_owned).collect();
        let since_ms = self.earlier.as_ref().map_or(now_ms, |it| it.since_ms);
        let until_ms = now_ms.saturating_add(wait_ms);
        let enough = said.len() >= MOST || until_ms.saturating_sub(since_ms) > LONGEST_MS;
        if wait_ms == 0 || !self.view.may_wait || enough || question.meant.urgent || !is_fragment(&question.said) {
            return false;
        }
        self.note(Part::Lines, Finding::WaitsForMore { lines: said.len() });
        self.decision.conversation.lines = Some(Lines { said, since_ms, until_ms, welcomed: question.first });
        let payload = serde_json::Value::Null;
        let (key, owner) = (KEY.to_owned(), OWNER.to_owned());
        self.act(Action::SetTimer { at: None, key, due_ms: until_ms, priority: 0, payload, owner });
        true
    }

    /// Nothing more was said.
    pub(super) fn end_of_lines(&mut self, timer: &TimerFired) {
        let conversation = &mut self.decision.conversation;
        let Some(lines) = conversation.lines.take_if(|lines| lines.until_ms <= timer.due_ms) else {
            return self.note(Part::Lines, Finding::AnsweredMeanwhile);
        };
        let said = lines.said.join("\n");
        if self.is_with_a_person(said.clone()) {
            return;
        }
        let question = self.read(said, lines.welcomed);
        if self.answer(&question).is_none() {
            self.fall_back(&question);
        }
    }
}

/// Words of questions, which are complete without a question mark.
const ASKING: [&str; 24] = [
    "吗",
    "呢",
    "么",
    "怎",
    "什么",
    "多少",
    "几",
    "哪",
    "谁",
    "能不能",
    "会不会",
    "是不是",
    "有没有",
    "可以",
    "how",
    "what",
    "when",
    "where",
    "why",
    "which",
    "who",
    "can you",
    "do you",
    "is it",
];

/// Whether the last line is too short to be all there is to say, and asks nothing.
fn is_fragment(said: &str) -> bool {
    let line = said.lines().next_back().unwrap_or_default().trim();
    let folded = super::text::fold(line);
    let words = folded.chars().any(char::is_alphanumeric);
    let chinese = folded.chars().any(super::text::is_han);
    let most = if chinese { SHORT_CHINESE } else { SHORT };
    let asks = folded.ends_with('?') || ASKING.iter().any(|it| stands_in(&folded, it));
    words && !asks && folded.chars().count() <= most
}
