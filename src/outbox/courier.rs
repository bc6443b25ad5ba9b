//! One attempt at one message, from the token to what the platform's answer means for it.

use std::{borrow::Cow, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Response, StatusCode};

use super::{
    ChannelHandle, LocalDelivery,
    meters::Meters,
    moves::Moves,
    porter::{Load, NotHad, Porter},
    queue::Job,
    token::{NoToken, TokenError, Tokens},
};
use crate::{
    channel::{Attached, Attempt, Capabilities, Outcome, Outgoing, Rendered, Uncertain, split::shorten},
    clock::now_ms,
    egress,
    model::{Carried, Content, topic},
};

/// What is to become of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Sent {
        platform_id: Option<String>,
    },
    /// To be tried again.
    Retry {
        /// The platform's own word on when.
        after: Option<Duration>,
        pace: Pace,
        why: Why,
        error: String,
    },
    Dead {
        error: String,
    },
    /// The channel is stopped until a person resumes it; the message was not tried.
    Stop {
        reason: String,
    },
    /// There is no such channel now.
    Absent,
    NoToken(NoToken),
    /// There is none that could be had without a person.
    TokenRefused {
        reason: String,
    },
}

/// Who is to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// This message.
    Message,
    /// The platform wants fewer messages in this conversation.
    Conversation,
    /// It wants fewer of the whole channel.
    Channel,
    /// The same, and somebody should know.
    ChannelHeld,
}

/// Why a message is to be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The platform is away or busy, which says nothing of the message: it goes on for hours, whatever the number of
    /// attempts.
    Outage,
    /// What it carries lies with a platform that is away or busy, which says nothing of the one it goes to: as long.
    Source,
    /// It may be the message: a few attempts are enough.
    Message,
}

/// How often a chat may be somewhere else in one attempt: a topic that is gone is begun anew, and told its number.
const MOVES: u8 = 2;

/// How long people of the store wait for what a customer sent, and all who are spoken of in the same room with it.
const ROOM_PATIENCE_MS: i64 = 120_000;

pub struct Courier {
    pub client: egress::Client,
    pub tokens: Tokens,
    pub local: Arc<dyn LocalDelivery>,
    pub porter: Porter,
    pub timeout: Duration,
    pub moves: Arc<Moves>,
    pub meters: Meters,
}

impl Courier {
    /// Tries once; a stale token and the platform's wish for the other way of sending are each met at once.
    pub async fn attempt(&self, handle: &ChannelHandle, job: &mut Job) -> Verdict {
        let (mut refreshed, mut moved) = (0, 0);
        let load = match &job.queued.message.content {
            Content::Carried(carried) => match self.load(handle, carried, job).await {
                Ok(load) => Some(load),
                Err(verdict) => return verdict,
            },
            _ => None,
        };
        let mut uploaded = None;
        loop {
            let token = match self.tokens.get(handle).await {
                Ok(token) => token,
                Err(TokenError::NotNow(failed)) => return Verdict::NoToken(failed),
                Err(TokenError::Refused(reason)) => return Verdict::TokenRefused { reason },
            };
            let to_upload = load.as_ref().filter(|it| it.is_uploaded && uploaded.is_none());
            let to_upload = to_upload.and_then(|it| it.file.as_ref());
            let rendered = match to_upload {
                Some(file) => match handle.channel.upload(file, token.as_deref()) {
                    // Uploaded twice, it is seen once.
                    Some(request) => Rendered::Request { request: Box::new(request), uncertain: Uncertain::Resend },
                    None => Rendered::Closed("the platform takes no such file"),
                },
                None => self.render(handle, job, load.as_ref(), uploaded.as_deref(), token.as_deref()),
            };
            let (request, uncertain) = match rendered {
                Rendered::Request { request, uncertain } => (*request, uncertain),
                Rendered::Local => {
                    self.local.deliver(&job.queued);
                    return Verdict::Sent { platform_id: None };
                }
                Rendered::Nothing => return Verdict::Sent { platform_id: None },
                Rendered::Closed(why) => return Verdict::Dead { error: why.to_owned() },
            };
            let response = match self.client.send(request, handle.allow_private_targets, self.timeout).await {
                Ok(response) => {
                    self.meters.of(&handle.id).answered(Some(response.status()));
                    response
                }
                Err(error) => {
                    self.meters.of(&handle.id).answered(None);
                    return failed(uncertain, job, &error);
                }
            };
            tracing::debug!(status = response.status().as_u16(), "the platform answered");
            let attempt = Attempt { now_ms: now_ms(), in_doubt: job.is_in_doubt() };
            let outcome = match to_upload {
                Some(_) => match handle.channel.uploaded(&response, &attempt) {
                    Ok(id) => {
                        uploaded = Some(id);
                        continue;
                    }
                    Err(Outcome::Sent(_) | Outcome::AlreadySent) => {
                        Outcome::Refused("the platform took the file, and gave no name for it".to_owned())
                    }
                    Err(outcome) => outcome,
                },
                None => handle.channel.classify(&response, &attempt),
            };
            match outcome {
                Outcome::Sent(platform_id) => return Verdict::Sent { platform_id },
                Outcome::AlreadySent => return Verdict::Sent { platform_id: None },
                Outcome::Retry(after_ms) => return retry(&response, after_ms),
                Outcome::SlowDown(after_ms, why) => {
                    let after = Some(Duration::from_millis(after_ms));
                    let pace = if why.is_some() { Pace::ChannelHeld } else { Pace::Channel };
                    let error = why.unwrap_or_else(|| status(&response));
                    return Verdict::Retry { after, pace, why: Why::Outage, error };
                }
                Outcome::Refused(error) => return later(Why::Message, error),
                Outcome::Moved(chat) if moved == 0 => {
                    moved += 1;
                    self.moves.learn(&job.queued.message.address, &chat);
                }
                Outcome::TopicBegun(number) if moved < MOVES => {
                    moved += 1;
                    let address = &job.queued.message.address;
                    self.moves.begin(address, &topic::begun(&address.chat, &number)).await;
                }
                // Under its own name it is begun anew.
                Outcome::TopicGone if moved < MOVES => {
                    moved += 1;
                    let address = &job.queued.message.address;
                    self.moves.begin(address, &address.chat).await;
                }
                Outcome::NoTopic(why) if !job.fallback => {
                    tracing::warn!(channel = handle.id, why, "a staff room has no topics, and is told without");
                    job.fallback = true;
                }
                Outcome::NoTopic(error) => return Verdict::Dead { error },
                Outcome::Moved(_) | Outcome::TopicBegun(_) | Outcome::TopicGone => {
                    return Verdict::Dead { error: "the chat is at neither of its ids".to_owned() };
                }
                Outcome::RefreshToken => match &token {
                    // Each time another token is had, or none: `Tokens` keeps to what the platform allows.
                    Some(token) if refreshed < 3 => {
                        refreshed += 1;
                        self.tokens.refused(handle, token).await;
                    }
                    _ => return later(Why::Message, "the platform refuses the access token"),
                },
                Outcome::Fallback if job.fallback => {
                    return Verdict::Dead { error: "the platform takes it neither one way nor the other".to_owned() };
                }
                Outcome::Fallback => job.fallback = true,
                Outcome::Drop(error) => return Verdict::Dead { error },
                Outcome::StopChannel(reason) => return Verdict::Stop { reason },
            }
        }
    }

    /// What a message carries, at hand.
    async fn load(&self, handle: &ChannelHandle, carried: &Carried, job: &Job) -> Result<Load<'_>, Verdict> {
        let (after, error) = match self.porter.bring(handle, carried, &self.tokens).await {
            Ok(load) => return Ok(load),
            Err(NotHad::Yet { after, error }) => (Some(after), error),
            Err(NotHad::Ever(error)) => (None, error),
        };
        // People of the store are told the customer's words meanwhile, and what others write.
        let is_late = now_ms().saturating_sub(job.queued.created_ms) > ROOM_PATIENCE_MS;
        match (after, &carried.instead) {
            (Some(after), instead) if instead.is_none() || !is_late => {
                Err(Verdict::Retry { after, pace: Pace::Message, why: Why::Source, error })
            }
            (_, Some(instead)) => {
                tracing::warn!(error, "what a customer sent cannot be shown to people of the store, who are told so");
                let Capabilities { max_length, unit, .. } = handle.channel.capabilities();
                Ok(Load::of(Content::text(shorten(instead, max_length, unit))))
            }
            (_, None) => Err(Verdict::Dead { error }),
        }
    }

    fn render(
        &self,
        handle: &ChannelHandle,
        job: &Job,
        load: Option<&Load<'_>>,
        uploaded: Option<&str>,
        token: Option<&str>,
    ) -> Rendered {
        let message = &job.queued.message;
        let attached = match (load.and_then(|it| it.file.as_ref()), uploaded) {
            (Some(file), Some(id)) => Some(Attached::Id(id, file.kind)),
            (file, _) => file.map(Attached::File),
        };
        let chat = self.moves.now_at(&message.address).map_or(Cow::Borrowed(&*message.address.chat), Cow::Owned);
        handle.channel.render(&Outgoing {
            chat: &chat,
            content: load.map_or(&message.content, |it| &it.content),
            context: &message.context,
            key: &message.key,
            attempt: job.queued.attempts,
            fallback: job.fallback,
            in_doubt: job.queued.doubts > 0,
            attached,
            token,
            now_ms: now_ms(),
        })
    }
}

fn later(why: Why, error: impl Into<String>) -> Verdict {
    Verdict::Retry { after: None, pace: Pace::Message, why, error: error.into() }
}

fn retry(response: &Response<Bytes>, after_ms: Option<u64>) -> Verdict {
    let throttled = response.status() == StatusCode::TOO_MANY_REQUESTS && after_ms.is_some();
    Verdict::Retry {
        after: after_ms.map(Duration::from_millis),
        pace: if throttled { Pace::Conversation } else { Pace::Message },
        why: Why::Outage,
        error: status(response),
    }
}

fn status(response: &Response<Bytes>) -> String {
    format!("the platform answered HTTP {}", response.status().as_u16())
}

fn failed(uncertain: Uncertain, job: &mut Job, error: &egress::Error) -> Verdict {
    if matches!(error, egress::Error::Refused(_)) {
        return later(Why::Message, error.to_string());
    }
    if matches!(error, egress::Error::NotSent(_)) || uncertain == Uncertain::Resend {
        return later(Why::Outage, error.to_string());
    }
    job.queued.doubts += 1;
    let is_enough = match uncertain {
        Uncertain::Resend | Uncertain::ResendWhileGood => false,
        Uncertain::ResendOnce => job.queued.message.notice || job.queued.doubts > 1,
    };
    if is_enough {
        Verdict::Dead { error: format!("may have been delivered: {error}") }
    } else {
        later(Why::Outage, error.to_string())
    }
}
