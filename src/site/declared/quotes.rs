//! Quotes inside a body: where they stand in its text, whom they name, and which posts.

use std::collections::HashSet;

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::ElementRef;

use super::comment::{MAX_NAME, body_of, dropped};
use super::description::{Css, Description, Quote};
use super::place::Places;
use super::rows::Row;
use crate::model::{self, Span};
use crate::site::body;
use crate::site::words::WORDS;

/// The outermost quotes of a body, found again in its text; white space around a quote depends on where it stands.
pub(super) fn quotes(
    quote: &Quote,
    body: ElementRef<'_>,
    text: &str,
    skip: impl Fn(ElementRef<'_>) -> bool + Copy,
) -> Vec<model::Quote> {
    let inked = Inked::of(text);
    let mut quotes = Vec::new();
    let mut from = 0;
    for element in outermost(&quote.at, body, skip) {
        let said = Inked::of(&body::read(element, skip).text).ink;
        let Some(at) = inked.ink[from..].find(&said).filter(|_| !said.is_empty()) else { continue };
        let start = from + at;
        from = start + said.len();
        let span = Span::new(inked.offsets[start], inked.offsets[from - 1] + 1);
        quotes.push(model::Quote { span, author: quoted(&quote.author, element) });
    }
    quotes
}

/// The ids of posts that a record's outermost quotes name, in order. A quote inside a quote is what the quoted one answered.
pub(super) fn ids(says: &Description, row: &Row<'_>, nested: &HashSet<NodeId>) -> Vec<String> {
    let Some(quote) = says.quote.as_ref().filter(|quote| !quote.id.is_empty()) else { return Vec::new() };
    let Some(body) = body_of(says, &row.own) else { return Vec::new() };
    let dropped = dropped(says, &row.own);
    outermost(&quote.at, body, |el| dropped.contains(&el.id()) || nested.contains(&el.id()))
        .into_iter()
        .filter_map(|element| {
            let mut own = vec![element];
            own.extend(below(element, |el| quote.at.matches(el)).into_iter().filter(|el| !quote.at.matches(*el)));
            quote.id.in_record(&own).next().map(|found| found.value)
        })
        .collect()
}

fn outermost<'a>(at: &Css, body: ElementRef<'a>, skip: impl Fn(ElementRef<'a>) -> bool) -> Vec<ElementRef<'a>> {
    let mut found = below(body, |el| skip(el) || at.matches(el));
    found.retain(|el| !skip(*el) && at.matches(*el));
    found
}

/// The elements below one, in the page's order, without what is inside of those that are shut.
fn below<'a>(element: ElementRef<'a>, is_shut: impl Fn(ElementRef<'a>) -> bool) -> Vec<ElementRef<'a>> {
    let mut found = Vec::new();
    let mut shut: Option<NodeId> = None;
    for edge in element.traverse().skip(1) {
        match edge {
            Edge::Open(node) if shut.is_none() => {
                let Some(element) = ElementRef::wrap(node) else { continue };
                found.push(element);
                shut = is_shut(element).then_some(node.id());
            }
            Edge::Close(node) if shut == Some(node.id()) => shut = None,
            _ => {}
        }
    }
    found
}

/// The quotes the body's markup shows, with the writers the description finds; those it describes where the markup shows
/// none.
pub(super) fn with_authors(shown: Vec<model::Quote>, declared: Vec<model::Quote>) -> Vec<model::Quote> {
    if shown.is_empty() {
        return declared;
    }
    let mut declared = declared.into_iter().peekable();
    let mut quotes = shown;
    for quote in &mut quotes {
        while declared.next_if(|other| other.span.end <= quote.span.start).is_some() {}
        if quote.author.is_none() {
            quote.author = declared.peek().filter(|d| d.span.start < quote.span.end).and_then(|d| d.author.clone());
        }
    }
    quotes
}

/// A text without its white space, and where each of its bytes stood.
struct Inked {
    ink: String,
    offsets: Vec<usize>,
}

impl Inked {
    fn of(text: &str) -> Self {
        let (mut ink, mut offsets) = (String::with_capacity(text.len()), Vec::with_capacity(text.len()));
        for (at, c) in text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            ink.push(c);
            offsets.extend(at..at + c.len_utf8());
        }
        Self { ink, offsets }
    }
}

/// Whom a quote names: "Zoé a écrit :" gives "Zoé".
fn quoted(places: &Places, quote: ElementRef<'_>) -> Option<String> {
    if places.is_empty() {
        return None;
    }
    let own: Vec<ElementRef<'_>> = quote.descendants().filter_map(ElementRef::wrap).collect();
    let names = places.in_record(&own).map(|found| WORDS.author(found.value.trim_end_matches('↑')).to_owned());
    names.into_iter().find(|name| !name.is_empty() && name.len() <= MAX_NAME)
}
