//! Tables as text: RFC 4180, and the habits of spreadsheets.
//!
//! A reader of our own, since a table with a quotation mark gone wrong is to be refused with its place: libraries for CSV read on and lose rows.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::iter::Peekable;
use std::path::Path;

use polars::prelude::{DataFrame, IntoColumn, StringChunkedBuilder};

use super::SheetError;

/// Rows that Excel writes with as many cells as the longest of them has: empty columns at the end of sixteen rows it leaves out
/// (Microsoft's article 77295).
const BLOCK: usize = 16;
/// Cells left out of all rows together: beyond it no spreadsheet wrote them.
const MAX_LEFT_OUT: usize = 50_000_000;

/// A cell and where it stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cell<'t> {
    /// The row, first = 1.
    pub(crate) row: usize,
    /// The line it begins on, first = 1: cells may hold line breaks.
    pub(crate) line: u64,
    /// The column, first = 0.
    pub(crate) column: usize,
    /// What is in it.
    pub(crate) text: Cow<'t, str>,
}

/// What can be wrong with a quotation mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// It opens a cell, and none closes it.
    Open,
    /// Words follow the one that closes a cell.
    After,
}

/// A cell that cannot be read, with where it begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BrokenQuote {
    pub(crate) row: usize,
    pub(crate) line: u64,
    pub(crate) column: usize,
    pub(crate) what: Broken,
}

/// The cells of a table, one after the other.
#[derive(Debug)]
pub(crate) struct Cells<'t> {
    text: &'t str,
    separator: u8,
    row: usize,
    line: u64,
    column: usize,
    /// Behind a separator: a cell follows, be it empty.
    expected: bool,
}

impl<'t> Cells<'t> {
    /// The cells of a text, which is read to its first broken quotation mark.
    pub(crate) fn of(text: &'t str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let first = text.split(['\r', '\n']).next().unwrap_or_default();
        // The line with which Excel is told of the separator.
        let named = first.strip_prefix("sep=").and_then(|named| named.bytes().next()).filter(u8::is_ascii);
        let cells = |text, separator, line| Self { text, separator, row: 1, line, column: 0, expected: false };
        match named {
            Some(separator) => {
                let rest = &text[first.len()..];
                let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\r', '\n'])).unwrap_or(rest);
                cells(rest, separator, 2)
            }
            None => cells(text, separator(first), 1),
        }
    }

    fn bare(&mut self) -> Cow<'t, str> {
        let end = memchr::memchr3(self.separator, b'\r', b'\n', self.text.as_bytes()).unwrap_or(self.text.len());
        let (cell, rest) = self.text.split_at(end);
        self.text = rest;
        Cow::Borrowed(cell)
    }

    /// The cell whose opening quotation mark stands before `rest`.
    fn quoted(&mut self, mut rest: &'t str) -> Result<Cow<'t, str>, Broken> {
        let mut cell = Cow::Borrowed("");
        loop {
            let end = memchr::memchr(b'"', rest.as_bytes()).ok_or(Broken::Open)?;
            cell += &rest[..end];
            rest = &rest[end + 1..];
            if let Some(after) = rest.strip_prefix('"') {
                cell += "\"";
                rest = after;
                continue;
            }
            let ends = rest.bytes().next().is_none_or(|next| [self.separator, b'\r', b'\n'].contains(&next));
            if !ends {
                return Err(Broken::After);
            }
            self.text = rest;
            return Ok(cell);
        }
    }
}

impl<'t> Iterator for Cells<'t> {
    type Item = Result<Cell<'t>, BrokenQuote>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.text.is_empty() && !std::mem::take(&mut self.expected) {
            return None;
        }
        let (row, line, column) = (self.row, self.line, self.column);
        let before = self.text;
        let read = match self.text.strip_prefix('"') {
            Some(rest) => self.quoted(rest),
            None => Ok(self.bare()),
        };
        let text = match read {
            Ok(text) => text,
            Err(what) => {
                self.text = "";
                return Some(Err(BrokenQuote { row, line, column, what }));
            }
        };
        self.line += lines(&before[..before.len() - self.text.len()]);
        self.expected = self.text.as_bytes().first() == Some(&self.separator);
        if self.expected {
            self.text = &self.text[1..];
            self.column += 1;
        } else if let Some(rest) = self.text.strip_prefix("\r\n").or_else(|| self.text.strip_prefix(['\r', '\n'])) {
            self.text = rest;
            (self.row, self.line, self.column) = (row + 1, self.line + 1, 0);
        }
        Some(Ok(Cell { row, line, column, text }))
    }
}

/// Line breaks of any system in a cell.
fn lines(cell: &str) -> u64 {
    let bytes = cell.as_bytes();
    let ends = |at: usize| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n');
    memchr::memchr2_iter(b'\r', b'\n', bytes).filter(|at| ends(*at)).count() as u64
}

/// The mark that separates the names of columns: the most frequent one outside of quotation marks.
fn separator(first: &str) -> u8 {
    let count = |separator: u8| {
        let mut quoted = false;
        let is_one = |byte: &u8| {
            quoted ^= *byte == b'"';
            *byte == separator && !quoted
        };
        first.bytes().filter(is_one).count()
    };
    b"\t;,".iter().copied().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

/// The cells row by row, each with the number and the line of its first cell.
struct Rows<'t>(Peekable<Cells<'t>>);

/// A row.
struct Row<'t> {
    number: usize,
    line: u64,
    cells: Vec<Cow<'t, str>>,
}

impl<'t> Iterator for Rows<'t> {
    type Item = Result<Row<'t>, BrokenQuote>;

    fn next(&mut self) -> Option<Self::Item> {
        let first = match self.0.next()? {
            Ok(cell) => cell,
            Err(broken) => return Some(Err(broken)),
        };
        let mut row = Row { number: first.row, line: first.line, cells: vec![first.text] };
        while let Some(Ok(cell)) = self.0.next_if(|cell| cell.as_ref().is_ok_and(|cell| cell.row == row.number)) {
            row.cells.push(cell.text);
        }
        // What is broken in a row goes before how many cells it has.
        if let Some(Err(broken)) = self.0.next_if(|cell| cell.as_ref().is_err_and(|broken| broken.row == row.number)) {
            return Some(Err(broken));
        }
        Some(Ok(row))
    }
}

/// Reads a table of separated values: everything is text, nothing is guessed, no zero is lost. Its first row names the columns; lines with nothing in
/// them are passed over.
///
/// # Errors
/// [`SheetError::Empty`]; [`SheetError::Line`] for a broken quotation mark, and for a row with more or fewer cells than there are columns, unless it
/// is one of sixteen that end in empty columns, as Excel writes them.
pub(super) fn frame(path: &Path, text: &str) -> Result<DataFrame, SheetError> {
    let fault = |line, fault: String| SheetError::Line { path: path.to_owned(), line, fault };
    let broken = |broken: BrokenQuote| {
        let what = match broken.what {
            Broken::Open => "a quotation mark is opened and never closed",
            Broken::After => "words follow the quotation mark that closes a cell; write \" inside a cell as \"\"",
        };
        fault(broken.line, what.to_owned())
    };
    let mut rows = Rows(Cells::of(text).peekable());
    let head = rows.next().ok_or_else(|| SheetError::Empty { path: path.to_owned() })?.map_err(broken)?;
    let width = head.cells.len();
    let names = unique(head.cells);
    let mut columns: Vec<StringChunkedBuilder> =
        names.into_iter().map(|name| StringChunkedBuilder::new(name.into(), 0)).collect();
    let (mut height, mut block, mut like) = (0, 0, (head.line, width));
    // How many rows the block has, and the cells of the one before.
    let (mut many, mut before, mut left_out) = (1, width, 0);
    let cells_in = |cells: usize| if cells == 1 { "1 cell".to_owned() } else { format!("{cells} cells") };
    let short = |line: u64, cells: usize| {
        let why = "perhaps a line break in a cell without quotation marks";
        fault(line, format!("{}, where the first line has {width}: {why}", cells_in(cells)))
    };
    for row in rows {
        let Row { number, line, cells } = row.map_err(broken)?;
        let is_blank = cells.iter().all(|cell| cell.is_empty()) && cells.len() == 1;
        if is_blank && width > 1 {
            continue;
        }
        if cells.len() > width {
            return Err(fault(line, format!("{}, where the first line has {width}", cells_in(cells.len()))));
        }
        if (number - 1) / BLOCK != block {
            (many, before) = (0, like.1);
            (block, like) = ((number - 1) / BLOCK, (line, cells.len()));
        }
        many += 1;
        if cells.len() != like.1 {
            let (line, cells) = if cells.len() < like.1 { (line, cells.len()) } else { like };
            return Err(short(line, cells));
        }
        left_out += width - cells.len();
        if left_out > MAX_LEFT_OUT {
            return Err(short(line, cells.len()));
        }
        for (at, column) in columns.iter_mut().enumerate() {
            column.append_option(cells.get(at).map(AsRef::as_ref).filter(|cell: &&str| !cell.is_empty()));
        }
        height += 1;
    }
    // Few rows of one length are no habit of Excel's, unless those before end alike.
    if many < BLOCK && like.1 < width && like.1 < before {
        return Err(short(like.0, like.1));
    }
    let columns = columns.into_iter().map(|column| column.finish().into_column()).collect();
    DataFrame::new(height, columns).map_err(|source| SheetError::Read { path: path.to_owned(), source })
}

/// Names of columns, each once: a second one of a name is told from the first.
fn unique(names: Vec<Cow<'_, str>>) -> Vec<String> {
    let mut taken: HashSet<String> = names.iter().map(Cow::to_string).collect();
    let mut next: HashMap<String, usize> = HashMap::new();
    let mut made: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        // The first of a name keeps it.
        let Some(number) = next.get_mut(name.as_ref()) else {
            next.insert(name.to_string(), 0);
            made.push(name.into_owned());
            continue;
        };
        let numbered = loop {
            let numbered = format!("{name}_duplicated_{number}");
            *number += 1;
            if taken.insert(numbered.clone()) {
                break numbered;
            }
        };
        made.push(numbered);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<(usize, usize, String)> {
        let all = Cells::of(text).map(|cell| cell.map(|cell| (cell.row, cell.column, cell.text.into_owned())).unwrap());
        all.filter(|cell| !cell.2.is_empty()).collect()
    }

    fn read(text: &str) -> Result<DataFrame, String> {
        frame(Path::new("a.csv"), text).map_err(|error| error.to_string())
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
        // The last cell is one, also where nothing ends it.
        assert_eq!(Cells::of("a,b\n1,").count(), 4);
    }

    #[test]
    fn lines_end_as_on_every_system_and_are_counted_so() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["id,text", "1,\"Bon", "jour\"", "2,\"a\" b"].join(end);
            let broken = Cells::of(&text).find_map(Result::err).unwrap();
            assert_eq!((broken.row, broken.line, broken.column, broken.what), (3, 4, 1, Broken::After), "{text:?}");
        }
        let frame = read("sep=;\rid;text\r1;Bonjour\r2;Arnaque\r").unwrap();
        assert_eq!((frame.height(), frame.get_column_names()[1].as_str()), (2, "text"));
        assert!(read("sep=;\nid;text\n1;a;b\n").unwrap_err().contains("line 3: 3 cells"));
    }

    #[test]
    fn rows_that_are_too_short_are_refused_unless_excel_left_out_empty_columns() {
        for (text, words) in [
            (
                "id,text\n1,Bonjour\nà tous\n2,merci\n",
                "line 3: 1 cell, where the first line has 2: perhaps a line break",
            ),
            ("id,text,code\n1,Bonjour\nà tous,1\n", "line 2: 2 cells, where the first line has 3"),
            ("", "a.csv: not a table: the file is empty"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
        let full = "1,a,1\n".repeat(BLOCK - 1);
        let short = "1,a\n".repeat(BLOCK + 3);
        assert_eq!(read(&format!("id,text,code\n{full}{short}")).unwrap().height(), 2 * BLOCK + 2);
        let error = read(&format!("id,text,code\n{full}{short}1,a,1\n")).unwrap_err();
        assert!(error.contains("line 33: 2 cells"), "{error}");
        let error = read(&format!("id,text,code\n{full}à tous\n")).unwrap_err();
        assert!(error.contains("line 17: 1 cell"), "{error}");
    }

    #[test]
    fn many_columns_of_one_name_are_quick() {
        let names = read(&format!("id{}\n", ",".repeat(50_000))).unwrap();
        assert_eq!(names.get_column_names().last().unwrap().as_str(), "_duplicated_49998");
    }

    #[test]
    fn blank_lines_are_no_rows_but_of_one_column() {
        assert_eq!(read("id,text\n\n1,a\n\n").unwrap().height(), 1);
        assert_eq!(read("text\na\n\nb\n").unwrap().height(), 3);
        let names = read(",,a,a\n").unwrap();
        assert_eq!(
            names.get_column_names().iter().map(|name| name.as_str()).collect::<Vec<_>>(),
            ["", "_duplicated_0", "a", "a_duplicated_0"]
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_and_no_letter_is_lost(text in "[ab,;\"\r\n\t]{0,40}") {
            let read: Result<Vec<_>, _> = Cells::of(&text).collect();
            if let Ok(read) = read {
                let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).count();
                assert_eq!(read.iter().map(|cell| letters(&cell.text)).sum::<usize>(), letters(&text));
            }
            let _ = frame(Path::new("a.csv"), &text);
        }
    }
}
