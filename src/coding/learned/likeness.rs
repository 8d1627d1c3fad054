use crate::codebook::Examples;
use crate::coding::Unit;
use crate::encoder::{Encoder, Input, Keep};
use crate::model::{Basis, Coding, Confidence};

/// Cosine from which texts are alike at all: of unlike ones the encoder still says .75 to .8 (Wang et al. 2024 train it so).
const ALIKE: f32 = 0.86;

/// Grade from which a code applies.
pub(super) const APPLIES: f64 = 0.5;

/// A code that has examples but neither patterns nor a model: comments near those that carry it, in the space of the encoder
/// without adapters, are given it. What it says is uncalibrated.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Likeness {
    positive: Vec<Vec<f32>>,
    negative: Vec<Vec<f32>>,
}

impl Likeness {
    pub(super) fn of(examples: &Examples) -> Self {
        Self { positive: vectors(&examples.positive), negative: vectors(&examples.negative) }
    }

    /// How like the examples a comment with this vector (of [`vectors`]) is: the code applies from [`APPLIES`].
    pub(super) fn grade(&self, vector: &[f32]) -> f64 {
        let nearest =
            |examples: &[Vec<f32>]| examples.iter().map(|example| dot(example, vector)).fold(f32::MIN, f32::max);
        let lead = nearest(&self.positive) - nearest(&self.negative).max(ALIKE);
        APPLIES + f64::from(lead.clamp(-0.1, 0.1)) * 4.0
    }

    /// The coding of a comment, if it is like the examples.
    pub(super) fn coding(&self, name: &str, unit: &Unit<'_>, vector: &[f32]) -> Option<Coding> {
        let grade = self.grade(vector);
        (grade >= APPLIES).then(|| Coding {
            code: name.to_owned(),
            evidence: super::reading::own_words(unit),
            confidence: Some(Confidence::grade(super::rounded(grade), Basis::Examples)),
        })
    }
}

/// Vectors of length 1 by the encoder without adapters.
pub(super) fn vectors<T: AsRef<str>>(texts: &[T]) -> Vec<Vec<f32>> {
    let inputs: Vec<Input<'_>> = texts.iter().map(|text| Input { text: text.as_ref(), context: &[] }).collect();
    let encodings = Encoder::plain().encode(&inputs, Keep::Vector);
    encodings
        .into_iter()
        .map(|encoding| {
            let length = dot(&encoding.vector, &encoding.vector).sqrt().max(1e-9);
            encoding.vector.iter().map(|value| value / length).collect()
        })
        .collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
