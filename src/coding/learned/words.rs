use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::features::{HASH_KINDS, kind, own, words};
use super::model::{Features, Model, Reads, bucket, rarity};
use crate::coding::Unit;
use crate::encoder::Pieces;
use crate::text::{Token, TokenKind};

/// What a word's hashes give as words and as runs of letters, and both again as a habit's own; and what it means by itself.
pub(super) const KINDS: usize = 2 * HASH_KINDS + 1;
/// The last of them: the vector of the word, a mean over words where the others are brought to length one.
pub(super) const MEANING: usize = KINDS - 1;
/// Words kept at hand, over all threads (some 16 MB with the models causerie comes with): most of what people write are a few thousand.
const KEPT: usize = 1 << 16;
/// Longest word (bytes) that is kept.
const LONGEST: usize = 40;

/// What the words of comments give in each column of some models. What a word gives does not depend on those around it, so each
/// thread keeps what it has worked out.
#[derive(Debug)]
pub(super) struct WordScores {
    /// One for each thread.
    shards: Vec<Mutex<Shard>>,
}

/// What words give, by the word as it is written.
type Known = HashMap<Box<str>, Box<[f32]>>;

/// What one thread keeps at hand.
#[derive(Debug, Default)]
struct Shard {
    /// By the voices of the models, then by word.
    known: HashMap<Vec<usize>, Known>,
    /// How many words there are in all.
    words: usize,
}

impl WordScores {
    pub(super) fn new() -> Self {
        Self { shards: (0..rayon::current_num_threads()).map(|_| Mutex::default()).collect() }
    }

    /// Adds what the words of a comment give to the scores of each model; `features` says with which voice each reads.
    pub(super) fn add(&self, models: &[Model], features: &[Features], unit: &Unit<'_>, scores: &mut [Vec<f32>]) {
        let mut sums = vec![0.0; models.iter().map(size).sum()];
        self.each(models, features, unit, |gives| {
            sums.iter_mut().zip(gives).for_each(|(sum, value)| *sum += value);
        });
        let mut rest = &sums[..];
        for (model, scores) in models.iter().zip(scores) {
            let (mine, others) = rest.split_at(size(model));
            scale(model, mine, scores);
            rest = others;
        }
    }

    /// Shows what each token of a comment gives: for each model, for each of [`KINDS`] one number a column and a last one, to which the
    /// sums of the kind over a text are brought ([`brought_to`]).
    pub(super) fn each(&self, models: &[Model], features: &[Features], unit: &Unit<'_>, mut see: impl FnMut(&[f32])) {
        let voices: Vec<usize> = features.iter().map(|features| features.voice).collect();
        let readers = Reader::all(models, &voices);
        let at = rayon::current_thread_index().unwrap_or(0) % self.shards.len();
        let mut shard = self.shards[at].lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = shard.known.remove(&voices).unwrap_or_default();
        let mut gives = vec![0.0_f32; models.iter().map(size).sum()];
        let mut hashes = Vec::new();
        for (token, word) in unit.tokens.items().iter().zip(words(unit.tokens)) {
            let raw = token.span.of(unit.text);
            // Quotes look like words and give nothing; numbers and sums are rarely met again.
            let lasting = matches!(token.kind, TokenKind::Word | TokenKind::End | TokenKind::Smiley | TokenKind::Emoji);
            if let Some(kept) = known.get(raw).filter(|_| lasting) {
                gives.copy_from_slice(kept);
            } else {
                gives.fill(0.0);
                hashes.clear();
                word.hashes_alone(&mut hashes);
                tally(&readers, &hashes, &mut gives);
                mean(&readers, token, raw, &mut gives);
                if lasting && raw.len() <= LONGEST {
                    if shard.words >= KEPT / self.shards.len() {
                        known.clear();
                        *shard = Shard::default();
                    }
                    known.insert(Box::from(raw), Box::from(&gives[..]));
                    shard.words += 1;
                }
            }
            if let Some(pair) = word.pair {
                tally(&readers, &[pair], &mut gives);
            }
            see(&gives);
        }
        shard.known.insert(voices, known);
    }
}

/// What the sums of a kind over a text are divided by: the length of the vector of rarities, or the number of words.
pub(super) fn brought_to(kind: usize, last: f64) -> f64 {
    if kind == MEANING { last } else { last.sqrt() }
}

/// A model as it reads comments of one habit.
struct Reader<'m> {
    model: &'m Model,
    voice: usize,
    seed: Option<u32>,
}

impl<'m> Reader<'m> {
    fn all(models: &'m [Model], voices: &[usize]) -> Vec<Self> {
        let reader = |(model, voice): (&'m Model, &usize)| Self { model, voice: *voice, seed: model.seed(*voice) };
        models.iter().zip(voices).map(reader).collect()
    }

    fn add_hash(&self, hash: u32, kind: usize, sums: &mut [f32]) {
        let columns = self.model.weights.columns;
        let from = bucket(hash, self.model.facts.bits) * (columns + 1);
        let row = &self.model.weights.hashed[from..=from + columns];
        let rarity = rarity(row[0] as u8);
        let sums = &mut sums[kind * (columns + 1)..][..=columns];
        sums.iter_mut().zip(&row[1..]).for_each(|(sum, weight)| *sum += f32::from(*weight) * rarity);
        sums[columns] += rarity * rarity;
    }

    fn add_meaning(&self, vector: &[f32], sums: &mut [f32]) {
        let weights = &self.model.weights;
        let sums = &mut sums[MEANING * (weights.columns + 1)..];
        let places = vector.iter().zip(weights.mean.iter().zip(&weights.stretch));
        for ((value, (mean, stretch)), row) in places.zip(self.model.vector(self.voice)) {
            let value = (value - mean) * stretch;
            sums.iter_mut().zip(row).for_each(|(sum, weight)| *sum += weight * value);
        }
        sums[weights.columns] += 1.0;
    }
}

/// Adds the sums of each kind, brought to size, to a model's scores.
fn scale(model: &Model, sums: &[f32], scores: &mut [f32]) {
    let columns = model.weights.columns;
    for (kind, sums) in sums.chunks_exact(columns + 1).enumerate().filter(|(_, sums)| sums[columns] > 0.0) {
        let size = brought_to(kind, f64::from(sums[columns])) as f32;
        for (column, score) in scores.iter_mut().enumerate() {
            *score += sums[column] * step(model, kind, column) / size;
        }
    }
}

/// Numbers that a token gives in a model.
pub(super) fn size(model: &Model) -> usize {
    KINDS * (model.weights.columns + 1)
}

/// What a column's numbers are steps of: the hashed weights are stored in bytes.
pub(super) fn step(model: &Model, kind: usize, column: usize) -> f32 {
    if kind == MEANING { 1.0 } else { model.facts.scales[column] }
}

/// Adds what hashes give each reader.
fn tally(readers: &[Reader<'_>], hashes: &[u32], sums: &mut [f32]) {
    let mut rest = sums;
    for reader in readers {
        let (mine, others) = rest.split_at_mut(size(reader.model));
        for hash in hashes {
            reader.add_hash(*hash, kind(*hash), mine);
            if let Some(seed) = reader.seed {
                reader.add_hash(own(*hash, seed), HASH_KINDS + kind(*hash), mine);
            }
        }
        rest = others;
    }
}

/// Adds what a word means by itself for each reader that has no encoder to tell it in its place.
fn mean(readers: &[Reader<'_>], token: &Token, raw: &str, sums: &mut [f32]) {
    if !readers.iter().any(|reader| reader.model.facts.reads == Reads::Linear) {
        return;
    }
    let Some(vector) = meaning(token, raw) else { return };
    let mut rest = sums;
    for reader in readers {
        let (mine, others) = rest.split_at_mut(size(reader.model));
        if reader.model.facts.reads == Reads::Linear {
            reader.add_meaning(&vector, mine);
        }
        rest = others;
    }
}

/// What a token means by itself; nothing where it stands for words of others, or an address.
pub(super) fn meaning(token: &Token, raw: &str) -> Option<Vec<f32>> {
    (!matches!(token.kind, TokenKind::Quote | TokenKind::Link)).then(|| Pieces::builtin().mean(raw))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Codebook;
    use crate::coding::learned::Learned;
    use crate::model::{Quote, Span};
    use crate::text::{Tokens, tokens};

    fn unit<'a>(text: &'a str, tokens: &'a Tokens) -> Unit<'a> {
        Unit { text, quotes: &[], tokens, language: Some("fr"), parent: None, codable: true }
    }

    fn voices(coder: &Learned, habit: Option<&str>) -> Vec<Features> {
        coder.models.iter().map(|model| Features { voice: model.voice(habit), ..Features::default() }).collect()
    }

    #[test]
    fn a_quoted_word_is_not_the_word() {
        let coder = Learned::builtin(Reads::Linear, Codebook::of_names([]));
        let words = WordScores::new();
        let given = |quotes: &[Quote]| {
            let tokens = tokens("honte", quotes);
            let mut given = Vec::new();
            words.each(&coder.models, &voices(&coder, None), &unit("honte", &tokens), |gives| {
                given.push(gives.to_vec());
            });
            given
        };
        let said = given(&[]);
        let quoted = given(&[Quote { span: Span::new(0, 5), author: None }]);
        assert!(said.len() == 1 && said[0].iter().any(|value| *value != 0.0));
        assert!(quoted.len() == 1 && quoted[0].iter().all(|value| *value == 0.0));
        assert_eq!(given(&[]), said);
    }

    fn scores(coder: &Learned, words: &WordScores, habit: Option<&str>, text: &str) -> Vec<Vec<f32>> {
        let mut scores: Vec<Vec<f32>> = coder.models.iter().map(|model| vec![0.0; model.weights.columns]).collect();
        words.add(&coder.models, &voices(coder, habit), &unit(text, &tokens(text, &[])), &mut scores);
        scores
    }

    #[test]
    fn what_is_at_hand_gives_what_working_it_out_does() {
        let coder = Learned::builtin(Reads::Linear, Codebook::builtin());
        let (used, text) = (WordScores::new(), "Vendre ses données, vendre ses données : 20 euros ?!");
        let first = scores(&coder, &used, Some("fr"), text);
        assert!(first.len() == 2 && first.iter().flatten().any(|score| score.abs() > 0.01));
        assert_ne!(scores(&coder, &used, Some("fr post"), text), first, "habits have weights of their own");
        assert_ne!(scores(&coder, &used, None, text), first);
        assert_eq!(scores(&coder, &used, Some("fr"), text), first);
        assert_eq!(scores(&coder, &WordScores::new(), Some("fr"), text), first);
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let coder = Learned::builtin(Reads::Linear, Codebook::of_names([]));
        let words = WordScores::new();
        let text = (0..KEPT + 10).fold(String::new(), |text, at| {
            let letters = format!("{at:05}").bytes().map(|digit| char::from(digit - b'0' + b'a')).collect::<String>();
            text + &letters + " "
        });
        let first = scores(&coder, &words, Some("fr"), "Rien que des mots");
        scores(&coder, &words, Some("fr"), &text);
        for shard in &words.shards {
            let shard = shard.lock().unwrap();
            let kept: usize = shard.known.values().map(HashMap::len).sum();
            assert!(kept <= KEPT / words.shards.len() && kept == shard.words, "{kept}");
        }
        assert_eq!(scores(&coder, &words, Some("fr"), "Rien que des mots"), first);
    }
}
