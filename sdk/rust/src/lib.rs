//! Write plugins for nightclerk in Rust.
//!
//! A plugin is a type that holds its settings and answers the moments it cares for. It is made once of the settings in the
//! plugin's `manifest.json` and the store's `plugins.toml`, and each call finds it as it was then; nothing but the key-value
//! space outlives a call.
//!
//! ```
//! use nightclerk_sdk::prelude::*;
//!
//! #[derive(Deserialize)]
//! struct Hello {
//!     text: String,
//! }
//!
//! impl OnWelcome for Hello {
//!     fn on_welcome(&self, ctx: &Context, _message: Option<&Message>) -> Answer {
//!         let text = ctx.render(&self.text, &json!({ "store": ctx.store_name }))?;
//!         Ok(Outcome::reply(text))
//!     }
//! }
//!
//! // Exports the component and embeds the manifest that lies beside Cargo.toml.
//! nightclerk_sdk::plugin!(Hello: OnWelcome; "tests/hello.json");
//! # fn main() {}
//! ```
//!
//! Name, version, description and author are Cargo.toml's; capabilities and settings are `manifest.json`'s; the hooks
//! are those that `plugin!` lists. `nightclerk plugin build` makes the component; [`testing::Bench`] runs the plugin in
//! an ordinary `cargo test`.

#[cfg(any(target_arch = "wasm32", test))]
#[allow(unsafe_code)]
mod arena;
#[allow(unsafe_code, missing_docs)]
pub mod bindings;
mod context;
mod error;
mod export;
mod hooks;
pub mod host;
mod local_time;
pub mod manifest;
mod order;
mod outcome;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

pub use bindings::nightclerk::plugin::{
    host::Level,
    http::{Request as HttpRequest, Response as HttpResponse},
    types::{
        Action, Choice, ChoicesContent, Content, Context, Customer, Extra, Handover, ImageContent, LinkContent, Media,
        Message, Money, NewTicket, Notification, Offer, Order, OrderEvent, OrderRemark, Outcome, PaymentReminder,
        Product, StoreContext, Ticket, Time, Timer, TimerRequest,
    },
};
pub use error::Error;
#[doc(hidden)]
pub use hooks::call;
pub use hooks::{
    Answer, Exports, OnDaily, OnMessage, OnOrder, OnPaymentReminder, OnReviewRequest, OnShiftBegins, OnShippingNotice,
    OnTimer, OnWelcome, hook,
};
pub use local_time::LocalTime;
pub use manifest::Manifest;
pub use order::{OrderChange, OrderDetails, OrderItem, OrderStatus, Parcel};

/// What nearly every plugin needs.
pub mod prelude {
    pub use serde::{Deserialize, Serialize};
    pub use serde_json::json;

    pub use crate::{
        Action, Answer, Choice, Content, Context, Customer, Error, HttpRequest, HttpResponse, Level, LocalTime,
        Message, Money, OnDaily, OnMessage, OnOrder, OnPaymentReminder, OnReviewRequest, OnShiftBegins,
        OnShippingNotice, OnTimer, OnWelcome, Order, OrderChange, OrderDetails, OrderEvent, OrderItem, OrderStatus,
        Outcome, Parcel, PaymentReminder, Product, StoreContext, Ticket, Timer,
    };
}
