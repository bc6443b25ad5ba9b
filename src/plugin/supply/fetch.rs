//! A plugin from the internet, by the one way out.

use std::{net::IpAddr, time::Duration};

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header, uri::Scheme};

use crate::{
    egress::{Client, EgressSettings},
    plugin::contract::{FileKind, signature},
};

/// One server's answer, to its last byte.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often one is sent on.
const REDIRECTS: usize = 5;

/// A file as it came.
pub struct Fetched {
    /// As its address calls it.
    pub file: String,
    pub bytes: Bytes,
    /// What vouches for it, where that lies beside it.
    pub signatures: Option<String>,
}

/// Why there is nothing.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("`{0}` is no web address")]
    NoAddress(String),
    #[error("only https is fetched from")]
    NotHttps,
    #[error("the address ends with no plugin's file: hello.js, hello.wasm")]
    NoFile,
    #[error("the server sends on without end")]
    Redirects,
    #[error("the server sends on to nowhere")]
    NoLocation,
    #[error("the server answered {0}")]
    Status(StatusCode),
    #[error(transparent)]
    Egress(#[from] crate::egress::Error),
}

/// Fetches the file at an address, and the `.sig` beside it. `loopback`: servers of this machine may be asked, also without
/// TLS. `tell` hears how many bytes are there, and how many there will be.
///
/// # Errors
/// Nothing came, or nothing that may be asked for.
pub async fn fetch(url: &str, loopback: bool, tell: &mut dyn FnMut(u64, Option<u64>)) -> Result<Fetched, FetchError> {
    let uri: Uri = url.parse().map_err(|_| FetchError::NoAddress(url.to_owned()))?;
    let file = uri.path().rsplit('/').next().unwrap_or_default().to_owned();
    let kind = FileKind::of(&file).ok_or(FetchError::NoFile)?;
    let bytes = get(uri.clone(), loopback, kind.max_bytes(), tell).await?;
    let beside = format!("{}{}", uri.path(), signature::ENDING);
    let signatures = match get(with_path(&uri, &beside)?, loopback, signature::MAX_BYTES, &mut |_, _| ()).await {
        Ok(text) => String::from_utf8(text.to_vec()).ok(),
        // Whether it must be there is for others to say.
        Err(FetchError::Status(_)) => None,
        Err(error) => return Err(error),
    };
    Ok(Fetched { file, bytes, signatures })
}

async fn get(
    mut uri: Uri,
    loopback: bool,
    most: u64,
    tell: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Bytes, FetchError> {
    let max_response = usize::try_from(most).unwrap_or(usize::MAX);
    let client = Client::new(EgressSettings { max_response, ..EgressSettings::default() });
    for _ in 0..=REDIRECTS {
        let here = loopback && is_loopback(&uri);
        if uri.scheme() != Some(&Scheme::HTTPS) && !here {
            return Err(FetchError::NotHttps);
        }
        let request = Request::get(uri.clone()).body(Bytes::new()).map_err(|_| FetchError::NoLocation)?;
        let answer = client.download(request, here, PATIENCE, tell).await?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer.into_body());
        }
        if !status.is_redirection() {
            return Err(FetchError::Status(status));
        }
        let location = answer.headers().get(header::LOCATION).and_then(|it| it.to_str().ok());
        uri = sent_on(&uri, location.ok_or(FetchError::NoLocation)?)?;
    }
    Err(FetchError::Redirects)
}

/// Where an answer sends on to.
fn sent_on(from: &Uri, location: &str) -> Result<Uri, FetchError> {
    if location.starts_with('/') && !location.starts_with("//") {
        return with_path(from, location);
    }
    let to: Uri = location.parse().map_err(|_| FetchError::NoLocation)?;
    if to.scheme().is_some() && to.authority().is_some() { Ok(to) } else { Err(FetchError::NoLocation) }
}

/// The same server, with another path and no query.
fn with_path(uri: &Uri, path: &str) -> Result<Uri, FetchError> {
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path.parse().map_err(|_| FetchError::NoLocation)?);
    Uri::from_parts(parts).map_err(|_| FetchError::NoLocation)
}

/// Whether the address says itself that it is of this machine; a name may come to mean another one.
fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_sent_on_to_another_place_or_another_server_and_no_further() {
        let from: Uri = "https://a.example/x/hello.js?v=1".parse().unwrap();
        for (location, to) in [
            ("/y/hello.js?z=2", Some("https://a.example/y/hello.js?z=2")),
            ("https://b.example/hello.js", Some("https://b.example/hello.js")),
            ("//b.example/hello.js", None),
            ("hello.js", None),
            ("", None),
        ] {
            assert_eq!(sent_on(&from, location).ok().map(|it| it.to_string()).as_deref(), to, "{location}");
        }
    }

    #[tokio::test]
    async fn nothing_is_asked_for_that_is_not_public_and_encrypted() {
        for (url, loopback) in [
            ("http://example.com/hello.js", true),
            ("http://127.0.0.1:9/hello.js", false),
            ("https://127.0.0.1:9/hello.js", false),
            ("http://localhost:9/hello.js", true),
            ("ftp://example.com/hello.js", true),
            ("https://example.com/hello.txt", true),
            ("https://example.com/", true),
            ("hello.js", true),
        ] {
            assert!(fetch(url, loopback, &mut |_, _| ()).await.is_err(), "{url}");
        }
    }
}
