//! What the words of a text are made of, as numbers: short runs of letters, which survive slips of the pen, and whole
//! words where a script has spaces between them. It is asked of every message, so nothing is allocated piece by piece.

use std::ops::RangeInclusive;

use super::{
    concepts,
    hashing::{hash, join, mixed, step},
};
use crate::engine::text::{is_han, is_spaced};

/// Characters of a text that are looked at; what matters is said before them.
const MAX_CHARS: usize = 400;
/// Digits that make of a word the number of an order or a parcel, or a telephone number.
const CODE: usize = 4;
/// Enough for most messages.
const FIRST_PLACES: usize = 256;

/// The features of a folded text, each once, in the order in which they were met.
pub fn features(folded: &str) -> Vec<u32> {
    let mut letters: Vec<char> = Vec::with_capacity(folded.len().min(MAX_CHARS));
    letters.extend(folded.chars().take(MAX_CHARS));
    let mut found = Found::new();
    let mut piece = Vec::with_capacity(32);
    let (mut before, mut last_but_one) = (None, None);
    let (mut questions, mut cries) = (0, 0);
    let mut at = 0;
    while let Some(first) = letters.get(at).copied() {
        let kind = Kind::of(first);
        let joins = |it: &&char| kind == Kind::of(**it) || (kind == Kind::Spaced && **it == '\'');
        let length = match kind {
            Kind::Spaced | Kind::Letter => letters.iter().skip(at).take_while(joins).count(),
            Kind::Sign | Kind::Space => 1,
        };
        let run = letters.get(at..at + length).unwrap_or_default();
        at += length;
        let last_word = before.take();
        match kind {
            Kind::Spaced => {
                before = word(run, last_word, &mut piece, &mut found);
                // "doesn't really work" has what "doesn't work" has.
                if let (Some(word), Some(earlier)) = (before, last_but_one) {
                    found.add(join(b'e', earlier, word));
                }
                last_but_one = last_word;
            }
            Kind::Letter => {
                bordered(run.iter().copied(), &mut piece);
                run_pieces(run, &piece, &mut found);
            }
            Kind::Sign if first == '?' => questions += 1,
            Kind::Sign if first == '!' => cries += 1,
            Kind::Sign => found.add(hash(b's', &[first])),
            // The words of a pair stand next to each other.
            Kind::Space => before = last_word,
        }
    }
    let heard = concepts::heard(folded);
    for (at, concept) in heard.iter().enumerate() {
        found.add(join(b'k', *concept, 0));
        for later in heard.iter().skip(at + 1) {
            found.add(join(b'k', *concept, *later));
        }
    }
    for (sign, count) in [('?', questions), ('!', cries)] {
        if count > 0 {
            found.add(hash(b'm', &[sign]));
        }
        if count > 1 {
            found.add(hash(b'm', &[sign, sign]));
        }
    }
    let length = match letters.len() {
        0..=2 => '2',
        3..=5 => '5',
        6..=10 => 'a',
        11..=20 => 'b',
        21..=50 => 'c',
        _ => 'd',
    };
    found.add(hash(b'l', &[length]));
    found.all
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Of a script with spaces between its words.
    Spaced,
    /// Of a script without.
    Letter,
    Sign,
    /// What says nothing, a space or a full stop.
    Space,
}

impl Kind {
    fn of(character: char) -> Self {
        match character {
            'a'..='z' | '0'..='9' => Self::Spaced,
            ' ' | ',' | '.' | '、' | '。' | '~' | '"' | '\'' | '-' => Self::Space,
            it if is_han(it) => Self::Letter,
            it if is_spaced(it) => Self::Spaced,
            it if is_letter(it) => Self::Letter,
            it if it.is_whitespace() => Self::Space,
            _ => Self::Sign,
        }
    }
}

/// Letters, and the marks that some scripts set beside or above them.
fn is_letter(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '\u{0E31}'..='\u{0E4E}' | '\u{0300}'..='\u{036F}')
}

/// The word itself, with the one before it, and pieces of it that a slip of the pen leaves whole. Returns what the next
/// word is paired with.
fn word(run: &[char], before: Option<u32>, piece: &mut Vec<char>, found: &mut Found) -> Option<u32> {
    let digits = run.iter().filter(|it| it.is_ascii_digit()).count();
    if digits >= CODE {
        found.add(hash(b'c', &[]));
        return None;
    }
    if digits > 0 && digits < run.len() {
        // WELCOME10, 500ml: a code or a measure.
        found.add(hash(b'x', &[]));
    }
    // People leave out apostrophes, so that they make no difference.
    let letters = run.iter().filter(|it| **it != '\'');
    bordered(letters.map(|it| if it.is_ascii_digit() { '0' } else { *it }), piece);
    let whole = hash(b'w', piece);
    found.add(whole);
    if let Some(before) = before {
        found.add(join(b'b', before, whole));
    }
    // A piece that is the whole word says nothing new.
    pieces(b'p', piece, 3..=4.min(piece.len() - 1), found);
    Some(whole)
}

/// Pieces of a run whose words are not set apart.
fn run_pieces(run: &[char], bordered: &[char], found: &mut Found) {
    let han = run.iter().any(|it| matches!(it, '\u{3400}'..='\u{9FFF}'));
    if han {
        run.iter().for_each(|it| found.add(hash(b'r', &[*it])));
    }
    pieces(b'r', bordered, 2..=if han { 3 } else { 5 }, found);
}

/// All pieces of so many letters: each goes on from the shorter one.
fn pieces(kind: u8, letters: &[char], lengths: RangeInclusive<usize>, found: &mut Found) {
    for start in 0..letters.len() {
        let mut hash = u32::from(kind);
        for (letter, length) in letters.iter().skip(start).zip(1..=*lengths.end()) {
            hash = step(hash, u32::from(*letter));
            if length >= *lengths.start() {
                found.add(mixed(hash));
            }
        }
    }
}

/// Letters with a mark where they begin and end.
fn bordered(letters: impl Iterator<Item = char>, into: &mut Vec<char>) {
    into.clear();
    into.push('<');
    into.extend(letters);
    into.push('>');
}

/// What was found, each once.
struct Found {
    all: Vec<u32>,
    /// A table with open places, of a power of two, at most half full; 0 is free.
    seen: Vec<u32>,
}

impl Found {
    fn new() -> Self {
        Self { all: Vec::with_capacity(FIRST_PLACES / 2), seen: vec![0; FIRST_PLACES] }
    }

    fn add(&mut self, feature: u32) {
        let feature = feature.max(1);
        if place(&mut self.seen, feature) {
            self.all.push(feature);
        }
        if self.all.len() * 2 > self.seen.len() {
            self.seen = vec![0; self.seen.len() * 4];
            for feature in &self.all {
                place(&mut self.seen, *feature);
            }
        }
    }
}

/// Whether it was not there yet.
fn place(seen: &mut [u32], feature: u32) -> bool {
    let mask = seen.len() - 1;
    let mut at = feature as usize & mask;
    while let Some(place) = seen.get_mut(at) {
        match *place {
            0 => {
                *place = feature;
                return true;
            }
            known if known == feature => return false,
            _ => at = (at + 1) & mask,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(left: &str, right: &str) -> usize {
        let right = features(right);
        features(left).iter().filter(|it| right.contains(it)).count()
    }

    #[test]
    fn a_slip_of_the_pen_leaves_most_of_a_word() {
        assert!(shared("where is my parcle", "where is my parcel") * 3 > features("where is my parcel").len() * 2);
        assert!(shared("快递怎么还没道", "快递怎么还没到") * 3 > features("快递怎么还没到").len() * 2);
    }

    #[test]
    fn numbers_of_orders_are_all_alike() {
        assert_eq!(features("order 20261124"), features("order 99887766"));
        assert_eq!(features(""), features(""));
    }

    #[test]
    fn a_feature_is_found_once_however_long_the_text() {
        for text in ["ไม่ได้รับของ".repeat(60), "where is my parcel ".repeat(40), "我的快递到哪里了".repeat(80)]
        {
            let mut found = features(&text);
            let all = found.len();
            found.sort_unstable();
            found.dedup();
            assert_eq!(found.len(), all);
        }
    }
}
