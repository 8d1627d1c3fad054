use super::{COMMENT_ID, Entry, THREAD_ID, count};
use crate::table::rows::{CodingRow, rounded};

/// The columns of `codings`.
pub(in crate::table) fn codings<'a>() -> Vec<Entry<CodingRow<'a>>> {
    type Of<'a> = Entry<CodingRow<'a>>;
    vec![
        Of::always_text("thread_id", |row| row.thread, THREAD_ID),
        Of::always_text("comment_id", |row| row.comment, COMMENT_ID),
        Of::always_text(
            "code",
            |row| row.code,
            "Name of the code in the codebook, `irony`, or `polarity` for the sentiment.",
        ),
        Of::always_text(
            "value",
            |row| row.value,
            "1 for a code that applies; negative, neutral or positive for `polarity`.",
        ),
        Of::integer(
            "start",
            |row| row.points.and_then(|(start, _)| count(start as u64)),
            "Where the evidence begins in the comment's text, first = 0.",
        )
        .in_unit("Unicode code points"),
        Of::integer(
            "end",
            |row| row.points.and_then(|(_, end)| count(end as u64)),
            "Where the evidence ends in the comment's text: one past its last character.",
        )
        .in_unit("Unicode code points"),
        Of::text("evidence", |row| row.words, "The words from start to end, as they are written."),
        Of::number(
            "confidence",
            |row| row.confidence.and_then(|sure| rounded(sure.value)),
            "How sure the coder is: a probability where `calibrated` is 1, else a grade.",
        )
        .in_unit("0 to 1"),
        Of::text(
            "basis",
            |row| Some(row.confidence?.basis?.as_str()),
            "What it rests on: model = fitted on hand-coded comments, patterns = the codebook's patterns and word lists, \
             examples = likeness to the codebook's examples; empty where a table that was read does not say.",
        ),
        Of::flag(
            "calibrated",
            |row| row.confidence.filter(|sure| sure.basis.is_some()).map(|sure| sure.calibrated),
            "1 if the confidence is a probability, calibrated on comments the model was not fitted on and in languages it learnt from.",
        ),
        Of::always_text("coder", |row| row.coder, "Who assigned it: name and version."),
    ]
}
