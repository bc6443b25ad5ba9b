//! Sources: one file per shop system, sans-IO.
//!
//! A source turns the shop's requests into events of its orders. Like a channel it never opens a socket and never reads
//! a clock; unlike one it speaks to nobody: what a customer is to hear of an order leaves on the customer's channel.

mod generic;
mod registry;

use jiff::tz::TimeZone;

use crate::webhook::{Inbound, WebhookRequest};

pub use registry::{SourceSettings, build};

/// One shop that reports its orders.
pub trait Source: Send + Sync {
    /// Verifies a request and reads what it says of an order. Pure. `local` is the store's time zone, for times that
    /// are written without one.
    fn receive(&self, request: &WebhookRequest<'_>, local: &TimeZone) -> Inbound;
}
