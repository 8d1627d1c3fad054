//! Coding: what a comment says, assigned by a coder, each time with the words that led to it.

mod learned;
mod lexicon;
mod polarity;
mod rules;
mod view;

pub use learned::{
    Account, CurvePoint, Facts, Figures, HandCoded, Labels, Learned, Model, ModelError, Output, Reads, Task,
    TrainError, train, train_with_curve,
};
pub use rules::Rules;

use std::collections::HashMap;

use crate::codebook::{ArticleWords, Codebook};
use crate::model::{Article, Coded, CodedComment, CodedThread, Coding, CommentState, Quote, Thread};
use crate::text::{self, Tokens};
use view::View;

/// What a coder knows of the article while it codes the thread below it; each coder makes its own
/// ([`Coder::setting`]), once a thread.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setting {
    /// What patterns ask of it: its amounts of money, and whom it quotes.
    pub words: ArticleWords,
    /// Codes whose context the article meets.
    pub contexts: Vec<String>,
    /// The article's title.
    pub title: String,
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
    /// Place of the comment it answers among the units of the thread.
    pub parent: Option<usize>,
    /// Whether it is there to be coded: deleted comments, and those without a word of their own, are context only.
    pub codable: bool,
}

/// Somebody who codes comments: rules, a model, a person.
pub trait Coder: Send + Sync {
    /// Name and version, as tables show it: `rules-1`.
    fn name(&self) -> &str;

    /// What of the article matters to this coder.
    fn setting(&self, _article: &Article) -> Setting {
        Setting::default()
    }

    /// The codebook it codes by.
    fn codebook(&self) -> &Codebook;

    /// Codes the comments of a thread, one answer each, in order; `None` where there is nothing to code.
    fn code(&self, setting: &Setting, units: &[Unit<'_>]) -> Vec<Option<Coded>>;
}

/// What a reader has in view beside unit `at`: the comment it answers, without its quotes, or else what it quotes; and the article's title.
pub fn context(setting: &Setting, units: &[Unit<'_>], at: usize) -> [String; 2] {
    let unit = &units[at];
    let parent = unit.parent.and_then(|parent| units.get(parent)).filter(|parent| parent.codable);
    let parent = parent.map(|parent| View::of(parent.text, parent.quotes).text().to_owned());
    let quoted = || unit.quotes.iter().map(|quote| quote.span.of(unit.text)).collect::<Vec<_>>().join(" ");
    // A parent that was deleted, or says nothing of its own, is none to read.
    let answered = parent.filter(|parent| !parent.trim().is_empty());
    [answered.unwrap_or_else(quoted), setting.title.clone()]
}

/// A thread read: each comment with its language, quotes and tokens, ready to be coded.
#[derive(Debug)]
pub struct Discussion {
    thread: Thread,
    read: Vec<(CodedComment, Tokens)>,
    /// The language of most comments.
    spoken: Option<String>,
}

impl Discussion {
    /// Reads every comment of a thread.
    pub fn of(thread: Thread) -> Self {
        let read = text::read_with_tokens(&thread);
        let spoken = text::majority(read.iter().map(|(comment, _)| comment.language.as_deref())).map(str::to_owned);
        Self { thread, read, spoken }
    }

    /// The article above the comments.
    pub fn article(&self) -> &Article {
        &self.thread.article
    }

    /// The ids of its comments, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.thread.comments.iter().map(|comment| comment.id.as_str())
    }

    /// A unit's own words, without quotes: what learned coders read of it.
    pub fn view(&self, unit: &Unit<'_>) -> String {
        View::of(unit.text, unit.quotes).text().to_owned()
    }

    /// The comments as units, in order.
    pub fn units(&self) -> Vec<Unit<'_>> {
        let comments = &self.thread.comments;
        let places: HashMap<&str, usize> = comments.iter().enumerate().map(|(i, c)| (c.id.as_str(), i)).collect();
        let pairs = comments.iter().zip(&self.read);
        pairs
            .map(|(comment, (reading, tokens))| Unit {
                text: &comment.text,
                quotes: &reading.quotes,
                tokens,
                language: reading.language.as_deref().or(self.spoken.as_deref()),
                parent: comment.reply_to.as_deref().and_then(|id| places.get(id)).copied(),
                codable: comment.state != CommentState::Deleted && !tokens.is_empty(),
            })
            .collect()
    }

    /// The thread with what a coder said of each comment, in order.
    fn coded(mut self, said: Vec<Option<Coded>>) -> CodedThread {
        for ((comment, _), coded) in self.read.iter_mut().zip(said) {
            comment.coded = coded;
        }
        CodedThread { comments: self.read.into_iter().map(|(comment, _)| comment).collect(), thread: self.thread }
    }
}

/// Adds the wider codes of those that apply, with the same evidence.
fn imply_parents(book: &Codebook, coded: &mut Coded) {
    let above = |name: &str| book.codes.iter().find(|code| code.name == name)?.parent.clone();
    let mut at = 0;
    while let Some(coding) = coded.codings.get(at).cloned() {
        if let Some(parent) = above(&coding.code)
            && coded.codings.iter().all(|known| known.code != parent)
        {
            coded.undecided.retain(|open| *open != parent);
            coded.codings.push(Coding { code: parent, ..coding });
        }
        at += 1;
    }
    let place = |coding: &Coding| book.codes.iter().position(|code| code.name == coding.code);
    coded.codings.sort_by_key(place);
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
    let mut discussion = Discussion::of(thread);
    let setting = coder.setting(discussion.article());
    let mut said = coder.code(&setting, &discussion.units());
    for coded in said.iter_mut().flatten() {
        imply_parents(coder.codebook(), coded);
    }
    let comments = discussion.thread.comments.iter().zip(&said);
    let parted: Vec<&str> = comments
        .filter(|(_, coded)| coded.as_ref().is_some_and(|coded| coded.parted))
        .map(|(comment, _)| comment.id.as_str())
        .collect();
    if !parted.is_empty() {
        let note = format!(
            "too long to be coded whole, so that only every second, third … part was read: {}",
            parted.join(", ")
        );
        discussion.thread.notes.push(note);
    }
    discussion.coded(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Comment;

    #[test]
    fn a_comment_is_read_beside_what_it_answers_or_else_beside_what_it_quotes() {
        let comment = |id: &str, reply_to: Option<&str>, text: &str| Comment {
            id: id.into(),
            reply_to: reply_to.map(Into::into),
            text: text.into(),
            ..Comment::default()
        };
        let comments = vec![
            comment("c1", None, "> Rien n'est vendu.\nVous y croyez ?"),
            comment("c2", Some("c1"), "> Vous y croyez ?\nNon."),
            comment("c3", None, "Pareil."),
            comment("c4", None, ""),
            comment("c5", Some("c4"), "> Rien n'est vendu.\nSi."),
        ];
        let article = Article { title: Some("Cent euros".into()), ..Article::default() };
        let discussion = Discussion::of(Thread { article, comments, ..Thread::default() });
        let setting = Setting { title: "Cent euros".into(), ..Setting::default() };
        let beside = |at: usize| context(&setting, &discussion.units(), at).map(|words| words.trim().to_owned());
        assert_eq!(beside(0), ["> Rien n'est vendu.", "Cent euros"]);
        assert_eq!(beside(1), ["Vous y croyez ?", "Cent euros"]);
        assert_eq!(beside(2), ["", "Cent euros"]);
        assert_eq!(beside(4), ["> Rien n'est vendu.", "Cent euros"]);
    }
}
