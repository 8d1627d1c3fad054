use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::coder::codebook;
use super::exit::{Exit, Stop, displayed, remark};
use super::hand;
use super::provenance::Run;
use super::study::{population, table_in, threads_of};
use crate::codebook::Codebook;
use crate::coding::{CurvePoint, HandCoded, Labels, Model, Reads, Task, TrainError, train_with_curve};
use crate::export;
use crate::hand::Question;
use crate::model::{IRONY, Key, POLARITY, Polarity};
use crate::study::{self, Asked};
use crate::table::{Sheet, Table};

/// Parts of the codes a learning curve is told for.
const CURVE: [f64; 3] = [0.25, 0.5, 0.75];
/// Points of F1 that a doubling of the codes has to bring to pay: fewer are lost in chance.
const PAYS: f64 = 1.0;

const AFTER_HELP: &str = "\
The table has one comment a row, with its text and what a person coded: sentiment as negative, neutral or positive
(or -1, 0, 1), codes as 1 or 0; an empty cell is not coded. Columns named thread_id, comment_id, reply_to,
article_title and article_body are used where they are there, so a table of `causerie analyze` with corrected
columns will do. Threads are never split between fitting and measuring.

Examples:
  causerie train coded.csv -o mine.safetensors                     polarity, irony, codes of the built-in codebook: what is there
  causerie train coded.csv --codes hope,anger -o mine.safetensors  two codes of your own
  causerie train coded.csv --codebook my.toml -o mine.safetensors  the codes of a codebook, its patterns as features
  causerie train a.parquet b.csv --sentiment anne,ben --coder linear -o tone.safetensors
  causerie train study/comments.csv --hand sheet.xlsx -o mine.safetensors --learning-curve
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
    pub(super) output: PathBuf,

    /// What people coded of the one table: sheets of `causerie sample`, journals of `causerie annotate`, and what else `causerie validate` reads.
    /// Their codes stand in for the table's columns; --codes chooses some.
    #[arg(long, value_name = "SHEET", num_args = 1.., conflicts_with_all = ["sentiment", "held_out", "text"])]
    hand: Vec<PathBuf>,

    /// Say what a quarter, half and three quarters of the codes would have reached: whether coding more would pay.
    #[arg(long)]
    learning_curve: bool,

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
    pub(super) quiet: bool,
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
    pub(super) fn run(&self, mut record: Run) -> Result<Exit, Stop> {
        let book = codebook(self.codebook.as_deref())?;
        if let Some(path) = &self.codebook {
            record.read(path)?;
        }
        let (wanted, coded) =
            if self.hand.is_empty() { self.by_columns(&book, &mut record)? } else { self.by_hand(&book, &mut record)? };
        let rows: usize =
            coded.iter().flat_map(|coded| &coded.labels).filter(|labels| **labels != Labels::default()).count();
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
        let shares: &[f64] = if self.learning_curve { &CURVE } else { &[] };
        let (model, curve) = train_with_curve(&coded, &task, shares).map_err(|error| self.refusal(&error))?;
        export::write_whole(&self.output, &model.to_bytes())?;
        record.set("seed", self.seed.to_string());
        record.count("rows", rows as u64);
        record.write(&self.output, std::slice::from_ref(&self.output))?;
        if !self.quiet {
            displayed(&format!("{}{}", figures(&model), learning_curve(&model, &curve)))?;
            remark(&format!("wrote {}; use it with `causerie analyze … --model {0}`", self.output.display()));
        }
        Ok(Exit::Done)
    }

    /// The comments of the tables as their columns code them.
    fn by_columns(&self, book: &Codebook, record: &mut Run) -> Result<(Wanted, Vec<HandCoded>), Stop> {
        let read = |path: &PathBuf| Sheet::read(&table_in(path, Table::Comments)?).map_err(Stop::usage);
        let sheets: Vec<Sheet> = self.tables.iter().map(read).collect::<Result<_, Stop>>()?;
        for sheet in &sheets {
            record.read(sheet.path())?;
        }
        let wanted = self.wanted(&sheets, book)?;
        if !self.quiet && self.sentiment.is_empty() && self.codes.is_empty() {
            self.tell_unused(&sheets, &wanted);
        }
        let coded = sheets.iter().map(|sheet| self.hand_coded(sheet, &wanted)).collect::<Result<Vec<_>, Stop>>()?;
        Ok((wanted, coded.into_iter().flatten().collect()))
    }

    /// What cannot be learnt, and how to learn the rest.
    fn refusal(&self, error: &TrainError) -> Stop {
        let advice = match error {
            TrainError::FewOfClass { .. } if !self.hand.is_empty() => {
                ". To learn the others, name them: --codes NAME,…"
            }
            _ => "",
        };
        Stop::usage(format!("{error}{advice}"))
    }

    /// The comments of the table with what people coded in sheets apart from it.
    fn by_hand(&self, book: &Codebook, record: &mut Run) -> Result<(Wanted, Vec<HandCoded>), Stop> {
        let [path] = &self.tables[..] else {
            return Err(Stop::usage("--hand is of one table; name the one the sheets were drawn from"));
        };
        let population = population(path)?;
        record.read(population.sheet().path())?;
        let mut asked = hand::questions(&population, &Question::all(book));
        let new = self.codes.iter().filter(|code| asked.iter().all(|question| question.name != **code));
        let new: Vec<Question> = new.map(|code| Question::named(code)).collect();
        asked.extend(new);
        let answers = hand::answers(&self.hand, &asked, &population, record, self.quiet)?;
        let answers = hand::not_blank(answers, &self.hand)?;
        let mut coded = study::Answers::of(&population, &asked, &answers, None);
        coded.questions.retain(|asked| self.codes.is_empty() || self.codes.contains(&asked.question.name));
        if let Some(code) =
            self.codes.iter().find(|code| coded.questions.iter().all(|asked| asked.question.name != **code))
        {
            return Err(Stop::usage(format!("--codes {code}: nobody coded it in these sheets")));
        }
        let (codes, sentiment): (Vec<&Asked>, Vec<&Asked>) =
            coded.questions.iter().partition(|asked| asked.question.is_code());
        let labels = |key: Key| {
            let Some(place) = population.place(&key) else { return Labels::default() };
            let polarities = sentiment.first().map_or_else(Vec::new, |asked| {
                let said = asked.said.get(&place).into_iter().flatten().flatten().copied();
                let values: Vec<usize> = asked.adjudication(place).map_or_else(|| said.collect(), |value| vec![value]);
                values.iter().filter_map(|value| polarity_of(&asked.question.values[*value])).collect()
            });
            let applies = |asked: &&Asked| asked.opinion(place).map(|value| value == 1);
            Labels { polarities, codes: codes.iter().map(applies).collect(), held_out: false }
        };
        let threads = threads_of(population.sheet(), &self.text)?.threads.into_iter().map(|thread| {
            let thread_id = &thread.id;
            let ids = thread.comments.iter().map(|comment| comment.id.clone());
            let labels = ids.map(|comment_id| labels(Key { thread_id: thread_id.clone(), comment_id })).collect();
            HandCoded { thread, labels }
        });
        let threads = threads.collect();
        let codes = codes.iter().map(|asked| asked.question.name.clone()).collect();
        Ok((Wanted { sentiments: sentiment.iter().map(|asked| asked.question.name.clone()).collect(), codes }, threads))
    }

    fn wanted(&self, sheets: &[Sheet], book: &Codebook) -> Result<Wanted, Stop> {
        if !self.sentiment.is_empty() || !self.codes.is_empty() {
            let sentiments: Vec<String> = self.sentiment.iter().map(|name| name.trim().to_owned()).collect();
            for (at, name) in sentiments.iter().enumerate() {
                if sentiments[..at].contains(name) {
                    return Err(Stop::usage(format!("--sentiment names `{name}` twice; each person counts once")));
                }
                if let Some(sheet) = sheets.first().filter(|_| !sheets.iter().any(|sheet| sheet.has(name))) {
                    sheet.column(name).map_err(Stop::usage)?;
                }
            }
            return Ok(Wanted { sentiments, codes: self.codes.clone() });
        }
        let there = |name: &str| sheets.iter().all(|sheet| sheet.has(name));
        let codes: Vec<String> = book.codes.iter().map(|code| code.name.clone()).chain([IRONY.to_owned()]).collect();
        let wanted = Wanted {
            sentiments: there(POLARITY).then(|| POLARITY.to_owned()).into_iter().collect(),
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

    /// Names columns that look like codes and that nobody asked for.
    fn tell_unused(&self, sheets: &[Sheet], wanted: &Wanted) {
        let Some((first, others)) = sheets.split_first() else { return };
        let is_used = |name: &String| wanted.codes.contains(name) || self.held_out.as_ref() == Some(name);
        let is_new = |name: &String| !is_used(name) && others.iter().all(|sheet| sheet.has(name));
        let unused: Vec<String> = first.codes().into_iter().filter(is_new).collect();
        if !unused.is_empty() {
            remark(&format!("not used: {}; name them with --codes", unused.join(", ")));
        }
    }

    /// The rows of a table as hand-coded threads, in the order they begin.
    fn hand_coded(&self, sheet: &Sheet, wanted: &Wanted) -> Result<Vec<HandCoded>, Stop> {
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
            let fault = |what: String| Stop::usage(format!("{}, row {}: {what}", sheet.path().display(), row + 1));
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
        let made = threads_of(sheet, &self.text)?;
        made.threads
            .into_iter()
            .zip(made.rows)
            .map(|(thread, rows)| {
                Ok(HandCoded { thread, labels: rows.into_iter().map(labels).collect::<Result<_, Stop>>()? })
            })
            .collect()
    }
}

/// What parts of the codes reached, and whether more would pay.
fn learning_curve(model: &Model, curve: &[CurvePoint]) -> String {
    let outputs = &model.facts.outputs;
    let mean = |f1: &[f64]| f1.iter().sum::<f64>() / f1.len().max(1) as f64;
    let whole = CurvePoint { rows: model.facts.rows, f1: outputs.iter().map(|output| output.figures.f1).collect() };
    let mut out = String::new();
    let Some(half) = curve.iter().min_by_key(|point| (2 * point.rows).abs_diff(whole.rows)) else { return out };
    let _ = write!(out, "\nF1 by rows{:>10}", "all");
    for output in outputs {
        let _ = write!(out, " {:>18}", output.name);
    }
    for point in curve.iter().chain([&whole]) {
        let _ = write!(out, "\n{:>10}{:>10.3}", point.rows, mean(&point.f1));
        for f1 in &point.f1 {
            let _ = write!(out, " {f1:>18.3}");
        }
    }
    let gain = 100.0 * (mean(&whole.f1) - mean(&half.f1));
    let chance: Vec<f64> =
        outputs.iter().filter_map(|output| output.figures.f1_95.map(|[low, high]| (high - low) / 2.0)).collect();
    let chance = if chance.is_empty() {
        String::new()
    } else {
        let points = 100.0 * mean(&chance);
        format!(" (each figure is ± {points:.0} points by the comments it is measured on, the same for all)")
    };
    let verdict =
        if gain < PAYS { "coding more comments will hardly pay" } else { "coding more comments would probably pay" };
    let _ = writeln!(out, "\nthe last doubling of the codes brought {gain:+.1} points of F1: {verdict}{chance}");
    out
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

/// What a cell says of the sentiment, in the words sheets take.
fn polarity_of(label: &str) -> Option<Polarity> {
    let classes = [Polarity::Negative, Polarity::Neutral, Polarity::Positive];
    let question = Question::polarity();
    let value = question.value(label)?;
    classes.into_iter().find(|class| class.as_str() == value)
}

/// What a cell says of a code, in the words sheets take.
fn flag(label: &str) -> Option<bool> {
    Question::named("").value(label).map(|value| value == "1")
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
        let interval = of.f1_95.map(|[low, high]| format!(" ({low:.3}-{high:.3})")).unwrap_or_default();
        let f1 = format!("{:.3}{interval}", of.f1);
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
