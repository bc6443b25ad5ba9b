use unicode_normalization::UnicodeNormalization;

/// The shortest and longest phone numbers of the world, in digits, the country's code with them.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A telephone number as people write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneNumber {
    /// Digits alone.
    pub digits: String,
    /// Whether it was said to begin with the country's code.
    pub international: bool,
}

impl PhoneNumber {
    /// `+1 (650) 555-1234`, `0016505551234`, `tel:＋４４ (0)20 7946 0958`. `None`: it is no telephone number.
    pub fn read(written: &str) -> Option<Self> {
        let plain: String = written.nfkc().filter(|it| !is_unseen(*it)).collect();
        let plain = plain.trim();
        let plain = plain.strip_prefix("tel:").unwrap_or(plain).trim_start();
        let international = plain.starts_with('+') || plain.starts_with("00");
        // Within a country some write a nought in brackets before the number: +44 (0)20 ….
        let plain = if international { plain.replacen("(0)", "", 1) } else { plain.to_owned() };
        let is_mark =
            |it: char| it.is_whitespace() || matches!(it, '+' | '(' | ')' | '-' | '.' | '/' | '\u{2010}'..='\u{2015}');
        let digits: String = plain.chars().filter(|it| !is_mark(*it)).collect();
        // No country's code begins with a zero: two of them are the sign of a call abroad.
        let digits = digits.strip_prefix("00").unwrap_or(&digits);
        let is_number = digits.bytes().all(|it| it.is_ascii_digit()) && DIGITS.contains(&digits.len());
        is_number.then(|| Self { digits: digits.to_owned(), international })
    }

    /// In the form in which people are found by it: digits, with a plus where they begin with a country's code. `None` for
    /// what only fills a field, such as `000 0000`.
    pub fn as_key(&self) -> Option<String> {
        let first = self.digits.bytes().next()?;
        let is_filler =
            self.digits.bytes().all(|it| it == first) || self.digits == "1234567" || self.digits == "12345678";
        (!is_filler).then(|| if self.international { format!("+{}", self.digits) } else { self.digits.clone() })
    }
}

/// An e-mail address in the form in which people are found by it. `None`: it is none.
pub fn email_key(written: &str) -> Option<String> {
    let plain = written.trim().to_lowercase();
    let (name, host) = plain.rsplit_once('@')?;
    let is_word =
        |it: &str| !it.is_empty() && !it.contains(|it: char| it.is_whitespace() || it.is_control() || it == '@');
    let is_host = is_word(host) && host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    (is_word(name) && is_host && plain.len() <= 254).then_some(plain)
}

/// Marks of direction and the like, which come along when something is copied.
pub fn is_unseen(character: char) -> bool {
    matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{AD}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_found_by_a_number_however_it_is_written_and_not_by_one_that_only_fills_a_field() {
        let key = |text: &str| PhoneNumber::read(text).and_then(|it| it.as_key());
        for written in
            ["+86 138-0013-8000", "008613800138000", "tel:＋86 13800138000", "\u{202a}+8613800138000\u{202c}"]
        {
            assert_eq!(key(written).as_deref(), Some("+8613800138000"), "{written}");
        }
        assert_eq!(key("138 0013 8000").as_deref(), Some("13800138000"));
        for written in ["", "000 0000", "1111111111", "1234567", "call me", "12345"] {
            assert_eq!(key(written), None, "{written}");
        }
    }

    #[test]
    fn people_are_found_by_an_e_mail_address_whatever_its_case() {
        assert_eq!(email_key(" Ana@Example.COM ").as_deref(), Some("ana@example.com"));
        for written in ["", "ana", "ana@", "@example.com", "ana@example", "a b@example.com", "ana@example.com."] {
            assert_eq!(email_key(written), None, "{written}");
        }
    }
}
