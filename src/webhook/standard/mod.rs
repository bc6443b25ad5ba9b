//! Standard Webhooks (<https://www.standardwebhooks.com>, specification 1.0): the signatures and the envelope of shop
//! systems and chats that have no file of their own here.

mod envelope;
mod signing;

pub use envelope::{Envelope, Scalar, text_of};
pub use signing::{Keyring, SigningKey};

use bytes::Bytes;
use http::{Method, Response, StatusCode};

use super::{Inbound, Refusal, WebhookRequest};
use crate::model::Event;

/// The id and the envelope of a request that is posted, signed and readable.
///
/// # Errors
/// Why it is turned away.
pub fn open<'a>(keys: &Keyring, request: &WebhookRequest<'a>) -> Result<(&'a str, Envelope<'a>), Refusal> {
    let refusal = |status, why| Refusal { status, why, detail: None };
    if request.method != Method::POST {
        return Err(refusal(StatusCode::METHOD_NOT_ALLOWED, "webhooks are posted\n"));
    }
    let id = keys.verify(request).map_err(|why| refusal(StatusCode::UNAUTHORIZED, why))?;
    let envelope = Envelope::read(request.body).map_err(unreadable)?;
    Ok((id, envelope))
}

/// The refusal of a request that is signed and says what nobody can read.
pub fn unreadable(mistake: String) -> Refusal {
    Refusal { status: StatusCode::BAD_REQUEST, why: "it is signed, but not readable\n", detail: Some(mistake) }
}

/// What became of a request: one event, something nobody here reads, or a mistake in it.
pub fn answer(read: Result<Option<Event>, String>) -> Inbound {
    let mut ack = Response::new(Bytes::new());
    *ack.status_mut() = StatusCode::ACCEPTED;
    match read {
        Ok(Some(event)) => Inbound::acknowledged(ack, vec![event], 0),
        Ok(None) => Inbound::Unclaimed { ack },
        Err(mistake) => Inbound::Refused(unreadable(mistake)),
    }
}
