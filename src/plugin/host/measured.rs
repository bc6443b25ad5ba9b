//! What one instance of a plugin may take, and what it took.

use wasmtime::{ResourceLimiter, StoreLimits};

/// What one instance may take, and what it has taken.
pub struct Measured {
    limits: StoreLimits,
    /// Its memory at its largest.
    pub memory_bytes: usize,
}

impl Measured {
    /// Nothing is taken yet.
    pub fn new(limits: StoreLimits) -> Self {
        Self { limits, memory_bytes: 0 }
    }
}

impl ResourceLimiter for Measured {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let may = self.limits.memory_growing(current, desired, maximum)?;
        if may {
            self.memory_bytes = self.memory_bytes.max(desired);
        }
        Ok(may)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.limits.table_growing(current, desired, maximum)
    }

    fn instances(&self) -> usize {
        self.limits.instances()
    }

    fn tables(&self) -> usize {
        self.limits.tables()
    }

    fn memories(&self) -> usize {
        self.limits.memories()
    }
}
