//! A script's file comes, changes, goes, and gets into others' way.

use serde_json::json;

use super::{answered, hello, offer, shop};
use crate::plugin::host::{PluginState, tests::guests};

const HI: &str = "export const message = () => 'hi'";

#[test]
fn a_saved_script_takes_the_place_of_the_one_before_and_a_bad_one_does_not() {
    let shop = hello("export const message = () => 'one'");
    shop.put("hello.js", b"export const message = () => 'two'");
    assert_eq!(answered(&offer(&shop, "Hi")), "two");
    shop.put("hello.js", b"export const message = () => 'three");
    assert_eq!(answered(&offer(&shop, "Hi")), "two", "the last good one goes on");
    assert!(
        shop.reason("hello").starts_with("the newest hello.js is refused: hello.js:1:"),
        "{}",
        shop.reason("hello")
    );
    shop.put("hello.js", b"export const message = () => 'four'");
    assert_eq!((answered(&offer(&shop, "Hi")).as_str(), shop.reason("hello").as_str()), ("four", ""));
    shop.remove("hello.js");
    shop.host.refresh("hello.js");
    assert_eq!(shop.host.status().len(), 0);
    assert_eq!(offer(&shop, "Hi").actions, None);
}

#[test]
fn two_files_of_one_name_are_a_mistake_that_changes_nothing() {
    let shop = hello(HI);
    shop.put("hello.wasm", &guests::replier("hello", "1.0.0", "other"));
    assert_eq!(shop.reason("hello"), "the newest hello.js is refused: hello.wasm and hello.js: keep one of them");
    assert_eq!(answered(&offer(&shop, "Hi")), "hi");
    shop.remove("hello.js");
    shop.host.refresh("hello.js");
    assert_eq!((answered(&offer(&shop, "Hi")).as_str(), shop.reason("hello").as_str()), ("other", ""));
}

#[test]
fn a_script_can_become_typescript_and_be_rolled_back() {
    let shop = hello("export const manifest = { version: '1' };\nexport const message = () => 'one'");
    shop.remove("hello.js");
    shop.put("hello.ts", b"export const manifest = { version: '2' };\nexport const message = (): string => 'two'");
    assert_eq!((answered(&offer(&shop, "Hi")).as_str(), shop.status("hello").file.as_str()), ("two", "hello.ts"));
    let back = shop.host.roll_back("hello", None).unwrap();
    assert!(back.to.starts_with("1 ("), "{back:?}");
    assert_eq!(answered(&offer(&shop, "Hi")), "one");
}

#[test]
fn what_plugin_new_writes_answers_as_it_is() {
    use crate::plugin::make::{Script, scaffold::create_script};
    let folder = tempfile::tempdir().unwrap();
    for (name, language) in [("one", Script::JavaScript), ("two", Script::TypeScript)] {
        let file = create_script(name, folder.path(), language, &[]).unwrap();
        let source = std::fs::read_to_string(&file).unwrap();
        let file = file.file_name().unwrap().to_str().unwrap().to_owned();
        let shop = shop(&[(&file, &source)], json!({ name: { "grants": ["reply"] } }));
        assert_eq!(answered(&offer(&shop, "When do you open?")), "We are back tomorrow at 09:00.");
    }
}

#[test]
fn every_snippet_of_the_guide_is_a_plugin() {
    for guide in [
        include_str!("../../../../../docs/plugins/javascript.md"),
        include_str!("../../../../../docs/plugins/javascript.zh-CN.md"),
    ] {
        let snippets: Vec<_> = guide.split("```js\n").skip(1).filter_map(|it| it.split("```").next()).collect();
        assert!(!snippets.is_empty());
        for snippet in snippets {
            let shop = hello(snippet);
            assert_eq!(shop.status("hello").state, PluginState::Active, "{snippet}: {}", shop.reason("hello"));
        }
    }
}

#[test]
fn editors_are_told_of_every_hook_and_question() {
    let declared = include_str!("../../../../../sdk/js/nightclerk.d.ts");
    let names = hello(
        "export const message = () => [...Object.keys(clerk).filter((it) => it !== 'settings'), ...Object.keys(clerk.kv)].join()",
    );
    let names = answered(&offer(&names, "Hi"));
    assert!(names.split(',').count() > 15, "{names}");
    let hooks = "welcome,message,order,paymentReminder,shippingNotice,reviewRequest,timer,shiftBegins,daily";
    for name in names.split(',').chain(hooks.split(',')) {
        assert!(declared.contains(&format!("  {name}(")) || declared.contains(&format!("  {name}: {{")), "{name}");
    }
}

#[test]
fn the_engine_is_no_plugins_to_import() {
    let manifest = br#"{"contract":"1.0","name":"hello","version":"1"}"#;
    for import in [
        "(import \"engine-code\" (core module))",
        "(import \"nightclerk:script/clock@1.0.0\" (instance (export \"expired\" (func (result bool)))))",
    ] {
        let component = wat::parse_str(format!("(component {import})")).unwrap();
        let shop = shop(&[], json!({}));
        shop.put("hello.wasm", &crate::plugin::contract::manifest::attach(&component, manifest));
        assert!(shop.reason("hello").contains("which is not offered"), "{}", shop.reason("hello"));
    }
}

#[test]
fn a_script_waits_for_an_engine_that_was_never_compiled_here() {
    let shop =
        super::super::Shop::with(&[("hello.js", HI.as_bytes().to_vec())], json!({ "hello": { "grants": ["reply"] } }));
    let status = shop.status("hello");
    assert_eq!(status.state, PluginState::Preparing);
    assert!(status.reason.unwrap().contains("is being made ready"));
    shop.host.make_scripts_ready();
    assert_eq!(answered(&offer(&shop, "Hi")), "hi");
    assert_eq!(shop.status("hello").reason, None);
    // As after a restart.
    let again = super::super::start(shop.dir.path(), json!({ "hello": { "grants": ["reply"] } }));
    assert_eq!(again.status()[0].state, PluginState::Active, "what was compiled is kept");
}
