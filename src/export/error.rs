use std::io;
use std::path::{Path, PathBuf};

use polars::error::PolarsError;

use super::format::EXTENSIONS;

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The name ends in nothing that stands for a format.
    #[error("{} names no format: end the name in {EXTENSIONS}, in .xlsx for a workbook, or in / for a folder", path.display())]
    UnknownExtension {
        /// The output asked for.
        path: PathBuf,
    },
    /// A spreadsheet dialect was asked for a format that is not CSV.
    #[error("the spreadsheet form exists for .csv only, not for {}: choose another name, or leave --excel out", path.display())]
    NotCsv {
        /// The output asked for.
        path: PathBuf,
    },
    /// The output is a folder.
    #[error("{} is a folder: name a file, such as {}", path.display(), path.join("comments.csv").display())]
    IsFolder {
        /// The output asked for.
        path: PathBuf,
    },
    /// The folder of the output does not exist.
    #[error("{output} cannot be written: there is no folder {}; make it first, or choose another", folder.display())]
    NoFolder {
        /// The output.
        output: String,
        /// Its folder.
        folder: PathBuf,
    },
    /// The output, or its folder, must not be written.
    #[error("{output} cannot be written: {source}; choose a place where you may write")]
    Forbidden {
        /// The output.
        output: String,
        /// Why.
        source: io::Error,
    },
    /// No space is left.
    #[error("disk full: {output} was not written; free some space, or choose a place on another disk")]
    DiskFull {
        /// The output.
        output: String,
        /// What the system said.
        source: io::Error,
    },
    /// Whoever read the output stopped reading.
    #[error("{output} was closed before everything was written")]
    BrokenPipe {
        /// The output.
        output: String,
        /// What the system said.
        source: io::Error,
    },
    /// Any other failure of the system.
    #[error("{output} cannot be written: {source}")]
    Io {
        /// The output.
        output: String,
        /// Why.
        source: io::Error,
    },
    /// A cell is longer than a spreadsheet's may be.
    #[error(
        "{output} was not written: `{column}` of {row} has {length} characters, a spreadsheet cell holds {limit}; \
         write .csv without --excel, or .parquet"
    )]
    CellTooLong {
        /// The output.
        output: String,
        /// The row, by its key.
        row: String,
        /// The column.
        column: String,
        /// UTF-16 units in the cell, as spreadsheets count.
        length: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The table has more rows than a sheet.
    #[error(
        "{output} was not written: a spreadsheet holds {limit} rows below its header and there are more; \
         write .csv without --excel, or .parquet"
    )]
    TooManyRows {
        /// The output.
        output: String,
        /// How many there may be.
        limit: u64,
    },
    /// The workbook could not be made.
    #[error("{output} was not written: {message}")]
    Workbook {
        /// The output.
        output: String,
        /// What the library that makes it said.
        message: String,
    },
    /// A batch has other columns than the table.
    #[error("{output} was not written: a batch has other columns than the table `{table}`")]
    OtherColumns {
        /// The output.
        output: String,
        /// The table.
        table: String,
    },
    /// polars could not encode a frame.
    #[error("{output} was not written: {source}")]
    Encode {
        /// The output.
        output: String,
        /// What polars said.
        source: PolarsError,
    },
}

impl ExportError {
    /// What the system said, in the user's terms.
    pub(super) fn from_io(output: &str, source: io::Error) -> Self {
        let output = output.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { output, source },
            io::ErrorKind::BrokenPipe => Self::BrokenPipe { output, source },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::Forbidden { output, source },
            io::ErrorKind::IsADirectory => Self::IsFolder { path: output.into() },
            _ => Self::Io { output, source },
        }
    }

    /// As [`Self::from_io`], where a file was to be made in `folder`.
    pub(super) fn from_create(output: &str, folder: &Path, source: io::Error) -> Self {
        match source.kind() {
            // tempfile adds the name of its file to what the system said: that would only puzzle.
            kind @ (io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => {
                Self::from_io(output, kind.into())
            }
            _ if folder.is_dir() => Self::from_io(output, source),
            _ => Self::NoFolder { output: output.to_owned(), folder: folder.into() },
        }
    }
}
