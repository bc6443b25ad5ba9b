//! What the system lets us open, shared out: strangers' connections never take the descriptors that the store, the way to
//! the platforms and the operator need.

use std::fs;

/// What is opened now and then beside connections: configuration, plugins, pictures, the store's own files.
const OWN: usize = 16;
/// The operator's connections.
const ADMIN: usize = 64;

/// How many connections each side may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    pub public: usize,
    pub admin: usize,
    /// Messages under way to platforms.
    pub outbox: usize,
}

impl Shares {
    /// As configured, or less where the limit in force is lower.
    pub fn in_force(public: usize, outbox: usize) -> Self {
        let shares = match (limit(), open()) {
            (Some(limit), Some(open)) => Self::of(limit.saturating_sub(open + OWN), public, outbox),
            // Where the system does not say, what is configured holds.
            _ => Self { public, admin: ADMIN, outbox },
        };
        if shares.public < public {
            tracing::warn!(
                connections = shares.public,
                max_connections = public,
                "the limit of open files allows fewer connections than configured; raise it (`ulimit -n`, LimitNOFILE=)"
            );
        }
        shares
    }

    /// Of so many descriptors that are free. Who listens gets what the others leave, and at least half.
    fn of(free: usize, public: usize, outbox: usize) -> Self {
        let admin = ADMIN.min(free / 8).max(2);
        let outbox = outbox.min(free / 4).max(1);
        let left = free.saturating_sub(admin + outbox).max(free / 2).max(4);
        Self { public: public.min(left), admin, outbox }
    }
}

/// The soft limit of open files.
fn limit() -> Option<usize> {
    parse_limit(&fs::read_to_string("/proc/self/limits").ok()?)
}

fn parse_limit(limits: &str) -> Option<usize> {
    limits.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_whitespace().next()?.parse().ok()
}

fn open() -> Option<usize> {
    Some(fs::read_dir("/proc/self/fd").ok()?.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_read_as_the_kernel_writes_it() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max processes             128276               128276               processes \n\
                      Max open files            1024                 524288               files     \n";
        assert_eq!(parse_limit(limits), Some(1024));
        assert_eq!(parse_limit("Max open files  unlimited unlimited files"), None);
    }

    #[test]
    fn everybody_has_something_whatever_the_limit_and_all_together_never_more_than_is_free() {
        assert_eq!(Shares::of(100_000, 4096, 256), Shares { public: 4096, admin: 64, outbox: 256 });
        for free in [16, 30, 64, 500, 1000, 5000] {
            let Shares { public, admin, outbox } = Shares::of(free, 4096, 256);
            assert!(public + admin + outbox <= free && public >= free / 2, "{free}: {public} {admin} {outbox}");
        }
    }
}
