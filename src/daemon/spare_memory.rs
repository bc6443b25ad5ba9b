//! Memory that a reload or a compiler left behind.

/// Gives what is free back to the system.
///
/// A whole configuration or a component is made beside the one in force, by whichever thread is at hand, and the one that is
/// done with is freed by another. The allocator of glibc keeps what is free for the thread that had it: after a day of edits
/// that was as much again as all that was in use. Elsewhere nothing is done.
pub fn give_back() {
    // SAFETY: takes no pointer and may be called at any time from any thread (malloc_trim(3)).
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[allow(unsafe_code)]
    unsafe {
        libc::malloc_trim(0);
    }
}
