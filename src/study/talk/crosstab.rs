use crate::study::shape::ratio;

/// Counts by two variables.
#[derive(Debug, Clone)]
pub(super) struct Crosstab {
    cells: Vec<Vec<u64>>,
}

impl Crosstab {
    pub(super) fn new(rows: usize, columns: usize) -> Self {
        Self { cells: vec![vec![0; columns]; rows] }
    }

    pub(super) fn add(&mut self, row: usize, column: usize) {
        self.cells[row][column] += 1;
    }

    pub(super) fn cell(&self, row: usize, column: usize) -> u64 {
        self.cells[row][column]
    }

    pub(super) fn row(&self, row: usize) -> u64 {
        self.cells[row].iter().sum()
    }

    pub(super) fn column(&self, column: usize) -> u64 {
        self.cells.iter().map(|row| row[column]).sum()
    }

    pub(super) fn total(&self) -> u64 {
        self.cells.iter().flatten().sum()
    }

    /// What a cell would hold if row and column had nothing to do with each other. `None` of an empty table.
    pub(super) fn expected(&self, row: usize, column: usize) -> Option<f64> {
        ratio(self.row(row) as f64 * self.column(column) as f64, self.total() as f64)
    }

    /// How far a cell is from that, in standard errors (Haberman 1973): (O − E) / √(E (1 − r/n) (1 − c/n)). `None` where its row or
    /// column holds nothing, or all.
    pub(super) fn residual(&self, row: usize, column: usize) -> Option<f64> {
        let (expected, n) = (self.expected(row, column)?, self.total() as f64);
        let variance = expected * (1.0 - self.row(row) as f64 / n) * (1.0 - self.column(column) as f64 / n);
        ratio(self.cell(row, column) as f64 - expected, variance.sqrt())
    }

    /// Pearson's chi-squared of the rows and columns that hold anything, without a correction for continuity, and its degrees of freedom.
    /// `None` with fewer than two of either.
    pub(super) fn chi_squared(&self) -> Option<(f64, u64)> {
        let (rows, columns) = self.filled();
        let distance = |row: usize, column: usize| {
            let expected = self.expected(row, column)?;
            ratio((self.cell(row, column) as f64 - expected).powi(2), expected)
        };
        let all = (0..self.cells.len()).flat_map(|row| (0..self.cells[row].len()).map(move |column| (row, column)));
        let sum = all.filter_map(|(row, column)| distance(row, column)).sum();
        (rows > 1 && columns > 1).then(|| (sum, (rows - 1) * (columns - 1)))
    }

    /// Cramér's V (1946): √(χ² / (n (k − 1))), k the fewer of filled rows and columns. From 0 to 1.
    pub(super) fn cramers_v(&self) -> Option<f64> {
        let (chi_squared, _) = self.chi_squared()?;
        let (rows, columns) = self.filled();
        ratio(chi_squared, self.total() as f64 * (rows.min(columns) - 1) as f64).map(f64::sqrt)
    }

    /// Rows and columns that hold anything.
    fn filled(&self) -> (u64, u64) {
        let columns = self.cells.first().map_or(0, Vec::len);
        let filled = |counts: &mut dyn Iterator<Item = u64>| counts.filter(|count| *count > 0).count() as u64;
        (
            filled(&mut (0..self.cells.len()).map(|row| self.row(row))),
            filled(&mut (0..columns).map(|column| self.column(column))),
        )
    }
}
