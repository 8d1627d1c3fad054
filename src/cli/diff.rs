use std::path::{Path, PathBuf};

use clap::Args;

use super::destination::{Destination, ExcelLocale, TableFormat};
use super::differences::{self, Side};
use super::exit::{Exit, Stop, remark};
use super::provenance::Run;
use super::study::table_in;
use crate::model::Change;
use crate::study::{Snapshot, compare};
use crate::table::{self, Sheet, Table};

/// Changes turned into a frame at a time.
const BATCH: usize = 20_000;

/// Tabulate what changed between two snapshots: comments added, edited, deleted, hidden, gone.
///
/// OLD and NEW are tables of comments that causerie wrote, in any format, or folders that hold them. Threads are the same if their
/// thread_id is, which is made from the article's address; comments if their comment_id is, too. Where a site shows no ids,
/// comments are matched by writer, time and words. Threads that are in one of the two only are named and not compared.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  causerie diff march/ april/                            a summary in the terminal
  causerie diff march/ april/ -o changes.csv             a row a change
  causerie diff march.csv april.parquet -o changes.csv --excel fr
  causerie diff march/ april/ -o - --format ndjson      a line a change, to pipe on

A comment that is no longer there is `gone` where NEW has all comments the site states, else `missing`: it may still be there.
`causerie columns` describes the table.")]
pub(super) struct Diff {
    /// The older table of comments, or its folder.
    #[arg(value_name = "OLD")]
    old: PathBuf,

    /// The newer one.
    #[arg(value_name = "NEW")]
    new: PathBuf,

    /// Table of changes (.csv, .ndjson, .parquet), a folder for it, or - for standard output. Without it, a summary is printed.
    #[arg(short, long, value_name = "FILE|FOLDER|-")]
    pub(super) output: Option<PathBuf>,

    /// Format of the table in a folder or on standard output [default: csv].
    #[arg(long, value_name = "FORMAT")]
    format: Option<TableFormat>,

    /// CSV for spreadsheets: byte order mark, dates they understand with the offset beside them, no formulas; `fr` for semicolons and decimal commas.
    #[arg(long, value_name = "LOCALE", num_args = 0..=1, default_missing_value = "en")]
    excel: Option<ExcelLocale>,

    /// Say nothing but errors.
    #[arg(short, long)]
    pub(super) quiet: bool,
}

impl Diff {
    pub(super) fn run(&self, mut record: Run) -> Result<Exit, Stop> {
        let destination = Destination::chosen(self.output.as_deref(), self.format, self.excel)?;
        let (old_tables, new_tables) = (SnapshotTables::at(&self.old)?, SnapshotTables::at(&self.new)?);
        if let Some(Destination::File(output, _)) = &destination {
            for tables in [&old_tables, &new_tables] {
                if tables.holds(output) {
                    return Err(Stop::usage(format!(
                        "-o {} would replace a table that is compared; name another file",
                        output.display()
                    )));
                }
            }
        }
        let (old, new) = (old_tables.read()?, new_tables.read()?);
        let comparison = compare(&old, &new);
        let (was, is) = (Side { path: &self.old, snapshot: &old }, Side { path: &self.new, snapshot: &new });
        let remarks = differences::remarks(&comparison, &was, &is);
        let Some(destination) = destination else {
            return differences::print(&comparison, &remarks).map(|()| Exit::Done);
        };
        let written = write(&destination, &comparison.changes)?;
        if let (Some(output), Some(written)) = (destination.place(), &written) {
            for tables in [&old_tables, &new_tables] {
                record.read(&tables.comments)?;
                tables.threads.as_deref().map_or(Ok(()), |threads| record.read(threads))?;
            }
            record.count("changes", comparison.changes.len() as u64);
            record.write(&output, std::slice::from_ref(written))?;
        }
        if !self.quiet {
            remark(&differences::closing_line(&comparison, written.as_deref()));
            for line in &remarks {
                remark(line);
            }
        }
        Ok(Exit::Done)
    }
}

/// Writes the table; returns the path it has.
fn write(destination: &Destination, changes: &[Change<'_>]) -> Result<Option<PathBuf>, Stop> {
    let (mut writer, path) = destination.open(Table::Changes, table::columns_without_codes(Table::Changes))?;
    for changes in changes.chunks(BATCH) {
        writer.write(&table::changes(changes).map_err(Stop::output)?)?;
    }
    writer.finish()?;
    Ok(path)
}

/// The files a snapshot is read from.
struct SnapshotTables {
    comments: PathBuf,
    /// Beside the comments of a folder: it has the threads without comments, too.
    threads: Option<PathBuf>,
}

impl SnapshotTables {
    fn at(path: &Path) -> Result<Self, Stop> {
        if !path.is_dir() {
            return Ok(Self { comments: path.to_owned(), threads: None });
        }
        let comments = table_in(path, Table::Comments)?;
        let threads =
            comments.with_file_name(Table::Threads.as_str()).with_extension(comments.extension().unwrap_or_default());
        Ok(Self { comments, threads: threads.is_file().then_some(threads) })
    }

    fn read(&self) -> Result<Snapshot, Stop> {
        let sheet = Sheet::read(&self.comments).map_err(Stop::usage)?;
        let mut snapshot = Snapshot::of_comments(&sheet).map_err(Stop::usage)?;
        if let Some(threads) = &self.threads {
            snapshot.add_threads(&Sheet::read(threads).map_err(Stop::usage)?).map_err(Stop::usage)?;
        }
        Ok(snapshot)
    }

    fn holds(&self, output: &Path) -> bool {
        let Ok(output) = output.canonicalize() else { return false };
        let is_it = |path: &Path| path.is_file() && path.canonicalize().is_ok_and(|path| path == output);
        is_it(&self.comments) || self.threads.as_deref().is_some_and(is_it)
    }
}
