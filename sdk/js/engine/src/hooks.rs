//! The contract's hooks, each answered by the script's function of the same name.

use rquickjs::Value;

use crate::{
    Engine, give, script,
    wit::{
        exports::nightclerk::plugin::{
            on_daily, on_message, on_order, on_payment_reminder, on_review_request, on_shift_begins,
            on_shipping_notice, on_timer, on_welcome,
        },
        nightclerk::plugin::types::{
            Context, Message, Order, OrderEvent, Outcome, PaymentReminder, StoreContext, Timer,
        },
    },
};

macro_rules! customers_hook {
    ($interface:ident, $function:literal, $subject:ty, $give:path) => {
        impl $interface::Guest for Engine {
            fn handle(context: Context, subject: $subject) -> Result<Outcome, String> {
                let seed = &context.customer.id;
                script::call($function, context.store.now_ms, seed, |ctx| {
                    Ok(vec![give::context(ctx, &context)?.into_value(), Value::from($give(ctx, subject)?)])
                })
            }
        }
    };
}

macro_rules! stores_hook {
    ($interface:ident, $function:literal) => {
        impl $interface::Guest for Engine {
            fn handle(context: StoreContext) -> Result<Outcome, String> {
                let seed = &context.store_name;
                script::call($function, context.now_ms, seed, |ctx| Ok(vec![give::store(ctx, &context)?.into_value()]))
            }
        }
    };
}

customers_hook!(on_welcome, "welcome", Option<Message>, give::first_message);
customers_hook!(on_message, "message", Message, give::message);
customers_hook!(on_order, "order", OrderEvent, give::order_event);
customers_hook!(on_payment_reminder, "paymentReminder", PaymentReminder, give::payment_reminder);
customers_hook!(on_shipping_notice, "shippingNotice", Order, give::order);
customers_hook!(on_review_request, "reviewRequest", Order, give::order);
customers_hook!(on_timer, "timer", Timer, give::timer);
stores_hook!(on_shift_begins, "shiftBegins");
stores_hook!(on_daily, "daily");
