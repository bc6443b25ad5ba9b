//! A decision made ready to be written, by the thread that hands it in: the writer only moves bytes.

use super::rows::EventBody;
use crate::{
    model::{Action, Address, EventKind, KvWrite},
    store::{Decided, MessageState, NewMessage, Queued},
};

/// Everything of a `Decided` that goes to disk.
pub struct Prepared {
    pub channel: String,
    pub dedupe: String,
    pub address: Address,
    pub received_ms: i64,
    pub epoch: u64,
    pub event: String,
    pub decision: String,
    pub conversation: String,
    pub order: Option<PreparedOrder>,
    pub kv: Vec<KvWrite>,
    pub fired: Option<Fired>,
    pub timers: Vec<TimerChange>,
    pub messages: Vec<PreparedMessage>,
}

pub struct PreparedOrder {
    pub shop: String,
    pub number: String,
    pub address: Address,
    pub state: String,
}

/// The timer whose firing is the event.
pub struct Fired {
    pub owner: String,
    pub key: String,
    pub due_ms: i64,
}

pub enum TimerChange {
    Set { owner: String, key: String, due_ms: i64, priority: i64, payload: String },
    Cancel { owner: String, key: String },
}

pub struct PreparedMessage {
    pub message: NewMessage,
    pub content: String,
    /// `None` for the default, which most messages have.
    pub context: Option<String>,
}

impl Prepared {
    /// # Errors
    /// A value that JSON has no form for.
    pub fn new(decided: Decided) -> serde_json::Result<Self> {
        let Decided { event, decision, messages, received_ms, epoch } = decided;
        let body = EventBody { address: &event.address, at_ms: event.at_ms, kind: &event.kind };
        let order = match &decision.order {
            Some(order) => Some(PreparedOrder {
                shop: order.shop.clone(),
                number: order.id.clone(),
                address: order.address.clone(),
                state: serde_json::to_string(order)?,
            }),
            None => None,
        };
        Ok(Self {
            received_ms,
            epoch,
            event: serde_json::to_string(&body)?,
            decision: serde_json::to_string(&decision)?,
            conversation: serde_json::to_string(&decision.conversation)?,
            order,
            kv: decision.kv,
            fired: match event.kind {
                EventKind::Timer(fired) => Some(Fired { owner: fired.owner, key: fired.key, due_ms: fired.due_ms }),
                _ => None,
            },
            timers: decision
                .actions
                .into_iter()
                .filter_map(|action| timer_change(action).transpose())
                .collect::<Result<_, _>>()?,
            messages: messages.into_iter().map(PreparedMessage::new).collect::<Result<_, _>>()?,
            channel: event.channel,
            dedupe: event.dedupe,
            address: event.address,
        })
    }

    /// The messages as queued, from the id `first` on.
    pub fn into_queued(self, first: i64) -> Vec<Queued> {
        let created_ms = self.received_ms;
        (first..)
            .zip(self.messages)
            .map(|(id, prepared)| Queued {
                id,
                message: prepared.message,
                attempts: 0,
                state: MessageState::Pending,
                last_error: None,
                created_ms,
            })
            .collect()
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

fn timer_change(action: Action) -> serde_json::Result<Option<TimerChange>> {
    Ok(match action {
        Action::SetTimer { key, due_ms, priority, payload, owner } => {
            Some(TimerChange::Set { owner, key, due_ms, priority, payload: serde_json::to_string(&payload)? })
        }
        Action::CancelTimer { key, owner } => Some(TimerChange::Cancel { owner, key }),
        _ => None,
    })
}
