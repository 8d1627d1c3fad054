//! Stretches copied word by word from the article or an earlier comment, found by shingles of folded words.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use super::fold::fold_into;
use crate::model::Span;

/// Words in a shingle.
const SHINGLE: usize = 5;
/// Shortest copy, in words, inside a sentence of the writer's own.
const FEWEST_WORDS: usize = 8;
/// What stands in so many comments is a slogan, a call that is handed on: everybody's own words.
const SLOGAN: u32 = 3;

/// Bytes beside a copied line that may be punctuation.
const MARGIN: usize = 32;

/// A shingle is already hashed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// Shingles of texts.
pub(super) type Shingles = HashSet<u64, BuildHasherDefault<Ready>>;

/// The texts a comment may have copied from. Time and memory are linear in their words.
#[derive(Debug, Default)]
pub(super) struct Copies {
    article: Shingles,
    /// Of the comments before.
    earlier: Shingles,
    /// In how many comments of the thread a shingle stands.
    said: HashMap<u64, u32, BuildHasherDefault<Ready>>,
}

/// The spans of the words of `text`: runs of letters and digits.
pub(super) fn words(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = None;
    for (i, c) in text.char_indices() {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(i),
            (false, Some(from)) => {
                spans.push(Span::new(from, i));
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        spans.push(Span::new(from, text.len()));
    }
    spans
}

/// The words of a text, and one hash a run of [`SHINGLE`] of them.
#[derive(Debug, Default)]
pub(super) struct Shingled {
    words: Vec<Span>,
    hashes: Vec<u64>,
}

impl Shingled {
    pub(super) fn of(text: &str) -> Self {
        let words = words(text);
        let mut folded = String::new();
        let hashes: Vec<u64> = words
            .iter()
            .map(|word| {
                folded.clear();
                fold_into(word.of(text), &mut folded);
                folded.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
            })
            .collect();
        let mix = |run: &[u64]| {
            let mixed = run.iter().fold(0_u64, |h, &w| (h.rotate_left(13) ^ w).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            mixed ^ (mixed >> 29)
        };
        Self { hashes: hashes.windows(SHINGLE).map(mix).collect(), words }
    }

    /// The shingles as a source.
    pub(super) fn shingles(&self) -> Shingles {
        self.hashes.iter().copied().collect()
    }

    /// The longest runs of words, from and to, of which every shingle is one of those.
    fn runs(&self, is_one: impl Fn(&u64) -> bool) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (i, shingle) in self.hashes.iter().enumerate() {
            if !is_one(shingle) {
                continue;
            }
            match found.last_mut() {
                Some(run) if i <= run.1 => run.1 = i + SHINGLE,
                _ => found.push((i, i + SHINGLE)),
            }
        }
        found
    }
}

impl Copies {
    /// Makes the article's words a source.
    pub(super) fn add_article(&mut self, text: &Shingled) {
        self.article.extend(&text.hashes);
    }

    /// Counts in how many comments words stand.
    pub(super) fn count(&mut self, text: &Shingled) {
        for shingle in text.shingles() {
            *self.said.entry(shingle).or_default() += 1;
        }
    }

    /// Makes a comment a source for those that follow.
    pub(super) fn add(&mut self, text: &Shingled) {
        self.earlier.extend(&text.hashes);
    }

    /// The stretches of `text` that stand in a source word by word: of the article and of the comment that is `answered` at least
    /// [`FEWEST_WORDS`] words, or a whole line of at least [`SHINGLE`]; of other earlier comments a whole line that is no
    /// slogan: who writes the same as others may mean it. A comment that is a copy from end to end has none: it was posted
    /// twice, or says with others' words what its writer means.
    pub(super) fn find(&self, text: &str, shingled: &Shingled, answered: Option<&Shingles>) -> Vec<Span> {
        let is_answered =
            |shingle: &u64| self.article.contains(shingle) || answered.is_some_and(|said| said.contains(shingle));
        let is_slogan = |shingle: &u64| self.said.get(shingle).is_some_and(|comments| *comments >= SLOGAN);
        let is_earlier = |shingle: &u64| self.earlier.contains(shingle) && !is_slogan(shingle);
        let words = &shingled.words;
        let whole = |(from, to): &(usize, usize)| *from == 0 && *to == words.len();
        if shingled.runs(|shingle| is_answered(shingle) || self.earlier.contains(shingle)).iter().any(whole) {
            return Vec::new();
        }
        let copied = |fewest: usize| {
            move |(from, to): (usize, usize)| {
                let (first, last) = (words.get(from)?, words.get(to - 1)?);
                let line = whole_lines(text, first.start, last.end);
                (to - from >= fewest || line.is_some())
                    .then(|| line.unwrap_or_else(|| Span::new(first.start, last.end)))
            }
        };
        let sure = shingled.runs(is_answered).into_iter().filter_map(copied(FEWEST_WORDS));
        let lines = shingled.runs(is_earlier).into_iter().filter_map(copied(usize::MAX));
        let mut found: Vec<Span> = sure.chain(lines).collect();
        found.sort();
        found.dedup_by(|next, last| {
            let overlaps = next.start < last.end;
            if overlaps {
                last.end = last.end.max(next.end);
            }
            overlaps
        });
        found
    }
}

/// The lines from `start` to `end` with their punctuation, if nothing but punctuation stands beside the words.
fn whole_lines(text: &str, start: usize, end: usize) -> Option<Span> {
    // A line with more beside the words is not theirs alone: no need to look further than a few characters.
    let head = &text.as_bytes()[start.saturating_sub(MARGIN)..start];
    let from = head.iter().rposition(|&b| b == b'\n').map(|i| start.saturating_sub(MARGIN) + i + 1);
    let from = from.or((start <= MARGIN).then_some(0))?;
    let tail = &text.as_bytes()[end..text.len().min(end + MARGIN)];
    let to = tail.iter().position(|&b| b == b'\n').map(|i| end + i);
    let to = to.or((text.len() <= end + MARGIN).then_some(text.len()))?;
    let bare = |part: &str| part.chars().all(|c| !c.is_alphanumeric() && !c.is_whitespace() || c == ' ');
    let quiet = bare(&text[from..start]) && bare(&text[end..to]) && text[end..to].chars().count() <= 4;
    quiet.then(|| Span::new(from, from + text[from..to].trim_end().len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "L'entreprise assure que les données ne seront jamais transmises à des tiers. Elle promet aussi \
                        de verser cinq euros.";

    fn copied(text: &str) -> Vec<String> {
        let mut copies = Copies::default();
        copies.add_article(&Shingled::of(BODY));
        copies.find(text, &Shingled::of(text), None).iter().map(|span| span.of(text).to_owned()).collect()
    }

    #[test]
    fn a_copied_line_is_found_without_marks() {
        let text = "Les donnees ne seront JAMAIS transmises à des tiers.\nEt ma sœur est pape.";
        assert_eq!(copied(text), ["Les donnees ne seront JAMAIS transmises à des tiers."]);
    }

    #[test]
    fn a_copied_run_inside_a_sentence_needs_eight_words() {
        assert_eq!(
            copied("Donc les données ne seront jamais transmises à des tiers, on y croit"),
            ["les données ne seront jamais transmises à des tiers"]
        );
        assert!(copied("Elle promet aussi de verser un peu plus").is_empty());
    }

    #[test]
    fn a_comment_posted_twice_is_no_quote() {
        assert!(copied("L'entreprise assure que les données ne seront jamais transmises à des tiers.").is_empty());
    }
}
