//! Who gets a new conversation 分流.

use std::cmp::Reverse;

use super::{
    people::{People, Person},
    settings::Policy,
    state::Agent,
};
use crate::{language::is_same_language, model::Contact};

/// What is known of the customer, as far as it decides who is for them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asking<'a> {
    pub channel: &'a str,
    pub language: &'a str,
    pub tags: &'a [String],
    /// The kinds of tickets that are open with them.
    pub about: &'a [String],
    /// Who had them last.
    pub known_by: Option<&'a str>,
    pub now_ms: i64,
}

/// Where a conversation that is handed to a team goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seat {
    /// The team gives nothing away: whoever takes it.
    Anyone,
    /// To this person.
    Of(String),
    /// All who are there have their hands full.
    Full,
    /// Nobody is there.
    Nobody,
}

/// Gives a seat at a team. The same rows always give the same.
pub fn seat(people: &People, team: &str, asking: &Asking<'_>, agent: impl Fn(&str) -> Agent) -> Seat {
    let Some(found) = people.team(team).filter(|it| !it.policy.is_empty()) else { return Seat::Anyone };
    let is_there = |(person, agent): &(&Person, Agent)| !agent.away && people.hears_now(person, agent, asking.now_ms);
    let there: Vec<_> = people.of_team(team).map(|it| (it, agent(&it.name))).filter(is_there).collect();
    if there.is_empty() {
        return Seat::Nobody;
    }
    let has_room =
        |(person, agent): &(&Person, Agent)| people.capacity(person).is_none_or(|capacity| agent.load() < capacity);
    let mut left: Vec<_> = there.into_iter().filter(has_room).collect();
    for policy in &found.policy {
        let best = left.iter().map(|it| fitness(*policy, it, asking)).max();
        left.retain(|it| Some(fitness(*policy, it, asking)) == best);
    }
    let least = |(person, agent): &(&Person, Agent)| (agent.load(), agent.given_ms, person.name.clone());
    match left.into_iter().min_by_key(least) {
        Some((person, _)) => Seat::Of(person.name.clone()),
        None => Seat::Full,
    }
}

/// How well somebody fits by one policy; the most is the best.
fn fitness(policy: Policy, (person, agent): &(&Person, Agent), asking: &Asking<'_>) -> Reverse<i64> {
    let unless = |fits: bool| i64::from(!fits);
    Reverse(match policy {
        Policy::LeastLoaded => i64::from(agent.load()),
        Policy::RoundRobin => agent.given_ms,
        Policy::LastKnown => unless(asking.known_by == Some(person.name.as_str())),
        Policy::Skill => unless(person.skills.iter().any(|it| asking.about.contains(it))),
        Policy::Tag => unless(person.tags.iter().any(|it| asking.tags.iter().any(|tag| is_of(tag, it)))),
        Policy::Channel => unless(person.channels.iter().any(|it| it == asking.channel)),
        Policy::Language => unless(person.languages.iter().any(|it| is_same_language(it, asking.language))),
    })
}

/// Whether a customer's tag is what a person is for: by its name, or as the tier or group that it stands for.
fn is_of(tag: &str, wanted: &str) -> bool {
    let name = [Contact::TIER, Contact::GROUP].iter().find_map(|prefix| tag.strip_prefix(prefix));
    tag == wanted || name == Some(wanted)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{
        desk::{PersonSettings, TeamSettings},
        model::Address,
    };

    fn people(policy: &str, persons: &str) -> People {
        #[derive(serde::Deserialize)]
        struct File {
            team: Vec<TeamSettings>,
            person: Vec<PersonSettings>,
        }
        let text = format!("[[team]]\nname = \"sales\"\npolicy = {policy}\ncapacity = 2\n{persons}");
        let File { team, person } = toml::from_str(&text).unwrap();
        let mut problems = Vec::new();
        let people = People::compile(&team, &person, &[], "store.toml", &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        people
    }

    const THREE: &str = r#"
        [[person]]
        name = "an"
        team = "sales"
        languages = ["zh"]
        skills = ["refund"]
        [[person]]
        name = "bo"
        team = ["sales"]
        languages = ["en"]
        tags = ["vip"]
        [[person]]
        name = "chen"
        team = "sales"
        assigned = false
    "#;

    fn desk(rows: &[(&str, u32, i64, bool)]) -> BTreeMap<String, Agent> {
        let row = |(name, load, given_ms, away): &(&str, u32, i64, bool)| {
            let mut agent = Agent { away: *away, ..Agent::default() };
            for number in 0..*load {
                agent.give(&Address::new("shop", number.to_string()), None, *given_ms);
            }
            agent.given_ms = *given_ms;
            (name.to_string(), agent)
        };
        rows.iter().map(row).collect()
    }

    fn seated(people: &People, asking: Asking<'_>, rows: &[(&str, u32, i64, bool)]) -> Seat {
        let rows = desk(rows);
        seat(people, "sales", &asking, |name| rows.get(name).cloned().unwrap_or_default())
    }

    fn of(name: &str) -> Seat {
        Seat::Of(name.to_owned())
    }

    #[test]
    fn who_has_least_to_do_gets_the_next_and_nobody_more_than_they_can_hold() {
        let people = people("[\"least-loaded\"]", THREE);
        let ask = Asking::default();
        assert_eq!(seated(&people, ask, &[("an", 1, 0, false), ("bo", 0, 9, false)]), of("bo"));
        assert_eq!(seated(&people, ask, &[("an", 1, 5, false), ("bo", 1, 9, false)]), of("an"));
        assert_eq!(seated(&people, ask, &[("an", 2, 0, false), ("bo", 2, 0, false)]), Seat::Full);
    }

    #[test]
    fn round_robin_asks_whoever_was_given_none_for_longest() {
        let people = people("[\"round-robin\"]", THREE);
        let ask = Asking::default();
        assert_eq!(seated(&people, ask, &[("an", 1, 5, false), ("bo", 0, 9, false)]), of("an"));
        assert_eq!(seated(&people, ask, &[("an", 1, 10, false), ("bo", 0, 9, false)]), of("bo"));
    }

    #[test]
    fn who_is_away_or_out_of_assignment_is_given_none() {
        let people = people("[\"least-loaded\"]", THREE);
        let ask = Asking::default();
        assert_eq!(seated(&people, ask, &[("an", 0, 0, true)]), of("bo"));
        assert_eq!(seated(&people, ask, &[("an", 0, 0, true), ("bo", 0, 0, true)]), Seat::Nobody);
    }

    #[test]
    fn who_answers_on_the_console_is_given_a_conversation_while_they_look_at_it() {
        let people = people("[\"least-loaded\"]\nchannel = \"console\"", THREE);
        let at_console = Agent { console_until_ms: 10, ..Agent::default() };
        let seated = |now_ms: i64| {
            let asking = Asking { now_ms, ..Asking::default() };
            seat(&people, "sales", &asking, |name| if name == "bo" { at_console.clone() } else { Agent::default() })
        };
        assert_eq!(seated(9), of("bo"));
        assert_eq!(seated(10), Seat::Nobody);
    }

    #[test]
    fn language_skill_tag_and_who_knew_them_come_before_load_in_the_order_that_is_written() {
        let rows = &[("an", 1, 0, false), ("bo", 0, 0, false)];
        let by = |policy: &str, ask: Asking<'_>| seated(&people(policy, THREE), ask, rows);
        assert_eq!(by("[\"language\"]", Asking { language: "zh-Hant", ..Asking::default() }), of("an"));
        assert_eq!(by("[\"language\"]", Asking { language: "th", ..Asking::default() }), of("bo"), "else least load");
        assert_eq!(by("[\"skill\"]", Asking { about: &["refund".to_owned()], ..Asking::default() }), of("an"));
        let vip = ["vip".to_owned()];
        let ask = Asking { tags: &vip, language: "zh", known_by: Some("an"), ..Asking::default() };
        assert_eq!(by("[\"tag\", \"language\"]", ask), of("bo"));
        assert_eq!(by("[\"language\", \"tag\"]", ask), of("an"));
        assert_eq!(by("[\"last-known\"]", ask), of("an"));
    }

    #[test]
    fn who_knew_them_and_has_their_hands_full_is_not_waited_for() {
        let people = people("[\"last-known\"]", THREE);
        let ask = Asking { known_by: Some("an"), ..Asking::default() };
        assert_eq!(seated(&people, ask, &[("an", 2, 0, false)]), of("bo"));
    }

    #[test]
    fn a_team_without_a_policy_gives_nothing_away() {
        let people = people("[]", THREE);
        assert_eq!(seated(&people, Asking::default(), &[]), Seat::Anyone);
    }

    #[test]
    fn a_part_of_a_team_keeps_what_is_said_of_the_whole_where_nothing_is_said_of_the_part() {
        let parts = "targets = { first = \"40s\", refund = \"4h\" }\n[[team]]\nname = \"vip\"\nparent = \"sales\"\n\
                     [[team]]\nname = \"night\"\nparent = \"sales\"\ncapacity = 9\ntargets = { first = \"5m\" }\n\
                     [[person]]\nname = \"an\"\nteam = \"vip\"\n[[person]]\nname = \"bo\"\nteam = \"night\"\n";
        let people = people("[\"least-loaded\"]", parts);
        let capacity = |name: &str| people.person(name).and_then(|it| people.capacity(it));
        assert_eq!(["an", "bo"].map(capacity), [Some(2), Some(9)]);
        assert_eq!(["vip", "night"].map(|it| people.first_ms(it)), [Some(40_000), Some(300_000)]);
        assert_eq!(["vip", "night"].map(|it| people.ticket_ms(it, "refund")), [Some(14_400_000); 2]);
        assert_eq!(people.ticket_ms("vip", "complaint"), None);
    }
}
