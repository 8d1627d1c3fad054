use std::fmt::Write as _;

use anstyle::Style;
use clap::Args;

use super::destination::FolderOutput;
use super::exit::{Exit, Stop, displayed, printable, remark};
use super::provenance::Run;
use super::study::{Opened, StudyArgs};
use crate::export::write_tables;
use crate::model::{CoOccurrence, POLARITY, Response, ThreadShape};
use crate::study::shape::{replies, shape};
use crate::study::talk::{Wording, breakdown, cooccurrence, responses, wording};
use crate::table::{self, Table};

/// Threads, pairs and words shown in the terminal.
const SHOWN: usize = 8;

const AFTER_HELP: &str = "\
Examples:
  causerie describe study/                          the main figures
  causerie describe study/ -o described/            all of them as tables
  causerie describe study/ -o described/ --top 100  more words for each code

Files: shape (a row a thread), replies (who answers whom), breakdown (codes by depth, time, author …), responses (what answers what), cooccurrence,
keyness (words that mark a code), collocations. `causerie columns` describes them, docs/describing.md defines them.";

/// Describe threads and talk: depth, width, reciprocity, pace; codes by depth and time, what answers what, words that mark a code.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP, mut_arg("hand", |arg| arg.hide(true)))]
pub(super) struct Describe {
    #[command(flatten)]
    study: StudyArgs,

    #[command(flatten)]
    pub(super) to: FolderOutput,

    /// Words, and pairs of words, listed for each code and sentiment.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    top: u32,

    /// Say nothing but errors.
    #[arg(short, long)]
    pub(super) quiet: bool,
}

impl Describe {
    pub(super) fn run(&self, mut record: Run) -> Result<Exit, Stop> {
        let format = self.to.format()?;
        self.study.without_hand(
            "figures here are of the machine's codes; `causerie estimate --by` corrects shares in groups",
        )?;
        let opened = self.study.read(&mut record, self.quiet)?;
        let study = &opened.study;
        let (shapes, pairs, answered) = (shape(study), cooccurrence(study), responses(study));
        let words = wording(study, self.top as usize);
        if let Some(folder) = self.to.folder()? {
            let tables = [
                (Table::Shape, table::shape(&shapes)),
                (Table::Replies, table::replies(&replies(study))),
                (Table::Breakdown, table::breakdown(&breakdown(study))),
                (Table::Responses, table::responses(&answered)),
                (Table::Cooccurrence, table::cooccurrence(&pairs)),
                (Table::Keyness, table::keyness(&words.keyness)),
                (Table::Collocations, table::collocations(&words.collocations)),
            ];
            let tables = tables.into_iter().map(|(table, frame)| Ok((table, frame.map_err(Stop::output)?)));
            let written = write_tables(folder, format, tables.collect::<Result<Vec<_>, Stop>>()?)?;
            record.count("threads", study.threads.len() as u64);
            record.write(folder, &written)?;
        }
        if !self.quiet {
            displayed(&figures(&opened, &shapes, &pairs, &answered, &words))?;
            if let Some(folder) = &self.to.output {
                remark(&format!("wrote {}", folder.display()));
            }
        }
        Ok(Exit::Done)
    }
}

fn figures(
    opened: &Opened,
    shapes: &[ThreadShape],
    pairs: &[CoOccurrence],
    answered: &[Response],
    words: &Wording,
) -> String {
    let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
    let mut out = String::new();
    let number =
        |value: Option<f64>, digits: usize| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"));
    let whole = |value: Option<u64>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
    let _ = writeln!(
        out,
        "{bold}Threads{bold:#}\n{dim}{:14} {:>8} {:>7} {:>6} {:>6} {:>7} {:>9} {:>6}{dim:#}",
        "", "comments", "authors", "depth", "width", "replies", "virality", "gini"
    );
    let mut rows: Vec<&ThreadShape> = shapes.iter().collect();
    rows.sort_by_key(|row| (row.thread_id.is_some(), std::cmp::Reverse(row.comments)));
    for row in rows.iter().take(SHOWN + 1) {
        let thread = opened.study.threads.iter().find(|thread| Some(&thread.thread.id) == row.thread_id.as_ref());
        let title = thread.and_then(|thread| thread.thread.article.title.as_deref()).unwrap_or_default();
        let short: String = printable(title).chars().take(30).collect();
        let _ = writeln!(
            out,
            "{:14} {:>8} {:>7} {:>6} {:>6} {:>7} {:>9} {:>6}  {dim}{short}{dim:#}",
            printable(row.thread_id.as_deref().unwrap_or("all")),
            row.comments,
            row.authors,
            whole(row.max_depth),
            whole(row.max_width),
            row.reply_share.map_or_else(|| "-".to_owned(), |share| format!("{:.0} %", share * 100.0)),
            number(row.virality, 2),
            number(row.author_gini, 2),
        );
    }
    if rows.len() > SHOWN + 1 {
        let _ = writeln!(out, "{dim}… and {} more threads{dim:#}", rows.len() - SHOWN - 1);
    }
    if let Some(whole) = answered
        .iter()
        .find(|row| row.question == POLARITY && row.parent.is_none() && row.reply.is_none() && row.replies > 0)
    {
        let _ = writeln!(
            out,
            "\n{bold}Sentiment of replies given the comment's{bold:#} {dim}({} pairs, Cramér's V {}){dim:#}",
            whole.replies,
            number(whole.cramers_v, 2)
        );
        let cells = answered.iter().filter(|row| row.question == POLARITY);
        for row in cells.filter(|row| row.parent.is_some() && row.reply.is_some() && row.replies > 0) {
            let _ = writeln!(
                out,
                "{:>9} → {:9} {:>6} {:>6}  {dim}residual {}{dim:#}",
                row.parent.as_deref().unwrap_or_default(),
                row.reply.as_deref().unwrap_or_default(),
                row.replies,
                row.share.map_or_else(String::new, |share| format!("{:.0} %", share * 100.0)),
                number(row.residual, 1)
            );
        }
    }
    let mut pairs: Vec<&CoOccurrence> = pairs.iter().filter(|pair| pair.both > 0 && !pair.sparse).collect();
    pairs.sort_by(|a, b| b.lift.unwrap_or(0.0).total_cmp(&a.lift.unwrap_or(0.0)));
    if !pairs.is_empty() {
        let _ = writeln!(out, "\n{bold}Together{bold:#} {dim}(lift above 1: more often than by chance){dim:#}");
        for pair in pairs.iter().take(SHOWN) {
            let _ = writeln!(
                out,
                "{:>5} comments  lift {:>5}  {} + {}",
                pair.both,
                number(pair.lift, 2),
                printable(&pair.first),
                printable(&pair.second)
            );
        }
    }
    if !words.keyness.is_empty() {
        let _ =
            writeln!(out, "\n{bold}Words{bold:#} {dim}(used more than in the other comments of the language){dim:#}");
    }
    let mut last = None;
    for term in &words.keyness {
        let of = (&term.language, term.question.as_str(), term.value.as_str());
        if last.replace(of) == Some(of) {
            continue;
        }
        let same =
            words.keyness.iter().filter(|other| (&other.language, other.question.as_str(), other.value.as_str()) == of);
        let listed: Vec<String> =
            same.filter(|term| term.log_ratio > 0.0).take(SHOWN).map(|term| printable(&term.term)).collect();
        let name = if term.value == "1" { term.question.clone() } else { format!("{} {}", term.question, term.value) };
        if !listed.is_empty() {
            let _ = writeln!(out, "{:3} {name:22} {}", term.language.as_deref().unwrap_or_default(), listed.join(", "));
        }
    }
    out
}
