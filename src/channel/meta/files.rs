//! Files: where WhatsApp keeps what customers sent, and how the platforms take what is sent to them.
//!
//! Sources: "Media" of the Cloud API documentation, "Sending attachments from file" of the Messenger Platform's. Messenger and
//! Instagram name what customers sent by its address.

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header::AUTHORIZATION};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Platform;
use crate::{
    channel::{Fetched, File, Outcome, Takes, json_api, media},
    model::FileKind,
    pictures::Kind,
};

/// The most bytes of a picture that WhatsApp takes.
const MAX_WHATSAPP_PICTURE: usize = 5 << 20;
/// The most bytes of a picture that Instagram fetches.
const MAX_INSTAGRAM_PICTURE: usize = 8 << 20;

pub fn takes(platform: Platform, kind: Kind, bytes: usize) -> Takes {
    match (platform, kind) {
        (Platform::WhatsApp, Kind::Jpeg | Kind::Png) if bytes > MAX_WHATSAPP_PICTURE => Takes::Link,
        // What it does not know by its kind it refuses.
        (Platform::WhatsApp, Kind::Gif | Kind::WebP | Kind::Other) => Takes::Link,
        (Platform::WhatsApp, _) => Takes::Uploaded,
        (Platform::Messenger, Kind::WebP) => Takes::Link,
        (Platform::Messenger, _) => Takes::Inside,
        (Platform::Instagram, Kind::Jpeg | Kind::Png | Kind::Gif) if bytes <= MAX_INSTAGRAM_PICTURE => Takes::Address,
        (Platform::Instagram, Kind::Mp4 | Kind::M4a) => Takes::Address,
        (Platform::Instagram, _) => Takes::Link,
    }
}

/// A way to Meta with the account's token.
pub struct Files<'a> {
    /// The API with its version.
    pub base: &'a str,
    pub account: &'a str,
    pub authorization: &'a HeaderValue,
}

impl Files<'_> {
    fn authorized(&self, mut request: Request<Bytes>) -> Box<Request<Bytes>> {
        request.headers_mut().insert(AUTHORIZATION, self.authorization.clone());
        Box::new(request)
    }

    pub fn find(&self, id: &str) -> Option<Box<Request<Bytes>>> {
        // An id is digits; anything else would ask for something else.
        let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let url: Uri = is_id.then(|| format!("{}/{id}", self.base))?.parse().ok()?;
        Some(self.authorized(json_api::get(&url)))
    }

    /// An address that holds for five minutes, and wants the token too.
    pub fn found(&self, response: &Response<Bytes>, now_ms: i64) -> Fetched {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Found {
            url: Option<String>,
        }
        match Fetched::plain(response, now_ms) {
            Fetched::Whole => {
                let found: Found = serde_json::from_slice(response.body()).unwrap_or_default();
                match found.url.and_then(|url| url.parse().ok()) {
                    Some(url) => Fetched::At(self.authorized(json_api::get(&url))),
                    None => Fetched::Gone("WhatsApp does not say where the file lies".to_owned()),
                }
            }
            other => other,
        }
    }

    pub fn upload(&self, file: &File) -> Option<Request<Bytes>> {
        let url: Uri = format!("{}/{}/media", self.base, self.account).parse().ok()?;
        let fields = [("messaging_product", "whatsapp".to_owned()), ("type", file.kind.content_type().to_owned())];
        Some(*self.authorized(media::form(&url, &fields, "file", file, &file.kind.file_name())))
    }

    /// A message to `chat` on Messenger that holds a file.
    pub fn send(&self, messages: &Uri, chat: &str, file: &File) -> Request<Bytes> {
        let kind = match file.kind.as_file() {
            None => "image",
            Some(FileKind::Video) => "video",
            Some(FileKind::Audio) => "audio",
            Some(FileKind::Document) => "file",
        };
        let message = json!({ "attachment": { "type": kind, "payload": {} } });
        let fields = [
            ("recipient", json!({ "id": chat }).to_string()),
            ("messaging_type", "RESPONSE".to_owned()),
            ("message", message.to_string()),
        ];
        *self.authorized(media::form(messages, &fields, "filedata", file, &file.called()))
    }
}

/// # Errors
/// What else the answer means.
pub fn uploaded(response: &Response<Bytes>, otherwise: impl FnOnce() -> Outcome) -> Result<String, Outcome> {
    let answer: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    match answer["id"].as_str() {
        Some(id) if response.status() == StatusCode::OK => Ok(id.to_owned()),
        // It took something else than what was given.
        _ if response.status() == StatusCode::OK => Err(Outcome::Retry(None)),
        _ => Err(otherwise()),
    }
}
