use super::ratings::{Pattern, Resample};
use super::ratio;

/// What two coders said, category by category: rows are the first one's (the human's), columns the second one's (the machine's).
///
/// Only units that both rated are in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Confusion {
    categories: usize,
    /// Row by row.
    cells: Vec<f64>,
}

impl Confusion {
    /// Counts units. Coders are numbered from 0; one who is not there has rated nothing.
    pub fn counted(resample: &Resample, human: usize, machine: usize) -> Self {
        Self::of(resample, human, machine, |_| 1.0)
    }

    /// Adds up the weights of units: what the counts are expected to be in the population that they were sampled from.
    pub fn weighted(resample: &Resample, human: usize, machine: usize) -> Self {
        Self::of(resample, human, machine, |pattern| pattern.weight)
    }

    fn of(resample: &Resample, human: usize, machine: usize, weight: impl Fn(&Pattern) -> f64) -> Self {
        let categories = resample.categories();
        let mut cells = vec![0.0; categories * categories];
        let said = |pattern: &Pattern, coder: usize| pattern.codes.get(coder).copied().flatten();
        for (pattern, times) in resample.patterns() {
            if let (Some(row), Some(column)) = (said(pattern, human), said(pattern, machine)) {
                cells[row * categories + column] += times * weight(pattern);
            }
        }
        Self { categories, cells }
    }

    /// How many categories there are: rows, and columns.
    pub fn categories(&self) -> usize {
        self.categories
    }

    /// Units that the first coder gave the category `human`, and the second `machine`; 0 for categories there are not.
    pub fn cell(&self, human: usize, machine: usize) -> f64 {
        let row = self.cells.chunks(self.categories.max(1)).nth(human);
        row.and_then(|row| row.get(machine)).copied().unwrap_or_default()
    }

    /// Units that the first coder gave a category.
    pub fn row(&self, category: usize) -> f64 {
        (0..self.categories).map(|machine| self.cell(category, machine)).sum()
    }

    /// Units that the second coder gave a category.
    pub fn column(&self, category: usize) -> f64 {
        (0..self.categories).map(|human| self.cell(human, category)).sum()
    }

    /// All units.
    pub fn total(&self) -> f64 {
        self.cells.iter().sum()
    }

    /// Share of the units on which both say the same, from 0 to 1. `None` without units.
    pub fn accuracy(&self) -> Option<f64> {
        ratio((0..self.categories).map(|category| self.cell(category, category)).sum(), self.total())
    }

    /// One category against the rest.
    pub fn binary(&self, category: usize) -> Binary {
        let mut binary = Binary::default();
        for (at, units) in self.cells.iter().enumerate() {
            let (human, machine) = (at / self.categories == category, at % self.categories == category);
            *match (human, machine) {
                (true, true) => &mut binary.true_positives,
                (false, true) => &mut binary.false_positives,
                (true, false) => &mut binary.false_negatives,
                (false, false) => &mut binary.true_negatives,
            } += units;
        }
        binary
    }

    /// The mean F1 over the categories that either coder used. `None` without units.
    pub fn macro_f1(&self) -> Option<f64> {
        let f1s: Vec<f64> = (0..self.categories).filter_map(|category| self.binary(category).f1()).collect();
        ratio(f1s.iter().sum(), f1s.len() as f64)
    }
}

/// One category against the rest: what the machine said of it, measured by the human. Units, or their weights.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Binary {
    /// Both gave it.
    pub true_positives: f64,
    /// Only the machine did.
    pub false_positives: f64,
    /// Only the human did.
    pub false_negatives: f64,
    /// Neither did.
    pub true_negatives: f64,
}

impl Binary {
    /// Of the units that the machine gave the category, the share that the human did too. `None` where the machine gave it none.
    pub fn precision(&self) -> Option<f64> {
        ratio(self.true_positives, self.true_positives + self.false_positives)
    }

    /// Of the units that the human gave the category, the share that the machine did too. `None` where the human gave it none.
    pub fn recall(&self) -> Option<f64> {
        ratio(self.true_positives, self.true_positives + self.false_negatives)
    }

    /// Harmonic mean of precision and recall; 0 where only one of them gave it. `None` where neither gave it to any unit.
    pub fn f1(&self) -> Option<f64> {
        ratio(2.0 * self.true_positives, 2.0 * self.true_positives + self.false_positives + self.false_negatives)
    }
}
