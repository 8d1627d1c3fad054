//! Names of writers, and the places they stand in.

use std::collections::HashMap;

use scraper::{ElementRef, Node};

use super::bodies::largest;
use super::fields::{MAX_ELEMENTS, Place, place};
use super::grouping::Record;
use super::markup::MARKUP;
use super::outline::{Outline, masked};
use crate::site::body;
use crate::site::words::WORDS;
use crate::text::dates::DayOrder;

/// Letters of a name.
const MAX_NAME: usize = 40;

/// What is known of the names in one kind of place.
#[derive(Default)]
struct Tally {
    records: usize,
    last: Option<usize>,
    values: HashMap<String, usize>,
    words: usize,
    links: usize,
    distance: usize,
    before: usize,
    named: bool,
    initials: usize,
    commas: usize,
    facts: usize,
    rank: usize,
    /// Behind "by".
    introduced: usize,
    /// Bold, or a heading.
    strong: usize,
}

/// A short text that can be a name: all an element says, or what stands in it beside other elements.
pub(super) fn name(outline: &Outline<'_>, at: usize, order: DayOrder) -> Option<String> {
    let letters = outline.text(at);
    if letters == 0 {
        return None;
    }
    let element = outline.items[at].element;
    if letters > 2 * MAX_NAME {
        // A name with what a click on it opens.
        let is_inline = matches!(outline.name(at), "b" | "strong" | "a" | "span" | "cite");
        return if is_inline { as_name(&direct_text(element), order) } else { None };
    }
    let line = body::line(element);
    let short = letters <= MAX_NAME || without_mail(&line).len() < line.len();
    let whole = if short { as_name(&line, order) } else { None };
    whole.or_else(|| {
        let is_parent = outline.items[at].end > at + 1;
        if is_parent { as_name(&direct_text(element), order) } else { None }
    })
}

/// All an element says, if it is as short as a name and not the number of a contribution.
pub(super) fn as_it_stands(outline: &Outline<'_>, at: usize) -> Option<String> {
    let line = body::line(outline.items[at].element);
    let is_number = || line.strip_prefix('#').is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    (!line.is_empty() && line.chars().count() <= MAX_NAME && !is_number()).then_some(line)
}

/// A line as a name, without the verb, the rank or the number around it.
fn as_name(line: &str, order: DayOrder) -> Option<String> {
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = without_mail(&line);
    let name = WORDS.byline(WORDS.author(WORDS.before_reply(line))).trim_start_matches('@').trim();
    let name = undoubled(WORDS.without_label(name).to_owned());
    let words = name.split_whitespace().count();
    let fits = (1..=5).contains(&words)
        && name.chars().count() <= MAX_NAME
        && name.chars().any(char::is_alphabetic)
        && !name.starts_with(['(', '#', '•', '·', '»', '|'])
        && !WORDS.is_button(&name)
        && !WORDS.is_label(&name)
        && !WORDS.is_said(&name)
        && !name.ends_with(['?', ':'])
        && !name.contains(": ")
        && !is_month(&name)
        && !super::anchors::says_date(&name, order);
    fits.then_some(name)
}

/// A name without the address mail programs write behind it: "Zoé Martin <zoe@example.org>".
fn without_mail(line: &str) -> &str {
    match line.strip_suffix('>').and_then(|line| line.rsplit_once('<')) {
        Some((name, address)) if address.contains('@') => name.trim().trim_matches('"'),
        _ => line,
    }
}

/// A name printed twice without a blank, as picture text and as text.
fn undoubled(name: String) -> String {
    let half = name.len() / 2;
    if name.len() >= 6 && name.len().is_multiple_of(2) && name.is_char_boundary(half) && name[..half] == name[half..] {
        return name[..half].to_owned();
    }
    name
}

/// "Dec 2017", "August 2009": since when somebody is a member.
fn is_month(name: &str) -> bool {
    let mut words = name.split_whitespace();
    let (Some(month), Some(year), None) = (words.next(), words.next(), words.next()) else { return false };
    year.len() == 4
        && year.bytes().all(|b| b.is_ascii_digit())
        && crate::text::dates::parse_printed(&format!("1 {month} {year}"), DayOrder::DayFirst).is_some()
}

/// Places of names, the best first; how many of the records have one, how different they are, and whether the markup calls
/// them names.
pub(super) fn columns(
    outline: &Outline<'_>,
    records: &[&Record],
    order: DayOrder,
    words: Option<Place>,
) -> (Vec<Place>, f64, f64, bool) {
    let mut tallies: HashMap<Place, Tally> = HashMap::new();
    for (number, record) in records.iter().enumerate() {
        let date = record.date.unwrap_or(record.start());
        let body = words.and_then(|wanted| largest(outline, record, wanted));
        let (mut rank, mut before) = (0, String::new());
        for at in record.elements(outline).take(MAX_ELEMENTS) {
            if outline.text(at) == 0 || outline.text(at) > MAX_NAME || body.is_some_and(|body| outline.holds(body, at))
            {
                continue;
            }
            let key = place(outline, at);
            // The first of a kind in a record is the writer; further ones are mentioned.
            if tallies.get(&key).is_some_and(|tally| tally.last == Some(number)) {
                continue;
            }
            if outline.holds(at, date) && at != record.start() && record.date.is_some() {
                continue;
            }
            let Some(value) = name(outline, at, order) else { continue };
            let element = outline.items[at].element;
            let tally = tallies.entry(key).or_default();
            tally.last = Some(number);
            tally.records += 1;
            tally.words += value.split_whitespace().count();
            tally.links += usize::from(is_person(element));
            tally.distance += date.abs_diff(at);
            tally.before += usize::from(at < date);
            tally.named |= says_author(element);
            tally.initials += usize::from(is_initials(&value));
            tally.commas += usize::from(value.contains(','));
            tally.facts += usize::from(is_fact(element));
            tally.introduced += usize::from(is_introduced(element));
            tally.strong += usize::from(is_strong(element));
            // A name and the link around it are one.
            if value != before {
                rank += 1;
            }
            tally.rank += rank;
            *tally.values.entry(masked(&value)).or_default() += 1;
            before = value;
        }
    }
    let total = records.len().max(1) as f64;
    let mut ranked: Vec<(f64, Place, f64, f64, bool)> = tallies
        .into_iter()
        .map(|(place, tally)| {
            let share = tally.records as f64 / total;
            let variety = tally.values.len() as f64 / tally.records as f64;
            let constant = tally.records >= 3 && tally.values.len() == 1;
            let mut score = share;
            score += if tally.named { 0.6 } else { 0.0 };
            score += 0.5 * tally.links as f64 / tally.records as f64;
            score += 0.5 * variety.min(0.8);
            score -= 0.4 * tally.commas as f64 / tally.records as f64;
            score -= 0.5 * tally.facts as f64 / tally.records as f64;
            score += 0.5 * tally.introduced as f64 / tally.records as f64;
            score += 0.1 * tally.strong as f64 / tally.records as f64;
            score -= 0.05 * (tally.rank as f64 / tally.records as f64).min(8.0);
            score -= 0.12 * (tally.words as f64 / tally.records as f64 - 1.0).min(3.0);
            score -= if tally.initials * 2 > tally.records { 0.8 } else { 0.0 };
            score -= 0.012 * (tally.distance as f64 / tally.records as f64).min(20.0);
            if constant {
                score -= 0.7;
            }
            (score, place, share, variety, tally.named || tally.links * 2 > tally.records)
        })
        .filter(|(score, _, share, _, _)| *score > 0.45 && *share >= 0.15)
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let Some((_, _, share, variety, says)) = ranked.first().copied() else { return (Vec::new(), 0.0, 0.0, false) };
    (ranked.iter().take(4).map(|(_, place, ..)| *place).collect(), share, variety, says)
}

/// Whether a text is a letter or two, as stand where a portrait is missing.
fn is_initials(value: &str) -> bool {
    let letters = value.chars().count();
    letters < 2 || (letters <= 3 && value.chars().all(char::is_uppercase))
}

/// Whether an element is the value of a labelled fact: "Location: Wales".
fn is_fact(element: ElementRef<'_>) -> bool {
    let before = element.prev_siblings().find_map(ElementRef::wrap);
    element.value().name() == "dd" && before.is_some_and(|before| before.value().name() == "dt")
}

/// Whether the line goes on here behind its "by": "12 mars 2008 à 14:05, par <span>Mouna</span>".
fn is_introduced(element: ElementRef<'_>) -> bool {
    let before = |el: ElementRef<'_>| el.prev_sibling().map(|node| node.value().as_text().map(|text| text.to_string()));
    let own = before(element).or_else(|| before(element.parent().and_then(ElementRef::wrap)?)).flatten();
    own.is_some_and(|text| WORDS.introduces(&text))
}

/// Whether what stands here is bold, or a heading.
fn is_strong(element: ElementRef<'_>) -> bool {
    let own = |el: ElementRef<'_>| matches!(el.value().name(), "b" | "strong" | "h2" | "h3" | "h4" | "h5" | "h6");
    own(element) || element.parent().and_then(ElementRef::wrap).is_some_and(own)
}

/// Whether the markup calls what stands here a writer.
fn says_author(element: ElementRef<'_>) -> bool {
    let own = |el: ElementRef<'_>| {
        el.value().classes().any(|class| MARKUP.author(class))
            || el.attr("itemprop").is_some_and(|prop| is_writer(prop, el.value().name()))
            || el.attr("rel").is_some_and(|rel| rel.contains("author"))
            || el.value().name() == "cite"
    };
    own(element) || element.parent().and_then(ElementRef::wrap).is_some_and(own)
}

/// Whether a property names a writer; a heading is the name of what is written about.
fn is_writer(property: &str, tag: &str) -> bool {
    match property {
        "author" | "creator" | "reviewer" => true,
        "name" => !matches!(tag, "h1" | "h2" | "h3" | "h4" | "h5" | "h6"),
        _ => false,
    }
}

/// Whether the element is, or holds, a link to a person's page.
fn is_person(element: ElementRef<'_>) -> bool {
    let own = |el: ElementRef<'_>| el.attr("href").is_some_and(|href| MARKUP.person(href));
    own(element)
        || element.parent().and_then(ElementRef::wrap).is_some_and(own)
        || element.children().filter_map(ElementRef::wrap).any(own)
}

/// The texts that stand directly in an element, one between two elements each.
pub(super) fn direct_texts(element: ElementRef<'_>) -> impl Iterator<Item = &str> {
    element.children().filter_map(|node| if let Node::Text(text) = node.value() { Some(&**text) } else { None })
}

/// Text that stands directly in an element.
pub(super) fn direct_text(element: ElementRef<'_>) -> String {
    direct_texts(element).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn names_without_what_stands_around_them() {
        let name = |line: &str| as_name(line, DayOrder::DayFirst);
        for (line, wanted) in [
            ("Zoé a écrit :", "Zoé"),
            ("von  Ottokar P.", "Ottokar P."),
            ("@old_sam", "old_sam"),
            ("Zoé en réponse à Bob", "Zoé"),
            ("Zoé Modérateur", "Zoé"),
            ("BartlebyBartleby", "Bartleby"),
            ("mimi", "mimi"),
            ("Zoé Martin <zoe@example.org>", "Zoé Martin"),
        ] {
            assert_eq!(name(line).as_deref(), Some(wanted), "{line}");
        }
        for line in ["Répondre", "#12", "12", "Dec 2017", "3 mars 2024", "Location: Wales", "Qui ?", "a b c d e f", ""]
        {
            assert_eq!(name(line), None, "{line}");
        }
    }
}
