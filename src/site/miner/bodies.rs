//! The words of records, and the places they stand in.

use std::collections::{HashMap, HashSet};

use scraper::ElementRef;

use super::fields::{MAX_ELEMENTS, Place, place};
use super::grouping::Record;
use super::outline::{Outline, masked};
use crate::site::body;
use crate::site::words::WORDS;

/// Letters that counts and buttons beside a few words may have.
const FEW: usize = 40;
/// Rows of a table looked at.
const ROWS: usize = 8;

/// Places whose elements hold the words of the records, neither name nor date in them. Words are told from labels and
/// members' cards by their variety: most words of a card are the same in all records.
pub(super) fn columns(outline: &Outline<'_>, records: &[&Record], author: Option<Place>) -> Vec<Place> {
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
        let mut hidden = 0;
        for at in record.elements(outline).take(MAX_ELEMENTS) {
            let item = &outline.items[at];
            let letters = outline.text(at);
            if at < hidden {
                continue;
            }
            if body::is_hidden(item.element.value()) && !record.roots.contains(&at) {
                hidden = item.end;
                continue;
            }
            if item.aside || letters == 0 || matches!(outline.name(at), "a" | "h1" | "h2" | "h3" | "script" | "style") {
                continue;
            }
            if holds_cells(outline, at) {
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
    let shared = shared_words(outline, records);
    let mut ranked: Vec<(usize, Place, Found)> = ranked
        .into_iter()
        .map(|(place, f)| {
            let elements = f.largest.iter().map(|(_, at, _)| at).chain(&f.paragraphs);
            (vocabulary(elements.map(|at| outline.items[*at].element), &shared), place, f)
        })
        .collect();
    let Some(best) = ranked.iter().map(|(words, ..)| *words).max() else { return Vec::new() };
    // Where words and the rest share one element, no place holds the words alone.
    let roots = records.iter().flat_map(|record| &record.roots);
    let whole = vocabulary(roots.map(|at| outline.items[*at].element), &shared);
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

/// Whether an element is a row of several filled cells, or holds one: words stand in a cell.
fn holds_cells(outline: &Outline<'_>, at: usize) -> bool {
    let is_filled = |cell: &usize| matches!(outline.name(*cell), "td" | "th") && outline.text(*cell) > 0;
    match outline.name(at) {
        "tr" => outline.children(at).filter(is_filled).nth(1).is_some(),
        "tbody" | "table" => outline.children(at).take(ROWS).any(|inner| holds_cells(outline, inner)),
        _ => false,
    }
}

/// The words of an element, lower case.
fn words(element: ElementRef<'_>) -> HashSet<String> {
    let mut found: HashSet<String> = HashSet::new();
    for text in element.text().take(MAX_ELEMENTS) {
        found.extend(text.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 1).map(str::to_lowercase));
    }
    found
}

/// Words that most records hold: those of labels and members' cards.
fn shared_words(outline: &Outline<'_>, records: &[&Record]) -> HashSet<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for record in records {
        let all: HashSet<String> = record.roots.iter().flat_map(|at| words(outline.items[*at].element)).collect();
        for word in all {
            *counts.entry(word).or_default() += 1;
        }
    }
    let least = (records.len() * 3).div_ceil(4).max(3);
    counts.into_iter().filter(|(_, count)| *count >= least).map(|(word, _)| word).collect()
}

/// How many different words elements hold that are not shared by most records.
fn vocabulary<'a>(elements: impl Iterator<Item = ElementRef<'a>>, shared: &HashSet<String>) -> usize {
    let mut all: HashSet<String> = HashSet::new();
    for element in elements {
        all.extend(words(element).into_iter().filter(|word| !shared.contains(word)));
    }
    all.len()
}

/// What of a body's parent is no part of it, where the body is one of several paragraphs, quotes and lists between other things: the
/// parent, and its children before the first and after the last of them.
pub(super) fn around_paragraphs(outline: &Outline<'_>, record: &Record, body: usize) -> Option<(usize, Vec<usize>)> {
    if outline.name(body) != "p" {
        return around_lines(outline, record, body).map(|parent| (parent, Vec::new()));
    }
    let wanted = outline.items[body].strict;
    let parent = outline.items[body].parent;
    let within = |at: &usize| record.start() <= *at && *at < record.end(outline);
    if !within(&parent) {
        return None;
    }
    let children: Vec<usize> = outline.children(parent).filter(within).collect();
    let is_block = |at: usize| match outline.name(at) {
        "blockquote" | "pre" => true,
        "ul" | "ol" => outline.links(at) == 0 && outline.text(at) > 0,
        "div" => is_attributed(outline, at),
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

/// Letters of a line that says whose words are quoted below it.
const ATTRIBUTION: usize = 60;

/// Whether a block begins with a line of its own that says whose words follow: "Zoé said:".
fn is_attributed(outline: &Outline<'_>, at: usize) -> bool {
    let Some(first) = outline.children(at).next() else { return false };
    if outline.children(at).nth(1).is_none() || !(1..=ATTRIBUTION).contains(&outline.text(first)) {
        return false;
    }
    let line = body::line(outline.items[first].element);
    let said = line.trim_end_matches(':').trim_end();
    said.len() < line.len() && WORDS.author(said).len() < said.len()
}

/// The element around a body that is one of several lines, each an element of the same kind, with nothing else beside them.
fn around_lines(outline: &Outline<'_>, record: &Record, body: usize) -> Option<usize> {
    let item = &outline.items[body];
    let parent = item.parent;
    let is_line = |at: usize| {
        let line = &outline.items[at];
        line.strict == item.strict
            && outline.children(at).all(|inner| outline.items[inner].end == inner + 1)
            && record.date.is_none_or(|date| !outline.holds(at, date))
    };
    let lines = outline.children(parent).take(MAX_ELEMENTS).collect::<Vec<_>>();
    let is_block = outline.name(body) == "div" && item.strict == item.tag;
    (is_block
        && parent > record.start()
        && parent < record.end(outline)
        && lines.len() > 1
        && lines.into_iter().all(is_line))
    .then_some(parent)
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

/// The elements of a record that stand in a place, without its date and other records.
fn standing<'b>(outline: &'b Outline<'_>, record: &'b Record, wanted: Place) -> impl Iterator<Item = usize> + 'b {
    let fits = move |at: &usize| {
        place(outline, *at) == wanted
            && record.date.is_none_or(|date| !outline.holds(*at, date))
            && !record.inner.iter().any(|(inner, _)| outline.holds(*at, *inner))
    };
    record.elements(outline).take(MAX_ELEMENTS).filter(fits)
}

/// The largest of them.
pub(super) fn largest(outline: &Outline<'_>, record: &Record, wanted: Place) -> Option<usize> {
    standing(outline, record, wanted).max_by_key(|at| (outline.text(*at), std::cmp::Reverse(*at)))
}

/// Which of several elements in one place holds the words: how many there are, and which of them it is.
pub(super) type Usual = (usize, usize);

/// Which of the elements in a place is the largest in nearly all records that have as many as most.
pub(super) fn usual(outline: &Outline<'_>, records: &[&Record], wanted: Place) -> Option<Usual> {
    let mut many: HashMap<usize, HashMap<usize, usize>> = HashMap::new();
    for record in records {
        let elements: Vec<usize> = standing(outline, record, wanted).collect();
        let largest = (0..elements.len()).max_by_key(|nth| (outline.text(elements[*nth]), std::cmp::Reverse(*nth)));
        if let Some(largest) = largest {
            *many.entry(elements.len()).or_default().entry(largest).or_default() += 1;
        }
    }
    let total = |places: &HashMap<usize, usize>| places.values().sum::<usize>();
    let (count, places) = many.into_iter().max_by_key(|(count, places)| (total(places), *count))?;
    let (nth, agree) = places.iter().max_by_key(|(nth, agree)| (**agree, std::cmp::Reverse(**nth)))?;
    (count > 1 && *agree > 2 && total(&places) * 5 >= records.len() * 3 && agree * 4 >= total(&places) * 3)
        .then_some((count, *nth))
}

/// The element of a record that stands in a place where others keep their words: the usual one where it has as many as most,
/// since a few words may be less than what stands beside them, else the largest.
pub(super) fn of_record(outline: &Outline<'_>, record: &Record, wanted: Place, usual: Option<Usual>) -> Option<usize> {
    let Some((many, nth)) = usual else { return largest(outline, record, wanted) };
    let elements: Vec<usize> = standing(outline, record, wanted).collect();
    let by_place = if elements.len() == many { elements.get(nth).copied() } else { None };
    let largest = largest(outline, record, wanted)?;
    by_place.filter(|at| outline.text(*at) > 0 && outline.text(largest) <= FEW).or(Some(largest))
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
