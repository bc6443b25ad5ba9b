//! The macros that make a type a component.

/// Makes a type the crate's plugin, with the hooks it answers: `plugin!(Greeting: OnWelcome, OnMessage)`.
///
/// Embeds `manifest.json`, which lies beside Cargo.toml (or the file named last, after a semicolon, relative to there),
/// completed with Cargo.toml's name, version, description and authors. Once per crate.
#[macro_export]
macro_rules! plugin {
    ($plugin:ty: $($hook:ident),+ $(,)?) => {
        $crate::plugin!($plugin: $($hook),+; "manifest.json");
    };
    ($plugin:ty: $($hook:ident),+; $manifest:literal) => {
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

        $($crate::export_hook!($hook, $plugin);)+

        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code)]
        const _: () = {
            struct Component;

            impl $crate::bindings::prepare::exports::nightclerk::plugin::prepare::Guest for Component {
                fn of_settings() -> ::core::result::Result<::std::vec::Vec<u8>, ::std::string::String> {
                    $crate::call::prepare::<$plugin>()
                }
            }

            $crate::bindings::prepare::export!(Component with_types_in $crate::bindings::prepare);
        };

        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code)]
        const _: () = {
            const MANIFEST: &[u8] = <$plugin as $crate::Manifest>::JSON.as_bytes();

            #[used]
            #[unsafe(link_section = "nightclerk:manifest")]
            static SECTION: [u8; MANIFEST.len()] = $crate::manifest::section(MANIFEST);
        };
    };
}

/// Exports one hook of a plugin.
#[doc(hidden)]
#[macro_export]
macro_rules! export_hook {
    (OnWelcome, $plugin:ty) => {
        $crate::export_hook!(@ $plugin, Welcome, on_welcome, welcome,
            (context: $crate::Context, message: ::core::option::Option<$crate::Message>));
    };
    (OnMessage, $plugin:ty) => {
        $crate::export_hook!(@ $plugin, Message, on_message, message,
            (context: $crate::Context, message: $crate::Message));
    };
    (OnOrder, $plugin:ty) => {
        $crate::export_hook!(@ $plugin, Order, on_order, order,
            (context: $crate::Context, event: $crate::OrderEvent));
    };
    (OnPaymentReminder, $plugin:ty) => {
        $crate::export_hook!(@ $plugin, PaymentReminder, on_payment_reminder, payment_reminder,
            (context: $crate::Context, reminder: $crate::PaymentReminder));
    };
    (OnShippingNotice, $plugin:ty) => {
        $crate::export_hook!(@ $plugin, ShippingNotice, on_shipping_notice, shipping_notice,
            (context: $crate::Context, order: $crate::Order));
    };
    (OnReviewRequest, $plugin:ty) => {
        $crate::export_hook!(@ $plugin, ReviewRequest, on_review_request, review_request,
            (context: $crate::Context, order: $crate::Order));
    };
    (OnTimer, $plugin:ty) => {
        $crate::export_hook!(@ $plugin, Timer, on_timer, timer,
            (context: $crate::Context, timer: $crate::Timer));
    };
    (OnShiftBegins, $plugin:ty) => {
        $crate::export_hook!(@ $plugin, ShiftBegins, on_shift_begins, shift_begins, (context: $crate::StoreContext));
    };
    (OnDaily, $plugin:ty) => {
        $crate::export_hook!(@ $plugin, Daily, on_daily, daily, (context: $crate::StoreContext));
    };
    (@ $plugin:ty, $hook:ident, $interface:ident, $call:ident, ($($argument:ident: $type:ty),+)) => {
        impl $crate::Exports<$crate::hook::$hook> for $plugin {}

        // Off WebAssembly nobody calls a plugin but its tests, and the compiler must not think it forgotten.
        #[cfg(not(target_arch = "wasm32"))]
        const _: fn($($type),+) -> ::core::result::Result<$crate::Outcome, ::std::string::String> =
            $crate::call::$call::<$plugin>;

        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code)]
        const _: () = {
            struct Component;

            impl $crate::bindings::$interface::exports::nightclerk::plugin::$interface::Guest for Component {
                fn handle(
                    $($argument: $type),+
                ) -> ::core::result::Result<$crate::Outcome, ::std::string::String> {
                    $crate::call::$call::<$plugin>($($argument),+)
                }
            }

            $crate::bindings::$interface::export!(Component with_types_in $crate::bindings::$interface);
        };
    };
    ($unknown:ident, $plugin:ty) => {
        ::core::compile_error!(concat!(
            "`", stringify!($unknown), "` is no hook; there are OnWelcome, OnMessage, OnOrder, OnPaymentReminder, ",
            "OnShippingNotice, OnReviewRequest, OnTimer, OnShiftBegins and OnDaily",
        ));
    };
}
