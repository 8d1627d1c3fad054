//! How far coders agree, and how far a machine agrees with people: coefficients, tables of confusion, and their intervals.
//!
//! Everything is computed from a [`Resample`]: [`Ratings::observed`] is the sample as it is, and a [`Bootstrap`] draws others.
//! A figure that is not defined is `None`: without a unit that two coders rated, there is no agreement; where all ratings are one
//! category, kappa and alpha would divide nothing by nothing, so that perfect agreement on a single category has neither.
//!
//! ```
//! use causerie::study::agreement::{Bootstrap, Level, Ratings, Resample, alpha};
//!
//! let mut ratings = Ratings::new(2, vec![0.0, 1.0])?;
//! for (one, other) in [(1, 1), (0, 0), (1, 0), (0, 0), (1, 1), (0, 0)] {
//!     ratings.push(&[Some(one), Some(other)])?;
//! }
//! let figure = |resample: &Resample| alpha(resample, Level::Nominal);
//! assert_eq!(figure(&ratings.observed()).map(|alpha| (alpha * 1000.0).round()), Some(686.0));
//! let interval = Bootstrap::default().interval(&ratings, figure);
//! assert!(interval.is_some_and(|interval| interval.low < 0.686 && interval.high > 0.686));
//! # Ok::<(), causerie::study::agreement::RatingsError>(())
//! ```

mod ac1;
mod alpha;
mod bootstrap;
mod confusion;
mod kappa;
mod percent;
mod ratings;

pub use ac1::ac1;
pub use alpha::{Level, alpha};
pub use bootstrap::{Bootstrap, Interval};
pub use confusion::{Binary, Confusion};
pub use kappa::{Distance, kappa, mean_kappa};
pub use percent::per_cent;
pub use ratings::{Ratings, RatingsError, Resample};

/// A quotient, where there is one: never infinite, never `NaN`.
fn ratio(of: f64, to: f64) -> Option<f64> {
    Some(of / to).filter(|ratio| ratio.is_finite())
}

#[cfg(test)]
mod published;
