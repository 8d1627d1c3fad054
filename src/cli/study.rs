//! The tables of a study: a file, or the folder that holds them.

use std::path::{Path, PathBuf};

use super::exit::Stop;
use crate::study::Population;
use crate::table::{Sheet, Table};

/// Endings of tables, in the order they are looked for in a folder.
const ENDINGS: [&str; 4] = ["csv", "parquet", "ndjson", "jsonl"];

/// The file of a table: `path` itself, or the one of that name in the folder `path`.
pub(super) fn table_in(path: &Path, table: Table) -> Result<PathBuf, Stop> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let named = |ending: &&str| path.join(table.as_str()).with_extension(ending);
    let mut found = ENDINGS.iter().map(named).filter(|path| path.is_file());
    let Some(first) = found.next() else {
        return Err(Stop::usage(format!(
            "{}: no table of {table} in this folder; it is called {table}.csv, .parquet or .ndjson",
            path.display()
        )));
    };
    match found.next() {
        Some(other) => Err(Stop::usage(format!(
            "{} holds {} and {}; name the one that is meant",
            path.display(),
            first.file_name().unwrap_or_default().to_string_lossy(),
            other.file_name().unwrap_or_default().to_string_lossy()
        ))),
        None => Ok(first),
    }
}

/// The coded comments of a study.
pub(super) fn population(path: &Path) -> Result<Population, Stop> {
    let sheet = Sheet::read(&table_in(path, Table::Comments)?).map_err(Stop::usage)?;
    Population::of(sheet).map_err(Stop::usage)
}
