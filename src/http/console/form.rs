//! What a form sends. Nothing is changed by a request that did not come from a page of the console's own.

use axum::{
    body::to_bytes,
    extract::{FromRef, FromRequest, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};

use super::{
    Console, document,
    session::{SignedIn, TOKEN},
    tongue::Tongue,
    visit::Visit,
};
use crate::{
    channel::webchat::origin_host,
    http::caller::{Caller, caller},
};

/// The longest form: a file of the configuration.
const MOST_BYTES: usize = 4 << 20;

/// The fields of a form that a page of the console sent.
pub struct Posted {
    fields: Vec<(String, String)>,
    pub caller: Caller,
    /// The browser came by TLS.
    pub is_secure: bool,
    pub tongue: Tongue,
}

/// The same of a form that only somebody who is signed in can have been shown.
pub struct Submitted {
    pub visit: Visit,
    form: Posted,
}

impl Posted {
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(it, _)| it == name).map_or("", |(_, value)| value)
    }

    /// All fields but the session's word.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().filter(|(name, _)| name != TOKEN).map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl std::ops::Deref for Submitted {
    type Target = Posted;

    fn deref(&self) -> &Posted {
        &self.form
    }
}

impl<S: Send + Sync> FromRequest<S> for Posted
where
    Console: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let console = Console::from_ref(state);
        let (parts, body) = request.into_parts();
        let caller = caller(&console.admin.in_force.load().front, &parts);
        let tongue = Tongue::wanted(&console, &parts.headers);
        let origin = own_origin(&parts.headers, &console.url, caller.by_proxy);
        let Some(origin) = origin else {
            let why = tongue.say(
                "This form did not come from a page of the console. Behind a proxy, set `public_url` in [admin] of nightclerk.toml to the address in the browser, or let the proxy pass the Host header on.",
                "这个表单不是从控制台的页面提交的。若前面有反向代理，请把 nightclerk.toml 里 [admin] 的 `public_url` 设为浏览器中的地址，或让代理传递 Host 头。",
            );
            return Err(document::refusal(tongue, StatusCode::FORBIDDEN, why));
        };
        let is_secure = origin.starts_with("https://");
        let is_form = parts
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|it| it.as_bytes().to_ascii_lowercase().starts_with(b"application/x-www-form-urlencoded"));
        if !is_form {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
        }
        let Ok(body) = to_bytes(body, MOST_BYTES).await else {
            return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response());
        };
        Ok(Self { fields: form_urlencoded::parse(&body).into_owned().collect(), caller, is_secure, tongue })
    }
}

/// The origin that a browser names, where it is the console's own; browsers name it with each form.
fn own_origin<'a>(headers: &'a HeaderMap, url: &str, by_proxy: bool) -> Option<&'a str> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text("origin")?;
    if text("sec-fetch-site").is_some_and(|it| it != "same-origin") {
        return None;
    }
    let page = origin_host(origin)?;
    let forwarded = text("x-forwarded-host").filter(|_| by_proxy).and_then(|it| it.split(',').next()).map(str::trim);
    let own = [text("host"), forwarded, origin_host(url)];
    own.into_iter().flatten().any(|own| own.eq_ignore_ascii_case(page)).then_some(origin)
}

impl<S: Send + Sync> FromRequest<S> for Submitted
where
    Console: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        use axum::extract::FromRequestParts;
        let (mut parts, body) = request.into_parts();
        let signed_in = SignedIn::from_request_parts(&mut parts, state).await?;
        let form = Posted::from_request(Request::from_parts(parts, body), state).await?;
        if !signed_in.wrote(form.field(TOKEN)) {
            let tongue = form.tongue;
            let why = tongue.say(
                "This form is of an earlier sign-in. Go back, load the page again, and send it once more.",
                "这个表单属于之前的登录。请返回、刷新页面后再提交。",
            );
            return Err(document::refusal(tongue, StatusCode::FORBIDDEN, why));
        }
        Ok(Self { visit: Visit::of(Console::from_ref(state), signed_in), form })
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn own(headers: &[(&str, &str)], url: &str, by_proxy: bool) -> bool {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect();
        own_origin(&headers, url, by_proxy).is_some()
    }

    #[test]
    fn only_a_page_of_the_console_can_send_a_form() {
        const URL: &str = "http://127.0.0.1:8081";
        let host = ("host", "127.0.0.1:8081");
        assert!(own(&[host, ("origin", "http://127.0.0.1:8081")], URL, false));
        assert!(own(&[("host", "localhost:8081"), ("origin", "http://localhost:8081")], URL, false));
        assert!(!own(&[host], URL, false), "no browser");
        for origin in ["null", "", "http://127.0.0.1:8082", "http://evil.example", "127.0.0.1:8081"] {
            assert!(!own(&[host, ("origin", origin)], URL, false), "{origin}");
        }
        assert!(!own(&[host, ("origin", "http://127.0.0.1:8081"), ("sec-fetch-site", "cross-site")], URL, false));
        let hidden = [host, ("origin", "https://desk.example")];
        assert!(!own(&hidden, URL, true));
        assert!(own(&hidden, "https://desk.example", false), "`public_url`");
        let forwarded = [hidden[0], hidden[1], ("x-forwarded-host", "desk.example")];
        assert!(own(&forwarded, URL, true), "a trusted proxy says so");
        assert!(!own(&forwarded, URL, false), "a stranger says so");
    }
}
