//! What a plugin may ask while it is called, each question checked against its grants and kept in the trace.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    call::{ASKED, Broke, Guest, line},
    convert, fetch,
    logbook::{LogLevel, LogLine},
};
use crate::{
    model::{Moment, Order, TraceStep},
    plugin::contract::{
        Capability,
        world::{host, types},
    },
};

/// Questions of one call; a plugin that asks more is stopped.
const MAX_QUESTIONS: u32 = 256;
const MAX_PRODUCTS: u32 = 20;
const MAX_KEY: usize = 256;
const MAX_VALUE: usize = 64 * 1024;
/// Keys one call may write.
const MAX_WRITES: usize = 64;
/// Bytes a plugin may keep.
const MAX_KEPT: u64 = 1024 * 1024;
const MAX_FETCHES: u32 = 4;
/// Time all fetches of one call may take together.
const MAX_FETCHING: Duration = Duration::from_secs(3);

type Answer<T> = Result<T, String>;

impl Guest {
    /// Counts a question.
    fn asked(&mut self) -> wasmtime::Result<()> {
        self.questions += 1;
        if self.questions > MAX_QUESTIONS {
            return Err(Broke(format!("it asked the host more than {MAX_QUESTIONS} times")).into());
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
        self.asked()?;
        let answer = if self.seat.granted.contains(needed) {
            find(self)
        } else {
            Err(format!("{question} needs the grant `{needed}`"))
        };
        let told = match &answer {
            Ok(found) => short(found),
            Err(why) => format!("refused, {}", line(why)),
        };
        self.trace.push(TraceStep::asked(self.seat.name(), question, told));
        Ok(answer)
    }

    fn stage(&mut self, key: String, value: Option<Vec<u8>>) -> Answer<()> {
        check_key(&key)?;
        let value_bytes = value.as_ref().map_or(0, Vec::len);
        if value_bytes > MAX_VALUE {
            return Err(format!("the value has {value_bytes} bytes; {MAX_VALUE} are allowed"));
        }
        if !self.staged.contains_key(&key) && self.staged.len() >= MAX_WRITES {
            return Err(format!("one call may write {MAX_WRITES} keys"));
        }
        if value.is_some() {
            let bytes = self.staged_bytes.saturating_add(key.len()).saturating_add(value_bytes);
            let kept = ASKED.with(|asked| asked.lookups.kv_size(self.seat.name()));
            if kept.saturating_add(bytes as u64) > MAX_KEPT {
                return Err(format!("a plugin may keep {MAX_KEPT} bytes; delete some first"));
            }
            self.staged_bytes = bytes;
        }
        self.staged.insert(key, value);
        Ok(())
    }
}

impl types::Host for Guest {}

impl host::Host for Guest {
    fn settings(&mut self) -> wasmtime::Result<String> {
        self.asked()?;
        Ok(self.seat.settings.clone())
    }

    fn render(&mut self, template: String, variables: String) -> wasmtime::Result<Answer<String>> {
        self.asked()?;
        let longest = self.tools.limits.output_bytes;
        let rendered = serde_json::from_str::<Value>(&variables)
            .map_err(|error| format!("the variables are not JSON: {error}"))
            .and_then(|variables| (self.tools.render)(&template, &variables))
            .and_then(|text| if text.len() > longest { Err("the text is too long".to_owned()) } else { Ok(text) });
        if let Err(why) = &rendered {
            let told = format!("refused, {}", line(why));
            self.trace.push(TraceStep::asked(self.seat.name(), "render", told));
        }
        Ok(rendered)
    }

    fn log(&mut self, level: host::Level, text: String) -> wasmtime::Result<()> {
        self.asked()?;
        let (plugin, text) = (self.seat.name(), line(&text));
        match level {
            host::Level::Debug => tracing::debug!(target: "plugin", plugin, "{text}"),
            host::Level::Info => tracing::info!(target: "plugin", plugin, "{text}"),
            host::Level::Warn => tracing::warn!(target: "plugin", plugin, "{text}"),
            host::Level::Error => tracing::error!(target: "plugin", plugin, "{text}"),
        }
        let level = match level {
            host::Level::Debug => LogLevel::Debug,
            host::Level::Info => LogLevel::Info,
            host::Level::Warn => LogLevel::Warn,
            host::Level::Error => LogLevel::Error,
        };
        let at_ms = ASKED.with(|asked| asked.now_ms);
        self.logbook.push(LogLine { at_ms, level, text });
        Ok(())
    }

    fn find_order(&mut self, id: String) -> wasmtime::Result<Answer<Option<types::Order>>> {
        self.answer(
            format!("find-order `{}`", line(&id)),
            &Capability::Orders,
            |_| Ok(find_order(&id).as_ref().map(convert::order)),
            |found| found.as_ref().map_or("none".to_owned(), |_| "found".to_owned()),
        )
    }

    fn customer_orders(&mut self) -> wasmtime::Result<Answer<Vec<types::Order>>> {
        self.answer(
            "customer-orders".to_owned(),
            &Capability::Orders,
            |_| Ok(ASKED.with(|asked| asked.lookups.orders()).iter().map(convert::order).collect::<Vec<_>>()),
            |found| found.len().to_string(),
        )
    }

    fn find_products(&mut self, query: String, limit: u32) -> wasmtime::Result<Answer<Vec<types::Product>>> {
        self.answer(
            // Most likely the customer's words.
            format!("find-products ({} characters)", query.chars().count()),
            &Capability::Catalogue,
            |_| {
                let products = ASKED.with(|asked| asked.lookups.products(&query, limit.min(MAX_PRODUCTS) as usize));
                Ok(products.into_iter().map(convert::product).collect::<Vec<_>>())
            },
            |found| found.len().to_string(),
        )
    }

    fn kv_get(&mut self, key: String) -> wasmtime::Result<Answer<Option<Vec<u8>>>> {
        self.answer(
            format!("kv-get `{}`", line(&key)),
            &Capability::Kv,
            |guest| {
                check_key(&key)?;
                Ok(match guest.staged.get(&key) {
                    Some(staged) => staged.clone(),
                    None => ASKED.with(|asked| asked.lookups.kv(guest.seat.name(), &key)),
                })
            },
            |found| found.as_ref().map_or("none".to_owned(), |value| format!("{} bytes", value.len())),
        )
    }

    fn kv_set(&mut self, key: String, value: Vec<u8>) -> wasmtime::Result<Answer<()>> {
        let question = format!("kv-set `{}`, {} bytes", line(&key), value.len());
        self.answer(question, &Capability::Kv, |guest| guest.stage(key, Some(value)), |()| "staged".to_owned())
    }

    fn kv_delete(&mut self, key: String) -> wasmtime::Result<Answer<()>> {
        let question = format!("kv-delete `{}`", line(&key));
        self.answer(question, &Capability::Kv, |guest| guest.stage(key, None), |()| "staged".to_owned())
    }

    fn http_send(&mut self, request: host::HttpRequest) -> wasmtime::Result<Answer<host::HttpResponse>> {
        self.asked()?;
        // Neither path nor query: they may carry what belongs in no trace.
        let (method, host) = (line(&request.method), host_of(&request.url));
        let answer = fetch::permit(request, &self.seat.granted).and_then(|request| self.fetch(request));
        let told = match &answer {
            Ok(response) => response.status.to_string(),
            Err(why) => line(why),
        };
        self.trace.push(TraceStep::asked(self.seat.name(), format!("http-send {method} {host}"), told));
        Ok(answer)
    }
}

impl Guest {
    fn fetch(&mut self, request: http::Request<bytes::Bytes>) -> Answer<host::HttpResponse> {
        let fetch = self.tools.fetch.clone().ok_or("there is no network here")?;
        if self.fetches >= MAX_FETCHES {
            return Err(format!("one call may fetch {MAX_FETCHES} times"));
        }
        let left = MAX_FETCHING.saturating_sub(self.fetching);
        if left.is_zero() {
            return Err("the time for fetching is used up".to_owned());
        }
        self.fetches += 1;
        let began = Instant::now();
        let response = fetch.fetch(request, left);
        self.fetching += began.elapsed();
        fetch::answer(response?)
    }
}

fn check_key(key: &str) -> Answer<()> {
    if key.is_empty() || key.len() > MAX_KEY { Err(format!("a key takes 1 to {MAX_KEY} bytes")) } else { Ok(()) }
}

/// An order by its number: at the shop of the order at hand, else at the shops of the customer's orders.
fn find_order(id: &str) -> Option<Order> {
    ASKED.with(|asked| {
        let at_hand = match asked.moment {
            Moment::Order { order, .. }
            | Moment::PaymentReminder { order, .. }
            | Moment::ShippingNotice { order }
            | Moment::ReviewRequest { order } => Some(order),
            Moment::Welcome { .. } | Moment::Message { .. } | Moment::Timer { .. } => None,
        };
        if let Some(order) = at_hand {
            // As it is at this moment, which the store does not know yet.
            return if order.id == id { Some(order.clone()) } else { asked.lookups.order(&order.shop, id) };
        }
        let orders = asked.lookups.orders();
        let shops: BTreeSet<_> = orders.iter().map(|order| order.shop.as_str()).collect();
        let elsewhere = || shops.into_iter().find_map(|shop| asked.lookups.order(shop, id));
        orders.iter().find(|order| order.id == id).cloned().or_else(elsewhere)
    })
}

/// The host a URL names, for the trace.
fn host_of(url: &str) -> String {
    url.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(line)).unwrap_or_else(|| "nowhere".to_owned())
}
