//! `store.toml`: who the store is, who works in it, how much the clerk says.

mod identity;
mod members;
mod sales;
mod ticket_targets;

use std::{borrow::Cow, collections::BTreeMap};

use schemars::JsonSchema;
use serde::Deserialize;

pub use identity::Identity;
use members::Members;
use sales::TargetsSettings;
use ticket_targets::TicketTargets;

use super::{
    digest::{Digest, DigestSettings},
    morning::MorningSettings,
    out_of_reach::{REACH_HINT, cannot_be_told},
    satisfaction::SatisfactionSettings,
};
use crate::{
    desk::{People, PersonSettings, RoleSettings, TeamSettings},
    language::Language,
    model::{Address, Money},
    setting::{Delay, Problem, hint},
};

pub(super) const FILE: &str = "store.toml";
/// Whom a conversation is handed to in a store that names nobody.
const ANYONE: &str = "service";

/// Who the store is, who works in it, how much the clerk says.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSettings {
    /// Who the store is.
    pub store: Identity,
    /// How much the clerk says: the storm guard.
    #[serde(rename = "limits")]
    pub storm_guard: StormGuardSettings,
    /// Who takes over from the clerk.
    pub routing: RoutingSettings,
    /// Teams that conversations are handed to, and that are told of things.
    pub team: Vec<TeamSettings>,
    /// People, for what is handed to one of them.
    pub person: Vec<PersonSettings>,
    /// Asking customers how satisfied they are.
    pub satisfaction: SatisfactionSettings,
    /// Telling the figures of each week.
    pub digest: DigestSettings,
    /// What people may do, beside the roles that are there.
    pub role: Vec<RoleSettings>,
    /// By when tickets should be done, by kind, such as `complaint = "2h"`; `0s` for no target. Counted from when people
    /// are there.
    #[serde(deserialize_with = "ticket_targets::with_usual")]
    pub tickets: TicketTargets,
    /// The list that people find when they come in.
    pub morning: MorningSettings,
    /// What the store means to reach; `nightclerk report` says how far it is.
    pub targets: TargetsSettings,
}

impl StoreSettings {
    /// Why nobody would hear what is told to this team, person or route, if so, and what to do about it.
    pub fn why_unheard(&self, to: &str) -> Option<(String, String)> {
        let teams = self.team.iter().map(|it| (it.name.as_str(), it.chat.is_some()));
        let has_room = |name: &String| self.team.iter().any(|it| it.name == *name && it.chat.is_some());
        let people = self.person.iter();
        let people = people.map(|it| (it.name.as_str(), it.chat.is_some() || it.team.as_slice().iter().any(has_room)));
        let members: Vec<_> = teams.chain(people).collect();
        let route = match to {
            "person" => Some(&self.routing.person),
            "complaint" => Some(&self.routing.complaint),
            _ => None,
        };
        let first = members.first().map_or(ANYONE, |(name, _)| *name);
        let name = route.map_or(to, |chosen| chosen.as_deref().unwrap_or(first));
        match members.iter().find(|(member, _)| *member == name) {
            Some((_, true)) => None,
            Some((_, false)) => Some((cannot_be_told(name), REACH_HINT.to_owned())),
            None if route.is_some() => Some((cannot_be_told(to), "add a team or person to store.toml".to_owned())),
            None => {
                let known = members.iter().map(|(name, _)| *name).chain(["person", "complaint"]);
                Some((format!("there is no team or person `{name}` in store.toml"), hint(name, known)))
            }
        }
    }
}

/// `[limits]`: the storm guard.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StormGuardSettings {
    /// Replies in one conversation within `per`; 0 for no limit.
    pub replies: usize,
    /// The time within which `replies` are counted.
    pub per: Delay,
    /// Replies in one conversation within an hour; 0 for no limit, as where `replies` is 0.
    pub hourly: u32,
    /// Replies in one conversation within a day; 0 for no limit, as where `replies` is 0.
    pub daily: u32,
    /// The same words are answered so often within an hour; 0 for no limit, as where `replies` is 0.
    pub same_words: usize,
    /// The same words again within this time are not answered again.
    pub repeat: Option<Delay>,
}

impl Default for StormGuardSettings {
    fn default() -> Self {
        Self { replies: 20, per: Delay::minutes(1), hourly: 60, daily: 200, same_words: 3, repeat: None }
    }
}

/// `[routing]`: who takes over.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RoutingSettings {
    /// The team or person for customers who want a person; the first of the file where absent.
    pub person: Option<String>,
    /// The team or person for complaints and what is urgent; the first of the file where absent.
    pub complaint: Option<String>,
    /// Who packs, and is told of customers' wishes for their orders; the team `warehouse` where absent.
    pub warehouse: Option<String>,
    /// A conversation that nobody took within this time is the clerk's again.
    pub take_within: Delay,
    /// One that a person took is the clerk's again after so long without a sign of theirs.
    pub handback: Delay,
}

impl Default for RoutingSettings {
    fn default() -> Self {
        Self {
            person: None,
            complaint: None,
            warehouse: None,
            take_within: Delay::minutes(10),
            handback: Delay::minutes(12 * 60),
        }
    }
}

/// The store, checked.
pub struct Shop {
    pub identity: Identity,
    pub storm_guard: StormGuardSettings,
    pub take_within_ms: i64,
    pub handback_ms: i64,
    pub people: People,
    members: Members,
    person: String,
    complaint: String,
    pub warehouse: String,
    pub satisfaction: SatisfactionSettings,
    pub digest: Option<Digest>,
    /// Sales of a month, by currency.
    pub targets: BTreeMap<String, Money>,
    tickets: TicketTargets,
    pub morning: MorningSettings,
}

impl Shop {
    /// Notes each mistake.
    pub fn compile(settings: StoreSettings, problems: &mut Vec<Problem>) -> Self {
        let StoreSettings {
            mut store,
            storm_guard,
            routing,
            team,
            person,
            role,
            tickets,
            morning,
            satisfaction,
            digest,
            targets,
        } = settings;
        let people = People::compile(&team, &person, &role, FILE, problems);
        let targets = targets.compile(problems);
        store.compile(problems);
        if storm_guard.replies > 0 && storm_guard.per.as_ms() == 0 {
            let problem = Problem::new(FILE, ["limits".into(), "per".into()], "no time at all limits nothing");
            problems.push(problem.hint("write a time such as \"1m\", or `replies = 0` for no limit"));
        }
        let members = Members::compile(team, person, problems);
        let mut route = |key: &str, chosen: Option<String>| match chosen {
            Some(name) => {
                // Whoever packs is written to, and takes no conversations.
                let wrong = if key == "warehouse" {
                    members.why_unheard(&name, &people)
                } else {
                    members.why_not_given(&name, &people)
                };
                if let Some((message, hint)) = wrong {
                    problems.push(Problem::new(FILE, ["routing".into(), key.into()], message).hint(hint));
                }
                name
            }
            None => members.first().unwrap_or(ANYONE).to_owned(),
        };
        let person = route("person", routing.person);
        let complaint = route("complaint", routing.complaint);
        let warehouse = match routing.warehouse {
            None => "warehouse".to_owned(),
            named => route("warehouse", named),
        };
        if routing.take_within.as_ms() == 0 {
            let path = ["routing".into(), "take_within".into()];
            let problem = Problem::new(FILE, path, "nobody can take a conversation in no time at all");
            problems.push(problem.hint("write a time such as \"10m\""));
        }
        for (index, name) in morning.to.iter().flatten().enumerate() {
            if let Some((message, hint)) = members.why_unheard(name, &people) {
                let path = ["morning".into(), "to".into(), index.into()];
                problems.push(Problem::new(FILE, path, message).hint(hint));
            }
        }
        let digest = digest.compile(FILE, |name| members.address_of(name).is_some(), problems);
        let (take_within_ms, handback_ms) = (routing.take_within.as_ms(), routing.handback.as_ms());
        Self {
            identity: store,
            storm_guard,
            take_within_ms,
            handback_ms,
            people,
            members,
            person,
            complaint,
            warehouse,
            satisfaction,
            digest,
            targets,
            tickets,
            morning,
        }
    }

    /// A customer's language as this store speaks it, its own where the customer's is not known.
    pub fn language<'a>(&'a self, customers: Option<&'a str>) -> Language<'a> {
        let Identity { language, fallback, .. } = &self.identity;
        Language::new(customers.unwrap_or(language), fallback.as_deref(), language)
    }

    pub fn name<'a>(&'a self, language: Language<'a>) -> Cow<'a, str> {
        self.identity.name.get(language)
    }

    pub fn clerk<'a>(&'a self, language: Language<'a>) -> Cow<'a, str> {
        self.identity.clerk.get(language)
    }

    /// The team or person that `to` names, itself or as the route `person` or `complaint`.
    pub fn member<'a>(&'a self, to: &'a str) -> &'a str {
        match to {
            "person" => &self.person,
            "complaint" => &self.complaint,
            name => name,
        }
    }

    /// The name of whom people mean who do not write it as store.toml has it.
    pub fn meant_by<'a>(&'a self, said: &'a str) -> &'a str {
        let name = self.member(said);
        self.members.meant_by(said, name)
    }

    /// The team that a team, person or route stands for; a person without one is themselves.
    pub fn team_of<'a>(&'a self, to: &'a str) -> &'a str {
        let name = self.member(to);
        self.members.team_of(name).unwrap_or(name)
    }

    /// The team of each person who is of one.
    pub fn teams_of_people(&self) -> BTreeMap<String, String> {
        self.members.teams_of_people()
    }

    pub fn is_team(&self, name: &str) -> bool {
        self.members.is_team(name)
    }

    pub fn teams(&self) -> impl Iterator<Item = &str> {
        self.members.names().filter(|name| self.is_team(name))
    }

    /// Whether this is a name of store.toml, not a route.
    pub fn names_member(&self, to: &str) -> bool {
        self.members.contains(to)
    }

    pub fn knows(&self, to: &str) -> bool {
        matches!(to, "person" | "complaint") || self.members.contains(to)
    }

    /// All that `transfer`, `assign` and `notify` can name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.names().chain(["person", "complaint"])
    }

    /// What customers call a team or person; empty where nothing was said.
    pub fn title<'a>(&'a self, name: &str, language: Language<'a>) -> Cow<'a, str> {
        self.members.title(name, language)
    }

    /// Within what time a ticket of this kind should be done.
    pub fn target_ms(&self, kind: &str) -> Option<i64> {
        self.tickets.within_ms(kind)
    }

    /// Who is sent the morning list, each with a chat.
    pub fn morning_readers(&self) -> Vec<&str> {
        let names: Vec<&str> = match &self.morning.to {
            Some(names) => names.iter().map(String::as_str).collect(),
            None => self.teams().collect(),
        };
        let mut chats = Vec::new();
        names
            .into_iter()
            .filter(|name| {
                self.address_of(name).is_some_and(|it| {
                    !chats.contains(&it) && {
                        chats.push(it);
                        true
                    }
                })
            })
            .collect()
    }

    /// Whether colleagues are told of things in this chat: then nobody in it is a customer.
    pub fn is_colleagues(&self, address: &Address) -> bool {
        self.members.have(address)
    }

    pub fn address_of(&self, name: &str) -> Option<&Address> {
        let name = self.member(name);
        if !self.members.contains(name) {
            return None;
        }
        self.members.address_of(name).or_else(|| self.people.room_of(name))
    }
}
