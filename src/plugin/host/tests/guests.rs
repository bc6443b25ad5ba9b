//! Real components to load, made from a few lines of WebAssembly text each.

use serde_json::{Value, json};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::plugin::contract::manifest;

/// What every guest stands on: memory, an allocator that never frees, and ways to build the answers.
///
/// The result of `handle` lies at 1024, one action at 2048, answers of the host at 3072, the guest's text at 8192.
const FRAME: &str = r#"
(module
  (import "nightclerk:plugin/host@1.0.0" "settings" (func $settings (param i32)))
  (import "nightclerk:plugin/host@1.0.0" "render" (func $render (param i32 i32 i32 i32 i32)))
  (import "nightclerk:plugin/host@1.0.0" "log" (func $log (param i32 i32 i32)))
  (import "nightclerk:plugin/host@1.0.0" "find-order" (func $find_order (param i32 i32 i32)))
  (import "nightclerk:plugin/host@1.0.0" "kv-get" (func $kv_get (param i32 i32 i32)))
  (import "nightclerk:plugin/host@1.0.0" "kv-set" (func $kv_set (param i32 i32 i32 i32 i32)))
  (import "nightclerk:plugin/host@1.0.0" "http-send" (func $http_send (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
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

  (func $pass (result i32)
    (i32.store8 (i32.const 1024) (i32.const 0))
    (i32.store8 (i32.const 1028) (i32.const 0))
    (i32.const 1024))
  (func $fail (param $text i32) (param $length i32) (result i32)
    (i32.store8 (i32.const 1024) (i32.const 1))
    (i32.store (i32.const 1028) (local.get $text))
    (i32.store (i32.const 1032) (local.get $length))
    (i32.const 1024))
  (func $handled (param $actions i32) (param $count i32) (result i32)
    (i32.store8 (i32.const 1024) (i32.const 0))
    (i32.store8 (i32.const 1028) (i32.const 1))
    (i32.store (i32.const 1032) (local.get $actions))
    (i32.store (i32.const 1036) (local.get $count))
    (i32.const 1024))
  (func $reply (param $text i32) (param $length i32) (result i32)
    (i32.store8 (i32.const 2048) (i32.const 0))
    (i32.store8 (i32.const 2056) (i32.const 0))
    (i32.store (i32.const 2060) (local.get $text))
    (i32.store (i32.const 2064) (local.get $length))
    (call $handled (i32.const 2048) (i32.const 1)))
  (func $tag (param $text i32) (param $length i32) (result i32)
    (i32.store8 (i32.const 2048) (i32.const 2))
    (i32.store (i32.const 2056) (local.get $text))
    (i32.store (i32.const 2060) (local.get $length))
    (call $handled (i32.const 2048) (i32.const 1)))
  (func $deep (param $n i32) (result i32)
    (i32.add (local.get $n) (call $deep (i32.add (local.get $n) (i32.const 1)))))
  ;; The settings are {"mode":"calm"} or {"mode":"wild"}.
  (func $is_wild (result i32)
    (call $settings (i32.const 3072))
    (i32.eq (i32.load8_u offset=9 (i32.load (i32.const 3072))) (i32.const 0x77)))

  (func (export "handle") (param $args i32) (result i32)
    (local $i i32)
    BODY))
"#;

/// Says its text.
pub const REPLY: &str = "(call $reply (i32.const 8192) (i32.const LENGTH))";

/// A component whose `handle` is `body`; in it `LENGTH` is the length of `text`, which lies at 8192.
pub fn component(body: &str, text: &str, manifest: &Value) -> Vec<u8> {
    let source = FRAME.replace("BODY", body).replace("LENGTH", &text.len().to_string());
    let text: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let mut module = wat::parse_str(source.replace("TEXT", &text)).unwrap();
    let mut resolve = Resolve::default();
    let package = resolve.push_str("nightclerk.wit", include_str!("../../../../sdk/wit/nightclerk.wit")).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    let bytes = ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap();
    manifest::attach(&bytes, manifest.to_string().as_bytes())
}

/// A manifest that hooks messages and wishes for what the tests need.
pub fn manifest(name: &str, version: &str) -> Value {
    json!({
        "contract": "1.0", "name": name, "version": version, "hooks": ["message"],
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

/// A component within which one part hands a text to another of another memory, which wasmtime as it is set up here
/// cannot compile and does not refuse.
pub fn panics_the_compiler(name: &str) -> Vec<u8> {
    let appendix = wat::parse_str(
        r#"(component
          (component $both
            (component $callee
              (core module $m
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
                (func (export "take") (param i32 i32)))
              (core instance $i (instantiate $m))
              (func (export "take") (param "text" string)
                (canon lift (core func $i "take") (memory (core memory $i "memory"))
                  (realloc (core func $i "realloc")))))
            (component $caller
              (import "take" (func $take (param "text" string)))
              (core module $libc (memory (export "memory") 1))
              (core instance $libc (instantiate $libc))
              (core func $take (canon lower (func $take) (memory (core memory $libc "memory"))))
              (core module $m (import "" "take" (func (param i32 i32))))
              (core instance (instantiate $m (with "" (instance (export "take" (func $take)))))))
            (instance $callee (instantiate $callee))
            (instance (instantiate $caller (with "take" (func $callee "take")))))
          (instance (instantiate $both)))"#,
    )
    .unwrap();
    let mut component = replier(name, "1.0.0", "Hello");
    // Sections may stand in any order, so those of one component can follow another's.
    component.extend_from_slice(&appendix[8..]);
    component
}
