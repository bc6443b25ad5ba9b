//! Several wordings of a payment reminder, tried beside each other: each is said to a stable part of the customers, so that
//! the figures can tell which one does better.

use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::FILE;
use crate::{
    engine::phrases::{Phrasebook, Wording, Words},
    model::Address,
    setting::Problem,
};

/// Namespace of whose turn it is (UUID v5): the same customer always hears the same wording.
const WHOSE: Uuid = Uuid::from_u128(0x6e69_6768_7463_6c65_726b_2f77_6f72_6401);

/// `[[payment-reminder.wording]]`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WordingSettings {
    /// What the figures call it.
    pub name: String,
    /// How large its part of the customers is beside the others'.
    #[serde(default = "one")]
    pub share: u32,
    /// What is said, by language; where absent, what would be said without wordings, by a plugin or the clerk.
    #[serde(default)]
    pub text: Option<Wording>,
    /// What is said the last time; `text` where absent.
    #[serde(default)]
    pub last: Option<Wording>,
}

fn one() -> u32 {
    1
}

/// The wordings, compiled.
#[derive(Debug, Default)]
pub struct ReminderWordings {
    all: Vec<ReminderWording>,
}

/// One of them.
#[derive(Debug)]
pub struct ReminderWording {
    pub name: String,
    share: u32,
    text: Option<Words>,
    last: Option<Words>,
}

impl ReminderWording {
    /// The words, where it has its own.
    pub fn words(&self, last: bool) -> Option<&Words> {
        self.last.as_ref().filter(|_| last).or(self.text.as_ref())
    }
}

impl ReminderWordings {
    /// Notes each mistake.
    pub fn compile(settings: &[WordingSettings], phrases: &mut Phrasebook, problems: &mut Vec<Problem>) -> Self {
        let mut all: Vec<ReminderWording> = Vec::new();
        for (index, it) in settings.iter().enumerate() {
            let path = |key: &str| ["payment-reminder".into(), "wording".into(), index.into(), key.into()];
            let mut wrong = |key: &str, message: String, hint: &str| {
                problems.push(Problem::new(FILE, path(key), message).hint(hint));
            };
            if it.name.trim().is_empty() {
                wrong("name", "is empty".to_owned(), "write what the figures are to call it");
            } else if all.iter().any(|known| known.name == it.name) {
                wrong("name", format!("`{}` is there twice", it.name), "give each wording a name of its own");
            }
            if it.share == 0 {
                wrong("share", "nobody would ever hear it".to_owned(), "write at least 1, or leave the wording out");
            }
            let mut words = |key: &str, wording: &Option<Wording>| {
                wording.as_ref().map(|wording| phrases.words_on_an_order(FILE, &path(key), wording, problems))
            };
            let (text, last) = (words("text", &it.text), words("last", &it.last));
            all.push(ReminderWording { name: it.name.clone(), share: it.share, text, last });
        }
        Self { all }
    }

    /// The one that this customer hears, where there are any.
    pub fn of(&self, address: &Address) -> Option<&ReminderWording> {
        let all: u64 = self.all.iter().map(|it| u64::from(it.share)).sum();
        let whose = Uuid::new_v5(&WHOSE, format!("{}\0{}", address.channel, address.chat).as_bytes());
        let mut place = whose.as_u64_pair().0.checked_rem(all)?;
        self.all.iter().find(|it| {
            let is_it = place < u64::from(it.share);
            place = place.saturating_sub(u64::from(it.share));
            is_it
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_customer_always_hears_the_same_wording_and_each_wording_has_its_share() {
        let wording = |name: &str, share| ReminderWording { name: name.to_owned(), share, text: None, last: None };
        let wordings = ReminderWordings { all: vec![wording("kind", 1), wording("short", 3)] };
        let name = |number: u32| wordings.of(&Address::new("shop", number.to_string())).unwrap().name.clone();
        let short = (0..4000).filter(|number| name(*number) == "short").count();
        assert!((2850..3150).contains(&short), "{short} of 4000");
        assert!((0..100).all(|number| name(number) == name(number)));
        assert!(ReminderWordings::default().of(&Address::new("shop", "ana")).is_none());
    }
}
