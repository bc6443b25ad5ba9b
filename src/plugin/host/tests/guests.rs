//! Real components to load, made from a few lines of WebAssembly text each.

use serde_json::{Value, json};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, WorldId};

use crate::plugin::contract::manifest;

/// What every guest stands on: memory, an allocator that never frees, and ways to build the answers.
///
/// The result of the hook lies at 1024, one action at 2048, answers of the host at 3072, the guest's text at 8192.
const FRAME: &str = r#"
(module
  (import "nightclerk:plugin/host@1.0.0" "settings" (func $settings (param i32)))
  (import "nightclerk:plugin/host@1.0.0" "render" (func $render (param i32 i32 i32 i32 i32)))
  (import "nightclerk:plugin/host@1.0.0" "log" (func $log (param i32 i32 i32)))
  (import "nightclerk:plugin/orders@1.0.0" "find" (func $find_order (param i32 i32 i32)))
  (import "nightclerk:plugin/kv@1.0.0" "get" (func $kv_get (param i32 i32 i32)))
  (import "nightclerk:plugin/kv@1.0.0" "set" (func $kv_set_until (param i32 i32 i32 i32 i32 i64 i32)))
  (import "nightclerk:plugin/http@1.0.0" "send" (func $http_send (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (memory (export "memory") 8)
  (table $table 1 funcref)
  (global $heap (mut i32) (i32.const 65536))
  (global $count (mut i32) (i32.const 0))
  (data (i32.const 8192) "TEXT")

  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $heap (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  (func $kv_set (param $key i32) (param $key_length i32) (param $value i32) (param $length i32) (param $out i32)
    (call $kv_set_until (local.get $key) (local.get $key_length) (local.get $value) (local.get $length)
      (i32.const 0) (i64.const 0) (local.get $out)))
  (func $pass (result i32)
    (i32.store8 (i32.const 1024) (i32.const 0))
    (i32.store8 (i32.const 1028) (i32.const 0))
    (i32.const 1024))
  (func $fail (param $text i32) (param $length i32) (result i32)
    (i32.store8 (i32.const 1024) (i32.const 1))
    (i32.store (i32.const 1028) (local.get $text))
    (i32.store (i32.const 1032) (local.get $length))
    (i32.const 1024))
  (func $does (param $outcome i32) (param $actions i32) (param $count i32) (result i32)
    (i32.store8 (i32.const 1024) (i32.const 0))
    (i32.store8 (i32.const 1028) (local.get $outcome))
    (i32.store (i32.const 1032) (local.get $actions))
    (i32.store (i32.const 1036) (local.get $count))
    (i32.const 1024))
  (func $handled (param $actions i32) (param $count i32) (result i32)
    (call $does (i32.const 2) (local.get $actions) (local.get $count)))
  (func $put_reply (param $text i32) (param $length i32)
    (i32.store8 (i32.const 2048) (i32.const 0))
    (i32.store8 (i32.const 2056) (i32.const 0))
    (i32.store (i32.const 2060) (local.get $text))
    (i32.store (i32.const 2064) (local.get $length)))
  (func $reply (param $text i32) (param $length i32) (result i32)
    (call $put_reply (local.get $text) (local.get $length))
    (call $handled (i32.const 2048) (i32.const 1)))
  (func $put_tag (param $text i32) (param $length i32)
    (i32.store8 (i32.const 2048) (i32.const 2))
    (i32.store (i32.const 2056) (local.get $text))
    (i32.store (i32.const 2060) (local.get $length)))
  (func $tag (param $text i32) (param $length i32) (result i32)
    (call $put_tag (local.get $text) (local.get $length))
    (call $handled (i32.const 2048) (i32.const 1)))
  (func $also_tag (param $text i32) (param $length i32) (result i32)
    (call $put_tag (local.get $text) (local.get $length))
    (call $does (i32.const 1) (i32.const 2048) (i32.const 1)))
  (func $deep (param $n i32) (result i32)
    (i32.add (local.get $n) (call $deep (i32.add (local.get $n) (i32.const 1)))))
  ;; The settings are {"mode":"calm"} or {"mode":"wild"}.
  (func $is_wild (result i32)
    (call $settings (i32.const 3072))
    (i32.eq (i32.load8_u offset=9 (i32.load (i32.const 3072))) (i32.const 0x77)))

  (func (export "nightclerk:plugin/HOOK@1.0.0#handle") (param $args i32) (result i32)
    (local $i i32)
    BODY))
"#;

/// Says its text.
pub const REPLY: &str = "(call $reply (i32.const 8192) (i32.const LENGTH))";

/// A component that answers messages with `body`; in it `LENGTH` is the length of `text`, which lies at 8192.
pub fn component(body: &str, text: &str, manifest: &Value) -> Vec<u8> {
    on("on-message", body, text, manifest)
}

/// The same for another hook.
pub fn on(hook: &str, body: &str, text: &str, manifest: &Value) -> Vec<u8> {
    made_for(&mut contract(), hook, body, text, manifest)
}

/// The contract as it stands.
pub fn contract() -> Resolve {
    let mut resolve = Resolve::default();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sdk/wit/v1");
    resolve.push_dir(folder).unwrap();
    resolve
}

/// A component made for what this contract says, whatever the host's says.
pub fn made_for(contract: &mut Resolve, hook: &str, body: &str, text: &str, manifest: &Value) -> Vec<u8> {
    let module = core_module(contract, hook, body, text);
    let bytes = ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap();
    manifest::attach(&bytes, manifest.to_string().as_bytes())
}

/// What a compiler leaves before it is made a component: a module that says which world it is for.
pub fn core_module(contract: &mut Resolve, hook: &str, body: &str, text: &str) -> Vec<u8> {
    let source = FRAME.replace("BODY", body).replace("HOOK", hook);
    module_of(contract, &source, &[hook], text)
}

/// A component that makes `prepare` of its settings once, and answers messages with what the host kept of that; with `text` where
/// it kept nothing.
pub fn that_prepares(prepare: &str, text: &str, manifest: &Value) -> Vec<u8> {
    let imported = r#"(import "nightclerk:plugin/host@1.0.0" "prepared" (func $prepared (param i32))) (memory "#;
    let answer = "(call $prepared (i32.const 3072))
        (if (result i32) (i32.load8_u (i32.const 3072))
          (then (call $reply (i32.load (i32.const 3076)) (i32.load (i32.const 3080))))
          (else (call $reply (i32.const 8192) (i32.const LENGTH)))))
      (func (export \"nightclerk:plugin/prepare@1.0.0#of-settings\") (result i32) PREPARE";
    let source = FRAME.replacen("(memory ", imported, 1).replace("BODY", answer).replace("HOOK", "on-message");
    let source = source.replace("PREPARE", prepare);
    let contract = &mut contract();
    let module = module_of(contract, &source, &["on-message", "prepare"], text);
    let bytes = ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap();
    manifest::attach(&bytes, manifest.to_string().as_bytes())
}

fn module_of(contract: &mut Resolve, source: &str, exports: &[&str], text: &str) -> Vec<u8> {
    let source = source.replace("LENGTH", &text.len().to_string());
    let text: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let mut module = wat::parse_str(source.replace("TEXT", &text)).unwrap();
    let world = world_with(contract, exports);
    embed_component_metadata(&mut module, contract, world, StringEncoding::UTF8).unwrap();
    module
}

/// An author's world: what may be imported, and what it exports.
fn world_with(contract: &mut Resolve, exports: &[&str]) -> WorldId {
    let exports: String = exports.iter().map(|it| format!("export nightclerk:plugin/{it}@1.0.0; ")).collect();
    let source = format!("package test:guest; world guest {{ include nightclerk:plugin/imports@1.0.0; {exports}}}");
    let package = contract.push_str("guest.wit", &source).unwrap();
    contract.select_world(&[package], None).unwrap()
}

/// A manifest that wishes for what the tests need.
pub fn manifest(name: &str, version: &str) -> Value {
    json!({
        "contract": "1.0", "name": name, "version": version,
        "capabilities": ["reply", "orders", "kv", "http:127.0.0.1:9", "http:api.example.com"],
        "settings": { "mode": { "type": "string", "default": "calm", "choices": ["calm", "wild"] } },
    })
}

/// A plugin that answers every message with `text`.
pub fn replier(name: &str, version: &str, text: &str) -> Vec<u8> {
    component(REPLY, text, &manifest(name, version))
}

/// A plugin that passes until its mode is `wild`, then does `body`.
pub fn wild(name: &str, body: &str, text: &str) -> Vec<u8> {
    let body = format!("(if (result i32) (call $is_wild) (then {body}) (else (call $pass)))");
    component(&body, text, &manifest(name, "1.0.0"))
}
