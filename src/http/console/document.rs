//! What every page is written in, whoever reads it, and what all answers say to browsers.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use maud::{DOCTYPE, Markup, html};

use super::tongue::Tongue;

/// Nothing from elsewhere, nothing in line, and in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Nothing in line, nothing evaluated; what is unchanged (204) stays, and a refusal is shown like any other answer.
const HTMX: &str = r#"{"includeIndicatorStyles":false,"allowEval":false,"selfRequestsOnly":true,"historyEnabled":false,"scrollIntoViewOnBoost":false,"responseHandling":[{"code":"204","swap":false},{"code":"...","swap":true}]}"#;

/// A page for who is not signed in.
pub fn door(tongue: Tongue, status: StatusCode, title: &str, body: &Markup) -> Response {
    let body = html! { main.door id="main" { div.brand { (mark()) span { "nightclerk" } } (body) } };
    answer(status, document(tongue, title, &body))
}

/// Why a request is not met, for whoever it is.
pub fn refusal(tongue: Tongue, status: StatusCode, why: &str) -> Response {
    let title = tongue.say("Not done", "没有完成");
    door(
        tongue,
        status,
        title,
        &html! { h1 { (title) } p.notice.bad role="alert" { (why) } p { a.button href="/console/" { (tongue.say("To the console", "回到控制台")) } } },
    )
}

/// A page that asks for another at once.
pub fn once_more(path: &str) -> Response {
    let body = html! {
        (DOCTYPE)
        html { head { meta charset="utf-8"; meta http-equiv="refresh" content=(format!("0;url={path}")); title { "nightclerk" } } body {} }
    };
    answer(StatusCode::OK, body)
}

/// A whole page, with all that is in its head.
pub fn document(tongue: Tongue, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(tongue.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="theme-color" content="#1d3557";
                meta name="htmx-config" content=(HTMX);
                title { (title) }
                link rel="icon" href="/console/assets/icon.svg";
                link rel="stylesheet" href="/console/assets/console.css";
                script src="/console/assets/htmx.min.js" defer {}
            }
            body { (body) }
        }
    }
}

/// The clerk's moon.
pub fn mark() -> Markup {
    html! { svg.mark viewBox="0 0 24 24" aria-hidden="true" { path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z" {} } }
}

/// A part of a page, or a whole one, as an answer.
pub fn answer(status: StatusCode, body: Markup) -> Response {
    let mut response =
        (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], body.into_string()).into_response();
    // What is seen here is nobody else's business, and not the next reader's of this browser.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What every answer of the console says to the browser.
pub fn secured(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Forms say where they come from by it.
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
