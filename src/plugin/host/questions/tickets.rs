//! The capability `ticket`: the customer's open tickets.

use super::Answer;
use crate::plugin::{
    contract::{
        Capability, LIMITS,
        world::{tickets, types},
    },
    host::{
        convert,
        guest::{ASKED, Guest},
    },
};

impl tickets::Host for Guest {
    fn open(&mut self) -> wasmtime::Result<Answer<Vec<types::Ticket>>> {
        self.answer(
            "tickets.open".to_owned(),
            &Capability::Ticket,
            |_| {
                Ok(ASKED.with(|asked| {
                    let open = asked.lookups.tickets();
                    open.iter().take(LIMITS.given_items).map(|it| convert::ticket(it, asked)).collect::<Vec<_>>()
                }))
            },
            |found| found.len().to_string(),
        )
    }
}
