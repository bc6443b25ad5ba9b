//! The contract's numbers. They lie beside its words, in `sdk/wit/v1/limits.json`, from where the SDKs' test benches
//! read them too.

use std::sync::LazyLock;

use serde::Deserialize;

/// What one call may do and is handed, whatever its store allows it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractLimits {
    /// Actions of one answer.
    pub actions: usize,
    /// Of them, words to people of the store.
    pub notices: usize,
    pub new_tickets: usize,
    pub new_timers: usize,
    /// How many a timer may set in its turn, so that timers do not breed.
    pub new_timers_of_a_timer: usize,
    /// A timer further off than this is a mistake.
    pub timer_ahead_days: i64,
    /// How soon a timer may set a timer, so that none can keep the house busy.
    pub timer_after_timer_seconds: i64,
    pub choices: usize,
    /// Bytes of a name: a tag, label, kind, team or order number.
    pub name_bytes: usize,
    pub url_bytes: usize,
    /// Questions of one call; a plugin that asks more is stopped.
    pub questions: u32,
    /// Lines of one call that the log takes.
    pub log_lines: u32,
    pub products: u32,
    pub orders: usize,
    pub key_bytes: usize,
    pub value_bytes: usize,
    /// Keys one call may write.
    pub writes: usize,
    /// Keys that are listed at once.
    pub keys_page: u32,
    pub deletes_by_prefix: u32,
    pub fetches: u32,
    pub fetched_bytes: usize,
    pub fetched_headers: usize,
    /// A text that a plugin is handed is cut here: what a customer sends must not break a guest.
    pub given_text_bytes: usize,
    /// Lists that a plugin is handed are cut here.
    pub given_items: usize,
    pub given_media: usize,
}

/// The numbers of contract 1.
pub static LIMITS: LazyLock<ContractLimits> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../sdk/wit/v1/limits.json")).expect("limits.json is part of this binary")
});
