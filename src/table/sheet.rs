use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use polars::prelude::{
    DataFrame, DataType, IntoColumn, IpcReader, JsonFormat, JsonReader, NewChunkedArray, ParquetReader, PolarsError,
    SerReader, StringChunked,
};
use serde_json::{Map, Value};
use thiserror::Error;

use super::guard::{OFFSET, is_offset, unguarded, with_offset};
use super::{Table, columns_without_codes, separated};
use crate::model::{IRONY, Key};

/// What a CSV for spreadsheets begins with.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A table of somebody's that cannot be read.
#[derive(Debug, Error)]
pub enum SheetError {
    /// The file cannot be opened.
    #[error("{path} cannot be opened: {source}; check the path")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The name says no format that is read.
    #[error(
        "{path}: a table ends in .csv, .tsv, .ndjson, .jsonl, .parquet or .arrow; save a spreadsheet as “CSV UTF-8” first, but give sheets that people filled in to validate, estimate or train --hand as they are"
    )]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// The contents are not of that format.
    #[error("{path}: not a table that can be read: {source}; it is damaged, or of another format than its name says")]
    Read {
        /// The file.
        path: PathBuf,
        /// What polars said.
        source: PolarsError,
    },
    /// There is nothing in a CSV.
    #[error("{path}: not a table: the file is empty; its first line names the columns")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A CSV is in another charset.
    #[error("{path}, line {line}: not in UTF-8; save the table as “CSV UTF-8”")]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The line of the file, first = 1.
        line: u64,
    },
    /// A line of NDJSON is at fault.
    #[error("{path}, line {line}: {fault}; NDJSON has one JSON object on each line")]
    JsonLine {
        /// The file.
        path: PathBuf,
        /// The line of the file, first = 1.
        line: u64,
        /// What is wrong with it.
        fault: String,
    },
    /// A line of a CSV is at fault.
    #[error("{path}, line {line}: {fault}; mend that line, or save the table anew from a spreadsheet (as “CSV UTF-8”)")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line of the file, first = 1.
        line: u64,
        /// What is wrong with it.
        fault: String,
    },
    /// No column is called as columns of texts are.
    #[error("{path}: which column has the texts? None is called as they are; name it with --text (there are {known})")]
    NoText {
        /// The file.
        path: PathBuf,
        /// The columns that are there.
        known: String,
    },
    /// A column is not there.
    #[error("{path}: no column `{column}`; there are {known}")]
    Missing {
        /// The file.
        path: PathBuf,
        /// The column asked for.
        column: String,
        /// The columns that are there.
        known: String,
    },
    /// A row cannot be told from others.
    #[error("{path}, row {row}: no {column}; comments are known by thread_id and comment_id")]
    NoKey {
        /// The file.
        path: PathBuf,
        /// The row, first = 1.
        row: usize,
        /// The empty cell.
        column: &'static str,
    },
    /// Two rows claim to be one comment.
    #[error(
        "{path}, row {row}: the comment {comment} of thread {thread} is in row {first} already; ids must differ within a thread"
    )]
    Twice {
        /// The file.
        path: PathBuf,
        /// The row, first = 1.
        row: usize,
        /// The row that has the comment already.
        first: usize,
        /// Id of the thread.
        thread: String,
        /// Id of the comment.
        comment: String,
    },
}

/// A table somebody brings: text in columns, whatever its format.
#[derive(Debug)]
pub struct Sheet {
    path: PathBuf,
    frame: DataFrame,
    /// Whether cells have a `'` where a spreadsheet needs it.
    guarded: bool,
}

impl Sheet {
    /// Reads a CSV (separator `,`, `;` or tab, told by the first line or named there: `sep=|`), NDJSON, Parquet or Arrow file.
    ///
    /// # Errors
    /// [`SheetError`] if the file cannot be read.
    pub fn read(path: &Path) -> Result<Self, SheetError> {
        let ending = path.extension().and_then(|end| end.to_str()).unwrap_or("").to_ascii_lowercase();
        let open = |source| SheetError::Open { path: path.to_owned(), source };
        if matches!(ending.as_str(), "csv" | "tsv") {
            let bytes = std::fs::read(path).map_err(open)?;
            return match std::str::from_utf8(&bytes) {
                Ok(text) => Self::of_csv(path, text),
                Err(error) => {
                    let before = memchr::memchr_iter(b'\n', &bytes[..error.valid_up_to()]).count() as u64;
                    Err(SheetError::Encoding { path: path.to_owned(), line: before + 1 })
                }
            };
        }
        let file = File::open(path).map_err(open)?;
        let frame = match ending.as_str() {
            // A table without rows: there is no line to say what its columns would be.
            "ndjson" | "jsonl" if file.metadata().is_ok_and(|file| file.is_file() && file.len() == 0) => {
                Ok(DataFrame::empty())
            }
            "ndjson" | "jsonl" => JsonReader::new(BufReader::new(file))
                .with_json_format(JsonFormat::JsonLines)
                .infer_schema_len(None)
                .finish(),
            "parquet" => ParquetReader::new(file).finish(),
            "arrow" | "feather" => IpcReader::new(file).finish(),
            _ => return Err(SheetError::Format { path: path.to_owned() }),
        };
        let unreadable = |source| {
            let fault = if matches!(ending.as_str(), "ndjson" | "jsonl") { wrong_line(path) } else { None };
            fault.unwrap_or(SheetError::Read { path: path.to_owned(), source })
        };
        Ok(Self { path: path.to_owned(), frame: with_offsets(frame.map_err(unreadable)?), guarded: false })
    }

    /// A CSV whose text is known already: of a file that is not in UTF-8.
    ///
    /// # Errors
    /// [`SheetError::Empty`]; [`SheetError::Line`] for the first line that is no row of the table.
    pub fn of_csv(path: &Path, text: &str) -> Result<Self, SheetError> {
        let frame = with_offsets(separated::frame(path, text)?);
        Ok(Self { path: path.to_owned(), frame, guarded: text.starts_with(BYTE_ORDER_MARK) })
    }

    /// The file it was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Rows in it.
    pub fn rows(&self) -> usize {
        self.frame.height()
    }

    /// Names of its columns, in order.
    pub fn names(&self) -> Vec<String> {
        self.frame.get_column_names().iter().map(ToString::to_string).collect()
    }

    /// Whether there is a column of that name.
    pub fn has(&self, column: &str) -> bool {
        self.frame.get_column_index(column).is_some()
    }

    /// Whether there is a column of that name, as an error.
    ///
    /// # Errors
    /// [`SheetError::Missing`] names the columns that are there.
    pub fn check(&self, column: &str) -> Result<(), SheetError> {
        if self.has(column) { Ok(()) } else { Err(self.missing(column)) }
    }

    pub(super) fn wrong(&self, source: PolarsError) -> SheetError {
        SheetError::Read { path: self.path.clone(), source }
    }

    fn missing(&self, column: &str) -> SheetError {
        SheetError::Missing { path: self.path.clone(), column: column.to_owned(), known: self.names().join(", ") }
    }

    /// Names of the columns that hold codes: nothing but 1 and 0, and not causerie's own, but for `irony`.
    pub fn codes(&self) -> Vec<String> {
        let ours: Vec<String> = columns_without_codes(Table::Comments).into_iter().map(|column| column.name).collect();
        let is_code = |name: &String| {
            // A list or a structure, as Parquet has, is no code.
            let cells = if name == IRONY || !ours.contains(name) { self.column(name).ok() } else { None };
            let cells = cells.unwrap_or_default();
            let mut said = cells.iter().flatten().peekable();
            said.peek().is_some() && said.all(|cell| matches!(cell.as_str(), "0" | "1"))
        };
        self.names().into_iter().filter(is_code).collect()
    }

    /// As [`Self::column`], of a column that need not be there: its cells are empty then.
    ///
    /// # Errors
    /// [`SheetError::Read`].
    pub fn maybe(&self, name: &str) -> Result<Vec<Option<String>>, SheetError> {
        if self.has(name) { self.column(name) } else { Ok(vec![None; self.rows()]) }
    }

    /// What the comments of a table are known by, row by row: `thread_id` and `comment_id`.
    ///
    /// # Errors
    /// [`SheetError::Missing`], [`SheetError::NoKey`] and [`SheetError::Twice`] name the column or the row that is at fault.
    pub fn keys(&self) -> Result<Vec<Key>, SheetError> {
        let (threads, comments) = (self.column("thread_id")?, self.column("comment_id")?);
        let mut first: HashMap<Key, usize> = HashMap::with_capacity(self.rows());
        let mut keys = Vec::with_capacity(self.rows());
        for ((thread, comment), row) in threads.into_iter().zip(comments).zip(1..) {
            let missing = |column| SheetError::NoKey { path: self.path.clone(), row, column };
            let thread_id = thread.ok_or_else(|| missing("thread_id"))?;
            let key = Key { thread_id, comment_id: comment.ok_or_else(|| missing("comment_id"))? };
            if let Some(first) = first.insert(key.clone(), row) {
                let Key { thread_id: thread, comment_id: comment } = key;
                return Err(SheetError::Twice { path: self.path.clone(), row, first, thread, comment });
            }
            keys.push(key);
        }
        Ok(keys)
    }

    /// A column as text, empty cells as none; whole numbers without a fraction; without the `'` that a CSV for spreadsheets
    /// (one with a byte order mark) has before some cells. A table without rows and columns has every column, empty.
    ///
    /// # Errors
    /// [`SheetError::Missing`] names the columns that are there, [`SheetError::Read`] one that is no text or number.
    pub fn column(&self, name: &str) -> Result<Vec<Option<String>>, SheetError> {
        if self.frame.height() == 0 && self.frame.width() == 0 {
            return Ok(Vec::new());
        }
        let column = self.frame.column(name).map_err(|_| self.missing(name))?;
        let text = column.cast(&DataType::String).map_err(|source| self.wrong(source))?;
        let cell = |cell: Option<&str>| {
            let cell = cell.filter(|cell| !cell.is_empty())?;
            let whole = column.dtype().is_float().then(|| cell.strip_suffix(".0")).flatten();
            let cell = whole.unwrap_or(cell);
            Some(if self.guarded { unguarded(cell) } else { cell }.to_owned())
        };
        Ok(text.str().map_err(|source| self.wrong(source))?.iter().map(cell).collect())
    }
}

/// The table with dates that have their offsets again, where those of a spreadsheet stand in columns of their own.
fn with_offsets(frame: DataFrame) -> DataFrame {
    let names: Vec<String> = frame.get_column_names().iter().map(ToString::to_string).collect();
    let dates = names.iter().filter_map(|name| Some((name.strip_suffix(OFFSET)?, name)));
    dates.fold(frame, |frame, (date, offset)| joined(&frame, date, offset).unwrap_or(frame))
}

/// The table with an offset in each date and no column of them; nothing where the two columns are something else.
fn joined(frame: &DataFrame, date: &str, offset: &str) -> Option<DataFrame> {
    let (dates, offsets) = (frame.column(date).ok()?.str().ok()?, frame.column(offset).ok()?.str().ok()?);
    if !offsets.iter().flatten().all(|cell| cell.is_empty() || is_offset(cell)) {
        return None;
    }
    let cells =
        dates.iter().zip(offsets.iter()).map(|(date, offset)| match (date, offset.filter(|cell| !cell.is_empty())) {
            (Some(date), Some(offset)) => with_offset(date, offset).map(Some),
            (date, _) => Some(date.map(str::to_owned)),
        });
    // Where one cannot be joined, none is lost.
    let cells = cells.collect::<Option<Vec<Option<String>>>>()?;
    if offsets.iter().flatten().all(str::is_empty) {
        return None;
    }
    let dates = StringChunked::from_iter_options(date.into(), cells.into_iter()).into_column();
    let mut frame = frame.drop(offset).ok()?;
    frame.replace(date, dates).ok()?;
    Some(frame)
}

/// The first line of NDJSON that is no object.
fn wrong_line(path: &Path) -> Option<SheetError> {
    let lines = BufReader::new(File::open(path).ok()?).split(b'\n');
    for (line, number) in lines.zip(1..) {
        let line = line.ok()?;
        let object = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&line).trim_ascii();
        if let Err(error) = serde_json::from_slice::<Map<String, Value>>(if object.is_empty() { b"{}" } else { object })
        {
            // What it says of the line is of this one alone.
            let fault = error.to_string().split(" at line ").next().unwrap_or_default().to_owned();
            return Some(SheetError::JsonLine { path: path.to_owned(), line: number, fault });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(ending: &str, text: &str) -> Result<Sheet, SheetError> {
        let file = tempfile::Builder::new().suffix(ending).tempfile().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Sheet::read(file.path())
    }

    #[test]
    fn csv_in_all_separators_and_ndjson_say_the_same() {
        for (ending, text) in [
            (".csv", "id,text,code\n007,\"a, b\",1\nx,,0\n"),
            (".csv", "\u{feff}id;text;code\n007;a, b;1\nx;;0\n"),
            (".tsv", "id\ttext\tcode\n007\ta, b\t1\nx\t\t0\n"),
            (".jsonl", "{\"id\":\"007\",\"text\":\"a, b\",\"code\":1}\n{\"id\":\"x\",\"code\":0}\n"),
        ] {
            let sheet = sheet(ending, text).unwrap();
            assert_eq!(sheet.column("id").unwrap(), [Some("007".to_owned()), Some("x".to_owned())], "{text}");
            assert_eq!(sheet.column("text").unwrap(), [Some("a, b".to_owned()), None], "{text}");
            assert_eq!(sheet.column("code").unwrap()[0].as_deref(), Some("1"), "{text}");
        }
    }

    #[test]
    fn cells_of_a_spreadsheet_lose_their_guard() {
        let text = "id,text\n1,'=1+1\n2,'007\n3,'t is\n";
        let texts = |text: &str| sheet(".csv", text).unwrap().column("text").unwrap().into_iter().flatten().collect();
        let (bare, as_is): (Vec<_>, Vec<_>) = (texts(&format!("\u{feff}{text}")), texts(text));
        assert_eq!(bare, ["=1+1", "007", "'t is"]);
        assert_eq!(as_is, ["'=1+1", "'007", "'t is"]);
    }

    #[test]
    fn dates_of_a_spreadsheet_get_back_their_offsets() {
        let text = "\u{feff}posted_at;posted_at_offset;drift_offset\n2024-04-03 06:55:00;UTC+02:00;3\n2024-04-03 06:55:00;UTC;\n2024-04-03 06:55:00;;\n;;\n";
        let sheet = sheet(".csv", text).unwrap();
        assert_eq!(sheet.names(), ["posted_at", "drift_offset"]);
        let dates = ["2024-04-03T06:55:00+02:00", "2024-04-03T06:55:00Z", "2024-04-03 06:55:00"];
        assert_eq!(sheet.column("posted_at").unwrap().into_iter().flatten().collect::<Vec<_>>(), dates);
        let others = "\u{feff}start,start_offset\n2024-04-03 06:55:00,17\n";
        assert_eq!(super::tests::sheet(".csv", others).unwrap().names(), ["start", "start_offset"]);
    }

    #[test]
    fn no_lines_of_ndjson_are_an_empty_table() {
        let sheet = sheet(".ndjson", "").unwrap();
        assert_eq!((sheet.rows(), sheet.column("text").unwrap().len()), (0, 0));
    }

    #[test]
    fn a_missing_column_is_named_with_those_there_are() {
        let error = sheet(".csv", "id,text\n1,a\n").unwrap().column("body").unwrap_err().to_string();
        assert!(error.contains("no column `body`; there are id, text"), "{error}");
        let error = sheet(".csv", "id,text\n1,a\n2,\"b\n3,c\n").unwrap_err().to_string();
        assert!(error.contains("line 3: a quotation mark"), "{error}");
        let error = sheet(".csv", "id,text\n1,\"a\nb\"\n2,b,c,d\n").unwrap_err().to_string();
        assert!(error.contains("line 4: 4 cells, where the first line has 2"), "{error}");
        let error = sheet(".ndjson", "{\"id\":1}\n\n{\"id\":\n{\"id\":3}\n").unwrap_err().to_string();
        assert!(error.contains("line 3: EOF while parsing a value; NDJSON has one JSON object"), "{error}");
        let error = sheet(".parquet", "no parquet").unwrap_err().to_string();
        assert!(error.contains("damaged") && !error.contains("CSV"), "{error}");
        assert!(sheet(".doc", "id").unwrap_err().to_string().contains(".csv"));
        assert!(Sheet::read(Path::new("no/such.csv")).is_err());
    }
}
