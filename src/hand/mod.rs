//! Coding by hand: the questions put to people, the units they answer for, their answers, and the files these travel in.
//!
//! A [`Form`] is what a coder is given: questions, and units with the context they are read in. It is blind: what a machine said is
//! not in it, nor how a unit was drawn. Answers come back as [`Answer`]s, one a unit, coder and question, whatever the file.

mod answers;
mod csv;
mod doccano;
mod evidence;
mod faults;
mod files;
mod grid;
mod journal;
mod label_studio;
mod records;
mod sheet;
#[cfg(test)]
mod tests;
mod workbook;
mod xlsx;

use serde::{Deserialize, Serialize};

pub use answers::{Known, Reading};
pub use faults::{Fault, Faults, Place, Problem, TwoAnswers};
pub use files::{Kind, WriteError, read, write};
pub use journal::{ADJUDICATED, Codings, Journal, JournalError, Said};
pub use label_studio::label_studio_config;

use crate::codebook::{Code, Codebook};

/// Name of the question for the sentiment.
pub const POLARITY: &str = "polarity";

/// One thing asked of every unit: a code, or the sentiment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Name of the column, as in the table of comments: `distrust`, `polarity`.
    pub name: String,
    /// Name for people.
    pub label: String,
    /// What it means.
    pub definition: String,
    /// What counts.
    pub include: Vec<String>,
    /// What does not.
    pub exclude: Vec<String>,
    /// Texts that carry it.
    pub positive: Vec<String>,
    /// Texts that only look so.
    pub negative: Vec<String>,
    /// The answers there are, in order: `0`, `1`; or `negative`, `neutral`, `positive`.
    pub values: Vec<String>,
}

impl Question {
    /// Whether a code applies: 0 or 1.
    pub fn code(code: &Code) -> Self {
        Self {
            name: code.name.clone(),
            label: code.label.clone(),
            definition: code.definition.clone(),
            include: code.include.clone(),
            exclude: code.exclude.clone(),
            positive: code.examples.positive.clone(),
            negative: code.examples.negative.clone(),
            values: ["0", "1"].map(str::to_owned).into(),
        }
    }

    /// Whether a code applies of which no more than the name is known.
    pub fn named(name: &str) -> Self {
        Self::code(&Code { name: name.to_owned(), label: name.to_owned(), ..Code::default() })
    }

    /// The sentiment of the writer's own words.
    pub fn polarity() -> Self {
        Self {
            name: POLARITY.to_owned(),
            label: "Sentiment".to_owned(),
            definition:
                "What the writer means by their own words, not by what they quote: irony that criticises is negative."
                    .to_owned(),
            values: ["negative", "neutral", "positive"].map(str::to_owned).into(),
            ..Self::default()
        }
    }

    /// Whether the literal meaning is not the intended one.
    pub fn irony() -> Self {
        let definition = "The writer means something else than the words say, mostly the opposite.";
        Self { label: "Irony".to_owned(), definition: definition.to_owned(), ..Self::named("irony") }
    }

    /// The questions of a codebook: the sentiment first, then its codes.
    pub fn all(book: &Codebook) -> Vec<Self> {
        std::iter::once(Self::polarity()).chain(book.codes.iter().map(Self::code)).collect()
    }

    /// Whether it asks for a code: its evidence can be marked in the text.
    pub fn is_code(&self) -> bool {
        self.name != POLARITY
    }

    /// The value that an answer as people write it stands for (`oui`, `yes`, `x`, `vrai`, `1.0`; `négatif`, `neg`, `-1`), in any case.
    pub fn value(&self, written: &str) -> Option<&str> {
        let written = written.trim().to_lowercase();
        let known = |value: &&String| **value == written;
        if let Some(value) = self.values.iter().find(known) {
            return Some(value);
        }
        let meant = match written.as_str() {
            "oui" | "yes" | "true" | "vrai" | "x" | "✓" | "✔" | "y" | "ja" | "si" | "sí" | "sì" | "sim" | "1.0"
            | "1,0"
                if self.is_code() =>
            {
                "1"
            }
            "non" | "no" | "false" | "faux" | "n" | "nein" | "não" | "0.0" | "0,0" if self.is_code() => "0",
            "neg" | "négatif" | "negatif" | "négative" | "-1" | "-" | "-1.0" if !self.is_code() => "negative",
            "neu" | "neutre" | "0" | "0.0" if !self.is_code() => "neutral",
            "pos" | "positif" | "positive" | "+1" | "1" | "+" | "1.0" if !self.is_code() => "positive",
            _ => return None,
        };
        self.values.iter().find(|value| *value == meant).map(String::as_str)
    }
}

/// The key of a unit: a comment.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Thread of the comment.
    pub thread_id: String,
    /// The comment in it.
    pub comment_id: String,
}

/// A comment to be coded, as a coder sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Which comment it is.
    #[serde(flatten)]
    pub key: Key,
    /// Its words, unchanged.
    pub text: String,
    /// The comment it answers: its words.
    pub parent_text: Option<String>,
    /// Headline of the article.
    pub article_title: Option<String>,
    /// When it was posted, as in the table.
    pub posted_at: Option<String>,
    /// Who is to code it; empty for anybody.
    pub coders: Vec<String>,
}

/// What coders are given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// What is asked of each unit.
    pub questions: Vec<Question>,
    /// The units, in the order they are coded in.
    pub units: Vec<Unit>,
}

/// What one person said of one unit to one question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The unit.
    #[serde(flatten)]
    pub key: Key,
    /// Who answered.
    pub coder: String,
    /// [`Question::name`].
    pub question: String,
    /// One of [`Question::values`].
    pub value: String,
    /// The words that carry it: Unicode code points of the text, first = 0, end exclusive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<(usize, usize)>,
}
