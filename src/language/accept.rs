//! The header in which a browser says what its user reads.

use super::Tag;

/// More are not looked at.
const MOST: usize = 8;

/// The languages of an `Accept-Language` header, most wanted first (RFC 9110, 12.5.4).
pub fn accepted(header: &str) -> Vec<Tag> {
    let mut wanted: Vec<(f32, Tag)> = header
        .split(',')
        .take(MOST)
        .filter_map(|item| {
            let (tag, weight) = item.split_once(";q=").unwrap_or((item, "1"));
            let weight: f32 = weight.trim().parse().unwrap_or(0.0);
            (weight > 0.0).then_some(weight).zip(Tag::of_platform(tag))
        })
        .collect();
    wanted.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    wanted.into_iter().map(|(_, tag)| tag).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_most_wanted_comes_first_and_what_is_unwanted_not_at_all() {
        for (header, expected) in [
            ("ja", "ja"),
            ("en;q=0.5, zh-TW, zh;q=0.9, *;q=0.1", "zh-Hant-TW zh en"),
            ("de;q=0, fr;q=0.3", "fr"),
            ("", ""),
            ("*", ""),
            ("xx,,;q=1,en;q=abc,ko", "ko"),
        ] {
            let tags: Vec<_> = accepted(header).iter().map(ToString::to_string).collect();
            assert_eq!(tags.join(" "), expected, "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_header_panics(header in ".{0,100}") {
            let _ = accepted(&header);
        }
    }
}
