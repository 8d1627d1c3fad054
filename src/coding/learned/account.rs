//! How a coder came to say what it says of one comment, for people to read.

use super::{Learned, Way, fit, likeness, output};
use crate::coding::{Coder, Setting, Unit};
use crate::model::{Basis, IRONY, POLARITY, Span};

/// How one output of a model, or a code found by examples, was decided for one comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// `polarity`, `irony` or a code.
    pub output: String,
    /// A model, or likeness to examples.
    pub basis: Basis,
    /// Of negative, neutral and positive; or of the code: a probability, by examples a grade.
    pub probabilities: Vec<f64>,
    /// Probability or grade from which a code applies.
    pub threshold: f64,
    /// The words without which the likeliest answer loses most.
    pub evidence: Option<Span>,
    /// What speaks for the likeliest answer (above 0) or against it, in points of the score (logits), the weightiest first.
    pub parts: Vec<(String, f64)>,
}

impl Learned {
    /// How each model's outputs, and codes found by examples, came to be decided for one comment; empty for one that is not coded.
    pub fn account(&self, setting: &Setting, units: &[Unit<'_>], at: usize) -> Vec<Account> {
        if !units[at].codable {
            return Vec::new();
        }
        let reading = &self.read(setting, units, &[at])[0];
        let mut accounts = Vec::new();
        let codes = self.codebook().codes.iter().zip(&self.ways).filter_map(|(code, way)| match way {
            Way::Model(place) => Some((code.name.as_str(), *place)),
            _ => None,
        });
        let own = [POLARITY, IRONY].into_iter().filter_map(|name| Some((name, output(&self.models, name)?)));
        for (name, place) in own.chain(codes) {
            let known = &self.models[place.model].facts.outputs[place.output];
            let scores = &reading.scores[place.model][place.column..place.column + known.columns];
            let mut p: Vec<f64> = scores.iter().map(|score| f64::from(*score)).collect();
            fit::probabilities(&mut p);
            let best = (1..p.len()).fold(0, |best, at| if p[at] > p[best] { at } else { best });
            let mut counts = vec![-0.5; p.len()];
            counts[best] = 1.0;
            let (evidence, parts) =
                self.weigh(reading, place, &counts, |removal| (removal.evidence(), removal.parts()));
            accounts.push(Account {
                output: name.to_owned(),
                basis: Basis::Model,
                probabilities: p,
                threshold: known.threshold,
                evidence,
                parts,
            });
        }
        for (code, way) in self.codebook().codes.iter().zip(&self.ways) {
            let Way::Examples(likeness) = way else { continue };
            accounts.push(Account {
                output: code.name.clone(),
                basis: Basis::Examples,
                probabilities: vec![likeness.grade(&reading.plain)],
                threshold: likeness::APPLIES,
                evidence: likeness.coding(&code.name, reading.unit, &reading.plain).map(|coding| coding.evidence),
                parts: Vec::new(),
            });
        }
        accounts
    }
}
