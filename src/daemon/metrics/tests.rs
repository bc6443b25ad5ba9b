use std::{collections::BTreeSet, fs, path::Path};

use regex::Regex;

use super::*;

fn kind(metric: &Metric) -> &'static str {
    match metric.kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram(_) => "histogram",
    }
}

fn sources(dir: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, texts);
        } else if path.extension().is_some_and(|it| it == "rs") {
            texts.push(fs::read_to_string(path).unwrap());
        }
    }
}

/// Every `counter!("…"`, `gauge!("…"` and `histogram!("…"` in the daemon's source, with its kind.
fn emitted() -> BTreeSet<(String, String)> {
    let mut texts = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    let call = Regex::new(r#"\b(counter|gauge|histogram)!\(\s*"([a-z_]+)""#).unwrap();
    texts.iter().flat_map(|text| call.captures_iter(text)).map(|it| (it[1].to_owned(), it[2].to_owned())).collect()
}

#[test]
fn every_metric_has_a_description_and_every_description_a_metric() {
    let described: BTreeSet<_> = METRICS.iter().map(|it| (kind(it).to_owned(), it.name.to_owned())).collect();
    assert_eq!(described.len(), METRICS.len(), "a name is described twice");
    assert_eq!(emitted(), described);
}

#[test]
fn the_operators_page_names_every_metric() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md")).unwrap();
    for metric in METRICS {
        assert!(page.contains(&format!("`{}", metric.name)), "docs/operating.md does not tell of {}", metric.name);
    }
}

#[test]
fn each_is_rendered_with_its_help_and_times_as_histograms() {
    let recorder = builder().unwrap().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        describe();
        for metric in METRICS {
            match metric.kind {
                Kind::Counter => metrics::counter!(metric.name).increment(1),
                Kind::Gauge => metrics::gauge!(metric.name).set(1.0),
                Kind::Histogram(_) => metrics::histogram!(metric.name).record(0.003),
            }
        }
    });
    let page = recorder.handle().render();
    for metric in METRICS {
        assert!(page.contains(&format!("# HELP {} {}", metric.name, metric.help)), "{}: {page}", metric.name);
        assert!(page.contains(&format!("# TYPE {} {}", metric.name, kind(metric))), "{}: {page}", metric.name);
        if let Kind::Histogram(buckets) = metric.kind {
            assert!(page.contains(&format!("{}_bucket{{le=\"0.005\"}} 1", metric.name)), "{}: {page}", metric.name);
            assert!(buckets.is_sorted(), "{}", metric.name);
        }
    }
}
