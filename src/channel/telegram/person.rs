//! Who wrote.

use serde::Deserialize;

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
}

impl User {
    /// Bots see each other in groups, and each of them itself.
    pub fn is_a_person(&self) -> bool {
        !self.is_bot && self.id != CHANNEL_POSTS
    }

    pub fn name(&self) -> Option<String> {
        let name = format!("{} {}", self.first_name, self.last_name.as_deref().unwrap_or_default());
        Some(name.trim().to_owned()).filter(|name| !name.is_empty())
    }
}
