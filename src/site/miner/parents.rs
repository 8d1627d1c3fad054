//! Whom a record answers: what lies in what or in the list below it, what attributes say, levels, indents, links, names.

use std::collections::{HashMap, HashSet};

use super::grouping::Record;
use super::markup::MARKUP;
use super::outline::Outline;
use crate::model::{Comment, ReplyBasis};
use crate::site::words::WORDS;
use crate::text::dates::sort_key;
use crate::text::fold;

/// Elements of a record looked at for links.
const MAX_ELEMENTS: usize = 400;
/// Letters of a line that says who is answered.
const MAX_LINE: usize = 80;

/// Attributes in which markup names the contribution that is answered.
const PARENTS: [&str; 6] =
    ["data-parent", "data-parent-id", "data-parentid", "data-parent-comment-id", "data-reply-to", "data-in-reply-to"];
/// Attributes in which markup gives a contribution's number.
pub(super) const NUMBERS: [&str; 5] = ["data-comment-id", "data-commentid", "data-comment", "data-post-id", "data-id"];
/// Attributes in which markup gives how deep an answer lies.
const LEVELS: [&str; 3] = ["data-depth", "data-level", "aria-level"];
/// Lists looked at around a record, and elements before each.
const MAX_AROUND: usize = 4;

/// Fills `reply_to` where the page says it: by what lies in what; else by what lies in a list below another, by attributes, by
/// levels or indents, where all records have them; else by each record's own words.
pub(super) fn find(outline: &Outline<'_>, records: &[Record], comments: &mut [Comment]) {
    if records.iter().any(|record| record.parent.is_some()) {
        answer(comments, records.iter().map(|record| record.parent), ReplyBasis::Nesting);
        return;
    }
    if let Some(parents) = below(outline, records) {
        answer(comments, parents.into_iter(), ReplyBasis::Nesting);
        return;
    }
    if let Some(parents) = attributes(outline, records) {
        answer(comments, parents.into_iter(), ReplyBasis::Stated);
        return;
    }
    let levels: Vec<_> = records.iter().map(|record| level(outline, record)).collect();
    if let Some(parents) = from_levels(&levels) {
        answer(comments, parents.into_iter(), ReplyBasis::Depth);
        return;
    }
    let indents: Vec<_> = records.iter().map(|record| indent(outline, record)).collect();
    if let Some(parents) = from_levels(&indents) {
        answer(comments, parents.into_iter(), ReplyBasis::Indent);
        return;
    }
    for (comment, parent) in said(outline, records, comments).into_iter().enumerate() {
        if let Some((parent, basis)) = parent {
            comments[comment].reply_to = Some(comments[parent].id.clone());
            comments[comment].reply_basis = Some(basis);
        }
    }
}

/// Sets all parents by one rule; what has none answers the article.
fn answer(comments: &mut [Comment], parents: impl Iterator<Item = Option<usize>>, basis: ReplyBasis) {
    for (at, parent) in parents.enumerate() {
        comments[at].depth = parent.is_none().then_some(0);
        if let Some(parent) = parent {
            comments[at].reply_to = Some(comments[parent].id.clone());
            comments[at].reply_basis = Some(basis);
        }
    }
}

/// Parents from lists of answers that stand below what they answer, not in it. A single list may be the rest of the discussion: it
/// must have a name that speaks of answers, or others must go on below it. None where there are no such lists.
fn below(outline: &Outline<'_>, records: &[Record]) -> Option<Vec<Option<usize>>> {
    let by_root: HashMap<usize, usize> =
        records.iter().enumerate().flat_map(|(at, record)| record.roots.iter().map(move |root| (*root, at))).collect();
    let starts: Vec<usize> = records.iter().map(Record::start).collect();
    let holds_one = |at: usize| {
        let next = starts.partition_point(|start| *start < at);
        starts.get(next).is_some_and(|start| outline.holds(at, *start))
    };
    let mut above: Vec<Option<usize>> = vec![None; outline.items.len()];
    let mut last_of: HashMap<usize, usize> = HashMap::new();
    for (at, item) in outline.items.iter().enumerate() {
        above[at] = last_of.insert(item.parent, at);
    }
    // Buttons may stand between; other records may not.
    let levels = |outer: usize, inner: usize| {
        outline.climb(inner, usize::MAX).take_while(|at| *at != outer).take(MAX_AROUND + 2).count()
    };
    let is_named = |list: &usize| {
        let element = outline.items[*list].element.value();
        element.classes().chain(element.attr("id")).chain([element.name()]).any(|token| MARKUP.answers(token))
    };
    // The one record that an element around it holds, if it lies less deep there than the answer in its list.
    let wrapped = |sibling: usize, list: usize, answer: usize| {
        let next = starts.partition_point(|start| *start < sibling);
        let alone = starts.get(next + 1).is_none_or(|other| !outline.holds(sibling, *other));
        let is_deeper = levels(sibling, starts[next]) < levels(list, answer);
        let mut between = outline.climb(answer, MAX_AROUND + 2).skip(1).take_while(|at| *at >= list);
        (alone && is_deeper && between.any(|at| is_named(&at))).then_some(next)
    };
    let before = |at: usize, answer: usize| -> Option<usize> {
        let siblings = std::iter::successors(above[at], |sibling| above[*sibling]);
        let root = siblings.take(MAX_AROUND).find(|sibling| holds_one(*sibling))?;
        by_root.get(&root).copied().or_else(|| wrapped(root, at, answer))
    };
    let mut lists: HashMap<usize, Option<usize>> = HashMap::new();
    let mut used: HashSet<usize> = HashSet::new();
    let mut parents = Vec::with_capacity(records.len());
    for record in records {
        let around = outline.climb(record.start(), MAX_AROUND + 1).skip(1);
        let parent = around.into_iter().find_map(|list| {
            let parent = *lists.entry(list).or_insert_with(|| before(list, record.start()));
            used.extend(parent.map(|_| list));
            parent
        });
        parents.push(parent);
    }
    let goes_on = |list: &usize| {
        let parent = outline.items[*list].parent;
        let around = outline.items[parent].parent;
        let is_like = |other: usize| outline.items[other].strict == outline.items[parent].strict;
        outline.children(parent).any(|sibling| sibling > *list && by_root.contains_key(&sibling))
            || outline.children(around).any(|other| other != parent && is_like(other) && holds_one(other))
    };
    (used.len() > 1 || used.iter().any(|list| is_named(list) || goes_on(list))).then_some(parents)
}

/// Parents from attributes such as `data-parent="12"`; none where no record's leads to another.
fn attributes(outline: &Outline<'_>, records: &[Record]) -> Option<Vec<Option<usize>>> {
    let mut ids: HashMap<&str, usize> = HashMap::new();
    for (at, record) in records.iter().enumerate() {
        for shell in shells(outline, record) {
            let element = outline.items[shell].element;
            if let Some(id) = element.attr("id") {
                ids.entry(id).or_insert(at);
                // "12" names `comment-12`.
                ids.entry(&id[id.trim_end_matches(|c: char| c.is_ascii_digit()).len()..]).or_insert(at);
            }
            for number in NUMBERS.iter().filter_map(|name| element.attr(name)) {
                ids.entry(number).or_insert(at);
            }
        }
    }
    ids.remove("");
    let said = |(at, record): (usize, &Record)| {
        let named = shells(outline, record)
            .find_map(|shell| PARENTS.iter().find_map(|name| outline.items[shell].element.attr(name)))?;
        ids.get(named.trim().trim_start_matches('#')).copied().filter(|parent| *parent != at)
    };
    let parents: Vec<Option<usize>> = records.iter().enumerate().map(said).collect();
    parents.iter().any(Option::is_some).then_some(parents)
}

/// What each record says of whom it answers: a link ("in reply to #12"), a name ("in reply to Zoé", "@Zoé …"), a quote with
/// its writer's name. Names mean the last contribution of that writer before.
fn said(outline: &Outline<'_>, records: &[Record], comments: &[Comment]) -> Vec<Option<(usize, ReplyBasis)>> {
    let mut ids: HashMap<&str, usize> = HashMap::new();
    for (at, record) in records.iter().enumerate() {
        for element in record.elements(outline).take(MAX_ELEMENTS) {
            if let Some(id) = outline.items[element].element.attr("id") {
                ids.entry(id).or_insert(at);
            }
        }
    }
    let numbers = numbers(outline, records);
    // "#3 I think so, too.", where that is a link: it may be the number of anything.
    let numbered = |record: &Record, text: &str| {
        let word = text.split_whitespace().next()?;
        let answered = numbers.get(number_of(word)?).copied()?;
        let is_link = |at: usize| outline.name(at) == "a" && outline.items[at].element.text().eq([word]);
        record.elements(outline).take(MAX_ELEMENTS).any(is_link).then_some(answered)
    };
    let mut last: HashMap<String, usize> = HashMap::new();
    let mut found = vec![None; records.len()];
    // Whom somebody answers wrote before, which is below where the newest stand first.
    let mut order: Vec<usize> = (0..records.len()).collect();
    let times: Option<Vec<i64>> = comments.iter().map(|comment| comment.posted_at.as_ref().map(sort_key)).collect();
    if times.is_some_and(|times| times.windows(2).all(|pair| pair[0] >= pair[1]) && times.first() > times.last()) {
        order.reverse();
    }
    for at in order {
        let (record, comment) = (&records[at], &comments[at]);
        let by_name = |name: &str| last.get(&fold(name.trim())).copied();
        let mention = || {
            let rest = comment.text.strip_prefix('@')?;
            let line = rest.lines().next().unwrap_or_default();
            // The longest name that somebody has: names may hold blanks.
            let ends =
                line.char_indices().filter(|(_, c)| !c.is_alphanumeric()).map(|(end, _)| end).chain([line.len()]);
            ends.take_while(|end| *end <= MAX_LINE).filter_map(|end| by_name(&line[..end])).last()
        };
        let quoted = || comment.quotes.first().and_then(|quote| by_name(quote.author.as_deref()?));
        let parent = marked(outline, record, at, &ids, &by_name)
            .or_else(|| Some((numbered(record, &comment.text).filter(|number| *number != at)?, ReplyBasis::Link)))
            .or_else(|| Some((mention()?, ReplyBasis::Mention)))
            .or_else(|| Some((quoted()?, ReplyBasis::Quote)));
        found[at] = parent;
        if let Some(author) = &comment.author {
            last.insert(fold(author.name.trim()), at);
        }
    }
    found
}

/// The digits of "#12".
fn number_of(word: &str) -> Option<&str> {
    let digits = word.strip_prefix('#')?.trim_end_matches([',', ':', '.']);
    (!digits.is_empty() && digits.len() < 10 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// The records by the number each prints of itself ("#12"), the first it prints; empty unless all have one of their own.
fn numbers<'a>(outline: &Outline<'a>, records: &[Record]) -> HashMap<&'a str, usize> {
    let mut found = HashMap::new();
    for (at, record) in records.iter().enumerate() {
        let own = record.elements(outline).take(MAX_ELEMENTS).find_map(|element| {
            let mut texts = outline.items[element].element.text();
            let number = number_of(texts.next()?.trim())?;
            texts.next().is_none().then_some(number)
        });
        match own {
            Some(own) if found.insert(own, at).is_none() => {}
            _ => return HashMap::new(),
        }
    }
    found
}

/// What a record's line "in reply to …" leads to.
fn marked(
    outline: &Outline<'_>,
    record: &Record,
    own: usize,
    ids: &HashMap<&str, usize>,
    by_name: &impl Fn(&str) -> Option<usize>,
) -> Option<(usize, ReplyBasis)> {
    for at in record.elements(outline).take(MAX_ELEMENTS).filter(|at| (4..=MAX_LINE).contains(&outline.text(*at))) {
        let element = outline.items[at].element;
        let line = element.text().take(12).collect::<String>();
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let Some(name) = WORDS.answered(&line) else { continue };
        let target = (at..outline.items[at].end)
            .filter_map(|link| outline.items[link].element.attr("href")?.rsplit_once('#'))
            .find_map(|(_, id)| ids.get(id).copied())
            .filter(|target| *target != own);
        if let Some(target) = target {
            return Some((target, ReplyBasis::Link));
        }
        if let Some(target) = by_name(name) {
            return Some((target, ReplyBasis::Mention));
        }
    }
    None
}

/// Parents from levels in page order: the nearest record above with a lower level. None where the levels say nothing: all
/// are the same, or too few are known.
fn from_levels(levels: &[Option<i64>]) -> Option<Vec<Option<usize>>> {
    let known: Vec<i64> = levels.iter().flatten().copied().collect();
    let (least, most) = (known.iter().min()?, known.iter().max()?);
    if least == most || known.len() * 2 < levels.len() || levels[0].is_some_and(|first| first != *least) {
        return None;
    }
    let mut open: Vec<(i64, usize)> = Vec::new();
    let mut parents = Vec::with_capacity(levels.len());
    for (at, level) in levels.iter().enumerate() {
        let level = level.unwrap_or(*least);
        while open.last().is_some_and(|(above, _)| *above >= level) {
            open.pop();
        }
        parents.push(open.last().map(|(_, at)| *at));
        open.push((level, at));
    }
    Some(parents)
}

/// Elements whose level is that of the record: those around it that hold nothing else, itself, and its first child.
fn shells<'b>(outline: &'b Outline<'_>, record: &'b Record) -> impl Iterator<Item = usize> + 'b {
    let start = record.start();
    let end = record.end(outline);
    let around = outline.climb(start, 4).take_while(move |at| {
        *at == start || outline.items[*at].end <= end + 1 && outline.text(*at) <= record.text(outline) + 4
    });
    around.chain(outline.children(start).take(2))
}

/// The number in a class such as `depth-3` or `level2`, or in an attribute.
fn level(outline: &Outline<'_>, record: &Record) -> Option<i64> {
    shells(outline, record).find_map(|at| {
        let element = outline.items[at].element;
        let said = LEVELS.iter().find_map(|name| element.attr(name)?.trim().parse().ok());
        said.filter(|level| (0..1000).contains(level)).or_else(|| {
            element.value().classes().filter(|class| MARKUP.level(class)).find_map(|class| {
                let digits = class.trim_end_matches(|c: char| !c.is_ascii_digit());
                let from = digits.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
                digits[from..].parse().ok().filter(|level| *level < 1000)
            })
        })
    })
}

/// How far the record is moved to the right, in the page's units.
fn indent(outline: &Outline<'_>, record: &Record) -> Option<i64> {
    shells(outline, record).find_map(|at| outline.items[at].element.attr("style").and_then(left_of)).or(Some(0))
}

fn left_of(style: &str) -> Option<i64> {
    style.split(';').find_map(|rule| {
        let (name, value) = rule.split_once(':')?;
        if !matches!(name.trim(), "margin-left" | "padding-left") {
            return None;
        }
        let value = value.trim();
        let end = value.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(value.len());
        value[..end].parse::<f64>().ok().map(|number| (number * 10.0) as i64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    fn parents(levels: &[i64]) -> Option<Vec<Option<usize>>> {
        from_levels(&levels.iter().map(|level| Some(*level)).collect::<Vec<_>>())
    }

    #[test]
    fn levels_lead_to_the_nearest_lower_one_above() {
        assert_eq!(parents(&[0, 1, 2, 1, 0]), Some(vec![None, Some(0), Some(1), Some(0), None]));
        // Levels may be left out, and start anywhere.
        assert_eq!(parents(&[3, 9, 5]), Some(vec![None, Some(0), Some(0)]));
        assert_eq!(parents(&[1, 1, 1]), None);
        // The first answers the article; a level above it means something else.
        assert_eq!(parents(&[2, 1]), None);
        assert_eq!(from_levels(&[Some(0), None, Some(1)]), Some(vec![None, None, Some(1)]));
        assert_eq!(from_levels(&[Some(0), None, None, None, Some(1)]), None);
        assert_eq!(from_levels(&[]), None);
    }

    #[test]
    fn indents_as_styles_write_them() {
        assert_eq!(left_of("color: red; margin-left: 2.5em"), Some(25));
        assert_eq!(left_of("padding-left:40px"), Some(400));
        assert_eq!(left_of("margin-left: auto"), None);
        assert_eq!(left_of("margin: 3px"), None);
    }
}
