//! Several servers under the same load in turn, so that a slow moment of the machine meets all.

use std::{fmt, net::SocketAddr, time::Duration};

use miette::{Report, miette};
use serde::Serialize;

use super::{
    load::{Until, saturate},
    messages::Messages,
    platform::Api,
    process::Process,
};

/// How often each has its turn, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Turns {
    pub rounds: usize,
    pub duration: Duration,
}

/// A server, and what it is sent.
pub struct Runner<'a> {
    pub address: SocketAddr,
    /// Where its processor time can be read.
    pub process: Option<Process>,
    pub messages: &'a Messages,
    pub connections: usize,
}

/// What one server reached in its rounds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Reached {
    /// Messages per second, acknowledged and answered.
    pub rate: Spread,
    /// Microseconds of processor time per message.
    pub processor_us: Option<Spread>,
    /// Messages acknowledged that were never answered, of all rounds.
    pub unanswered: u64,
}

impl Reached {
    /// The same, if nothing was left unanswered.
    ///
    /// # Errors
    /// Something was, or the system does not tell processor time.
    pub fn whole(self) -> Result<(Spread, Spread), Report> {
        if self.unanswered > 0 {
            return Err(miette!("{} messages were acknowledged, but not answered", self.unanswered));
        }
        let processor = self.processor_us.ok_or_else(|| miette!("this system does not tell processor time"))?;
        Ok((self.rate, processor))
    }
}

/// The middle of several measurements, with the least and the most.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

impl Spread {
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_unstable_by(f64::total_cmp);
        let (low, high) = (*values.first()?, *values.last()?);
        Some(Self { median: *values.get(values.len() / 2)?, low, high })
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = f.precision().unwrap_or(0);
        write!(f, "{:.places$} ({:.places$} to {:.places$})", self.median, self.low, self.high)
    }
}

/// What each reached, in their order.
pub async fn in_turn(runners: &[Runner<'_>], api: &Api, turns: Turns) -> Result<Vec<Reached>, Report> {
    let mut rates = vec![Vec::new(); runners.len()];
    let mut processor = vec![Vec::new(); runners.len()];
    let mut unanswered = vec![0; runners.len()];
    for _ in 0..turns.rounds.max(1) {
        for (place, runner) in runners.iter().enumerate() {
            let taken = || runner.process.and_then(Process::processor_time);
            let before = taken();
            let until = Until::Over(turns.duration);
            let run = saturate(runner.address, api, runner.messages, runner.connections, until).await?;
            rates[place].push(run.rate());
            unanswered[place] += run.unanswered;
            if let (Some(before), Some(after)) = (before, taken()) {
                let took = after.saturating_sub(before).as_secs_f64() * 1e6;
                processor[place].push(took / run.messages.max(1) as f64);
            }
        }
    }
    let all = rates.into_iter().zip(processor).zip(unanswered);
    all.map(|((rates, processor), unanswered)| {
        let rate = Spread::of(rates).ok_or_else(|| miette!("nothing was measured"))?;
        Ok(Reached { rate, processor_us: Spread::of(processor), unanswered })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_round_does_not_decide_but_is_told() {
        let rounds = Spread::of(vec![9000.0, 1000.0, 9100.0]).unwrap();
        assert_eq!(rounds, Spread { median: 9000.0, low: 1000.0, high: 9100.0 });
        assert_eq!(rounds.to_string(), "9000 (1000 to 9100)");
        assert_eq!(format!("{rounds:.1}"), "9000.0 (1000.0 to 9100.0)");
        assert_eq!(Spread::of(Vec::new()), None);
    }
}
