//! What is counted, of everything and of each group.

use std::collections::BTreeMap;

use super::share::{Marks, Times};

/// Counts, which add up: those of a store are the sum of those of its days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Contacts who asked something.
    pub contacts: u64,
    pub conversations: Conversations,
    pub answers: Answers,
    pub satisfaction: Satisfaction,
    pub orders: Orders,
    pub reminders: Reminders,
    pub refunds: Refunds,
    pub tickets_opened: u64,
    pub tickets_closed: u64,
    pub opted_out: u64,
    /// What a shop's customers say of goods, service and shipping.
    pub described: Marks,
    pub service: Marks,
    pub shipping: Marks,
    /// How long a person was there to answer; `None` where nobody said.
    pub online_ms: Option<i64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conversations {
    pub received: u64,
    pub answered: u64,
    /// Ended with nothing left to do.
    pub solved: u64,
    /// Answered, and no person had a part in it.
    pub by_clerk_alone: u64,
    pub handed_over: u64,
    /// Of those, taken by a person.
    pub taken: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Messages from customers.
    pub heard: u64,
    /// Messages in answer, by the clerk and by people.
    pub by_clerk: u64,
    pub by_people: u64,
    /// Messages nobody had asked for: notices and reminders.
    pub unasked: u64,
    pub not_understood: u64,
    /// From the first question of a conversation to its first answer.
    pub first: Times,
    /// Of those, within ten seconds.
    pub first_in_time: u64,
    /// From a question to its answer, whoever gave it.
    pub all: Times,
    /// Likewise, where a person answered.
    pub people: Times,
    /// Of those, within forty seconds.
    pub people_in_time: u64,
    /// From handing a conversation over to a person's first sign.
    pub taking: Times,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Satisfaction {
    pub asked: u64,
    /// How often each answer was given, from 1 to 5.
    pub given: [u64; 5],
}

impl Satisfaction {
    pub fn answered(&self) -> u64 {
        self.given.iter().sum()
    }

    /// Those that gave 4 or 5.
    pub fn satisfied(&self) -> u64 {
        self.given[3] + self.given[4]
    }

    pub fn marks(&self) -> Marks {
        let sum = self.given.iter().zip(1..).map(|(count, mark)| count * mark).sum();
        Marks { count: self.answered(), sum }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// Of the contacts who asked, those who ordered after it.
    pub contacts_converted: u64,
    /// Contacts who ordered, and of them those who paid.
    pub contacts_ordered: u64,
    pub contacts_paid: u64,
    pub placed: u64,
    pub sold: u64,
    /// Of those, the ones whose price is not known.
    pub without_price: u64,
    pub sales: BTreeMap<String, Sales>,
}

/// In one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sales {
    pub minor: i64,
    /// Contacts who paid in it.
    pub contacts: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reminders {
    pub sent: u64,
    /// Orders that were reminded of, and of them those that were paid after it.
    pub orders: u64,
    pub orders_paid: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refunds {
    pub asked: u64,
    pub settled: u64,
    pub withdrawn: u64,
    pub refused: u64,
    /// Of those that ended, the ones of which is known whether the platform had to decide, and those it did not.
    pub told_who_decided: u64,
    pub without_platform: u64,
    pub money: BTreeMap<String, i64>,
    /// From asking to the money.
    pub settling: Times,
}

impl Refunds {
    /// One ended; `by_platform`: whether the platform had to decide, where that is told.
    pub fn ended(&mut self, by_platform: Option<bool>) {
        if let Some(by_platform) = by_platform {
            self.told_who_decided += 1;
            self.without_platform += u64::from(!by_platform);
        }
    }
}
