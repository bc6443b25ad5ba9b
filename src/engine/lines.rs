//! Short lines of one thought, read together.
//!
//! A line that says nothing by itself waits for the next one, for a moment that the store's agenda keeps: killed in
//! between, the clerk answers when it is back. What can be answered is answered at once.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    openings::OPENING,
    question::{Question, SURELY},
    stance::one_stands_in,
    text::{fold, is_han, regex},
    turn::{LINES, Turn},
    word_list::WordList,
};
use crate::model::{Action, Finding, Lines, Part, TimerFired};

const KEY: &str = "lines";
/// The longest line that may be part of something, in characters; Chinese ones say more.
const SHORT: usize = 40;
const SHORT_CHINESE: usize = 12;
/// The longest line whose meaning may change with the next one, in characters of Chinese and in words of others.
const VERY_SHORT_CHINESE: usize = 6;
const VERY_SHORT_WORDS: usize = 3;
/// Nobody waits longer than this for the end of a thought, or for more lines of it.
const LONGEST_MS: i64 = 8_000;
const MOST: usize = 8;

impl Turn<'_> {
    /// What was said, after the lines that wait, if they still do; and whether the welcome went before it all.
    pub(super) fn with_earlier_lines(&mut self, said: &str, first: bool) -> (String, bool) {
        match self.decision.conversation.lines.take() {
            Some(lines) => {
                self.act(Action::CancelTimer { at: None, key: KEY.to_owned(), owner: LINES.to_owned() });
                let said = lines.said.iter().map(String::as_str).chain([said]).collect::<Vec<_>>().join("\n");
                self.earlier = Some(lines);
                let welcomed = self.earlier.as_ref().is_some_and(|it| it.welcomed);
                (said, first || welcomed)
            }
            None => (said.to_owned(), first),
        }
    }

    /// Whether the store wants it, and the platform's deadline allows it.
    pub(super) fn may_wait(&self) -> bool {
        self.playbook.rules.gather_ms > 0 && self.view.may_wait
    }

    /// Whether what nothing answers may be the beginning of something that is answered with what follows.
    pub(super) fn waits_for_more(&mut self, question: &Question) -> bool {
        let now_ms = self.view.now_ms;
        let wait_ms = self.playbook.rules.gather_ms;
        let said: Vec<String> = question.said.lines().map(str::to_owned).collect();
        let since_ms = self.earlier.as_ref().map_or(now_ms, |it| it.since_ms);
        let until_ms = now_ms.saturating_add(wait_ms);
        let enough = said.len() >= MOST || until_ms.saturating_sub(since_ms) > LONGEST_MS;
        let urgent = question.meant.urgent && question.meant.sureness() >= SURELY;
        let line = question.last_line();
        let calls = urgent && !describes(&line);
        if !self.may_wait() || enough || calls || !is_fragment(&line) {
            return false;
        }
        self.note(Part::Lines, Finding::WaitsForMore { lines: said.len() });
        self.decision.conversation.lines = Some(Lines { said, since_ms, until_ms, welcomed: question.first });
        let payload = serde_json::Value::Null;
        let (key, owner) = (KEY.to_owned(), LINES.to_owned());
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
        let asked = self.decision.conversation.asked.take();
        if asked.is_some() && self.hear_of_the_trouble(&question, &self.matches(&question)) {
            self.decision.conversation.asked = asked;
            return;
        }
        if let Some(asked) = asked
            && !self.speaks_of_something_else(&question)
            && self.ask_again(asked)
        {
            return;
        }
        if self.answer(&question).is_none() {
            self.fall_back(&question);
        }
    }
}

/// Words of questions, which are complete without a question mark, language by language. What stands in other sentences as
/// well (`que`, `không`, `ada`) is none of them.
const ASKING: [&[&str]; 8] = [
    &["吗", "呢", "么", "怎", "什么", "多少", "几", "哪", "谁", "能不能", "会不会", "是不是", "有没有", "可以"],
    &[
        "how",
        "what",
        "when",
        "where",
        "why",
        "which",
        "who",
        "can you",
        "can i",
        "can we",
        "could you",
        "could i",
        "may i",
        "would you",
        "do you",
        "do i",
        "does it",
        "is it",
        "is there",
        "are there",
        "are you",
    ],
    &[
        "cuánto", "cuánta", "cuántos", "cuántas", "cuál", "dónde", "puedo", "pueden", "tienen", "hacen", "envían",
        "aceptan", "hay",
    ],
    &["ですか", "ますか", "でしょうか", "ませんか", "いくら", "いつ", "どこ", "どう", "何"],
    &["나요", "까요", "가요", "얼마", "며칠", "언제", "어디", "어떻게"],
    &["berapa", "bisa", "apakah", "kapan", "dimana", "gimana", "bagaimana"],
    &["bao nhiêu", "bao lâu", "khi nào", "ở đâu", "thế nào", "được không"],
    &["ไหม", "มั้ย", "เท่าไหร่", "เท่าไร", "กี่", "เมื่อไหร่", "ที่ไหน", "อะไร", "หรือเปล่า", "รึเปล่า", "ยังไง"],
];

/// What people write while they search for words, beside what begins a question.
const HESITATION: [&str; 25] = [
    "我想想",
    "让我想想",
    "等一下",
    "等等",
    "就是说",
    "就是",
    "那个",
    "这个",
    "然后",
    "呃",
    "额",
    "嗯",
    "唔",
    "嘛",
    "啊",
    "吧",
    "i have a question",
    "quick question",
    "let me see",
    "let me think",
    "one moment",
    "umm",
    "um",
    "uh",
    "hmm",
];
/// Of these alone, a line says yes.
const CONSENT: [char; 3] = ['嗯', '啊', '额'];

/// Nothing but these, and signs between them. Most messages are something else from their first word on, so they cost
/// one step of an anchored expression and no search for each.
static NOTHING_YET: LazyLock<Regex> = LazyLock::new(|| {
    let words = HESITATION.map(|words| match words.is_ascii() {
        true => format!(r"(?-u:\b){words}(?-u:\b)"),
        false => words.to_owned(),
    });
    let pattern = format!(r"^(?:{OPENING}|{}|[^\p{{Alphabetic}}\p{{N}}])*$", words.join("|"));
    regex(&pattern)
});

/// Whether a folded text is nothing but searching for words.
pub(super) fn is_hesitation(folded: &str) -> bool {
    NOTHING_YET.is_match(folded) && !folded.chars().filter(|it| it.is_alphanumeric()).all(|it| CONSENT.contains(&it))
}

/// Whether a text asks something, with or without a question mark.
pub(super) fn asks(folded: &str) -> bool {
    static WORDS: LazyLock<WordList> = LazyLock::new(|| WordList::new(ASKING.into_iter().flatten().map(|it| fold(it))));
    folded.contains('?') || one_stands_in(folded, &WORDS)
}

/// Whether a folded line is too short to be all there is to say, and asks nothing.
fn is_fragment(line: &str) -> bool {
    let words = line.chars().any(char::is_alphanumeric);
    let most = if line.chars().any(is_han) { SHORT_CHINESE } else { SHORT };
    words && !asks(line) && line.chars().count() <= most
}

/// Whether a folded line is so short that it may mean something else with the next.
pub(super) fn is_very_short(line: &str) -> bool {
    let short = if line.chars().any(is_han) {
        line.chars().count() <= VERY_SHORT_CHINESE
    } else {
        line.split_whitespace().count() <= VERY_SHORT_WORDS
    };
    short && is_fragment(line)
}

/// Whether a folded line only describes what the next one may name: 红色的.
pub(super) fn describes(line: &str) -> bool {
    const CONSENT: [&str; 6] = ["好的", "是的", "对的", "行的", "可以的", "嗯好的"];
    line.ends_with('的') && !CONSENT.contains(&line) && is_very_short(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::fold;

    #[test]
    fn who_searches_for_words_has_said_nothing_yet() {
        for said in [
            "那个",
            "嗯…那个",
            "请问，我想问一下",
            "Um, uh…",
            "umm那个",
            "I have a question!",
            "hmm hmm hmm",
            "就是说 等一下",
        ] {
            assert!(is_hesitation(&fold(said)), "{said}");
        }
    }

    #[test]
    fn a_yes_and_whatever_says_something_is_no_searching_for_words() {
        for said in
            ["嗯", "嗯嗯 啊", "那个红色的", "umbrella", "hum", "Um, where is my order?", "12", "A100", "这个多少钱"]
        {
            assert!(!is_hesitation(&fold(said)), "{said}");
        }
    }
}
