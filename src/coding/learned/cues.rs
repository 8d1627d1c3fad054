//! What the encoder's cues say of a comment: for each of its tokens, how much it looks like what a reader would mark.

use crate::coding::view::View;
use crate::encoder::Encoding;
use crate::model::Span;

/// Tokens in a run: `data/models/finetune.py` trains runs of as many.
const RUN: usize = 3;
/// Beyond this many points (logits) a cue is as strong or weak as can be.
const STRONGEST: f32 = 8.0;
/// Probability from which a token speaks for a stretch it stands in, below which against it.
const SPEAKS: f32 = 0.7;

/// The tokens of a comment that stand somewhere in its text, each with where it begins and its cues.
#[derive(Debug, Clone, Default)]
pub(super) struct Cued {
    places: Vec<usize>,
    scores: Vec<f32>,
    kinds: usize,
}

impl Cued {
    pub(super) fn of(encoding: &Encoding, view: &View, kinds: usize) -> Self {
        let mut cued = Self { kinds, ..Self::default() };
        if kinds == 0 {
            return cued;
        }
        for (span, scores) in encoding.spans.iter().zip(encoding.cues.chunks_exact(kinds)) {
            if span.end > span.start {
                cued.places.push(view.place(span.start));
                cued.scores.extend_from_slice(scores);
            }
        }
        cued
    }

    /// Two features a cue, of the comment without the stretch `gone`: its strongest run of tokens, and how many tokens speak.
    pub(super) fn features(&self, gone: Option<Span>) -> Vec<f32> {
        let kept = |place: &usize| gone.is_none_or(|gone| !(gone.start..gone.end).contains(place));
        let rows: Vec<&[f32]> = self.rows().filter(|(place, _)| kept(place)).map(|(_, scores)| scores).collect();
        let mut features = Vec::with_capacity(2 * self.kinds);
        for kind in 0..self.kinds {
            let runs = rows.windows(RUN.min(rows.len()).max(1));
            let strongest = runs.map(|run| run.iter().map(|scores| scores[kind]).sum::<f32>() / run.len() as f32);
            let strongest = strongest.fold(-STRONGEST, f32::max).min(STRONGEST) / STRONGEST;
            let speaking = rows.iter().filter(|scores| scores[kind] > 0.0).count() as f32;
            features.extend([strongest, speaking / (speaking + 4.0)]);
        }
        features
    }

    fn rows(&self) -> impl Iterator<Item = (&usize, &[f32])> {
        self.places.iter().zip(self.scores.chunks_exact(self.kinds.max(1)))
    }

    /// How much the tokens of a stretch speak for it: those that do less those that do not.
    pub(super) fn speaks(&self, kind: usize, span: Span) -> f32 {
        let from = self.places.partition_point(|place| *place < span.start);
        let to = self.places.partition_point(|place| *place < span.end);
        let scores = self.scores[from * self.kinds..to * self.kinds].chunks_exact(self.kinds);
        scores.map(|scores| 1.0 / (1.0 + (-scores[kind]).exp()) - SPEAKS).sum()
    }
}

/// Names of the features, in order.
pub(super) fn names(cues: &[String]) -> Vec<String> {
    cues.iter().flat_map(|cue| [format!("words that speak: {cue}"), format!("how many words speak: {cue}")]).collect()
}
