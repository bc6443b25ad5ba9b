//! The contract's words as JavaScript has them: camelCase, `undefined` for what is not there.

use rquickjs::{Array, Ctx, Exception, IntoJs, Object, Result, Value};

use crate::{
    exact,
    wit::nightclerk::plugin::types::{
        Choice, Context, Customer, Media, Message, Money, Offer, Order, OrderEvent, PaymentReminder, Product, StoreContext,
        Ticket, Time, Timer,
    },
};

/// Beyond this a JavaScript number is not exact.
const MAX_EXACT: u64 = 1 << 53;

macro_rules! object {
    ($ctx:expr, $($key:literal: $value:expr),* $(,)?) => {{
        let object = Object::new($ctx.clone())?;
        $(object.set($key, $value)?;)*
        object
    }};
}

pub fn context<'js>(ctx: &Ctx<'js>, it: &Context) -> Result<Object<'js>> {
    let object = store(ctx, &it.store)?;
    object.set("channel", &it.channel)?;
    object.set("customer", customer(ctx, &it.customer)?)?;
    Ok(object)
}

pub fn store<'js>(ctx: &Ctx<'js>, it: &StoreContext) -> Result<Object<'js>> {
    Ok(object!(ctx,
        "nowMs": number(ctx, it.now_ms)?,
        "localTime": &it.local_time,
        "open": it.open,
        "opens": it.opens.as_ref().map(|it| time(ctx, it)).transpose()?,
        "storeName": &it.store_name,
        "clerkName": &it.clerk_name,
        "language": &it.language,
        "offers": list(ctx, &it.offers, offer)?,
        "menu": list(ctx, &it.menu, choice)?,
    ))
}

fn customer<'js>(ctx: &Ctx<'js>, it: &Customer) -> Result<Object<'js>> {
    Ok(object!(ctx,
        "id": &it.id,
        "name": &it.name,
        "tags": it.tags.as_slice(),
        "firstSeenMs": it.first_seen_ms.map(|ms| number(ctx, ms)).transpose()?,
        "messages": it.messages as f64,
    ))
}

pub fn first_message<'js>(ctx: &Ctx<'js>, it: Option<Message>) -> Result<Value<'js>> {
    it.map(|it| message(ctx, it)).transpose()?.into_js(ctx)
}

pub fn message<'js>(ctx: &Ctx<'js>, it: Message) -> Result<Object<'js>> {
    Ok(object!(ctx, "id": it.id, "text": it.text, "media": list(ctx, &it.media, media)?))
}

fn media<'js>(ctx: &Ctx<'js>, it: &Media) -> Result<Object<'js>> {
    Ok(object!(ctx, "kind": &it.kind, "reference": &it.reference))
}

pub fn order_event<'js>(ctx: &Ctx<'js>, it: OrderEvent) -> Result<Object<'js>> {
    Ok(object!(ctx,
        "change": it.change,
        "order": order(ctx, it.order)?,
        "rating": it.rating,
        "text": it.text,
    ))
}

pub fn payment_reminder<'js>(ctx: &Ctx<'js>, it: PaymentReminder) -> Result<Object<'js>> {
    Ok(object!(ctx, "order": order(ctx, it.order)?, "attempt": it.attempt, "last": it.last))
}

pub fn order<'js>(ctx: &Ctx<'js>, it: Order) -> Result<Object<'js>> {
    Ok(object!(ctx,
        "shop": it.shop,
        "id": it.id,
        "status": it.status,
        "customerName": it.customer_name,
        "total": it.total.map(|it| money(ctx, it)).transpose()?,
        "placed": it.placed.map(|it| time(ctx, &it)).transpose()?,
        "paymentUrl": it.payment_url,
    ))
}

pub fn product<'js>(ctx: &Ctx<'js>, it: Product) -> Result<Object<'js>> {
    Ok(object!(ctx,
        "sku": it.sku,
        "name": it.name,
        "price": it.price,
        "url": it.url,
        "pitch": it.pitch,
        "stock": it.stock,
        "hot": it.hot,
    ))
}

pub fn ticket<'js>(ctx: &Ctx<'js>, it: Ticket) -> Result<Object<'js>> {
    Ok(object!(ctx,
        "id": it.id,
        "kind": it.kind,
        "text": it.text,
        "urgency": it.urgency,
        "opened": time(ctx, &it.opened)?,
    ))
}

pub fn timer<'js>(ctx: &Ctx<'js>, it: Timer) -> Result<Object<'js>> {
    let payload = exact::read(ctx, it.payload.as_bytes())?;
    Ok(object!(ctx, "key": it.key, "dueMs": number(ctx, it.due_ms)?, "payload": payload))
}

fn money<'js>(ctx: &Ctx<'js>, it: Money) -> Result<Object<'js>> {
    Ok(object!(ctx,
        "minor": number(ctx, it.minor)?,
        "whole": number(ctx, it.whole)?,
        "currency": it.currency,
        "text": it.text,
    ))
}

fn time<'js>(ctx: &Ctx<'js>, it: &Time) -> Result<Object<'js>> {
    Ok(object!(ctx, "ms": number(ctx, it.ms)?, "text": &it.text))
}

fn offer<'js>(ctx: &Ctx<'js>, it: &Offer) -> Result<Object<'js>> {
    Ok(object!(ctx, "text": &it.text, "url": &it.url))
}

fn choice<'js>(ctx: &Ctx<'js>, it: &Choice) -> Result<Object<'js>> {
    Ok(object!(ctx, "label": &it.label, "value": &it.value))
}

/// An array of what each item is given as.
pub fn list<'js, I: IntoIterator>(
    ctx: &Ctx<'js>,
    items: I,
    give: impl Fn(&Ctx<'js>, I::Item) -> Result<Object<'js>>,
) -> Result<Array<'js>> {
    let array = Array::new(ctx.clone())?;
    for (index, item) in items.into_iter().enumerate() {
        array.set(index, give(ctx, item)?)?;
    }
    Ok(array)
}

/// A number that is exact, or an error.
fn number<'js>(ctx: &Ctx<'js>, it: i64) -> Result<Value<'js>> {
    match it.unsigned_abs() {
        0..=MAX_EXACT => Ok(Value::new_number(ctx.clone(), it as f64)),
        _ => Err(Exception::throw_range(ctx, &format!("{it} is too large for a number of JavaScript"))),
    }
}

/// JSON of the contract, whose keys are in snake_case.
pub fn details<'js>(ctx: &Ctx<'js>, json: &str) -> Result<Value<'js>> {
    let value: serde_json::Value = serde_json::from_str(json)
        .map_err(|error| Exception::throw_type(ctx, &format!("the clerk answered no JSON: {error}")))?;
    camel(ctx, &value)
}

fn camel<'js>(ctx: &Ctx<'js>, it: &serde_json::Value) -> Result<Value<'js>> {
    match it {
        serde_json::Value::Array(items) => {
            let array = Array::new(ctx.clone())?;
            for (index, item) in items.iter().enumerate() {
                array.set(index, camel(ctx, item)?)?;
            }
            Ok(array.into_value())
        }
        serde_json::Value::Object(members) => {
            let object = Object::new(ctx.clone())?;
            for (key, value) in members {
                object.set(camel_case(key), camel(ctx, value)?)?;
            }
            Ok(object.into_value())
        }
        serde_json::Value::Number(it) if it.is_i64() => number(ctx, it.as_i64().unwrap_or_default()),
        plain => ctx.json_parse(plain.to_string()),
    }
}

/// `tracking_number` as `trackingNumber`.
fn camel_case(key: &str) -> String {
    let mut words = key.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut out, word| {
        let mut letters = word.chars();
        out.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        out.push_str(letters.as_str());
        out
    })
}
