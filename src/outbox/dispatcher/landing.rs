//! What the verdict on an attempt does: with the queue, and in the store.

use std::time::Duration;

use tokio::time::Instant;

use super::{Dispatcher, now};
use crate::{
    model::Address,
    outbox::{
        courier::{Pace, Verdict, Why},
        queue::{Job, Now, Queue},
    },
    store::Settlement,
};

impl Dispatcher {
    /// Does what the verdict says: with the queue, and in the store.
    pub(super) fn land(&self, queue: &mut Queue, mut job: Job, verdict: Verdict, gap: Duration) {
        let now = now();
        let Address { channel, .. } = &job.queued.message.address;
        let (id, channel) = (job.queued.id, channel.clone());
        let attempts = job.queued.attempts.saturating_add(1);
        match verdict {
            Verdict::Sent { platform_id } => {
                queue.finish(&job.queued.message.address, id, gap, now);
                queue.came_back(&channel, now);
                self.settler.settle(id, Settlement::Sent { platform_id, at_ms: now.wall_ms });
                let waited = Duration::from_millis(now.wall_ms.saturating_sub(job.queued.created_ms).max(0) as u64);
                tracing::debug!(attempts, "sent");
                self.courier.meters.of(&channel).sent(waited);
            }
            Verdict::Retry { after, pace, why, error } if self.is_worth_it(&mut job, why, now) => {
                let delay = self.backoff.after_or(attempts, after);
                tracing::info!(attempts, error, delay_ms = delay.as_millis() as u64, "postponed");
                metrics::counter!("nightclerk_outbox_retried_total", "channel" => channel.clone()).increment(1);
                match pace {
                    Pace::Message => {}
                    Pace::Conversation => queue.throttled(&job.queued.message.address, delay, now),
                    Pace::Channel => queue.slow_down(&channel, delay, now),
                    Pace::ChannelHeld => {
                        tracing::warn!(error, delay_ms = delay.as_millis() as u64, "the whole channel waits");
                        self.halt(queue, &channel, error.clone(), Some(now.instant + delay));
                    }
                }
                job.queued.attempts = attempts;
                let doubts = job.queued.doubts;
                if why == Why::Outage && after.is_none() {
                    queue.wait_for_platform(job, delay, gap, now);
                } else {
                    queue.put_back(job, delay, gap, now);
                }
                let not_before_ms = now.wall_ms.saturating_add(delay.as_millis() as i64);
                self.settler.settle(id, Settlement::Postponed { attempts, doubts, not_before_ms, error });
            }
            Verdict::Retry { error, .. } | Verdict::Dead { error } => {
                tracing::warn!(attempts, error, "given up");
                metrics::counter!("nightclerk_outbox_dead_total", "channel" => channel).increment(1);
                queue.finish(&job.queued.message.address, id, gap, now);
                self.settler.settle(id, Settlement::Dead { attempts, error });
            }
            Verdict::Stop { reason } => {
                tracing::error!(reason, "the channel is stopped until it is resumed");
                self.halt(queue, &channel, reason, None);
                queue.put_back(job, Duration::ZERO, gap, now);
            }
            Verdict::Absent => {
                tracing::warn!("the channel is not configured any more; what is for it waits");
                self.halt(queue, &channel, "it is not in channels.toml; what is for it waits".to_owned(), None);
                queue.put_back(job, Duration::ZERO, gap, now);
            }
            Verdict::NoToken(failed) => {
                self.halt(queue, &channel, format!("no access token: {}", failed.reason), Some(failed.until));
                queue.put_back(job, Duration::ZERO, gap, now);
            }
            Verdict::TokenRefused { reason } => {
                tracing::error!(reason, "the channel is stopped until it is resumed");
                self.halt(queue, &channel, format!("no access token: {reason}"), None);
                queue.put_back(job, Duration::ZERO, gap, now);
            }
        }
    }

    fn halt(&self, queue: &mut Queue, channel: &str, reason: String, until: Option<Instant>) {
        queue.halt(channel, reason, until);
        self.bells.troubled.ring();
    }

    /// Whether one more attempt may help. A platform that is away, or was not reached, says nothing of the message.
    fn is_worth_it(&self, job: &mut Job, why: Why, now: Now) -> bool {
        match why {
            Why::Outage | Why::Source => now.wall_ms.saturating_sub(job.since_ms) < self.keep_trying_ms,
            Why::Message => {
                job.refusals += 1;
                job.refusals < self.max_attempts
            }
        }
    }
}
