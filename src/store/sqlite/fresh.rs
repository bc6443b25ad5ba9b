//! The texts of conversations that were written last: the next decision rests on one of them, and the way back from it
//! needs that text again.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use lru::LruCache;

use super::row_text::RowText;
use crate::model::{Address, Version};

/// About a kilobyte each.
const MOST: NonZeroUsize = NonZeroUsize::new(4096).unwrap();

/// By the version that a row was written with. That is drawn once for each decision, whose own conversation alone is kept.
pub struct FreshTexts(Mutex<LruCache<Version, (Address, Arc<RowText>)>>);

impl FreshTexts {
    pub fn new() -> Self {
        Self(Mutex::new(LruCache::new(MOST)))
    }

    pub fn keep(&self, version: Version, address: &Address, text: Arc<RowText>) {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        texts.put(version, (address.clone(), text));
    }

    /// The text of a conversation as a decision wrote it, once: what rests on it puts another one in its place.
    pub fn take(&self, version: Version, address: &Address) -> Option<Arc<RowText>> {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        texts.pop(&version).filter(|(of, _)| of == address).map(|(_, text)| text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Conversation;

    #[test]
    fn a_text_is_given_for_the_conversation_and_the_version_that_it_was_written_with_alone() {
        let text = |received| Arc::new(RowText::of(&Conversation { received, ..Conversation::default() }).unwrap());
        let (ana, bo) = (Address::new("shop", "ana"), Address::new("shop", "bo"));
        let texts = FreshTexts::new();
        texts.keep(Version(1), &ana, text(1));
        texts.keep(Version(2), &ana, text(2));
        texts.keep(Version(3), &bo, text(3));
        assert_eq!(texts.take(Version(2), &ana), Some(text(2)));
        assert_eq!(texts.take(Version(2), &ana), None, "what rests on it is newer");
        assert_eq!(texts.take(Version(3), &ana), None);
        assert_eq!(texts.take(Version(4), &ana), None);
    }
}
