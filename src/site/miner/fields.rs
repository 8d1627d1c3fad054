//! Where records keep who wrote and what: found for all records at once, as a table's columns are, because one record may
//! mislead.

use super::grouping::Record;
use super::outline::{Kind, Outline};
use super::{bodies, names};
use crate::text::dates::DayOrder;

/// Records looked at to find the columns.
const SAMPLE: usize = 60;
/// Share of records with a name in one place from which on whatever stands there is one.
const MOST: f64 = 0.6;
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
    /// Places of the words.
    pub(super) bodies: Vec<Place>,
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

/// Finds the columns.
pub(super) fn columns(outline: &Outline<'_>, records: &[Record], order: DayOrder) -> Columns {
    let sample = &records[..records.len().min(SAMPLE)];
    // Names stand outside the words, where there are such; people mentioned in the words are not their writers.
    let words = bodies::columns(outline, sample, None);
    let apart = names::columns(outline, sample, order, words.first().copied());
    if apart.1 >= 0.5 {
        return Columns { authors: apart.0, named: apart.1, variety: apart.2, says_author: apart.3, bodies: words };
    }
    let (authors, named, variety, says_author) = names::columns(outline, sample, order, None);
    let bodies = bodies::columns(outline, sample, authors.first().copied());
    Columns { authors, named, variety, says_author, bodies }
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
        let mut elements = record.elements(outline).take(MAX_ELEMENTS);
        let at = elements.find(|at| place(outline, *at) == *wanted && record.date != Some(*at))?;
        Some((at, names::as_it_stands(outline, at)?))
    };
    let (first, others) =
        columns.authors.split_first().map_or((None, &[][..]), |(first, others)| (Some(first), others));
    known
        .or_else(|| first.and_then(named))
        .or_else(|| first.filter(|_| columns.named >= MOST).and_then(as_it_stands))
        .or_else(|| others.iter().find_map(named))
}

/// The element that holds a record's words, if there is one.
pub(super) fn body(outline: &Outline<'_>, record: &Record, columns: &Columns) -> Option<usize> {
    columns.bodies.iter().find_map(|wanted| bodies::largest(outline, record, *wanted))
}
