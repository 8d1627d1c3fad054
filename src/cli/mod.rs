//! The `causerie` command: one file a subcommand, and what they share.
//!
//! Results go to files or standard output; progress and messages go to standard error.

mod analyze;
mod annotate;
mod authors;
mod code;
mod codebook;
mod coder;
mod columns;
mod completions;
mod describe;
mod destination;
mod diff;
mod differences;
mod drawn;
mod estimate;
mod exit;
mod explain;
mod export;
mod fetch;
mod hand;
mod harvest;
mod interrupt;
mod live;
mod progress;
mod provenance;
mod reading;
mod reference;
mod report;
mod rerun;
mod road;
mod sample;
mod show;
mod sites;
mod snapshots;
mod spool;
mod study;
mod summary;
mod terminal;
mod train;
mod validate;
mod web;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use exit::Exit;
use exit::Stop;
use provenance::Run;
pub use reference::reference;
use rerun::Redirection;

const AFTER_HELP: &str = "\
Examples:
  causerie analyze https://example.org/article -o thread.csv   one article, live
  causerie analyze pages/ -o study/                            saved pages → all tables
  causerie analyze pasted.txt --excel fr -o thread.csv         for a French Excel
  causerie analyze pages/                                      a summary in the terminal
  causerie fetch -i urls.txt -o archive/                       many threads into an archive, resumable
  causerie diff march/ april/ -o changes.csv                   what was edited, deleted, hidden
  causerie explain study/comments.csv --id c12                 why a comment was coded so
  causerie train coded.csv -o mine.safetensors                 a coder of your own
  causerie sample study/ -o sheet.xlsx                         200 comments for people to code, drawn at random
  causerie annotate study/ sheet.xlsx                          code them in the browser
  causerie validate study/ sheet.xlsx                          how far machine and people agree
  causerie estimate study/ sheet.xlsx                          shares corrected by what people coded
  causerie rerun study/run.json                                the same tables again, byte for byte
  causerie codebook init > mine.toml                           a codebook of your own
  causerie columns                                             what every column means

Exit codes:
  0  all done
  1  some inputs could not be read; they are listed
  2  the command line or the codebook is wrong
  3  the output could not be written
  4  a host asked to be left alone for a while; go on later (fetch --resume)
  130  interrupted; no tables were written";

/// Turns the discussion under a news article into a coded table: who replied to whom, the sentiment (column
/// `polarity`) and the themes of every comment, each with the words that justify it.
#[derive(Debug, Parser)]
#[command(name = "causerie", version, after_help = AFTER_HELP, max_term_width = 110)]
struct Cli {
    /// Messages on standard error as JSON, an object a line: time, level (info or error), message.
    #[arg(long, global = true)]
    json_logs: bool,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Analyze(Box<analyze::Analyze>),
    Annotate(annotate::Annotate),
    Code(Box<code::Code>),
    Columns(columns::Columns),
    Completions(completions::Completions),
    Describe(describe::Describe),
    Codebook(codebook::CodebookCommand),
    Diff(diff::Diff),
    Estimate(estimate::Estimate),
    Explain(explain::Explain),
    Export(Box<export::Export>),
    Fetch(Box<fetch::Fetch>),
    Man(completions::Man),
    Report(report::Report),
    Rerun(rerun::Rerun),
    Sample(Box<sample::Sample>),
    Show(show::Show),
    Sites(sites::Sites),
    Train(Box<train::Train>),
    Validate(validate::Validate),
}

impl Command {
    /// Runs it; `arguments` are what it was asked by, for its record.
    fn run(self, arguments: &[String]) -> Result<Exit, Stop> {
        let record = Run::new(arguments);
        match self {
            Self::Analyze(analyze) => analyze.run(record),
            Self::Annotate(annotate) => annotate.run(),
            Self::Code(code) => code.run(record),
            Self::Columns(columns) => columns.run(),
            Self::Codebook(codebook) => codebook.run(),
            Self::Diff(diff) => diff.run(record),
            Self::Estimate(estimate) => estimate.run(record),
            Self::Completions(completions) => completions.run(),
            Self::Describe(describe) => describe.run(record),
            Self::Explain(explain) => explain.run(),
            Self::Export(export) => export.run(record),
            Self::Man(man) => man.run(),
            Self::Report(report) => report.run(record),
            Self::Fetch(fetch) => fetch.run(),
            Self::Rerun(rerun) => rerun.run(),
            Self::Sample(sample) => sample.run(record),
            Self::Show(show) => show.run(record),
            Self::Sites(sites) => sites.run(),
            Self::Train(train) => train.run(record),
            Self::Validate(validate) => validate.run(record),
        }
    }

    /// Has it write elsewhere, and nothing to the terminal.
    fn redirect(&mut self, to: &Redirection<'_>) -> Result<(), Stop> {
        let output = to.output.to_owned();
        match self {
            Self::Analyze(analyze) => analyze.redirect(to),
            Self::Code(code) => code.redirect(to),
            Self::Diff(diff) => (diff.output, diff.quiet) = (Some(output), true),
            Self::Describe(describe) => (describe.to.output, describe.quiet) = (Some(output), true),
            Self::Export(export) => (export.output, export.quiet) = (output, true),
            Self::Report(report) => report.redirect(output),
            Self::Estimate(estimate) => (estimate.to.output, estimate.quiet) = (Some(output), true),
            Self::Sample(sample) => (sample.output, sample.quiet) = (output, true),
            Self::Train(train) => (train.output, train.quiet) = (output, true),
            Self::Validate(validate) => (validate.to.output, validate.quiet) = (Some(output), true),
            _ => return Err(Stop::usage("the record is of a command that makes no tables")),
        }
        Ok(())
    }
}

/// The command of a recorded command line.
fn parse(arguments: &[String]) -> Result<Command, Stop> {
    let line = std::iter::once("causerie").chain(arguments.iter().map(String::as_str));
    match Cli::try_parse_from(line) {
        Ok(cli) => Ok(cli.command),
        Err(error) => Err(Stop::usage(format!("the recorded command line is not understood: {error}"))),
    }
}

/// Runs the command with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let line: Vec<OsString> = arguments.into_iter().collect();
    let arguments: Vec<String> = line.iter().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    let cli = match Cli::try_parse_from(line) {
        Ok(cli) => cli,
        Err(error) => {
            if arguments.iter().any(|argument| argument == "--json-logs") && error.use_stderr() {
                exit::log_json();
                exit::report(&error.render().to_string());
                return Exit::Usage.into();
            }
            // Help and version are no errors; clap prints each where it belongs.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    if cli.json_logs {
        exit::log_json();
    }
    let done = cli.command.run(&arguments);
    match done {
        Ok(exit) => exit.into(),
        Err(stop) => {
            if let Some(message) = &stop.message {
                exit::report(message);
            }
            stop.exit.into()
        }
    }
}
