use std::fmt;

use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_simd::{SimdOp, SimdUnaryOp};
use rten_tensor::{Matrix, NdTensorView};
use rten_vecmath::{Gelu, Normalize, NormalizeOptions, Softmax, Sum, SumSquareSub};

use super::weights::{Rows, Weights, dequantise};
use super::{EncoderError, WIDTH};

/// Tokens that go through a matrix together: their widened states (6 KB each) stay in the processor's cache. Twice the block of
/// `rten-gemm` 0.27 on x86-64 (66 rows, eleven tiles of six), so that no tile is left part empty; elsewhere it costs a tile.
const TOGETHER: usize = 132;

/// A BERT encoder (Devlin et al. 2019): embeddings, then layers of attention and feed-forward, each followed by a
/// residual sum and layer normalisation. Texts of a batch lie end to end, without padding.
pub(super) struct Network {
    /// Token embeddings in 4 bits: only the rows in use are made whole.
    words: Vec<u8>,
    row_bytes: usize,
    /// Embeddings of positions, the one token type added.
    positions: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    width: usize,
    heads: usize,
    epsilon: f32,
}

struct Layer {
    /// Queries, keys and values side by side.
    attend: Linear,
    attended: Linear,
    attended_norm: Norm,
    widen: Linear,
    narrow: Linear,
    norm: Norm,
}

struct Linear {
    weights: PackedBMatrix<f32>,
    bias: Vec<f32>,
}

struct Norm {
    scale: Vec<f32>,
    bias: Vec<f32>,
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("layers", &self.layers.len())
            .field("width", &self.width)
            .finish_non_exhaustive()
    }
}

impl Norm {
    fn read(weights: &Weights, name: &str, width: usize) -> Result<Self, EncoderError> {
        let norm = Self { scale: weights.floats(&format!("{name}.w"))?, bias: weights.floats(&format!("{name}.b"))? };
        check(name, norm.scale.len() == width && norm.bias.len() == width)?;
        Ok(norm)
    }

    /// Normalises each row.
    fn apply(&self, rows: &mut [f32], epsilon: f32) {
        for row in rows.chunks_exact_mut(self.scale.len()) {
            let count = row.len() as f32;
            let mean = Sum::new(row).dispatch() / count;
            let variance = SumSquareSub::new(row, mean).dispatch() / count;
            let options = NormalizeOptions {
                pre_scale_bias: mean,
                scale: 1.0 / (variance + epsilon).sqrt(),
                element_scale: Some(&self.scale),
                element_bias: Some(&self.bias),
                ..NormalizeOptions::default()
            };
            Normalize::new_mut(row, options).dispatch();
        }
    }
}

impl Linear {
    /// Several matrices of the same input side by side.
    fn read(gemm: &GemmExecutor, weights: &Weights, names: &[String], inner: usize) -> Result<Self, EncoderError> {
        let (mut values, mut bias) = (Vec::new(), Vec::new());
        for name in names {
            let Rows { values: mut more, columns } = weights.dense(&format!("{name}.w"))?;
            check(name, columns == inner)?;
            values.append(&mut more);
            bias.append(&mut weights.floats(&format!("{name}.b"))?);
        }
        check(&names[0], values.len() == bias.len() * inner)?;
        let matrix = NdTensorView::from_data([bias.len(), inner], values.as_slice()).transposed();
        Ok(Self { weights: gemm.prepack_b(matrix), bias })
    }

    /// Appends `rows` × weights + bias to `out`.
    fn append(&self, gemm: &GemmExecutor, rows: &[f32], out: &mut Vec<f32>) {
        let from = out.len();
        for _ in 0..rows.len() / self.weights.rows() {
            out.extend_from_slice(&self.bias);
        }
        self.accumulate(gemm, rows, &mut out[from..]);
    }

    /// `out` += `rows` × weights + bias: a layer and its residual sum.
    fn add(&self, gemm: &GemmExecutor, rows: &[f32], out: &mut [f32]) {
        for row in out.chunks_exact_mut(self.bias.len()) {
            row.iter_mut().zip(&self.bias).for_each(|(value, bias)| *value += bias);
        }
        self.accumulate(gemm, rows, out);
    }

    /// `out` += `rows` × weights. The bias lies there already: the product would add it tile by tile, which takes longer.
    fn accumulate(&self, gemm: &GemmExecutor, rows: &[f32], out: &mut [f32]) {
        let inner = self.weights.rows();
        let rows = GemmInputA::Unpacked(NdTensorView::from_data([rows.len() / inner, inner], rows));
        let options = GemmOptions { beta: 1.0, ..GemmOptions::default() };
        gemm.gemm(out, rows, GemmInputB::Packed(&self.weights), options)
            .expect("shapes were checked when the weights were read");
    }
}

fn check(name: &str, holds: bool) -> Result<(), EncoderError> {
    if holds { Ok(()) } else { Err(EncoderError::Wrong { name: name.to_owned(), what: "of another shape".to_owned() }) }
}

impl Network {
    pub(super) fn read(weights: &Weights) -> Result<Self, EncoderError> {
        let gemm = GemmExecutor::default();
        let (words, width) = weights.blocks("emb.word")?;
        let heads: usize = weights.fact("heads")?;
        check("heads", heads > 0 && width % heads == 0)?;
        check("emb.word", width == WIDTH)?;
        let (positions, types) = (weights.matrix("emb.pos")?, weights.floats("emb.type")?);
        check("emb.pos", positions.columns == width && types.len() >= width && positions.values.len() > 2 * width)?;
        let mut positions = positions.values;
        for row in positions.chunks_exact_mut(width) {
            row.iter_mut().zip(&types).for_each(|(value, kind)| *value += kind);
        }
        let mut layers = Vec::new();
        while weights.floats(&format!("l{}.q.b", layers.len())).is_ok() {
            let name = |part: &str| format!("l{}.{part}", layers.len());
            let attend = Linear::read(&gemm, weights, &[name("q"), name("k"), name("v")], width)?;
            let widen = Linear::read(&gemm, weights, &[name("fi")], width)?;
            let layer = Layer {
                attended: Linear::read(&gemm, weights, &[name("ao")], width)?,
                attended_norm: Norm::read(weights, &name("aln"), width)?,
                narrow: Linear::read(&gemm, weights, &[name("fo")], widen.bias.len())?,
                norm: Norm::read(weights, &name("oln"), width)?,
                attend,
                widen,
            };
            check(&name("q"), layer.attend.bias.len() == 3 * width)?;
            check(&name("fo"), layer.narrow.bias.len() == width && layer.attended.bias.len() == width)?;
            layers.push(layer);
        }
        check("l0", !layers.is_empty())?;
        let norm = Norm::read(weights, "emb.ln", width)?;
        let row_bytes = width / 32 * 18;
        let epsilon = weights.fact("epsilon")?;
        Ok(Self { words: words.to_vec(), row_bytes, positions, norm, layers, width, heads, epsilon })
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Most tokens of a text.
    pub(super) fn longest(&self) -> usize {
        self.positions.len() / self.width
    }

    /// The states of all tokens, texts end to end: `width` numbers a token.
    pub(super) fn run(&self, texts: &[&[u32]]) -> Vec<f32> {
        let (width, epsilon) = (self.width, self.epsilon);
        // Not kept: an executor stays on its thread, and making one costs nothing.
        let gemm = GemmExecutor::default();
        let mut states = self.embedded(texts);
        let (mut projected, mut attended, mut wide) = (Vec::new(), Vec::new(), Vec::new());
        for layer in &self.layers {
            projected.clear();
            for states in states.chunks(TOGETHER * width) {
                layer.attend.append(&gemm, states, &mut projected);
            }
            self.attention(&gemm, texts, &projected, &mut attended);
            for (states, attended) in states.chunks_mut(TOGETHER * width).zip(attended.chunks(TOGETHER * width)) {
                layer.attended.add(&gemm, attended, states);
                layer.attended_norm.apply(states, epsilon);
                wide.clear();
                layer.widen.append(&gemm, states, &mut wide);
                Gelu {}.map_mut(&mut wide);
                layer.narrow.add(&gemm, &wide, states);
                layer.norm.apply(states, epsilon);
            }
        }
        states
    }

    fn embedded(&self, texts: &[&[u32]]) -> Vec<f32> {
        let width = self.width;
        let count: usize = texts.iter().map(|text| text.len()).sum();
        let mut states = Vec::with_capacity(count * width);
        for text in texts {
            for (id, position) in text.iter().zip(self.positions.chunks_exact(width)) {
                let from = states.len();
                let at = *id as usize * self.row_bytes;
                dequantise(&self.words[at..at + self.row_bytes], &mut states);
                states[from..].iter_mut().zip(position).for_each(|(value, position)| *value += position);
            }
        }
        self.norm.apply(&mut states, self.epsilon);
        states
    }

    /// Scaled dot-product attention (Vaswani et al. 2017) of each text to itself. `projected` has a row a token:
    /// queries, keys and values, each of all heads; `attended` gets one of `width`.
    fn attention(&self, gemm: &GemmExecutor, texts: &[&[u32]], projected: &[f32], attended: &mut Vec<f32>) {
        let (width, size) = (self.width, self.width / self.heads);
        attended.resize(projected.len() / 3, 0.0);
        let scale = 1.0 / (size as f32).sqrt();
        let (mut scores, mut part) = (Vec::new(), Vec::new());
        let mut from = 0;
        for text in texts {
            let count = text.len();
            let rows = &projected[from * 3 * width..(from + count) * 3 * width];
            let out = &mut attended[from * width..(from + count) * width];
            from += count;
            scores.resize(count * count, 0.0);
            part.resize(count * size, 0.0);
            let all = NdTensorView::from_data([count, 3 * width], rows);
            for head in 0..self.heads {
                let columns = |kind: usize| {
                    let at = kind * width + head * size;
                    all.slice((.., at..at + size))
                };
                let (queries, keys, values): (Matrix<'_>, Matrix<'_>, Matrix<'_>) =
                    (columns(0), columns(1), columns(2));
                let options = GemmOptions { alpha: scale, ..GemmOptions::default() };
                let keys = GemmInputB::Unpacked(keys.transposed());
                gemm.gemm(&mut scores, GemmInputA::Unpacked(queries), keys, options).expect("square by construction");
                for row in scores.chunks_exact_mut(count) {
                    Softmax::new_mut(row).dispatch();
                }
                let weights = NdTensorView::from_data([count, count], scores.as_slice());
                let (weights, values) = (GemmInputA::Unpacked(weights), GemmInputB::Unpacked(values));
                gemm.gemm(&mut part, weights, values, GemmOptions::default()).expect("square by construction");
                for (row, part) in out.chunks_exact_mut(width).zip(part.chunks_exact(size)) {
                    row[head * size..(head + 1) * size].copy_from_slice(part);
                }
            }
        }
    }
}
