//! The `nightclerk` command.

use std::process::ExitCode;

use clap::Parser;

/// A fifth fewer instructions a message than the system's, of which every eighth was the allocator's (docs/performance.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    nightclerk::cli::run(nightclerk::cli::Command::parse())
}
