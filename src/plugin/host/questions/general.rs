//! What needs no grant: settings, templates, the log, and facts about the store and the customer.

use super::{super::text::line, Answer};
use crate::{
    model::TraceStep,
    plugin::{
        contract::{LIMITS, world::host},
        host::{
            guest::{ASKED, Guest},
            logbook::{LogLevel, LogLine},
        },
    },
};

impl host::Host for Guest {
    fn settings(&mut self) -> wasmtime::Result<String> {
        self.asked()?;
        Ok(self.seat.settings.clone())
    }

    fn prepared(&mut self) -> wasmtime::Result<Option<Vec<u8>>> {
        self.asked()?;
        Ok(self.prepared.as_deref().map(<[u8]>::to_vec))
    }

    fn render(&mut self, template: String, variables: String) -> wasmtime::Result<Answer<String>> {
        self.asked()?;
        let longest = self.tools.limits.output_bytes;
        let rendered = (self.tools.render)(&template, &variables)
            .and_then(|text| if text.len() > longest { Err("the text is too long".to_owned()) } else { Ok(text) });
        if let Err(why) = &rendered {
            let told = format!("refused, {}", line(why));
            self.trace.push(TraceStep::asked(self.seat.name(), "host.render", told));
        }
        Ok(rendered)
    }

    fn log(&mut self, level: host::Level, text: String) -> wasmtime::Result<()> {
        self.asked()?;
        if self.log_lines.len() >= LIMITS.log_lines as usize {
            return Ok(());
        }
        let level = match level {
            host::Level::Debug => LogLevel::Debug,
            host::Level::Info => LogLevel::Info,
            host::Level::Warn => LogLevel::Warn,
            host::Level::Error => LogLevel::Error,
        };
        let at_ms = ASKED.with(|asked| asked.now_ms);
        self.log_lines.push(LogLine { at_ms, level, text: line(&text), number: 0 });
        Ok(())
    }

    fn store_field(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        self.asked()?;
        Ok(ASKED.with(|asked| match name.as_str() {
            "url" => asked.store.url.map(str::to_owned),
            "time-zone" => Some(asked.store.time_zone.to_owned()).filter(|zone| !zone.is_empty()),
            _ => None,
        }))
    }

    fn customer_field(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        self.asked()?;
        Ok(ASKED.with(|asked| {
            let conversation = asked.customer?.conversation;
            match name.as_str() {
                "assigned" => conversation.assigned.clone(),
                "last-message-ms" => conversation.last_received_ms.map(|ms| ms.to_string()),
                "last-reply-ms" => conversation.last_reply_ms.map(|ms| ms.to_string()),
                "replies" => Some(conversation.sent.to_string()),
                _ => None,
            }
        }))
    }
}
