use std::fmt::Write as _;

use anstyle::Style;
use clap::Args;

use super::destination::FolderOutput;
use super::exit::{Exit, Stop, displayed, printable, remark};
use super::hand::{HandArgs, Read, remarks};
use super::provenance::Run;
use super::summary::plural;
use super::validate::{groups, share};
use crate::export;
use crate::model::{Contrast, Share};
use crate::study::estimate::Estimand;
use crate::study::{Answers, Correction, Shares, corrected};
use crate::table::{self, Table};

/// Groups shown in the terminal for each question and column.
const SHOWN: usize = 12;

/// A group with fewer hand-coded comments is not called above or below.
const FEW: u64 = 10;
/// Shares below this are too rare for normal intervals.
const RARE: f64 = 0.15;

const AFTER_HELP: &str = "\
The machine's shares are biased by its errors; the hand-coded random sample corrects them (design-based supervised learning, prediction-powered
inference: docs/validation.md). Shares are of the comments in the table, of which the sample is a part; --superpopulation asks for those of the
process that wrote them instead. Comments drawn because a coder was unsure of them are never used.

Examples:
  causerie estimate study/ sheet.xlsx
  causerie estimate study/ sheet.anne.xlsx sheet.ben.xlsx --by thread,day -o estimates/
  causerie estimate study/ sheet.xlsx --margin 0.03          how many more comments to code for ± 3 points
  causerie estimate study/ coded.csv --simple-random         a sample of your own, drawn with equal chances

Files: shares (a row a share), contrasts (each group against the rest), run.json. `causerie columns` describes them.";

/// Estimate the shares of codes and sentiment, corrected with a hand-coded sample, with confidence intervals.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Estimate {
    #[command(flatten)]
    hand: HandArgs,

    #[command(flatten)]
    pub(super) to: FolderOutput,

    /// Shares within groups, too: thread, day, depth, activity (comments of the same author), language, or any column.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    by: Vec<String>,

    /// Shares of what the comments are themselves a sample of, not of the comments fetched.
    #[arg(long)]
    superpopulation: bool,

    /// The sheets have no design beside them and are of a simple random sample: every comment had the same chance.
    #[arg(long, conflicts_with = "design")]
    simple_random: bool,

    /// Confidence of the intervals.
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, value_parser = share)]
    confidence: f64,

    /// Half the width of interval that `needed` is told for.
    #[arg(long, value_name = "SHARE", default_value_t = 0.05, value_parser = share)]
    margin: f64,

    /// Say nothing but errors.
    #[arg(short, long)]
    pub(super) quiet: bool,
}

impl Estimate {
    pub(super) fn run(&self, mut record: Run) -> Result<Exit, Stop> {
        let format = self.to.format()?;
        let read = self.hand.read(&mut record, self.quiet)?;
        if read.design.is_some() && self.simple_random {
            return Err(Stop::usage(
                "--simple-random: a design lies beside the sheets and says how they were drawn; leave one of the two out",
            ));
        }
        if read.design.is_none() && !self.simple_random {
            return Err(Stop::usage(
                "how the comments were drawn is not known: no NAME.design.csv lies beside the sheets. Name it with --design, or say \
                 --simple-random if every comment of the table had the same chance",
            ));
        }
        let hand = read.joined();
        let by = groups(&read, &self.by)?;
        let correction = Correction {
            estimand: if self.superpopulation { Estimand::Superpopulation } else { Estimand::Finite },
            confidence: self.confidence,
            margin: self.margin,
        };
        let found = corrected(&read.population, &hand, &by, &correction).map_err(Stop::usage)?;
        if let Some(folder) = self.to.folder()? {
            let mut tables = vec![(Table::Shares, table::shares(&found.shares).map_err(Stop::output)?)];
            if !self.by.is_empty() {
                tables.push((Table::Contrasts, table::contrasts(&found.contrasts).map_err(Stop::output)?));
            }
            let written = export::write_tables(folder, format, tables)?;
            record.set("estimand", correction.estimand.as_str());
            record.count("comments", read.population.comments.len() as u64);
            record.count("answers", read.answers.len() as u64);
            record.write(folder, &written)?;
        }
        if !self.quiet {
            for line in remarks(&hand, &read.population) {
                remark(&line);
            }
            displayed(&self.figures(&read, &hand, &found))?;
            if self.superpopulation && found.shares.iter().filter_map(|row| row.share).any(|share| share < RARE) {
                remark(
                    "superpopulation intervals of small shares are too short: they cover the truth less often than they say",
                );
            }
            if let Some(folder) = &self.to.output {
                remark(&format!("wrote {}", folder.display()));
            }
        }
        Ok(Exit::Done)
    }

    fn figures(&self, read: &Read, hand: &Answers, found: &Shares) -> String {
        let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
        let comments = plural(read.population.comments.len() as u64, "comment");
        let mut out = if self.superpopulation {
            format!("Shares where the {comments} in the table came from")
        } else {
            format!("Shares of the {comments} in the table")
        };
        let _ = writeln!(out, ", in per cent with {:.0} % intervals", self.confidence * 100.0);
        let margin = format!("for ± {}", (self.margin * 1000.0).round() / 10.0);
        for asked in &hand.questions {
            let name = &asked.question.name;
            let _ = writeln!(
                out,
                "\n{bold}{:<34}{bold:#} {dim}{:>8} {:>10}  {:<16} {:>6} {:>9}{dim:#}",
                asked.question.label, "machine", "corrected", "interval", "coded", margin
            );
            let of = |row: &&Share| row.question == *name;
            for row in found.shares.iter().filter(of).filter(|row| row.group_by.is_empty()) {
                let label = if asked.question.is_code() { "all comments" } else { &row.value };
                let _ = writeln!(out, "  {}", line(label, row));
            }
            for by in &self.by {
                let rows: Vec<&Share> = found.shares.iter().filter(of).filter(|row| row.group_by == *by).collect();
                let _ = writeln!(out, "  {dim}by {by}{dim:#}");
                for row in rows.iter().take(SHOWN) {
                    let value = if asked.question.is_code() { String::new() } else { format!(" {}", row.value) };
                    let apart = apart(found, row);
                    let _ = writeln!(out, "    {}{apart}", line(&format!("{}{value}", printable(&row.group)), row));
                }
                if rows.len() > SHOWN {
                    let _ = writeln!(out, "    {dim}… and {} more; -o FOLDER writes all{dim:#}", rows.len() - SHOWN);
                }
            }
        }
        if hand.questions.is_empty() {
            let _ = writeln!(out, "No answer counts: all are on comments that are deleted or have no words.");
        } else if !self.by.is_empty() {
            let _ = writeln!(
                out,
                "\n{dim}▲ ▼ above or below all other comments, the interval of the difference without 0; of twenty groups one is so by chance{dim:#}"
            );
        }
        out
    }
}

/// A share, the interval and what it rests on.
fn line(label: &str, row: &Share) -> String {
    let points = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| format!("{:.1}", share * 100.0));
    let interval =
        row.interval.map_or_else(String::new, |(low, high)| format!("{:.1} to {:.1}", low * 100.0, high * 100.0));
    let label: String = label.chars().take(32).collect();
    let needed = row.needed.map_or_else(|| "–".to_owned(), |needed| needed.to_string());
    format!(
        "{label:<32} {:>8} {:>10}  {interval:<16} {:>6} {needed:>9}",
        points(row.machine),
        points(row.share),
        row.coded
    )
}

/// Whether the share of a group is surely another than in the rest.
fn apart(found: &Shares, row: &Share) -> &'static str {
    let same = |contrast: &&Contrast| {
        contrast.question == row.question
            && contrast.value == row.value
            && contrast.group_by == row.group_by
            && contrast.group == row.group
    };
    let told = |contrast: &&Contrast| contrast.coded.min(contrast.coded_rest) >= FEW;
    match found.contrasts.iter().find(same).filter(told).and_then(|contrast| contrast.interval) {
        Some((low, _)) if low > 0.0 => " ▲",
        Some((_, high)) if high < 0.0 => " ▼",
        _ => "",
    }
}
