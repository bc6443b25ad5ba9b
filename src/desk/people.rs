//! Who works in the store, checked.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    role::{self, Permission, RoleSettings, Roles, SERVICE},
    settings::{PersonSettings, Policy, TeamSettings},
    state::Agent,
};
use crate::{
    model::{
        Address,
        topic::{self, Topic},
    },
    setting::{Problem, hint},
};

/// The channel of the clerk's own events, which are no customer's.
const CLERK: &str = "clerk";
/// In place of a channel: they answer on the console's pages, and hear of things there.
pub const CONSOLE: &str = "console";
/// The key of `targets` that is not a kind of ticket.
pub const FIRST: &str = "first";

/// The teams and people of a store.
#[derive(Default)]
pub struct People {
    teams: BTreeMap<String, Team>,
    persons: BTreeMap<String, Person>,
    roles: Roles,
}

pub struct Team {
    pub parent: Option<String>,
    pub policy: Vec<Policy>,
    /// How soon a person should have answered.
    first_ms: Option<i64>,
    /// How soon tickets of a kind should be closed.
    pub tickets_ms: BTreeMap<String, i64>,
    pub escalate: Option<String>,
    capacity: Option<u32>,
    role: String,
    room: Option<Address>,
    /// Its people hear of things on the console.
    at_console: bool,
    /// Each customer has a topic there.
    topics: bool,
}

pub struct Person {
    pub name: String,
    pub teams: Vec<String>,
    pub assigned: bool,
    pub skills: Vec<String>,
    pub tags: Vec<String>,
    pub channels: Vec<String>,
    pub languages: Vec<String>,
    capacity: Option<u32>,
    role: Option<String>,
    /// The channel and the platform's id by which they are known.
    account: Option<Address>,
    chat: Option<Address>,
    /// They hear of things on the console.
    at_console: bool,
}

impl People {
    /// Notes each mistake but those in names and addresses, which all members of store.toml share.
    pub fn compile(
        teams: &[TeamSettings],
        persons: &[PersonSettings],
        roles: &[RoleSettings],
        file: &'static str,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let roles = role::compile(roles, file, problems);
        let mut checked = Self { roles, ..Self::default() };
        for (index, team) in teams.iter().enumerate() {
            let mut wrong = |key: &str, message: String, hint: String| {
                problems.push(Problem::new(file, ["team".into(), index.into(), key.into()], message).hint(hint));
            };
            checked.check_team(team, teams, persons, &mut wrong);
            checked.teams.insert(team.name.clone(), Team::of(team, &checked.roles));
        }
        for (index, person) in persons.iter().enumerate() {
            let mut wrong = |key: &str, message: String, hint: String| {
                problems.push(Problem::new(file, ["person".into(), index.into(), key.into()], message).hint(hint));
            };
            for team in person.team.as_slice().iter().filter(|it| !checked.teams.contains_key(*it)) {
                wrong(
                    "team",
                    format!("there is no team `{team}`"),
                    hint(team, checked.teams.keys().map(String::as_str)),
                );
            }
            if let Some(role) = person.role.as_ref().filter(|it| !checked.roles.contains_key(*it)) {
                wrong(
                    "role",
                    format!("there is no role `{role}`"),
                    hint(role, checked.roles.keys().map(String::as_str)),
                );
            }
            if person.account.is_some() && is_console(person.channel.as_ref()) {
                wrong("account", NO_CHATS.to_owned(), "leave `account` out: they sign in by their name".to_owned());
            }
            if person.account.is_some() && person.channel.is_none() {
                wrong("account", "there is an account, but no channel".to_owned(), "add `channel`".to_owned());
            }
            if person.capacity == Some(0) {
                wrong("capacity", NO_CAPACITY.to_owned(), "write `assigned = false` for who gets none".to_owned());
            }
            checked.persons.insert(person.name.clone(), Person::of(person));
        }
        checked
    }

    fn check_team(
        &self,
        team: &TeamSettings,
        teams: &[TeamSettings],
        persons: &[PersonSettings],
        wrong: &mut dyn FnMut(&str, String, String),
    ) {
        let named = |name: &str| teams.iter().find(|it| it.name == name);
        if let Some(parent) = &team.parent {
            match named(parent) {
                None => {
                    let known = teams.iter().map(|it| it.name.as_str());
                    wrong("parent", format!("there is no team `{parent}`"), hint(parent, known));
                }
                Some(above) if above.name == team.name || above.parent.is_some() => {
                    let message = format!("the team `{parent}` is a part of another itself");
                    wrong("parent", message, "teams nest one level deep: name the one at the top".to_owned());
                }
                Some(_) => {}
            }
        }
        if let Some(role) = team.role.as_ref().filter(|it| !self.roles.contains_key(*it)) {
            wrong("role", format!("there is no role `{role}`"), hint(role, self.roles.keys().map(String::as_str)));
        }
        if let Some(to) = &team.escalate {
            let known = || teams.iter().map(|it| it.name.as_str()).chain(persons.iter().map(|it| it.name.as_str()));
            if !known().any(|name| name == to) {
                wrong("escalate", format!("there is no team or person `{to}`"), hint(to, known()));
            }
        }
        if team.capacity == Some(0) {
            wrong("capacity", NO_CAPACITY.to_owned(), "write how many each may hold at once".to_owned());
        }
        if team.topics && is_console(team.channel.as_ref()) {
            wrong(
                "topics",
                NO_CHATS.to_owned(),
                "leave `topics` out: the console has a page for each customer".to_owned(),
            );
        }
        if let Some((kind, _)) = team.targets.iter().find(|(_, within)| within.as_ms() == 0) {
            let message = format!("nobody can answer in no time at all (`{kind}`)");
            wrong("targets", message, "write a time such as \"40s\"".to_owned());
        }
        let parts: BTreeSet<_> =
            teams.iter().filter(|it| it.parent.as_ref() == Some(&team.name)).map(|it| &it.name).collect();
        let works_here = |it: &PersonSettings| {
            it.assigned && it.team.as_slice().iter().any(|of| *of == team.name || parts.contains(of))
        };
        if !team.policy.is_empty() && !persons.iter().any(works_here) {
            let message = format!("the team `{}` has nobody whom a conversation could be given to", team.name);
            wrong("policy", message, "add its people as [[person]], or leave `policy` out".to_owned());
        }
        // Whoever is not listed by name may do what their room's team may: that must be one thing.
        let room = |it: &TeamSettings| it.channel.clone().zip(it.chat.clone());
        let role_of = |it: &TeamSettings| Team::role_of(it, &self.roles);
        if let Some(other) =
            teams.iter().take_while(|it| it.name != team.name).find(|it| room(it).is_some() && room(it) == room(team))
            && role_of(other) != role_of(team)
        {
            let message =
                format!("the teams `{}` and `{}` share a room and have different roles", other.name, team.name);
            wrong("chat", message, "give each a room of its own, or both the same `role`".to_owned());
        }
    }

    /// All who may be named, with their teams.
    pub fn persons(&self) -> impl Iterator<Item = &Person> {
        self.persons.values()
    }

    pub fn teams(&self) -> impl Iterator<Item = (&str, &Team)> {
        self.teams.iter().map(|(name, team)| (name.as_str(), team))
    }

    pub fn person(&self, name: &str) -> Option<&Person> {
        self.persons.get(name)
    }

    pub fn team(&self, name: &str) -> Option<&Team> {
        self.teams.get(name)
    }

    /// Those of a team, and of the teams that are a part of it, who are given conversations.
    pub fn of_team<'a>(&'a self, team: &'a str) -> impl Iterator<Item = &'a Person> {
        let is_part = move |name: &String| {
            name == team || self.teams.get(name).is_some_and(|it| it.parent.as_deref() == Some(team))
        };
        self.persons.values().filter(move |it| it.assigned && it.teams.iter().any(is_part))
    }

    /// Whether this is the chat of a team or person: nobody in it is a customer.
    pub fn is_room(&self, address: &Address) -> bool {
        self.rooms().any(|room| room == address)
    }

    /// The room that this chat is, or is a topic of.
    pub fn room_at(&self, address: &Address) -> Option<Address> {
        if self.is_room(address) {
            return Some(address.clone());
        }
        let (group, part) = topic::parts(&address.chat);
        let room = Address::new(&address.channel, group);
        (part != Topic::Whole && self.has_topics(&room)).then_some(room)
    }

    /// Whether each customer has a topic in this room.
    pub fn has_topics(&self, room: &Address) -> bool {
        self.teams.values().any(|team| team.topics && team.room.as_ref() == Some(room))
    }

    /// Where a customer is spoken of in a room: their topic, where there are any.
    pub fn place_of(&self, room: Address, customer: &Address) -> Address {
        let is_customer = customer.channel != CLERK && !customer.chat.is_empty() && self.room_at(customer).is_none();
        if is_customer && self.has_topics(&room) {
            return Address::new(&room.channel, topic::wanted(&room.chat, customer));
        }
        room
    }

    /// All rooms; one that several share comes several times.
    pub fn rooms(&self) -> impl Iterator<Item = &Address> {
        let teams = self.teams.values().filter_map(|it| it.room.as_ref());
        teams.chain(self.persons.values().filter_map(|it| it.chat.as_ref()))
    }

    /// Where a team or person is told of things and answers: their own chat, else their team's room.
    pub fn room_of(&self, name: &str) -> Option<&Address> {
        if let Some(team) = self.teams.get(name) {
            return team.room.as_ref();
        }
        let person = self.persons.get(name)?;
        person.chat.as_ref().or_else(|| person.teams.iter().find_map(|team| self.teams.get(team)?.room.as_ref()))
    }

    /// Where what a team gives to one of its people is spoken of: the part of it that they are of, where that has a chat of
    /// its own, which they need not share with the whole.
    pub fn part_for<'a>(&'a self, team: &'a str, name: &str) -> &'a str {
        let teams = self.persons.get(name).map(|it| it.teams.as_slice()).unwrap_or_default();
        if teams.iter().any(|it| it == team) {
            return team;
        }
        let has_room = |it: &&String| {
            self.teams.get(*it).is_some_and(|part| part.parent.as_deref() == Some(team) && part.room.is_some())
        };
        teams.iter().find(has_room).map_or(team, String::as_str)
    }

    /// Who hears on the console what a team or person is told: themselves, or those of the team and its parts.
    pub fn at_console<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Person> {
        let is_part =
            move |of: &String| of == name || self.teams.get(of).is_some_and(|it| it.parent.as_deref() == Some(name));
        let whole = self.is_of_console(name);
        let hears = move |it: &&Person| {
            if whole { it.teams.iter().any(is_part) } else { it.name == name && self.looks_at_console(it) }
        };
        self.persons.values().filter(hears)
    }

    /// Whether somebody answers on the console.
    pub fn looks_at_console(&self, person: &Person) -> bool {
        person.at_console || person.teams.iter().any(|team| self.is_of_console(team))
    }

    /// Whether there is a way for a team or person to hear of a conversation, now or when they look at the console.
    pub fn can_be_told(&self, name: &str) -> bool {
        self.room_of(name).is_some() || self.at_console(name).next().is_some()
    }

    /// Whether a team is said to answer on the console.
    pub fn is_of_console(&self, name: &str) -> bool {
        self.teams.get(name).is_some_and(|it| it.at_console)
    }

    /// Whether somebody who is given a conversation now hears of it: who has no chat does while they look at the console.
    pub fn hears_now(&self, person: &Person, agent: &Agent, now_ms: i64) -> bool {
        self.room_of(&person.name).is_some() || !self.looks_at_console(person) || agent.is_at_console(now_ms)
    }

    /// The person who writes in a room, by the platform's id of them.
    pub fn who(&self, room: &Address, sender: &str) -> Option<&Person> {
        let is_them = |it: &&Person| {
            it.account.as_ref().is_some_and(|account| account.channel == room.channel && account.chat == sender)
        };
        let own = |it: &&Person| it.chat.as_ref() == Some(room);
        self.persons.values().find(is_them).or_else(|| self.persons.values().find(own))
    }

    /// Whether somebody may do something in a room: by their own role, by those of their teams, and who is not listed by
    /// that of the room's team.
    pub fn may(&self, person: Option<&Person>, room: &Address, wanted: Permission) -> bool {
        match person {
            Some(person) if person.role.is_some() || !person.teams.is_empty() => self.person_may(person, wanted),
            _ => match self.teams.values().find(|team| team.room.as_ref() == Some(room)) {
                Some(team) => self.role_may(&team.role, wanted),
                None => self.role_may(SERVICE, wanted),
            },
        }
    }

    /// Whether somebody may do something, wherever they do it.
    pub fn person_may(&self, person: &Person, wanted: Permission) -> bool {
        let of_team = |name: &String| self.teams.get(name).is_some_and(|team| self.role_may(&team.role, wanted));
        match &person.role {
            Some(role) => self.role_may(role, wanted),
            None if person.teams.is_empty() => self.role_may(SERVICE, wanted),
            None => person.teams.iter().any(of_team),
        }
    }

    fn role_may(&self, role: &str, wanted: Permission) -> bool {
        self.roles.get(role).is_some_and(|may| may.contains(&wanted))
    }

    /// How many conversations somebody may hold at once; `None` for as many as come.
    pub fn capacity(&self, person: &Person) -> Option<u32> {
        let of_teams = || person.teams.iter().filter_map(|team| self.own_or_parents(team, |it| it.capacity)).max();
        person.capacity.or_else(of_teams)
    }

    /// How soon somebody of a team should have answered.
    pub fn first_ms(&self, team: &str) -> Option<i64> {
        self.own_or_parents(team, |it| it.first_ms)
    }

    /// How soon tickets of a kind that wait for a team should be closed.
    pub fn ticket_ms(&self, team: &str, kind: &str) -> Option<i64> {
        self.own_or_parents(team, |it| it.tickets_ms.get(kind).copied())
    }

    /// What is said of a team, or where nothing is of the one it is a part of.
    fn own_or_parents<T>(&self, team: &str, said: impl Fn(&Team) -> Option<T>) -> Option<T> {
        let team = self.teams.get(team)?;
        said(team).or_else(|| said(self.teams.get(team.parent.as_ref()?)?))
    }

    /// Who hears that a team's target was missed.
    pub fn escalate_to<'a>(&'a self, team: &'a str) -> &'a str {
        let found = self.teams.get(team);
        let above = found.and_then(|it| it.escalate.as_deref().or(it.parent.as_deref()));
        above.filter(|name| self.room_of(name).is_some()).unwrap_or(team)
    }
}

const NO_CAPACITY: &str = "who may hold no conversation gets none";
const NO_CHATS: &str = "the console has no chats";

fn is_console(channel: Option<&String>) -> bool {
    channel.is_some_and(|it| it == CONSOLE)
}

impl Team {
    fn of(settings: &TeamSettings, roles: &Roles) -> Self {
        let targets = settings.targets.iter().map(|(kind, within)| (kind.clone(), within.as_ms()));
        let mut tickets_ms: BTreeMap<_, _> = targets.collect();
        Self {
            parent: settings.parent.clone(),
            policy: settings.policy.clone(),
            first_ms: tickets_ms.remove(FIRST),
            tickets_ms,
            escalate: settings.escalate.clone(),
            capacity: settings.capacity,
            role: Self::role_of(settings, roles),
            topics: settings.topics,
            at_console: is_console(settings.channel.as_ref()),
            room: settings.channel.clone().zip(settings.chat.clone()).map(|(channel, chat)| Address { channel, chat }),
        }
    }

    fn role_of(settings: &TeamSettings, roles: &Roles) -> String {
        let own = || Some(&settings.name).filter(|name| roles.contains_key(*name));
        settings.role.as_ref().or_else(own).cloned().unwrap_or_else(|| SERVICE.to_owned())
    }
}

impl Person {
    fn of(settings: &PersonSettings) -> Self {
        let on_channel = |chat: &Option<String>| {
            settings.channel.clone().zip(chat.clone()).map(|(channel, chat)| Address { channel, chat })
        };
        let chat = on_channel(&settings.chat);
        Self {
            name: settings.name.clone(),
            teams: settings.team.as_slice().to_vec(),
            assigned: settings.assigned,
            skills: settings.skills.clone(),
            tags: settings.tags.clone(),
            channels: settings.channels.clone(),
            languages: settings.languages.clone(),
            capacity: settings.capacity,
            role: settings.role.clone(),
            account: on_channel(&settings.account).or_else(|| chat.clone()),
            chat,
            at_console: is_console(settings.channel.as_ref()),
        }
    }
}
