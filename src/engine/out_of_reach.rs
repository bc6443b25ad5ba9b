//! Teams and people whom nobody can tell anything, in words.

/// What to do about one.
pub const REACH_HINT: &str = "give it `channel` and `chat` in store.toml";

/// What is wrong with handing something to one.
pub fn cannot_be_told(name: &str) -> String {
    format!("the {name} can be told on no channel")
}
