//! What those may rely on who run the clerk, write plugins for it, or talk to it: each file a kind of promise, tried on the
//! real daemon over real sockets, with real SQLite files and real compiled plugins.
//!
//! One program, so that it is linked once and no test waits for another file's slowest.

#[path = "../harness/mod.rs"]
mod harness;

/// Components made from a few lines of WebAssembly text, as the host's own tests make them.
#[path = "../../src/plugin/host/tests/guests.rs"]
#[allow(dead_code, reason = "made for the host's own tests, of which these need few")]
mod guests;
// By this name they find it.
use nightclerk::plugin;

mod alerts;
mod alone;
mod archive;
mod authors;
mod channels;
mod configuration;
mod console;
mod console_pages;
mod console_plugins;
mod console_second_versions;
mod console_work;
mod contacts;
mod containment;
mod conversations;
mod crash;
mod crash_under_change;
mod day_of_a_store;
mod delivery;
mod examples;
mod first_try;
mod hand_over;
mod help;
mod idle;
mod init;
mod installing;
mod languages;
mod lines;
mod metrics;
mod morning;
mod next_rung;
mod operating;
mod order_reports;
mod orders;
mod packaging;
mod peers;
mod people;
mod pictures;
mod plugins;
mod preparing;
mod proxies;
mod questions;
mod races;
mod refusals;
mod rehearsal;
mod reloading;
mod replay;
mod report;
mod roles;
mod scarcity;
mod second_versions;
mod setup;
mod shipped;
mod staff_room;
mod strangers;
mod texts;
mod tickets;
mod topics;
mod tracing;
mod understanding;
mod webchat;
mod webchat_door;
