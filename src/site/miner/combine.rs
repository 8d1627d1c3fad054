//! Contributions of other kinds that belong to the same discussion: comments under answers, answers around comments,
//! the opening post above its replies.

use std::collections::{HashMap, HashSet};

use scraper::ElementRef;

use super::Known;
use super::anchors::Class;
use super::fields;
use super::grouping::{Record, arranged};
use super::judge::Judged;
use super::names;
use super::outline::{Kind, Outline};
use super::reading::removed_line;
use crate::site::body;

/// Share of a record's text that must be left when those inside it are taken out.
const LEFT: f64 = 0.2;

/// Adds records of other candidates, and the opening post.
pub(super) fn add(
    outline: &Outline<'_>,
    best: &mut Judged,
    mut others: Vec<Judged>,
    dated: &[Class],
    known: Known<'_>,
) {
    others.sort_by(|a, b| b.value.total_cmp(&a.value));
    for other in others {
        let fits = other.records.iter().all(|record| record.roots.len() == 1)
            && best.records.iter().all(|record| record.roots.len() == 1)
            && other.score > 0.5;
        if fits && (inside(outline, best, &other) || inside(outline, &other, best)) {
            unite(outline, best, other);
        }
    }
    complete(outline, best, dated);
    if let Some(opening) = opening(outline, best, dated, known) {
        let mut roots: Vec<Vec<usize>> = vec![opening.roots.clone()];
        roots.extend(best.records.iter().map(|record| record.roots.clone()));
        let dates: Vec<usize> = opening.date.into_iter().chain(best.records.iter().filter_map(|r| r.date)).collect();
        best.records = arranged(outline, roots, &dates);
        best.records[0].author = opening.author;
    }
}

/// Whether the inner records lie in the outer ones, and say something else than they do.
fn inside(outline: &Outline<'_>, outer: &Judged, inner: &Judged) -> bool {
    let mut held = 0;
    let mut text: Vec<usize> = vec![0; outer.records.len()];
    for record in &inner.records {
        let at = outer.records.partition_point(|around| around.start() < record.start());
        // The nearest before it, or one of those around that.
        let mut around = at.checked_sub(1);
        while let Some(candidate) = around {
            if outline.holds(outer.records[candidate].start(), record.start()) {
                break;
            }
            around = outer.records[candidate].parent;
        }
        let Some(around) = around else { continue };
        // What its date dates is the head of the same contribution.
        if record.date.is_some() && record.date == outer.records[around].date {
            continue;
        }
        let quoted = outline.climb(record.start(), 8).take_while(|at| *at > outer.records[around].start()).any(|at| {
            matches!(outline.name(at), "blockquote" | "q" | "aside")
                || outline.items[at].element.value().classes().any(|class| class.contains("quote"))
        });
        if quoted {
            return false;
        }
        held += 1;
        if record.parent.is_none() {
            text[around] += outline.text(record.start());
        }
    }
    let own = outer.records.iter().zip(&text).filter(|(record, inner)| {
        let all = record.text(outline);
        all > 0 && (all - (*inner).min(&all)) as f64 >= LEFT * all as f64 && all - (*inner).min(&all) >= 15
    });
    held * 10 >= inner.records.len() * 8 && own.count() * 10 >= outer.records.len() * 7
}

/// Records of both, with the columns of both.
fn unite(outline: &Outline<'_>, best: &mut Judged, other: Judged) {
    let mut seen: HashSet<usize> = HashSet::new();
    let all: Vec<&Record> = best.records.iter().chain(&other.records).filter(|r| seen.insert(r.start())).collect();
    let dates: Vec<usize> = all.iter().filter_map(|record| record.date).collect();
    let dated: HashSet<usize> =
        all.iter().filter(|record| record.date.is_some()).map(|record| record.start()).collect();
    let roots = all.into_iter().map(|record| record.roots.clone()).collect();
    best.records = without_wrappers(outline, arranged(outline, roots, &dates), &dates, &dated);
    best.columns.add(other.columns);
}

/// Adds elements of the records' kind without a date in which only stands that a comment was removed: what answers it lies in them.
pub(super) fn add_removed(outline: &Outline<'_>, best: &mut Judged, page: Known<'_>) {
    let known: HashSet<usize> = best.records.iter().map(Record::start).collect();
    let (Some(first), Some(last)) = (known.iter().min(), known.iter().max()) else { return };
    let mut kinds: HashMap<Kind, usize> = HashMap::new();
    for kind in known.iter().flat_map(|at| &outline.items[*at].kinds) {
        *kinds.entry(*kind).or_default() += 1;
    }
    let lists: HashSet<usize> = known.iter().map(|at| outline.items[*at].parent).collect();
    let is_alike = |at: usize| {
        let item = &outline.items[at];
        // Without a class, only what stands beside them is like them.
        (item.strict != item.tag || lists.contains(&item.parent))
            && item.kinds.iter().any(|kind| kinds.get(kind).is_some_and(|n| n * 2 > known.len()))
    };
    let outer = best.records.iter().rev().find(|record| record.parent.is_none()).map_or(*last, Record::start);
    let end = outline.items[outline.items[outer].parent].end;
    let says_removed = |at: &usize| {
        let inner =
            |el: ElementRef<'_>| el.id() != outline.items[*at].element.id() && is_alike_element(outline, *at, el);
        removed_line(&body::read(outline.items[*at].element, inner).text, page.order).is_some()
    };
    let mut starts: Vec<usize> = known.iter().copied().collect();
    starts.sort_unstable();
    let own_text = |at: usize| {
        let mut own = outline.text(at);
        let mut next = at + 1;
        while let Some(start) = starts.get(starts.partition_point(|start| *start < next)) {
            if !outline.holds(at, *start) {
                break;
            }
            own -= outline.text(*start).min(own);
            next = outline.items[*start].end;
        }
        own
    };
    // What is all that a record holds is that record.
    let is_a_part = |at: usize| {
        let mut around = best.records.partition_point(|record| record.start() <= at).checked_sub(1);
        while let Some(record) = around.map(|around| &best.records[around]) {
            if record.end(outline) > at {
                return record.text(outline) > own_text(at) + 2;
            }
            around = record.parent;
        }
        true
    };
    let may_say = |at: &usize| {
        !known.contains(at) && !outline.items[*at].aside && is_alike(*at) && (1..=MAX_SENTENCE).contains(&own_text(*at))
    };
    let mut missing: Vec<usize> = Vec::new();
    for at in (*first..end).filter(may_say).take(MAX_REMOVED).filter(says_removed).filter(|at| is_a_part(*at)) {
        // The same in an element inside of it.
        let is_same = |outer: &usize| outline.holds(*outer, at) && own_text(*outer).saturating_sub(own_text(at)) <= 2;
        if !missing.last().is_some_and(is_same) {
            missing.push(at);
        }
    }
    if missing.is_empty() || best.records.iter().any(|record| record.roots.len() > 1) {
        return;
    }
    let roots = best.records.iter().map(|record| record.roots.clone()).chain(missing.into_iter().map(|at| vec![at]));
    best.records = again(outline, roots.collect(), &best.records);
}

/// Elements looked at that may stand for removed comments, and letters of what they say.
const MAX_REMOVED: usize = 2_000;
const MAX_SENTENCE: usize = 160;

/// Whether an element inside another has a class of its.
fn is_alike_element(outline: &Outline<'_>, at: usize, inner: ElementRef<'_>) -> bool {
    let outer = outline.items[at].element.value();
    inner.value().name() == outer.name()
        && (outer.classes().next().is_none()
            || inner.value().classes().any(|class| outer.classes().any(|own| own == class)))
}

/// Keeps one of several lists where it holds as many records as the page states and the others repeat them: what is shown twice, for
/// small screens or as a choice of the editors.
pub(super) fn keep_stated(outline: &Outline<'_>, best: &mut Judged, known: Known<'_>) {
    let Some(stated) = known.stated.filter(|stated| *stated > 0 && *stated < best.records.len() as u64) else { return };
    let list = |mut at: usize| {
        while let Some(outer) = best.records[at].parent {
            at = outer;
        }
        outline.items[best.records[at].start()].parent
    };
    let lists: Vec<usize> = (0..best.records.len()).map(list).collect();
    let mut held: HashMap<usize, u64> = HashMap::new();
    for list in &lists {
        *held.entry(*list).or_default() += 1;
    }
    let Some(kept) = lists.iter().copied().find(|list| held[list] == stated) else { return };
    let says = |record: &Record| record.roots.iter().map(|root| body::line(outline.items[*root].element)).collect();
    let (own, others): (Vec<_>, Vec<_>) = best.records.iter().zip(&lists).partition(|(_, list)| **list == kept);
    let said: HashSet<Vec<String>> = own.iter().map(|(record, _)| says(record)).collect();
    if others.iter().all(|(record, _)| said.contains(&says(record))) {
        let roots = own.into_iter().map(|(record, _)| record.roots.clone()).collect();
        best.records = again(outline, roots, &best.records);
    }
}

/// Records arranged anew, with the dates and writers they had.
fn again(outline: &Outline<'_>, roots: Vec<Vec<usize>>, had: &[Record]) -> Vec<Record> {
    let dates: Vec<usize> = had.iter().filter_map(|record| record.date).collect();
    let writers: HashMap<usize, usize> =
        had.iter().filter_map(|record| Some((record.start(), record.author?))).collect();
    let mut records = arranged(outline, roots, &dates);
    for record in &mut records {
        record.author = writers.get(&record.start()).copied();
    }
    records
}

/// Letters of what stands above answers in the element around them: "2 réponses".
const WRAPPER: usize = 16;

/// Without records that have no date, and next to no words of their own or a date before that is another's: they are lists around
/// answers.
fn without_wrappers(
    outline: &Outline<'_>,
    records: Vec<Record>,
    dates: &[usize],
    dated: &HashSet<usize>,
) -> Vec<Record> {
    let is_wrapper = |record: &Record| {
        record.date.is_none()
            && !record.inner.is_empty()
            && (record.text(outline) <= WRAPPER || dated.contains(&record.start()))
    };
    if !records.iter().any(is_wrapper) {
        return records;
    }
    let kept = records.into_iter().filter(|record| !is_wrapper(record)).map(|record| record.roots);
    arranged(outline, kept.collect(), dates)
}

/// Adds what stands among the records, is of their kind and holds a date, in whatever way it prints it.
fn complete(outline: &Outline<'_>, best: &mut Judged, dated: &[Class]) {
    let known: HashSet<usize> = best.records.iter().map(Record::start).collect();
    let kinds: HashSet<Kind> = known.iter().map(|at| outline.items[*at].strict).collect();
    let parents: HashSet<usize> = known.iter().map(|at| outline.items[*at].parent).collect();
    if kinds.len() != 1 || parents.len() != 1 || best.records.iter().any(|record| record.roots.len() > 1) {
        return;
    }
    let mut dates: Vec<usize> = dated.iter().flat_map(|class| class.anchors.iter().copied()).collect();
    dates.sort_unstable();
    let date = |at: usize| {
        let next = dates.get(dates.partition_point(|date| *date < at)).copied();
        next.filter(|date| outline.holds(at, *date))
    };
    let siblings = parents.into_iter().flat_map(|parent| outline.children(parent));
    let missing: Vec<(usize, usize)> = siblings
        .filter(|at| !known.contains(at) && kinds.contains(&outline.items[*at].strict))
        .filter_map(|at| Some((at, date(at)?)))
        .collect();
    if missing.is_empty() {
        return;
    }
    let mut all: Vec<usize> = best.records.iter().filter_map(|record| record.date).collect();
    all.extend(missing.iter().map(|(_, date)| date));
    let roots = best.records.iter().map(|record| record.roots.clone());
    best.records = arranged(outline, roots.chain(missing.iter().map(|(at, _)| vec![*at])).collect(), &all);
}

/// The post that the records answer, where it looks as they do: its writer stands in the same kind of element, before
/// the first of them. An article's byline does not look like a commenter's name.
fn opening(outline: &Outline<'_>, best: &Judged, dated: &[Class], known: Known<'_>) -> Option<Record> {
    let first = best.records.first()?.start();
    let wanted = *best.columns.authors.first()?;
    // What no class calls a writer may be anything: what is around it must be of the same kind, too.
    let is_wanted = |at: usize| {
        let item = &outline.items[at];
        let is_called = best.columns.says_author && item.strict != item.tag;
        item.strict == wanted.0 && (is_called || fields::place(outline, at) == wanted)
    };
    if !best.columns.says_author && best.columns.named < 0.8 {
        return None;
    }
    (0..first)
        .rev()
        .filter(|at| is_wanted(*at) && !outline.items[*at].aside)
        .filter(|at| names::name(outline, *at, known.order).is_some())
        .take(6)
        .find_map(|at| opening_around(outline, at, first, dated))
}

/// The largest element around a name that holds none of the records, if it holds a date and words.
fn opening_around(outline: &Outline<'_>, author: usize, first: usize, dated: &[Class]) -> Option<Record> {
    let around = outline.climb(author, 16).take_while(|at| outline.items[*at].end <= first).last()?;
    let date = dated
        .iter()
        .flat_map(|class| &class.anchors)
        .copied()
        .filter(|at| outline.holds(around, *at))
        .min_by_key(|at| at.abs_diff(author))?;
    // The thread's title and who began it are no post.
    let titles = (around..outline.items[around].end).filter(|at| matches!(outline.name(*at), "h1" | "h2" | "h3"));
    let titles: usize = titles.map(|at| outline.text(at) - outline.links(at)).sum();
    let words = outline.text(around).saturating_sub(outline.links(around) + titles);
    (words >= 40).then(|| Record {
        roots: vec![around],
        date: Some(date),
        author: Some(author),
        parent: None,
        inner: Vec::new(),
    })
}
