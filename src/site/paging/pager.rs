//! Links whose words are a number, and the lists of pages they stand in.

use std::collections::{BTreeSet, HashSet};

use crate::site::Document;
use ego_tree::NodeId;
use scraper::ElementRef;

use super::{css, is_current};

/// Links looked at from the top of the page, and from its end.
const LINKS: usize = 200;
/// How far above a link its list may begin.
const LEVELS: usize = 5;
/// Bytes of text and nodes of the tree a list of pages may have.
const MAX_TEXT: usize = 500;
const MAX_NODES: usize = 1000;

/// A link whose words are a number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link<'a> {
    pub(super) number: u64,
    pub(super) href: &'a str,
}

/// A list of page numbers: all are links but that of the page one is on.
#[derive(Debug)]
pub(super) struct Pager<'a> {
    pub(super) current: u64,
    pub(super) links: Vec<Link<'a>>,
}

/// The numbered links of a page, and the lists they make.
pub(super) fn numbered(html: &Document) -> (Vec<Link<'_>>, Vec<Pager<'_>>) {
    let mut found: Vec<(ElementRef<'_>, Link<'_>)> =
        html.select(css!("a[href]")).filter_map(|a| Some((a, link(a)?))).collect();
    if found.len() > 2 * LINKS {
        found.drain(LINKS..found.len() - LINKS);
    }
    let (mut seen, mut pagers) = (HashSet::new(), Vec::new());
    for (anchor, _) in &found {
        for above in anchor.ancestors().filter_map(ElementRef::wrap).take(LEVELS) {
            if !seen.insert(above.id()) {
                // Its list was found, or there is none so far up.
                continue;
            }
            match list(above) {
                Read::List(pager) => {
                    pagers.push((above, pager));
                    break;
                }
                Read::Other => {}
                Read::TooLarge => break,
            }
        }
    }
    // What surrounds a list is no other list.
    let lists: HashSet<NodeId> = pagers.iter().map(|(list, _)| list.id()).collect();
    let inner: HashSet<NodeId> = pagers
        .iter()
        .flat_map(|(list, _)| list.ancestors().map(|above| above.id()).filter(|above| lists.contains(above)))
        .collect();
    let pagers = pagers.into_iter().filter(|(list, _)| !inner.contains(&list.id())).map(|(_, pager)| pager).collect();
    (found.into_iter().map(|(_, link)| link).collect(), pagers)
}

fn link(anchor: ElementRef<'_>) -> Option<Link<'_>> {
    let mut words = String::new();
    for text in anchor.text() {
        words.push_str(text);
        if words.len() > 24 {
            return None;
        }
    }
    Some(Link { number: number(&words)?, href: anchor.attr("href")? })
}

/// `2`, `[2]`, ` 2, `.
fn number(words: &str) -> Option<u64> {
    let digits = words.trim_matches(|c: char| !c.is_alphanumeric());
    let plain = (1..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|number| plain && *number > 0)
}

/// What an element was found to be.
enum Read<'a> {
    List(Pager<'a>),
    /// No list; what is around it may be one.
    Other,
    /// And what is around it is larger still.
    TooLarge,
}

fn list(element: ElementRef<'_>) -> Read<'_> {
    let (mut links, mut bare, mut marked) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let mut length = 0;
    for (visited, node) in element.descendants().enumerate() {
        if visited > MAX_NODES || length > MAX_TEXT {
            return Read::TooLarge;
        }
        let Some(text) = node.value().as_text() else { continue };
        length += text.trim().len();
        if length > MAX_TEXT {
            return Read::TooLarge;
        }
        let within = || node.ancestors().take_while(|above| above.id() != element.id()).filter_map(ElementRef::wrap);
        let anchor = within().find(|above| above.value().name() == "a");
        let current = within().take(2).any(is_current);
        match anchor.and_then(link) {
            Some(link) if !current && !link.href.starts_with('#') => links.push(link),
            Some(link) => {
                marked.insert(link.number);
            }
            None if anchor.is_none() => {
                let numbers =
                    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '|' | '/')).filter_map(number);
                if current { marked.extend(numbers) } else { bare.extend(numbers) }
            }
            None => {}
        }
    }
    if links.is_empty() {
        return Read::Other;
    }
    let linked: BTreeSet<u64> = links.iter().map(|link| link.number).collect();
    let of: Vec<u64> =
        if marked.is_empty() { bare.difference(&linked).copied().collect() } else { marked.into_iter().collect() };
    let current = match of.as_slice() {
        [current] => *current,
        // "Page 1 of 7: 1 2 3".
        [current, last] if linked.last().is_some_and(|most| most <= last) => *current,
        _ => return Read::Other,
    };
    Read::List(Pager { current, links: links.into_iter().filter(|link| link.number != current).collect() })
}
