//! What the platforms' JSON APIs have in common: requests to them, and reading their answers.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{self, CONTENT_TYPE, RETRY_AFTER},
};

use serde::Serialize;

use crate::setting::{Secret, WEB_URL_HINT, ascii_host, web_url};

/// The longest waiting time that is believed.
const LONGEST_WAIT_S: u64 = 24 * 60 * 60;
/// As much of a platform's own words as goes into a reason.
const REASON_CHARS: usize = 200;

/// The URL of one method: `base` as configured, and the path behind it.
///
/// # Errors
/// A base that is not an absolute http or https URL. `setting` names it; `path` may hold a secret and is
/// never shown.
pub fn endpoint(setting: &str, base: &str, path: &str) -> Result<Uri, String> {
    web_url(base).map_err(|mistake| format!("`{setting}`: {mistake}; {WEB_URL_HINT}"))?;
    let url = format!("{}{path}", ascii_host(base).trim_end_matches('/'));
    url.parse().map_err(|_| format!("`{setting}` and what belongs behind it make no URL together"))
}

/// The `Authorization` header of a bearer token; it never prints.
///
/// # Errors
/// A token that a header cannot hold. `setting` names it; the token is not shown.
pub fn bearer(setting: &str, token: &Secret) -> Result<HeaderValue, String> {
    match HeaderValue::try_from(format!("Bearer {}", token.expose())) {
        Ok(mut value) if !token.is_empty() => {
            value.set_sensitive(true);
            Ok(value)
        }
        _ => Err(format!("`{setting}` is empty or holds characters that no token has")),
    }
}

/// A POST of JSON.
pub fn post(url: &Uri, body: &impl Serialize) -> Request<Bytes> {
    let body = serde_json::to_vec(body).expect("what we say ourselves is plain data, which JSON has a form for");
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url.clone();
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    request
}

/// A GET.
pub fn get(url: &Uri) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = url.clone();
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    request
}

/// How long the answer asks to wait, in milliseconds, at most a day: seconds or a date (RFC 9110, section 10.2.3).
pub fn retry_after_ms(headers: &HeaderMap, now_ms: i64) -> Option<u64> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(seconds_to_wait(seconds));
    }
    let at = httpdate::parse_http_date(value).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    let wait_ms = i64::try_from(at.as_millis()).ok()?.saturating_sub(now_ms).max(0);
    Some(wait_ms.unsigned_abs().min(LONGEST_WAIT_S * 1000))
}

/// Seconds a platform named as milliseconds to wait, at most a day.
pub fn seconds_to_wait(seconds: u64) -> u64 {
    seconds.min(LONGEST_WAIT_S) * 1000
}

/// Whether the same request may well succeed later: time-outs, too many requests, failures of the server.
pub fn is_temporary(status: StatusCode) -> bool {
    matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS)
        || status.is_server_error()
}

/// Why a message was refused: the status and the platform's own words, cut short.
pub fn reason(response: &Response<Bytes>, words: Option<&str>) -> String {
    match words {
        Some(words) if !words.is_empty() => {
            let words: String = words.chars().filter(|it| !it.is_control()).take(REASON_CHARS).collect();
            format!("{}: {words}", response.status().as_u16())
        }
        _ => response.status().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::testing::NOW_MS;

    #[test]
    fn a_base_url_is_absolute_and_its_path_stays_secret() {
        let url = endpoint("api_base", "https://api.example.com/", "/bot1:token/sendMessage").unwrap();
        assert_eq!(url, "https://api.example.com/bot1:token/sendMessage");
        assert_eq!(endpoint("api_base", "http://127.0.0.1:80/x", "/y").unwrap(), "http://127.0.0.1:80/x/y");
        for base in ["", "api.example.com", "/path", "ftp://api.example.com", "https://", "https://a b"] {
            let mistake = endpoint("api_base", base, "/bot1:token/x").unwrap_err();
            assert!(mistake.contains("api_base") && !mistake.contains("token"), "{mistake}");
        }
    }

    #[test]
    fn a_waiting_time_is_read_in_seconds_or_as_a_date_and_kept_within_a_day() {
        for (value, wait) in [
            ("7", Some(7_000)),
            (" 0 ", Some(0)),
            ("18446744073709551615", Some(86_400_000)),
            ("Tue, 14 Nov 2023 22:15:10 GMT", Some(10_000)),
            ("Tuesday, 14-Nov-23 22:15:10 GMT", Some(10_000)),
            ("Tue, 14 Nov 2023 22:14:00 GMT", Some(0)),
            ("Fri, 31 Dec 2027 23:59:59 GMT", Some(86_400_000)),
            ("tomorrow", None),
            ("-1", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(value))]);
            assert_eq!(retry_after_ms(&headers, NOW_MS), wait, "{value:?}");
        }
        assert_eq!(retry_after_ms(&HeaderMap::new(), NOW_MS), None);
    }

    #[test]
    fn a_token_that_no_header_can_hold_is_refused_without_showing_it() {
        for token in ["", "line\nbreak"] {
            let mistake = bearer("access_token", &Secret::new(token)).unwrap_err();
            assert!(!mistake.contains("break"), "{mistake}");
        }
        let value = bearer("access_token", &Secret::new("abc")).unwrap();
        assert_eq!(value, "Bearer abc");
        assert!(!format!("{value:?}").contains("abc"));
    }
}
