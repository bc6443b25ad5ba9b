//! Who is signed in: a random token in a cookie, of which the store has the hash.

use axum::{
    extract::{FromRef, FromRequestParts},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use subtle::ConstantTimeEq;

use super::{Console, document, tongue::Tongue};
use crate::{
    clock,
    http::{
        admin::works_here,
        token::{hash_of, new_token},
    },
    setting::Secret,
    store::{Session, StoreError, TokenHash, wait},
};

const COOKIE: &str = "nightclerk-console";
/// The field in which each form carries its session's word.
pub const TOKEN: &str = "form-token";
/// Who does nothing for so long is signed out.
const IDLE_MS: i64 = 12 * 60 * 60 * 1000;
/// Nobody stays signed in for longer.
const LONGEST_MS: i64 = 14 * 24 * 60 * 60 * 1000;
/// A session is prolonged at most so often, so that looking at a page writes nothing.
const PROLONG_EVERY_MS: i64 = 5 * 60 * 1000;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The person of store.toml; `None` for whoever came with the admin token.
    pub person: Option<String>,
    /// What a form of theirs carries, and no other site knows.
    pub form_token: String,
    pub hash: TokenHash,
    pub tongue: Tongue,
}

/// What sessions of the owner rest on: they end when the admin token changes.
pub fn owners_proof(token: &Secret) -> TokenHash {
    hash_of(&format!("nightclerk console, owner: {}", token.expose()))
}

/// Signs somebody in; the cookie for their browser.
///
/// # Errors
/// The store cannot write, or the system has no randomness.
pub async fn begin(console: &Console, person: Option<String>, is_secure: bool) -> Result<HeaderValue, StoreError> {
    let no_randomness = || StoreError::Write("the system has no randomness".to_owned());
    let token = new_token().ok_or_else(no_randomness)?;
    let opened_ms = clock::now_ms();
    let proof = if person.is_none() { owners_proof(&console.admin.token) } else { TokenHash::default() };
    let session = Session { hash: hash_of(&token), person, proof, opened_ms, expires_ms: opened_ms + IDLE_MS };
    wait(console.admin.store.begin_session(session)).await?;
    Ok(cookie(&token, is_secure))
}

/// A cookie that other sites' pages never send along, and scripts never see.
fn cookie(token: &str, is_secure: bool) -> HeaderValue {
    let secure = if is_secure { "; Secure" } else { "" };
    let age = if token.is_empty() { "; Max-Age=0" } else { "" };
    HeaderValue::from_str(&format!("{COOKIE}={token}; Path=/console; HttpOnly; SameSite=Strict{age}{secure}"))
        .unwrap_or(HeaderValue::from_static(""))
}

/// The cookie that takes the other away.
pub fn no_cookie() -> HeaderValue {
    cookie("", false)
}

fn token_in(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).find_map(|it| it.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

/// Whoever is signed in in this browser.
///
/// # Errors
/// The store does not answer.
pub async fn who(console: &Console, headers: &HeaderMap) -> Result<Option<SignedIn>, StoreError> {
    let Some(token) = token_in(headers) else { return Ok(None) };
    let hash = hash_of(token);
    let store = &console.admin.store;
    let Some(session) = wait(store.session(&hash)).await? else { return Ok(None) };
    let now_ms = clock::now_ms();
    let stands = match &session.person {
        Some(person) => works_here(&console.admin, person),
        None => owners_proof(&console.admin.token).ct_eq(&session.proof).into(),
    };
    let over = now_ms >= session.expires_ms || now_ms >= session.opened_ms + LONGEST_MS;
    if over || !stands {
        wait(store.end_session(&hash)).await?;
        return Ok(None);
    }
    if session.expires_ms - now_ms < IDLE_MS - PROLONG_EVERY_MS {
        wait(store.prolong_session(&hash, now_ms + IDLE_MS)).await?;
    }
    let form_token = hex::encode(hash_of(&format!("nightclerk console, form: {token}")));
    Ok(Some(SignedIn { person: session.person, form_token, hash, tongue: Tongue::wanted(console, headers) }))
}

impl SignedIn {
    /// Whether a form comes from a page of this session.
    pub fn wrote(&self, form_token: &str) -> bool {
        self.form_token.as_bytes().ct_eq(form_token.as_bytes()).into()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn
where
    Console: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let console = Console::from_ref(state);
        match who(&console, &parts.headers).await {
            Ok(Some(signed_in)) => Ok(signed_in),
            Ok(None) => Err(to_the_door(parts)),
            Err(error) => Err((StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response()),
        }
    }
}

fn to_the_door(parts: &Parts) -> Response {
    const DOOR: &str = "/console/sign-in";
    // A part of a page that is fetched anew would hold the form.
    if parts.headers.contains_key("hx-request") {
        return (StatusCode::UNAUTHORIZED, [("hx-redirect", DOOR)]).into_response();
    }
    // Who comes from another site, as from a chat, sends no cookie along (SameSite=Strict). Asked for from here, the same
    // page gets it.
    let from_elsewhere = parts.headers.get("sec-fetch-site").is_some_and(|it| it == "cross-site");
    if from_elsewhere && parts.method == http::Method::GET {
        return document::once_more(parts.uri.path());
    }
    let wanted = parts.uri.path();
    if parts.method == http::Method::GET && wanted.starts_with("/console/") && wanted.len() > "/console/".len() {
        let next: String = form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
        return Redirect::to(&format!("{DOOR}?next={next}")).into_response();
    }
    Redirect::to(DOOR).into_response()
}
