use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::{Money, OrderChange, OrderStatus};

/// What was found about one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OrderFinding {
    /// These fields of the report could not be read.
    Unread { fields: Vec<String> },
    /// It is time to tell what had to wait.
    NewsDue,
    /// The report, or the customer's wish to hear nothing, leaves plugins nothing to answer.
    NotOffered { why: WhyUnsaid },
    /// Heard of for the first time.
    New { status: OrderStatus },
    /// What the shop reported moved it on.
    Moved { change: OrderChange, from: OrderStatus, to: OrderStatus },
    /// What the shop reported left it where it was.
    Kept { change: OrderChange, status: OrderStatus },
    /// A notice that could have been sent is not.
    Unsaid { notice: Notice, why: WhyUnsaid },
    /// A notice is put off to a time of day at which it is allowed.
    Waits { notice: Notice },
    /// A payment reminder is due; `attempt` counts from 1.
    Reminds { attempt: u32, max: u32 },
    /// A review may be asked for, because this timer came due.
    AsksForReview { timer: String },
    /// A timer whose key the engine never gave out.
    ForeignTimer { timer: String },
    /// There is nowhere to tell its customer anything.
    Unreachable,
    /// A remark was to be put on it, but it is another customer's.
    NotTheirs,
    /// The customer is told in the words of a phrase.
    Says { phrase: String },
    /// In this one of several wordings that are tried beside each other.
    Worded { key: String },
    /// It is paid, or was handed over against cash.
    Sold {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<Money>,
    },
    /// Money went back, that was asked for then.
    GaveBack {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Money>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked_ms: Option<i64>,
    },
}

/// What came of a claim to an order of which it is not known whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClaimFinding {
    /// It was told of.
    Right { orders: Vec<String> },
    /// It was not; so many orders have that number and another phone.
    Wrong { orders: usize },
    /// There were too many wrong ones in this conversation.
    TooOften,
}

/// What the clerk says of orders unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    PaymentReminder,
    ShippingNotice,
    ReviewRequest,
    /// What has happened to the order.
    News,
}

/// Why a notice is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum WhyUnsaid {
    /// In orders.toml.
    SwitchedOff,
    /// The news is older than what is known.
    Overtaken,
    /// The status leaves nothing to say.
    Status { status: OrderStatus },
    /// A timer that fired before; `next` is the attempt that would be made.
    Repeated { next: u32 },
    /// As many as are allowed were sent.
    Enough { sent: u32 },
    /// The review is there, or was asked for.
    Reviewed,
    /// Longer ago than `max_age`.
    TooOld,
    /// The customer wants to hear nothing unasked.
    OptedOut,
    /// The customer has a complaint open.
    Complaint,
    /// As many notices as a day allows were sent, or another payment was asked for.
    EnoughToday,
    /// The customer bought the same again and paid.
    OrderedAgain,
}

impl fmt::Display for OrderFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread { fields } => write!(f, "could not be read: {}", fields.join(", ")),
            Self::NewsDue => f.write_str("what waited may be told"),
            Self::NotOffered { why } => write!(f, "plugins are not asked: {why}"),
            Self::New { status } => write!(f, "new, {status}"),
            Self::Moved { change, from, to } => write!(f, "`{change}` takes it from {from} to {to}"),
            Self::Kept { change, status } => write!(f, "`{change}` leaves it {status}"),
            Self::Unsaid { notice, why } => write!(f, "no {notice}: {why}"),
            Self::Waits { notice } => write!(f, "the {notice} waits: it is not the time of day for it"),
            Self::Reminds { attempt, max } => write!(f, "{} {attempt} of {max}", Notice::PaymentReminder),
            Self::AsksForReview { timer } => write!(f, "{}, by timer `{timer}`", Notice::ReviewRequest),
            Self::ForeignTimer { timer } => write!(f, "timer `{timer}` is none of ours"),
            Self::Unreachable => f.write_str("its customer has no conversation"),
            Self::NotTheirs => f.write_str("none of this customer's: no remark was put on it"),
            Self::Says { phrase } => write!(f, "the phrase `{phrase}`"),
            Self::Worded { key } => write!(f, "the wording `{key}`"),
            Self::Sold { total: Some(total) } => write!(f, "sold for {total}"),
            Self::Sold { total: None } => f.write_str("sold"),
            Self::GaveBack { amount: Some(amount), .. } => write!(f, "{amount} went back"),
            Self::GaveBack { amount: None, .. } => f.write_str("money went back"),
        }
    }
}

impl fmt::Display for ClaimFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Right { orders } => write!(f, "told of {}", orders.join(", ")),
            Self::Wrong { orders: 0 } => f.write_str("no such order may be told of, so nothing was told"),
            Self::Wrong { orders } => write!(f, "{orders} with that number, but not that phone, so nothing was told"),
            Self::TooOften => f.write_str("too many wrong ones today, so nothing was looked up"),
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PaymentReminder => "payment reminder",
            Self::ShippingNotice => "shipping notice",
            Self::ReviewRequest => "review request",
            Self::News => "notice",
        })
    }
}

impl fmt::Display for WhyUnsaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SwitchedOff => f.write_str("they are switched off"),
            Self::Overtaken => f.write_str("the order is past that"),
            Self::Status { status } => write!(f, "the order is {status}"),
            Self::Repeated { next } => write!(f, "this one was sent, {next} would be the next"),
            Self::Enough { sent } => write!(f, "{sent} were sent, the most allowed"),
            Self::Reviewed => f.write_str("there was one, or the review itself"),
            Self::TooOld => f.write_str("it is too long ago"),
            Self::OptedOut => f.write_str("the customer wants to hear nothing unasked"),
            Self::Complaint => f.write_str("the customer has a complaint open"),
            Self::EnoughToday => f.write_str("the customer has heard enough for now"),
            Self::OrderedAgain => f.write_str("the customer bought the same again and paid"),
        }
    }
}
