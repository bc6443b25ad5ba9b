//! Memory that is free, and the system's.

/// Has memory come in small pages only, from here on.
///
/// The allocator offers what it holds to the system for huge pages, 2 MiB each, and a clerk that does with 15 MB had 40
/// of them so. Elsewhere than on Linux nothing is done.
pub fn come_in_small_pages() {
    // SAFETY: sets a flag of this process; takes no pointer (PR_SET_THP_DISABLE, prctl(2)).
    #[cfg(target_os = "linux")]
    #[allow(unsafe_code)]
    unsafe {
        libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0);
    }
}

/// Gives what is free back to the system.
///
/// A whole configuration or a component is made beside the one in force, by whichever thread is at hand, and the one that is
/// done with is freed by another; what is free would be kept for the thread that had it.
pub fn give_back() {
    // SAFETY: takes no pointer and may be called at any time from any thread.
    #[allow(unsafe_code)]
    unsafe {
        libmimalloc_sys::mi_collect(true);
    }
}
