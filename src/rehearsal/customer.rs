//! Somebody who plays a customer.

use crate::{
    in_force::InForce,
    language::Tag,
    model::{
        Address, Amount, Conversation, Event, EventKind, Media, Message, OrderEvent, RefundReport, ReplyContext,
        Shipment, Staff, StaffDeed,
    },
    rehearsal::scenario::OrderReport,
};

/// The part of a customer: what the platform tells of them with everything that they do.
#[derive(Clone, Debug, Default)]
pub struct Customer {
    pub address: Address,
    pub name: Option<String>,
    /// What the platform says they read.
    pub language: Option<Tag>,
}

impl Customer {
    /// On the channel of this id, or the first there is; the chat is called as they are.
    pub fn new(in_force: &InForce, channel: Option<&str>, chat: &str) -> Self {
        let first = || {
            let web_chat = in_force.channels.keys().find(|id| in_force.is_web_chat(id));
            web_chat.or_else(|| in_force.channels.keys().min()).map_or("webchat", String::as_str)
        };
        let channel = channel.unwrap_or_else(first);
        Self { address: Address::new(channel, chat), ..Self::default() }
    }

    fn reply(&self) -> ReplyContext {
        ReplyContext { languages: self.language.iter().cloned().collect(), ..ReplyContext::default() }
    }

    /// Writes, sends something of a kind, or both.
    pub fn says(&self, text: Option<&str>, media: Option<&str>) -> EventKind {
        let media = media.map(|kind| Media::new(kind, "rehearsal"));
        EventKind::Message(Message {
            id: "rehearsal".to_owned(),
            sender: self.address.chat.clone(),
            sender_name: self.name.clone(),
            text: text.map(str::to_owned),
            media: media.into_iter().collect(),
            reply: self.reply(),
            ..Message::default()
        })
    }

    /// Opens the conversation without writing.
    pub fn opens(&self) -> EventKind {
        EventKind::Opened {
            sender: self.address.chat.clone(),
            sender_name: self.name.clone(),
            payload: None,
            reply: self.reply(),
        }
    }

    /// Something becomes of an order of theirs.
    pub fn order(&self, report: &OrderReport) -> EventKind {
        let amount = |text: &str| Amount { text: text.to_owned(), currency: report.currency.clone() };
        let parcel = Shipment {
            carrier: report.carrier.clone(),
            tracking_number: report.tracking_number.clone(),
            tracking_url: report.tracking_url.clone(),
            expected: None,
        };
        let refund = report
            .refund
            .as_ref()
            .map(|refund| RefundReport { amount: Some(amount(refund.get_ref())), ..RefundReport::default() });
        EventKind::Order(OrderEvent {
            change: report.is.0,
            order_id: report.id.clone(),
            addressed: true,
            customer_name: report.name.clone().or_else(|| self.name.clone()),
            phone_tail: report.phone_tail.clone(),
            total: report.total.as_ref().map(|total| amount(total.get_ref())),
            items: report.items.clone(),
            payment_url: report.payment_url.clone(),
            on_delivery: report.on_delivery,
            shipments: Some(parcel).filter(|it| *it != Shipment::default()).into_iter().collect(),
            refund,
            rating: report.rating,
            text: report.text.clone(),
            ..OrderEvent::default()
        })
    }

    /// What happens in their conversation, as an event that came in at this time. `number` tells it from all others.
    pub fn event(&self, in_force: &InForce, kind: EventKind, shop: Option<&str>, number: u64, at_ms: i64) -> Event {
        let channel = match &kind {
            EventKind::Order(_) => shop.map_or_else(|| in_force.first_shop().to_owned(), str::to_owned),
            EventKind::Staff(_) => "clerk".to_owned(),
            _ => self.address.channel.clone(),
        };
        Event { channel, dedupe: format!("rehearsal:{number}"), address: self.address.clone(), at_ms, kind }
    }

    /// A person of the store takes the conversation, or gives it back.
    pub fn staff(takes: bool) -> EventKind {
        EventKind::Staff(Staff::new(None, if takes { StaffDeed::Take } else { StaffDeed::Return }))
    }

    /// The conversation before anything happens in it.
    pub fn conversation(&self, tags: &[String], welcomed_ms: Option<i64>) -> Conversation {
        Conversation {
            first_seen_ms: welcomed_ms,
            last_received_ms: welcomed_ms,
            received: u64::from(welcomed_ms.is_some()),
            sender: self.address.chat.clone(),
            sender_name: self.name.clone(),
            language: self.language.as_ref().map(|tag| tag.as_str().to_owned()),
            tags: tags.to_vec(),
            ..Conversation::default()
        }
    }
}
