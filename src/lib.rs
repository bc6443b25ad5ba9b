//! nightclerk (夜小二): a plugin-host chatbot daemon for online stores.
//!
//! A webhook becomes an event, the event a decision, the decision replies; each step is durable before the
//! next one is seen from outside. `ARCHITECTURE.md` is the map.

pub mod atomic_file;
pub mod bell;
pub mod channel;
pub mod cli;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod desk;
pub mod egress;
pub mod engine;
pub mod http;
pub mod in_force;
pub mod inbox;
pub mod language;
pub mod model;
pub mod outbox;
pub mod pictures;
pub mod plugin;
pub mod rehearsal;
pub mod report;
pub mod seldom;
pub mod setting;
pub mod source;
pub mod store;
pub mod template;
pub mod webhook;
