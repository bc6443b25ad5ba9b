//! A script that is called all night takes no more memory than one that is called once.

mod hosted;

use std::fs;

use hosted::Bench;

/// It keeps all that it can, fails now and then, and writes to the log.
const GREEDY: &str = "
    const kept = [];
    export async function message(context, message) {
        kept.push(new Uint8Array(1 << 20).fill(kept.length), { context, message }, 'x'.repeat(50000));
        globalThis.all = [...(globalThis.all ?? []), kept];
        console.log('kept', kept.length);
        if (message.text.endsWith('7')) throw new Error(`no ${message.text.length}`);
        await Promise.all([1, 2, 3].map(async (it) => JSON.parse(JSON.stringify({ it }))));
        return `${kept.length} ${globalThis.all.length}`;
    }";

/// What the process has in memory, in kilobytes.
fn resident_kb() -> i64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// By how much it grew over so many calls, once all is warm.
fn growth_kb(calls: usize) -> i64 {
    let file = ("greedy.js".to_owned(), GREEDY.as_bytes().to_vec());
    let mut bench: Bench = Bench::of("greedy", file, &["reply"]);
    let mut call = |number: usize| {
        let reaction = bench.message(&format!("message {number}"));
        match number % 10 {
            7 => assert!(reaction.error().contains("no "), "{reaction:?}"),
            _ => assert_eq!(reaction.text(), "3 1"),
        }
    };
    (0..500).for_each(&mut call);
    let before = resident_kb();
    (0..calls).for_each(&mut call);
    resident_kb() - before
}

#[test]
fn five_thousand_calls_take_no_more_memory_than_five_hundred() {
    let grown = growth_kb(5_000);
    assert!(grown < 4_096, "it grew by {grown} kB");
}

/// The same for as many calls as a busy store makes in a night; the figure is in docs/performance.md.
#[test]
#[ignore = "a minute or more: cargo test --workspace --test scripts_memory -- --ignored --nocapture"]
fn a_hundred_thousand_calls_take_no_more_memory() {
    let grown = growth_kb(100_000);
    println!("a hundred thousand calls: {grown} kB more");
    assert!(grown < 4_096, "it grew by {grown} kB");
}
