use std::collections::HashMap;

use super::association::{is_more, log_dice, log_likelihood};
use super::corpus::Placed;
use super::keyness::{Compared, Key, writers};
use super::terms::Terms;
use super::{LEAST_COMMENTS, LEAST_LOG_LIKELIHOOD, LEAST_WRITERS};
use crate::model::Collocation;

/// Words to either side that are near.
const WINDOW: usize = 5;
/// Key words whose neighbourhood is looked at.
const NODES: usize = 20;
/// How much more often the value's comments use these, in doublings.
const NODE_LOG_RATIO: f64 = 1.0;

/// A pair of words near each other.
#[derive(Debug, Default)]
struct Near {
    /// Who wrote the value's comments that have it, one entry a comment.
    writers: Vec<Option<u32>>,
    comments_rest: u64,
}

/// The words that stand near key words of the value more often than in the rest: within five words and a sentence. Counted are comments, once
/// each.
pub(super) fn near(compared: &Compared, words: &Terms, keys: &[Key]) -> Vec<Collocation> {
    let (size, size_rest) = compared.sizes(words);
    let is_node = nodes(compared, keys);
    let mut rows = Vec::new();
    let mut comments: HashMap<u32, u64> = HashMap::new();
    for (pair, near) in found(compared, &is_node) {
        let both = near.writers.len() as u64;
        let log_likelihood = log_likelihood(both, near.comments_rest, size, size_rest);
        if both < LEAST_COMMENTS || log_likelihood < LEAST_LOG_LIKELIHOOD {
            continue;
        }
        let (named, unsigned) = writers(near.writers.iter().copied());
        if named + unsigned < LEAST_WRITERS || !is_more(both, near.comments_rest, size, size_rest) {
            continue;
        }
        let mut with = |word: u32| *comments.entry(word).or_insert_with(|| compared.comments(words, word));
        let [node_comments, collocate_comments] = [with(pair[0]), with(pair[1])];
        rows.push(Collocation {
            language: compared.corpus.language.map(str::to_owned),
            question: compared.case.question.name().to_owned(),
            value: compared.case.value().to_owned(),
            node: compared.corpus.spelling(pair[0]).to_owned(),
            collocate: compared.corpus.spelling(pair[1]).to_owned(),
            comments: both,
            comments_rest: near.comments_rest,
            node_comments,
            collocate_comments,
            log_dice: log_dice(both, node_comments, collocate_comments),
            log_likelihood,
            authors: named,
        });
    }
    rows.sort_by(|one, other| {
        let clearest =
            other.log_dice.total_cmp(&one.log_dice).then(other.log_likelihood.total_cmp(&one.log_likelihood));
        clearest.then_with(|| (&one.node, &one.collocate).cmp(&(&other.node, &other.collocate)))
    });
    rows.truncate(compared.top);
    rows
}

/// Which words are looked at: the first key words that the value's comments use twice as often as the rest. Others, such as articles, are near everything.
fn nodes(compared: &Compared, keys: &[Key]) -> Vec<bool> {
    let mut is_node = vec![false; compared.corpus.vocabulary()];
    for key in keys.iter().filter(|key| key.log_ratio >= NODE_LOG_RATIO).take(NODES) {
        is_node[key.name[0] as usize] = true;
    }
    is_node
}

/// All pairs of a node and a word near it.
fn found(compared: &Compared, is_node: &[bool]) -> HashMap<[u32; 2], Near> {
    let mut found: HashMap<[u32; 2], Near> = HashMap::new();
    for (at, reading) in compared.corpus.readings.iter().enumerate() {
        let Some(ours) = compared.is(at) else { continue };
        for pair in pairs(&reading.words, is_node) {
            let near = found.entry(pair).or_default();
            if ours {
                near.writers.push(reading.writer);
            } else {
                near.comments_rest += 1;
            }
        }
    }
    found
}

/// The nodes of a comment with each word near them, once each. Of two nodes the one of the lower number stands first.
fn pairs(words: &[Placed], is_node: &[bool]) -> Vec<[u32; 2]> {
    let mut pairs = Vec::new();
    for (at, placed) in words.iter().enumerate().filter(|(_, placed)| is_node[placed.word as usize]) {
        let near = words[at.saturating_sub(WINDOW)..(at + WINDOW + 1).min(words.len())].iter();
        let others = near.filter(|other| other.sentence == placed.sentence && other.word != placed.word);
        pairs.extend(others.map(|other| {
            let both = is_node[other.word as usize];
            if both && other.word < placed.word { [other.word, placed.word] } else { [placed.word, other.word] }
        }));
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}
