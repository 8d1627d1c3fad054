use rayon::prelude::*;

use super::Example;
use crate::coding::learned::features::{COUNTED, kind, own, rule_names};
use crate::coding::learned::fit::Row;
use crate::coding::learned::model::{Facts, VECTOR_SCALE, bucket, rarity, rarity_steps};
use crate::encoder::WIDTH;

/// How much what is peculiar to a habit counts beside what all share (Daumé 2007, *Frustratingly Easy Domain Adaptation*).
pub(super) const HABIT: f32 = 0.7;

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
            let mut mine: Vec<usize> = example.all_hashes(facts).map(|hash| bucket(hash, facts.bits)).collect();
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
        let (mut mean, mut square) = (vec![0.0_f64; WIDTH], vec![0.0_f64; WIDTH]);
        for example in &fitted {
            for ((mean, square), value) in mean.iter_mut().zip(&mut square).zip(&example.vector) {
                *mean += f64::from(*value) / fitted.len() as f64;
                *square += f64::from(*value) * f64::from(*value) / fitted.len() as f64;
            }
        }
        let spread = VECTOR_SCALE / (WIDTH as f32).sqrt();
        let stretch = |(mean, square): (&f64, &f64)| spread / ((square - mean * mean).max(1e-9).sqrt() as f32);
        let stretch = mean.iter().zip(&square).map(stretch).collect();
        Self { rarities, mean: mean.iter().map(|mean| *mean as f32).collect(), stretch }
    }

    /// How many features there are of each kind. Of the vector's there are as many again for each habit, and one that is always 1.
    pub(super) fn features(&self, facts: &Facts) -> [usize; BLOCKS] {
        let (width, habits) = (self.mean.len(), facts.habits.len());
        let cued = 2 * facts.reads.cues().len();
        [COUNTED.len() + rule_names(&facts.patterns).len(), cued, width * (1 + habits) + habits, self.rarities.len()]
    }

    pub(super) fn blocks(&self, examples: &[Example], facts: &Facts) -> Blocks {
        let dense =
            |values: &[f32]| -> Row { values.iter().enumerate().map(|(at, value)| (at as u32, *value)).collect() };
        let width = self.mean.len();
        let vector = |example: &Example| -> Row {
            let places = self.mean.iter().zip(&self.stretch);
            let scaled: Vec<f32> =
                example.vector.iter().zip(places).map(|(value, (mean, stretch))| (value - mean) * stretch).collect();
            let mut row = dense(&scaled);
            let habit = example.habit.as_ref().and_then(|habit| facts.habits.iter().position(|known| known == habit));
            if let Some(habit) = habit {
                let from = (width * (1 + habit)) as u32;
                row.extend(scaled.iter().zip(from..).map(|(value, at)| (at, value * HABIT)));
                row.push(((width * (1 + facts.habits.len()) + habit) as u32, HABIT));
            }
            row
        };
        Blocks {
            rows: [
                examples.par_iter().map(|example| dense(&example.counted)).collect(),
                examples.par_iter().map(|example| dense(&example.cued)).collect(),
                examples.par_iter().map(vector).collect(),
                examples.par_iter().map(|example| self.hashed(example, facts)).collect(),
            ],
            features: self.features(facts),
        }
    }

    /// Rarities of the buckets of a comment, those of words and those of runs of letters each scaled to a length near 1; then the
    /// same for its habit's own hashes.
    fn hashed(&self, example: &Example, facts: &Facts) -> Row {
        let mut row = self.scaled(&example.hashes, facts.bits);
        if let Some(seed) = example.seed(facts) {
            let own: Vec<u32> = example.hashes.iter().map(|hash| own(*hash, seed)).collect();
            row.extend(self.scaled(&own, facts.bits));
        }
        row
    }

    fn scaled(&self, hashes: &[u32], bits: u32) -> Row {
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

/// The kinds of features (counted, cued, vector, hashed), each with a head of its own: side by side in one head the encoder, which has
/// seen most of these texts, would silence the rest.
pub(super) const BLOCKS: usize = 4;
pub(super) const COUNTS: usize = 0;
pub(super) const CUES: usize = 1;
pub(super) const VECTOR: usize = 2;
pub(super) const WORDS: usize = 3;

/// Rows of each kind of feature, and how many features there are of it.
pub(super) struct Blocks {
    pub(super) rows: [Vec<Row>; BLOCKS],
    pub(super) features: [usize; BLOCKS],
}
