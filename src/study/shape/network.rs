use std::collections::{HashMap, HashSet};

use super::{Tree, When, ratio, writer};
use crate::model::{Coded, CodedThread, Comment, Polarity, ReplyTie, Study};

/// Who answers whom: ties between two different authors, each once.
#[derive(Debug, Default)]
pub(super) struct Network<'a> {
    ties: HashSet<(&'a str, &'a str)>,
}

impl<'a> Network<'a> {
    pub(super) fn of(thread: &'a CodedThread, tree: &Tree) -> Self {
        let named = pairs(thread, tree).map(|(_, from, to)| (from, to));
        Self { ties: named.filter(|(from, to)| from != to).collect() }
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.ties.extend(other.ties);
    }

    /// Share of the ties a → b of which there is b → a, too. `None` without ties.
    pub(super) fn reciprocity(&self) -> Option<f64> {
        let returned = self.ties.iter().filter(|(from, to)| self.ties.contains(&(*to, *from))).count();
        ratio(returned as f64, self.ties.len() as f64)
    }
}

/// Replies whose author and whose parent's author are known: place of the reply, from, to.
fn pairs<'a>(thread: &'a CodedThread, tree: &Tree) -> impl Iterator<Item = (usize, &'a str, &'a str)> {
    let comments = &thread.thread.comments;
    comments.iter().enumerate().filter_map(|(at, comment)| {
        let parent = tree.parent(at)?;
        Some((at, writer(comment)?, writer(&comments[parent])?))
    })
}

/// The replies of each author to each author, a row a thread and pair, in the order of the first reply; replies to oneself are among them.
/// Comments without an author, and those that answer one the thread does not hold, are left out: they would tie unlike people.
pub fn replies(study: &Study) -> Vec<ReplyTie> {
    study.threads.iter().flat_map(ties_of).collect()
}

fn ties_of(thread: &CodedThread) -> Vec<ReplyTie> {
    let tree = Tree::of(&thread.thread);
    let mut rows: Vec<Tied> = Vec::new();
    let mut place: HashMap<(&str, &str), usize> = HashMap::new();
    for (at, from, to) in pairs(thread, &tree) {
        let row = *place.entry((from, to)).or_insert_with(|| {
            let tie = ReplyTie {
                thread_id: thread.thread.id.clone(),
                from: from.to_owned(),
                to: to.to_owned(),
                ..ReplyTie::default()
            };
            rows.push(Tied { tie, ..Tied::default() });
            rows.len() - 1
        });
        let coded = thread.comments.get(at).and_then(|comment| comment.coded.as_ref());
        rows[row].add(&thread.thread.comments[at], coded);
    }
    rows.into_iter().map(Tied::into_row).collect()
}

#[derive(Debug, Default)]
struct Tied<'a> {
    tie: ReplyTie,
    polarities: f64,
    dates: Vec<(When, &'a str)>,
}

impl<'a> Tied<'a> {
    fn add(&mut self, reply: &'a Comment, coded: Option<&Coded>) {
        self.tie.replies += 1;
        if let Some(polarity) = coded.and_then(|coded| coded.polarity.as_ref()) {
            self.tie.coded += 1;
            self.polarities += match polarity.polarity {
                Polarity::Negative => -1.0,
                Polarity::Neutral => 0.0,
                Polarity::Positive => 1.0,
            };
        }
        let date = reply.posted_at.as_ref().and_then(|moment| Some((When::of(moment)?, moment.iso.as_str())));
        self.dates.extend(date);
    }

    fn into_row(self) -> ReplyTie {
        let known = super::commonest(self.dates.iter().map(|(when, _)| *when));
        let iso = |when: Option<&When>| {
            self.dates.iter().find(|(date, _)| Some(date) == when).map(|(_, iso)| (*iso).to_owned())
        };
        let (first_at, last_at) = (iso(known.first()), iso(known.last()));
        ReplyTie { mean_polarity: ratio(self.polarities, self.tie.coded as f64), first_at, last_at, ..self.tie }
    }
}
