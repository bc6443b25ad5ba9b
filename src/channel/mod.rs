//! Channels: one file per platform, sans-IO.
//!
//! A channel turns the platform's requests into `Event`s and the clerk's replies into the platform's
//! requests. It never opens a socket and never reads a clock, so recorded requests test it alone.

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use http::Response;

use crate::{
    model::{Content, Media, ReplyContext},
    pictures::Kind,
    webhook::{Inbound, WebhookRequest},
};

mod groups;
mod json_api;
mod line;
pub mod media;
mod meta;
mod registry;
mod setup;
pub mod split;
mod standard_webhooks;
mod telegram;
#[cfg(test)]
mod testing;
pub mod webchat;
pub mod wechat;
mod wxcrypt;

pub use media::{Attached, Fetched, File, Lies, Takes};
pub use registry::{ChannelSettings, build};
pub use setup::{Answer, Finding, Health, Probe, SetUp};

/// One message to send: a reply, or one part of a reply that was too long for the platform.
///
/// It never prints: it holds the access token.
#[derive(Clone, Copy)]
pub struct Outgoing<'a> {
    pub chat: &'a str,
    pub content: &'a Content,
    pub context: &'a ReplyContext,
    /// A UUID that stays the same through all attempts at this message.
    pub key: &'a str,
    /// 0 for the first attempt.
    pub attempt: u32,
    /// Set once the platform answered `Fallback`: use the other way of sending.
    pub fallback: bool,
    /// An earlier attempt may have been taken: nothing may leave that would say it twice.
    pub in_doubt: bool,
    /// What it carries, where the platform takes that as bytes; `content` is then its kind and caption alone.
    pub attached: Option<Attached<'a>>,
    /// The access token, where `token` asked for one.
    pub token: Option<&'a str>,
    pub now_ms: i64,
}

/// How a message leaves.
pub enum Rendered {
    /// Send this, and give the response to `classify`.
    Request { request: Box<http::Request<Bytes>>, uncertain: Uncertain },
    /// It stays with us: the customer's page reads it from the daemon (web chat).
    Local,
    /// The platform would refuse it, so it is not sent.
    Closed(&'static str),
    /// There is nothing to send: what it asks for is so.
    Nothing,
}

impl fmt::Debug for Rendered {
    /// Names a request's host alone: some platforms take their token in the URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request { request, .. } => {
                write!(f, "Request({} {})", request.method(), request.uri().host().unwrap_or_default())
            }
            Self::Local => f.write_str("Local"),
            Self::Nothing => f.write_str("Nothing"),
            Self::Closed(why) => f.debug_tuple("Closed").field(why).finish(),
        }
    }
}

/// What is known of an attempt when its answer comes.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    pub now_ms: i64,
    /// An earlier attempt, perhaps of a daemon that was killed, may have been taken.
    pub in_doubt: bool,
}

/// What the platform's answer means for the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Accepted, with the platform's id where it gives one.
    Sent(Option<String>),
    /// Accepted at an earlier attempt with the same key.
    AlreadySent,
    /// The platform is busy or down: try again after so many milliseconds, or after the usual backoff.
    Retry(Option<u64>),
    /// The same, and the whole channel sends nothing for so many milliseconds. Says why where a person should know.
    SlowDown(u64, Option<String>),
    /// Refused, and perhaps not the next time: try a few times.
    Refused(String),
    /// The chat has another id from now on.
    Moved(String),
    /// The topic that was wanted is begun under this number; the message goes there.
    TopicBegun(String),
    /// There is no topic to be had, of which a person should hear why: it goes by `fallback`.
    NoTopic(String),
    /// The topic is gone: another is begun.
    TopicGone,
    /// The access token is stale: get a new one, try again.
    RefreshToken,
    /// Render again with `fallback` set, at once.
    Fallback,
    /// This message will never be accepted.
    Drop(String),
    /// Nothing will be accepted until a person mends the channel (bad token, banned account).
    StopChannel(String),
}

/// What to do when we cannot know whether the platform took the request (time-out after sending).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uncertain {
    /// The platform knows our key: send it again.
    Resend,
    /// The request is good for one use and a short time: send it again while it is good, and nothing in its place after.
    ResendWhileGood,
    /// No key: send it once more, a doubled answer being better than none.
    ResendOnce,
}

/// The unit in which a platform counts a text's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Utf16,
    Bytes,
    Chars,
}

/// What a platform can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The longest text of one message, in `unit`.
    pub max_length: usize,
    pub unit: Unit,
    /// The longest caption of a picture or file, in `unit`; 0 where they have none.
    pub max_caption: usize,
    /// Messages per second the whole channel may send.
    pub per_second: u32,
    /// The least time between two messages to one person.
    pub chat_gap_ms: u64,
    /// Whether a reply context's budget is all there is: what goes beyond it can be sent in no other way.
    pub budget_is_final: bool,
    /// Whether `sync_reply` answers in the webhook's own response.
    pub answers_in_response: bool,
}

/// Reads the token and its life in seconds out of a response body.
pub type ParseToken = fn(&[u8]) -> Result<(String, u64), String>;

/// How to get an access token.
pub struct TokenRequest {
    pub request: http::Request<Bytes>,
    pub parse: ParseToken,
}

/// The chats of whoever has a telephone number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByPhone {
    /// Likeliest first; never empty.
    pub chats: Vec<String>,
    /// Whether the number was written with its country's code, so that it is nobody else's.
    pub certain: bool,
}

/// One account on one platform.
pub trait Channel: Send + Sync {
    /// Verifies and reads a request. Pure.
    fn receive(&self, request: &WebhookRequest<'_>) -> Inbound;

    fn capabilities(&self) -> Capabilities;

    /// Whether signatures cover what is sent. Otherwise who overhears one can send what they like for a while.
    fn signs_what_is_sent(&self) -> bool {
        true
    }

    /// Which of its chats are staff rooms: there everything that people say is for the clerk.
    fn open_rooms(&mut self, _chats: &[String]) {}

    /// In which of its rooms each customer has a topic; whether the platform has such.
    fn open_topics(&mut self, _rooms: &[String]) -> bool {
        false
    }

    /// Makes the platform's request of a message. Pure.
    fn render(&self, message: &Outgoing<'_>) -> Rendered;

    /// Reads the platform's answer to `render`'s request. Pure.
    fn classify(&self, response: &Response<Bytes>, attempt: &Attempt) -> Outcome;

    /// The least time between two messages to this chat: platforms bear less in groups.
    fn chat_gap_ms(&self, _chat: &str) -> u64 {
        self.capabilities().chat_gap_ms
    }

    /// A chat's id as this platform's webhooks write it, of what a shop or a person wrote.
    fn chat_id<'a>(&self, written: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(written)
    }

    /// The webhook response that carries a reply, where the platform takes one there.
    /// `request` is the webhook request it answers. `None`: send it with `render`.
    fn sync_reply(&self, _request: &WebhookRequest<'_>, _message: &Outgoing<'_>) -> Option<Response<Bytes>> {
        None
    }

    /// Where a person can write to a customer outside the channel, if the platform has such links.
    fn link_to(&self, _chat: &str, _sender: &str) -> Option<String> {
        None
    }

    /// Whether a shop listens here, which takes customers' wishes for its orders (`Content::Remark`).
    fn takes_remarks(&self) -> bool {
        false
    }

    /// The chats that whoever has this telephone number may have here; `None` where chats are not known by numbers, or it
    /// is none.
    fn chats_by_phone(&self, _written: &str) -> Option<ByPhone> {
        None
    }

    /// Where something lies that one of its webhooks named; not asked of what has a web address. Pure.
    fn find(&self, _media: &Media, _token: Option<&str>) -> Lies {
        Lies::Nowhere
    }

    /// Reads the platform's answer to `find`'s request, or, where `is_second`, to the one that its answer led to. Pure.
    fn fetched(&self, response: &Response<Bytes>, _is_second: bool, now_ms: i64) -> Fetched {
        Fetched::plain(response, now_ms)
    }

    /// Whether it takes again by its own id what one of its webhooks named.
    fn knows_again(&self) -> bool {
        false
    }

    /// How it takes so many bytes of this kind.
    fn takes(&self, _kind: Kind, _bytes: usize) -> Takes {
        Takes::Link
    }

    /// Gives the platform a file, where `takes` says that it is uploaded. Pure.
    fn upload(&self, _file: &File, _token: Option<&str>) -> Option<http::Request<Bytes>> {
        None
    }

    /// Reads the answer to `upload`'s request: the platform's id of the file, or what else it means. Pure.
    ///
    /// # Errors
    /// It was not taken.
    fn uploaded(&self, response: &Response<Bytes>, attempt: &Attempt) -> Result<String, Outcome> {
        Err(self.classify(response, attempt))
    }

    /// How to get an access token, for platforms whose tokens expire.
    /// `force`: the current one was refused.
    fn token(&self, _force: bool) -> Option<TokenRequest> {
        None
    }

    /// How the platform comes to post to this URL.
    fn set_up(&self, webhook_url: &str) -> SetUp;

    /// What to ask the platform to know whether all is well. `webhook_url`: where it should post, where that is known.
    fn examine(&self, _webhook_url: Option<&str>, _token: Option<&str>) -> Vec<Probe> {
        Vec::new()
    }
}
