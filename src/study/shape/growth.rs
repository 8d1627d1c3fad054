use super::{Tree, When, commonest};
use crate::model::Thread;

/// How fast a thread grew, in hours.
#[derive(Debug, Default)]
pub(super) struct Growth {
    /// From the article to the first comment.
    pub(super) first_after: Option<f64>,
    /// From the first comment until half of the comments with a time were there.
    pub(super) half_life: Option<f64>,
    /// From each comment to each reply to it; replies dated before what they answer are left out.
    pub(super) reply_after: Vec<f64>,
}

impl Growth {
    pub(super) fn of(thread: &Thread, tree: &Tree) -> Self {
        let dates: Vec<Option<When>> =
            thread.comments.iter().map(|comment| When::timed(comment.posted_at.as_ref())).collect();
        let reply = |at: usize| dates[at]?.hours_since(dates[tree.parent(at)?]?);
        let reply_after = (0..dates.len()).filter_map(reply).collect();
        let grown = commonest(dates.iter().copied().flatten());
        let article = When::timed(thread.article.published_at.as_ref());
        let first_after = grown.first().zip(article).and_then(|(first, article)| first.hours_since(article));
        let half = grown.len().div_ceil(2);
        let half_life = (grown.len() > 1).then(|| grown[half - 1].hours_since(grown[0])).flatten();
        Self { first_after, half_life, reply_after }
    }
}

/// The middle one of some numbers, or the mean of the two in the middle. `None` of none.
pub(super) fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_unstable_by(f64::total_cmp);
    let upper = *numbers.get(numbers.len() / 2)?;
    let lower = numbers[(numbers.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}
