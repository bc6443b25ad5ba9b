//! Scripts that mean harm, or were made badly: each is stopped, and the customer is answered all the same.

use serde_json::json;

use super::{body, hello, offer, said, shop, trace};
use crate::plugin::host::PluginState;

/// Skipped with one of these reasons, while the next plugin answers, and the script itself still can.
fn is_skipped(code: &str, reasons: &[&str]) {
    let source = format!(
        "function deep(n) {{ return 1 + deep(n + 1) }}\nexport async function message(context, message) {{\n  \
         if (message.text !== 'wild') return message.text === 'Hi' ? 'still here' : undefined;\n  {code}\n}}"
    );
    let entries = json!({ "hello": { "grants": ["reply"] }, "next": { "order": 1, "grants": ["reply"] } });
    let shop = shop(&[("hello.js", &source), ("next.js", "export const message = () => 'all is well'")], entries);
    assert_eq!(shop.status("hello").state, PluginState::Active, "{code}: {}", shop.reason("hello"));
    let answer = offer(&shop, "wild");
    assert_eq!(said(&answer), Some("all is well"), "{code}: {:?}", answer.trace);
    let first = &trace(&answer)[0];
    assert!(first.starts_with("skipped: it "), "{code}: {first}");
    assert!(reasons.iter().any(|reason| first.contains(reason)), "{code}: {first}");
    assert_eq!(said(&offer(&shop, "Hi")), Some("still here"), "{code}");
}

const OVERTIME: &str = "ran out of time at hello.js:";
const OUT_OF_MEMORY: [&str; 4] = ["out of memory", "its memory ran out", "ran out of time", "trapped: "];

#[test]
fn loops_are_ended_with_their_place() {
    is_skipped("for (;;) {}", &[OVERTIME]);
    is_skipped("while (true) { try { for (;;) {} } catch { } finally { continue } }", &["ran out of time"]);
    is_skipped("const again = () => Promise.resolve().then(again); await again()", &OUT_OF_MEMORY);
    is_skipped("for (;;) await null", &["ran out of time"]);
    is_skipped("return String(/^(a+)+$/.test('a'.repeat(40) + '!'))", &[OVERTIME]);
    is_skipped("new Proxy({}, { get() { for (;;) {} } }).x", &[OVERTIME]);
    is_skipped("return { get reply() { for (;;) {} } }", &[OVERTIME]);
}

#[test]
fn endless_recursion_is_an_error_with_its_place() {
    is_skipped("deep(0)", &["hello.js:1:39: RangeError: Maximum call stack size exceeded"]);
    is_skipped(
        "const o = { get a() { return this.a } }; return o.a",
        &["RangeError: Maximum call stack size exceeded"],
    );
    is_skipped("const f = () => 'a'.replace(/a/, f); return f()", &["RangeError", "trapped: "]);
    is_skipped("const f = () => [1, 2].sort(f); f()", &["RangeError", "trapped: "]);
}

#[test]
fn memory_has_an_end() {
    is_skipped("let text = 'x'; for (;;) text += text", &["string too long", "out of memory", "invalid string length"]);
    is_skipped("const all = []; for (;;) all.push({ a: all.length })", &OUT_OF_MEMORY);
    is_skipped("const all = []; for (;;) all.push(new Uint8Array(1 << 20))", &OUT_OF_MEMORY);
    is_skipped("new ArrayBuffer(1 << 30)", &["hello.js:4:"]);
    is_skipped("'x'.repeat(2 ** 29)", &["hello.js:4:"]);
    is_skipped(
        "return new Array(2 ** 32 - 1).fill('x')",
        &["ran out of time", "out of memory", "trapped: ", "its memory ran out"],
    );
}

#[test]
fn native_operations_without_an_end_are_ended_from_outside() {
    is_skipped("return String(3n ** 30000000n)", &["ran out of time", "BigInt", "out of memory"]);
    is_skipped("Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)", &["ran out of time"]);
    is_skipped("Array.prototype.reverse.call({ length: 2 ** 53 - 1 })", &["ran out of time", "out of memory"]);
    is_skipped(
        "return [].concat(...Array(5000).fill(Array(5000).fill(1)).map((it) => it.slice())).join()",
        &["ran out of time", "out of memory", "its memory ran out", "trapped: "],
    );
}

#[test]
fn what_is_nested_deeply_overflows_no_stack_of_the_hosts() {
    is_skipped("JSON.parse('['.repeat(100000))", &["trapped: ", "RangeError", "SyntaxError", "stack"]);
    is_skipped(
        "let a = []; for (let i = 0; i < 20000; i++) a = [a]; JSON.stringify(a).at(); throw 1",
        &["trapped: ", "RangeError"],
    );
    is_skipped(
        "eval('('.repeat(20000) + '1' + ')'.repeat(20000))",
        &["trapped: ", "RangeError", "SyntaxError", "stack"],
    );
    is_skipped(
        "let p = new Proxy({}, {}); for (let i = 0; i < 20000; i++) p = new Proxy(p, {}); p.x; throw 1",
        &["trapped: ", "RangeError", "stack"],
    );
    is_skipped(
        "new RegExp('(?:'.repeat(5000) + 'a' + ')'.repeat(5000)).test('a'); throw 1",
        &["trapped: ", "SyntaxError", "stack", "1", "was thrown"],
    );
    is_skipped(
        "let o = {}; for (let i = 0; i < 5000; i++) o = { o }; return { setTimer: { key: 'k', dueMs: 1, payload: o } }",
        &["nested too deeply"],
    );
}

#[test]
fn nothing_that_a_call_poisons_is_there_in_the_next() {
    let source = "
        let count = 0;
        globalThis.seen ??= 0;
        export function message(context, message) {
            const told = [++count, ++globalThis.seen, [1].map((it) => it)[0], JSON.stringify({ a: 1 }), Object.keys({ b: 1 })[0]].join();
            Array.prototype.map = () => ['poisoned'];
            JSON.stringify = () => 'poisoned';
            Object.keys = () => ['poisoned'];
            clerk.render = () => 'poisoned';
            Object.prototype.reply = 'poisoned';
            globalThis.clerk = undefined;
            return told;
        }";
    let shop = hello(source);
    for _ in 0..200 {
        assert_eq!(said(&offer(&shop, "Hi")), Some("1,1,1,{\"a\":1},b"));
    }
}

#[test]
fn what_an_answer_may_hold_is_bounded_like_every_plugins() {
    for (code, why) in [
        ("return 'x'.repeat(100000)", "was stopped: it handed the host more bytes at once than are allowed"),
        ("return Array(40).fill('x')", "40 actions; 32 are allowed"),
        ("for (let i = 0; i < 300; i++) clerk.storeField('url')", "256"),
        (
            "return { transfer: { to: 'sales', note: '' } }",
            "`transfer`: add \"transfer\" to the grants of [hello] in plugins.toml",
        ),
    ] {
        let said = body(code);
        assert!(said.starts_with("skipped: it ") && said.contains(why), "{code}: {said}");
    }
}

#[test]
fn a_script_that_runs_out_of_time_for_several_customers_is_set_aside() {
    let shop = hello("export function message(context, message) {\n  if (message.id === 'm1') for (;;) {}\n}");
    let loops = |chat: &str| {
        let address = crate::model::Address::new("sample", chat);
        let message = crate::model::Message { id: "m1".to_owned(), ..Default::default() };
        crate::plugin::host::trial::with_sample(crate::model::Hook::Message, |asked| {
            let customer = asked.customer.map(|it| crate::model::CustomerFacts { address: &address, ..it });
            let moment = crate::model::Moment::Message { message: &message };
            crate::model::Plugins::offer(&*shop.host, &crate::model::HookCall { moment, customer, ..*asked })
        })
    };
    for chat in ["1", "2", "3"] {
        loops(chat);
    }
    assert_eq!(shop.status("hello").state, PluginState::SetAside, "{:?}", shop.status("hello"));
    assert!(shop.reason("hello").contains("ran out of time at hello.js:2:"), "{}", shop.reason("hello"));
}
