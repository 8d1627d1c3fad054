//! Coding: what a comment says, assigned by a coder, each time with the words that led to it.

mod lexicon;
mod polarity;
mod rules;

pub use rules::Rules;

use std::collections::HashMap;

use crate::codebook::ArticleWords;
use crate::model::{Article, Coded, CodedThread, CommentState, Quote, Thread};
use crate::text::{self, Tokens};

/// What a coder knows of the article while it codes the thread below it; each coder makes its own
/// ([`Coder::setting`]), once a thread.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setting {
    /// What patterns ask of it: its amounts of money, and whom it quotes.
    pub words: ArticleWords,
    /// Codes whose context the article meets.
    pub contexts: Vec<String>,
}

/// One comment to code.
#[derive(Debug, Clone, Copy)]
pub struct Unit<'a> {
    /// The comment as a reader sees it. Evidence refers to it.
    pub text: &'a str,
    /// The parts that are somebody else's words.
    pub quotes: &'a [Quote],
    /// The text in tokens, each quote one of them ([`text::tokens()`]).
    pub tokens: &'a Tokens,
    /// Its own language, if it is long enough to tell, else that of most comments in the thread.
    pub language: Option<&'a str>,
    /// Tokens of the comment it answers.
    pub parent: Option<&'a Tokens>,
}

/// Somebody who codes comments: rules, a model, a person.
pub trait Coder: Send + Sync {
    /// Name and version, as tables show it: `rules-1`.
    fn name(&self) -> &str;

    /// What of the article matters to this coder.
    fn setting(&self, _article: &Article) -> Setting {
        Setting::default()
    }

    /// Codes one comment; `None` if there is nothing to code in it.
    fn code(&self, setting: &Setting, unit: &Unit<'_>) -> Option<Coded>;
}

/// Reads and codes all comments of a thread. Deleted ones, and those without a word of their own, stay uncoded.
///
/// ```
/// use causerie::codebook::Codebook;
/// use causerie::coding::{Rules, code_thread};
/// use causerie::model::{Comment, Thread};
///
/// let comment = Comment { id: "c1".into(), text: "Ça n'inspire aucune confiance.".into(), ..Comment::default() };
/// let coded = code_thread(&Rules::new(Codebook::builtin()), Thread { comments: vec![comment], ..Thread::default() });
/// let codings = &coded.comments[0].coded.as_ref().unwrap().codings;
/// assert_eq!(codings[0].code, "distrust");
/// ```
pub fn code_thread(coder: &dyn Coder, thread: Thread) -> CodedThread {
    let setting = coder.setting(&thread.article);
    let mut read = text::read_with_tokens(&thread);
    let spoken = text::majority(read.iter().map(|(comment, _)| comment.language.as_deref())).map(str::to_owned);
    let places: HashMap<&str, usize> = thread.comments.iter().enumerate().map(|(i, c)| (c.id.as_str(), i)).collect();
    let results: Vec<Option<Coded>> = thread
        .comments
        .iter()
        .zip(&read)
        .map(|(comment, (reading, tokens))| {
            if comment.state == CommentState::Deleted || tokens.is_empty() {
                return None;
            }
            let parent = comment.reply_to.as_deref().and_then(|id| places.get(id)).map(|&i| &read[i].1);
            let unit = Unit {
                text: &comment.text,
                quotes: &reading.quotes,
                tokens,
                language: reading.language.as_deref().or(spoken.as_deref()),
                parent,
            };
            coder.code(&setting, &unit)
        })
        .collect();
    for ((comment, _), coded) in read.iter_mut().zip(results) {
        comment.coded = coded;
    }
    CodedThread { comments: read.into_iter().map(|(comment, _)| comment).collect(), thread }
}
