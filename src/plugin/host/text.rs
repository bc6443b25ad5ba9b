/// Bytes of a line that are kept.
const MAX_LINE: usize = 300;

/// One line, of bounded length.
pub fn line(text: &str) -> String {
    let kept = &text[..text.floor_char_boundary(MAX_LINE)];
    let mut line = match kept.contains(char::is_control) {
        true => kept.replace(char::is_control, " "),
        false => kept.to_owned(),
    };
    if kept.len() < text.len() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_plugin_says_comes_to_one_line_of_bounded_length() {
        assert_eq!(line("one\r\n\ttwo\u{85}三"), "one   two 三");
        assert_eq!(line(&"x".repeat(MAX_LINE)), "x".repeat(MAX_LINE));
        let long = line(&"三\n".repeat(MAX_LINE));
        assert_eq!(long, "三 ".repeat(MAX_LINE / 4) + "…");
    }
}
