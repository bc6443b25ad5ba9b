//! LINE official accounts (Messaging API, <https://developers.line.biz/en/reference/messaging-api/>).

mod probes;
mod webhook;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, Uri, header::AUTHORIZATION};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Attempt, Capabilities, Channel, Lies, Outcome, Outgoing, Probe, Rendered, SetUp, Takes, Uncertain, Unit,
    groups::Groups, json_api,
};
use crate::{
    model::{Choice, Content, Media},
    pictures::Kind,
    setting::Secret,
    webhook::{Inbound, WebhookRequest, signature::verify_hmac_sha256},
};

/// The most quick replies under a message.
const MAX_CHOICES: usize = 13;
/// The longest label of a quick reply, in characters.
const MAX_LABEL: usize = 20;
/// The longest data of a postback, in characters.
const MAX_POSTBACK: usize = 300;
/// The longest URL of a picture, in characters.
const MAX_URL: usize = 2000;
/// The most bytes of a preview.
const MAX_PREVIEW: usize = 1_000_000;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The channel secret of the console, which webhooks are signed with.
    channel_secret: Secret,
    /// A long-lived channel access token.
    access_token: Secret,
    /// What of the talk in groups is for the clerk.
    #[serde(default)]
    groups: Groups,
    /// The platform's API; another for tests.
    #[serde(default = "api_base")]
    api_base: String,
    /// Where the platform gives out what customers sent; another for tests.
    #[serde(default = "data_base")]
    data_base: String,
}

fn api_base() -> String {
    "https://api.line.me".to_owned()
}

fn data_base() -> String {
    "https://api-data.line.me".to_owned()
}

pub struct Line {
    id: String,
    channel_secret: Secret,
    groups: Groups,
    /// Chats in which the people of the store speak with the clerk.
    rooms: Vec<String>,
    authorization: HeaderValue,
    reply: Uri,
    push: Uri,
    /// What a message's id is put behind to fetch what it holds.
    contents: String,
    calls: probes::Calls,
}

impl Line {
    pub fn new(id: &str, settings: &Settings) -> Result<Self, String> {
        if settings.channel_secret.is_empty() {
            return Err("`channel_secret` is empty: anybody could sign with it".to_owned());
        }
        let method = |path| json_api::endpoint("api_base", &settings.api_base, path);
        let authorization = json_api::bearer("access_token", &settings.access_token)?;
        Ok(Self {
            id: id.to_owned(),
            channel_secret: settings.channel_secret.clone(),
            groups: settings.groups,
            rooms: Vec::new(),
            calls: probes::Calls {
                authorization: authorization.clone(),
                info: method("/v2/bot/info")?,
                endpoint: method("/v2/bot/channel/webhook/endpoint")?,
                test: method("/v2/bot/channel/webhook/test")?,
            },
            authorization,
            contents: json_api::endpoint("data_base", &settings.data_base, "/v2/bot/message")?.to_string(),
            reply: method("/v2/bot/message/reply")?,
            push: method("/v2/bot/message/push")?,
        })
    }

    fn is_signed(&self, request: &WebhookRequest<'_>) -> bool {
        let signature = request.header("x-line-signature").and_then(|text| STANDARD.decode(text).ok());
        let key = self.channel_secret.expose().as_bytes();
        signature.is_some_and(|signature| verify_hmac_sha256(key, &[request.body], &signature))
    }
}

impl Channel for Line {
    fn receive(&self, request: &WebhookRequest<'_>) -> Inbound {
        if request.method != Method::POST {
            return Inbound::refuse(StatusCode::METHOD_NOT_ALLOWED, "events are posted\n");
        }
        if !self.is_signed(request) {
            return Inbound::refuse_because(
                StatusCode::UNAUTHORIZED,
                "the signature does not hold: is `channel_secret` the one of this channel? It stands under Basic settings \
                 in the LINE Developers console",
                "the signature does not hold",
            );
        }
        webhook::read(&self.id, self.groups, &self.rooms, request.body, request.now_ms)
    }

    fn open_rooms(&mut self, chats: &[String]) {
        self.rooms = chats.to_vec();
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_length: 5000,
            unit: Unit::Utf16,
            max_caption: 5000,
            per_second: 2000,
            chat_gap_ms: 0,
            budget_is_final: false,
            answers_in_response: false,
        }
    }

    /// A reply is free but wants a fresh token; a push counts against the account's monthly quota.
    fn render(&self, message: &Outgoing<'_>) -> Rendered {
        let messages = messages(message.content);
        let (mut request, uncertain) = match way(message) {
            Way::Reply(token) => {
                let body = json!({ "replyToken": token, "messages": messages });
                // LINE takes a token once, so that the same reply again is no second answer.
                (json_api::post(&self.reply, &body), Uncertain::ResendWhileGood)
            }
            Way::Neither => {
                return Rendered::Closed("may have been delivered: LINE did not answer to the reply in time");
            }
            Way::Push => {
                let mut request = json_api::post(&self.push, &json!({ "to": message.chat, "messages": messages }));
                // The key is a UUID, as LINE wants it.
                if let Ok(key) = HeaderValue::from_str(message.key) {
                    request.headers_mut().insert("x-line-retry-key", key);
                }
                (request, Uncertain::Resend)
            }
        };
        request.headers_mut().insert(AUTHORIZATION, self.authorization.clone());
        Rendered::Request { request: Box::new(request), uncertain }
    }

    fn classify(&self, response: &Response<Bytes>, attempt: &Attempt) -> Outcome {
        let answer: Answer = serde_json::from_slice(response.body()).unwrap_or_default();
        let words = answer.message.as_deref().unwrap_or_default();
        let why = || json_api::reason(response, Some(words));
        match response.status() {
            status if status.is_success() => {
                Outcome::Sent(answer.sent_messages.into_iter().next().and_then(|sent| sent.id))
            }
            StatusCode::CONFLICT => Outcome::AlreadySent,
            StatusCode::UNAUTHORIZED => {
                Outcome::StopChannel(format!("the channel access token is not accepted ({})", why()))
            }
            StatusCode::BAD_REQUEST if words.contains("Invalid reply token") => {
                // It is used within its life alone, and by this clerk alone: then an earlier attempt used it up.
                if attempt.in_doubt { Outcome::AlreadySent } else { Outcome::Fallback }
            }
            StatusCode::TOO_MANY_REQUESTS if words.contains("monthly limit") => Outcome::Drop(why()),
            status if json_api::is_temporary(status) => {
                Outcome::Retry(json_api::retry_after_ms(response.headers(), attempt.now_ms))
            }
            _ => Outcome::Drop(why()),
        }
    }

    /// "Get content" of the Messaging API reference: it is kept for a while, and then gone.
    fn find(&self, media: &Media, _token: Option<&str>) -> Lies {
        // An id is digits; anything else would ask for something else.
        let is_id = media.reference.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let Some(url) =
            is_id.then(|| format!("{}/{}/content", self.contents, media.reference)).and_then(|it| it.parse().ok())
        else {
            return Lies::Nowhere;
        };
        let mut request = json_api::get(&url);
        request.headers_mut().insert(AUTHORIZATION, self.authorization.clone());
        Lies::There(Box::new(request))
    }

    /// "Image message": JPEG or PNG, and a preview of up to 1 MB. A video would want a picture as its preview, and a
    /// recording its length, neither of which is known.
    fn takes(&self, kind: Kind, bytes: usize) -> Takes {
        match kind {
            Kind::Jpeg | Kind::Png if bytes <= MAX_PREVIEW => Takes::Address,
            _ => Takes::Link,
        }
    }

    fn set_up(&self, webhook_url: &str) -> SetUp {
        self.calls.set_up(webhook_url)
    }

    fn examine(&self, webhook_url: Option<&str>, _token: Option<&str>) -> Vec<Probe> {
        self.calls.examine(webhook_url)
    }
}

/// How a message can leave.
enum Way<'a> {
    Reply(&'a str),
    Push,
    /// A reply may have arrived, and can no longer be repeated; a push would be a second answer.
    Neither,
}

fn way<'a>(message: &Outgoing<'a>) -> Way<'a> {
    let context = message.context;
    let token = context.data.get(webhook::REPLY_TOKEN).and_then(Value::as_str);
    match token.filter(|_| !message.fallback && context.budget.is_some_and(|left| left > 0)) {
        Some(token) if context.deadline_ms.is_some_and(|deadline_ms| message.now_ms < deadline_ms) => Way::Reply(token),
        Some(_) if message.in_doubt => Way::Neither,
        _ => Way::Push,
    }
}

/// LINE's message objects for a content. Only the last one's quick replies are shown.
fn messages(content: &Content) -> Vec<Value> {
    let Content::Several { parts } = content else { return objects(content) };
    let mut all: Vec<_> = parts.iter().flat_map(objects).collect();
    if all.len() > usize::from(webhook::MAX_OBJECTS) {
        // Captions take a place of their own; in words, picture and caption share one.
        all = parts.iter().map(|part| json!({ "type": "text", "text": part.to_plain_text() })).collect();
    }
    let taken = all.iter_mut().filter_map(|it| it.as_object_mut()?.remove("quickReply"));
    if let (Some(replies), Some(last)) = (taken.last(), all.last_mut()) {
        last["quickReply"] = replies;
    }
    all
}

/// One, or a caption and its picture.
fn objects(content: &Content) -> Vec<Value> {
    let text = |text: &str| json!({ "type": "text", "text": text });
    match content {
        Content::Image { url, caption } if url.starts_with("https://") && url.chars().count() <= MAX_URL => {
            let picture = json!({ "type": "image", "originalContentUrl": url, "previewImageUrl": url });
            caption.as_deref().filter(|it| !it.is_empty()).map(text).into_iter().chain([picture]).collect()
        }
        Content::Choices { text, choices } if fit_quick_replies(choices) => {
            let items: Vec<_> = choices.iter().map(quick_reply).collect();
            vec![json!({ "type": "text", "text": text, "quickReply": { "items": items } })]
        }
        other => vec![text(&other.to_plain_text())],
    }
}

fn fit_quick_replies(choices: &[Choice]) -> bool {
    (1..=MAX_CHOICES).contains(&choices.len())
        && choices.iter().all(|it| !it.label.is_empty() && (1..=MAX_POSTBACK).contains(&it.value.chars().count()))
}

/// A button that shows the whole label as the customer's words when it is pressed.
fn quick_reply(choice: &Choice) -> Value {
    let mut label: String = choice.label.chars().take(MAX_LABEL).collect();
    if label.len() < choice.label.len() {
        label.pop();
        label.push('…');
    }
    let shown: String = choice.label.chars().take(MAX_POSTBACK).collect();
    let action = json!({ "type": "postback", "label": label, "data": choice.value, "displayText": shown });
    json!({ "type": "action", "action": action })
}

/// The answer to a request.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Answer {
    message: Option<String>,
    sent_messages: Vec<SentMessage>,
}

#[derive(Deserialize)]
struct SentMessage {
    #[serde(default)]
    id: Option<String>,
}

#[cfg(test)]
mod tests;
