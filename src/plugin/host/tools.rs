use super::limits::CallLimits;

/// Fills a template in the store's template language with variables that are JSON.
pub type Render = fn(&str, &str) -> Result<String, String>;

/// What the host does for guests beside looking things up.
pub struct Tools {
    pub limits: CallLimits,
    pub render: Render,
}
