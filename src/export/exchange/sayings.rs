//! What was said of a comment, in the values other tools take.

use crate::model::{Coded, CodedComment, Comment, IRONY, POLARITY, Polarity, Span};

/// Whether a code applies; empty where the comment was not coded, or this was left open.
pub(super) fn applies(coded: Option<&Coded>, code: &str) -> Option<bool> {
    let coded = coded?;
    let open = coded.undecided.iter().any(|undecided| undecided == code);
    (!open).then(|| coded.codings.iter().any(|coding| coding.code == code))
}

/// The sentiment's class; empty where there is none.
pub(super) fn polarity(coded: Option<&Coded>) -> Option<Polarity> {
    coded?.polarity.as_ref().map(|coding| coding.polarity)
}

/// The words that codes rest on, with the code, `polarity` or `irony` before them. A code that rests on no words is left out.
pub(super) fn evidence<'a>(comment: &'a Comment, coding: &'a CodedComment) -> Vec<(&'a str, Span, &'a str)> {
    let Some(coded) = &coding.coded else { return Vec::new() };
    let polarity = coded.polarity.as_ref().and_then(|polarity| Some((POLARITY, polarity.evidence?)));
    let irony = coded.irony.as_ref().filter(|(ironic, _)| *ironic).map(|(_, irony)| (IRONY, irony.evidence));
    let codes = coded.codings.iter().map(|coding| (coding.code.as_str(), coding.evidence));
    codes
        .chain(irony)
        .chain(polarity)
        .map(|(code, span)| (code, span, span.of(&comment.text)))
        .filter(|(_, _, words)| !words.is_empty())
        .collect()
}

/// A mean that takes values as they come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mean {
    sum: i64,
    of: u64,
}

impl Mean {
    /// Adds a value; an empty one counts for nothing.
    pub(super) fn add(&mut self, value: Option<i64>) {
        self.sum += value.unwrap_or(0);
        self.of += u64::from(value.is_some());
    }

    /// The mean; empty without values.
    pub(super) fn value(self) -> Option<f64> {
        (self.of > 0).then(|| self.sum as f64 / self.of as f64)
    }
}
