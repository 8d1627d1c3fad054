//! Whether records are contributions of people to a discussion, and how much they say.

use std::collections::{HashMap, HashSet};

use scraper::ElementRef;

use super::fields::{self, Columns};
use super::grouping::Record;
use super::leads::Leads;
use super::markup::MARKUP;
use super::outline::{Kind, Outline, masked};
use super::{Known, is_button, reading};
use crate::site::body;
use crate::site::words::WORDS;
use crate::text::dates::sort_key;

/// Records looked at.
const SAMPLE: usize = 40;
/// Elements of a record looked at.
const MAX_ELEMENTS: usize = 300;

/// Records, and what they look like.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) records: Vec<Record>,
    pub(super) columns: Columns,
    /// Above zero: a discussion.
    pub(super) score: f64,
    /// What it holds: words of contributions, weighted by the score.
    pub(super) value: f64,
}

impl Judged {
    /// Whether these are all records of another and, inside of them, more.
    pub(super) fn holds_answers_of(&self, other: &Self) -> bool {
        let known: HashSet<usize> = other.records.iter().map(Record::start).collect();
        let (same, more): (Vec<&Record>, Vec<&Record>) =
            self.records.iter().partition(|record| known.contains(&record.start()));
        same.len() == known.len() && !more.is_empty() && more.iter().all(|record| record.parent.is_some())
    }
}

pub(super) const FEATURES: usize = 19;

/// What speaks for a discussion and what against, in the order of [`features`].
const WEIGHTS: [f64; FEATURES] =
    [-0.2, 0.6, 1.0, 1.0, -0.3, 3.3, -0.6, -0.9, -2.6, 0.9, 2.3, 1.3, -1.1, 0.8, 1.2, 1.3, -4.5, -1.5, -4.5];
/// The share of links among the words.
const LINKS: usize = 8;
const BIAS: f64 = -4.7;
/// What speaks against records within the text of an article, or below a heading that says so: they are its agenda, its list, its
/// live entries, or lead to other articles.
const IN_ARTICLE: f64 = 4.0;

/// Judges the records of one class.
pub(super) fn judge(outline: &Outline<'_>, records: Vec<Record>, known: Known<'_>) -> Judged {
    let columns = fields::columns(outline, &records, known.order);
    let features = features(outline, &records, &columns, known);
    // Runs of siblings are guessed where elements are not, and two of a kind may be so by chance.
    let doubt = if records.iter().any(|record| record.roots.len() > 1) { 0.8 } else { 0.0 }
        + if records.len() == 2 { 0.3 } else { 0.0 }
        + if in_article(outline, &records) || below_other_heading(outline, &records) { IN_ARTICLE } else { 0.0 };
    let score = BIAS - doubt + features.iter().zip(WEIGHTS).map(|(feature, weight)| feature * weight).sum::<f64>();
    let all: usize = records.iter().map(|record| record.text(outline)).sum();
    let value = (all as f64 * records.len() as f64).sqrt() * score.clamp(0.0, 4.0) * (1.0 - features[LINKS].min(0.9));
    Judged { records, columns, score, value }
}

fn features(outline: &Outline<'_>, records: &[Record], columns: &Columns, known: Known<'_>) -> [f64; FEATURES] {
    let sample: Vec<&Record> = records.iter().take(SAMPLE).collect();
    let total = sample.len().max(1) as f64;
    let exactly = records.len() > 1 && known.stated == Some(records.len() as u64);
    // "+1" is a contribution where there are as many as the page says, each with a name and a date.
    let is_sure = exactly && columns.named > 0.5 && records.iter().all(|record| record.date.is_some());
    let least = if is_sure { 1 } else { 15 };
    let (mut replies, mut outside, mut text, mut links, mut bodies, mut clocks, mut more) = (0, 0, 0, 0, 0, 0, 0);
    let (mut titled, mut answered) = (0, 0);
    let mut titles: HashSet<String> = HashSet::new();
    let mut headings: HashMap<Kind, Vec<String>> = HashMap::new();
    let mut leads = Leads::default();
    for record in &sample {
        let Controls { buttons, answers, more: has_more, title } = controls(outline, record);
        if let Some(at) = title_of(outline, record, columns, known) {
            let line = body::line(outline.items[at].element);
            headings.entry(outline.items[at].strict).or_default().push(unanswered(&line));
        }
        leads.add(outline, record, columns, known);
        replies += usize::from(buttons);
        more += usize::from(has_more);
        answered += usize::from(answers);
        titled += usize::from(title.is_some());
        titles.extend(title);
        outside +=
            usize::from(record.roots.iter().all(|root| outline.items[*root].aside || in_teasers(outline, *root)));
        text += record.text(outline);
        links += record.links(outline);
        let rest = || {
            let apart = record.date.map_or(0, |at| if outline.text(at) <= 40 { outline.text(at) } else { 0 });
            record.text(outline).saturating_sub(apart + record.links(outline) + 10)
        };
        let letters = match fields::body(outline, record, columns) {
            Some(at) => outline.text(at),
            None if columns.bodies.is_empty() => rest(),
            None => 0,
        };
        bodies += usize::from(letters >= least);
        clocks += usize::from(record.date.is_some_and(|at| has_clock(outline.items[at].element)));
    }
    let share = |count: usize| count as f64 / total;
    // Posts of a forum repeat the thread's title; teasers have one each.
    let differ = if titled > 1 { (titles.len() - 1) as f64 / (titled - 1) as f64 } else { 1.0 };
    // Whether nearly all have a title of their own, in the same kind of place.
    let headed = sample.len() > 2
        && !is_sure
        && headings.values().any(|lines| {
            let different = lines.iter().collect::<HashSet<_>>().len();
            share(lines.len()) >= 0.7 && different * 10 >= lines.len() * 8
        });
    let says_comment = names(outline, records, |token| MARKUP.says_comment(token));
    // What can be answered, or is called a comment, may have a title of its own and no writer.
    let unnamed = if says_comment { 0.0 } else { 1.0 - share(answered) };
    let counted = known
        .stated
        .is_some_and(|stated| stated > 0 && stated.abs_diff(records.len() as u64).saturating_mul(5) <= stated);
    let page = outline.text(0).max(1) as f64;
    let all: usize = records.iter().map(|record| record.text(outline)).sum();
    [
        f64::from(u8::from(names(outline, records, |token| MARKUP.discussion(token)))),
        share(replies),
        if columns.says_author { columns.named } else { 0.0 },
        if columns.says_author { 0.0 } else { columns.named },
        columns.variety,
        share(bodies),
        share(titled) * differ,
        share(outside),
        links as f64 / text.max(1) as f64,
        f64::from(u8::from(counted)),
        (all as f64 / page).min(1.0),
        share(clocks),
        share(more),
        monotone(
            &records
                .iter()
                .filter_map(|record| reading::moment(outline, record.date?, known))
                .map(|m| sort_key(&m))
                .collect::<Vec<_>>(),
        ),
        share(answered),
        f64::from(u8::from(says_comment)),
        if headed { unnamed } else { 0.0 },
        if columns.named < 0.2 { unnamed } else { 0.0 },
        if is_sure { 0.0 } else { leads.share(sample.len()) * (1.0 - share(answered)) },
    ]
}

/// What can be done with a record.
#[derive(Debug, Default)]
struct Controls {
    /// Whether there is any button of a contribution.
    buttons: bool,
    /// Whether there is one that answers it.
    answers: bool,
    /// Whether there is one that leads to the rest.
    more: bool,
    /// The words of a heading that is a link.
    title: Option<String>,
}

fn controls(outline: &Outline<'_>, record: &Record) -> Controls {
    let mut found = Controls::default();
    for at in record.elements(outline).take(MAX_ELEMENTS) {
        let element = outline.items[at].element;
        match outline.name(at) {
            "a" | "button" | "span" | "li" | "input" | "img" if outline.text(at) <= 30 => {
                let words = element.text().take(3).collect::<String>();
                let attribute = |name: &str| element.attr(name).is_some_and(is_button);
                found.buttons |= is_button(&words) || ["title", "value", "alt"].into_iter().any(attribute);
                found.answers |=
                    WORDS.is_reply(&words) || element.attr("title").is_some_and(|title| WORDS.is_reply(title));
                found.more |= WORDS.is_more(&words);
            }
            "h1" | "h2" | "h3" | "h4" | "h5"
                if found.title.is_none()
                    && outline.links(at) > 12
                    && outline.links(at) * 10 >= outline.text(at) * 9 =>
            {
                found.title = Some(body::line(element).trim_start_matches("Re:").trim().to_owned());
            }
            _ => {}
        }
    }
    found
}

/// A title without the marks of an answer, digits masked: "Re: …", "> …".
fn unanswered(title: &str) -> String {
    masked(title.trim_start_matches("Re:").trim_start_matches(['>', ' ']).trim())
}

/// The title of a record: a heading beside its words, its date and its writer's name, or a long link to
/// no person, which may be what was taken for a name.
fn title_of(outline: &Outline<'_>, record: &Record, columns: &Columns, known: Known<'_>) -> Option<usize> {
    let author = fields::author(outline, record, columns, known.order).map(|(at, _)| at);
    let words = fields::body(outline, record, columns).filter(|at| outline.links(*at) * 10 < outline.text(*at) * 9);
    let is_apart = |at: usize, other: Option<usize>| {
        other.is_none_or(|other| !outline.holds(at, other) && !outline.holds(other, at))
    };
    // Ranks of members are shorter.
    let is_long = |at: usize| (13..=150).contains(&outline.text(at));
    let is_title = |at: usize| match outline.name(at) {
        "h1" | "h2" | "h3" | "h4" | "h5" => is_long(at) && is_apart(at, author),
        "a" => {
            let href = outline.items[at].element.attr("href").unwrap_or("#");
            is_long(at) && !href.starts_with('#') && !MARKUP.person(href)
        }
        _ => false,
    };
    record
        .elements(outline)
        .take(MAX_ELEMENTS)
        .find(|at| is_title(*at) && is_apart(*at, record.date) && is_apart(*at, words))
}

/// How much neighbours keep one order of time: 1 for all of them one way, 0 for no order.
fn monotone(times: &[i64]) -> f64 {
    let pairs = times.windows(2);
    let all = pairs.len();
    let (up, down) = pairs.fold((0, 0), |(up, down), pair| {
        (up + usize::from(pair[0] <= pair[1]), down + usize::from(pair[0] >= pair[1]))
    });
    if all == 0 { 0.0 } else { (2.0 * up.max(down) as f64 / all as f64 - 1.0).max(0.0) }
}

/// Whether a date says a time of the day: "14:02", "6h55".
fn has_clock(element: ElementRef<'_>) -> bool {
    let says = |text: &str| {
        text.len() <= 160
            && text
                .as_bytes()
                .windows(3)
                .any(|w| w[0].is_ascii_digit() && matches!(w[1], b':' | b'h') && w[2].is_ascii_digit())
    };
    element.text().take(40).any(says) || element.attr("title").is_some_and(says)
}

/// Whether id or class of the records, or of what is right around them, names what the records would be.
fn names(outline: &Outline<'_>, records: &[Record], names: impl Fn(&str) -> bool) -> bool {
    let Some(middle) = records.get(records.len() / 2) else { return false };
    let own = |el: ElementRef<'_>| el.attr("id").is_some_and(&names) || el.value().classes().any(&names);
    outline.climb(middle.start(), 4).any(|at| own(outline.items[at].element))
}

/// Whether all records lie in the element that holds an article's text.
fn in_article(outline: &Outline<'_>, records: &[Record]) -> bool {
    let (Some(first), Some(last)) = (records.first(), records.last()) else { return false };
    outline.climb(first.start(), 30).any(|at| {
        let el = outline.items[at].element.value();
        outline.holds(at, last.start())
            && (el.attr("itemprop").is_some_and(|name| MARKUP.article_text(name))
                || el.classes().any(|class| MARKUP.article_text(class)))
    })
}

/// Letters of a heading, and elements above the records among which it stands.
const HEADING: usize = 40;
const MAX_ABOVE: usize = 60;

/// Whether the nearest heading above the records, outside of them, is that of a list which is no discussion.
fn below_other_heading(outline: &Outline<'_>, records: &[Record]) -> bool {
    let Some(first) = records.first().map(Record::start) else { return false };
    let is_heading = |at: &usize| {
        matches!(outline.name(*at), "h1" | "h2" | "h3" | "h4" | "h5" | "h6") && outline.items[*at].end <= first
    };
    let heading = (first.saturating_sub(MAX_ABOVE)..first).rev().find(is_heading);
    heading.is_some_and(|at| outline.text(at) <= HEADING && WORDS.is_other_list(&body::line(outline.items[at].element)))
}

/// Whether an element lies in a list of other pages.
fn in_teasers(outline: &Outline<'_>, at: usize) -> bool {
    outline.climb(at, 6).any(|at| {
        let el = outline.items[at].element;
        matches!(el.value().name(), "footer" | "aside" | "nav")
            || el.value().classes().any(|class| MARKUP.teasers(class))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn order_of_time_either_way() {
        assert!((monotone(&[1, 2, 2, 9]) - 1.0).abs() < 1e-9);
        assert!((monotone(&[9, 4, 1]) - 1.0).abs() < 1e-9);
        assert!(monotone(&[1, 9, 2, 8, 3]).abs() < 1e-9);
        assert!(monotone(&[5]).abs() < 1e-9);
    }
}
