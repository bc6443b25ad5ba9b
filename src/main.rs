//! The `nightclerk` command.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

/// A message takes some four hundred pieces of memory, in one thread, and most are given back in another.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// `mi_option_purge_delay` of mimalloc 3 (mimalloc.h), to which its binding gives no name: after how many milliseconds memory
/// that is free goes back to the system.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

fn main() -> ExitCode {
    // At once: what a reload leaves behind stood with threads of which none asks for memory again for hours.
    // SAFETY: no other thread runs yet.
    #[allow(unsafe_code)]
    unsafe {
        libmimalloc_sys::mi_option_set(PURGE_DELAY, 0);
    }
    nightclerk::cli::run(nightclerk::cli::Command::parse())
}
