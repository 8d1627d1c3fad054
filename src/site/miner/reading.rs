//! Records as comments.

use std::collections::{HashMap, HashSet};

use ego_tree::NodeId;

use super::anchors::{find_printed, says_date};
use super::bodies::{around_paragraphs, repeated_lines, run_of_paragraphs};
use super::fields;
use super::grouping::Record;
use super::judge::Judged;
use super::markup::MARKUP;
use super::names;
use super::outline::{Outline, masked};
use super::parents::NUMBERS;
use super::{Ids, Known, aside, titles};
use crate::model::{Author, Comment, Moment};
use crate::site::article;
use crate::site::body::{self, BodyText};
use crate::site::pasted::is_removed;
use crate::site::words::WORDS;
use crate::text::dates::{DayOrder, Printed};

/// Letters that may stand beside a name or a date in a line of its own: "says", "le".
const SAID: usize = 8;

/// All comments of the records, in order; ids are positions.
pub(super) fn read(outline: &Outline<'_>, found: &Judged, known: Known<'_>) -> Vec<Comment> {
    let bodies: Vec<(Comment, BodyText)> =
        found.records.iter().map(|record| one(outline, record, found, known)).collect();
    let apart: Vec<bool> =
        found.records.iter().map(|record| fields::body(outline, record, &found.columns).is_some()).collect();
    let texts: Vec<String> = bodies.iter().map(|(_, body)| body.text.clone()).collect();
    let repeated = if texts.len() >= 3 { repeated_lines(&texts) } else { HashSet::new() };
    let trim = |((comment, body), apart)| (comment, only_removed(trimmed(body, apart, &repeated), known.order));
    let bodies: Vec<_> = bodies.into_iter().zip(apart).map(trim).collect();
    let ends = before_signatures(&bodies);
    let titles = titles::of(outline, &found.records, &found.columns, known);
    bodies
        .into_iter()
        .zip(ends)
        .zip(titles)
        .enumerate()
        .map(|(at, (((mut comment, body), end), title))| {
            comment.id = format!("c{}", at + 1);
            below(title, cut(body, 0, end)).fill(&mut comment);
            comment
        })
        .collect()
}

/// Whether several comments all say the same, or what buttons say.
pub(super) fn are_labels(comments: &[Comment]) -> bool {
    let mut texts = comments.iter().map(|comment| comment.text.as_str()).filter(|text| !text.is_empty());
    let Some(first) = texts.next().map(masked) else { return false };
    let many = texts.clone().count() + 1;
    let is_button = |text: &str| text.lines().all(|line| WORDS.is_button(line.trim()));
    many > 2 && (texts.clone().all(|text| masked(text) == first) || (is_button(&first) && texts.all(is_button)))
}

/// Where each text ends, but for what its writer signs with: lines under a rule that are the same in all of several posts.
fn before_signatures(bodies: &[(Comment, BodyText)]) -> Vec<usize> {
    let is_rule =
        |line: &str| line.len() > 1 && line.chars().all(|c| matches!(c, '_' | '-' | '–' | '—' | '~' | '=' | '*'));
    // Where the last rule of a text stands, and what is below it.
    let below = |text: &str| {
        let mut at = text.len();
        text.split('\n').rev().find_map(|line| {
            at -= line.len();
            let start = at;
            at = at.saturating_sub(1);
            is_rule(line.trim()).then_some(start)
        })
    };
    let mut signed: HashMap<&str, Vec<(usize, Option<usize>)>> = HashMap::new();
    for (at, (comment, body)) in bodies.iter().enumerate() {
        if let Some(author) = &comment.author {
            signed.entry(author.name.as_str()).or_default().push((at, below(&body.text)));
        }
    }
    let mut ends: Vec<usize> = bodies.iter().map(|(_, body)| body.text.len()).collect();
    for posts in signed.values().filter(|posts| posts.len() > 1) {
        let tail = |(at, start): &(usize, Option<usize>)| Some(&bodies[*at].1.text[(*start)?..]);
        let first = tail(&posts[0]);
        if first.is_some() && posts.iter().all(|post| tail(post) == first) {
            for (at, start) in posts {
                ends[*at] = start.unwrap_or(ends[*at]);
            }
        }
    }
    ends
}

/// Gives comments the page's own ids and addresses, where every record has a number of its own in its id or an attribute.
pub(super) fn number(outline: &Outline<'_>, records: &[Record], comments: &mut [Comment]) -> Ids {
    let id_of = |record: &Record| {
        let start = record.start();
        let around = || std::iter::once(start).chain(outline.children(start).take(3));
        let digits_of = |id: &str| {
            let digits = &id[id.trim_end_matches(|c: char| c.is_ascii_digit()).len()..];
            (!digits.is_empty() && digits.len() <= 18).then(|| digits.to_owned())
        };
        let by_id = around().filter_map(|at| outline.items[at].element.attr("id"));
        let mut by_number =
            around().flat_map(|at| NUMBERS.iter().filter_map(move |name| outline.items[at].element.attr(name)));
        by_id
            .into_iter()
            .find_map(|id| Some((digits_of(id)?, Some(format!("#{id}")))))
            .or_else(|| by_number.find_map(|number| Some((digits_of(number)?, None))))
    };
    let Some(ids) = records.iter().map(id_of).collect::<Option<Vec<_>>>() else { return Ids::Places };
    let mut seen = HashSet::new();
    if ids.len() < 2 || !ids.iter().all(|(digits, _)| seen.insert(digits.as_str())) {
        return Ids::Places;
    }
    let is_place = |digits: &str| digits.parse::<u64>().is_ok_and(|number| number <= records.len() as u64);
    let found = if ids.iter().any(|(digits, _)| is_place(digits)) { Ids::Small } else { Ids::Own };
    for (comment, (digits, place)) in comments.iter_mut().zip(ids.iter().cloned()) {
        comment.id = format!("c{digits}");
        comment.permalink = place;
    }
    found
}

fn one(outline: &Outline<'_>, record: &Record, found: &Judged, known: Known<'_>) -> (Comment, BodyText) {
    let author = fields::author(outline, record, &found.columns, known.order);
    let body = fields::body(outline, record, &found.columns);
    let id = |at: usize| outline.items[at].element.id();
    let mut out: HashSet<NodeId> = record.inner.iter().map(|(at, _)| id(*at)).collect();
    let is_signature = |el: scraper::ElementRef<'_>| {
        el.value().classes().any(|class| MARKUP.signature(class))
            || el.attr("id").is_some_and(|id| MARKUP.signature(id))
    };
    let run = body.map_or_else(Vec::new, |at| run_of_paragraphs(outline, record, at));
    let mut read = match body {
        Some(_) if !run.is_empty() => {
            out.extend(record.date.map(id));
            out.extend(author.as_ref().map(|(at, _)| id(*at)));
            let is_head = |at: usize| {
                let heads = record.date.into_iter().chain(author.as_ref().map(|(at, _)| *at));
                heads.into_iter().any(|head| {
                    outline.holds(at, head)
                        && outline.text(at) <= outline.text(head) + SAID
                        && !says_more(outline, at, head)
                })
            };
            let mut read = BodyText::default();
            for at in run.into_iter().filter(|at| !is_head(*at)) {
                append(
                    &mut read,
                    body::read(outline.items[at].element, |el| out.contains(&el.id()) || is_signature(el)),
                );
            }
            read
        }
        Some(at) if let Some((parent, outside)) = around_paragraphs(outline, record, at) => {
            out.extend(outside.into_iter().map(id));
            out.extend(record.date.map(id));
            out.extend(author.as_ref().map(|(at, _)| id(*at)));
            body::read(outline.items[parent].element, |el| out.contains(&el.id()) || is_signature(el))
        }
        Some(at) => body::read(outline.items[at].element, |el| out.contains(&el.id()) || is_signature(el)),
        None => {
            // Titles stand above the writer's name and the date; headings below them are the writer's.
            let head =
                record.date.into_iter().chain(author.as_ref().map(|(at, _)| *at)).min().unwrap_or(record.start());
            let titles = (record.start()..head).filter(|at| matches!(outline.name(*at), "h1" | "h2" | "h3" | "h4"));
            out.extend(titles.filter(|at| !outline.holds(*at, head)).map(id));
            out.extend(record.date.map(id));
            out.extend(author.as_ref().map(|(at, _)| id(*at)));
            let mut read = BodyText::default();
            for root in &record.roots {
                let part = body::read(outline.items[*root].element, |el| out.contains(&el.id()) || is_signature(el));
                append(&mut read, part);
            }
            read
        }
    };
    // "Par Zoé, le 3 mars 2025 à 12:00" is one text.
    let said = || crate::site::pasted::writer_and_date(&body::line(outline.items[record.date?].element), known.order);
    let author_at = author.as_ref().map(|(at, _)| *at);
    let name = author.map(|(_, name)| name).or_else(|| if found.columns.named < 0.5 { said() } else { None });
    let mut comment = Comment {
        author: name.filter(|name| !is_removed(name)).map(|name| Author { name, avatar: None }),
        posted_at: record.date.and_then(|at| moment(outline, at, known)),
        ..Comment::default()
    };
    aside::note(outline, record, author_at, body, known, &mut comment, &mut read);
    (comment, read)
}

/// Whether a line says something behind a colon that its writer's name, or date, stands before: "Zoé : Non."
fn says_more(outline: &Outline<'_>, at: usize, head: usize) -> bool {
    let line = body::line(outline.items[at].element);
    let said = line.split_once(&body::line(outline.items[head].element)).map_or("", |(_, behind)| behind);
    said.split_once(':').is_some_and(|(_, said)| said.contains(char::is_alphanumeric))
}

/// A body below its title, unless it begins with it.
fn below(title: Option<String>, body: BodyText) -> BodyText {
    let Some(title) = title.filter(|title| !titles::is_repeated(title, &body.text)) else { return body };
    let (edited, edited_at) = (body.edited, body.edited_at.clone());
    let mut whole = BodyText { text: title, edited, edited_at, ..BodyText::default() };
    append(&mut whole, body);
    whole
}

/// One text behind another.
fn append(read: &mut BodyText, part: BodyText) {
    if part.text.is_empty() {
        return;
    }
    let shift = if read.text.is_empty() { 0 } else { read.text.len() + 2 };
    if shift > 0 {
        read.text.push_str("\n\n");
    }
    read.text.push_str(&part.text);
    read.quotes.extend(part.quotes.into_iter().map(|mut quote| {
        quote.span.start += shift;
        quote.span.end += shift;
        quote
    }));
    read.links.extend(part.links.into_iter().map(|mut link| {
        link.span.start += shift;
        link.span.end += shift;
        link
    }));
    read.edited |= part.edited;
    read.edited_at = read.edited_at.take().or(part.edited_at);
}

/// When the element says.
pub(super) fn moment(outline: &Outline<'_>, at: usize, known: Known<'_>) -> Option<Moment> {
    let element = outline.items[at].element;
    article::moment(element, known.order, known.read_at).or_else(|| {
        let text = names::direct_text(element);
        let among = || names::direct_texts(element).find_map(|text| printed(text, known.order, known.read_at));
        printed(&text, known.order, known.read_at)
            .or_else(|| printed(&body::line(element), known.order, known.read_at))
            .or_else(among)
    })
}

fn printed(text: &str, order: DayOrder, read_at: Option<&Moment>) -> Option<Moment> {
    match find_printed(text, order)? {
        Printed::Absolute(moment) => Some(moment),
        Printed::Relative(relative) => relative.from(read_at?),
    }
}

/// The line of a text that says a comment was removed, where it says no more than that, its date and the same again.
pub(super) fn removed_line(text: &str, order: DayOrder) -> Option<&str> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !says_date(line, order));
    let first = lines.next()?;
    if is_removed(text) || (is_removed(first) && lines.all(is_removed)) { Some(first) } else { None }
}

/// A body that says no more than that it was removed, as that one line.
fn only_removed(body: BodyText, order: DayOrder) -> BodyText {
    match removed_line(&body.text, order) {
        Some(line) if !is_removed(&body.text) => BodyText { text: line.to_owned(), ..BodyText::default() },
        _ => body,
    }
}

/// A body without lines of labels and buttons at either end; what stands `apart` in an element for words may be such a word.
fn trimmed(body: BodyText, apart: bool, repeated: &HashSet<String>) -> BodyText {
    let is_rule =
        |line: &str| line.chars().all(|c| matches!(c, ' ' | '|' | '-' | '_' | '=' | '*' | '#' | '/' | '·' | '•'));
    let is_button = |line: &str| is_rule(line.trim()) || WORDS.is_button(line.trim());
    let is_bare = |line: &str| line.is_ascii() && !line.chars().any(char::is_alphanumeric);
    let is_label = |line: &str| is_bare(line) || is_button(line) || repeated.contains(&masked(line.trim()));
    let (start, end) = between(&body.text, is_label);
    if start < end {
        return cut(body, start, end);
    }
    // Many may say the same, or a smiley: a contribution that is nothing else is that.
    let (start, end) = between(&body.text, is_button);
    if start >= end && apart {
        return body;
    }
    cut(body, start, end)
}

/// Where a text begins and ends without lines of noise at either end.
fn between(text: &str, is_noise: impl Fn(&str) -> bool) -> (usize, usize) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if !is_noise(line) {
            break;
        }
        start += line.len();
    }
    let mut end = text.len();
    while end > start {
        let line_start = text[start..end].rfind('\n').map_or(start, |at| start + at + 1);
        if !is_noise(&text[line_start..end]) {
            break;
        }
        end = line_start;
        while end > start && text[..end].ends_with(['\n', ' ']) {
            end -= 1;
        }
    }
    (start, end)
}

/// A part of a body.
fn cut(mut body: BodyText, start: usize, end: usize) -> BodyText {
    let end = start + body.text[start..end].trim_end().len();
    let fits = |span: crate::model::Span| span.start >= start && span.end <= end;
    body.quotes.retain(|quote| fits(quote.span));
    body.links.retain(|link| fits(link.span));
    for quote in &mut body.quotes {
        quote.span.start -= start;
        quote.span.end -= start;
    }
    for link in &mut body.links {
        link.span.start -= start;
        link.span.end -= start;
    }
    body.text = body.text[start..end].to_owned();
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    fn said(name: &str, text: &str) -> (Comment, BodyText) {
        let author = Some(Author { name: name.to_owned(), avatar: None });
        (Comment { author, ..Comment::default() }, BodyText { text: text.to_owned(), ..BodyText::default() })
    }

    fn before(bodies: &[(Comment, BodyText)]) -> Vec<&str> {
        before_signatures(bodies).into_iter().zip(bodies).map(|(end, (_, body))| body.text[..end].trim_end()).collect()
    }

    #[test]
    fn signatures_are_what_all_posts_of_a_writer_end_with() {
        let bodies = [said("a", "x\n__\nle loup"), said("b", "y\n--\nz"), said("a", "w\n\nv\n__\nle loup")];
        assert_eq!(before(&bodies), ["x", "y\n--\nz", "w\n\nv"]);
        let differ = [said("a", "x\n__\nle loup"), said("a", "w\n__\nla louve"), said("b", "y"), said("b", "y")];
        assert_eq!(before(&differ), ["x\n__\nle loup", "w\n__\nla louve", "y", "y"]);
    }

    #[test]
    fn labels_go_at_either_end_only() {
        let repeated = HashSet::from([masked("Like (0)")]);
        let body = said("a", "Reply\nIs it\nLike (7)\nor not?\nLike (12)\n...").1;
        assert_eq!(trimmed(body, false, &repeated).text, "Is it\nLike (7)\nor not?");
    }

    #[test]
    fn nothing_is_trimmed_to_nothing() {
        let body = |text: &str| BodyText { text: text.into(), ..BodyText::default() };
        let repeated: HashSet<String> = ["Merci !".to_owned()].into();
        assert_eq!(trimmed(body("Merci !"), false, &repeated).text, "Merci !");
        assert_eq!(trimmed(body(":-)"), false, &repeated).text, ":-)");
        assert_eq!(trimmed(body("Oui.\n\nMerci !\nRépondre"), false, &repeated).text, "Oui.");
    }
}
