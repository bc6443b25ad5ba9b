//! Languages: their tags, what stands in for which, texts that are there in several, and the two scripts of Chinese.

mod accept;
mod by_language;
mod chinese;
mod lookup;
mod recognise;
mod settle;
mod tag;

pub use accept::accepted;
pub use by_language::{ByLanguage, Found};
pub use chinese::rewrite;
pub use lookup::{Language, is_same_language};
pub use recognise::{Sign, Strength, recognise};
pub use settle::Signs;
pub use tag::{Tag, TagError};
