use statrs::distribution::{ContinuousCDF, Normal};

use super::{Estimand, Interval, Share};

/// Intervals of one confidence level.
#[derive(Debug, Clone, Copy)]
pub(super) struct Confidence {
    /// The normal quantile that belongs to the level: 1.96 for .95.
    pub(super) z: f64,
}

impl Confidence {
    /// `None` unless the level lies between 0 and 1.
    pub(super) fn new(level: f64) -> Option<Self> {
        (level > 0.0 && level < 1.0).then(|| Self { z: Normal::standard().inverse_cdf(1.0 - (1.0 - level) / 2.0) })
    }

    /// The interval of a share `rate` that is as certain as one among `n` units drawn independently: Wilson's (1927).
    pub(super) fn wilson(self, rate: f64, n: f64) -> Interval {
        let z2 = self.z * self.z;
        let centre = self.centre(rate, n);
        let half = self.z / (n + z2) * (n * rate * (1.0 - rate) + z2 / 4.0).sqrt();
        Interval { point: rate, low: (centre - half).clamp(0.0, rate), high: (centre + half).clamp(rate, 1.0) }
    }

    /// The same for a share that is put together from such ones, where errors of one limit add up.
    ///
    /// Near 0 Wilson's lower limit is too high, and near 1 its upper one too low (Brown, Cai, DasGupta 2001): the limit towards the
    /// nearer end is Agresti and Coull's, which has the same centre and never lies inside.
    pub(super) fn of_share(self, rate: f64, n: f64) -> Interval {
        let wilson = self.wilson(rate, n);
        let centre = self.centre(rate, n);
        let half = self.z * (centre * (1.0 - centre) / (n + self.z * self.z)).sqrt();
        if rate < 0.5 {
            Interval { low: (centre - half).clamp(0.0, rate), ..wilson }
        } else {
            Interval { high: (centre + half).clamp(rate, 1.0), ..wilson }
        }
    }

    /// The share with half of `z²` units more on either side.
    fn centre(self, rate: f64, n: f64) -> f64 {
        let z2 = self.z * self.z;
        (rate * n + z2 / 2.0) / (n + z2)
    }
}

/// A share of units that stand for others by these weights, each in it or not, with an interval: Wilson's, with the effective sample size of the
/// weights (Kish 1965, (Σw)² / Σw²). `None` without units, or with a level that is not between 0 and 1.
pub fn share_of(units: impl Iterator<Item = (bool, f64)>, level: f64) -> Option<Interval> {
    let (mut cases, mut all, mut squares) = (0.0, 0.0, 0.0);
    for (is_case, weight) in units {
        cases += if is_case { weight } else { 0.0 };
        all += weight;
        squares += weight * weight;
    }
    let confidence = Confidence::new(level).filter(|_| all > 0.0)?;
    Some(confidence.wilson(cases / all, all * all / squares))
}

impl Interval {
    /// Half of its width.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// `times` as many.
    #[must_use]
    pub fn scaled(&self, times: f64) -> Self {
        Self { point: self.point * times, low: self.low * times, high: self.high * times }
    }

    /// The part that this number makes of itself and another one, estimated apart from it: the square-and-add method for ratios (Donner & Zou
    /// 2012). `None` where both are 0.
    pub fn part_of_both(&self, other: &Self) -> Option<Self> {
        let point = Some(self.point / (self.point + other.point)).filter(|part| part.is_finite())?;
        // Of the ratio other / self: its lower limit from the low end of the one and the high end of the other, and the reverse.
        let limit = |one: f64, other_end: f64, sign: f64| {
            let divisor = one * (2.0 * self.point - one);
            let product = self.point * other.point;
            let spread = product.powi(2) - other_end * one * (2.0 * other.point - other_end) * (2.0 * self.point - one);
            (divisor > 0.0).then(|| (product + sign * spread.max(0.0).sqrt()) / divisor)
        };
        let least = limit(self.high, other.low, -1.0).map_or(0.0, |ratio| ratio.max(0.0));
        let most = limit(self.low, other.high, 1.0);
        let low = most.map_or(0.0, |ratio| 1.0 / (1.0 + ratio));
        Some(Self { point, low: low.min(point), high: (1.0 / (1.0 + least)).max(point) })
    }

    /// How far this share lies above another one of other units, by the square-and-add method (Newcombe 1998, method 10).
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let point = self.point - other.point;
        let below = (self.point - self.low).hypot(other.high - other.point);
        let above = (self.high - self.point).hypot(other.point - other.low);
        Self { point, low: (point - below).max(-1.0), high: (point + above).min(1.0) }
    }
}

impl Share {
    /// How many units have to be coded by hand, those that are included, for an interval that reaches `margin` to either side.
    ///
    /// Half of the present width is taken to fall with the root of the sample size; for [`Estimand::Finite`] down to zero
    /// when all units are coded. At least [`Share::n`]; `None` without a sample, an interval or a positive margin.
    pub fn needed(&self, margin: f64, estimand: Estimand) -> Option<u64> {
        let half = self.corrected?.half_width();
        if self.n == 0 || margin.is_nan() || margin <= 0.0 {
            return None;
        }
        if half <= margin {
            return Some(self.n as u64);
        }
        let (n, all) = (self.n as f64, self.population as f64);
        let narrowing = (margin / half).powi(2);
        Some(match estimand {
            Estimand::Finite => (1.0 / ((1.0 / n - 1.0 / all) * narrowing + 1.0 / all)).ceil().min(all) as u64,
            Estimand::Superpopulation => (n / narrowing).ceil() as u64,
        })
    }
}
