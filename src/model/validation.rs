//! Rows of the tables that say how good codes are, and what follows from them.

use serde::{Deserialize, Serialize};

/// What a comment is known by in tables.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Thread of the comment.
    pub thread_id: String,
    /// The comment in it.
    pub comment_id: String,
}

/// How a comment came into a sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DrawnBy {
    /// By chance, with a known probability.
    #[default]
    Random,
    /// Because the coder is unsure of it: it teaches a coder, and says nothing of the others.
    Uncertain,
}

impl DrawnBy {
    /// The word tables show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Uncertain => "uncertain",
        }
    }
}

/// A comment of a sample, and how it was drawn.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Drawn {
    /// The comment.
    pub key: Key,
    /// What brought it in.
    pub by: DrawnBy,
    /// The part of the comments it was drawn from, such as `distrust=1`; empty where all are one.
    pub stratum: String,
    /// Comments in that part.
    pub stratum_size: u64,
    /// Comments drawn from it by chance.
    pub stratum_drawn: u64,
    /// Who is to code it; empty for anybody.
    pub coders: Vec<String>,
}

impl Drawn {
    /// Probability of being drawn, exactly; empty where chance had no part.
    pub fn probability(&self) -> Option<f64> {
        (self.by == DrawnBy::Random).then(|| self.stratum_drawn as f64 / self.stratum_size as f64)
    }
}

/// One measure of agreement.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Agreement {
    /// `polarity` or a code.
    pub question: String,
    /// The value measured against the rest; empty for a measure of all values.
    pub value: String,
    /// Who is compared: `machine / people`, `anne / ben`, `people`.
    pub between: String,
    /// What the comments are split by; empty for all.
    pub group_by: String,
    /// Which of these.
    pub group: String,
    /// `per_cent`, `kappa`, `alpha_nominal`, `precision` …
    pub measure: String,
    /// Its value; empty where it is not defined.
    pub estimate: Option<f64>,
    /// Its bootstrap interval.
    pub interval: Option<(f64, f64)>,
    /// Comments it rests on.
    pub units: u64,
    /// Whether comments count by how rarely comments like them were drawn.
    pub weighted: bool,
}

/// How often one said this and another that.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Confusion {
    /// `polarity` or a code.
    pub question: String,
    /// Who is compared.
    pub between: String,
    /// What the first said.
    pub first: String,
    /// What the second said.
    pub second: String,
    /// Comments of which they did.
    pub units: u64,
    /// Comments of the table that these stand for, where the sample's design is known.
    pub stands_for: Option<f64>,
}

/// A comment of which not all said the same.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Disagreement {
    /// The comment.
    pub key: Key,
    /// `polarity` or a code.
    pub question: String,
    /// What the machine said.
    pub machine: Option<String>,
    /// What people said, `anne: 1 | ben: 0`.
    pub people: String,
    /// The comment.
    pub text: String,
}

/// A share of comments, as the machine sees it and as the hand-coded sample corrects it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Share {
    /// `polarity` or a code.
    pub question: String,
    /// The value whose share it is.
    pub value: String,
    /// What the comments are split by; empty for all.
    pub group_by: String,
    /// Which of these.
    pub group: String,
    /// Comments in the group.
    pub comments: u64,
    /// Of these coded by hand, and drawn by chance.
    pub coded: u64,
    /// Drawn by chance too, and of no prevailing opinion: they count for nothing.
    pub disputed: u64,
    /// Share by the machine alone.
    pub machine: Option<f64>,
    /// Corrected share.
    pub share: Option<f64>,
    /// Its confidence interval.
    pub interval: Option<(f64, f64)>,
    /// Share of the hand-coded comments alone, each standing for those like it.
    pub people: Option<f64>,
    /// Hand-coded comments needed for the margin asked for.
    pub needed: Option<u64>,
    /// What it is a share of: the comments, or the superpopulation they came from.
    pub estimand: &'static str,
    /// Confidence of the interval.
    pub confidence: f64,
}

/// How far the share in a group is from that in all other comments.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contrast {
    /// `polarity` or a code.
    pub question: String,
    /// The value whose share it is.
    pub value: String,
    /// What the comments are split by.
    pub group_by: String,
    /// The group.
    pub group: String,
    /// The same difference by the machine alone.
    pub machine: Option<f64>,
    /// Corrected share in the group less that in the rest.
    pub difference: Option<f64>,
    /// Its confidence interval.
    pub interval: Option<(f64, f64)>,
    /// Hand-coded comments in the group.
    pub coded: u64,
    /// Hand-coded comments in the rest.
    pub coded_rest: u64,
}
