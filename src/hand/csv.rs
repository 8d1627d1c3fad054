//! Sheets as text, on their way back.

use super::faults::{Fault, Place, Problem};
use super::grid::{Grid, letters};
use crate::table::{Broken, Cells};

/// Reads a table of separated values. Every broken quotation mark is a fault; the rows after the first are not looked at.
pub(super) fn grid(text: &str) -> Result<Grid, Fault> {
    let mut grid = Grid::of_values();
    for cell in Cells::of(text) {
        let cell = cell.map_err(|broken| Fault {
            place: Place::at("row", broken.row).column(letters(broken.column)),
            problem: match broken.what {
                Broken::Open => Problem::OpenQuote,
                Broken::After => Problem::AfterQuote,
            },
        })?;
        grid.push(cell.row, cell.column, cell.text.into_owned())?;
    }
    Ok(grid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_quotation_marks_are_named_by_row() {
        let refused = grid("a,b\n1,2\n3,\"open\n5,6\n").unwrap_err();
        assert_eq!((refused.place.to_string().as_str(), refused.problem), ("row 3, column B", Problem::OpenQuote));
        assert_eq!(grid("a,b\n\"x\"y,2").unwrap_err().problem, Problem::AfterQuote);
    }
}
