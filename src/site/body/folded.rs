//! Texts shown in part until the reader asks for the rest: the rest stands hidden in the page.
//!
//! Two ways are common: the beginning and the whole text side by side, one of them hidden (by a style, or by a class, of which
//! nothing is known here); and the beginning, dots, and what follows them hidden.

use std::collections::HashSet;

use ego_tree::NodeId;
use scraper::{ElementRef, Node};

use super::chrome::{Roles, is_hidden, is_unseen, short_text, words};
use super::line;
use crate::text::fold;

/// Letters of a beginning that stands twice.
const BEGINNING: usize = 12;

/// Elements looked at in one body.
const MAX_ELEMENTS: usize = 60;

/// What is read as if the reader had asked for it.
#[derive(Debug, Default)]
pub(super) struct Unfolded {
    shown: HashSet<NodeId>,
    left_out: HashSet<NodeId>,
}

impl Unfolded {
    /// Looks for texts that are shown in part.
    pub(super) fn of(body: ElementRef<'_>) -> Self {
        let mut unfolded = Self::default();
        let is_dotted = body.text().any(|text| text.contains('…') || text.contains("...")) && can_be_unfolded(body);
        let elements = body.descendants().skip(1).filter_map(ElementRef::wrap);
        let may_be_rest = |el: &ElementRef<'_>| {
            matches!(el.value().name(), "div" | "span" | "p" | "section") && (is_dotted || is_hidden(el.value()))
        };
        for rest in elements.filter(may_be_rest).take(MAX_ELEMENTS) {
            unfolded.add(rest, is_dotted);
        }
        unfolded
    }

    /// Whether an element is read although it is hidden.
    pub(super) fn shows(&self, node: NodeId) -> bool {
        self.shown.contains(&node)
    }

    /// Whether a node only stands for what is read instead.
    pub(super) fn leaves_out(&self, node: NodeId) -> bool {
        self.left_out.contains(&node)
    }

    /// Shows `rest` instead of, or behind, what stands before it, if that is its beginning; `asked` says whether dots and a button
    /// ask to read more.
    fn add(&mut self, rest: ElementRef<'_>, asked: bool) {
        let hidden = is_hidden(rest.value());
        let before: Vec<_> = rest.prev_siblings().filter(|node| is_read(node.value())).collect();
        let shown = before.iter().rev().map(|node| match node.value() {
            Node::Text(text) => text.to_string(),
            _ => ElementRef::wrap(*node).map(line).unwrap_or_default(),
        });
        let shown = shown.collect::<Vec<_>>().join(" ");
        let (beginning, dotted) = beginning(&shown);
        if !(hidden || dotted && asked) {
            return;
        }
        let whole = blanks_once(&line(rest));
        if beginning.chars().count() >= BEGINNING && whole.len() > beginning.len() && whole.starts_with(&beginning) {
            self.shown.insert(rest.id());
            self.left_out.extend(before.iter().map(ego_tree::NodeRef::id));
        } else if hidden && dotted && asked && !whole.is_empty() {
            self.shown.insert(rest.id());
            let is_dots = |node: &ElementRef<'_>| short_text(*node, 16).is_some_and(|text| beginning_of_dots(&text));
            self.left_out.extend(before.into_iter().filter_map(ElementRef::wrap).filter(is_dots).map(|el| el.id()));
        }
    }
}

/// Whether a node is text, or an element that is seen.
fn is_read(node: &Node) -> bool {
    match node {
        Node::Text(text) => !text.trim().is_empty(),
        Node::Element(el) => !is_unseen(el, Roles::of(el)),
        _ => false,
    }
}

/// What is shown before the dots, and whether there are any; all, where there are none.
fn beginning(shown: &str) -> (String, bool) {
    let shown = blanks_once(shown);
    let dots = [shown.rfind('…').map(|at| (at, '…'.len_utf8())), shown.rfind("...").map(|at| (at, 3))];
    let Some((at, long)) = dots.into_iter().flatten().max() else { return (shown, false) };
    let behind = fold(shown[at + long..].trim_matches(|c: char| !c.is_alphanumeric()));
    if !behind.is_empty() && !words().is_expand(&behind) {
        return (shown, false);
    }
    let end = shown[..at].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '…' | '[' | '(')).len();
    (shown[..end].to_owned(), true)
}

fn beginning_of_dots(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.chars().all(|c| matches!(c, '.' | '…' | '[' | ']' | '(' | ')'))
}

fn blanks_once(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether there is something to click that shows the rest.
fn can_be_unfolded(body: ElementRef<'_>) -> bool {
    body.descendants().filter_map(ElementRef::wrap).any(|el| {
        matches!(el.value().name(), "a" | "button" | "span" | "label" | "summary")
            && short_text(el, 64)
                .is_some_and(|text| words().is_expand(&fold(text.trim_matches(|c: char| !c.is_alphanumeric()))))
    })
}
