//! A study as its tables give it back: what reports and exports are made of.

use serde::{Deserialize, Serialize};

use super::{CodedThread, Failure, Key, Span};

/// A code, as people read of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeLabel {
    /// Name in tables.
    pub name: String,
    /// Name for people; that in tables where the codebook is not known.
    pub label: String,
    /// What it means; empty where the codebook is not known.
    pub definition: String,
    /// What counts.
    pub include: Vec<String>,
    /// What does not.
    pub exclude: Vec<String>,
}

/// What one person said to one question about one comment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandCoding {
    /// Who said it.
    pub coder: String,
    /// Of which comment.
    pub key: Key,
    /// `polarity`, `irony` or the name of a code.
    pub question: String,
    /// `1` or `0` of a code; `negative`, `neutral` or `positive` of the sentiment.
    pub value: String,
    /// The words it rests on, in the comment's `text`.
    pub evidence: Vec<Span>,
}

/// Threads with their codes, what the codes mean, and what people said. Authors are as the tables show them: pseudonyms, as a rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// The threads, each with its comments in order.
    pub threads: Vec<CodedThread>,
    /// The codes that comments were asked for, in the order of their columns.
    pub codes: Vec<CodeLabel>,
    /// What people said.
    pub people: Vec<HandCoding>,
    /// What could not be read.
    pub failures: Vec<Failure>,
}
