use std::collections::BTreeMap;

use super::interval::Confidence;
use super::{Interval, Sampled};

/// Cases that the residuals of a rate are outweighed by: with few cases their spread says little of the design.
const PRIOR_CASES: f64 = 1.0;
/// Degrees of freedom that speak for strata that do not matter: two units of a stratum may be alike by chance.
const PRIOR_FREEDOM: f64 = 4.0;

/// The units of a domain that the machine gave one code.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell<'a> {
    /// How many there are.
    pub(super) size: u64,
    /// Those that were coded by hand.
    pub(super) sampled: Vec<&'a Sampled>,
}

impl Cell<'_> {
    /// What each sampled unit stands for here: itself, and its part of the units not seen. So the weights add up to the size, also
    /// where a part of the sample was left uncoded.
    fn weights(&self) -> impl Iterator<Item = (f64, &Sampled)> {
        let (n, size) = (self.sampled.len() as f64, self.size as f64);
        let spare: f64 = self.sampled.iter().map(|unit| unit.weight - 1.0).sum();
        let weight = move |unit: &Sampled| {
            if spare > 0.0 { 1.0 + (unit.weight - 1.0) / spare * (size - n) } else { size / n }
        };
        self.sampled.iter().map(move |unit| (weight(unit), *unit))
    }

    /// The share cannot be below what was seen to have the category, nor above what was not seen to lack it.
    fn seen(&self, category: usize) -> (u64, u64) {
        let cases = self.sampled.iter().filter(|unit| unit.human == category).count() as u64;
        (cases, self.size - (self.sampled.len() as u64 - cases))
    }

    fn rate(&self, category: usize, confidence: Confidence) -> Option<Interval> {
        if self.sampled.is_empty() {
            return None;
        }
        let size = self.size as f64;
        let cases: f64 = self.weights().map(|(weight, unit)| weight * is(unit, category)).sum();
        let rate = (cases / size).clamp(0.0, 1.0);
        let (mut plain, mut spread) = (0.0, 0.0);
        for (weight, unit) in self.weights() {
            plain += uncertainty(weight) / (size * size);
            spread += uncertainty(weight) * (is(unit, category) - rate).powi(2) / (size * size);
        }
        if plain == 0.0 {
            return Some(Interval { point: rate, low: rate, high: rate });
        }
        let binomial = rate * (1.0 - rate);
        let mut effect = 1.0;
        if binomial > 0.0 {
            let cases = self.sampled.iter().filter(|unit| unit.human == category).count();
            let rarer = cases.min(self.sampled.len() - cases) as f64;
            effect = (spread / (plain * binomial) * rarer + PRIOR_CASES) / (rarer + PRIOR_CASES);
        }
        Some(confidence.of_share(rate, 1.0 / (plain * effect)))
    }
}

/// The share of a category among sampled units, by their weights.
pub(super) fn weighted_rate(sampled: &[&Sampled], category: usize) -> Option<f64> {
    let all: f64 = sampled.iter().map(|unit| unit.weight).sum();
    let cases: f64 = sampled.iter().filter(|unit| unit.human == category).map(|unit| unit.weight).sum();
    (all > 0.0).then(|| (cases / all).min(1.0))
}

/// How much of a unit's weight is not known: none of a unit that stands for itself alone.
fn uncertainty(weight: f64) -> f64 {
    weight * (weight - 1.0)
}

fn is(unit: &Sampled, category: usize) -> f64 {
    f64::from(u8::from(unit.human == category))
}

/// The share of a category in cells, post-stratified: `Σ W_k ȳ_k`, with the size of each cell as its weight.
///
/// Each rate `ȳ_k` has the interval of [`Confidence::of_share`] with its effective sample size: Kish's, with the finite-population
/// correction in it, over the design effect that its residuals show. MOVER (Zou, Donner 2008) adds their distances in squares.
/// `guess` is the rate of a cell without a sampled unit, whose interval is all there can be. `drawn` counts the sample by stratum.
pub(super) fn poststratified(
    cells: &[Cell],
    category: usize,
    guess: impl Fn(usize) -> Option<f64>,
    drawn: &BTreeMap<usize, usize>,
    confidence: Confidence,
) -> Option<Interval> {
    let all: u64 = cells.iter().map(|cell| cell.size).sum();
    let (mut point, mut below, mut above, mut least, mut most) = (0.0, 0.0, 0.0, 0, 0);
    let mut residuals = Residuals::default();
    for (at, cell) in cells.iter().enumerate().filter(|(_, cell)| cell.size > 0) {
        let share = cell.size as f64 / all as f64;
        let rate = match cell.rate(category, confidence) {
            Some(rate) => rate,
            None => Interval { point: guess(at)?, low: 0.0, high: 1.0 },
        };
        point += share * rate.point;
        below += (share * (rate.point - rate.low)).powi(2);
        above += (share * (rate.high - rate.point)).powi(2);
        residuals.add(cell, rate.point, category);
        let seen = cell.seen(category);
        least += seen.0;
        most += seen.1;
    }
    if all == 0 {
        return None;
    }
    let gain = residuals.gain(drawn);
    let low = (point - (gain * below).sqrt()).max(least as f64 / all as f64).min(point);
    let high = (point + (gain * above).sqrt()).min(most as f64 / all as f64).max(point);
    Some(Interval { point, low, high })
}

/// What the rates leave unexplained, by the design's strata: sum and sum of squares.
#[derive(Debug, Default)]
struct Residuals(BTreeMap<usize, (f64, f64)>);

impl Residuals {
    fn add(&mut self, cell: &Cell, rate: f64, category: usize) {
        for (weight, unit) in cell.weights() {
            let residual = uncertainty(weight).sqrt() * (is(unit, category) - rate);
            let sums = self.0.entry(unit.stratum).or_default();
            sums.0 += residual;
            sums.1 += residual * residual;
        }
    }

    /// By what the variance is to be multiplied as the sample was drawn in strata: what differs between them, samples do not.
    fn gain(&self, drawn: &BTreeMap<usize, usize>) -> f64 {
        let (mut total, mut within, mut freedom) = (0.0, 0.0, 0.0);
        for (stratum, (sum, squares)) in &self.0 {
            total += squares;
            let n = drawn.get(stratum).map_or(1.0, |n| *n as f64);
            freedom += n - 1.0;
            within += if n > 1.0 { (n / (n - 1.0) * (squares - sum * sum / n)).max(0.0) } else { *squares };
        }
        if total > 0.0 { (within / total * freedom + PRIOR_FREEDOM) / (freedom + PRIOR_FREEDOM) } else { 1.0 }
    }
}
