//! Rows of the tables that describe threads and what is said in them.

use serde::{Deserialize, Serialize};

/// The shape of a thread, or of all threads.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ThreadShape {
    /// The thread; empty for all.
    pub thread_id: Option<String>,
    /// Comments, deleted ones whose place is left included.
    pub comments: u64,
    /// Authors that are named.
    pub authors: u64,
    /// Comments without an author.
    pub unsigned: u64,
    /// Comments that answer the article.
    pub roots: u64,
    /// Comments that answer another one, orphans included.
    pub replies: u64,
    /// Comments that answer one the thread does not hold.
    pub orphans: u64,
    /// Comments whose way up to the article is not known: orphans, what answers them, circles, a level without a parent.
    pub detached: u64,
    /// Deepest level, 0 = answers the article.
    pub max_depth: Option<u64>,
    /// Mean level.
    pub mean_depth: Option<f64>,
    /// Comments of the level that has most.
    pub max_width: Option<u64>,
    /// That level, the least deep if there are several.
    pub widest_depth: Option<u64>,
    /// Share of comments that answer another one.
    pub reply_share: Option<f64>,
    /// Share of comments that another one answers.
    pub answered_share: Option<f64>,
    /// Share of ties between authors that are returned.
    pub reciprocity: Option<f64>,
    /// Structural virality: mean distance of two nodes of the tree, the article being one.
    pub virality: Option<f64>,
    /// Hours from the article to the first comment.
    pub first_after: Option<f64>,
    /// Median of the hours from a comment to a reply to it.
    pub reply_after: Option<f64>,
    /// Hours from the first comment until half of the comments were there.
    pub half_life: Option<f64>,
    /// Gini coefficient of comments an author.
    pub author_gini: Option<f64>,
    /// Share of the signed comments that is by the author who wrote most.
    pub top_author_share: Option<f64>,
}

/// How often one author answers another in a thread.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ReplyTie {
    /// The thread.
    pub thread_id: String,
    /// Who answers.
    pub from: String,
    /// Who is answered.
    pub to: String,
    /// Replies.
    pub replies: u64,
    /// Replies with a sentiment.
    pub coded: u64,
    /// Mean sentiment of these: negative -1, neutral 0, positive 1.
    pub mean_polarity: Option<f64>,
    /// Date of the first reply, as the comment has it.
    pub first_at: Option<String>,
    /// Date of the last one.
    pub last_at: Option<String>,
}

/// How often a value was given in a group of comments.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Breakdown {
    /// `polarity`, `irony` or a code.
    pub question: String,
    /// The value counted.
    pub value: String,
    /// What the comments are split by.
    pub by: String,
    /// Which of these.
    pub group: String,
    /// Place of the group among those of `by`, first = 1.
    pub position: u64,
    /// Comments in the group.
    pub comments: u64,
    /// Those with an answer to the question.
    pub coded: u64,
    /// Those with this value.
    pub count: u64,
    /// Share of the coded ones.
    pub share: Option<f64>,
}

/// How often a comment of one value is answered by one of another, or, with empty values, how far the two hang together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// `polarity`, `irony` or a code.
    pub question: String,
    /// Value of the comment answered; empty for all.
    pub parent: Option<String>,
    /// Value of the reply; empty for all.
    pub reply: Option<String>,
    /// Replies.
    pub replies: u64,
    /// Share of the replies to comments of the parent's value.
    pub share: Option<f64>,
    /// Replies that would be expected if the reply's value did not depend on the parent's.
    pub expected: Option<f64>,
    /// Adjusted standardised residual.
    pub residual: Option<f64>,
    /// Pearson's chi-squared of the whole table.
    pub chi_squared: Option<f64>,
    /// Its degrees of freedom.
    pub degrees: Option<u64>,
    /// Cramér's V of the whole table.
    pub cramers_v: Option<f64>,
}

/// How often two codes apply to one comment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CoOccurrence {
    /// A code, `irony`, or a sentiment such as `polarity=negative`.
    pub first: String,
    /// Another one.
    pub second: String,
    /// Comments that have an answer to both questions.
    pub comments: u64,
    /// Comments with both.
    pub both: u64,
    /// Comments with the first only.
    pub only_first: u64,
    /// Comments with the second only.
    pub only_second: u64,
    /// Comments with neither.
    pub neither: u64,
    /// Comments with both, if the two had nothing to do with each other.
    pub expected: Option<f64>,
    /// How many times as many as expected have both.
    pub lift: Option<f64>,
    /// Share with both among those with either.
    pub jaccard: Option<f64>,
    /// Correlation of the two.
    pub phi: Option<f64>,
    /// Logarithm of the odds ratio, with 0.5 added to each cell.
    pub log_odds: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<(f64, f64)>,
    /// Whether a cell of the two by two is expected to hold fewer than 5: too few to conclude from.
    pub sparse: bool,
}

/// A word, or two in a row, that comments of a value use more than the rest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyTerm {
    /// Language of the comments compared; empty where no language is known.
    pub language: Option<String>,
    /// `polarity`, `irony` or a code.
    pub question: String,
    /// The value whose comments are compared with the rest.
    pub value: String,
    /// Words in the term: 1 or 2.
    pub words: u64,
    /// The term.
    pub term: String,
    /// Times it stands in comments of the value.
    pub count: u64,
    /// Times it stands in the rest.
    pub count_rest: u64,
    /// Times in a million words (or pairs) of these comments.
    pub rate: f64,
    /// Times in a million of the rest.
    pub rate_rest: f64,
    /// Log-likelihood G2.
    pub log_likelihood: f64,
    /// Binary logarithm of the ratio of the two rates.
    pub log_ratio: f64,
    /// Probability of a G2 as large by chance, if words fell independently.
    pub p: f64,
    /// The same corrected for the number of terms tested.
    pub q: f64,
    /// Comments of the value that use it.
    pub comments: u64,
    /// Comments of the rest that use it.
    pub comments_rest: u64,
    /// Named authors of the value's comments that use it.
    pub authors: u64,
}

/// Two words that stand near each other in comments of a value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Collocation {
    /// Language of the comments compared; empty where no language is known.
    pub language: Option<String>,
    /// `polarity`, `irony` or a code.
    pub question: String,
    /// The value whose comments are compared with the rest.
    pub value: String,
    /// A key word of the value.
    pub node: String,
    /// A word near it.
    pub collocate: String,
    /// Comments of the value in which the two stand near each other.
    pub comments: u64,
    /// Comments of the rest in which they do.
    pub comments_rest: u64,
    /// Comments of the value with the node.
    pub node_comments: u64,
    /// Comments of the value with the collocate.
    pub collocate_comments: u64,
    /// logDice of the two in comments of the value.
    pub log_dice: f64,
    /// Log-likelihood G2 of the pair in comments of the value against the rest.
    pub log_likelihood: f64,
    /// Named authors of the value's comments that have the pair.
    pub authors: u64,
}
