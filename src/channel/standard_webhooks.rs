//! Standard Webhooks: the channel for shop systems and chats without a file of their own here.
//!
//! Orders and customers' messages come in, replies go out to `reply_url`, both signed the same way
//! (<https://www.standardwebhooks.com>, specification 1.0).

mod payload;
mod signing;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, Uri};
use serde::Deserialize;
use serde_json::json;

use super::{
    Capabilities, Channel, Inbound, Outcome, Outgoing, Rendered, Uncertain, Unit, WebhookRequest, json_api,
    text_response,
};
use crate::{
    model::{Address, Event},
    setting::Secret,
};
use payload::Payload;
use signing::{SigningKey, VerifyingKey};

#[derive(Clone, Debug, Deserialize)]
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

pub struct StandardWebhooks {
    id: String,
    keys: Vec<VerifyingKey>,
    reply_url: Uri,
    reply_key: SigningKey,
}

impl StandardWebhooks {
    pub fn new(id: &str, settings: &Settings) -> Result<Self, String> {
        let keys = settings
            .secrets
            .iter()
            .enumerate()
            .map(|(index, secret)| {
                VerifyingKey::parse(secret).map_err(|mistake| format!("`secrets[{index}]` {mistake}"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err("`secrets` is empty: without a key nothing can be verified".to_owned());
        }
        let reply_key = match &settings.reply_secret {
            Some(secret) => SigningKey::parse(secret).map_err(|mistake| format!("`reply_secret` {mistake}"))?,
            None => keys
                .iter()
                .find_map(VerifyingKey::signing_key)
                .ok_or("`reply_secret` is missing: a public key among `secrets` cannot sign replies")?,
        };
        let reply_url = json_api::endpoint("reply_url", &settings.reply_url, "")?;
        Ok(Self { id: id.to_owned(), keys, reply_url, reply_key })
    }

    fn event(&self, dedupe: &str, payload: Payload, now_ms: i64) -> Event {
        let channel = payload.channel.unwrap_or_else(|| self.id.clone());
        Event {
            channel: self.id.clone(),
            dedupe: dedupe.to_owned(),
            address: Address::new(channel, payload.chat),
            // A sender whose clock is ahead must not put off what follows from the event.
            at_ms: payload.at_ms.map_or(now_ms, |at_ms| at_ms.min(now_ms)),
            kind: payload.kind,
        }
    }
}

impl Channel for StandardWebhooks {
    fn receive(&self, request: &WebhookRequest<'_>) -> Inbound {
        if request.method != Method::POST {
            return Inbound::refuse(StatusCode::METHOD_NOT_ALLOWED, "webhooks are posted\n");
        }
        let id = match signing::verify(&self.keys, request) {
            Ok(id) => id,
            Err(why) => return Inbound::refuse(StatusCode::UNAUTHORIZED, why),
        };
        let (events, ignored) = match payload::read(id, request.body) {
            Ok(Some(payload)) => (vec![self.event(id, payload, request.now_ms)], 0),
            Ok(None) => (Vec::new(), 1),
            Err(mistake) => return Inbound::Respond(text_response(StatusCode::BAD_REQUEST, format!("{mistake}\n"))),
        };
        let mut ack = Response::new(Bytes::new());
        *ack.status_mut() = StatusCode::ACCEPTED;
        Inbound::Events { ack, events, ignored }
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            // The specification wants bodies of at most 20 kB, and a reply carries its text twice.
            max_length: 8_000,
            unit: Unit::Bytes,
            per_second: 200,
            chat_gap_ms: 0,
            uncertain: Uncertain::Resend,
            answers_in_response: false,
        }
    }

    /// `{"type":"message.reply","timestamp":…,"data":{chat_id, text, content, in_reply_to?}}`, under the
    /// message's key as `webhook-id`. `text` says all of `content` in words.
    fn render(&self, message: &Outgoing<'_>) -> Rendered {
        let mut data = json!({
            "chat_id": message.chat,
            "text": message.content.to_plain_text(),
            "content": message.content,
        });
        if let Some(in_reply_to) = message.context.data.get("in_reply_to") {
            data["in_reply_to"] = in_reply_to.clone();
        }
        let timestamp = jiff::Timestamp::from_millisecond(message.now_ms).unwrap_or_default().to_string();
        let body = json!({ "type": "message.reply", "timestamp": timestamp, "data": data });
        let mut request = json_api::post(&self.reply_url, &body);
        let seconds = (message.now_ms / 1000).to_string();
        let signature = self.reply_key.sign(message.key, &seconds, request.body());
        for (name, value) in
            [("webhook-id", message.key), ("webhook-timestamp", &seconds), ("webhook-signature", &signature)]
        {
            // The key is a UUID and the others are digits and base64, so none is ever left out.
            if let Ok(value) = HeaderValue::from_str(value) {
                request.headers_mut().insert(name, value);
            }
        }
        Rendered::Request(Box::new(request))
    }

    fn classify(&self, response: &Response<Bytes>) -> Outcome {
        match response.status() {
            status if status.is_success() => Outcome::Sent(None),
            StatusCode::CONFLICT => Outcome::AlreadySent,
            status if json_api::is_temporary(status) => Outcome::Retry(json_api::retry_after_ms(response.headers())),
            _ => Outcome::Drop(json_api::reason(response, std::str::from_utf8(response.body()).ok())),
        }
    }
}

#[cfg(test)]
mod tests;
