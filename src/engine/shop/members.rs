//! The teams and people of store.toml: what they are called, and where they are told of things.

use std::{borrow::Cow, collections::BTreeMap};

use crate::{
    desk::{CONSOLE, People, PersonSettings, TeamSettings},
    engine::{
        out_of_reach::{REACH_HINT, cannot_be_given, cannot_be_told},
        phrases::Label,
        text::fold,
    },
    language::Language,
    model::Address,
    setting::{Problem, hint},
};

use super::FILE;

/// By their names.
pub struct Members {
    by_name: BTreeMap<String, Member>,
    /// The name that stands first in the file.
    first: Option<String>,
}

struct Member {
    title: Label,
    address: Option<Address>,
    part: Part,
}

enum Part {
    Team,
    /// A person, of this team where there is one.
    Person(Option<String>),
}

/// What teams and people are listed with alike.
struct Listed {
    /// The key of their tables in the file, and which of these it is.
    at: (&'static str, usize),
    name: String,
    title: Label,
    channel: Option<String>,
    chat: Option<String>,
    part: Part,
}

impl Members {
    /// Notes each mistake.
    pub fn compile(teams: Vec<TeamSettings>, people: Vec<PersonSettings>, problems: &mut Vec<Problem>) -> Self {
        let teams = teams.into_iter().enumerate().map(|(index, it)| {
            let TeamSettings { name, title, channel, chat, .. } = it;
            Listed { at: ("team", index), name, title, channel, chat, part: Part::Team }
        });
        let people = people.into_iter().enumerate().map(|(index, it)| {
            let PersonSettings { name, team, title, channel, chat, account, .. } = it;
            let part = Part::Person(team.as_slice().first().cloned());
            // Who has an account alone is known in rooms by it, and told of things in their team's.
            let channel = channel.filter(|_| chat.is_some() || account.is_none());
            Listed { at: ("person", index), name, title, channel, chat, part }
        });
        let mut members = Self { by_name: BTreeMap::new(), first: None };
        for listed in teams.chain(people) {
            members.add(listed, problems);
        }
        members
    }

    fn add(&mut self, listed: Listed, problems: &mut Vec<Problem>) {
        let Listed { at: (kind, index), name, title, channel, chat, part } = listed;
        let mut wrong = |key: &str, message: String, hint: &str| {
            problems.push(Problem::new(FILE, [kind.into(), index.into(), key.into()], message).hint(hint));
        };
        if name.trim().is_empty() || matches!(name.as_str(), "person" | "complaint") {
            let message = format!("`{name}` cannot be the name of a team or person");
            wrong("name", message, "choose another; `person` and `complaint` are routes");
        }
        let address = match (channel, chat) {
            (Some(channel), Some(_)) if channel == CONSOLE => {
                wrong("chat", "the console has no chats".to_owned(), "leave `chat` out");
                None
            }
            (Some(channel), Some(chat)) => Some(Address { channel, chat }),
            (Some(channel), None) if channel == CONSOLE => None,
            (None, None) => None,
            (Some(_), None) => {
                wrong("channel", "there is a channel, but no chat".to_owned(), "add `chat`");
                None
            }
            (None, Some(_)) => {
                wrong("chat", "there is a chat, but no channel".to_owned(), "add `channel`");
                None
            }
        };
        if self.by_name.contains_key(&name) {
            wrong("name", format!("`{name}` is there twice"), "give each team and person a name of its own");
        }
        self.first.get_or_insert_with(|| name.clone());
        self.by_name.insert(name, Member { title, address, part });
    }

    pub fn first(&self) -> Option<&str> {
        self.first.as_deref()
    }

    pub fn contains(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// Why nobody would hear what is told to this one, if so, and what to do about it.
    pub fn why_unheard(&self, name: &str, people: &People) -> Option<(String, String)> {
        match self.by_name.get(name) {
            None => Some(self.unknown(name)),
            Some(Member { address: None, .. }) if people.room_of(name).is_none() => {
                Some((cannot_be_told(name), REACH_HINT.to_owned()))
            }
            Some(_) => None,
        }
    }

    /// Why no conversation can be given to this one, if so, and what to do about it.
    pub fn why_not_given(&self, name: &str, people: &People) -> Option<(String, String)> {
        if !self.contains(name) {
            return Some(self.unknown(name));
        }
        if people.can_be_told(name) {
            return None;
        }
        let (message, hint) = cannot_be_given(name, people.is_of_console(name));
        Some((message, hint.to_owned()))
    }

    fn unknown(&self, name: &str) -> (String, String) {
        (format!("there is no team or person `{name}`"), hint(name, self.names()))
    }

    /// The one of this name; else the only one whose name or title in other cases was said.
    pub fn meant_by<'a>(&'a self, said: &str, name: &'a str) -> &'a str {
        if self.contains(name) {
            return name;
        }
        let said = fold(said);
        let is_meant = |(name, member): &(&String, &Member)| {
            fold(name) == said || member.title.entries().any(|(_, title)| fold(title) == said)
        };
        let mut meant = self.by_name.iter().filter(is_meant);
        match (meant.next(), meant.next()) {
            (Some((only, _)), None) => only,
            _ => name,
        }
    }

    /// The team of a person who is of one.
    pub fn team_of(&self, name: &str) -> Option<&str> {
        match &self.by_name.get(name)?.part {
            Part::Person(team) => team.as_deref(),
            Part::Team => None,
        }
    }

    /// The team of each person who is of one.
    pub fn teams_of_people(&self) -> BTreeMap<String, String> {
        self.names().filter_map(|name| Some((name.to_owned(), self.team_of(name)?.to_owned()))).collect()
    }

    pub fn is_team(&self, name: &str) -> bool {
        self.by_name.get(name).is_some_and(|member| matches!(member.part, Part::Team))
    }

    /// What customers call a team or person; empty where nothing was said.
    pub fn title<'a>(&'a self, name: &str, language: Language<'a>) -> Cow<'a, str> {
        self.by_name.get(name).map_or_else(Cow::default, |member| member.title.get(language))
    }

    /// The chat of this one's own.
    pub fn address_of(&self, name: &str) -> Option<&Address> {
        self.by_name.get(name)?.address.as_ref()
    }

    /// Whether this is the chat of one of them.
    pub fn have(&self, address: &Address) -> bool {
        self.by_name.values().any(|member| member.address.as_ref() == Some(address))
    }
}
