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

nightclerk_sdk::plugin!(Reviews: OnReviewRequest, OnOrder);

/// What it has words in.
const LANGUAGES: [&str; 2] = ["zh-Hans", "en"];

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
    fn of(ctx: &'a Context, order: &'a Order, details: &OrderDetails) -> Self {
        Self {
            store: &ctx.store_name,
            clerk: &ctx.clerk_name,
            name: order.customer_name.as_deref().or(ctx.customer.name.as_deref()),
            order_id: &order.id,
            items: details.items_text(ctx.pick("、", ", ")),
            rating: None,
            text: None,
        }
    }
}

impl OnReviewRequest for Reviews {
    fn on_review_request(&self, ctx: &Context, order: &Order) -> Answer {
        let details = ctx.order_details(&order.shop, &order.id)?.unwrap_or_default();
        if let Some(why) = self.reason_to_wait(ctx, order, &details) {
            return Ok(Outcome::silence(why));
        }
        // Remembered for as long as it matters, so that the space never fills.
        let until = ctx.now_ms + self.pause_days * DAY_MS;
        if let Err(error) = ctx.kv_set_until(&asked_key(ctx), &ctx.now_ms, until) {
            ctx.log(Level::Debug, &format!("that a review was asked for is not remembered: {error}"));
        }
        if !ctx.reads(&LANGUAGES) {
            return Ok(Outcome::pass());
        }
        let words = Words::of(ctx, order, &details);
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
        Ok(Outcome::reply(content))
    }
}

impl OnOrder for Reviews {
    /// Every change to an order comes here; only a review is answered.
    fn on_order(&self, ctx: &Context, event: &OrderEvent) -> Answer {
        let (OrderChange::ReviewPosted, Some(rating)) = (event.change(), event.rating) else {
            return Ok(Outcome::pass());
        };
        if !ctx.reads(&LANGUAGES) {
            return Ok(Outcome::pass());
        }
        let good = rating >= self.good_from;
        let text = match good {
            true => ctx.pick(&self.thanks_zh, &self.thanks_en),
            false => ctx.pick(&self.sorry_zh, &self.sorry_en),
        };
        let details = ctx.order_details(&event.order.shop, &event.order.id)?.unwrap_or_default();
        let words =
            Words { rating: Some(rating), text: event.text.as_deref(), ..Words::of(ctx, &event.order, &details) };
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
    fn reason_to_wait(&self, ctx: &Context, order: &Order, details: &OrderDetails) -> Option<&'static str> {
        if details.reviewed {
            return Some("the order has its review");
        }
        let others = ctx.customer_orders().unwrap_or_default();
        if others.iter().chain([order]).any(|order| order.status() == OrderStatus::RefundRequested) {
            return Some("the customer waits for a refund");
        }
        if order.status() == OrderStatus::Refunded {
            return Some("the order was refunded");
        }
        let asked: Option<i64> = ctx.kv_get(&asked_key(ctx)).ok().flatten();
        let since = ctx.now_ms - self.pause_days * DAY_MS;
        asked.filter(|asked| *asked > since).map(|_| "the customer was asked for a review a short while ago")
    }
}

/// When this customer was asked last.
fn asked_key(ctx: &Context) -> String {
    format!("asked/{}", ctx.customer.id)
}

#[cfg(test)]
mod tests;
