//! The records of a page, and which elements belong to each: one pass over the tree, nested or not.

use std::collections::HashSet;

use crate::site::Document;
use ego_tree::iter::Edge;
use scraper::ElementRef;

use super::description::Css;

/// A record.
pub(super) struct Row<'a> {
    /// Its element, then those below it that do not belong to a record inside of it, in the page's order.
    pub(super) own: Vec<ElementRef<'a>>,
    /// The record it stands in.
    pub(super) above: Option<usize>,
}

/// The records that the first selector to find any finds; an element of `head` right before one counts as part of it.
pub(super) fn rows<'a>(html: &'a Document, selectors: &[Css], head: Option<&Css>) -> Vec<Row<'a>> {
    let Some(records) = selectors.iter().find_map(|css| {
        let found: HashSet<_> = html.select(css.selector()).map(|el| el.id()).collect();
        (!found.is_empty()).then_some(found)
    }) else {
        return Vec::new();
    };
    let mut rows: Vec<Row<'a>> = Vec::with_capacity(records.len());
    let mut open: Vec<usize> = Vec::new();
    for edge in html.root_element().traverse() {
        match edge {
            Edge::Open(node) => {
                let Some(element) = ElementRef::wrap(node) else { continue };
                if records.contains(&node.id()) {
                    rows.push(Row { own: Vec::new(), above: open.last().copied() });
                    open.push(rows.len() - 1);
                }
                if let Some(at) = open.last() {
                    rows[*at].own.push(element);
                }
            }
            Edge::Close(node) => {
                if open.last().is_some_and(|at| rows[*at].own[0].id() == node.id()) {
                    open.pop();
                }
            }
        }
    }
    if let Some(head) = head {
        for row in &mut rows {
            let before = row.own[0].prev_siblings().find_map(ElementRef::wrap).filter(|el| head.matches(*el));
            row.own.extend(before.into_iter().flat_map(|el| el.descendants()).filter_map(ElementRef::wrap));
        }
    }
    rows
}
