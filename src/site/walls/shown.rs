//! What a page shows, in the form phrases are compared in: lower case, without accents and punctuation, one blank between
//! words.

use std::collections::HashSet;

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::{ElementRef, Node};

use super::super::Document;
use crate::text::fold_into;

/// Bytes of a word that counts as one; what is written without blanks counts by its length.
const WORD: usize = 12;

/// Words, each with a blank before and behind it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Words(String);

impl Words {
    /// The words of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut words = Self::default();
        words.add(text, &mut String::new());
        words
    }

    /// Adds a text; returns how many words it has, long ones counted as several.
    fn add(&mut self, text: &str, folded: &mut String) -> usize {
        folded.clear();
        fold_into(text, folded);
        let mut count = 0;
        for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            if self.0.is_empty() {
                self.0.push(' ');
            }
            self.0.push_str(word);
            self.0.push(' ');
            count += 1 + word.len() / WORD;
        }
        count
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether these words are, or with a star in `pattern` begin and end with, those of the pattern.
    pub(super) fn are(&self, pattern: &(Words, Option<Words>)) -> bool {
        match pattern {
            (whole, None) => self == whole,
            (head, Some(tail)) => {
                self.0.len() > head.0.len() + tail.0.len() && self.0.starts_with(&head.0) && self.0.ends_with(&tail.0)
            }
        }
    }
}

/// What a page shows.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// All of its words, those of banners, too.
    pub(super) text: Words,
    /// What it says to those without scripts.
    pub(super) without_scripts: Words,
    /// How many words it has outside of banners.
    pub(super) count: usize,
    /// How many words stand in banners.
    pub(super) in_banners: usize,
}

impl Shown {
    /// Reads a page; what stands in `banners` is counted apart.
    pub(super) fn read(html: &Document, banners: &HashSet<NodeId>) -> Self {
        let mut shown = Self::default();
        let mut folded = String::new();
        let (mut skipping, mut banner, mut scriptless) = (None, None, None);
        for edge in html.tree.root().traverse() {
            match edge {
                Edge::Open(node) if skipping.is_none() => match node.value() {
                    Node::Text(text) if scriptless.is_some() => {
                        shown.without_scripts.add(text, &mut folded);
                    }
                    Node::Text(text) => {
                        let count = shown.text.add(text, &mut folded);
                        *(if banner.is_some() { &mut shown.in_banners } else { &mut shown.count }) += count;
                    }
                    Node::Element(el) => {
                        let id = Some(node.id());
                        if ElementRef::wrap(node).is_some_and(is_hidden) {
                            skipping = id;
                        } else if scriptless.is_none() && el.attr("data-noscript").is_some() {
                            scriptless = id;
                        } else if banner.is_none() && banners.contains(&node.id()) {
                            banner = id;
                        }
                    }
                    _ => {}
                },
                Edge::Close(node) => {
                    for place in [&mut skipping, &mut banner, &mut scriptless] {
                        if *place == Some(node.id()) {
                            *place = None;
                        }
                    }
                }
                Edge::Open(_) => {}
            }
        }
        shown
    }
}

/// Whether what an element holds is not shown.
fn is_hidden(el: ElementRef<'_>) -> bool {
    let element = el.value();
    matches!(element.name(), "head" | "script" | "style" | "template" | "title" | "textarea" | "select" | "datalist")
        || element.attr("hidden").is_some()
        || element.attr("style").is_some_and(|style| {
            let style = style.get(..style.floor_char_boundary(160)).unwrap_or_default();
            style.split(';').any(|rule| {
                rule.split_once(':').is_some_and(|(property, value)| {
                    property.trim().eq_ignore_ascii_case("display")
                        && value.trim_start().get(..4).is_some_and(|value| value.eq_ignore_ascii_case("none"))
                })
            })
        })
}
