/// Whether `text` is a name as people give them to plugins and settings: 1 to 64 of `a-z0-9` and the joiner, a
/// letter first.
pub fn is_name(text: &str, joiner: u8) -> bool {
    text.len() <= 64
        && text.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == joiner)
}
