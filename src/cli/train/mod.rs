mod figures;
mod place;
mod rows;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::coder::codebook;
use super::exit::{Exit, Stop, displayed, remark};
use super::hand;
use super::provenance::{Digested, Run};
use super::reading::{ColumnArgs, sheet, tell_misquoted};
use super::study::{population, table_in, threads_of};
use super::summary::plural;
use crate::codebook::{Codebook, check_name};
use crate::coding::{HandCoded, Labels, Reads, Task, TrainError, train_with_curve};
use crate::export;
use crate::hand::Question;
use crate::model::{IRONY, Key, POLARITY};
use crate::study::{self, Asked};
use crate::table::{Columns, ReadThreads, Sheet, Table, Ungrouped};
use figures::{agreement, figures, learning_curve};
use rows::{Gathered, Wanted, polarity_of};

/// Parts of the codes a learning curve is told for.
const CURVE: [f64; 3] = [0.25, 0.5, 0.75];
const AFTER_HELP: &str = "\
The table has one comment a row, with its text and what a person coded: sentiment as negative, neutral or positive
(or -1, 0, 1), codes as 1 or 0; an empty cell is not coded. Columns of texts, threads, ids, answers and headlines are
found as `causerie code` finds them, article_body is used where it is there, and a table of `causerie analyze` with
corrected columns will do. A thread is told by its id in whichever tables it stands; rows of no thread stand alone.
Cross-validation never splits a thread between fitting and measuring; where --held-out splits one, that is said.

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

    /// File of the model to write (.safetensors). A model that is there is replaced, nothing else.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: PathBuf,

    /// What people coded of the one table: sheets of `causerie sample`, journals of `causerie annotate`, and what else `causerie validate` reads.
    /// Their codes stand in for the table's columns; --codes chooses some.
    #[arg(long, value_name = "SHEET", num_args = 1.., conflicts_with_all = ["sentiment", "held_out", "text", "thread", "id", "parent", "title", "html"])]
    hand: Vec<PathBuf>,

    /// Say what a quarter, half and three quarters of the codes would have reached: whether coding more would pay.
    #[arg(long)]
    learning_curve: bool,

    #[command(flatten)]
    columns: ColumnArgs,

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

    /// Column that is 1 for rows to measure and calibrate with, never to fit on: whole threads, or figures are too good. Without it,
    /// cross-validation.
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

impl Train {
    pub(super) fn run(&self, mut record: Run) -> Result<Exit, Stop> {
        place::check(&self.output, &record)?;
        if self.hand.is_empty() {
            self.check_names(&self.codes)?;
        }
        let book = codebook(self.codebook.as_deref())?;
        if let Some(path) = &self.codebook {
            record.read(path)?;
        }
        let (wanted, coded) =
            if self.hand.is_empty() { self.by_columns(&book, &mut record)? } else { self.by_hand(&book, &mut record)? };
        self.check_names(&wanted.codes)?;
        let rows = self.counted(&coded, &mut record)?;
        if let (Some(words), false) = (agreement(&coded), self.quiet) {
            remark(&words);
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
        let read = |path: &PathBuf| sheet(&table_in(path, Table::Comments)?, self.quiet);
        let sheets: Vec<Sheet> = self.tables.iter().map(read).collect::<Result<_, Stop>>()?;
        for sheet in &sheets {
            record.read(sheet.path())?;
        }
        refuse_twice(&sheets)?;
        let wanted = self.wanted(&sheets, book)?;
        if !self.quiet && self.sentiment.is_empty() && self.codes.is_empty() {
            self.tell_unused(&sheets, &wanted);
        }
        let others = [&wanted.sentiments, &wanted.codes].into_iter().flatten().chain(&wanted.held_out);
        let others: Vec<&str> = others.map(String::as_str).collect();
        let mut gathered = Gathered::default();
        for sheet in &sheets {
            let columns = Columns::recognised(sheet, &self.columns.named()).map_err(Stop::usage)?.with_facts(&others);
            if !self.quiet {
                tell(sheet, &columns)?;
            }
            let mut read = ReadThreads::of(sheet, &columns, Ungrouped::Alone).map_err(Stop::usage)?;
            self.columns.settle_html(sheet, &columns, &mut read.threads, self.quiet)?;
            if !self.quiet {
                tell_misquoted(sheet, &read);
            }
            gathered.add(sheet, &columns, read, &wanted)?;
        }
        Ok((wanted, gathered.threads))
    }

    /// Refuses names that no table of codes could have.
    fn check_names(&self, codes: &[String]) -> Result<(), Stop> {
        for (at, code) in codes.iter().enumerate() {
            let earlier = &codes[..at];
            if earlier.contains(code) {
                return Err(Stop::usage(format!("--codes names `{code}` twice; each is learnt once")));
            }
            if code != IRONY {
                check_name(code, earlier.iter().map(String::as_str)).map_err(|reason| {
                    let names = if self.hand.is_empty() { "its column in the table" } else { "it in the sheets" };
                    Stop::usage(format!("a model's codes become columns: {reason}, and rename {names}"))
                })?;
            }
        }
        Ok(())
    }

    /// Counts the rows there are to learn from and to measure with, and says what should be known of them.
    fn counted(&self, coded: &[HandCoded], record: &mut Run) -> Result<usize, Stop> {
        let (mut rows, mut threads, mut blank, mut held_out, mut split) = (0, 0, 0, 0, 0);
        for HandCoded { thread, labels } in coded {
            let labelled = thread.comments.iter().zip(labels).filter(|(_, labels)| labels.say_something());
            let (full, empty): (Vec<_>, Vec<_>) = labelled.partition(|(comment, _)| !comment.text.trim().is_empty());
            let out = full.iter().filter(|(_, labels)| labels.held_out).count();
            rows += full.len();
            threads += u64::from(!full.is_empty());
            blank += empty.len();
            held_out += out;
            split += if out < full.len() { out } else { 0 };
        }
        if let Some(column) = &self.held_out {
            if held_out == 0 {
                return Err(Stop::usage(format!(
                    "--held-out {column}: no coded row is marked with 1, so that nothing is left to measure with; mark some, or leave --held-out out: then all are cross-validated"
                )));
            }
            if held_out == rows {
                return Err(Stop::usage(format!(
                    "--held-out {column}: all coded rows are marked with 1, so that no row is left to fit; mark fewer"
                )));
            }
            record.count("held_out_in_fitted_threads", split as u64);
        }
        if !self.quiet {
            remark(&format!(
                "{} in {}; reading and fitting …",
                plural(rows as u64, "comment"),
                plural(threads, "thread")
            ));
            if blank > 0 {
                remark(&format!("{} without a text: left out", plural(blank as u64, "coded row")));
            }
            if split > 0 {
                remark(&format!(
                    "{split} of the {held_out} rows held out stand in threads that are fitted on: the figures are too good; hold out whole threads"
                ));
            }
        }
        Ok(rows)
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
        let threads = threads_of(population.sheet(), "text")?.threads.into_iter().map(|thread| {
            let thread_id = &thread.id;
            let ids = thread.comments.iter().map(|comment| comment.id.clone());
            let labels = ids.map(|comment_id| labels(Key { thread_id: thread_id.clone(), comment_id })).collect();
            HandCoded { thread, labels }
        });
        let threads = threads.collect();
        let codes = codes.iter().map(|asked| asked.question.name.clone()).collect();
        let sentiments = sentiment.iter().map(|asked| asked.question.name.clone()).collect();
        Ok((Wanted { sentiments, codes, held_out: None }, threads))
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
            return Ok(Wanted { sentiments, codes: self.codes.clone(), held_out: self.held_out.clone() });
        }
        let there = |name: &str| sheets.iter().all(|sheet| sheet.has(name));
        let codes: Vec<String> = book.codes.iter().map(|code| code.name.clone()).chain([IRONY.to_owned()]).collect();
        let wanted = Wanted {
            sentiments: there(POLARITY).then(|| POLARITY.to_owned()).into_iter().collect(),
            codes: codes.iter().filter(|code| there(code)).cloned().collect(),
            held_out: self.held_out.clone(),
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
}

/// Refuses a table that is given twice: its rows would be fitted on and measured with at once.
fn refuse_twice(sheets: &[Sheet]) -> Result<(), Stop> {
    let digest = |sheet: &Sheet| Digested::of(sheet.path()).ok().filter(|_| sheet.path().is_file() && sheet.rows() > 0);
    let digests: Vec<Option<String>> = sheets.iter().map(|sheet| Some(digest(sheet)?.sha256)).collect();
    for (at, sheet) in sheets.iter().enumerate() {
        if let Some(first) = digests[..at].iter().position(|digest| digest.is_some() && *digest == digests[at]) {
            let (first, sheet) = (sheets[first].path().display(), sheet.path().display());
            return Err(Stop::usage(format!("{first} and {sheet} hold the same; give each table once")));
        }
    }
    Ok(())
}

/// Says what was found in a table that is not as causerie would write it, and whose codes it seems to have.
fn tell(sheet: &Sheet, columns: &Columns) -> Result<(), Stop> {
    let name = sheet.path().display();
    if columns.has_other_names() {
        remark(&format!("{name}: {}", columns.told()));
    }
    // Of causerie's own tables each row names its coder.
    let coders = sheet.maybe("coder").map_err(Stop::usage)?;
    let is_machine = |coder: &&String| ["encoder-", "linear-", "rules-"].iter().any(|known| coder.starts_with(known));
    if let Some(coder) = coders.iter().flatten().find(is_machine) {
        remark(&format!(
            "{name}: column `coder` says that {coder} coded these comments: what people did not correct in it are the machine's own codes, and figures say how well they are imitated; --hand takes what people coded"
        ));
    }
    Ok(())
}
