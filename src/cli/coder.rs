//! Who codes, and by which codebook: what the commands' options mean.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::exit::{Stop, remark};
use super::provenance::{Run, digest};
use crate::codebook::Codebook;
use crate::coding::{Coder, Learned, Model, Reads, Rules};
use crate::table::CodeColumn;

/// From so many comments on it is worth finding out how long the encoder will take ...
const WORTH_TIMING: u64 = 10_000;
/// ... and from so many minutes on to say so.
const LONG_MINUTES: f64 = 8.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CoderChoice {
    Rules,
    Linear,
    Encoder,
}

/// How comments are coded.
#[derive(Debug, Clone, Args)]
pub(super) struct CodingArgs {
    /// Codebook with the themes to code, instead of the built-in one on the data economy.
    #[arg(help_heading = "Coding", long, value_name = "FILE")]
    codebook: Option<PathBuf>,

    /// Who codes: `encoder` reads sense, `linear` words alone, for millions of comments, `rules` patterns and word lists.
    #[arg(help_heading = "Coding", long, value_name = "CODER", default_value = "encoder")]
    coder: CoderChoice,

    /// Model of `causerie train` whose codes and sentiment go before the built-in ones; without --codebook its codes are the columns.
    #[arg(help_heading = "Coding", long = "model", value_name = "FILE")]
    models: Vec<PathBuf>,

    /// Leave uncoded what is less sure than this, from 0 to 1.
    #[arg(help_heading = "Coding", long, value_name = "SHARE", default_value_t = 0.0)]
    min_confidence: f64,
}

impl CodingArgs {
    /// The file of the codebook, where one is named.
    pub(super) fn codebook_file(&self) -> Option<&Path> {
        self.codebook.as_deref()
    }

    /// The files of the models that are named.
    pub(super) fn model_files(&self) -> &[PathBuf] {
        &self.models
    }

    /// The coder, and the codebook it codes by.
    pub(super) fn chosen(&self, quiet: bool) -> Result<(Box<dyn Coder>, Codebook), Stop> {
        let models = models(&self.models)?;
        let book = codebook_for(self.codebook.as_deref(), &models)?;
        let Chosen { coder, uncalibrated } = coder(self.coder, book.clone(), models, self.min_confidence)?;
        if !quiet && !uncalibrated.is_empty() {
            remark(&format!(
                "uncalibrated, by likeness to examples only: {}; code a sample by hand before you trust them",
                uncalibrated.join(", ")
            ));
        }
        Ok((coder, book))
    }

    /// What codes will depend on.
    pub(super) fn record(&self, record: &mut Run, book: &Codebook, coder: &str) -> Result<(), Stop> {
        for path in self.codebook.iter().chain(&self.models) {
            record.read(path)?;
        }
        record.set("coder", coder);
        if self.codebook.is_none() {
            record.set("builtin_codebook_sha256", digest([Codebook::builtin_source().as_bytes()]));
        }
        let reads = match self.coder {
            CoderChoice::Rules => None,
            CoderChoice::Linear => Some(Reads::Linear),
            CoderChoice::Encoder => Some(Reads::Encoder),
        };
        if let Some(reads) = reads {
            record.set("builtin_models_sha256", digest(Learned::builtin_files(reads)));
        }
        record.set("codebook", format!("{} {}", book.name, book.version).trim().to_owned());
        Ok(())
    }

    /// Says how long coding will take where that is long, and what is faster.
    pub(super) fn announce(&self, comments: u64, quiet: bool) {
        if quiet || self.coder != CoderChoice::Encoder || comments < WORTH_TIMING {
            return;
        }
        let minutes = Learned::seconds_a_comment() * comments as f64 / 60.0;
        if minutes > LONG_MINUTES {
            remark(&format!(
                "coding {comments} comments will take about {minutes:.0} minutes; --coder linear is some hundred times as fast, and less often right"
            ));
        }
    }
}

/// A coder, and the codes of its codebook that it finds by likeness to examples only.
struct Chosen {
    coder: Box<dyn Coder>,
    uncalibrated: Vec<String>,
}

/// The models in files.
pub(super) fn models(paths: &[PathBuf]) -> Result<Vec<Model>, Stop> {
    paths.iter().map(|path| Model::load(path).map_err(Stop::usage)).collect()
}

/// The codebook in a file, or the built-in one, without retired codes.
pub(super) fn codebook(path: Option<&Path>) -> Result<Codebook, Stop> {
    let book = path.map_or_else(|| Ok(Codebook::builtin()), |path| Codebook::load(path).map_err(Stop::usage))?;
    Ok(book.in_use())
}

/// The codebook to code by: the one in a file; without one that of the models' codes; without those the built-in one. Refused where a
/// model learnt with patterns of a codebook that is not given: without them it would see less than it was taught with.
pub(super) fn codebook_for(path: Option<&Path>, models: &[Model]) -> Result<Codebook, Stop> {
    let codes = || models.iter().flat_map(Model::codes);
    let given = codebook(path)?;
    let (mut book, mut known) = (Codebook::of_names(codes()), given.clone());
    if path.is_some() || codes().next().is_none() {
        book = given;
    } else if models.iter().any(|model| model.learnt_with(&known)) {
        known.codes.retain(|code| codes().any(|name| name == code.name));
        let others = book.codes.into_iter().filter(|code| known.codes.iter().all(|known| known.name != code.name));
        known.codes.extend(others.collect::<Vec<_>>());
        book = known;
    }
    if let Some(model) = models.iter().find(|model| !model.facts.patterns.is_empty() && !model.learnt_with(&book)) {
        return Err(Stop::usage(format!(
            "the model {} learnt with the patterns of the codebook `{}`; give that one with --codebook",
            model.facts.name, model.facts.codebook
        )));
    }
    Ok(book)
}

/// The coder of that kind.
fn coder(choice: CoderChoice, book: Codebook, models: Vec<Model>, min_confidence: f64) -> Result<Chosen, Stop> {
    if !(0.0..=1.0).contains(&min_confidence) {
        return Err(Stop::usage(format!("--min-confidence {min_confidence}: give a share from 0 to 1")));
    }
    let reads = match choice {
        CoderChoice::Rules if !models.is_empty() || min_confidence > 0.0 => {
            return Err(Stop::usage(
                "--coder rules knows neither --model nor --min-confidence; take linear or encoder",
            ));
        }
        CoderChoice::Rules => {
            let coder = Rules::new(book);
            if let Some(code) = coder.lacking().first() {
                return Err(Stop::usage(format!(
                    "the code `{code}` has no patterns for --coder rules; write some, or take --coder encoder, which compares with its examples"
                )));
            }
            return Ok(Chosen { coder: Box::new(coder), uncalibrated: Vec::new() });
        }
        CoderChoice::Linear => Reads::Linear,
        CoderChoice::Encoder => Reads::Encoder,
    };
    if let (Reads::Linear, Some(model)) = (reads, models.iter().find(|model| model.facts.reads == Reads::Encoder)) {
        return Err(Stop::usage(format!("the model {} reads the encoder; take --coder encoder", model.facts.name)));
    }
    let coder = Learned::with_models(reads, book, models).at_least(min_confidence);
    if let Some(code) = coder.lacking().first() {
        return Err(Stop::usage(format!(
            "the code `{code}` has neither patterns nor a model, only examples, and comparing with those takes --coder encoder"
        )));
    }
    let uncalibrated = coder.uncalibrated().into_iter().map(str::to_owned).collect();
    Ok(Chosen { coder: Box::new(coder), uncalibrated })
}

/// The codes as columns of the tables.
pub(super) fn code_columns(book: &Codebook) -> Vec<CodeColumn> {
    book.codes.iter().map(|code| CodeColumn { name: code.name.clone(), description: code.definition.clone() }).collect()
}
