//! The state behind a running instance.

use std::sync::Arc;

use scoped_tls_hkt::scoped_thread_local;

use super::{
    failure::Overtime,
    keys::StagedKeys,
    logbook::{LogLine, Logbook},
    measured::Measured,
    seat::Seat,
    tools::Tools,
};
use crate::model::{HookCall, OutsideQuestion, TraceStep};

scoped_thread_local! {
    /// What the guest that runs on this thread was asked. A guest's own state must outlive every borrow; this
    /// lends it the call for exactly as long as it runs.
    pub(super) static ASKED: for<'a> &'a HookCall<'a>
}

/// Enough to throw an error and to catch it.
const LAST_TICKS: u64 = 5;

pub struct Guest {
    pub seat: Arc<Seat>,
    pub tools: Arc<Tools>,
    pub logbook: Arc<Logbook>,
    /// What the plugin made of its settings before.
    pub prepared: Option<Arc<[u8]>>,
    pub limits: Measured,
    /// Looks of the clock it has left.
    ticks_left: u64,
    /// So many looks before the last one a script is told that its time is up.
    last_ticks: u64,
    /// It was told.
    pub was_told: bool,
    pub keys: StagedKeys,
    /// What it asked and was told.
    pub trace: Vec<TraceStep>,
    pub questions: u32,
    /// What it logged; written down once its call is over, as a call that asks the outside is made again.
    pub log_lines: Vec<LogLine>,
    /// Answers from outside it was given.
    pub fetched: u32,
    /// What it asked the outside and has no answer to yet.
    pub question: Option<OutsideQuestion>,
}

impl Guest {
    pub fn new(
        seat: Arc<Seat>,
        tools: Arc<Tools>,
        logbook: Arc<Logbook>,
        prepared: Option<Arc<[u8]>>,
        limits: Measured,
        ticks: u64,
    ) -> Self {
        Self {
            seat,
            tools,
            logbook,
            prepared,
            limits,
            ticks_left: ticks,
            last_ticks: (ticks / 10).clamp(1, LAST_TICKS),
            was_told: false,
            keys: StagedKeys::default(),
            trace: Vec::new(),
            questions: 0,
            log_lines: Vec::new(),
            fetched: 0,
            question: None,
        }
    }

    /// The clock looks: time is up after the last tick. Time spent in the host passes as one, for the host's own
    /// limits bound that.
    pub fn tick(&mut self) -> Result<(), Overtime> {
        self.ticks_left = self.ticks_left.checked_sub(1).ok_or(Overtime)?;
        Ok(())
    }

    /// Whether time is up but for what it takes to say where it was spent. A guest that asks is told so once, and is ended
    /// a little later whether or not it obeys.
    pub fn is_nearly_over(&mut self) -> bool {
        self.was_told |= self.ticks_left <= self.last_ticks;
        self.was_told
    }

    /// Writes down what was logged; nothing of a trial, whose customer nobody is.
    pub fn file_log(&self) {
        if !self.seat.on_trial {
            self.log_lines.iter().for_each(|line| self.logbook.push(line.clone()));
        }
    }
}
