//! Frames as files: CSV (for tools, or for a spreadsheet), NDJSON and Parquet.
//!
//! A [`TableWriter`] takes a table batch by batch. Files appear whole or not at all: they are written under a temporary
//! name in the same folder and renamed once everything is on the disk; [`finish_all`] does so for several at once.
//!
//! Canonical CSV, NDJSON and Parquet hold the values as they are. The spreadsheet dialects of CSV change them so that
//! Excel and LibreOffice show them right and run nothing (see [`Dialect::Excel`]).

mod described;
mod error;
pub mod exchange;
mod format;
mod output;
pub mod package;
pub mod qda;
mod row;
mod spreadsheet;
mod workbook;
mod writer;

pub use error::ExportError;
pub use format::{Dialect, Format, Locale};
pub use output::write_whole;
pub use workbook::{WorkbookTable, check_workbook_rows, write_workbook};
pub use writer::{TableWriter, finish_all, finish_together, table_path, write_tables};
