//! Comments of a page that keeps none in an element of its own: names, dates and words parted by `<br>` and `<hr>`, as
//! printed pages have. Read as the text it shows; believed only where the page counts as many.

use scraper::{ElementRef, Html};

use super::super::body;
use super::Reader;
use super::heads::Heads;
use crate::model::{Comment, Moment};
use crate::text::dates::DayOrder;

/// The comments a page's text shows, if they are as many as it states and each has a writer, a date and words; else none.
pub(in crate::site) fn of_page(
    html: &Html,
    order: DayOrder,
    read_at: Option<&Moment>,
    stated: Option<u64>,
) -> Vec<Comment> {
    let is_body = |el: &ElementRef<'_>| el.value().name() == "body";
    let Some(page) = html.root_element().child_elements().find(is_body).filter(|_| stated > Some(1)) else {
        return Vec::new();
    };
    let text = body::read(page, |_| false).text;
    let lines: Vec<&str> = text.lines().collect();
    let reader = Reader { lines: &lines, read_at, order, heads: Heads::find(&lines, order) };
    let Ok(found) = reader.read() else { return Vec::new() };
    let is_whole =
        |comment: &Comment| comment.author.is_some() && comment.posted_at.is_some() && !comment.text.is_empty();
    let is_counted = stated == Some(found.comments.len() as u64);
    if is_counted && found.comments.iter().all(is_whole) { found.comments } else { Vec::new() }
}
