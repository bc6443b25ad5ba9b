//! Generated from `sdk/wit/v1`: the imports, and one module for each hook, so that a plugin exports those alone that
//! it answers.

wit_bindgen::generate!({
    path: "../wit/v1",
    world: "imports",
    additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
    generate_unused_types: true,
});

/// The export of one hook.
macro_rules! hook {
    ($module:ident, $world:literal) => {
        pub mod $module {
            wit_bindgen::generate!({
                inline: $world,
                path: "../wit/v1",
                with: { "nightclerk:plugin/types@1.0.0": crate::bindings::nightclerk::plugin::types },
                pub_export_macro: true,
                export_macro_name: "export",
            });
        }
    };
}

hook!(on_welcome, "package nightclerk:sdk; world welcome { export nightclerk:plugin/on-welcome@1.0.0; }");
hook!(on_message, "package nightclerk:sdk; world message { export nightclerk:plugin/on-message@1.0.0; }");
hook!(on_order, "package nightclerk:sdk; world order { export nightclerk:plugin/on-order@1.0.0; }");
hook!(
    on_payment_reminder,
    "package nightclerk:sdk; world payment-reminder { export nightclerk:plugin/on-payment-reminder@1.0.0; }"
);
hook!(
    on_shipping_notice,
    "package nightclerk:sdk; world shipping-notice { export nightclerk:plugin/on-shipping-notice@1.0.0; }"
);
hook!(
    on_review_request,
    "package nightclerk:sdk; world review-request { export nightclerk:plugin/on-review-request@1.0.0; }"
);
hook!(on_timer, "package nightclerk:sdk; world timer { export nightclerk:plugin/on-timer@1.0.0; }");
hook!(
    on_shift_begins,
    "package nightclerk:sdk; world shift-begins { export nightclerk:plugin/on-shift-begins@1.0.0; }"
);
hook!(on_daily, "package nightclerk:sdk; world daily { export nightclerk:plugin/on-daily@1.0.0; }");

/// The export of what is made of the settings once.
pub mod prepare {
    wit_bindgen::generate!({
        inline: "package nightclerk:sdk; world prepare { export nightclerk:plugin/prepare@1.0.0; }",
        path: "../wit/v1",
        pub_export_macro: true,
        export_macro_name: "export",
    });
}
