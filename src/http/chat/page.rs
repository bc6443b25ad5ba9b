//! The page, its files, and the script that makes it part of a shop's own site. Static, in the binary, without a build
//! step; what differs from store to store and from visitor to visitor is filled in here.

use axum::{
    Extension, Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use minijinja::{AutoEscape, Environment, context};
use serde::Deserialize;
use serde_json::json;

use super::{
    cookie::{self, Keeping},
    guest::Guest,
    words,
};
use crate::http::Public;

const PAGE: &str = include_str!("page/index.html");
/// Name, type, content.
const FILES: [(&str, &str, &str); 8] = [
    ("chat.css", CSS, include_str!("page/chat.css")),
    ("chat.js", SCRIPT, include_str!("page/chat.js")),
    ("bubbles.js", SCRIPT, include_str!("page/bubbles.js")),
    ("outgoing.js", SCRIPT, include_str!("page/outgoing.js")),
    ("stream.js", SCRIPT, include_str!("page/stream.js")),
    ("words.js", SCRIPT, include_str!("page/words.js")),
    ("widget.js", SCRIPT, include_str!("page/widget.js")),
    ("icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
];
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
/// Where a store chose no colour.
const COLOUR: &str = "#24507a";

#[derive(Deserialize)]
pub struct Asked {
    /// The widget asks with it, for its frame.
    #[serde(rename = "embedded")]
    embedded: Option<String>,
    language: Option<String>,
}

/// The page, with a cookie for who has none.
pub async fn page(
    State(public): State<Public>,
    Extension(guest): Extension<Guest>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let in_force = public.in_force.load();
    let language = words::preferred(&headers, in_force.playbook.language(None).tag());
    let store = in_force.playbook.storefront(language);
    let fetch_site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    // Older browsers do not say; they get a cookie that works in either case, if there is TLS to keep it.
    let cross_site = asked.embedded.is_some() && fetch_site.map_or(guest.is_secure, |it| it == "cross-site");
    let embedding = if asked.embedded.is_none() {
        "no"
    } else if cross_site {
        "cross-site"
    } else {
        "same-site"
    };
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let filled = environment.render_str(
        PAGE,
        context! { language, name => store.name, picture => store.picture, home => store.url, embedding },
    );
    let Ok(filled) = filled else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut response = file("text/html; charset=utf-8", filled);
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' https: data: blob:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'self' {}",
        guest.channel.allowed_origins().join(" ")
    );
    if let Ok(policy) = HeaderValue::from_str(policy.trim_end()) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if guest.visitor.is_none() {
        let keeping = Keeping { cross_site, is_secure: guest.is_secure, stays: true };
        match cookie::stranger(&public.chat, keeping) {
            Some(cookie) => drop(response.headers_mut().insert(header::SET_COOKIE, cookie)),
            None => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }
    response
}

/// Who the store is, and the page's words, for the page and for the launcher on the shop's site.
pub async fn store(State(public): State<Public>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let in_force = public.in_force.load();
    let preferred = || words::preferred(&headers, in_force.playbook.language(None).tag());
    let language = asked.language.as_deref().and_then(words::tag_for).unwrap_or_else(preferred);
    let store = in_force.playbook.storefront(language);
    let (colour, ink) = colours(store.colour);
    let body = json!({
        "name": store.name, "picture": store.picture, "colour": colour, "ink": ink,
        "language": language, "words": words::of(language),
    });
    ([(header::CACHE_CONTROL, "no-cache"), (header::VARY, "Accept-Language, Origin")], Json(body)).into_response()
}

/// The store's colour, for the page's style sheet.
pub async fn theme(State(public): State<Public>) -> Response {
    let in_force = public.in_force.load();
    let (colour, ink) = colours(in_force.playbook.storefront("en").colour);
    file(CSS, format!(":root {{ --brand: {colour}; --brand-ink: {ink}; }}\n"))
}

/// One of the page's files.
pub async fn asset(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|(known, ..)| *known == name) {
        Some((_, content_type, content)) => {
            let mut response = file(content_type, (*content).to_owned());
            // The widget is part of other sites, which is all it is for.
            if name == "widget.js" {
                let anywhere = HeaderValue::from_static("cross-origin");
                response.headers_mut().insert("cross-origin-resource-policy", anywhere);
            }
            response
        }
        None => (StatusCode::NOT_FOUND, "there is nothing here\n").into_response(),
    }
}

pub async fn home() -> Redirect {
    Redirect::temporary("/chat/")
}

fn file(content_type: &'static str, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, body).into_response()
}

/// The colour, and black or white, whichever reads better on it.
fn colours(chosen: Option<&str>) -> (&str, &'static str) {
    let colour = chosen.unwrap_or(COLOUR);
    // Relative luminance (WCAG 2, definitions): the two contrasts are equal at 0.179.
    let channel = |at: usize| {
        let value = colour.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
    (colour, if luminance > 0.179 { "#000000" } else { "#ffffff" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_on_the_stores_colour_can_be_read() {
        for (colour, ink) in
            [("#ffffff", "#000000"), ("#000000", "#ffffff"), ("#ffdd00", "#000000"), ("#24507a", "#ffffff")]
        {
            assert_eq!(colours(Some(colour)), (colour, ink));
        }
        assert_eq!(colours(None), (COLOUR, "#ffffff"));
    }
}
