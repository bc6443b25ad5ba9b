//! Guests that mean harm, or were made badly: each is stopped, and the customer is answered all the same.

use proptest::prelude::*;
use serde_json::json;

use super::{Facts, Shop, guests, said, trace};
use crate::plugin::host::PluginState;

/// A shop with the wild guest asked first, which goes wild after it was loaded, and one that answers after it.
fn shop(body: &str, text: &str, grants: &[&str]) -> Shop {
    let files = [
        ("wild.wasm", guests::wild("wild", body, text)),
        ("calm.wasm", guests::replier("calm", "1.0.0", "all is well")),
    ];
    let entries = |mode: &str| {
        json!({
            "wild": { "grants": grants, "settings": { "mode": mode } },
            "calm": { "order": 1, "grants": ["reply"] },
        })
    };
    let shop = Shop::with(&files, entries("calm"));
    shop.host.reconfigure(super::entries(entries("wild")));
    shop
}

/// The wild guest is skipped with this reason, and the next one answers.
fn is_skipped(body: &str, text: &str, reason: &str) {
    let shop = shop(body, text, &["reply"]);
    assert_eq!(shop.status("wild").state, PluginState::Active);
    let answer = shop.offer();
    assert_eq!(said(&answer), Some("all is well"), "{:?}", answer.trace);
    let first = &trace(&answer)[0];
    assert!(first.starts_with("skipped: it ") && first.contains(reason), "{first}");
    // Its own words stand in its own log alone.
    assert!(shop.host.recent_log("wild", 1).unwrap().iter().all(|line| line.text.contains(reason)));
    assert_eq!(shop.status("wild").last_failure.unwrap().contains(reason), !body.contains("$fail"));
}

#[test]
fn an_endless_loop_is_ended() {
    is_skipped("(loop $again (br $again)) (unreachable)", "", "ran out of time");
}

#[test]
fn a_trap_is_caught() {
    is_skipped("(unreachable)", "", "unreachable");
}

#[test]
fn endless_recursion_is_stopped() {
    is_skipped("(drop (call $deep (i32.const 0))) (unreachable)", "", "call stack exhausted");
}

#[test]
fn an_error_of_its_own_is_shown() {
    is_skipped("(call $fail (i32.const 8192) (i32.const LENGTH))", "no\nidea", "failed: no idea");
}

#[test]
fn an_answer_outside_its_memory_is_caught() {
    is_skipped("(call $reply (i32.const 8192) (i32.const -1))", "", "trapped:");
    is_skipped("(i32.const 0x7fffffff)", "", "trapped:");
    is_skipped(
        "(i32.store8 (i32.const 8192) (i32.const 0xff)) (call $reply (i32.const 8192) (i32.const 1))",
        "",
        "utf-8",
    );
}

#[test]
fn a_guest_that_reaches_beyond_its_memory_is_stopped_wherever_that_is() {
    // It has eight pages: just behind them, behind the most it may have, and the last that an address and an offset name.
    for at in [
        "(i32.const 524288)",
        "offset=524285 (i32.const 3)",
        "(i32.const 0x1000000)",
        "offset=0xffffffff (i32.const -1)",
    ] {
        is_skipped(&format!("(drop (i32.load8_u {at})) (unreachable)"), "", "out of bounds memory access");
        is_skipped(&format!("(i32.store {at} (i32.const 1)) (unreachable)"), "", "out of bounds memory access");
    }
}

#[test]
fn an_answer_that_is_too_large_is_not_even_read() {
    let limit = "was stopped: it handed the host more bytes at once than are allowed";
    is_skipped("(call $reply (i32.const 8192) (i32.const 200000))", "", limit);
    is_skipped("(call $handled (i32.const 262144) (i32.const 5000))", "", limit);
}

#[test]
fn too_many_actions_are_refused() {
    is_skipped("(call $handled (i32.const 262144) (i32.const 33))", "", "33 actions; 32 are allowed");
}

#[test]
fn an_empty_reply_is_nonsense() {
    is_skipped("(call $reply (i32.const 8192) (i32.const 0))", "", "`reply`: the text is empty");
}

#[test]
fn an_action_without_its_grant_spoils_the_answer() {
    is_skipped(
        "(call $tag (i32.const 8192) (i32.const LENGTH))",
        "vip",
        "`tag`: declare `tag` in the capabilities of its manifest",
    );
}

#[test]
fn memory_ends_where_the_limit_is() {
    let bomb = "
        (block $full
          (loop $more
            (br_if $full (i32.eq (memory.grow (i32.const 1)) (i32.const -1)))
            (i32.store8 (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1)) (i32.const 1))
            (br_if $more (i32.lt_u (memory.size) (i32.const 1000))))
          (unreachable))
        (if (i32.gt_u (memory.size) (i32.const 256)) (then (unreachable)))
        (call $reply (i32.const 8192) (i32.const LENGTH))";
    assert_eq!(said(&shop(bomb, "sixteen MB", &["reply"]).offer()), Some("sixteen MB"));
}

#[test]
fn tables_end_where_the_limit_is() {
    let bomb = "
        (if (i32.ne (table.grow $table (ref.null func) (i32.const 1000000)) (i32.const -1)) (then (unreachable)))
        (call $reply (i32.const 8192) (i32.const LENGTH))";
    assert_eq!(said(&shop(bomb, "few elements", &["reply"]).offer()), Some("few elements"));
}

#[test]
fn a_host_that_is_asked_without_end_stops_answering() {
    let chatter = "
        (loop $again (call $log (i32.const 0) (i32.const 8192) (i32.const LENGTH)) (br $again)) (unreachable)";
    is_skipped(chatter, "hello log\n", "asked the host more than 256 times");
}

#[test]
fn what_is_not_a_usable_plugin_is_refused_with_the_reason() {
    let attach = |source: &str| {
        let manifest = guests::manifest("bad", "1.0.0").to_string();
        crate::plugin::contract::manifest::attach(&wat::parse_str(source).unwrap(), manifest.as_bytes())
    };
    let good = guests::replier("bad", "1.0.0", "Hello");
    let mut future = guests::manifest("bad", "1.0.0");
    future["contract"] = json!("1.7");
    for (bytes, reason) in [
        (b"MZ garbage".to_vec(), "not WebAssembly"),
        (Vec::new(), "not WebAssembly"),
        (good[..good.len() / 2].to_vec(), "not WebAssembly, or not whole"),
        (wat::parse_str("(module)").unwrap(), "core module"),
        (wat::parse_str("(component)").unwrap(), "no `nightclerk:manifest` section"),
        (attach("(component)"), "it exports no hook, such as `nightclerk:plugin/on-message@1.0.0`"),
        (
            attach("(component (import \"wasi:cli/environment@0.2.0\" (instance)))"),
            "imports `wasi:cli/environment@0.2.0`, which is not offered; plugins have no WASI",
        ),
        (attach("(component (import \"nightclerk:plugin/host@2.0.0\" (instance)))"), "`nightclerk:plugin/host@2.0.0`"),
        (
            attach("(component (instance $i) (export \"nightclerk:plugin/on-mesage@1.0.0\" (instance $i)))"),
            "exports `nightclerk:plugin/on-mesage@1.0.0`, which is no hook of this host",
        ),
        (
            attach("(component (instance $i) (export \"nightclerk:plugin/on-message@1.0.0\" (instance $i)))"),
            "has no function `handle`",
        ),
        (attach("(component (import \"secrets\" (func)))"), "`secrets`"),
        (
            attach(
                "(component (core module $m (func (export \"f\"))) (core instance $i (instantiate $m))
                 (func $f (canon lift (core func $i \"f\"))) (instance $hook (export \"handle\" (func $f)))
                 (export \"nightclerk:plugin/on-message@1.0.0\" (instance $hook)))",
            ),
            "not of the world `nightclerk:plugin`",
        ),
        (guests::component(guests::REPLY, "Hello", &future), "made for contract 1.7; this host knows 1.0 to 1.0"),
        (guests::component(guests::REPLY, "Hello", &json!({ "name": "bad" })), "manifest is not usable"),
        (
            guests::component("(loop $again (br $again)) (unreachable)", "", &guests::manifest("bad", "1.0.0")),
            "trial call of `message` failed: it ran out of time",
        ),
    ] {
        let shop = Shop::with(&[("bad.wasm", bytes)], json!({ "bad": { "grants": ["reply"] } }));
        let status = shop.status("bad");
        assert_eq!(status.state, PluginState::Refused, "{reason}");
        assert!(shop.reason("bad").contains(reason), "{} / {reason}", shop.reason("bad"));
        assert_eq!(shop.offer().actions, None);
    }
}

#[test]
fn too_many_writes_and_too_large_ones_are_refused() {
    let many = "
        (loop $again
          (i32.store8 (i32.const 8192) (i32.add (local.get $i) (i32.const 33)))
          (call $kv_set (i32.const 8192) (i32.const 1) (i32.const 8192) (i32.const 1) (i32.const 3072))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $again (i32.eqz (i32.load8_u (i32.const 3072)))))
        (call $fail (i32.load (i32.const 3076)) (i32.load (i32.const 3080)))";
    let answer = shop(many, "k", &["reply", "kv"]).offer();
    assert!(
        answer.trace.iter().any(|step| step.what.to_string().contains("one call may write 64 keys")),
        "{:?}",
        answer.trace
    );
    assert!(answer.kv.is_empty());

    let one = "
        (call $kv_set (i32.const 8192) (i32.const LENGTH) (i32.const 8192) (i32.const LENGTH) (i32.const 3072))
        (call $fail (i32.load (i32.const 3076)) (i32.load (i32.const 3080)))";
    let answer = shop(one, &"k".repeat(257), &["reply", "kv"]).offer();
    assert!(trace(&answer)[1].contains("a key takes 1 to 256 bytes"), "{:?}", answer.trace);
    let full = Facts { kept: 1 << 20, ..Facts::default() };
    let answer = shop(one, "key", &["reply", "kv"]).offer_with(&full);
    assert!(trace(&answer)[1].contains("a plugin may keep 1048576 bytes here"), "{:?}", answer.trace);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever becomes of the bytes, the host refuses them or runs them within the limits, and takes the good
    /// file afterwards.
    #[test]
    fn no_damage_to_a_file_brings_the_host_down(damage: Vec<(prop::sample::Index, u8)>, cut: Option<prop::sample::Index>) {
        let good = guests::replier("calm", "1.0.0", "all is well");
        let mut bytes = good.clone();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let shop = Shop::with(&[("calm.wasm", bytes)], json!({ "calm": { "grants": ["reply"] } }));
        shop.offer();
        shop.put("calm.wasm", &good);
        let answer = shop.offer();
        prop_assert_eq!(said(&answer), Some("all is well"));
    }
}
