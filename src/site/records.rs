//! Repeated structure: the comments of a page that names nothing we know.
//!
//! Records are anchored on dates. Every ancestor of a date is a candidate; ancestors with the same tag and
//! digit-masked classes form a group; the group with one date an element, most elements and the largest elements is
//! the list of comments, if it looks like a discussion and not like a list of articles.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use ego_tree::NodeId;
use scraper::{ElementRef, Html, Node};

use super::words::WORDS;
use super::{article, believable, body, css};
use crate::model::{Author, Comment, Moment};
use crate::text::dates::{DayOrder, parse_printed};
use crate::text::fold;

/// Dates considered: more than any page has that is not made to stall us.
const MAX_ANCHORS: usize = 500_000;
/// Levels climbed from a date to its record.
const MAX_CLIMB: usize = 12;
/// Groups looked at, those with most records first.
const MAX_GROUPS: usize = 60;
/// Elements of a record that may be its body.
const MAX_BODIES: usize = 400;
/// Share of a record's text that may be link text; lists of articles are nearly all links.
const MAX_LINK_SHARE: f64 = 0.6;

/// What a heading or label of the page states as the number of comments. Headings in or right before the discussion
/// come first; the article's own title ("5 comments that …") and headings of its text say nothing.
pub(super) fn stated_count(html: &Html, title: Option<&str>) -> Option<u64> {
    let count = |el: ElementRef<'_>| {
        let line = body::line(el);
        let is_title = title.is_some_and(|title| title.contains(&line));
        if is_title { None } else { WORDS.stated_count(&line).filter(|count| believable(*count)) }
    };
    let headings = || {
        html.select(css!("h1, h2, h3, h4, h5")).filter_map(|el| Some((el, count(el)?))).filter(|(el, _)| !in_text(*el))
    };
    headings()
        .find(|(el, _)| inside_discussion(*el))
        .or_else(|| headings().find(|(el, _)| before_discussion(*el)))
        .map(|(_, count)| count)
        .or_else(|| {
            html.select(css!("[class*='comment-count'], [class*='comments-count'], [class*='comments-title'], [id*='comment-count'], [class*='commentCount']"))
                .filter(|el| !above(*el).any(|el| matches!(el.value().name(), "aside" | "nav")))
                .find_map(count)
        })
        .or_else(|| headings().find(|(el, _)| !in_article(*el)).map(|(_, count)| count))
}

fn above(el: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    el.ancestors().filter_map(ElementRef::wrap)
}

/// Whether id or classes name a discussion.
fn names_discussion(el: ElementRef<'_>) -> bool {
    let words = fold(&format!("{} {}", el.attr("id").unwrap_or_default(), el.attr("class").unwrap_or_default()));
    ["comment", "kommentar", "coment", "discuss", "reaction", "replies"].iter().any(|word| words.contains(word))
}

/// Whether a heading stands in a discussion.
fn inside_discussion(heading: ElementRef<'_>) -> bool {
    above(heading).filter(|el| !matches!(el.value().name(), "body" | "html")).any(names_discussion)
}

/// Whether a heading stands right before a discussion: before what is named so, or holds dates.
fn before_discussion(heading: ElementRef<'_>) -> bool {
    let is_heading = |el: &ElementRef<'_>| matches!(el.value().name(), "h1" | "h2" | "h3" | "h4" | "h5");
    let mut next = heading.next_siblings().filter_map(ElementRef::wrap).take_while(|el| !is_heading(el)).take(2);
    next.any(|el| names_discussion(el) || el.select(css!("time, [datetime]")).next().is_some())
}

/// Whether an element is part of the article's text.
fn in_text(el: ElementRef<'_>) -> bool {
    above(el).any(|el| {
        el.attr("itemprop") == Some("articleBody")
            || el.value().classes().any(|class| {
                matches!(
                    class,
                    "entry-content" | "post-content" | "article-content" | "article-body" | "article__content"
                )
            })
    })
}

fn in_article(el: ElementRef<'_>) -> bool {
    above(el).any(|el| matches!(el.value().name(), "article" | "header"))
}

/// Finds the comments; none where the page has no discussion.
///
/// `stated` is how many the page says there are.
pub(super) fn mine(html: &Html, order: DayOrder, read_at: Option<&Moment>, stated: Option<u64>) -> Vec<Comment> {
    let anchors = anchors(html, order);
    if anchors.len() < 2 {
        return Vec::new();
    }
    let Some(rows) = best_group(&anchors, stated) else { return Vec::new() };
    let index: HashMap<NodeId, usize> = rows.iter().enumerate().map(|(at, row)| (row.id(), at)).collect();
    let owner = |el: ElementRef<'_>| {
        std::iter::once(el.id()).chain(el.ancestors().map(|node| node.id())).find_map(|id| index.get(&id).copied())
    };
    let mut dates: Vec<Option<ElementRef<'_>>> = vec![None; rows.len()];
    for anchor in &anchors {
        if let Some(at) = owner(*anchor) {
            dates[at].get_or_insert(*anchor);
        }
    }
    rows.iter()
        .enumerate()
        .map(|(at, row)| {
            let parent = row.ancestors().find_map(|node| index.get(&node.id()).copied());
            let record = Record { row: *row, date: dates[at], index: &index, at };
            let mut comment = record.read(order, read_at);
            comment.id = format!("c{}", at + 1);
            comment.reply_to = parent.map(|parent| format!("c{}", parent + 1));
            comment
        })
        .collect()
}

/// Elements that say a date, in document order.
fn anchors(html: &Html, order: DayOrder) -> Vec<ElementRef<'_>> {
    let mut found: Vec<ElementRef<'_>> = Vec::new();
    let mut seen = HashSet::new();
    for node in html.root_element().descendants() {
        let element = match node.value() {
            Node::Element(el) if el.name() == "time" || el.attr("datetime").is_some() => ElementRef::wrap(node),
            Node::Text(text) if text.len() <= 80 && text.len() >= 2 && parse_printed(text, order).is_some() => {
                node.parent().and_then(ElementRef::wrap)
            }
            _ => None,
        };
        let Some(element) = element else { continue };
        let inside_known = element.ancestors().take(3).any(|above| seen.contains(&above.id()));
        if !inside_known && seen.insert(element.id()) {
            found.push(element);
            if found.len() == MAX_ANCHORS {
                break;
            }
        }
    }
    found
}

/// Tag and classes with digits masked.
fn signature(el: ElementRef<'_>) -> u64 {
    let mask = |text: &str| text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>();
    // Classes that differ from record to record: parity, depth, state.
    let mut classes: Vec<String> = el
        .value()
        .classes()
        .filter(|class| !matches!(*class, "odd" | "even" | "alt" | "first" | "last" | "active" | "new" | "op"))
        .take(3)
        .map(mask)
        .collect();
    classes.sort_unstable();
    let mut hasher = DefaultHasher::new();
    (el.value().name(), classes).hash(&mut hasher);
    hasher.finish()
}

fn best_group<'a>(anchors: &[ElementRef<'a>], stated: Option<u64>) -> Option<Vec<ElementRef<'a>>> {
    let mut groups: Vec<Vec<ElementRef<'a>>> = Vec::new();
    let mut place: HashMap<u64, usize> = HashMap::new();
    for anchor in anchors {
        let mut used = HashSet::new();
        for above in anchor.ancestors().filter_map(ElementRef::wrap).take(MAX_CLIMB) {
            if matches!(above.value().name(), "body" | "html" | "main") {
                break;
            }
            let signature = signature(above);
            if used.insert(signature) {
                let at = *place.entry(signature).or_insert_with(|| {
                    groups.push(Vec::new());
                    groups.len() - 1
                });
                groups[at].push(above);
            }
        }
    }
    let mut candidates: Vec<Vec<ElementRef<'a>>> = Vec::new();
    for owners in groups {
        let dates = owners.len();
        let mut seen = HashSet::new();
        let rows: Vec<ElementRef<'a>> = owners.into_iter().filter(|el| seen.insert(el.id())).collect();
        // One date a record; a second one says when it was edited.
        if rows.len() >= 2 && dates <= rows.len() * 2 {
            candidates.push(rows);
        }
    }
    candidates.sort_by_key(|rows| std::cmp::Reverse(rows.len()));
    let mut best: Option<(usize, usize, Vec<ElementRef<'a>>)> = None;
    for rows in candidates.into_iter().take(MAX_GROUPS) {
        if best.as_ref().is_some_and(|(most, _, _)| rows.len() < *most) {
            break;
        }
        if !is_discussion(&rows, stated) {
            continue;
        }
        let size = rows.iter().take(20).map(|row| row.text().map(str::len).sum::<usize>()).sum();
        if best.as_ref().is_none_or(|(_, largest, _)| size > *largest) {
            best = Some((rows.len(), size, rows));
        }
    }
    let (_, _, mut rows) = best?;
    rows.sort_by_key(|row| row.id());
    Some(rows)
}

/// Whether rows look like contributions of people rather than teasers, events or table lines.
fn is_discussion(rows: &[ElementRef<'_>], stated: Option<u64>) -> bool {
    let sample: Vec<&ElementRef<'_>> = rows.iter().take(12).collect();
    let outside = |el: &ElementRef<'_>| {
        el.ancestors()
            .filter_map(ElementRef::wrap)
            .any(|above| matches!(above.value().name(), "nav" | "aside" | "footer"))
    };
    if sample.iter().filter(|row| outside(row)).count() * 2 > sample.len() {
        return false;
    }
    let (mut links, mut all) = (0_usize, 1_usize);
    let (mut titles, mut authors, mut replies) = (0, 0, 0);
    for row in &sample {
        all += row.text().map(|t| t.trim().len()).sum::<usize>();
        links += row.select(css!("a")).flat_map(|a| a.text()).map(|t| t.trim().len()).sum::<usize>();
        titles += usize::from(row.select(css!("h1 a, h2 a, h3 a, h4 a")).next().is_some());
        authors += usize::from(row.select(css!("[class*='author'], [class*='user'], [class*='nick'], [class*='pseudo'], [class*='member'], [itemprop='author'], [rel='author'], cite, a[href*='/user'], a[href*='/people/'], a[href*='/profil'], a[href*='/member'], a[href*='/u/']")).next().is_some());
        replies += usize::from(row.select(css!("a, button, span")).take(200).any(|el| {
            let text: String = el.text().take(3).collect();
            text.len() < 40 && WORDS.is_button(text.trim())
        }));
    }
    let most = |count: usize| count * 2 > sample.len();
    if links as f64 / all as f64 > MAX_LINK_SHARE || most(titles) {
        return false;
    }
    let named = rows[0].ancestors().filter_map(ElementRef::wrap).take(4).chain(std::iter::once(rows[0])).any(|el| {
        let words = fold(&format!("{} {}", el.attr("id").unwrap_or_default(), el.attr("class").unwrap_or_default()));
        ["comment", "kommentar", "coment", "reply", "replies", "discuss", "reaction", "thread", "forum", "respon"]
            .iter()
            .any(|word| words.contains(word))
    });
    let counted =
        stated.is_some_and(|stated| stated > 0 && stated.abs_diff(rows.len() as u64).saturating_mul(5) <= stated);
    // Two signs of four: the markup says so, people can answer, people are named, the page states that many.
    [named, most(replies), most(authors), counted].into_iter().filter(|sign| *sign).count() >= 2
}

struct Record<'a> {
    row: ElementRef<'a>,
    date: Option<ElementRef<'a>>,
    index: &'a HashMap<NodeId, usize>,
    at: usize,
}

impl Record<'_> {
    fn read(&self, order: DayOrder, read_at: Option<&Moment>) -> Comment {
        let author_el = self.author();
        let author = author_el.map(|el| WORDS.byline(WORDS.author(&body::line(el))).to_owned());
        let date_id = self.date.map(|el| el.id());
        let author_id = author_el.map(|el| el.id());
        let content = self.content(author_id);
        let read = body::read(content, |el| {
            self.index.contains_key(&el.id()) || Some(el.id()) == date_id || Some(el.id()) == author_id
        });
        let (text, cut) = strip_buttons(&read.text);
        let quotes = read
            .quotes
            .into_iter()
            .filter(|quote| quote.span.start >= cut && quote.span.end <= cut + text.len())
            .map(|mut quote| {
                quote.span.start -= cut;
                quote.span.end -= cut;
                quote
            })
            .collect();
        Comment {
            author: author.filter(|name| !name.is_empty()).map(|name| Author { name, avatar: None }),
            posted_at: self.date.and_then(|el| article::moment(el, order, read_at)),
            text: text.to_owned(),
            // The whole record holds the writer's name, too.
            html: (content.id() != self.row.id()).then(|| body::html(content, |el| self.index.contains_key(&el.id()))),
            quotes,
            ..Comment::default()
        }
    }

    fn is_own(&self, el: ElementRef<'_>) -> bool {
        el.ancestors().find_map(|node| self.index.get(&node.id()).copied()) == Some(self.at)
    }

    /// The element that names the writer: by its class, its link, or being a short line of its own.
    fn author(&self) -> Option<ElementRef<'_>> {
        let named = [
            css!("[itemprop='author'] [itemprop='name'], [itemprop='author'], [rel='author']"),
            css!(
                "[class*='author'], [class*='username'], [class*='user-name'], [class*='nick'], [class*='pseudo'], [class*='poster']"
            ),
            css!("[class*='user'], [class*='name'], [class*='member'], cite"),
            css!(
                "a[href*='/user'], a[href*='/people/'], a[href*='/profil'], a[href*='/member'], a[href*='/u/'], a[href*='author']"
            ),
            css!("b, strong, h3, h4, h5"),
        ];
        let is_name = |el: &ElementRef<'_>| {
            let line = body::line(*el);
            let words = line.split_whitespace().count();
            (1..=6).contains(&words) && line.chars().count() <= 60 && !WORDS.is_button(&line)
        };
        named.into_iter().find_map(|selector| {
            self.row
                .select(selector)
                .filter(|el| self.is_own(*el) && self.date.is_none_or(|date| !contains(*el, date)))
                .find(is_name)
        })
    }

    /// The element that holds the words: the smallest that has nearly all of what is neither name, date nor button;
    /// else the whole record.
    fn content(&self, author: Option<NodeId>) -> ElementRef<'_> {
        let date = self.date.map(|el| el.id());
        let length = |el: ElementRef<'_>| {
            let read = body::read(el, |el| {
                self.index.contains_key(&el.id()) || Some(el.id()) == date || Some(el.id()) == author
            });
            strip_buttons(&read.text).0.len()
        };
        let whole = length(self.row);
        let around = |el: ElementRef<'_>| {
            el.descendants()
                .any(|node| Some(node.id()) == date || Some(node.id()) == author || self.index.contains_key(&node.id()))
        };
        self.row
            .select(css!("div, p, section, blockquote, td, span, article, dd"))
            .take(MAX_BODIES)
            .filter(|el| self.is_own(*el) && !around(*el))
            .map(|el| (length(el), el))
            .filter(|(size, _)| *size > 0 && size * 4 >= whole * 3)
            .min_by_key(|(size, _)| *size)
            .map_or(self.row, |(_, el)| el)
    }
}

fn contains(outer: ElementRef<'_>, inner: ElementRef<'_>) -> bool {
    outer.id() == inner.id() || inner.ancestors().any(|node| node.id() == outer.id())
}

/// The text without lines of buttons at either end, and how many bytes were cut in front.
fn strip_buttons(text: &str) -> (&str, usize) {
    let is_noise = |line: &str| {
        let line = line.trim();
        line.chars().all(|c| !c.is_alphanumeric() && c.is_ascii() || c == '·' || c == '•') || WORDS.is_button(line)
    };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if !is_noise(line) {
            break;
        }
        start += line.len();
    }
    let mut rest = &text[start..];
    while let Some(last) = rest.rsplit('\n').next() {
        if rest.is_empty() || !is_noise(last) {
            break;
        }
        rest = rest[..rest.len() - last.len()].trim_end_matches('\n');
    }
    (rest.trim_end(), start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_no_counts() {
        let title = "5 comments that changed my mind";
        let page = |rest: &str| {
            Html::parse_document(&format!("<article><h1>{title}</h1><h2>7 comments of readers</h2>{rest}</article>"))
        };
        assert_eq!(stated_count(&page(""), Some(title)), None);
        assert_eq!(stated_count(&page("<h3>12 comments</h3><div><time>2 May</time></div>"), Some(title)), Some(12));
        assert_eq!(stated_count(&page("<div id=comments><h3>12 comments</h3></div>"), Some(title)), Some(12));
        let huge = Html::parse_document("<h2>18446744073709551615 comments</h2>");
        assert_eq!(stated_count(&huge, None), None);
        assert!(mine(&huge, DayOrder::of_language("en"), None, Some(u64::MAX)).is_empty());
    }
}
