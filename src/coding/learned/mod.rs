//! Coders that learnt from hand-coded comments.

mod evidence;
mod features;
mod fit;
mod likeness;
mod model;
mod score;
mod train;

pub use model::{Facts, Figures, Model, ModelError, Output, Reads};
pub use train::{Coded as HandCoded, Labels, Task, TrainError, train};

use std::sync::LazyLock;

use super::rules::Rules;
use super::view::View;
use super::{Coder, Setting, Unit};
use crate::codebook::{Code, Codebook};
use crate::encoder::{Encoder, Encoding, Input, Keep};
use crate::model::{Article, Basis, Coded, Coding, Polarity, PolarityCoding, Span};
use crate::text::{Token, TokenKind};
use evidence::Removal;
use features::{Features, Found};
use likeness::Likeness;

/// Name of the output that is no code: the sentiment.
const POLARITY: &str = "polarity";
/// Name of the output with a column of its own.
const IRONY: &str = "irony";
/// Comments encoded at a time: what bounds memory in a thread of many thousands.
const AT_A_TIME: usize = 512;

/// The models causerie comes with, for each way of reading: sentiment, then themes.
static LINEAR: LazyLock<Vec<Model>> = LazyLock::new(|| {
    builtin(&[
        include_bytes!("../../../data/models/sentiment.linear.safetensors"),
        include_bytes!("../../../data/models/themes.linear.safetensors"),
    ])
});
static ENCODER: LazyLock<Vec<Model>> = LazyLock::new(|| {
    builtin(&[
        include_bytes!("../../../data/models/sentiment.encoder.safetensors"),
        include_bytes!("../../../data/models/themes.encoder.safetensors"),
    ])
});

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
    models: Vec<Model>,
    /// How many of them, the first ones, came with causerie.
    builtin: usize,
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

/// An output of a model: which model, which output, and its first column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    model: usize,
    output: usize,
    column: usize,
}

/// What the coder knows of one comment while it codes.
struct Reading<'u> {
    unit: &'u Unit<'u>,
    found: Found,
    features: Features,
    view: View,
    encoding: Encoding,
    /// Vector by the encoder without adapters, where codes are found by likeness.
    plain: Vec<f32>,
    /// Scores of each model's columns.
    scores: Vec<Vec<f32>>,
}

impl Learned {
    /// The coder with the models causerie comes with, for a codebook. Their themes serve only the built-in codebook.
    pub fn builtin(reads: Reads, book: Codebook) -> Self {
        let models: &[Model] = match reads {
            Reads::Linear => &LINEAR,
            Reads::Encoder => &ENCODER,
        };
        let mut coder = Self {
            name: String::new(),
            reads,
            rules: Rules::new(book),
            models: models.to_vec(),
            builtin: models.len(),
            ways: Vec::new(),
            min_confidence: 0.0,
            evidence: true,
        };
        coder.settle();
        coder
    }

    /// The same coder with one more model, whose outputs go before those of the same name.
    #[must_use]
    pub fn with(mut self, model: Model) -> Self {
        self.models.push(model);
        self.settle();
        self
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
        let started = std::time::Instant::now();
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

    /// Finds out how each code is found, and the name: kind, version, and the models that are not built in.
    fn settle(&mut self) {
        let book = self.rules.codebook();
        let way = |code: &Code| match self.output(&code.name) {
            // A model the user names speaks for the codes of its names, whatever the codebook.
            Some(place) if !self.is_builtin(place.model) || self.models[place.model].speaks_for(book) => {
                Way::Model(place)
            }
            _ if !code.patterns.is_empty() => Way::Patterns,
            _ if self.reads == Reads::Encoder => Way::Examples(Box::new(Likeness::of(&code.examples))),
            _ => Way::Nothing,
        };
        let ways = book.codes.iter().map(way).collect();
        let mut name = format!("{}-1", self.reads.as_str());
        for model in &self.models[self.builtin..] {
            name.push('+');
            name.push_str(&model.facts.name);
        }
        (self.name, self.ways) = (name, ways);
    }

    fn is_builtin(&self, model: usize) -> bool {
        model < self.builtin
    }

    /// The last output of that name.
    fn output(&self, name: &str) -> Option<Place> {
        self.models.iter().enumerate().rev().find_map(|(model, facts)| {
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

    /// Whether the models learnt from comments in this language.
    fn knows(&self, language: Option<&str>) -> bool {
        let learnt = |model: &Model, language: &str| model.facts.languages.iter().any(|known| known == language);
        language.is_none_or(|language| self.models.iter().any(|model| learnt(model, language)))
    }

    fn read<'u>(&self, setting: &Setting, units: &'u [Unit<'u>], wanted: &[usize]) -> Vec<Reading<'u>> {
        let keep = if self.evidence { Keep::States } else { Keep::Vector };
        let encodings = match self.reads {
            Reads::Encoder => {
                let scenes: Vec<Scene<'_>> = wanted.iter().map(|at| Scene { setting, units, at: *at }).collect();
                encode(&scenes, keep)
            }
            Reads::Linear => vec![(View::default(), Encoding::default()); wanted.len()],
        };
        let compares = self.ways.iter().any(|way| matches!(way, Way::Examples(_)));
        let texts: Vec<&str> = encodings.iter().map(|(view, _)| view.text()).collect();
        let plain = if compares { likeness::vectors(&texts) } else { vec![Vec::new(); wanted.len()] };
        let patterns = !self.rules.codebook().codes.is_empty();
        let reading = |((at, plain), (view, encoding)): ((&usize, Vec<f32>), (View, Encoding))| {
            let unit = &units[*at];
            let found = Found::of(&self.rules, setting, units, *at, patterns);
            let mut features = Features::default();
            let scores = self.models.iter().map(|model| {
                if features.ends.is_empty() {
                    features = found.features(unit, &model.facts.patterns);
                } else {
                    features.counted = found.counted(unit, &model.facts.patterns, None);
                }
                model.scores(&features, (!encoding.vector.is_empty()).then_some(&encoding.vector))
            });
            let scores = scores.collect();
            Reading { unit, found, features, view, encoding, plain, scores }
        };
        wanted.iter().zip(plain).zip(encodings).map(reading).collect()
    }

    fn decide(&self, reading: &Reading<'_>) -> Coded {
        let calibrated = self.knows(reading.unit.language);
        let mut coded = Coded { coder: self.name.clone(), foreign: !calibrated, ..Coded::default() };
        if let Some(place) = self.output(POLARITY) {
            coded.polarity = self.polarity(reading, place);
            if coded.polarity.is_none() {
                coded.undecided.push(POLARITY.to_owned());
            }
        }
        if let Some(place) = self.output(IRONY) {
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

    fn polarity(&self, reading: &Reading<'_>, place: Place) -> Option<PolarityCoding> {
        let scores = &reading.scores[place.model][place.column..place.column + 3];
        let mut p: Vec<f64> = scores.iter().map(|score| f64::from(*score)).collect();
        fit::probabilities(&mut p);
        let best = (1..3).fold(0, |best, at| if p[at] > p[best] { at } else { best });
        if p[best] < self.min_confidence {
            return None;
        }
        let polarity = [Polarity::Negative, Polarity::Neutral, Polarity::Positive][best];
        let mut against = [-0.5; 3];
        against[best] = 1.0;
        let evidence = (polarity != Polarity::Neutral).then(|| self.evidence(reading, place, &against)).flatten();
        Some(PolarityCoding {
            polarity,
            score: rounded(p[2] - p[0]),
            confidence: rounded(p[best]),
            evidence,
            basis: Basis::Model,
        })
    }

    /// Whether a code applies, and how sure that is; `None` if too little.
    fn applies(&self, reading: &Reading<'_>, name: &str, place: Place) -> Option<(bool, Coding)> {
        let output = &self.models[place.model].facts.outputs[place.output];
        let mut p = [f64::from(reading.scores[place.model][place.column])];
        fit::probabilities(&mut p);
        let applies = p[0] >= output.threshold;
        let confidence = if applies { p[0] } else { 1.0 - p[0] };
        if confidence < self.min_confidence {
            return None;
        }
        let mut coding = Coding::new(name, Basis::Model);
        coding.confidence = rounded(confidence);
        if applies {
            coding.evidence = self.evidence(reading, place, &[1.0]).unwrap_or_else(|| own_words(reading.unit));
        }
        Some((applies, coding))
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
        let encoded = (self.reads == Reads::Encoder).then_some((&reading.encoding, &reading.view));
        let features = Features {
            counted: reading.found.counted(reading.unit, &model.facts.patterns, None),
            ..reading.features.clone()
        };
        ask(&Removal::new(model, coefficients, reading.unit, &reading.found, &features, encoded))
    }

    /// How each model's outputs came to be decided for one comment; empty for one that is not coded.
    pub fn account(&self, setting: &Setting, units: &[Unit<'_>], at: usize) -> Vec<Account> {
        if !units[at].codable {
            return Vec::new();
        }
        let readings = self.read(setting, units, &[at]);
        let mut accounts = Vec::new();
        let codes = self.rules.codebook().codes.iter().zip(&self.ways).filter_map(|(code, way)| match way {
            Way::Model(place) => Some((code.name.as_str(), *place)),
            _ => None,
        });
        let own = [POLARITY, IRONY].into_iter().filter_map(|name| Some((name, self.output(name)?)));
        for (name, place) in own.chain(codes) {
            let output = &self.models[place.model].facts.outputs[place.output];
            let reading = &readings[0];
            let scores = &reading.scores[place.model][place.column..place.column + output.columns];
            let mut p: Vec<f64> = scores.iter().map(|score| f64::from(*score)).collect();
            fit::probabilities(&mut p);
            let best = (1..p.len()).fold(0, |best, at| if p[at] > p[best] { at } else { best });
            let mut counts = vec![-0.5; p.len()];
            counts[best] = 1.0;
            let (evidence, parts) =
                self.weigh(reading, place, &counts, |removal| (removal.evidence(), removal.parts()));
            accounts.push(Account {
                output: name.to_owned(),
                probabilities: p,
                threshold: output.threshold,
                evidence,
                parts,
            });
        }
        accounts
    }
}

/// How one output of a model was decided for one comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// `polarity`, `irony` or a code.
    pub output: String,
    /// Of negative, neutral and positive; or of the code.
    pub probabilities: Vec<f64>,
    /// Probability from which a code applies.
    pub threshold: f64,
    /// The words without which the likeliest answer loses most.
    pub evidence: Option<Span>,
    /// What speaks for the likeliest answer (above 0) or against it, in points of the score (logits), the weightiest first.
    pub parts: Vec<(String, f64)>,
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
        let foreign = |unit: &Unit<'_>| self.reads == Reads::Linear && !self.knows(unit.language);
        // Words of a language it never saw tell a coder of words nothing, which is not the same as nothing being there.
        let wanted: Vec<usize> = (0..units.len()).filter(|at| units[*at].codable && !foreign(&units[*at])).collect();
        let mut coded: Vec<Option<Coded>> = vec![None; units.len()];
        for wanted in wanted.chunks(AT_A_TIME) {
            for (at, reading) in wanted.iter().zip(self.read(setting, units, wanted)) {
                coded[*at] = Some(self.decide(&reading));
            }
        }
        coded
    }
}

/// A unit with what stands around it.
#[derive(Debug, Clone, Copy)]
struct Scene<'a> {
    setting: &'a Setting,
    units: &'a [Unit<'a>],
    at: usize,
}

/// Encodes units, each with the comment it answers and the article's title in view.
fn encode(scenes: &[Scene<'_>], keep: Keep) -> Vec<(View, Encoding)> {
    let view = |scene: &Scene<'_>| View::of(scene.units[scene.at].text, scene.units[scene.at].quotes);
    let views: Vec<View> = scenes.iter().map(view).collect();
    let contexts: Vec<[String; 2]> =
        scenes.iter().map(|scene| super::context(scene.setting, scene.units, scene.at)).collect();
    let contexts: Vec<[&str; 2]> = contexts.iter().map(|[parent, title]| [parent.as_str(), title.as_str()]).collect();
    let inputs: Vec<Input<'_>> =
        views.iter().zip(&contexts).map(|(view, context)| Input { text: view.text(), context }).collect();
    let encodings = Encoder::builtin().encode(&inputs, keep);
    views.into_iter().zip(encodings).collect()
}

/// From the first to the last word that is not quoted.
fn own_words(unit: &Unit<'_>) -> Span {
    let own = |token: &&Token| !matches!(token.kind, TokenKind::Quote | TokenKind::Link | TokenKind::End);
    let mut items = unit.tokens.items().iter().filter(own);
    let first = items.next();
    let last = items.next_back().or(first);
    first.zip(last).map_or(Span::new(0, 0), |(first, last)| Span::new(first.span.start, last.span.end))
}

fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4 + 0.0
}
