//! What every receiver of webhooks works with: the request, what became of it, and the signatures that several kinds
//! of senders share. Sans-IO, like all that stands on it.

mod body;
mod inbound;
mod request;
pub mod signature;
pub mod standard;
#[cfg(test)]
pub mod testing;

pub use body::json_text;
pub use inbound::{Concern, Hold, Inbound, Refusal, text_response};
pub use request::WebhookRequest;
