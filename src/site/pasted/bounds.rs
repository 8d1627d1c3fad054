//! Where the part of a text that holds comments begins and ends: behind the line that says so ("Comments section"), before
//! a list of other articles ("À lire aussi"), behind the buttons of the last comment.

use std::collections::HashSet;

use super::super::words::WORDS;
use super::Reader;
use super::heads::{Head, Heads};
use super::words::PRINTED;
use crate::text::fold;

/// Filled lines between the words that comments are closed and a list of other articles.
const LINES_TO_RELATED: usize = 3;

/// Lines of a text that bound the comments, in order.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    /// Lines that say that comments follow.
    sections: Vec<usize>,
    /// Lines that say that other articles follow.
    related: Vec<usize>,
    /// Lines that say that no more comments are taken.
    closed: Vec<usize>,
    /// Lines with a button that answers a comment.
    answers: Vec<usize>,
}

impl Bounds {
    pub(super) fn of(lines: &[&str]) -> Self {
        let places = |is: &dyn Fn(&str) -> bool| -> Vec<usize> {
            lines.iter().enumerate().filter(|(_, line)| is(line.trim())).map(|(at, _)| at).collect()
        };
        Self {
            sections: places(&|line| PRINTED.is_section(line)),
            related: places(&|line| PRINTED.is_related(line)),
            closed: places(&|line| PRINTED.is_closed(line)),
            answers: places(&is_answer),
        }
    }

    pub(super) fn is_section(&self, at: usize) -> bool {
        self.sections.binary_search(&at).is_ok()
    }
}

/// The part of ordered lines from `from` to before `until`.
fn between(lines: &[usize], from: usize, until: usize) -> &[usize] {
    let end = lines.partition_point(|at| *at < until);
    &lines[lines.partition_point(|at| *at < from).min(end)..end]
}

/// Whether a line is or holds a button that answers a comment.
fn is_answer(line: &str) -> bool {
    let holds = || WORDS.is_button(line) && line.split_whitespace().any(|word| WORDS.is_reply(word));
    PRINTED.answers(line) || WORDS.is_reply(line) || holds()
}

/// A button without its count.
fn kind(line: &str) -> String {
    fold(line).chars().filter(|c| c.is_alphabetic()).collect()
}

impl Heads<'_> {
    /// Where the discussion that begins at `from` ends: before the first list of other articles behind it, where comments
    /// stand between, or where it says that there are none. Such lists stand in articles, too.
    pub(super) fn end_of_discussion(&self, from: usize, stated: Option<u64>) -> usize {
        let (bounds, all) = (&self.bounds, self.lines.len());
        let last_section = bounds.sections.last().copied().unwrap_or(0);
        let begins = |at: usize| between(&bounds.sections, at, all).is_empty() || at > last_section;
        let is_end = |at: usize| {
            let shown = self.most_heads(from, at);
            let is_begun = !between(&bounds.answers, from, at).is_empty() || shown >= 2;
            // A comment may say "À lire aussi", too: then others follow it.
            let is_short = stated.is_some_and(|stated| stated > shown as u64) && self.most_heads(at, all) > 0;
            let goes_on = is_short || !between(&bounds.answers, at, all).is_empty();
            begins(at) && ((is_begun && !goes_on) || (shown > 0 && stated == Some(shown as u64)))
        };
        let before_related = bounds.related[bounds.related.partition_point(|at| *at < from)..].iter().copied();
        let end = before_related.take(super::MAX_COUNTS).find(|at| is_end(*at)).unwrap_or(all);
        self.closed_at(from).map_or(end, |closed| end.min(closed))
    }

    /// The line behind `from` that says that no comments are taken, with a list of other articles, or nothing, right below.
    pub(super) fn closed_at(&self, from: usize) -> Option<usize> {
        let bounds = &self.bounds;
        let closed = bounds.closed[bounds.closed.partition_point(|at| *at < from)..].iter().copied();
        closed.take(super::MAX_COUNTS).find(|&at| {
            let below = (at + 1..self.lines.len()).filter(|at| !self.is_empty(*at)).take(LINES_TO_RELATED);
            let mut below = below.map(|at| self.lines[at].trim()).peekable();
            let is_last = below.peek().is_none();
            let leads_away = is_last || below.any(|line| PRINTED.is_related(line) || WORDS.is_footer(line));
            leads_away && between(&bounds.sections, at + 1, self.lines.len()).is_empty()
        })
    }

    /// Where comments begin in a text that states no count: behind the last line that announces them and has most of the
    /// heads below it.
    pub(super) fn begin_of_discussion(&self) -> usize {
        let all = self.lines.len();
        let is_begin = |at: &&usize| {
            let below = self.most_heads(**at, all);
            below >= 2 && self.most_heads(0, **at) * 2 <= below
        };
        self.bounds.sections.iter().rev().take(super::MAX_COUNTS).find(is_begin).map_or(0, |at| at + 1)
    }

    /// Without the heads behind the stated number whose blocks have no buttons, where all others have: other articles.
    pub(super) fn without_teasers(&self, mut heads: Vec<Head>, stated: Option<u64>) -> Vec<Head> {
        let has_button = |number: usize| {
            let end = heads.get(number + 1).map_or(self.lines.len(), |next: &Head| next.at);
            !between(&self.bounds.answers, heads[number].body, end).is_empty()
        };
        let Some(count) = stated.and_then(|stated| usize::try_from(stated).ok()) else { return heads };
        if count >= 2 && count < heads.len() && (0..heads.len()).all(|number| has_button(number) == (number < count)) {
            heads.truncate(count);
        }
        heads
    }
}

impl Reader<'_> {
    /// Where the last comment ends by its buttons, where each comment above ends with such.
    pub(super) fn end_by_buttons(&self, heads: &[Head], end: usize) -> Option<usize> {
        let (last, above) = heads.split_last()?;
        let mut kinds: Option<HashSet<String>> = None;
        for (number, head) in above.iter().enumerate() {
            let block = (head.body, head.end.unwrap_or(heads[number + 1].at));
            let found: HashSet<String> = self.answers_in(block).map(|at| kind(self.lines[at])).collect();
            let shared: HashSet<String> = match kinds {
                Some(known) => known.intersection(&found).cloned().collect(),
                None => found,
            };
            if shared.is_empty() || !self.ends_with_buttons(block, &shared) {
                return None;
            }
            kinds = Some(shared);
        }
        let kinds = kinds?;
        let at = self.answers_in((last.body, end)).find(|at| kinds.contains(&kind(self.lines[*at])))?;
        (at..end).find(|at| !self.heads.is_between(*at)).or(Some(end))
    }

    /// Lines of a block that answer it, but for its first, which is text.
    fn answers_in(&self, (from, end): (usize, usize)) -> impl Iterator<Item = usize> + '_ {
        let first = (from..end).find(|at| !self.lines[*at].trim().is_empty()).unwrap_or(from);
        between(&self.heads.bounds.answers, first + 1, end).iter().copied()
    }

    /// Whether nothing but buttons, pictures and cards stands behind a block's first button.
    fn ends_with_buttons(&self, block: (usize, usize), kinds: &HashSet<String>) -> bool {
        let first = self.answers_in(block).find(|at| kinds.contains(&kind(self.lines[*at])));
        first.is_some_and(|first| {
            (first..block.1).all(|at| self.heads.is_between(at) || self.heads.is_avatar(at) || self.heads.is_card(at))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, told};

    #[test]
    fn lists_of_other_articles_end_the_discussion() {
        let comments =
            "2 comments\nZoé\n12 March 2024\nOui, et même trois fois.\nReply\nBob\n12 March 2024\nNon.\nReply\n";
        let expected = [("Zoé", "2024-03-12", "Oui, et même trois fois."), ("Bob", "2024-03-12", "Non.")];
        for tail in [
            "",
            "\nRead next\nA bridge closes\n10 March 2024\nCracks.\n",
            "\nOur picks\nA bridge\n10 March 2024\nCracks.\n",
        ] {
            assert_eq!(told(&read(&format!("{comments}{tail}"))), expected, "{tail}");
        }
        // In an article such a list says nothing.
        let thread =
            read(&format!("A title of words\nBy Ruth Ames\n11 March 2024\nText.\nRead next\nOther things\n{comments}"));
        assert_eq!(told(&thread), expected);
    }

    #[test]
    fn a_list_of_other_articles_above_the_comments_ends_nothing() {
        let thread = read(
            "Le pont et ses fissures\nPar Jeanne Roux\n10 mars 2024\nUn texte.\nLire aussi\nLe tram de nuit\n\nZoé\n11 mars 2024\n\
             Oui.\nBob\n12 mars 2024\nNon.\n",
        );
        assert_eq!(told(&thread), [("Zoé", "2024-03-11", "Oui."), ("Bob", "2024-03-12", "Non.")]);
    }

    #[test]
    fn closed_comments_are_none() {
        let text = "Le pont et ses fissures\nPar Jeanne Roux\n10 mars 2024\nUn texte.\nLes commentaires sont fermés.\n\nLire aussi\n\
                    Le tram de nuit\n3 mars 2024\nDeux rames.\nLa piscine\n2 mars 2024\nDe l’eau.\n";
        let thread = read(text);
        assert_eq!((told(&thread), thread.article.title.as_deref()), (vec![], Some("Le pont et ses fissures")));
        // Those that came before stay.
        let comments = "Commentaires\nZoé\n11 mars 2024\nOui.\nBob\n12 mars 2024\nNon.\n";
        let thread = read(&text.replace("Les commentaires", &format!("{comments}Les commentaires")));
        assert_eq!(told(&thread), [("Zoé", "2024-03-11", "Oui."), ("Bob", "2024-03-12", "Non.")]);
    }

    #[test]
    fn a_text_of_bounds_costs_no_more_than_others() {
        let begun = std::time::Instant::now();
        for line in [
            "Read next\n",
            "Comments section\n",
            "Comments are closed.\n",
            "Reply\n",
            "Reply\nRead next\nZoé\n12 March 2024\n",
        ] {
            let _ =
                read(&format!("2 comments\nZoé\n12 March 2024\nOui.\nBob\n13 March 2024\nNon.\n{}", line.repeat(8000)));
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
    }

    #[test]
    fn a_place_below_a_name_is_none() {
        let thread = read(
            "Comments 2\nOrla\nCork, Ireland\nMarch 3, 2024\n\nNo.\n\nReply\n12 Recommend\nFlag\nPat Lee\nLeeds\nMarch 4, 2024\n\nYes.\n\nReply\n3 Recommend\nFlag\n",
        );
        assert_eq!(told(&thread), [("Orla", "2024-03-03", "No."), ("Pat Lee", "2024-03-04", "Yes.")]);
    }
}
