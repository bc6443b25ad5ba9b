//! Setting a channel up, and asking its platform whether all is well: which requests, and what the answers mean.

use std::fmt;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

type Read = dyn Fn(&Response<Bytes>) -> Answer + Send + Sync;

/// One request to the platform, with what its answer means.
pub struct Probe {
    pub request: Request<Bytes>,
    pub read: Box<Read>,
}

/// What an answer says, and what to ask next.
#[derive(Default)]
pub struct Answer {
    pub findings: Vec<Finding>,
    pub then: Vec<Probe>,
}

/// One thing that was found out, in words for the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub health: Health,
    pub words: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    Well,
    /// The clerk works; a person should have a look.
    Look,
    /// The clerk does not work.
    Ill,
}

/// How a platform comes to post to us.
#[derive(Default)]
pub struct SetUp {
    /// What the clerk can do by itself.
    pub probes: Vec<Probe>,
    /// What a person does in the platform's console.
    pub by_hand: Vec<String>,
}

impl Probe {
    /// A request whose answer is JSON.
    pub fn new(
        request: Request<Bytes>,
        read: impl Fn(&Response<Bytes>, &Value) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let read = move |response: &Response<Bytes>| {
            read(response, &serde_json::from_slice(response.body()).unwrap_or_default())
        };
        Self { request, read: Box::new(read) }
    }
}

impl Answer {
    pub fn well(words: impl Into<String>) -> Self {
        Self::of(Health::Well, words)
    }

    pub fn look(words: impl Into<String>) -> Self {
        Self::of(Health::Look, words)
    }

    pub fn ill(words: impl Into<String>) -> Self {
        Self::of(Health::Ill, words)
    }

    fn of(health: Health, words: impl Into<String>) -> Self {
        Self { findings: vec![Finding { health, words: words.into() }], then: Vec::new() }
    }

    /// Both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.findings.extend(other.findings);
        self.then.extend(other.then);
        self
    }

    #[must_use]
    pub fn then(mut self, probe: Probe) -> Self {
        self.then.push(probe);
        self
    }
}

impl SetUp {
    /// The platform lets nobody but a person do it.
    pub fn by_hand(steps: impl IntoIterator<Item = String>) -> Self {
        Self { probes: Vec::new(), by_hand: steps.into_iter().collect() }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Well => "well",
            Self::Look => "look",
            Self::Ill => "ILL",
        })
    }
}
