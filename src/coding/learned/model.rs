use std::cmp::Ordering;
use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use data_encoding::HEXLOWER;
use safetensors::tensor::{Dtype, Metadata, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::features::{nearest, seed};
use crate::codebook::Codebook;
use crate::encoder::{Encoder, Pieces, WIDTH};
use crate::model::{IRONY, POLARITY};

/// Layout of the file; a program that reads another says so.
const FORMAT: u32 = 4;
/// The metadata's key for the facts.
const FACTS: &str = "causerie.model";
/// Bytes of a file's head that are looked at for it.
const MOST_HEAD: u64 = 1 << 20;
/// A step of the stored rarities: 255 of them reach as far as any corpus.
const RARITY_STEP: f32 = 0.06;
/// How much the vector counts beside words in the penalty, fixed before fitting.
pub(super) const VECTOR_SCALE: f32 = 4.0;

/// A model that cannot be used.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no model, or another version's.
    #[error("{path}: {reason}; `causerie train` makes models")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// What a model reads of a comment beside its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reads {
    /// Words, what they mean by themselves, and counted features: fast.
    Linear,
    /// Words, and the encoder's reading of the comment in its place.
    Encoder,
}

impl Reads {
    /// The cues it reads by: none without the encoder.
    pub(super) fn cues(self) -> &'static [String] {
        match self {
            Self::Linear => &[],
            Self::Encoder => Encoder::builtin().cues(),
        }
    }

    /// What tells what it reads by from another version of it.
    pub(super) fn edition(self) -> String {
        match self {
            Self::Linear => Pieces::builtin().edition().to_owned(),
            Self::Encoder => Encoder::builtin().edition().to_owned(),
        }
    }

    /// The word for it in files and options.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Encoder => "encoder",
        }
    }
}

/// One thing a model tells: the sentiment, or a code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// `polarity`, `irony` or the name of a code.
    pub name: String,
    /// Its classes, each a column of the weights: negative, neutral, positive; or one, for "applies".
    pub columns: usize,
    /// Probability from which a code applies: one of best F1 on rows the model was not fitted on, near half of that F1.
    pub threshold: f64,
    /// How good it was on rows it was not fitted on.
    pub figures: Figures,
}

/// How good an output was on rows it was not fitted on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Rows measured.
    pub rows: usize,
    /// Of them, those that carry the code; 0 for the sentiment.
    pub positives: usize,
    /// F1 of the code; macro-F1 of the sentiment.
    pub f1: f64,
    /// Its 95 % bootstrap interval; none where nothing varied.
    pub f1_95: Option<[f64; 2]>,
    /// Precision of the code.
    pub precision: f64,
    /// Recall of the code.
    pub recall: f64,
    /// Expected calibration error of the probabilities.
    pub calibration_error: f64,
}

/// What a model says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    format: u32,
    /// Its name, as tables show it.
    pub name: String,
    /// What it reads.
    pub reads: Reads,
    /// Languages of at least a twentieth of the rows with a sentiment or a code that applies, and of five of them, ISO 639-1.
    pub languages: Vec<String>,
    /// Rows it was fitted on.
    pub rows: usize,
    /// How the figures were had: `cross-validated` or `held out`.
    pub measured: String,
    /// Name and version of the codebook whose patterns are features, and whose codes it tells; empty for none.
    pub codebook: String,
    /// Codes whose patterns are features.
    pub patterns: Vec<String>,
    /// The edition of the encoder it reads by ([`crate::encoder::Encoder::edition`]), or of the encoder's table of pieces.
    pub encoder: String,
    /// What it weighs words and their sense anew for: a language, and where a comment stands (in a discussion, alone, alone as posts do).
    pub habits: Vec<String>,
    /// What it tells.
    pub outputs: Vec<Output>,
    pub(super) bits: u32,
    pub(super) scales: Vec<f32>,
    /// In a file: of these facts (without it) and the weights.
    digest: String,
}

/// What every layout says.
#[derive(Deserialize)]
struct Layout {
    format: u32,
}

/// Heads over the features of comments, in one small file (safetensors).
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// What it says of itself.
    pub facts: Facts,
    pub(super) weights: Weights,
}

/// The numbers of a model; matrices have a row a feature.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Weights {
    pub(super) columns: usize,
    /// A row for comments of no habit it knows, then one a habit.
    pub(super) bias: Vec<f32>,
    pub(super) counted: Vec<f32>,
    pub(super) cued: Vec<f32>,
    /// A matrix for comments of no habit it knows, then one a habit.
    pub(super) vector: Vec<f32>,
    /// Mean and inverse deviation of the vector's numbers over the rows it was fitted on.
    pub(super) mean: Vec<f32>,
    pub(super) stretch: Vec<f32>,
    /// A byte of rarity, then one a column, each in steps of the column's scale.
    pub(super) hashed: Vec<i8>,
}

impl Facts {
    pub(super) fn new(name: String, reads: Reads) -> Self {
        Self {
            format: FORMAT,
            name,
            reads,
            languages: Vec::new(),
            rows: 0,
            measured: String::new(),
            codebook: String::new(),
            patterns: Vec::new(),
            encoder: String::new(),
            habits: Vec::new(),
            outputs: Vec::new(),
            bits: 16,
            scales: Vec::new(),
            digest: String::new(),
        }
    }
}

/// What a model reads of one comment beside its words and their vector.
#[derive(Debug, Clone, Default)]
pub(super) struct Features {
    /// Place of the comment's habit among those the model knows, after the one of no habit.
    pub(super) voice: usize,
    pub(super) counted: Vec<f32>,
    pub(super) cued: Vec<f32>,
}

/// SHA-256 of what a model says of itself and its numbers, by the order of their names.
fn digest<'a>(facts: &str, parts: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut hash = Sha256::new();
    hash.update(facts);
    for (name, bytes) in parts {
        hash.update(name);
        hash.update(bytes);
    }
    HEXLOWER.encode(&hash.finalize())
}

/// A codebook's name and version.
pub(super) fn edition(book: &Codebook) -> String {
    format!("{} {}", book.name, book.version)
}

/// The bucket of a hash.
pub(super) fn bucket(hash: u32, bits: u32) -> usize {
    (hash >> (32 - bits)) as usize
}

/// A rarity in steps.
pub(super) fn rarity_steps(rarity: f32) -> u8 {
    (rarity / RARITY_STEP).round().clamp(0.0, 255.0) as u8
}

/// Steps as a rarity.
pub(super) fn rarity(steps: u8) -> f32 {
    f32::from(steps) * RARITY_STEP
}

impl Model {
    /// Where the weights of a habit stand, or of the nearest it knows.
    pub(super) fn voice(&self, habit: Option<&str>) -> usize {
        let place = |habit: &str| self.facts.habits.iter().position(|known| known == habit);
        let found = habit.and_then(|habit| place(habit).or_else(|| place(&nearest(habit)?)));
        found.map_or(0, |at| at + 1)
    }

    /// The weights of the vector's numbers for a voice, a row a number.
    pub(super) fn vector(&self, voice: usize) -> impl Iterator<Item = &[f32]> {
        let (width, columns) = (self.weights.mean.len(), self.weights.columns);
        self.weights.vector[voice * width * columns..(voice + 1) * width * columns].chunks_exact(columns)
    }

    /// The scores of a comment without what its words give one by one; a score a column. `vector` is empty for a model that reads none.
    pub(super) fn scores(&self, features: &Features, vector: &[f32]) -> Vec<f32> {
        let weights = &self.weights;
        let columns = weights.columns;
        let mut scores = weights.bias[features.voice * columns..(features.voice + 1) * columns].to_vec();
        let mut add = |row: &[f32], value: f32| {
            scores.iter_mut().zip(row).for_each(|(score, weight)| *score += weight * value);
        };
        for (value, row) in features.counted.iter().zip(weights.counted.chunks_exact(columns)) {
            add(row, *value);
        }
        for (value, row) in features.cued.iter().zip(weights.cued.chunks_exact(columns)) {
            add(row, *value);
        }
        let places = weights.mean.iter().zip(&weights.stretch);
        for ((value, (mean, stretch)), row) in vector.iter().zip(places).zip(self.vector(features.voice)) {
            add(row, (value - mean) * stretch);
        }
        scores
    }

    /// What sets a voice's own hashes apart.
    pub(super) fn seed(&self, voice: usize) -> Option<u32> {
        voice.checked_sub(1).map(|at| seed(&self.facts.habits[at]))
    }

    /// Names of the codes it tells, irony left out.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        let outputs = self.facts.outputs.iter().map(|output| output.name.as_str());
        outputs.filter(|name| *name != POLARITY && *name != IRONY)
    }

    /// Whether it learnt from comments in this language; where that is not known, it is taken for one of them.
    pub(super) fn knows(&self, language: Option<&str>) -> bool {
        language.is_none_or(|language| self.facts.languages.iter().any(|known| known == language))
    }

    /// Whether its codes are those of a codebook: the same word may mean something else in another, or in another version.
    pub fn learnt_with(&self, book: &Codebook) -> bool {
        self.facts.codebook == edition(book)
    }

    /// Whether a file says that it is a model, of whichever version, sound or not.
    pub fn is_one(path: &Path) -> bool {
        let head = || -> io::Result<Vec<u8>> {
            let mut file = fs::File::open(path)?;
            let mut length = [0; 8];
            file.read_exact(&mut length)?;
            let mut head = Vec::new();
            file.take(u64::from_le_bytes(length).min(MOST_HEAD)).read_to_end(&mut head)?;
            Ok(head)
        };
        head().is_ok_and(|head| memchr::memmem::find(&head, FACTS.as_bytes()).is_some())
    }

    /// Reads the model at `path`.
    ///
    /// # Errors
    ///
    /// [`ModelError`] with what is wrong with the file.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let file = fs::read(path).map_err(|source| ModelError::Read { path: path.to_owned(), source })?;
        Self::parse(&file).map_err(|reason| ModelError::Wrong { path: path.to_owned(), reason })
    }

    /// Reads a model from the bytes of its file.
    pub(super) fn parse(file: &[u8]) -> Result<Self, String> {
        let no_model = |error: safetensors::SafeTensorError| format!("no model of causerie ({error})");
        let (_, metadata): (usize, Metadata) = SafeTensors::read_metadata(file).map_err(no_model)?;
        let tensors = SafeTensors::deserialize(file).map_err(no_model)?;
        let told = metadata.metadata().as_ref().and_then(|facts| facts.get(FACTS)).ok_or("no model of causerie")?;
        let wrong = |error: serde_json::Error| format!("its description is wrong: {error}");
        // The layout first: in another one the rest may be called otherwise.
        let Layout { format } = serde_json::from_str(told).map_err(wrong)?;
        match format.cmp(&FORMAT) {
            Ordering::Less => {
                return Err("it was trained with an earlier version; train it again, from the same tables".to_owned());
            }
            Ordering::Greater => {
                return Err("it was trained with a later version; use that one, or train it again".to_owned());
            }
            Ordering::Equal => {}
        }
        let mut facts: Facts = serde_json::from_str(told).map_err(wrong)?;
        let written = std::mem::take(&mut facts.digest);
        let mut parts: Vec<(&str, &[u8])> = tensors.iter().map(|(name, tensor)| (name, tensor.data())).collect();
        parts.sort_unstable();
        if digest(&told.replacen(&written, "", 1), parts) != written {
            return Err("the file is not as it was written: it was damaged or changed since; copy it anew from where it was made, or train it again".to_owned());
        }
        let columns: usize = facts.outputs.iter().map(|output| output.columns).sum();
        let floats = |name: &str, length: usize| -> Result<Vec<f32>, String> {
            let tensor = tensors.tensor(name).map_err(|error| error.to_string())?;
            let values: Vec<f32> = tensor.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            let fits =
                tensor.dtype() == Dtype::F32 && values.len() == length && values.iter().all(|value| value.is_finite());
            if fits { Ok(values) } else { Err(format!("its numbers `{name}` are wrong")) }
        };
        let counted = super::features::COUNTED.len() + 2 * facts.patterns.len();
        if facts.encoder != facts.reads.edition() {
            return Err("it was trained with another version of the encoder".to_owned());
        }
        let voices = 1 + facts.habits.len();
        let hashed = tensors.tensor("hashed").map_err(|error| error.to_string())?;
        let hashed: Vec<i8> = hashed.data().iter().map(|byte| *byte as i8).collect();
        let sound = (8..=24).contains(&facts.bits)
            && columns > 0
            && facts.outputs.iter().all(|output| output.columns == if output.name == POLARITY { 3 } else { 1 })
            && facts.scales.len() == columns
            && hashed.len() == (columns + 1) << facts.bits;
        if !sound {
            return Err("its parts do not fit one another".to_owned());
        }
        let weights = Weights {
            columns,
            bias: floats("bias", voices * columns)?,
            counted: floats("counted", counted * columns)?,
            cued: floats("cued", 2 * facts.reads.cues().len() * columns)?,
            vector: floats("vector", voices * WIDTH * columns)?,
            mean: floats("mean", WIDTH)?,
            stretch: floats("stretch", WIDTH)?,
            hashed,
        };
        Ok(Self { facts, weights })
    }

    /// The bytes of its file.
    ///
    /// # Panics
    ///
    /// Never: the shapes come from the same lists as the numbers.
    pub fn to_bytes(&self) -> Vec<u8> {
        let weights = &self.weights;
        let columns = weights.columns;
        let floats: Vec<(&str, Vec<u8>, Vec<usize>)> = [
            ("bias", &weights.bias, vec![weights.bias.len() / columns, columns]),
            ("counted", &weights.counted, vec![weights.counted.len() / columns, columns]),
            ("cued", &weights.cued, vec![weights.cued.len() / columns, columns]),
            ("vector", &weights.vector, vec![weights.vector.len() / columns, columns]),
            ("mean", &weights.mean, vec![weights.mean.len()]),
            ("stretch", &weights.stretch, vec![weights.stretch.len()]),
        ]
        .into_iter()
        .map(|(name, values, shape)| (name, values.iter().flat_map(|value| value.to_le_bytes()).collect(), shape))
        .collect();
        let hashed: Vec<u8> = weights.hashed.iter().map(|weight| *weight as u8).collect();
        let shape = vec![hashed.len() / (columns + 1), columns + 1];
        let mut views: Vec<(&str, TensorView<'_>)> = floats
            .iter()
            .map(|(name, bytes, shape)| {
                (*name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("a number a place"))
            })
            .collect();
        views.push(("hashed", TensorView::new(Dtype::I8, shape, &hashed).expect("a byte a place")));
        let told = |facts: &Facts| serde_json::to_string(facts).expect("plain data");
        let mut parts: Vec<(&str, &[u8])> = views.iter().map(|(name, view)| (*name, view.data())).collect();
        parts.sort_unstable();
        let facts = Facts { digest: digest(&told(&self.facts), parts), ..self.facts.clone() };
        let facts = HashMap::from([(FACTS.to_owned(), told(&facts))]);
        safetensors::serialize(views, Some(facts)).expect("shapes were just checked")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_versions_and_changed_ones_are_refused() {
        let file = include_bytes!("../../../data/models/codes.linear.safetensors");
        assert!(Model::parse(file).is_ok());
        let changed = |from: &str, to: &str| {
            let at = memchr::memmem::find(file, from.as_bytes()).unwrap();
            let mut changed = file.to_vec();
            changed[at..at + to.len()].copy_from_slice(to.as_bytes());
            Model::parse(&changed).unwrap_err()
        };
        let format = format!(r#"\"format\":{FORMAT}"#);
        assert!(changed(&format, r#"\"format\":1"#).contains("an earlier version"));
        assert!(changed(&format, r#"\"format\":9"#).contains("a later version"));
        assert!(changed(r#"\"digest\":\""#, r#"\"digest\":\"-"#).contains("not as it was written"));
        assert!(changed(r#"\"digest\":\""#, r#"\"stigma\":\""#).contains("description is wrong"));
    }
}
