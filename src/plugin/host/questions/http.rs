//! The capability `http`: what may be asked of whom outside.

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderName, Method, Request, Uri, header};
use sha2::{Digest, Sha256};

use super::{super::text::line, Answer};
use crate::{
    model::{OutsideQuestion, Reply, TraceStep},
    plugin::{
        contract::{Capability, LIMITS, WebPlace, world::http as wit},
        host::{
            failure::Awaits,
            guest::{ASKED, Guest},
        },
    },
};

impl wit::Host for Guest {
    fn send(&mut self, request: wit::Request) -> wasmtime::Result<Answer<wit::Response>> {
        self.asked()?;
        // Neither path nor query: they may carry what belongs in no trace.
        let (method, host) = (line(&request.method), host_of(&request.url));
        let permitted = permit(request, |place| self.seat.permit(place));
        let answer = match permitted {
            Ok(request) => self.fetch(request)?,
            Err(why) => Err(why),
        };
        let told = match &answer {
            Ok(response) => response.status.to_string(),
            Err(why) => line(why),
        };
        self.trace.push(TraceStep::asked(self.seat.name(), format!("http.send {method} {host}"), told));
        Ok(answer)
    }
}

impl Guest {
    /// The recorded answer to a request. Where there is none, the call ends: the request is sent after the event is
    /// kept, its answer is written down, and the call is made again with it. The same request is sent once an event.
    fn fetch(&mut self, request: Request<Bytes>) -> wasmtime::Result<Answer<wit::Response>> {
        if self.fetched >= LIMITS.fetches {
            return Ok(Err(format!("one call may fetch {} times", LIMITS.fetches)));
        }
        self.fetched += 1;
        let question = question(self.seat.name(), request);
        let recorded = ASKED.with(|asked| {
            let mut all = asked.recorded.iter();
            all.find(|it| it.plugin == question.plugin && it.digest == question.digest).map(|it| it.reply.clone())
        });
        match recorded {
            Some(Reply::Response { status, headers, body }) => Ok(answer(status, headers, &body)),
            Some(Reply::Failed(why)) => Ok(Err(why)),
            None if self.seat.in_shadow => Ok(Err("not asked in shadow".to_owned())),
            None => {
                self.question = Some(question);
                Err(Awaits.into())
            }
        }
    }
}

/// The request as it is sent later, with the digest of all that makes it what it is.
fn question(plugin: &str, request: Request<Bytes>) -> OutsideQuestion {
    let (parts, body) = request.into_parts();
    let method = parts.method.to_string();
    let url = parts.uri.to_string();
    let headers: Vec<_> =
        parts.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    let mut hash = Sha256::new();
    let texts = [plugin.as_bytes(), method.as_bytes(), url.as_bytes()].into_iter();
    let headers_of = headers.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_slice()]);
    for part in texts.chain(headers_of).chain([body.as_ref()]) {
        // The length before each, so that no two requests look the same joined.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    OutsideQuestion { plugin: plugin.to_owned(), method, url, headers, body, digest: hash.finalize().into() }
}

/// The host a URL names, for the trace.
fn host_of(url: &str) -> String {
    url.parse::<Uri>().ok().and_then(|uri| uri.host().map(line)).unwrap_or_else(|| "nowhere".to_owned())
}

/// The request in HTTP's terms, if it may be sent where it goes.
///
/// Plain `http` is for hosts on loopback that were granted with their port; all others are called over TLS.
fn permit(request: wit::Request, may: impl Fn(&Capability) -> Result<(), String>) -> Result<Request<Bytes>, String> {
    let uri: Uri = request.url.parse().map_err(|_| "the URL is not valid".to_owned())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err("the URL is not absolute".to_owned());
    };
    if authority.as_str().contains('@') {
        return Err("the URL holds a user name".to_owned());
    }
    let host = authority.as_str().to_ascii_lowercase();
    let host = if scheme == "https" { host.strip_suffix(":443").unwrap_or(&host) } else { &host };
    // Where all of the host is granted, its paths mean what it likes. What is not granted is named without its path, which
    // may carry a key.
    if let Err(why) = may(&Capability::Http(WebPlace::host(host))) {
        may(&Capability::Http(WebPlace::of_request(host, uri.path())?)).map_err(|_| why)?;
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

/// The answer in the contract's terms.
fn answer(status: u16, headers: Vec<(String, String)>, body: &Bytes) -> Answer<wit::Response> {
    if body.len() > LIMITS.fetched_bytes {
        return Err(format!("the answer has {} bytes; {} are allowed", body.len(), LIMITS.fetched_bytes));
    }
    Ok(wit::Response {
        status,
        headers: headers.into_iter().take(LIMITS.fetched_headers).collect(),
        body: body.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(method: &str, url: &str, headers: &[(&str, &str)], granted: &[&str]) -> Result<(), String> {
        let request = wit::Request {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: Vec::new(),
        };
        let granted: Vec<Capability> = granted.iter().map(|grant| grant.parse().unwrap()).collect();
        let may = |needed: &Capability| match granted.iter().any(|grant| grant.covers(needed)) {
            true => Ok(()),
            false => Err("not granted".to_owned()),
        };
        permit(request, may).map(|_| ())
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
    fn a_grant_with_a_path_reaches_no_further() {
        let grant = &["http:api.example.com/v1"];
        permitted("GET", "https://api.example.com/v1/rates?to=CNY", &[], grant).unwrap();
        for path in ["", "/", "/v2", "/v10", "/v1/../v2", "/v1/%2e%2e/v2", "/v1//v2"] {
            assert!(permitted("GET", &format!("https://api.example.com{path}"), &[], grant).is_err(), "{path}");
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
