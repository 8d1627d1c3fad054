use std::ops::Range;

use crate::model::{Comment, CommentState, Span, Thread};

/// A thread as one text.
#[derive(Debug, Default)]
pub(super) struct Transcript<'a> {
    /// The text: `\n` as its only line break, no character that XML forbids.
    pub(super) text: String,
    /// One a comment, in the thread's order.
    pub(super) passages: Vec<Passage<'a>>,
    /// Code points of the text.
    length: usize,
    /// Where its lines begin, the first left out.
    lines: Vec<usize>,
}

/// Where a comment stands in the transcript, in code points.
#[derive(Debug)]
pub(super) struct Passage<'a> {
    text: &'a str,
    header: Range<usize>,
    body: Range<usize>,
}

impl<'a> Transcript<'a> {
    pub(super) fn of(thread: &'a Thread) -> Self {
        let mut made = Self::default();
        made.add_article(thread);
        for comment in &thread.comments {
            made.add_line("");
            let header = made.add_line(&header(comment));
            let body = made.add(&comment.text);
            if !body.is_empty() {
                made.add("\n");
            }
            made.passages.push(Passage { text: &comment.text, header, body });
        }
        made
    }

    /// Number of the line that a position is in, first = 0.
    pub(super) fn line(&self, position: usize) -> usize {
        self.lines.partition_point(|start| *start <= position)
    }

    fn add_article(&mut self, thread: &Thread) {
        let article = &thread.article;
        self.add_line(article.title.as_deref().unwrap_or(&thread.id));
        let published = article.published_at.as_ref().map(|moment| moment.iso.as_str());
        for line in [article.author.as_deref(), published, article.url.as_deref()].into_iter().flatten() {
            self.add_line(line);
        }
    }

    fn add_line(&mut self, text: &str) -> Range<usize> {
        let line = self.add(&one_line(text));
        self.add("\n");
        line
    }

    fn add(&mut self, text: &str) -> Range<usize> {
        let start = self.length;
        for (_, shown) in shown(text) {
            self.text.push(shown);
            self.length += 1;
            if shown == '\n' {
                self.lines.push(self.length);
            }
        }
        start..self.length
    }
}

impl Passage<'_> {
    /// The words of a span of the comment; the whole comment where it covers none.
    pub(super) fn words(&self, evidence: Option<Span>) -> Range<usize> {
        let words = evidence.filter(|span| !span.of(self.text).is_empty()).map(|span| self.place(span));
        words.filter(|words| !words.is_empty()).unwrap_or_else(|| self.whole())
    }

    /// How far into the passage a position is: it stays when comments before this one change.
    pub(super) fn offset(&self, position: usize) -> usize {
        position - self.header.start
    }

    fn place(&self, span: Span) -> Range<usize> {
        let at = |byte| self.body.start + shown(self.text).take_while(|(at, _)| *at < byte).count();
        at(span.start)..at(span.end)
    }

    fn whole(&self) -> Range<usize> {
        // Programs drop selections of nothing.
        if self.body.is_empty() { self.header.clone() } else { self.body.clone() }
    }
}

/// The line above a comment: `[c12] aadd41… | 2026-03-14T09:12:00 | answers c3 | deleted`.
fn header(comment: &Comment) -> String {
    let parts = [
        comment.author.as_ref().map(|author| author.name.clone()),
        comment.posted_at.as_ref().map(|moment| moment.iso.clone()),
        comment.reply_to.as_ref().map(|parent| format!("answers {parent}")),
        (comment.state != CommentState::Visible).then(|| comment.state.as_str().to_owned()),
    ];
    format!("[{}] {}", comment.id, parts.into_iter().flatten().collect::<Vec<_>>().join(" | "))
}

/// The characters a text is shown with, each with the byte it comes from.
fn shown(text: &str) -> impl Iterator<Item = (usize, char)> {
    text.char_indices().filter_map(|(at, c)| match c {
        '\r' if text[at + 1..].starts_with('\n') => None,
        '\r' => Some((at, '\n')),
        '\t' | '\n' => Some((at, c)),
        '\0'..' ' | '\u{fffe}' | '\u{ffff}' => Some((at, char::REPLACEMENT_CHARACTER)),
        _ => Some((at, c)),
    })
}

/// The text with `\n` as its only line break and without what XML forbids.
pub(super) fn readable(text: &str) -> String {
    shown(text).map(|(_, c)| c).collect()
}

/// The text on one line.
pub(super) fn one_line(text: &str) -> String {
    // At the start of a file the mark would be taken for no part of the text.
    let text = readable(text.trim_start_matches('\u{feff}'));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
