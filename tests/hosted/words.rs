//! The SDK's words in the daemon's, and back.

use nightclerk::model;
use plugin_sdk::{
    Action, Choice, Content, Handover, ImageContent, LinkContent, NewTicket, Notification, OrderChange, OrderDetails,
    OrderRemark, Product, TimerRequest,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

pub fn message(text: &str) -> model::Message {
    model::Message { id: "m1".to_owned(), text: Some(text.to_owned()), ..model::Message::default() }
}

pub fn order(it: &OrderDetails) -> model::Order {
    let item = |it: &plugin_sdk::OrderItem| model::OrderItem {
        sku: it.sku.clone(),
        title: it.title.clone(),
        quantity: it.quantity,
    };
    let parcel = |it: &plugin_sdk::Parcel| model::Parcel {
        shipment: model::Shipment {
            carrier: it.carrier.clone(),
            tracking_number: it.tracking_number.clone(),
            tracking_url: it.tracking_url.clone(),
            expected: it.expected.clone(),
        },
        ..model::Parcel::default()
    };
    model::Order {
        shop: it.shop.clone(),
        id: it.id.clone(),
        status: same_word(it.status),
        addressed: true,
        customer_name: it.customer_name.clone(),
        total: it.total.as_ref().map(|it| model::Money { minor: it.minor, currency: it.currency.clone() }),
        items: it.items.iter().map(item).collect(),
        payment_url: it.payment_url.clone(),
        parcels: it.parcels.iter().map(parcel).collect(),
        placed_ms: it.placed_ms,
        paid_ms: it.paid_ms,
        delivered_ms: it.delivered_ms,
        reminders: it.reminders,
        review_requested: it.review_requested,
        reviewed: it.reviewed,
        remarks: it.remarks.clone(),
        ..model::Order::default()
    }
}

pub fn change(it: OrderChange) -> model::OrderChange {
    same_word(it)
}

/// The SDK joins words by `-`, the daemon's model by `_`.
fn same_word<T: DeserializeOwned>(word: impl Serialize) -> T {
    let Ok(Value::String(word)) = serde_json::to_value(word) else { panic!("it is no word") };
    serde_json::from_value(Value::String(word.replace('-', "_"))).unwrap()
}

pub fn product(it: Product) -> model::Product {
    model::Product {
        sku: it.sku,
        name: it.name.as_str().into(),
        price: it.price,
        url: it.url,
        pitch: it.pitch.as_deref().map(Into::into),
        stock: it.stock,
        hot: it.hot,
        ..model::Product::default()
    }
}

pub fn action(it: model::Action) -> Action {
    use model::Action as From;
    match it {
        From::Reply { content: it } => Action::Reply(content(it)),
        From::Notify { to, content: it } => Action::Notify(Notification { to, content: content(it) }),
        From::Tag { tag } => Action::Tag(tag),
        From::Untag { tag } => Action::Untag(tag),
        From::Remark { order_id, text } => Action::Remark(OrderRemark { order_id, text }),
        From::SetTimer { key, due_ms, priority, payload, .. } => {
            Action::SetTimer(TimerRequest { key, due_ms, priority, payload: payload.to_string() })
        }
        From::CancelTimer { key, .. } => Action::CancelTimer(key),
        From::Assign { to } => Action::Assign(to),
        From::Transfer { to, note } => Action::Transfer(Handover { to, note }),
        From::OpenTicket { kind, text, urgency, .. } => {
            let urgency = (urgency == model::Urgency::Urgent).then(|| "urgent".to_owned());
            Action::OpenTicket(NewTicket { kind, text, urgency })
        }
        From::CloseTicket { id } => Action::CloseTicket(id),
        From::AskSatisfaction { content: it } => Action::AskSatisfaction(content(it)),
        From::Silence { reason } => Action::Silence(reason),
        other @ (From::Pause { .. } | From::Tell { .. }) => unreachable!("no plugin has a word for {other:?}"),
    }
}

fn content(it: model::Content) -> Content {
    match it {
        model::Content::Text { text } => Content::Text(text),
        model::Content::Link { text, url } => Content::Link(LinkContent { text, url }),
        model::Content::Image { url, caption } => Content::Image(ImageContent { url, caption }),
        model::Content::Choices { text, choices } => {
            Content::choices(text, choices.into_iter().map(|it| Choice::new(it.label, it.value)))
        }
        other => panic!("no plugin says {other:?}"),
    }
}
