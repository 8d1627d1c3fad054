//! What people coded: the sheets, and the design of the sample they are of, joined with the table of comments.

use std::path::PathBuf;

use clap::Args;

use super::coder::codebook;
use super::exit::{Exit, Stop, remark, report};
use super::provenance::Run;
use super::study::{design_beside, read_design, table_in};
use super::summary::plural;
use crate::codebook::Codebook;
use crate::hand::{self, Answer, Known, POLARITY, Question};
use crate::model::Drawn;
use crate::study::{HandCoded, Population};
use crate::table::{Sheet, Table};

/// The table of comments, and what people coded of it.
#[derive(Debug, Args)]
pub(super) struct HandArgs {
    /// Table of comments that `causerie analyze` wrote, or its folder.
    #[arg(value_name = "TABLE|FOLDER")]
    table: PathBuf,

    /// What people coded: sheets (.xlsx, .ods, .csv, .tsv), exports of Label Studio (.json) or doccano (.jsonl), journals of `causerie annotate`, or
    /// any table with the columns comment_id and a code.
    #[arg(required = true, value_name = "SHEET")]
    sheets: Vec<PathBuf>,

    /// How the comments were drawn [default: NAME.design.csv beside NAME.xlsx].
    #[arg(long, value_name = "FILE")]
    design: Option<PathBuf>,

    /// Codebook with the codes people were asked for [default: the built-in one]; codes of the table are known without.
    #[arg(long, value_name = "FILE")]
    codebook: Option<PathBuf>,
}

/// These, read.
pub(super) struct Read {
    pub(super) population: Population,
    pub(super) answers: Vec<Answer>,
    pub(super) questions: Vec<Question>,
    /// The design of the sample, if there is one.
    pub(super) design: Option<Vec<Drawn>>,
}

impl Read {
    pub(super) fn joined(&self) -> HandCoded {
        HandCoded::of(&self.population, &self.questions, &self.answers, self.design.clone())
    }
}

impl HandArgs {
    /// Reads all of it, or names every fault of every sheet: nothing is half-imported.
    pub(super) fn read(&self, record: &mut Run, quiet: bool) -> Result<Read, Stop> {
        let table = table_in(&self.table, Table::Comments)?;
        record.read(&table)?;
        let population = Population::of(Sheet::read(&table).map_err(Stop::usage)?).map_err(Stop::usage)?;
        if let Some(path) = &self.codebook {
            record.read(path)?;
        }
        let questions = questions(&population, &Question::all(&codebook(self.codebook.as_deref())?));
        let answers = answers(&self.sheets, &questions, &population, record, quiet)?;
        let design = match &self.design {
            Some(path) => Some(path.clone()),
            None => the_design(&self.sheets)?,
        };
        let design = match design {
            Some(path) => {
                record.read(&path)?;
                Some(read_design(&path)?)
            }
            None => None,
        };
        Ok(Read { population, answers, questions, design })
    }
}

/// The table's questions, told as the codebook tells them, then those of the codebook that the machine was not asked.
pub(super) fn questions(population: &Population, book: &[Question]) -> Vec<Question> {
    let told = |question: &Question| book.iter().find(|known| known.name == question.name).unwrap_or(question).clone();
    let mut questions: Vec<Question> = population.questions.iter().map(told).collect();
    let more = book.iter().filter(|question| population.questions.iter().all(|known| known.name != question.name));
    questions.extend(more.cloned());
    // The sentiment has three values: it comes first, wherever it stands.
    questions.sort_by_key(|question| question.name != POLARITY);
    questions
}

/// The questions of these names; of all names, the sentiment and the codes of the codebook.
pub(super) fn chosen(book: &Codebook, names: &[String]) -> Result<Vec<Question>, Stop> {
    let all = Question::all(book);
    if names.is_empty() {
        return Ok(all);
    }
    let find = |name: &String| match all.iter().find(|question| question.name == *name) {
        Some(question) => Ok(question.clone()),
        None if name == "irony" => Ok(Question::irony()),
        None => Err(Stop::usage(format!(
            "--codes {name}: neither polarity, irony nor a code of the codebook ({}); give yours with --codebook",
            book.codes.iter().map(|code| code.name.as_str()).collect::<Vec<_>>().join(", ")
        ))),
    };
    names.iter().map(find).collect()
}

/// The answers in some sheets.
pub(super) fn answers(
    sheets: &[PathBuf],
    questions: &[Question],
    population: &Population,
    record: &mut Run,
    quiet: bool,
) -> Result<Vec<Answer>, Stop> {
    let known: Known<'_> = population.comments.iter().map(|member| (&member.key, member.text.as_str())).collect();
    let (mut answers, mut faults): (Vec<(PathBuf, Answer)>, Vec<String>) = (Vec::new(), Vec::new());
    for path in sheets {
        record.read(path)?;
        let bytes = std::fs::read(path)
            .map_err(|error| Stop::usage(format!("{} cannot be opened: {error}; check the path", path.display())))?;
        match hand::read(path, &bytes, questions, &known) {
            Ok(reading) => {
                if !quiet {
                    for line in &reading.remarks {
                        remark(&format!("{}: {line}", path.display()));
                    }
                }
                answers.extend(reading.answers.into_iter().map(|answer| (path.clone(), answer)));
            }
            Err(found) => {
                faults.extend(found.faults.iter().map(|fault| format!("{}: {fault}", path.display())));
                if found.more > 0 {
                    faults.push(format!("{}: and {} more like these", path.display(), found.more));
                }
            }
        }
    }
    faults.extend(contradictions(&mut answers));
    if faults.is_empty() {
        return Ok(answers.into_iter().map(|(_, answer)| answer).collect());
    }
    for fault in &faults {
        report(fault);
    }
    let message = format!("nothing was imported: {} in what people coded", plural(faults.len() as u64, "fault"));
    Err(Stop { exit: Exit::Usage, message: Some(message) })
}

/// Two answers of one coder to one question on one comment, in two sheets: the same one twice goes, two different ones are a fault.
fn contradictions(answers: &mut Vec<(PathBuf, Answer)>) -> Vec<String> {
    let key = |answer: &Answer| (answer.key.clone(), answer.coder.clone(), answer.question.clone());
    let mut first: std::collections::HashMap<_, (PathBuf, String)> = std::collections::HashMap::new();
    let mut faults = Vec::new();
    answers.retain(|(path, answer)| {
        let Some((earlier, value)) = first.get(&key(answer)) else {
            first.insert(key(answer), (path.clone(), answer.value.clone()));
            return true;
        };
        if *value != answer.value {
            faults.push(format!(
                "{}: {} says {} = {} of the comment {} in thread {}, but {} in {}; keep one",
                path.display(),
                answer.coder,
                answer.question,
                answer.value,
                answer.key.comment_id,
                answer.key.thread_id,
                value,
                earlier.display()
            ));
        }
        false
    });
    faults
}

/// The one design beside the sheets, if there is one.
fn the_design(sheets: &[PathBuf]) -> Result<Option<PathBuf>, Stop> {
    let mut found: Vec<PathBuf> = sheets.iter().filter_map(|sheet| design_beside(sheet)).collect();
    found.sort();
    found.dedup();
    match &found[..] {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        [one, other, ..] => Err(Stop::usage(format!(
            "the sheets are of several samples ({}, {}): probabilities of samples drawn apart do not add up; draw one larger sample (the same \
             seed keeps what was coded), or name one with --design",
            one.display(),
            other.display()
        ))),
    }
}

/// What a reader of figures should know first.
pub(super) fn remarks(hand: &HandCoded, population: &Population) -> Vec<String> {
    let mut lines = Vec::new();
    for asked in &hand.questions {
        let name = &asked.question.name;
        if asked.undecided() > 0 {
            lines.push(format!(
                "{name}: people differ on {} and none prevails; adjudicate (causerie annotate) to have them counted",
                plural(asked.undecided() as u64, "comment")
            ));
        }
        let unanswered = hand.unanswered(asked);
        if unanswered > asked.undecided() {
            lines.push(format!(
                "{name}: {} drawn and not coded; taken to be like those coded",
                plural(unanswered as u64, "comment")
            ));
        }
        let silent = hand.silent_strata(asked);
        if !silent.is_empty() {
            lines.push(format!("{name}: no comment is coded of {}: nothing is known of these", silent.join(", ")));
        }
        let unsure = asked.said.len() - asked.undecided() - hand.weights(asked, population).len();
        if unsure > 0 {
            lines.push(format!(
                "{name}: {} not drawn by chance, left out of figures on all",
                plural(unsure as u64, "comment")
            ));
        }
    }
    lines
}
