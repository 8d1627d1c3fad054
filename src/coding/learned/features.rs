use crate::coding::lexicon::Lexicons;
use crate::coding::polarity;
use crate::coding::rules::Rules;
use crate::coding::view::View;
use crate::coding::{Setting, Unit};
use crate::model::{Coding, Span};
use crate::text::negation::is_negator;
use crate::text::{Token, TokenKind, Tokens};

/// Longest run of letters that is a feature.
const LETTERS: usize = 5;
/// Longest word (bytes, folded) whose runs of letters are features: beyond it nothing is a word.
const LONGEST_WORD: usize = 40;
/// Below this many words a comment leans on what it answers.
const SHORT: f32 = 8.0;

/// The features that are counted, not hashed, in order; one more for each code of a model follows ([`rule_names`]).
pub(super) const COUNTED: [&str; 15] = [
    "lexicon: praise",
    "lexicon: blame",
    "lexicon: balance",
    "lexicon: strongest praise",
    "lexicon: strongest blame",
    "lexicon: known language",
    "smileys: praise",
    "smileys: blame",
    "exclamations",
    "questions",
    "capitals",
    "length",
    "answers a comment",
    "negations",
    "words in quotation marks",
];

/// Places beside discussions.
const ALONE: &str = " alone";
const POST: &str = " post";

/// What sets comments apart that were coded by other people, from other places: their language, and whether they stand in a
/// discussion, or alone, or alone as posts do that call to people, subjects or pages.
pub(super) fn habit(setting: &Setting, units: &[Unit<'_>], at: usize) -> Option<String> {
    let unit = &units[at];
    let language = unit.language?;
    let place = if units.len() > 1 || !setting.title.is_empty() {
        ""
    } else if calls(unit) {
        POST
    } else {
        ALONE
    };
    Some(format!("{language}{place}"))
}

/// The habit nearest to one that a model does not know: a text alone is read as a post, and a post as a text alone.
pub(super) fn nearest(habit: &str) -> Option<String> {
    let other = |from, to| Some(format!("{}{to}", habit.strip_suffix(from)?));
    other(ALONE, POST).or_else(|| other(POST, ALONE))
}

/// Whether the writer calls to somebody, a subject or a page. Collections of posts put the bare word `http` for every address.
fn calls(unit: &Unit<'_>) -> bool {
    let tokens = unit.tokens;
    let address = |token: &Token| token.kind == TokenKind::Link || tokens.folded_of(token) == "http";
    tokens.items().iter().any(address) || View::of(unit.text, unit.quotes).text().contains(['@', '#'])
}

/// Names of the features that codes add.
pub(super) fn rule_names(codes: &[String]) -> Vec<String> {
    codes.iter().flat_map(|code| [format!("patterns: {code}"), format!("patterns, comment answered: {code}")]).collect()
}

/// What the rules find in a comment, worked out once for all heads and all removals.
#[derive(Debug, Default)]
pub(super) struct Found {
    weights: Vec<(f64, Span)>,
    codings: Vec<Coding>,
    parent: Vec<String>,
    known_language: bool,
}

impl Found {
    pub(super) fn of(rules: &Rules, setting: &Setting, units: &[Unit<'_>], at: usize, codes: bool) -> Self {
        let unit = &units[at];
        let parent = unit.parent.and_then(|at| units.get(at));
        let lexicon = unit.language.and_then(|language| Lexicons::builtin().of(language));
        let (mut codings, mut carried) = (Vec::new(), Vec::new());
        if codes {
            codings = rules.codings(setting, unit, parent);
            if let Some(parent) = parent.filter(|parent| parent.codable) {
                carried = rules.codings(setting, parent, None).into_iter().map(|coding| coding.code).collect();
            }
        }
        Self {
            weights: polarity::weights(Lexicons::builtin(), lexicon, unit),
            codings,
            parent: carried,
            known_language: lexicon.is_some(),
        }
    }

    /// What the patterns say of a code.
    pub(super) fn coding(&self, code: &str) -> Option<&Coding> {
        self.codings.iter().find(|coding| coding.code == code)
    }

    /// The counted features of the comment without the stretch `gone` of its text: one number for each of [`COUNTED`].
    pub(super) fn counted(&self, unit: &Unit<'_>, gone: Option<Span>) -> Vec<f32> {
        let lacks = |span: Span| gone.is_some_and(|gone| gone.overlaps(span));
        let (mut praise, mut blame, mut best, mut worst) = (0.0, 0.0, 0.0_f64, 0.0_f64);
        for (weight, _) in self.weights.iter().filter(|(_, span)| !lacks(*span)) {
            if *weight > 0.0 {
                praise += weight;
                best = best.max(*weight);
            } else {
                blame -= weight;
                worst = worst.max(-*weight);
            }
        }
        let soft = |sum: f64| (sum / (sum.abs() + 3.0)) as f32;
        let (mut smile, mut frown, mut exclaimed, mut asked) = (0.0, 0.0, 0.0_f32, 0.0_f32);
        let (mut capitals, mut words, mut negations, mut marked) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
        let tokens = unit.tokens;
        for (at, token) in tokens.items().iter().enumerate().filter(|(_, token)| !lacks(token.span)) {
            match token.kind {
                TokenKind::Smiley | TokenKind::Emoji => match Lexicons::builtin().smiley(tokens, at) {
                    Some(valence) if valence > 0.0 => smile += valence,
                    Some(valence) => frown -= valence,
                    None => {}
                },
                TokenKind::End if tokens.folded(at) == "!" => exclaimed += 1.0,
                TokenKind::End if tokens.folded(at) == "?" => asked += 1.0,
                TokenKind::Word => {
                    words += 1.0;
                    negations += f32::from(is_negator(tokens, at));
                    let raw = token.span.of(unit.text);
                    let shouts = raw.len() > 2 && raw.chars().all(|c| !c.is_lowercase());
                    capitals += f32::from(shouts);
                }
                _ => {}
            }
            marked += f32::from(token.marked);
        }
        let some = |count: f32| count / (count + 1.0);
        vec![
            soft(praise),
            soft(blame),
            soft(praise - blame),
            (best / 4.0) as f32,
            (worst / 4.0) as f32,
            f32::from(self.known_language),
            soft(smile),
            soft(frown),
            some(exclaimed),
            some(asked),
            capitals / (words + 2.0),
            (1.0 + words).ln() / 6.0,
            f32::from(unit.parent.is_some()),
            some(negations),
            some(marked),
        ]
    }

    /// Two more features a code, without the stretch `gone`: what the patterns say of the comment, and of a comment it answers with few words.
    pub(super) fn patterns(&self, unit: &Unit<'_>, codes: &[String], gone: Option<Span>) -> Vec<f32> {
        if codes.is_empty() {
            return Vec::new();
        }
        let lacks = |span: Span| gone.is_some_and(|gone| gone.overlaps(span));
        let word = |token: &&Token| token.kind == TokenKind::Word && !lacks(token.span);
        let leaning = SHORT / (SHORT + unit.tokens.items().iter().filter(word).count() as f32);
        let both = |code: &String| {
            let mine = self.codings.iter().find(|coding| coding.code == *code && !lacks(coding.evidence));
            [
                mine.and_then(|coding| coding.confidence).map_or(0.0, |sure| sure.value as f32),
                if self.parent.contains(code) { leaning } else { 0.0 },
            ]
        };
        codes.iter().flat_map(both).collect()
    }
}

/// Whether a hash is of a run of letters (1) or of words (0).
pub(super) fn kind(hash: u32) -> usize {
    (hash & RUN) as usize
}

/// Mixes one more byte into a hash (FNV-1a, Fowler, Noll and Vo).
fn mix(hash: u32, byte: u8) -> u32 {
    (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
}

/// Spreads a hash over all its bits (the end of MurmurHash3, Appleby 2011).
fn spread(mut hash: u32) -> u32 {
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

/// The bit of a hash that tells runs of letters from words and pairs: each kind is scaled to a length of its own, or the many
/// runs would drown the words.
const RUN: u32 = 1;
/// How many kinds of hashes [`kind`] tells apart.
pub(super) const HASH_KINDS: usize = 2;
const WORDS: u32 = 0x811c_9dc5;
const RUNS: u32 = 0x9e37_79b9;

/// The seed of a habit's own hashes.
pub(super) fn seed(habit: &str) -> u32 {
    habit.bytes().fold(WORDS, mix)
}

/// A hash again, as a habit's own: what a word means where others coded it, beside what it means everywhere.
pub(super) fn own(hash: u32, seed: u32) -> u32 {
    (spread(hash ^ seed) & !RUN) | (hash & RUN)
}

/// A token as it is hashed.
pub(super) struct Word<'t> {
    /// Of the word itself; none for a quote, which nothing is to be told by.
    pub(super) hash: Option<u32>,
    /// Of it and the word before.
    pub(super) pair: Option<u32>,
    /// The letters whose runs are hashed.
    pub(super) letters: Option<&'t str>,
}

impl Word<'_> {
    /// Adds the hashes that do not depend on the words around it.
    pub(super) fn hashes_alone(&self, into: &mut Vec<u32>) {
        into.extend(self.hash);
        if let Some(letters) = self.letters {
            runs(letters, into);
        }
    }
}

/// The tokens as they are hashed.
pub(super) fn words(tokens: &Tokens) -> impl Iterator<Item = Word<'_>> {
    let mut before: Option<u32> = None;
    tokens.items().iter().map(move |token| {
        let folded = tokens.folded_of(token);
        // Of a sum or a number only that it is one, of links only that they stand there.
        let word: &[u8] = match token.kind {
            TokenKind::Number => b"0",
            TokenKind::Amount => b"0$",
            TokenKind::Link => b"/",
            TokenKind::Quote => {
                before = None;
                return Word { hash: None, pair: None, letters: None };
            }
            _ => folded.as_bytes(),
        };
        let own = word.iter().fold(WORDS, |hash, byte| mix(hash, *byte));
        let pair = before.map(|before| spread(before.rotate_left(7) ^ own.wrapping_mul(0x85eb_ca6b)) & !RUN);
        before = Some(own);
        let letters = (token.kind == TokenKind::Word && word.len() <= LONGEST_WORD).then_some(folded);
        Word { hash: Some(spread(own) & !RUN), pair, letters }
    })
}

/// The hashes of words, pairs of words and runs of two to five letters of all tokens, one entry an occurrence.
pub(super) fn hash(tokens: &Tokens) -> Vec<u32> {
    let mut hashes = Vec::new();
    for word in words(tokens) {
        word.hashes_alone(&mut hashes);
        hashes.extend(word.pair);
    }
    hashes
}

/// The runs of two to [`LETTERS`] letters of a word, its ends counted as letters.
fn runs(word: &str, into: &mut Vec<u32>) {
    let mut bytes = [b' '; LONGEST_WORD + 2];
    bytes[1..=word.len()].copy_from_slice(word.as_bytes());
    let bytes = &bytes[..word.len() + 2];
    let begins = |at: usize| bytes.get(at).is_none_or(|byte| byte & 0xc0 != 0x80);
    for from in (0..bytes.len() - 1).filter(|at| begins(*at)) {
        let (mut hash, mut letters) = (RUNS, 0);
        for (at, byte) in bytes.iter().enumerate().skip(from) {
            hash = mix(hash, *byte);
            if begins(at + 1) {
                letters += 1;
                if letters > 1 {
                    into.push(spread(hash) | RUN);
                }
                if letters == LETTERS {
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::model::Quote;
    use crate::text;

    #[test]
    fn runs_of_letters_keep_letters_whole() {
        let mut hashes = Vec::new();
        runs("ça", &mut hashes);
        // " ç", " ça", " ça ", "ça", "ça ", "a "
        assert_eq!(hashes.len(), 6);
        let mut again = Vec::new();
        runs("ça", &mut again);
        assert_eq!(hashes, again);
    }

    #[test]
    fn words_pairs_and_runs_are_hashed() {
        let tokens = text::tokens("Oh non", &[]);
        let hashes = hash(&tokens);
        // Two words and a pair; " o", " oh", " oh ", "oh", "oh ", "h " of one word, and ten of the other.
        assert_eq!(hashes.iter().filter(|hash| kind(**hash) == 0).count(), 3);
        assert_eq!(hashes.iter().filter(|hash| kind(**hash) == 1).count(), 6 + 10);
        assert_eq!(words(&tokens).map(|word| word.pair.is_some()).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn nothing_tells_that_there_is_a_quote() {
        let text = "Bof. « Nous ne vendons rien à personne » Bof.";
        let quotes = [Quote { span: Span::new(5, text.find(" Bof.").map_or(0, |at| at)), author: None }];
        let told = |text: &str, quotes: &[Quote]| hash(&text::tokens(text, quotes)).into_iter().collect::<HashSet<_>>();
        // Without it there is one pair of words more.
        let (quoted, bare) = (told(text, &quotes), told("Bof. Bof.", &[]));
        assert!(quoted.is_subset(&bare) && bare.len() == quoted.len() + 1, "{} of {}", quoted.len(), bare.len());
    }

    #[test]
    fn places_are_told_by_what_stands_around_and_in_a_comment() {
        let place = |text: &str, title: &str, quotes: &[Quote]| {
            let tokens = text::tokens(text, quotes);
            let unit = Unit { text, quotes, tokens: &tokens, language: Some("fr"), parent: None, codable: true };
            habit(&Setting { title: title.to_owned(), ..Setting::default() }, &[unit], 0).unwrap()
        };
        assert_eq!(place("Encore une appli", "Un titre", &[]), "fr");
        assert_eq!(place("Encore une appli", "", &[]), "fr alone");
        for post in ["Encore une appli #ras-le-bol", "@anne encore", "Voir www.exemple.fr", "RT http encore"] {
            assert_eq!(place(post, "", &[]), "fr post");
        }
        let quote = Quote { span: Span::new(0, 17), author: None };
        assert_eq!(place("« voir http://a » Encore ?", "", &[quote]), "fr alone");
    }
}
