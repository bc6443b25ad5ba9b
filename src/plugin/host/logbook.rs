//! What a plugin wrote to the log lately, and what it failed with, for whoever looks after it. It may quote customers, and so
//! none of it goes into the daemon's own log.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::text::line;
use crate::model::Failure;

/// Lines of one version of a plugin that are kept.
const KEPT: usize = 200;

/// The last lines of one version of a plugin.
#[derive(Default)]
pub struct Logbook {
    lines: Mutex<VecDeque<LogLine>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogLine {
    /// The time of the event the plugin was called for.
    pub at_ms: i64,
    pub level: LogLevel,
    pub text: String,
    /// Counts the lines of all plugins; after a restart, too, a later line has a greater one.
    #[serde(default)]
    pub number: i64,
}

/// A line, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PluginLine {
    pub plugin: String,
    #[serde(flatten)]
    pub line: LogLine,
}

/// The number of the last line; it begins with the time of the start, so that none is given twice.
static LAST: LazyLock<AtomicI64> = LazyLock::new(|| AtomicI64::new(crate::clock::now_ms().saturating_mul(1000)));

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        })
    }
}

impl Logbook {
    /// Adds a line; the oldest makes room.
    pub fn push(&self, line: LogLine) {
        let mut lines = self.lock();
        let line = LogLine { number: LAST.fetch_add(1, Ordering::Relaxed) + 1, ..line };
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    /// Adds what it failed with, in full.
    pub fn failed(&self, at_ms: i64, failure: &Failure) {
        self.push(LogLine { at_ms, level: LogLevel::Error, text: line(&failure.to_string()), number: 0 });
    }

    /// The newest lines, at most `count`, the oldest of them first.
    pub fn recent(&self, count: usize) -> Vec<LogLine> {
        let lines = self.lock();
        lines.iter().skip(lines.len().saturating_sub(count)).cloned().collect()
    }

    /// The lines after the one of this number, oldest first.
    pub fn after(&self, number: i64) -> Vec<LogLine> {
        self.lock().iter().filter(|line| line.number > number).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<LogLine>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_lines_are_kept() {
        let book = Logbook::default();
        for at_ms in 0..250 {
            book.push(LogLine { at_ms, level: LogLevel::Info, text: at_ms.to_string(), number: 0 });
        }
        let times = |lines: Vec<LogLine>| lines.into_iter().map(|line| line.at_ms).collect::<Vec<_>>();
        assert_eq!(times(book.recent(2)), [248, 249]);
        assert_eq!(times(book.recent(1000)), (50..250).collect::<Vec<_>>());
    }
}
