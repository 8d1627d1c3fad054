//! Themes: their shares, what they mean, how people say them.

use std::fmt::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::Report;
use super::super::charts::{self, Corrected, Figure, ShareRow, Shares, escape};
use super::super::counts::Counts;
use super::super::html::{bdi, paragraph};
use super::super::words::{filled, say};
use crate::model::{CodeLabel, CodedThread, Coding, Comment};

/// Comments quoted for each theme.
const QUOTED: usize = 3;
/// Colours of codes in the style sheet.
const HUES: usize = 8;
/// Characters around the words of a quote.
const AROUND: usize = 180;

pub(super) fn shares(report: &Report<'_>, counts: &Counts) -> Shares {
    let row = |(at, code): (usize, &CodeLabel)| ShareRow {
        label: code.label.clone(),
        n: counts.carrying(at),
        share: counts.code_share(at),
        corrected: report.share_of_all(&code.name, "1").and_then(|row| {
            let (low, high) = row.interval?;
            Some(Corrected { share: row.share?, low, high })
        }),
    };
    Shares {
        figure: Figure::new("chart-shares"),
        rows: report.study.codes.iter().enumerate().map(row).collect(),
        open: counts.open.clone(),
    }
}

pub(super) fn themes(report: &Report<'_>, counts: &Counts) -> String {
    let (language, codes) = (report.language, &report.study.codes);
    let mut out = charts::shares(&shares(report, counts), language);
    if let Some(said) = left_out(report) {
        paragraph(&mut out, &said);
    }
    out.push_str("<dl class=\"codebook\">\n");
    for code in codes.iter().filter(|code| !code.definition.is_empty()) {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", bdi(&code.label), bdi(&code.definition));
    }
    out.push_str("</dl>\n");
    let _ = writeln!(out, "<h3>{}</h3>", escape(say(language, "quotes")));
    let mut codings =
        report.study.threads.iter().flat_map(|thread| thread.comments.iter().filter_map(|c| c.coded.as_ref()));
    if codings.any(|coded| coded.codings.iter().any(|coding| coding.confidence.is_some())) {
        paragraph(&mut out, say(language, "quotes_about"));
    }
    for (code, hue) in codes.iter().zip((1..=HUES).cycle()) {
        let quotes = quotes(report, &code.name, hue);
        if !quotes.is_empty() {
            let _ = writeln!(out, "<h4>{}</h4>\n{quotes}", bdi(&code.label));
        }
    }
    out
}

/// Which corrected shares pass over comments on which people differ.
fn left_out(report: &Report<'_>) -> Option<String> {
    let language = report.language;
    let told = report.study.codes.iter().filter_map(|code| {
        let row = report.share_of_all(&code.name, "1").filter(|row| row.disputed > 0)?;
        let (disputed, all) = (language.count(row.disputed), language.count(row.coded + row.disputed));
        let values: [(&str, &str); 3] = [("label", &code.label), ("disputed", &disputed), ("all", &all)];
        Some(filled(language, "left_out_of", &values))
    });
    let codes = told.collect::<Vec<_>>().join(", ");
    (!codes.is_empty()).then(|| filled(language, "left_out", &[("codes", &codes)]))
}

/// The comments the coder is surest of, those of a length that reads well first.
fn quotes(report: &Report<'_>, code: &str, hue: usize) -> String {
    let mut best: Vec<((i64, usize), &CodedThread, &Comment, &Coding)> = Vec::new();
    for thread in &report.study.threads {
        for (comment, coded) in thread.thread.comments.iter().zip(&thread.comments) {
            let said = coded.coded.iter().flat_map(|coded| &coded.codings);
            for coding in said.filter(|coding| coding.code == code && coding.evidence.start < coding.evidence.end) {
                let length = comment.text.chars().count();
                let rank = (-(coding.confidence.map_or(0.0, |sure| sure.value) * 100.0) as i64, length.abs_diff(140));
                best.push((rank, thread, comment, coding));
                best.sort_by_key(|(rank, ..)| *rank);
                best.truncate(QUOTED);
            }
        }
    }
    let mut out = String::new();
    for (_, thread, comment, coding) in best {
        let (before, after) = around(&comment.text, coding);
        // As the reader writes its addresses.
        let part = |id: &str| utf8_percent_encode(id, NON_ALPHANUMERIC).to_string();
        let link = format!("{}/{}", part(&thread.thread.id), part(&comment.id));
        let sure = coding.confidence.map(|sure| format!(" · {}", report.language.percent(sure.value)));
        let _ = writeln!(
            out,
            "<blockquote class=\"quote\"><p dir=\"auto\">{}<mark class=\"hue-{hue}\">{}</mark>{}</p><footer><a href=\"#{}\">{}</a>{}</footer></blockquote>",
            escape(&before),
            escape(coding.evidence.of(&comment.text)),
            escape(&after),
            escape(&link),
            escape(&comment.id),
            escape(&sure.unwrap_or_default())
        );
    }
    out
}

/// What stands before and after the words of a code, shortened.
fn around(text: &str, coding: &Coding) -> (String, String) {
    let (before, after) =
        (text.get(..coding.evidence.start).unwrap_or_default(), text.get(coding.evidence.end..).unwrap_or_default());
    let skipped = before.chars().count().saturating_sub(AROUND);
    let head = if skipped > 0 { "…" } else { "" };
    let tail = if after.chars().count() > AROUND { "…" } else { "" };
    let before: String = before.chars().skip(skipped).collect();
    let after: String = after.chars().take(AROUND).collect();
    (format!("{head}{before}"), format!("{after}{tail}"))
}
