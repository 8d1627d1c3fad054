//! Who codes, and by which codebook: what the commands' options mean.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::exit::Stop;
use crate::codebook::Codebook;
use crate::coding::{Coder, Learned, Model, Reads, Rules};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CoderChoice {
    Rules,
    Linear,
    Encoder,
}

/// A coder, and the codes of its codebook that it finds by likeness to examples only.
pub(super) struct Chosen {
    pub(super) coder: Box<dyn Coder>,
    pub(super) uncalibrated: Vec<String>,
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
pub(super) fn coder(
    choice: CoderChoice,
    book: Codebook,
    models: Vec<Model>,
    min_confidence: f64,
) -> Result<Chosen, Stop> {
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
