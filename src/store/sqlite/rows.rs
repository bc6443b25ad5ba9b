//! Between rows and the store's types.

use rusqlite::{Row, types::Type};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    model::{Action, Address, Content, Event, EventKind, Recorded, TraceStep, Version, Versioned},
    store::{Delivery, Heard, Logged, MessageState, NewMessage, Queued, Timer, Undecided},
};

/// What an event's JSON holds: all that is not a column of its own.
#[derive(Serialize, Deserialize)]
pub struct EventBody<A, K> {
    pub address: A,
    pub at_ms: i64,
    pub kind: K,
}

/// The numbers are those of the schema.
pub fn state(row: &Row<'_>, column: usize) -> rusqlite::Result<MessageState> {
    match row.get::<_, i64>(column)? {
        0 => Ok(MessageState::Pending),
        1 => Ok(MessageState::Sent),
        2 => Ok(MessageState::Dead),
        3 => Ok(MessageState::Dropped),
        other => Err(rusqlite::Error::IntegralValueOutOfRange(column, other)),
    }
}

pub fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    from_json(row.get_ref(column)?.as_str()?, column)
}

fn optional_json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    row.get_ref(column)?.as_str_or_null()?.map(|text| from_json(text, column)).transpose()
}

fn from_json<T: DeserializeOwned>(text: &str, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

/// A message whose details are forgotten has an empty text, and the default context.
pub fn queued(row: &Row<'_>) -> rusqlite::Result<Queued> {
    Ok(Queued {
        id: row.get(0)?,
        message: NewMessage {
            address: Address { channel: row.get(1)?, chat: row.get(2)? },
            content: optional_json(row, 3)?.unwrap_or_else(|| Content::text("")),
            context: optional_json(row, 4)?.unwrap_or_default(),
            key: row.get(5)?,
            not_before_ms: row.get(6)?,
            notice: row.get(7)?,
        },
        attempts: row.get(8)?,
        state: state(row, 9)?,
        last_error: row.get(10)?,
        created_ms: row.get(11)?,
        delivery: Delivery { delivered_ms: row.get(12)?, read_ms: row.get(13)? },
    })
}

pub fn timer(row: &Row<'_>) -> rusqlite::Result<Timer> {
    Ok(Timer {
        id: row.get(0)?,
        address: Address { channel: row.get(1)?, chat: row.get(2)? },
        owner: row.get(3)?,
        key: row.get(4)?,
        due_ms: row.get(5)?,
        priority: row.get(6)?,
        payload: json(row, 7)?,
    })
}

/// A row's JSON, then its version.
pub fn versioned<T: DeserializeOwned>(row: &Row<'_>) -> rusqlite::Result<Versioned<T>> {
    Ok(Versioned::new(json(row, 0)?, Version(row.get(1)?)))
}

/// What the log keeps of a decision.
#[derive(Default, Deserialize)]
struct LoggedDecision {
    actions: Vec<Action>,
    trace: Vec<TraceStep>,
}

/// A logged event, its messages yet to be added.
pub fn logged(row: &Row<'_>) -> rusqlite::Result<Logged> {
    let decision: Option<LoggedDecision> = optional_json(row, 5)?;
    let decided = decision.is_some();
    let LoggedDecision { actions, trace } = decision.unwrap_or_default();
    let (id, received_ms) = (row.get(0)?, row.get(1)?);
    Ok(Logged { id, received_ms, event: event(row)?, actions, trace, decided, queued: Vec::new() })
}

/// An event that waits, its answers yet to be added.
pub fn undecided(row: &Row<'_>) -> rusqlite::Result<Undecided> {
    Ok(Undecided { id: row.get(0)?, received_ms: row.get(1)?, event: event(row)?, recorded: Vec::new() })
}

/// An event as it came in.
pub fn heard(row: &Row<'_>) -> rusqlite::Result<Heard> {
    Ok(Heard { id: row.get(0)?, received_ms: row.get(1)?, event: event(row)? })
}

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    let EventBody { address, at_ms, kind } = json::<EventBody<Address, EventKind>>(row, 4)?;
    Ok(Event { channel: row.get(2)?, dedupe: row.get(3)?, address, at_ms, kind })
}

pub fn recorded(row: &Row<'_>) -> rusqlite::Result<Recorded> {
    Ok(Recorded { number: row.get(0)?, plugin: row.get(1)?, digest: row.get(2)?, reply: json(row, 3)? })
}
