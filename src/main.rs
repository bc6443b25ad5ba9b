//! The `nightclerk` command.

use std::process::ExitCode;

use clap::Parser;

/// A message is some hundreds of small pieces of memory, and this hands them out in fewer steps than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    nightclerk::memory::come_in_small_pages();
    nightclerk::cli::run(nightclerk::cli::Command::parse())
}
