//! What the words of a text are made of, as numbers: short runs of letters, which survive slips of the pen, and whole
//! words where a script has spaces between them.

use super::concepts;
use crate::engine::text::is_spaced;

/// Characters of a text that are looked at; what matters is said before them.
const MAX_CHARS: usize = 400;

/// The features of a folded text, in ascending order, each once.
pub fn features(folded: &str) -> Vec<u32> {
    let mut found = Vec::with_capacity(160);
    let mut before: Option<String> = None;
    let mut signs = [0_usize; 2];
    for token in tokens(folded) {
        match &token {
            Token::Word(word) => {
                add(&mut found, "w", word);
                word_pieces(word, &mut found);
                if let Some(before) = &before {
                    add(&mut found, "b", &format!("{before} {word}"));
                }
            }
            Token::Run(run) => run_pieces(run, &mut found),
            Token::Code => add(&mut found, "c", ""),
            Token::Sign('?') => signs[0] += 1,
            Token::Sign('!') => signs[1] += 1,
            Token::Sign(sign) => add(&mut found, "s", &sign.to_string()),
        }
        before = match token {
            Token::Word(word) => Some(word),
            _ => None,
        };
    }
    let heard = concepts::heard(folded);
    for (at, concept) in heard.iter().enumerate() {
        add(&mut found, "k", concept);
        for later in heard.iter().skip(at + 1) {
            add(&mut found, "kk", &format!("{concept} {later}"));
        }
    }
    for (kind, count) in ["?", "!"].into_iter().zip(signs) {
        if count > 0 {
            add(&mut found, kind, "");
        }
        if count > 1 {
            add(&mut found, kind, "many");
        }
    }
    let length = match folded.chars().count() {
        0..=2 => "2",
        3..=5 => "5",
        6..=10 => "10",
        11..=20 => "20",
        21..=50 => "50",
        _ => "long",
    };
    add(&mut found, "l", length);
    found.sort_unstable();
    found.dedup();
    found
}

enum Token {
    /// A word of a script with spaces.
    Word(String),
    /// Letters of a script without.
    Run(Vec<char>),
    /// A number of an order or a parcel, a telephone number.
    Code,
    Sign(char),
}

fn tokens(folded: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    let mut run = Vec::new();
    for character in folded.chars().take(MAX_CHARS).chain([' ']) {
        let spaced = is_spaced(character) || (character == '\'' && !word.is_empty());
        let unspaced = !spaced && is_letter(character);
        if !spaced && !word.is_empty() {
            tokens.push(word_token(std::mem::take(&mut word)));
        }
        if !unspaced && !run.is_empty() {
            tokens.push(Token::Run(std::mem::take(&mut run)));
        }
        if spaced {
            word.push(character);
        } else if unspaced {
            run.push(character);
        } else if !character.is_whitespace() && !matches!(character, ',' | '.' | '、' | '。' | '~' | '"' | '\'' | '-')
        {
            tokens.push(Token::Sign(character));
        }
    }
    tokens
}

/// Letters, and the marks that some scripts set beside or above them.
fn is_letter(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '\u{0E31}'..='\u{0E4E}' | '\u{0300}'..='\u{036F}')
}

fn word_token(word: String) -> Token {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    match digits {
        0 => Token::Word(word),
        4.. => Token::Code,
        _ => Token::Word(word.chars().map(|it| if it.is_ascii_digit() { '0' } else { it }).collect()),
    }
}

/// Pieces of a word that a slip of the pen leaves whole.
fn word_pieces(word: &str, found: &mut Vec<u32>) {
    let letters: Vec<char> = std::iter::once('<').chain(word.chars()).chain(['>']).collect();
    for length in 3..=4 {
        if letters.len() > length {
            letters.windows(length).for_each(|piece| add_letters(found, "p", piece));
        }
    }
}

fn run_pieces(run: &[char], found: &mut Vec<u32>) {
    let letters: Vec<char> = std::iter::once('<').chain(run.iter().copied()).chain(['>']).collect();
    let han = run.iter().any(|it| matches!(it, '\u{3400}'..='\u{9FFF}'));
    if han {
        run.iter().for_each(|it| add_letters(found, "r", &[*it]));
    }
    let longest = if han { 3 } else { 5 };
    for length in 2..=longest {
        letters.windows(length).for_each(|piece| add_letters(found, "r", piece));
    }
}

fn add_letters(found: &mut Vec<u32>, kind: &str, letters: &[char]) {
    let mut text = String::with_capacity(16);
    text.extend(letters);
    add(found, kind, &text);
}

/// FNV-1a, which is the same on every machine.
fn add(found: &mut Vec<u32>, kind: &str, text: &str) {
    let bytes = kind.bytes().chain([0]).chain(text.bytes());
    found.push(bytes.fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)));
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
}
