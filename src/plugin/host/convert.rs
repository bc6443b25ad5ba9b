//! The domain's words in the contract's.

use uuid::Uuid;

use crate::{
    model::{Address, HookCall, Message, Moment, Order, OrderChange, OrderStatus, Product},
    plugin::contract::world::types as wit,
};

pub fn moment(moment: &Moment<'_>) -> wit::Moment {
    match moment {
        Moment::Welcome { message: it } => wit::Moment::Welcome(it.map(message)),
        Moment::Message { message: it } => wit::Moment::Message(message(it)),
        Moment::Order { event, order: it } => wit::Moment::Order(wit::OrderEvent {
            change: change(event.change),
            order: order(it),
            rating: event.rating,
            text: event.text.clone(),
        }),
        Moment::PaymentReminder { order: it, attempt, last } => {
            wit::Moment::PaymentReminder(wit::PaymentReminder { order: order(it), attempt: *attempt, last: *last })
        }
        Moment::ShippingNotice { order: it } => wit::Moment::ShippingNotice(order(it)),
        Moment::ReviewRequest { order: it } => wit::Moment::ReviewRequest(order(it)),
        Moment::Timer { timer } => wit::Moment::Timer(wit::Timer {
            key: timer.key.clone(),
            due_ms: timer.due_ms,
            payload: timer.payload.to_string(),
        }),
    }
}

pub fn context(call: &HookCall<'_>) -> wit::Context {
    wit::Context {
        now_ms: call.now_ms,
        local_time: call.local_time.to_owned(),
        open: call.open,
        store_name: call.store_name.to_owned(),
        clerk_name: call.clerk_name.to_owned(),
        language: call.language.to_owned(),
        channel: call.event.address.channel.clone(),
        customer: wit::Customer {
            id: customer_id(&call.event.address),
            name: call.conversation.sender_name.clone(),
            tags: call.conversation.tags.clone(),
            first_seen_ms: call.conversation.first_seen_ms,
            messages: call.conversation.received,
        },
    }
}

/// Namespace of customer ids (UUID v5).
const CUSTOMERS: Uuid = Uuid::from_u128(0x6e69_6768_7463_6c65_726b_2f63_7573_2f31);

/// A name for the customer that keeps the platform's id from plugins.
pub fn customer_id(address: &Address) -> String {
    Uuid::new_v5(&CUSTOMERS, format!("{}\0{}", address.channel, address.chat).as_bytes()).to_string()
}

fn message(message: &Message) -> wit::Message {
    wit::Message {
        id: message.id.clone(),
        text: message.text.clone(),
        media: message
            .media
            .iter()
            .map(|media| wit::Media { kind: media.kind.clone(), reference: media.reference.clone() })
            .collect(),
    }
}

pub fn order(order: &Order) -> wit::Order {
    wit::Order {
        shop: order.shop.clone(),
        id: order.id.clone(),
        status: status(order.status),
        customer_name: order.customer_name.clone(),
        total: order.total.as_ref().map(|it| wit::Money { minor: it.minor, currency: it.currency.clone() }),
        total_text: order.total.as_ref().map(ToString::to_string),
        items: order
            .items
            .iter()
            .map(|it| wit::OrderItem { sku: it.sku.clone(), title: it.title.clone(), quantity: it.quantity })
            .collect(),
        payment_url: order.payment_url.clone(),
        shipment: order.shipment.as_ref().map(|it| wit::Shipment {
            carrier: it.carrier.clone(),
            tracking_number: it.tracking_number.clone(),
            tracking_url: it.tracking_url.clone(),
            expected: it.expected.clone(),
        }),
        placed_ms: order.placed_ms,
        paid_ms: order.paid_ms,
        delivered_ms: order.delivered_ms,
        reminders: order.reminders,
        reviewed: order.reviewed,
        remarks: order.remarks.clone(),
    }
}

pub fn product(product: Product) -> wit::Product {
    wit::Product {
        sku: product.sku,
        name: product.name,
        price: product.price,
        url: product.url,
        pitch: product.pitch,
        stock: product.stock,
        hot: product.hot,
    }
}

fn status(status: OrderStatus) -> wit::OrderStatus {
    match status {
        OrderStatus::Placed => wit::OrderStatus::Placed,
        OrderStatus::Paid => wit::OrderStatus::Paid,
        OrderStatus::Shipped => wit::OrderStatus::Shipped,
        OrderStatus::Delivered => wit::OrderStatus::Delivered,
        OrderStatus::Cancelled => wit::OrderStatus::Cancelled,
        OrderStatus::RefundRequested => wit::OrderStatus::RefundRequested,
        OrderStatus::Refunded => wit::OrderStatus::Refunded,
    }
}

fn change(change: OrderChange) -> wit::OrderChange {
    match change {
        OrderChange::Placed => wit::OrderChange::Placed,
        OrderChange::Paid => wit::OrderChange::Paid,
        OrderChange::Shipped => wit::OrderChange::Shipped,
        OrderChange::Delivered => wit::OrderChange::Delivered,
        OrderChange::Cancelled => wit::OrderChange::Cancelled,
        OrderChange::RefundRequested => wit::OrderChange::RefundRequested,
        OrderChange::RefundSettled => wit::OrderChange::RefundSettled,
        OrderChange::ReviewPosted => wit::OrderChange::ReviewPosted,
    }
}
