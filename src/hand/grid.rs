//! A rectangular table, whatever file it was read from.

use super::faults::{Fault, Place, Problem};
use crate::table::{Field, likeliest};

/// Rows in which the header is looked for: people write a title above it.
const HEADER_WITHIN: usize = 20;
/// Bytes of text in all cells together. A workbook can refer to one long text from a million cells.
const TEXT_LIMIT: usize = 512 << 20;
/// The column every table of answers has.
pub(super) const COMMENT_ID: &str = "comment_id";

/// Cells in rows.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// What a row is called: `row`, `line`.
    unit: &'static str,
    /// Whether columns have letters, as in a spreadsheet.
    lettered: bool,
    /// Whether cells are told apart by a separator, so that one in a text moves all that follow.
    separated: bool,
    rows: Vec<Row>,
    text: usize,
}

/// The cells of a row that are not empty.
#[derive(Debug)]
pub(super) struct Row {
    /// As a spreadsheet counts, first = 1.
    pub(super) number: usize,
    cells: Vec<(usize, String)>,
}

impl Row {
    /// The cell of a column; empty where there is none.
    pub(super) fn cell(&self, column: usize) -> &str {
        self.cells.binary_search_by_key(&column, |cell| cell.0).map_or("", |at| &self.cells[at].1)
    }

    /// Column behind the last cell with something in it.
    pub(super) fn width(&self) -> usize {
        self.cells.last().map_or(0, |(column, _)| column + 1)
    }

    fn has_id(&self) -> bool {
        self.cells.iter().any(|(_, cell)| plain(cell) == plain(COMMENT_ID))
    }
}

impl Grid {
    /// A sheet of a workbook.
    pub(super) fn of_workbook() -> Self {
        Self { unit: "row", lettered: true, ..Self::default() }
    }

    /// A table of separated values.
    pub(super) fn of_values() -> Self {
        Self { separated: true, ..Self::of_workbook() }
    }

    /// Objects with fields.
    pub(super) fn of_objects(unit: &'static str) -> Self {
        Self { unit, ..Self::default() }
    }

    /// Adds a cell to the last row, or to a new one. Cells come row by row, column by column; empty ones are left out.
    pub(super) fn push(&mut self, row: usize, column: usize, cell: String) -> Result<(), Fault> {
        if cell.trim().is_empty() {
            return Ok(());
        }
        self.text += cell.len();
        if self.text > TEXT_LIMIT {
            return Err(Problem::TooLarge { limit: "512 MB of text" }.into());
        }
        match self.rows.last_mut() {
            Some(last) if last.number == row => last.cells.push((column, cell)),
            _ => self.rows.push(Row { number: row, cells: vec![(column, cell)] }),
        }
        Ok(())
    }

    /// Brings rows and cells into order, for files that do not keep it; of two cells in one place the first stays.
    pub(super) fn ordered(mut self) -> Self {
        self.rows.sort_by_key(|row| row.number);
        self.rows.dedup_by(|next, row| {
            let same = next.number == row.number;
            if same {
                row.cells.append(&mut next.cells);
            }
            same
        });
        for row in &mut self.rows {
            row.cells.sort_by_key(|cell| cell.0);
            row.cells.dedup_by_key(|cell| cell.0);
        }
        self
    }

    /// Number of the row that has a cell `comment_id`, of the first few.
    pub(super) fn id_row(&self) -> Option<usize> {
        self.rows.iter().take(HEADER_WITHIN).find(|row| row.has_id()).map(|row| row.number)
    }

    /// The header, which is the row that names the ids or else the first one, and the rows below it.
    pub(super) fn split(&self) -> Option<(Header<'_>, &[Row])> {
        let at = self.rows.iter().take(HEADER_WITHIN).position(Row::has_id).unwrap_or(0);
        let names = self.rows.get(at)?.cells.iter().map(|(column, name)| (*column, name.trim())).collect();
        Some((Header { grid: self, names, row: self.rows[at].number }, &self.rows[at + 1..]))
    }
}

/// The names of the columns.
#[derive(Debug)]
pub(super) struct Header<'a> {
    grid: &'a Grid,
    pub(super) names: Vec<(usize, &'a str)>,
    pub(super) row: usize,
}

impl Header<'_> {
    /// The column of a name, case, blanks, `_` and `-` aside.
    ///
    /// # Errors
    /// Where there is a second one.
    pub(super) fn column(&self, wanted: &str) -> Result<Option<usize>, Place> {
        let mut found = self.names.iter().filter(|(_, name)| plain(name) == plain(wanted));
        let first = found.next();
        match found.next() {
            Some((second, _)) => Err(self.place(self.row, *second)),
            None => Ok(first.map(|(column, _)| *column)),
        }
    }

    /// The name that ids of comments mostly have elsewhere.
    pub(super) fn likeliest_id(&self) -> Option<String> {
        let names: Vec<&str> = self.names.iter().map(|(_, name)| *name).collect();
        likeliest(Field::CommentId, &names).map(str::to_owned)
    }

    /// The name most like `wanted`, if it is like it.
    pub(super) fn nearest(&self, wanted: &str) -> Option<String> {
        let likeness = |name: &str| strsim::jaro_winkler(&plain(name), &plain(wanted));
        let (_, name) = self.names.iter().max_by(|a, b| likeness(a.1).total_cmp(&likeness(b.1)))?;
        (likeness(name) > 0.7).then(|| (*name).to_owned())
    }

    /// Column behind the last one with a name.
    pub(super) fn width(&self) -> usize {
        self.names.last().map_or(0, |(column, _)| column + 1)
    }

    /// Whether a row has more cells than the header because a separator is in one of them.
    pub(super) fn is_exceeded(&self, row: &Row) -> bool {
        self.grid.separated && row.width() > self.width()
    }

    /// The header as a whole, or a row, for messages.
    pub(super) fn row_place(&self, row: usize) -> Place {
        Place::at(self.grid.unit, row)
    }

    /// The names there are, for messages.
    pub(super) fn list(&self) -> String {
        list(self.names.iter().map(|(_, name)| *name))
    }

    /// A cell, for messages.
    pub(super) fn place(&self, row: usize, column: usize) -> Place {
        let name = self.names.iter().find(|named| named.0 == column).map_or("", |named| named.1);
        let name = match (self.grid.lettered, name) {
            (true, "") => letters(column),
            (true, name) => format!("{} ({name})", letters(column)),
            (false, name) => name.to_owned(),
        };
        Place::at(self.grid.unit, row).column(name)
    }
}

/// A name without what people and spreadsheets change in it.
pub(super) fn plain(name: &str) -> String {
    let dropped = |c: &char| c.is_whitespace() || matches!(c, '_' | '-' | '\u{feff}');
    name.chars().filter(|c| !dropped(c)).flat_map(char::to_lowercase).collect()
}

/// Names in a sentence: the first forty.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter();
    let mut listed = names.by_ref().take(40).collect::<Vec<_>>().join(", ");
    if names.next().is_some() {
        listed.push_str(", …");
    }
    listed
}

/// `A`, …, `Z`, `AA` for columns 0, …, 25, 26.
pub(super) fn letters(column: usize) -> String {
    let last = char::from(b'A' + (column % 26) as u8);
    if column < 26 { last.to_string() } else { letters(column / 26 - 1) + &last.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters_as_in_a_spreadsheet() {
        assert_eq!([0, 25, 26, 701, 702, 16_383].map(letters), ["A", "Z", "AA", "ZZ", "AAA", "XFD"]);
    }

    #[test]
    fn the_header_may_stand_below_a_title() {
        let mut grid = Grid::of_workbook();
        for (row, column, cell) in [(1, 0, "My sheet"), (3, 0, "Comment ID"), (3, 2, "distrust"), (4, 0, "c1")] {
            grid.push(row, column, cell.to_owned()).unwrap();
        }
        let (header, rows) = grid.split().unwrap();
        assert_eq!((header.row, header.column("comment_id")), (3, Ok(Some(0))));
        assert_eq!((rows.len(), rows[0].cell(0), rows[0].cell(2)), (1, "c1", ""));
        assert_eq!(header.place(4, 2).to_string(), "row 4, column C (distrust)");
    }
}
