//! Who looks at the console. A team without a chat hears of customers here, so the desk has to know whether anybody of it
//! would see one. As long as a page is open it asks for what is new, which is taken as looking; every now and then the desk
//! is told, as of any other deed. Who closes the page counts as gone a little later, and who signs out at once.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use uuid::Uuid;

use super::Console;
use crate::{
    clock,
    http::admin::conversations::accept,
    model::{Address, Staff, StaffDeed},
};

/// The desk is told at most so often of one person.
const EVERY_MS: i64 = 2 * 60_000;
/// How long somebody counts as looking, unless they look again: a page in the background asks once a minute.
const LASTS_MS: i64 = EVERY_MS + 90_000;

/// When the desk was last told that somebody looks, by the person.
#[derive(Clone, Default)]
pub struct Presence(Arc<Mutex<BTreeMap<String, i64>>>);

impl Presence {
    /// Somebody looks at a page. The page does not wait for the desk.
    pub fn looks(&self, console: &Console, person: &str) {
        let answers_here = {
            let in_force = console.admin.in_force.load();
            let people = in_force.playbook.people();
            people.person(person).is_some_and(|it| people.looks_at_console(it))
        };
        let now_ms = clock::now_ms();
        if !answers_here || !self.is_due(person, now_ms) {
            return;
        }
        let (console, presence, person) = (console.clone(), self.clone(), person.to_owned());
        tokio::spawn(async move {
            if tell(&console, &person, now_ms + LASTS_MS).await.is_err() {
                // The next look tries again.
                presence.forget(&person);
            }
        });
    }

    /// Somebody signed out. Where they look from elsewhere as well, their next look there counts.
    ///
    /// # Errors
    /// The store cannot write: they count as looking a little longer.
    pub async fn leaves(&self, console: &Console, person: &str) -> Result<(), crate::store::StoreError> {
        if self.forget(person) { tell(console, person, 0).await } else { Ok(()) }
    }

    fn is_due(&self, person: &str, now_ms: i64) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back must not silence anybody.
        if told.get(person).is_some_and(|at| (0..EVERY_MS).contains(&(now_ms - at))) {
            return false;
        }
        told.insert(person.to_owned(), now_ms);
        true
    }

    fn forget(&self, person: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(person).is_some()
    }
}

async fn tell(console: &Console, person: &str, until_ms: i64) -> Result<(), crate::store::StoreError> {
    let address = Address::new("clerk", format!("console:{person}"));
    let staff = Staff { yields: true, ..Staff::new(Some(person.to_owned()), StaffDeed::AtConsole { until_ms }) };
    accept(&console.admin, address, staff, Uuid::new_v4()).await.map(drop)
}
