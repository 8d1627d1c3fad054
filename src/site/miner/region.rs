//! The last resort: a page states that it has comments, and a part of it is named so, but neither dates nor buttons nor
//! names tell where one begins. The elements of one kind in that part, about as many as stated, are taken for them.

use std::collections::HashMap;

use super::grouping::arranged;
use super::judge::Judged;
use super::markup::MARKUP;
use super::outline::{Kind, Outline};
use super::{Known, bodies, judge};

/// Parts of the page looked at.
const MAX_REGIONS: usize = 12;
/// The largest count believed here.
const MAX_STATED: u64 = 5_000;

/// Elements about as many as stated that hold most of a part named after comments.
pub(super) fn find(outline: &Outline<'_>, known: Known<'_>) -> Option<Judged> {
    let stated = known.stated.filter(|stated| (1..=MAX_STATED).contains(stated))? as usize;
    let is_region = |at: &usize| {
        let item = &outline.items[*at];
        let el = item.element.value();
        let named = el.attr("id").is_some_and(|id| MARKUP.says_comment(id))
            || el.classes().any(|class| MARKUP.says_comment(class));
        named && !item.aside && matches!(el.name(), "div" | "section" | "ol" | "ul" | "article" | "main" | "table")
    };
    let mut regions: Vec<usize> = (0..outline.items.len()).filter(is_region).collect();
    regions.sort_by_key(|at| std::cmp::Reverse(outline.text(*at)));
    let (_, found) = regions
        .into_iter()
        .take(MAX_REGIONS)
        .filter_map(|region| of_kind(outline, region, stated))
        .max_by_key(|(text, found)| (*text, std::cmp::Reverse(found[0])))?;
    let records = arranged(outline, found.into_iter().map(|at| vec![at]).collect(), &[]);
    Some(judge::judge(outline, records, known))
}

/// The elements of the kind that comes nearest to the count, with their text.
fn of_kind(outline: &Outline<'_>, region: usize, stated: usize) -> Option<(usize, Vec<usize>)> {
    let mut kinds: HashMap<Kind, (usize, Vec<usize>)> = HashMap::new();
    for at in region + 1..outline.items[region].end {
        let item = &outline.items[at];
        if item.aside
            || !bodies::has_words(outline, at)
            || matches!(outline.name(at), "form" | "label" | "a" | "h2" | "h3")
        {
            continue;
        }
        let (end, found) = kinds.entry(item.strict).or_default();
        if at >= *end {
            *end = item.end;
            found.push(at);
        }
    }
    let whole = outline.text(region).max(1);
    kinds
        .into_values()
        .map(|(_, found)| (found.iter().map(|at| outline.text(*at)).sum::<usize>(), found))
        .filter(|(text, found)| text * 2 >= whole && found.len().abs_diff(stated) * 5 <= stated)
        .max_by_key(|(text, found)| {
            (std::cmp::Reverse(found.len().abs_diff(stated)), *text, std::cmp::Reverse(found[0]))
        })
}
