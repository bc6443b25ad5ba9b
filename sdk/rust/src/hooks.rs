//! The moments at which a plugin can be asked: one trait for each.

use serde::de::DeserializeOwned;

use crate::{Context, Error, Message, Order, OrderEvent, Outcome, PaymentReminder, StoreContext, Timer, host};

/// What a plugin makes of a moment; an error makes the daemon skip it for this event.
pub type Answer = Result<Outcome, Error>;

/// Implemented by [`crate::plugin!`] for each hook that it lists, so that a hook which is answered but not exported,
/// and would never be asked, does not compile.
#[diagnostic::on_unimplemented(
    message = "`{Self}` answers a hook that `nightclerk_sdk::plugin!` does not list",
    label = "add this trait to the list in `plugin!`"
)]
pub trait Exports<Hook> {}

/// The names of the hooks, for [`Exports`].
pub mod hook {
    pub enum Welcome {}
    pub enum Message {}
    pub enum Order {}
    pub enum PaymentReminder {}
    pub enum ShippingNotice {}
    pub enum ReviewRequest {}
    pub enum Timer {}
    pub enum ShiftBegins {}
    pub enum Daily {}
}

/// A customer's first message; none where they opened the conversation without writing.
pub trait OnWelcome: Exports<hook::Welcome> {
    /// # Errors
    /// The plugin's own: the daemon skips it for this event.
    fn on_welcome(&self, ctx: &Context, message: Option<&Message>) -> Answer;
}

/// Any message, before the store's rules.
pub trait OnMessage: Exports<hook::Message> {
    /// # Errors
    /// The plugin's own: the daemon skips it for this event.
    fn on_message(&self, ctx: &Context, message: &Message) -> Answer;
}

/// Any change to an order, a review included, before its built-in notices.
pub trait OnOrder: Exports<hook::Order> {
    /// # Errors
    /// The plugin's own: the daemon skips it for this event.
    fn on_order(&self, ctx: &Context, event: &OrderEvent) -> Answer;
}

/// A payment reminder is due, allowed at this hour, and the order is still unpaid.
pub trait OnPaymentReminder: Exports<hook::PaymentReminder> {
    /// # Errors
    /// The plugin's own: the daemon skips it for this event.
    fn on_payment_reminder(&self, ctx: &Context, reminder: &PaymentReminder) -> Answer;
}

/// An order was shipped.
pub trait OnShippingNotice: Exports<hook::ShippingNotice> {
    /// # Errors
    /// The plugin's own: the daemon skips it for this event.
    fn on_shipping_notice(&self, ctx: &Context, order: &Order) -> Answer;
}

/// A review may be asked for now.
pub trait OnReviewRequest: Exports<hook::ReviewRequest> {
    /// # Errors
    /// The plugin's own: the daemon skips it for this event.
    fn on_review_request(&self, ctx: &Context, order: &Order) -> Answer;
}

/// A timer that this plugin set is due.
pub trait OnTimer: Exports<hook::Timer> {
    /// # Errors
    /// The plugin's own: the daemon skips it for this event.
    fn on_timer(&self, ctx: &Context, timer: &Timer) -> Answer;
}

/// People begin their work. Belongs to no customer.
pub trait OnShiftBegins: Exports<hook::ShiftBegins> {
    /// # Errors
    /// The plugin's own: the daemon skips it for this event.
    fn on_shift_begins(&self, ctx: &StoreContext) -> Answer;
}

/// A day begins on the store's wall. Belongs to no customer.
pub trait OnDaily: Exports<hook::Daily> {
    /// # Errors
    /// The plugin's own: the daemon skips it for this event.
    fn on_daily(&self, ctx: &StoreContext) -> Answer;
}

/// One call of each hook, from the contract's words to the plugin's and back.
#[doc(hidden)]
pub mod call {
    use std::mem::ManuallyDrop;

    use super::*;

    type Called = Result<Outcome, String>;

    /// Makes the plugin of its settings and asks it. What it is told is never dropped: the instance is gone after the call,
    /// and its memory with it.
    fn ask<P: DeserializeOwned, T>(told: T, question: impl FnOnce(&P, &T) -> Answer) -> Called {
        #[cfg(target_arch = "wasm32")]
        std::panic::set_hook(Box::new(|panic| host::general::log(crate::Level::Error, &panic.to_string())));
        let told = ManuallyDrop::new(told);

        // It was made of these settings before, and is as it was then.
        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code)]
        if let Some(image) = host::general::prepared().map(ManuallyDrop::new)
            // SAFETY: the host gives what `prepare` of this component gave, and a component has one plugin.
            && let Some(plugin) = unsafe { crate::arena::ARENA.restore(&image) }
        {
            return question(plugin, &told).map_err(|error| error.to_string());
        }
        let plugin = ManuallyDrop::new(read(&host::general::settings())?);
        question(&plugin, &told).map_err(|error| error.to_string())
    }

    /// Once in a component: it is most of what a small one has.
    #[inline(never)]
    fn read<P: DeserializeOwned>(settings: &str) -> Result<P, String> {
        serde_json::from_str(settings).map_err(|error| format!("settings: {error}"))
    }

    /// The plugin as memory, to be asked in other instances.
    #[cfg(target_arch = "wasm32")]
    pub fn prepare<P: DeserializeOwned>() -> Result<Vec<u8>, String> {
        let settings = host::general::settings();
        crate::arena::ARENA.image(|| read::<P>(&settings))
    }

    pub fn welcome<P: DeserializeOwned + OnWelcome>(context: Context, message: Option<Message>) -> Called {
        ask((context, message), |plugin: &P, (context, message)| plugin.on_welcome(context, message.as_ref()))
    }

    pub fn message<P: DeserializeOwned + OnMessage>(context: Context, message: Message) -> Called {
        ask((context, message), |plugin: &P, (context, message)| plugin.on_message(context, message))
    }

    pub fn order<P: DeserializeOwned + OnOrder>(context: Context, event: OrderEvent) -> Called {
        ask((context, event), |plugin: &P, (context, event)| plugin.on_order(context, event))
    }

    pub fn payment_reminder<P: DeserializeOwned + OnPaymentReminder>(
        context: Context,
        reminder: PaymentReminder,
    ) -> Called {
        ask((context, reminder), |plugin: &P, (context, reminder)| plugin.on_payment_reminder(context, reminder))
    }

    pub fn shipping_notice<P: DeserializeOwned + OnShippingNotice>(context: Context, order: Order) -> Called {
        ask((context, order), |plugin: &P, (context, order)| plugin.on_shipping_notice(context, order))
    }

    pub fn review_request<P: DeserializeOwned + OnReviewRequest>(context: Context, order: Order) -> Called {
        ask((context, order), |plugin: &P, (context, order)| plugin.on_review_request(context, order))
    }

    pub fn timer<P: DeserializeOwned + OnTimer>(context: Context, timer: Timer) -> Called {
        ask((context, timer), |plugin: &P, (context, timer)| plugin.on_timer(context, timer))
    }

    pub fn shift_begins<P: DeserializeOwned + OnShiftBegins>(context: StoreContext) -> Called {
        ask(context, |plugin: &P, context| plugin.on_shift_begins(context))
    }

    pub fn daily<P: DeserializeOwned + OnDaily>(context: StoreContext) -> Called {
        ask(context, |plugin: &P, context| plugin.on_daily(context))
    }
}
