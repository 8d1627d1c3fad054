use polars::prelude::{
    Column as FrameColumn, DataFrame, Float64Chunked, Int8Chunked, Int64Chunked, IntoColumn, NewChunkedArray,
    StringChunked,
};

use super::rows::{CodingRow, CommentRow, ThreadRow, check_pairs};
use super::schema::{self, Entry, Value};
use super::{AuthorPolicy, CodeColumn, Column, Kind, Table, TableError};
use crate::model::{
    Agreement, Breakdown, Change, CoOccurrence, CodedThread, Collocation, Confusion, Contrast, Disagreement, Drawn,
    Failure, KeyTerm, ReplyTie, Response, Share, ThreadShape, Visit, summary_columns,
};

/// Makes the frames of a study, a batch of threads at a time.
///
/// ```
/// use causerie::table::{AuthorPolicy, CodeColumn, Tables};
///
/// let codes = vec![CodeColumn { name: "distrust".into(), description: "Doubts the good faith of a company.".into() }];
/// let tables = Tables::new(codes, AuthorPolicy::Drop, false)?;
/// let empty = tables.comments(&[])?;
/// assert!(empty.column("distrust").is_ok());
/// # Ok::<(), causerie::table::TableError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Tables {
    codes: Vec<CodeColumn>,
    authors: AuthorPolicy,
    keep_html: bool,
}

impl Tables {
    /// Tables with a column for each of these codes, authors shown as the policy says, and the raw HTML of comments
    /// with `keep_html`.
    ///
    /// # Errors
    /// [`TableError::ColumnClash`] for a code whose column would have the name of another.
    pub fn new(codes: Vec<CodeColumn>, authors: AuthorPolicy, keep_html: bool) -> Result<Self, TableError> {
        for table in Table::ALL {
            let mut names: Vec<String> =
                schema::columns_of(table, &codes, true).into_iter().map(|column| column.name).collect();
            names.sort_unstable();
            if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
                let column = twice[0].clone();
                let makes = |name: &str| name == column || summary_columns(name).contains(&column);
                let code = codes.iter().map(|code| &code.name).find(|name| makes(name)).unwrap_or(&column).clone();
                return Err(TableError::ColumnClash { code, column, table });
            }
        }
        Ok(Self { codes, authors, keep_html })
    }

    /// The codes that have a column.
    pub fn codes(&self) -> &[CodeColumn] {
        &self.codes
    }

    /// The columns of one table, in order: what [`crate::export::TableWriter`] needs to know.
    pub fn columns(&self, table: Table) -> Vec<Column> {
        schema::columns_of(table, &self.codes, self.keep_html)
    }

    /// A row a comment, in the order of threads and comments.
    ///
    /// # Errors
    /// [`TableError::Unpaired`] for a thread whose comments are not all there twice.
    pub fn comments(&self, threads: &[CodedThread]) -> Result<DataFrame, TableError> {
        check_pairs(threads)?;
        let rows = CommentRow::of(threads, &self.codes, &self.authors);
        frame(Table::Comments, &schema::comments(&self.codes, self.keep_html), &rows)
    }

    /// A row a comment × code that applies, and one for the sentiment of each comment that has one.
    ///
    /// # Errors
    /// As [`Tables::comments`].
    pub fn codings(&self, threads: &[CodedThread]) -> Result<DataFrame, TableError> {
        check_pairs(threads)?;
        frame(Table::Codings, &schema::codings(), &CodingRow::of(threads))
    }

    /// A row a thread.
    ///
    /// # Errors
    /// As [`Tables::comments`].
    pub fn threads(&self, threads: &[CodedThread]) -> Result<DataFrame, TableError> {
        check_pairs(threads)?;
        frame(Table::Threads, &schema::threads(&self.codes), &ThreadRow::of(threads, &self.codes, &self.authors))
    }

    /// A row a failure.
    ///
    /// # Errors
    /// Only where polars refuses the frame.
    pub fn errors(&self, failures: &[Failure]) -> Result<DataFrame, TableError> {
        frame(Table::Errors, &schema::errors(), failures)
    }

    /// A row an address.
    ///
    /// # Errors
    /// Only where polars refuses the frame.
    pub fn addresses(&self, visits: &[Visit]) -> Result<DataFrame, TableError> {
        frame(Table::Addresses, &schema::addresses(), visits)
    }
}

/// A row a change between two snapshots, in their order; [`crate::study::compare`] finds them.
///
/// # Errors
/// Only where polars refuses the frame.
pub fn changes(changes: &[Change<'_>]) -> Result<DataFrame, TableError> {
    frame(Table::Changes, &schema::changes(), changes)
}

/// A row a comment of a sample.
///
/// # Errors
/// Only where polars refuses the frame; so for the tables below.
pub fn design(drawn: &[Drawn]) -> Result<DataFrame, TableError> {
    frame(Table::Design, &schema::design(), drawn)
}

/// A row a measure.
///
/// # Errors
/// As [`design`].
pub fn agreement(measures: &[Agreement]) -> Result<DataFrame, TableError> {
    frame(Table::Agreement, &schema::agreement(), measures)
}

/// A row a pair of values.
///
/// # Errors
/// As [`design`].
pub fn confusion(pairs: &[Confusion]) -> Result<DataFrame, TableError> {
    frame(Table::Confusion, &schema::confusion(), pairs)
}

/// A row a comment and question that coders differ on.
///
/// # Errors
/// As [`design`].
pub fn disagreements(disagreements: &[Disagreement]) -> Result<DataFrame, TableError> {
    frame(Table::Disagreements, &schema::disagreements(), disagreements)
}

/// A row a share.
///
/// # Errors
/// As [`design`].
pub fn shares(shares: &[Share]) -> Result<DataFrame, TableError> {
    frame(Table::Shares, &schema::shares(), shares)
}

/// A row a group and value.
///
/// # Errors
/// As [`design`].
pub fn contrasts(contrasts: &[Contrast]) -> Result<DataFrame, TableError> {
    frame(Table::Contrasts, &schema::contrasts(), contrasts)
}

/// A row a thread, and one for all.
///
/// # Errors
/// As [`design`]; so for the tables below.
pub fn shape(rows: &[ThreadShape]) -> Result<DataFrame, TableError> {
    frame(Table::Shape, &schema::shape(), rows)
}

/// A row a pair of authors in a thread.
///
/// # Errors
/// As [`shape`].
pub fn replies(rows: &[ReplyTie]) -> Result<DataFrame, TableError> {
    frame(Table::Replies, &schema::replies(), rows)
}

/// A row a value and group of comments.
///
/// # Errors
/// As [`shape`].
pub fn breakdown(rows: &[Breakdown]) -> Result<DataFrame, TableError> {
    frame(Table::Breakdown, &schema::breakdown(), rows)
}

/// A row a pair of values, of a comment and a reply to it.
///
/// # Errors
/// As [`shape`].
pub fn responses(rows: &[Response]) -> Result<DataFrame, TableError> {
    frame(Table::Responses, &schema::responses(), rows)
}

/// A row a pair of codes.
///
/// # Errors
/// As [`shape`].
pub fn cooccurrence(rows: &[CoOccurrence]) -> Result<DataFrame, TableError> {
    frame(Table::Cooccurrence, &schema::cooccurrence(), rows)
}

/// A row a word of a value.
///
/// # Errors
/// As [`shape`].
pub fn keyness(rows: &[KeyTerm]) -> Result<DataFrame, TableError> {
    frame(Table::Keyness, &schema::keyness(), rows)
}

/// A row a pair of words near each other.
///
/// # Errors
/// As [`shape`].
pub fn collocations(rows: &[Collocation]) -> Result<DataFrame, TableError> {
    frame(Table::Collocations, &schema::collocations(), rows)
}

/// A table of texts made elsewhere, such as a sheet to be filled by hand: name, kind and cells of each column; empty cells are none.
///
/// # Errors
/// As [`design`].
pub fn texts(table: Table, columns: Vec<(String, Kind, Vec<&str>)>) -> Result<(Vec<Column>, DataFrame), TableError> {
    let rows = columns.first().map_or(0, |(.., cells)| cells.len());
    let (mut described, mut filled) = (Vec::new(), Vec::new());
    for (name, kind, cells) in columns {
        let cells = cells.into_iter().map(|cell| Some(cell).filter(|cell| !cell.is_empty()));
        filled.push(StringChunked::from_iter_options(name.as_str().into(), cells).into_column());
        described.push(Column { table, name, kind, nullable: true, unit: "", description: String::new() });
    }
    let frame = DataFrame::new(rows, filled).map_err(|source| TableError::Frame { table, source })?;
    Ok((described, frame))
}

/// The columns of a table that knows no codes, such as [`Table::Changes`].
pub fn columns_without_codes(table: Table) -> Vec<Column> {
    schema::columns_of(table, &[], false)
}

fn frame<R>(table: Table, entries: &[Entry<R>], rows: &[R]) -> Result<DataFrame, TableError> {
    let columns = entries.iter().map(|entry| filled(entry, rows)).collect();
    DataFrame::new(rows.len(), columns).map_err(|source| TableError::Frame { table, source })
}

fn filled<R>(entry: &Entry<R>, rows: &[R]) -> FrameColumn {
    let name = entry.name.as_str().into();
    match &entry.value {
        Value::Text(cell) => StringChunked::from_iter_options(name, rows.iter().map(cell)).into_column(),
        Value::Flag(cell) => {
            Int8Chunked::from_iter_options(name, rows.iter().map(|row| cell(row).map(i8::from))).into_column()
        }
        Value::Integer(cell) => Int64Chunked::from_iter_options(name, rows.iter().map(cell)).into_column(),
        Value::Number(cell) => Float64Chunked::from_iter_options(name, rows.iter().map(cell)).into_column(),
    }
}
