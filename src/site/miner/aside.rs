//! What stands beside a comment's words: votes, and the mark of a change.

use std::collections::{HashMap, HashSet};

use ego_tree::NodeId;
use scraper::ElementRef;

use super::Known;
use super::bodies::{around_paragraphs, run_of_paragraphs};
use super::grouping::Record;
use super::outline::Outline;
use crate::model::Comment;
use crate::site::body::{BodyText, Options, edit_beside};
use crate::site::votes;

/// Notes on a comment what its record says beside the writer's name and the words in `body`. Where the words have no place of
/// their own, nothing is beside them.
pub(super) fn note(
    outline: &Outline<'_>,
    record: &Record,
    author: Option<usize>,
    body: Option<usize>,
    known: Known<'_>,
    comment: &mut Comment,
    read: &mut BodyText,
) {
    let Some(words) = body else { return };
    let id = |at: usize| outline.items[at].element.id();
    let mut said: HashSet<NodeId> = record.inner.iter().map(|(at, _)| id(*at)).collect();
    // "Edit" may be somebody's name.
    said.extend(author.map(id));
    said.insert(id(words));
    said.extend(run_of_paragraphs(outline, record, words).into_iter().map(id));
    said.extend(around_paragraphs(outline, record, words).map(|(parent, _)| id(parent)));
    let is_said = |el: ElementRef<'_>| said.contains(&el.id());
    let roots =
        || record.roots.iter().filter(|root| !said.contains(&id(**root))).map(|root| outline.items[*root].element);
    let options = Options { order: known.order, read_at: known.read_at, ..Options::default() };
    if let Some(mark) = roots().find_map(|root| edit_beside(root, options, is_said)) {
        read.edited = true;
        read.edited_at = read.edited_at.take().or(mark.at);
    }
    let mut counts = roots().filter_map(|root| votes::votes(root, is_said));
    comment.votes = counts.next().filter(|_| counts.next().is_none());
}

/// Votes that only a few comments have are something else, and so is what all comments of each writer have the same: a number
/// from the writer's card.
pub(super) fn keep_common_votes(comments: &mut [Comment]) {
    let with = comments.iter().filter(|comment| comment.votes.is_some()).count();
    let mut of: HashMap<&str, Vec<Option<i64>>> = HashMap::new();
    for comment in comments.iter() {
        if let Some(author) = &comment.author {
            of.entry(&author.name).or_default().push(comment.votes);
        }
    }
    let mut several = of.values().filter(|votes| votes.len() > 1);
    let is_said = |votes: &Vec<Option<i64>>| votes.iter().any(|votes| votes.is_some_and(|votes| votes != 0));
    let is_of_writers =
        several.clone().any(is_said) && several.all(|votes| votes.iter().all(|other| *other == votes[0]));
    if with * 2 < comments.len() || is_of_writers {
        for comment in comments {
            comment.votes = None;
        }
    }
}
