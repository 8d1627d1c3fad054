//! Whether each record leads to a page of its own: then they are a list of threads, articles or products, not contributions to one
//! discussion. Of the contributions on real pages hardly one begins with such a link.

use std::collections::{HashMap, HashSet};

use super::fields::{self, Columns, MAX_ELEMENTS};
use super::grouping::Record;
use super::markup::MARKUP;
use super::outline::{Kind, Outline, masked};
use super::{Known, is_button};
use crate::site::body;

/// Letters of a link that may name a page.
const LETTERS: std::ops::RangeInclusive<usize> = 3..=150;

/// What links of records to other pages say, the first of each kind in a record.
#[derive(Debug, Default)]
pub(super) struct Leads(HashMap<Kind, Vec<String>>);

impl Leads {
    pub(super) fn add(&mut self, outline: &Outline<'_>, record: &Record, columns: &Columns, known: Known<'_>) {
        let author = fields::author(outline, record, columns, known.order).map(|(at, _)| at);
        // Words that are more than a link may name any page.
        let words = fields::body(outline, record, columns).filter(|at| outline.links(*at) * 2 < outline.text(*at));
        let is_of_author =
            |at: usize| author.is_some_and(|author| outline.holds(at, author) || outline.holds(author, at));
        let leads = |at: &usize| {
            outline.name(*at) == "a"
                && LETTERS.contains(&outline.text(*at))
                && outline.items[*at].element.attr("href").is_some_and(leads_away)
                && !is_of_author(*at)
                && !words.is_some_and(|words| {
                    outline.holds(words, *at) && outline.text_before(*at) > outline.text_before(words)
                })
                && record.date.is_none_or(|date| !outline.holds(*at, date))
                && names_a_page(&body::line(outline.items[*at].element))
        };
        let mut seen: HashSet<Kind> = HashSet::new();
        for at in record.elements(outline).take(MAX_ELEMENTS).filter(leads) {
            let kind = outline.items[at].strict;
            if seen.insert(kind) {
                self.0.entry(kind).or_default().push(masked(&body::line(outline.items[at].element)));
            }
        }
    }

    /// The share of so many records that lead to pages of different names from the same kind of place.
    pub(super) fn share(&self, records: usize) -> f64 {
        let differ = |lines: &&Vec<String>| lines.iter().collect::<HashSet<_>>().len() * 10 >= lines.len() * 8;
        let most = self.0.values().filter(differ).map(Vec::len).max().unwrap_or(0);
        most as f64 / records.max(1) as f64
    }
}

/// Whether an address is that of another page: neither a place on this one, nor a person, nor what a script does.
fn leads_away(href: &str) -> bool {
    let is_page = !["javascript:", "mailto:"].iter().any(|scheme| href.starts_with(scheme));
    is_page && !href.contains('#') && !MARKUP.person(href)
}

/// Whether a link's words may be another page's title.
fn names_a_page(line: &str) -> bool {
    line.contains(char::is_alphabetic) && !line.starts_with('@') && !is_button(line)
}
