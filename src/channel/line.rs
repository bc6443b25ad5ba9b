//! LINE official accounts (Messaging API, <https://developers.line.biz/en/reference/messaging-api/>).

mod webhook;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, Uri, header::AUTHORIZATION};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Capabilities, Channel, Outcome, Outgoing, Rendered, Uncertain, Unit, json_api};
use crate::{
    model::{Choice, Content},
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

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    channel_secret: Secret,
    /// A long-lived channel access token.
    access_token: Secret,
    #[serde(default = "api_base")]
    api_base: String,
}

fn api_base() -> String {
    "https://api.line.me".to_owned()
}

pub struct Line {
    id: String,
    channel_secret: Secret,
    authorization: HeaderValue,
    reply: Uri,
    push: Uri,
}

impl Line {
    pub fn new(id: &str, settings: &Settings) -> Result<Self, String> {
        if settings.channel_secret.is_empty() {
            return Err("`channel_secret` is empty: anybody could sign with it".to_owned());
        }
        let method = |path| json_api::endpoint("api_base", &settings.api_base, path);
        Ok(Self {
            id: id.to_owned(),
            channel_secret: settings.channel_secret.clone(),
            authorization: json_api::bearer("access_token", &settings.access_token)?,
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
            return Inbound::refuse(StatusCode::UNAUTHORIZED, "the signature does not hold\n");
        }
        webhook::read(&self.id, request.body, request.now_ms)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_length: 5000,
            unit: Unit::Utf16,
            per_second: 2000,
            chat_gap_ms: 0,
            uncertain: Uncertain::Resend,
            answers_in_response: false,
        }
    }

    /// A reply is free but wants a fresh token; a push counts against the account's monthly quota.
    fn render(&self, message: &Outgoing<'_>) -> Rendered {
        let messages = messages(message.content);
        let mut request = match reply_token(message) {
            Some(token) => json_api::post(&self.reply, &json!({ "replyToken": token, "messages": messages })),
            None => {
                let mut request = json_api::post(&self.push, &json!({ "to": message.chat, "messages": messages }));
                // The key is a UUID, as LINE wants it.
                if let Ok(key) = HeaderValue::from_str(message.key) {
                    request.headers_mut().insert("x-line-retry-key", key);
                }
                request
            }
        };
        request.headers_mut().insert(AUTHORIZATION, self.authorization.clone());
        Rendered::Request(Box::new(request))
    }

    fn classify(&self, response: &Response<Bytes>) -> Outcome {
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
            StatusCode::BAD_REQUEST if words.contains("Invalid reply token") => Outcome::Fallback,
            StatusCode::TOO_MANY_REQUESTS if words.contains("monthly limit") => Outcome::Drop(why()),
            status if json_api::is_temporary(status) => Outcome::Retry(json_api::retry_after_ms(response.headers())),
            _ => Outcome::Drop(why()),
        }
    }
}

/// The token to reply with, while it is good and not used up.
fn reply_token<'a>(message: &Outgoing<'a>) -> Option<&'a str> {
    let context = message.context;
    let good = !message.fallback
        && context.budget.is_some_and(|left| left > 0)
        && context.deadline_ms.is_some_and(|deadline_ms| message.now_ms < deadline_ms);
    context.data.get(webhook::REPLY_TOKEN).and_then(Value::as_str).filter(|_| good)
}

/// LINE's message objects for one content: one, or a caption and its picture.
fn messages(content: &Content) -> Vec<Value> {
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
