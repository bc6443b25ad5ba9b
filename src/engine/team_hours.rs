//! When the people of each team are there, where that is not when the store as a whole is open.

use std::collections::BTreeMap;

use super::{
    schedule::{HoursSettings, Schedule},
    shop::Shop,
};
use crate::setting::{PathStep, Problem, hint};

const FILE: &str = "hours.toml";

/// Of the teams that hours.toml names; the others keep the store's hours.
#[derive(Default)]
pub struct TeamHours(BTreeMap<String, Schedule>);

impl TeamHours {
    /// Notes each shift of a team that is none.
    pub fn compile(settings: &HoursSettings, schedule: &Schedule, shop: &Shop, problems: &mut Vec<Problem>) -> Self {
        let mut hours = BTreeMap::new();
        for (index, shift) in settings.shift.iter().enumerate() {
            for team in shift.team.as_slice() {
                if !shop.is_team(team) {
                    let path = ["shift".into(), PathStep::Index(index), "team".into()];
                    let problem = Problem::new(FILE, path, format!("there is no team `{team}` in store.toml"));
                    problems.push(problem.hint(hint(team, shop.teams())));
                }
                hours.entry(team.clone()).or_insert_with(|| schedule.of_team(team));
            }
        }
        Self(hours)
    }

    /// `None` where the team keeps the store's hours.
    pub fn of(&self, team: &str) -> Option<&Schedule> {
        self.0.get(team)
    }
}
