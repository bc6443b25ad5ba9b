//! The envelope: batches of entries, each about one account.

use bytes::Bytes;
use http::Response;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Platform, batch::Batch, messenger, whatsapp_webhook};
use crate::webhook::{Concern, Inbound, WebhookRequest, json_text};

#[derive(Deserialize)]
struct Envelope<'a> {
    object: String,
    #[serde(borrow, default)]
    entry: Vec<&'a RawValue>,
}

/// Reads a signed body. What we do not know or understand is counted and the rest kept: a refusal would make Meta
/// repeat the whole batch, and in the end unsubscribe the page.
pub fn read(platform: Platform, channel: &str, account: &str, request: &WebhookRequest<'_>) -> Inbound {
    let body = json_text(request.body);
    let envelope: Envelope<'_> = match serde_json::from_str(&body) {
        Ok(envelope) => envelope,
        Err(error) if error.is_data() => return sample_or_unknown(&body),
        Err(_) => return Inbound::unreadable(Response::new(Bytes::new())),
    };
    let mut batch = Batch::new(channel, account, request.now_ms);
    match (platform, envelope.object.as_str()) {
        (Platform::WhatsApp, "whatsapp_business_account") => batch.each(envelope.entry, whatsapp_webhook::read),
        (Platform::Messenger, "page") | (Platform::Instagram, "instagram") => {
            batch.each(envelope.entry, messenger::read);
        }
        (_, "whatsapp_business_account" | "page" | "instagram") => {
            batch.ignore();
            batch.concern(Concern::new(format!(
                "the app posts what is of `{}` to this channel, whose `platform` is another: give each product of the \
                 app the webhook of its own channel",
                envelope.object
            )));
        }
        _ => batch.ignore(),
    }
    batch.finish()
}

/// The dashboard's samples of single fields come without the envelope.
fn sample_or_unknown(body: &str) -> Inbound {
    #[derive(Deserialize)]
    struct Sample {
        #[allow(dead_code)]
        sample: serde::de::IgnoredAny,
    }
    let unknown = Inbound::events(Vec::new(), 1);
    if serde_json::from_str::<Sample>(body).is_ok() { unknown.with(Concern::test_sample()) } else { unknown }
}
