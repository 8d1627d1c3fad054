use std::fmt::Write as _;

use anstyle::Style;
use clap::Args;

use super::destination::FolderOutput;
use super::exit::{Exit, Stop, displayed, printable, remark};
use super::hand::{HandArgs, Read, remarks};
use super::provenance::Run;
use super::summary::plural;
use crate::export;
use crate::hand::Question;
use crate::model::{Agreement, Disagreement};
use crate::study::agreement::Bootstrap;
use crate::study::{Answers, Asked, Reliability, reliability};
use crate::table::{self, Table};

/// Disagreements shown for each question.
const SHOWN: usize = 3;
/// The comparison that groups are shown of.
const AGAINST_PEOPLE: &str = "machine / people";
/// Groups shown for each question.
const GROUPS: usize = 12;
/// Characters shown of a comment.
const EXCERPT: usize = 160;

const AFTER_HELP: &str = "\
People who coded the same comments are compared with each other, and the machine with what most of them said (or what was adjudicated).
Where the sample's design lies beside the sheet, precision, recall, F1, per cent and kappa of the machine are those of all comments in the
table: each hand-coded comment counts by how rarely comments like it were drawn.

Examples:
  causerie validate study/ sheet.xlsx
  causerie validate study/ sheet.anne.xlsx sheet.ben.xlsx -o validation/
  causerie validate study/ export-from-label-studio.json --by language,thread -o validation/
  causerie validate study/comments.csv coded.csv --codebook my.toml

Files: agreement (a row a measure), confusion, disagreements (with their texts), run.json. `causerie columns` describes them.";

/// Seed of the resamples, unless another is asked for.
pub(super) const SEED: u64 = 1;

/// Measure how far the machine and people agree, and people among themselves, with intervals.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Validate {
    #[command(flatten)]
    hand: HandArgs,

    #[command(flatten)]
    pub(super) to: FolderOutput,

    /// Measure within groups, too: language, thread, day, depth, activity, sentiment, or any column.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    by: Vec<String>,

    /// Resamples of comments that intervals rest on.
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    resamples: u32,

    /// Confidence of the intervals.
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, value_parser = share)]
    confidence: f64,

    /// Draws other resamples.
    #[arg(long, value_name = "N", default_value_t = SEED)]
    seed: u64,

    /// Say nothing but errors.
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// A share between 0 and 1.
pub(super) fn share(written: &str) -> Result<f64, String> {
    written
        .parse()
        .ok()
        .filter(|share| *share > 0.0 && *share < 1.0)
        .ok_or_else(|| "give a number between 0 and 1".to_owned())
}

impl Validate {
    pub(super) fn run(&self, mut record: Run) -> Result<Exit, Stop> {
        let format = self.to.format()?;
        let read = self.hand.read(&mut record, self.quiet)?;
        let hand = read.joined();
        let by = groups(&read, &self.by)?;
        let bootstrap = Bootstrap { resamples: self.resamples as usize, confidence: self.confidence, seed: self.seed };
        let found = reliability(&read.population, &hand, &by, &bootstrap).map_err(Stop::usage)?;
        if let Some(folder) = self.to.folder()? {
            let tables = [
                (Table::Agreement, table::agreement(&found.measures)),
                (Table::Confusion, table::confusion(&found.confusions)),
                (Table::Disagreements, table::disagreements(&found.disagreements)),
            ];
            let made = tables.into_iter().map(|(table, frame)| Ok((table, frame.map_err(Stop::output)?)));
            let written = export::write_tables(folder, format, made.collect::<Result<Vec<_>, Stop>>()?)?;
            record.set("seed", self.seed.to_string());
            record.count("answers", read.answers.len() as u64);
            record.count("disagreements", found.disagreements.len() as u64);
            record.write(folder, &written)?;
        }
        if !self.quiet {
            for line in remarks(&hand, &read.population) {
                remark(&line);
            }
            displayed(&self.figures(&read, &hand, &found))?;
            if let Some(folder) = &self.to.output {
                remark(&format!("wrote {}", folder.display()));
            }
        }
        Ok(Exit::Done)
    }

    fn figures(&self, read: &Read, hand: &Answers, found: &Reliability) -> String {
        let dim = Style::new().dimmed();
        let mut out = String::new();
        for asked in &hand.questions {
            heading(&mut out, asked);
            comparisons(&mut out, &asked.question, found);
            disagreements(&mut out, &asked.question, found);
        }
        let closing = if hand.questions.is_empty() {
            "No answer counts: all are on comments that are deleted or have no words.".to_owned()
        } else if read.design.is_some() {
            format!(
                "{:.0} % intervals. Figures of the machine are of all comments in the table (alpha and AC1 of those coded); -o FOLDER writes more.",
                self.confidence * 100.0
            )
        } else {
            "No design of a sample is beside the sheets: the machine's figures are of the comments coded, not of all."
                .to_owned()
        };
        let _ = writeln!(out, "\n{dim}{closing}{dim:#}");
        out
    }
}

fn heading(out: &mut String, asked: &Asked) {
    let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
    let Question { label, name, .. } = &asked.question;
    let name = if label == name { String::new() } else { format!("{name} · ") };
    let coded = plural(asked.said.len() as u64, "comment");
    let _ = writeln!(out, "\n{bold}{label}{bold:#} {dim}{name}{coded} coded{dim:#}");
}

/// A line for all who are compared, and one for machine and people within each group.
fn comparisons(out: &mut String, question: &Question, found: &Reliability) {
    let dim = Style::new().dimmed();
    // A code is found or missed; the sentiment has an F1 for each value, and their mean.
    let (alpha, f1) = if question.is_code() { ("alpha_nominal", "f1") } else { ("alpha_ordinal", "macro_f1") };
    let (alpha_name, f1_name) = (alpha.replace('_', " "), f1.replace('_', " "));
    let head = line("", ["n", "agree", "kappa", &alpha_name, "AC1", "prec", "rec", &f1_name].map(str::to_owned));
    let _ = writeln!(out, "{dim}{head}{dim:#}");
    let rows: Vec<&Agreement> = found.measures.iter().filter(|row| row.question == question.name).collect();
    let mut groups = 0;
    for same in rows.chunk_by(|one, other| of_one_kind(one, other)) {
        let Agreement { between, group_by, group, units, .. } = same[0];
        let is_group = !group_by.is_empty();
        groups += usize::from(is_group && between == AGAINST_PEOPLE);
        if is_group && (between != AGAINST_PEOPLE || groups > GROUPS) {
            continue;
        }
        let who = if is_group { format!("{group_by} {group}") } else { between.clone() };
        let of = |measure: &str| same.iter().find(|row| row.measure == measure);
        let short = |measure: &str| of(measure).and_then(|row| row.estimate).map_or_else(String::new, hundredths);
        let long = |measure: &str| of(measure).map_or_else(String::new, |row| figure(row.estimate, row.interval));
        let of_code = |measure: &str| if question.is_code() { short(measure) } else { String::new() };
        let cells = [
            units.to_string(),
            short("per_cent"),
            long("kappa"),
            long(alpha),
            short("ac1"),
            of_code("precision"),
            of_code("recall"),
            long(f1),
        ];
        let _ = writeln!(out, "{}", line(&who, cells));
    }
    if groups > GROUPS {
        let _ = writeln!(out, "  {dim}… and {} more groups; -o FOLDER writes all{dim:#}", groups - GROUPS);
    }
}

/// Who is compared, and the cells beside.
fn line(who: &str, [n, agree, kappa, alpha, ac1, precision, recall, f1]: [String; 8]) -> String {
    let who: String = printable(who).chars().take(20).collect();
    let line =
        format!("  {who:<20} {n:>5} {agree:>6}  {kappa:<19} {alpha:<19} {ac1:>4}  {precision:>4} {recall:>4}  {f1}");
    line.trim_end().to_owned()
}

/// The first comments on which not all agree.
fn disagreements(out: &mut String, question: &Question, found: &Reliability) {
    let dim = Style::new().dimmed();
    let telling: Vec<&Disagreement> = found.disagreements.iter().filter(|row| row.question == question.name).collect();
    if telling.len() > SHOWN {
        let all = plural(telling.len() as u64, "comment");
        let _ = writeln!(out, "  {dim}{SHOWN} of {all} on which not all agree{dim:#}");
    }
    for Disagreement { key, machine, people, text, .. } in telling.into_iter().take(SHOWN) {
        let place = format!(
            "machine: {} | {people} · {} {}",
            machine.as_deref().unwrap_or("uncoded"),
            key.thread_id,
            key.comment_id
        );
        let _ = writeln!(out, "  • {}\n    {dim}{}{dim:#}", excerpt(text), printable(&place));
    }
}

/// Whether two rows are of the same comparison in the same group.
fn of_one_kind(one: &Agreement, other: &Agreement) -> bool {
    (&one.between, &one.group_by, &one.group) == (&other.between, &other.group_by, &other.group)
}

/// The beginning of a comment.
fn excerpt(text: &str) -> String {
    let text = printable(text);
    let short: String = text.chars().take(EXCERPT).collect();
    if short.len() < text.len() { format!("{}…", short.trim_end()) } else { short }
}

/// `.71`, as coefficients are printed.
fn hundredths(figure: f64) -> String {
    format!("{figure:.2}").replacen("0.", ".", 1)
}

/// `.71 (.65 to .77)`; empty where it is not defined.
fn figure(estimate: Option<f64>, interval: Option<(f64, f64)>) -> String {
    match (estimate, interval) {
        (None, _) => String::new(),
        (Some(estimate), None) => hundredths(estimate),
        (Some(estimate), Some((low, high))) => {
            format!("{} ({} to {})", hundredths(estimate), hundredths(low), hundredths(high))
        }
    }
}

/// The groups of every column named.
pub(super) fn groups(read: &Read, by: &[String]) -> Result<Vec<(String, Vec<String>)>, Stop> {
    by.iter().map(|by| Ok((by.clone(), read.population.groups(by).map_err(Stop::usage)?))).collect()
}
