//! The contract's numbers, from where the daemon reads them too.

use std::sync::LazyLock;

use serde::Deserialize;

/// As far as the bench holds a plugin to them; see the daemon's own for what each means.
#[derive(Deserialize)]
pub struct Limits {
    pub actions: usize,
    pub notices: usize,
    pub new_tickets: usize,
    pub new_timers: usize,
    pub new_timers_of_a_timer: usize,
    pub timer_ahead_days: i64,
    pub timer_after_timer_seconds: i64,
    pub choices: usize,
    pub name_bytes: usize,
    pub url_bytes: usize,
    pub questions: u32,
    pub log_lines: usize,
    pub products: u32,
    pub orders: usize,
    pub key_bytes: usize,
    pub value_bytes: usize,
    pub writes: usize,
    pub keys_page: u32,
    pub deletes_by_prefix: u32,
    pub fetches: u32,
    pub fetched_bytes: usize,
    pub given_text_bytes: usize,
    pub given_items: usize,
    pub given_media: usize,
}

pub static LIMITS: LazyLock<Limits> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../wit/v1/limits.json")).expect("limits.json is part of this crate")
});

/// A text, cut where a plugin is handed no more of it.
pub fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(LIMITS.given_text_bytes)].to_owned()
}
