/// Bytes of a line that are kept.
const MAX_LINE: usize = 300;

/// One line, of bounded length.
pub fn line(text: &str) -> String {
    let mut line: String = text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    if line.len() > MAX_LINE {
        line.truncate(line.floor_char_boundary(MAX_LINE));
        line.push('…');
    }
    line
}
