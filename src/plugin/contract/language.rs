//! The one place where the engine's language codes become the contract's.

/// The BCP 47 tag of an engine's code. A code that is one already stays as it is.
pub fn tag(code: &str) -> &str {
    match code {
        "zh" => "zh-Hans",
        tag => tag,
    }
}
