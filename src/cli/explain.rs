use std::fmt::Write as _;
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use clap::Args;

use super::coder;
use super::exit::{Exit, Stop, displayed, printable};
use super::study::{coded_with, table_in, threads_of};
use crate::coding::{Account, Coder, Discussion, Learned, Reads, Rules, Unit};
use crate::model::{Basis, Coded, Span};
use crate::table::{Sheet, Table};

/// Reasons shown for each decision.
const REASONS: usize = 6;
/// Threads named where several have the comment.
const NAMED: usize = 5;

/// Show how each coder decides a comment: what it says, how sure it is, which words it rests on.
///
/// The comment is looked up in a table of `causerie analyze` and coded anew, in its thread.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  causerie explain study/comments.csv --id c12
  causerie explain study/comments.parquet --id c12 --thread t3
  causerie explain study/comments.csv --id c12 --codebook my.toml --model mine.safetensors")]
pub(super) struct Explain {
    /// Table of comments, as `causerie analyze` writes it.
    #[arg(value_name = "TABLE")]
    table: PathBuf,

    /// The comment: its comment_id.
    #[arg(long, value_name = "COMMENT_ID")]
    id: String,

    /// Its thread_id, where several threads have a comment of that id.
    #[arg(long, value_name = "THREAD_ID")]
    thread: Option<String>,

    /// Codebook [default: the one the table was coded with, or the built-in one].
    #[arg(long, value_name = "FILE")]
    codebook: Option<PathBuf>,

    /// Models of `causerie train` [default: those the table was coded with].
    #[arg(long = "model", value_name = "FILE")]
    models: Vec<PathBuf>,
}

impl Explain {
    /// Whether an id of the table is the one asked for: a number that somebody's own table had has a letter before it here.
    fn means(&self, id: &str) -> bool {
        id == self.id || id.strip_prefix('c') == Some(self.id.as_str())
    }

    pub(super) fn run(&self) -> Result<Exit, Stop> {
        let with = coded_with(&self.table, self.codebook.as_deref(), &self.models, None)?;
        let models = coder::models(&with.models)?;
        let book = coder::codebook_for(with.codebook.as_deref(), &models)?;
        let table = table_in(&self.table, Table::Comments)?;
        let sheet = Sheet::read(&table).map_err(Stop::usage)?;
        let mut found = Vec::new();
        for thread in threads_of(&sheet, "text")?.threads {
            if self.thread.as_ref().is_none_or(|wanted| *wanted == thread.id)
                && let Some(at) = thread.comments.iter().position(|comment| self.means(&comment.id))
            {
                found.push((at, thread));
            }
        }
        let (at, thread) = match found.len() {
            0 => return Err(Stop::usage(format!("{}: no comment {}", self.table.display(), self.id))),
            1 => found.remove(0),
            _ => {
                let names: Vec<&str> = found.iter().map(|(_, thread)| thread.id.as_str()).take(NAMED).collect();
                let more = found.len() - names.len();
                return Err(Stop::usage(format!(
                    "{} threads have a comment {}; say which with --thread {}{}",
                    found.len(),
                    self.id,
                    names.join(" or "),
                    if more > 0 { format!(", or one of {more} more") } else { String::new() }
                )));
            }
        };
        let discussion = Discussion::of(thread);
        let units = discussion.units();
        let rules = Rules::new(book.clone());
        let setting = rules.setting(discussion.article());
        let mut out = String::new();
        opening(&mut out, &setting.title, &units, at);
        by_rules(&mut out, rules.code(&setting, &units)[at].as_ref(), &units[at]);
        for reads in [Reads::Linear, Reads::Encoder] {
            let fitting =
                models.iter().filter(|model| model.facts.reads == reads || model.facts.reads == Reads::Linear);
            let coder = Learned::with_models(reads, book.clone(), fitting.cloned().collect());
            let _ = writeln!(out, "\n{}", bold(coder.name()));
            for account in coder.account(&setting, &units, at) {
                decision(&mut out, &account, &units[at]);
            }
        }
        displayed(&out)
    }
}

fn bold(words: &str) -> String {
    let style = Style::new().bold();
    format!("{style}{words}{style:#}")
}

/// The comment and what it is read beside.
fn opening(out: &mut String, title: &str, units: &[Unit<'_>], at: usize) {
    let dim = Style::new().dimmed();
    if !title.is_empty() {
        let _ = writeln!(out, "{dim}under   {}{dim:#}", printable(title));
    }
    if let Some(parent) = units[at].parent {
        let short: String = printable(units[parent].text).chars().take(200).collect();
        let _ = writeln!(out, "{dim}answers {short}{dim:#}");
    }
    let language = units[at].language.unwrap_or("unknown");
    let _ = writeln!(out, "{}\n{dim}read as {language}{dim:#}", printable(units[at].text));
}

fn by_rules(out: &mut String, coded: Option<&Coded>, unit: &Unit<'_>) {
    let _ = writeln!(out, "\n{}", bold("rules-1"));
    let Some(coded) = coded else {
        let _ = writeln!(out, "  not coded: no words of its own, or no patterns and lexicon for its language");
        return;
    };
    if let Some(polarity) = &coded.polarity {
        let _ = writeln!(
            out,
            "  polarity: {}, score {:.2}{}",
            polarity.polarity.as_str(),
            polarity.score,
            words(polarity.evidence, unit)
        );
    }
    for coding in &coded.codings {
        let _ = writeln!(
            out,
            "  {}: applies, grade {:.2}{}",
            coding.code,
            coding.confidence.map_or(0.0, |sure| sure.value),
            words(Some(coding.evidence), unit)
        );
    }
    if coded.codings.is_empty() {
        let _ = writeln!(out, "  no code: no pattern is met, or what is met is undone");
    }
}

fn words(span: Option<Span>, unit: &Unit<'_>) -> String {
    let style = Style::new().fg_color(Some(AnsiColor::Yellow.into()));
    let words = span.map_or("", |span| span.of(unit.text));
    if words.is_empty() { String::new() } else { format!("  {style}“{}”{style:#}", printable(words)) }
}

fn decision(out: &mut String, account: &Account, unit: &Unit<'_>) {
    let p = &account.probabilities;
    let said = if let [negative, neutral, positive] = p[..] {
        let names = [("negative", negative), ("neutral", neutral), ("positive", positive)];
        let best = names.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map_or("", |(name, _)| name);
        format!("{best} (negative {negative:.2}, neutral {neutral:.2}, positive {positive:.2})")
    } else {
        let says = if p[0] >= account.threshold { "applies" } else { "does not apply" };
        let what = match account.basis {
            Basis::Examples => "likeness to its examples, uncalibrated,",
            _ => "probability",
        };
        format!("{says} ({what} {:.2}, applies from {:.2})", p[0], account.threshold)
    };
    let _ = writeln!(out, "  {}: {said}{}", account.output, words(account.evidence, unit));
    let reasons: Vec<String> =
        account.parts.iter().take(REASONS).map(|(name, points)| format!("{points:+.2} {}", printable(name))).collect();
    if !reasons.is_empty() {
        let dim = Style::new().dimmed();
        let _ = writeln!(out, "    {dim}{}{dim:#}", reasons.join(", "));
    }
}
