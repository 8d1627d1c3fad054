use super::{Resample, ratio};

/// How the difference between two categories is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// They differ or not.
    Nominal,
    /// By how many ratings lie between them in the order of the categories.
    Ordinal,
    /// By the square of the difference of their [`Ratings::values`].
    ///
    /// [`Ratings::values`]: super::Ratings::values
    Interval,
}

/// Krippendorff's alpha (Krippendorff 2011, *Computing Krippendorff's Alpha-Reliability*): any number of coders, missing ratings
/// allowed; units with a single rating are left out. `None` without a unit that two coders rated, or where all ratings are one
/// category: nothing shows that coders could have told others apart.
pub fn alpha(resample: &Resample, level: Level) -> Option<f64> {
    let categories = resample.categories();
    let mut totals = vec![0.0; categories];
    // Of pairs of categories, the upper triangle.
    let mut observed = vec![0.0; categories * categories];
    for (pattern, times) in resample.patterns().filter(|(pattern, _)| pattern.is_paired()) {
        for (at, (one, coders)) in pattern.tally.iter().enumerate() {
            totals[*one] += times * coders;
            for (other, others) in &pattern.tally[at + 1..] {
                observed[one * categories + other] += times * coders * others / (pattern.rated - 1.0);
            }
        }
    }
    let distances = distances(level, resample.ratings.values(), &totals);
    let (mut found, mut expected) = (0.0, 0.0);
    for one in 0..categories {
        for other in one + 1..categories {
            let distance = distances[one * categories + other];
            found += observed[one * categories + other] * distance;
            expected += totals[one] * totals[other] * distance;
        }
    }
    let ratings: f64 = totals.iter().sum();
    ratio((ratings - 1.0) * found, expected).map(|disagreement| 1.0 - disagreement)
}

/// Squared differences of pairs of categories, the upper triangle.
fn distances(level: Level, values: &[f64], totals: &[f64]) -> Vec<f64> {
    let mut distances = vec![0.0; values.len() * values.len()];
    for one in 0..values.len() {
        let mut between = totals[one] / 2.0;
        for other in one + 1..values.len() {
            let distance = match level {
                Level::Nominal => 1.0,
                Level::Ordinal => between + totals[other] / 2.0,
                Level::Interval => values[other] - values[one],
            };
            between += totals[other];
            distances[one * values.len() + other] = distance * distance;
        }
    }
    distances
}
