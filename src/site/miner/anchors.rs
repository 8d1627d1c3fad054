//! What records are anchored on: the dates of a page, by the kind of place they stand in.

use std::collections::{HashMap, HashSet};

use scraper::{ElementRef, Node};

use super::outline::{Kind, Outline};
use crate::model::Precision;
use crate::site::words::WORDS;
use crate::text::dates::{self, DayOrder, Printed, parse_machine, parse_printed};

/// Dates considered: more than any page has that is not made to stall us.
const MAX_ANCHORS: usize = 100_000;
/// Elements around a date whose tags say where it stands.
const TAGS: usize = 3;
/// Bytes of a text node that may hold a date among other words.
const MAX_LINE: usize = 160;

/// Dates that stand in the same kind of place.
#[derive(Debug)]
pub(super) struct Class {
    /// Elements that say a date, in document order.
    pub(super) anchors: Vec<usize>,
    /// Whether only the tags around them are alike.
    pub(super) by_tags: bool,
}

/// The date a text says: alone, or among a few other words, or before whom its writer answers ("said on 3 May in reply to Zoé").
pub(super) fn find_printed(text: &str, order: DayOrder) -> Option<Printed> {
    let found = |text: &str| dates::find_printed(text, order).map(|(date, _)| date);
    found(text).or_else(|| {
        let before = WORDS.before_reply(text);
        if before.len() < text.len() { found(before) } else { None }
    })
}

/// Whether a text says a day.
pub(super) fn says_date(text: &str, order: DayOrder) -> bool {
    let text = text.trim();
    if text.len() > MAX_LINE || text.len() < 2 {
        return false;
    }
    match find_printed(text, order) {
        Some(Printed::Absolute(moment)) => moment.precision >= Precision::Day,
        Some(Printed::Relative(_)) => true,
        None => false,
    }
}

/// Attributes that hold a date for machines.
const ATTRIBUTES: &[&str] = &["datetime", "data-time", "data-timestamp", "data-datetime", "data-date"];

fn is_marked(element: ElementRef<'_>) -> bool {
    element.value().name() == "time"
        || ATTRIBUTES.iter().any(|name| element.attr(name).is_some())
        || element.attr("data-content").is_some_and(|value| value.len() <= 40 && parse_machine(value).is_some())
}

/// Whether a date says since when its writer is a member: "Joined: Mar 2010".
fn is_membership(outline: &Outline<'_>, at: usize) -> bool {
    let element = outline.items[at].element;
    let own: String = element.text().take(4).collect();
    if WORDS.is_membership(&own) {
        return true;
    }
    let before = element.prev_siblings().find_map(|node| match node.value() {
        Node::Text(text) if !text.trim().is_empty() => Some(text.to_string()),
        Node::Element(_) => ElementRef::wrap(node).map(|el| el.text().take(4).collect::<String>()),
        _ => None,
    });
    before.is_some_and(|before| WORDS.is_membership(&before))
}

/// All dates of the page by class, those of the largest class first.
pub(super) fn classes(outline: &Outline<'_>, order: DayOrder) -> Vec<Class> {
    let mut anchors: Vec<usize> = Vec::new();
    let mut last_end = 0;
    for (at, item) in outline.items.iter().enumerate() {
        // One date inside another is the same.
        if at < last_end || item.aside {
            continue;
        }
        let says = is_marked(item.element)
            || item.element.children().any(|node| match node.value() {
                Node::Text(text) => says_date(text, order),
                _ => false,
            })
            || item.element.attr("title").is_some_and(|title| {
                matches!(item.element.value().name(), "abbr" | "span" | "a") && parse_printed(title, order).is_some()
            });
        if says && !is_membership(outline, at) {
            anchors.push(at);
            // Elements that say a date and hold much else are not skipped as a whole.
            last_end = if outline.text(at) <= 60 { item.end } else { at + 1 };
            if anchors.len() == MAX_ANCHORS {
                break;
            }
        }
    }
    add_bare_times(outline, &mut anchors);
    in_order(by_place(outline, &anchors), by_tags(outline, &anchors))
}

/// Adds what says a time of today ("10:12") or a day of this year ("12/02") where others of its kind say dates.
fn add_bare_times(outline: &Outline<'_>, anchors: &mut Vec<usize>) {
    let place = |at: usize| (outline.items[at].strict, outline.items[outline.items[at].parent].strict);
    let places: HashSet<(Kind, Kind)> = anchors.iter().map(|at| place(*at)).collect();
    let known: HashSet<usize> = anchors.iter().copied().collect();
    let says_time = |at: &usize| {
        (3..=6).contains(&outline.text(*at))
            && places.contains(&place(*at))
            && !known.contains(at)
            && !outline.items[*at].aside
            && is_bare_time(outline.items[*at].element.text().collect::<String>().trim())
    };
    let found: Vec<usize> = (0..outline.items.len()).filter(says_time).collect();
    if !found.is_empty() {
        anchors.extend(found);
        anchors.sort_unstable();
        anchors.truncate(MAX_ANCHORS);
    }
}

/// "10:12", "9h05", "12/02", "12.02.": two numbers and a mark.
fn is_bare_time(text: &str) -> bool {
    let Some((first, second)) = text.trim_end_matches('.').split_once([':', 'h', '/', '.']) else { return false };
    let is_number = |part: &str| matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit());
    is_number(first) && is_number(second)
}

/// Labels and buttons that stand in every contribution ("Reply", "wrote on", "#12"), by class: anchors for pages that
/// print no dates.
pub(super) fn labels(outline: &Outline<'_>) -> Vec<Class> {
    let is_number = |line: &str| {
        line.strip_prefix('#').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    };
    let mut anchors: Vec<usize> = Vec::new();
    for (at, item) in outline.items.iter().enumerate() {
        if outline.text(at) == 0 || outline.text(at) > 24 || item.end - at > 4 {
            continue;
        }
        let line = item.element.text().take(6).collect::<String>();
        let line = line.trim();
        if (WORDS.is_button(line) || WORDS.is_label(line) || is_number(line)) && anchors.len() < MAX_ANCHORS {
            anchors.push(at);
        }
    }
    in_order(by_place(outline, &anchors), Vec::new())
}

/// Anchors by the tags around them alone, as answers may have classes of their own.
fn by_tags(outline: &Outline<'_>, anchors: &[usize]) -> Vec<Vec<usize>> {
    let mut classes: HashMap<Vec<Kind>, Vec<usize>> = HashMap::new();
    for anchor in anchors {
        let tags = outline.climb(*anchor, TAGS).map(|at| outline.items[at].tag).collect();
        classes.entry(tags).or_default().push(*anchor);
    }
    // Two may be so by chance.
    classes.into_values().filter(|anchors| anchors.len() > 2).collect()
}

/// Anchors by the kind of place they stand in, coarse and fine.
fn by_place(outline: &Outline<'_>, anchors: &[usize]) -> Vec<Vec<usize>> {
    let mut classes: HashMap<[Kind; 4], Vec<usize>> = HashMap::new();
    for anchor in anchors {
        let parent = outline.items[*anchor].parent;
        let grand = outline.items[parent].parent;
        let strict = |at: usize| outline.items[at].strict;
        let (own, parent, grand, great) =
            (strict(*anchor), strict(parent), strict(grand), strict(outline.items[grand].parent));
        for place in [[own, parent, Kind::MAX, Kind::MAX], [own, parent, grand, Kind::MAX], [own, parent, grand, great]]
        {
            classes.entry(place).or_default().push(*anchor);
        }
    }
    classes.into_values().collect()
}

/// Different classes, the largest first.
fn in_order(by_place: Vec<Vec<usize>>, by_tags: Vec<Vec<usize>>) -> Vec<Class> {
    let of = |classes: Vec<Vec<usize>>, by_tags| classes.into_iter().map(move |anchors| Class { anchors, by_tags });
    let mut classes: Vec<Class> = of(by_place, false).chain(of(by_tags, true)).collect();
    classes.sort_by(|a, b| {
        let by_size = b.anchors.len().cmp(&a.anchors.len()).then_with(|| a.anchors.cmp(&b.anchors));
        by_size.then(a.by_tags.cmp(&b.by_tags))
    });
    classes.dedup_by(|next, kept| next.anchors == kept.anchors);
    classes
}
