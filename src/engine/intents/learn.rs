//! Learns from example sentences.
//!
//! One linear support vector machine for each intent, and one for urgency, by dual coordinate descent (Hsieh et al.,
//! "A Dual Coordinate Descent Method for Large-scale Linear SVM", 2008). It uses nothing but sums, products and square
//! roots in a fixed order, so the same sentences give the same model everywhere. The libraries that are kept learn from
//! dense matrices, which for tens of thousands of features are gigabytes.

use std::collections::BTreeMap;

use super::layout::{MAGIC, RARITY_STEPS, UNKNOWN_RARITY};

/// One sentence.
pub struct Example {
    pub intent: usize,
    pub urgent: bool,
    pub features: Vec<u32>,
}

/// An intent, as the model names it.
pub struct Label {
    pub id: String,
    pub urgent: bool,
}

/// How dear a mistake is; a sentence of the intent weighs more than one of the many others.
const COST: f64 = 1.0;
const COST_OF_MISSING: f64 = 4.0;
const ROUNDS: usize = 12;
/// A weight below this share of its intent's largest is not kept: thousands of them change next to nothing.
const LEAST_WEIGHT: f64 = 2.75 / 127.0;

/// The model, as `Model::parse` reads it.
pub fn learn(labels: &[Label], examples: &[Example]) -> Vec<u8> {
    let mut seen: BTreeMap<u32, usize> = BTreeMap::new();
    examples.iter().flat_map(|it| &it.features).for_each(|it| *seen.entry(*it).or_default() += 1);
    let total = examples.len() as f64;
    let written = |count: usize| {
        let rarity = ((total / count as f64).sqrt() as f32).min(UNKNOWN_RARITY);
        (rarity / UNKNOWN_RARITY * f32::from(RARITY_STEPS)).round() as u8
    };
    let rarities: Vec<u8> = seen.values().map(|count| written(*count)).collect();
    let numbers: BTreeMap<u32, usize> = seen.keys().enumerate().map(|(number, feature)| (*feature, number)).collect();
    let rows: Vec<Vec<(usize, f64)>> = examples.iter().map(|it| row(&it.features, &numbers, &rarities)).collect();

    let mut weights: Vec<Vec<u8>> = vec![Vec::new(); seen.len()];
    let (mut scales, mut biases) = (Vec::new(), Vec::new());
    for column in 0..=labels.len() {
        let wanted: Vec<bool> =
            examples.iter().map(|it| if column == labels.len() { it.urgent } else { it.intent == column }).collect();
        let (learned, bias) = machine(&rows, &wanted, seen.len());
        let largest = learned.iter().fold(0.0_f64, |largest, it| largest.max(it.abs())).max(f64::MIN_POSITIVE);
        let scale = largest / 127.0;
        let kept = learned.iter().zip(&mut weights).filter(|(weight, _)| weight.abs() >= largest * LEAST_WEIGHT);
        for (weight, of_feature) in kept {
            of_feature.extend([column as u8, ((weight / scale).round() as i8).to_le_bytes()[0]]);
        }
        scales.push(scale as f32);
        biases.push(bias as f32);
    }

    // What weighs nothing anywhere and is as rare as what no example has is told by being absent.
    let kept: Vec<bool> = weights.iter().zip(&rarities).map(|it| !it.0.is_empty() || *it.1 != RARITY_STEPS).collect();
    let mut keep = kept.iter().copied().cycle();
    seen.retain(|_, _| keep.next().unwrap_or(true));
    let rarities: Vec<u8> = rarities.iter().zip(&kept).filter_map(|(rarity, kept)| kept.then_some(*rarity)).collect();
    weights.retain(|_| keep.next().unwrap_or(true));

    let mut bytes = MAGIC.to_le_bytes().to_vec();
    bytes.extend((labels.len() as u32).to_le_bytes());
    bytes.extend((seen.len() as u32).to_le_bytes());
    for label in labels {
        bytes.extend([u8::from(label.urgent), label.id.len() as u8]);
        bytes.extend(label.id.as_bytes());
    }
    scales.iter().chain(&biases).for_each(|it| bytes.extend(it.to_le_bytes()));
    seen.keys().for_each(|it| bytes.extend(it.to_le_bytes()));
    bytes.extend(&rarities);
    bytes.extend(weights.iter().map(|it| (it.len() / 2) as u8));
    bytes.extend(weights.concat());
    bytes
}

/// A sentence as a vector of length one; what no other sentence has counts for its length alone.
fn row(features: &[u32], numbers: &BTreeMap<u32, usize>, rarities: &[u8]) -> Vec<(usize, f64)> {
    let mut square = 0.0;
    let mut row = Vec::with_capacity(features.len());
    for feature in features {
        let number = numbers.get(feature);
        let weight = f64::from(number.and_then(|it| rarities.get(*it)).copied().unwrap_or(RARITY_STEPS));
        square += weight * weight;
        row.extend(number.map(|number| (*number, weight)));
    }
    let length = square.sqrt();
    row.iter_mut().for_each(|(_, weight)| *weight /= length);
    row
}

/// Weights and bias that tell the wanted rows from the others.
fn machine(rows: &[Vec<(usize, f64)>], wanted: &[bool], features: usize) -> (Vec<f64>, f64) {
    let mut weights = vec![0.0; features];
    let mut bias = 0.0;
    let mut alphas = vec![0.0_f64; rows.len()];
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..ROUNDS {
        for at in (1..order.len()).rev() {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            order.swap(at, (random % (at as u64 + 1)) as usize);
        }
        for number in &order {
            let (Some(row), Some(wanted), Some(alpha)) =
                (rows.get(*number), wanted.get(*number), alphas.get_mut(*number))
            else {
                continue;
            };
            let (sign, cost) = if *wanted { (1.0, COST_OF_MISSING) } else { (-1.0, COST) };
            let margin =
                row.iter().fold(bias, |sum, (at, value)| sum + weights.get(*at).copied().unwrap_or(0.0) * value);
            let diagonal = 0.5 / cost;
            let gradient = sign * margin - 1.0 + diagonal * *alpha;
            // Rows have length one, and the bias counts as a feature of one.
            let new = (*alpha - gradient / (2.0 + diagonal)).max(0.0);
            let step = (new - *alpha) * sign;
            if step == 0.0 {
                continue;
            }
            *alpha = new;
            bias += step;
            for (at, value) in row {
                if let Some(weight) = weights.get_mut(*at) {
                    *weight += step * value;
                }
            }
        }
    }
    (weights, bias)
}
