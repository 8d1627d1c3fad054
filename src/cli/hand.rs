//! What people coded: the sheets, and the design of the sample they are of, joined with the table of comments.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::coder::codebook;
use super::drawn::{self, Design};
use super::exit::{Exit, Stop, remark, report};
use super::provenance::Run;
use super::study::population;
use super::summary::plural;
use crate::codebook::Codebook;
use crate::hand::{self, Answer, Known, Question};
use crate::model::{Drawn, IRONY, POLARITY};
use crate::study::{Answers, Population};

/// So many answers that are all the machine's are no chance.
const SUSPICIOUS: usize = 30;

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
    pub(super) fn joined(&self) -> Answers {
        Answers::of(&self.population, &self.questions, &self.answers, self.design.clone())
    }
}

impl HandArgs {
    /// As if these had been given on the command line; the design is the one beside the sheets.
    pub(super) fn of(table: &Path, sheets: &[PathBuf], codebook: Option<&Path>) -> Self {
        Self {
            table: table.to_owned(),
            sheets: sheets.to_owned(),
            design: None,
            codebook: codebook.map(Path::to_owned),
        }
    }

    /// Reads all of it, or names every fault of every sheet: nothing is half-imported.
    pub(super) fn read(&self, record: &mut Run, quiet: bool) -> Result<Read, Stop> {
        let population = population(&self.table)?;
        let table = population.sheet().path();
        record.read(table)?;
        if let Some(path) = &self.codebook {
            record.read(path)?;
        }
        let questions = questions(&population, &Question::all(&codebook(self.codebook.as_deref())?));
        self.check_sheets(table)?;
        let mut designs: Vec<Design> = match &self.design {
            Some(path) => vec![Design::at(path)],
            None => self.sheets.iter().filter_map(|sheet| Design::beside(sheet)).collect(),
        };
        designs.sort();
        designs.dedup();
        for design in &designs {
            record.read(design.path())?;
        }
        let design = drawn::whole(&designs)?;
        if let Some(design) = &design {
            drawn::check_table(design, &population)?;
        }
        let answers = not_blank(answers(&self.sheets, &questions, &population, record, quiet)?, &self.sheets)?;
        Ok(Read { population, answers, questions, design })
    }

    /// Refuses the table itself: its answers are the machine's.
    fn check_sheets(&self, table: &Path) -> Result<(), Stop> {
        let real = |path: &Path| path.canonicalize().ok();
        let itself = |sheet: &&PathBuf| real(sheet).is_some() && real(sheet) == real(table);
        match self.sheets.iter().find(itself) {
            Some(sheet) => Err(Stop::usage(format!(
                "{} is the machine's own table, which agrees with itself; give what people coded, or save your corrections as another file",
                sheet.display()
            ))),
            None => Ok(()),
        }
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
        None if name == IRONY => Ok(Question::irony()),
        None => Err(Stop::usage(format!(
            "--codes {name}: neither polarity, irony nor a code of the codebook ({}); give yours with --codebook",
            book.codes.iter().map(|code| code.name.as_str()).collect::<Vec<_>>().join(", ")
        ))),
    };
    names.iter().map(find).collect()
}

/// The answers in some sheets; none where they are blank.
pub(super) fn answers(
    sheets: &[PathBuf],
    questions: &[Question],
    population: &Population,
    record: &mut Run,
    quiet: bool,
) -> Result<Vec<Answer>, Stop> {
    let members = population.comments.iter().map(|member| (&member.key, member.text.as_str()));
    // Answers on comments that are no units are read and count for nothing.
    let known: Known<'_> = members.chain(population.left_out.iter().map(|key| (key, ""))).collect();
    let (mut answers, mut faults): (Vec<(PathBuf, Answer)>, Vec<String>) = (Vec::new(), Vec::new());
    for path in sheets {
        record.read(path)?;
        let bytes = std::fs::read(path)
            .map_err(|error| Stop::usage(format!("{} cannot be opened: {error}; check the path", path.display())))?;
        let asked = asked_by(path, questions).unwrap_or_else(|stop| {
            let why = stop.message.unwrap_or_default();
            remark(&format!("{}: what it asked for is not known, so all codes are looked for: {why}", path.display()));
            None
        });
        match hand::read(path, &bytes, asked.as_deref().unwrap_or(questions), &known) {
            Ok(reading) => {
                if let (Some(asked), false) = (&asked, quiet || reading.answers.is_empty()) {
                    unanswered(path, asked, &reading.answers);
                }
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

/// Refuses sheets without any answer, where there is nothing to do without.
pub(super) fn not_blank(answers: Vec<Answer>, sheets: &[PathBuf]) -> Result<Vec<Answer>, Stop> {
    if answers.is_empty() {
        let sheets: Vec<String> = sheets.iter().map(|sheet| sheet.display().to_string()).collect();
        return Err(Stop::usage(format!(
            "nothing is coded in {}: every answer is empty; fill it in, or code with `causerie annotate`",
            sheets.join(", ")
        )));
    }
    Ok(answers)
}

/// The questions a sheet was drawn with, where the record of that lies beside it: a tool's export does not say what it was not asked.
fn asked_by(sheet: &Path, questions: &[Question]) -> Result<Option<Vec<Question>>, Stop> {
    let Some(design) = Design::beside(sheet) else { return Ok(None) };
    let Some(sample) = design.command()? else { return Ok(None) };
    // The study, or its codebook, may have moved since.
    let Ok(own) = sample.questions() else { return Ok(None) };
    let names: Vec<String> = own.into_iter().map(|question| question.name).collect();
    let asked: Vec<Question> = questions.iter().filter(|question| names.contains(&question.name)).cloned().collect();
    Ok(Some(asked).filter(|asked| !asked.is_empty()))
}

/// Says what a sheet asked for and nobody answered, and codes that nobody denied.
fn unanswered(sheet: &Path, asked: &[Question], answers: &[Answer]) {
    for question in asked {
        let mut said = answers.iter().filter(|answer| answer.question == question.name).peekable();
        if said.peek().is_none() {
            let name = &question.name;
            remark(&format!(
                "{}: no answer to {name}, which it asks for: is its column still called so?",
                sheet.display()
            ));
        } else if question.is_code() && said.all(|answer| answer.value == "1") {
            remark(&format!(
                "{}: {} is 1 or empty, never 0. An empty cell is no answer: if it meant that the code does not apply, write 0 there",
                sheet.display(),
                question.name
            ));
        }
    }
}

/// Two answers of one coder to one question on one comment, in two sheets: the same one twice goes, two different ones are a fault.
fn contradictions(answers: &mut Vec<(PathBuf, Answer)>) -> Vec<String> {
    let key = |answer: &Answer| (answer.key.clone(), answer.coder.clone(), answer.question.clone());
    let mut first: HashMap<_, (PathBuf, String)> = HashMap::new();
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

/// What a reader of figures should know first.
pub(super) fn remarks(hand: &Answers, population: &Population) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, coder) in hand.coders.iter().enumerate() {
        if let Some(other) = hand.coders[..at].iter().find(|other| other.to_lowercase() == coder.to_lowercase()) {
            lines.push(format!("{other} and {coder} are taken for two people"));
        }
    }
    for asked in &hand.questions {
        let name = &asked.question.name;
        if asked.undecided() > 0 {
            lines.push(format!(
                "{name}: people differ on {} and no answer prevails: left out, though disputed comments are seldom like the others. Settle them: \
                 `causerie annotate` takes the same table and sheets",
                plural(asked.undecided() as u64, "comment")
            ));
        }
        let unanswered = hand.unanswered(asked);
        if unanswered > 0 {
            lines.push(format!(
                "{name}: {} drawn and not coded; taken to be like those coded",
                plural(unanswered as u64, "comment")
            ));
        }
        let coded: Vec<usize> = asked.said.keys().copied().filter(|place| asked.opinion(*place).is_some()).collect();
        let machine = |place: &usize| population.comments[*place].machine[asked.machine?];
        let left_open = coded.iter().filter(|place| asked.machine.is_some() && machine(place).is_none()).count();
        if left_open > 0 {
            lines.push(format!(
                "{name}: the machine left {} uncoded; these are not in its agreement",
                plural(left_open as u64, "comment")
            ));
        }
        // That nobody finds a rare code anywhere is no wonder.
        let varies = coded.iter().any(|place| asked.opinion(*place) != asked.opinion(coded[0]));
        let agrees = |place: &usize| machine(place) == asked.opinion(*place);
        if coded.len() >= SUSPICIOUS && varies && coded.iter().all(agrees) {
            lines.push(format!(
                "{name}: people and the machine agree on all {}: is the sheet a copy of the table?",
                coded.len()
            ));
        }
        let silent = hand.silent_strata(asked);
        if !silent.is_empty() {
            let silent: Vec<&str> =
                silent.into_iter().map(|stratum| if stratum.is_empty() { "all" } else { stratum }).collect();
            lines.push(format!(
                "{name}: no comment is coded of {}: nothing stands for these, and no share can be told",
                silent.join(", ")
            ));
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
