//! Repeated structure: the comments of a page that no adapter knows.
//!
//! Records are anchored on dates. Dates that stand in the same kind of place form a class; the largest elements of one
//! kind that hold one of them each are its records, or runs of siblings where no element holds a contribution. Of all
//! classes, the one that reads most like a discussion is believed, if it does at all: lists of articles, events,
//! products and archives are none. Names, words and dates are then found as columns of a table are, for all records at
//! once; lines that stand in most records are labels, not words.

mod anchors;
mod aside;
mod bodies;
mod combine;
mod fields;
mod grouping;
mod judge;
mod leads;
mod markup;
mod names;
mod outline;
mod parents;
mod reading;
mod region;
mod single;
mod titles;

use scraper::Html;

use self::judge::Judged;
use self::outline::Outline;
use super::words::WORDS;
use crate::model::{Certainty, Comment, FoundBy, Moment};
use crate::text::dates::DayOrder;

/// Classes of dates looked at, those with most dates first.
const MAX_CLASSES: usize = 32;

/// Score that records anchored on labels must reach, which say less than dates.
const LABELS_LEAST: f64 = 0.5;

/// What is known of the page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// How it writes dates.
    pub(super) order: DayOrder,
    /// When it was read.
    pub(super) read_at: Option<&'a Moment>,
    /// How many comments it says there are.
    pub(super) stated: Option<u64>,
}

/// What the ids of comments are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ids {
    /// Places on the page.
    Places,
    /// The page's own, but so small that they may be places, and the same on the next page.
    Small,
    /// The site's own.
    Own,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Mined {
    /// The comments, in the order of the page.
    pub(super) comments: Vec<Comment>,
    /// What their ids are.
    pub(super) ids: Ids,
    /// How they were found.
    pub(super) found_by: FoundBy,
    /// How sure it is that these are the comments.
    pub(super) certainty: Certainty,
}

impl Default for Mined {
    fn default() -> Self {
        Self { comments: Vec::new(), ids: Ids::Places, found_by: FoundBy::Mined, certainty: Certainty::Low }
    }
}

/// Finds the comments; none where the page has no discussion.
pub(super) fn mine(html: &Html, known: Known<'_>) -> Mined {
    let outline = Outline::of(html);
    let dated = anchors::classes(&outline, known.order);
    let mut found = candidates(&outline, &dated, known);
    let mut all: Vec<usize> = dated.iter().flat_map(|class| class.anchors.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    let (one, several): (Vec<_>, Vec<_>) =
        grouping::named(&outline, &all).into_iter().partition(|records| records.len() == 1);
    if found.is_empty() {
        let several = several.into_iter().map(|records| judge::judge(&outline, records, known));
        found.extend(several.filter(|judged| judged.score > 0.0));
    }
    if found.is_empty() {
        found = candidates(&outline, &anchors::labels(&outline), known);
        found.retain(|judged| judged.records.len() > 2 && judged.score > LABELS_LEAST);
    }
    let Some(mut best) = strongest(&mut found) else {
        return alone(&outline, &all, one, known);
    };
    combine::add(&outline, &mut best, found, &dated, known);
    combine::add_removed(&outline, &mut best, known);
    combine::keep_stated(&outline, &mut best, known);
    let mut comments = read_words(&outline, &mut best, known);
    let ids = reading::number(&outline, &best.records, &mut comments);
    parents::find(&outline, &best.records, &mut comments);
    aside::keep_common_votes(&mut comments);
    let confirmed = known.stated == Some(comments.len() as u64);
    let certainty = if confirmed { Certainty::Medium } else { Certainty::Low };
    Mined { comments, ids, certainty, ..Mined::default() }
}

/// The records as comments. Where what stands in the place of words is the same in all, it was that of buttons, and the words stand among
/// all else, if there are any.
fn read_words(outline: &Outline<'_>, found: &mut Judged, known: Known<'_>) -> Vec<Comment> {
    let comments = reading::read(outline, found, known);
    if found.columns.bodies.is_empty() || !reading::are_labels(&comments) {
        return comments;
    }
    let bodies = std::mem::take(&mut found.columns.bodies);
    let whole = reading::read(outline, found, known);
    let said = whole.iter().filter(|comment| !comment.text.is_empty()).count();
    if said == whole.len() && !reading::are_labels(&whole) {
        return whole;
    }
    found.columns.bodies = bodies;
    comments
}

/// What is left where nothing repeats: one comment, or the part of the page that is named after comments.
fn alone(outline: &Outline<'_>, dates: &[usize], named: Vec<Vec<grouping::Record>>, known: Known<'_>) -> Mined {
    let single = single::mine(outline, dates, named, known);
    if !single.comments.is_empty() {
        return single;
    }
    let Some(found) = region::find(outline, known) else { return single };
    let mut comments = reading::read(outline, &found, known);
    comments.retain(|comment| !comment.text.is_empty());
    Mined { comments, found_by: FoundBy::Region, ..Mined::default() }
}

/// Classes whose records read like a discussion.
fn candidates(outline: &Outline<'_>, classes: &[anchors::Class], known: Known<'_>) -> Vec<Judged> {
    let mut found: Vec<Judged> = Vec::new();
    for class in classes.iter().filter(|class| class.anchors.len() > 1).take(MAX_CLASSES) {
        let records = grouping::records(outline, class);
        if records.is_empty() {
            continue;
        }
        let judged = judge::judge(outline, records, known);
        if judged.score > 0.0 {
            found.push(judged);
        }
    }
    found
}

/// Share of records with a name from which on those inside others are believed to be answers.
const NAMED: f64 = 0.8;

/// The candidate that holds most, or the same with the answers inside it, taken out.
fn strongest(found: &mut Vec<Judged>) -> Option<Judged> {
    let most = |found: &[Judged], fits: &dyn Fn(&Judged) -> bool| {
        let fitting = found.iter().enumerate().filter(|(_, judged)| fits(judged));
        fitting.max_by(|a, b| a.1.value.total_cmp(&b.1.value).then(b.0.cmp(&a.0))).map(|(at, _)| at)
    };
    let best = most(found, &|_| true)?;
    let has_more = |judged: &Judged| judged.columns.named >= NAMED && judged.holds_answers_of(&found[best]);
    let best = most(found, &has_more).unwrap_or(best);
    Some(found.swap_remove(best))
}

/// Whether a text is a button that answers a comment.
fn is_button(text: &str) -> bool {
    text.len() < 40 && WORDS.is_button(text.trim())
}
