//! What the plugin wishes for and is granted, with the daemon's words for what it may not do.

use std::collections::BTreeSet;

/// Capabilities as they stand in `manifest.json` and `plugins.toml`.
#[derive(Default)]
pub struct Grants {
    wishes: BTreeSet<String>,
    granted: BTreeSet<String>,
    plugin: String,
}

impl Grants {
    /// All that is wished for.
    pub fn all(plugin: &str, wishes: &BTreeSet<String>) -> Self {
        Self { wishes: wishes.clone(), granted: wishes.clone(), plugin: plugin.to_owned() }
    }

    /// Of each wish and grant where one covers the other, the narrower.
    pub fn only(&mut self, grants: &[&str]) {
        let meet = |wish: &String| -> Vec<String> {
            let both = grants.iter().filter_map(|grant| match () {
                () if covers(grant, wish) => Some(wish.clone()),
                () if covers(wish, grant) => Some((*grant).to_owned()),
                () => None,
            });
            both.collect()
        };
        self.granted = self.wishes.iter().flat_map(meet).collect();
    }

    pub fn has(&self, needed: &str) -> bool {
        self.granted.iter().any(|grant| covers(grant, needed))
    }

    pub fn permit(&self, needed: &str) -> Result<(), String> {
        if self.has(needed) {
            Ok(())
        } else if self.wishes.iter().any(|wish| covers(wish, needed)) {
            Err(format!("add \"{needed}\" to the grants of [{}] in plugins.toml", self.plugin))
        } else {
            Err(format!("declare `{needed}` in the capabilities of its manifest"))
        }
    }
}

/// Whether who has `one` has `other` too.
fn covers(one: &str, other: &str) -> bool {
    let below = |place: &str| {
        let rest = other.strip_prefix("http:").and_then(|other| other.strip_prefix(place));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    one == other
        || one == "notify" && other.starts_with("notify:")
        || one == "orders:any" && other == "orders"
        || one.strip_prefix("http:").is_some_and(|place| below(place.trim_end_matches('/')))
}
