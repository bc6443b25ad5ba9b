use std::sync::Arc;

use super::{Address, Contact, ContactKey, Conversation, Order, Ticket};

/// Which writing of a row it is: drawn anew, at random, for every decision that changes rows, so that no two
/// writings share one, whoever makes them. `Version::NONE` where there is no row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Version(pub i64);

impl Version {
    /// Of a row that is not there.
    pub const NONE: Self = Self(0);
}

/// A value with the version of the row it stands in; both are empty where there is no row.
#[derive(Clone, Debug, PartialEq)]
pub struct Versioned<T> {
    pub value: Option<T>,
    pub version: Version,
}

impl<T> Versioned<T> {
    pub fn none() -> Self {
        Self { value: None, version: Version::NONE }
    }

    pub fn new(value: T, version: Version) -> Self {
        Self { value: Some(value), version }
    }
}

impl<T> Default for Versioned<T> {
    fn default() -> Self {
        Self::none()
    }
}

/// A row that a decision was made on and that somebody else may change, as it was when it was read.
///
/// The store refuses a decision of which one row has moved since; it is then made again. What a row *was* is kept,
/// so that the log can hold the way back instead of copies.
#[derive(Clone, Debug, PartialEq)]
pub enum Basis {
    Conversation {
        address: Address,
        was: Versioned<Arc<Conversation>>,
    },
    Order {
        shop: String,
        id: String,
        was: Versioned<Arc<Order>>,
    },
    Ticket {
        id: String,
        was: Versioned<Arc<Ticket>>,
    },
    Contact {
        id: String,
        was: Versioned<Arc<Contact>>,
    },
    /// Which contact is found by this key, if any is.
    ContactKey {
        key: ContactKey,
        contact: Option<String>,
    },
    /// An entry of a plugin's own key-value space.
    Key {
        plugin: String,
        key: String,
        version: Version,
    },
}
