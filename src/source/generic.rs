//! Any shop system that speaks Standard Webhooks: signed reports of what became of orders.

mod field;
mod order;

use jiff::tz::TimeZone;
use serde::Deserialize;

use super::Source;
use crate::{
    model::{Address, Event, EventKind},
    setting::Secret,
    webhook::{
        Inbound, WebhookRequest,
        standard::{self, Keyring},
    },
};

/// The part of a `[[channel]]` with `kind = "standard-webhooks"` that its reports of orders need; the chat of the same
/// entry checks the rest.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    secrets: Vec<Secret>,
}

/// One shop.
pub struct Generic {
    id: String,
    keys: Keyring,
}

impl Generic {
    /// # Errors
    /// A setting that cannot work, in words for the store owner.
    pub fn new(id: &str, settings: &Settings) -> Result<Self, String> {
        Ok(Self { id: id.to_owned(), keys: Keyring::parse(&settings.secrets)? })
    }
}

impl Source for Generic {
    fn receive(&self, request: &WebhookRequest<'_>, local: &TimeZone) -> Inbound {
        let (dedupe, envelope) = match standard::open(&self.keys, request) {
            Ok(opened) => opened,
            Err(refusal) => return Inbound::Refused(refusal),
        };
        standard::answer(order::read(&envelope, local).map(|report| {
            report.map(|report| Event {
                channel: self.id.clone(),
                dedupe: dedupe.to_owned(),
                address: Address::new(report.channel.unwrap_or_else(|| self.id.clone()), report.chat),
                // A shop whose clock is ahead must not put off what follows from the event.
                at_ms: report.at_ms.map_or(request.now_ms, |at_ms| at_ms.min(request.now_ms)),
                kind: EventKind::Order(report.event),
            })
        }))
    }
}

#[cfg(test)]
mod tests;
