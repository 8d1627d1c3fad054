//! Shares of categories, corrected for what a machine gets wrong with a random sample that people coded.
//!
//! A machine's shares are biased as its errors do not cancel out. The hand-coded sample tells the rate of each category among the
//! units of each machine code; weighted by how many units the machine gave each code, these rates make a share that is nearly unbiased
//! whatever the machine's errors, as long as units of each code were coded by hand, and more precise than the sample alone. That is design-based supervised learning
//! (Egami, Hinck, Stewart, Wei 2023) and prediction-powered inference (Angelopoulos et al. 2023; Angelopoulos, Duchi, Zrnic 2023):
//! for a code that is there or not, post-stratifying by the machine's code is their estimator with the best tuning.
//!
//! Only the random part of a sample belongs here: what was picked because a coder was unsure of it has no inclusion probability.
//!
//! ```
//! use causerie::study::estimate::{Domain, Estimand, Estimator, Tally, Sampled};
//!
//! // 900 units without the code and 100 with it, by the machine; ten of each were coded by hand.
//! let tally = Tally { categories: 2, counts: vec![vec![900, 100]] };
//! let unit = |machine, human, weight| Sampled { group: 0, machine, stratum: machine, human, weight };
//! let mut sample = vec![unit(0, 0, 90.0); 9];
//! sample.push(unit(0, 1, 90.0));
//! sample.extend([unit(1, 1, 10.0); 8]);
//! sample.extend([unit(1, 0, 10.0); 2]);
//!
//! let estimator = Estimator::new(&tally, &sample, 0.95).unwrap();
//! let share = estimator.shares(Domain::All, Estimand::Finite)[1];
//! let corrected = share.corrected.unwrap();
//! assert_eq!(share.naive, Some(0.1));
//! assert!((corrected.point - 0.17).abs() < 1e-12 && corrected.low < 0.1 && corrected.high > 0.3);
//! ```

mod estimator;
mod interval;
mod poststratified;
mod powered;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

pub use estimator::Estimator;
pub use interval::share_of;
pub use powered::{Labelled, Powered, Predicted, powered_mean};

/// The units that shares are of, as the machine coded them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many categories there are. A machine code of this index or above is none of them: not coded.
    pub categories: usize,
    /// How many units each group has of each machine code: `counts[group][machine]`, all groups of one length.
    pub counts: Vec<Vec<u32>>,
}

/// A unit that was drawn at random and coded by hand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampled {
    /// Its group: a row of [`Tally::counts`].
    pub group: usize,
    /// What the machine said: a column of [`Tally::counts`].
    pub machine: usize,
    /// The part of the design that it was drawn from.
    pub stratum: usize,
    /// What people said: one category, below [`Tally::categories`].
    pub human: usize,
    /// How many units it stands for: one over its inclusion probability. Where a part of the drawn units was left uncoded, how many
    /// units its stratum has for each that was coded.
    pub weight: f64,
}

/// Which units a share is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Domain {
    /// Every unit.
    All,
    /// Those of one group.
    Group(usize),
    /// Those of all groups but one.
    Rest(usize),
}

/// What is estimated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Estimand {
    /// The share among the units that there are: it would be known if all were coded by hand.
    #[default]
    Finite,
    /// The chance of a category where the units came from: they are themselves a sample of what could have been written.
    Superpopulation,
}

impl Estimand {
    /// The word tables show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finite => "the comments",
            Self::Superpopulation => "superpopulation",
        }
    }
}

/// An estimate and the limits of its confidence interval.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Interval {
    /// The estimate.
    pub point: f64,
    /// Lower limit, at most the estimate.
    pub low: f64,
    /// Upper limit, at least the estimate.
    pub high: f64,
}

/// The share of a category, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Which category.
    pub category: usize,
    /// Its share among what the machine coded, uncorrected; `None` where it coded nothing.
    pub naive: Option<f64>,
    /// Its share as the hand-coded sample corrects it; `None` where nothing can be said.
    pub corrected: Option<Interval>,
    /// Units of the domain.
    pub population: u64,
    /// Those of them coded by hand.
    pub n: usize,
}

/// How far a group's share of a category lies above that of all other units, −1 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Which category.
    pub category: usize,
    /// The difference of the machine's shares.
    pub naive: Option<f64>,
    /// The difference of the corrected shares.
    pub corrected: Option<Interval>,
}

/// Why shares cannot be estimated from what was given.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EstimateError {
    /// The confidence level is no number between 0 and 1.
    #[error("confidence level {0} is not between 0 and 1: give a share, such as 0.95")]
    Level(f64),
    /// Groups differ in how many machine codes they count.
    #[error(
        "group {group} counts {found} machine codes, the first group {expected}: count the same codes in every group"
    )]
    Counts {
        /// The group.
        group: usize,
        /// Its length.
        found: usize,
        /// The first group's length.
        expected: usize,
    },
    /// A sampled unit's weight is no number of 1 or more, or stands for more units than can be.
    #[error("sampled unit {unit} has the weight {weight}: it must be 1 or more, one over the inclusion probability")]
    Weight {
        /// Its place in the sample, from 0.
        unit: usize,
        /// Its weight.
        weight: f64,
    },
    /// A sampled unit names a group, machine code or category that there is not.
    #[error("sampled unit {unit} has {what} {index}, but there are only {count}: count it in the population first")]
    Unknown {
        /// Its place in the sample, from 0.
        unit: usize,
        /// What it names.
        what: &'static str,
        /// Which one.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// More units were coded by hand than the population has.
    #[error(
        "group {group} has {population} units of machine code {machine}, but {n} were coded by hand: \
         drop repeated units, or take the sample that was drawn from this table"
    )]
    MoreThanAll {
        /// The group.
        group: usize,
        /// The machine code.
        machine: usize,
        /// How many units there are.
        population: u64,
        /// How many were coded by hand.
        n: usize,
    },
}
