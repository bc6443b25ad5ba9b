//! Trying out what the clerk would say, with nothing sent and nothing kept.
//!
//! A `Stage` is a shop without an outside: the owner's configuration and plugins, the engine and the plugin host as they
//! run, rows in memory, and a clock that goes when it is told to. What happens is decided exactly as a lane decides it
//! (`inbox::Deciding`).

mod customer;
pub mod junit;
mod memory;
pub mod page;
pub mod replay;
pub mod scenario;
mod stage;
pub mod talk;
#[cfg(test)]
mod tests;
mod timed;
pub mod words;

pub use customer::Customer;
pub use stage::{Answered, Ask, Played, Stage};
pub use timed::Timed;
