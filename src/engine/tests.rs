//! What a customer and a store owner may rely on, event by event.

mod alone;
mod answers;
mod assignment;
mod claims;
mod configuration;
mod documented;
mod follow_ups;
mod hand_over;
mod languages;
mod notices;
mod people;
mod plugins;
mod privacy;
mod questions;
mod remarks;
mod rules;
mod several;
mod store_clock;
mod subjects;
mod truth;
mod understanding;

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex},
};

use super::*;
use crate::model::{
    Action, Address, Content, Finding, Hook, HookAnswer, HookCall, Message, OrderStatus, Parcel, Product, ReplyContext,
    Shipment, Ticket, TimerFired, TraceStep,
};

/// Tuesday, 24 November 2026, by the shipped store's clock (UTC+8, open 09:00 to 24:00).
const NIGHT_MS: i64 = 1_795_458_600_000; // 02:30
const DAY_MS: i64 = NIGHT_MS + 10 * 3_600_000; // 12:30

/// The facts of a test.
#[derive(Default)]
struct Facts {
    orders: Vec<Order>,
    /// Of which it is not known that they are the customer's.
    others: Vec<Order>,
    tickets: Vec<Ticket>,
    shop_listens: bool,
}

impl Lookups for Facts {
    fn order(&self, shop: &str, id: &str) -> Option<Order> {
        self.orders.iter().find(|it| it.shop == shop && it.id == id).cloned()
    }

    fn orders(&self) -> Vec<Order> {
        self.orders.clone()
    }

    fn orders_numbered(&self, number: &str) -> Vec<Order> {
        let digits = |it: &str| it.chars().filter(char::is_ascii_digit).collect::<String>();
        self.others.iter().filter(|it| digits(&it.id) == digits(number)).cloned().collect()
    }

    fn products(&self, _query: &str, _limit: usize) -> Vec<Product> {
        Vec::new()
    }

    fn kv(&self, _plugin: &str, _key: &str) -> Option<Vec<u8>> {
        None
    }

    fn kv_keys(&self, _plugin: &str, _prefix: &str, _after: &str, _limit: usize) -> Vec<String> {
        Vec::new()
    }

    fn tickets(&self) -> Vec<Ticket> {
        self.tickets.clone()
    }

    fn takes_remarks(&self, _shop: &str) -> bool {
        self.shop_listens
    }
}

/// Plugins that take the moments they are told to, and remember what they were offered.
#[derive(Default)]
struct Taking {
    answers: BTreeMap<Hook, Vec<Action>>,
    offered: Mutex<Vec<(Hook, bool)>>,
}

impl Taking {
    fn at(hook: Hook, text: &str) -> Self {
        let actions = vec![Action::Reply { content: Content::text(text) }];
        Self { answers: BTreeMap::from([(hook, actions)]), offered: Mutex::default() }
    }

    fn hooks(&self) -> Vec<Hook> {
        self.offered.lock().unwrap().iter().map(|(hook, _)| *hook).collect()
    }
}

impl Plugins for Taking {
    fn any_at(&self, _: Hook) -> bool {
        true
    }

    fn offer(&self, call: &HookCall<'_>) -> HookAnswer {
        let hook = call.moment.hook();
        self.offered.lock().unwrap().push((hook, call.open));
        match self.answers.get(&hook) {
            Some(actions) => HookAnswer {
                actions: Some(actions.clone()),
                trace: vec![TraceStep::plugin("test", Finding::Took { actions: actions.len() })],
                ..HookAnswer::default()
            },
            None => HookAnswer::default(),
        }
    }
}

/// One conversation with one store.
struct Talk {
    playbook: Arc<Playbook>,
    facts: Facts,
    plugins: Taking,
    conversation: Conversation,
    now_ms: i64,
    may_wait: bool,
    /// What the platform says the customer reads.
    languages: Vec<crate::language::Tag>,
    events: usize,
}

fn shipped() -> PlaybookSettings {
    PlaybookSettings {
        store: toml::from_str(include_str!("../../config/store.toml")).unwrap(),
        hours: toml::from_str(include_str!("../../config/hours.toml")).unwrap(),
        rules: toml::from_str(include_str!("../../config/rules.toml")).unwrap(),
        phrases: toml::from_str(include_str!("../../config/phrases.toml")).unwrap(),
        catalogue: toml::from_str(include_str!("../../config/catalogue.toml")).unwrap(),
        orders: toml::from_str(include_str!("../../config/orders.toml")).unwrap(),
        contacts: toml::from_str(include_str!("../../config/contacts.toml")).unwrap(),
        intents: Vec::new(),
    }
}

/// The shipped store, which answers each line at once.
fn prompt() -> PlaybookSettings {
    let mut settings = shipped();
    settings.rules.gather = Some("0s".parse().unwrap());
    settings
}

/// The same with people in it who can be told of things.
fn staffed() -> PlaybookSettings {
    let people = r#"
        [routing]
        person = "presales"
        complaint = "aftersales"
        [[team]]
        name = "presales"
        title = { zh = "售前客服", en = "our sales team" }
        channel = "telegram"
        chat = "-1"
        [[team]]
        name = "aftersales"
        title = { zh = "售后客服", en = "our after-sales team" }
        channel = "telegram"
        chat = "-2"
        [[team]]
        name = "warehouse"
        title = { zh = "仓库", en = "our warehouse" }
        channel = "telegram"
        chat = "-3"
    "#;
    let StoreSettings { routing, team, .. } = toml::from_str(people).unwrap();
    let mut settings = prompt();
    settings.store.routing = routing;
    settings.store.team = team;
    settings
}

fn compile(settings: PlaybookSettings) -> Playbook {
    Playbook::compile(settings).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

impl Talk {
    fn with(settings: PlaybookSettings, now_ms: i64) -> Self {
        Self::in_store(&Arc::new(compile(settings)), now_ms)
    }

    fn in_store(playbook: &Arc<Playbook>, now_ms: i64) -> Self {
        Self {
            playbook: playbook.clone(),
            facts: Facts::default(),
            plugins: Taking::default(),
            conversation: Conversation::default(),
            now_ms,
            may_wait: true,
            languages: Vec::new(),
            events: 0,
        }
    }

    fn at(now_ms: i64) -> Self {
        static STAFFED: LazyLock<Arc<Playbook>> = LazyLock::new(|| Arc::new(compile(staffed())));
        Self::in_store(&STAFFED, now_ms)
    }

    /// With somebody who was welcomed before.
    fn met(now_ms: i64) -> Self {
        let mut talk = Self::at(now_ms);
        talk.conversation.first_seen_ms = Some(now_ms - 1);
        talk.conversation.away_until_ms = Some(now_ms + 6 * 3_600_000);
        talk
    }

    /// The store's rules with one more.
    fn with_rule(rule: &str, now_ms: i64) -> Self {
        let mut settings = staffed();
        let more: RulesSettings = toml::from_str(rule).unwrap();
        settings.rules.rule.extend(more.rule);
        let mut talk = Self::with(settings, now_ms);
        talk.conversation.first_seen_ms = Some(now_ms - 1);
        talk
    }

    fn decide(&mut self, kind: EventKind, order: Option<&Order>) -> Decision {
        self.decide_as_of(self.now_ms, kind, order)
    }

    fn decide_as_of(&mut self, at_ms: i64, kind: EventKind, order: Option<&Order>) -> Decision {
        self.events += 1;
        let event = Event {
            channel: "webchat".to_owned(),
            dedupe: self.events.to_string(),
            address: Address::new("webchat", "ana"),
            at_ms,
            kind,
        };
        let view = View {
            conversation: &self.conversation,
            order,
            lookups: &self.facts,
            recorded: &[],
            may_wait: self.may_wait,
            now_ms: self.now_ms,
        };
        let decision = self.playbook.decide(&event, &view, &self.plugins);
        let again = self.playbook.decide(&event, &view, &self.plugins);
        assert_eq!(decision, again, "deciding again gives the same");
        self.conversation = decision.conversation.clone();
        for ticket in &decision.tickets {
            self.facts.tickets.retain(|it| it.id != ticket.id);
            self.facts.tickets.push(ticket.clone());
        }
        decision
    }

    fn say(&mut self, text: &str) -> Decision {
        let message = Message {
            id: "m".to_owned(),
            sender: "ana".to_owned(),
            sender_name: Some("Ana".to_owned()),
            text: Some(text.to_owned()),
            reply: ReplyContext { languages: self.languages.clone(), ..ReplyContext::default() },
            ..Message::default()
        };
        self.decide(EventKind::Message(message), None)
    }
}

fn texts(decision: &Decision) -> Vec<String> {
    decision.replies().map(Content::to_plain_text).collect()
}

fn steps(decision: &Decision) -> Vec<String> {
    decision.trace.iter().map(|step| step.by.to_string()).collect()
}

fn went_by(decision: &Decision, by: &str) -> bool {
    steps(decision).iter().any(|it| it == by)
}

fn order(id: &str, status: OrderStatus) -> Order {
    Order {
        shop: "shop".to_owned(),
        id: id.to_owned(),
        status,
        address: Address::new("webchat", "ana"),
        ..Order::default()
    }
}

#[test]
fn an_empty_search_finds_what_can_be_ordered_with_best_sellers_first() {
    let catalogue = r#"
        [[product]]
        sku = "plain"
        name = "Plain cup"
        [[product]]
        sku = "gone"
        name = "Gone cup"
        hot = true
        stock = 0
        [[product]]
        sku = "hot"
        name = "Hot cup"
        hot = true
    "#;
    let settings = PlaybookSettings { catalogue: toml::from_str(catalogue).unwrap(), ..PlaybookSettings::default() };
    let playbook = Playbook::compile(settings).unwrap_or_else(|problems| panic!("{problems:?}"));
    let skus: Vec<_> = playbook.products(" ", 5).into_iter().map(|product| product.sku).collect();
    assert_eq!(skus, ["hot", "plain"]);
    assert_eq!(playbook.products("", 1).len(), 1);
}

/// The kinds of the tickets that are open after a decision.
fn kinds(decision: &Decision) -> Vec<&str> {
    decision.conversation.tickets.iter().map(|it| it.kind.as_str()).collect()
}
