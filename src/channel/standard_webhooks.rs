//! Standard Webhooks: the channel for chats without a file of their own here.
//!
//! Customers' messages come in, replies go out to `reply_url`, both signed the same way. The shop's reports of orders
//! may come to the same URL; `source::generic` reads those.

mod payload;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, Uri};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Attempt, Capabilities, Channel, Outcome, Outgoing, Rendered, SetUp, Takes, Uncertain, Unit, json_api};
use crate::{
    model::{Address, Content, Event},
    pictures::Kind,
    setting::Secret,
    webhook::{
        Inbound, WebhookRequest,
        standard::{self, Keyring, SigningKey},
    },
};
use payload::Payload;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// A `[[channel]]` with `kind = "standard-webhooks"`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Keys that may sign what comes in: `whsec_…` (shared) or `whpk_…` (ed25519, public). Several at once
    /// let a key be changed without a gap.
    secrets: Vec<Secret>,
    /// Where replies are posted.
    reply_url: String,
    /// The `whsec_…` key that signs replies, where it is not the first of `secrets`.
    #[serde(default)]
    reply_secret: Option<Secret>,
}

/// What is posted to `reply_url`: the envelope of Standard Webhooks around a reply or a wish.
#[derive(Serialize)]
struct OutgoingEvent<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: jiff::Timestamp,
    data: T,
}

/// A customer's wish on an order.
#[derive(Serialize)]
struct Remark<'a> {
    /// The order's number.
    id: &'a str,
    remark: &'a str,
}

#[derive(Serialize)]
struct Reply<'a> {
    chat_id: &'a str,
    /// `content` in words alone.
    text: &'a str,
    content: &'a Content,
    /// The sender's id of the message that is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_reply_to: Option<&'a serde_json::Value>,
}

/// One shop's or chat's own way to talk.
pub struct StandardWebhooks {
    id: String,
    keys: Keyring,
    reply_url: Uri,
    reply_key: SigningKey,
}

impl StandardWebhooks {
    /// # Errors
    /// A setting that cannot work, in words for the store owner.
    pub fn new(id: &str, settings: &Settings) -> Result<Self, String> {
        let keys = Keyring::parse(&settings.secrets)?;
        let reply_key = match &settings.reply_secret {
            Some(secret) => SigningKey::parse(secret).map_err(|mistake| format!("`reply_secret` {mistake}"))?,
            None => keys
                .signing_key()
                .ok_or("`reply_secret` is missing: a public key among `secrets` cannot sign replies")?,
        };
        let reply_url = json_api::endpoint("reply_url", &settings.reply_url, "")?;
        Ok(Self { id: id.to_owned(), keys, reply_url, reply_key })
    }
}

impl Channel for StandardWebhooks {
    fn receive(&self, request: &WebhookRequest<'_>) -> Inbound {
        let (dedupe, envelope) = match standard::open(&self.keys, request) {
            Ok(opened) => opened,
            Err(refusal) => return Inbound::Refused(refusal),
        };
        standard::answer(payload::read(dedupe, &envelope).map(|payload| {
            payload.map(|Payload { chat, kind }| Event {
                channel: self.id.clone(),
                dedupe: dedupe.to_owned(),
                address: Address::new(self.id.clone(), chat),
                // A sender whose clock is ahead must not put off what follows from the event.
                at_ms: envelope.at_ms().map_or(request.now_ms, |at_ms| at_ms.min(request.now_ms)),
                kind,
            })
        }))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            // The specification wants bodies of at most 20 kB, and a reply carries its text twice.
            max_length: 8_000,
            unit: Unit::Bytes,
            max_caption: 8_000,
            per_second: 200,
            chat_gap_ms: 0,
            budget_is_final: false,
            answers_in_response: false,
        }
    }

    /// `{"type":"message.reply","timestamp":…,"data":{chat_id, text, content, in_reply_to?}}`, under the
    /// message's key as `webhook-id`. `text` says all of `content` in words. A wish on an order is `order.remarked` with
    /// `{id, remark}`.
    fn render(&self, message: &Outgoing<'_>) -> Rendered {
        let timestamp = jiff::Timestamp::from_millisecond(message.now_ms).unwrap_or_default();
        let mut request = match message.content {
            Content::Remark { order, text } => {
                let data = Remark { id: order, remark: text };
                json_api::post(&self.reply_url, &OutgoingEvent { kind: "order.remarked", timestamp, data })
            }
            content => {
                let text = content.to_plain_text();
                let in_reply_to = message.context.data.get("in_reply_to");
                let data = Reply { chat_id: message.chat, text: &text, content, in_reply_to };
                json_api::post(&self.reply_url, &OutgoingEvent { kind: "message.reply", timestamp, data })
            }
        };
        let seconds = (message.now_ms / 1000).to_string();
        let signature = self.reply_key.sign(message.key, &seconds, request.body());
        for (name, value) in [(ID, message.key), (TIMESTAMP, &seconds), (SIGNATURE, &signature)] {
            // The key is a UUID and the others are digits and base64, so none is ever left out.
            if let Ok(value) = HeaderValue::from_str(value) {
                request.headers_mut().insert(name, value);
            }
        }
        Rendered::Request { request: Box::new(request), uncertain: Uncertain::Resend }
    }

    fn takes(&self, _kind: Kind, _bytes: usize) -> Takes {
        Takes::Address
    }

    fn takes_remarks(&self) -> bool {
        true
    }

    fn classify(&self, response: &Response<Bytes>, attempt: &Attempt) -> Outcome {
        match response.status() {
            status if status.is_success() => Outcome::Sent(None),
            StatusCode::CONFLICT => Outcome::AlreadySent,
            status if json_api::is_temporary(status) => {
                Outcome::Retry(json_api::retry_after_ms(response.headers(), attempt.now_ms))
            }
            // The shop's site may be away while it is deployed; a message that it refuses for good is refused each time.
            _ => Outcome::Refused(json_api::reason(response, std::str::from_utf8(response.body()).ok())),
        }
    }

    fn set_up(&self, webhook_url: &str) -> SetUp {
        SetUp::by_hand([
            format!("let the shop post its messages and orders to {webhook_url}"),
            "let it sign them with one of the channel's `secrets`, as Standard Webhooks says".to_owned(),
        ])
    }
}

#[cfg(test)]
mod tests;
