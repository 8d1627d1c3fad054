use crate::study::agreement::{
    Bootstrap, Confusion, Distance, Level, Ratings, RatingsError, Resample, ac1, alpha, kappa,
};
use crate::study::estimate::{Interval, share_of};

/// What two say of a comment, as places among the question's values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    /// Who is measured: the machine, or a person.
    pub(super) first: usize,
    /// Who is measured against.
    pub(super) second: usize,
    /// How many comments of the table it stands for.
    pub(super) weight: f64,
}

/// A measure of two, or of several.
#[derive(Debug, Clone)]
pub(super) struct Measure {
    pub(super) name: &'static str,
    /// The value it is on; none for one of all values.
    pub(super) value: Option<usize>,
    /// Whether comments count by their weights.
    pub(super) weighs: bool,
    pub(super) estimate: Option<f64>,
    pub(super) interval: Option<(f64, f64)>,
}

type Coefficient = (&'static str, fn(&Resample) -> Option<f64>);

/// Those that allow for chance and know no first and second. The order of values matters where there are more than two.
pub(super) fn coefficients(values: usize) -> Vec<Coefficient> {
    let mut all: Vec<Coefficient> = vec![("alpha_nominal", |resample| alpha(resample, Level::Nominal))];
    if values > 2 {
        all.push(("alpha_ordinal", |resample| alpha(resample, Level::Ordinal)));
        all.push(("alpha_interval", |resample| alpha(resample, Level::Interval)));
    }
    all.push(("ac1", ac1));
    all
}

/// Cohen's kappa, and with the order of values where there are more than two.
pub(super) fn kappas(values: usize) -> &'static [(&'static str, Distance)] {
    const ALL: [(&str, Distance); 3] =
        [("kappa", Distance::Same), ("kappa_linear", Distance::Linear), ("kappa_quadratic", Distance::Quadratic)];
    if values > 2 { &ALL } else { &ALL[..1] }
}

/// All measures of the first against the second. `first_value` is the first that has precision, recall and F1 of its own: that a code
/// does not apply is the rest of it.
pub(super) fn measures(
    pairs: &[Pair],
    numbers: &[f64],
    first_value: usize,
    bootstrap: &Bootstrap,
) -> Result<Vec<Measure>, RatingsError> {
    let mut ratings = Ratings::new(2, numbers.to_vec())?;
    for Pair { first, second, weight } in pairs {
        ratings.push_weighted(&[Some(*second), Some(*first)], *weight)?;
    }
    let values = numbers.len();
    let named = |name, value, weighs| Measure { name, value, weighs, estimate: None, interval: None };
    let mut made = vec![named("per_cent", None, true)];
    made.extend(kappas(values).iter().map(|(name, _)| named(name, None, true)));
    made.extend(coefficients(values).into_iter().map(|(name, _)| named(name, None, false)));
    for value in first_value..values {
        made.extend(["precision", "recall", "f1"].map(|name| named(name, Some(value), true)));
    }
    made.push(named("macro_f1", None, true));
    // In the order of the names above.
    let figures = |resample: &Resample| {
        let confusion = Confusion::weighted(resample, 0, 1);
        let mut figures = vec![confusion.accuracy()];
        figures.extend(kappas(values).iter().map(|(_, distance)| kappa(&confusion, *distance)));
        figures.extend(coefficients(values).into_iter().map(|(_, figure)| figure(resample)));
        for value in first_value..values {
            let binary = confusion.binary(value);
            figures.extend([binary.precision(), binary.recall(), binary.f1()]);
        }
        figures.push(confusion.macro_f1());
        figures
    };
    let observed = figures(&ratings.observed());
    let intervals = bootstrap.intervals(&ratings, figures);
    for ((measure, estimate), interval) in made.iter_mut().zip(observed).zip(intervals) {
        measure.estimate = estimate;
        let resampled = interval.map(|interval| (interval.low, interval.high));
        measure.interval = proportion(pairs, measure.name, measure.value, bootstrap.confidence).or(resampled);
    }
    Ok(made)
}

/// The interval of a measure that is a share of comments: resampling comments would make it too short where few of them weigh much.
/// `None` for other measures.
pub(super) fn proportion(pairs: &[Pair], measure: &str, value: Option<usize>, level: f64) -> Option<(f64, f64)> {
    let of = |among: &dyn Fn(&Pair) -> Option<bool>| {
        let units = pairs.iter().filter_map(|pair| Some((among(pair)?, pair.weight)));
        share_of(units, level).map(|interval| (interval.low, interval.high))
    };
    match (measure, value) {
        ("per_cent", _) => of(&|pair| Some(pair.first == pair.second)),
        ("precision", Some(value)) => of(&|pair| (pair.first == value).then_some(pair.second == value)),
        ("recall", Some(value)) => {
            let (low, high) = of(&|pair| (pair.second == value).then_some(pair.first == value))?;
            let Some(part) = found_of_all(pairs, value, level) else { return Some((low, high)) };
            Some((low.min(part.low), high.max(part.high)))
        }
        _ => None,
    }
}

/// Recall as the part that cases the first found make of all, the missed ones counted among what it passed over. Where a sample has hardly a
/// comment that was missed, each stands for many, which the comments that are cases do not show; where the two numbers depend on each
/// other this is too short. So the wider limits of both ways hold.
fn found_of_all(pairs: &[Pair], value: usize, level: f64) -> Option<Interval> {
    let cases = |found: bool| {
        let units = || pairs.iter().filter(move |pair| (pair.first == value) == found);
        let share = share_of(units().map(|pair| (pair.second == value, pair.weight)), level)?;
        Some(share.scaled(units().map(|pair| pair.weight).sum()))
    };
    cases(true)?.part_of_both(&cases(false)?)
}
