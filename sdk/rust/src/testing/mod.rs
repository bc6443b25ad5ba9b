//! Runs a plugin in an ordinary test, without daemon and without WebAssembly.
//!
//! ```
//! use nightclerk_sdk::{prelude::*, testing::Bench};
//!
//! # #[derive(Deserialize)]
//! # struct Hello { text: String }
//! # impl Plugin for Hello {
//! #     fn welcome(&self, ctx: &Context, _message: Option<&Message>) -> Answer {
//! #         Ok(Outcome::reply(ctx.render(&self.text, &json!({ "store": ctx.store_name }))?))
//! #     }
//! # }
//! # nightclerk_sdk::plugin!(Hello, "tests/hello.json");
//! # fn main() {
//! let mut bench = Bench::<Hello>::new().settings(json!({ "text": "Welcome to {{ store }}!" }));
//! assert_eq!(bench.welcome("Hi").text(), "Welcome to Tea House!");
//! # }
//! ```
//!
//! The bench answers the plugin's questions from what the test gave it, keeps the key-value space from call to
//! call, and holds the plugin to its manifest as the daemon does: a hook, setting or capability that is not
//! declared does not work here either.

use std::{collections::BTreeMap, marker::PhantomData};

use serde_json::{Map, Value};

use crate::{
    Action, Content, Context, Customer, HttpResponse, Level, Manifest, Message, Moment, Money, Order, OrderEvent,
    OrderItem, OrderStatus, Outcome, PaymentReminder, Plugin, Product, Timer,
};

mod declared;
pub(crate) mod host;
mod world;

use declared::Declared;
use world::World;

/// A plugin on the bench, with the store, customer and moment it will see.
pub struct Bench<P> {
    declared: Declared,
    context: Context,
    world: World,
    plugin: PhantomData<fn() -> P>,
}

impl<P: Plugin + Manifest> Default for Bench<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Plugin + Manifest> Bench<P> {
    /// A closed store called `Tea House` on the evening of 24 November 2026, a customer who writes English for
    /// the first time, the manifest's default settings, and all that the manifest wishes for granted.
    ///
    /// # Panics
    /// The manifest is not usable.
    #[track_caller]
    pub fn new() -> Self {
        let declared = Declared::read(P::JSON);
        let world = World { grants: declared.capabilities.clone(), settings: declared.defaults(), ..World::default() };
        let context = Context {
            now_ms: 0,
            local_time: String::new(),
            open: false,
            store_name: "Tea House".into(),
            clerk_name: "Xiaoer".into(),
            language: "en".into(),
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
        self.context.now_ms = time.as_millisecond();
        self.context.local_time = local_time.to_owned();
    }

    /// People are there to answer, or not.
    pub fn open(mut self, open: bool) -> Self {
        self.context.open = open;
        self
    }

    /// `zh` or `en`.
    pub fn language(mut self, language: &str) -> Self {
        self.context.language = language.to_owned();
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

    /// Only these capabilities of those the manifest wishes for.
    pub fn grants(mut self, grants: &[&str]) -> Self {
        self.world.grants =
            self.declared.capabilities.iter().filter(|it| grants.contains(&it.as_str())).cloned().collect();
        self
    }

    /// One more product in the catalogue.
    pub fn product(mut self, product: Product) -> Self {
        self.world.products.push(product);
        self
    }

    /// One more order of the customer's.
    pub fn order(mut self, order: Order) -> Self {
        self.world.orders.push(order);
        self
    }

    /// A value in the key-value space, as JSON.
    pub fn kv(mut self, key: &str, value: Value) -> Self {
        self.world.kv.insert(key.to_owned(), value.to_string().into_bytes());
        self
    }

    /// What calls to this URL are answered with.
    pub fn http(mut self, url: &str, response: HttpResponse) -> Self {
        self.world.http.insert(url.to_owned(), response);
        self
    }

    /// The key-value space as it is now.
    pub fn kept(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.world.kv
    }

    /// The customer's first message.
    #[track_caller]
    pub fn welcome(&mut self, text: &str) -> Reaction {
        self.call(Moment::Welcome(Some(message(text))))
    }

    /// The customer opened the conversation without writing.
    #[track_caller]
    pub fn opened(&mut self) -> Reaction {
        self.call(Moment::Welcome(None))
    }

    /// A later message.
    #[track_caller]
    pub fn message(&mut self, text: &str) -> Reaction {
        self.call(Moment::Message(message(text)))
    }

    /// Something happened to an order.
    #[track_caller]
    pub fn order_event(&mut self, event: OrderEvent) -> Reaction {
        self.call(Moment::Order(event))
    }

    /// The order's payment reminder is due for the `attempt`th time.
    #[track_caller]
    pub fn payment_reminder(&mut self, order: Order, attempt: u32, last: bool) -> Reaction {
        self.call(Moment::PaymentReminder(PaymentReminder { order, attempt, last }))
    }

    /// The order was shipped.
    #[track_caller]
    pub fn shipping_notice(&mut self, order: Order) -> Reaction {
        self.call(Moment::ShippingNotice(order))
    }

    /// A review of the order may be asked for.
    #[track_caller]
    pub fn review_request(&mut self, order: Order) -> Reaction {
        self.call(Moment::ReviewRequest(order))
    }

    /// A timer of the plugin's is due now.
    #[track_caller]
    pub fn timer(&mut self, key: &str, payload: Value) -> Reaction {
        let timer = Timer { key: key.to_owned(), due_ms: self.context.now_ms, payload: payload.to_string() };
        self.call(Moment::Timer(timer))
    }

    /// Any moment. What the plugin kept is kept only if it did not fail.
    ///
    /// # Panics
    /// The manifest does not hook the moment, which the daemon would then never offer.
    #[track_caller]
    pub fn call(&mut self, moment: Moment) -> Reaction {
        self.declared.check_hook(&moment);
        let kv = self.world.kv.clone();
        let at_hand = order_of(&moment).cloned();
        let world = World { at_hand, log: Vec::new(), ..std::mem::take(&mut self.world) };
        let (result, world) = host::during(world, || crate::handle::<P>(moment, self.context.clone()));
        self.world = world;
        let result = result.and_then(|outcome| self.world.check_actions(&outcome).map(|()| outcome));
        if result.is_err() {
            self.world.kv = kv;
        }
        Reaction { result, log: std::mem::take(&mut self.world.log) }
    }
}

/// What came of a call.
#[derive(Debug)]
pub struct Reaction {
    /// The plugin's answer, or why the daemon would skip it.
    pub result: Result<Outcome, String>,
    /// What it wrote to the log.
    pub log: Vec<(Level, String)>,
}

impl Reaction {
    /// What it did; nothing where it passed.
    ///
    /// # Panics
    /// It failed.
    #[track_caller]
    pub fn actions(&self) -> &[Action] {
        match &self.result {
            Ok(Outcome::Pass) => &[],
            Ok(Outcome::Handled(actions)) => actions,
            Err(why) => panic!("the plugin failed: {why}"),
        }
    }

    /// Whether it left the moment to others.
    ///
    /// # Panics
    /// It failed.
    #[track_caller]
    pub fn passed(&self) -> bool {
        self.actions();
        self.result == Ok(Outcome::Pass)
    }

    /// All that the customer reads, in words alone, one reply after the other.
    ///
    /// # Panics
    /// It failed.
    #[track_caller]
    pub fn text(&self) -> String {
        let replies = self.actions().iter().filter_map(|action| match action {
            Action::Reply(content) | Action::AskSatisfaction(content) => Some(plain(content)),
            _ => None,
        });
        replies.collect::<Vec<_>>().join("\n")
    }

    /// Why it failed.
    ///
    /// # Panics
    /// It did not.
    #[track_caller]
    pub fn error(&self) -> &str {
        match &self.result {
            Err(why) => why,
            Ok(outcome) => panic!("the plugin did not fail: {outcome:?}"),
        }
    }
}

/// An order of `CNY 199.00` for a teapot, placed and not paid, with a link to pay at. Change what the test is about:
/// `Order { status: OrderStatus::Paid, ..order("A1") }`.
pub fn order(id: &str) -> Order {
    Order {
        shop: "shop".into(),
        id: id.to_owned(),
        status: OrderStatus::Placed,
        customer_name: None,
        total: Some(Money { minor: 19_900, currency: "CNY".into() }),
        total_text: Some("CNY 199.00".into()),
        items: vec![OrderItem { sku: Some("POT-1".into()), title: "Teapot".into(), quantity: 1 }],
        payment_url: Some(format!("https://shop.example/pay/{id}")),
        shipment: None,
        placed_ms: Some(1_795_500_000_000),
        paid_ms: None,
        delivered_ms: None,
        reminders: 0,
        reviewed: false,
        remarks: Vec::new(),
    }
}

/// A product that sells well, `CNY 59.00`.
pub fn product(sku: &str, name: &str) -> Product {
    Product {
        sku: sku.to_owned(),
        name: name.to_owned(),
        price: Some("CNY 59.00".into()),
        url: Some(format!("https://shop.example/{sku}")),
        pitch: None,
        stock: Some(10),
        hot: true,
    }
}

fn message(text: &str) -> Message {
    Message { id: "m1".into(), text: Some(text.to_owned()), media: Vec::new() }
}

fn order_of(moment: &Moment) -> Option<&Order> {
    match moment {
        Moment::Order(event) => Some(&event.order),
        Moment::PaymentReminder(reminder) => Some(&reminder.order),
        Moment::ShippingNotice(order) | Moment::ReviewRequest(order) => Some(order),
        Moment::Welcome(_) | Moment::Message(_) | Moment::Timer(_) => None,
    }
}

/// The same in words, as on a channel without buttons.
fn plain(content: &Content) -> String {
    match content {
        Content::Text(text) => text.clone(),
        Content::Link(link) => format!("{}\n{}", link.text, link.url),
        Content::Image(image) => format!("{}\n{}", image.caption.as_deref().unwrap_or_default(), image.url),
        Content::Choices(question) => {
            let labels = question.choices.iter().enumerate().map(|(at, it)| format!("\n{}. {}", at + 1, it.label));
            labels.fold(question.text.clone(), |text, label| text + &label)
        }
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
