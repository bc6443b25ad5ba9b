//! The stretch of time that somebody asks about.

use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    clock,
    report::{Period, Span},
    setting::Delay,
};

/// A stretch of time, as on the command line.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// How far back, such as `24h`.
    pub since: Option<String>,
    /// The first day or moment; the last seven days where nothing is said.
    pub from: Option<String>,
    /// The last day, included, or a moment.
    pub to: Option<String>,
    /// A whole month, such as `2026-03`.
    pub month: Option<String>,
}

impl Asked {
    /// The moments meant, by the store's clock.
    ///
    /// # Errors
    /// What was asked is no stretch of time: why.
    pub fn period(&self, zone: &TimeZone) -> Result<Period, String> {
        let since = self.since.as_deref().map(str::parse::<Delay>).transpose().map_err(|error| error.to_string())?;
        let span = Span {
            since_ms: since.map(Delay::as_ms),
            from: self.from.as_deref(),
            to: self.to.as_deref(),
            month: self.month.as_deref(),
            days: None,
        };
        span.period(clock::now_ms(), zone)
    }
}
