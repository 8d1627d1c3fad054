use std::fmt;

use polars::prelude::{DataFrame, DataType, Field, IntoColumn, NewChunkedArray, Schema, StringChunked};

use super::{TableError, schema};

/// A table of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// A row a comment.
    Comments,
    /// A row a comment × code found, and one for its sentiment.
    Codings,
    /// A row a thread.
    Threads,
    /// A row a page that could not be read.
    Errors,
    /// A row an address that was followed.
    Addresses,
    /// A row a change of a comment between two snapshots.
    Changes,
    /// A row a comment drawn into a sample.
    Design,
    /// A row a measure of agreement.
    Agreement,
    /// A row a pair of values that two coders gave.
    Confusion,
    /// A row a comment and question that coders differ on.
    Disagreements,
    /// A row a share of comments.
    Shares,
    /// A row a group: its share less that of the rest.
    Contrasts,
    /// A row a thread: the shape of its reply tree, its pace, its authors.
    Shape,
    /// A row a pair of authors in a thread: who answers whom.
    Replies,
    /// A row a value and group of comments.
    Breakdown,
    /// A row a pair of values: what answers what.
    Responses,
    /// A row a pair of codes.
    Cooccurrence,
    /// A row a word that marks a value.
    Keyness,
    /// A row a pair of words that stand near each other.
    Collocations,
    /// A row a comment to be coded by hand.
    Form,
    /// The data dictionary: a row a column of the other tables.
    Columns,
}

impl Table {
    /// The tables of data: those of a study in the order it shows them, then those of what was fetched, of changes and of
    /// hand-coded samples, and of what describes threads.
    pub const ALL: [Self; 19] = [
        Self::Comments,
        Self::Codings,
        Self::Threads,
        Self::Errors,
        Self::Addresses,
        Self::Changes,
        Self::Design,
        Self::Agreement,
        Self::Confusion,
        Self::Disagreements,
        Self::Shares,
        Self::Contrasts,
        Self::Shape,
        Self::Replies,
        Self::Breakdown,
        Self::Responses,
        Self::Cooccurrence,
        Self::Keyness,
        Self::Collocations,
    ];

    /// The word file names and the data dictionary use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Comments => "comments",
            Self::Codings => "codings",
            Self::Threads => "threads",
            Self::Errors => "errors",
            Self::Addresses => "addresses",
            Self::Changes => "changes",
            Self::Design => "design",
            Self::Agreement => "agreement",
            Self::Confusion => "confusion",
            Self::Disagreements => "disagreements",
            Self::Shares => "shares",
            Self::Contrasts => "contrasts",
            Self::Shape => "shape",
            Self::Replies => "replies",
            Self::Breakdown => "breakdown",
            Self::Responses => "responses",
            Self::Cooccurrence => "cooccurrence",
            Self::Keyness => "keyness",
            Self::Collocations => "collocations",
            Self::Form => "form",
            Self::Columns => "columns",
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text.
    Text,
    /// A date, with the time and the offset as far as they are known: ISO 8601 as text ([`crate::model::Moment`]).
    Moment,
    /// 1 or 0.
    Flag,
    /// A whole number.
    Integer,
    /// A number with decimals.
    Number,
}

impl Kind {
    /// The word the data dictionary uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Moment => "date",
            Self::Flag => "0/1",
            Self::Integer => "integer",
            Self::Number => "number",
        }
    }

    /// The polars type of the column.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text | Self::Moment => DataType::String,
            Self::Flag => DataType::Int8,
            Self::Integer => DataType::Int64,
            Self::Number => DataType::Float64,
        }
    }

    /// Whether cells are free text or could begin with any character.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Text)
    }
}

/// A column of a table, as the data dictionary describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The table it belongs to.
    pub table: Table,
    /// Name; unique in its table.
    pub name: String,
    /// What the cells hold.
    pub kind: Kind,
    /// Whether cells may be empty (unknown, or does not apply).
    pub nullable: bool,
    /// What numbers count or measure; empty for text.
    pub unit: &'static str,
    /// One sentence for whoever opens the table.
    pub description: String,
}

/// A code of the codebook, as far as tables need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeColumn {
    /// Name of the code, and of its column in `comments`.
    pub name: String,
    /// What it means, in a sentence: label or definition.
    pub description: String,
}

/// The columns of all tables, in order, for these codes; `html` is among them with `keep_html`.
///
/// ```
/// use causerie::table::{CodeColumn, Table, columns};
///
/// let codes = [CodeColumn { name: "distrust".into(), description: "Doubts the good faith of a company.".into() }];
/// let all = columns(&codes, false);
/// assert!(all.iter().any(|column| column.table == Table::Comments && column.name == "distrust"));
/// ```
pub fn columns(codes: &[CodeColumn], keep_html: bool) -> Vec<Column> {
    Table::ALL.into_iter().flat_map(|table| schema::columns_of(table, codes, keep_html)).collect()
}

/// The schema polars sees for columns of one table.
pub fn polars_schema(columns: &[Column]) -> Schema {
    columns.iter().map(|column| Field::new(column.name.as_str().into(), column.kind.data_type())).collect()
}

/// The columns of the frame that [`dictionary`] makes.
pub fn dictionary_columns() -> Vec<Column> {
    [
        ("table", "Table the column belongs to."),
        ("column", "Name of the column."),
        ("type", "What its cells hold: text, date, 0/1, integer or number."),
        ("empty", "Whether its cells may be empty: yes or no."),
        ("unit", "What its numbers count or measure."),
        ("description", "What it means."),
    ]
    .map(|(name, description)| Column {
        table: Table::Columns,
        name: name.into(),
        kind: Kind::Text,
        nullable: name == "unit",
        unit: "",
        description: description.into(),
    })
    .into()
}

/// The data dictionary as a frame: a row a column, with `table`, `column`, `type`, `empty`, `unit`, `description`.
///
/// # Errors
/// Only where polars refuses the frame.
pub fn dictionary(columns: &[Column]) -> Result<DataFrame, TableError> {
    let series = |name: &str, cell: fn(&Column) -> &str| {
        let cells = columns.iter().map(cell).map(|cell| Some(cell).filter(|cell| !cell.is_empty()));
        StringChunked::from_iter_options(name.into(), cells).into_column()
    };
    DataFrame::new(
        columns.len(),
        vec![
            series("table", |column| column.table.as_str()),
            series("column", |column| &column.name),
            series("type", |column| column.kind.as_str()),
            series("empty", |column| if column.nullable { "yes" } else { "no" }),
            series("unit", |column| column.unit),
            series("description", |column| &column.description),
        ],
    )
    .map_err(|source| TableError::Frame { table: Table::Columns, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionary_has_a_row_a_column() {
        let all = columns(&[CodeColumn { name: "distrust".into(), description: "Doubts good faith.".into() }], true);
        let frame = dictionary(&all).unwrap();
        assert_eq!(frame.height(), all.len());
        assert_eq!(*frame.schema().as_ref(), polars_schema(&dictionary_columns()));
    }
}
