//! Where records keep who wrote and what: found for all records at once, as a table's columns are, because one record may
//! mislead.

use std::collections::HashMap;

use super::grouping::Record;
use super::outline::{Kind, Outline};
use super::{bodies, names};
use crate::site::words::WORDS;
use crate::site::{body as text_of, pasted};
use crate::text::dates::DayOrder;

/// Records looked at to find the columns.
const SAMPLE: usize = 60;
/// Kinds of records looked at one by one.
const MAX_KINDS: usize = 6;
/// Share of records with a name in one place from which on whatever stands there is one.
const MOST: f64 = 0.6;
/// Letters of a line that says who wrote when.
const MAX_LINE: usize = 120;
/// Elements of a record looked at.
pub(super) const MAX_ELEMENTS: usize = 600;

/// A kind of place in a record: the element and what is around it.
pub(super) type Place = (Kind, Kind);

/// Where the records of a list keep what.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// Places of writers' names, the best first.
    pub(super) authors: Vec<Place>,
    /// How many of the records have a name there.
    pub(super) named: f64,
    /// How many different names there are, of those that have one.
    pub(super) variety: f64,
    /// Whether the markup says that these are names.
    pub(super) says_author: bool,
    /// Whether most records name their writers beside their dates: "by Zoé on March 14, 2024".
    bylined: bool,
    /// Places of the words, and which of several elements there holds them.
    pub(super) bodies: Vec<(Place, Option<bodies::Usual>)>,
}

impl Columns {
    /// Places of another kind of record, after one's own.
    pub(super) fn add(&mut self, other: Self) {
        self.authors.extend(other.authors);
        self.bodies.extend(other.bodies);
    }
}

/// The kind of place an element stands in.
pub(super) fn place(outline: &Outline<'_>, at: usize) -> Place {
    let item = &outline.items[at];
    (item.strict, outline.items[item.parent].strict)
}

/// Finds the columns: of all records together, and of those of another kind that have none of these.
pub(super) fn columns(outline: &Outline<'_>, records: &[Record], order: DayOrder) -> Columns {
    let sample: Vec<&Record> = records.iter().take(SAMPLE).collect();
    let mut columns = of_records(outline, &sample, order);
    columns.bylined = sample.iter().filter(|record| said(outline, record, order).is_some()).count() * 2 > sample.len();
    let mut kinds: HashMap<Kind, Vec<&Record>> = HashMap::new();
    for record in &sample {
        kinds.entry(outline.items[record.start()].strict).or_default().push(record);
    }
    if kinds.len() < 2 {
        return columns;
    }
    let mut kinds: Vec<Vec<&Record>> = kinds.into_values().collect();
    kinds.sort_by_key(|of_kind| (std::cmp::Reverse(of_kind.len()), of_kind[0].start()));
    for of_kind in kinds.into_iter().take(MAX_KINDS) {
        let lack =
            |has: &dyn Fn(&Record) -> bool| of_kind.iter().filter(|record| has(record)).count() * 2 < of_kind.len();
        let nameless = lack(&|record| author(outline, record, &columns, order).is_some());
        let wordless = lack(&|record| body(outline, record, &columns).is_some());
        if !nameless && !wordless {
            continue;
        }
        let own = of_records(outline, &of_kind, order);
        if nameless && !own.authors.is_empty() {
            columns.authors.extend(own.authors);
            columns.named += own.named * of_kind.len() as f64 / sample.len() as f64;
            columns.says_author |= own.says_author;
        }
        if wordless {
            columns.bodies.extend(own.bodies);
        }
    }
    columns
}

/// Finds the columns of records of one kind.
fn of_records(outline: &Outline<'_>, records: &[&Record], order: DayOrder) -> Columns {
    // Names stand outside the words, where there are such; people mentioned in the words are not their writers.
    let words = bodies::columns(outline, records, None);
    let apart = names::columns(outline, records, order, words.first().copied());
    let placed = |words: Vec<Place>| {
        let usual = |wanted: Place| (wanted, bodies::usual(outline, records, wanted));
        words.into_iter().map(usual).collect()
    };
    if apart.1 >= 0.5 {
        return Columns {
            authors: apart.0,
            named: apart.1,
            variety: apart.2,
            says_author: apart.3,
            bodies: placed(words),
            ..Columns::default()
        };
    }
    let (authors, named, variety, says_author) = names::columns(outline, records, order, None);
    // Words that are as short as a name here and there are none.
    if named < 0.5 && authors.first().is_some_and(|first| words.contains(first)) {
        return Columns { bodies: placed(words), ..Columns::default() };
    }
    let bodies = placed(bodies::columns(outline, records, authors.first().copied()));
    Columns { authors, named, variety, says_author, bodies, ..Columns::default() }
}

/// The writer of a record.
pub(super) fn author(
    outline: &Outline<'_>,
    record: &Record,
    columns: &Columns,
    order: DayOrder,
) -> Option<(usize, String)> {
    let known = record.author.and_then(|at| Some((at, names::name(outline, at, order)?)));
    let named = |wanted: &Place| {
        let mut elements = record.elements(outline).take(MAX_ELEMENTS).filter(|at| place(outline, *at) == *wanted);
        elements.find_map(|at| Some((at, names::name(outline, at, order)?)))
    };
    // Where most have their names, somebody may be called "Admin" or "12 mars".
    let as_it_stands = |wanted: &Place| {
        let elements = record.elements(outline).take(MAX_ELEMENTS);
        let is_there = |at: &usize| place(outline, *at) == *wanted && record.date != Some(*at);
        elements.filter(is_there).find_map(|at| Some((at, names::as_it_stands(outline, at)?)))
    };
    let (first, others) =
        columns.authors.split_first().map_or((None, &[][..]), |(first, others)| (Some(first), others));
    // Where bylines name the writers, headings are titles.
    if columns.bylined && !columns.says_author {
        let is_heading = |at: usize| matches!(outline.name(at), "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
        let is_no_title = |at: &usize| !outline.climb(*at, 3).any(is_heading);
        let apart = || columns.authors.iter().find_map(named).filter(|(at, _)| is_no_title(at));
        return known.or_else(|| said(outline, record, order)).or_else(apart);
    }
    known
        .or_else(|| first.and_then(named))
        .or_else(|| first.filter(|_| columns.named >= MOST).and_then(as_it_stands))
        .or_else(|| said(outline, record, order))
        .or_else(|| others.iter().find_map(named))
}

/// The writer whom the line of a record's date names behind a "by": "by Zoé on March 14, 2024".
fn said(outline: &Outline<'_>, record: &Record, order: DayOrder) -> Option<(usize, String)> {
    let at = record.date.filter(|at| outline.text(*at) <= MAX_LINE)?;
    let line = text_of::line(outline.items[at].element);
    let is_byline = WORDS.byline(&line).len() < line.len();
    let name = pasted::writer_and_date(&line, order).filter(|_| is_byline)?;
    // "Posted by" may be part of it still, a "da" that it begins with is its own.
    let own = WORDS.byline(&line).starts_with(name.as_str());
    Some((at, if own { name } else { WORDS.byline(&name).to_owned() }))
}

/// The element that holds a record's words, if there is one.
pub(super) fn body(outline: &Outline<'_>, record: &Record, columns: &Columns) -> Option<usize> {
    columns.bodies.iter().find_map(|(wanted, usual)| bodies::of_record(outline, record, *wanted, *usual))
}
