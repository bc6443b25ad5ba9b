//! The one place where the engine's spelling of a tag becomes the contract's, which always names the script of Chinese.

use std::borrow::Cow;

use crate::language::is_same_language;

/// `zh` is `zh-Hans` there; all other tags are the same.
pub fn tag(tag: &str) -> Cow<'_, str> {
    if !is_same_language(tag, "zh") || tag.contains("-Hant") {
        return Cow::Borrowed(tag);
    }
    Cow::Owned(tag.replacen("zh", "zh-Hans", 1))
}

#[cfg(test)]
mod tests {
    #[test]
    fn plugins_are_told_the_script_of_chinese() {
        for (ours, theirs) in [("zh", "zh-Hans"), ("zh-CN", "zh-Hans-CN"), ("zh-Hant-HK", "zh-Hant-HK"), ("en", "en")] {
            assert_eq!(super::tag(ours), theirs);
        }
    }
}
