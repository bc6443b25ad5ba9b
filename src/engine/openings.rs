//! With what a question is begun in Chinese: 请问, 想咨询一下. It says nothing, and is like greetings and what prices are asked with.

use std::sync::LazyLock;

use regex::Regex;

use super::text::regex;

/// One of them, folded. 问题 is none.
pub const OPENING: &str =
    "(?:(?:我|就)*(?:(?:想|要)?请问(?:一?下)?|(?:想|要)问(?:问|一?下)?|问(?:问看|一?下)|(?:想|要)?咨询(?:一?下)?))";

static LEAD: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(r"^\s*(?:还有|另外|以及|顺便|并且|然后|再|还|也|那|我|你好|您好|亲|[,，\s])*{OPENING}[,，:：\s]*"))
});

/// How many bytes of a folded text begin a question that is asked after them.
pub fn opening(folded: &str) -> usize {
    // Each has one of these; most texts have none.
    if !folded.contains('问') && !folded.contains('询') {
        return 0;
    }
    LEAD.find(folded).map_or(0, |lead| lead.end())
}

/// A folded text without what begins it, where something is asked then.
pub fn without_opening(folded: &str) -> &str {
    let begun = opening(folded);
    if begun == 0 {
        return folded;
    }
    let rest = folded.get(begun..).unwrap_or(folded);
    if rest.chars().filter(|it| it.is_alphanumeric()).nth(1).is_some() { rest } else { folded }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::fold;

    #[test]
    fn what_is_asked_is_left_of_a_question() {
        for (said, asked) in [
            ("想問運費", "运费"),
            ("请问一下，有货吗", "有货吗"),
            ("你好 我想咨询一下退货", "退货"),
            ("顺便问下送礼有礼盒没", "送礼有礼盒没"),
            ("另外想问问多久发货", "多久发货"),
        ] {
            assert_eq!(without_opening(&fold(said)), asked, "{said}");
        }
        for said in ["问题解决了吗", "请问", "请问？", "有个问题", "我想要退货", "where is it"] {
            assert_eq!(without_opening(&fold(said)), fold(said), "{said}");
        }
    }
}
