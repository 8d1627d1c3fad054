//! Records of a page that may stand inside one another. An element belongs to the innermost record around it; which
//! that is, one pass over the page says for all of them, however deep the records nest.

use std::collections::{HashMap, HashSet};

use crate::site::Document;
use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::{ElementRef, Selector};

/// Records and what belongs to each, by the record's place in the page.
#[derive(Debug)]
pub(super) struct Nest<'a> {
    records: Vec<ElementRef<'a>>,
    parents: Vec<Option<usize>>,
    own: Vec<Vec<ElementRef<'a>>>,
    places: HashMap<NodeId, usize>,
}

impl<'a> Nest<'a> {
    /// The records among the page's elements, in its order.
    pub(super) fn new(html: &'a Document, records: impl IntoIterator<Item = ElementRef<'a>>) -> Self {
        let chosen: HashSet<NodeId> = records.into_iter().map(|el| el.id()).collect();
        let mut nest = Self { records: Vec::new(), parents: Vec::new(), own: Vec::new(), places: HashMap::new() };
        let mut around: Vec<usize> = Vec::new();
        for edge in html.tree.root().traverse() {
            match edge {
                Edge::Open(node) => {
                    let Some(el) = ElementRef::wrap(node) else { continue };
                    if chosen.contains(&el.id()) {
                        let at = nest.records.len();
                        nest.records.push(el);
                        nest.parents.push(around.last().copied());
                        nest.own.push(Vec::new());
                        nest.places.insert(el.id(), at);
                        around.push(at);
                    } else if let Some(at) = around.last() {
                        nest.own[*at].push(el);
                    }
                }
                Edge::Close(node) if around.last().is_some_and(|at| nest.records[*at].id() == node.id()) => {
                    around.pop();
                }
                Edge::Close(_) => {}
            }
        }
        nest
    }

    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// The record at a place.
    pub(super) fn record(&self, at: usize) -> ElementRef<'a> {
        self.records[at]
    }

    /// The place of the record around this one.
    pub(super) fn parent(&self, at: usize) -> Option<usize> {
        self.parents[at]
    }

    /// Whether an element is a record.
    pub(super) fn is_record(&self, el: ElementRef<'_>) -> bool {
        self.places.contains_key(&el.id())
    }

    /// The elements that belong to a record, itself left out, in the page's order.
    pub(super) fn own(&self, at: usize) -> &[ElementRef<'a>] {
        &self.own[at]
    }

    /// Those of them that match.
    pub(super) fn all(&self, at: usize, selector: &Selector) -> impl Iterator<Item = ElementRef<'a>> {
        self.own[at].iter().copied().filter(move |el| selector.matches(el))
    }

    /// The record itself, then the elements that belong to it.
    pub(super) fn whole(&self, at: usize) -> impl Iterator<Item = ElementRef<'a>> {
        std::iter::once(self.records[at]).chain(self.own[at].iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;
    use crate::site::css;

    #[test]
    fn an_element_belongs_to_the_innermost_record() {
        let html = Document::from(Html::parse_document(
            "<p>x</p><li id=a><b>A</b><ul><li id=b><b>B</b></li></ul><i>A</i></li>",
        ));
        let nest = Nest::new(&html, html.select(css!("li")));
        assert_eq!((nest.len(), nest.parent(0), nest.parent(1)), (2, None, Some(0)));
        let names = |at| nest.own(at).iter().map(|el| el.value().name()).collect::<Vec<_>>();
        assert_eq!((names(0), names(1)), (vec!["b", "ul", "i"], vec!["b"]));
        assert_eq!(nest.all(0, css!("b, i")).count(), 2);
    }
}
