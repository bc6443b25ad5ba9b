//! The running clerk: from a folder of settings to rooms that work together, until it is told to stop.
//!
//! `prepare` says whether a folder can be run at all, `run` wires the rooms, `reload` takes changes in.

pub mod address_file;
mod address_space;
mod alerts;
pub mod checkup;
mod descriptors;
mod digest;
mod faults;
mod gauges;
mod metrics;
mod morning;
mod next_rung;
mod outside;
pub mod pictures;
mod prepare;
pub mod rehearsal;
mod reload;
mod retention;
mod run;
mod second_version;
mod spare_memory;
mod store_clock;
mod store_moments;
mod undelivered;
mod workshop;

pub use prepare::{
    PluginFile, Prepared, STORE_FILE, prepare, prepare_beside, prepare_to_start, short_of_space, store_file,
};
pub use run::run;
pub use second_version::{Promoted, SecondVersion};
