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
mod question;
mod records;
mod sheet;
#[cfg(test)]
mod tests;
mod workbook;
mod xlsx;

use serde::{Deserialize, Serialize};

pub use answers::{Known, Reading};
pub use faults::{Fault, Faults, Place, Problem, TwoAnswers};
pub use files::{Kind, SheetColumn, WriteError, read, sheet, write};
pub use journal::{ADJUDICATED, Codings, Journal, JournalError, Said};
pub use label_studio::label_studio_config;
pub use question::Question;

use crate::model::Key;

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
