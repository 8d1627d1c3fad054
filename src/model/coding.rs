use serde::{Deserialize, Serialize};

use super::{Quote, Span, Thread};

/// Negative, neutral or positive: the intended meaning of the writer's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Polarity {
    /// Criticism, complaint, irony that criticises.
    Negative,
    /// Information, questions, banter without valence.
    Neutral,
    /// Approval, praise, thanks.
    Positive,
}

/// What the sentiment is called among codes.
pub const POLARITY: &str = "polarity";
/// What irony is called among codes.
pub const IRONY: &str = "irony";

/// The columns that count a code, or a sentiment, in the table of threads: where it applies, where it was decided, and its share.
pub fn summary_columns(code: &str) -> [String; 3] {
    ["count", "decided_count", "share"].map(|end| format!("{code}_{end}"))
}

impl Polarity {
    /// -1, 0 or 1.
    pub fn sign(self) -> i8 {
        match self {
            Self::Negative => -1,
            Self::Neutral => 0,
            Self::Positive => 1,
        }
    }

    /// The word tables show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Neutral => "neutral",
            Self::Positive => "positive",
        }
    }
}

words!(Polarity: Negative, Neutral, Positive);

/// The sentiment of one comment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolarityCoding {
    /// The class.
    pub polarity: Polarity,
    /// From -1 (negative) to 1 (positive).
    pub score: f64,
    /// How sure the coder is; empty where a table does not say.
    pub confidence: Option<Confidence>,
    /// The words that weighed most; empty for a comment without any.
    pub evidence: Option<Span>,
}

/// What a coding rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Patterns or word lists: confidence is a grade.
    Patterns,
    /// A model fitted on hand-coded comments: confidence is a probability.
    Model,
    /// Likeness to examples: confidence is a grade, and nothing has measured it.
    Examples,
}

impl Basis {
    /// The word tables show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Patterns => "patterns",
            Self::Model => "model",
            Self::Examples => "examples",
        }
    }
}

words!(Basis: Patterns, Model, Examples);

/// How sure a coder is of what it says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Confidence {
    /// From 0 to 1.
    pub value: f64,
    /// What it rests on, which says what kind of number it is; empty where a table does not say.
    pub basis: Option<Basis>,
    /// Whether it is a probability: of a model, in a language it learnt from.
    pub calibrated: bool,
}

impl Confidence {
    /// A grade on this basis: no probability.
    pub fn grade(value: f64, basis: Basis) -> Self {
        Self { value, basis: Some(basis), calibrated: false }
    }
}

/// One code assigned to one comment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coding {
    /// Name of the code in the codebook.
    pub code: String,
    /// The words that led to it, in the comment's `text`.
    pub evidence: Span,
    /// How sure the coder is; empty where a table does not say.
    pub confidence: Option<Confidence>,
}

/// What a coder says of one comment. A comment without `codings` was coded and carries no code; one that
/// could not be coded at all has no `Coded`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Coded {
    /// Who coded: a coder's name and version, such as `rules-1`.
    pub coder: String,
    /// Sentiment; empty where the coder has none for this language.
    pub polarity: Option<PolarityCoding>,
    /// Whether the literal meaning is not the intended one, with its evidence where it is not; empty where the coder does not tell.
    pub irony: Option<(bool, Coding)>,
    /// The codes that apply, at most one entry a code, in the codebook's order.
    pub codings: Vec<Coding>,
    /// What was left open because it was less sure than asked for: codes, `polarity`, `irony`. Read back from tables, only codes: an empty
    /// cell of the others may as well be of a coder that does not tell them.
    pub undecided: Vec<String>,
    /// Whether the comment is in a language that one of the coder's models has not learnt from.
    pub foreign: bool,
    /// Whether the comment was too long to be read whole: every second, third … part of it was.
    pub parted: bool,
}

/// A comment as the `text` and `coding` rooms leave it: what a table needs beside the [`super::Comment`] itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CodedComment {
    /// Language of the writer's own words, ISO 639-1 (`fr`); empty where the text is too short to tell.
    pub language: Option<String>,
    /// The text without its quotes: what coding reads.
    pub own_text: String,
    /// All quotes in the text, those of the markup and those found in plain text, in order, not overlapping.
    pub quotes: Vec<Quote>,
    /// What the coder said; empty for a comment it could not code (deleted, no words, unknown language).
    pub coded: Option<Coded>,
}

/// A thread with its codes: `comments` runs parallel to `thread.comments`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CodedThread {
    /// The thread.
    pub thread: Thread,
    /// One entry a comment, in the same order.
    pub comments: Vec<CodedComment>,
}
