//! Whether the system lets us have the addresses we need. Where it does not, some allocation fails in the middle of a night,
//! and that ends a process; so it is said at the start.

use miette::{Report, miette};
use rlimit::Resource;

/// Megabytes of addresses: the binary, the stacks of all threads, what the allocator keeps for each of them, the store's
/// and the plugins' memories. Most are never touched, so they are no measure of the memory in use.
const NEEDED_MB: u64 = 1536;

/// # Errors
/// The limit in force is lower.
pub fn suffices() -> Result<(), Report> {
    // Where the system does not say, there is no limit that we know of.
    Resource::AS.get_soft().map_or(Ok(()), of)
}

fn of(most: u64) -> Result<(), Report> {
    let most_mb = most >> 20;
    if most_mb >= NEEDED_MB {
        return Ok(());
    }
    Err(miette!(
        help = "raise or lift the limit (`ulimit -v unlimited`, LimitAS=infinity); to bound the memory in use, limit that \
                (MemoryMax=, `docker run --memory`): about 100 MB do",
        "the address space is limited to {most_mb} MB, and the clerk needs {NEEDED_MB} MB of it"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_is_refused_in_words_and_no_limit_is_enough() {
        for most in [rlimit::INFINITY, 8 << 30, NEEDED_MB << 20] {
            assert!(of(most).is_ok(), "{most}");
        }
        let refused = of((NEEDED_MB << 20) - 1).unwrap_err();
        assert_eq!(refused.to_string(), "the address space is limited to 1535 MB, and the clerk needs 1536 MB of it");
        assert!(refused.help().is_some_and(|it| it.to_string().contains("ulimit -v")));
    }
}
