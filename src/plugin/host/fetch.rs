//! Outbound calls of plugins: what may be asked of whom.

use std::{collections::BTreeSet, net::IpAddr, time::Duration};

use bytes::Bytes;
use http::{HeaderName, Method, Request, Response, Uri, header};

use crate::plugin::contract::{Capability, world::host as wit};

/// Bytes of an answer's body, and headers handed on.
const MAX_BODY: usize = 256 * 1024;
const MAX_HEADERS: usize = 64;

/// Sends what a plugin asks for. Called from a thread that may block.
pub trait Fetch: Send + Sync {
    /// # Errors
    /// Why there is no answer, in words that may be shown to the plugin.
    fn fetch(&self, request: Request<Bytes>, timeout: Duration) -> Result<Response<Bytes>, String>;
}

/// The request in HTTP's terms, if its host is among those granted.
///
/// Plain `http` is for hosts on loopback that were granted with their port; all others are called over TLS.
pub fn permit(request: wit::HttpRequest, granted: &BTreeSet<Capability>) -> Result<Request<Bytes>, String> {
    let uri: Uri = request.url.parse().map_err(|_| "the URL is not valid".to_owned())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err("the URL is not absolute".to_owned());
    };
    if authority.as_str().contains('@') {
        return Err("the URL holds a user name".to_owned());
    }
    let host = authority.as_str().to_ascii_lowercase();
    let host = if scheme == "https" { host.strip_suffix(":443").unwrap_or(&host) } else { &host };
    if !granted.contains(&Capability::Http(host.to_owned())) {
        return Err(format!("the host needs the grant `http:{host}`"));
    }
    let is_loopback = authority.host().parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match scheme {
        "https" => {}
        "http" if is_loopback && authority.port().is_some() => {}
        _ => return Err("only https is allowed".to_owned()),
    }
    let method: Method = request.method.parse().map_err(|_| "the method is not valid".to_owned())?;
    if !matches!(method.as_str(), "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE") {
        return Err(format!("the method {method} is not allowed"));
    }
    let mut out = Request::builder().method(method).uri(uri);
    for (name, value) in request.headers {
        let name: HeaderName = name.parse().map_err(|_| "a header's name is not valid".to_owned())?;
        if is_the_connections(&name) {
            return Err(format!("the header `{name}` is the host's to set"));
        }
        out = out.header(name, value);
    }
    out.body(request.body.into()).map_err(|_| "a header's value is not valid".to_owned())
}

/// Headers that say how a message travels, not what it is.
fn is_the_connections(name: &HeaderName) -> bool {
    [
        header::HOST,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
        header::UPGRADE,
        header::TE,
        header::TRAILER,
        header::EXPECT,
        header::PROXY_AUTHORIZATION,
    ]
    .contains(name)
}

/// The answer in the contract's terms. Headers that are not text are left out.
pub fn answer(response: Response<Bytes>) -> Result<wit::HttpResponse, String> {
    let (parts, body) = response.into_parts();
    if body.len() > MAX_BODY {
        return Err(format!("the answer has {} bytes; {MAX_BODY} are allowed", body.len()));
    }
    let headers = parts.headers.iter().take(MAX_HEADERS);
    Ok(wit::HttpResponse {
        status: parts.status.as_u16(),
        headers: headers
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect(),
        body: body.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(method: &str, url: &str, headers: &[(&str, &str)], granted: &[&str]) -> Result<(), String> {
        let request = wit::HttpRequest {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: Vec::new(),
        };
        let granted = granted.iter().map(|grant| grant.parse().unwrap()).collect();
        permit(request, &granted).map(|_| ())
    }

    #[test]
    fn a_host_is_called_only_by_the_name_it_was_granted_with() {
        let grant = &["http:api.example.com"];
        permitted("GET", "https://api.example.com/v1?q=1", &[], grant).unwrap();
        permitted("POST", "https://API.example.com:443/", &[("content-type", "text/plain")], grant).unwrap();
        for url in [
            "http://api.example.com/",
            "https://api.example.com:8443/",
            "https://example.com/",
            "https://api.example.com.evil.test/",
            "https://api.example.com@evil.test/",
            "https://evil.test@api.example.com/",
            "ftp://api.example.com/",
            "/v1",
            "not a url",
        ] {
            assert!(permitted("GET", url, &[], grant).is_err(), "{url}");
        }
    }

    #[test]
    fn plain_http_is_for_loopback_with_a_port() {
        permitted("GET", "http://127.0.0.1:8080/", &[], &["http:127.0.0.1:8080"]).unwrap();
        assert!(permitted("GET", "http://127.0.0.1:8081/", &[], &["http:127.0.0.1:8080"]).is_err());
        assert!(permitted("GET", "http://127.0.0.1/", &[], &["http:127.0.0.1"]).is_err());
        assert!(permitted("GET", "http://example.com:8080/", &[], &["http:example.com:8080"]).is_err());
    }

    #[test]
    fn how_a_message_travels_is_not_the_plugins_affair() {
        let grant = &["http:api.example.com"];
        for header in [("Host", "evil.test"), ("transfer-encoding", "chunked"), ("a b", "c"), ("x", "a\r\nb: c")] {
            assert!(permitted("GET", "https://api.example.com/", &[header], grant).is_err(), "{header:?}");
        }
        for method in ["CONNECT", "TRACE", "get it", ""] {
            assert!(permitted(method, "https://api.example.com/", &[], grant).is_err(), "{method}");
        }
    }
}
