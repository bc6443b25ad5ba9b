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
        /// What the owner should know of how the platform is set up.
        concerns: Vec<Concern>,
    },
    /// Genuine, and of a kind that this receiver does not read. Another of the same name may; where there is none, it is
    /// acknowledged and counted.
    Unclaimed { ack: Response<Bytes> },
}

/// Something in a genuine request that shows a slip in how the channel is set up, in words for the owner: what is so,
/// and what to do. It names accounts, never customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    pub words: String,
    /// All is well, and worth saying once.
    pub is_good_news: bool,
    /// What it means for all that waits to be sent.
    pub hold: Option<Hold>,
}

/// The platform takes nothing of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// For so many milliseconds.
    For(u64),
    /// Until a person has mended it.
    UntilResumed,
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

    /// A refusal that tells the owner what to look at, and the sender less.
    pub fn refuse_because(status: StatusCode, why: &'static str, told: &str) -> Self {
        Self::Refused(Refusal { status, why, detail: Some(told.to_owned()) })
    }

    /// Events to keep, acknowledged with 200 and an empty body; `ignored` counts the parts left out.
    pub fn events(events: Vec<Event>, ignored: usize) -> Self {
        Self::acknowledged(Response::new(Bytes::new()), events, ignored)
    }

    /// Events to keep, in the order in which they happened: a platform may put the newest first.
    pub fn acknowledged(ack: Response<Bytes>, mut events: Vec<Event>, ignored: usize) -> Self {
        events.sort_by_key(|event| event.at_ms);
        Self::Events { ack, events, ignored, concerns: Vec::new() }
    }

    /// A request that is signed, and that nobody can read: refused, the platform would only send it again, or show the
    /// customer an error.
    pub fn unreadable(ack: Response<Bytes>) -> Self {
        let words = "a signed webhook could not be read; it was acknowledged and dropped".to_owned();
        Self::acknowledged(ack, Vec::new(), 1).with(Concern::new(words))
    }

    /// The same with something to say.
    #[must_use]
    pub fn with(mut self, concern: Concern) -> Self {
        if let Self::Events { concerns, .. } = &mut self
            && !concerns.contains(&concern)
        {
            concerns.push(concern);
        }
        self
    }
}

impl Concern {
    pub fn new(words: impl Into<String>) -> Self {
        Self { words: words.into(), is_good_news: false, hold: None }
    }

    /// Somebody pressed the platform's button that sends an example.
    pub fn test_sample() -> Self {
        let words = "the platform's dashboard sent its test sample: the webhook and its signature work, and samples are \
                     not answered";
        Self { is_good_news: true, ..Self::new(words) }
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
