#![no_main]
use minijinja::Value;
use minijinja::value::Serde;
use nightclerk::template::{self, Gaps, Templates};
use nightclerk_fuzz::fuzz_target;
use serde_json::json;

/// What a rendering may grow to: more fuel than that nobody has.
const MOST: usize = 4 << 20;

fuzz_target!(|source: &str| {
    let values = json!({ "a": { "b": { "c": 7 } }, "list": [1, "two", null], "name": "安娜", "total": "59.00" });
    // A plugin says what fills its template as well.
    for (source, values) in [(source, values.to_string().as_str()), ("{{ a }}{{ a.b }}{{ list | join }}", source)] {
        if let Ok(text) = template::render(source, values) {
            assert!(text.len() <= MOST, "{} bytes", text.len());
        }
    }
    let mut templates = Templates::default();
    if let Ok((id, _)) = templates.add(source) {
        let variables = ["a", "list", "name", "total"].map(|name| (name, Value::from(Serde(&values[name]))));
        let _ = templates.unknown_names(source, &["a", "list"], &|_| None);
        for gaps in [Gaps::Empty, Gaps::Refused] {
            let _ = templates.render_discreetly(&id, variables.iter().cloned(), gaps);
        }
    }
});
