//! What somebody who is signed in may do. Asked here, and nowhere else.

use super::session::SignedIn;
use crate::{desk::Permission, engine::Playbook, http::admin::Admin};

/// What one person may do, by the configuration in force.
pub struct Rights(Vec<Permission>);

impl Rights {
    /// Whoever came with the admin token may do everything.
    pub fn of(admin: &Admin, signed_in: &SignedIn) -> Self {
        let in_force = admin.in_force.load();
        let all = Permission::ALL.into_iter();
        Self(match &signed_in.person {
            None => all.collect(),
            Some(person) => all.filter(|wanted| may(&in_force.playbook, person, *wanted)).collect(),
        })
    }

    pub fn may(&self, wanted: Permission) -> bool {
        self.0.contains(&wanted)
    }

    pub fn sees_conversations(&self) -> bool {
        self.may(Permission::Answer) || self.may(Permission::Monitor)
    }
}

/// Whether a person of store.toml may do something.
fn may(playbook: &Playbook, person: &str, wanted: Permission) -> bool {
    let people = playbook.people();
    people.person(person).is_some_and(|person| people.person_may(person, wanted))
}
