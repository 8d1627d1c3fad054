use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::terms::{PAST_END, Terms};
use crate::model::{CodedComment, Comment, Study};
use crate::study::shape::writer;
use crate::text::{TokenKind, Tokens, majority, tokens};

/// The words of comments in one language.
#[derive(Debug)]
pub(super) struct Corpus<'a> {
    pub(super) language: Option<&'a str>,
    pub(super) readings: Vec<Reading>,
    /// The most common spelling of each word, in lower case.
    spellings: Vec<String>,
}

/// The words of a comment.
#[derive(Debug)]
pub(super) struct Reading {
    /// Place of the comment in the study.
    pub(super) at: usize,
    /// Who wrote it; `None` where nobody is named.
    pub(super) writer: Option<u32>,
    pub(super) words: Vec<Placed>,
}

/// A word where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub(super) word: u32,
    pub(super) sentence: u32,
    clause: u32,
}

/// A comment to be read.
struct Unread<'a> {
    at: usize,
    comment: &'a Comment,
    coded: &'a CodedComment,
}

impl<'a> Corpus<'a> {
    /// The comments that were coded, language by language.
    pub(super) fn by_language(study: &'a Study) -> Vec<Self> {
        let mut unread: BTreeMap<Option<&str>, Vec<Unread>> = BTreeMap::new();
        let mut at = 0;
        for thread in &study.threads {
            let spoken = majority(thread.comments.iter().map(|comment| comment.language.as_deref()));
            for (place, comment) in thread.thread.comments.iter().enumerate() {
                if let Some(coded) = thread.comments.get(place).filter(|comment| comment.coded.is_some()) {
                    let language = coded.language.as_deref().or(spoken);
                    unread.entry(language).or_default().push(Unread { at: at + place, comment, coded });
                }
            }
            at += thread.thread.comments.len();
        }
        unread.into_iter().map(|(language, comments)| Self::read(language, &comments)).collect()
    }

    fn read(language: Option<&'a str>, comments: &[Unread<'a>]) -> Self {
        let cut: Vec<(&str, Tokens)> = comments.par_iter().map(|unread| cut(unread.comment, unread.coded)).collect();
        let mut vocabulary = Vocabulary::default();
        let mut writers: HashMap<&str, u32> = HashMap::new();
        let mut readings = Vec::with_capacity(comments.len());
        for (unread, (text, tokens)) in comments.iter().zip(&cut) {
            let next = writers.len() as u32;
            let writer = writer(unread.comment).map(|name| *writers.entry(name).or_insert(next));
            readings.push(Reading { at: unread.at, writer, words: vocabulary.read(text, tokens) });
        }
        Self { language, readings, spellings: vocabulary.spellings() }
    }

    pub(super) fn vocabulary(&self) -> usize {
        self.spellings.len()
    }

    pub(super) fn spelling(&self, word: u32) -> &str {
        self.spellings.get(word as usize).map_or("", String::as_str)
    }

    /// Each word as a term.
    pub(super) fn words(&self) -> Terms {
        Terms::of(self.readings.iter().map(|reading| reading.words.iter().map(|placed| [placed.word, PAST_END])))
    }

    /// Each two words in a row, within a clause, as a term.
    pub(super) fn pairs(&self) -> Terms {
        Terms::of(self.readings.iter().map(|reading| {
            let in_clause = reading.words.windows(2).filter(|pair| pair[0].clause == pair[1].clause);
            in_clause.map(|pair| [pair[0].word, pair[1].word])
        }))
    }
}

/// The writer's own words of a comment, cut; quotes set apart where they are known.
fn cut<'a>(comment: &'a Comment, coded: &'a CodedComment) -> (&'a str, Tokens) {
    let (text, quotes) = match (coded.quotes.as_slice(), coded.own_text.as_str()) {
        ([], "") => (comment.text.as_str(), &[][..]),
        ([], own_text) => (own_text, &[][..]),
        (quotes, _) => (comment.text.as_str(), quotes),
    };
    (text, tokens(text, quotes))
}

/// Numbers for words: one for all spellings that differ in case and accents only.
#[derive(Debug, Default)]
struct Vocabulary<'a> {
    /// Numbers of spellings, and of the words they spell.
    spelled: HashMap<&'a str, usize>,
    found: Vec<Spelling<'a>>,
    words: HashMap<String, u32>,
}

#[derive(Debug)]
struct Spelling<'a> {
    text: &'a str,
    word: u32,
    count: u64,
}

impl<'a> Vocabulary<'a> {
    fn read(&mut self, text: &'a str, tokens: &Tokens) -> Vec<Placed> {
        let words = tokens.items().iter().filter(|token| token.kind == TokenKind::Word);
        let placed = words.filter_map(|token| {
            let spelling = token.span.of(text);
            // Signs for money and per cent are words to a coder.
            spelling.starts_with(char::is_alphabetic).then(|| Placed {
                word: self.word(spelling, tokens.folded_of(token)),
                sentence: token.sentence,
                clause: token.clause,
            })
        });
        placed.collect()
    }

    fn word(&mut self, spelling: &'a str, folded: &str) -> u32 {
        let at = match self.spelled.get(spelling) {
            Some(at) => *at,
            None => self.learn(spelling, folded),
        };
        self.found[at].count += 1;
        self.found[at].word
    }

    fn learn(&mut self, spelling: &'a str, folded: &str) -> usize {
        let next = self.words.len() as u32;
        let word = match self.words.get(folded) {
            Some(word) => *word,
            None => *self.words.entry(folded.to_owned()).or_insert(next),
        };
        let at = self.found.len();
        self.spelled.insert(spelling, at);
        self.found.push(Spelling { text: spelling, word, count: 0 });
        at
    }

    /// The most common spelling of each word; of as common ones, the first.
    fn spellings(self) -> Vec<String> {
        let mut counts: HashMap<(u32, String), u64> = HashMap::with_capacity(self.found.len());
        let mut best: Vec<(u64, String)> = vec![(0, String::new()); self.words.len()];
        for spelling in self.found {
            let lower = spelling.text.to_lowercase();
            let count = counts.entry((spelling.word, lower.clone())).or_insert(0);
            *count += spelling.count;
            if *count > best[spelling.word as usize].0 {
                best[spelling.word as usize] = (*count, lower);
            }
        }
        best.into_iter().map(|(_, spelling)| spelling).collect()
    }
}
