//! Removes what was kept long enough.

use std::{sync::Arc, time::Duration};

use crate::{
    clock,
    http::Pictures,
    store::{Retention, Store, wait},
};

const EXPIRE_EVERY: Duration = Duration::from_secs(600);

/// Lets what has expired go, now and then, until it is aborted.
pub async fn expire(store: Arc<dyn Store>, pictures: Arc<Pictures>, retention: Retention) {
    let kept = Duration::from_millis(retention.log_ms.unsigned_abs());
    loop {
        tokio::time::sleep(EXPIRE_EVERY).await;
        if let Err(error) = wait(store.expire(clock::now_ms())).await {
            tracing::warn!(%error, "old records could not be removed");
        }
        // A picture goes with the message that brought it.
        let pictures = pictures.clone();
        let _ = tokio::task::spawn_blocking(move || pictures.expire(kept)).await;
    }
}
