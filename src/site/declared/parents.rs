//! Whom each comment answers.

use std::collections::HashMap;

use ego_tree::NodeId;
use scraper::ElementRef;

use super::comment::number;
use super::description::{By, Description};
use super::rows::Row;
use crate::model::{Comment, ReplyBasis};

/// Elements looked at between a record and the container of its replies.
const MAX_BEFORE: usize = 8;

/// Fills `reply_to`, `reply_basis` and `depth`; the comments are named, `ids` are what the site calls them.
/// Pages of flat forums say nothing, and nothing is filled.
pub(super) fn fill(says: &Description, rows: &[Row<'_>], ids: &[Option<String>], comments: &mut [Comment]) {
    let Some(parent) = &says.parent else { return };
    let named = |at: usize, row: &Row<'_>| -> Option<String> {
        let own_id = ids[at].as_deref();
        parent.at.in_record(&row.own).map(|found| found.value).find(|id| id != "0" && Some(id.as_str()) != own_id)
    };
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
            let places: HashMap<&str, usize> =
                ids.iter().enumerate().filter_map(|(at, id)| Some((id.as_deref()?, at))).collect();
            for (at, row) in rows.iter().enumerate() {
                let Some(id) = named(at, row) else { continue };
                // One that stands on another page, or is no longer shown, is still the one answered.
                let name = places.get(id.as_str()).map_or_else(|| format!("c{id}"), |at| comments[*at].id.clone());
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

fn answer(comment: &mut Comment, basis: ReplyBasis, above: Option<(String, Option<u32>)>) {
    comment.depth = above.as_ref().map_or(Some(0), |(_, depth)| depth.map(|depth| depth + 1));
    if let Some((id, _)) = above {
        (comment.reply_to, comment.reply_basis) = (Some(id), Some(basis));
    }
}
