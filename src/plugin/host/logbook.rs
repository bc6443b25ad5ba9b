//! What a plugin wrote to the log lately, for whoever looks after it.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Lines of one version of a plugin that are kept.
const KEPT: usize = 200;

/// The last lines of one version of a plugin.
#[derive(Default)]
pub struct Logbook(Mutex<VecDeque<LogLine>>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogLine {
    /// The time of the event the plugin was called for.
    pub at_ms: i64,
    pub level: LogLevel,
    pub text: String,
}

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
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    /// The newest lines, at most `count`, the oldest of them first.
    pub fn recent(&self, count: usize) -> Vec<LogLine> {
        let lines = self.lock();
        lines.iter().skip(lines.len().saturating_sub(count)).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<LogLine>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_lines_are_kept() {
        let book = Logbook::default();
        for at_ms in 0..250 {
            book.push(LogLine { at_ms, level: LogLevel::Info, text: at_ms.to_string() });
        }
        let times = |lines: Vec<LogLine>| lines.into_iter().map(|line| line.at_ms).collect::<Vec<_>>();
        assert_eq!(times(book.recent(2)), [248, 249]);
        assert_eq!(times(book.recent(1000)), (50..250).collect::<Vec<_>>());
    }
}
