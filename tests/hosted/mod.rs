//! The bench of the SDK, with the daemon's own host behind it: a plugin is the file that an owner saves, and is called as
//! the daemon calls it.

#![allow(dead_code, reason = "each test file uses its own part of the bench")]

mod ready;
mod words;
mod world;

use std::{collections::BTreeMap, fs, marker::PhantomData};

use nightclerk::{
    language::Language,
    model::{
        Address, Choice, Conversation, CustomerFacts, Finding, HookAnswer, HookCall, Moment, NextOpening, Offer, Order,
        OrderEvent, Recorded, Reply, StoreFacts, Ticket, TimerFired,
    },
    plugin::host::{PluginHost, PluginState, offer_until_answered},
};
use plugin_sdk::{
    Customer, OrderChange, OrderDetails, Outcome, Product,
    testing::{Failure, Reaction},
};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use world::World;

pub use ready::host_in;

/// A plugin that a bench makes by itself.
pub trait Seated {
    const NAME: &'static str;
    /// What it may do unless a test says otherwise.
    fn capabilities() -> Vec<String>;
    /// The name and the bytes of its file.
    fn file() -> (String, Vec<u8>);
}

/// A plugin on the bench, with the store, customer and moment it will see: those that the SDK's bench has.
pub struct Bench<P = ()> {
    name: String,
    file: (String, Vec<u8>),
    grants: Vec<String>,
    settings: Map<String, Value>,
    running: Option<(TempDir, PluginHost)>,
    now_ms: i64,
    /// Of the store's wall, in seconds.
    offset: i32,
    open: bool,
    back: Option<String>,
    language: String,
    offers: Vec<Offer>,
    menu: Vec<Choice>,
    customer: Customer,
    assigned: Option<String>,
    world: World,
    /// Who is outside, by URL.
    outside: BTreeMap<String, Reply>,
    plugin: PhantomData<fn() -> P>,
}

impl<P: Seated> Default for Bench<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Seated> Bench<P> {
    pub fn new() -> Self {
        Self::of(P::NAME, P::file(), &P::capabilities().iter().map(String::as_str).collect::<Vec<_>>())
    }
}

impl<P> Bench<P> {
    /// With a file of any plugin, and what it is granted.
    pub fn of(name: &str, file: (String, Vec<u8>), grants: &[&str]) -> Self {
        let customer =
            Customer { id: "customer-1".to_owned(), name: None, tags: Vec::new(), first_seen_ms: None, messages: 1 };
        let bench = Self {
            name: name.to_owned(),
            file,
            grants: Vec::new(),
            settings: Map::new(),
            running: None,
            now_ms: 0,
            offset: 0,
            open: false,
            back: Some("tomorrow at 09:00".to_owned()),
            language: "en".to_owned(),
            offers: Vec::new(),
            menu: Vec::new(),
            customer,
            assigned: None,
            world: World::default(),
            outside: BTreeMap::new(),
            plugin: PhantomData,
        };
        bench.grants(grants).at("2026-11-24T21:30:00+08:00")
    }

    /// The time on the store's wall.
    pub fn at(mut self, local_time: &str) -> Self {
        self.set_time(local_time);
        self
    }

    pub fn set_time(&mut self, local_time: &str) {
        let time: jiff::Timestamp = local_time.parse().unwrap();
        let (_, offset) = local_time.split_at(local_time.len() - "+00:00".len());
        let sign = if offset.starts_with('-') { -1 } else { 1 };
        let number = |at: std::ops::Range<usize>| -> i32 { offset[at].parse().unwrap() };
        self.offset = sign * (number(1..3) * 3600 + number(4..6) * 60);
        self.now_ms = time.as_millisecond();
    }

    pub fn open(mut self, open: bool) -> Self {
        self.open = open;
        self
    }

    pub fn back(mut self, text: Option<&str>) -> Self {
        self.back = text.map(str::to_owned);
        self
    }

    pub fn language(mut self, language: &str) -> Self {
        self.language = language.to_owned();
        self
    }

    pub fn offer(mut self, text: &str, url: Option<&str>) -> Self {
        self.offers.push(Offer { text: text.to_owned(), url: url.map(str::to_owned) });
        self
    }

    pub fn menu(mut self, label: &str, value: &str) -> Self {
        self.menu.push(Choice { label: label.to_owned(), value: value.to_owned() });
        self
    }

    pub fn customer(mut self, customer: Customer) -> Self {
        self.customer = customer;
        self
    }

    /// Another customer of the same store, or the same with other tags.
    pub fn set_customer(&mut self, customer: Customer) {
        self.customer = customer;
    }

    pub fn settings(mut self, settings: Value) -> Self {
        let Value::Object(settings) = settings else { panic!("{settings} is no table") };
        self.settings.extend(settings);
        self
    }

    pub fn grants(mut self, grants: &[&str]) -> Self {
        self.grants = grants.iter().map(|grant| (*grant).to_owned()).collect();
        self
    }

    pub fn product(mut self, product: Product) -> Self {
        self.world.products.push(words::product(product));
        self
    }

    /// Changes how many there are of each product.
    pub fn set_stock(&mut self, stock: u32) {
        self.world.products.iter_mut().for_each(|product| product.stock = Some(stock));
    }

    pub fn order(mut self, order: OrderDetails) -> Self {
        self.world.orders.push(words::order(&order));
        self
    }

    /// One more open ticket of the customer's.
    pub fn ticket(mut self, kind: &str, text: &str) -> Self {
        let id = format!("t{}", self.world.tickets.len() + 1);
        let (kind, text) = (kind.to_owned(), text.to_owned());
        self.world.tickets.push(Ticket { id, kind, text, ..Ticket::default() });
        self
    }

    /// The team or person who has the conversation.
    pub fn assigned(mut self, to: &str) -> Self {
        self.assigned = Some(to.to_owned());
        self
    }

    /// What calls to this URL are answered with.
    pub fn http(self, url: &str, status: u16, body: &str) -> Self {
        self.outside(url, Reply::Response { status, headers: Vec::new(), body: body.to_owned().into() })
    }

    /// The same with headers, and whatever for a body.
    pub fn http_with(self, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.outside(url, Reply::Response { status: 200, headers, body: body.to_vec().into() })
    }

    fn outside(mut self, url: &str, reply: Reply) -> Self {
        self.outside.insert(url.to_owned(), reply);
        self
    }

    /// The keys that are kept now.
    pub fn kept(&self) -> BTreeMap<String, Vec<u8>> {
        self.world.kept()
    }

    pub fn welcome(&mut self, text: &str) -> Reaction {
        let message = words::message(text);
        self.offer_to(Moment::Welcome { message: Some(&message) })
    }

    pub fn opened(&mut self) -> Reaction {
        self.offer_to(Moment::Welcome { message: None })
    }

    pub fn message(&mut self, text: &str) -> Reaction {
        let message = words::message(text);
        self.offer_to(Moment::Message { message: &message })
    }

    pub fn order_event(&mut self, change: OrderChange, order: OrderDetails) -> Reaction {
        self.change(OrderEvent { change: words::change(change), ..OrderEvent::default() }, order)
    }

    pub fn review_posted(&mut self, order: OrderDetails, rating: Option<u8>, text: &str) -> Reaction {
        let change = words::change(OrderChange::ReviewPosted);
        self.change(OrderEvent { change, rating, text: Some(text.to_owned()), ..OrderEvent::default() }, order)
    }

    fn change(&mut self, event: OrderEvent, order: OrderDetails) -> Reaction {
        let event = OrderEvent { order_id: order.id.clone(), addressed: true, ..event };
        let order = self.at_hand(&order);
        self.offer_to(Moment::Order { event: &event, order: &order })
    }

    pub fn payment_reminder(&mut self, order: OrderDetails, attempt: u32, last: bool) -> Reaction {
        let order = self.at_hand(&order);
        self.offer_to(Moment::PaymentReminder { order: &order, attempt, last })
    }

    pub fn shipping_notice(&mut self, order: OrderDetails) -> Reaction {
        let order = self.at_hand(&order);
        self.offer_to(Moment::ShippingNotice { order: &order })
    }

    pub fn review_request(&mut self, order: OrderDetails) -> Reaction {
        let order = self.at_hand(&order);
        self.offer_to(Moment::ReviewRequest { order: &order })
    }

    /// A timer of the plugin's is due now.
    pub fn timer(&mut self, key: &str, payload: Value) -> Reaction {
        let timer = TimerFired { key: key.to_owned(), due_ms: self.now_ms, owner: self.name.clone(), payload };
        self.offer_to(Moment::Timer { timer: &timer })
    }

    pub fn shift_begins(&mut self) -> Reaction {
        self.offer_to(Moment::ShiftBegins)
    }

    pub fn daily(&mut self) -> Reaction {
        self.offer_to(Moment::Daily)
    }

    /// The order that a moment is about, which is one of the customer's too.
    fn at_hand(&mut self, order: &OrderDetails) -> Order {
        let order = words::order(order);
        self.world.at_hand = Some(order.clone());
        order
    }

    fn offer_to(&mut self, moment: Moment<'_>) -> Reaction {
        if self.running.is_none() {
            self.running = Some(self.start());
        }
        let (_, host) = self.running.as_ref().expect("it was started");
        self.world.begin(self.now_ms);
        let wall = jiff::tz::Offset::from_seconds(self.offset).unwrap().to_time_zone();
        let (sign, minutes) = (if self.offset < 0 { '-' } else { '+' }, self.offset.abs() / 60);
        let local_time = |ms: i64| {
            let time = wall.to_datetime(jiff::Timestamp::from_millisecond(ms).unwrap());
            format!("{}{sign}{:02}:{:02}", time.strftime("%Y-%m-%dT%H:%M:%S"), minutes / 60, minutes % 60)
        };
        let address = Address::new("bench", &self.customer.id);
        let conversation = Conversation {
            sender_name: self.customer.name.clone(),
            tags: self.customer.tags.clone(),
            first_seen_ms: self.customer.first_seen_ms,
            received: self.customer.messages,
            assigned: self.assigned.clone(),
            ..Conversation::default()
        };
        let is_a_customers = moment.hook().is_a_customers();
        let opens = self.back.as_deref().filter(|_| !self.open);
        let answer = offer_until_answered(
            host,
            &HookCall {
                moment,
                now_ms: self.now_ms,
                open: self.open,
                store: StoreFacts {
                    name: "Tea House",
                    clerk: "Xiaoer",
                    language: Language::of(&self.language),
                    url: Some("https://shop.example"),
                    time_zone: "Asia/Shanghai",
                    opens: opens.map(|text| NextOpening { at_ms: self.now_ms + 3_600_000, text }),
                    offers: &self.offers,
                    menu: &self.menu,
                    local_time: &local_time,
                },
                customer: is_a_customers.then_some(CustomerFacts { address: &address, conversation: &conversation }),
                written: &[],
                lookups: &self.world,
                recorded: &[] as &[Recorded],
                event: None,
            },
            |question| {
                let nobody = || Reply::Failed(format!("nobody answers at {}", question.url));
                self.outside.get(&question.url).cloned().unwrap_or_else(nobody)
            },
        );
        self.world.at_hand = None;
        self.world.write(&answer.kv);
        Reaction { result: result(answer), log: Vec::new() }
    }

    /// A host that the plugin alone is in, active.
    fn start(&self) -> (TempDir, PluginHost) {
        let dir = tempfile::tempdir().unwrap();
        let (file, bytes) = &self.file;
        fs::create_dir(dir.path().join("plugins")).unwrap();
        fs::write(dir.path().join("plugins").join(file), bytes).unwrap();
        let entries = json!({ &self.name: { "grants": self.grants, "settings": self.settings } });
        let host = host_in(dir.path(), serde_json::from_value(entries).unwrap());
        let loaded = host.load_dir();
        let [status] = loaded.as_slice() else { panic!("{loaded:?}") };
        assert_eq!((status.state, &status.reason), (PluginState::Active, &None), "{file}");
        (dir, host)
    }
}

fn result(answer: HookAnswer) -> Result<Outcome, Failure> {
    let actions = |actions: Vec<_>| actions.into_iter().map(words::action).collect();
    match answer.trace.last().map(|step| &step.what) {
        Some(Finding::Skipped { why }) => Err(Failure::Said(why.to_string())),
        _ => Ok(match answer.actions {
            Some(handled) => Outcome::Handled(actions(handled)),
            None if answer.also.is_empty() => Outcome::Pass,
            None => Outcome::Also(actions(answer.also)),
        }),
    }
}
