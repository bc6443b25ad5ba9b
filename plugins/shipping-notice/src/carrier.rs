use nightclerk_sdk::prelude::*;

/// A courier and its tracking page.
#[derive(Deserialize)]
pub struct Carrier {
    /// Names and codes that shops use for it. A Chinese one counts wherever it occurs, any other as whole words.
    known_as: Vec<String>,
    pub zh: String,
    pub en: String,
    /// With `{number}` where the tracking number goes.
    url: String,
}

impl Carrier {
    /// Whether a shop means this courier.
    pub fn is(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.known_as.iter().map(|known| known.to_lowercase()).any(|known| match known.is_ascii() {
            true => has_words(&name, &known),
            false => name.contains(&known),
        })
    }

    /// Where to follow the parcel; nowhere for a number that does not look like one.
    pub fn tracking_link(&self, number: &str) -> Option<String> {
        let number: String = number.chars().filter(|letter| !letter.is_whitespace()).collect();
        let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (plain && !self.url.is_empty()).then(|| self.url.replace("{number}", &number))
    }
}

/// Whether `text` holds `words` between characters that are no Latin letters or digits.
fn has_words(text: &str, words: &str) -> bool {
    let is_word = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    !words.is_empty()
        && text.match_indices(words).any(|(at, found)| {
            let (before, after) = (&text[..at], &text[at + found.len()..]);
            !is_word(before.chars().next_back()) && !is_word(after.chars().next())
        })
}
