//! Whom each comment answers.

use std::collections::{HashMap, HashSet};

use ego_tree::NodeId;
use scraper::ElementRef;

use super::comment::number;
use super::description::{By, Description};
use super::quotes;
use super::rows::Row;
use crate::model::{Comment, ReplyBasis};

/// Elements looked at between a record and the container of its replies.
const MAX_BEFORE: usize = 8;

/// Fills `reply_to`, `reply_basis` and `depth`; the comments are named, `ids` are what the site calls them.
/// Pages of flat forums say nothing, and nothing is filled here.
pub(super) fn fill(says: &Description, rows: &[Row<'_>], ids: &[Option<String>], comments: &mut [Comment]) {
    let Some(parent) = &says.parent else { return };
    match parent.by {
        By::Nesting => {
            for (at, row) in rows.iter().enumerate() {
                let above = row.above.map(|above| (comments[above].id.clone(), comments[above].depth));
                answer(&mut comments[at], ReplyBasis::Nesting, above);
            }
        }
        By::Container => {
            let places: HashMap<NodeId, usize> =
                rows.iter().enumerate().map(|(at, row)| (row.own[0].id(), at)).collect();
            for (at, row) in rows.iter().enumerate() {
                let above = parent
                    .container
                    .as_ref()
                    .and_then(|css| row.own[0].ancestors().filter_map(ElementRef::wrap).find(|el| css.matches(*el)))
                    .and_then(|container| {
                        let before = container.prev_siblings().filter_map(ElementRef::wrap).take(MAX_BEFORE);
                        before.into_iter().find_map(|el| places.get(&el.id()))
                    })
                    .map(|above| (comments[*above].id.clone(), comments[*above].depth));
                answer(&mut comments[at], ReplyBasis::Nesting, above);
            }
        }
        By::Id | By::Link => {
            let basis = if parent.by == By::Id { ReplyBasis::Stated } else { ReplyBasis::Link };
            let ids = Ids::of(ids);
            for (at, row) in rows.iter().enumerate() {
                let said = parent.at.in_record(&row.own).map(|found| found.value);
                let Some(name) = ids.answered(at, said, comments) else { continue };
                (comments[at].reply_to, comments[at].reply_basis) = (Some(name), Some(basis));
            }
        }
        By::Depth | By::Indent => {
            let basis = if parent.by == By::Depth { ReplyBasis::Depth } else { ReplyBasis::Indent };
            let mut path: Vec<(i64, usize)> = Vec::new();
            for (at, row) in rows.iter().enumerate() {
                let Some(level) = parent.at.in_record(&row.own).find_map(|found| number(&found)) else { continue };
                path.truncate(path.iter().rposition(|(above, _)| *above < level).map_or(0, |last| last + 1));
                let above = path.last().map(|(_, above)| (comments[*above].id.clone(), comments[*above].depth));
                path.push((level, at));
                answer(&mut comments[at], basis, above);
            }
        }
    }
}

/// Fills `reply_to` and `reply_basis` of comments that answer none yet, with the post they quote first; joining tells whether
/// it is in the thread. Where the page gives no ids, the comments are numbered, and no quote means those numbers.
pub(super) fn fill_quoted(
    says: &Description,
    rows: &[Row<'_>],
    ids: &[Option<String>],
    records: &HashSet<NodeId>,
    comments: &mut [Comment],
) {
    let ids = Ids::of(ids);
    for (at, row) in rows.iter().enumerate().filter(|_| !ids.places.is_empty()) {
        if comments[at].reply_to.is_none()
            && let Some(name) = ids.answered(at, quotes::ids(says, row, records).into_iter(), comments)
        {
            (comments[at].reply_to, comments[at].reply_basis) = (Some(name), Some(ReplyBasis::Quote));
        }
    }
}

/// What the site calls the comments of a page.
struct Ids<'a> {
    ids: &'a [Option<String>],
    places: HashMap<&'a str, usize>,
}

impl<'a> Ids<'a> {
    fn of(ids: &'a [Option<String>]) -> Self {
        Self { ids, places: ids.iter().enumerate().filter_map(|(at, id)| Some((id.as_deref()?, at))).collect() }
    }

    /// The name of the first comment said that is not the one at `at` itself.
    fn answered(&self, at: usize, mut said: impl Iterator<Item = String>, comments: &[Comment]) -> Option<String> {
        let id = said.find(|id| id != "0" && Some(id) != self.ids[at].as_ref())?;
        // One that stands on another page, or is no longer shown, is still the one answered.
        Some(self.places.get(id.as_str()).map_or_else(|| format!("c{id}"), |at| comments[*at].id.clone()))
    }
}

fn answer(comment: &mut Comment, basis: ReplyBasis, above: Option<(String, Option<u32>)>) {
    comment.depth = above.as_ref().map_or(Some(0), |(_, depth)| depth.map(|depth| depth + 1));
    if let Some((id, _)) = above {
        (comment.reply_to, comment.reply_basis) = (Some(id), Some(basis));
    }
}
