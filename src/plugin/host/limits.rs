use std::time::Duration;

/// What the store lets one call take.
#[derive(Clone, Copy, Debug)]
pub struct CallLimits {
    /// Running time; what the host does in its place is not counted.
    pub timeout: Duration,
    pub memory_bytes: usize,
    /// Of what it hands to the host at once: an answer, or the arguments of a question.
    pub output_bytes: usize,
    /// After so many failures in a row a plugin is set aside.
    pub failures_before_set_aside: u32,
}

impl Default for CallLimits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_millis(100),
            memory_bytes: 16 << 20,
            output_bytes: 64 << 10,
            failures_before_set_aside: 5,
        }
    }
}
