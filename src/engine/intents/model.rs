//! What was learned from the example sentences, ready to be asked.

use super::layout::{MAGIC, RARITY_STEPS, UNKNOWN_RARITY};

/// The model, as it was built into the clerk.
static BUILT_IN: &[u8] = include_bytes!("model.bin");

/// The weights of each feature for each intent, and one column for urgency.
pub struct Model {
    pub labels: Vec<Label>,
    scales: Vec<f32>,
    biases: Vec<f32>,
    /// Keys with the number of their feature, by the key's last bits, a power of two of places; the number 0 is none.
    places: Vec<(u32, u32)>,
    features: Vec<Feature>,
    weights: &'static [u8],
}

/// An intent of the model.
pub struct Label {
    pub id: &'static str,
    pub urgent: bool,
}

#[derive(Clone, Copy)]
struct Feature {
    /// Where its weights begin.
    start: u32,
    weights: u8,
    rarity: u8,
}

/// How well a text fits each intent, in the order of the labels, and how urgent it sounds; 0 is the border.
pub struct Scores {
    pub intents: Vec<f32>,
    pub urgency: f32,
    /// The share of the text that some example has too.
    pub known: f32,
}

impl Model {
    /// The one that was built in. `None` if it was made for another version, which a test keeps from happening.
    pub fn built_in() -> Option<Self> {
        Self::parse(BUILT_IN)
    }

    #[cfg(test)]
    pub fn bytes() -> &'static [u8] {
        BUILT_IN
    }

    pub fn parse(bytes: &'static [u8]) -> Option<Self> {
        let (labels, known, mut rest) = head(bytes)?;
        let count = labels.len();
        let mut floats =
            |count: usize| -> Option<Vec<f32>> { (0..count).map(|_| number(&mut rest).map(f32::from_bits)).collect() };
        let (scales, biases) = (floats(count + 1)?, floats(count + 1)?);
        let (mut keys, after) = rest.split_at_checked(known.checked_mul(4)?)?;
        let (rarities, after) = after.split_at_checked(known)?;
        let (counts, weights) = after.split_at_checked(known)?;
        let mut places = vec![(0, 0); (known * 2).next_power_of_two()];
        let mut features = Vec::with_capacity(known + 1);
        let mut start = 0;
        features.push(Feature { start, weights: 0, rarity: RARITY_STEPS });
        for (rarity, weights) in rarities.iter().zip(counts) {
            insert(&mut places, number(&mut keys)?, u32::try_from(features.len()).ok()?);
            features.push(Feature { start, weights: *weights, rarity: *rarity });
            start += 2 * u32::from(*weights);
        }
        let whole = weights.len() == start as usize && weights.chunks_exact(2).all(|it| usize::from(it[0]) <= count);
        whole.then_some(Self { labels, scales, biases, places, features, weights })
    }

    /// `features` are those of `features::features`.
    pub fn score(&self, features: &[u32]) -> Scores {
        let mut sums = [0_i32; 256];
        let (mut square, mut known) = (0_u32, 0_u32);
        for feature in features {
            let Some(feature) = self.find(*feature) else {
                square += u32::from(RARITY_STEPS) * u32::from(RARITY_STEPS);
                continue;
            };
            let rarity = i32::from(feature.rarity);
            square += u32::from(feature.rarity) * u32::from(feature.rarity);
            known += u32::from(feature.rarity) * u32::from(feature.rarity);
            let start = feature.start as usize;
            let weights = self.weights.get(start..start + 2 * usize::from(feature.weights)).unwrap_or_default();
            for weight in weights.as_chunks::<2>().0 {
                sums[usize::from(weight[0])] += i32::from(i8::from_le_bytes([weight[1]])) * rarity;
            }
        }
        // Rarities stand above and below the line, so that their unit does not matter.
        let length = (square.max(1) as f32).sqrt();
        let fitted = sums.iter().zip(&self.scales).zip(&self.biases);
        let mut intents = Vec::with_capacity(self.biases.len());
        intents.extend(fitted.map(|((sum, scale), bias)| *sum as f32 * scale / length + bias));
        let urgency = intents.pop().unwrap_or_default();
        Scores { intents, urgency, known: known as f32 / square.max(1) as f32 }
    }

    /// How alike two texts are, from 0 to 1; the features of the right one are in ascending order.
    pub fn cosine(&self, left: &[u32], right: &[u32]) -> f32 {
        let square = |feature: &u32| self.rarity(*feature) * self.rarity(*feature);
        let shared: f32 = left.iter().filter(|it| right.binary_search(it).is_ok()).map(square).sum();
        let (left, right): (f32, f32) = (left.iter().map(square).sum(), right.iter().map(square).sum());
        shared / (left * right).sqrt().max(f32::MIN_POSITIVE)
    }

    fn rarity(&self, feature: u32) -> f32 {
        let rarity = self.find(feature).map_or(RARITY_STEPS, |it| it.rarity);
        f32::from(rarity) / f32::from(RARITY_STEPS) * UNKNOWN_RARITY
    }

    fn find(&self, key: u32) -> Option<Feature> {
        let mask = self.places.len() - 1;
        let mut at = key as usize & mask;
        loop {
            match self.places.get(at)? {
                (_, 0) => return None,
                (known, number) if *known == key => return self.features.get(*number as usize).copied(),
                _ => at = (at + 1) & mask,
            }
        }
    }
}

/// The intents of the model that was built in, read without the rest of it: a start needs their names alone.
pub fn built_in_labels() -> Vec<Label> {
    head(BUILT_IN).map(|(labels, ..)| labels).unwrap_or_default()
}

/// The labels at the beginning of a model, how many features it knows, and what follows.
fn head(bytes: &'static [u8]) -> Option<(Vec<Label>, usize, &'static [u8])> {
    let mut rest = bytes;
    if number(&mut rest)? != MAGIC {
        return None;
    }
    let (count, known) = (number(&mut rest)? as usize, number(&mut rest)? as usize);
    let mut labels = Vec::with_capacity(count.min(256));
    for _ in 0..count {
        let (head, after) = rest.split_at_checked(2)?;
        let (id, after) = after.split_at_checked(usize::from(*head.get(1)?))?;
        rest = after;
        labels.push(Label { id: std::str::from_utf8(id).ok()?, urgent: head.first() == Some(&1) });
    }
    Some((labels, known, rest))
}

/// Half of the places stay free.
fn insert(places: &mut [(u32, u32)], key: u32, number: u32) {
    let mask = places.len() - 1;
    let mut at = key as usize & mask;
    while places.get(at).is_some_and(|(_, taken)| *taken != 0) {
        at = (at + 1) & mask;
    }
    if let Some(place) = places.get_mut(at) {
        *place = (key, number);
    }
}

fn number(rest: &mut &'static [u8]) -> Option<u32> {
    let (head, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    Some(u32::from_le_bytes(*head))
}
