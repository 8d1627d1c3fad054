//! The tables of a study: a file, or the folder that holds them.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Command;
use super::coder::{CodingArgs, codebook};
use super::exit::{Stop, remark};
use super::hand::{HandArgs, Read};
use super::parse;
use super::provenance::{Digested, Run};
use crate::codebook::Codebook;
use crate::hand::Answer;
use crate::model::{HandCoding, Span, Study};
use crate::study::Population;
use crate::table::{self, Columns, ReadThreads, Sheet, StudySheets, Table, Ungrouped};

/// Endings of tables, in the order they are looked for in a folder.
const ENDINGS: [&str; 5] = ["csv", "parquet", "arrow", "ndjson", "jsonl"];

/// The file of a table: `path` itself, or the one of that name in the folder `path`.
pub(super) fn table_in(path: &Path, table: Table) -> Result<PathBuf, Stop> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let named = |ending: &&str| path.join(table.as_str()).with_extension(ending);
    let mut found = ENDINGS.iter().map(named).filter(|path| path.is_file());
    let Some(first) = found.next() else {
        return Err(Stop::usage(format!(
            "{}: no table of {table} in this folder; it is called {table}.csv, .parquet, .arrow or .ndjson",
            path.display()
        )));
    };
    match found.next() {
        Some(other) => Err(Stop::usage(format!(
            "{} holds {} and {}; name the one that is meant",
            path.display(),
            first.file_name().unwrap_or_default().to_string_lossy(),
            other.file_name().unwrap_or_default().to_string_lossy()
        ))),
        None => Ok(first),
    }
}

/// The coded comments of a study.
pub(super) fn population(path: &Path) -> Result<Population, Stop> {
    let sheet = Sheet::read(&table_in(path, Table::Comments)?).map_err(Stop::usage)?;
    Population::of(sheet).map_err(Stop::usage)
}

/// The rows of a table of comments as threads; rows without a thread stand alone.
pub(super) fn threads_of(sheet: &Sheet, text: &str) -> Result<ReadThreads, Stop> {
    ReadThreads::of(sheet, &Columns::ours(text), Ungrouped::Alone).map_err(Stop::usage)
}

/// A study, and what people said of it.
#[derive(Debug, Args)]
pub(super) struct StudyArgs {
    /// Folder that `causerie analyze` or `causerie code` wrote, or a table of comments.
    #[arg(value_name = "STUDY")]
    study: PathBuf,

    /// What people coded: sheets, exports of Label Studio or doccano, journals of `causerie annotate`, as `causerie validate` reads them.
    #[arg(long, value_name = "SHEET", num_args = 1..)]
    hand: Vec<PathBuf>,

    /// Codebook the codes are of [default: the one the study was made with, or the built-in one].
    #[arg(long, value_name = "FILE")]
    codebook: Option<PathBuf>,
}

/// These, read.
pub(super) struct Opened {
    pub(super) study: Study,
    /// The codebook, where it is known.
    pub(super) book: Option<Codebook>,
    /// What people coded, joined with the table.
    pub(super) hand: Option<Read>,
    /// The table of comments.
    pub(super) table: PathBuf,
    /// How it was made, where the record lies beside it.
    pub(super) made_by: Option<Run>,
}

impl StudyArgs {
    /// The folder or table that was given.
    pub(super) fn place(&self) -> &Path {
        &self.study
    }

    /// Refuses what people coded where nothing is made of it.
    pub(super) fn without_hand(&self, instead: &str) -> Result<(), Stop> {
        if self.hand.is_empty() { Ok(()) } else { Err(Stop::usage(format!("--hand: {instead}"))) }
    }

    /// The file of the codebook that was named or used, if it is known.
    pub(super) fn codebook_file(&self, opened: &Opened) -> Option<PathBuf> {
        self.codebook.clone().or_else(|| opened.made_by.as_ref().and_then(codebook_of))
    }

    /// Reads the tables there are, labels the codes, joins what people said.
    pub(super) fn read(&self, record: &mut Run, quiet: bool) -> Result<Opened, Stop> {
        let (comments, sheets) = sheets(&self.study, record)?;
        let mut study = table::study(&sheets).map_err(Stop::usage)?;
        let made_by = made_by(&self.study, &comments);
        if let Some((run, _)) = &made_by {
            record.read(run)?;
        }
        let made_by = made_by.map(|(_, run)| run);
        let file = self.codebook.clone().or_else(|| made_by.as_ref().and_then(codebook_of));
        if let Some(path) = &file {
            record.read(path)?;
        }
        let book = self.book(&study, file.as_deref(), made_by.as_ref(), quiet)?;
        if let Some(book) = &book {
            label(&mut study, book);
        }
        let hand = if self.hand.is_empty() {
            None
        } else {
            let read = HandArgs::of(&self.study, &self.hand, file.as_deref()).read(record, quiet)?;
            study.people = read.answers.iter().filter_map(|answer| coding(answer, &read.population)).collect();
            Some(read)
        };
        Ok(Opened { study, book, hand, table: comments, made_by })
    }

    /// The codebook that was named or used, or the built-in one if all codes are its; none where there are no codes.
    fn book(
        &self,
        study: &Study,
        file: Option<&Path>,
        made_by: Option<&Run>,
        quiet: bool,
    ) -> Result<Option<Codebook>, Stop> {
        let book = codebook(file)?;
        let lacking = study.codes.iter().find(|code| book.codes.iter().all(|known| known.name != code.name));
        match lacking {
            None if study.codes.is_empty() && file.is_none() => Ok(None),
            None => Ok(Some(book)),
            Some(code) if self.codebook.is_some() => Err(Stop::usage(format!(
                "the codebook `{}` has no code {}, which the study has; give the one the study was coded with",
                book.name, code.name
            ))),
            Some(_) => {
                let was_named = made_by.map(|run| coding_of(run).is_some_and(|used| used.codebook_file().is_some()));
                let why = match was_named {
                    Some(true) => Some("is not found where it was"),
                    // Its models were all it was coded with.
                    Some(false) => None,
                    None => Some("is not known"),
                };
                if let (Some(why), false) = (why, quiet) {
                    remark(&format!(
                        "the codebook of this study {why}; codes go by their names. Give it with --codebook"
                    ));
                }
                Ok(None)
            }
        }
    }
}

/// The tables of a study: of a folder all there are, or the one that is named, as those beside it may be of another.
pub(super) fn sheets(study: &Path, record: &mut Run) -> Result<(PathBuf, StudySheets), Stop> {
    let comments = table_in(study, Table::Comments)?;
    let mut sheet = |path: &Path| {
        record.read(path)?;
        Sheet::read(path).map_err(Stop::usage)
    };
    let first = sheet(&comments)?;
    if !first.names().is_empty() && (!first.has("thread_id") || !first.has("comment_id")) {
        return Err(Stop::usage(format!(
            "{} is no table of causerie's: it has no thread_id and comment_id. Code it first: causerie code {0} -o study/",
            comments.display()
        )));
    }
    let mut beside = |table| match table_beside(study, table)? {
        Some(path) => sheet(&path).map(Some),
        None => Ok(None),
    };
    let (codings, threads, errors) = (beside(Table::Codings)?, beside(Table::Threads)?, beside(Table::Errors)?);
    Ok((comments, StudySheets { comments: first, codings, threads, errors }))
}

/// Another table of the folder, if it is there; two of a name are a fault.
pub(super) fn table_beside(study: &Path, table: Table) -> Result<Option<PathBuf>, Stop> {
    let is_there = |ending: &&str| study.join(table.as_str()).with_extension(ending).is_file();
    if !study.is_dir() || !ENDINGS.iter().any(is_there) {
        return Ok(None);
    }
    table_in(study, table).map(Some)
}

/// The record of the run of `analyze` or `code` that made a table, where it lies beside it.
fn made_by(study: &Path, comments: &Path) -> Option<(PathBuf, Run)> {
    let of_file = |path: &Path| path.with_extension("run.json");
    let of_folder = |path: &Path| path.with_file_name("run.json");
    let name = comments.file_name()?.to_string_lossy();
    let load = |path: PathBuf| Run::load(&path).ok().map(|run| (path, run));
    // A record that lies there may be of something else.
    let made_codes =
        |(_, run): &(PathBuf, Run)| matches!(run.arguments.first().map(String::as_str), Some("analyze" | "code"));
    let names_it = |(_, run): &(PathBuf, Run)| run.outputs.iter().any(|output| output.path == name);
    let own = if study.is_dir() { of_folder(comments) } else { of_file(comments) };
    load(own).or_else(|| load(of_folder(comments)).filter(names_it)).filter(made_codes)
}

/// What a table was coded with, as files: nothing where that was the built-in codebook, or is not known.
#[derive(Debug, Default)]
pub(super) struct CodedWith {
    pub(super) codebook: Option<PathBuf>,
    pub(super) models: Vec<PathBuf>,
}

/// What a study, or a table of comments, was coded with, but for what is named instead: a codebook stands for itself, with the models named
/// beside it; models stand in place of the study's.
///
/// # Errors
/// Where the record beside it names a file that would be used and is not there as it was.
pub(super) fn coded_with(
    study: &Path,
    codebook: Option<&Path>,
    models: &[PathBuf],
    record: Option<&mut Run>,
) -> Result<CodedWith, Stop> {
    let named = CodedWith { codebook: codebook.map(Path::to_owned), models: models.to_vec() };
    if codebook.is_some() {
        return Ok(named);
    }
    let comments = table_in(study, Table::Comments)?;
    let Some((path, run)) = made_by(study, &comments) else { return Ok(named) };
    let Some(coding) = coding_of(&run) else { return Ok(named) };
    let own = if models.is_empty() { coding.model_files() } else { &[] };
    let codebook = coding.codebook_file().map(Path::to_owned);
    let is_as_it_was = |file: &Path| Digested::of(file).is_ok_and(|now| run.inputs.contains(&now));
    let files = || codebook.iter().map(|file| (file, "--codebook")).chain(own.iter().map(|file| (file, "--model")));
    if let Some((file, option)) = files().find(|(file, _)| !is_as_it_was(file)) {
        return Err(Stop::usage(format!(
            "{} was coded with {}, which is not there as it was; name it, or another, with {option}",
            study.display(),
            file.display()
        )));
    }
    if let Some(record) = record {
        for file in files().map(|(file, _)| file).chain([&path]) {
            record.read(file)?;
        }
    }
    Ok(CodedWith { models: if own.is_empty() { models.to_vec() } else { own.to_vec() }, codebook })
}

/// What a run was told of coding; nothing where it coded nothing.
fn coding_of(run: &Run) -> Option<CodingArgs> {
    match parse(&run.arguments).ok()? {
        Command::Analyze(analyze) => Some(analyze.coding().clone()),
        Command::Code(code) => Some(code.coding().clone()),
        _ => None,
    }
}

/// The file of the codebook that a run used, if it is there as it was.
fn codebook_of(run: &Run) -> Option<PathBuf> {
    let path = coding_of(run)?.codebook_file()?.to_owned();
    let now = Digested::of(&path).ok()?;
    run.inputs.contains(&now).then_some(path)
}

/// Names the codes in a language, as far as the codebook has it.
pub(super) fn translate(study: &mut Study, book: &Codebook, language: &str) {
    for code in &mut study.codes {
        let known = book.codes.iter().find(|known| known.name == code.name);
        if let Some(translation) = known.and_then(|known| known.translations.get(language)) {
            code.label.clone_from(&translation.label);
            if !translation.definition.is_empty() {
                code.definition.clone_from(&translation.definition);
            }
        }
    }
}

/// Names the codes as the codebook does.
fn label(study: &mut Study, book: &Codebook) {
    for code in &mut study.codes {
        if let Some(known) = book.codes.iter().find(|known| known.name == code.name) {
            code.label.clone_from(&known.label);
            code.definition.clone_from(&known.definition);
            code.include.clone_from(&known.include);
            code.exclude.clone_from(&known.exclude);
        }
    }
}

/// An answer with its words where they stand in the comment.
fn coding(answer: &Answer, population: &Population) -> Option<HandCoding> {
    let text = &population.get(&answer.key)?.text;
    let spans = answer.spans.iter().filter_map(|(start, end)| Span::from_code_points(text, *start, *end));
    Some(HandCoding {
        coder: answer.coder.clone(),
        key: answer.key.clone(),
        question: answer.question.clone(),
        value: answer.value.clone(),
        evidence: spans.collect(),
    })
}
