//! Who is at the desk: who is there, what waits, who has what.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Admin, ErrorView, refusal::store_failed};
use crate::{
    clock,
    desk::{Agent, Queue, agent_key, from_bytes, queue_key},
    model::{Address, DESK},
    store::StoreError,
};

/// The desk as it is now.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Desk {
    pub people: Vec<PersonView>,
    pub teams: Vec<TeamView>,
}

/// One person, or a team that was said to have something itself.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonView {
    pub name: String,
    pub teams: Vec<String>,
    /// Whether they said that they are away.
    pub away: bool,
    /// Whether they look at the console now. Known of those who answer there.
    pub at_console: bool,
    /// Whether they are given conversations by their team's policy.
    pub assigned: bool,
    /// `null` for as many as come.
    pub capacity: Option<u32>,
    pub holds: Vec<ConversationView>,
}

/// A team and its queue.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TeamView {
    pub name: String,
    pub open: bool,
    /// In the order in which they are served.
    pub waiting: Vec<ConversationView>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ConversationView {
    pub channel: String,
    pub chat: String,
    pub since_ms: i64,
}

impl ConversationView {
    fn new(Address { channel, chat }: Address, since_ms: i64) -> Self {
        Self { channel, chat, since_ms }
    }
}

#[utoipa::path(get, path = "/v1/desk", responses((status = 200, body = Desk), (status = 503, body = ErrorView)))]
pub async fn desk(State(admin): State<Admin>) -> Response {
    match tokio::task::spawn_blocking(move || read(&admin)).await {
        Ok(Ok(desk)) => Json(desk).into_response(),
        Ok(Err(error)) => store_failed(&error),
        Err(_) => store_failed(&StoreError::Closed),
    }
}

pub(in crate::http) fn read(admin: &Admin) -> Result<Desk, StoreError> {
    let (in_force, now_ms) = (admin.in_force.load_full(), clock::now_ms());
    let playbook = &in_force.playbook;
    let people = playbook.people();
    let row = |key: &str| admin.store.kv(DESK, key, now_ms).map(|found| found.value);
    let mut seen = Vec::new();
    let mut view = |name: &str| -> Result<Option<PersonView>, StoreError> {
        if seen.iter().any(|it| it == name) {
            return Ok(None);
        }
        seen.push(name.to_owned());
        let agent: Agent = from_bytes(row(&agent_key(name))?.as_deref());
        let person = people.person(name);
        Ok(Some(PersonView {
            name: name.to_owned(),
            teams: person.map(|it| it.teams.clone()).unwrap_or_default(),
            away: agent.away,
            at_console: agent.is_at_console(now_ms),
            assigned: person.is_some_and(|it| it.assigned),
            capacity: person.and_then(|it| people.capacity(it)),
            holds: agent.holds.into_iter().map(|it| ConversationView::new(it.address, it.since_ms)).collect(),
        }))
    };
    let mut persons = Vec::new();
    for person in people.persons() {
        persons.extend(view(&person.name)?);
    }
    // Whoever else has something: a team that took it by command, somebody of a room who is not in store.toml.
    let prefix = agent_key("");
    for key in admin.store.kv_keys(DESK, &prefix, "", now_ms, MOST)? {
        let name = key.strip_prefix(&prefix).unwrap_or_default();
        persons.extend(view(name)?.filter(|it| people.person(name).is_some() || !it.holds.is_empty() || it.away));
    }
    let mut teams = Vec::new();
    for (name, _) in people.teams() {
        let queue: Queue = from_bytes(row(&queue_key(name))?.as_deref());
        let waiting = queue.waiting.into_iter().map(|it| ConversationView::new(it.address, it.since_ms)).collect();
        teams.push(TeamView { name: name.to_owned(), open: playbook.is_team_open(name, now_ms), waiting });
    }
    Ok(Desk { people: persons, teams })
}

/// People of rooms who are looked through.
const MOST: usize = 1000;
