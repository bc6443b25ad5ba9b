use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

/// Sends what a plugin asks for. Called from a thread that may block.
pub trait Fetch: Send + Sync {
    /// # Errors
    /// Why there is no answer, in words that may be shown to the plugin.
    fn fetch(&self, request: Request<Bytes>, timeout: Duration) -> Result<Response<Bytes>, String>;
}
