use rayon::prelude::*;

use super::LEAST_COMMENTS;

/// The second word of a term that has one only.
pub(super) const PAST_END: u32 = u32::MAX;

/// Terms and where they stand: an inverted index of readings. Terms used fewer times than any that is listed are left out.
#[derive(Debug)]
pub(super) struct Terms {
    /// The words of each term, in order.
    pub(super) names: Vec<[u32; 2]>,
    /// Where the list of each term begins in `readings`, and where the last one ends.
    starts: Vec<usize>,
    /// For each time a term is used, the reading it is used in, in order.
    readings: Vec<u32>,
    /// Terms in each reading, those left out, too.
    pub(super) lengths: Vec<u64>,
}

impl Terms {
    /// An index of the terms of each reading, by their words.
    pub(super) fn of<R: Iterator<Item = [u32; 2]>>(readings: impl Iterator<Item = R>) -> Self {
        let (mut uses, mut lengths) = (Vec::new(), Vec::new());
        for (reading, terms) in readings.enumerate() {
            let before = uses.len();
            uses.extend(terms.map(|term| (term, reading as u32)));
            lengths.push((uses.len() - before) as u64);
        }
        uses.par_sort_unstable();
        let mut index = Self { names: Vec::new(), starts: vec![0], readings: Vec::new(), lengths };
        for same in uses.chunk_by(|one, other| one.0 == other.0).filter(|same| same.len() as u64 >= LEAST_COMMENTS) {
            index.names.push(same[0].0);
            index.readings.extend(same.iter().map(|(_, reading)| *reading));
            index.starts.push(index.readings.len());
        }
        index
    }

    /// The readings that use a term, each with how often.
    pub(super) fn uses(&self, term: usize) -> impl Iterator<Item = (usize, u64)> {
        let uses = &self.readings[self.starts[term]..self.starts[term + 1]];
        uses.chunk_by(|one, other| one == other).map(|same| (same[0] as usize, same.len() as u64))
    }

    /// The readings that use a word; none for a word left out.
    pub(super) fn with(&self, word: u32) -> impl Iterator<Item = usize> {
        let term = self.names.binary_search(&[word, PAST_END]).ok();
        term.into_iter().flat_map(|term| self.uses(term)).map(|(reading, _)| reading)
    }
}
