/// Characters of a name that a person can be greeted by.
const LONGEST: usize = 60;
/// What programs write where they know no name.
const NO_NAMES: [&str; 9] =
    ["null", "undefined", "none", "nil", "nan", "n/a", "unknown", "anonymous", "[object object]"];

/// A customer's name, if it is one that a person can be greeted by: no blanks, no program's word for nothing, no page
/// of text.
pub fn presentable_name(name: &str) -> Option<&str> {
    let name = name.trim();
    let is_one = name.chars().any(char::is_alphanumeric)
        && name.chars().take(LONGEST + 1).count() <= LONGEST
        && !name.chars().any(char::is_control)
        && !NO_NAMES.iter().any(|it| name.eq_ignore_ascii_case(it));
    is_one.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_name_and_nothing_is_none() {
        for name in ["Ana", " 小王 ", "O'Neil", "王先生2"] {
            assert_eq!(presentable_name(name), Some(name.trim()));
        }
        for name in ["", "  ", "null", "UNDEFINED", "-", "N/A", "a\nb", &"x".repeat(5000)] {
            assert_eq!(presentable_name(name), None, "{name}");
        }
    }
}
