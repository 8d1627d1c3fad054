use rayon::prelude::*;

use super::ratings::{Ratings, Resample};
use crate::study::random::Random;

/// Percentile intervals by resampling units with replacement (Efron 1979). Units of one weight are drawn among themselves: the design of a sample
/// has so many of each stratum, and a resample, too. The same seed gives the same interval on any platform.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// How many resamples are drawn.
    pub resamples: usize,
    /// Share of them that the interval holds, from 0 to 1.
    pub confidence: f64,
    /// Start of the random numbers.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { resamples: 2000, confidence: 0.95, seed: 0 }
    }
}

/// Where a figure lies with the confidence asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Bootstrap {
    /// The interval of one figure. `None` where more than half of the resamples leave it undefined (fewer are left out), or all say the same.
    pub fn interval(
        &self,
        ratings: &Ratings,
        figure: impl Fn(&Resample) -> Option<f64> + Sync + Send,
    ) -> Option<Interval> {
        self.intervals(ratings, |resample| vec![figure(resample)]).into_iter().next().flatten()
    }

    /// The intervals of several figures over the same resamples, in the order of the figures; each as [`Bootstrap::interval`].
    pub fn intervals(
        &self,
        ratings: &Ratings,
        figures: impl Fn(&Resample) -> Vec<Option<f64>> + Sync + Send,
    ) -> Vec<Option<Interval>> {
        let mut random = Random::new(self.seed);
        // A seed of its own makes a resample the same whichever thread draws it.
        let seeds: Vec<u64> = (0..self.resamples).map(|_| random.bits()).collect();
        let empty = || vec![0; ratings.patterns.len()];
        let classes = ratings.by_weight();
        let drawn: Vec<Vec<Option<f64>>> = seeds
            .par_iter()
            .map_init(empty, |times, seed| {
                draw(&classes, *seed, times);
                figures(&Resample { ratings, times })
            })
            .collect();
        let count = figures(&ratings.observed()).len();
        (0..count).map(|at| self.percentiles(drawn.iter().filter_map(|row| *row.get(at)?).collect())).collect()
    }

    fn percentiles(&self, mut figures: Vec<f64>) -> Option<Interval> {
        if figures.is_empty() || 2 * figures.len() < self.resamples {
            return None;
        }
        figures.sort_unstable_by(f64::total_cmp);
        // What never varies shows nothing of how it could: a point would look like certainty.
        if figures.first() == figures.last() {
            return None;
        }
        let tail = (1.0 - self.confidence) / 2.0;
        Some(Interval { low: quantile(&figures, tail), high: quantile(&figures, 1.0 - tail) })
    }
}

fn draw(classes: &[Vec<usize>], seed: u64, times: &mut [u32]) {
    let mut random = Random::new(seed);
    times.fill(0);
    for class in classes {
        for _ in class {
            times[class[random.below(class.len())]] += 1;
        }
    }
}

/// The value below which a share of sorted numbers lies, by a straight line between neighbours (Hyndman & Fan 1996, type 7).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len() - 1;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let below = place as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
}

#[cfg(test)]
mod tests {
    use super::super::{Confusion, Distance, Level, ac1, alpha, mean_kappa, per_cent};
    use super::*;

    fn pairs(rows: &[(usize, usize, u32)]) -> Ratings {
        let mut ratings = Ratings::new(2, vec![0.0, 1.0]).unwrap();
        for (one, other, times) in rows {
            (0..*times).for_each(|_| ratings.push(&[Some(*one), Some(*other)]).unwrap());
        }
        ratings
    }

    #[test]
    fn quantiles_lie_on_a_line_between_neighbours() {
        let sorted = [1.0, 2.0, 4.0];
        for (share, expected) in [(0.0, 1.0), (0.25, 1.5), (0.5, 2.0), (0.75, 3.0), (1.0, 4.0), (2.0, 4.0)] {
            assert!((quantile(&sorted, share) - expected).abs() < 1e-12, "{share}");
        }
        assert!((quantile(&[3.0], 0.975) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn the_interval_of_a_share_is_that_of_theory() {
        let ratings = pairs(&[(0, 0, 100), (1, 1, 50), (0, 1, 50)]);
        let interval = Bootstrap::default().interval(&ratings, per_cent).unwrap();
        let half = 1.96 * (0.75_f64 * 0.25 / 200.0).sqrt();
        assert!((interval.low - (0.75 - half)).abs() < 0.01 && (interval.high - (0.75 + half)).abs() < 0.01);
        assert_eq!(Bootstrap::default().interval(&ratings, per_cent), Some(interval));
        let other = Bootstrap { seed: 1, confidence: 0.5, ..Bootstrap::default() };
        let narrow = other.interval(&ratings, per_cent).unwrap();
        assert!(narrow.high - narrow.low < 0.6 * (interval.high - interval.low), "{narrow:?}");
    }

    #[test]
    fn what_the_design_fixes_does_not_vary() {
        // Half of the units are of one weight and say 1, half of another and say 0: every resample has as many.
        let mut ratings = Ratings::new(2, vec![0.0, 1.0]).unwrap();
        for at in 0..20 {
            let (code, weight) = if at % 2 == 0 { (0, 1.0) } else { (1, 3.0) };
            ratings.push_weighted(&[Some(code), Some(usize::from(at % 4 == 1))], weight).unwrap();
        }
        let ones = |resample: &Resample| Some(Confusion::counted(resample, 0, 1).row(1));
        assert_eq!(Bootstrap::default().interval(&ratings, ones), None);
        let recall = |resample: &Resample| Confusion::counted(resample, 0, 1).binary(1).recall();
        assert!(Bootstrap::default().interval(&ratings, recall).is_some());
    }

    #[test]
    fn figures_that_are_mostly_undefined_have_no_interval() {
        // A unit is in 63 % of the resamples; two are both in 40 %.
        let ratings = pairs(&[(0, 0, 30), (0, 1, 1), (1, 0, 1)]);
        let category = |resample: &Resample| Confusion::counted(resample, 0, 1).binary(1);
        let defined =
            |resample: &Resample| category(resample).recall().map(|recall| recall + resample.patterns().count() as f64);
        assert!(Bootstrap::default().interval(&ratings, defined).is_some());
        // It is 0 whenever it is defined: that shows nothing of how it varies.
        assert_eq!(Bootstrap::default().interval(&ratings, |resample| category(resample).recall()), None);
        let least = |resample: &Resample| Some(category(resample).recall()?.min(category(resample).precision()?));
        assert_eq!(Bootstrap::default().interval(&ratings, least), None);
        assert_eq!(Bootstrap::default().interval(&pairs(&[]), per_cent), None);
        let none = Bootstrap { resamples: 0, ..Bootstrap::default() };
        assert_eq!(none.interval(&ratings, per_cent), None);
    }

    #[test]
    fn figures_drawn_together_are_those_drawn_alone() {
        let ratings = pairs(&[(0, 0, 30), (1, 1, 20), (0, 1, 5), (1, 0, 9)]);
        let all = |resample: &Resample| {
            vec![
                per_cent(resample),
                mean_kappa(resample, Distance::Same),
                alpha(resample, Level::Nominal),
                ac1(resample),
            ]
        };
        let bootstrap = Bootstrap { seed: 5, ..Bootstrap::default() };
        let together = bootstrap.intervals(&ratings, all);
        assert_eq!(together.len(), 4);
        assert_eq!(together[3], bootstrap.interval(&ratings, ac1));
        assert_eq!(together[2], bootstrap.interval(&ratings, |resample| alpha(resample, Level::Nominal)));
    }
}
