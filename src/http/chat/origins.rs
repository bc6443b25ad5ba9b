//! Which site a request was made by. A browser says so; what is no browser has no cookie to lose.

use http::{HeaderMap, HeaderValue, header};

use crate::{channel::webchat::origin_host, in_force::Front};

/// What a site may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// The daemon's own page, or no browser at all.
    Own,
    /// One of the channel's `allowed_origins`, to be named in the answer.
    Allowed(HeaderValue),
    Foreign,
}

/// What the owner reads of a foreign site, and what its developer does.
pub const WHY_FOREIGN: &str = "the page's origin is neither the address the chat was called at nor in \
    `allowed_origins` of the chat in channels.toml; behind a proxy that hides the address, set `public_url` in \
    [server] of nightclerk.toml or let the proxy pass the Host header on\n";

/// The site that made a request. `by_proxy`: a trusted proxy passed it on.
pub fn site(headers: &HeaderMap, front: &Front, by_proxy: bool, allowed: &[String]) -> Site {
    let Some(origin) = headers.get(header::ORIGIN) else { return Site::Own };
    let Ok(named) = origin.to_str() else { return Site::Foreign };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // Scripts cannot set it, and it knows what a proxy hides from us. Browsers leave it out where there is no TLS.
    if text("sec-fetch-site") == Some("same-origin") {
        return Site::Own;
    }
    let forwarded = text("x-forwarded-host").filter(|_| by_proxy).and_then(|it| it.split(',').next()).map(str::trim);
    let public = front.public_url.as_deref().and_then(origin_host);
    let own = [text("host"), forwarded, public].into_iter().flatten();
    if origin_host(named).is_some_and(|page| own.into_iter().any(|own| page.eq_ignore_ascii_case(own))) {
        return Site::Own;
    }
    match allowed.contains(&named.to_ascii_lowercase()) {
        true => Site::Allowed(origin.clone()),
        false => Site::Foreign,
    }
}

/// Whether the visitor's browser came by TLS, as far as anybody said.
pub fn is_secure(headers: &HeaderMap, front: &Front, by_proxy: bool) -> bool {
    let forwarded = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    front.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
        || (by_proxy && forwarded.is_some_and(|it| it.eq_ignore_ascii_case("https")))
}

#[cfg(test)]
mod tests {
    use http::HeaderName;
    use proptest::prelude::*;

    use super::*;

    fn of(headers: &[(&str, &str)], public_url: Option<&str>, by_proxy: bool) -> Site {
        let front = Front { public_url: public_url.map(str::to_owned), trusted_proxies: Vec::new() };
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect();
        site(&headers, &front, by_proxy, &["https://shop.example".to_owned()])
    }

    fn from(origin: &str) -> Site {
        of(&[("host", "chat.example:8443"), ("origin", origin)], None, false)
    }

    #[test]
    fn only_the_daemons_own_page_and_the_allowed_ones_may_write() {
        assert_eq!(of(&[("host", "chat.example")], None, false), Site::Own, "no browser");
        for origin in ["https://chat.example:8443", "http://CHAT.example:8443"] {
            assert_eq!(from(origin), Site::Own, "{origin}");
        }
        assert_eq!(from("https://shop.example"), Site::Allowed(HeaderValue::from_static("https://shop.example")));
        for origin in [
            "https://evil.example",
            "https://chat.example",
            "https://chat.example:8443.evil.example",
            "https://shop.example.evil.example",
            "http://shop.example",
            "https://evil.example/https://shop.example",
            "chat.example:8443",
            "null",
            "",
        ] {
            assert_eq!(from(origin), Site::Foreign, "{origin}");
        }
        assert_eq!(of(&[("origin", "https://chat.example")], None, false), Site::Foreign, "no host");
    }

    #[test]
    fn behind_a_proxy_that_hides_the_address_the_own_page_is_known_all_the_same() {
        let hidden = [("host", "127.0.0.1:8080"), ("origin", "https://chat.example")];
        assert_eq!(of(&hidden, None, true), Site::Foreign);
        assert_eq!(of(&hidden, Some("https://chat.example"), false), Site::Own, "`public_url`");
        let with = |name, value| [hidden[0], hidden[1], (name, value)];
        assert_eq!(of(&with("sec-fetch-site", "same-origin"), None, false), Site::Own, "the browser says so");
        assert_eq!(of(&with("sec-fetch-site", "cross-site"), None, false), Site::Foreign);
        assert_eq!(of(&with("x-forwarded-host", "chat.example"), None, true), Site::Own, "a trusted proxy says so");
        assert_eq!(of(&with("x-forwarded-host", "chat.example"), None, false), Site::Foreign, "a stranger says so");
    }

    proptest! {
        #[test]
        fn no_origin_makes_it_panic(origin in "[ -~]{0,30}", host in "[ -~]{0,30}") {
            of(&[("host", &host), ("origin", &origin)], None, true);
        }
    }
}
