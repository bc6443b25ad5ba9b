//! The cookie that makes a browser a visitor.

use http::HeaderValue;

use super::Chat;
use crate::channel::webchat::COOKIE;

/// How a cookie is to be kept.
#[derive(Clone, Copy, Debug)]
pub struct Keeping {
    /// The chat is a frame of a page of another site.
    pub cross_site: bool,
    pub is_secure: bool,
    /// For a year, or until the browser is closed.
    pub stays: bool,
}

/// A new visitor's cookie; `None` where the system has no randomness.
pub fn stranger(chat: &Chat, keeping: Keeping) -> Option<HeaderValue> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).ok()?;
    set_cookie(&chat.key.stranger(random), keeping)
}

pub fn set_cookie(value: &str, keeping: Keeping) -> Option<HeaderValue> {
    let Keeping { cross_site, is_secure, stays } = keeping;
    let age = if stays { "; Max-Age=31536000" } else { "" };
    let site = match (cross_site, is_secure) {
        // Browsers keep it for the pair of both sites (CHIPS), and only with TLS.
        (true, _) => "; SameSite=None; Secure; Partitioned",
        (false, true) => "; SameSite=Lax; Secure",
        (false, false) => "; SameSite=Lax",
    };
    HeaderValue::from_str(&format!("{COOKIE}={value}; Path=/chat/; HttpOnly{age}{site}")).ok()
}
