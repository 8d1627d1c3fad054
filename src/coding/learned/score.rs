//! Figures of merit.

/// Equal bins of confidence for the calibration error.
const BINS: usize = 15;
/// Resamples behind an interval.
const DRAWS: usize = 1000;

/// F1 of one class: harmonic mean of precision and recall; 0 where the class is in neither.
pub(super) fn f1(pairs: &[(bool, bool)]) -> f64 {
    let (mut hit, mut some) = (0.0, 0.0);
    for (gold, said) in pairs {
        hit += f64::from(u8::from(*gold && *said));
        some += f64::from(u8::from(*gold)) + f64::from(u8::from(*said));
    }
    if some == 0.0 { 0.0 } else { 2.0 * hit / some }
}

/// Mean F1 over classes 0 to `classes` - 1.
pub(super) fn macro_f1(pairs: &[(usize, usize)], classes: usize) -> f64 {
    let of = |class: usize| f1(&pairs.iter().map(|(gold, said)| (*gold == class, *said == class)).collect::<Vec<_>>());
    (0..classes).map(of).sum::<f64>() / classes as f64
}

/// Expected calibration error (Naeini et al. 2015): how far confidence and share of right answers lie apart, weighted by bin. `answers` are
/// confidence and whether it was right.
pub(super) fn calibration_error(answers: &[(f64, bool)]) -> f64 {
    let mut bins = [(0.0, 0.0); BINS];
    for (confidence, right) in answers {
        let bin = &mut bins[((confidence * BINS as f64) as usize).min(BINS - 1)];
        bin.0 += confidence;
        bin.1 += f64::from(u8::from(*right));
    }
    bins.iter().map(|(sure, right)| (sure - right).abs()).sum::<f64>() / answers.len().max(1) as f64
}

/// A generator of numbers for resampling and shuffling: SplitMix64 (Steele et al. 2014).
#[derive(Debug, Clone)]
pub(super) struct Random(pub(super) u64);

impl Random {
    /// A number from 0 to `below` - 1.
    pub(super) fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * below.max(1) as u128) >> 64) as usize
    }

    /// Puts items into random order (Fisher & Yates).
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

/// The 95 % percentile bootstrap interval (Efron 1979) of a figure over rows. None where the resamples all say the same, as where every answer
/// is right: a point would look like certainty.
pub(super) fn interval<T: Copy>(rows: &[T], figure: impl Fn(&[T]) -> f64) -> Option<[f64; 2]> {
    if rows.is_empty() {
        return None;
    }
    let mut random = Random(7);
    let mut draws: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let draw: Vec<T> = (0..rows.len()).map(|_| rows[random.below(rows.len())]).collect();
            figure(&draw)
        })
        .collect();
    draws.sort_by(f64::total_cmp);
    let (low, high) = (draws[DRAWS * 25 / 1000], draws[DRAWS * 975 / 1000 - 1]);
    (low < high).then_some([low, high])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_definitions() {
        let pairs = [(true, true), (true, false), (false, true), (false, false), (true, true)];
        assert!((f1(&pairs) - 4.0 / 6.0).abs() < 1e-12);
        assert!((macro_f1(&[(0, 0), (1, 1), (1, 0)], 2) - 2.0 / 3.0).abs() < 1e-12);
        assert!((calibration_error(&[(0.9, true), (0.9, false)]) - 0.4).abs() < 1e-12);
        let [low, high] = interval(&pairs, f1).unwrap();
        assert!(low <= 2.0 / 3.0 && (2.0 / 3.0..=1.0).contains(&high));
        assert_eq!(interval(&[(true, true); 24], f1), None);
    }
}
