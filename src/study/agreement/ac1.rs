use super::{Resample, per_cent, ratio};

/// Gwet's AC1: agreement beyond chance that does not collapse where one category is rare (Gwet 2008, *Computing inter-rater
/// reliability and its variance in the presence of high agreement*); two or more coders, missing ratings allowed.
///
/// Chance depends on how many categories there are: all of [`Ratings::categories`] count, used or not. `None` with fewer than two
/// of them, or without a unit that two coders rated.
///
/// [`Ratings::categories`]: super::Ratings::categories
pub fn ac1(resample: &Resample) -> Option<f64> {
    let categories = resample.categories();
    if categories < 2 {
        return None;
    }
    let agreement = per_cent(resample)?;
    let mut shares = vec![0.0; categories];
    let mut units = 0.0;
    for (pattern, times) in resample.patterns().filter(|(pattern, _)| pattern.rated > 0.0) {
        for (category, coders) in &pattern.tally {
            shares[*category] += times * coders / pattern.rated;
        }
        units += times;
    }
    let spread: f64 = shares.iter().map(|share| share / units * (1.0 - share / units)).sum();
    let chance = spread / (categories - 1) as f64;
    ratio(agreement - chance, 1.0 - chance)
}
