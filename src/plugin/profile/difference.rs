//! What another version of a plugin wants that the one before did not.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Profile;
use crate::{
    model::Hook,
    plugin::contract::{Capability, Setting},
};

/// What changes from one version to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Difference {
    pub hooks_added: Vec<Hook>,
    pub hooks_dropped: Vec<Hook>,
    /// Wishes that none of the earlier ones covers.
    pub wishes_added: Vec<Capability>,
    /// Wishes that none of the new ones covers.
    pub wishes_dropped: Vec<Capability>,
    pub settings: Vec<SettingChange>,
}

/// What becomes of one setting.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum SettingChange {
    /// `required`: the store must set it.
    Added {
        key: String,
        required: bool,
    },
    Dropped {
        key: String,
    },
    /// Its type, default or range is another.
    Changed {
        key: String,
    },
}

impl Difference {
    pub fn between(before: &Profile, after: &Profile) -> Self {
        let without = |hooks: &[Hook], others: &[Hook]| {
            hooks.iter().filter(|hook| !others.contains(hook)).copied().collect::<Vec<_>>()
        };
        let beyond = |wishes: &[Capability], others: &[Capability]| {
            wishes.iter().filter(|wish| !others.iter().any(|it| it.covers(wish))).cloned().collect::<Vec<_>>()
        };
        let (old, new) = (&before.manifest.settings, &after.manifest.settings);
        let keys: BTreeSet<_> = old.keys().chain(new.keys()).collect();
        let change = |key: &String| match (old.get(key), new.get(key)) {
            (None, Some(setting)) => {
                Some(SettingChange::Added { key: key.clone(), required: setting.default.is_none() })
            }
            (Some(_), None) => Some(SettingChange::Dropped { key: key.clone() }),
            (Some(one), Some(other)) if !is_taken_alike(one, other) => {
                Some(SettingChange::Changed { key: key.clone() })
            }
            _ => None,
        };
        Self {
            hooks_added: without(&after.hooks, &before.hooks),
            hooks_dropped: without(&before.hooks, &after.hooks),
            wishes_added: beyond(after.wishes(), before.wishes()),
            wishes_dropped: beyond(before.wishes(), after.wishes()),
            settings: keys.into_iter().filter_map(change).collect(),
        }
    }

    /// All that a first version wants.
    pub fn of_new(profile: &Profile) -> Self {
        Self {
            hooks_added: profile.hooks.clone(),
            wishes_added: profile.wishes().to_vec(),
            settings: Vec::new(),
            ..Self::default()
        }
    }

    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// Whatever is said of them.
fn is_taken_alike(one: &Setting, other: &Setting) -> bool {
    let plain = |it: &Setting| Setting { description: String::new(), ..it.clone() };
    plain(one) == plain(other)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn profile(wishes: Value, settings: Value, hooks: &[Hook]) -> Profile {
        let manifest = json!({
            "contract": "1.0", "name": "hello", "version": "1", "capabilities": wishes, "settings": settings,
        });
        let manifest = serde_json::from_value(manifest).unwrap();
        Profile { manifest, hooks: hooks.to_vec(), language: None, bytes: 1, sha256: String::new() }
    }

    #[test]
    fn a_wish_that_an_earlier_one_covers_is_no_news_and_a_wider_one_is() {
        let before = profile(json!(["reply", "notify", "http:a.example/v1"]), json!({}), &[Hook::Message]);
        let after =
            profile(json!(["reply", "notify:warehouse", "http:a.example"]), json!({}), &[Hook::Message, Hook::Daily]);
        let change = Difference::between(&before, &after);
        let words = |wishes: &[Capability]| wishes.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(words(&change.wishes_added), ["http:a.example"]);
        assert_eq!(words(&change.wishes_dropped), ["notify"]);
        assert_eq!((change.hooks_added, change.hooks_dropped), (vec![Hook::Daily], vec![]));
        assert!(Difference::between(&after, &after).is_none());
    }

    #[test]
    fn a_setting_that_is_only_described_otherwise_is_the_same() {
        let string = |default: &str, description: &str| json!({ "type": "string", "default": default, "description": description });
        let before =
            profile(json!([]), json!({ "a": string("1", "x"), "b": string("1", ""), "c": string("1", "") }), &[]);
        let after =
            profile(json!([]), json!({ "a": string("1", "y"), "b": string("2", ""), "d": { "type": "string" } }), &[]);
        let key = |key: &str| key.to_owned();
        assert_eq!(
            Difference::between(&before, &after).settings,
            [
                SettingChange::Changed { key: key("b") },
                SettingChange::Dropped { key: key("c") },
                SettingChange::Added { key: key("d"), required: true },
            ]
        );
    }
}
