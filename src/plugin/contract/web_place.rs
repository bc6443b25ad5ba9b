//! Where a plugin may call: `host[:port][/path]`, the argument of the capability `http`.

use std::{fmt, str::FromStr};

/// A host, with a port where it is not the scheme's own, and the path below which is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebPlace {
    /// In lower case, with a port if one is said.
    authority: String,
    /// Whole segments; none for all of the host.
    segments: Vec<String>,
}

impl WebPlace {
    /// All of a host.
    pub fn host(authority: &str) -> Self {
        Self { authority: authority.to_owned(), segments: Vec::new() }
    }

    /// The place that a request goes to, if its path means what it says: dots that climb, empty segments and encoded
    /// separators could mean another place to whoever answers.
    ///
    /// # Errors
    /// What is wrong with the path.
    pub fn of_request(authority: &str, path: &str) -> Result<Self, String> {
        let segments = segments(path.strip_prefix('/').unwrap_or(path));
        // It is not named: a path may carry a key.
        match segments.iter().all(|segment| is_plain(segment)) {
            true => Ok(Self { authority: authority.to_owned(), segments }),
            false => Err("the path has a segment that could mean another place".to_owned()),
        }
    }

    /// Whether `other` is this place or below it.
    pub fn covers(&self, other: &Self) -> bool {
        self.authority == other.authority && other.segments.starts_with(&self.segments)
    }
}

impl fmt::Display for WebPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.authority)?;
        self.segments.iter().try_for_each(|segment| write!(f, "/{segment}"))
    }
}

impl FromStr for WebPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (authority, path) = text.split_once('/').unwrap_or((text, ""));
        if !is_authority(authority) {
            return Err(format!(
                "`{authority}` is not a host: write it in lower case and without scheme, as in `http:api.example.com/v1`"
            ));
        }
        let segments = segments(path);
        match segments.iter().find(|segment| !is_plain(segment)) {
            Some(wrong) => {
                Err(format!("`{wrong}` is not a segment of a path: write it as in `http:api.example.com/v1`"))
            }
            None => Ok(Self { authority: authority.to_owned(), segments }),
        }
    }
}

/// The segments of a path; a slash at its end ends nothing.
fn segments(path: &str) -> Vec<String> {
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// A segment that everybody reads alike.
fn is_plain(segment: &str) -> bool {
    let lower = segment.to_ascii_lowercase();
    let encoded = ["%2e", "%2f", "%5c", "%25", "%00"].iter().any(|it| lower.contains(it));
    let dots = segment == "." || segment == "..";
    let letters = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'?' | b'#' | b'"' | b'<' | b'>');
    !segment.is_empty() && !dots && !encoded && segment.bytes().all(letters)
}

/// A host name or IPv4 address in lower case, with or without a port.
fn is_authority(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    host.len() <= 253
        && host.split('.').all(label)
        && port.is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_place_is_refused() {
        for text in [
            "",
            "*",
            "*.example.com",
            "https://example.com",
            "user@example.com",
            "Example.com",
            "example.com:99999",
            "example.com:",
            "a..b",
            "example.com/..",
            "example.com/a//b",
            "example.com/a?b",
            "example.com/%2e%2e",
        ] {
            assert!(text.parse::<WebPlace>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_place_is_matched_by_whole_segments() {
        let place: WebPlace = "api.example/v1".parse().unwrap();
        for path in ["/v1", "/v1/", "/v1/rates", "/v1/a.b/c%20d"] {
            assert!(place.covers(&WebPlace::of_request("api.example", path).unwrap()), "{path}");
        }
        for path in ["/", "", "/v10", "/v2/v1", "/V1"] {
            assert!(!place.covers(&WebPlace::of_request("api.example", path).unwrap()), "{path}");
        }
        assert!(!place.covers(&WebPlace::of_request("api.example:8443", "/v1").unwrap()));
    }

    #[test]
    fn a_path_that_could_mean_another_place_is_refused() {
        for path in [
            "/v1/../admin",
            "/v1/./x",
            "/v1//x",
            "/v1/%2e%2E/x",
            "/v1%2fx",
            "/v1/%5c..%5cx",
            "/v1/%252e%252e/x",
            "/v1\\x",
        ] {
            assert!(WebPlace::of_request("api.example", path).is_err(), "{path}");
        }
    }
}
