//! Sentiment, time, what comes together, and the words of themes.

use super::super::Report;
use super::super::charts::{self, ByDepth, CoOccurrence, Figure, OverTime, Replies, SentimentByTheme, SentimentRow};
use super::super::counts::Counts;
use super::super::html::{Cell, paragraph, table};
use super::super::words::say;
use crate::model::{POLARITY, Polarity};
use crate::study::talk;

/// Words listed for each theme.
const WORDS: usize = 8;

pub(super) fn by_theme(report: &Report<'_>, counts: &Counts) -> SentimentByTheme {
    let rows = report.study.codes.iter().zip(&counts.codes);
    let rows = rows.map(|(code, tally)| SentimentRow { label: code.label.clone(), tally: *tally });
    SentimentByTheme { figure: Figure::new("chart-sentiment"), all: counts.all, rows: rows.collect() }
}

pub(super) fn timeline(report: &Report<'_>, counts: &Counts, id: &str) -> Option<OverTime> {
    let codes = report.study.codes.iter().map(|code| code.label.clone()).collect();
    Some(OverTime { figure: Figure::new(id), step: counts.step?, codes, bins: counts.bins.clone() })
}

pub(super) fn sentiment(report: &Report<'_>, counts: &Counts) -> String {
    let language = report.language;
    let codes = &report.study.codes;
    let mut out = String::new();
    if !report.shares.is_empty() {
        paragraph(&mut out, say(language, "machine_below"));
    }
    out += &charts::sentiment_by_theme(&by_theme(report, counts), language);
    if counts.by_level.len() > 1 {
        let labels = codes.iter().map(|code| code.label.clone()).collect();
        let data = ByDepth { figure: Figure::new("chart-depth"), codes: labels, levels: counts.by_level.clone() };
        out.push_str(&charts::by_depth(&data, language));
    }
    let (mut pairs, mut residuals) = ([[0; 3]; 3], [[0.0; 3]; 3]);
    let place = |word: &Option<String>| Polarity::ALL.iter().position(|tone| Some(tone.as_str()) == word.as_deref());
    let mut known = true;
    for row in talk::responses(report.study).iter().filter(|row| row.question == POLARITY) {
        if let (Some(parent), Some(reply)) = (place(&row.parent), place(&row.reply)) {
            pairs[parent][reply] = row.replies;
            match row.residual {
                Some(residual) => residuals[parent][reply] = residual,
                None => known = false,
            }
        }
    }
    if pairs.iter().flatten().any(|count| *count > 0) {
        let data =
            Replies { figure: Figure::new("chart-replies"), counts: pairs, residuals: known.then_some(residuals) };
        out.push_str(&charts::replies(&data, language));
    }
    out
}

pub(super) fn over_time(report: &Report<'_>, counts: &Counts) -> Option<String> {
    let mut out = charts::over_time(&timeline(report, counts, "chart-time")?, report.language);
    if counts.bins.len() > 2 && !report.study.codes.is_empty() {
        out.push_str(&charts::codes_over_time(&timeline(report, counts, "chart-code-time")?, report.language));
    }
    Some(out)
}

pub(super) fn together(report: &Report<'_>, report_counts: &Counts) -> String {
    let codes = &report.study.codes;
    let place = |name: &str| codes.iter().position(|code| code.name == name);
    let mut counts = vec![vec![0; codes.len()]; codes.len()];
    let mut lift = vec![vec![None; codes.len()]; codes.len()];
    for row in &report_counts.pairs {
        let (Some(first), Some(second)) = (place(&row.first), place(&row.second)) else { continue };
        for (one, other) in [(first, second), (second, first)] {
            counts[one][other] = row.both;
            lift[one][other] = row.lift;
        }
        counts[first][first] = row.both + row.only_first;
        counts[second][second] = row.both + row.only_second;
    }
    let labels = codes.iter().map(|code| code.label.clone()).collect();
    charts::co_occurrence(
        &CoOccurrence { figure: Figure::new("chart-together"), codes: labels, counts, lift },
        report.language,
    )
}

pub(super) fn key_words(report: &Report<'_>) -> String {
    let language = report.language;
    let word = |key| say(language, key);
    let found = talk::wording(report.study, WORDS).keyness;
    let mut out = String::new();
    paragraph(&mut out, word("words_about"));
    let before = out.len();
    for code in &report.study.codes {
        let terms = found.iter().filter(|term| term.question == code.name && term.value == "1" && term.log_ratio > 0.0);
        let rows: Vec<Vec<Cell>> = terms
            .take(WORDS)
            .map(|term| {
                vec![
                    Cell::text(&term.term),
                    Cell::number(Some(language.count(term.comments))),
                    Cell::number(Some(language.decimal(term.log_ratio, 1))),
                    Cell::number(Some(language.decimal(term.log_likelihood, 1))),
                ]
            })
            .collect();
        if !rows.is_empty() {
            table(
                &mut out,
                &code.label,
                &[word("term"), word("comments"), word("log_ratio"), word("log_likelihood")],
                &rows,
            );
        }
    }
    if out.len() == before {
        paragraph(&mut out, word("no_words"));
    }
    out
}
