//! What the learner writes and the model reads.
//!
//! A head (magic, number of intents, number of features, as `u32`), the intents (urgent, length of the name, the name),
//! scales and biases of each intent and of urgency (`f32`), then of all features the keys (`u32`, ascending), the rarities
//! (a byte each), the numbers of weights (a byte each), and the weights (column and weight, a byte each). All little-endian.

/// The first bytes of a model; another layout gets another.
pub const MAGIC: u32 = 0x6e63_6932;
/// How much a feature counts that no example has, and at most one that has few.
pub const UNKNOWN_RARITY: f32 = 4.0;
/// The same as it is written.
pub const RARITY_STEPS: u8 = 240;
