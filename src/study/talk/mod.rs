//! What is said where in threads: codes and sentiment by depth, time and author, what answers what, which codes come together, and
//! the words that mark them.
//!
//! All figures describe the comments as coded; none is corrected for what the coder gets wrong ([`crate::study::estimate`] does that for shares).

mod answers;
mod association;
mod breakdown;
mod collocations;
mod cooccurrence;
mod corpus;
mod crosstab;
mod groups;
mod keyness;
mod responses;
mod terms;

#[cfg(test)]
mod tests;

pub use association::{log_dice, log_likelihood, log_ratio};
pub use breakdown::breakdown;
pub use cooccurrence::cooccurrence;
pub use responses::responses;

use rayon::prelude::*;

use crate::model::{Collocation, KeyTerm, Study};
use answers::{Answers, Case};
use corpus::Corpus;
use keyness::Compared;

/// A term in fewer comments says too little to be listed.
const LEAST_COMMENTS: u64 = 3;
/// A term of fewer people is their way of speaking, not what the code is about.
const LEAST_WRITERS: u64 = 2;
/// Log-likelihood that chance exceeds once in twenty times: less is no difference to speak of.
const LEAST_LOG_LIKELIHOOD: f64 = 3.841_458_820_694_124;

/// The words of codes and sentiments.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wording {
    /// Words, and pairs of words, that comments of a value use more than the rest; within a value by log-likelihood.
    pub keyness: Vec<KeyTerm>,
    /// What stands near key words; within a value by logDice.
    pub collocations: Vec<Collocation>,
}

/// Compares the words of the comments with each code, and of each sentiment, with those of the comments without it: at most `top` words, `top` pairs of words
/// and `top` collocations a value.
///
/// Comments are compared with comments in the same language (one that is not known is that of the thread), as else the words of a language would
/// mark a code. Words are the writer's own, without case and accents; no list of stop words takes part. Listed are terms with a log-likelihood of 3.84
/// at least (p < 0.05), in three comments of the value by two people; a comment without an author counts as one more of these.
pub fn wording(study: &Study, top: usize) -> Wording {
    let answers = Answers::of(study);
    let mut all = Wording::default();
    for corpus in Corpus::by_language(study) {
        let (words, pairs) = rayon::join(|| corpus.words(), || corpus.pairs());
        let of_case = |case: &Case| {
            let compared = Compared::new(&corpus, &answers, *case, top);
            let keys = compared.keys(&words);
            let collocations = collocations::near(&compared, &words, &keys);
            let mut keyness = compared.rows(1, &words, &keys);
            keyness.extend(compared.rows(2, &pairs, &compared.keys(&pairs)));
            Wording { keyness, collocations }
        };
        let of_cases: Vec<Wording> = answers.cases().par_iter().map(of_case).collect();
        for wording in of_cases {
            all.keyness.extend(wording.keyness);
            all.collocations.extend(wording.collocations);
        }
    }
    all
}
