use std::collections::HashMap;
use std::str::FromStr;

use safetensors::tensor::{Dtype, Metadata, SafeTensors};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Bytes of a Q4_0 block: a half-precision scale and two weights a byte.
pub(super) const BLOCK_BYTES: usize = 18;
/// Bytes of the table of pieces that go into the edition: all 24 MB would take longer than reading them.
const DIGESTED: usize = 1 << 18;
/// Weights in a block.
pub(super) const BLOCK: usize = 32;

/// Weights that cannot be read.
#[derive(Debug, Error)]
pub enum EncoderError {
    /// No safetensors file.
    #[error("no file of weights: {0}; data/models/prune.py makes one")]
    Format(#[from] safetensors::SafeTensorError),
    /// A tensor or fact is missing, or not what it should be.
    #[error("the weights' {name} is wrong: {what}; data/models/prune.py makes them anew")]
    Wrong {
        /// Name of the tensor or fact.
        name: String,
        /// What is wrong with it.
        what: String,
    },
}

/// A file of weights, as `data/models/prune.py` lays it out, with its adapters.
pub(super) struct Weights<'a> {
    tensors: SafeTensors<'a>,
    facts: HashMap<String, String>,
    adapter: Option<Adapter<'a>>,
}

/// What fine-tuning added: matrices, and the cues.
struct Adapter<'a> {
    tensors: SafeTensors<'a>,
    facts: HashMap<String, String>,
}

/// What reads from a token's state whether a reader would mark it for a code: a direction and a threshold a code.
#[derive(Debug, Default)]
pub(super) struct Cues {
    pub(super) names: Vec<String>,
    pub(super) directions: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// A matrix as rows end to end.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) values: Vec<f32>,
    pub(super) columns: usize,
}

fn wrong(name: &str, what: impl Into<String>) -> EncoderError {
    EncoderError::Wrong { name: name.to_owned(), what: what.into() }
}

impl<'a> Weights<'a> {
    pub(super) fn read(file: &'a [u8], adapter: Option<&'a [u8]>) -> Result<Self, EncoderError> {
        let (_, metadata): (usize, Metadata) = SafeTensors::read_metadata(file)?;
        let facts = metadata.metadata().clone().unwrap_or_default();
        let adapter = match adapter {
            Some(file) => Some(Adapter {
                tensors: SafeTensors::deserialize(file)?,
                facts: SafeTensors::read_metadata(file)?.1.metadata().clone().unwrap_or_default(),
            }),
            None => None,
        };
        Ok(Self { tensors: SafeTensors::deserialize(file)?, facts, adapter })
    }

    /// A number from the file's metadata.
    pub(super) fn fact<T: FromStr>(&self, name: &str) -> Result<T, EncoderError> {
        self.facts.get(name).and_then(|fact| fact.parse().ok()).ok_or_else(|| wrong(name, "missing, or no number"))
    }

    fn tensor(&self, name: &str, dtype: Dtype) -> Result<(&'a [u8], Vec<usize>), EncoderError> {
        let tensor = self.tensors.tensor(name)?;
        if tensor.dtype() != dtype {
            return Err(wrong(name, format!("{:?} where {dtype:?} is read", tensor.dtype())));
        }
        Ok((tensor.data(), tensor.shape().to_vec()))
    }

    pub(super) fn bytes(&self, name: &str) -> Result<&'a [u8], EncoderError> {
        Ok(self.tensor(name, Dtype::U8)?.0)
    }

    pub(super) fn integers(&self, name: &str) -> Result<Vec<u32>, EncoderError> {
        let (data, _) = self.tensor(name, Dtype::U32)?;
        Ok(data.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect())
    }

    pub(super) fn floats(&self, name: &str) -> Result<Vec<f32>, EncoderError> {
        Ok(floats(self.tensor(name, Dtype::F32)?.0))
    }

    /// Rows and columns of a matrix.
    pub(super) fn shape(&self, name: &str) -> Result<(usize, usize), EncoderError> {
        match self.tensors.tensor(name)?.shape() {
            [rows, columns] => Ok((*rows, *columns)),
            other => Err(wrong(name, format!("shape {other:?}, not a matrix"))),
        }
    }

    pub(super) fn matrix(&self, name: &str) -> Result<Rows, EncoderError> {
        let (_, columns) = self.shape(name)?;
        Ok(Rows { values: self.floats(name)?, columns })
    }

    /// The blocks of a 4-bit matrix, row by row, and the number of columns they stand for.
    pub(super) fn blocks(&self, name: &str) -> Result<(&'a [u8], usize), EncoderError> {
        let (data, shape) = self.tensor(name, Dtype::U8)?;
        match shape[..] {
            [_, blocks, BLOCK_BYTES] => Ok((data, blocks * BLOCK)),
            _ => Err(wrong(name, format!("shape {shape:?}, not rows of 4-bit blocks"))),
        }
    }

    /// A 4-bit matrix made whole, with what its adapters add.
    pub(super) fn dense(&self, name: &str) -> Result<Rows, EncoderError> {
        let (data, columns) = self.blocks(name)?;
        let mut values = Vec::with_capacity(data.len() / BLOCK_BYTES * BLOCK);
        dequantise(data, &mut values);
        let side = |side: char| self.adapter.as_ref()?.tensors.tensor(&format!("{name}.{side}")).ok();
        let sides = (side('a'), side('b'));
        // Layers below those that were trained have none.
        if sides.0.is_some() != sides.1.is_some() {
            return Err(wrong(name, "an adapter of which one half is missing"));
        }
        if let (Some(a), Some(b)) = sides {
            if a.dtype() != Dtype::F16 || b.dtype() != Dtype::F16 {
                return Err(wrong(name, "adapters that are not of half precision"));
            }
            let (a, b) = (halves(a.data()), halves(b.data()));
            let rank = a.len() / columns;
            if rank == 0 || a.len() != rank * columns || b.len() / rank * columns != values.len() {
                return Err(wrong(name, "adapters of another shape"));
            }
            for (row, b) in values.chunks_exact_mut(columns).zip(b.chunks_exact(rank)) {
                for (weight, a) in b.iter().zip(a.chunks_exact(columns)) {
                    row.iter_mut().zip(a).for_each(|(value, a)| *value += weight * a);
                }
            }
        }
        Ok(Rows { values, columns })
    }

    /// What tells the base's weights from others: a digest of its vocabulary and of some of its numbers, enough to tell one pruning from another.
    pub(super) fn edition(&self) -> Result<String, EncoderError> {
        let scores = self.tensor("tokens.scores", Dtype::F32)?.0;
        let (rows, _) = self.blocks("emb.word")?;
        Ok(digest(&[scores, &rows[..rows.len().min(DIGESTED)]]))
    }

    /// The cues that came with the adapters, for states of `width` numbers.
    pub(super) fn cues(&self, width: usize) -> Result<Cues, EncoderError> {
        let Some(adapter) = &self.adapter else { return Ok(Cues::default()) };
        let names = adapter.facts.get("cues").ok_or_else(|| wrong("cues", "missing"))?;
        let names: Vec<String> = names.split(',').map(str::to_owned).collect();
        let numbers = |name: &str| -> Result<Vec<f32>, EncoderError> {
            let tensor = adapter.tensors.tensor(name)?;
            if tensor.dtype() == Dtype::F32 { Ok(floats(tensor.data())) } else { Err(wrong(name, "of another type")) }
        };
        let cues = Cues { directions: numbers("cues.w")?, bias: numbers("cues.b")?, names };
        if cues.bias.len() != cues.names.len() || cues.directions.len() != cues.names.len() * width {
            return Err(wrong("cues", "of another shape"));
        }
        Ok(cues)
    }
}

/// The first twelve digits of the SHA-256 of some bytes.
pub(super) fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize()[..6].iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"))
}

fn floats(data: &[u8]) -> Vec<f32> {
    data.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

fn halves(data: &[u8]) -> Vec<f32> {
    data.as_chunks().0.iter().map(|bytes| half(u16::from_le_bytes(*bytes))).collect()
}

/// A half-precision number (IEEE 754 binary16).
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    match exponent {
        0 => sign * fraction * 2_f32.powi(-24),
        31 if fraction == 0.0 => sign * f32::INFINITY,
        31 => f32::NAN,
        _ => sign * (1.0 + fraction / 1024.0) * 2_f32.powi(exponent - 15),
    }
}

/// Appends the weights of Q4_0 blocks.
pub(super) fn dequantise(data: &[u8], into: &mut Vec<f32>) {
    for block in data.chunks_exact(BLOCK_BYTES) {
        let scale = half(u16::from_le_bytes([block[0], block[1]]));
        into.extend(block[2..].iter().map(|byte| (f32::from(byte & 15) - 8.0) * scale));
        into.extend(block[2..].iter().map(|byte| (f32::from(byte >> 4) - 8.0) * scale));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_read() {
        for (bits, value) in
            [(0x3c00, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_95), (0x0001, 5.960_464_5e-8), (0x8000, 0.0)]
        {
            assert!((half(bits) - value).abs() < 1e-9, "{bits:x}");
        }
        assert!(half(0x7e00).is_nan() && half(0xfc00).is_infinite());
    }

    #[test]
    fn a_file_that_is_none_is_refused() {
        assert!(super::super::Encoder::read(b"not weights", None).is_err());
    }
}
