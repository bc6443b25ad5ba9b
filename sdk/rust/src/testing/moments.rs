//! The moments at which a test has the plugin asked: one call for each hook.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    Bench,
    answer::Bounds,
    host::{self, Stopped},
    limits::{LIMITS, cut},
    reaction::{Failure, Reaction},
    world::in_brief,
};
use crate::{
    Context, Manifest, Media, Message, OnDaily, OnMessage, OnOrder, OnPaymentReminder, OnReviewRequest, OnShiftBegins,
    OnShippingNotice, OnTimer, OnWelcome, OrderChange, OrderDetails, OrderEvent, Outcome, PaymentReminder, Timer, call,
};

impl<P: DeserializeOwned + Manifest> Bench<P> {
    /// The customer's first message.
    #[track_caller]
    pub fn welcome(&mut self, text: &str) -> Reaction
    where
        P: OnWelcome,
    {
        let message = Some(message(text));
        self.call(Moment::default(), |context| call::welcome::<P>(context, message))
    }

    /// The customer opened the conversation without writing.
    #[track_caller]
    pub fn opened(&mut self) -> Reaction
    where
        P: OnWelcome,
    {
        self.call(Moment::default(), |context| call::welcome::<P>(context, None))
    }

    /// A later message.
    #[track_caller]
    pub fn message(&mut self, text: &str) -> Reaction
    where
        P: OnMessage,
    {
        self.message_with(message(text))
    }

    /// A later message, with pictures and what else there is.
    #[track_caller]
    pub fn message_with(&mut self, message: Message) -> Reaction
    where
        P: OnMessage,
    {
        let media = |it: &Media| Media { kind: cut(&it.kind), reference: cut(&it.reference) };
        let message = Message {
            id: cut(&message.id),
            text: message.text.as_deref().map(cut),
            media: message.media.iter().take(LIMITS.given_media).map(media).collect(),
        };
        self.call(Moment::default(), |context| call::message::<P>(context, message))
    }

    /// Something happened to an order.
    #[track_caller]
    pub fn order_event(&mut self, change: OrderChange, order: OrderDetails) -> Reaction
    where
        P: OnOrder,
    {
        self.review(change, order, None, None)
    }

    /// Its customer posted a review of an order.
    #[track_caller]
    pub fn review_posted(&mut self, order: OrderDetails, rating: Option<u8>, text: &str) -> Reaction
    where
        P: OnOrder,
    {
        self.review(OrderChange::ReviewPosted, order, rating, Some(cut(text)))
    }

    #[track_caller]
    fn review(&mut self, change: OrderChange, order: OrderDetails, rating: Option<u8>, text: Option<String>) -> Reaction
    where
        P: OnOrder,
    {
        let word = serde_json::to_value(change).ok();
        let change = word.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        let event = OrderEvent { change, order: in_brief(&order), rating, text };
        self.call(Moment::of(order), |context| call::order::<P>(context, event))
    }

    /// The order's payment reminder is due for the `attempt`th time.
    #[track_caller]
    pub fn payment_reminder(&mut self, order: OrderDetails, attempt: u32, last: bool) -> Reaction
    where
        P: OnPaymentReminder,
    {
        let reminder = PaymentReminder { order: in_brief(&order), attempt, last };
        self.call(Moment::of(order), |context| call::payment_reminder::<P>(context, reminder))
    }

    /// The order was shipped.
    #[track_caller]
    pub fn shipping_notice(&mut self, order: OrderDetails) -> Reaction
    where
        P: OnShippingNotice,
    {
        let brief = in_brief(&order);
        self.call(Moment::of(order), |context| call::shipping_notice::<P>(context, brief))
    }

    /// A review of the order may be asked for.
    #[track_caller]
    pub fn review_request(&mut self, order: OrderDetails) -> Reaction
    where
        P: OnReviewRequest,
    {
        let brief = in_brief(&order);
        self.call(Moment::of(order), |context| call::review_request::<P>(context, brief))
    }

    /// A timer of the plugin's is due now.
    #[track_caller]
    pub fn timer(&mut self, key: &str, payload: Value) -> Reaction
    where
        P: OnTimer,
    {
        let due_ms = self.context.store.now_ms;
        let timer = Timer { key: key.to_owned(), due_ms, payload: payload.to_string() };
        let moment = Moment { is_timer: true, ..Moment::default() };
        self.call(moment, |context| call::timer::<P>(context, timer))
    }

    /// People begin their work.
    #[track_caller]
    pub fn shift_begins(&mut self) -> Reaction
    where
        P: OnShiftBegins,
    {
        let moment = Moment { is_the_stores: true, ..Moment::default() };
        self.call(moment, |context| call::shift_begins::<P>(context.store))
    }

    /// A day begins.
    #[track_caller]
    pub fn daily(&mut self) -> Reaction
    where
        P: OnDaily,
    {
        let moment = Moment { is_the_stores: true, ..Moment::default() };
        self.call(moment, |context| call::daily::<P>(context.store))
    }

    /// Calls the plugin. What it kept is kept only if it did not fail.
    fn call(&mut self, moment: Moment, ask: impl FnOnce(Context) -> Result<Outcome, String>) -> Reaction {
        let Moment { at_hand, is_timer, is_the_stores } = moment;
        let now_ms = self.context.store.now_ms;
        let mut world = std::mem::take(&mut self.world);
        world.keys.begin(now_ms);
        let kept = world.keys.clone();
        world.at_hand = at_hand;
        (world.questions, world.network.fetches) = (0, 0);
        let context = self.context.clone();
        let (answer, world) = host::during(world, || catch_unwind(AssertUnwindSafe(|| ask(context))));
        self.world = world;
        let answer = match answer {
            Ok(answer) => answer.map_err(Failure::Said),
            Err(panic) => match panic.downcast::<Stopped>() {
                Ok(stopped) => Err(Failure::Limit(stopped.0)),
                Err(panic) => resume_unwind(panic),
            },
        };
        let bounds =
            Bounds { grants: &self.world.grants, now_ms, after_a_timer: is_timer, of_a_customer: !is_the_stores };
        let result = answer.and_then(|outcome| match bounds.check(&outcome) {
            Ok(()) => Ok(outcome),
            Err(why) => Err(Failure::Refused(why)),
        });
        if result.is_err() {
            self.world.keys = kept;
        }
        Reaction { result, log: std::mem::take(&mut self.world.log) }
    }
}

/// What the bench must know of a moment beside what the plugin is handed.
#[derive(Default)]
struct Moment {
    at_hand: Option<OrderDetails>,
    is_timer: bool,
    is_the_stores: bool,
}

impl Moment {
    fn of(order: OrderDetails) -> Self {
        Self { at_hand: Some(order), ..Self::default() }
    }
}

fn message(text: &str) -> Message {
    Message { id: "m1".into(), text: Some(text.to_owned()), media: Vec::new() }
}
