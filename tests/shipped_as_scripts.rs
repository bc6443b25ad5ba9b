//! The shipped plugins keep their promises as what they are and as the scripts in `examples/plugins`: the tests beside their
//! sources, word for word, in the daemon's own host.

// Under this name the tests beside the sources find their bench: here it is one with the host behind it.
extern crate self as nightclerk_sdk;

mod hosted;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use hosted::Seated;
use nightclerk::plugin::shipped::SHIPPED;
pub use plugin_sdk::prelude;
use serde_json::Value;

/// The bench, and things for it.
pub mod testing {
    pub use plugin_sdk::testing::{Reaction, money, order, product};

    pub use crate::hosted::Bench;
}

/// The shipped plugins, by their types, on seats of one kind, with the tests beside their sources.
macro_rules! on {
    ($file:path; $($module:ident $plugin:ident $name:literal),* $(,)?) => {
        $(mod $module {
            pub struct $plugin;

            impl $crate::Seated for $plugin {
                const NAME: &'static str = $name;

                fn capabilities() -> Vec<String> {
                    $crate::capabilities($name)
                }

                fn file() -> (String, Vec<u8>) {
                    $file($name)
                }
            }

            mod tests {
                include!(concat!(env!("CARGO_MANIFEST_DIR"), "/plugins/", $name, "/src/tests.rs"));
            }
        })*
    };
}

mod as_components {
    on!(crate::component;
        greeting Greeting "greeting",
        payment_reminder Reminder "payment-reminder",
        shipping_notice Notice "shipping-notice",
        review_request Reviews "review-request",
    );
}

mod as_scripts {
    on!(crate::script;
        greeting Greeting "greeting",
        payment_reminder Reminder "payment-reminder",
        shipping_notice Notice "shipping-notice",
        review_request Reviews "review-request",
    );
}

fn component(name: &str) -> (String, Vec<u8>) {
    let file = format!("{name}.wasm");
    let (_, bytes) = SHIPPED.iter().find(|(shipped, _)| *shipped == file).unwrap();
    (file, bytes.to_vec())
}

fn script(name: &str) -> (String, Vec<u8>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/plugins");
    let files = ["js", "ts"].map(|ending| format!("{name}.{ending}"));
    let file = files.into_iter().find(|file| folder.join(file).exists()).unwrap();
    let bytes = fs::read(folder.join(&file)).unwrap();
    (file, bytes)
}

/// What the shipped plugin of this name wishes for.
fn capabilities(name: &str) -> Vec<String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins").join(name).join("manifest.json");
    let manifest: Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
    serde_json::from_value(manifest["capabilities"].clone()).unwrap()
}

/// What the host says of this file.
fn status((file, bytes): (String, Vec<u8>)) -> Value {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("plugins")).unwrap();
    fs::write(dir.path().join("plugins").join(file), bytes).unwrap();
    let host = hosted::host_in(dir.path(), BTreeMap::new());
    serde_json::to_value(&host.load_dir()[0]).unwrap()
}

#[test]
fn a_script_takes_the_settings_and_wishes_for_the_grants_of_the_plugin_in_whose_place_it_stands() {
    for name in ["greeting", "payment-reminder", "review-request", "shipping-notice"] {
        let (component, script) = (status(component(name)), status(script(name)));
        for word in ["name", "version", "description", "wants", "settings"] {
            assert_eq!(component[word], script[word], "{name}: {word}");
        }
        let hooks = |status: &Value| -> BTreeSet<String> { serde_json::from_value(status["hooks"].clone()).unwrap() };
        assert_eq!(hooks(&component), hooks(&script), "{name}");
        assert_eq!(script["state"], "waiting", "{script}");
    }
}
