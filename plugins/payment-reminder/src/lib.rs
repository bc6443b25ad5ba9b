//! Reminds of an unpaid order in a tone that fits: gently at first, plainly at last. Asks whether something went
//! wrong, thanks customers who come back, and gives large orders a word, and if the store likes an offer, of
//! their own.
//!
//! When to remind, how often and at which hours is the store's `orders.toml`; an order that was paid or closed
//! meanwhile never comes here.

use nightclerk_sdk::prelude::*;

#[derive(Deserialize)]
struct Reminder {
    first_zh: String,
    first_en: String,
    again_zh: String,
    again_en: String,
    last_zh: String,
    last_en: String,
    help_zh: String,
    help_en: String,
    regular_zh: String,
    regular_en: String,
    large_from: i64,
    large_zh: String,
    large_en: String,
    incentive_zh: String,
    incentive_en: String,
    pay_zh: String,
    pay_en: String,
}

nightclerk_sdk::plugin!(Reminder: OnPaymentReminder);

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
    total: Option<&'a str>,
    attempt: u32,
}

impl OnPaymentReminder for Reminder {
    fn on_payment_reminder(&self, ctx: &Context, reminder: &PaymentReminder) -> Answer {
        let order = &reminder.order;
        if order.status() != OrderStatus::Placed {
            return Ok(Outcome::silence("the order is not waiting for its payment any more"));
        }
        if !ctx.reads(&LANGUAGES) {
            return Ok(Outcome::pass());
        }
        let details = ctx.order_details(&order.shop, &order.id)?.unwrap_or_default();
        let words = Words {
            store: &ctx.store_name,
            clerk: &ctx.clerk_name,
            name: order.customer_name.as_deref().or(ctx.customer.name.as_deref()),
            order_id: &order.id,
            items: details.items_text(ctx.pick("、", ", ")),
            total: order.total_text(),
            attempt: reminder.attempt,
        };
        let sentences: Vec<_> = self.sentences(ctx, reminder).into_iter().filter(|it| !it.is_empty()).collect();
        let text = ctx.render(&sentences.join("\n"), &words)?;
        Ok(Outcome::reply(match &order.payment_url {
            Some(url) => Content::link(format!("{text}\n{}", ctx.pick(&self.pay_zh, &self.pay_en)), url),
            None => Content::text(text),
        }))
    }
}

impl Reminder {
    fn sentences(&self, ctx: &Context, reminder: &PaymentReminder) -> [&str; 5] {
        let large = self.is_large(&reminder.order);
        let when = |applies: bool, zh, en| if applies { ctx.pick(zh, en) } else { "" };
        [
            match reminder {
                PaymentReminder { last: true, .. } => ctx.pick(&self.last_zh, &self.last_en),
                PaymentReminder { attempt: 0 | 1, .. } => ctx.pick(&self.first_zh, &self.first_en),
                _ => ctx.pick(&self.again_zh, &self.again_en),
            },
            when(is_regular(ctx, &reminder.order), &self.regular_zh, &self.regular_en),
            when(large, &self.large_zh, &self.large_en),
            when(large && (reminder.attempt > 1 || reminder.last), &self.incentive_zh, &self.incentive_en),
            when(!reminder.last, &self.help_zh, &self.help_en),
        ]
    }

    fn is_large(&self, order: &Order) -> bool {
        self.large_from > 0 && order.total.as_ref().is_some_and(|total| total.whole >= self.large_from)
    }
}

/// Whether the customer paid for another order before.
fn is_regular(ctx: &Context, order: &Order) -> bool {
    let bought = |other: &Order| {
        (&other.shop, &other.id) != (&order.shop, &order.id)
            && matches!(other.status(), OrderStatus::Paid | OrderStatus::Shipped | OrderStatus::Delivered)
    };
    ctx.customer_orders().unwrap_or_default().iter().any(bought)
}

#[cfg(test)]
mod tests;
