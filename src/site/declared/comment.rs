//! One record's comment.

use std::collections::HashSet;

use ego_tree::NodeId;
use scraper::ElementRef;

use super::description::{Css, Description, Quote};
use super::place::{Found, Places};
use super::rows::Row;
use crate::model::{self, Author, Comment, CommentState, Moment, Span};
use crate::site::words::WORDS;
use crate::site::{address, article, body};
use crate::text::dates::{DayOrder, parse_machine};

/// Longest name; what is longer is none.
const MAX_NAME: usize = 200;

/// What reading a record needs to know of its page.
pub(super) struct Context<'a> {
    pub(super) order: DayOrder,
    pub(super) read_at: Option<&'a Moment>,
    /// What links are relative to.
    pub(super) base: Option<&'a str>,
}

/// The comment of a record, without its id and place in the thread.
pub(super) fn comment(says: &Description, row: &Row<'_>, nested: &HashSet<NodeId>, page: &Context<'_>) -> Comment {
    let own = &row.own;
    let any = |css: &Option<Css>| css.as_ref().is_some_and(|css| own.iter().any(|el| css.matches(*el)));
    let mut comment = Comment {
        author: author(says, own),
        posted_at: says.date.in_record(own).find_map(|found| page.moment(&found)),
        votes: says.votes.in_record(own).find_map(|found| number(&found)),
        state: if any(&says.state.deleted) {
            CommentState::Deleted
        } else if any(&says.state.hidden) {
            CommentState::Hidden
        } else if any(&says.state.pending) {
            CommentState::Pending
        } else {
            CommentState::Visible
        },
        permalink: says.permalink.in_record(own).find_map(|found| address::absolute(page.base, &found.value)),
        edited: says.edited.any_in(own),
        ..Comment::default()
    };
    if comment.edited {
        comment.edited_at = says.edited.in_record(own).find_map(|found| page.moment(&found));
    }
    if let Some(body) = body_of(says, own) {
        let dropped: HashSet<NodeId> = own
            .iter()
            .filter(|el| says.drop.as_ref().is_some_and(|css| css.matches(**el)) || says.edited.is_at(**el))
            .map(|el| el.id())
            .collect();
        let skip = |el: ElementRef<'_>| dropped.contains(&el.id()) || nested.contains(&el.id());
        body::read(body, skip).fill(&mut comment);
        comment.html = Some(body::html(body, skip));
        // A body that is a `blockquote` is no quote.
        comment.quotes.retain(|quote| quote.span.end - quote.span.start < comment.text.len());
        if let Some(quote) = &says.quote {
            let declared = quotes(quote, body, &comment.text, skip);
            comment.quotes = with_authors(comment.quotes, declared);
        }
    }
    if says.state.deleted_text.contains(&comment.text) {
        comment.state = CommentState::Deleted;
    }
    if comment.state == CommentState::Deleted && says.state.deleted_text.contains(&comment.text) {
        (comment.text, comment.html, comment.quotes, comment.links) = Default::default();
    }
    comment
}

fn author(says: &Description, own: &[ElementRef<'_>]) -> Option<Author> {
    let name = says
        .author
        .in_record(own)
        .map(|found| found.value)
        .find(|name| name.len() <= MAX_NAME)
        .filter(|name| !says.nobody.contains(name))?;
    let avatar = says.avatar.in_record(own).next().map(|found| found.value);
    Some(Author { name, avatar })
}

/// The element that holds the text: the first that says something, else one that is there but empty.
fn body_of<'a>(says: &Description, own: &[ElementRef<'a>]) -> Option<ElementRef<'a>> {
    let mut empty = None;
    for css in &says.body {
        for element in own.iter().filter(|el| css.matches(**el)) {
            if element.descendants().any(|node| {
                node.value().as_text().is_some_and(|text| !text.trim().is_empty())
                    || node.value().as_element().is_some_and(|el| el.name() == "img")
            }) {
                return Some(*element);
            }
            empty = empty.or(Some(*element));
        }
    }
    empty
}

/// The outermost quotes of a body, found again in its text; white space around a quote depends on where it stands.
fn quotes(
    quote: &Quote,
    body: ElementRef<'_>,
    text: &str,
    skip: impl Fn(ElementRef<'_>) -> bool + Copy,
) -> Vec<model::Quote> {
    let inked = Inked::of(text);
    let mut quotes = Vec::new();
    let mut from = 0;
    let mut last: Option<NodeId> = None;
    for element in body.descendants().filter_map(ElementRef::wrap).filter(|el| quote.at.matches(*el)) {
        if element.id() == body.id() || last.is_some_and(|last| element.ancestors().any(|above| above.id() == last)) {
            continue;
        }
        last = Some(element.id());
        let said = Inked::of(&body::read(element, skip).text).ink;
        let Some(at) = inked.ink[from..].find(&said).filter(|_| !said.is_empty()) else { continue };
        let start = from + at;
        from = start + said.len();
        let span = Span::new(inked.offsets[start], inked.offsets[from - 1] + 1);
        quotes.push(model::Quote { span, author: quoted(&quote.author, element) });
    }
    quotes
}

/// The quotes the body's markup shows, with the writers the description finds; those it describes where the markup shows
/// none.
fn with_authors(shown: Vec<model::Quote>, declared: Vec<model::Quote>) -> Vec<model::Quote> {
    if shown.is_empty() {
        return declared;
    }
    let mut declared = declared.into_iter().peekable();
    let mut quotes = shown;
    for quote in &mut quotes {
        while declared.next_if(|other| other.span.end <= quote.span.start).is_some() {}
        if quote.author.is_none() {
            quote.author = declared.peek().filter(|d| d.span.start < quote.span.end).and_then(|d| d.author.clone());
        }
    }
    quotes
}

/// A text without its white space, and where each of its bytes stood.
struct Inked {
    ink: String,
    offsets: Vec<usize>,
}

impl Inked {
    fn of(text: &str) -> Self {
        let (mut ink, mut offsets) = (String::with_capacity(text.len()), Vec::with_capacity(text.len()));
        for (at, c) in text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            ink.push(c);
            offsets.extend(at..at + c.len_utf8());
        }
        Self { ink, offsets }
    }
}

/// Whom a quote names: "Zoé a écrit :" gives "Zoé".
fn quoted(places: &Places, quote: ElementRef<'_>) -> Option<String> {
    if places.is_empty() {
        return None;
    }
    let own: Vec<ElementRef<'_>> = quote.descendants().filter_map(ElementRef::wrap).collect();
    let names = places.in_record(&own).map(|found| WORDS.author(found.value.trim_end_matches('↑')).to_owned());
    names.into_iter().find(|name| !name.is_empty() && name.len() <= MAX_NAME)
}

/// The whole number a place says: "189 points", "+3"; none where it is shortened ("1.2k").
pub(super) fn number(found: &Found<'_>) -> Option<i64> {
    let text = found.value.replace(['−', '–'], "-");
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let signed = text[..start].ends_with('-');
    let end = text[start..].find(|c: char| !(c.is_ascii_digit() || is_group_mark(c)));
    let printed = end.map_or(&text[start..], |end| &text[start..start + end]);
    let groups: Vec<&str> = printed.trim_end_matches(is_group_mark).split(is_group_mark).collect();
    let rest = &text[start + printed.len()..];
    if rest.starts_with(|c: char| c.is_alphabetic()) || groups[1..].iter().any(|group| group.len() != 3) {
        return None;
    }
    let number: i64 = groups.concat().parse().ok()?;
    if signed { number.checked_neg()? } else { number }.checked_add(found.plus)
}

fn is_group_mark(c: char) -> bool {
    matches!(c, '.' | ',' | '\u{a0}' | '\u{202f}')
}

impl Context<'_> {
    /// The date found at a place: what a machine reads, the printed text, or a date within it.
    fn moment(&self, found: &Found<'_>) -> Option<Moment> {
        if let Some(element) = found.element.filter(|_| found.plain)
            && let Some(moment) = article::moment(element, self.order, self.read_at)
        {
            return Some(moment);
        }
        parse_machine(&found.value)
            .or_else(|| article::printed_moment(&found.value, self.order, self.read_at))
            .or_else(|| article::moment_within(&found.value, self.order, self.read_at))
    }
}
