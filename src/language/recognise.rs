//! What a text says of its language. Numbers, codes, addresses, commands and pictures say nothing.

mod han;
mod latin;

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use whatlang::{Detector, Lang};

/// What the words of a text say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// A tag without script and place: `zh`, `en`.
    pub language: &'static str,
    /// The script or place the words are of, where that is certain: `zh-Hant-HK`.
    pub variety: Option<&'static str>,
    /// Another language that the same words may be of.
    pub or: Option<&'static str>,
    pub strength: Strength,
}

/// How much a sign is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// By its letters alone: any language that is written with them.
    Guess,
    /// A word or two, such as people use of languages that they do not speak.
    Weak,
    /// As good as certain.
    Strong,
}

/// Characters that are looked at: the beginning of a long text tells enough.
const MOST_CHARACTERS: usize = 400;

/// Of languages that share their letters, only the most spoken ones are told apart: few words do not tell more.
static BY_LETTERS: LazyLock<Detector> = LazyLock::new(|| {
    Detector::with_allowlist(Lang::all().iter().copied().filter(|it| tag_of(*it).is_some()).collect())
});

/// `None` for a text without words of any language. `settled` is the language that is spoken so far, if any: where a text
/// may be of it, it is.
pub fn recognise(text: &str, settled: Option<&str>) -> Option<Sign> {
    let beginning = text.char_indices().nth(MOST_CHARACTERS).map_or(text, |(end, _)| text.get(..end).unwrap_or(text));
    let text: String = match beginning.is_ascii() {
        true => beginning.to_ascii_lowercase(),
        false => beginning.nfkc().flat_map(char::to_lowercase).collect(),
    };
    let mut words = String::with_capacity(text.len());
    for word in text.split_whitespace().filter(|word| !is_address(word)) {
        words.push_str(word);
        words.push(' ');
    }
    let mut counts = Counts::default();
    words.chars().for_each(|it| counts.add(it));
    let strength = |letters: usize| if letters > 1 { Strength::Strong } else { Strength::Weak };
    let sign = |language, letters| Some(Sign { language, variety: None, or: None, strength: strength(letters) });
    let Counts { han, kana, particles, hangul, thai, latin, other } = counts;
    let east_asian = han + kana + hangul + thai;
    if hangul > 0 && hangul >= kana + thai {
        return sign("ko", hangul);
    }
    if thai > kana {
        return sign("th", thai);
    }
    // A `の` between Chinese characters is fashion.
    if kana > 0 && !(kana == particles && han > 1 && han::is_chinese(&words)) {
        return sign("ja", kana + han);
    }
    if other > latin.max(east_asian) {
        return sign(tag_of(BY_LETTERS.detect(&words)?.lang())?, other);
    }
    if han > 0 {
        let spoken = latin::recognise(&words, settled);
        // Latin words around a name in Chinese characters.
        return match spoken {
            Some(latin) if latin.strength == Strength::Strong && latin::words(&words).count() > han => Some(latin),
            _ => Some(han::recognise(&words, han)),
        };
    }
    latin::recognise(&words, settled)
}

/// Letters of a text by script; marks and punctuation are of none.
#[derive(Default)]
struct Counts {
    han: usize,
    kana: usize,
    /// Of `kana`, those that Chinese shops like to write.
    particles: usize,
    hangul: usize,
    thai: usize,
    latin: usize,
    other: usize,
}

impl Counts {
    fn add(&mut self, letter: char) {
        match letter {
            '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}' => {
                self.han += 1;
            }
            'の' => {
                self.kana += 1;
                self.particles += 1;
            }
            // Without the long mark and the middle dot, which others use too.
            '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' => self.kana += 1,
            // Lone jamo are drawn faces: ㅠㅠ.
            '\u{AC00}'..='\u{D7A3}' => self.hangul += 1,
            '\u{0E01}'..='\u{0E30}' | '\u{0E32}'..='\u{0E33}' | '\u{0E40}'..='\u{0E46}' => self.thai += 1,
            it if !it.is_alphabetic() => {}
            '\0'..'\u{0250}' | '\u{1E00}'..'\u{1F00}' => self.latin += 1,
            '\u{0250}'..'\u{1E00}' => self.other += 1,
            _ => {}
        }
    }
}

/// A web or mail address, a handle, a command, or a code: what is typed alike in every language.
fn is_address(word: &str) -> bool {
    let inner = word.trim_matches(|it: char| !it.is_alphanumeric() && !matches!(it, '/' | '@' | '#'));
    // Most words are letters and no more.
    if inner.bytes().all(|it| it.is_ascii_lowercase() || !it.is_ascii()) {
        return false;
    }
    let dotted = || {
        let parts: Vec<_> = inner.split('.').collect();
        parts.len() > 1 && parts.iter().all(|part| part.len() > 1 && part.is_ascii())
    };
    let spaced = inner.is_ascii();
    inner.contains("://")
        || inner.starts_with("www.")
        || (inner.contains('@') && spaced)
        || (inner.starts_with(['/', '#']) && spaced)
        || dotted()
        || (spaced && inner.bytes().any(|it| it.is_ascii_digit() || it == b'_'))
}

/// The BCP 47 tags of what the detector knows in scripts that several languages share.
fn tag_of(language: whatlang::Lang) -> Option<&'static str> {
    Some(match language {
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Ell => "el",
        Lang::Heb => "he",
        Lang::Ara => "ar",
        Lang::Pes => "fa",
        Lang::Hin => "hi",
        Lang::Ben => "bn",
        Lang::Pan => "pa",
        Lang::Guj => "gu",
        Lang::Ori => "or",
        Lang::Tam => "ta",
        Lang::Tel => "te",
        Lang::Kan => "kn",
        Lang::Mal => "ml",
        Lang::Sin => "si",
        Lang::Mya => "my",
        Lang::Khm => "km",
        Lang::Kat => "ka",
        Lang::Hye => "hy",
        Lang::Amh => "am",
        Lang::Eng => "en",
        Lang::Spa => "es",
        Lang::Vie => "vi",
        Lang::Ind => "id",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Tgl => "fil",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
