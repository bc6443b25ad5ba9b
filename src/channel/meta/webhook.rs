//! The envelope: batches of entries, each about one account.

use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Platform, batch::Batch, messenger, whatsapp};
use crate::webhook::{Inbound, WebhookRequest};

#[derive(Deserialize)]
struct Envelope<'a> {
    object: String,
    #[serde(borrow, default)]
    entry: Vec<&'a RawValue>,
}

/// Reads a signed body. What we do not know or understand is counted and the rest kept: a refusal would make Meta
/// repeat the whole batch, and in the end unsubscribe the page.
pub fn read(platform: Platform, channel: &str, account: &str, request: &WebhookRequest<'_>) -> Inbound {
    let envelope: Envelope<'_> = match serde_json::from_slice(request.body) {
        Ok(envelope) => envelope,
        Err(error) if error.is_data() => return Inbound::events(Vec::new(), 1),
        Err(_) => return Inbound::refuse(StatusCode::BAD_REQUEST, "the body is not JSON\n"),
    };
    let mut batch = Batch::new(channel, account, request.now_ms);
    match (platform, envelope.object.as_str()) {
        (Platform::WhatsApp, "whatsapp_business_account") => batch.each(envelope.entry, whatsapp::read),
        (Platform::Messenger, "page") | (Platform::Instagram, "instagram") => {
            batch.each(envelope.entry, messenger::read);
        }
        _ => batch.ignore(),
    }
    batch.finish()
}
