use std::sync::LazyLock;

use super::tokens::Vocabulary;
use super::weights::{BLOCK, BLOCK_BYTES, Weights, dequantise};
use super::{EncoderError, WEIGHTS, WIDTH};

/// Bytes of a piece's row of 4-bit blocks.
const ROW: usize = WIDTH / BLOCK * BLOCK_BYTES;

static BUILTIN: LazyLock<Pieces> =
    LazyLock::new(|| Pieces::read(WEIGHTS).expect("the built-in weights are checked by a test"));

/// The encoder's table of word pieces: what a word means by itself, whatever stands around it. It knows words that no training
/// table had.
#[derive(Debug)]
pub(crate) struct Pieces {
    vocabulary: Vocabulary,
    /// The 4-bit blocks of a piece after those of the one before.
    rows: &'static [u8],
    edition: String,
}

impl Pieces {
    /// Those of the built-in encoder. Made ready at the first call (some hundredths of a second).
    pub(crate) fn builtin() -> &'static Self {
        &BUILTIN
    }

    fn read(file: &'static [u8]) -> Result<Self, EncoderError> {
        let weights = Weights::read(file, None)?;
        let vocabulary = Vocabulary::read(&weights)?;
        let (rows, columns) = weights.blocks("emb.word")?;
        if columns != WIDTH || rows.len() != vocabulary.len() * ROW {
            let what = format!("{columns} columns, {} bytes", rows.len());
            return Err(EncoderError::Wrong { name: "emb.word".to_owned(), what });
        }
        Ok(Self { vocabulary, rows, edition: weights.edition()? })
    }

    /// What tells this table from another: weights fitted on one mean nothing on another.
    pub(crate) fn edition(&self) -> &str {
        &self.edition
    }

    /// The mean of a word's pieces, [`WIDTH`] numbers.
    pub(crate) fn mean(&self, word: &str) -> Vec<f32> {
        let pieces = self.vocabulary.cut(word);
        let (mut mean, mut values) = (vec![0.0; WIDTH], Vec::with_capacity(WIDTH));
        for (id, _) in &pieces {
            let from = *id as usize * ROW;
            values.clear();
            dequantise(&self.rows[from..from + ROW], &mut values);
            mean.iter_mut().zip(&values).for_each(|(sum, value)| *sum += value);
        }
        let count = pieces.len().max(1) as f32;
        for value in &mut mean {
            *value /= count;
        }
        mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_mean_of_its_pieces() {
        let pieces = Pieces::builtin();
        let word = "anticonstitutionnellement";
        let cut = pieces.vocabulary.cut(word);
        assert!(cut.len() > 1);
        let mut mean = vec![0.0_f32; WIDTH];
        for (id, _) in &cut {
            let mut values = Vec::new();
            dequantise(&pieces.rows[*id as usize * ROW..][..ROW], &mut values);
            mean.iter_mut().zip(values).for_each(|(sum, value)| *sum += value / cut.len() as f32);
        }
        let close = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-6;
        assert!(pieces.mean(word).iter().zip(&mean).all(close));
        assert!(mean.iter().any(|value| value.abs() > 1e-3));
        assert_eq!(pieces.mean(""), vec![0.0; WIDTH]);
    }
}
