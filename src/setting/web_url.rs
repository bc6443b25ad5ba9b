//! The addresses that customers are sent to, and that requests go to.

use std::borrow::Cow;

use http::Uri;

/// What to write instead of a text that is no web address.
pub const WEB_URL_HINT: &str = "write it whole, such as \"https://shop.example/page\"";

/// Whether `text` is an `http` or `https` URL with a host.
///
/// # Errors
/// It is none. A name and password in it are not shown.
pub fn web_url(text: &str) -> Result<(), String> {
    web_uri(text).map(drop)
}

/// The URL to ask at, with a name such as `茶铺.中国` as the network knows it.
///
/// # Errors
/// As for [`web_url`].
pub fn web_uri(text: &str) -> Result<Uri, String> {
    let uri = ascii_host(text).parse::<Uri>().ok().filter(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    });
    uri.ok_or_else(|| format!("`{}` is not a web address", without_password(text)))
}

/// The URL with its host as browsers write it in headers and resolvers ask for it; as it is where the host is no name.
pub fn ascii_host(text: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = text.split_once("://") else { return Cow::Borrowed(text) };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, host) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    let (name, port) = host.split_at(host.rfind(':').unwrap_or(host.len()));
    match idna::domain_to_ascii_strict(name) {
        Ok(ascii) if !name.is_ascii() => Cow::Owned(format!("{scheme}://{user}{ascii}{port}{path}")),
        _ => Cow::Borrowed(text),
    }
}

/// Whether `text` is where a picture for a web page is.
///
/// # Errors
/// It is not, or not by TLS: a page that came by TLS does not show it then.
pub fn picture_url(text: &str) -> Result<(), String> {
    web_url(text)?;
    if text.starts_with("https://") { Ok(()) } else { Err(format!("`{}` is no https address", without_password(text))) }
}

/// The text without what stands between the scheme and an `@`.
fn without_password(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((before, after)) => {
            let scheme = before.find("://").map_or("", |end| &before[..end + 3]);
            format!("{scheme}…@{after}")
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_addresses_of_the_web_are_taken() {
        for good in ["https://shop.example", "http://127.0.0.1:8080/x?y=1", "https://shop.example/茶"] {
            assert_eq!(web_url(good), Ok(()), "{good}");
        }
        for bad in ["", "shop.example", "/page", "ftp://shop.example", "https://", "https://a b", "mailto:a@b.example"]
        {
            assert!(web_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_in_any_script_is_a_host() {
        assert_eq!(web_uri("https://茶铺.中国/a?b=茶").unwrap().host(), Some("xn--cl1av77a.xn--fiqs8s"));
        assert_eq!(ascii_host("https://u@茶铺.中国:8443"), "https://u@xn--cl1av77a.xn--fiqs8s:8443");
        assert_eq!(ascii_host("https://shop.example/茶"), "https://shop.example/茶");
        assert!(web_url("https://茶 铺.中国/").is_err());
    }

    #[test]
    fn a_picture_is_where_any_page_may_show_it_from() {
        assert_eq!(picture_url("https://shop.example/cup.jpg"), Ok(()));
        for bad in ["http://shop.example/cup.jpg", "cup.jpg", ""] {
            assert!(picture_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_in_a_bad_address_is_not_shown() {
        for bad in ["http://user:hunter2@ bad/", "user:hunter2@shop.example", "ftp://hunter2@x@y"] {
            let mistake = web_url(bad).unwrap_err();
            assert!(!mistake.contains("hunter2"), "{mistake}");
        }
    }
}
