//! `[tickets]`: by when tickets should be done.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::setting::Delay;

/// By when tickets should be done, by kind.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct TicketTargets(BTreeMap<String, Delay>);

impl Default for TicketTargets {
    fn default() -> Self {
        let hours = |kind: &str, hours: i64| (kind.to_owned(), Delay::minutes(hours * 60));
        let usual = [hours("complaint", 2), hours("undecided", 2), hours("callback", 2), hours("bad-review", 4)];
        Self(usual.into_iter().chain([hours("refund", 24)]).collect())
    }
}

impl TicketTargets {
    /// `None`: one of this kind has no target.
    pub fn within_ms(&self, kind: &str) -> Option<i64> {
        self.0.get(kind).map(|it| it.as_ms()).filter(|ms| *ms > 0)
    }
}

/// What is written goes before what is usual.
pub fn with_usual<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<TicketTargets, D::Error> {
    let TicketTargets(own) = TicketTargets::deserialize(deserializer)?;
    let mut targets = TicketTargets::default();
    targets.0.extend(own);
    Ok(targets)
}
