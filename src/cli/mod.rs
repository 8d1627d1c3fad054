//! The `causerie` command: one file a subcommand, and what they share.
//!
//! Results go to files or standard output; progress and messages go to standard error.

mod analyze;
mod codebook;
mod coder;
mod columns;
mod destination;
mod diff;
mod differences;
mod exit;
mod explain;
mod fetch;
mod harvest;
mod interrupt;
mod live;
mod progress;
mod road;
mod sites;
mod snapshots;
mod spool;
mod summary;
mod threads;
mod train;
mod web;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use exit::Exit;

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
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Analyze(Box<analyze::Analyze>),
    Columns(columns::Columns),
    Codebook(codebook::CodebookCommand),
    Diff(diff::Diff),
    Explain(explain::Explain),
    Fetch(Box<fetch::Fetch>),
    Sites(sites::Sites),
    Train(Box<train::Train>),
}

/// Runs the command with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; clap prints each where it belongs.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    let done = match cli.command {
        Command::Analyze(analyze) => analyze.run(),
        Command::Columns(columns) => columns.run(),
        Command::Codebook(codebook) => codebook.run(),
        Command::Diff(diff) => diff.run(),
        Command::Explain(explain) => explain.run(),
        Command::Fetch(fetch) => fetch.run(),
        Command::Sites(sites) => sites.run(),
        Command::Train(train) => train.run(),
    };
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
