use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

/// What a call has used of the network so far.
#[derive(Default)]
pub struct Fetched {
    pub times: u32,
    pub took: Duration,
}

/// Sends what a plugin asks for. Called from a thread that may block.
pub trait Fetch: Send + Sync {
    /// # Errors
    /// Why there is no answer, in words that may be shown to the plugin.
    fn fetch(&self, request: Request<Bytes>, timeout: Duration) -> Result<Response<Bytes>, String>;
}
