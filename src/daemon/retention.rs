//! Removes what was kept long enough.

use std::{sync::Arc, time::Duration};

use crate::{
    clock,
    store::{Store, wait},
};

const EXPIRE_EVERY: Duration = Duration::from_secs(600);

/// Lets what has expired go, now and then, until it is aborted.
pub async fn expire(store: Arc<dyn Store>) {
    loop {
        tokio::time::sleep(EXPIRE_EVERY).await;
        if let Err(error) = wait(store.expire(clock::now_ms())).await {
            tracing::warn!(%error, "old records could not be removed");
        }
    }
}
