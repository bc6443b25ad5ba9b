//! The addresses that customers are sent to, and that requests go to.

use http::Uri;

/// What to write instead of a text that is no web address.
pub const WEB_URL_HINT: &str = "write it whole, such as \"https://shop.example/page\"";

/// Whether `text` is an `http` or `https` URL with a host.
///
/// # Errors
/// It is none. A name and password in it are not shown.
pub fn web_url(text: &str) -> Result<(), String> {
    let good = text.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    });
    if good { Ok(()) } else { Err(format!("`{}` is not a web address", without_password(text))) }
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
