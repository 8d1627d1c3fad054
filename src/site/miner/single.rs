//! Discussions of one contribution: nothing repeats, so what stands around must say that it is one.

use super::bodies;
use super::grouping::{Record, arranged};
use super::judge::{Judged, judge};
use super::markup::MARKUP;
use super::outline::Outline;
use super::{Known, Mined, is_button, reading};
use crate::model::Certainty;
use crate::site::body;
use crate::site::words::WORDS;

/// Letters of a contribution.
const LEAST: usize = 8;
/// Letters of a line that ends a discussion.
const FOOTER: usize = 80;

/// The one comment of a page; none where nothing says that there is one.
pub(super) fn mine(outline: &Outline<'_>, anchors: &[usize], named: Vec<Vec<Record>>, known: Known<'_>) -> Mined {
    let form = (0..outline.items.len()).rev().find(|at| outline.name(*at) == "textarea");
    for anchor in anchors.iter().rev().take(40).copied() {
        let found = around(outline, anchor, form, known).or_else(|| below_count(outline, anchor, form, known));
        let Some((record, sure)) = found else { continue };
        let judged: Judged = judge(outline, vec![record], known);
        let comments = reading::read(outline, &judged, known);
        if comments[0].text.chars().filter(|c| c.is_alphanumeric()).count() < LEAST || comments[0].author.is_none() {
            continue;
        }
        return Mined {
            comments,
            certainty: if sure { Certainty::Medium } else { Certainty::Low },
            ..Mined::default()
        };
    }
    for records in named {
        let start = records[0].start();
        if outline.text(start) * 2 > outline.text(0) || form.is_some_and(|form| outline.holds(start, form)) {
            continue;
        }
        if outline.text(start) <= FOOTER && WORDS.is_footer(&body::line(outline.items[start].element)) {
            continue;
        }
        let judged: Judged = judge(outline, records, known);
        let comments = reading::read(outline, &judged, known);
        let said = comments[0].text.chars().filter(|c| c.is_alphanumeric()).count() >= LEAST;
        let comment = &comments[0];
        if said && (comment.author.is_some() || (known.stated == Some(1) && comment.posted_at.is_some())) {
            return Mined { comments, ..Mined::default() };
        }
    }
    Mined::default()
}

/// The contribution around a date: the largest element that names itself a comment, or that stands between a heading that
/// counts one comment and the form for the next.
fn around(outline: &Outline<'_>, anchor: usize, form: Option<usize>, known: Known<'_>) -> Option<(Record, bool)> {
    if outline.items[anchor].aside {
        return None;
    }
    let record = |at: usize| arranged(outline, vec![vec![at]], &[anchor]).remove(0);
    let page = outline.text(0);
    let fits = |at: usize| outline.text(at) * 2 < page.max(1) && form.is_none_or(|form| !outline.holds(at, form));
    let named =
        outline.climb(anchor, 12).filter(|at| *at != anchor && fits(*at)).filter(|at| is_comment(outline, *at)).last();
    let one = known.stated == Some(1);
    let answered = |at: usize| {
        (at..outline.items[at].end).any(|inner| {
            outline.text(inner) <= 30 && is_button(&outline.items[inner].element.text().take(3).collect::<String>())
        })
    };
    if let Some(at) = named
        && (one || answered(at) || form.is_some())
    {
        return Some((record(at), one));
    }
    // Without names: a reply button, and the form behind it.
    let form = form.filter(|form| *form > anchor)?;
    let at = outline.climb(anchor, 8).take_while(|at| fits(*at) && outline.items[*at].end <= form).last()?;
    let close = outline.text_before(form).saturating_sub(outline.text_before(anchor)) * 4 < page;
    (close && outline.text_before(anchor) * 3 > page && (one || answered(at)) && bodies::has_words(outline, at))
        .then(|| (record(at), one))
}

/// Letters of a heading that counts comments.
const HEADING: usize = 40;
/// Elements above a date in which that heading stands.
const MAX_ABOVE: usize = 500;

/// The contribution below a heading that counts one: the largest element around the date that begins behind it.
fn below_count(outline: &Outline<'_>, anchor: usize, form: Option<usize>, known: Known<'_>) -> Option<(Record, bool)> {
    if known.stated != Some(1) || outline.items[anchor].aside {
        return None;
    }
    let heading = (anchor.saturating_sub(MAX_ABOVE)..anchor).rev().find(|at| {
        (1..=HEADING).contains(&outline.text(*at))
            && outline.items[*at].end <= anchor
            && WORDS.stated_count(&body::line(outline.items[*at].element)) == Some(1)
    })?;
    let behind = outline.items[heading].end;
    let fits = |at: &usize| *at >= behind && form.is_none_or(|form| !outline.holds(*at, form));
    let at = outline.climb(anchor, 12).take_while(fits).last()?;
    // Nothing is between but what says how comments are sorted.
    let near = outline.text_before(at).saturating_sub(outline.text_before(behind.min(at))) <= HEADING;
    (near && at != anchor && bodies::has_words(outline, at))
        .then(|| (arranged(outline, vec![vec![at]], &[anchor]).remove(0), true))
}

/// Whether id or class say that this is one comment: "comment-12", "comment", not "comments".
fn is_comment(outline: &Outline<'_>, at: usize) -> bool {
    let el = outline.items[at].element;
    let one = |token: &str| MARKUP.contribution(token);
    el.attr("id").is_some_and(one) || el.value().classes().any(one)
}
