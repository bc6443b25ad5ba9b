//! Load in two shapes: as fast as it goes, and at a fixed rate.

use std::{
    collections::HashMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use miette::{Report, miette};
use serde_json::Value;

use super::platform::{Api, Connection, Messages};

/// What a saturation run gave.
#[derive(Clone, Copy, Debug)]
pub struct Saturation {
    /// Messages acknowledged. There were at least as many replies.
    pub messages: u64,
    /// From the first webhook to the last reply.
    pub took: Duration,
}

impl Saturation {
    /// Messages per second. A newcomer's message gets two replies and counts once.
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
    let senders: Vec<_> = (0..connections)
        .map(|_| {
            let messages = messages.clone();
            tokio::spawn(async move {
                let mut connection = Connection::open(target).await?;
                let mut acked = 0_u64;
                while match until {
                    Until::Over(duration) => began.elapsed() < duration,
                    Until::OnceRound => !messages.went_round(),
                } {
                    let (_, request) = messages.next(target)?;
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
    let replied = last.0 - before;
    if replied < acked {
        return Err(miette!("{acked} messages were acknowledged, but only {replied} answered"));
    }
    Ok(Saturation { messages: acked, took: last.1 - began })
}

/// Sends `rate` a second for so long, whatever comes back, and times each from webhook sent to reply received.
/// Messages are matched by `in_reply_to` (or, for the bare server, by the echoed message's id).
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
        let (_, request) = messages.next(target)?;
        let id = request.headers().get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
        sent.insert(id, Instant::now());
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
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let id = body["data"]["in_reply_to"].as_str().or_else(|| body["data"]["id"].as_str());
        if let Some(began) = id.and_then(|id| sent.remove(id)) {
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
