//! Comments whose date stands among the buttons below them, as on Facebook.

use super::heads::{Head, Heads, MAX_ASIDES};
use super::lines::is_mark;
use super::words::PRINTED;
use crate::text::dates::edit_mark;

/// Lines above the first date that stands below its comment, in which the comment must begin.
const MAX_FIRST: usize = 60;

impl Heads<'_> {
    /// Blocks of an author, a body, and a date among the buttons below it, each with its date's line.
    pub(super) fn closed_blocks(&self) -> Vec<(Head, usize)> {
        let mut blocks = Vec::new();
        let mut from: Option<usize> = None;
        for at in (0..self.lines.len()).filter(|&at| self.dates[at].is_some()) {
            let Some((mut foot, behind)) = self.buttons_around(at) else { continue };
            let begins = from.filter(|from| *from <= at).or_else(|| self.first_block(at));
            from = Some(behind);
            let author_at =
                begins.and_then(|begins| (begins..foot).find(|&at| !self.is_between(at) && !self.is_remark(at)));
            // A comment may be nothing but an emoji, which looks like a button's.
            if author_at.is_some_and(|author_at| author_at + 1 == foot) && foot < at && is_mark(self.lines[foot]) {
                foot += 1;
            }
            if let Some(author_at) = author_at
                && author_at + 1 < foot
                && let Some(author) = self.author(author_at)
            {
                let date = self.dates[at].clone();
                blocks.push((
                    Head { at: author_at, body: author_at + 1, end: Some(foot), author: Some(author), date },
                    at,
                ));
            }
        }
        blocks
    }

    /// The run of buttons and blanks around a date, from its first line to behind its last; `None` where nothing in it
    /// answers a comment.
    fn buttons_around(&self, at: usize) -> Option<(usize, usize)> {
        let is_part = |&line: &usize| line == at || self.is_between(line);
        let least = at.saturating_sub(MAX_ASIDES);
        let first = (least..at).rev().take_while(is_part).last().unwrap_or(at);
        let behind = (at..self.lines.len().min(at + MAX_ASIDES)).take_while(is_part).last().unwrap_or(at) + 1;
        let answers = (first..behind).any(|at| PRINTED.answers(self.lines[at]));
        answers.then_some((first, behind))
    }

    /// Whether a line may stand above a name: a rank, "Modifié" of the comment above.
    fn is_remark(&self, at: usize) -> bool {
        self.cards[at] || edit_mark(self.lines[at], self.order).is_some_and(|mark| mark.at.is_none())
    }

    /// Where the first block begins that has a date below it: right behind a count, else at its paragraph's begin, or behind
    /// the line that says how comments are sorted, or with the text.
    fn first_block(&self, date: usize) -> Option<usize> {
        let above = (date.saturating_sub(MAX_FIRST)..date).rev();
        let is_sorter = |at: usize| PRINTED.is_sorter(self.lines[at]);
        let marked = above.clone().find(|&at| self.counts[at].is_some() || is_sorter(at)).map(|at| at + 1);
        let paragraph = || above.skip_while(|&at| self.is_between(at)).find(|&at| self.is_empty(at));
        marked.or_else(paragraph).or_else(|| (date <= MAX_FIRST).then_some(0))
    }
}
