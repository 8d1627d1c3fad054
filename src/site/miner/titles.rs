//! Titles that writers gave their comments: part of what they say, so part of the text.
//!
//! The title of a thread above each of its posts ("Re: …"), and the first words of a comment above the same words, are none:
//! the program set them there.

use std::collections::HashSet;

use super::Known;
use super::fields::{self, Columns, MAX_ELEMENTS};
use super::grouping::Record;
use super::markup::MARKUP;
use super::outline::{Kind, Outline, masked};
use crate::site::body;
use crate::text::fold;

/// Bytes of a title.
const LONGEST: usize = 200;

/// The titles of all records, of those that have one.
pub(super) fn of(
    outline: &Outline<'_>,
    records: &[Record],
    columns: &Columns,
    known: Known<'_>,
) -> Vec<Option<String>> {
    // Where names are not known, a heading may be one.
    if columns.named < 0.5 || records.len() < 2 {
        return vec![None; records.len()];
    }
    let found: Vec<Option<(Kind, String)>> = records
        .iter()
        .map(|record| {
            let at = place(outline, record, columns, known)?;
            Some((outline.items[at].strict, body::line(outline.items[at].element)))
        })
        .collect();
    let headings: HashSet<String> = (0..outline.items.len())
        .filter(|at| matches!(outline.name(*at), "h1" | "title"))
        .map(|at| fold(&body::line(outline.items[at].element)))
        .collect();
    let kind = found.iter().flatten().map(|(kind, _)| *kind).next();
    let all = found.iter().flatten().filter(|(of, _)| Some(*of) == kind).count();
    let mut different: HashSet<String> = HashSet::new();
    different.extend(found.iter().flatten().map(|(_, title)| masked(title)));
    // What most have is a label where it is the same, and the title of the thread where it is repeated.
    if all * 2 < records.len() || different.len() * 10 < all * 8 {
        return vec![None; records.len()];
    }
    let is_own = |title: &String| {
        let folded = fold(title);
        !folded.starts_with("re:") && !folded.starts_with("re :") && !headings.contains(&folded)
    };
    found
        .into_iter()
        .map(|title| title.filter(|(of, _)| Some(*of) == kind).map(|(_, title)| title).filter(is_own))
        .collect()
}

/// Whether a text begins with its title.
pub(super) fn is_repeated(title: &str, text: &str) -> bool {
    let title = fold(title.trim_end_matches(['.', '…', ' ']));
    fold(text.get(..text.floor_char_boundary(title.len() * 3)).unwrap_or_default()).starts_with(&title)
}

/// Where the title of a record stands: a heading above its words, apart from its writer's name and its date.
fn place(outline: &Outline<'_>, record: &Record, columns: &Columns, known: Known<'_>) -> Option<usize> {
    let words = fields::body(outline, record, columns)?;
    let (author, _) = fields::author(outline, record, columns, known.order)?;
    let is_apart = |at: usize, other: usize| !outline.holds(at, other) && !outline.holds(other, at);
    let is_heading = |at: usize| {
        matches!(outline.name(at), "h2" | "h3" | "h4" | "h5" | "h6")
            || outline.items[at].element.value().classes().any(|class| MARKUP.title(class))
    };
    // What a writer is called beside the name, in a card of its own, is a rank.
    let is_of_writer = |at: usize, author: usize| {
        let both = outline.climb(at, 30).find(|above| outline.holds(*above, author));
        both.is_some_and(|both| {
            at > author && !outline.holds(both, words) && record.date.is_none_or(|date| !outline.holds(both, date))
        })
    };
    record.elements(outline).take(MAX_ELEMENTS).take_while(|at| *at < words).find(|at| {
        is_heading(*at)
            && (1..=LONGEST).contains(&outline.text(*at))
            && is_apart(*at, author)
            && is_apart(*at, words)
            && record.date.is_none_or(|date| is_apart(*at, date))
            && !record.inner.iter().any(|(inner, _)| outline.holds(*at, *inner))
            && !is_of_writer(*at, author)
    })
}
