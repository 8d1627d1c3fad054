use std::collections::{BTreeMap, HashMap};

use crate::model::{Comment, Thread};

/// What a comment answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::study) enum Above {
    /// The article.
    Article,
    /// The comment at this place of the thread.
    Comment(usize),
    /// A comment that is not in the thread.
    Missing,
    /// Something else than itself: the page shows a level and no parent, or the comment's own id; or nothing of the thread's structure.
    Unknown,
}

/// The reply tree of a thread: its root is the article, comments whose way up to it is known hang below. Nothing here is recursive, all
/// is linear.
#[derive(Debug)]
pub(in crate::study) struct Tree {
    /// What each comment answers.
    pub(in crate::study) above: Vec<Above>,
    /// Level of each comment, 0 = answers the article; of comments outside the tree as the page states it.
    pub(in crate::study) levels: Vec<Option<u32>>,
    /// The comments of the tree, each after the one it answers.
    order: Vec<usize>,
}

impl Tree {
    pub(in crate::study) fn of(thread: &Thread) -> Self {
        let mut place: HashMap<&str, usize> = HashMap::with_capacity(thread.comments.len());
        for (at, comment) in thread.comments.iter().enumerate() {
            place.entry(&comment.id).or_insert(at);
        }
        // A page that shows no structure at all does not say that everybody answers the article.
        let is_told = thread.shows_structure();
        let above: Vec<Above> =
            thread.comments.iter().enumerate().map(|(at, comment)| above(at, comment, &place, is_told)).collect();
        let order = order(&above);
        let mut levels: Vec<Option<u32>> = thread.comments.iter().map(|comment| comment.depth).collect();
        for &at in &order {
            levels[at] = match above[at] {
                Above::Comment(parent) => levels[parent].map(|level| level.saturating_add(1)),
                _ => Some(0),
            };
        }
        Self { above, levels, order }
    }

    /// The place of the comment that the one at `at` answers.
    pub(in crate::study) fn parent(&self, at: usize) -> Option<usize> {
        match self.above[at] {
            Above::Comment(parent) => Some(parent),
            _ => None,
        }
    }

    /// Comments that answer this kind of thing.
    pub(super) fn count(&self, above: Above) -> u64 {
        self.above.iter().filter(|known| **known == above).count() as u64
    }

    /// Comments outside the tree.
    pub(super) fn detached(&self) -> u64 {
        (self.above.len() - self.order.len()) as u64
    }

    /// Comments that another one answers.
    pub(super) fn answered(&self) -> u64 {
        let mut answered = vec![false; self.above.len()];
        for parent in (0..self.above.len()).filter_map(|at| self.parent(at)) {
            answered[parent] = true;
        }
        answered.into_iter().filter(|answered| *answered).count() as u64
    }

    /// How many comments stand on each level.
    pub(super) fn widths(&self) -> BTreeMap<u32, u64> {
        let mut widths = BTreeMap::new();
        for level in self.levels.iter().flatten() {
            *widths.entry(*level).or_insert(0) += 1;
        }
        widths
    }

    /// Structural virality (Goel, Anderson, Hofman, Watts 2016): the mean distance between two different nodes, 2W / (n (n − 1)) of n nodes, the
    /// article among them; W is the Wiener index. An edge that cuts off s nodes lies on s (n − s) paths, so W takes one pass. `None`
    /// without a comment in the tree.
    pub(super) fn virality(&self) -> Option<f64> {
        let nodes = self.order.len() as u128 + 1;
        let mut below = vec![1_u128; self.above.len()];
        let mut wiener = 0;
        for &at in self.order.iter().rev() {
            wiener += below[at] * (nodes - below[at]);
            if let Above::Comment(parent) = self.above[at] {
                below[parent] += below[at];
            }
        }
        (nodes > 1).then(|| 2.0 * wiener as f64 / (nodes * (nodes - 1)) as f64)
    }
}

fn above(at: usize, comment: &Comment, place: &HashMap<&str, usize>, is_told: bool) -> Above {
    match (&comment.reply_to, comment.depth) {
        (Some(parent), _) => match place.get(parent.as_str()) {
            None => Above::Missing,
            Some(parent) if *parent == at => Above::Unknown,
            Some(parent) => Above::Comment(*parent),
        },
        (None, Some(0)) => Above::Article,
        (None, None) if is_told => Above::Article,
        (None, _) => Above::Unknown,
    }
}

/// The comments that the article can be reached from, level by level. Circles are never entered.
fn order(above: &[Above]) -> Vec<usize> {
    // The comments that answer one another form chains: the last child of each comment, and the sibling before each.
    let (mut last, mut before) = (vec![None; above.len()], vec![None; above.len()]);
    for (at, above) in above.iter().enumerate() {
        if let Above::Comment(parent) = *above {
            before[at] = last[parent].replace(at);
        }
    }
    let mut order: Vec<usize> = (0..above.len()).filter(|at| above[*at] == Above::Article).collect();
    let mut next = 0;
    while let Some(&at) = order.get(next) {
        order.extend(std::iter::successors(last[at], |child| before[*child]));
        next += 1;
    }
    order
}
