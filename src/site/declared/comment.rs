//! One record's comment.

use std::collections::HashSet;

use ego_tree::NodeId;
use scraper::ElementRef;

use super::description::{Css, Description};
use super::place::Found;
use super::quotes::{quotes, with_authors};
use super::rows::Row;
use crate::model::{Author, Comment, CommentState, Moment};
use crate::site::{address, article, body};
use crate::text::dates::{DayOrder, parse_machine};

/// Longest name; what is longer is none.
pub(super) const MAX_NAME: usize = 200;

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
        let dropped = dropped(says, own);
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

/// What of a record is not its text, wherever it stands.
pub(super) fn dropped(says: &Description, own: &[ElementRef<'_>]) -> HashSet<NodeId> {
    own.iter()
        .filter(|el| says.drop.as_ref().is_some_and(|css| css.matches(**el)) || says.edited.is_at(**el))
        .map(|el| el.id())
        .collect()
}

/// The element that holds the text: the first that says something, else one that is there but empty.
pub(super) fn body_of<'a>(says: &Description, own: &[ElementRef<'a>]) -> Option<ElementRef<'a>> {
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
