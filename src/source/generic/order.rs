//! What becomes of an order, as the body tells it.
//!
//! That an order was paid counts whatever else is wrong with the report: only its `id` is needed.

use jiff::tz::TimeZone;
use serde_json::Value;

use super::field::{Fields, Unread, flag, moment, number, text};
use crate::{
    model::{
        Amount, CustomerSigns, OrderChange, OrderEvent, OrderItem, PhoneNumber, RefundReport, Scores, Shipment,
        email_key, presentable_name,
    },
    webhook::standard::Envelope,
};

/// Parcels and items that are read of one report.
const MOST_PARCELS: usize = 50;
const MOST_ITEMS: usize = 500;
/// How shops say that the courier takes the money, without blanks and dashes.
const ON_DELIVERY: [&str; 8] = [
    "cod",
    "cashondelivery",
    "payondelivery",
    "paymentondelivery",
    "collectondelivery",
    "cashoncollection",
    "货到付款",
    "貨到付款",
];

/// What a body says of an order, before it is put into an `Event`.
pub struct Report {
    /// The channel on which the customer is spoken to, where it is not the one of the shop's own name.
    pub channel: Option<String>,
    /// The customer's chat there; empty where the shop leaves it out, because the order is known.
    pub chat: String,
    /// When it happened, by the shop's clock.
    pub at_ms: Option<i64>,
    pub event: OrderEvent,
}

/// Reads a verified body. `None`: a type that is not of an order.
///
/// # Errors
/// What is wrong with it, for the developer at the other end.
pub fn read(envelope: &Envelope<'_>, local: &TimeZone) -> Result<Option<Report>, String> {
    let Some((change, partial)) = change_of(&envelope.kind) else { return Ok(None) };
    let data = envelope.data::<Value>()?;
    let mut report = report(change, &Fields::of(Some(&data)), local)?;
    report.at_ms = report.at_ms.or_else(|| moment(envelope.timestamp.as_ref()?, local));
    if partial {
        report.event.refund.get_or_insert_default().partial = true;
    }
    Ok(Some(report))
}

/// The change, and whether it is of a part of the order only.
fn change_of(kind: &str) -> Option<(OrderChange, bool)> {
    let change = match kind {
        "order.placed" | "order.created" => OrderChange::Placed,
        "order.paid" => OrderChange::Paid,
        "order.shipped" => OrderChange::Shipped,
        "order.delivered" => OrderChange::Delivered,
        "order.cancelled" | "order.canceled" => OrderChange::Cancelled,
        "order.refund_requested" => OrderChange::RefundRequested,
        "order.refund_withdrawn" | "order.refund_cancelled" | "order.refund_canceled" => OrderChange::RefundWithdrawn,
        "order.refund_refused" | "order.refund_rejected" | "order.refund_declined" => OrderChange::RefundRefused,
        "order.refund_settled" | "order.refunded" => OrderChange::RefundSettled,
        "order.partially_refunded" => return Some((OrderChange::RefundSettled, true)),
        "order.review_posted" => OrderChange::ReviewPosted,
        _ => return None,
    };
    Some((change, false))
}

/// When it happened, each for its own change; else the body's `timestamp` says.
fn times_of(change: OrderChange) -> &'static [&'static str] {
    match change {
        OrderChange::Placed => &["placed_at", "created_at"],
        OrderChange::Paid => &["paid_at"],
        OrderChange::Shipped => &["shipped_at"],
        OrderChange::Delivered => &["delivered_at"],
        OrderChange::Cancelled => &["cancelled_at", "canceled_at"],
        OrderChange::RefundRequested => &["refund_requested_at"],
        OrderChange::RefundWithdrawn => &["refund_withdrawn_at"],
        OrderChange::RefundRefused => &["refund_refused_at"],
        OrderChange::RefundSettled => &["refunded_at", "refund_settled_at"],
        OrderChange::ReviewPosted => &["reviewed_at"],
    }
}

fn report(change: OrderChange, data: &Fields<'_>, local: &TimeZone) -> Result<Report, String> {
    let mut unread = Unread::default();
    let order_id = data.get(&["id"]).and_then(text).ok_or("data: an order has an `id`")?;
    let customer = Fields::of(data.get(&["customer"]));
    let customer_id = match data.get(&["customer"]) {
        Some(given) if !given.is_object() => unread.or_note("customer", Some(given), text),
        _ => unread.or_note("customer.id", customer.get(&["id"]), text),
    };
    let chat = data.text("chat_id", &mut unread);
    let addressed = chat.is_some();
    let name = |value: &Value| presentable_name(&text(value)?).map(str::to_owned);
    let currency = unread.or_note("currency", data.get(&["currency"]), currency);
    let at_ms = times_of(change).iter().find_map(|name| {
        let value = data.get(&[name]);
        unread.or_note(name, value, |it| moment(it, local))
    });
    let phone = unread.or_note("customer.phone", customer.get(&["phone"]), text);
    let email = |value: &Value| email_key(&text(value)?);
    let who = CustomerSigns {
        account: customer_id.clone(),
        email: unread.or_note("customer.email", customer.get(&["email"]), email),
        phone: phone.as_deref().and_then(PhoneNumber::read).and_then(|it| it.as_key()),
    };
    let event = OrderEvent {
        change,
        order_id,
        addressed,
        customer_name: unread.or_note("customer.name", customer.get(&["name"]), name),
        phone_tail: phone.as_deref().and_then(phone_tail),
        phone,
        who,
        time_zone: unread.or_note("customer.time_zone", customer.get(&["time_zone", "timezone"]), time_zone),
        total: amount("total", data.get(&["total"]), currency.as_deref(), &mut unread),
        items: items(data.get(&["items"]), &mut unread),
        payment_url: data.text("payment_url", &mut unread),
        on_delivery: unread.or_note("payment_method", data.get(&["payment_method"]), on_delivery),
        shipments: shipments(data.get(&["shipment", "shipments"]), &mut unread),
        refund: refund(data, currency.as_deref(), &mut unread),
        rating: unread.or_note("rating", data.get(&["rating"]), rating),
        text: data.text("text", &mut unread),
        scores: scores(data.get(&["scores"]), &mut unread),
        unread: Vec::new(),
    };
    let channel = data.text("channel", &mut unread);
    let event = OrderEvent { unread: unread.into_names(), ..event };
    Ok(Report { channel, chat: chat.or(customer_id).unwrap_or_default(), at_ms, event })
}

/// The last four digits of a phone number, an extension aside.
fn phone_tail(number: &str) -> Option<String> {
    let line = number.split([',', ';', '/', '#', 'x', 'X', '转', '轉']).next()?;
    let digits: String = line.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= 7).then(|| digits.get(digits.len() - 4..).map(str::to_owned)).flatten()
}

/// The IANA name of a zone that is there.
fn time_zone(value: &Value) -> Option<String> {
    let zone = TimeZone::get(text(value)?.trim()).ok()?;
    zone.iana_name().map(str::to_owned)
}

fn currency(value: &Value) -> Option<String> {
    let code = value.as_str()?.trim().to_uppercase();
    match code.as_str() {
        "RMB" | "元" | "人民币" | "人民幣" => Some("CNY".to_owned()),
        "€" => Some("EUR".to_owned()),
        "£" => Some("GBP".to_owned()),
        code => (code.len() == 3 && code.bytes().all(|it| it.is_ascii_alphabetic())).then(|| code.to_owned()),
    }
}

/// An amount whose currency may be known from elsewhere; what is an amount in no currency is not read.
fn amount(name: &str, value: Option<&Value>, code: Option<&str>, unread: &mut Unread) -> Option<Amount> {
    let given = Fields::of(value);
    let (value, code) = match given.get(&["currency"]).and_then(currency) {
        Some(own) => (given.get(&["amount", "value"]), Some(own)),
        None => (given.get(&["amount", "value"]).or(value), code.map(str::to_owned)),
    };
    unread.or_note(name, value, |value| {
        let amount = Amount { text: text(value)?, currency: code.clone() };
        // Any currency will do to see whether it is an amount at all, where none is given.
        amount.money(Some("CNY")).or_else(|| amount.money(Some("KWD"))).map(|_| amount)
    })
}

fn items(value: Option<&Value>, unread: &mut Unread) -> Vec<OrderItem> {
    let Some(list) = value.and_then(Value::as_array) else {
        if value.is_some() {
            unread.note("items");
        }
        return Vec::new();
    };
    let mut items = Vec::new();
    for (index, value) in list.iter().take(MOST_ITEMS).enumerate().filter(|(_, value)| !value.is_null()) {
        let item = Fields::of(Some(value));
        let sku = item.get(&["sku"]).and_then(text);
        let title = item.get(&["title", "name"]).and_then(text).or_else(|| value.as_str().and_then(|_| text(value)));
        let Some(title) = title.or_else(|| sku.clone()) else {
            unread.note(format!("items[{index}].title"));
            continue;
        };
        let quantity = unread.or_note(&format!("items[{index}].quantity"), item.get(&["quantity"]), |it| {
            number(it).filter(|it| (0.0..1e9).contains(it))
        });
        items.push(match quantity {
            // Sold by weight or length: a thing of that size.
            Some(part) if part.fract() != 0.0 => OrderItem { sku, title: format!("{title} ({part})"), quantity: 1 },
            Some(whole) => OrderItem { sku, title, quantity: whole as u32 },
            None => OrderItem { sku, title, quantity: 1 },
        });
    }
    items
}

fn on_delivery(value: &Value) -> Option<bool> {
    let method = text(value)?.to_lowercase().replace([' ', '-', '_'], "");
    Some(ON_DELIVERY.contains(&method.as_str()))
}

/// One parcel, or a list of them.
fn shipments(value: Option<&Value>, unread: &mut Unread) -> Vec<Shipment> {
    let one = value.into_iter();
    let list: Vec<&Value> = match value {
        Some(Value::Array(list)) => list.iter().take(MOST_PARCELS).collect(),
        _ => one.collect(),
    };
    list.into_iter()
        .filter(|it| !it.is_null())
        .filter_map(|value| {
            if !value.is_object() {
                unread.note("shipment");
                return None;
            }
            let parcel = Fields::of(Some(value));
            let mut part = |name| unread.or_note(&format!("shipment.{name}"), parcel.get(&[name]), text);
            Some(Shipment {
                carrier: part("carrier"),
                tracking_number: part("tracking_number"),
                tracking_url: part("tracking_url"),
                expected: part("expected"),
            })
        })
        .collect()
}

fn refund(data: &Fields<'_>, code: Option<&str>, unread: &mut Unread) -> Option<RefundReport> {
    let value = data.get(&["refund", "refund_amount"])?;
    let given = Fields::of(Some(value));
    Some(RefundReport {
        id: unread.or_note("refund.id", given.get(&["id"]), text),
        amount: amount(
            "refund.amount",
            Some(value).filter(|it| !it.is_object()).or(given.get(&["amount"]).and(Some(value))),
            code,
            unread,
        ),
        partial: unread.or_note("refund.partial", given.get(&["partial"]), flag).unwrap_or_default(),
        by_platform: unread.or_note("refund.decided_by", given.get(&["decided_by"]), by_platform),
    })
}

/// Whoever decided about a refund.
fn by_platform(value: &Value) -> Option<bool> {
    match text(value)?.trim().to_lowercase().as_str() {
        "platform" => Some(true),
        "shop" | "store" | "seller" => Some(false),
        _ => None,
    }
}

fn scores(value: Option<&Value>, unread: &mut Unread) -> Scores {
    let given = Fields::of(value);
    let mut score = |name: &str| unread.or_note(&format!("scores.{name}"), given.get(&[name]), rating);
    Scores { described: score("described"), service: score("service"), shipping: score("shipping") }
}

fn rating(value: &Value) -> Option<u8> {
    let rating = number(value).filter(|it| (1.0..=5.0).contains(it))?;
    Some(rating.round() as u8)
}
