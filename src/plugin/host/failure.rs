//! How the host's limits end a guest, and what is made of a guest's end.

use wasmtime::Trap;

use super::text::line;
use crate::model::Failure;

/// The clock's way of ending a guest.
#[derive(Debug, thiserror::Error)]
#[error("out of time")]
pub struct Overtime;

/// A question to the outside that is not answered yet ends the call; it is made again with the answer.
#[derive(Debug, thiserror::Error)]
#[error("it asked the outside")]
pub struct Awaits;

/// A limit of the host's that a guest broke.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broke(pub String);

/// A hook that is not typed as the contract has it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Misshapen(pub String);

/// What the runtime says, in words alone, when a guest hands over too much at once.
const HOSTCALL_FUEL: &str = "fuel allocated for hostcalls";

/// Why a call ended without an answer.
pub fn of(error: &wasmtime::Error) -> Failure {
    if error.is::<Overtime>() {
        return Failure::Overtime;
    }
    if let Some(Broke(why)) = error.downcast_ref() {
        return Failure::Limit(line(why));
    }
    if let Some(Misshapen(why)) = error.downcast_ref() {
        return Failure::Shape(line(why));
    }
    let why = match error.downcast_ref::<Trap>() {
        Some(trap) => trap.to_string(),
        None => error.root_cause().to_string(),
    };
    if why.contains(HOSTCALL_FUEL) {
        return Failure::Limit("it handed the host more bytes at once than are allowed".to_owned());
    }
    Failure::Trapped(line(&why))
}
