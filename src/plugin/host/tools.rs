use serde_json::Value;

use super::limits::CallLimits;

/// Fills a template in the store's template language.
pub type Render = fn(&str, &Value) -> Result<String, String>;

/// What the host does for guests beside looking things up.
pub struct Tools {
    pub limits: CallLimits,
    pub render: Render,
}
