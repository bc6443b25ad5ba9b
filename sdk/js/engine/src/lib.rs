//! QuickJS-ng as a plugin of nightclerk.
//!
//! The daemon evaluates a script once, by `load`, and keeps the memory as it is then; each call of a hook begins with that
//! memory, so that no call knows of another.

mod clerk;
mod exact;
mod failure;
mod give;
mod hooks;
mod names;
mod script;
mod take;

mod wit {
    wit_bindgen::generate!({
        path: ["../../wit/v1", "wit"],
        world: "nightclerk:script/engine",
        generate_all,
        pub_export_macro: true,
    });
}

struct Engine;

impl wit::Guest for Engine {
    fn load(name: String, source: String) -> Result<String, String> {
        script::load(name, source)
    }

    fn strip(name: String, source: String) -> Result<String, String> {
        script::strip(&name, &source)
    }
}

wit::export!(Engine with_types_in wit);
