//! Sheets as text, on their way back: RFC 4180, and the habits of spreadsheets.
//!
//! A reader of our own, since a sheet with a quotation mark gone wrong is to be refused with its row: libraries for CSV read on and lose rows.

use super::faults::{Fault, Place, Problem};
use super::grid::{Grid, letters};

/// Reads a table of separated values. Every broken quotation mark is a fault; the rows after the first are not looked at.
pub(super) fn grid(text: &str) -> Result<Grid, Fault> {
    let (separator, text) = separator(text);
    let mut grid = Grid::of_values();
    let mut cells = Cells { text, separator, row: 1, column: 0 };
    while let Some((row, column, cell)) = cells.next()? {
        grid.push(row, column, cell)?;
    }
    Ok(grid)
}

/// The separator, and the text after the line `sep=;` with which Excel is told of it.
fn separator(text: &str) -> (char, &str) {
    let line = text.lines().next().unwrap_or("");
    if let Some(named) = line.strip_prefix("sep=").and_then(|named| named.chars().next()) {
        return (named, text[line.len()..].trim_start_matches(['\r', '\n']));
    }
    // Names of columns hold no separators, so the most frequent one outside quotation marks is it.
    let count = |separator: char| {
        let mut quoted = false;
        line.chars()
            .filter(|&c| {
                quoted ^= c == '"';
                c == separator && !quoted
            })
            .count()
    };
    let separator = [',', ';', '\t'].into_iter().rev().max_by_key(|&separator| count(separator)).unwrap_or(',');
    (separator, text)
}

/// Row, column and text.
type Cell = (usize, usize, String);

/// Cells one after the other.
struct Cells<'a> {
    text: &'a str,
    separator: char,
    row: usize,
    column: usize,
}

impl Cells<'_> {
    fn next(&mut self) -> Result<Option<Cell>, Fault> {
        if self.text.is_empty() {
            return Ok(None);
        }
        let (row, column) = (self.row, self.column);
        let cell = if let Some(rest) = self.text.strip_prefix('"') { self.quoted(rest)? } else { self.bare() };
        let mut rest = self.text.chars();
        match rest.next() {
            Some(c) if c == self.separator => self.column += 1,
            Some('\r') if rest.as_str().starts_with('\n') => {
                rest.next();
                self.next_row();
            }
            Some('\r' | '\n') => self.next_row(),
            _ => {}
        }
        self.text = rest.as_str();
        Ok(Some((row, column, cell)))
    }

    fn next_row(&mut self) {
        self.row += 1;
        self.column = 0;
    }

    fn bare(&mut self) -> String {
        let end = self.text.find([self.separator, '\r', '\n']).unwrap_or(self.text.len());
        let (cell, rest) = self.text.split_at(end);
        self.text = rest;
        cell.to_owned()
    }

    fn quoted<'a>(&mut self, mut rest: &'a str) -> Result<String, Fault>
    where
        Self: 'a,
    {
        let place = Place::at("row", self.row).column(letters(self.column));
        let mut cell = String::new();
        loop {
            let Some(end) = rest.find('"') else { return Err(Fault { place, problem: Problem::OpenQuote }) };
            cell.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            if let Some(after) = rest.strip_prefix('"') {
                cell.push('"');
                rest = after;
                continue;
            }
            if rest.is_empty() || rest.starts_with([self.separator, '\r', '\n']) {
                break;
            }
            return Err(Fault { place, problem: Problem::AfterQuote });
        }
        self.text = &self.text[self.text.len() - rest.len()..];
        Ok(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Cell> {
        let (separator, text) = separator(text);
        let mut cells = Cells { text, separator, row: 1, column: 0 };
        std::iter::from_fn(|| cells.next().unwrap()).filter(|cell| !cell.2.is_empty()).collect()
    }

    #[test]
    fn quoted_cells_hold_separators_line_breaks_and_quotation_marks() {
        let read = cells("a;b;c\r\n\"x;1\";\"he said \"\"no\"\"\r\ntwice\";5\" pipe\r\n\n;;z");
        let expected = [
            (1, 0, "a"),
            (1, 1, "b"),
            (1, 2, "c"),
            (2, 0, "x;1"),
            (2, 1, "he said \"no\"\r\ntwice"),
            (2, 2, "5\" pipe"),
            (4, 2, "z"),
        ];
        assert_eq!(read, expected.map(|(row, column, cell)| (row, column, cell.to_owned())));
        assert_eq!(cells("sep=|\r\na|b").len(), 2);
        assert_eq!(cells("a\tb,c\td\te").len(), 4);
        assert_eq!(cells("\"a;b;c\",d").len(), 2);
    }

    #[test]
    fn broken_quotation_marks_are_named_by_row() {
        let refused = grid("a,b\n1,2\n3,\"open\n5,6\n").unwrap_err();
        assert_eq!((refused.place.to_string().as_str(), refused.problem), ("row 3, column B", Problem::OpenQuote));
        assert_eq!(grid("a,b\n\"x\"y,2").unwrap_err().problem, Problem::AfterQuote);
    }
}
