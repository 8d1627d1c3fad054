use std::collections::{HashMap, HashSet};
use std::ops::Range;

use jiff::Timestamp;

use super::pairing::Pairing;
use super::similarity::{same_words, similarity};
use super::snapshot::{SeenThread, Snapshot};
use crate::model::{Change, ChangeKind, CommentState, Seen};

/// Two snapshots side by side.
#[derive(Debug, Clone, Default)]
pub struct Comparison<'a> {
    /// All changes, thread by thread in the newer snapshot's order: its comments in order, then those it no longer has.
    pub changes: Vec<Change<'a>>,
    /// The threads that are in both.
    pub pairs: Vec<Pair<'a>>,
    /// The threads that only the older snapshot has. Their comments are no changes: who knows whether the thread was looked for.
    pub only_old: Vec<&'a SeenThread>,
    /// The threads that only the newer snapshot has.
    pub only_new: Vec<&'a SeenThread>,
    /// Authors of the comments that are in both.
    pub authors: Authors,
}

/// A thread in both snapshots.
#[derive(Debug, Clone)]
pub struct Pair<'a> {
    /// As it was.
    pub old: &'a SeenThread,
    /// As it is.
    pub new: &'a SeenThread,
    /// Which of [`Comparison::changes`] are its.
    pub changes: Range<usize>,
    /// Whether its comments were matched by writer, time and words, as their ids are only their places.
    pub by_words: bool,
    /// Whether the older one was fetched after the newer one.
    pub backwards: bool,
}

/// Authors are compared to know the tables, not for the changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Authors {
    /// Comments of which both snapshots name an author.
    pub compared: u64,
    /// Those of which the two are not the same.
    pub differing: u64,
}

impl Comparison<'_> {
    /// How many changes of a kind there are.
    pub fn count(&self, kind: ChangeKind) -> u64 {
        self.changes.iter().filter(|change| change.kind == kind).count() as u64
    }
}

/// Finds what changed from one snapshot to the other.
///
/// Comments are matched by the ids of thread and comment; where ids are only places (`c1`, `c2`, …, as of sites that show none),
/// by writer, time and words. Author and votes are no part of what counts as changed, nor are blanks and line breaks.
/// Takes time and memory in proportion to the snapshots.
pub fn compare<'a>(old: &'a Snapshot, new: &'a Snapshot) -> Comparison<'a> {
    let before: HashMap<&str, &SeenThread> = old.threads.iter().map(|thread| (thread.id.as_str(), thread)).collect();
    let parents = old.tells_parents && new.tells_parents;
    let mut made = Comparison::default();
    for now in &new.threads {
        match before.get(now.id.as_str()) {
            Some(was) => made.add(was, now, parents),
            None => made.only_new.push(now),
        }
    }
    let after: HashSet<&str> = new.threads.iter().map(|thread| thread.id.as_str()).collect();
    made.only_old = old.threads.iter().filter(|thread| !after.contains(thread.id.as_str())).collect();
    made
}

impl<'a> Comparison<'a> {
    fn add(&mut self, old: &'a SeenThread, new: &'a SeenThread, parents: bool) {
        let pairing = Pairing::of(&old.comments, &new.comments);
        let parents = parents.then(|| Parents::new(old, new, &pairing));
        let first = self.changes.len();
        let change = |kind, was, is| Change {
            thread: &new.id,
            kind,
            old: was,
            new: is,
            old_fetched_at: old.fetched_at.as_deref(),
            new_fetched_at: new.fetched_at.as_deref(),
            similarity: None,
        };
        for (is, was) in new.comments.iter().zip(&pairing.old_of) {
            let Some(was) = was.map(|at| &old.comments[at]) else {
                let kind =
                    if old.is_complete() || posted_since(is, old) { ChangeKind::Added } else { ChangeKind::Found };
                self.changes.push(change(kind, None, Some(is)));
                continue;
            };
            if let (Some(one), Some(other)) = (&was.author, &is.author) {
                self.authors.compared += 1;
                self.authors.differing += u64::from(one != other);
            }
            let state = was.state.zip(is.state).and_then(|(was, is)| ChangeKind::of_states(was, is));
            self.changes.extend(state.map(|kind| change(kind, Some(was), Some(is))));
            if is_edited(was, is) {
                let similarity = Some(similarity(&was.text, &is.text));
                self.changes.push(Change { similarity, ..change(ChangeKind::Edited, Some(was), Some(is)) });
            }
            if parents.as_ref().is_some_and(|parents| parents.moved(was, is)) {
                self.changes.push(change(ChangeKind::Moved, Some(was), Some(is)));
            }
        }
        let absent = if new.is_complete() { ChangeKind::Gone } else { ChangeKind::Missing };
        for (was, _) in old.comments.iter().zip(&pairing.new_of).filter(|(_, is)| is.is_none()) {
            self.changes.push(change(absent, Some(was), None));
        }
        let changes = first..self.changes.len();
        let backwards = is_later(old.fetched_at.as_deref(), new.fetched_at.as_deref());
        self.pairs.push(Pair { old, new, changes, by_words: pairing.by_words, backwards });
    }
}

/// Whether the words were changed, and not only taken away or brought back with the state.
fn is_edited(was: &Seen, is: &Seen) -> bool {
    let deleted = |seen: &Seen| seen.state == Some(CommentState::Deleted);
    let both_say = !was.text.trim().is_empty() && !is.text.trim().is_empty();
    !deleted(was) && !deleted(is) && (was.state == is.state || both_say) && !same_words(&was.text, &is.text)
}

/// Whether the comment is younger than the thread's older snapshot.
fn posted_since(seen: &Seen, old: &SeenThread) -> bool {
    is_later(seen.posted_at.as_deref(), old.fetched_at.as_deref())
}

/// Whether both are known instants and the first is the later one.
fn is_later(one: Option<&str>, other: Option<&str>) -> bool {
    let instant = |iso: Option<&str>| iso?.parse::<Timestamp>().ok();
    matches!((instant(one), instant(other)), (Some(one), Some(other)) if one > other)
}

/// Whom comments answer, in ids of the newer snapshot.
struct Parents<'a> {
    /// For ids of the older snapshot what they are called in the newer one; empty where ids are the site's own.
    renamed: Option<HashMap<&'a str, Option<&'a str>>>,
}

impl<'a> Parents<'a> {
    fn new(old: &'a SeenThread, new: &'a SeenThread, pairing: &Pairing) -> Self {
        let renamed = || {
            let ids = old.comments.iter().map(|seen| seen.id.as_str());
            ids.zip(pairing.new_of.iter().map(|at| at.map(|at| new.comments[at].id.as_str()))).collect()
        };
        Self { renamed: pairing.by_words.then(renamed) }
    }

    fn moved(&self, was: &Seen, is: &Seen) -> bool {
        // Sites forget whom a deleted comment answered.
        if was.state == Some(CommentState::Deleted) || is.state == Some(CommentState::Deleted) {
            return false;
        }
        match (&self.renamed, was.reply_to.as_deref()) {
            (Some(renamed), Some(parent)) => {
                // The place of a comment that is gone is another's now.
                renamed.get(parent).copied().flatten().is_some_and(|parent| is.reply_to.as_deref() != Some(parent))
            }
            (_, parent) => parent != is.reply_to.as_deref(),
        }
    }
}
