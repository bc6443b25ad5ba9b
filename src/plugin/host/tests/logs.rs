//! What plugins write to the log can be asked for.

use serde_json::json;

use super::{Shop, guests};
use crate::plugin::host::LogLevel;

#[test]
fn the_lines_of_a_plugin_are_kept_each_on_one_line() {
    let body = "(call $log (i32.const 2) (i32.const 8192) (i32.const LENGTH)) (call $pass)";
    let chatty = guests::component(body, "the carrier\nis down", &guests::manifest("chatty", "1.0.0"));
    let shop = Shop::with(&[("chatty.wasm", chatty)], json!({ "chatty": {} }));
    shop.offer();
    shop.offer();
    let lines = shop.host.recent_log("chatty", 2).unwrap();
    let said: Vec<_> = lines.iter().map(|line| (line.level, line.text.as_str())).collect();
    assert_eq!(said, [(LogLevel::Warn, "the carrier is down"); 2]);
    assert_eq!(shop.host.recent_log("chatty", 1).unwrap().len(), 1);
    assert!(shop.host.recent_log("nobody", 9).is_err());
}
