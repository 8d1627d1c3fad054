//! The embedded encoder: text → vector, offline and the same every time.
//!
//! It is multilingual-e5-small (Wang et al. 2024, *Multilingual E5 Text Embeddings*): twelve layers of a BERT encoder
//! over SentencePiece tokens, here with the vocabulary of six languages and 4-bit weights, and with low-rank
//! adapters (Hu et al. 2021, *LoRA*) trained for comments. `data/models/README.md` says where the weights come from
//! and how they are rebuilt.

mod network;
mod tokens;
mod weights;

use std::sync::LazyLock;

use rayon::prelude::*;

use crate::model::Span;
use network::Network;
use tokens::Vocabulary;
pub use weights::EncoderError;
use weights::Weights;

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
}

/// What the encoder makes of one text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Encoding {
    /// Mean of the token states, [`Encoder::width`] numbers, not normalised.
    pub vector: Vec<f32>,
    /// The tokens, where they were asked for: each with its stretch of the text (empty for those that stand for no character of it) ...
    pub spans: Vec<Span>,
    /// ... and its state, [`Encoder::width`] numbers a token.
    pub states: Vec<f32>,
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
    /// The vector only.
    Vector,
    /// Tokens and states too: four bytes × width a token.
    States,
}

/// A stretch of a text's tokens that fits the network, framed by its begin and end marks.
#[derive(Debug)]
struct Window {
    text: usize,
    ids: Vec<u32>,
    /// Of the text's own tokens, which stand first; what follows is context.
    spans: Vec<Span>,
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
        Ok(Self { vocabulary: Vocabulary::read(&weights)?, network: Network::read(&weights)? })
    }

    /// Numbers in a vector.
    pub fn width(&self) -> usize {
        self.network.width()
    }

    /// Tokens a text is cut into, marks and prefix left out: what its encoding costs.
    pub fn count_tokens(&self, text: &str) -> usize {
        self.vocabulary.cut(text).len()
    }

    /// The ids of the tokens as the network sees them, and how many of them are the text's own (with prefix and marks).
    pub fn ids(&self, input: &Input<'_>) -> (Vec<u32>, usize) {
        let windows = self.windows(0, input);
        let own = windows.iter().map(|window| window.spans.len()).sum();
        (windows.into_iter().flat_map(|window| window.ids).collect(), own)
    }

    /// Encodes texts, one encoding each, in order, on all cores. A text longer than the network's window is encoded in
    /// parts, and its vector is the mean over all its tokens. What a text gives does not depend on the others.
    pub fn encode(&self, inputs: &[Input<'_>], keep: Keep) -> Vec<Encoding> {
        let mut windows: Vec<Window> =
            inputs.par_iter().enumerate().flat_map_iter(|(at, input)| self.windows(at, input)).collect();
        // Texts of one length together; the order of equals is kept, so that parts of a text stay in order.
        windows.sort_by_key(|window| window.ids.len());
        let batches: Vec<&[Window]> = batches(&windows);
        let states: Vec<Vec<f32>> = batches
            .par_iter()
            .map(|batch| {
                let rows: Vec<&[u32]> = batch.iter().map(|window| window.ids.as_slice()).collect();
                self.network.run(&rows)
            })
            .collect();
        let mut encodings = vec![Encoding::default(); inputs.len()];
        let mut tokens = vec![0_usize; inputs.len()];
        let width = self.width();
        for (batch, states) in batches.iter().zip(&states) {
            let mut at = 0;
            for window in *batch {
                let own = window.spans.len();
                let mine = &states[at..at + own * width];
                at += window.ids.len() * width;
                let encoding = &mut encodings[window.text];
                encoding.vector.resize(width, 0.0);
                for state in mine.chunks_exact(width) {
                    encoding.vector.iter_mut().zip(state).for_each(|(sum, value)| *sum += value);
                }
                tokens[window.text] += own;
                if keep == Keep::States {
                    encoding.spans.extend_from_slice(&window.spans);
                    encoding.states.extend_from_slice(mine);
                }
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

/// Cuts sorted windows into batches.
fn batches(windows: &[Window]) -> Vec<&[Window]> {
    let mut batches = Vec::new();
    let mut from = 0;
    while from < windows.len() {
        let mut to = from;
        let mut tokens = 0;
        while to < windows.len() && to - from < BATCH && (to == from || tokens + windows[to].ids.len() <= BATCH_TOKENS)
        {
            tokens += windows[to].ids.len();
            to += 1;
        }
        batches.push(&windows[from..to]);
        from = to;
    }
    batches
}
