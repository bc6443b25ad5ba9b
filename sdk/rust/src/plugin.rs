use serde::de::DeserializeOwned;

use crate::{Context, Error, Message, Moment, Order, OrderEvent, Outcome, PaymentReminder, Timer, host};

/// What a plugin makes of a moment; an error makes the daemon skip it for this event.
pub type Answer = Result<Outcome, Error>;

/// A plugin: a type that is read from its settings and answers the moments that its manifest hooks.
///
/// Every moment passes unless the plugin says otherwise. Passing leaves it to the next plugin and then to the
/// daemon's own answer.
#[allow(unused_variables)]
pub trait Plugin: DeserializeOwned {
    /// A customer's first message; none where they opened the conversation without writing. Hook `welcome`.
    fn welcome(&self, ctx: &Context, message: Option<&Message>) -> Answer {
        Ok(Outcome::Pass)
    }

    /// Any message, before the store's rules. Hook `message`.
    fn message(&self, ctx: &Context, message: &Message) -> Answer {
        Ok(Outcome::Pass)
    }

    /// Any change to an order, before its built-in notices. Hook `order`.
    fn order(&self, ctx: &Context, event: &OrderEvent) -> Answer {
        Ok(Outcome::Pass)
    }

    /// A payment reminder is due, allowed at this hour, and the order is still unpaid. Hook `payment-reminder`.
    fn payment_reminder(&self, ctx: &Context, reminder: &PaymentReminder) -> Answer {
        Ok(Outcome::Pass)
    }

    /// An order was shipped. Hook `shipping-notice`.
    fn shipping_notice(&self, ctx: &Context, order: &Order) -> Answer {
        Ok(Outcome::Pass)
    }

    /// A review may be asked for now. Hook `review-request`.
    fn review_request(&self, ctx: &Context, order: &Order) -> Answer {
        Ok(Outcome::Pass)
    }

    /// A timer that this plugin set is due. Hook `timer`.
    fn timer(&self, ctx: &Context, timer: &Timer) -> Answer {
        Ok(Outcome::Pass)
    }
}

/// One call, from the contract's words to the plugin's and back.
///
/// # Errors
/// The plugin's own, or that its type cannot be read from the settings.
pub fn handle<P: Plugin>(moment: Moment, context: Context) -> Result<Outcome, String> {
    #[cfg(target_arch = "wasm32")]
    std::panic::set_hook(Box::new(|panic| host::log(host::Level::Error, &panic.to_string())));

    let plugin: P = serde_json::from_str(&host::settings()).map_err(|error| format!("settings: {error}"))?;
    match &moment {
        Moment::Welcome(message) => plugin.welcome(&context, message.as_ref()),
        Moment::Message(message) => plugin.message(&context, message),
        Moment::Order(event) => plugin.order(&context, event),
        Moment::PaymentReminder(reminder) => plugin.payment_reminder(&context, reminder),
        Moment::ShippingNotice(order) => plugin.shipping_notice(&context, order),
        Moment::ReviewRequest(order) => plugin.review_request(&context, order),
        Moment::Timer(timer) => plugin.timer(&context, timer),
    }
    .map_err(|error| error.to_string())
}
