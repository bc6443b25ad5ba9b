//! Memory that a reload or a compiler left behind.

/// Gives what is free back to the system.
///
/// A whole configuration or a component is made beside the one in force, by whichever thread is at hand, and the one that is
/// done with is freed by another. Allocators keep what is free for the thread that had it: after a day of edits that was as
/// much again as all that was in use. What is written in C, SQLite foremost, has the C library's own.
pub fn give_back() {
    // SAFETY: takes no pointer and may be called at any time from any thread.
    #[allow(unsafe_code)]
    unsafe {
        libmimalloc_sys::mi_collect(true);
    }
    // SAFETY: takes no pointer and may be called at any time from any thread (malloc_trim(3)).
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[allow(unsafe_code)]
    unsafe {
        libc::malloc_trim(0);
    }
}
