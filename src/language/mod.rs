//! Languages: their tags, what stands in for which, texts that are there in several, and the two scripts of Chinese.

mod by_language;
mod chinese;
mod lookup;
mod tag;

pub use by_language::{ByLanguage, Found};
pub use chinese::rewrite;
pub use lookup::{Language, is_same_language};
pub use tag::{Tag, TagError};
