//! The tables of a study: a file, or the folder that holds them.

use std::path::{Path, PathBuf};

use super::exit::Stop;
use crate::model::{Drawn, DrawnBy};
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

/// The design of the sample a sheet is of: the file itself if it is one, or NAME.design.csv beside NAME.xlsx or NAME.anne.xlsx.
pub(super) fn design_beside(sheet: &Path) -> Option<PathBuf> {
    let name = sheet.file_name()?.to_string_lossy().into_owned();
    if name.ends_with(DESIGN) && sheet.is_file() {
        return Some(sheet.to_owned());
    }
    let stems = name.match_indices('.').map(|(at, _)| &name[..at]).rev();
    let mut beside = stems.map(|stem| sheet.with_file_name(format!("{stem}{DESIGN}")));
    beside.find(|path| path.is_file())
}

/// End of a design's name.
const DESIGN: &str = ".design.csv";

/// Reads how a sample was drawn.
pub(super) fn read_design(path: &Path) -> Result<Vec<Drawn>, Stop> {
    let sheet = Sheet::read(path).map_err(Stop::usage)?;
    let column = |name: &str| sheet.column(name).map_err(Stop::usage);
    let (threads, comments, by) = (column("thread_id")?, column("comment_id")?, column("drawn_by")?);
    let (strata, sizes, drawn) = (column("stratum")?, column("stratum_size")?, column("stratum_drawn")?);
    let (probabilities, coders) = (column("inclusion_probability")?, column("coders")?);
    let wrong = |row: usize, what: &str| {
        Stop::usage(format!("{}, row {}: {what}; the design was changed since it was drawn", path.display(), row + 1))
    };
    let row = |at: usize| {
        let (Some(thread_id), Some(comment_id)) = (threads[at].clone(), comments[at].clone()) else {
            return Err(wrong(at, "no thread_id or comment_id"));
        };
        let number = |cell: &Option<String>| cell.as_deref().and_then(|cell| cell.parse().ok()).unwrap_or(0);
        let by = match by[at].as_deref() {
            Some("random") => DrawnBy::Random,
            Some("uncertain") => DrawnBy::Uncertain,
            _ => return Err(wrong(at, "drawn_by is neither random nor uncertain")),
        };
        let probability =
            probabilities[at].as_deref().map(|cell| cell.parse::<f64>().ok().filter(|p| *p > 0.0 && *p <= 1.0));
        if (by == DrawnBy::Random && !matches!(probability, Some(Some(_)))) || probability == Some(None) {
            return Err(wrong(at, "inclusion_probability is no number above 0 and up to 1"));
        }
        let (size, count): (u64, u64) = (number(&sizes[at]), number(&drawn[at]));
        if let Some(p) = probability.flatten()
            && (count == 0 || size < count || (p - count as f64 / size as f64).abs() > 1e-6)
        {
            return Err(wrong(at, "inclusion_probability is not stratum_drawn / stratum_size"));
        }
        Ok(Drawn {
            thread_id,
            comment_id,
            by,
            stratum: strata[at].clone().unwrap_or_default(),
            stratum_size: size,
            stratum_drawn: count,
            probability: probability.flatten(),
            coders: coders[at].as_deref().unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        })
    };
    (0..sheet.rows()).map(row).collect()
}
