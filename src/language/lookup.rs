//! What stands in for a language where a text is not there in it.

/// The language somebody is spoken to in, and those that stand in for it (RFC 4647, lookup): `zh-Hant-HK`, `zh-Hant`, `zh`,
/// any other Chinese, the store's `fallback` if it has one, the store's own language, English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language<'a> {
    tag: &'a str,
    fallback: Option<&'a str>,
    /// The store's own, which texts without a tag are in.
    store: &'a str,
}

impl<'a> Language<'a> {
    pub fn new(tag: &'a str, fallback: Option<&'a str>, store: &'a str) -> Self {
        Self { tag, fallback, store }
    }

    /// One whose store speaks nothing else.
    pub fn of(tag: &'a str) -> Self {
        Self { tag, fallback: None, store: tag }
    }

    pub fn tag(self) -> &'a str {
        self.tag
    }

    /// What texts without a tag are in.
    pub fn store(self) -> &'a str {
        self.store
    }

    /// The same where a text of this language is spoken: what fills it is in its language, too.
    #[must_use]
    pub fn spoken_by(self, text: &'a str) -> Self {
        if is_same_language(self.tag, text) { self } else { Self { tag: text, ..self } }
    }

    /// The tags to try in turn, each to be cut shorter before the next one.
    pub(super) fn ranges(self) -> impl Iterator<Item = &'a str> {
        [Some(self.tag), self.fallback, Some(self.store), Some("en")].into_iter().flatten()
    }
}

/// The tag, and what is left of it with subtag after subtag cut off: `zh-Hant-HK`, `zh-Hant`, `zh`.
pub fn shorter_and_shorter(tag: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(tag), |tag| tag.rsplit_once('-').map(|(shorter, _)| shorter))
}

/// Whether both are tags of one language, whatever its script and place.
pub fn is_same_language(one: &str, other: &str) -> bool {
    one.split('-').next() == other.split('-').next()
}
