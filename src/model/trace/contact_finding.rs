use std::fmt;

use serde::{Deserialize, Serialize};

/// What was found about a contact, or done with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ContactFinding {
    /// By what a shop knows, another contact is the same person: it is a part of this one from now on.
    SamePerson { other: String },
    /// Where they stand by what they bought has changed.
    Stands { tier: Option<String>, groups: Vec<String> },
    /// A person of the store did this with it.
    Deed { deed: String },
    /// There is none of this id.
    Unknown,
    /// What it was to be parted with is none of what it is found by.
    NotFoundBy,
    /// It was parted from another.
    PartedFrom { other: String },
    /// It is no part of the contact that it was to be split off.
    NoPart,
    /// Something in the list belongs to another contact, and stays there.
    OfAnother { other: String },
}

impl fmt::Display for ContactFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SamePerson { other } => write!(f, "the same person as {other}, by what the shop knows"),
            Self::Stands { tier, groups } => {
                write!(f, "tier {}", tier.as_deref().unwrap_or("none"))?;
                if groups.is_empty() { Ok(()) } else { write!(f, ", groups {}", groups.join(", ")) }
            }
            Self::Deed { deed } => write!(f, "{deed}, by a person of the store"),
            Self::Unknown => f.write_str("there is none of this id"),
            Self::NotFoundBy => f.write_str("that is none of what it is found by"),
            Self::PartedFrom { other } => write!(f, "parted from {other}"),
            Self::NoPart => f.write_str("no part of that contact"),
            Self::OfAnother { other } => write!(f, "something in the list belongs to {other}, and stays there"),
        }
    }
}
