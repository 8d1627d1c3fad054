//! The report: one HTML file that says what a study found, shows every comment with its evidence, and needs nothing beside it.
//!
//! The page allows itself no network, one style sheet and one script, both known by their digests (Content Security Policy). Its figures are
//! drawn here; the script is only for reading comments. What stands in `data/report/` is compiled in.

pub mod charts;
mod counts;
mod data;
mod findings;
mod html;
mod page;
mod sections;
mod words;

#[cfg(test)]
mod tests;

pub use charts::Language;

use crate::model::{Agreement, Share, Study};

/// What a report is made of.
#[derive(Debug)]
pub struct Report<'a> {
    /// The threads, with codes and what people said.
    pub study: &'a Study,
    /// Language of the report itself.
    pub language: Language,
    /// Title; that of the article, or how many there are, where it is empty.
    pub title: Option<&'a str>,
    /// Shares of all comments corrected by a hand-coded sample; none without one.
    pub shares: &'a [Share],
    /// How far machine and people agree; nothing without people.
    pub agreement: &'a [Agreement],
    /// How the study was made.
    pub made: Made,
}

/// How a study was made, as its record says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    /// Version of causerie that made this report.
    pub version: String,
    /// Name and value: version, command, settings, counts.
    pub facts: Vec<(String, String)>,
    /// What was read: path and SHA-256.
    pub inputs: Vec<(String, String)>,
    /// What was written.
    pub outputs: Vec<(String, String)>,
}

impl Report<'_> {
    /// The page.
    ///
    /// # Errors
    /// Where the comments cannot be written as JSON.
    pub fn html(&self) -> Result<String, serde_json::Error> {
        let counts = counts::Counts::of(self.study);
        page::page(self, &counts)
    }

    /// What people's codes make of the share of a value among all comments.
    fn share_of_all(&self, question: &str, value: &str) -> Option<&Share> {
        self.shares.iter().find(|share| share.question == question && share.value == value && share.group_by.is_empty())
    }

    /// The charts of shares, sentiment and time as Vega-Lite 5 specifications, each with its name: for notebooks.
    pub fn vega_lite(&self) -> Vec<(&'static str, serde_json::Value)> {
        let counts = counts::Counts::of(self.study);
        sections::vega_lite(self, &counts)
    }
}
