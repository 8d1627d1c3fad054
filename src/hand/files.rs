//! The files that questions leave in and answers come back in.

use std::borrow::Cow;
use std::path::Path;

use serde_json::Value;
use thiserror::Error;

use super::answers::{Gathering, Known, Reading, shortened};
use super::faults::{Fault, Faults, Place, Problem};
use super::grid::Grid;
use super::records::Record;
use super::sheet::{Column, Layout};
use super::{Form, Question, csv, doccano, journal, label_studio, records, workbook, xlsx};
use crate::input::text_of;
use crate::table::Kind as CellKind;

/// Bytes of a file of answers.
const FILE_LIMIT: usize = 200 << 20;

/// A file that coders are given and that is no table of text; for those see [`sheet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A workbook of Excel with drop-downs and the codebook.
    Xlsx,
    /// Tasks for Label Studio, JSON; see [`super::label_studio_config`].
    LabelStudio,
    /// Lines for doccano, JSONL.
    Doccano,
}

/// Why a file for coders could not be made.
#[derive(Debug, Error)]
pub enum WriteError {
    /// A text that a cell cannot hold.
    #[error(
        "comment {comment} in thread {thread}: `{column}` has {length} characters and a cell of a spreadsheet holds {limit}; leave the comment out, or write CSV, Label Studio or doccano"
    )]
    CellTooLong {
        /// The thread.
        thread: String,
        /// The comment.
        comment: String,
        /// Name of the column.
        column: String,
        /// UTF-16 units of the text.
        length: usize,
        /// UTF-16 units a cell holds.
        limit: usize,
    },
    /// More units than a sheet has rows.
    #[error("there are {units} units and a sheet has {limit} rows; write a sheet a coder")]
    TooManyUnits {
        /// Units of the form.
        units: usize,
        /// Rows of a sheet.
        limit: u64,
    },
    /// Two columns would have one name.
    #[error("two columns of the sheet would be named `{column}`; rename the code in the codebook")]
    SecondColumn {
        /// The name.
        column: String,
    },
    /// A definition that a cell cannot hold.
    #[error("`{column}` of `{question}` is longer than a cell of a spreadsheet; shorten it in the codebook")]
    QuestionTooLong {
        /// Name of the question.
        question: String,
        /// The column of the sheet `codebook`.
        column: &'static str,
    },
    /// The workbook could not be made.
    #[error("the workbook could not be made: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The JSON could not be made.
    #[error("the JSON could not be made: {0}")]
    Json(#[from] serde_json::Error),
}

/// A column of a sheet: its name, what its cells are, and the cells, empty where people fill them.
pub type SheetColumn<'a> = (String, CellKind, Vec<&'a str>);

/// A sheet, to be written as a table of text: a row a unit with its ids, what is to be read, for each question an empty column with its
/// name, for each code a column `evidence_…` for words copied from the text, the coder where there is only one, and a note.
///
/// # Errors
/// [`WriteError::SecondColumn`] if a code is named like another column.
pub fn sheet(form: &Form) -> Result<Vec<SheetColumn<'_>>, WriteError> {
    let layout = Layout::of(form);
    layout.check_names()?;
    let cells = |column: &Column<'_>| form.units.iter().map(|unit| column.cell.of(unit)).collect();
    Ok(layout.columns.iter().map(|column| (column.name.clone(), column.cell.kind(), cells(column))).collect())
}

/// The bytes of a file for coders. The same form gives the same bytes. A workbook has the columns of [`sheet`].
///
/// # Errors
/// [`WriteError`] if a spreadsheet cannot hold a text, or not so many units, or if a code is named like another column.
pub fn write(form: &Form, kind: Kind) -> Result<Vec<u8>, WriteError> {
    Layout::of(form).check_names()?;
    match kind {
        Kind::Xlsx => xlsx::write(form),
        Kind::LabelStudio => label_studio::write(form),
        Kind::Doccano => doccano::write(form),
    }
}

/// Reads answers back, from whatever [`write()`] and [`sheet`] made and from any table with a column `comment_id`.
///
/// | name ends in | what it may hold |
/// |---|---|
/// | `.csv`, `.tsv` | a table separated by `,`, `;` or tab, told by its first line; UTF-8, UTF-16 with a byte order mark, or what its bytes look like |
/// | `.xlsx`, `.ods` | a workbook with one sheet that has a column `comment_id` |
/// | `.json` | an export of Label Studio, or a list of objects as rows |
/// | `.jsonl`, `.ndjson` | an export of doccano, objects as rows, [`super::Answer`]s, or a [`super::Journal`] |
///
/// A table has a row a unit with a column a question, or a row an answer with the columns `question` (or `code`), `value` and, if
/// there is any, `evidence`. Columns are found by name, whatever their case, blanks, `_` and `-`. `thread_id` may be missing where comment
/// ids are unique. The coder is named by a column `coder`, or else by the file: `sheet.anne.xlsx` is Anne's, and so is `anne.csv`.
///
/// An empty cell is no answer, and so is one with `?`, `-`, `n/a` and their like (a remark counts them); a `-` for the sentiment is
/// negative, as [`Question::value`] says. Words in a column `evidence_…` have to be in the text, in any case and with any blanks;
/// several passages have `|` or a line break between them. Marked words without an answer count as 1.
///
/// Label Studio: annotations that were skipped are left out; spans are found by the words that come with them. doccano: see
/// `label`, `cats` and `entities` of its export; a line without any label is no answer, as nothing says that somebody has seen it, and in
/// one with labels the codes it does not name are 0 (the category `none` says so for all).
///
/// # Errors
/// [`Faults`] names everything that is wrong with the file, by row and column; then nothing of it is read.
pub fn read(path: &Path, bytes: &[u8], questions: &[Question], known: &Known<'_>) -> Result<Reading, Faults> {
    let mut into = Gathering::new(path, questions, known);
    if bytes.len() > FILE_LIMIT {
        return Err(Faults::new(path).with(Problem::TooLarge { limit: "200 MB" }));
    }
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "csv" | "tsv" | "txt" => {
            let text = decoded(bytes, &mut into);
            read_sheet(csv::grid(&text).map_err(|fault| vec![fault]), &mut into);
        }
        "xlsx" | "xlsm" => read_sheet(workbook::xlsx(bytes), &mut into),
        "ods" => read_sheet(workbook::ods(bytes), &mut into),
        "json" => read_json(bytes, &mut into),
        "jsonl" | "ndjson" => {
            let text = decoded(bytes, &mut into);
            if journal::is_journal(&text) {
                journal::read(&text, &mut into);
            } else {
                let records = records::lines(&text, &mut into);
                read_records(records, &mut into);
            }
        }
        _ => into.fault(Place::default(), Problem::Format),
    }
    into.finish()
}

fn decoded<'a>(bytes: &'a [u8], into: &mut Gathering<'_>) -> Cow<'a, str> {
    let (text, guessed) = text_of(bytes);
    if let Some(encoding) = guessed {
        into.remark(format!("not UTF-8; read as {encoding}, which is a guess: look whether accents are right"));
    }
    text
}

fn read_sheet(grid: Result<Grid, Vec<Fault>>, into: &mut Gathering<'_>) {
    match grid {
        Ok(grid) => super::sheet::read(&grid, into),
        Err(faults) => faults.into_iter().for_each(|Fault { place, problem }| into.fault(place, problem)),
    }
}

fn read_json(bytes: &[u8], into: &mut Gathering<'_>) {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let items: Vec<Value> = match serde_json::from_slice(bytes) {
        Ok(items) => items,
        Err(error) => {
            let problem = Problem::Unreadable { format: "a JSON list", why: error.to_string() };
            into.fault(Place::default(), problem);
            return;
        }
    };
    if label_studio::is_export(&items) {
        label_studio::read(items, into);
        return;
    }
    let mut records = Vec::new();
    for (number, item) in (1..).zip(items) {
        let place = Place::at("object", number);
        match item {
            Value::Object(fields) => records.push(Record { place, fields }),
            other => {
                let problem = Problem::Unreadable {
                    format: "a JSON object",
                    why: format!("it is {}", shortened(&other.to_string())),
                };
                into.fault(place, problem);
            }
        }
    }
    read_records(records, into);
}

fn read_records(records: Vec<Record>, into: &mut Gathering<'_>) {
    if records::are_answers(&records) {
        records::answers(records, into);
    } else if doccano::is_export(&records) {
        doccano::read(&records, into);
    } else {
        read_sheet(records::grid(&records).map_err(|fault| vec![fault]), into);
    }
}
