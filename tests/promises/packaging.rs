//! What `packaging/` is built on.

use std::fs;

use crate::harness::{Shop, root};

#[test]
fn the_container_images_configuration_is_one_the_clerk_takes() {
    let shop = Shop::new();
    shop.write("nightclerk.toml", &fs::read_to_string(root().join("packaging/container.toml")).unwrap());
    let checked = shop.run(&["check"]);
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    // What the Dockerfile exposes and mounts.
    assert!(said.contains("0.0.0.0:8080") && said.contains("/data"), "{said}");
}

#[tokio::test]
async fn health_tells_a_clerk_that_takes_webhooks_from_none() {
    let shop = Shop::new();
    let before = shop.run(&["health"]);
    assert_eq!(before.status.code(), Some(1), "no clerk ran");
    let daemon = shop.start().await;
    let running = shop.run(&["health"]);
    assert!(running.status.success(), "{}", String::from_utf8_lossy(&running.stderr));
    // Killed, it leaves its address behind; nobody answers there.
    daemon.kill();
    assert_eq!(shop.run(&["health"]).status.code(), Some(1), "the clerk was killed");
}
