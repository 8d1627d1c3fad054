use super::answers::{Answers, Case};
use super::association::{chance_of, false_discovery, is_more, log_likelihood, log_ratio};
use super::corpus::Corpus;
use super::terms::{PAST_END, Terms};
use super::{LEAST_COMMENTS, LEAST_LOG_LIKELIHOOD, LEAST_WRITERS};
use crate::model::KeyTerm;

const MILLION: f64 = 1e6;

/// Comments of a value against the rest of a corpus.
#[derive(Debug)]
pub(super) struct Compared<'a> {
    pub(super) corpus: &'a Corpus<'a>,
    pub(super) case: Case<'a>,
    /// Rows of each kind at most.
    pub(super) top: usize,
    /// Of each reading, whether it is of the value; `None` where its comment has no answer.
    is: Vec<Option<bool>>,
}

/// A term that the value's comments use more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// Its place among the terms.
    term: usize,
    /// Its words.
    pub(super) name: [u32; 2],
    used: Used,
    log_likelihood: f64,
    pub(super) log_ratio: f64,
    p: f64,
    q: f64,
}

/// How much a term is used on either side.
#[derive(Debug, Clone, Copy, Default)]
struct Used {
    count: u64,
    count_rest: u64,
    comments: u64,
    comments_rest: u64,
}

impl<'a> Compared<'a> {
    pub(super) fn new(corpus: &'a Corpus<'a>, answers: &Answers<'a>, case: Case<'a>, top: usize) -> Self {
        let is = corpus.readings.iter().map(|reading| answers.is(case, reading.at)).collect();
        Self { corpus, case, top, is }
    }

    /// Whether a reading is of the value; `None` where its comment has no answer.
    pub(super) fn is(&self, reading: usize) -> Option<bool> {
        self.is[reading]
    }

    /// Terms of all readings: of the value, and of the rest.
    pub(super) fn sizes(&self, terms: &Terms) -> (u64, u64) {
        let mut sizes = (0, 0);
        for (reading, length) in terms.lengths.iter().enumerate() {
            match self.is(reading) {
                Some(true) => sizes.0 += length,
                Some(false) => sizes.1 += length,
                None => {}
            }
        }
        sizes
    }

    fn used(&self, terms: &Terms, term: usize) -> Used {
        let mut used = Used::default();
        for (reading, times) in terms.uses(term) {
            match self.is(reading) {
                Some(true) => {
                    used.count += times;
                    used.comments += 1;
                }
                Some(false) => {
                    used.count_rest += times;
                    used.comments_rest += 1;
                }
                None => {}
            }
        }
        used
    }

    /// The terms most typical of the value, the most typical first. All that enough comments use are tested, whichever side they are on.
    pub(super) fn keys(&self, terms: &Terms) -> Vec<Key> {
        let (size, size_rest) = self.sizes(terms);
        let tested = (0..terms.names.len()).filter_map(|term| {
            let used = self.used(terms, term);
            (used.comments + used.comments_rest >= LEAST_COMMENTS).then(|| {
                let Used { count, count_rest, .. } = used;
                let log_likelihood = log_likelihood(count, count_rest, size, size_rest);
                let log_ratio = log_ratio(count, count_rest, size, size_rest);
                Key {
                    term,
                    name: terms.names[term],
                    used,
                    log_likelihood,
                    log_ratio,
                    p: chance_of(log_likelihood),
                    q: 1.0,
                }
            })
        });
        let mut tested: Vec<Key> = tested.collect();
        let adjusted = false_discovery(&tested.iter().map(|key| key.p).collect::<Vec<_>>());
        for (key, q) in tested.iter_mut().zip(adjusted) {
            key.q = q;
        }
        tested.retain(|key| {
            let Used { count, count_rest, comments, .. } = key.used;
            comments >= LEAST_COMMENTS
                && key.log_likelihood >= LEAST_LOG_LIKELIHOOD
                && is_more(count, count_rest, size, size_rest)
        });
        tested.sort_by(|one, other| other.log_likelihood.total_cmp(&one.log_likelihood));
        let by_several = |key: &Key| {
            let (named, unsigned) = self.writers(terms, key.term);
            named + unsigned >= LEAST_WRITERS
        };
        tested.into_iter().filter(by_several).take(self.top).collect()
    }

    /// Comments of the value that use a word.
    pub(super) fn comments(&self, words: &Terms, word: u32) -> u64 {
        words.with(word).filter(|reading| self.is(*reading) == Some(true)).count() as u64
    }

    /// Who uses a term in comments of the value: named authors, and comments without one.
    fn writers(&self, terms: &Terms, term: usize) -> (u64, u64) {
        let ours = terms.uses(term).filter(|(reading, _)| self.is(*reading) == Some(true));
        writers(ours.map(|(reading, _)| self.corpus.readings[reading].writer))
    }

    /// The rows of keys among terms of so many words.
    pub(super) fn rows(&self, words: u64, terms: &Terms, keys: &[Key]) -> Vec<KeyTerm> {
        let (size, size_rest) = self.sizes(terms);
        let row = |key: &Key| {
            let Used { count, count_rest, comments, comments_rest } = key.used;
            KeyTerm {
                language: self.corpus.language.map(str::to_owned),
                question: self.case.question.name().to_owned(),
                value: self.case.value().to_owned(),
                words,
                term: self.spelled(key.name),
                count,
                count_rest,
                rate: MILLION * count as f64 / size as f64,
                rate_rest: MILLION * count_rest as f64 / size_rest as f64,
                log_likelihood: key.log_likelihood,
                log_ratio: key.log_ratio,
                p: key.p,
                q: key.q,
                comments,
                comments_rest,
                authors: self.writers(terms, key.term).0,
            }
        };
        keys.iter().map(row).collect()
    }

    fn spelled(&self, [first, second]: [u32; 2]) -> String {
        let first = self.corpus.spelling(first);
        if second == PAST_END {
            return first.to_owned();
        }
        let blank = if first.ends_with(['\'', '’']) { "" } else { " " };
        format!("{first}{blank}{}", self.corpus.spelling(second))
    }
}

/// Different people among writers, and comments that name none.
pub(super) fn writers(of: impl Iterator<Item = Option<u32>>) -> (u64, u64) {
    let (mut named, mut unsigned) = (Vec::new(), 0);
    for writer in of {
        match writer {
            Some(writer) => named.push(writer),
            None => unsigned += 1,
        }
    }
    named.sort_unstable();
    named.dedup();
    (named.len() as u64, unsigned)
}
