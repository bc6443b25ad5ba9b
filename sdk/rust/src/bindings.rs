//! Generated from `sdk/wit/nightclerk.wit`.

wit_bindgen::generate!({
    path: "../wit",
    world: "plugin",
    additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
    additional_type_attributes: {
        "nightclerk:plugin/types@1.0.0/order-status": [#[serde(rename_all = "snake_case")]],
        "nightclerk:plugin/types@1.0.0/order-change": [#[serde(rename_all = "snake_case")]],
    },
    generate_unused_types: true,
    pub_export_macro: true,
    export_macro_name: "export",
});
