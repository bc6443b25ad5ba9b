//! Both versions side by side, for whoever decides between them. No customer's word is in it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    super::version::Version,
    likeness::{Example, Unlikeness},
    second_version::Shadow,
    state::Back,
    tally::Tally,
};

/// How a plugin and its second version compare.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    pub plugin: String,
    pub in_place_version: String,
    pub second_version: String,
    /// The second one's file.
    pub file: String,
    /// Of a hundred contacts, how many the second one answers.
    pub canary: u8,
    pub since_ms: i64,
    pub in_place: Side,
    /// The second one where nobody hears it.
    pub shadow: Side,
    /// The second one where it answers.
    pub answering: Side,
    /// Answers of the shadow that came to the same.
    pub same: u64,
    #[schema(value_type = Object)]
    pub different: Vec<(Unlikeness, u64)>,
    /// Of the different ones, the newest last.
    pub examples: Vec<Example>,
    /// Events that the shadow was not shown, because too many waited for it.
    pub missed: u64,
    pub back: Option<Back>,
}

/// What is known of one version.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Side {
    pub calls: u64,
    pub failures: u64,
    pub last_failure: Option<String>,
    /// Of the last 1000 calls.
    pub p50_us: u32,
    pub p90_us: u32,
    pub p99_us: u32,
    /// Customers answered, and those of them who asked for a person or complained then; only counted with a canary.
    pub answered: u64,
    pub contradicted: u64,
}

impl Side {
    fn of(tally: &Tally) -> Self {
        Self {
            calls: tally.calls,
            failures: tally.failures,
            last_failure: tally.last_failure.clone(),
            p50_us: tally.within_us(0.5),
            p90_us: tally.within_us(0.9),
            p99_us: tally.within_us(0.99),
            answered: tally.answered,
            contradicted: tally.contradicted,
        }
    }
}

impl Shadow {
    /// Beside the version in place.
    pub fn comparison(&self, in_place: &Version) -> Comparison {
        let state = self.lock();
        Comparison {
            plugin: self.name().to_owned(),
            in_place_version: in_place.called(),
            second_version: self.version().called(),
            file: self.file.clone(),
            canary: self.share(),
            since_ms: state.since_ms,
            in_place: Side::of(&state.in_place),
            shadow: Side::of(&state.shadow),
            answering: Side::of(&state.canary),
            same: state.same,
            different: state.different.iter().map(|(what, count)| (*what, *count)).collect(),
            examples: state.examples.iter().cloned().collect(),
            missed: state.missed,
            back: state.back.clone(),
        }
    }
}
