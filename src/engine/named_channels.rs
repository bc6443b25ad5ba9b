//! Channels that the store's files name. Whether they exist, only who knows all files can tell.

use super::{PlaybookSettings, rules, shop};
use crate::{
    desk::CONSOLE,
    setting::{OneOrMore, PathStep},
};

/// A channel's id, and where it stands.
pub struct NamedChannel<'a> {
    pub id: &'a str,
    pub file: &'static str,
    pub path: Vec<PathStep>,
}

impl PlaybookSettings {
    /// Channels on which rules hold, and on which teams and people are told of things.
    pub fn named_channels(&self) -> Vec<NamedChannel<'_>> {
        let mut named = Vec::new();
        for (index, rule) in self.rules.rule.iter().enumerate() {
            for (at, id) in rule.channels.iter().enumerate() {
                let path = vec!["rule".into(), index.into(), "channels".into(), at.into()];
                named.push(NamedChannel { id, file: rules::FILE, path });
            }
            for (at, id) in rule.when.channel.as_slice().iter().enumerate() {
                let mut path = vec!["rule".into(), index.into(), "when".into(), "channel".into()];
                // One alone stands without a list around it.
                if matches!(rule.when.channel, OneOrMore::More(_)) {
                    path.push(at.into());
                }
                named.push(NamedChannel { id, file: rules::FILE, path });
            }
        }
        let teams = self.store.team.iter().map(|team| team.channel.as_deref());
        let people = self.store.person.iter().map(|person| person.channel.as_deref());
        let members = teams.enumerate().map(|it| ("team", it)).chain(people.enumerate().map(|it| ("person", it)));
        for (kind, (index, channel)) in members {
            if let Some(id) = channel.filter(|it| *it != CONSOLE) {
                let path = vec![kind.into(), index.into(), "channel".into()];
                named.push(NamedChannel { id, file: shop::FILE, path });
            }
        }
        named
    }
}
