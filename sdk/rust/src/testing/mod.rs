//! Runs a plugin in an ordinary test, without daemon and without WebAssembly.
//!
//! ```
//! use nightclerk_sdk::{prelude::*, testing::Bench};
//!
//! # #[derive(Deserialize)]
//! # struct Hello { text: String }
//! # impl OnWelcome for Hello {
//! #     fn on_welcome(&self, ctx: &Context, _message: Option<&Message>) -> Answer {
//! #         Ok(Outcome::reply(ctx.render(&self.text, &json!({ "store": ctx.store_name }))?))
//! #     }
//! # }
//! # nightclerk_sdk::plugin!(Hello: OnWelcome; "tests/hello.json");
//! # fn main() {
//! let mut bench = Bench::<Hello>::new().settings(json!({ "text": "Welcome to {{ store }}!" }));
//! assert_eq!(bench.welcome("Hi").text(), "Welcome to Tea House!");
//! # }
//! ```
//!
//! The bench answers the plugin's questions from what the test gave it, keeps the key-value space from call to
//! call, and holds the plugin to the contract as the daemon does: a hook that is not listed, a setting or capability
//! that is not declared, or a limit that is broken does not work here either. `sdk/conformance` holds the two to the
//! same answers.

use std::{collections::BTreeMap, marker::PhantomData};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    Choice, Context, Customer, HttpResponse, Manifest, Offer, OrderDetails, Product, StoreContext, Ticket, Time,
};

mod answer;
mod declared;
mod grants;
pub(crate) mod host;
mod keys;
mod limits;
mod moments;
mod network;
mod reaction;
mod samples;
mod world;

use declared::Declared;
use grants::Grants;
pub use reaction::{Failure, Reaction};
pub use samples::{money, order, product};
use world::World;

/// Bytes a plugin may keep unless the store says otherwise.
const KEEP_BYTES: usize = 1024 * 1024;

/// A plugin on the bench, with the store, customer and moment it will see.
pub struct Bench<P> {
    declared: Declared,
    context: Context,
    world: World,
    plugin: PhantomData<fn() -> P>,
}

impl<P: DeserializeOwned + Manifest> Default for Bench<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: DeserializeOwned + Manifest> Bench<P> {
    /// A closed store called `Tea House` on the evening of 24 November 2026, which opens tomorrow at 09:00, a customer
    /// who writes English for the first time, the manifest's default settings, and all that the manifest wishes for
    /// granted.
    ///
    /// # Panics
    /// The manifest is not usable.
    #[track_caller]
    pub fn new() -> Self {
        let declared = Declared::read(P::JSON);
        let mut world = World {
            grants: Grants::all(&declared.name, &declared.capabilities),
            settings: declared.defaults(),
            ..World::default()
        };
        world.keys.keep_bytes = KEEP_BYTES;
        let context = Context {
            store: StoreContext {
                now_ms: 0,
                local_time: String::new(),
                open: false,
                opens: Some(Time { ms: 1_795_568_400_000, text: "tomorrow at 09:00".into() }),
                store_name: "Tea House".into(),
                clerk_name: "Xiaoer".into(),
                language: "en".into(),
                offers: Vec::new(),
                menu: Vec::new(),
            },
            channel: "bench".into(),
            customer: Customer {
                id: "customer-1".to_owned(),
                name: None,
                tags: Vec::new(),
                first_seen_ms: None,
                messages: 1,
            },
        };
        Self { declared, context, world, plugin: PhantomData }.at("2026-11-24T21:30:00+08:00")
    }

    /// The time on the store's wall: `2026-11-24T21:30:00+08:00`. May be changed between calls with [`Self::set_time`].
    #[track_caller]
    pub fn at(mut self, local_time: &str) -> Self {
        self.set_time(local_time);
        self
    }

    /// Moves the clock.
    ///
    /// # Panics
    /// It is not an RFC 3339 time.
    #[track_caller]
    pub fn set_time(&mut self, local_time: &str) {
        let time: jiff::Timestamp = local_time.parse().unwrap_or_else(|error| panic!("`{local_time}`: {error}"));
        self.context.store.now_ms = time.as_millisecond();
        self.context.store.local_time = local_time.to_owned();
    }

    /// People are there to answer, or not.
    pub fn open(mut self, open: bool) -> Self {
        self.context.store.open = open;
        if open {
            self.context.store.opens = None;
        }
        self
    }

    /// When people are back, as the clerk would say it.
    pub fn back(mut self, text: Option<&str>) -> Self {
        let now_ms = self.context.store.now_ms;
        self.context.store.opens = text.map(|text| Time { ms: now_ms + 3_600_000, text: text.to_owned() });
        self
    }

    /// A BCP 47 tag: `zh-Hans`, `en`.
    pub fn language(mut self, language: &str) -> Self {
        self.context.store.language = language.to_owned();
        self
    }

    /// One more offer that runs today.
    pub fn offer(mut self, text: &str, url: Option<&str>) -> Self {
        self.context.store.offers.push(Offer { text: text.to_owned(), url: url.map(str::to_owned) });
        self
    }

    /// One more entry of the main menu.
    pub fn menu(mut self, label: &str, value: &str) -> Self {
        self.context.store.menu.push(Choice::new(label, value));
        self
    }

    /// What `store_field` answers.
    pub fn store_field(mut self, name: &str, value: &str) -> Self {
        self.world.store_fields.insert(name.to_owned(), value.to_owned());
        self
    }

    /// What `customer_field` answers.
    pub fn customer_field(mut self, name: &str, value: &str) -> Self {
        self.world.customer_fields.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The customer as the plugin sees them.
    pub fn customer(mut self, customer: Customer) -> Self {
        self.context.customer = customer;
        self
    }

    /// Settings over the manifest's defaults, as in `plugins.toml`.
    ///
    /// # Panics
    /// The manifest does not declare them so.
    #[track_caller]
    pub fn settings(mut self, settings: Value) -> Self {
        for (key, value) in object(settings) {
            self.declared.check_setting(&key, &value);
            self.world.settings.insert(key, value);
        }
        self
    }

    /// As if the manifest wished for these capabilities, and the store granted all of them.
    pub fn wishes(mut self, wishes: &[&str]) -> Self {
        self.declared.capabilities = wishes.iter().map(|wish| (*wish).to_owned()).collect();
        self.world.grants = Grants::all(&self.declared.name, &self.declared.capabilities);
        self
    }

    /// What the store grants; of it counts what the manifest wishes for.
    pub fn grants(mut self, grants: &[&str]) -> Self {
        self.world.grants.only(grants);
        self
    }

    /// How many kilobytes of keys and values the store lets it keep.
    pub fn keep_kb(mut self, kilobytes: usize) -> Self {
        self.world.keys.keep_bytes = kilobytes * 1024;
        self
    }

    /// One more product in the catalogue.
    pub fn product(mut self, product: Product) -> Self {
        self.world.products.push(product);
        self
    }

    /// One more order of the customer's.
    pub fn order(mut self, order: OrderDetails) -> Self {
        self.world.orders.push(order);
        self
    }

    /// One more order of somebody else's.
    pub fn foreign_order(mut self, order: OrderDetails) -> Self {
        self.world.foreign_orders.push(order);
        self
    }

    /// One more open ticket of the customer's.
    pub fn ticket(mut self, ticket: Ticket) -> Self {
        self.world.tickets.push(ticket);
        self
    }

    /// A value in the key-value space, as JSON.
    pub fn kv(mut self, key: &str, value: Value) -> Self {
        self.world.keys.put(key, value.to_string().into_bytes());
        self
    }

    /// What calls to this URL are answered with.
    pub fn http(mut self, url: &str, response: HttpResponse) -> Self {
        self.world.network.answers.insert(url.to_owned(), response);
        self
    }

    /// The key-value space as it is now.
    pub fn kept(&self) -> BTreeMap<String, Vec<u8>> {
        self.world.keys.values()
    }
}

#[track_caller]
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("an object was expected, not {other}"),
    }
}

#[cfg(test)]
mod tests;
