//! From dates to records: the largest elements of one kind that hold one date each, or runs of siblings where no
//! element holds a whole contribution.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::anchors::Class;
use super::markup::MARKUP;
use super::outline::{Kind, Outline};

/// Levels climbed from a date to its record.
const MAX_CLIMB: usize = 24;
/// Kinds of elements that name themselves contributions looked at, those with most first.
const MAX_NAMED: usize = 12;
/// Share of a class's dates that must stand in a record of their own.
const MOST: f64 = 0.8;
/// Share of the most text that elements can hold which those that hold fewer dates each must hold.
const NEARLY: f64 = 0.9;
/// Levels between an answer that has a list of its own and the list it belongs to.
const LIST_LEVELS: usize = 6;
/// By how much runs of siblings must hold more text than elements to be believed.
const RUN_GAIN: f64 = 1.4;

/// One contribution: neighbouring elements with all they hold, but for records inside them.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// Neighbouring elements, in order; one but for runs of siblings.
    pub(super) roots: Vec<usize>,
    /// The element that says its date.
    pub(super) date: Option<usize>,
    /// The element that names its writer, where that is known beforehand.
    pub(super) author: Option<usize>,
    /// The record it lies in.
    pub(super) parent: Option<usize>,
    /// Records that lie in it, not in one of those.
    pub(super) inner: Vec<(usize, usize)>,
}

impl Record {
    pub(super) fn start(&self) -> usize {
        self.roots.first().copied().unwrap_or(0)
    }

    pub(super) fn end(&self, outline: &Outline<'_>) -> usize {
        self.roots.last().map_or(0, |last| outline.items[*last].end)
    }

    /// Letters and digits that are its own.
    pub(super) fn text(&self, outline: &Outline<'_>) -> usize {
        let all: usize = self.roots.iter().map(|root| outline.text(*root)).sum();
        let inner: usize = self.inner.iter().map(|(at, _)| outline.text(*at)).sum();
        all.saturating_sub(inner)
    }

    /// The same of text in links.
    pub(super) fn links(&self, outline: &Outline<'_>) -> usize {
        let all: usize = self.roots.iter().map(|root| outline.links(*root)).sum();
        let inner: usize = self.inner.iter().map(|(at, _)| outline.links(*at)).sum();
        all.saturating_sub(inner)
    }

    /// Elements that are its own, in document order.
    pub(super) fn elements<'b>(&'b self, outline: &'b Outline<'_>) -> impl Iterator<Item = usize> + 'b {
        let end = self.end(outline);
        let mut next = self.start();
        let mut inner = self.inner.iter().copied().peekable();
        std::iter::from_fn(move || {
            while let Some((_, past)) = inner.next_if(|(start, _)| *start <= next) {
                next = next.max(past);
            }
            let here = (next < end).then_some(next)?;
            next += 1;
            Some(here)
        })
    }
}

/// The records of a class of dates; none where they do not stand in one each.
pub(super) fn records(outline: &Outline<'_>, class: &Class) -> Vec<Record> {
    let elements = elements(outline, class);
    let text = |records: &[Record]| records.iter().map(|record| record.text(outline)).sum::<usize>();
    let elements = arranged(outline, elements.into_iter().map(|at| vec![at]).collect(), &class.anchors);
    let runs = arranged(outline, runs(outline, &class.anchors), &class.anchors);
    if runs.len() * 10 >= elements.len() * 8 && text(&runs) as f64 > text(&elements) as f64 * RUN_GAIN {
        runs
    } else {
        elements
    }
}

/// By what elements around dates are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Likeness {
    /// Their kind.
    Kind(Kind),
    /// The tags between them and their dates: answers, or every second record, may have classes of their own.
    Tags(u64),
}

/// The largest elements of one kind of which each holds one of the dates.
fn elements(outline: &Outline<'_>, class: &Class) -> Vec<usize> {
    let anchors = &class.anchors;
    if anchors.len() < 2 {
        return Vec::new();
    }
    let mut around: HashMap<Likeness, Vec<(usize, usize)>> = HashMap::new();
    let mut seen: HashSet<Kind> = HashSet::new();
    for anchor in anchors {
        seen.clear();
        let mut tags = DefaultHasher::new();
        for at in outline.climb(*anchor, MAX_CLIMB) {
            for kind in &outline.items[at].kinds {
                if seen.insert(*kind) {
                    around.entry(Likeness::Kind(*kind)).or_default().push((at, *anchor));
                }
            }
            outline.items[at].tag.hash(&mut tags);
            around.entry(Likeness::Tags(tags.finish())).or_default().push((at, *anchor));
        }
    }
    let least = ((anchors.len() as f64 * MOST).ceil() as usize).max(2);
    let mut alike: Vec<(Likeness, Vec<(usize, usize)>)> =
        around.into_iter().filter(|(_, found)| found.len() >= least).collect();
    alike.sort_by_key(|(likeness, _)| *likeness);
    let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
    for (likeness, mut found) in alike {
        let dates = found.len();
        found.sort_unstable();
        found.dedup_by_key(|(at, _)| *at);
        let mut found = without_late(outline, &found);
        let is_by_tags = matches!(likeness, Likeness::Tags(_));
        if is_by_tags && found.len() < dates {
            continue;
        }
        if is_by_tags || class.by_tags {
            keep_lists(outline, &mut found);
        }
        if found.len() >= least {
            groups.push((own_text(outline, &found), found));
        }
    }
    let most = groups.iter().map(|(text, _)| *text).max().unwrap_or(0);
    // Of those that hold next to all the text the ones that hold fewest dates each; then more text, or the same further out.
    groups
        .into_iter()
        .filter(|(text, _)| *text as f64 >= most as f64 * NEARLY)
        .min_by_key(|(text, found)| (Reverse(found.len()), Reverse(*text), found[0]))
        .map(|(_, found)| found)
        .unwrap_or_default()
}

/// Elements in document order, but for those whose date stands behind another of them that they hold: what answers a contribution
/// stands below its date.
fn without_late(outline: &Outline<'_>, found: &[(usize, usize)]) -> Vec<usize> {
    let next = |at: usize| found.get(at + 1).map(|(next, _)| *next);
    let is_late = |at: usize, date: usize| next(at).is_some_and(|next| next < date && outline.items[next].end <= date);
    found.iter().enumerate().filter(|(nth, (_, date))| !is_late(*nth, *date)).map(|(_, (at, _))| *at).collect()
}

/// Keeps the elements that are parts of a list: each stands beside others of them or in one, or its list does. What holds the
/// page's title, or others of them and is alone of its kind, is what they are about, or all of the page.
fn keep_lists(outline: &Outline<'_>, elements: &mut Vec<usize>) {
    let mut alike: HashMap<Kind, usize> = HashMap::new();
    let mut held: HashMap<usize, usize> = HashMap::new();
    for at in elements.iter() {
        *held.entry(outline.items[*at].parent).or_default() += 1;
        for kind in &outline.items[*at].kinds {
            *alike.entry(*kind).or_default() += 1;
        }
    }
    let titles = &outline.titles;
    let next = |at: usize| elements.get(elements.partition_point(|other| *other <= at)).copied();
    let around = |at: &usize| {
        let item = &outline.items[*at];
        let is_alone = held[&item.parent] == 1 && item.kinds.iter().all(|kind| alike[kind] == 1);
        (is_alone && next(*at).is_some_and(|next| outline.holds(*at, next)))
            || titles.get(titles.partition_point(|title| title < at)).is_some_and(|title| outline.holds(*at, *title))
    };
    let kept: Vec<usize> = elements.iter().copied().filter(|at| !around(at)).collect();
    *elements = kept;
    let known: HashSet<usize> = elements.iter().copied().collect();
    let mut held: HashMap<usize, usize> = HashMap::new();
    for at in elements.iter() {
        *held.entry(outline.items[*at].parent).or_default() += 1;
    }
    elements.retain(|at| {
        let parent = outline.items[*at].parent;
        let belongs = |above: usize| known.contains(&above) || held.contains_key(&outline.items[above].parent);
        held[&parent] > 1 || outline.climb(parent, LIST_LEVELS).any(belongs)
    });
}

/// Text of elements in document order, that of one inside another counted once.
fn own_text(outline: &Outline<'_>, elements: &[usize]) -> usize {
    let mut end = 0;
    let mut text = 0;
    for at in elements {
        if *at >= end {
            text += outline.text(*at);
            end = outline.items[*at].end;
        }
    }
    text
}

/// Elements that name themselves contributions ("comment-12", "kommentar-item"), by kind: records of pages that print no
/// dates, or one only.
pub(super) fn named(outline: &Outline<'_>, anchors: &[usize]) -> Vec<Vec<Record>> {
    let mut kinds: HashMap<Kind, Vec<usize>> = HashMap::new();
    for (at, item) in outline.items.iter().enumerate() {
        let el = item.element.value();
        let names =
            el.attr("id").is_some_and(|id| MARKUP.numbered(id)) || el.classes().any(|class| MARKUP.contribution(class));
        if names
            && !item.aside
            && outline.text(at) > 0
            && !matches!(el.name(), "a" | "form" | "body" | "input" | "html")
        {
            for kind in &item.kinds {
                kinds.entry(*kind).or_default().push(at);
            }
        }
    }
    let mut groups: Vec<Vec<usize>> = kinds.into_values().collect();
    groups.sort();
    groups.dedup();
    groups.sort_by_key(|group| Reverse(group.len()));
    groups.truncate(MAX_NAMED);
    groups.into_iter().map(|group| arranged(outline, group.into_iter().map(|at| vec![at]).collect(), anchors)).collect()
}

/// Runs of siblings, one a date: where a heading row says who and when, and rows below it what.
fn runs(outline: &Outline<'_>, anchors: &[usize]) -> Vec<Vec<usize>> {
    let [first, .., last] = anchors else { return Vec::new() };
    let above = std::iter::successors(Some(*first), |at| Some(outline.items[*at].parent).filter(|parent| parent != at));
    let Some(around) = above.into_iter().find(|at| outline.holds(*at, *last)) else { return Vec::new() };
    let children: Vec<usize> = outline.children(around).collect();
    let mut heads: Vec<usize> = Vec::new();
    for anchor in anchors {
        let child = children.partition_point(|child| *child <= *anchor).wrapping_sub(1);
        if child < children.len() && outline.holds(children[child], *anchor) && heads.last() != Some(&child) {
            heads.push(child);
        }
    }
    if heads.len() < 2 || (heads.len() as f64) < anchors.len() as f64 * MOST {
        return Vec::new();
    }
    // Rows above the date that belong to it: those before the first date that stand before the second one, too.
    let strict = |child: usize| outline.items[children[child]].strict;
    let between = heads[1] - heads[0] - 1;
    let lead = (1..=between.min(heads[0])).take_while(|up| strict(heads[0] - up) == strict(heads[1] - up)).count();
    let longest = heads.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(1);
    // Where rows are missing, those above belong to the date before.
    let start = |at: usize| {
        let above = if at == 0 { heads[0] } else { heads[at] - heads[at - 1] - 1 };
        heads[at] - lead.min(above)
    };
    (0..heads.len())
        .map(|at| {
            let end = match heads.get(at + 1) {
                Some(_) => start(at + 1),
                None => (heads[at] + longest - lead).min(children.len()).max(heads[at] + 1),
            };
            children[start(at)..end.max(start(at) + 1)].to_vec()
        })
        .collect()
}

/// Records with their dates and what lies in what.
pub(super) fn arranged(outline: &Outline<'_>, roots: Vec<Vec<usize>>, anchors: &[usize]) -> Vec<Record> {
    let mut records: Vec<Record> = roots
        .into_iter()
        .filter(|roots| !roots.is_empty())
        .map(|roots| Record { roots, date: None, author: None, parent: None, inner: Vec::new() })
        .collect();
    records.sort_by_key(Record::start);
    let ends: Vec<usize> = records.iter().map(|record| record.end(outline)).collect();
    let mut open: Vec<usize> = Vec::new();
    for at in 0..records.len() {
        let start = records[at].start();
        while open.last().is_some_and(|outer| ends[*outer] <= start) {
            open.pop();
        }
        if let Some(outer) = open.last().copied() {
            records[at].parent = Some(outer);
            records[outer].inner.push((start, ends[at]));
        }
        open.push(at);
    }
    // The innermost record around a date is the one it dates.
    for anchor in anchors {
        // The last that begins before it, or one of those around that.
        let mut around = records.partition_point(|record| record.start() <= *anchor).checked_sub(1);
        while let Some(at) = around {
            if ends[at] > *anchor {
                records[at].date.get_or_insert(*anchor);
                break;
            }
            around = records[at].parent;
        }
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::Html;

    /// The text of each run of rows, a run a date.
    fn runs_of(rows: &str) -> Vec<String> {
        let html = Html::parse_document(&format!("<table>{rows}</table>"));
        let outline = Outline::of(&html);
        let anchors: Vec<usize> = (0..outline.items.len()).filter(|at| outline.name(*at) == "time").collect();
        let text = |at: usize| outline.items[at].element.text().collect::<String>();
        let runs = runs(&outline, &anchors);
        runs.into_iter().map(|roots| roots.into_iter().map(text).collect()).collect()
    }

    #[test]
    fn runs_begin_where_dates_say() {
        let head = |name: &str| format!("<tr class=h><td>{name}<time></time></td></tr>");
        let body = |words: &str| format!("<tr><td>{words}</td></tr>");
        let rows =
            [head("a"), body("1"), body("2"), head("b"), body("3"), head("c"), body("4"), body("5"), body("end")];
        // The last ends after as many rows as the longest of the others.
        assert_eq!(runs_of(&rows.concat()), ["a12", "b3", "c45"]);
        assert_eq!(runs_of(&rows[..2].concat()), Vec::<String>::new());
    }

    #[test]
    fn rows_above_the_date_belong_to_it() {
        let post = |title: &str| format!("<tr class=t><td>{title}</td></tr><tr class=d><td><time></time></td></tr>");
        assert_eq!(runs_of(&[post("a"), post("b"), post("c")].concat()), ["a", "b", "c"]);
    }

    #[test]
    fn records_in_records_keep_their_own_dates() {
        let html = Html::parse_document("<ul><li>one<time></time><ul><li>two<time></time></li></ul></li></ul>");
        let outline = Outline::of(&html);
        let find = |name: &str| (0..outline.items.len()).filter(|at| outline.name(*at) == name).collect::<Vec<_>>();
        let times = find("time");
        let records = arranged(&outline, find("li").into_iter().map(|at| vec![at]).collect(), &times);
        assert_eq!(
            records.iter().map(|r| (r.parent, r.date)).collect::<Vec<_>>(),
            [(None, Some(times[0])), (Some(0), Some(times[1]))]
        );
        assert_eq!(records[0].text(&outline), 3);
        assert!(!records[0].elements(&outline).any(|at| at == times[1]));
    }
}
