//! Two servers under the same load in turn, so that a slow moment of the machine meets both.

use std::time::Duration;

use miette::{Report, miette};

use super::{
    daemon::Daemon,
    load::{Until, saturate},
    platform::{Api, Messages},
};

/// How often each has its turn.
const ROUNDS: usize = 3;

/// What one server reached, by the median of its rounds.
#[derive(Clone, Copy, Debug)]
pub struct Reached {
    /// Messages per second.
    pub rate: f64,
    /// Processor time per message.
    pub processor: Duration,
}

/// A server, and where its messages come from.
pub struct Runner<'a> {
    pub server: &'a Daemon,
    pub messages: &'a Messages,
}

/// Each server's median.
pub async fn in_turn<const N: usize>(
    runners: &[Runner<'_>; N],
    api: &Api,
    connections: usize,
    duration: Duration,
) -> Result<[Reached; N], Report> {
    let mut reached = [const { Vec::new() }; N];
    for _ in 0..ROUNDS {
        for (runner, rounds) in runners.iter().zip(&mut reached) {
            rounds.push(once(runner, api, connections, duration).await?);
        }
    }
    Ok(reached.map(|rounds| median(&rounds)))
}

async fn once(runner: &Runner<'_>, api: &Api, connections: usize, duration: Duration) -> Result<Reached, Report> {
    let taken = || runner.server.processor_time().ok_or_else(|| miette!("this system does not tell processor time"));
    let before = taken()?;
    let run = saturate(runner.server.address, api, runner.messages, connections, Until::Over(duration)).await?;
    let processor = taken()?.saturating_sub(before);
    let processor = Duration::from_secs_f64(processor.as_secs_f64() / run.messages.max(1) as f64);
    Ok(Reached { rate: run.rate(), processor })
}

fn median(rounds: &[Reached]) -> Reached {
    let mut rates: Vec<_> = rounds.iter().map(|round| round.rate).collect();
    let mut processor: Vec<_> = rounds.iter().map(|round| round.processor).collect();
    rates.sort_unstable_by(f64::total_cmp);
    processor.sort_unstable();
    let middle = rounds.len() / 2;
    Reached {
        rate: rates.get(middle).copied().unwrap_or_default(),
        processor: processor.get(middle).copied().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_round_does_not_decide() {
        let round = |rate, micros| Reached { rate, processor: Duration::from_micros(micros) };
        let middle = median(&[round(9000.0, 110), round(1000.0, 500), round(9100.0, 112)]);
        assert_eq!((middle.rate, middle.processor), (9000.0, Duration::from_micros(112)));
    }
}
