//! The addresses that customers are sent to.

use http::Uri;

/// What to write instead of a text that is no web address.
pub const WEB_URL_HINT: &str = "write it whole, such as \"https://shop.example/page\"";

/// # Errors
/// It is not an `http` or `https` URL with a host.
pub fn web_url(text: &str) -> Result<(), String> {
    let good = text.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    });
    if good { Ok(()) } else { Err(format!("`{text}` is not a web address")) }
}
