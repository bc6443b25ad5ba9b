//! What is known of a second version, kept through restarts.

use std::{
    collections::{BTreeMap, VecDeque},
    fs, io,
    path::Path,
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    keys::OwnKeys,
    likeness::{Example, Unlikeness},
    tally::Tally,
};
use crate::{atomic_file, clock};

/// Examples that are kept, the newest.
const EXAMPLES: usize = 20;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// SHA-256 of the two files.
    in_place_sha256: String,
    second_sha256: String,
    pub since_ms: i64,
    pub in_place: Tally,
    pub shadow: Tally,
    pub canary: Tally,
    pub same: u64,
    pub different: BTreeMap<Unlikeness, u64>,
    pub examples: VecDeque<Example>,
    /// Events the shadow was not shown, because too many waited for it.
    pub missed: u64,
    pub back: Option<Back>,
    /// What the shadow wrote.
    pub keys: Arc<OwnKeys>,
    /// There is something that is not kept yet.
    #[serde(skip)]
    pub is_changed: bool,
}

/// Which version answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    InPlace,
    Second,
}

/// When a second version stopped answering, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Back {
    pub at_ms: i64,
    pub why: String,
}

impl State {
    /// What an earlier run kept; nothing where that cannot be read.
    pub fn read(path: &Path) -> Self {
        fs::read(path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    /// The same for these two files: where the second one is another, all begins anew; where the one in place is, the
    /// comparison does.
    pub fn going_on(self, in_place: &str, second: &str) -> Self {
        let begun = |keys: Arc<OwnKeys>, back: Option<Back>| Self {
            in_place_sha256: in_place.to_owned(),
            second_sha256: second.to_owned(),
            since_ms: clock::now_ms(),
            keys,
            back,
            is_changed: true,
            ..Self::default()
        };
        match (self.second_sha256 == second, self.in_place_sha256 == in_place) {
            (true, true) => self,
            (true, false) => begun(self.keys, self.back),
            (false, _) => begun(Arc::default(), None),
        }
    }

    /// The counts of a version where it answers.
    pub fn side_mut(&mut self, which: Which) -> &mut Tally {
        match which {
            Which::InPlace => &mut self.in_place,
            Which::Second => &mut self.canary,
        }
    }

    /// Notes how the shadow's answer compares.
    pub fn note(&mut self, unlikeness: Option<Unlikeness>, example: impl FnOnce(Unlikeness) -> Option<Example>) {
        let Some(unlikeness) = unlikeness else {
            self.same += 1;
            return;
        };
        *self.different.entry(unlikeness).or_default() += 1;
        if let Some(example) = example(unlikeness) {
            if self.examples.len() == EXAMPLES {
                self.examples.pop_front();
            }
            self.examples.push_back(example);
        }
    }
}

/// Into a folder that only this user may enter.
pub fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        atomic_file::make_folder(dir)?;
    }
    atomic_file::replace(path, text)
}
