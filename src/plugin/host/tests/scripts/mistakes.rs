//! A script that cannot be run is refused with the place of its mistake.

use serde_json::json;

use super::shop;
use crate::plugin::host::PluginState;

fn refusal(file: &str, source: &str) -> String {
    let shop = shop(&[(file, source)], json!({ "hello": { "grants": ["reply"] } }));
    let status = &shop.host.status()[0];
    assert_eq!(status.state, PluginState::Refused, "{source}");
    status.reason.clone().unwrap()
}

#[test]
fn mistakes_are_shown_by_file_line_and_column() {
    for (source, why) in [
        ("export function message() {\n  return 'hi\n}", "hello.js:2:"),
        ("\nexport const message = (;", "hello.js:2:25: SyntaxError"),
        ("const a = 1;\noops();\nexport const message = () => a", "hello.js:2:1: ReferenceError: oops is not defined"),
        ("import { x } from './x.js';\nexport const message = () => x", "could not load module"),
        ("export const x = await new Promise(() => {});\nexport const message = () => x", "its promise never settles"),
        ("await Promise.reject(new Error('no'));", "hello.js:1:"),
        ("throw null", "null was thrown"),
        ("export const mesage = () => 'hi'", "it exports no hook, only `mesage`; export a function welcome, message"),
        ("", "it exports no hook; export a function"),
        ("export const message = 'hi'", "`message` is exported, but is a text, not a function"),
        ("export const manifest = new Date();\nexport const message = () => 'hi'", "`manifest` is a Date"),
        (
            "export const manifest = { name: 'other' };\nexport const message = () => 'hi'",
            "it says that it is the plugin `other`, so its file must be called other.js",
        ),
        (
            "export const manifest = { capabilites: [] };\nexport const message = () => 'hi'",
            "unknown field `capabilites`",
        ),
        ("clerk.kv.set('a', 1);\nexport const message = () => 'hi'", "hello.js:1:"),
        ("export const message = () => nobody", "hello.js:1:30: ReferenceError: nobody is not defined"),
    ] {
        let told = refusal("hello.js", source);
        assert!(told.contains(why), "{source}: {told}");
    }
}

#[test]
fn a_script_that_does_not_end_while_it_is_loaded_is_refused_with_its_place() {
    let told = refusal("hello.js", "export const message = () => 'hi';\nfor (;;) {}");
    assert!(told.contains("ran out of time at hello.js:"), "{told}");
    let told = refusal("hello.js", "const all = [];\nfor (;;) all.push({ a: all.length });");
    assert!(told.contains("memory") || told.contains("ran out of time"), "{told}");
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_line() {
    let shop = shop(&[], json!({}));
    shop.put("hello.js", b"// fine\n\xff\xfe");
    assert_eq!(shop.reason("hello"), "hello.js:2: it is not UTF-8");
}

#[test]
fn a_script_of_a_megabyte_is_run_and_a_larger_one_refused_unread() {
    let padded = |bytes: usize| {
        let code = "export const message = () => 'hi';\n";
        format!("{code}/* {} */", "x".repeat(bytes - code.len() - 6))
    };
    let shop = shop(&[("hello.js", &padded(1 << 20))], json!({ "hello": { "grants": ["reply"] } }));
    assert_eq!(shop.status("hello").state, PluginState::Active, "{}", shop.reason("hello"));
    shop.put("hello.js", padded((1 << 20) + 1).as_bytes());
    assert!(
        shop.reason("hello").contains("the file has 1048577 bytes; 1048576 are allowed"),
        "{}",
        shop.reason("hello")
    );
    assert_eq!(shop.status("hello").state, PluginState::Active, "what ran goes on");
}
