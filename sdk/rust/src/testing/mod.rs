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

use std::{
    collections::BTreeMap,
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    Choice, Context, Customer, HttpResponse, Manifest, Media, Message, Offer, OnDaily, OnMessage, OnOrder,
    OnPaymentReminder, OnReviewRequest, OnShiftBegins, OnShippingNotice, OnTimer, OnWelcome, OrderChange, OrderDetails,
    OrderEvent, Outcome, PaymentReminder, Product, StoreContext, Ticket, Time, Timer, call,
};

mod answer;
mod declared;
mod grants;
pub(crate) mod host;
mod keys;
mod limits;
mod network;
mod reaction;
mod samples;
mod world;

use answer::Bounds;
use declared::Declared;
use grants::Grants;
use host::Stopped;
use limits::{LIMITS, cut};
pub use reaction::{Failure, Reaction};
pub use samples::{money, order, product};
use world::{World, in_brief};

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

    /// The customer's first message.
    #[track_caller]
    pub fn welcome(&mut self, text: &str) -> Reaction
    where
        P: OnWelcome,
    {
        let message = Some(message(text));
        self.call(Moment::default(), |context| call::welcome::<P>(context, message))
    }

    /// The customer opened the conversation without writing.
    #[track_caller]
    pub fn opened(&mut self) -> Reaction
    where
        P: OnWelcome,
    {
        self.call(Moment::default(), |context| call::welcome::<P>(context, None))
    }

    /// A later message.
    #[track_caller]
    pub fn message(&mut self, text: &str) -> Reaction
    where
        P: OnMessage,
    {
        self.message_with(message(text))
    }

    /// A later message, with pictures and what else there is.
    #[track_caller]
    pub fn message_with(&mut self, message: Message) -> Reaction
    where
        P: OnMessage,
    {
        let media = |it: &Media| Media { kind: cut(&it.kind), reference: cut(&it.reference) };
        let message = Message {
            id: cut(&message.id),
            text: message.text.as_deref().map(cut),
            media: message.media.iter().take(LIMITS.given_media).map(media).collect(),
        };
        self.call(Moment::default(), |context| call::message::<P>(context, message))
    }

    /// Something happened to an order.
    #[track_caller]
    pub fn order_event(&mut self, change: OrderChange, order: OrderDetails) -> Reaction
    where
        P: OnOrder,
    {
        self.review(change, order, None, None)
    }

    /// Its customer posted a review of an order.
    #[track_caller]
    pub fn review_posted(&mut self, order: OrderDetails, rating: Option<u8>, text: &str) -> Reaction
    where
        P: OnOrder,
    {
        self.review(OrderChange::ReviewPosted, order, rating, Some(cut(text)))
    }

    #[track_caller]
    fn review(&mut self, change: OrderChange, order: OrderDetails, rating: Option<u8>, text: Option<String>) -> Reaction
    where
        P: OnOrder,
    {
        let word = serde_json::to_value(change).ok();
        let change = word.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        let event = OrderEvent { change, order: in_brief(&order), rating, text };
        self.call(Moment::of(order), |context| call::order::<P>(context, event))
    }

    /// The order's payment reminder is due for the `attempt`th time.
    #[track_caller]
    pub fn payment_reminder(&mut self, order: OrderDetails, attempt: u32, last: bool) -> Reaction
    where
        P: OnPaymentReminder,
    {
        let reminder = PaymentReminder { order: in_brief(&order), attempt, last };
        self.call(Moment::of(order), |context| call::payment_reminder::<P>(context, reminder))
    }

    /// The order was shipped.
    #[track_caller]
    pub fn shipping_notice(&mut self, order: OrderDetails) -> Reaction
    where
        P: OnShippingNotice,
    {
        let brief = in_brief(&order);
        self.call(Moment::of(order), |context| call::shipping_notice::<P>(context, brief))
    }

    /// A review of the order may be asked for.
    #[track_caller]
    pub fn review_request(&mut self, order: OrderDetails) -> Reaction
    where
        P: OnReviewRequest,
    {
        let brief = in_brief(&order);
        self.call(Moment::of(order), |context| call::review_request::<P>(context, brief))
    }

    /// A timer of the plugin's is due now.
    #[track_caller]
    pub fn timer(&mut self, key: &str, payload: Value) -> Reaction
    where
        P: OnTimer,
    {
        let due_ms = self.context.store.now_ms;
        let timer = Timer { key: key.to_owned(), due_ms, payload: payload.to_string() };
        let moment = Moment { is_timer: true, ..Moment::default() };
        self.call(moment, |context| call::timer::<P>(context, timer))
    }

    /// People begin their work.
    #[track_caller]
    pub fn shift_begins(&mut self) -> Reaction
    where
        P: OnShiftBegins,
    {
        let moment = Moment { is_the_stores: true, ..Moment::default() };
        self.call(moment, |context| call::shift_begins::<P>(context.store))
    }

    /// A day begins.
    #[track_caller]
    pub fn daily(&mut self) -> Reaction
    where
        P: OnDaily,
    {
        let moment = Moment { is_the_stores: true, ..Moment::default() };
        self.call(moment, |context| call::daily::<P>(context.store))
    }

    /// Calls the plugin. What it kept is kept only if it did not fail.
    fn call(&mut self, moment: Moment, ask: impl FnOnce(Context) -> Result<Outcome, String>) -> Reaction {
        let Moment { at_hand, is_timer, is_the_stores } = moment;
        let now_ms = self.context.store.now_ms;
        let mut world = std::mem::take(&mut self.world);
        world.keys.begin(now_ms);
        let kept = world.keys.clone();
        world.at_hand = at_hand;
        (world.questions, world.network.fetches) = (0, 0);
        let context = self.context.clone();
        let (answer, world) = host::during(world, || catch_unwind(AssertUnwindSafe(|| ask(context))));
        self.world = world;
        let answer = match answer {
            Ok(answer) => answer.map_err(Failure::Said),
            Err(panic) => match panic.downcast::<Stopped>() {
                Ok(stopped) => Err(Failure::Limit(stopped.0)),
                Err(panic) => resume_unwind(panic),
            },
        };
        let bounds =
            Bounds { grants: &self.world.grants, now_ms, after_a_timer: is_timer, of_a_customer: !is_the_stores };
        let result = answer.and_then(|outcome| match bounds.check(&outcome) {
            Ok(()) => Ok(outcome),
            Err(why) => Err(Failure::Refused(why)),
        });
        if result.is_err() {
            self.world.keys = kept;
        }
        Reaction { result, log: std::mem::take(&mut self.world.log) }
    }
}

/// What the bench must know of a moment beside what the plugin is handed.
#[derive(Default)]
struct Moment {
    at_hand: Option<OrderDetails>,
    is_timer: bool,
    is_the_stores: bool,
}

impl Moment {
    fn of(order: OrderDetails) -> Self {
        Self { at_hand: Some(order), ..Self::default() }
    }
}

fn message(text: &str) -> Message {
    Message { id: "m1".into(), text: Some(text.to_owned()), media: Vec::new() }
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
