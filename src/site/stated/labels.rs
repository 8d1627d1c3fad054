//! Counts of comments outside of headings: `<div>3 commentaires</div>`, `<h2>Commentaires</h2><span>3</span>`,
//! `<a href="#comments">3 commentaires</a>`. Teasers of other articles print the same, so a label counts only by where it
//! stands, and only where all that do agree.

use std::collections::HashSet;

use scraper::{ElementRef, Node};

use super::super::words::WORDS;
use super::super::{Document, body};
use super::{above, in_text, names_discussion};
use crate::text::dates::{DayOrder, find_printed, parse_printed};

/// Longest label, in bytes.
const MAX_LABEL: usize = 60;
/// Bytes of a text that says little beside its date: "#1 — 14 March 2024".
const MAX_DATED: usize = 40;
/// Nodes of a label.
const MAX_NODES: usize = 24;
/// Elements above a label that are looked at.
const MAX_ABOVE: usize = 6;
/// Nodes of a discussion looked at for its first date.
const MAX_LOOKED_AT: usize = 400;
/// Labels of a page that are looked at.
const MAX_LABELS: usize = 200;

/// The count of the labels that stand at the discussion, or lead to it.
pub(super) fn count(html: &Document) -> Option<u64> {
    let mut seen = HashSet::new();
    let texts = html.root_element().descendants().filter_map(|node| Some((node, node.value().as_text()?.trim())));
    let labels = texts
        .filter(|(_, text)| text.len() <= MAX_LABEL && WORDS.holds_count_noun(text))
        .filter_map(|(node, _)| node.parent().and_then(ElementRef::wrap))
        .filter(|el| seen.insert(el.id()))
        .take(MAX_LABELS);
    let mut found = labels.filter_map(|el| {
        let (el, count) = label(el)?;
        (is_of_this_page(el)
            && ((leads_to_discussion(el) && !counts_answers(el)) || begins_discussion(el) || stands_before_records(el)))
        .then_some(count)
    });
    let first = found.next()?;
    found.all(|count| count == first).then_some(first)
}

/// The number that stands apart from its word, in an element of its own: "Contributions <span>3</span>"; or right behind.
pub(super) fn apart(heading: ElementRef<'_>) -> Option<u64> {
    let texts: Vec<&str> = heading
        .descendants()
        .take(MAX_NODES)
        .filter_map(|node| Some(node.value().as_text()?.trim()))
        .filter(|text| !text.is_empty())
        .collect();
    match texts.as_slice() {
        [word] if WORDS.is_count_noun(word) && !word.contains(|c: char| c.is_ascii_digit()) => {
            let next = heading.next_siblings().find_map(ElementRef::wrap)?;
            let line = short_line(next)?;
            matches!(next.value().name(), "span" | "b" | "small" | "em" | "strong").then(|| number(&line)).flatten()
        }
        [word, count] if WORDS.is_count_noun(word) => number(count),
        [count, word] if WORDS.is_count_noun(word) => number(count),
        _ => None,
    }
}

fn number(text: &str) -> Option<u64> {
    let digits = text.trim().trim_matches(['(', ')', '[', ']']);
    (digits.len() <= 6 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

/// The count that an element states, or the one around it that holds its number, too.
fn label(el: ElementRef<'_>) -> Option<(ElementRef<'_>, u64)> {
    let around = el.parent().and_then(ElementRef::wrap);
    [Some(el), around].into_iter().flatten().find_map(|el| {
        let line = short_line(el).filter(|line| ends_with_count(line))?;
        Some((el, WORDS.stated_count(&line).or_else(|| apart(el))?))
    })
}

/// Whether a label ends with its noun or number: "3 commentaires ont été retirés" tells something else.
fn ends_with_count(line: &str) -> bool {
    let last = line.split_whitespace().rfind(|word| word.contains(char::is_alphanumeric)).unwrap_or_default();
    WORDS.is_count_noun(last) || number(last.trim_end_matches('.')).is_some()
}

/// All text of an element that holds little.
fn short_line(el: ElementRef<'_>) -> Option<String> {
    let mut size = 0;
    for (at, node) in el.descendants().enumerate() {
        size += node.value().as_text().map_or(0, |text| text.trim().len());
        if at > MAX_NODES || size > MAX_LABEL {
            return None;
        }
    }
    Some(body::line(el))
}

/// Whether neither the element nor what is around it is of other articles, or of the article's text.
fn is_of_this_page(el: ElementRef<'_>) -> bool {
    let is_other = |el: ElementRef<'_>| {
        let names = [el.attr("id"), el.attr("class")].into_iter().flatten().map(str::to_ascii_lowercase);
        matches!(el.value().name(), "aside" | "nav" | "footer" | "option")
            || names.into_iter().any(|name| WORDS.names_other_articles(&name))
    };
    let leads_elsewhere = |el: ElementRef<'_>| el.attr("href").is_some_and(|href| !href.trim().starts_with('#'));
    let inside = el.descendants().filter_map(ElementRef::wrap).take(MAX_NODES);
    !in_text(el)
        && !std::iter::once(el)
            .chain(above(el))
            .filter(|el| !matches!(el.value().name(), "body" | "html"))
            .any(is_other)
        && !inside.chain(above(el).take(2)).any(leads_elsewhere)
}

/// Whether an element is a link to a place of its own page.
fn leads_to_discussion(el: ElementRef<'_>) -> bool {
    let is_link =
        |el: ElementRef<'_>| el.attr("href").is_some_and(|href| href.trim().len() > 1 && href.trim().starts_with('#'));
    let inside = el.descendants().filter_map(ElementRef::wrap).take(MAX_NODES);
    inside.chain(above(el).take(2)).any(is_link)
}

/// Whether what is counted may be the answers to one comment.
fn counts_answers(el: ElementRef<'_>) -> bool {
    short_line(el).is_some_and(|line| WORDS.is_loose_count(&line))
}

/// Whether an element stands in a discussion, before its first date, and no list of links to articles is what it is in.
fn begins_discussion(el: ElementRef<'_>) -> bool {
    let around = above(el).take(MAX_ABOVE).take_while(|el| !matches!(el.value().name(), "body" | "html" | "main"));
    around.filter(|el| names_discussion(*el)).any(|discussion| {
        let mut passed = false;
        for node in discussion.descendants().take(MAX_LOOKED_AT) {
            passed |= node.id() == el.id();
            let is_date = is_date(node);
            if is_date || is_titled_link(node) {
                return passed && is_date;
            }
        }
        false
    })
}

/// Whether what holds dates follows an element, or the short line it stands in.
fn stands_before_records(el: ElementRef<'_>) -> bool {
    let wrappers = above(el)
        .take(2)
        .take_while(|around| short_line(*around).is_some() && around.descendants().all(|node| !is_date(node)));
    std::iter::once(el).chain(wrappers).any(|line| {
        let mut next = line.next_siblings().filter_map(ElementRef::wrap).take(2);
        next.any(|next| {
            let mut nodes = next.descendants().take(MAX_LOOKED_AT / 4);
            nodes
                .find_map(|node| if is_titled_link(node) { Some(false) } else { is_date(node).then_some(true) })
                .unwrap_or(false)
        })
    })
}

/// A heading that is a link: the title of another article.
fn is_titled_link(node: ego_tree::NodeRef<'_, Node>) -> bool {
    let is_heading = |node: ego_tree::NodeRef<'_, Node>| {
        node.value().as_element().is_some_and(|el| matches!(el.name(), "h1" | "h2" | "h3" | "h4"))
    };
    let is_link = node.value().as_element().is_some_and(|el| el.name() == "a" && el.attr("href").is_some());
    is_link && node.ancestors().take(2).any(is_heading)
        || is_heading(node) && node.parent().and_then(ElementRef::wrap).is_some_and(|el| el.value().name() == "a")
}

/// Whether a node says when something was posted: a time, or a text that is little but a date.
fn is_date(node: ego_tree::NodeRef<'_, Node>) -> bool {
    match node.value() {
        Node::Element(el) => el.name() == "time" || el.attr("datetime").is_some(),
        Node::Text(text) => {
            let text = text.trim();
            (4..=MAX_LABEL).contains(&text.len())
                && text.contains(|c: char| c.is_ascii_digit())
                && (parse_printed(text, DayOrder::DayFirst).is_some()
                    || text.len() <= MAX_DATED && find_printed(text, DayOrder::DayFirst).is_some())
        }
        _ => false,
    }
}
