//! Numbers of features: the same on every machine, since the model is learned on another one.

/// Of letters, told apart by their kind.
pub fn hash(kind: u8, letters: &[char]) -> u32 {
    mixed(letters.iter().fold(u32::from(kind), |hash, letter| step(hash, u32::from(*letter))))
}

/// Of two that stand together.
pub fn join(kind: u8, left: u32, right: u32) -> u32 {
    mixed(step(step(u32::from(kind), left), right))
}

/// A name as it is joined.
pub fn name(text: &str) -> u32 {
    mixed(text.chars().fold(0, |hash, letter| step(hash, u32::from(letter))))
}

/// One step of a hash.
pub fn step(hash: u32, next: u32) -> u32 {
    (hash.rotate_left(5) ^ next).wrapping_mul(0x9e37_79b1)
}

/// Every bit of it has a say in every bit.
pub fn mixed(hash: u32) -> u32 {
    let hash = (hash ^ (hash >> 15)).wrapping_mul(0x85eb_ca6b);
    hash ^ (hash >> 13)
}
