//! What was learned from the example sentences, ready to be asked.

use super::layout::{MAGIC, UNKNOWN_RARITY};

/// The model, as it was built into the clerk.
static BUILT_IN: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/intents.bin"));

/// The weights of each feature for each intent, and one column for urgency.
pub struct Model {
    pub labels: Vec<Label>,
    scales: Vec<f32>,
    biases: Vec<f32>,
    rarity: Vec<f32>,
    features: Vec<u32>,
    weights: &'static [u8],
}

/// An intent of the model.
pub struct Label {
    pub id: &'static str,
    pub urgent: bool,
}

/// How well a text fits each intent, in the order of the labels, and how urgent it sounds; 0 is the border.
pub struct Scores {
    pub intents: Vec<f32>,
    pub urgency: f32,
    /// The share of the text that some example has too.
    pub known: f32,
}

impl Model {
    /// The one that was built in. `None` if the build went wrong, which a test keeps from happening.
    pub fn built_in() -> Option<Self> {
        Self::parse(BUILT_IN)
    }

    #[cfg(test)]
    pub fn size() -> usize {
        BUILT_IN.len()
    }

    pub fn parse(bytes: &'static [u8]) -> Option<Self> {
        let mut rest = bytes;
        if number(&mut rest)? != MAGIC {
            return None;
        }
        let (count, features) = (number(&mut rest)? as usize, number(&mut rest)? as usize);
        let mut labels = Vec::with_capacity(count);
        for _ in 0..count {
            let (head, after) = rest.split_at_checked(2)?;
            let (id, after) = after.split_at_checked(usize::from(*head.get(1)?))?;
            rest = after;
            labels.push(Label { id: std::str::from_utf8(id).ok()?, urgent: head.first() == Some(&1) });
        }
        let mut floats =
            |count: usize| -> Option<Vec<f32>> { (0..count).map(|_| number(&mut rest).map(f32::from_bits)).collect() };
        let (scales, biases, rarity) = (floats(count + 1)?, floats(count + 1)?, floats(features)?);
        let keys: Option<Vec<u32>> = (0..features).map(|_| number(&mut rest)).collect();
        let model = Self { labels, scales, biases, rarity, features: keys?, weights: rest };
        (rest.len() == features * (count + 1)).then_some(model)
    }

    /// `features` are those of `features::features`.
    pub fn score(&self, features: &[u32]) -> Scores {
        let columns = self.labels.len() + 1;
        let mut sums = vec![0.0_f32; columns];
        let (mut square, mut known) = (0.0, 0.0);
        for feature in features {
            let Ok(at) = self.features.binary_search(feature) else {
                square += UNKNOWN_RARITY * UNKNOWN_RARITY;
                continue;
            };
            let rarity = self.rarity.get(at).copied().unwrap_or(UNKNOWN_RARITY);
            square += rarity * rarity;
            known += rarity * rarity;
            let row = self.weights.get(at * columns..(at + 1) * columns).unwrap_or_default();
            for (sum, weight) in sums.iter_mut().zip(row) {
                *sum += f32::from(i8::from_le_bytes([*weight])) * rarity;
            }
        }
        let length = f32::max(square, 1.0).sqrt();
        let fitted = sums.iter().zip(&self.scales).zip(&self.biases);
        let mut intents: Vec<f32> = fitted.map(|((sum, scale), bias)| sum * scale / length + bias).collect();
        let urgency = intents.pop().unwrap_or_default();
        Scores { intents, urgency, known: known / f32::max(square, 1.0) }
    }

    /// How alike two texts are, from 0 to 1; their features are in ascending order.
    pub fn cosine(&self, left: &[u32], right: &[u32]) -> f32 {
        let square = |feature: &u32| self.rarity(*feature) * self.rarity(*feature);
        let shared: f32 = left.iter().filter(|it| right.binary_search(it).is_ok()).map(square).sum();
        let (left, right): (f32, f32) = (left.iter().map(square).sum(), right.iter().map(square).sum());
        shared / (left * right).sqrt().max(f32::MIN_POSITIVE)
    }

    fn rarity(&self, feature: u32) -> f32 {
        let at = self.features.binary_search(&feature).ok();
        at.and_then(|at| self.rarity.get(at)).copied().unwrap_or(UNKNOWN_RARITY)
    }
}

fn number(rest: &mut &'static [u8]) -> Option<u32> {
    let (head, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    Some(u32::from_le_bytes(*head))
}
