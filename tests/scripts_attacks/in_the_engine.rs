//! Tricks of the language: what a script does to its own world is gone in the next call, and changes no answer on its way.

use std::fmt::Write as _;

use plugin_sdk::{Action, Content, testing::Reaction};

use crate::hosted::Bench;

fn bench(source: &str) -> Bench {
    let grants = ["reply", "tag", "timer", "kv", "ticket", "notify", "orders"];
    let source = format!("{source}\nexport const manifest = {{ capabilities: {grants:?} }};");
    Bench::of("tricks", ("tricks.js".to_owned(), source.into_bytes()), &grants)
}

fn handler(body: &str) -> Reaction {
    // The sample, on which a script is tried before it is taken, is another message.
    let only = "if (message.id !== 'm1') return;";
    bench(&format!("export async function message(context, message) {{\n{only}\n{body}\n}}")).message("Hi")
}

#[track_caller]
fn fails(body: &str, why: &[&str]) {
    let reaction = handler(body);
    let error = reaction.error();
    assert!(why.iter().any(|it| error.contains(it)), "{body}: {error}");
}

#[test]
fn a_poisoned_world_changes_no_answer_within_its_call() {
    for poison in [
        "Object.prototype.tag = 'vip'",
        "Object.prototype.text = 'other'",
        "Object.defineProperty(Object.prototype, 'reply', { get() { return 'other' }, configurable: true })",
        "Object.defineProperty(Object.prototype, 'text', { set() { throw 1 }, configurable: true })",
        "Object.prototype.toJSON = () => 'other'",
        "Array.prototype[Symbol.iterator] = function* () { yield { tag: 'vip' } }",
        "Array.prototype.push = Array.prototype.map = Array.prototype.join = () => ['other']",
        "Array.prototype[0] = { tag: 'vip' }",
        "Array.prototype.toJSON = () => ['other']",
        "String.prototype.toString = String.prototype.valueOf = () => 'other'",
        "String.prototype[Symbol.iterator] = function* () { yield 'other' }",
        "JSON.stringify = JSON.parse = () => ({ tag: 'vip' })",
        "Object.keys = Object.entries = Object.getOwnPropertyNames = Reflect.ownKeys = () => ['tag']",
        "Object.getPrototypeOf = () => null",
        "Function.prototype.call = Function.prototype.apply = () => 'other'",
        "Promise.resolve = Promise.prototype.then = () => { throw 1 }",
        "globalThis.Promise = globalThis.Object = globalThis.Array = globalThis.String = undefined",
        "Symbol.prototype.toString = () => 'other'",
        "Number.prototype.toString = () => 'other'",
    ] {
        let reaction = handler(&format!(
            "{poison};\nreturn [{{ text: 'mine', url: 'https://example.com/a' }}, {{ tag: 'seen' }}];"
        ));
        match &reaction.result {
            Ok(_) => {
                let [Action::Reply(Content::Link(link)), Action::Tag(tag)] = reaction.actions() else {
                    panic!("{poison}: {reaction:?}")
                };
                let came = (link.text.as_str(), link.url.as_str(), tag.as_str());
                assert_eq!(came, ("mine", "https://example.com/a", "seen"), "{poison}");
            }
            // Awaiting may need what was poisoned; then it is an error, and no other answer.
            Err(_) => assert!(poison.contains("Promise"), "{poison}: {reaction:?}"),
        }
    }
}

#[test]
fn what_was_poisoned_is_whole_in_the_next_call() {
    let mut bench = bench(
        "let calls = 0;
        const memory = new Map();
        export function message(context, message) {
            const told = [++calls, memory.size, typeof clerk.kv.get, [3, 1, 2].sort().join(''), JSON.stringify({ a: [1] }),
                Object.keys({ b: 1 }).join(), 'ab'.toUpperCase(), typeof globalThis.left, ({}).left, Math.max(1, 2),
                Object.isFrozen(Array.prototype)].join(' ');
            memory.set(1, 1);
            globalThis.left = Object.prototype.left = 1;
            const { ownKeys } = Reflect, { freeze } = Object;
            const all = [JSON, Math, Promise.prototype, Map.prototype, clerk.kv, clerk, Object, String.prototype, Array.prototype];
            for (let i = 0; i < all.length; i++) {
                const keys = ownKeys(all[i]);
                for (let k = 0; k < keys.length; k++) { try { all[i][keys[k]] = () => 'poisoned' } catch {} }
                freeze(all[i]);
            }
            delete globalThis.clerk;
            return told;
        }",
    );
    for _ in 0..50 {
        assert_eq!(bench.message("Hi").text(), "1 0 function 123 {\"a\":[1]} b AB undefined  2 false");
    }
}

#[test]
fn a_prototype_in_an_answer_is_an_error_or_data_and_never_an_action() {
    fails("return { __proto__: { reply: 'x' } }", &["the answer"]);
    fails("return JSON.parse('{\"__proto__\": {\"reply\": \"x\"}}')", &["is no action"]);
    fails("return Object.create({ reply: 'x' })", &["the answer"]);
    fails("return Object.assign(Object.create({ tag: 'vip' }), { text: 'x' })", &["the answer"]);
    fails("class Reply { text = 'x' }; return new Reply()", &["Reply"]);
    fails(
        "return new Proxy({ text: 'x' }, { ownKeys: () => ['text', 'text'] })",
        &["TypeError", "the answer", "proxy"],
    );
    fails("return { get text() { throw new Error('no') } }", &["Error: no"]);
    let set = "return { setTimer: { key: 'k', dueMs: context.nowMs + 60000, payload: JSON.parse('{\"__proto__\":{\"a\":1},\"b\":2}') } }";
    let reaction = handler(set);
    let [Action::SetTimer(timer)] = reaction.actions() else { panic!("{reaction:?}") };
    assert_eq!(timer.payload, r#"{"__proto__":{"a":1},"b":2}"#);
}

#[test]
fn what_changes_while_it_is_looked_at_is_held_to_the_same_rules() {
    // Looked at first it is a text, and then none.
    let body = "let looks = 0; return { get text() { return looks++ < 1 ? 'fine' : new Map() } };";
    fails(body, &["is a Map"]);
    let body = "let looks = 0; return { get reply() { return looks++ < 1 ? 'fine' : 'x'.repeat(200000) } };";
    fails(body, &["more bytes at once than are allowed"]);
    // A list that grows while it is read ends where it ended at first, or is an error.
    let body = "const all = ['a']; Object.defineProperty(all, 1, { get() { all.push('x'); return 'b' }, enumerable: true }); return all";
    let reaction = handler(body);
    assert!(reaction.result.is_err() || reaction.actions().len() == 2, "{reaction:?}");
}

#[test]
fn there_is_nothing_outside_to_hold_on_to() {
    let names = "['Intl', 'fetch', 'setTimeout', 'setInterval', 'URL', 'XMLHttpRequest', 'WebAssembly', 'process', 'require', 'Deno', 'Bun', \
                 'os', 'std', 'Worker', 'navigator']";
    let found =
        handler(&format!("return {names}.filter((it) => globalThis[it] !== undefined).join() || 'none'")).text();
    assert_eq!(found, "none");
    for code in [
        "import('std')",
        "import('./other.js')",
        "import('https://example.com/a.js')",
        "import('data:text/javascript,1')",
    ] {
        fails(&format!("await {code}"), &["Error"]);
    }
    // Code that a script makes at run time is a script's own.
    assert_eq!(handler("return String(new Function('return typeof clerk')())").text(), "object");
}

#[test]
fn the_clock_and_the_dice_are_the_moments_own() {
    let mut bench = bench(
        "export const message = () => [Date.now(), new Date().toISOString(), Math.random(), Math.random(), new Date().getTimezoneOffset(), \
         typeof performance === 'object' ? performance.now() : 0].join()",
    );
    let first = bench.message("Hi").text();
    assert!(first.starts_with("1795527000000,2026-11-24T13:30:00.000Z,0."), "{first}");
    assert_eq!(bench.message("Hi").text(), first, "the same moment again is the same");
    bench.set_time("2026-11-24T21:30:01+08:00");
    assert_ne!(bench.message("Hi").text(), first);
}

#[test]
fn a_script_of_a_megabyte_is_a_script() {
    let mut source =
        String::from("export const message = (context, message) => `${table.length} ${f100()}`;\nconst table = [\n");
    for number in 0..8_000 {
        writeln!(source, "  {{ sku: 'T{number}', name: 'A tea of the mountains {number}', price: {number} }},")
            .unwrap();
    }
    source.push_str("];\n");
    for number in 0..2_000 {
        writeln!(source, "function f{number}() {{ return table.filter((it) => it.price > {number}).length }}").unwrap();
    }
    let manifest = "\nexport const manifest = { capabilities: [\"reply\", \"tag\", \"timer\", \"kv\", \"ticket\", \"notify\", \"orders\"] };";
    // To the last byte that is allowed.
    let comment = (1 << 20) - source.len() - manifest.len() - "//".len();
    source.push_str("//");
    source.push_str(&"x".repeat(comment));
    assert_eq!(source.len() + manifest.len(), 1 << 20);
    assert_eq!(bench(&source).message("Hi").text(), "8000 7899");
}
