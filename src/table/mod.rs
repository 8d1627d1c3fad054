//! Threads and their codes as polars frames: the tables `comments`, `codings`, `threads` and `errors`, `addresses` of what was
//! fetched, `changes` between two snapshots, and what hand-coded samples say (`design`, `agreement`, `shares` …).
//!
//! Every column is one entry of the schema: its name, type, description and the value it takes from a row.
//! The frames, the data dictionary ([`columns`]) and the writers of [`crate::export`] all follow from those entries.
//!
//! Frames are made a batch of threads at a time, so that memory follows the batch and not the study. Every batch of
//! a table has the same columns, also an empty one.

mod author_key;
mod authors;
mod code_points;
mod column;
mod frames;
mod guard;
mod reading;
mod rows;
mod schema;
mod separated;
mod sheet;

pub use author_key::{AuthorKey, AuthorKeyError};
pub use authors::AuthorPolicy;
pub use column::{CodeColumn, Column, Kind, Table, columns, dictionary, dictionary_columns, polars_schema};
pub use frames::{
    Tables, agreement, breakdown, changes, collocations, columns_without_codes, confusion, contrasts, cooccurrence,
    design, disagreements, keyness, replies, responses, shape, shares, texts,
};
pub(crate) use guard::{CELL_LIMIT, OFFSET, ROW_LIMIT, begins_as_formula, needs_guard, offset_cell, with_line_feeds};
pub(crate) use reading::likeliest;
pub use reading::{Columns, Field, ReadThreads, StudySheets, Ungrouped, study};
pub(crate) use separated::{Broken, Cells};
pub use sheet::{Sheet, SheetError};

/// Why a table could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A code is named like a column that is there anyway.
    #[error(
        "the code `{code}` would make a second column `{column}` in the table `{table}`; rename the code in the codebook"
    )]
    ColumnClash {
        /// Name of the code.
        code: String,
        /// Name of the column.
        column: String,
        /// The table it would be in.
        table: Table,
    },
    /// A thread came with more or fewer coded comments than comments.
    #[error(
        "thread {thread} has {comments} comments but {coded} coded ones; code every comment of a thread, in its order"
    )]
    Unpaired {
        /// Id of the thread.
        thread: String,
        /// Comments of the thread.
        comments: usize,
        /// Entries of [`crate::model::CodedThread::comments`].
        coded: usize,
    },
    /// polars refused to build the frame.
    #[error("the table `{table}` could not be built: {source}")]
    Frame {
        /// The table.
        table: Table,
        /// What polars said.
        source: polars::error::PolarsError,
    },
}
