//! Pictures and files that go from one platform to another: where they are fetched, and how they are given on.

use bytes::Bytes;
use http::{Request, Response, StatusCode, header::CONTENT_TYPE};
use sha2::{Digest, Sha256};

use super::json_api;
use crate::{
    model::FileName,
    pictures::{Kind, Place},
};

/// Where something lies that a platform's webhook named.
pub enum Lies {
    /// Behind this request; `Channel::fetched` reads the answer.
    There(Box<Request<Bytes>>),
    /// In the data folder.
    Here(Place),
    /// The platform gives it to nobody.
    Nowhere,
}

/// What came of a request for a picture or file.
#[derive(Debug)]
pub enum Fetched {
    /// The body is it.
    Whole,
    /// It lies behind another request.
    At(Box<Request<Bytes>>),
    /// The platform is busy, or has not made it ready: again after so many milliseconds, or after the usual backoff.
    Later(Option<u64>),
    /// The access token is stale: get a new one, try again.
    RefreshToken,
    /// It will never be had.
    Gone(String),
}

impl Fetched {
    /// Of an answer whose body is the thing itself.
    pub fn plain(response: &Response<Bytes>, now_ms: i64) -> Self {
        match response.status() {
            StatusCode::OK => Self::Whole,
            // Accepted: it is being prepared, as LINE does with videos.
            StatusCode::ACCEPTED => Self::Later(None),
            status if json_api::is_temporary(status) => {
                Self::Later(json_api::retry_after_ms(response.headers(), now_ms))
            }
            _ => Self::Gone(json_api::reason(response, None)),
        }
    }
}

/// How a platform takes a picture or file that it has not got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// In the message's own request.
    Inside,
    /// Uploaded before, by `Channel::upload`.
    Uploaded,
    /// By an address, shown as what it is.
    Address,
    /// By an address that stands among the words.
    Link,
    /// It is the daemon's own page, which reads it in the data folder.
    Page,
}

/// A file on its way out.
pub struct File {
    pub kind: Kind,
    pub bytes: Bytes,
    pub name: Option<FileName>,
}

impl File {
    /// What whoever gets it sees it called.
    pub fn called(&self) -> String {
        self.name.as_ref().map_or_else(|| self.kind.file_name(), FileName::to_string)
    }
}

/// What goes with a message beside its words.
#[derive(Clone, Copy)]
pub enum Attached<'a> {
    File(&'a File),
    /// What was uploaded, by the platform's id of it.
    Id(&'a str, Kind),
}

/// The body of a form with a file (RFC 7578), and its content type. `called`: a name of which nothing ends the header's text.
pub fn form(url: &http::Uri, fields: &[(&str, String)], name: &str, file: &File, called: &str) -> Request<Bytes> {
    // Made of the bytes themselves: nobody can have put it into them.
    let boundary = format!("nightclerk-{}", hex::encode(&Sha256::digest(&file.bytes)[..16]));
    let mut body = Vec::with_capacity(file.bytes.len() + 1024);
    for (name, value) in fields {
        let part = format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let kind = file.kind.content_type();
    let head = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{called}\"\r\n\
         content-type: {kind}\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(&file.bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = url.clone();
    // The boundary is letters, digits and hyphens.
    if let Ok(kind) = format!("multipart/form-data; boundary={boundary}").parse() {
        request.headers_mut().insert(CONTENT_TYPE, kind);
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::testing::{NOW_MS, answer};

    #[test]
    fn a_form_holds_its_fields_and_the_files_own_bytes() {
        // Whoever made the file cannot have known the boundary.
        let bytes = b"\x89PNG\r\n\x1a\n\r\n--nightclerk-0\r\n";
        let file = File { kind: Kind::Png, bytes: Bytes::from_static(bytes), name: None };
        let url = http::Uri::from_static("https://api.example/send");
        let request = form(&url, &[("chat_id", "42".to_owned())], "photo", &file, &file.called());
        let kind = request.headers()["content-type"].to_str().unwrap().to_owned();
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
        let wanted = [
            format!("--{boundary}\r\ncontent-disposition: form-data; name=\"chat_id\"\r\n\r\n42\r\n").as_bytes(),
            format!(
                "--{boundary}\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"picture.png\"\r\n\
                 content-type: image/png\r\n\r\n"
            )
            .as_bytes(),
            bytes,
            format!("\r\n--{boundary}--\r\n").as_bytes(),
        ]
        .concat();
        assert_eq!(request.body(), &wanted);
    }

    #[test]
    fn what_is_gone_is_gone_and_what_is_not_ready_comes_later() {
        for (status, later) in [(202, true), (429, true), (503, true), (404, false), (410, false), (403, false)] {
            match Fetched::plain(&answer(status, ""), NOW_MS) {
                Fetched::Later(_) => assert!(later, "{status}"),
                Fetched::Gone(_) => assert!(!later, "{status}"),
                other => panic!("{status}: {other:?}"),
            }
        }
        assert!(matches!(Fetched::plain(&answer(200, "x"), NOW_MS), Fetched::Whole));
    }
}
