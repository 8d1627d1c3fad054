//! A page's tree with an index of its names, so that asking for `h1.entry-title` looks at the headings of that class and not
//! at every element: all the sites and the article ask some hundred questions of a page.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Deref;

use ego_tree::NodeId;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;

use crate::text::dates::DayOrder;

/// A parsed page.
#[derive(Debug)]
pub struct Document {
    html: Html,
    index: OnceCell<Index>,
    /// JSON-LD objects of the page, read once.
    pub(super) json_ld: OnceCell<Vec<Value>>,
    /// How the page writes numeric dates, worked out once.
    pub(super) day_order: OnceCell<DayOrder>,
}

impl From<Html> for Document {
    fn from(html: Html) -> Self {
        Self { html, index: OnceCell::new(), json_ld: OnceCell::new(), day_order: OnceCell::new() }
    }
}

impl Deref for Document {
    type Target = Html;

    fn deref(&self) -> &Html {
        &self.html
    }
}

/// Elements in document order.
type Elements<'a> = Box<dyn Iterator<Item = ElementRef<'a>> + 'a>;

impl Document {
    /// The elements that match, in document order.
    pub(super) fn select<'a>(&'a self, query: &'a impl Query) -> Elements<'a> {
        query.run(self)
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(&self.html))
    }
}

/// What a document can be asked.
pub(super) trait Query {
    fn run<'a>(&'a self, document: &'a Document) -> Elements<'a>;
}

impl Query for Selector {
    fn run<'a>(&'a self, document: &'a Document) -> Elements<'a> {
        Box::new(document.html.select(self))
    }
}

impl Query for Css {
    fn run<'a>(&'a self, document: &'a Document) -> Elements<'a> {
        let Some(keys) = &self.keys else { return self.selector.run(document) };
        let index = document.index();
        let mut places: Vec<u32> = keys.iter().filter_map(|key| index.places.get(key)).flatten().copied().collect();
        if keys.len() > 1 {
            places.sort_unstable();
            places.dedup();
        }
        let element = |place: u32| ElementRef::wrap(document.html.tree.get(index.elements[place as usize])?);
        Box::new(places.into_iter().filter_map(element).filter(|el| self.selector.matches(el)))
    }
}

/// A selector, and the names of which an element must have one to match it.
#[derive(Debug)]
pub(super) struct Css {
    selector: Selector,
    /// None where any element may match.
    keys: Option<Vec<u64>>,
}

impl Css {
    /// # Panics
    /// When `css` is no selector.
    pub(super) fn new(css: &str) -> Self {
        Self::parse(css).expect("a literal selector, used by a test of its site")
    }

    /// # Errors
    /// What is wrong with `css`, for whoever wrote it.
    pub(super) fn parse(css: &str) -> Result<Self, String> {
        let selector = Selector::parse(css).map_err(|error| format!("{css}: {error}"))?;
        let keys: Option<Vec<u64>> = parts(css, |c| c == ',').into_iter().map(|one| key(last_compound(one))).collect();
        Ok(Self { selector, keys })
    }
}

impl Deref for Css {
    type Target = Selector;

    fn deref(&self) -> &Selector {
        &self.selector
    }
}

/// Kinds of names, to keep those of one spelling apart.
const TAG: u8 = b'<';
const ID: u8 = b'#';
const CLASS: u8 = b'.';
const ATTRIBUTE: u8 = b'[';

/// Attributes too many elements have for an index to be of use.
fn is_common(attribute: &str) -> bool {
    matches!(attribute, "class" | "id" | "href" | "src" | "style" | "alt" | "title" | "width" | "height")
}

/// FNV-1a; two names of one hash only mean that more elements are looked at.
fn hash(kind: u8, name: &str) -> u64 {
    let bytes = std::iter::once(kind).chain(name.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// The parts of a selector between separators outside brackets and quotes.
fn parts(css: &str, separates: impl Fn(char) -> bool) -> Vec<&str> {
    let (mut found, mut from, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (at, c) in css.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth = depth.saturating_sub(1),
            (None, c) if depth == 0 && separates(c) => {
                found.push(&css[from..at]);
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    found.push(&css[from..]);
    found
}

/// What a selector says of the element itself: behind the last blank, `>`, `+` or `~`.
fn last_compound(selector: &str) -> &str {
    let selector = selector.trim();
    parts(selector, |c| c.is_whitespace() || matches!(c, '>' | '+' | '~')).pop().unwrap_or(selector)
}

/// A name that whatever matches the compound must have, the rarest kind first.
fn key(compound: &str) -> Option<u64> {
    if compound.contains('\\') {
        return None;
    }
    let name_end =
        |text: &str| text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(text.len());
    let (mut id, mut class, mut attribute) = (None, None, None);
    let end = name_end(compound);
    let tag = (end > 0).then(|| hash(TAG, &compound[..end].to_ascii_lowercase()));
    let mut rest = &compound[end..];
    while let Some(first) = rest.chars().next() {
        let name = rest[first.len_utf8()..].trim_start();
        let name = &name[..name_end(name)];
        match first {
            '#' => id = id.or_else(|| Some(hash(ID, name))),
            '.' => class = class.or_else(|| Some(hash(CLASS, name))),
            '[' if !is_common(name) => attribute = attribute.or_else(|| Some(hash(ATTRIBUTE, name))),
            _ => {}
        }
        // To the next simple selector; what stands in brackets is part of this one.
        let tail = parts(&rest[first.len_utf8()..], |c| matches!(c, '#' | '.' | ':'));
        let mut next = first.len_utf8() + tail[0].len();
        if first == '[' || (first == ':' && rest.contains('(')) {
            let close = if first == '[' { ']' } else { ')' };
            next = closing(rest, close)?;
        } else if let Some(bracket) = rest[1..next].find('[') {
            next = bracket + 1;
        }
        rest = &rest[next..];
    }
    id.or(class).or(attribute).or(tag)
}

/// Where the text goes on behind the bracket that closes the first one.
fn closing(text: &str, close: char) -> Option<usize> {
    let (mut depth, mut quote) = (0_usize, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 && c == close {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Hashes stand for themselves.
#[derive(Debug, Default)]
struct Known(u64);

impl Hasher for Known {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 << 8) | u64::from(byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[derive(Debug)]
struct Index {
    elements: Vec<NodeId>,
    /// For each name, the places of its elements, in order.
    places: HashMap<u64, Vec<u32>, BuildHasherDefault<Known>>,
}

impl Index {
    fn of(html: &Html) -> Self {
        let mut elements = Vec::new();
        let mut places: HashMap<u64, Vec<u32>, _> = HashMap::default();
        for element in html.tree.root().descendants().filter_map(ElementRef::wrap) {
            let Ok(place) = u32::try_from(elements.len()) else { break };
            elements.push(element.id());
            let mut add = |key: u64| {
                let known: &mut Vec<u32> = places.entry(key).or_default();
                // A class may be there twice.
                if known.last() != Some(&place) {
                    known.push(place);
                }
            };
            let element = element.value();
            add(hash(TAG, element.name()));
            for (name, value) in element.attrs() {
                match name {
                    "class" => value.split_ascii_whitespace().for_each(|class| add(hash(CLASS, class))),
                    "id" => add(hash(ID, value)),
                    name if is_common(name) => {}
                    name => add(hash(ATTRIBUTE, name)),
                }
            }
        }
        Self { elements, places }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_finds_what_a_scan_finds() {
        let html = Html::parse_document(
            "<meta property='og:title' content=x><h1 class='b a'>1</h1><div id=c data-x=1><h1 class=a id=d>2</h1><p class=a>\
             </p><a rel=author href='/u/1#e'>u</a></div><custom-tag data-y='a,b'><time class='a:b'></time></custom-tag>",
        );
        let document = Document::from(html);
        for css in [
            "h1",
            "h1.a",
            ".a",
            "#c h1",
            "#d",
            "div > .a, h1",
            "[data-x]",
            "meta[property='og:title']",
            "a[href*='#e']",
            "[href]",
            "[data-y='a,b']",
            "p:not(.b), h1:not(#d)",
            "*",
            "div#c",
            ".a.b",
            "h1[class~='a'][id]",
            ":not(h1)",
            "custom-tag time",
            "[rel='author'], [data-x='1'] p",
            "h1[class='b a']",
            "p:nth-child(2)",
        ] {
            let query = Css::new(css);
            let found: Vec<_> = document.select(&query).map(|el| el.id()).collect();
            let scanned: Vec<_> = document.html.select(&query).map(|el| el.id()).collect();
            assert_eq!(found, scanned, "{css}");
        }
        assert!(Css::new("h1.a, #c").keys.is_some_and(|keys| keys == [hash(CLASS, "a"), hash(ID, "c")]));
        assert!(Css::new("[href^='#c']").keys.is_none());
    }
}
