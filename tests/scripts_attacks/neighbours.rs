//! A script that will not end hurts its own customer's turn and nobody else's.

use super::Night;

/// Native operations without an interrupt point, and what pretends to be one.
const WILD: &str = r"
    const wild = {
        from: () => Array.from({ length: 1e9 }),
        of: () => Array.from({ length: 1e9 }, (_, i) => i * 2).length,
        repeat: () => 'x'.repeat(2 ** 28).length,
        pad: () => 'x'.padEnd(2 ** 28, 'ab').length,
        power: () => String(7n ** 7000000n).length,
        shift: () => String((1n << 60000000n) * 3n).length,
        sort: () => Array.from({ length: 300000 }, (_, i) => i).sort(() => (Math.random() < 0.5 ? 1 : -1)).length,
        liar: () => { const all = Array.from({ length: 5000 }, (_, i) => i); all.sort(() => { all.push(...all.slice(0, 9)); return 1 }); return all.length },
        regexp: () => /^(\w+\s?)*$/.test('aaaa '.repeat(12) + '!'),
        replace: () => 'a'.repeat(100000).replace(/a*?a*?a*?$/g, 'b').length,
        split: () => 'a'.repeat(3000000).split('').reverse().join('').length,
        proxy: () => Reflect.ownKeys(new Proxy({}, { ownKeys: () => Array.from({ length: 1e7 }, String) })).length,
        iterator: () => [...{ *[Symbol.iterator]() { for (;;) yield 1 } }].length,
        fill: () => new Array(2 ** 32 - 1).fill(0).length,
        buffer: () => new Uint8Array(11 << 20).fill(1).sort().join().length,
        index: () => Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 1),
        flat: () => { let a = [1]; for (let i = 0; i < 30; i++) a = [a, a]; return a.flat(Infinity).length },
        concat: () => { let a = [1]; for (;;) a = a.concat(a) },
        normalise: () => '\u0958'.repeat(2000000).normalize('NFD').length,
        json: () => { const o = {}; let p = o; for (let i = 0; i < 26; i++) { p.a = p.b = {}; p = p.a } return JSON.stringify(o).length },
        promises: () => { const again = () => Promise.resolve().then(again); return again() },
        toString: () => { const o = { toString() { return `${o}${o}` } }; return `${o}` },
    };
    export async function message(context, message) {
        const harm = wild[message.text];
        if (harm) return `= ${await harm()}`;
    }";
const CALM: &str =
    "export const message = (context, message) => message.text.startsWith('calm') ? `= ${message.text}` : undefined;";

#[tokio::test(flavor = "multi_thread")]
async fn what_never_ends_is_ended_while_others_are_answered() {
    let names: Vec<&str> =
        WILD.lines().filter_map(|line| line.trim().split_once(": () =>").map(|(name, _)| name)).collect();
    assert!(names.len() >= 20, "{names:?}");
    let grants = "grants = [\"reply\"]";
    // It would be set aside for a while after the first few, and the rest never run.
    let night = Night::with(&[("wild", WILD, &format!("order = -1\n{grants}")), ("calm", CALM, grants)]).await;
    for (number, name) in names.iter().enumerate() {
        // A customer each, side by side with one who has a plain question.
        night.daemon.say(&format!("w{number}"), &format!("wild-{name}"), name).await;
        let calm = format!("calm {number}");
        assert_eq!(night.ask(&format!("calm-{number}"), &calm).await, format!("= {calm}"), "beside {name}");
        night.told(&format!("wild-{name}"), |_| true).await;
        let _ = night.shop.run(&["plugin", "reinstate", "wild"]);
    }
    let wild = night.status("wild").await;
    let (calls, failures) = (wild["calls"].as_u64().unwrap(), wild["failures"].as_u64().unwrap());
    assert!(calls >= names.len() as u64, "each was run: {wild}");
    assert!(failures >= names.len() as u64 / 2, "{wild}");
    assert_eq!(night.status("calm").await["failures"], 0);
    assert_eq!(night.status("calm").await["state"], "active");
}
