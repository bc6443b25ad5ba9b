//! A part of a file, for players of videos and recordings, which ask for no more than they play (RFC 9110, section 14).

use std::{convert::Infallible, ops::Range};

use axum::extract::FromRequestParts;
use http::{HeaderMap, Method, header, request::Parts};

/// What of a file a request is for.
#[derive(Debug, Default)]
pub struct Asked {
    bounds: Option<Bounds>,
    /// The version of the file that the part is wanted of; of another one all is wanted.
    of: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bounds {
    From(u64),
    Between(u64, u64),
    Last(u64),
}

/// What is given of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    Whole,
    Of(Range<u64>),
    /// The file ends before it.
    None,
}

impl Asked {
    /// What is no range of bytes, or several at once, may be answered with all of it.
    fn by(method: &Method, headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all(header::RANGE).iter().map(|it| it.to_str().unwrap_or_default());
        let bounds = match (lines.next(), lines.next()) {
            (Some(line), None) if method == Method::GET => Bounds::read(line),
            _ => None,
        };
        let of = headers.get(header::IF_RANGE).map(|it| it.to_str().unwrap_or_default().to_owned());
        Self { bounds, of }
    }

    /// `tag`: the file's own, with its quotation marks.
    pub fn part(&self, length: u64, tag: &str) -> Part {
        let Some(bounds) = self.bounds.filter(|_| self.of.as_deref().is_none_or(|of| of == tag)) else {
            return Part::Whole;
        };
        let range = match bounds {
            Bounds::From(first) => first..length,
            Bounds::Between(first, last) => first..length.min(last.saturating_add(1)),
            Bounds::Last(most) => length.saturating_sub(most)..length,
        };
        if range.is_empty() { Part::None } else { Part::Of(range) }
    }
}

impl Bounds {
    fn read(line: &str) -> Option<Self> {
        let (unit, range) = line.split_once('=')?;
        let (first, last) = range.trim().split_once('-')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        match (first, last) {
            ("", last) => Some(Self::Last(number(last)?)),
            (first, "") => Some(Self::From(number(first)?)),
            (first, last) => Some(Self::Between(number(first)?, number(last)?)).filter(Self::is_forward),
        }
    }

    fn is_forward(&self) -> bool {
        !matches!(self, Self::Between(first, last) if first > last)
    }
}

/// A number too large to be one is past every end.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::by(&parts.method, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TAG: &str = "\"a\"";

    fn part(range: &str, length: u64) -> Part {
        let headers = HeaderMap::from_iter([(header::RANGE, range.parse().unwrap())]);
        Asked::by(&Method::GET, &headers).part(length, TAG)
    }

    #[test]
    fn a_part_is_what_was_asked_for_as_far_as_there_is_any() {
        for (range, given) in [
            ("bytes=0-0", Part::Of(0..1)),
            ("bytes=0-", Part::Of(0..10)),
            ("Bytes = 2-5", Part::Of(2..6)),
            ("bytes=9-99", Part::Of(9..10)),
            ("bytes=-3", Part::Of(7..10)),
            ("bytes=-99", Part::Of(0..10)),
            ("bytes=3-99999999999999999999", Part::Of(3..10)),
            ("bytes=10-", Part::None),
            ("bytes=99999999999999999999-", Part::None),
            ("bytes=-0", Part::None),
        ] {
            assert_eq!(part(range, 10), given, "{range}");
        }
    }

    #[test]
    fn what_is_no_single_range_of_bytes_is_answered_with_all() {
        for range in
            ["", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=+1-2", "bytes=0-1,4-5", "pages=1-2"]
        {
            assert_eq!(part(range, 10), Part::Whole, "{range}");
        }
        assert_eq!(Asked::default().part(10, TAG), Part::Whole);
        let one = HeaderMap::from_iter([(header::RANGE, "bytes=0-1".parse().unwrap())]);
        assert_eq!(Asked::by(&Method::HEAD, &one).part(10, TAG), Part::Whole);
        let mut two = one.clone();
        two.append(header::RANGE, "bytes=4-5".parse().unwrap());
        assert_eq!(Asked::by(&Method::GET, &two).part(10, TAG), Part::Whole);
    }

    #[test]
    fn of_another_version_all_is_given() {
        for (of, given) in
            [(TAG, Part::Of(0..2)), ("\"b\"", Part::Whole), ("Tue, 24 Nov 2026 00:00:00 GMT", Part::Whole)]
        {
            let headers = [(header::RANGE, "bytes=0-1".parse().unwrap()), (header::IF_RANGE, of.parse().unwrap())];
            assert_eq!(Asked::by(&Method::GET, &HeaderMap::from_iter(headers)).part(10, TAG), given, "{of}");
        }
    }

    proptest! {
        #[test]
        fn no_header_leads_past_a_files_end(range in "(bytes=)?[0-9,= -]{0,24}|\\PC{0,24}", length in 0_u64..100) {
            let Ok(value) = http::HeaderValue::from_bytes(range.as_bytes()) else { return Ok(()) };
            let headers = HeaderMap::from_iter([(header::RANGE, value)]);
            if let Part::Of(range) = Asked::by(&Method::GET, &headers).part(length, TAG) {
                prop_assert!(range.start < range.end && range.end <= length);
            }
        }
    }
}
