//! One attempt at one message, from the token to what the platform's answer means for it.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Response, StatusCode};

use super::{
    ChannelHandle, LocalDelivery,
    queue::Job,
    token::{NoToken, Tokens},
};
use crate::{
    channel::{Outcome, Outgoing, Rendered, Uncertain},
    clock::now_ms,
    egress,
};

/// What is to become of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Sent {
        platform_id: Option<String>,
    },
    /// Counts as an attempt.
    Retry {
        /// The platform's own word on when.
        after: Option<Duration>,
        /// The platform wants fewer messages.
        throttled: bool,
        error: String,
    },
    Dead {
        error: String,
    },
    /// The channel is stopped until a person resumes it; the message was not tried.
    Stop {
        reason: String,
    },
    NoToken(NoToken),
}

pub struct Courier {
    pub client: egress::Client,
    pub tokens: Tokens,
    pub local: Arc<dyn LocalDelivery>,
    pub timeout: Duration,
}

impl Courier {
    /// Tries once; a stale token and the platform's wish for the other way of sending are each met at once.
    pub async fn attempt(&self, handle: &ChannelHandle, job: &mut Job) -> Verdict {
        let mut refreshed = false;
        loop {
            let token = match self.tokens.get(handle).await {
                Ok(token) => token,
                Err(failed) => return Verdict::NoToken(failed),
            };
            let request = match render(handle, job, token.as_deref()) {
                Rendered::Request(request) => *request,
                Rendered::Local => {
                    self.local.deliver(&job.queued);
                    return Verdict::Sent { platform_id: None };
                }
                Rendered::Closed(why) => return Verdict::Dead { error: why.to_owned() },
            };
            let response = match self.client.send(request, handle.allow_private_targets, self.timeout).await {
                Ok(response) => {
                    count(handle, answer_class(response.status()));
                    response
                }
                Err(error) => {
                    count(handle, "none");
                    return failed(handle, job, &error);
                }
            };
            tracing::debug!(status = response.status().as_u16(), "the platform answered");
            match handle.channel.classify(&response) {
                Outcome::Sent(platform_id) => return Verdict::Sent { platform_id },
                Outcome::AlreadySent => return Verdict::Sent { platform_id: None },
                Outcome::Retry(after_ms) => return retry(&response, after_ms),
                Outcome::RefreshToken => {
                    if let Some(token) = &token {
                        self.tokens.refused(handle, token).await;
                    }
                    if token.is_none() || refreshed {
                        return later("the platform refuses the access token");
                    }
                    refreshed = true;
                }
                Outcome::Fallback if job.fallback => {
                    return Verdict::Dead { error: "the platform takes it neither one way nor the other".to_owned() };
                }
                Outcome::Fallback => job.fallback = true,
                Outcome::Drop(error) => return Verdict::Dead { error },
                Outcome::StopChannel(reason) => return Verdict::Stop { reason },
            }
        }
    }
}

fn render(handle: &ChannelHandle, job: &Job, token: Option<&str>) -> Rendered {
    let message = &job.queued.message;
    handle.channel.render(&Outgoing {
        chat: &message.address.chat,
        content: &message.content,
        context: &message.context,
        key: &message.key,
        attempt: job.queued.attempts,
        fallback: job.fallback,
        token,
        now_ms: now_ms(),
    })
}

fn count(handle: &ChannelHandle, answer: &'static str) {
    metrics::counter!("nightclerk_platform_answers_total", "channel" => handle.id.clone(), "answer" => answer)
        .increment(1);
}

/// Few enough to be a metric's label; a platform that asks for fewer messages is told from one that takes none.
fn answer_class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        429 => "429",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}

fn later(error: impl Into<String>) -> Verdict {
    Verdict::Retry { after: None, throttled: false, error: error.into() }
}

fn retry(response: &Response<Bytes>, after_ms: Option<u64>) -> Verdict {
    let status = response.status();
    Verdict::Retry {
        after: after_ms.map(Duration::from_millis),
        throttled: status == StatusCode::TOO_MANY_REQUESTS && after_ms.is_some(),
        error: format!("the platform answered HTTP {}", status.as_u16()),
    }
}

fn failed(handle: &ChannelHandle, job: &mut Job, error: &egress::Error) -> Verdict {
    if matches!(error, egress::Error::NotSent(_)) {
        return later(error.to_string());
    }
    job.doubts += 1;
    let sends_on_a_doubt = match handle.channel.capabilities().uncertain {
        Uncertain::Resend => u32::MAX,
        Uncertain::ResendOnce if job.queued.message.notice => 0,
        Uncertain::ResendOnce => 1,
    };
    if job.doubts > sends_on_a_doubt {
        Verdict::Dead { error: format!("may have been delivered: {error}") }
    } else {
        later(error.to_string())
    }
}
