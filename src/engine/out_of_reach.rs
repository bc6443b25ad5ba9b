//! Teams and people whom nobody can tell anything, in words.

/// What to do about one who is to be written to.
pub const REACH_HINT: &str = "give it `channel` and `chat` in store.toml";
/// What to do about one who is to take conversations.
const HAND_OVER_HINT: &str =
    "give it `channel` and `chat` in store.toml, or `channel = \"console\"` if its people answer there";

/// What is wrong with telling something to one.
pub fn cannot_be_told(name: &str) -> String {
    format!("the {name} can be told on no channel")
}

/// What is wrong with handing a conversation to one, and what to do about it.
pub fn cannot_be_given(name: &str, is_of_console: bool) -> (String, &'static str) {
    if is_of_console {
        return (
            format!("nobody of `{name}` can sign in to the console"),
            "add its people to store.toml as [[person]]",
        );
    }
    (cannot_be_told(name), HAND_OVER_HINT)
}
