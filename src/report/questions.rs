//! Questions that nobody answered, with those that say nearly the same.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;

use super::fact::Key;

/// Groups that are kept apart; what comes after them is counted together.
const MOST: usize = 500;
/// Pairs of letters of one question that are compared.
const MOST_PAIRS: usize = 80;
/// From this share of pairs in common on, two questions are one.
const ALIKE: f64 = 0.5;

/// Questions that say nearly the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What came nearest to what was meant, where anything did.
    pub intent: Option<String>,
    pub count: u64,
    /// The first of them, for `nightclerk explain`.
    pub example: i64,
    /// Its words, where they were asked for.
    pub words: Option<String>,
}

/// Puts like to like as they come.
#[derive(Debug, Default)]
pub struct Questions {
    groups: Vec<(HashSet<Key>, Question)>,
    /// Beyond what is kept apart.
    pub others: u64,
    /// Whether customers' words are kept.
    with_words: bool,
}

impl Questions {
    pub fn new(with_words: bool) -> Self {
        Self { with_words, ..Self::default() }
    }

    pub fn add(&mut self, entry: i64, intent: Option<String>, text: Option<&str>) {
        let pairs = pairs(text.unwrap_or_default());
        let alike = |known: &HashSet<Key>| {
            let common = known.intersection(&pairs).count();
            let all = known.len() + pairs.len() - common;
            all == 0 || common as f64 / all as f64 >= ALIKE
        };
        if let Some((_, question)) = self.groups.iter_mut().find(|(known, it)| it.intent == intent && alike(known)) {
            question.count += 1;
        } else if self.groups.len() < MOST {
            let words = text.filter(|_| self.with_words).map(str::to_owned);
            self.groups.push((pairs, Question { intent, count: 1, example: entry, words }));
        } else {
            self.others += 1;
        }
    }

    /// The most frequent first.
    pub fn into_groups(self) -> Vec<Question> {
        let mut groups: Vec<_> = self.groups.into_iter().map(|(_, question)| question).collect();
        groups.sort_by(|a, b| b.count.cmp(&a.count).then(a.example.cmp(&b.example)));
        groups
    }
}

/// Each two letters that stand together, whatever signs and numbers stand between.
fn pairs(text: &str) -> HashSet<Key> {
    let letters: Vec<char> = text.nfkc().flat_map(char::to_lowercase).filter(|it| it.is_alphabetic()).collect();
    if letters.len() < 2 {
        return letters.iter().map(Key::of).collect();
    }
    letters.windows(2).take(MOST_PAIRS).map(Key::of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_the_same_questions_are_one_and_words_are_kept_only_where_they_are_asked_for() {
        let said = [
            "你们有没有紫砂壶保养服务？",
            "有没有紫砂壶保养服务啊",
            "can I bring my parrot",
            "Can I bring my parrot??",
        ];
        for with_words in [false, true] {
            let mut questions = Questions::new(with_words);
            for (id, text) in (1..).zip(said) {
                questions.add(id, None, Some(text));
            }
            let groups = questions.into_groups();
            let counts: Vec<_> = groups.iter().map(|it| (it.count, it.example)).collect();
            assert_eq!(counts, [(2, 1), (2, 3)]);
            assert_eq!(groups[0].words.as_deref(), with_words.then_some(said[0]));
        }
    }

    #[test]
    fn however_many_there_are_no_more_are_kept_than_can_be_read() {
        let mut questions = Questions::new(true);
        for number in 0..2_000u32 {
            let letters =
                number.to_string().chars().filter_map(|it| char::from_u32(0x4e00 + it as u32 * 97)).collect::<String>();
            questions.add(i64::from(number), Some(format!("intent-{number}")), Some(&letters));
        }
        assert_eq!(questions.others, 1_500);
        assert_eq!(questions.into_groups().len(), 500);
    }
}
