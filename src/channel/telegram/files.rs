//! Files: where Telegram keeps those of its messages, and how it takes those of others.
//!
//! Source: `getFile`, `sendPhoto`, `sendVideo`, `sendAudio`, `sendVoice`, `sendDocument` and "Sending files" of the Bot API.

use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    channel::{Fetched, File, json_api, media},
    pictures::Kind,
};

/// The methods that files go by. All hold the token: they are requested and never shown.
pub struct Files {
    pub get_file: Uri,
    /// What a file's path is put behind.
    pub base: String,
    pub send_photo: Uri,
    pub send_video: Uri,
    pub send_audio: Uri,
    pub send_voice: Uri,
    pub send_document: Uri,
}

impl Files {
    /// Asks where a file lies.
    pub fn find(&self, id: &str) -> Request<Bytes> {
        json_api::post(&self.get_file, &json!({ "file_id": id }))
    }

    /// `getFile` gives a path, which holds for an hour at least, and refuses what is larger than 20 MB.
    pub fn found(&self, response: &Response<Bytes>, now_ms: i64) -> Fetched {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Answer {
            result: Option<Found>,
            description: Option<String>,
            parameters: super::Parameters,
        }
        #[derive(Deserialize)]
        struct Found {
            file_path: Option<String>,
        }
        let answer: Answer = serde_json::from_slice(response.body()).unwrap_or_default();
        match response.status() {
            StatusCode::OK => {
                let path = answer.result.and_then(|it| it.file_path);
                match path.and_then(|path| format!("{}/{path}", self.base).parse().ok()) {
                    Some(url) => Fetched::At(Box::new(json_api::get(&url))),
                    None => Fetched::Gone("Telegram does not say where the file lies".to_owned()),
                }
            }
            status if json_api::is_temporary(status) => {
                let asked = answer.parameters.retry_after.map(json_api::seconds_to_wait);
                Fetched::Later(asked.or_else(|| json_api::retry_after_ms(response.headers(), now_ms)))
            }
            _ => Fetched::Gone(json_api::reason(response, answer.description.as_deref())),
        }
    }

    /// The message `body` with a file in it. `plainly`: as a document, which Telegram looks into less closely.
    pub fn send(&self, mut body: Value, file: &File, plainly: bool) -> Request<Bytes> {
        let (method, part) = match file.kind {
            _ if plainly => (&self.send_document, "document"),
            Kind::Jpeg | Kind::Png | Kind::WebP => (&self.send_photo, "photo"),
            Kind::Mp4 => (&self.send_video, "video"),
            Kind::Mp3 | Kind::M4a => (&self.send_audio, "audio"),
            Kind::Ogg => (&self.send_voice, "voice"),
            Kind::Gif | Kind::Amr | Kind::Pdf | Kind::Other => (&self.send_document, "document"),
        };
        let fields = body.as_object_mut().map(std::mem::take).unwrap_or_default();
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            .collect();
        media::form(method, &fields, part, file, &file.called())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        channel::{
            Attached, Channel, Lies, Outgoing, Rendered,
            testing::{NOW_MS, answer, channel, outgoing},
        },
        model::{Content, Media, ReplyContext},
    };

    fn bot() -> Box<dyn Channel> {
        channel("kind = \"telegram\"\ntoken = \"1:bot-token\"\nsecret_token = \"s\"")
    }

    fn form_of(kind: Kind, fallback: bool, content: &Content) -> (String, String) {
        let file = File { kind, bytes: Bytes::from_static(b"the bytes"), name: None };
        let context = ReplyContext { data: json!({ "quote": 7 }), ..ReplyContext::default() };
        let message = Outgoing { attached: Some(Attached::File(&file)), fallback, ..outgoing(content, &context) };
        match bot().render(&message) {
            Rendered::Request { request, .. } => {
                (request.uri().path().to_owned(), String::from_utf8_lossy(request.body()).into_owned())
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_goes_by_the_method_of_its_kind() {
        let content = Content::Image { url: String::new(), caption: Some("Ana: broken".to_owned()) };
        for (kind, method, part) in [
            (Kind::Jpeg, "sendPhoto", "photo"),
            (Kind::Mp4, "sendVideo", "video"),
            (Kind::M4a, "sendAudio", "audio"),
            (Kind::Ogg, "sendVoice", "voice"),
            (Kind::Gif, "sendDocument", "document"),
            (Kind::Other, "sendDocument", "document"),
        ] {
            let (path, body) = form_of(kind, false, &content);
            assert_eq!(path, format!("/bot1:bot-token/{method}"));
            for field in [
                "name=\"chat_id\"\r\n\r\n42\r\n".to_owned(),
                "name=\"caption\"\r\n\r\nAna: broken\r\n".to_owned(),
                "name=\"reply_parameters\"\r\n\r\n{\"allow_sending_without_reply\":true,\"message_id\":7}\r\n"
                    .to_owned(),
                format!("name=\"{part}\"; filename=\"{}\"", kind.file_name()),
            ] {
                assert!(body.contains(&field), "{field} in {body}");
            }
        }
        // A picture that Telegram takes for none, such as one that is all too long.
        assert_eq!(form_of(Kind::Jpeg, true, &content).0, "/bot1:bot-token/sendDocument");
    }

    #[test]
    fn a_file_is_fetched_where_get_file_says_that_it_lies() {
        let media = Media::new("image", "AgACbig");
        let Lies::There(request) = bot().find(&media, None) else { panic!("it can be fetched") };
        assert_eq!(request.uri(), "https://api.telegram.org/bot1:bot-token/getFile");
        assert_eq!(request.body(), r#"{"file_id":"AgACbig"}"#);
        let found = answer(200, r#"{"ok":true,"result":{"file_id":"AgACbig","file_path":"photos/file_2.jpg"}}"#);
        match bot().fetched(&found, false, NOW_MS) {
            Fetched::At(next) => {
                assert_eq!(next.uri(), "https://api.telegram.org/file/bot1:bot-token/photos/file_2.jpg");
            }
            other => panic!("{other:?}"),
        }
        // A file that looks like such an answer is a file.
        assert!(matches!(bot().fetched(&found, true, NOW_MS), Fetched::Whole));
        let large = answer(400, r#"{"ok":false,"error_code":400,"description":"Bad Request: file is too big"}"#);
        match bot().fetched(&large, false, NOW_MS) {
            Fetched::Gone(why) => assert_eq!(why, "400: Bad Request: file is too big"),
            other => panic!("{other:?}"),
        }
        let busy = answer(429, r#"{"ok":false,"error_code":429,"parameters":{"retry_after":7}}"#);
        assert!(matches!(bot().fetched(&busy, false, NOW_MS), Fetched::Later(Some(7000))));
    }
}
