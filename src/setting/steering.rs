/// Whether a character steers what shows it: control characters, and those that change the direction or the lines of a
/// text. Nobody's words put them into a terminal or a chat of ours.
pub fn steers(character: char) -> bool {
    match character {
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        other => other.is_control(),
    }
}
