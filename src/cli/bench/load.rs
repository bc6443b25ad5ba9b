//! Load in two shapes: as fast as it goes, and at a fixed rate.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use miette::{Report, miette};

use super::{
    messages::{Messages, Webhook, answered},
    platform::{Api, Connection},
};

/// What a saturation run gave.
#[derive(Clone, Copy, Debug)]
pub struct Saturation {
    /// Messages acknowledged and answered.
    pub messages: u64,
    /// Messages acknowledged that got no answer.
    pub unanswered: u64,
    /// From the first webhook to the last reply.
    pub took: Duration,
}

impl Saturation {
    /// The same, if nothing was left unanswered.
    ///
    /// # Errors
    /// Something was.
    pub fn whole(self) -> Result<Self, Report> {
        match self.unanswered {
            0 => Ok(self),
            unanswered => Err(miette!("{unanswered} messages were acknowledged, but not answered")),
        }
    }

    /// Messages per second that were answered. A newcomer's message gets two replies and counts once.
    pub fn rate(&self) -> f64 {
        self.messages as f64 / self.took.as_secs_f64()
    }
}

/// How long a saturation run sends.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    Over(Duration),
    /// Until every conversation has had a message: the first of each is a newcomer's, which costs a welcome as well.
    OnceRound,
    /// So many messages in all.
    Messages(u64),
}

/// Sends from `connections` at once, each the next when the last is acknowledged.
pub async fn saturate(
    target: SocketAddr,
    api: &Api,
    messages: &Messages,
    connections: usize,
    until: Until,
) -> Result<Saturation, Report> {
    api.watch(false);
    let before = api.count();
    let began = Instant::now();
    let left = Arc::new(AtomicU64::new(if let Until::Messages(count) = until { count } else { u64::MAX }));
    let senders: Vec<_> = (0..connections)
        .map(|_| {
            let (messages, left) = (messages.clone(), left.clone());
            tokio::spawn(async move {
                let mut connection = Connection::open(target).await?;
                let mut acked = 0_u64;
                while match until {
                    Until::Over(duration) => began.elapsed() < duration,
                    Until::OnceRound => !messages.went_round(),
                    Until::Messages(_) => {
                        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
                    }
                } {
                    let Webhook { request, .. } = messages.next(target)?;
                    let status = connection.send(request).await?;
                    if !status.is_success() {
                        return Err(miette!("the server answered {status}"));
                    }
                    acked += 1;
                }
                Ok::<_, Report>(acked)
            })
        })
        .collect();
    let mut acked = 0;
    for sender in senders {
        acked += sender.await.map_err(|error| miette!("{error}"))??;
    }
    // The clock runs until the last reply is in: what was acknowledged has to be answered too.
    let mut last = (api.count(), Instant::now());
    while last.1.elapsed() < Duration::from_millis(500) {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let count = api.count();
        if count != last.0 {
            last = (count, Instant::now());
        }
    }
    api.watch(true);
    let answered = acked.min(last.0 - before);
    Ok(Saturation { messages: answered, unanswered: acked - answered, took: last.1 - began })
}

/// Sends `rate` a second for so long, whatever comes back, and times each from webhook sent to reply received.
pub async fn pace(
    target: SocketAddr,
    api: &mut Api,
    messages: &Messages,
    rate: u32,
    duration: Duration,
) -> Result<Vec<Duration>, Report> {
    let mut sent = HashMap::new();
    let mut free: Vec<Connection> = Vec::new();
    let (give_back, mut returned) = tokio::sync::mpsc::unbounded_channel();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate);
    let total = u64::from(rate) * duration.as_secs();
    while api.bodies.try_recv().is_ok() {}
    for _ in 0..total {
        ticks.tick().await;
        while let Ok(connection) = returned.try_recv() {
            free.push(connection);
        }
        let mut connection = match free.pop() {
            Some(connection) => connection,
            None => Connection::open(target).await?,
        };
        let Webhook { request, key } = messages.next(target)?;
        sent.insert(key, Instant::now());
        let give_back = give_back.clone();
        tokio::spawn(async move {
            if connection.send(request).await.is_ok() {
                let _ = give_back.send(connection);
            }
        });
    }
    api.settle().await;
    let mut times = Vec::with_capacity(sent.len());
    while let Ok((arrived, body)) = api.bodies.try_recv() {
        if let Some(began) = answered(&body).and_then(|key| sent.remove(&key)) {
            times.push(arrived - began);
        }
    }
    if !sent.is_empty() {
        return Err(miette!("{} of {total} messages were never answered", sent.len()));
    }
    times.sort_unstable();
    Ok(times)
}

/// The time below which `share` (0 to 1) of the sorted `times` lie.
pub fn percentile(times: &[Duration], share: f64) -> Duration {
    let last = times.len().saturating_sub(1);
    times.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}
