//! Temporary materials (临时素材): what customers sent, and what is uploaded to be sent to them. Both are kept for three days.
//!
//! Source: "获取临时素材", "新增临时素材" and "客服消息" of the WeChat Official Accounts documentation.

use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri, header::CONTENT_TYPE};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ApiError;
use crate::{
    channel::{
        Fetched, File, Outcome, Takes,
        json_api::{endpoint, get, is_temporary, reason},
        media,
    },
    pictures::Kind,
};

/// The most bytes of a picture and of a recording.
const MAX_PICTURE: usize = 10 << 20;
const MAX_VOICE: usize = 2 << 20;

/// What the platform calls the kinds that can be uploaded. A video would want another picture beside it, and a file is not
/// to be had.
fn name(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Jpeg | Kind::Png | Kind::Gif => Some("image"),
        Kind::Amr | Kind::Mp3 => Some("voice"),
        _ => None,
    }
}

pub fn takes(kind: Kind, bytes: usize) -> Takes {
    let most = if kind.is_picture() { MAX_PICTURE } else { MAX_VOICE };
    if name(kind).is_some() && bytes <= most { Takes::Uploaded } else { Takes::Link }
}

fn url(api_base: &str, method: &str, query: &[(&str, &str)]) -> Option<Uri> {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    endpoint("api_base", api_base, &format!("/cgi-bin/media/{method}?{query}")).ok()
}

pub fn find(api_base: &str, id: &str, token: &str) -> Option<Request<Bytes>> {
    Some(get(&url(api_base, "get", &[("access_token", token), ("media_id", id)])?))
}

/// The file itself; of a video an address in JSON; of what is not to be had, an error in JSON.
pub fn found(response: &Response<Bytes>, is_second: bool, now_ms: i64) -> Fetched {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Answer {
        Video { video_url: String },
        Refused(ApiError),
    }
    let kind = response.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let is_words = !is_second
        && response.status() == StatusCode::OK
        && ["application/json", "text/plain"].iter().any(|it| kind.starts_with(it));
    if !is_words {
        return Fetched::plain(response, now_ms);
    }
    match serde_json::from_slice(response.body()) {
        Ok(Answer::Video { video_url }) => match video_url.parse() {
            Ok(url) => Fetched::At(Box::new(get(&url))),
            Err(_) => Fetched::Gone("WeChat does not say where the video lies".to_owned()),
        },
        Ok(Answer::Refused(error)) => match error.outcome() {
            Outcome::Retry(after) => Fetched::Later(after),
            Outcome::SlowDown(after, _) => Fetched::Later(Some(after)),
            Outcome::RefreshToken => Fetched::RefreshToken,
            _ => Fetched::Gone(error.to_string()),
        },
        Err(_) => Fetched::Gone(reason(response, None)),
    }
}

pub fn upload(api_base: &str, file: &File, token: &str) -> Option<Request<Bytes>> {
    let url = url(api_base, "upload", &[("access_token", token), ("type", name(file.kind)?)])?;
    Some(media::form(&url, &[], "media", file, &file.kind.file_name()))
}

/// # Errors
/// What else the answer means.
pub fn uploaded(response: &Response<Bytes>) -> Result<String, Outcome> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Answer {
        Kept { media_id: String },
        Refused(ApiError),
    }
    match serde_json::from_slice(response.body()) {
        Ok(Answer::Kept { media_id }) => Ok(media_id),
        Ok(Answer::Refused(error)) => Err(error.outcome()),
        Err(_) if response.status().is_success() || is_temporary(response.status()) => Err(Outcome::Retry(None)),
        Err(_) => Err(Outcome::Drop(reason(response, None))),
    }
}

/// What stands in a customer-service message.
pub fn body(id: &str, kind: Kind) -> Value {
    let name = name(kind).unwrap_or("image");
    json!({ "msgtype": name, name: { "media_id": id } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        channel::{
            Attached, Channel, Lies, Outgoing,
            testing::{ATTEMPT, NOW_MS, answer, channel, outgoing, rendered},
        },
        model::{Content, Media, ReplyContext},
    };

    fn account(more: &str) -> Box<dyn Channel> {
        channel(&format!("kind = \"wechat\"\ntoken = \"t\"\napp_id = \"wx1\"\n{more}"))
    }

    fn with_api() -> Box<dyn Channel> {
        account("app_secret = \"app-secret\"")
    }

    fn found(kind: &str, body: &str) -> Fetched {
        let mut response = answer(200, body);
        response.headers_mut().insert(CONTENT_TYPE, kind.parse().unwrap());
        with_api().fetched(&response, false, NOW_MS)
    }

    #[test]
    fn what_a_customer_sent_is_fetched_with_the_token() {
        let media = Media::new("image", "M/1+2");
        let Lies::There(request) = with_api().find(&media, Some("a+token")) else { panic!("it can be fetched") };
        assert_eq!(
            request.uri(),
            "https://api.weixin.qq.com/cgi-bin/media/get?access_token=a%2Btoken&media_id=M%2F1%2B2"
        );
        assert!(matches!(found("image/jpeg", "bytes"), Fetched::Whole));
        match found("text/plain", r#"{"video_url":"http://vweixinp.tc.qq.com/1.mp4"}"#) {
            Fetched::At(next) => assert_eq!(next.uri(), "http://vweixinp.tc.qq.com/1.mp4"),
            other => panic!("{other:?}"),
        }
        let expired = r#"{"errcode":40007,"errmsg":"invalid media_id"}"#;
        assert!(matches!(found("application/json; encoding=utf-8", expired), Fetched::Gone(_)));
        let stale = r#"{"errcode":42001,"errmsg":"access_token expired"}"#;
        assert!(matches!(found("application/json", stale), Fetched::RefreshToken));
        assert!(matches!(found("application/json", r#"{"errcode":-1}"#), Fetched::Later(None)));
    }

    #[test]
    fn a_picture_is_uploaded_and_sent_by_its_id() {
        let file = File { kind: Kind::Png, bytes: Bytes::from_static(b"\x89PNG"), name: None };
        let request = with_api().upload(&file, Some("token")).unwrap();
        assert_eq!(request.uri(), "https://api.weixin.qq.com/cgi-bin/media/upload?access_token=token&type=image");
        let body = String::from_utf8_lossy(request.body()).into_owned();
        assert!(body.contains("name=\"media\"; filename=\"picture.png\"\r\ncontent-type: image/png"), "{body}");
        let taken = answer(200, r#"{"type":"image","media_id":"MEDIA","created_at":123456789}"#);
        assert_eq!(with_api().uploaded(&taken, &ATTEMPT), Ok("MEDIA".to_owned()));
        let stale = answer(200, r#"{"errcode":40001,"errmsg":"invalid credential"}"#);
        assert_eq!(with_api().uploaded(&stale, &ATTEMPT), Err(Outcome::RefreshToken));
        let (content, context) = (Content::Image { url: String::new(), caption: None }, ReplyContext::default());
        let attached = Some(Attached::Id("MEDIA", Kind::Png));
        let message = Outgoing { attached, token: Some("token"), ..outgoing(&content, &context) };
        let (_, body) = rendered(&*with_api(), &message);
        assert_eq!(body, json!({ "touser": "42", "msgtype": "image", "image": { "media_id": "MEDIA" } }));
    }

    #[test]
    fn what_it_does_not_take_goes_by_a_link() {
        let takes = |kind, bytes| with_api().takes(kind, bytes);
        assert_eq!(takes(Kind::Jpeg, 10 << 20), Takes::Uploaded);
        assert_eq!(takes(Kind::Amr, 2 << 20), Takes::Uploaded);
        assert_eq!(takes(Kind::Amr, (2 << 20) + 1), Takes::Link);
        assert_eq!(takes(Kind::Pdf, 1), Takes::Link);
        assert_eq!(takes(Kind::Mp4, 1), Takes::Link);
        assert_eq!(account("").takes(Kind::Jpeg, 1), Takes::Link, "without the secret there is no API");
    }
}
