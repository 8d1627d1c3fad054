use std::path::PathBuf;

use clap::Args;

use super::coder::code_columns;
use super::coder::codebook;
use super::exit::{Exit, Stop, printed};
use super::reference::dictionary;
use crate::export::{Dialect, Format, TableWriter};
use crate::table;

/// Print the data dictionary: every column of every table, its type and meaning.
#[derive(Debug, Args)]
pub(super) struct Columns {
    /// Codebook whose codes are columns, too.
    #[arg(long, value_name = "FILE")]
    codebook: Option<PathBuf>,
    /// Write the dictionary as a table (.csv, .ndjson, .parquet) instead of printing it.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Columns {
    pub(super) fn run(&self) -> Result<Exit, Stop> {
        let book = codebook(self.codebook.as_deref())?;
        let columns = table::columns(&code_columns(&book), true);
        if let Some(path) = &self.output {
            let format = Format::for_path(path, Dialect::Canonical).map_err(Stop::usage)?;
            let mut writer = TableWriter::create(path, format, table::dictionary_columns())?;
            writer.write(&table::dictionary(&columns).map_err(Stop::output)?)?;
            writer.finish()?;
            return Ok(Exit::Done);
        }
        printed(dictionary(&columns).trim_start())
    }
}
