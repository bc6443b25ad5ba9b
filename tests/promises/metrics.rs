//! What an operator's monitoring sees.

use crate::harness::{
    Daemon, Shop, eventually,
    generic::shop_talking_to,
    platform::{Platform, json},
};
use http::Method;

async fn page(daemon: &Daemon) -> String {
    daemon.admin(Method::GET, "/metrics").await.text()
}

/// The value of the first line that begins so.
fn value(page: &str, line: &str) -> Option<f64> {
    page.lines().find_map(|it| it.strip_prefix(line)?.trim().parse().ok())
}

#[tokio::test]
async fn a_delivered_message_leaves_its_times_as_histograms_with_help() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "Do you sell tea?").await;
    let page = eventually("the delivery is counted", async || {
        let page = page(&daemon).await;
        value(&page, "nightclerk_outbox_sent_total{channel=\"shop\"}").is_some().then_some(page)
    })
    .await;
    assert!(!page.contains("quantile="), "summaries decay to 0 and cannot be added up: {page}");
    for name in ["nightclerk_decision_seconds", "nightclerk_outbox_delivery_seconds", "nightclerk_store_commit_seconds"]
    {
        assert!(page.contains(&format!("# TYPE {name} histogram")), "{name}: {page}");
        assert!(page.contains(&format!("# HELP {name} ")), "{name}: {page}");
    }
    let answers = "nightclerk_platform_answers_total{channel=\"shop\",answer=\"2xx\"}";
    assert!(value(&page, answers).is_some_and(|count| count >= 1.0), "{page}");
    let build = format!("nightclerk_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    assert_eq!(value(&page, &build), Some(1.0), "{page}");
    let started = value(&page, "nightclerk_start_time_seconds").unwrap();
    assert!((crate::harness::sign::now_s() as f64 - started).abs() < 60.0, "{page}");
}

#[tokio::test]
async fn a_message_that_waits_grows_old_and_the_platforms_errors_are_counted() {
    let platform = Platform::answering(|_| json(503, "{}")).await;
    let shop = shop_talking_to(&platform);
    shop.edit("nightclerk.toml", "[outbox]", "[outbox]\nmax_attempts = 1000");
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "Do you sell tea?").await;
    eventually("the age of the waiting message", async || {
        let page = page(&daemon).await;
        let old = value(&page, "nightclerk_outbox_oldest_seconds").is_some_and(|age| age > 0.0);
        let failing = value(&page, "nightclerk_platform_answers_total{channel=\"shop\",answer=\"5xx\"}").is_some();
        let retried = value(&page, "nightclerk_outbox_retried_total{channel=\"shop\"}").is_some();
        (old && failing && retried).then_some(())
    })
    .await;
}

#[tokio::test]
async fn edits_of_the_configuration_are_counted_and_a_refused_one_shows() {
    let shop = Shop::new();
    let daemon = shop.start().await;
    let good = std::fs::read_to_string(shop.config().join("store.toml")).unwrap();
    shop.write("store.toml", "[store");
    eventually("the refused edit", async || {
        let page = page(&daemon).await;
        let refused = value(&page, "nightclerk_config_reloads_total{result=\"refused\"}").is_some();
        (refused && value(&page, "nightclerk_config_up_to_date") == Some(0.0)).then_some(())
    })
    .await;
    shop.write("store.toml", &good);
    eventually("the good edit", async || {
        let page = page(&daemon).await;
        let applied = value(&page, "nightclerk_config_reloads_total{result=\"applied\"}").is_some();
        (applied && value(&page, "nightclerk_config_up_to_date") == Some(1.0)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn sizes_and_depths_are_there_before_anything_happens() {
    let shop = Shop::new();
    let daemon = shop.start().await;
    let page = eventually("a first look around", async || {
        let page = page(&daemon).await;
        value(&page, "nightclerk_store_bytes{file=\"database\"}").is_some().then_some(page)
    })
    .await;
    let bytes = value(&page, "nightclerk_store_bytes{file=\"database\"}").unwrap();
    let log = value(&page, "nightclerk_store_bytes{file=\"log\"}").unwrap();
    assert!(bytes + log > 0.0, "{page}");
    assert_eq!(value(&page, "nightclerk_inbox_waiting"), Some(0.0), "{page}");
    assert_eq!(value(&page, "nightclerk_outbox_oldest_seconds"), Some(0.0), "{page}");
}

#[tokio::test]
async fn the_apis_description_says_how_to_be_let_in_and_where_the_metrics_are() {
    let shop = Shop::new();
    let daemon = shop.start().await;
    let description = daemon.admin(Method::GET, "/v1/openapi.json").await.json();
    let scheme = &description["components"]["securitySchemes"]["token"];
    assert_eq!((&scheme["type"], &scheme["scheme"]), (&"http".into(), &"bearer".into()), "{description}");
    assert_eq!(description["security"][0]["token"], serde_json::json!([]), "{description}");
    assert!(description["paths"]["/metrics"]["get"].is_object(), "{description}");
}
