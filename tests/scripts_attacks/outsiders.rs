//! What somebody outside answers in order to harm.

use serde_json::json;

use crate::hosted::Bench;

const URL: &str = "https://api.example.com/";

/// What a script makes of an answer from outside, with `body` and these headers.
fn made_of(headers: &[(&str, &str)], body: &[u8], code: &str) -> Result<String, String> {
    let source = format!("export function message() {{\n const answer = clerk.http('{URL}');\n {code}\n}}");
    let file = ("asks.js".to_owned(), source.into_bytes());
    let mut bench: Bench = Bench::of("asks", file, &["reply", "http:api.example.com"]).http_with(URL, headers, body);
    let reaction = bench.message("Hi");
    reaction.result.as_ref().map(|_| ()).map_err(ToString::to_string)?;
    Ok(reaction.text())
}

#[test]
fn a_header_called_as_something_of_the_language_is_a_header() {
    let headers =
        [("constructor", "a"), ("__proto__", "b"), ("tostring", "c"), ("hasownproperty", "d"), ("x", "1"), ("x", "2")];
    let code = "return [...Object.entries(answer.headers)].map((it) => it.join('=')).sort().join()";
    assert_eq!(made_of(&headers, b"", code).unwrap(), "__proto__=b,constructor=a,hasownproperty=d,tostring=c,x=1, 2");
    assert_eq!(made_of(&headers, b"", "return String(answer.headers.polluted ?? {}.b)").unwrap(), "undefined");
}

#[test]
fn a_body_with_a_prototype_in_it_is_data() {
    let body = json!({ "constructor": { "prototype": { "reply": "x" } } }).to_string();
    let body = body.replacen('{', r#"{"__proto__":{"admin":true},"#, 1);
    let code = "const it = answer.json(); return [Object.keys(it).join(), ({}).admin, it.admin, ({}).reply].join('|')";
    assert_eq!(made_of(&[], body.as_bytes(), code).unwrap(), "__proto__,constructor|||");
}

#[test]
fn a_body_nested_without_end_costs_its_call_alone() {
    for body in [vec![b'['; 262_144], b"{\"a\":".repeat(40_000)] {
        let came = made_of(&[], &body, "return typeof answer.json()");
        let why = came.unwrap_err();
        assert!(["trapped: ", "RangeError", "SyntaxError", "stack"].iter().any(|it| why.contains(it)), "{why}");
    }
    assert_eq!(made_of(&[], &[0xff, 0xfe], "return `${answer.body} ${answer.bytes.length}`").unwrap(), "undefined 2");
}

#[test]
fn a_body_of_any_bytes_is_never_half_a_text() {
    for body in [b"\xed\xa0\x80".as_slice(), b"ok\x00\x01", "\u{feff}{}".as_bytes()] {
        let came = made_of(&[], body, "return `${answer.body === undefined} ${answer.bytes.length}`");
        let is_text = str::from_utf8(body).is_ok();
        assert_eq!(came.unwrap(), format!("{} {}", !is_text, body.len()));
    }
}
