use super::{Confusion, Resample, ratio};

/// How far apart two categories of a [`kappa`] are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distance {
    /// They differ or not: kappa without weights (Cohen 1960).
    Same,
    /// By their places in the list.
    Linear,
    /// By the squares of these (Cohen 1968).
    Quadratic,
}

impl Distance {
    fn between(self, one: usize, other: usize) -> f64 {
        let places = one.abs_diff(other) as f64;
        match self {
            Self::Same => places.min(1.0),
            Self::Linear => places,
            Self::Quadratic => places * places,
        }
    }
}

/// Cohen's kappa of two coders. `None` without units, or where chance leaves nothing to disagree on: both used one category only,
/// and the same.
pub fn kappa(confusion: &Confusion, distance: Distance) -> Option<f64> {
    let categories = confusion.categories();
    let rows: Vec<f64> = (0..categories).map(|row| confusion.row(row)).collect();
    let columns: Vec<f64> = (0..categories).map(|column| confusion.column(column)).collect();
    let (mut found, mut expected) = (0.0, 0.0);
    for (row, in_row) in rows.iter().enumerate() {
        for (column, in_column) in columns.iter().enumerate() {
            let distance = distance.between(row, column);
            found += distance * confusion.cell(row, column);
            expected += distance * in_row * in_column;
        }
    }
    ratio(found * confusion.total(), expected).map(|disagreement| 1.0 - disagreement)
}

/// The mean of Cohen's kappa over pairs of coders (Light 1971); of two coders, their kappa. Pairs of which kappa is not defined
/// are left out, such as two who have no unit in common; `None` where no pair has one.
pub fn mean_kappa(resample: &Resample, distance: Distance) -> Option<f64> {
    let coders = resample.coders();
    let pairs = (0..coders).flat_map(|one| (one + 1..coders).map(move |other| (one, other)));
    let kappas: Vec<f64> =
        pairs.filter_map(|(one, other)| kappa(&Confusion::counted(resample, one, other), distance)).collect();
    ratio(kappas.iter().sum(), kappas.len() as f64)
}
