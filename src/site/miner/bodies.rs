//! The words of records, and the places they stand in.

use std::collections::{HashMap, HashSet};

use scraper::ElementRef;

use super::fields::{MAX_ELEMENTS, Place, place};
use super::grouping::Record;
use super::outline::{Outline, masked};

/// Places whose elements hold the words of the records, neither name nor date in them. Words are told from labels and
/// members' cards by their variety: most words of a card are the same in all records.
pub(super) fn columns(outline: &Outline<'_>, records: &[Record], author: Option<Place>) -> Vec<Place> {
    #[derive(Default)]
    struct Found {
        /// The largest element a record, with its text.
        largest: Vec<(usize, usize, usize)>,
        /// Paragraphs: a body may be several of them.
        paragraphs: Vec<usize>,
        repeats: usize,
        text: usize,
        depth: usize,
    }
    let mut found: HashMap<Place, Found> = HashMap::new();
    for (number, record) in records.iter().enumerate() {
        let named = record.elements(outline).take(MAX_ELEMENTS).find(|at| author == Some(place(outline, *at)));
        for at in record.elements(outline).take(MAX_ELEMENTS) {
            let item = &outline.items[at];
            let letters = outline.text(at);
            if item.aside || letters == 0 || matches!(outline.name(at), "a" | "h1" | "h2" | "h3" | "script" | "style") {
                continue;
            }
            let around = |other: Option<usize>| other.is_some_and(|other| outline.holds(at, other));
            if around(record.date) || around(named) || record.inner.iter().any(|(inner, _)| outline.holds(at, *inner)) {
                continue;
            }
            let entry = found.entry(place(outline, at)).or_default();
            if outline.name(at) == "p" {
                entry.paragraphs.push(at);
            }
            match entry.largest.last_mut() {
                Some((of, held, largest)) if *of == number => {
                    entry.repeats += 1;
                    if letters > *largest {
                        (*held, *largest) = (at, letters);
                    }
                }
                _ => {
                    entry.largest.push((number, at, letters));
                    entry.depth += at - record.start();
                }
            }
        }
    }
    let most = records.len().div_ceil(2);
    let mut ranked: Vec<(Place, Found)> = found.into_iter().filter(|(_, f)| f.largest.len() >= most).collect();
    for (_, f) in &mut ranked {
        let all = f.paragraphs.iter().map(|at| outline.text(*at)).sum();
        f.text = f.largest.iter().map(|(_, _, letters)| letters).sum::<usize>().max(all);
    }
    let Some(best) = ranked.iter().map(|(_, f)| f.text).max() else { return Vec::new() };
    ranked.retain(|(_, f)| f.text * 8 >= best);
    let mut ranked: Vec<(usize, Place, Found)> = ranked
        .into_iter()
        .map(|(place, f)| {
            let elements = f.largest.iter().map(|(_, at, _)| at).chain(&f.paragraphs);
            (vocabulary(elements.map(|at| outline.items[*at].element)), place, f)
        })
        .collect();
    let Some(best) = ranked.iter().map(|(words, ..)| *words).max() else { return Vec::new() };
    // Where words and the rest share one element, no place holds the words alone.
    let whole = vocabulary(records.iter().flat_map(|record| &record.roots).map(|at| outline.items[*at].element));
    if best * 100 < whole * 35 {
        return Vec::new();
    }
    ranked.retain(|(words, _, f)| {
        let enough = if f.repeats == 0 { 95 } else { 98 };
        *words * 100 >= best * enough
    });
    // Of those that hold nearly all the words, the innermost.
    ranked.sort_by_key(|(_, place, f)| (std::cmp::Reverse(f.depth / f.largest.len().max(1)), *place));
    ranked.into_iter().map(|(_, place, _)| place).take(3).collect()
}

/// How many different words elements hold.
fn vocabulary<'a>(elements: impl Iterator<Item = ElementRef<'a>>) -> usize {
    let mut words: HashSet<String> = HashSet::new();
    for element in elements {
        for text in element.text().take(MAX_ELEMENTS) {
            for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 1) {
                words.insert(word.to_lowercase());
            }
        }
    }
    words.len()
}

/// What of a body's parent is no part of it, where the body is one of several paragraphs, quotes and lists between other things: the
/// parent, and its children before the first and after the last of them.
pub(super) fn around_paragraphs(outline: &Outline<'_>, record: &Record, body: usize) -> Option<(usize, Vec<usize>)> {
    if outline.name(body) != "p" {
        return None;
    }
    let wanted = outline.items[body].strict;
    let parent = outline.items[body].parent;
    let within = |at: &usize| record.start() <= *at && *at < record.end(outline);
    let children: Vec<usize> = outline.children(parent).filter(within).collect();
    let is_block = |at: usize| match outline.name(at) {
        "blockquote" | "pre" => true,
        "ul" | "ol" => outline.links(at) == 0 && outline.text(at) > 0,
        _ => false,
    };
    let is_paragraph = |at: &&usize| {
        (outline.items[**at].strict == wanted || is_block(**at))
            && record.date.is_none_or(|date| !outline.holds(**at, date))
            && !record.inner.iter().any(|(inner, _)| outline.holds(**at, *inner))
    };
    let (first, last) = (*children.iter().find(is_paragraph)?, *children.iter().rfind(is_paragraph)?);
    (first != last && within(&parent)).then(|| {
        let outside = outline.children(parent).filter(|at| *at < first || *at > last);
        (parent, outside.collect())
    })
}

/// The paragraphs of a record that is a run of siblings, where its body is one of them: they and what stands between them.
pub(super) fn run_of_paragraphs(outline: &Outline<'_>, record: &Record, body: usize) -> Vec<usize> {
    if record.roots.len() < 2 || outline.name(body) != "p" || !record.roots.contains(&body) {
        return Vec::new();
    }
    let is_paragraph = |at: &usize| {
        outline.items[*at].strict == outline.items[body].strict
            && record.date.is_none_or(|date| !outline.holds(*at, date))
            && has_words_of_its_own(outline, *at)
    };
    let first = record.roots.iter().position(is_paragraph);
    let last = record.roots.iter().rposition(is_paragraph);
    match (first, last) {
        (Some(first), Some(last)) if first < last => record.roots[first..=last].to_vec(),
        _ => Vec::new(),
    }
}

/// Whether an element holds words that are no link.
fn has_words_of_its_own(outline: &Outline<'_>, at: usize) -> bool {
    outline.text(at) > outline.links(at)
}

/// The largest element of a record that stands in a place, without its date and other records.
pub(super) fn largest(outline: &Outline<'_>, record: &Record, wanted: Place) -> Option<usize> {
    let fits = |at: &usize| {
        place(outline, *at) == wanted
            && record.date.is_none_or(|date| !outline.holds(*at, date))
            && !record.inner.iter().any(|(inner, _)| outline.holds(*at, *inner))
    };
    let elements = record.elements(outline).take(MAX_ELEMENTS).filter(fits);
    elements.max_by_key(|at| (outline.text(*at), std::cmp::Reverse(*at)))
}

/// Whether an element holds a few words that are no link.
pub(super) fn has_words(outline: &Outline<'_>, at: usize) -> bool {
    outline.text(at) > outline.links(at) + 12
}

/// Lines that stand in most records, digits masked: labels and buttons.
pub(super) fn repeated_lines(texts: &[String]) -> HashSet<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for text in texts {
        let lines: HashSet<String> =
            text.lines().map(|line| masked(line.trim())).filter(|line| !line.is_empty()).collect();
        for line in lines {
            *counts.entry(line).or_default() += 1;
        }
    }
    let least = (texts.len() / 2).max(3);
    counts.into_iter().filter(|(line, count)| *count >= least && line.len() <= 80).map(|(line, _)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn lines_of_most_records_are_labels() {
        let texts: Vec<String> = ["Hi\nLike (3)", "Ho\nLike (14)", "Hi\nLike (0)", "Hum"].map(str::to_owned).into();
        assert_eq!(repeated_lines(&texts), HashSet::from([masked("Like (3)")]));
    }
}
