//! Coders that learnt from hand-coded comments.

mod account;
mod cues;
mod doubt;
mod evidence;
mod features;
mod fit;
mod likeness;
mod model;
mod reading;
mod score;
mod train;
mod words;

pub use account::Account;
pub use model::{Facts, Figures, Model, ModelError, Output, Reads};
pub use train::{Coded as HandCoded, CurvePoint, Labels, Task, TrainError, train, train_with_curve};

use std::sync::LazyLock;
use std::time::Instant;

use super::rules::Rules;
use super::{Coder, Setting, Unit};
use crate::codebook::{Code, Codebook};
use crate::encoder::{Encoder, Input, Keep};
use crate::model::{Article, Basis, Coded, Coding, Confidence, IRONY, POLARITY, Polarity, PolarityCoding, Span};
use evidence::Removal;
use likeness::Likeness;
use reading::{Reading, own_words};
use words::WordScores;

/// Goes up with every new set of built-in models: a table says by which it was coded.
const EDITION: u32 = 8;
/// Comments encoded at a time: what bounds memory in a thread of many thousands.
const AT_A_TIME: usize = 512;

/// The files of the models causerie comes with: for the sentiment; for irony and the built-in codes.
const LINEAR_FILES: [&[u8]; 2] = [
    include_bytes!("../../../data/models/sentiment.linear.safetensors"),
    include_bytes!("../../../data/models/codes.linear.safetensors"),
];
const ENCODER_FILES: [&[u8]; 2] = [
    include_bytes!("../../../data/models/sentiment.encoder.safetensors"),
    include_bytes!("../../../data/models/codes.encoder.safetensors"),
];

static LINEAR: LazyLock<Vec<Model>> = LazyLock::new(|| builtin(&LINEAR_FILES));
static ENCODER: LazyLock<Vec<Model>> = LazyLock::new(|| builtin(&ENCODER_FILES));

fn builtin(files: &[&[u8]]) -> Vec<Model> {
    files.iter().map(|file| Model::parse(file).expect("the built-in models are checked by a test")).collect()
}

/// A coder that learnt: models for the sentiment, irony and some codes; the other codes of its codebook are found by their patterns,
/// or, where they have none, by likeness to their examples.
#[derive(Debug)]
pub struct Learned {
    name: String,
    reads: Reads,
    rules: Rules,
    /// Those that tell something for this codebook.
    models: Vec<Model>,
    words: WordScores,
    /// For each code of the codebook, how it is found.
    ways: Vec<Way>,
    min_confidence: f64,
    evidence: bool,
}

/// How a code is found.
#[derive(Debug, Clone, PartialEq)]
enum Way {
    /// By output `column` of a model.
    Model(Place),
    /// By its patterns.
    Patterns,
    /// By likeness to its examples.
    Examples(Box<Likeness>),
    /// Not at all: a coder without encoder cannot compare.
    Nothing,
}

impl Way {
    fn place(&self) -> Option<Place> {
        if let Self::Model(place) = self { Some(*place) } else { None }
    }
}

/// An output of a model: which model, which output, and its first column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    model: usize,
    output: usize,
    column: usize,
}

impl Learned {
    /// The coder with the models causerie comes with, for a codebook. Their themes serve only the built-in codebook.
    pub fn builtin(reads: Reads, book: Codebook) -> Self {
        Self::with_models(reads, book, Vec::new())
    }

    /// The files of the models causerie comes with, to tell one version of them from another.
    pub fn builtin_files(reads: Reads) -> [&'static [u8]; 2] {
        match reads {
            Reads::Linear => LINEAR_FILES,
            Reads::Encoder => ENCODER_FILES,
        }
    }

    /// The same with more models: their outputs go before those of the same name, the last before all.
    pub fn with_models(reads: Reads, book: Codebook, more: Vec<Model>) -> Self {
        let builtin: &[Model] = match reads {
            Reads::Linear => &LINEAR,
            Reads::Encoder => &ENCODER,
        };
        let mut name = format!("{}-{EDITION}", reads.as_str());
        for model in &more {
            name.push('+');
            name.push_str(&model.facts.name);
        }
        let mut models = builtin.to_vec();
        models.extend(more);
        let way = |code: &Code| match output(&models, &code.name) {
            // A model the user names speaks for the codes of its names, whatever the codebook.
            Some(place) if place.model >= builtin.len() || models[place.model].learnt_with(&book) => Way::Model(place),
            _ if !code.patterns.is_empty() => Way::Patterns,
            _ if reads == Reads::Encoder => Way::Examples(Box::new(Likeness::of(&code.examples))),
            _ => Way::Nothing,
        };
        let mut ways: Vec<Way> = book.codes.iter().map(way).collect();
        let own = [POLARITY, IRONY].into_iter().filter_map(|name| output(&models, name));
        let mut used: Vec<usize> = own.chain(ways.iter().filter_map(Way::place)).map(|place| place.model).collect();
        used.sort_unstable();
        used.dedup();
        for way in &mut ways {
            if let Way::Model(place) = way {
                place.model = used.partition_point(|model| *model < place.model);
            }
        }
        // The others would only cost time, and flag languages that nothing here is in.
        let models =
            models.into_iter().enumerate().filter(|(at, _)| used.contains(at)).map(|(_, model)| model).collect();
        let (rules, words) = (Rules::new(book), WordScores::new());
        Self { name, reads, rules, models, words, ways, min_confidence: 0.0, evidence: true }
    }

    /// Leaves undecided what is less sure than this, from 0 to 1.
    #[must_use]
    pub fn at_least(mut self, confidence: f64) -> Self {
        self.min_confidence = confidence;
        self
    }

    /// Codes without looking for evidence: faster.
    #[must_use]
    pub fn without_evidence(mut self) -> Self {
        self.evidence = false;
        self
    }

    /// How long the encoder takes on this machine for a usual comment, all cores at work: timed on examples of the built-in codebook.
    pub fn seconds_a_comment() -> f64 {
        let book = Codebook::builtin();
        let examples = book.codes.iter().flat_map(|code| code.examples.positive.iter().chain(&code.examples.negative));
        let texts: Vec<&str> =
            examples.map(String::as_str).cycle().take(4 * rayon::current_num_threads() * 32).collect();
        // Each beside another, as comments stand beside what they answer.
        let inputs: Vec<Input<'_>> =
            texts.iter().map(|text| Input { text, context: std::slice::from_ref(text) }).collect();
        let encoder = Encoder::builtin();
        let started = Instant::now();
        encoder.encode(&inputs, Keep::States);
        started.elapsed().as_secs_f64() / inputs.len().max(1) as f64
    }

    /// Names of codes in the codebook that this coder cannot find: they have neither a model nor patterns, and comparing with
    /// examples takes the encoder.
    pub fn lacking(&self) -> Vec<&str> {
        let codes = self.rules.codebook().codes.iter().zip(&self.ways);
        codes.filter(|(_, way)| **way == Way::Nothing).map(|(code, _)| code.name.as_str()).collect()
    }

    /// Names of codes found by likeness to their examples only.
    pub fn uncalibrated(&self) -> Vec<&str> {
        let codes = self.rules.codebook().codes.iter().zip(&self.ways);
        codes.filter(|(_, way)| matches!(way, Way::Examples(_))).map(|(code, _)| code.name.as_str()).collect()
    }

    fn decide(&self, reading: &Reading<'_>) -> Coded {
        let foreign = !self.models.iter().all(|model| model.knows(reading.unit.language));
        let parted = reading.encoding.parted;
        let mut coded = Coded { coder: self.name.clone(), foreign, parted, ..Coded::default() };
        if let Some(place) = output(&self.models, POLARITY) {
            coded.polarity = self.polarity(reading, place);
            if coded.polarity.is_none() {
                coded.undecided.push(POLARITY.to_owned());
            }
        }
        if let Some(place) = output(&self.models, IRONY) {
            match self.applies(reading, IRONY, place) {
                Some((applies, coding)) => coded.irony = Some((applies, coding)),
                None => coded.undecided.push(IRONY.to_owned()),
            }
        }
        for (code, way) in self.rules.codebook().codes.iter().zip(&self.ways) {
            match way {
                Way::Model(place) => match self.applies(reading, &code.name, *place) {
                    Some((true, coding)) => coded.codings.push(coding),
                    Some((false, _)) => {}
                    None => coded.undecided.push(code.name.clone()),
                },
                Way::Patterns => coded.codings.extend(reading.found.coding(&code.name).cloned()),
                Way::Examples(likeness) => {
                    coded.codings.extend(likeness.coding(&code.name, reading.unit, &reading.plain));
                }
                Way::Nothing => coded.undecided.push(code.name.clone()),
            }
        }
        coded
    }

    /// Whether a model can tell anything of a comment: words of a language it never saw tell a reader of words nothing, which
    /// is not the same as nothing being there.
    fn can_read(&self, place: Place, reading: &Reading<'_>) -> bool {
        self.reads == Reads::Encoder || self.models[place.model].knows(reading.unit.language)
    }

    fn polarity(&self, reading: &Reading<'_>, place: Place) -> Option<PolarityCoding> {
        let scores = &reading.scores[place.model][place.column..place.column + 3];
        let mut p: Vec<f64> = scores.iter().map(|score| f64::from(*score)).collect();
        fit::probabilities(&mut p);
        let best = (1..3).fold(0, |best, at| if p[at] > p[best] { at } else { best });
        if p[best] < self.min_confidence || !self.can_read(place, reading) {
            return None;
        }
        let polarity = [Polarity::Negative, Polarity::Neutral, Polarity::Positive][best];
        let mut against = [-0.5; 3];
        against[best] = 1.0;
        let evidence = (polarity != Polarity::Neutral).then(|| self.evidence(reading, place, &against)).flatten();
        Some(PolarityCoding {
            polarity,
            score: rounded(p[2] - p[0]),
            confidence: Some(self.confidence(p[best], reading, place)),
            evidence,
        })
    }

    fn confidence(&self, probability: f64, reading: &Reading<'_>, place: Place) -> Confidence {
        let calibrated = self.models[place.model].knows(reading.unit.language);
        Confidence { value: rounded(probability), basis: Some(Basis::Model), calibrated }
    }

    /// Whether a code applies, and how sure that is; `None` if too little, or in a language the model cannot read.
    fn applies(&self, reading: &Reading<'_>, name: &str, place: Place) -> Option<(bool, Coding)> {
        let output = &self.models[place.model].facts.outputs[place.output];
        let mut p = [f64::from(reading.scores[place.model][place.column])];
        fit::probabilities(&mut p);
        let applies = p[0] >= output.threshold;
        let confidence = if applies { p[0] } else { 1.0 - p[0] };
        if confidence < self.min_confidence || !self.can_read(place, reading) {
            return None;
        }
        let evidence = if applies {
            self.evidence(reading, place, &[1.0]).unwrap_or_else(|| own_words(reading.unit))
        } else {
            Span::new(0, 0)
        };
        let confidence = Some(self.confidence(confidence, reading, place));
        Some((applies, Coding { code: name.to_owned(), evidence, confidence }))
    }

    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method is not general enough in its lifetime")]
    fn evidence(&self, reading: &Reading<'_>, place: Place, counts: &[f32]) -> Option<Span> {
        if !self.evidence {
            return None;
        }
        self.weigh(reading, place, counts, |removal| removal.evidence())
    }

    /// Sets up what a decision rests on: `counts` says what each of the output's columns counts for it.
    fn weigh<T>(&self, reading: &Reading<'_>, place: Place, counts: &[f32], ask: impl Fn(&Removal<'_>) -> T) -> T {
        let model = &self.models[place.model];
        let mut coefficients = vec![0.0; model.weights.columns];
        coefficients[place.column..place.column + counts.len()].copy_from_slice(counts);
        let name = &model.facts.outputs[place.output].name;
        let cue = self.reads.cues().iter().position(|cue| cue == name);
        ask(&Removal::new(self, place, coefficients, reading, cue))
    }
}

impl Coder for Learned {
    fn name(&self) -> &str {
        &self.name
    }

    fn codebook(&self) -> &Codebook {
        self.rules.codebook()
    }

    fn setting(&self, article: &Article) -> Setting {
        self.rules.setting(article)
    }

    fn code(&self, setting: &Setting, units: &[Unit<'_>]) -> Vec<Option<Coded>> {
        // A comment that no model can read has nothing coded.
        let reads = |unit: &Unit<'_>| {
            self.reads == Reads::Encoder || self.models.iter().any(|model| model.knows(unit.language))
        };
        let wanted: Vec<usize> = (0..units.len()).filter(|at| units[*at].codable && reads(&units[*at])).collect();
        let mut coded: Vec<Option<Coded>> = vec![None; units.len()];
        for wanted in wanted.chunks(AT_A_TIME) {
            for (at, reading) in wanted.iter().zip(self.read(setting, units, wanted)) {
                coded[*at] = Some(self.decide(&reading));
            }
        }
        coded
    }
}

/// The last output of that name.
fn output(models: &[Model], name: &str) -> Option<Place> {
    models.iter().enumerate().rev().find_map(|(model, facts)| {
        let mut column = 0;
        for (output, known) in facts.facts.outputs.iter().enumerate() {
            if known.name == name {
                return Some(Place { model, output, column });
            }
            column += known.columns;
        }
        None
    })
}

fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4 + 0.0
}
