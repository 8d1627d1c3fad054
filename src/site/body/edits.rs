//! Marks that a text was changed after it was posted: "Last edited by X on …", "Dernière modification par …".

use std::collections::HashSet;
use std::sync::LazyLock;

use scraper::{ElementRef, Node};

use super::Options;
use super::chrome::{Roles, short_text, words};
use crate::model::Moment;
use crate::site::article;
use crate::text::fold;

/// Longest mark, in bytes.
const MAX_MARK: usize = 250;
/// Elements of a mark looked at for a date.
const MAX_ELEMENTS: usize = 12;

/// First words of marks: few elements need a closer look.
static FIRST_WORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| words().edit_marks.iter().filter_map(|mark| mark.split(' ').next()).collect());

/// What an edit mark says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Edited {
    pub(super) at: Option<Moment>,
}

/// Whether an element is an edit mark, and when it says the text was changed.
pub(super) fn mark(el: ElementRef<'_>, roles: Roles, options: Options<'_>) -> Option<Edited> {
    let name = el.value().name();
    let by_class = roles.has(Roles::EDITED);
    let may_be = matches!(
        name,
        "p" | "div"
            | "span"
            | "em"
            | "i"
            | "small"
            | "strong"
            | "b"
            | "font"
            | "td"
            | "footer"
            | "time"
            | "cite"
            | "li"
    );
    if !may_be || !(by_class || begins_like_one(el)) {
        return None;
    }
    let text = short_text(el, MAX_MARK)?;
    let said = text.trim().trim_start_matches(|c: char| !c.is_alphanumeric());
    if by_class && (name == "time" || said.is_empty()) {
        return Some(Edited { at: moment(el, "", options) });
    }
    let folded = fold(said);
    let (phrase, rest) = words()
        .edit_marks
        .iter()
        .filter_map(|mark| Some((mark, folded.strip_prefix(mark.as_str())?)))
        .filter(|(_, rest)| !rest.starts_with(char::is_alphanumeric))
        .max_by_key(|(mark, _)| mark.len())?;
    let at = moment(el, said, options);
    let is_mark = if words().edit_marks_loose.contains(phrase) && !by_class {
        // Nothing but a day: what a writer adds below "Edited:" is text.
        at.is_some() && rest.split_whitespace().count() <= 8 && !rest.trim_start().starts_with(':')
    } else {
        by_class || at.is_some()
    };
    is_mark.then_some(Edited { at })
}

/// Whether the first words of an element are those of a mark; looks a few levels down, no further.
fn begins_like_one(el: ElementRef<'_>) -> bool {
    let mut node = *el;
    for _ in 0..4 {
        let first = node.children().find(|child| match child.value() {
            Node::Text(text) => text.contains(|c: char| !c.is_whitespace()),
            Node::Element(el) => !matches!(el.name(), "br" | "hr" | "img"),
            _ => false,
        });
        let Some(first) = first else { return false };
        if let Node::Text(text) = first.value() {
            let word = text.trim_start_matches(|c: char| !c.is_alphanumeric());
            let end = word.find(|c: char| !c.is_alphanumeric()).unwrap_or(word.len());
            return end <= 16 && FIRST_WORDS.contains(fold(&word[..end]).as_str());
        }
        node = first;
    }
    false
}

/// The day of a mark: of an element in it, else of its words.
fn moment(el: ElementRef<'_>, said: &str, options: Options<'_>) -> Option<Moment> {
    let of_element = |el: ElementRef<'_>| article::moment(el, options.order, options.read_at);
    el.descendants()
        .filter_map(ElementRef::wrap)
        .filter(|el| matches!(el.value().name(), "time" | "abbr" | "span"))
        .take(MAX_ELEMENTS)
        .find_map(of_element)
        .or_else(|| printed(said, options))
}

/// A date inside a sentence: "Last edited by X on Tue Aug 27, 2019 10:03 pm, edited 1 time in total."
fn printed(said: &str, options: Options<'_>) -> Option<Moment> {
    let lower = said.to_lowercase();
    let end = if lower.len() == said.len() {
        words().edit_tails.iter().filter_map(|tail| lower.find(tail.as_str())).min().unwrap_or(said.len())
    } else {
        said.len()
    };
    let said = said.get(..end)?.trim_end_matches(|c: char| !c.is_alphanumeric());
    let starts = std::iter::once(0).chain(said.match_indices(char::is_whitespace).map(|(at, blank)| at + blank.len()));
    starts
        .filter(|&at| said[at..].contains(|c: char| c.is_ascii_digit()))
        .take(30)
        .find_map(|at| article::printed_moment(said[at..].trim(), options.order, options.read_at))
}
