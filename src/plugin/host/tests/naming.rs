//! Which file may be which plugin.

use serde_json::json;

use super::{Shop, guests, said, start};
use crate::plugin::host::PluginState;

#[test]
fn only_the_file_of_its_name_is_a_plugin_also_after_a_restart() {
    let imposter = guests::replier("greeting", "1.0.0", "imposter");
    let shop = Shop::with(&[("aaa.wasm", imposter)], json!({ "greeting": { "grants": ["reply"] } }));
    assert_eq!(shop.status("aaa").state, PluginState::Refused);
    assert_eq!(
        shop.reason("aaa"),
        "it says that it is the plugin `greeting`, so its file must be called greeting.wasm"
    );
    assert_eq!(shop.offer().actions, None);
    shop.put("greeting.wasm", &guests::replier("greeting", "1.0.0", "the real one"));
    assert_eq!(said(&shop.offer()), Some("the real one"));
    let host = start(shop.dir.path(), json!({ "greeting": { "grants": ["reply"] } }));
    assert_eq!(said(&super::offer(&host, &super::Facts::default())), Some("the real one"));
}
