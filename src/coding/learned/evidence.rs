//! Which words a decision rests on: the stretch the encoder's cues point at, or else the one without which the score falls most; of codes
//! with the rest of its sentence.

use super::cues;
use super::features::{COUNTED, rule_names};
use super::model::{Features, Model, Reads};
use super::reading::Reading;
use super::words::{KINDS, brought_to, size, step};
use super::{Learned, Place};
use crate::model::Span;
use crate::text::{Token, TokenKind};

/// Clauses that may stand together as evidence.
const MOST_CLAUSES: usize = 6;
/// Stretches looked at closely: those that look best by words and states alone.
const CLOSELY: usize = 12;
/// Words of a sentence that is evidence as a whole where a part of it is.
const WHOLE: usize = 30;
/// A shorter stretch is taken if its removal costs at least this share of the most any costs.
const ENOUGH: f64 = 0.9;

/// What a decision loses with a stretch of the text. The encoder is not run again: a stretch's token states are left out
/// of the mean.
pub(super) struct Removal<'a> {
    model: &'a Model,
    /// What each column counts for the decision.
    coefficients: Vec<f32>,
    reading: &'a Reading<'a>,
    features: &'a Features,
    /// The encoder's cue for what was decided, if it has one.
    cue: Option<usize>,
    /// Whether it is a code or irony that applies, whose evidence readers mark by whole sentences.
    applies: bool,
    /// Sums up to each token of what words give, and of what that is brought to.
    words: Vec<[(f64, f64); KINDS]>,
    /// Where each piece of the encoder begins in the text, and the sum of what pieces up to it give.
    pieces: Vec<usize>,
    states: Vec<f64>,
}

impl<'a> Removal<'a> {
    /// `coefficients` says what each column of the model at `place` counts for the decision.
    pub(super) fn new(
        coder: &'a Learned,
        place: Place,
        coefficients: Vec<f32>,
        reading: &'a Reading<'a>,
        cue: Option<usize>,
    ) -> Self {
        let model = &coder.models[place.model];
        let features = &reading.features[place.model];
        let Reading { view, encoding, .. } = reading;
        let columns = model.weights.columns;
        let from: usize = coder.models[..place.model].iter().map(size).sum();
        let counts: Vec<Vec<f32>> = (0..KINDS)
            .map(|kind| (0..columns).map(|column| coefficients[column] * step(model, kind, column)).collect())
            .collect();
        let mut words = vec![[(0.0, 0.0); KINDS]];
        let mut sums = [(0.0, 0.0); KINDS];
        coder.words.each(&coder.models, &reading.features, reading.unit, |gives| {
            let mine = gives[from..from + size(model)].chunks_exact(columns + 1);
            for ((sum, length), (gives, counts)) in sums.iter_mut().zip(mine.zip(&counts)) {
                *sum += gives.iter().zip(counts).map(|(value, count)| f64::from(value * count)).sum::<f64>();
                *length += f64::from(gives[columns]);
            }
            words.push(sums);
        });
        let (mut pieces, mut states) = (Vec::new(), vec![0.0]);
        if model.facts.reads == Reads::Encoder {
            let rows = model.vector(features.voice).zip(&model.weights.stretch);
            let direction: Vec<f32> = rows
                .map(|(row, stretch)| row.iter().zip(&coefficients).map(|(w, c)| w * c).sum::<f32>() * stretch)
                .collect();
            let mut sum = 0.0;
            for (span, state) in encoding.spans.iter().zip(encoding.states.chunks_exact(direction.len())) {
                sum += f64::from(state.iter().zip(&direction).map(|(value, weight)| value * weight).sum::<f32>());
                // Marks and prefix stand nowhere: before all words, or behind them.
                let nowhere = span.start == span.end;
                pieces.push(if nowhere { pieces.last().copied().unwrap_or(0) } else { view.place(span.start) });
                states.push(sum);
            }
        }
        let applies = model.facts.outputs[place.output].columns == 1;
        Self { model, coefficients, reading, features, cue, applies, words, pieces, states }
    }

    /// The loss by words and states: cheap, whatever the length of the text.
    fn rough(&self, tokens: std::ops::Range<usize>, span: Span) -> f64 {
        let size =
            |kind: usize, sum: f64, length: f64| if length > 1e-9 { sum / brought_to(kind, length) } else { 0.0 };
        let by_words: f64 = (0..KINDS)
            .map(|kind| {
                let (all, length) = self.words[self.words.len() - 1][kind];
                let (to, from) = (self.words[tokens.end][kind], self.words[tokens.start][kind]);
                size(kind, all, length) - size(kind, all - (to.0 - from.0), length - (to.1 - from.1))
            })
            .sum();
        let count = self.pieces.len();
        if count == 0 {
            return by_words;
        }
        let (from, to) =
            (self.pieces.partition_point(|at| *at < span.start), self.pieces.partition_point(|at| *at < span.end));
        let total = self.states[count];
        let gone = self.states[to] - self.states[from];
        let left = (count - (to - from)).max(1) as f64;
        by_words + total / count as f64 - (total - gone) / left
    }

    /// The loss of counted features and of cues.
    fn by_counts(&self, gone: Span) -> f64 {
        let weights = &self.model.weights;
        let Reading { unit, found, cued, .. } = self.reading;
        let counted = [found.counted(unit, Some(gone)), found.patterns(unit, &self.model.facts.patterns, Some(gone))];
        let cued = if weights.cued.is_empty() { Vec::new() } else { cued.features(Some(gone)) };
        let lost = |with: &[f32], without: &[f32], rows: &[f32]| -> f64 {
            let pairs = with.iter().zip(without).zip(rows.chunks_exact(weights.columns));
            pairs.map(|((with, without), row)| f64::from(with - without) * self.combined(row)).sum()
        };
        lost(&self.features.counted, &counted.concat(), &weights.counted)
            + lost(&self.features.cued, &cued, &weights.cued)
    }

    /// What a feature's weights count for the decision.
    fn combined(&self, row: &[f32]) -> f64 {
        f64::from(row.iter().zip(&self.coefficients).map(|(w, c)| w * c).sum::<f32>())
    }

    /// The words a decision rests on, `None` where no removal of words costs it anything.
    pub(super) fn evidence(&self) -> Option<Span> {
        let weightiest = self.weightiest()?;
        Some(if self.applies { self.whole_sentences(weightiest) } else { weightiest })
    }

    /// A stretch with the rest of its first and of its last sentence, where these are short. It neither begins nor ends with a quote.
    fn whole_sentences(&self, stretch: Span) -> Span {
        let items = self.reading.unit.tokens.items();
        let from = items.partition_point(|token| token.span.end <= stretch.start);
        let to = items.partition_point(|token| token.span.start < stretch.end);
        let Some(last) = to.checked_sub(1).filter(|last| from <= *last) else { return stretch };
        let sentence = |at: usize| {
            let same = |token: &&Token| token.sentence == items[at].sentence;
            let before = items[..at].iter().rev().take_while(same).count();
            let sentence = &items[at - before..at + items[at..].iter().take_while(same).count()];
            let words = sentence.iter().filter(|token| token.kind == TokenKind::Word).count();
            let told = |token: &Token| !matches!(token.kind, TokenKind::Quote | TokenKind::Link | TokenKind::End);
            sentence.iter().filter(move |token| words <= WHOLE && told(token))
        };
        let start = sentence(from).next().map_or(stretch.start, |token| token.span.start.min(stretch.start));
        let end = sentence(last).next_back().map_or(stretch.end, |token| token.span.end.max(stretch.end));
        Span::new(start, end)
    }

    /// For a code the encoder has a cue for: the stretch of clauses that looks most like what readers marked.
    /// For others: the shortest whose removal costs the decision about as much as any does. Never inside a quote.
    fn weightiest(&self) -> Option<Span> {
        if let Some(cue) = self.cue {
            // What readers mark may run over the end of a sentence: "They said so in May. It was not true."
            let spoken = self.stretches(true).into_iter().map(|(_, span)| (self.reading.cued.speaks(cue, span), span));
            let best = spoken.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
            if let Some((_, span)) = best.filter(|(speaks, _)| *speaks > 0.0) {
                return Some(span);
            }
        }
        let rough = |(tokens, span): (std::ops::Range<usize>, Span)| (self.rough(tokens, span), span);
        let mut tried: Vec<(f64, Span)> = self.stretches(false).into_iter().map(rough).collect();
        tried.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        tried.truncate(CLOSELY);
        let costs: Vec<(f64, Span)> =
            tried.into_iter().map(|(rough, span)| (rough + self.by_counts(span), span)).collect();
        let most = costs.iter().map(|(cost, _)| *cost).fold(0.0, f64::max);
        let enough = costs.into_iter().filter(|(cost, _)| most > 0.0 && *cost >= most * ENOUGH);
        enough.map(|(_, span)| span).min_by_key(|span| (span.end - span.start, span.start))
    }

    /// Clauses, and runs of them within a sentence or `across` sentences: what may be evidence, as tokens and in the text.
    fn stretches(&self, across: bool) -> Vec<(std::ops::Range<usize>, Span)> {
        let items = self.reading.unit.tokens.items();
        let wordless = |token: &Token| matches!(token.kind, TokenKind::Quote | TokenKind::Link | TokenKind::End);
        let mut clauses: Vec<(usize, usize)> = Vec::new();
        let mut at = 0;
        for clause in items.chunk_by(|a, b| a.clause == b.clause && wordless(a) == wordless(b)) {
            if !wordless(&clause[0]) {
                clauses.push((at, at + clause.len()));
            }
            at += clause.len();
        }
        let stretch = |from: usize, to: usize| Span::new(items[from].span.start, items[to - 1].span.end);
        let mut stretches = Vec::new();
        for (first, (from, _)) in clauses.iter().enumerate() {
            for (_, to) in clauses[first..].iter().take(MOST_CLAUSES) {
                let apart = items[*from..*to].iter().any(|token| token.kind == TokenKind::Quote);
                if apart || !across && items[*from].sentence != items[to - 1].sentence {
                    break;
                }
                stretches.push((*from..*to, stretch(*from, *to)));
            }
        }
        stretches
    }

    /// What speaks for and against the decision, in points of the score, the weightiest first: the encoder's reading,
    /// counted features, and words.
    pub(super) fn parts(&self) -> Vec<(String, f64)> {
        let weights = &self.model.weights;
        let mut parts: Vec<(String, f64)> = Vec::new();
        if let Some(total) = self.states.last().filter(|_| self.states.len() > 1) {
            let rows = self.model.vector(self.features.voice).zip(weights.mean.iter().zip(&weights.stretch));
            let usual: f64 = rows.map(|(row, (mean, stretch))| self.combined(row) * f64::from(mean * stretch)).sum();
            parts.push(("the encoder's reading".to_owned(), total / (self.states.len() - 1) as f64 - usual));
        }
        let named = |names: Vec<String>, values: &[f32], rows: &[f32]| -> Vec<(String, f64)> {
            let rows = rows.chunks_exact(weights.columns).zip(values);
            names
                .into_iter()
                .zip(rows)
                .map(|(name, (row, value))| (name, self.combined(row) * f64::from(*value)))
                .collect()
        };
        let counted = COUNTED.iter().map(|name| (*name).to_owned()).chain(rule_names(&self.model.facts.patterns));
        parts.extend(named(counted.collect(), &self.features.counted, &weights.counted));
        parts.extend(named(cues::names(self.model.facts.reads.cues()), &self.features.cued, &weights.cued));
        let all = self.words[self.words.len() - 1];
        for (token, pair) in self.reading.unit.tokens.items().iter().zip(self.words.windows(2)) {
            let word = token.span.of(self.reading.unit.text);
            let points =
                (0..KINDS).map(|kind| (pair[1][kind].0 - pair[0][kind].0) / brought_to(kind, all[kind].1).max(1e-9));
            parts.push((format!("“{word}”"), points.sum()));
        }
        parts.retain(|(_, points)| points.abs() >= 0.01);
        parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        parts
    }
}
