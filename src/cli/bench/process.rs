//! What the system tells of a process that is measured.

use std::{fs, time::Duration};

/// A process by its number.
#[derive(Clone, Copy, Debug)]
pub struct Process(pub u32);

impl Process {
    /// Resident memory in bytes.
    pub fn memory(self) -> Option<u64> {
        self.kilobytes("VmRSS:")
    }

    /// The most it ever was, in bytes.
    pub fn peak_memory(self) -> Option<u64> {
        self.kilobytes("VmHWM:")
    }

    fn kilobytes(self, name: &str) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
    }

    /// The processor time it took so far, in steps of 10 ms (proc(5): `utime` and `stime`, in ticks of USER_HZ, which
    /// is 100 wherever Linux runs today).
    pub fn processor_time(self) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0)).ok()?;
        // The name, in parentheses, may hold anything.
        let (_, after_name) = stat.rsplit_once(')')?;
        let mut fields = after_name.split_whitespace().skip(11).map(str::parse::<u64>);
        let (user, system) = (fields.next()?.ok()?, fields.next()?.ok()?);
        Some(Duration::from_millis((user + system) * 10))
    }
}
