//! What customers, shop and people of the store do on the day, and when. All of it looks like chance, and is the same
//! each time.

use std::collections::BTreeMap;

pub const SECOND: i64 = 1000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// Numbers that look like chance.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % u64::try_from(end).unwrap()).unwrap()
    }
}

/// What somebody does.
#[derive(Clone, Debug)]
pub enum Deed {
    Ask {
        chat: String,
        text: &'static str,
    },
    /// Something happens to an order: the kind of the report, and what money goes back.
    Order {
        id: String,
        kind: &'static str,
        refund: Option<i64>,
    },
    /// A person writes in the staff room, in answer to what the clerk said there.
    Room {
        who: &'static str,
        quoted: String,
        text: String,
    },
    /// A person answers from the platform's own inbox.
    Inbox {
        chat: String,
    },
}

#[derive(Clone, Debug, Default)]
pub struct Order {
    pub contact: String,
    pub placed: i64,
    pub minor: i64,
    pub paid: Option<i64>,
    pub refund_asked: Option<i64>,
    pub refunded: Option<(i64, i64)>,
    pub reminded: Vec<i64>,
}

/// How large the store is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub contacts: i64,
    pub orders: i64,
}

/// What will happen, in the order of time; what is added later takes its place.
#[derive(Default)]
pub struct Plan {
    deeds: BTreeMap<(i64, u64), Deed>,
    added: u64,
}

const QUESTIONS: [&str; 8] = [
    "do you ship abroad?",
    "where is my parcel?",
    "what does the oolong cost?",
    "how long does delivery take?",
    "can I pay with wechat?",
    "I want to talk to a person",
    "what are your opening hours?",
    "my cup arrived broken",
];

impl Plan {
    pub fn add(&mut self, at_ms: i64, deed: Deed) {
        self.added += 1;
        self.deeds.insert((at_ms, self.added), deed);
    }

    pub fn next_ms(&self) -> Option<i64> {
        self.deeds.keys().next().map(|(at_ms, _)| *at_ms)
    }

    /// What is to be done by now.
    pub fn due(&mut self, now_ms: i64) -> Option<Deed> {
        let (at_ms, _) = self.deeds.first_key_value()?.0;
        if *at_ms > now_ms { None } else { self.deeds.pop_first().map(|(_, deed)| deed) }
    }

    /// A day of customers and orders from a moment on; what people do follows from what they see.
    pub fn of_a_day(from_ms: i64, size: Size, chance: &mut Chance) -> (Self, BTreeMap<String, Order>) {
        let (mut plan, mut orders) = (Self::default(), BTreeMap::new());
        for contact in 0..size.contacts {
            let mut at = from_ms + chance.below(DAY - HOUR);
            let first = chance.below(8);
            for turn in 0..=chance.below(3) {
                let text = QUESTIONS[usize::try_from(first + turn).unwrap() % QUESTIONS.len()];
                plan.add(at, Deed::Ask { chat: format!("c{contact}"), text });
                at += 30 * SECOND + chance.below(8 * HOUR);
            }
        }
        for number in 0..size.orders {
            let id = format!("9{number:04}");
            let contact = format!("c{}", chance.below(size.contacts + size.contacts / 8));
            let placed = from_ms + chance.below(DAY - 2 * HOUR);
            let minor = 500 + chance.below(50_000);
            plan.add(placed, Deed::Order { id: id.clone(), kind: "order.placed", refund: None });
            orders.insert(id.clone(), Order { contact, placed, minor, ..Order::default() });
            // Most pay at once, some after a reminder, some never.
            let paid = match chance.below(10) {
                0..=5 => placed + MINUTE,
                6..=7 => placed + 2 * HOUR + chance.below(DAY),
                _ => continue,
            };
            plan.add(paid, Deed::Order { id: id.clone(), kind: "order.paid", refund: None });
            // A shop's report may come twice.
            plan.add(paid + 5 * SECOND, Deed::Order { id: id.clone(), kind: "order.paid", refund: None });
            if chance.below(8) == 0 {
                plan.add(paid + HOUR, Deed::Order { id: id.clone(), kind: "order.refund_requested", refund: None });
                let settled = Deed::Order { id, kind: "order.refund_settled", refund: Some(minor / 2) };
                plan.add(paid + 3 * HOUR, settled);
            }
        }
        (plan, orders)
    }
}
