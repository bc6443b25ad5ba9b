//! Write plugins for nightclerk in Rust.
//!
//! A plugin is a type that holds its settings and answers the moments it cares for. The daemon makes one per
//! call, from the plugin's `manifest.json` and the store's `plugins.toml`; nothing but the key-value space
//! outlives the call.
//!
//! ```
//! use nightclerk_sdk::prelude::*;
//!
//! #[derive(Deserialize)]
//! struct Hello {
//!     text: String,
//! }
//!
//! impl Plugin for Hello {
//!     fn welcome(&self, ctx: &Context, _message: Option<&Message>) -> Answer {
//!         let text = ctx.render(&self.text, &json!({ "store": ctx.store_name }))?;
//!         Ok(Outcome::reply(text))
//!     }
//! }
//!
//! // Exports the component and embeds the manifest that lies beside Cargo.toml.
//! nightclerk_sdk::plugin!(Hello, "tests/hello.json");
//! # fn main() {}
//! ```
//!
//! Name, version, description and author are Cargo.toml's; hooks, capabilities and settings are
//! `manifest.json`'s. `nightclerk plugin build` makes the component; [`testing::Bench`] runs the plugin in an
//! ordinary `cargo test`.

#[allow(unsafe_code, missing_docs)]
pub mod bindings;
mod context;
mod error;
pub mod host;
pub mod manifest;
mod outcome;
mod plugin;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

pub use bindings::nightclerk::plugin::{
    host::{HttpRequest, HttpResponse, Level},
    types::{
        Action, Choice, ChoicesContent, Content, Context, Customer, Handover, ImageContent, LinkContent, Media,
        Message, Moment, Money, Notification, Order, OrderChange, OrderEvent, OrderItem, OrderRemark, OrderStatus,
        Outcome, PaymentReminder, Product, Shipment, Ticket, Timer, TimerRequest,
    },
};
pub use context::LocalTime;
pub use error::Error;
pub use manifest::Manifest;
pub use plugin::{Answer, Plugin, handle};

/// What nearly every plugin needs.
pub mod prelude {
    pub use serde::{Deserialize, Serialize};
    pub use serde_json::json;

    pub use crate::{
        Action, Answer, Choice, Content, Context, Customer, Error, HttpRequest, HttpResponse, Level, LocalTime,
        Message, Money, Order, OrderChange, OrderEvent, OrderItem, OrderStatus, Outcome, PaymentReminder, Plugin,
        Product, Shipment, Timer,
    };
}

/// Makes a type that implements [`Plugin`] the crate's plugin: `plugin!(Greeting)`.
///
/// Embeds `manifest.json`, which lies beside Cargo.toml (or the file named second, relative to there), completed
/// with Cargo.toml's name, version, description and authors. Once per crate.
#[macro_export]
macro_rules! plugin {
    ($plugin:ty) => {
        $crate::plugin!($plugin, "manifest.json");
    };
    ($plugin:ty, $manifest:literal) => {
        impl $crate::Manifest for $plugin {
            const JSON: &'static str = {
                const PACKAGE: $crate::manifest::Package = $crate::manifest::Package {
                    name: env!("CARGO_PKG_NAME"),
                    version: env!("CARGO_PKG_VERSION"),
                    description: env!("CARGO_PKG_DESCRIPTION"),
                    authors: env!("CARGO_PKG_AUTHORS"),
                    file: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $manifest)),
                };
                const BYTES: [u8; PACKAGE.length()] = PACKAGE.compose();
                $crate::manifest::text(&BYTES)
            };
        }

        // Off WebAssembly nobody calls a plugin but its tests, and the compiler must not think it forgotten.
        #[cfg(not(target_arch = "wasm32"))]
        const _: fn($crate::Moment, $crate::Context) -> ::core::result::Result<$crate::Outcome, ::std::string::String> =
            $crate::handle::<$plugin>;

        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code)]
        const _: () = {
            const MANIFEST: &[u8] = <$plugin as $crate::Manifest>::JSON.as_bytes();

            #[used]
            #[unsafe(link_section = "nightclerk:manifest")]
            static SECTION: [u8; MANIFEST.len()] = $crate::manifest::section(MANIFEST);

            struct Component;

            impl $crate::bindings::Guest for Component {
                fn handle(
                    moment: $crate::Moment,
                    context: $crate::Context,
                ) -> ::core::result::Result<$crate::Outcome, ::std::string::String> {
                    $crate::handle::<$plugin>(moment, context)
                }
            }

    $crate::bindings::export!(Component with_types_in $crate::bindings);
        };
    };
}
