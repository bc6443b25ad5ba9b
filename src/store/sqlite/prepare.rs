//! A decision made ready to be written, by the thread that hands it in: the writer only moves bytes.

use std::sync::Arc;

use serde::{Serialize, Serializer, ser::SerializeSeq};

use super::{
    fresh::FreshTexts,
    row_text::RowText,
    rows::EventBody,
    undo::{ChangedRow, undo},
};
use crate::{
    model::{
        Action, Address, Basis, Contact, ContactKey, Event, EventKind, KvWrite, Order, Ticket, TraceStep, Version,
    },
    store::{Decided, Delivery, MessageState, NewMessage, Queued, Received, Retention},
};

/// An event as it goes into the log.
pub struct PreparedEvent {
    pub event: Arc<Event>,
    pub received_ms: i64,
    pub expires_ms: i64,
    pub json: String,
}

/// Everything of a `Decided` that goes to disk.
pub struct Prepared {
    pub event: PreparedEvent,
    pub received: Option<i64>,
    pub basis: Vec<Basis>,
    pub version: Version,
    pub decision: String,
    pub undo: Option<String>,
    pub conversation: Arc<RowText>,
    pub conversations_expire_ms: i64,
    pub elsewhere: Vec<(Address, RowText)>,
    pub orders: Vec<PreparedOrder>,
    pub tickets: Vec<PreparedTicket>,
    pub contacts: Vec<PreparedContact>,
    pub kv: Vec<KvWrite>,
    pub fired: Option<Fired>,
    pub timers: Vec<TimerChange>,
    pub messages: Vec<PreparedMessage>,
}

pub struct PreparedOrder {
    pub shop: String,
    pub number: String,
    pub address: Address,
    pub expires_ms: i64,
    pub state: RowText,
}

pub struct PreparedTicket {
    pub id: String,
    pub address: Address,
    pub urgency: i64,
    pub opened_ms: i64,
    pub closed_ms: Option<i64>,
    pub expires_ms: Option<i64>,
    pub state: RowText,
}

pub struct PreparedContact {
    pub id: String,
    pub expires_ms: i64,
    pub changed_ms: i64,
    pub whole: bool,
    /// What it is found by; nothing, where it was made a part of another.
    pub keys: Vec<ContactKey>,
    pub state: RowText,
}

/// The timer whose firing is the event.
pub struct Fired {
    pub owner: String,
    pub key: String,
    pub due_ms: i64,
}

/// `at`: the conversation, where it is not the event's own.
pub enum TimerChange {
    Set { at: Option<Address>, owner: String, key: String, due_ms: i64, priority: i64, payload: String },
    Cancel { at: Option<Address>, owner: String, key: String },
}

pub struct PreparedMessage {
    pub message: NewMessage,
    pub content: String,
    /// `None` for the default, which most messages have.
    pub context: Option<String>,
}

/// A day, to which the expiry of rows that change often is rounded up.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn whole_days(at_ms: i64) -> i64 {
    at_ms.saturating_add(DAY_MS - 1).div_euclid(DAY_MS).saturating_mul(DAY_MS)
}

impl PreparedEvent {
    /// # Errors
    /// A value that JSON has no form for.
    pub fn new(received: Received, retention: Retention) -> serde_json::Result<Self> {
        let Received { event, received_ms } = received;
        let body = EventBody { address: &event.address, at_ms: event.at_ms, kind: &event.kind };
        Ok(Self {
            json: serde_json::to_string(&body)?,
            received_ms,
            expires_ms: received_ms.saturating_add(retention.log_ms),
            event,
        })
    }
}

impl Prepared {
    /// # Errors
    /// A value that JSON has no form for.
    pub fn new(decided: Decided, retention: Retention, fresh: &FreshTexts) -> serde_json::Result<Self> {
        let Decided { event, decision, messages, received_ms, basis, version, received } = decided;
        let logged = LoggedDecision { actions: WithoutWords(&decision.actions), trace: &decision.trace };
        let orders_expire_ms = whole_days(received_ms.saturating_add(retention.orders_ms));
        let timers = decision.actions.iter().filter_map(|it| timer_change(it).transpose()).collect::<Result<_, _>>()?;
        let mut prepared = Self {
            decision: serde_json::to_string(&logged)?,
            undo: None,
            conversation: Arc::new(RowText::of(&decision.conversation)?),
            conversations_expire_ms: whole_days(received_ms.saturating_add(retention.conversations_ms)),
            elsewhere: decision
                .elsewhere
                .into_iter()
                .map(|(address, conversation)| Ok((address, RowText::of(&conversation)?)))
                .collect::<serde_json::Result<_>>()?,
            orders: decision
                .orders
                .into_iter()
                .map(|order| PreparedOrder::new(order, orders_expire_ms))
                .collect::<serde_json::Result<_>>()?,
            tickets: decision
                .tickets
                .into_iter()
                .map(|ticket| PreparedTicket::new(ticket, retention))
                .collect::<serde_json::Result<_>>()?,
            contacts: decision
                .contacts
                .into_iter()
                .map(|contact| PreparedContact::new(contact, received_ms, retention))
                .collect::<serde_json::Result<_>>()?,
            kv: decision.kv,
            timers,
            fired: match &event.kind {
                EventKind::Timer(fired) => {
                    Some(Fired { owner: fired.owner.clone(), key: fired.key.clone(), due_ms: fired.due_ms })
                }
                _ => None,
            },
            messages: messages.into_iter().map(PreparedMessage::new).collect::<Result<_, _>>()?,
            event: PreparedEvent::new(Received { event, received_ms }, retention)?,
            received,
            basis,
            version,
        };
        prepared.undo = undo_of(&prepared, fresh)?;
        fresh.keep(version, prepared.address(), prepared.conversation.clone());
        Ok(prepared)
    }

    /// The event's own conversation.
    pub fn address(&self) -> &Address {
        &self.event.event.address
    }

    /// The new state of a row, if the decision changes it.
    fn state_of(&self, row: &Basis) -> Option<&RowText> {
        match row {
            Basis::Conversation { address, .. } if address == self.address() => Some(&self.conversation),
            Basis::Conversation { address, .. } => {
                self.elsewhere.iter().find(|(elsewhere, _)| elsewhere == address).map(|(_, state)| state)
            }
            Basis::Order { shop, id, .. } => {
                self.orders.iter().find(|it| it.shop == *shop && it.number == *id).map(|it| &it.state)
            }
            Basis::Ticket { id, .. } => self.tickets.iter().find(|it| it.id == *id).map(|it| &it.state),
            Basis::Contact { id, .. } => self.contacts.iter().find(|it| it.id == *id).map(|it| &it.state),
            Basis::ContactKey { .. } | Basis::Key { .. } => None,
        }
    }

    /// The messages as queued, from the id `first` on.
    pub fn into_queued(self, first: i64) -> Vec<Queued> {
        let created_ms = self.event.received_ms;
        (first..)
            .zip(self.messages)
            .map(|(id, prepared)| Queued {
                id,
                message: prepared.message,
                attempts: 0,
                doubts: 0,
                state: MessageState::Pending,
                last_error: None,
                created_ms,
                delivery: Delivery::default(),
            })
            .collect()
    }
}

impl PreparedOrder {
    fn new(order: Order, expires_ms: i64) -> serde_json::Result<Self> {
        let state = RowText::of(&order)?;
        Ok(Self { shop: order.shop, number: order.id, address: order.address, expires_ms, state })
    }
}

impl PreparedTicket {
    fn new(ticket: Ticket, retention: Retention) -> serde_json::Result<Self> {
        let state = RowText::of(&ticket)?;
        let expires_ms = ticket.closed_ms.map(|at_ms| at_ms.saturating_add(retention.tickets_ms));
        let Ticket { id, address, urgency, opened_ms, closed_ms, .. } = ticket;
        Ok(Self { id, address, urgency: urgency as i64, opened_ms, closed_ms, expires_ms, state })
    }
}

impl PreparedContact {
    fn new(contact: Contact, changed_ms: i64, retention: Retention) -> serde_json::Result<Self> {
        let state = RowText::of(&contact)?;
        let whole = contact.is_whole();
        let keys = if whole { contact.keys().collect() } else { Vec::new() };
        let expires_ms = whole_days(changed_ms.saturating_add(retention.contacts_ms));
        Ok(Self { id: contact.id, expires_ms, changed_ms, whole, keys, state })
    }
}

impl PreparedMessage {
    fn new(message: NewMessage) -> serde_json::Result<Self> {
        let content = serde_json::to_string(&message.content)?;
        let context =
            if message.context == Default::default() { None } else { Some(serde_json::to_string(&message.context)?) };
        Ok(Self { message, content, context })
    }
}

/// For each row that the decision changes and names in its basis, the patch that leads back; `None` if there is none.
fn undo_of(prepared: &Prepared, fresh: &FreshTexts) -> serde_json::Result<Option<String>> {
    let mut steps = String::new();
    for row in &prepared.basis {
        let (Some(name), Some(now)) = (name_of(row), prepared.state_of(row)) else { continue };
        if let Some(step) = undo(&name, text_before(row, fresh)?.as_deref(), now)? {
            steps.push(if steps.is_empty() { '[' } else { ',' });
            steps.push_str(&step);
        }
    }
    if steps.is_empty() {
        return Ok(None);
    }
    steps.push(']');
    Ok(Some(steps))
}

/// What the log calls a row that has a JSON form.
fn name_of(row: &Basis) -> Option<ChangedRow> {
    Some(match row {
        Basis::Conversation { address, .. } => {
            ChangedRow::Conversation { channel: address.channel.clone(), chat: address.chat.clone() }
        }
        Basis::Order { shop, id, .. } => ChangedRow::Order { shop: shop.clone(), id: id.clone() },
        Basis::Ticket { id, .. } => ChangedRow::Ticket { id: id.clone() },
        Basis::Contact { id, .. } => ChangedRow::Contact { id: id.clone() },
        Basis::ContactKey { .. } | Basis::Key { .. } => return None,
    })
}

/// A row as it was when it was read.
fn text_before(row: &Basis, fresh: &FreshTexts) -> serde_json::Result<Option<Arc<RowText>>> {
    let text = match row {
        Basis::Conversation { address, was } => match fresh.take(was.version, address) {
            Some(text) => return Ok(Some(text)),
            None => was.value.as_deref().map(RowText::of),
        },
        Basis::Order { was, .. } => was.value.as_deref().map(RowText::of),
        Basis::Ticket { was, .. } => was.value.as_deref().map(RowText::of),
        Basis::Contact { was, .. } => was.value.as_deref().map(RowText::of),
        Basis::ContactKey { .. } | Basis::Key { .. } => None,
    };
    text.transpose().map(|text| text.map(Arc::new))
}

/// A decision as the log keeps it.
#[derive(Serialize)]
struct LoggedDecision<'a> {
    actions: WithoutWords<'a>,
    trace: &'a [TraceStep],
}

/// Actions whose words stand elsewhere: what is said in the messages, what a ticket or a remark says in their rows.
struct WithoutWords<'a>(&'a [Action]);

impl Serialize for WithoutWords<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut actions = serializer.serialize_seq(Some(self.0.len()))?;
        for action in self.0 {
            actions.serialize_element(&action.without_words())?;
        }
        actions.end()
    }
}

fn timer_change(action: &Action) -> serde_json::Result<Option<TimerChange>> {
    Ok(match action {
        Action::SetTimer { at, key, due_ms, priority, payload, owner } => Some(TimerChange::Set {
            at: at.clone(),
            owner: owner.clone(),
            key: key.clone(),
            due_ms: *due_ms,
            priority: *priority,
            payload: serde_json::to_string(payload)?,
        }),
        Action::CancelTimer { at, key, owner } => {
            Some(TimerChange::Cancel { at: at.clone(), owner: owner.clone(), key: key.clone() })
        }
        _ => None,
    })
}
