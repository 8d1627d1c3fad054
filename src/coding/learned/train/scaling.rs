use rayon::prelude::*;

use super::Example;
use crate::coding::learned::features::{COUNTED, kind, rule_names};
use crate::coding::learned::fit::Row;
use crate::coding::learned::model::{Facts, Reads, VECTOR_SCALE, bucket, rarity, rarity_steps};
use crate::encoder::WIDTH;

/// What is learnt of the rows before fitting: how rare buckets are, and where the vector's numbers lie.
pub(super) struct Scaling {
    pub(super) rarities: Vec<u8>,
    pub(super) mean: Vec<f32>,
    pub(super) stretch: Vec<f32>,
}

impl Scaling {
    pub(super) fn of(examples: &[Example], facts: &Facts) -> Self {
        let fitted: Vec<&Example> = examples.iter().filter(|example| !example.labels.held_out).collect();
        let mut seen = vec![0_u32; 1 << facts.bits];
        for example in &fitted {
            let mut mine: Vec<usize> = example.hashed.hashes.iter().map(|hash| bucket(*hash, facts.bits)).collect();
            mine.sort_unstable();
            mine.dedup();
            for bucket in mine {
                seen[bucket] += 1;
            }
        }
        let count = fitted.len() as f32;
        // Inverse document frequency (Spärck Jones 1972), smoothed.
        let rarities =
            seen.iter().map(|seen| rarity_steps(((1.0 + count) / (1.0 + *seen as f32)).ln() + 1.0)).collect();
        let width = if facts.reads == Reads::Encoder { WIDTH } else { 0 };
        let (mut mean, mut square) = (vec![0.0_f64; width], vec![0.0_f64; width]);
        for example in &fitted {
            for ((mean, square), value) in mean.iter_mut().zip(&mut square).zip(&example.vector) {
                *mean += f64::from(*value) / fitted.len() as f64;
                *square += f64::from(*value) * f64::from(*value) / fitted.len() as f64;
            }
        }
        let spread = VECTOR_SCALE / (width.max(1) as f32).sqrt();
        let stretch = |(mean, square): (&f64, &f64)| spread / ((square - mean * mean).max(1e-9).sqrt() as f32);
        let stretch = mean.iter().zip(&square).map(stretch).collect();
        Self { rarities, mean: mean.iter().map(|mean| *mean as f32).collect(), stretch }
    }

    /// How many features there are of each kind.
    pub(super) fn features(&self, facts: &Facts) -> [usize; BLOCKS] {
        [COUNTED.len() + rule_names(&facts.patterns).len(), self.mean.len(), self.rarities.len()]
    }

    pub(super) fn blocks(&self, examples: &[Example], facts: &Facts) -> Blocks {
        let dense =
            |values: &[f32]| -> Row { values.iter().enumerate().map(|(at, value)| (at as u32, *value)).collect() };
        let vector = |example: &Example| -> Row {
            let places = self.mean.iter().zip(&self.stretch);
            let scaled: Vec<f32> =
                example.vector.iter().zip(places).map(|(value, (mean, stretch))| (value - mean) * stretch).collect();
            dense(&scaled)
        };
        Blocks {
            rows: [
                examples.par_iter().map(|example| dense(&example.counted)).collect(),
                examples.par_iter().map(vector).collect(),
                examples.par_iter().map(|example| self.hashed(&example.hashed.hashes, facts.bits)).collect(),
            ],
            features: self.features(facts),
        }
    }

    /// Rarities of the buckets of a comment, those of words and those of runs of letters each scaled to a length near 1.
    fn hashed(&self, hashes: &[u32], bits: u32) -> Row {
        let mut buckets: Vec<(usize, usize)> = hashes.iter().map(|hash| (bucket(*hash, bits), kind(*hash))).collect();
        buckets.sort_unstable();
        let rare = |bucket: usize| rarity(self.rarities[bucket]);
        let mut lengths = [0.0_f32; 2];
        for (bucket, kind) in &buckets {
            lengths[*kind] += rare(*bucket) * rare(*bucket);
        }
        let lengths = lengths.map(|length| length.sqrt().max(1e-6));
        let value =
            |same: &[(usize, usize)]| -> f32 { same.iter().map(|(bucket, kind)| rare(*bucket) / lengths[*kind]).sum() };
        buckets.chunk_by(|a, b| a.0 == b.0).map(|same| (same[0].0 as u32, value(same))).collect()
    }
}

/// The kinds of features (counted, vector, hashed), each with a head of its own: side by side in one head the encoder, which has seen most of these texts, would
/// silence the rest.
pub(super) const BLOCKS: usize = 3;

/// Rows of each kind of feature, and how many features there are of it.
pub(super) struct Blocks {
    pub(super) rows: [Vec<Row>; BLOCKS],
    pub(super) features: [usize; BLOCKS],
}
