use std::collections::{BTreeMap, HashMap};

/// What coders said of units: one row a unit, one cell a coder, each empty or a category.
///
/// Rows that are alike are kept once, with how often they occur, so that thousands of units are as cheap as their few patterns.
#[derive(Debug, Clone, Default)]
pub struct Ratings {
    coders: usize,
    values: Vec<f64>,
    pub(super) patterns: Vec<Pattern>,
    /// The pattern of each unit.
    pub(super) units: Vec<usize>,
    /// How many units each pattern has.
    times: Vec<u32>,
    known: HashMap<(Vec<Option<usize>>, u64), usize>,
}

/// A row that one or more units have.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// What each coder said.
    pub(super) codes: Vec<Option<usize>>,
    /// What one such unit stands for in figures that are weighted.
    pub(super) weight: f64,
    /// The categories that occur and the number of coders who chose each, by category.
    pub(super) tally: Vec<(usize, f64)>,
    /// Number of coders who said something.
    pub(super) rated: f64,
}

/// Ratings that cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RatingsError {
    /// A category without a number.
    #[error("category {category} has the value {value}; give each category a finite number")]
    Value {
        /// The category, first = 0.
        category: usize,
        /// Its value.
        value: f64,
    },
    /// A row of another length.
    #[error("unit {unit} has {found} ratings for {coders} coders; give one a coder, and none where it is missing")]
    Coders {
        /// The unit, first = 0.
        unit: usize,
        /// Cells of its row.
        found: usize,
        /// Coders there are.
        coders: usize,
    },
    /// A category that is not in the list.
    #[error("unit {unit}, coder {coder}: category {category} is none of the {categories} there are, counted from 0")]
    Category {
        /// The unit, first = 0.
        unit: usize,
        /// The coder, first = 0.
        coder: usize,
        /// What was given.
        category: usize,
        /// How many there are.
        categories: usize,
    },
    /// A weight that is no weight.
    #[error("unit {unit} has the weight {weight}; weights are 1 / inclusion probability: finite and above 0")]
    Weight {
        /// The unit, first = 0.
        unit: usize,
        /// What was given.
        weight: f64,
    },
}

impl Ratings {
    /// No units yet. `values` has one number a category, in the order of the categories: what [`Level::Interval`] measures with.
    ///
    /// # Errors
    ///
    /// A value is not finite.
    ///
    /// [`Level::Interval`]: super::Level::Interval
    pub fn new(coders: usize, values: Vec<f64>) -> Result<Self, RatingsError> {
        match values.iter().position(|value| !value.is_finite()) {
            Some(category) => Err(RatingsError::Value { category, value: values[category] }),
            None => Ok(Self { coders, values, ..Self::default() }),
        }
    }

    /// Adds a unit that stands for itself: the category that each coder gave it, or none.
    ///
    /// # Errors
    ///
    /// The row is not one cell a coder, or a category is not among the [`Ratings::categories`].
    pub fn push(&mut self, codes: &[Option<usize>]) -> Result<(), RatingsError> {
        self.push_weighted(codes, 1.0)
    }

    /// Adds a unit that stands for `weight` units: 1 / its inclusion probability. Only [`Confusion::weighted`] looks at it.
    ///
    /// # Errors
    ///
    /// As [`Ratings::push`], or the weight is not finite or not above 0.
    ///
    /// [`Confusion::weighted`]: super::Confusion::weighted
    pub fn push_weighted(&mut self, codes: &[Option<usize>], weight: f64) -> Result<(), RatingsError> {
        self.check(codes, weight)?;
        let key = (codes.to_vec(), weight.to_bits());
        let pattern = *self.known.entry(key).or_insert_with(|| {
            self.patterns.push(Pattern::new(codes, weight));
            self.times.push(0);
            self.patterns.len() - 1
        });
        self.times[pattern] += 1;
        self.units.push(pattern);
        Ok(())
    }

    fn check(&self, codes: &[Option<usize>], weight: f64) -> Result<(), RatingsError> {
        let (unit, coders, categories) = (self.units.len(), self.coders, self.values.len());
        if codes.len() != coders {
            return Err(RatingsError::Coders { unit, found: codes.len(), coders });
        }
        for (coder, category) in codes.iter().enumerate() {
            if let Some(category) = category.filter(|category| *category >= categories) {
                return Err(RatingsError::Category { unit, coder, category, categories });
            }
        }
        if !(weight.is_finite() && weight > 0.0) {
            return Err(RatingsError::Weight { unit, weight });
        }
        Ok(())
    }

    /// The units as they are: each once.
    pub fn observed(&self) -> Resample<'_> {
        Resample { ratings: self, times: &self.times }
    }

    /// The pattern of each unit, those of one weight together, in the order they were added.
    pub(super) fn by_weight(&self) -> Vec<Vec<usize>> {
        let mut classes: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for pattern in &self.units {
            classes.entry(self.patterns[*pattern].weight.to_bits()).or_default().push(*pattern);
        }
        classes.into_values().collect()
    }

    /// How many coders there are.
    pub fn coders(&self) -> usize {
        self.coders
    }

    /// How many categories there are, used or not.
    pub fn categories(&self) -> usize {
        self.values.len()
    }

    /// The number of each category.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// How many units there are.
    pub fn units(&self) -> usize {
        self.units.len()
    }

    /// How many units two or more coders rated: those that agreement is about.
    pub fn paired(&self) -> usize {
        self.units.iter().filter(|pattern| self.patterns[**pattern].is_paired()).count()
    }
}

impl Pattern {
    fn new(codes: &[Option<usize>], weight: f64) -> Self {
        let mut chosen: Vec<usize> = codes.iter().flatten().copied().collect();
        chosen.sort_unstable();
        let tally = chosen.chunk_by(|one, other| one == other).map(|same| (same[0], same.len() as f64)).collect();
        Self { codes: codes.to_vec(), weight, tally, rated: chosen.len() as f64 }
    }

    pub(super) fn is_paired(&self) -> bool {
        self.rated > 1.0
    }
}

/// Units of [`Ratings`], each counted as often as it was drawn: as they are, or drawn with replacement.
#[derive(Debug, Clone, Copy)]
pub struct Resample<'a> {
    /// Where the units are from.
    pub(super) ratings: &'a Ratings,
    /// How often each pattern was drawn.
    pub(super) times: &'a [u32],
}

impl<'a> Resample<'a> {
    /// The patterns that were drawn, and how often.
    pub(super) fn patterns(&self) -> impl Iterator<Item = (&'a Pattern, f64)> + use<'a> {
        let drawn = self.ratings.patterns.iter().zip(self.times).filter(|(_, times)| **times > 0);
        drawn.map(|(pattern, times)| (pattern, f64::from(*times)))
    }

    /// [`Ratings::coders`].
    pub fn coders(&self) -> usize {
        self.ratings.coders
    }

    /// [`Ratings::categories`].
    pub fn categories(&self) -> usize {
        self.ratings.categories()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_named() {
        assert!(matches!(
            Ratings::new(2, vec![0.0, f64::NAN]),
            Err(RatingsError::Value { category: 1, value }) if value.is_nan()
        ));
        let mut ratings = Ratings::new(2, vec![0.0, 1.0]).unwrap();
        ratings.push(&[Some(0), None]).unwrap();
        assert_eq!(ratings.push(&[Some(0)]), Err(RatingsError::Coders { unit: 1, found: 1, coders: 2 }));
        let unknown = RatingsError::Category { unit: 1, coder: 1, category: 2, categories: 2 };
        assert_eq!(ratings.push(&[None, Some(2)]), Err(unknown));
        for weight in [0.0, -1.0, f64::INFINITY] {
            assert_eq!(ratings.push_weighted(&[None, None], weight), Err(RatingsError::Weight { unit: 1, weight }));
        }
        assert_eq!((ratings.units(), ratings.paired()), (1, 0));
    }

    #[test]
    fn units_that_are_alike_are_kept_once() {
        let mut ratings = Ratings::new(2, vec![0.0, 1.0]).unwrap();
        for row in [[Some(0), Some(1)], [Some(0), None], [Some(0), Some(1)]] {
            ratings.push(&row).unwrap();
        }
        ratings.push_weighted(&[Some(0), Some(1)], 2.0).unwrap();
        assert_eq!((ratings.patterns.len(), ratings.units(), ratings.paired()), (3, 4, 3));
        let drawn: Vec<f64> = ratings.observed().patterns().map(|(_, times)| times).collect();
        assert_eq!(drawn, [2.0, 1.0, 1.0]);
    }
}
