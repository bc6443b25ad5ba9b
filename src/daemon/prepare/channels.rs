//! What other files say of channels, held against `channels.toml`.

use crate::{
    engine::{NamedChannel, PlaybookSettings},
    setting::{Problem, hint},
};

/// Rules that only hold on a channel, and people who are told of things on one, that nobody configured.
pub fn problems(playbook: &PlaybookSettings, channels: &[&str]) -> Vec<Problem> {
    let named = playbook.named_channels().into_iter();
    let unknown = named.filter(|named| !channels.contains(&named.id));
    unknown
        .map(|NamedChannel { id, file, path }| {
            let message = format!("there is no channel `{id}` in channels.toml");
            Problem::new(file, path, message).hint(hint(id, channels.iter().copied()))
        })
        .collect()
}
