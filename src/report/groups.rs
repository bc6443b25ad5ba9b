//! The counts of everything, and beside them those of each group.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{
    place::{Dimension, Names, Place},
    share::Share,
    tally::Tally,
};

/// How reminders in one wording, on one channel, at one hour fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Way {
    pub wording: u32,
    pub channel: u32,
    pub hour: i8,
}

/// Counts, whole and by group.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    pub total: Tally,
    days: BTreeMap<Date, Tally>,
    hours: BTreeMap<i8, Tally>,
    channels: BTreeMap<u32, Tally>,
    agents: BTreeMap<u32, Tally>,
    teams: BTreeMap<String, Tally>,
    /// Reminders sent, and of them those after which the order was paid.
    ways: BTreeMap<Way, Share>,
    pub channel_names: Names,
    pub agent_names: Names,
    pub wording_names: Names,
    /// The team of each person.
    team_of: BTreeMap<String, String>,
}

impl Groups {
    /// `team_of`: whose team each person is of; a name that is nobody's here is a team's own.
    pub fn new(team_of: BTreeMap<String, String>) -> Self {
        Self { team_of, ..Self::default() }
    }

    /// Counts once, in the whole and wherever it belongs.
    pub fn count(&mut self, place: &Place, count: impl Fn(&mut Tally)) {
        count(&mut self.total);
        count(self.days.entry(place.day).or_default());
        count(self.hours.entry(place.hour).or_default());
        count(self.channels.entry(place.channel).or_default());
    }

    /// Counts for a person, and for their team.
    pub fn count_for(&mut self, agent: u32, count: impl Fn(&mut Tally)) {
        count(self.agents.entry(agent).or_default());
        let name = self.agent_names.name(agent);
        let team = self.team_of.get(name).map_or(name, String::as_str).to_owned();
        count(self.teams.entry(team).or_default());
    }

    pub fn count_way(&mut self, way: Way, paid: bool) {
        let share = self.ways.entry(way).or_default();
        if paid {
            share.part += 1;
        } else {
            share.of += 1;
        }
    }

    /// The groups of a dimension by name, in order; none of `Wording`, which `ways` has.
    pub fn by(&self, dimension: Dimension) -> Vec<(String, &Tally)> {
        match dimension {
            Dimension::Day => self.days.iter().map(|(day, it)| (day.to_string(), it)).collect(),
            Dimension::Hour => self.hours.iter().map(|(hour, it)| (format!("{hour:02}:00"), it)).collect(),
            Dimension::Channel => named(&self.channels, &self.channel_names),
            Dimension::Agent => named(&self.agents, &self.agent_names),
            Dimension::Team => self.teams.iter().map(|(name, it)| (name.clone(), it)).collect(),
            Dimension::Wording => Vec::new(),
        }
    }

    /// How the reminders fared, by what `key` makes of wording, channel and hour, in order.
    pub fn reminders_by<K: Ord>(&self, key: impl Fn(&str, &str, i8) -> K) -> BTreeMap<K, Share> {
        let mut sums = BTreeMap::<K, Share>::new();
        for (way, share) in &self.ways {
            let name = key(self.wording_names.name(way.wording), self.channel_names.name(way.channel), way.hour);
            let sum = sums.entry(name).or_default();
            sum.part += share.part;
            sum.of += share.of;
        }
        sums
    }
}

fn named<'a>(tallies: &'a BTreeMap<u32, Tally>, names: &Names) -> Vec<(String, &'a Tally)> {
    let mut all: Vec<_> = tallies.iter().map(|(number, it)| (names.name(*number).to_owned(), it)).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}
