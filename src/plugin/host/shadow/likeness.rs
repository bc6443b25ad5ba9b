//! Whether two answers come to the same for whoever gets them.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::outcome::Outcome;
use crate::model::{Action, Failure, Hook};

/// An event whose answers are not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Example {
    /// What all log lines about it carry as `event`.
    pub event: String,
    #[schema(value_type = String)]
    pub hook: Hook,
    pub what: Unlikeness,
}

/// How two answers are not the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unlikeness {
    OtherWords,
    OtherActions,
    OnlyInPlaceAnswers,
    OnlySecondAnswers,
    SecondFails,
    InPlaceFails,
}

impl fmt::Display for Unlikeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherWords => "the second says it otherwise",
            Self::OtherActions => "the second does something else",
            Self::OnlyInPlaceAnswers => "only the version in place answers",
            Self::OnlySecondAnswers => "only the second answers",
            Self::SecondFails => "the second fails",
            Self::InPlaceFails => "the version in place fails",
        })
    }
}

/// `None`: they come to the same.
pub fn unlikeness(in_place: &Result<Outcome, Failure>, second: &Result<Outcome, Failure>) -> Option<Unlikeness> {
    let (one, other) = match (in_place, second) {
        (Err(_), Err(_)) => return None,
        (Ok(_), Err(_)) => return Some(Unlikeness::SecondFails),
        (Err(_), Ok(_)) => return Some(Unlikeness::InPlaceFails),
        (Ok(one), Ok(other)) => (one, other),
    };
    if one == other {
        return None;
    }
    if std::mem::discriminant(one) != std::mem::discriminant(other) {
        return Some(match (one, other) {
            (Outcome::Pass, _) => Unlikeness::OnlySecondAnswers,
            (_, Outcome::Pass) => Unlikeness::OnlyInPlaceAnswers,
            _ => Unlikeness::OtherActions,
        });
    }
    let (one, other) = (one.actions(), other.actions());
    let is_only_said =
        one.len() == other.len() && one.iter().zip(other).all(|(one, other)| differ_in_words(one, other));
    Some(if is_only_said { Unlikeness::OtherWords } else { Unlikeness::OtherActions })
}

/// Whether they are the same action but for what is said.
fn differ_in_words(one: &Action, other: &Action) -> bool {
    match (one, other) {
        (Action::Reply { .. }, Action::Reply { .. })
        | (Action::AskSatisfaction { .. }, Action::AskSatisfaction { .. })
        | (Action::Silence { .. }, Action::Silence { .. }) => true,
        (Action::Notify { to: one, .. }, Action::Notify { to: other, .. }) => one == other,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Content;

    fn says(text: &str) -> Action {
        Action::Reply { content: Content::text(text) }
    }

    #[test]
    fn answers_are_told_apart_by_what_they_come_to() {
        let tag = || Action::Tag { tag: "vip".to_owned() };
        let handled = |actions: Vec<Action>| Ok(Outcome::Handled(actions));
        let failed = || Err(Failure::Overtime);
        for (one, other, unlike) in [
            (handled(vec![says("a"), tag()]), handled(vec![says("a"), tag()]), None),
            (handled(vec![says("a"), tag()]), handled(vec![says("b"), tag()]), Some(Unlikeness::OtherWords)),
            (handled(vec![says("a"), tag()]), handled(vec![says("a")]), Some(Unlikeness::OtherActions)),
            (handled(vec![says("a")]), Ok(Outcome::Also(vec![says("a")])), Some(Unlikeness::OtherActions)),
            (Ok(Outcome::Pass), handled(vec![says("a")]), Some(Unlikeness::OnlySecondAnswers)),
            (handled(vec![says("a")]), Ok(Outcome::Pass), Some(Unlikeness::OnlyInPlaceAnswers)),
            (handled(vec![says("a")]), failed(), Some(Unlikeness::SecondFails)),
            (failed(), Ok(Outcome::Pass), Some(Unlikeness::InPlaceFails)),
            (failed(), failed(), None),
        ] {
            assert_eq!(unlikeness(&one, &other), unlike, "{one:?} {other:?}");
        }
    }
}
