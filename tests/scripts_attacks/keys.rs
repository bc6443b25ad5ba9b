//! The capability `kv`: a space of its own, with an end.

use super::Night;
use crate::hosted::Bench;

fn said(source: &str, grants: &[&str]) -> String {
    let mut bench: Bench = Bench::of("keeps", ("keeps.js".to_owned(), source.as_bytes().to_vec()), grants);
    bench.message("Hi").text()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_plugin_reaches_anothers_keys() {
    let keeper = "export function message(context, message) {
        if (message.text !== 'keep') return;
        clerk.kv.set('secret', 'sesame');
        return '= kept';
    }";
    let thief = "export function message(context, message) {
        if (message.text === 'keep') return;
        const guesses = ['secret', 'keeper/secret', 'keeper\\0secret', 'keeper:secret', '../keeper/secret', '%', 'secre_', ''];
        const found = guesses.map((key) => { try { return clerk.kv.get(key) } catch { return undefined } });
        const listed = ['', '%', 'k', 's', '_', \"' OR 1=1 --\"].flatMap((prefix) => clerk.kv.keys(prefix));
        const gone = ['', '%', 's'].map((prefix) => { try { return clerk.kv.deletePrefix(prefix) } catch { return 0 } });
        const swapped = clerk.kv.compareAndSet('secret', 'sesame', 'stolen');
        return `= ${found.filter((it) => it !== undefined).length} ${listed.length} ${gone.join('')} ${swapped}`;
    }";
    let loser = "export function message(context, message) {
        return message.text === 'read' ? `= ${clerk.kv.get('secret')}` : undefined;
    }";
    let grants = "grants = [\"reply\", \"kv\"]";
    let source = format!("{keeper}\n").replace(
        "if (message.text !== 'keep') return;",
        "if (message.text === 'read') return `= ${clerk.kv.get('secret')}`;\n if (message.text !== 'keep') return;",
    );
    let night = Night::with(&[
        ("keeper", &source, &format!("order = -1\n{grants}")),
        ("thief", thief, grants),
        ("zoe", loser, grants),
    ])
    .await;
    assert_eq!(night.ask("c1", "keep").await, "= kept");
    assert_eq!(night.ask("c2", "steal").await, "= 0 0 000 false");
    assert_eq!(night.ask("c3", "read").await, "= sesame", "it is still its owner's");
}

#[test]
fn what_is_kept_has_an_end_and_what_goes_beyond_is_an_error_with_its_reason() {
    let fill = "export function message() {
        const value = 'x'.repeat(30000);
        let kept = 0;
        try { for (; kept < 60; kept++) clerk.kv.set(`k${kept}`, value) } catch (error) { return `= ${kept} ${error.message}` }
        return '= all';
    }";
    let told = said(fill, &["reply", "kv"]);
    // A megabyte holds thirty-four of them.
    assert!(told.starts_with("= 34 "), "{told}");
    let told = said(
        "export function message() { try { clerk.kv.set('k', 'x'.repeat(40000)) } catch (error) { return error.message } }",
        &["reply", "kv"],
    );
    assert!(told.contains("32768"), "{told}");
    let told = said(
        "export function message() { try { for (let i = 0; i < 100; i++) clerk.kv.set(`k${i}`, 1) } catch (error) { return error.message } }",
        &["reply", "kv"],
    );
    assert!(told.contains("64"), "{told}");
    let told = said(
        "export function message() { try { clerk.kv.set('k'.repeat(300), 1) } catch (error) { return error.message } }",
        &["reply", "kv"],
    );
    assert!(told.contains("256"), "{told}");
}

#[test]
fn no_key_is_read_or_written_without_the_grant() {
    let all = "export const manifest = { capabilities: ['reply', 'kv'] };
    export function message() {
        const asked = [
            () => clerk.kv.get('a'), () => clerk.kv.set('a', 1), () => clerk.kv.delete('a'), () => clerk.kv.keys(''),
            () => clerk.kv.deletePrefix(''), () => clerk.kv.compareAndSet('a', undefined, 1),
        ];
        return asked.map((it) => { try { return String(it()) } catch (error) { return error.message } }).join('\\n');
    }";
    let told = said(all, &["reply"]);
    assert_eq!(told.lines().count(), 6);
    for line in told.lines() {
        assert_eq!(line, "add \"kv\" to the grants of [keeps] in plugins.toml");
    }
}
