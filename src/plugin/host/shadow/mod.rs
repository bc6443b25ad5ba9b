//! A second version of a plugin beside the one in place: on real traffic, heard by nobody (a shadow) or by a stable part of the
//! contacts (a canary).
//!
//! A shadow is called by a thread of its own after the plugin has answered, with what the plugin was told: what it says is
//! compared and counted, what it writes goes to keys of its own, and whom it would ask outside has been asked already. A
//! canary is the plugin for its contacts; where it fails, the version in place answers, and where it does worse than that
//! one, it goes back to being a shadow (`tally`).

mod comparison;
mod keys;
mod likeness;
mod runner;
mod second_version;
mod state;
mod tally;

pub use comparison::{Comparison, Side};
pub use likeness::{Example, Unlikeness};
pub use runner::Runner;
pub use second_version::Shadow;
pub use state::Back;
