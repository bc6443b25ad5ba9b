//! What other files say of channels, held against `channels.toml`.

use std::sync::Arc;

use crate::{
    config::ChannelEntry,
    engine::{NamedChannel, PlaybookSettings, StoreSettings},
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

/// Channels that work, and to which strangers may write in customers' names.
pub fn doubts(entries: &[ChannelEntry]) -> Vec<Problem> {
    let open = entries.iter().enumerate().filter(|(_, it)| !it.channel.signs_what_is_sent() && it.path_token.is_none());
    open.map(|(index, entry)| {
        let message = format!("who overhears one message of the channel `{}` can make up others", entry.id);
        let hint = "give it `encoding_aes_key`, or at least a `path_token`";
        Problem::new("channels.toml", ["channel".into(), index.into()], message).hint(hint)
    })
    .collect()
}

/// Lets each channel know which of its chats are staff rooms.
pub fn open_rooms(store: &StoreSettings, channels: &mut [ChannelEntry]) {
    let teams = store.team.iter().map(|it| (&it.channel, &it.chat));
    let people = store.person.iter().map(|it| (&it.channel, &it.chat));
    let rooms: Vec<_> =
        teams.chain(people).filter_map(|(channel, chat)| channel.as_deref().zip(chat.clone())).collect();
    for entry in channels {
        let here = rooms.iter().filter(|(channel, _)| *channel == entry.id).map(|(_, chat)| chat.clone());
        // Nobody else has it before the configuration is in force.
        if let Some(channel) = Arc::get_mut(&mut entry.channel) {
            channel.open_rooms(&here.collect::<Vec<_>>());
        }
    }
}

/// Lets each channel know in which rooms customers have topics; a mistake where its platform has none.
pub fn open_topics(store: &StoreSettings, channels: &mut [ChannelEntry]) -> Vec<Problem> {
    let wanting = || store.team.iter().enumerate().filter(|(_, team)| team.topics);
    let mut problems = Vec::new();
    for entry in channels {
        let here: Vec<_> = wanting().filter(|(_, team)| team.channel.as_deref() == Some(&entry.id)).collect();
        let rooms: Vec<_> = here.iter().filter_map(|(_, team)| team.chat.clone()).collect();
        let Some(channel) = Arc::get_mut(&mut entry.channel).filter(|_| !rooms.is_empty()) else { continue };
        if !channel.open_topics(&rooms) {
            problems.extend(here.iter().map(|(index, _)| {
                let message = format!("the channel `{}` has no topics", entry.id);
                let path = ["team".into(), (*index).into(), "topics".into()];
                Problem::new("store.toml", path, message).hint("groups on Telegram have them; leave `topics` out here")
            }));
        }
    }
    problems
}

/// Writes the chats of store.toml as the platforms' webhooks do, so that what comes from there is known.
pub fn address_as_platforms_do(store: &mut StoreSettings, channels: &[ChannelEntry]) {
    let teams = store.team.iter_mut().map(|it| (&it.channel, &mut it.chat));
    let people = store.person.iter_mut().map(|it| (&it.channel, &mut it.chat));
    for (channel, chat) in teams.chain(people) {
        let entry = channels.iter().find(|entry| Some(&entry.id) == channel.as_ref());
        if let (Some(entry), Some(chat)) = (entry, chat) {
            *chat = entry.channel.chat_id(chat).into_owned();
        }
    }
}
