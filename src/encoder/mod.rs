//! The embedded encoder: text → vector, offline and the same every time.
//!
//! It is multilingual-e5-small (Wang et al. 2024, *Multilingual E5 Text Embeddings*): twelve layers of a BERT encoder
//! over SentencePiece tokens, here with the vocabulary of six languages and 4-bit weights, and with low-rank
//! adapters (Hu et al. 2021, *LoRA*) trained for comments. `data/models/README.md` says where the weights come from
//! and how they are rebuilt.

mod network;
mod pieces;
mod tokens;
mod weights;

use std::sync::LazyLock;

use rayon::prelude::*;

use crate::model::Span;
use network::Network;
pub(crate) use pieces::Pieces;
use tokens::Vocabulary;
pub use weights::EncoderError;
use weights::{Cues, Weights, digest};

/// Numbers in a vector of the built-in encoder.
pub const WIDTH: usize = 384;
/// What the model was trained to see before a text that is compared with others.
const PREFIX: &str = "query: ";
/// Texts encoded together: more keep the caches no busier, fewer leave the processor waiting.
const BATCH: usize = 32;
/// Most parts of one text that are encoded: of a text longer than some 16,000 tokens (sixty pages) every second, third … part is
/// read, evenly over the whole, so that one comment cannot hold up a study.
const MOST_WINDOWS: usize = 32;
/// Tokens of each text beside the one encoded.
const CONTEXT_TOKENS: usize = 40;
/// Tokens encoded together: what bounds memory where texts are long.
const BATCH_TOKENS: usize = 4096;

const WEIGHTS: &[u8] = include_bytes!("../../data/models/encoder.safetensors");
const ADAPTER: &[u8] = include_bytes!("../../data/models/adapter.safetensors");

static BUILTIN: LazyLock<Encoder> =
    LazyLock::new(|| Encoder::read(WEIGHTS, Some(ADAPTER)).expect("the built-in weights are checked by a test"));
static PLAIN: LazyLock<Encoder> =
    LazyLock::new(|| Encoder::read(WEIGHTS, None).expect("the built-in weights are checked by a test"));

/// A transformer that turns texts into vectors.
#[derive(Debug)]
pub struct Encoder {
    vocabulary: Vocabulary,
    network: Network,
    cues: Cues,
    edition: String,
}

/// What the encoder makes of one text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Encoding {
    /// Mean of the token states, [`WIDTH`] numbers, not normalised.
    pub vector: Vec<f32>,
    /// The tokens: each with its stretch of the text, empty for those that stand for no character of it ...
    pub spans: Vec<Span>,
    /// ... how much it looks like what a reader would mark for each of [`Encoder::cues`], as logits, so many a token ...
    pub cues: Vec<f32>,
    /// ... and, where they were asked for, its state, [`WIDTH`] numbers a token.
    pub states: Vec<f32>,
    /// Whether the text was too long to be read whole: then every second, third … part of it was.
    pub parted: bool,
}

/// A text to encode, with what a reader has in view beside it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Input<'a> {
    /// The text.
    pub text: &'a str,
    /// What the text is read beside: the comment it answers, the article's title. Its beginning is seen by the text's
    /// tokens and does not count in the vector itself.
    pub context: &'a [&'a str],
}

/// Whether [`Encoder::encode`] keeps the state of each token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Vector, tokens and cues only.
    Vector,
    /// States too: four bytes × width a token.
    States,
}

/// A stretch of a text's tokens that fits the network, framed by its begin and end marks.
#[derive(Debug)]
struct Window {
    text: usize,
    ids: Vec<u32>,
    /// Of the text's own tokens, which stand first; what follows is context.
    spans: Vec<Span>,
    /// Whether parts between this and the next are left out.
    parted: bool,
}

impl Encoder {
    /// The encoder causerie comes with. Made ready at the first call (some tenths of a second, 90 MB of memory).
    ///
    /// # Panics
    ///
    /// Never: the weights are compiled in, and a test reads them.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// The same without adapters: multilingual-e5-small itself, in which near means alike in subject and sense.
    ///
    /// # Panics
    ///
    /// Never, as [`Encoder::builtin`].
    pub fn plain() -> &'static Self {
        &PLAIN
    }

    /// Reads weights in the layout of `data/models/prune.py` and, if given, adapters to add to them.
    ///
    /// # Errors
    ///
    /// [`EncoderError`] if a tensor is missing, misshapen or of another type.
    pub fn read(file: &[u8], adapter: Option<&[u8]>) -> Result<Self, EncoderError> {
        let weights = Weights::read(file, adapter)?;
        Ok(Self {
            vocabulary: Vocabulary::read(&weights)?,
            network: Network::read(&weights)?,
            cues: weights.cues(WIDTH)?,
            edition: format!("{}-{}", weights.edition()?, digest(&[adapter.unwrap_or_default()])),
        })
    }

    /// What it reads of each token: codes whose evidence it learnt to point at, and `irony`.
    pub fn cues(&self) -> &[String] {
        &self.cues.names
    }

    /// What tells it from an encoder with other weights or adapters: heads fitted on one mean nothing on another.
    pub fn edition(&self) -> &str {
        &self.edition
    }

    /// The ids of the tokens as the network sees them, and for those that are the text's own, which stand first, the stretch
    /// of the text (empty for prefix and marks).
    pub fn ids(&self, input: &Input<'_>) -> (Vec<u32>, Vec<Span>) {
        let windows = self.windows(0, input);
        let own = windows.iter().flat_map(|window| window.spans.clone()).collect();
        (windows.into_iter().flat_map(|window| window.ids).collect(), own)
    }

    /// Encodes texts, one encoding each, in order, on all cores. A text longer than the network's window is encoded in
    /// parts, and its vector is the mean over all its tokens. What a text gives does not depend on the others.
    pub fn encode(&self, inputs: &[Input<'_>], keep: Keep) -> Vec<Encoding> {
        let windows: Vec<Window> =
            inputs.par_iter().enumerate().flat_map_iter(|(at, input)| self.windows(at, input)).collect();
        // Texts of one length together.
        let mut order: Vec<usize> = (0..windows.len()).collect();
        order.sort_by_key(|at| windows[*at].ids.len());
        let mut states: Vec<(usize, Vec<f32>)> = batches(&windows, &order)
            .par_iter()
            .flat_map_iter(|batch| {
                let rows: Vec<&[u32]> = batch.iter().map(|at| windows[*at].ids.as_slice()).collect();
                let all = self.network.run(&rows);
                let mut from = 0;
                let mut cut = |at: &usize| {
                    let to = from + windows[*at].ids.len() * self.network.width();
                    let mine = all[from..to].to_vec();
                    from = to;
                    (*at, mine)
                };
                batch.iter().map(&mut cut).collect::<Vec<_>>()
            })
            .collect();
        // Back in the order of the texts, and of the parts within a text.
        states.sort_by_key(|(at, _)| *at);
        let mut encodings = vec![Encoding::default(); inputs.len()];
        let mut tokens = vec![0_usize; inputs.len()];
        let width = self.network.width();
        for (window, (_, states)) in windows.iter().zip(&states) {
            let own = &states[..window.spans.len() * width];
            let encoding = &mut encodings[window.text];
            encoding.vector.resize(width, 0.0);
            for state in own.chunks_exact(width) {
                encoding.vector.iter_mut().zip(state).for_each(|(sum, value)| *sum += value);
            }
            encoding.parted |= window.parted;
            tokens[window.text] += window.spans.len();
            encoding.spans.extend_from_slice(&window.spans);
            for state in own.chunks_exact(width) {
                let scores = self.cues.directions.chunks_exact(width).zip(&self.cues.bias);
                let score = |(direction, bias): (&[f32], &f32)| {
                    bias + direction.iter().zip(state).map(|(d, s)| d * s).sum::<f32>()
                };
                encoding.cues.extend(scores.map(score));
            }
            if keep == Keep::States {
                encoding.states.extend_from_slice(own);
            }
        }
        for (encoding, count) in encodings.iter_mut().zip(tokens) {
            encoding.vector.iter_mut().for_each(|sum| *sum /= count as f32);
        }
        encodings
    }

    /// The windows of a text: one for most, several of equal rank where it is long.
    fn windows(&self, text: usize, input: &Input<'_>) -> Vec<Window> {
        let nowhere = Span::new(0, 0);
        let prefix = self.vocabulary.cut(PREFIX.trim_end()).into_iter().map(|(id, _)| (id, nowhere));
        let pieces: Vec<(u32, Span)> = prefix.chain(self.vocabulary.cut(input.text)).collect();
        let (begin, end) = self.vocabulary.marks();
        let mut context = Vec::new();
        for part in input.context.iter().filter(|part| !part.trim().is_empty()) {
            // A piece is at least a byte: what lies far beyond the tokens that count need not be cut.
            let head = part.char_indices().nth(CONTEXT_TOKENS * 12).map_or(*part, |(at, _)| &part[..at]);
            context.extend(self.vocabulary.cut(head).into_iter().take(CONTEXT_TOKENS).map(|(id, _)| id));
            context.push(end);
        }
        let size = self.network.longest().saturating_sub(2 + context.len()).max(1);
        let step = pieces.len().div_ceil(size).div_ceil(MOST_WINDOWS).max(1);
        pieces
            .chunks(size)
            .step_by(step)
            .map(|part| Window {
                text,
                parted: step > 1,
                ids: [begin]
                    .into_iter()
                    .chain(part.iter().map(|(id, _)| *id))
                    .chain([end])
                    .chain(context.iter().copied())
                    .collect(),
                spans: [nowhere].into_iter().chain(part.iter().map(|(_, span)| *span)).chain([nowhere]).collect(),
            })
            .collect()
    }
}

/// Cuts windows, given in order of length, into batches.
fn batches<'o>(windows: &[Window], order: &'o [usize]) -> Vec<&'o [usize]> {
    let mut batches = Vec::new();
    let mut rest = order;
    while !rest.is_empty() {
        let mut tokens = 0;
        let fits = |at: &&usize| {
            tokens += windows[**at].ids.len();
            tokens <= BATCH_TOKENS
        };
        let count = rest.iter().take(BATCH).take_while(fits).count().max(1);
        let (batch, left) = rest.split_at(count);
        batches.push(batch);
        rest = left;
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_long_text_stay_in_order() {
        let text = "Encore un mot, puis un autre. ".repeat(200);
        let input = Input { text: &text, context: &["Un titre"] };
        let encoding = &Encoder::builtin().encode(&[input], Keep::States)[0];
        let places: Vec<usize> = encoding.spans.iter().filter(|span| span.end > 0).map(|span| span.start).collect();
        assert!(places.is_sorted() && places.len() > 1000 && !encoding.parted);
        assert_eq!(encoding.states.len(), encoding.spans.len() * WIDTH);
    }

    #[test]
    fn other_weights_are_another_edition() {
        let editions = [Encoder::builtin(), Encoder::plain()].map(|encoder| encoder.edition().to_owned());
        assert_ne!(editions[0], editions[1]);
        assert!(editions[0].starts_with(Pieces::builtin().edition()) && editions[0].len() == 25, "{editions:?}");
    }

    #[test]
    fn a_text_too_long_to_be_read_whole_says_so() {
        let text = "mot ".repeat(512 * MOST_WINDOWS + 1000);
        assert!(Encoder::builtin().encode(&[Input { text: &text, context: &[] }], Keep::Vector)[0].parted);
    }
}
