//! What a phone has no room for in its bar, and one's own things.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use maud::html;

use super::{door, frame::Place, seen, tongue::Tongue, visit::Visit};

pub async fn page(visit: Visit) -> Response {
    let tongue = visit.tongue();
    let title = Place::More.name(tongue);
    let who = visit.name().map_or_else(|| tongue.say("Owner", "店主").to_owned(), |name| visit.called(name));
    let body = html! {
        h1 { (title) }
        nav.list aria-label=(title) {
            @for place in Place::ALL.into_iter().filter(|it| !Place::AT_HAND.contains(it)) {
                @if place.is_for(&visit.rights) { a href=(place.path()) { (place.name(tongue)) } }
            }
            a href="/try" { (tongue.say("Try the clerk", "试一试店小二")) }
        }
        section.card {
            h2 { (who) }
            div.row {
                form method="post" action="/console/sign-out" { (visit.token()) button { (tongue.say("Sign out", "退出登录")) } }
                form method="post" action="/console/sign-out" {
                    (visit.token())
                    input type="hidden" name="everywhere" value="yes";
                    button { (tongue.say("Sign out everywhere", "在所有设备上退出")) }
                }
            }
            (door::languages())
        }
    };
    visit.page(StatusCode::OK, Place::More, title, &body)
}

/// Chooses the language of the pages, and goes back to where it was chosen.
pub async fn language(Path(tag): Path<String>, headers: HeaderMap) -> Response {
    let Some(tongue) = Tongue::named(&tag) else { return StatusCode::NOT_FOUND.into_response() };
    let from = headers.get(header::REFERER).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let path = from.splitn(4, '/').nth(3).map(|path| format!("/{path}")).filter(|it| it.starts_with("/console/"));
    let mut response = seen(path.as_deref().unwrap_or("/console/"));
    response.headers_mut().append(header::SET_COOKIE, tongue.cookie());
    response
}
