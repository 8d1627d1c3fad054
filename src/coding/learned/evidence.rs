//! Which words a decision rests on: the stretch of a comment without which the score falls most.

use super::features::{COUNTED, Found, Hashed, kind, rule_names};
use super::model::{Model, bucket, rarity};
use crate::coding::Unit;
use crate::coding::view::View;
use crate::encoder::Encoding;
use crate::model::Span;
use crate::text::{Token, TokenKind};

/// Clauses that may stand together as evidence.
const MOST_CLAUSES: usize = 6;
/// Stretches looked at closely: those that look best by words and states alone.
const CLOSELY: usize = 12;
/// A shorter stretch is taken if its removal costs at least this share of the most any costs.
const ENOUGH: f64 = 0.9;

/// What a decision loses with a stretch of the text. The encoder is not run again: a stretch's token states are left out
/// of the mean.
pub(super) struct Removal<'a> {
    model: &'a Model,
    /// What each column counts for the decision.
    coefficients: Vec<f32>,
    unit: &'a Unit<'a>,
    found: &'a Found,
    counted: &'a [f32],
    /// Sums up to each token of what its hashes give, and of their squared lengths, for words and for runs of letters.
    hashed: Vec<[(f64, f64); 2]>,
    /// Where each piece of the encoder begins in the text, and the sum of what pieces up to it give.
    pieces: Vec<usize>,
    states: Vec<f64>,
}

impl<'a> Removal<'a> {
    pub(super) fn new(
        model: &'a Model,
        coefficients: Vec<f32>,
        unit: &'a Unit<'a>,
        found: &'a Found,
        counted: &'a [f32],
        words: &Hashed,
        (encoding, view): (&Encoding, &View),
    ) -> Self {
        let weights = &model.weights;
        let mut hashed = vec![[(0.0, 0.0); 2]];
        let (mut sums, mut from) = ([(0.0, 0.0); 2], 0);
        for end in &words.ends {
            for hash in &words.hashes[from..*end as usize] {
                let at = bucket(*hash, model.facts.bits) * (weights.columns + 1);
                let row = &weights.hashed[at..=at + weights.columns];
                let rarity = f64::from(rarity(row[0] as u8));
                let (sum, length) = &mut sums[kind(*hash)];
                *length += rarity * rarity;
                let columns = row[1..].iter().zip(&model.facts.scales).zip(&coefficients);
                *sum += columns.map(|((w, scale), c)| f64::from(f32::from(*w) * scale * c)).sum::<f64>() * rarity;
            }
            from = *end as usize;
            hashed.push(sums);
        }
        let (mut pieces, mut states) = (Vec::new(), vec![0.0]);
        if !weights.vector.is_empty() {
            let width = weights.mean.len();
            let rows = weights.vector.chunks_exact(weights.columns).zip(&weights.stretch);
            let direction: Vec<f32> = rows
                .map(|(row, stretch)| row.iter().zip(&coefficients).map(|(w, c)| w * c).sum::<f32>() * stretch)
                .collect();
            let mut sum = 0.0;
            for (span, state) in encoding.spans.iter().zip(encoding.states.chunks_exact(width)) {
                sum += f64::from(state.iter().zip(&direction).map(|(value, weight)| value * weight).sum::<f32>());
                // Marks and prefix stand nowhere: before all words, or behind them.
                let nowhere = span.start == span.end;
                pieces.push(if nowhere { pieces.last().copied().unwrap_or(0) } else { view.place(span.start) });
                states.push(sum);
            }
        }
        Self { model, coefficients, unit, found, counted, hashed, pieces, states }
    }

    /// The loss by words and states: cheap, whatever the length of the text.
    fn rough(&self, tokens: std::ops::Range<usize>, span: Span) -> f64 {
        let norm = |sum: f64, length: f64| if length > 1e-9 { sum / length.sqrt() } else { 0.0 };
        let by_words: f64 = (0..2)
            .map(|kind| {
                let (all, length) = self.hashed[self.hashed.len() - 1][kind];
                let (to, from) = (self.hashed[tokens.end][kind], self.hashed[tokens.start][kind]);
                norm(all, length) - norm(all - (to.0 - from.0), length - (to.1 - from.1))
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

    /// The loss of counted features.
    fn by_counts(&self, gone: Span) -> f64 {
        let without = self.found.counted(self.unit, &self.model.facts.patterns, Some(gone));
        let rows = self.model.weights.counted.chunks_exact(self.model.weights.columns);
        let pairs = self.counted.iter().zip(&without).zip(rows);
        let lost = pairs.map(|((with, without), row)| {
            let weight: f32 = row.iter().zip(&self.coefficients).map(|(w, c)| w * c).sum();
            f64::from((with - without) * weight)
        });
        lost.sum()
    }

    /// The shortest stretch of clauses whose removal costs the decision about as much as any does; `None` where no
    /// removal costs anything. Never inside a quote.
    pub(super) fn evidence(&self) -> Option<Span> {
        let items = self.unit.tokens.items();
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
        let mut tried: Vec<(f64, Span)> = Vec::new();
        for (first, (from, _)) in clauses.iter().enumerate() {
            for (_, to) in clauses[first..].iter().take(MOST_CLAUSES) {
                let apart = items[*from..*to].iter().any(|token| token.kind == TokenKind::Quote);
                if apart || items[*from].sentence != items[to - 1].sentence {
                    break;
                }
                let span = stretch(*from, *to);
                tried.push((self.rough(*from..*to, span), span));
            }
        }
        tried.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        tried.truncate(CLOSELY);
        let costs: Vec<(f64, Span)> =
            tried.into_iter().map(|(rough, span)| (rough + self.by_counts(span), span)).collect();
        let most = costs.iter().map(|(cost, _)| *cost).fold(0.0, f64::max);
        let enough = costs.into_iter().filter(|(cost, _)| most > 0.0 && *cost >= most * ENOUGH);
        enough.map(|(_, span)| span).min_by_key(|span| (span.end - span.start, span.start))
    }

    /// What speaks for and against the decision, in points of the score, the weightiest first: the encoder's reading,
    /// counted features, and words.
    pub(super) fn parts(&self) -> Vec<(String, f64)> {
        let weights = &self.model.weights;
        let combined = |row: &[f32]| f64::from(row.iter().zip(&self.coefficients).map(|(w, c)| w * c).sum::<f32>());
        let mut parts: Vec<(String, f64)> = Vec::new();
        if let Some(total) = self.states.last().filter(|_| self.states.len() > 1) {
            let rows = weights.vector.chunks_exact(weights.columns).zip(weights.mean.iter().zip(&weights.stretch));
            let usual: f64 = rows.map(|(row, (mean, stretch))| combined(row) * f64::from(mean * stretch)).sum();
            parts.push(("the encoder's reading".to_owned(), total / (self.states.len() - 1) as f64 - usual));
        }
        let names = COUNTED.iter().map(|name| (*name).to_owned()).chain(rule_names(&self.model.facts.patterns));
        let rows = weights.counted.chunks_exact(weights.columns);
        for ((name, value), row) in names.zip(self.counted).zip(rows) {
            parts.push((name, combined(row) * f64::from(*value)));
        }
        let lengths = self.hashed[self.hashed.len() - 1].map(|(_, length)| length.sqrt().max(1e-9));
        for (token, pair) in self.unit.tokens.items().iter().zip(self.hashed.windows(2)) {
            let word = token.span.of(self.unit.text);
            let points = (0..2).map(|kind| (pair[1][kind].0 - pair[0][kind].0) / lengths[kind]);
            parts.push((format!("“{word}”"), points.sum()));
        }
        parts.retain(|(_, points)| points.abs() >= 0.01);
        parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        parts
    }
}
