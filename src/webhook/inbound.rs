use bytes::Bytes;
use http::{Response, StatusCode, header};

use crate::model::Event;

/// What a request turned out to be.
#[derive(Debug)]
pub enum Inbound {
    /// Nothing to keep: a handshake, a ping, a kind we do not know.
    Respond(Response<Bytes>),
    /// Not to be believed, or nothing the sender can have meant.
    Refused(Refusal),
    /// Make the events durable, then acknowledge.
    Events {
        ack: Response<Bytes>,
        events: Vec<Event>,
        /// Parts the platform sent that we do not handle; counted.
        ignored: usize,
    },
    /// Genuine, and of a kind that this receiver does not read. Another of the same name may; where there is none, it is
    /// acknowledged and counted.
    Unclaimed { ack: Response<Bytes> },
}

/// Why a request was turned away.
#[derive(Debug)]
pub struct Refusal {
    pub status: StatusCode,
    /// For the owner's log, so it says nothing of what was sent.
    pub why: &'static str,
    /// For the developer at the other end, who reads it in the answer; it may quote what was sent.
    pub detail: Option<String>,
}

impl Inbound {
    /// A refusal whose body says why, for the person who reads the platform's delivery log.
    pub fn refuse(status: StatusCode, why: &'static str) -> Self {
        Self::Refused(Refusal { status, why, detail: None })
    }

    /// Events to keep, acknowledged with 200 and an empty body; `ignored` counts the parts left out.
    pub fn events(events: Vec<Event>, ignored: usize) -> Self {
        Self::Events { ack: Response::new(Bytes::new()), events, ignored }
    }
}

impl Refusal {
    pub fn into_response(self) -> Response<Bytes> {
        match self.detail {
            Some(detail) => text_response(self.status, format!("{detail}\n")),
            None => text_response(self.status, self.why),
        }
    }
}

/// A plain-text response.
pub fn text_response(status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
