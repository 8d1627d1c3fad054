use std::path::{Path, PathBuf};

use clap::Args;
use rayon::prelude::*;
use tokio::runtime::Runtime;

use super::authors::AuthorArgs;
use super::coder::{CodingArgs, code_columns};
use super::destination::{TablesOutput, Writers};
use super::exit::{Exit, Stop, remark};
use super::interrupt::Interrupt;
use super::progress::Bar;
use super::provenance::Run;
use super::reading::{ColumnArgs, sheet, tell_misquoted};
use super::rerun::Redirection;
use super::road::Progress as _;
use super::study::{sheets, table_in};
use super::summary::{Closing, Summary};
use crate::coding::code_thread;
use crate::model::{CodedThread, Thread};
use crate::table::{self, AuthorPolicy, Columns, Field, ReadThreads, Sheet, Table, Tables, Ungrouped};

/// Comments coded between two looks at the clock.
const BATCH: usize = 2_000;

const AFTER_HELP: &str = "\
Tables of 4CAT, minet, ConvoKit, delab and of causerie itself are recognised; of others, columns with the usual names. What was taken for what is
said at the start; options say it better. Where no column says which comments belong together, all are one thread.

Examples:
  causerie code comments.csv -o study/                       comments, codings, threads as tables
  causerie code utterances.jsonl -o study/ --coder linear    a ConvoKit corpus
  causerie code posts.csv --text Message --id Nr --parent Antwort_auf -o coded.csv
  causerie code study/ --codebook mine.toml -o again/        other themes for comments fetched before
  causerie code comments.csv                                 a summary in the terminal";

/// Code comments you already have: any CSV, NDJSON or Parquet table with a column of texts.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Code {
    /// Table of comments (.csv, .tsv, .ndjson, .jsonl, .parquet), or the folder of a study.
    #[arg(value_name = "TABLE|FOLDER")]
    table: PathBuf,

    #[command(flatten)]
    to: TablesOutput,

    #[command(flatten)]
    columns: ColumnArgs,

    /// Column with who wrote it.
    #[arg(help_heading = "Columns", long, value_name = "COLUMN")]
    author: Option<String>,

    /// Column with dates: ISO 8601, or seconds since 1970.
    #[arg(help_heading = "Columns", long, value_name = "COLUMN")]
    date: Option<String>,

    /// How dates are written, where they are neither ISO 8601 nor seconds: %d/%m/%Y %H:%M for 31/12/2025 08:15.
    #[arg(help_heading = "Columns", long, value_name = "FORMAT")]
    date_format: Option<String>,

    #[command(flatten)]
    coding: CodingArgs,

    #[command(flatten)]
    authors: AuthorArgs,

    /// Say nothing but errors.
    #[arg(short, long)]
    quiet: bool,
}

impl Code {
    pub(super) fn run(&self, mut record: Run) -> Result<Exit, Stop> {
        let runtime = Runtime::new().map_err(|error| Stop::output(format!("no threads to be had: {error}")))?;
        let interrupt = Interrupt::listen(&runtime);
        let destination = self.to.destination()?;
        let (coder, book) = self.coding.chosen(self.quiet)?;
        let path = table_in(&self.table, Table::Comments)?;
        let sheet = sheet(&path, self.quiet)?;
        if sheet.rows() == 0 {
            return Err(Stop::usage(format!("{}: no row in it, so there is nothing to code", path.display())));
        }
        let mut columns = Columns::recognised(&sheet, &self.named()).map_err(Stop::usage)?;
        columns.date_format.clone_from(&self.date_format);
        let is_ours = columns.form.as_deref() == Some("causerie");
        let mut read = ReadThreads::of(&sheet, &columns, Ungrouped::Together).map_err(Stop::usage)?;
        self.tell(&sheet, &columns, &read, is_ours);
        self.columns.settle_html(&sheet, &columns, &mut read.threads, self.quiet)?;
        let mut failures = Vec::new();
        if is_ours && self.table.is_dir() {
            // The other tables know how threads were found, those without comments, and what could not be read.
            let study = table::study(&sheets(&self.table, &mut record)?.1).map_err(Stop::usage)?;
            read.threads = study.threads.into_iter().map(|coded| coded.thread).collect();
            failures = study.failures;
        }
        settle(&mut read.threads, &path);

        let (output, tables) = destination.as_ref().map(|to| (to.place(), to.tables())).unwrap_or_default();
        let mut writers = None;
        if let Some(destination) = destination {
            record.read(&path)?;
            record.spare(&tables.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
            if let Some(place) = destination.place() {
                record.spare_changed(&place, &destination.coded_tables())?;
            }
            self.coding.record(&mut record, &book, coder.name())?;
            let policy = self.authors.policy(self.quiet)?;
            if let AuthorPolicy::Pseudonym(key) = &policy {
                record.set("author_key", key.fingerprint());
            }
            let tables = Tables::new(code_columns(&book), policy, false).map_err(Stop::usage)?;
            writers = Some(Writers::open(destination, tables)?);
        }
        let comments = read.threads.iter().map(|thread| thread.comments.len() as u64).sum();
        self.coding.announce(comments, self.quiet);
        let bar = Bar::new(1, self.quiet);
        bar.coding(comments);
        let mut summary = Summary::of_table(&book);
        let mut done = 0;
        for batch in batches(read.threads) {
            interrupt.check()?;
            let coded: Vec<CodedThread> = batch
                .into_par_iter()
                .filter(|_| interrupt.check().is_ok())
                .map(|thread| code_thread(coder.as_ref(), thread))
                .collect();
            interrupt.check()?;
            done += coded.iter().map(|thread| thread.comments.len() as u64).sum::<u64>();
            bar.coded(done);
            summary.add(&coded);
            if let Some(writers) = &mut writers {
                writers.write(&coded)?;
            }
        }
        bar.finish();
        let any = summary.threads() > 0;
        let Some(writers) = writers else { return summary.print().map(|()| Exit::Done) };
        let written = writers.finish(&failures, any)?;
        if let (Some(output), true) = (output, any) {
            record.count("threads", summary.threads());
            record.count("comments", summary.comments());
            record.write(&output, &tables)?;
        }
        if !self.quiet {
            for line in summary.closing_lines(&Closing { pages: None, ignored: 0, written: Some(written) }) {
                remark(&line);
            }
        }
        Ok(Exit::Done)
    }

    /// What the options call columns.
    fn named(&self) -> Vec<(Field, String)> {
        let more = [(Field::Author, &self.author), (Field::PostedAt, &self.date)];
        let more = more.into_iter().filter_map(|(field, name)| Some((field, name.clone()?)));
        self.columns.named().into_iter().chain(more).collect()
    }

    fn tell(&self, sheet: &Sheet, columns: &Columns, read: &ReadThreads, is_ours: bool) {
        if self.quiet {
            return;
        }
        if !is_ours {
            let form = columns.form.as_deref().map(|form| format!("a table of {form}: ")).unwrap_or_default();
            remark(&format!("{form}{}", columns.told()));
            let unused = columns.unused(sheet);
            if !unused.is_empty() {
                remark(&format!("not used, and not in the tables: {}", unused.join(", ")));
            }
            if columns.of(Field::ArticleTitle).is_none() {
                remark(
                    "no headlines (--title): comments are read without their subject, and themes are missed or given wrongly more often",
                );
            }
        }
        tell_misquoted(sheet, read);
        if read.undated > 0 {
            remark(&format!(
                "{} dates are neither ISO 8601 nor seconds since 1970 (from 2001 on); they are left out; --date-format says how they are written",
                read.undated
            ));
        }
    }

    /// How comments are coded.
    pub(super) fn coding(&self) -> &CodingArgs {
        &self.coding
    }

    /// Has it write elsewhere, and nothing to the terminal.
    pub(super) fn redirect(&mut self, to: &Redirection<'_>) {
        (self.to.output, self.quiet) = (Some(to.output.to_owned()), true);
        if let Some(key) = to.author_key {
            self.authors.author_key = Some(key.to_owned());
        }
    }
}

/// Gives threads what tables need and the table did not have: an id, and where they come from.
fn settle(threads: &mut [Thread], path: &Path) {
    for (number, thread) in threads.iter_mut().enumerate() {
        if thread.id.is_empty() {
            // A letter more than ids of tables have, so that it is nobody else's.
            thread.id = format!("trow{}", number + 1);
        }
        if thread.sources.is_empty() {
            thread.sources.push(path.display().to_string());
        }
    }
}

/// The threads in batches of some thousand comments.
fn batches(threads: Vec<Thread>) -> Vec<Vec<Thread>> {
    let (mut made, mut comments) = (vec![Vec::new()], 0);
    for thread in threads {
        if comments >= BATCH {
            made.push(Vec::new());
            comments = 0;
        }
        comments += thread.comments.len();
        if let Some(batch) = made.last_mut() {
            batch.push(thread);
        }
    }
    made
}
