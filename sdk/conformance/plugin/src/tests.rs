//! The cases on the SDK's test bench.

use std::{collections::BTreeMap, path::Path};

use nightclerk_sdk::{
    Media,
    prelude::*,
    testing::{Bench, Reaction, order},
};

use self::case::{Case, CaseHook, Expectation};
use super::Conformance;

#[path = "case.rs"]
mod case;

#[test]
fn the_bench_answers_every_case_as_the_suite_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cases");
    let wrong: Vec<_> = case::all(&folder).iter().filter_map(|(file, case)| wrong(file, case)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn wrong(file: &str, case: &Case) -> Option<String> {
    let expected = Expectation {
        outcome: case.expect.outcome.clone(),
        log: case.expect.log.clone(),
        kept: Some(case.expect.kept.clone().unwrap_or_else(|| case.kept.clone())),
    };
    let came = run(case);
    (came != expected).then(|| format!("{file}: {}:\n  expected {expected:?}\n  came     {came:?}", case.name))
}

fn shipped(id: &str) -> OrderDetails {
    OrderDetails { status: OrderStatus::Shipped, ..order(id) }
}

fn run(case: &Case) -> Expectation {
    let wishes: Vec<_> = case.wishes.iter().map(String::as_str).collect();
    let grants = case.grants.as_ref().unwrap_or(&case.wishes);
    let grants: Vec<_> = grants.iter().map(String::as_str).collect();
    let mut bench = Bench::<Conformance>::new()
        .wishes(&wishes)
        .grants(&grants)
        .keep_kb(case.keep_kb)
        .settings(json!({ "steps": case.steps, "outcome": case.outcome }))
        .store_field("url", "https://example.com/")
        .http("https://api.example.com/v1/rates", HttpResponse { status: 200, headers: Vec::new(), body: Vec::new() });
    for (key, value) in &case.kept {
        bench = bench.kv(key, json!(value));
    }
    for id in &case.orders {
        bench = bench.order(shipped(id));
    }
    for id in &case.foreign_orders {
        bench = bench.foreign_order(shipped(id));
    }
    let reaction = match case.hook {
        CaseHook::Message => {
            let picture = Media { kind: "image".into(), reference: "https://example.com/a.png".into() };
            let text = Some("x".repeat(case.text_bytes));
            bench.message_with(Message { id: "m1".into(), text, media: vec![picture; case.media] })
        }
        CaseHook::Order => bench.order_event(OrderChange::Shipped, shipped("A1")),
        CaseHook::Timer => bench.timer("sample", json!({})),
        CaseHook::Daily => bench.daily(),
    };
    let kept = bench.kept().into_iter().map(|(key, value)| (key, text(&value))).collect::<BTreeMap<_, _>>();
    Expectation {
        outcome: outcome(&reaction),
        log: reaction.log.into_iter().map(|(_, text)| text).collect(),
        kept: Some(kept),
    }
}

fn outcome(reaction: &Reaction) -> String {
    match &reaction.result {
        Ok(Outcome::Pass) => "passed".to_owned(),
        Ok(Outcome::Also(actions)) => format!("added {}", actions.len()),
        Ok(Outcome::Handled(actions)) => format!("took {}", actions.len()),
        Err(failure) => failure.to_string(),
    }
}

/// A kept JSON string; a long one by its length.
fn text(value: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(value).trim_matches('"').to_owned();
    if text.len() > 40 { format!("{} bytes", value.len()) } else { text }
}
