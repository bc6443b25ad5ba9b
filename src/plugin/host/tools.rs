use std::sync::Arc;

use serde_json::Value;

use super::{fetch::Fetch, limits::CallLimits};

/// Fills a template in the store's template language.
pub type Render = fn(&str, &Value) -> Result<String, String>;

/// What the host does for guests beside looking things up.
#[derive(Clone)]
pub struct Tools {
    pub limits: CallLimits,
    pub render: Render,
    /// `None`: there is no network.
    pub fetch: Option<Arc<dyn Fetch>>,
}
