//! The one way out: an HTTP/1.1 client that connections to platforms, and plugins' granted requests, go through.
//!
//! It refuses to reach into the host's own network unless allowed, follows no redirects, caps the response
//! body, and tells apart a request that surely never left from one that may have been taken.

use std::{error::Error as _, io, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header, uri::Scheme};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        self,
        connect::{HttpConnector, capture_connection},
    },
    rt::{TokioExecutor, TokioTimer},
};

use guard::Resolver;

mod download;
mod guard;
#[cfg(test)]
mod tests;

pub use guard::is_public;

const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("nightclerk/", env!("CARGO_PKG_VERSION")));

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EgressSettings {
    /// The longest response body in bytes.
    pub max_response: usize,
    /// How long resolving and connecting to one address may take.
    pub connect_timeout: Duration,
    /// How long an unused connection is kept. Shorter than most servers keep theirs, because a request that
    /// meets a closing connection is one nobody knows the fate of.
    pub idle_timeout: Duration,
}

impl Default for EgressSettings {
    fn default() -> Self {
        Self {
            max_response: 1024 * 1024,
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(20),
        }
    }
}

/// Why there is no response. No text of it holds a URL's path or query, where tokens may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The server has seen nothing of the request: no address, no connection.
    #[error("not sent: {0}")]
    NotSent(String),
    /// Nor will it ever: a bad target, or one that is not allowed.
    #[error("not sent: {0}")]
    Refused(String),
    /// The server may have taken the request; its answer did not arrive.
    #[error("sent, but not answered: {0}")]
    Uncertain(String),
    /// The server took the request and answers with more than we read.
    #[error("the answer from {host} is longer than {limit} bytes")]
    TooLarge { host: String, limit: usize },
}

type Connections = legacy::Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>;

/// Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    /// Never share a connection: whoever is guarded must not find one that was opened unguarded.
    guarded: Connections,
    open: Connections,
    settings: EgressSettings,
}

impl Client {
    pub fn new(settings: EgressSettings) -> Self {
        Self {
            guarded: connections(Resolver::guarded(), &settings),
            open: connections(Resolver::open(), &settings),
            settings,
        }
    }

    /// Sends a request and reads the whole response within `timeout`.
    ///
    /// `allow_private`: the target may be this host or its private network.
    pub async fn send(
        &self,
        mut request: Request<Bytes>,
        allow_private: bool,
        timeout: Duration,
    ) -> Result<Response<Bytes>, Error> {
        let host = check_target(request.uri(), allow_private)?;
        request.headers_mut().entry(header::USER_AGENT).or_insert(USER_AGENT);
        let mut request = request.map(Full::new);
        let connection = capture_connection(&mut request);
        let connections = if allow_private { &self.open } else { &self.guarded };
        let exchange = async {
            let response = connections.request(request).await.map_err(|error| failed(&host, &error))?;
            let (parts, body) = response.into_parts();
            match Limited::new(body, self.settings.max_response).collect().await {
                Ok(body) => Ok(Response::from_parts(parts, body.to_bytes())),
                Err(error) if error.is::<LengthLimitError>() => {
                    Err(Error::TooLarge { host: host.clone(), limit: self.settings.max_response })
                }
                Err(error) => Err(Error::Uncertain(format!("{host}: {}", causes(&*error)))),
            }
        };
        match tokio::time::timeout(timeout, exchange).await {
            Ok(result) => result,
            Err(_) => {
                let seconds = timeout.as_secs_f64();
                // Without a connection not a byte can have left.
                if connection.connection_metadata().is_none() {
                    Err(Error::NotSent(format!("{host}: no connection within {seconds} s")))
                } else {
                    Err(Error::Uncertain(format!("{host}: no complete answer within {seconds} s")))
                }
            }
        }
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new(EgressSettings::default())
    }
}

fn connections(resolver: Resolver, settings: &EgressSettings) -> Connections {
    let mut tcp = HttpConnector::new_with_resolver(resolver);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(settings.connect_timeout));
    // The scheme is checked before; TLS is laid over the same connector.
    tcp.enforce_http(false);
    let connector = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().wrap_connector(tcp);
    legacy::Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(settings.idle_timeout)
        .build(connector)
}

/// Checks what the resolver will not see (an address in place of a name never reaches it); returns the host
/// for messages.
fn check_target(uri: &Uri, allow_private: bool) -> Result<String, Error> {
    if uri.scheme() != Some(&Scheme::HTTP) && uri.scheme() != Some(&Scheme::HTTPS) {
        return Err(Error::Refused("the target is not an http or https URL".to_owned()));
    }
    let host = uri.host().filter(|host| !host.is_empty());
    let host = host.ok_or_else(|| Error::Refused("the target has no host".to_owned()))?;
    let bare = host.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = bare.parse()
        && !allow_private
        && !is_public(address)
    {
        return Err(Error::Refused(guard::refusal(host)));
    }
    Ok(host.to_owned())
}

fn failed(host: &str, error: &legacy::Error) -> Error {
    let text = format!("{host}: {}", error.source().map_or_else(|| error.to_string(), causes));
    // A cancelled request was handed back unwritten, its connection having closed before.
    let unwritten = error
        .source()
        .and_then(|source| source.downcast_ref::<hyper::Error>())
        .is_some_and(|error| error.is_canceled() || error.is_user());
    match error {
        _ if is_forbidden(error) => Error::Refused(text),
        _ if error.is_connect() || unwritten => Error::NotSent(text),
        _ => Error::Uncertain(text),
    }
}

/// Whether the guard let none of the name's addresses through.
fn is_forbidden(error: &legacy::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|it| it.kind() == io::ErrorKind::PermissionDenied) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The error and what is behind it, in one line.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        // Several layers repeat what they wrap.
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}
