//! The desk: who works in the store, who of them may do what, who is there, and who gets the next conversation. Pure: it
//! is given rows and settings, and gives back names.

mod assign;
mod command;
#[cfg(test)]
mod documented;
pub mod morning;
mod people;
pub mod register;
mod role;
mod settings;
mod state;

pub use assign::{Asking, Seat, seat};
pub use command::{Said, button, pressed, read};
pub use people::{CONSOLE, People, Person, Team};
pub use role::{Permission, RoleSettings};
pub use settings::{PersonSettings, Policy, TeamSettings};
pub use state::{Agent, Held, Queue, Waiting, agent_key, from_bytes, queue_key};
