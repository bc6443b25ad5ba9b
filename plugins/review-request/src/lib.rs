//! Asks for a review after delivery, and answers the reviews that come: thanks for a good one; for a bad one an
//! apology, and a ticket so that somebody calls.
//!
//! Nobody is asked who has a refund open, who has posted one already, or who was asked a short while ago. When
//! delivery is long enough ago is the store's `orders.toml`.

use nightclerk_sdk::prelude::*;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Deserialize)]
struct Reviews {
    ask_zh: String,
    ask_en: String,
    trouble_zh: String,
    trouble_en: String,
    bonus_zh: String,
    bonus_en: String,
    link: String,
    pause_days: i64,
    good_from: u8,
    thanks_zh: String,
    thanks_en: String,
    sorry_zh: String,
    sorry_en: String,
    ticket_kind: String,
}

nightclerk_sdk::plugin!(Reviews);

/// What the texts know.
#[derive(Serialize)]
struct Words<'a> {
    store: &'a str,
    clerk: &'a str,
    name: Option<&'a str>,
    order_id: &'a str,
    items: String,
    rating: Option<u8>,
    text: Option<&'a str>,
}

impl<'a> Words<'a> {
    fn of(ctx: &'a Context, order: &'a Order) -> Self {
        Self {
            store: &ctx.store_name,
            clerk: &ctx.clerk_name,
            name: order.customer_name.as_deref().or(ctx.customer.name.as_deref()),
            order_id: &order.id,
            items: order.items_text(ctx.pick("、", ", ")),
            rating: None,
            text: None,
        }
    }
}

impl Plugin for Reviews {
    fn review_request(&self, ctx: &Context, order: &Order) -> Answer {
        if let Some(why) = self.reason_to_wait(ctx, order) {
            return Ok(Outcome::silence(why));
        }
        let words = Words::of(ctx, order);
        let sentences = [
            ctx.pick(&self.ask_zh, &self.ask_en),
            ctx.pick(&self.trouble_zh, &self.trouble_en),
            ctx.pick(&self.bonus_zh, &self.bonus_en),
        ];
        let sentences: Vec<_> = sentences.into_iter().filter(|sentence| !sentence.is_empty()).collect();
        let text = ctx.render(&sentences.join("\n"), &words)?;
        let content = match self.link.as_str() {
            "" => Content::text(text),
            link => Content::link(text, ctx.render(link, &words)?),
        };
        if let Err(error) = ctx.kv_set(&asked_key(order), &ctx.now_ms) {
            ctx.log(Level::Debug, &format!("that a review was asked for is not remembered: {error}"));
        }
        Ok(Outcome::reply(content))
    }

    /// Every change to an order comes here; only a review is answered.
    fn order(&self, ctx: &Context, event: &OrderEvent) -> Answer {
        let (OrderChange::ReviewPosted, Some(rating)) = (event.change, event.rating) else {
            return Ok(Outcome::pass());
        };
        let good = rating >= self.good_from;
        let text = match good {
            true => ctx.pick(&self.thanks_zh, &self.thanks_en),
            false => ctx.pick(&self.sorry_zh, &self.sorry_en),
        };
        let words = Words { rating: Some(rating), text: event.text.as_deref(), ..Words::of(ctx, &event.order) };
        let mut outcome = Outcome::pass();
        if !text.is_empty() {
            outcome = outcome.and(Action::reply(ctx.render(text, &words)?));
        }
        if !good && !self.ticket_kind.is_empty() {
            let said = event.text.as_deref().unwrap_or("(no words)");
            let note = format!("order {}: {rating} of 5: {said}", event.order.id);
            outcome = outcome.and(Action::open_ticket(&self.ticket_kind, note));
        }
        Ok(outcome)
    }
}

impl Reviews {
    /// Why this is not the time to ask. Without the grants `orders` and `kv` only the order itself is looked at.
    fn reason_to_wait(&self, ctx: &Context, order: &Order) -> Option<&'static str> {
        if order.reviewed {
            return Some("the order has its review");
        }
        let mut orders = ctx.customer_orders().unwrap_or_default();
        orders.push(order.clone());
        if orders.iter().any(|order| order.status == OrderStatus::RefundRequested) {
            return Some("the customer waits for a refund");
        }
        if order.status == OrderStatus::Refunded {
            return Some("the order was refunded");
        }
        let asked_ms = |order: &Order| ctx.kv_get::<i64>(&asked_key(order)).ok().flatten();
        let since = ctx.now_ms - self.pause_days * DAY_MS;
        let lately = orders.iter().filter_map(asked_ms).any(|asked| asked > since);
        lately.then_some("the customer was asked for a review a short while ago")
    }
}

fn asked_key(order: &Order) -> String {
    format!("asked/{}/{}", order.shop, order.id)
}

#[cfg(test)]
mod tests;
