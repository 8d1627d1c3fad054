use super::{Resample, ratio};

/// Per cent agreement as a share from 0 to 1: of the pairs of coders that rated a unit, those who agree, averaged over the units
/// that two or more coders rated (Gwet 2014, *Handbook of Inter-Rater Reliability*). `None` without such a unit.
pub fn per_cent(resample: &Resample) -> Option<f64> {
    let (mut agreement, mut units) = (0.0, 0.0);
    for (pattern, times) in resample.patterns().filter(|(pattern, _)| pattern.is_paired()) {
        let agreeing: f64 = pattern.tally.iter().map(|(_, coders)| coders * (coders - 1.0)).sum();
        agreement += times * agreeing / (pattern.rated * (pattern.rated - 1.0));
        units += times;
    }
    ratio(agreement, units)
}
