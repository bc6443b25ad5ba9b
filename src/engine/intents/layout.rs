//! What the learner writes and the model reads.

/// The first bytes of a model; another layout gets another.
pub const MAGIC: u32 = 0x6e63_6931;
/// How much a feature counts that no example has, and at most one that has few.
pub const UNKNOWN_RARITY: f32 = 4.0;
