//! Languages in Latin letters, told apart by their words; by their letters where the words are not known.

use std::{collections::HashMap, sync::LazyLock};

use whatlang::{Detector, Lang};

use super::{Sign, Strength, tag_of};
use crate::language::is_same_language;

const LANGUAGES: [(&str, &str); 9] = [
    ("en", include_str!("words/en.txt")),
    ("es", include_str!("words/es.txt")),
    ("vi", include_str!("words/vi.txt")),
    ("id", include_str!("words/id.txt")),
    ("fr", include_str!("words/fr.txt")),
    ("de", include_str!("words/de.txt")),
    ("pt", include_str!("words/pt.txt")),
    ("it", include_str!("words/it.txt")),
    ("fil", include_str!("words/fil.txt")),
];

/// For each word, which of `LANGUAGES` have it.
static KNOWN: LazyLock<HashMap<&str, Vec<usize>>> = LazyLock::new(|| {
    let mut known: HashMap<&str, Vec<usize>> = HashMap::new();
    for (number, (_, words)) in LANGUAGES.iter().enumerate() {
        for word in words.split_whitespace() {
            let languages = known.entry(word).or_default();
            if !languages.contains(&number) {
                languages.push(number);
            }
        }
    }
    known
});

static BY_LETTERS: LazyLock<Detector> = LazyLock::new(|| {
    use Lang::{Deu, Eng, Fra, Ind, Ita, Por, Spa, Tgl, Vie};
    Detector::with_allowlist(vec![Eng, Spa, Vie, Ind, Fra, Deu, Por, Ita, Tgl])
});

/// Below this many letters their frequency says nothing.
const FEWEST_LETTERS: usize = 12;
/// What a letter that one language alone has is worth in words.
const LETTER: u32 = 4;
/// What the frequency of letters is worth at most. It is only counted where words leave it open: it costs more than all
/// the rest of a decision.
const MOST_BY_LETTERS: u32 = 3;
/// What words are worth that leave nothing open, unless another language has nearly as many.
const ENOUGH: u32 = 4;
/// A word that one language alone has counts double.
const OWN: u32 = 2;

/// Words of Latin letters, in lower case.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|it: char| !(it.is_alphabetic() || it == '\''));
    parts.map(|word| word.trim_matches('\'')).filter(|word| word.chars().next().is_some_and(is_latin))
}

/// By how much the best is ahead of the next.
fn lead(scores: &[u32]) -> u32 {
    let (best, next) = scores.iter().fold((0, 0), |(best, next), score| match *score {
        score if score > best => (score, best),
        score => (best, next.max(score)),
    });
    best - next
}

pub fn recognise(text: &str, settled: Option<&str>) -> Option<Sign> {
    let mut scores = [0_u32; LANGUAGES.len()];
    let (mut letters, mut longest) = (0, 0);
    for word in words(text) {
        let length = word.chars().count();
        letters += length;
        longest = longest.max(length);
        if let Some(languages) = KNOWN.get(word) {
            for number in languages {
                if let Some(score) = scores.get_mut(*number) {
                    *score += if languages.len() == 1 { OWN } else { 1 };
                }
            }
        }
    }
    if letters == 0 {
        return None;
    }
    for (language, own) in [("vi", is_vietnamese as fn(char) -> bool), ("es", is_spanish)] {
        let score = LANGUAGES.iter().zip(&mut scores).find(|((tag, _), _)| *tag == language);
        if let Some((_, score)) = score.filter(|_| text.chars().any(own)) {
            *score += LETTER;
        }
    }
    let sign = |language, strength| Some(Sign { language, variety: None, or: None, strength });
    let strength = |score| if score >= 2 * OWN { Strength::Strong } else { Strength::Weak };
    let most = scores.iter().copied().max().unwrap_or(0);
    let familiar =
        LANGUAGES.iter().zip(scores).find(|((it, _), _)| settled.is_some_and(|tag| is_same_language(tag, it)));
    if let Some(((language, _), score)) = familiar.filter(|(_, score)| *score > 0 && *score == most) {
        return sign(language, strength(score));
    }
    if letters >= FEWEST_LETTERS
        && !(most >= ENOUGH && lead(&scores) >= OWN)
        && let Some(found) = BY_LETTERS.detect(text)
        && let Some(tag) = tag_of(found.lang())
        && let Some((_, score)) = LANGUAGES.iter().zip(&mut scores).find(|((it, _), _)| *it == tag)
    {
        *score += match found.confidence() {
            it if it > 0.7 => MOST_BY_LETTERS,
            it if it > 0.3 => 2,
            _ => 1,
        };
    }
    let best = scores.iter().copied().max().unwrap_or(0);
    let mut winners = LANGUAGES.iter().zip(scores).filter(|(_, score)| *score == best);
    let (winner, another) = (winners.next(), winners.next());
    match (winner, another) {
        (Some(((language, _), score)), None) if score > 1 => sign(language, strength(score)),
        // Letters without known words: a name, a typing error, another language. English is the least surprising.
        _ if longest > 2 => sign("en", Strength::Guess),
        _ => None,
    }
}

fn is_latin(letter: char) -> bool {
    letter.is_alphabetic() && matches!(letter, '\0'..'\u{0250}' | '\u{1E00}'..'\u{1F00}')
}

fn is_vietnamese(letter: char) -> bool {
    matches!(letter, 'đ' | 'ơ' | 'ư' | 'ă' | '\u{1EA0}'..='\u{1EF9}')
}

fn is_spanish(letter: char) -> bool {
    matches!(letter, 'ñ' | '¿' | '¡')
}
