//! What a coder works out of each comment before it decides.

use rayon::prelude::*;

use super::cues::Cued;
use super::features::{Found, habit};
use super::likeness;
use super::model::{Features, Model};
use super::{Learned, Reads, Way};
use crate::coding::view::View;
use crate::coding::{Coder, Setting, Unit, context};
use crate::encoder::{Encoder, Encoding, Input, Keep};
use crate::model::Span;
use crate::text::{Token, TokenKind};

/// What the coder knows of one comment while it codes.
pub(super) struct Reading<'u> {
    pub(super) unit: &'u Unit<'u>,
    pub(super) found: Found,
    /// Own words and encoding; empty for a coder of words.
    pub(super) view: View,
    pub(super) encoding: Encoding,
    /// Vector by the encoder without adapters, where codes are found by likeness.
    pub(super) plain: Vec<f32>,
    pub(super) cued: Cued,
    /// For each model what else it reads, and the scores of its columns.
    pub(super) features: Vec<Features>,
    pub(super) scores: Vec<Vec<f32>>,
}

impl Learned {
    /// Reads the units at the places `wanted`.
    pub(super) fn read<'u>(&self, setting: &Setting, units: &'u [Unit<'u>], wanted: &[usize]) -> Vec<Reading<'u>> {
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
        let patterns = !self.codebook().codes.is_empty();
        let kinds = self.reads.cues().len();
        let reading = |((at, plain), (view, encoding)): ((&usize, Vec<f32>), (View, Encoding))| {
            let unit = &units[*at];
            let found = Found::of(&self.rules, setting, units, *at, patterns);
            let cued = Cued::of(&encoding, &view, kinds);
            let habit = habit(setting, units, *at);
            let (counted, spoken) = (found.counted(unit, None), cued.features(None));
            let features = |model: &Model| Features {
                voice: model.voice(habit.as_deref()),
                counted: [&counted[..], &found.patterns(unit, &model.facts.patterns, None)].concat(),
                cued: spoken.clone(),
            };
            let features: Vec<Features> = self.models.iter().map(features).collect();
            let scored = self.models.iter().zip(&features);
            // In the place of the encoder's vector a model of words has the mean of theirs.
            let vector = |model: &Model| if model.facts.reads == Reads::Encoder { &encoding.vector[..] } else { &[] };
            let mut scores: Vec<Vec<f32>> =
                scored.map(|(model, features)| model.scores(features, vector(model))).collect();
            self.words.add(&self.models, &features, unit, &mut scores);
            Reading { unit, found, view, encoding, plain, cued, features, scores }
        };
        wanted.par_iter().zip(plain).zip(encodings).map(reading).collect()
    }
}

/// A unit with what stands around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) setting: &'a Setting,
    pub(super) units: &'a [Unit<'a>],
    pub(super) at: usize,
}

/// Encodes units, each with the comment it answers, or else what it quotes, and the article's title in view.
pub(super) fn encode(scenes: &[Scene<'_>], keep: Keep) -> Vec<(View, Encoding)> {
    let view = |scene: &Scene<'_>| View::of(scene.units[scene.at].text, scene.units[scene.at].quotes);
    let views: Vec<View> = scenes.iter().map(view).collect();
    let contexts: Vec<[String; 2]> = scenes.iter().map(|scene| context(scene.setting, scene.units, scene.at)).collect();
    let contexts: Vec<[&str; 2]> = contexts.iter().map(|[parent, title]| [parent.as_str(), title.as_str()]).collect();
    let inputs: Vec<Input<'_>> =
        views.iter().zip(&contexts).map(|(view, context)| Input { text: view.text(), context }).collect();
    let encodings = Encoder::builtin().encode(&inputs, keep);
    views.into_iter().zip(encodings).collect()
}

/// From the first to the last word that is not quoted.
pub(super) fn own_words(unit: &Unit<'_>) -> Span {
    let own = |token: &&Token| !matches!(token.kind, TokenKind::Quote | TokenKind::Link | TokenKind::End);
    let mut items = unit.tokens.items().iter().filter(own);
    let first = items.next();
    let last = items.next_back().or(first);
    first.zip(last).map_or(Span::new(0, 0), |(first, last)| Span::new(first.span.start, last.span.end))
}
