use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Faults that are kept word for word; the others are counted.
const KEPT: usize = 50;

/// What keeps a file of answers from being read: everything that is wrong with it, so that one round of corrections is enough.
/// Nothing of such a file is taken over.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct Faults {
    /// The file.
    pub path: PathBuf,
    /// The first 50, in the order of the file.
    pub faults: Vec<Fault>,
    /// How many more there are.
    pub more: usize,
}

impl Faults {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), faults: Vec::new(), more: 0 }
    }

    pub(super) fn push(&mut self, fault: Fault) {
        if self.faults.len() < KEPT {
            self.faults.push(fault);
        } else {
            self.more += 1;
        }
    }

    /// The faults with one more, of the file as a whole.
    pub(super) fn with(mut self, problem: Problem) -> Self {
        self.push(problem.into());
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: nothing was read, for", self.path.display())?;
        for fault in &self.faults {
            write!(f, "\n  {fault}")?;
        }
        if self.more > 0 {
            write!(f, "\n  and {} more like these", self.more)?;
        }
        Ok(())
    }
}

/// One thing that is wrong with a file of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What.
    pub problem: Problem,
}

impl From<Problem> for Fault {
    /// A problem of the file as a whole.
    fn from(problem: Problem) -> Self {
        Self { place: Place::default(), problem }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.to_string();
        if place.is_empty() { self.problem.fmt(f) } else { write!(f, "{place}: {}", self.problem) }
    }
}

/// Where in a file something is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// What is counted: `row` of a sheet, `line` of JSONL, `task` of Label Studio.
    pub unit: &'static str,
    /// Its number, first = 1, as a spreadsheet shows it: the header is a row, too. 0 for the file as a whole.
    pub number: usize,
    /// Name of the column or field; its letter before it in a sheet: `F distrust`.
    pub column: Option<String>,
}

impl Place {
    pub(super) fn at(unit: &'static str, number: usize) -> Self {
        Self { unit, number, column: None }
    }

    pub(super) fn column(mut self, name: impl Into<String>) -> Self {
        self.column = Some(name.into());
        self
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.number > 0;
        if row {
            write!(f, "{} {}", self.unit, self.number)?;
        }
        match &self.column {
            Some(column) => write!(f, "{}column {column}", if row { ", " } else { "" }),
            None => Ok(()),
        }
    }
}

/// What can be wrong with a file of answers.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// The name says no format that is read.
    #[error("no file of answers is named so; its name ends in .csv, .tsv, .xlsx, .ods, .json or .jsonl")]
    Format,
    /// The contents are not what the name says.
    #[error("it cannot be read as {format}: {why}")]
    Unreadable {
        /// What the name says.
        format: &'static str,
        /// What is wrong.
        why: String,
    },
    /// More than is read into memory.
    #[error("it holds more than {limit}; split it")]
    TooLarge {
        /// How much is read: `200 MB of tables`.
        limit: &'static str,
    },
    /// A quotation mark that opens a cell and is not closed.
    #[error("a quotation mark opens a cell here and none closes it; write \" inside a cell as \"\"")]
    OpenQuote,
    /// Words between a closing quotation mark and the separator.
    #[error("words follow the quotation mark that closes a cell; write \" inside a cell as \"\"")]
    AfterQuote,
    /// More cells than the header has.
    #[error("there are {cells} cells and {columns} columns; put a cell that holds the separator in quotation marks")]
    Ragged {
        /// Cells of the row.
        cells: usize,
        /// Columns of the header.
        columns: usize,
    },
    /// Its texts are not those of the table.
    #[error(
        "{other} of {of} texts in it are not those of the table: it is a sheet of another study, or of the table as it was before; give that table"
    )]
    OtherStudy {
        /// Units with another text.
        other: usize,
        /// Units with a text.
        of: usize,
    },
    /// There is nothing.
    #[error("there is no row in it")]
    Empty,
    /// A column is not there.
    #[error("no column `{wanted}`{}; there are {columns}", is_it(.nearest.as_deref()))]
    NoColumn {
        /// Its name.
        wanted: Box<str>,
        /// The name most like it.
        nearest: Option<String>,
        /// The names there are.
        columns: String,
    },
    /// No column is for a question.
    #[error("no column is named like a question; the questions are {questions}, the columns {columns}")]
    NoQuestion {
        /// Names of the questions.
        questions: String,
        /// The names there are.
        columns: String,
    },
    /// Two columns of one name.
    #[error("there is a second column of that name; keep one")]
    SecondColumn,
    /// Two sheets of answers.
    #[error("the sheets {sheets} all have a column comment_id; keep one, or save each as a file of its own")]
    Sheets {
        /// Their names.
        sheets: String,
    },
    /// Merged cells, of which only the first has a value.
    #[error("the cells {range} are merged; split them and fill each")]
    Merged {
        /// Corners, as `B2:B5`.
        range: String,
    },
    /// A row with answers and without an id.
    #[error("there is no comment_id; copy the ids from the sheet as it was written")]
    NoId,
    /// An id that is in no table.
    #[error("there is no comment `{comment}`{}; copy the ids from the sheet as it was written", in_thread(.thread))]
    NoUnit {
        /// The thread, if it is given.
        thread: String,
        /// The comment.
        comment: String,
    },
    /// A comment id that several threads have.
    #[error("several threads have a comment `{comment}`; add the column thread_id")]
    SeveralUnits {
        /// The comment.
        comment: String,
    },
    /// An id of which a spreadsheet kept the first digits only.
    #[error(
        "the id `{written}` is a number that a spreadsheet shortened; copy the ids from the sheet as it was written, as text"
    )]
    DamagedId {
        /// What is left of it.
        written: String,
    },
    /// Something else than an answer.
    #[error("`{written}` is no answer to `{question}`; write {values}, or nothing")]
    NoAnswer {
        /// What is written.
        written: String,
        /// Name of the question.
        question: String,
        /// The answers there are.
        values: String,
    },
    /// A code that the codebook does not have.
    #[error("`{written}` is no question; there are {questions}")]
    UnknownQuestion {
        /// What is written.
        written: String,
        /// Names of the questions.
        questions: String,
    },
    /// One coder answers one question for one unit in two ways.
    #[error(transparent)]
    TwoAnswers(Box<TwoAnswers>),
    /// Words marked for a code that is said not to apply.
    #[error("words are marked for `{question}`, which is answered {value}; correct one of the two")]
    MarkedAndDenied {
        /// Name of the question.
        question: String,
        /// The answer.
        value: String,
    },
    /// Evidence that is not in the text.
    #[error("the words `{words}` are not in the text of comment {comment}; copy them from there")]
    NoEvidence {
        /// The words.
        words: String,
        /// The comment.
        comment: String,
    },
    /// Evidence beyond the text.
    #[error("the span {span} is no part of the text of comment {comment}; export it again with its text")]
    NoSpan {
        /// Start and end, as the file has them.
        span: String,
        /// The comment.
        comment: String,
    },
}

/// Two answers of one coder to one question for one unit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{coder} says `{value}` to `{question}` for comment {comment}, and `{earlier}` in {place}; keep one of the two"
)]
pub struct TwoAnswers {
    /// Who.
    pub coder: String,
    /// Name of the question.
    pub question: String,
    /// The comment.
    pub comment: String,
    /// The answer here.
    pub value: String,
    /// The answer before.
    pub earlier: String,
    /// Where that is.
    pub place: Place,
}

fn is_it(name: Option<&str>) -> String {
    name.map(|name| format!(" (is it `{name}`? then rename that)")).unwrap_or_default()
}

fn in_thread(thread: &str) -> String {
    if thread.is_empty() { String::new() } else { format!(" in thread `{thread}`") }
}
