use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::coder::codebook;
use super::exit::{Exit, Stop, remark};
use super::threads::Threads;
use crate::codebook::Codebook;
use crate::coding::{HandCoded, Labels, Model, Reads, Task, train};
use crate::export;
use crate::model::Polarity;
use crate::table::Sheet;

const AFTER_HELP: &str = "\
The table has one comment a row, with its text and what a person coded: sentiment as negative, neutral or positive
(or -1, 0, 1), codes as 1 or 0; an empty cell is not coded. Columns named thread_id, comment_id, reply_to,
article_title and article_body are used where they are there, so a table of `causerie analyze` with corrected
columns will do. Threads are never split between fitting and measuring.

Examples:
  causerie train coded.csv -o mine.safetensors                     every code and sentiment column there is
  causerie train coded.csv --codes hope,anger -o mine.safetensors  two codes of your own
  causerie train coded.csv --codebook my.toml -o mine.safetensors  the codes of a codebook, its patterns as features
  causerie train a.parquet b.csv --sentiment anne,ben --coder linear -o tone.safetensors
  causerie analyze pages/ --model mine.safetensors -o study/       code with it";

/// Fit a coder to comments that people have coded, and measure it.
///
/// Prints F1 with 95 % intervals on comments the coder was not fitted on (cross-validated by threads, or on rows held out), and
/// writes one small file for `causerie analyze --model`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Train {
    /// Tables of hand-coded comments (.csv, .tsv, .ndjson, .jsonl, .parquet).
    #[arg(required = true, value_name = "TABLE")]
    tables: Vec<PathBuf>,

    /// File of the model to write.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Column with the text.
    #[arg(long, value_name = "COLUMN", default_value = "text")]
    text: String,

    /// Columns with the sentiment, one for each person who coded it: where they differ, the model learns to be less sure, and what
    /// it is measured on is the opinion that prevails. Without
    /// --sentiment and --codes `polarity` is taken, if it is there.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    sentiment: Vec<String>,

    /// Columns with codes; without --sentiment and --codes those of the codebook, and `irony`, that are there.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    codes: Vec<String>,

    /// Codebook of the codes: its patterns become features [default: the built-in one].
    #[arg(long, value_name = "FILE")]
    codebook: Option<PathBuf>,

    /// What the coder may read.
    #[arg(long, value_name = "KIND", default_value = "encoder")]
    coder: Kind,

    /// Column that is 1 for rows to measure and calibrate with, never to fit on; without it, cross-validation.
    #[arg(long, value_name = "COLUMN")]
    held_out: Option<String>,

    /// Parts of the cross-validation.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(2..=20))]
    folds: u8,

    /// Deals threads to the parts of the cross-validation.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Name of the coder in tables [default: the file's name].
    #[arg(long)]
    name: Option<String>,

    /// Print no figures.
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Words and the encoder's reading of the comment in its thread.
    Encoder,
    /// Words only: for millions of comments.
    Linear,
}

/// Columns to learn, settled.
struct Wanted {
    sentiments: Vec<String>,
    codes: Vec<String>,
}

impl Train {
    pub(super) fn run(&self) -> Result<Exit, Stop> {
        let book = codebook(self.codebook.as_deref())?;
        let sheets: Vec<(&Path, Sheet)> = self
            .tables
            .iter()
            .map(|path| Ok((path.as_path(), Sheet::read(path).map_err(Stop::usage)?)))
            .collect::<Result<_, Stop>>()?;
        let wanted = self.wanted(&sheets, &book)?;
        let mut coded = Vec::new();
        for (path, sheet) in &sheets {
            coded.extend(self.hand_coded(path, sheet, &wanted)?);
        }
        let rows: usize = coded.iter().map(|coded: &HandCoded| coded.labels.len()).sum();
        if !self.quiet {
            remark(&format!("{rows} comments in {} threads; reading and fitting …", coded.len()));
            if let Some(words) = agreement(&coded) {
                remark(&words);
            }
        }
        let file_name = || self.output.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let task = Task {
            name: self.name.clone().or_else(file_name).unwrap_or_else(|| "model".to_owned()),
            reads: match self.coder {
                Kind::Encoder => Reads::Encoder,
                Kind::Linear => Reads::Linear,
            },
            polarity: !wanted.sentiments.is_empty(),
            codes: wanted.codes,
            book,
            folds: usize::from(self.folds),
            seed: self.seed,
        };
        let model = train(&coded, &task).map_err(Stop::usage)?;
        export::write_whole(&self.output, &model.to_bytes())?;
        if !self.quiet {
            anstream::print!("{}", figures(&model));
            remark(&format!("wrote {}; use it with `causerie analyze … --model {0}`", self.output.display()));
        }
        Ok(Exit::Done)
    }

    fn wanted(&self, sheets: &[(&Path, Sheet)], book: &Codebook) -> Result<Wanted, Stop> {
        if !self.sentiment.is_empty() || !self.codes.is_empty() {
            let sentiments: Vec<String> = self.sentiment.iter().map(|name| name.trim().to_owned()).collect();
            for (at, name) in sentiments.iter().enumerate() {
                if sentiments[..at].contains(name) {
                    return Err(Stop::usage(format!("--sentiment names `{name}` twice; each person counts once")));
                }
                if let Some((_, sheet)) = sheets.first().filter(|_| !sheets.iter().any(|(_, sheet)| sheet.has(name))) {
                    sheet.column(name).map_err(Stop::usage)?;
                }
            }
            return Ok(Wanted { sentiments, codes: self.codes.clone() });
        }
        let there = |name: &str| sheets.iter().all(|(_, sheet)| sheet.has(name));
        let codes: Vec<String> = book.codes.iter().map(|code| code.name.clone()).chain(["irony".to_owned()]).collect();
        let wanted = Wanted {
            sentiments: there("polarity").then(|| "polarity".to_owned()).into_iter().collect(),
            codes: codes.iter().filter(|code| there(code)).cloned().collect(),
        };
        if wanted.sentiments.is_empty() && wanted.codes.is_empty() {
            return Err(Stop::usage(format!(
                "nothing to learn: no column polarity, {} in the table; name yours with --sentiment or --codes",
                codes.join(", ")
            )));
        }
        Ok(wanted)
    }

    /// The rows of a table as hand-coded threads, in the order they begin.
    fn hand_coded(&self, path: &Path, sheet: &Sheet, wanted: &Wanted) -> Result<Vec<HandCoded>, Stop> {
        let column = |name: &str| sheet.column(name).map_err(Stop::usage);
        // A table may lack the column of someone who coded another, but not all of them.
        let mut coders: Vec<&String> = wanted.sentiments.iter().filter(|name| sheet.has(name)).collect();
        if coders.is_empty() {
            coders.extend(wanted.sentiments.first());
        }
        let sentiments = coders.into_iter().map(|name| column(name)).collect::<Result<Vec<_>, Stop>>()?;
        let codes = wanted.codes.iter().map(|code| column(code)).collect::<Result<Vec<_>, Stop>>()?;
        let held_out = self.held_out.as_deref().map(column).transpose()?;
        let labels = |row: usize| {
            let fault = |what: String| Stop::usage(format!("{}, row {}: {what}", path.display(), row + 1));
            let polarity = |label: &str| {
                let wrong = || fault(format!("sentiment `{label}`; write negative, neutral, positive, or -1, 0, 1"));
                polarity_of(label).ok_or_else(wrong)
            };
            let said = sentiments.iter().filter_map(|column| column[row].as_deref());
            let code = |(name, column): (&String, &Vec<Option<String>>)| {
                let wrong = |label: &str| fault(format!("`{name}` is `{label}`; write 1 or 0"));
                column[row].as_deref().map(|label| flag(label).ok_or_else(|| wrong(label))).transpose()
            };
            let out = held_out.as_ref().and_then(|column| column[row].as_deref());
            let out = out.map(|label| flag(label).ok_or_else(|| fault(format!("held out is `{label}`; write 1 or 0"))));
            Ok(Labels {
                polarities: said.map(polarity).collect::<Result<_, Stop>>()?,
                codes: wanted.codes.iter().zip(&codes).map(code).collect::<Result<_, Stop>>()?,
                held_out: out.transpose()? == Some(true),
            })
        };
        let made = Threads::read(path, sheet, &self.text)?;
        made.threads
            .into_iter()
            .zip(made.rows)
            .map(|((_, thread), rows)| {
                Ok(HandCoded { thread, labels: rows.into_iter().map(labels).collect::<Result<_, Stop>>()? })
            })
            .collect()
    }
}

/// How often several people said the same of the sentiment; nothing where nobody coded what another did.
fn agreement(coded: &[HandCoded]) -> Option<String> {
    let labels = coded.iter().flat_map(|coded| &coded.labels);
    let shared: Vec<&Labels> = labels.filter(|labels| labels.polarities.len() > 1).collect();
    let alike =
        shared.iter().filter(|labels| labels.polarities.iter().all(|said| *said == labels.polarities[0])).count();
    (!shared.is_empty()).then(|| {
        format!(
            "the sentiment of {} comments was coded by several people, of {alike} alike ({:.0} %); where no opinion prevails, a comment is learnt from and not measured on",
            shared.len(),
            100.0 * alike as f64 / shared.len() as f64
        )
    })
}

fn polarity_of(label: &str) -> Option<Polarity> {
    match label.trim().to_lowercase().as_str() {
        "negative" | "neg" | "-1" | "négatif" => Some(Polarity::Negative),
        "neutral" | "neu" | "0" | "neutre" => Some(Polarity::Neutral),
        "positive" | "pos" | "1" | "positif" => Some(Polarity::Positive),
        _ => None,
    }
}

fn flag(label: &str) -> Option<bool> {
    match label.trim().to_lowercase().as_str() {
        "1" | "true" | "yes" | "oui" => Some(true),
        "0" | "false" | "no" | "non" => Some(false),
        _ => None,
    }
}

/// The figures of a model, a line an output.
fn figures(model: &Model) -> String {
    let facts = &model.facts;
    let mut out = format!(
        "{} rows fitted, {}; languages {}\n{:<22} {:>6} {:>9}  {:<18} {:>9} {:>7} {:>9} {:>6}\n",
        facts.rows,
        facts.measured,
        facts.languages.join(" "),
        "",
        "rows",
        "positive",
        "F1 (95 %)",
        "precision",
        "recall",
        "threshold",
        "ECE"
    );
    for output in &facts.outputs {
        let of = &output.figures;
        let f1 = format!("{:.3} ({:.3}-{:.3})", of.f1, of.f1_95[0], of.f1_95[1]);
        let name = if output.columns == 1 { output.name.clone() } else { format!("{} (macro)", output.name) };
        let some = |value: f64| if output.columns == 1 { format!("{value:.3}") } else { String::new() };
        let positives = if output.columns == 1 { of.positives.to_string() } else { String::new() };
        let _ = writeln!(
            out,
            "{name:<22} {:>6} {positives:>9}  {f1:<18} {:>9} {:>7} {:>9} {:>6.3}",
            of.rows,
            some(of.precision),
            some(of.recall),
            if output.columns == 1 { format!("{:.2}", output.threshold) } else { String::new() },
            of.calibration_error,
        );
    }
    out
}
