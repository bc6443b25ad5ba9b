//! Removes what was kept long enough.

use std::{sync::Arc, time::Duration};

use crate::{clock, store::Store};

/// Dedupe ids are kept this long: no platform delivers again after it.
const KEPT_MS: i64 = 8 * 24 * 60 * 60 * 1000;
const PRUNE_EVERY: Duration = Duration::from_secs(600);

/// Prunes the store now and then, until it is aborted.
pub async fn prune(store: Arc<dyn Store>) {
    loop {
        tokio::time::sleep(PRUNE_EVERY).await;
        if let Ok(Err(error)) = store.prune(clock::now_ms() - KEPT_MS).await {
            tracing::warn!(%error, "old records could not be removed");
        }
    }
}
