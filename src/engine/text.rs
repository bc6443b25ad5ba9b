//! What customers take for the same text, brought to one form.

mod han;
mod loose;
mod pattern;

use std::sync::LazyLock;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

pub use loose::{LooseWords, Reading, loosen};
pub use pattern::{fold_pattern, regex};

/// Bytes of a message that are matched: nobody asks at greater length, and nobody may hold up the others with it.
const MATCHED: usize = 4096;

/// A message in the form in which it is compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folded {
    text: String,
    tight: Option<Reading>,
}

impl Folded {
    pub fn new(text: &str) -> Self {
        let lines = lines(text.get(..text.floor_char_boundary(MATCHED)).unwrap_or_default());
        let tight = tighten(&lines);
        Self { text: joined(lines), tight }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same without the spaces within Chinese words (`退 款`), where there are some.
    pub fn tight(&self) -> Option<&Reading> {
        self.tight.as_ref()
    }
}

/// Without what cannot be seen; half width, lower case, simplified, without accents, with single spaces and plain
/// apostrophes and hyphens.
pub fn fold(text: &str) -> String {
    joined(lines(text))
}

fn joined(lines: String) -> String {
    if lines.contains('\n') { lines.replace('\n', " ") } else { lines }
}

/// What can be seen of a text, in half width; case, script and accents stay as they were written.
pub fn half_width(text: &str) -> String {
    if text.is_ascii() {
        return text.replace('`', "'");
    }
    text.chars().filter(|it| !is_invisible(*it)).map(plain).nfkc().collect()
}

/// Folded, with the line breaks still told from spaces.
fn lines(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    // Most messages have nothing that a normal form would change.
    if text.is_ascii() {
        let parts = |it: char| !it.is_ascii_alphanumeric();
        for part in text.split_inclusive(parts) {
            let word = part.trim_end_matches(parts);
            folded.push_str(word);
            part.chars().skip(word.len()).for_each(|it| push(&mut folded, plain(it)));
        }
        folded.make_ascii_lowercase();
    } else if text.chars().all(|it| fold_simple(it).is_some()) {
        text.chars().filter_map(fold_simple).for_each(|it| push(&mut folded, it));
    } else {
        fold_by_forms(text, &mut folded);
    }
    folded.truncate(folded.trim_end().len());
    folded
}

fn fold_by_forms(text: &str, folded: &mut String) {
    let seen = text.chars().filter(|it| !is_invisible(*it)).map(plain);
    let mut base = ' ';
    // What a character was made of may be one of those again.
    let apart = seen.nfkd().filter(|it| !is_invisible(*it)).map(plain);
    let bare = apart.filter(move |it| {
        let mark = is_combining_mark(*it);
        if !mark {
            base = *it;
        }
        !(mark && loses_marks(base, *it))
    });
    let lower = bare.flat_map(char::to_lowercase).nfc();
    lower.map(plain).for_each(|it| match spelt_out(it) {
        Some(letters) => letters.chars().for_each(|it| push(folded, it)),
        None => push(folded, simplified(it)),
    });
}

/// A character folded by itself: ASCII and its full-width forms, Latin letters with accents, usual Chinese characters and
/// their signs, kana, whole Korean syllables. `None` for what may depend on its neighbours.
fn fold_simple(character: char) -> Option<char> {
    match character {
        '\0'..='\u{7F}' => Some(plain(character).to_ascii_lowercase()),
        '\u{4E00}'..='\u{9FFF}' => Some(simplified(character)),
        '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => bare_letter(character),
        '\u{3001}'..='\u{3003}' | '\u{3005}' | '\u{3008}'..='\u{3011}' | '\u{201C}' | '\u{201D}' => Some(character),
        '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FC}' | '\u{AC00}'..='\u{D7A3}' => Some(character),
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - 0xFEE0).and_then(fold_simple),
        '\u{2018}' | '\u{2019}' => Some('\''),
        _ => None,
    }
}

/// A Latin letter without its accents, in lower case; `None` where that is more than one letter.
fn bare_letter(character: char) -> Option<char> {
    static BARE: LazyLock<Vec<Option<char>>> = LazyLock::new(|| {
        let fold = |letter: char| {
            let mut folded = String::new();
            fold_by_forms(&letter.to_string(), &mut folded);
            let mut letters = folded.chars();
            letters.next().filter(|_| letters.next().is_none())
        };
        ('\u{C0}'..='\u{24F}').chain('\u{1E00}'..='\u{1EFF}').map(fold).collect()
    });
    let at = u32::from(character);
    let place = if at < 0x1E00 { at - 0xC0 } else { at - 0x1E00 + 0x190 };
    BARE.get(place as usize).copied().flatten()
}

fn push(folded: &mut String, character: char) {
    if character.is_ascii_alphanumeric() || !character.is_whitespace() {
        folded.push(character);
    } else if matches!(character, '\n' | '\r' | '\u{2028}' | '\u{2029}') && folded.ends_with(' ') {
        folded.pop();
        folded.push('\n');
    } else if !(folded.is_empty() || folded.ends_with([' ', '\n'])) {
        folded.push(if matches!(character, '\n' | '\r' | '\u{2028}' | '\u{2029}') { '\n' } else { ' ' });
    }
}

/// Zero width, soft hyphens, marks of direction, selectors, joiners, tones of skin: two texts that differ in these alone
/// look the same, or nearly.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{20E3}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Apostrophes and hyphens as keyboards have them; also those that a normal form would take apart.
fn plain(character: char) -> char {
    match character {
        '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{00B4}' | '`' | '\u{02B9}' | '\u{02BC}' | '\u{2032}' | '\u{FF07}'
        | '\u{FF40}' => '\'',
        '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => '-',
        other => other,
    }
}

/// Whether people leave out this mark: accents of Latin and Greek, and the dots of the Russian ё.
fn loses_marks(base: char, mark: char) -> bool {
    let latin_or_greek = base.is_ascii_alphabetic()
        || matches!(base, '\u{00C0}'..='\u{024F}' | '\u{0370}'..='\u{03FF}' | '\u{1E00}'..='\u{1FFF}');
    matches!(mark, '\u{0300}'..='\u{036F}') && (latin_or_greek || (matches!(base, 'е' | 'Е') && mark == '\u{0308}'))
}

/// Letters that are written as others where a keyboard lacks them, or in capitals.
fn spelt_out(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' => "ss",
        'ı' => "i",
        'ς' => "σ",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' => "d",
        'ł' => "l",
        _ => return None,
    })
}

/// A character's simplified form, whichever of its traditional forms it is.
pub fn simplified(character: char) -> char {
    han::simplified(character)
}

/// Drops the spaces that stand within words: those with a single Chinese character on at least one side. A space between
/// longer runs sets words apart, as people write them without commas.
fn tighten(lines: &str) -> Option<Reading> {
    if lines.is_ascii() || !lines.contains(' ') {
        return None;
    }
    let characters: Vec<(usize, char)> = lines.char_indices().collect();
    let han = |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(|(_, it)| is_han(*it));
    let within = |at: usize| {
        let (left, right) = (at.checked_sub(1), Some(at + 1));
        let alone = !han(at.checked_sub(2)) || !han(Some(at + 2));
        han(left) && han(right) && alone
    };
    let dropped: Vec<_> =
        characters.iter().enumerate().filter(|(at, (_, it))| *it == ' ' && within(*at)).map(|(at, _)| at).collect();
    if dropped.is_empty() {
        return None;
    }
    let mut reading = Reading::default();
    for (at, (offset, character)) in characters.iter().enumerate() {
        if dropped.binary_search(&at).is_err() {
            let character = if *character == '\n' { ' ' } else { *character };
            reading.push_char(character, *offset);
        }
    }
    Some(reading.end(lines.len()))
}

pub fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

/// Thai letters, signs and digits.
pub fn is_thai(character: char) -> bool {
    matches!(character, '\u{0E01}'..='\u{0E5B}')
}

/// Whether words of this character's script are set apart by spaces, so that a keyword must stand alone.
pub fn is_spaced(character: char) -> bool {
    matches!(character, '\0'..'\u{0E00}' | '\u{1E00}'..'\u{2000}') && character.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn width_case_script_and_spaces_make_no_difference() {
        for (text, folded) in [
            ("  Ｈｅｌｌｏ\u{3000} WORLD\n", "hello world"),
            ("我的快遞到哪裡了？", "我的快递到哪里了?"),
            ("Where’s my order", "where's my order"),
            ("Where´s my order", "where's my order"),
            ("Where`s my order", "where's my order"),
            ("e\u{2011}mail", "e-mail"),
            ("１２３", "123"),
            ("1️⃣", "1"),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn what_cannot_be_seen_is_not_compared() {
        for text in
            ["退\u{200b}款", "退\u{feff}款", "退\u{00ad}款", "\u{202e}退款\u{202c}", "退\u{2060}款", "退\u{fe0f}款"]
        {
            assert_eq!(fold(text), "退款", "{text:?}");
        }
        assert_eq!(fold("❤\u{fe0f}"), fold("❤"));
        assert_eq!(fold("👍🏽"), fold("👍"));
    }

    #[test]
    fn every_case_and_missing_accents_make_no_difference() {
        for (one, other) in [
            ("İADE", "iade"),
            ("SİPARİŞ", "sipariş"),
            ("ISPARTA", "ısparta"),
            ("STRASSE", "straße"),
            ("ΤΈΛΟΣ", "τέλος"),
            ("devolucion", "devolución"),
            ("devolucio\u{301}n", "devolución"),
            ("HOAN TIEN", "hoàn tiền"),
            ("doi tra", "đổi trả"),
            ("еще", "ещё"),
            ("coeur", "cœur"),
        ] {
            assert_eq!(fold(one), fold(other));
        }
        assert_ne!(fold("й"), fold("и"), "another letter, not an accent");
        assert_eq!(fold("ｷﾞﾌﾄ"), "ギフト");
        assert_eq!(fold("환불"), fold("\u{1112}\u{116A}\u{11AB}\u{1107}\u{116E}\u{11AF}"));
    }

    #[test]
    fn spaces_within_chinese_words_can_be_dropped_and_lines_stay_apart() {
        let tight = |text: &str| Folded::new(text).tight().map(|it| it.text().to_owned());
        assert_eq!(tight("我要 退 款").as_deref(), Some("我要退款"));
        assert_eq!(tight("东西坏了 怎么退"), None);
        assert_eq!(tight("发\n货"), None);
        assert_eq!(tight("no spaces to drop"), None);
    }

    #[test]
    fn what_is_folded_by_itself_is_folded_as_in_company() {
        for character in ('\0'..='\u{FFFF}').filter(|it| fold_simple(*it).is_some() && !it.is_whitespace()) {
            let (alone, company) = (fold(&character.to_string()), fold(&format!("{character}é")));
            assert_eq!(format!("{alone}e"), company, "{character:?}");
        }
    }

    proptest! {
        #[test]
        fn plain_text_is_folded_as_in_company(text in "[ -~\\t\\r\\n]{0,30}") {
            let (alone, company) = (fold(&format!("{text}x")), fold(&format!("{text}é")));
            prop_assert_eq!(alone.strip_suffix('x'), company.strip_suffix('e'));
        }

        #[test]
        fn folding_twice_is_folding_once(text in "[a-zA-Z你们發國薴帳Ａ1 \u{3000}'’？?ßİıΣςéё\u{301}\u{200b}´-]{0,40}|\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
