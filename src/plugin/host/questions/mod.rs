//! What a plugin may ask while it is called, one file for each capability: who may ask, what is answered, and how
//! much of it. Every question and its answer are kept in the trace.

mod catalogue;
mod general;
mod http;
mod kv;
mod orders;
mod tickets;

use super::{failure::Broke, guest::Guest, text::line};
use crate::{
    model::TraceStep,
    plugin::contract::{Capability, LIMITS, world::types},
};

/// An answer, or why there is none.
type Answer<T> = Result<T, String>;

impl Guest {
    /// Counts a question.
    fn asked(&mut self) -> wasmtime::Result<()> {
        self.questions += 1;
        if self.questions > LIMITS.questions {
            return Err(Broke(format!("it asked the host more than {} times", LIMITS.questions)).into());
        }
        Ok(())
    }

    /// Answers a question that needs a grant, and keeps both in the trace.
    fn answer<T>(
        &mut self,
        question: String,
        needed: &Capability,
        find: impl FnOnce(&mut Self) -> Answer<T>,
        short: impl FnOnce(&T) -> String,
    ) -> wasmtime::Result<Answer<T>> {
        let permitted = self.seat.permit(needed);
        self.tell(question, |guest| permitted.and_then(|()| find(guest)), short)
    }

    /// Answers a question, and keeps both in the trace.
    fn tell<T>(
        &mut self,
        question: String,
        find: impl FnOnce(&mut Self) -> Answer<T>,
        short: impl FnOnce(&T) -> String,
    ) -> wasmtime::Result<Answer<T>> {
        self.asked()?;
        let answer = find(self);
        let told = match &answer {
            Ok(found) => short(found),
            Err(why) => format!("refused, {}", line(why)),
        };
        self.trace.push(TraceStep::asked(self.seat.name(), question, told));
        Ok(answer)
    }
}

impl types::Host for Guest {}
