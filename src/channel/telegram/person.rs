//! Who wrote.

use serde::Deserialize;

use crate::language::Tag;

/// The account by which posts of a linked channel come into its group.
const CHANNEL_POSTS: i64 = 777_000;

#[derive(Deserialize)]
pub struct User {
    pub id: i64,
    #[serde(default)]
    is_bot: bool,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: Option<String>,
    #[serde(default)]
    language_code: Option<String>,
}

impl User {
    /// Bots see each other in groups, and each of them itself.
    pub fn is_a_person(&self) -> bool {
        !self.is_bot && self.id != CHANNEL_POSTS
    }

    /// What the person reads Telegram in.
    pub fn languages(&self) -> Vec<Tag> {
        self.language_code.as_deref().and_then(Tag::of_platform).into_iter().collect()
    }

    pub fn name(&self) -> Option<String> {
        let name = format!("{} {}", self.first_name, self.last_name.as_deref().unwrap_or_default());
        Some(name.trim().to_owned()).filter(|name| !name.is_empty())
    }
}
