use std::collections::{BTreeMap, HashMap};

use super::growth::{Growth, median};
use super::network::Network;
use super::{Above, Tree, gini, ratio, writer};
use crate::model::{CodedThread, Study, ThreadShape};

/// The shape of each thread, in order, and of all of them, in the last row.
///
/// In that row counts are sums (an author who writes in two threads is one), shares, the mean level, the median time to a reply, reciprocity and the Gini
/// coefficient are of all comments together, depth and width the largest of a thread, and virality, the time to the first comment and the half-life
/// the median of those threads that have one.
pub fn shape(study: &Study) -> Vec<ThreadShape> {
    let mut all = Measured::default();
    let mut rows = Vec::with_capacity(study.threads.len() + 1);
    for thread in &study.threads {
        let measured = Measured::of(thread);
        rows.push(measured.row());
        all.extend(measured);
    }
    rows.push(all.row());
    rows
}

/// What the measures of one thread, or several, are made of.
#[derive(Debug, Default)]
struct Measured<'a> {
    /// The counts.
    counted: ThreadShape,
    answered: u64,
    /// Comments of threads that show what answers what.
    structured: u64,
    /// Comments on each level.
    widths: BTreeMap<u32, u64>,
    /// The widest level of a thread, and how wide it is.
    widest: Option<(u32, u64)>,
    authors: HashMap<&'a str, u64>,
    network: Network<'a>,
    /// Of each thread that has one.
    viralities: Vec<f64>,
    first_after: Vec<f64>,
    half_lives: Vec<f64>,
    reply_after: Vec<f64>,
}

impl<'a> Measured<'a> {
    fn of(thread: &'a CodedThread) -> Self {
        let comments = &thread.thread.comments;
        let tree = Tree::of(&thread.thread);
        let growth = Growth::of(&thread.thread, &tree);
        let widths = tree.widths();
        let mut authors: HashMap<&str, u64> = HashMap::new();
        for author in comments.iter().filter_map(writer) {
            *authors.entry(author).or_insert(0) += 1;
        }
        let counted = ThreadShape {
            thread_id: Some(thread.thread.id.clone()),
            comments: comments.len() as u64,
            unsigned: comments.iter().filter(|comment| writer(comment).is_none()).count() as u64,
            roots: tree.count(Above::Article),
            replies: comments.iter().filter(|comment| comment.reply_to.is_some()).count() as u64,
            orphans: tree.count(Above::Missing),
            detached: tree.detached(),
            ..ThreadShape::default()
        };
        Self {
            counted,
            answered: tree.answered(),
            structured: if thread.thread.shows_structure() { comments.len() as u64 } else { 0 },
            widest: widest(widths.iter().map(|(level, width)| (*level, *width))),
            widths,
            authors,
            network: Network::of(thread, &tree),
            viralities: tree.virality().into_iter().collect(),
            first_after: growth.first_after.into_iter().collect(),
            half_lives: growth.half_life.into_iter().collect(),
            reply_after: growth.reply_after,
        }
    }

    fn extend(&mut self, other: Self) {
        let (sum, more) = (&mut self.counted, other.counted);
        sum.comments += more.comments;
        sum.unsigned += more.unsigned;
        sum.roots += more.roots;
        sum.replies += more.replies;
        sum.orphans += more.orphans;
        sum.detached += more.detached;
        self.answered += other.answered;
        self.structured += other.structured;
        for (level, width) in other.widths {
            *self.widths.entry(level).or_insert(0) += width;
        }
        self.widest = widest(self.widest.into_iter().chain(other.widest));
        for (author, count) in other.authors {
            *self.authors.entry(author).or_insert(0) += count;
        }
        self.network.extend(other.network);
        self.viralities.extend(other.viralities);
        self.first_after.extend(other.first_after);
        self.half_lives.extend(other.half_lives);
        self.reply_after.extend(other.reply_after);
    }

    fn row(&self) -> ThreadShape {
        let counted = &self.counted;
        let (comments, signed) = (self.structured as f64, (counted.comments - counted.unsigned) as f64);
        let levelled: u64 = self.widths.values().sum();
        let levels: f64 = self.widths.iter().map(|(level, width)| f64::from(*level) * *width as f64).sum();
        let by_author: Vec<u64> = self.authors.values().copied().collect();
        let most = by_author.iter().max().map_or(0.0, |most| *most as f64);
        ThreadShape {
            authors: self.authors.len() as u64,
            max_depth: self.widths.keys().next_back().map(|level| u64::from(*level)),
            mean_depth: ratio(levels, levelled as f64),
            max_width: self.widest.map(|(_, width)| width),
            widest_depth: self.widest.map(|(level, _)| u64::from(level)),
            reply_share: ratio(counted.replies as f64, comments),
            answered_share: ratio(self.answered as f64, comments),
            reciprocity: self.network.reciprocity(),
            virality: median(self.viralities.clone()),
            first_after: median(self.first_after.clone()),
            reply_after: median(self.reply_after.clone()),
            half_life: median(self.half_lives.clone()),
            author_gini: gini(&by_author),
            top_author_share: ratio(most, signed),
            ..counted.clone()
        }
    }
}

/// The level that most comments stand on; of as many, the least deep.
fn widest(levels: impl Iterator<Item = (u32, u64)>) -> Option<(u32, u64)> {
    levels.min_by_key(|(level, width)| (u64::MAX - *width, *level))
}
