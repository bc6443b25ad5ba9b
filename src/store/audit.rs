//! What operators did and looked up.

use serde::{Deserialize, Serialize};

use crate::model::Address;

/// One thing that somebody did. It holds nobody's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    pub at_ms: i64,
    pub who: String,
    /// `look-up`, `take`, `forget`.
    pub what: String,
    /// What it was done with: `explain 17`, `ticket 7K3M9-QX2PA`.
    pub subject: String,
    /// The customer's conversation it was done with, unless they are forgotten.
    pub address: Option<Address>,
    /// The HTTP status that it was answered with; 200 of what stands on the log.
    pub outcome: u16,
}
