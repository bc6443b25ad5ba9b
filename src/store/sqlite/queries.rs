//! The reading questions, on any connection. Each is answered from an index, a key or a bounded range.

mod log;
mod mail;
mod state;

use rusqlite::{Connection, OptionalExtension, Params, Result, Row};

pub use log::*;
pub use mail::*;
pub use state::*;

/// All that are asked often, for the test that none reads a whole table.
#[cfg(test)]
pub const ALL: [&[&str]; 3] = [log::ALL, mail::ALL, state::ALL];

pub fn first<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    map: impl FnOnce(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    connection.prepare_cached(sql)?.query_row(parameters, map).optional()
}

pub fn all<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    map: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map(parameters, map)?.collect()
}
