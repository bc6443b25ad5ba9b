//! What the log says happened, in the words of the figures.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::entry::Entry;
use crate::model::{
    Action, Address, EventKind, Finding, Money, OrderChange, OrderEvent, OrderFinding, Scores, Source, Staff,
    StaffDeed, WhySilent,
};

/// A platform whose clock is further behind ours than this delivered late: the customer waited from then on.
const LATE_MS: i64 = 10_000;
/// The owners of timers, as the log has them.
const OF_ORDERS: &str = "engine";
const OF_HAND_OVER: &str = "clerk:hand-over";

/// A customer, a chat or an order: what is needed of its name to know it again, and nothing that tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(u64);

impl Key {
    pub fn of(parts: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        parts.hash(&mut hasher);
        Self(hasher.finish())
    }

    /// What is said at an address.
    pub fn chat(address: &Address) -> Self {
        Self::of(("chat", address))
    }

    /// A customer of whom the store knows by several addresses that they are one.
    pub fn person(id: &str) -> Self {
        Self::of(("person", id))
    }

    pub fn order(shop: &str, id: &str) -> Self {
        Self::of(("order", shop, id))
    }
}

/// One thing that counts.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// A customer wrote. `waits_since_ms`: they wait for an answer; `None` where there is nothing to answer.
    Heard {
        waits_since_ms: Option<i64>,
    },
    /// The clerk answered; what it said then left at that time.
    Answered {
        messages: u32,
        at_ms: i64,
    },
    /// The clerk said something nobody had asked for.
    Told {
        messages: u32,
    },
    /// Nothing the clerk knows fitted. The intents that came nearest, best first.
    NotUnderstood {
        intent: Option<String>,
    },
    /// A person answered in their own words.
    PersonAnswered {
        who: Option<String>,
        at_ms: i64,
    },
    /// A person is there for new conversations from now on.
    Online {
        who: String,
    },
    Away {
        who: String,
    },
    HandedOver,
    /// A person has the conversation from now on.
    Taken {
        who: Option<String>,
    },
    /// It is the clerk's again.
    BackToClerk,
    TicketOpened {
        ticket: Key,
    },
    TicketClosed {
        ticket: Key,
        who: Option<String>,
    },
    SatisfactionAsked,
    Satisfied {
        mark: u8,
    },
    OptedOut,
    Ordered {
        order: Key,
    },
    Sold {
        order: Key,
        total: Option<Money>,
    },
    Reminded {
        order: Key,
        wording: String,
    },
    RefundAsked,
    RefundWithdrawn,
    /// `by_platform`: whether the platform decided it, where the shop says so.
    RefundRefused {
        by_platform: Option<bool>,
    },
    Refunded {
        amount: Option<Money>,
        asked_ms: Option<i64>,
        by_platform: Option<bool>,
    },
    /// What a customer gave the shop for an order.
    Scored(Scores),
}

/// All that an entry says.
pub fn facts(entry: &Entry<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    match &entry.event.kind {
        EventKind::Message(_) | EventKind::Opened { .. } => heard(entry, &mut facts),
        EventKind::Timer(timer) if timer.owner == OF_ORDERS => {
            reminded(entry, &timer.key, &mut facts);
            told(entry, &mut facts);
        }
        EventKind::Timer(_) => {
            // Lines that waited for more are decided here.
            not_understood(entry, &mut facts);
            answered(entry, &mut facts);
        }
        EventKind::Staff(it) => staff(entry, it, &mut facts),
        EventKind::Colleague(colleague) if colleague.left => facts.push(Fact::BackToClerk),
        EventKind::Colleague(_) => facts.push(Fact::PersonAnswered { who: None, at_ms: entry.received_ms }),
        EventKind::Order(change) => {
            ordered(entry, change, &mut facts);
            told(entry, &mut facts);
        }
        EventKind::Status(_)
        | EventKind::Store { .. }
        | EventKind::Contact(_)
        | EventKind::Morning(_)
        | EventKind::Digest { .. } => {}
    }
    for step in entry.trace {
        match &step.what {
            Finding::TakenBack => facts.push(Fact::BackToClerk),
            Finding::Opted { out: true } => facts.push(Fact::OptedOut),
            _ => {}
        }
    }
    for action in entry.actions {
        match action {
            Action::SetTimer { owner, .. } if owner == OF_HAND_OVER => facts.push(Fact::HandedOver),
            Action::OpenTicket { id, .. } if !id.is_empty() => {
                facts.push(Fact::TicketOpened { ticket: Key::of(("ticket", id)) });
            }
            Action::CloseTicket { id } => {
                facts.push(Fact::TicketClosed { ticket: Key::of(("ticket", id)), who: closed_by(entry) });
            }
            Action::AskSatisfaction { .. } => facts.push(Fact::SatisfactionAsked),
            _ => {}
        }
    }
    facts
}

fn heard(entry: &Entry<'_>, facts: &mut Vec<Fact>) {
    let silence = entry.trace.iter().find_map(|step| match &step.what {
        Finding::Silent { reason } => Some(reason),
        _ => None,
    });
    if matches!(silence, Some(WhySilent::AmongColleagues)) {
        return;
    }
    let is_message = matches!(entry.event.kind, EventKind::Message(_));
    // Who waits for a person waits; all other silence is an answer to what wanted none.
    let wants_answer = silence.is_none_or(|reason| matches!(reason, WhySilent::WithPerson { .. }));
    let mark = entry.trace.iter().find_map(|step| match step.what {
        Finding::Satisfied { mark } => Some(mark),
        _ => None,
    });
    if is_message && mark.is_none() {
        let at_ms = entry.event.at_ms;
        let since_ms = if entry.received_ms.saturating_sub(at_ms) > LATE_MS { at_ms } else { entry.received_ms };
        facts.push(Fact::Heard { waits_since_ms: wants_answer.then_some(since_ms) });
    }
    facts.extend(mark.map(|mark| Fact::Satisfied { mark }));
    not_understood(entry, facts);
    if is_message && mark.is_none() {
        answered(entry, facts);
    } else {
        told(entry, facts);
    }
}

fn not_understood(entry: &Entry<'_>, facts: &mut Vec<Fact>) {
    if entry.trace.iter().any(|step| matches!(step.what, Finding::NothingFits { .. })) {
        let intent = entry.trace.iter().find_map(|step| match &step.what {
            Finding::Means { intents, .. } => intents.first().map(|(intent, _)| intent.clone()),
            _ => None,
        });
        facts.push(Fact::NotUnderstood { intent });
    }
}

fn answered(entry: &Entry<'_>, facts: &mut Vec<Fact>) {
    if let Some(at_ms) = entry.said.first_ms {
        facts.push(Fact::Answered { messages: entry.said.messages, at_ms });
    }
}

fn told(entry: &Entry<'_>, facts: &mut Vec<Fact>) {
    if entry.said.messages > 0 {
        facts.push(Fact::Told { messages: entry.said.messages });
    }
}

fn staff(entry: &Entry<'_>, staff: &Staff, facts: &mut Vec<Fact>) {
    let who = || staff.by.clone();
    match &staff.deed {
        // What is said then are their words, not the clerk's; they count once they have left.
        StaffDeed::Say { .. } | StaffDeed::Phrase { .. } => {
            facts.extend(entry.said.first_ms.map(|at_ms| Fact::PersonAnswered { who: who(), at_ms }));
            return;
        }
        // Who reaches for what a colleague has changes nothing; else the waiting ends, or the time of theirs begins.
        StaffDeed::Take => {
            let changes = |it: &Action| matches!(it, Action::SetTimer { .. } | Action::CancelTimer { .. });
            facts.extend(entry.actions.iter().any(changes).then(|| Fact::Taken { who: who() }));
        }
        StaffDeed::Return | StaffDeed::Close => facts.push(Fact::BackToClerk),
        StaffDeed::Online => facts.extend(who().map(|who| Fact::Online { who })),
        StaffDeed::Away => facts.extend(who().map(|who| Fact::Away { who })),
        StaffDeed::Transfer { .. } | StaffDeed::CloseTicket { .. } => {}
        // Said in the room, if at all.
        _ => return,
    }
    told(entry, facts);
}

fn closed_by(entry: &Entry<'_>) -> Option<String> {
    match &entry.event.kind {
        EventKind::Staff(Staff { by, deed: StaffDeed::CloseTicket { .. }, .. }) => by.clone(),
        _ => None,
    }
}

/// A reminder counts where something left: one that a plugin kept back was none.
fn reminded(entry: &Entry<'_>, timer: &str, facts: &mut Vec<Fact>) {
    if entry.said.messages == 0 {
        return;
    }
    let shop = timer.split_once(':').and_then(|(_, rest)| rest.split_once('/')).map_or("", |(shop, _)| shop);
    // The wording's own name goes before whoever found the words.
    let (mut named, mut said) = (None, None);
    for step in entry.trace {
        match (&step.by, &step.what) {
            (_, Finding::Order { what: OrderFinding::Worded { key }, .. }) => named = Some(key.clone()),
            (Source::Plugin(name), Finding::Took { .. }) => said = Some(format!("plugin:{name}")),
            (_, Finding::Order { what: OrderFinding::Says { phrase }, .. }) => said = Some(phrase.clone()),
            _ => {}
        }
    }
    let wording = named.or(said).unwrap_or_default();
    facts.extend(entry.trace.iter().filter_map(|step| match &step.what {
        Finding::Order { id, what: OrderFinding::Reminds { .. } } => {
            Some(Fact::Reminded { order: Key::order(shop, id), wording: wording.clone() })
        }
        _ => None,
    }));
}

fn ordered(entry: &Entry<'_>, report: &OrderEvent, facts: &mut Vec<Fact>) {
    let OrderEvent { change, order_id: id, .. } = report;
    let by_platform = report.refund.as_ref().and_then(|it| it.by_platform);
    let order = Key::order(&entry.event.channel, id);
    let mut kept = false;
    for step in entry.trace {
        let Finding::Order { id: of, what } = &step.what else { continue };
        if of != id {
            continue;
        }
        match what {
            OrderFinding::New { .. } => facts.push(Fact::Ordered { order }),
            OrderFinding::Kept { .. } => kept = true,
            OrderFinding::Sold { total } => facts.push(Fact::Sold { order, total: total.clone() }),
            OrderFinding::GaveBack { amount, asked_ms } => {
                facts.push(Fact::Refunded { amount: amount.clone(), asked_ms: *asked_ms, by_platform });
            }
            _ => {}
        }
    }
    // What leaves the order where it was is the same report once more.
    match change {
        OrderChange::RefundRequested if !kept => facts.push(Fact::RefundAsked),
        OrderChange::RefundWithdrawn if !kept => facts.push(Fact::RefundWithdrawn),
        OrderChange::RefundRefused if !kept => facts.push(Fact::RefundRefused { by_platform }),
        OrderChange::ReviewPosted if !report.scores.is_empty() => facts.push(Fact::Scored(report.scores)),
        _ => {}
    }
}
