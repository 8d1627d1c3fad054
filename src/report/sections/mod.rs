//! The sections of a report but the findings and the reader.

mod completeness;
mod method;
mod reliability;
mod replies;
mod talk;
mod themes;

use super::Report;
use super::counts::Counts;
use crate::model::CodedThread;

/// A section: its id, its title's key and what it holds.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) body: String,
}

/// Those that stand before the reader.
pub(super) fn before_reader(report: &Report<'_>, counts: &Counts) -> Vec<Section> {
    let mut made = vec![
        Section { id: "completeness", title: "completeness", body: completeness::completeness(report, counts) },
        Section { id: "themes", title: "themes", body: themes::themes(report, counts) },
        Section { id: "sentiment", title: "sentiment", body: talk::sentiment(report, counts) },
    ];
    if let Some(body) = talk::over_time(report, counts) {
        made.push(Section { id: "time", title: "time", body });
    }
    made.push(Section { id: "tree", title: "tree", body: replies::replies(report, counts) });
    if report.study.codes.len() > 1 {
        made.push(Section { id: "cooccurrence", title: "co_occurrence", body: talk::together(report, counts) });
    }
    if !report.study.codes.is_empty() {
        made.push(Section { id: "words", title: "words", body: talk::key_words(report) });
    }
    made
}

/// Those that stand after it.
pub(super) fn after_reader(report: &Report<'_>, counts: &Counts) -> Vec<Section> {
    vec![
        Section { id: "reliability", title: "reliability", body: reliability::reliability(report) },
        Section { id: "method", title: "method", body: method::method(report, counts) },
        Section { id: "run", title: "run", body: method::run(report) },
    ]
}

fn name_of(thread: &CodedThread) -> &str {
    let article = &thread.thread.article;
    let source = thread.thread.sources.first().map(String::as_str);
    article.title.as_deref().or(article.url.as_deref()).or(source).unwrap_or(&thread.thread.id)
}

/// The charts that notebooks may want to change.
pub(super) fn vega_lite(report: &Report<'_>, counts: &Counts) -> Vec<(&'static str, serde_json::Value)> {
    let mut made = vec![
        ("shares", themes::shares(report, counts).vega_lite(report.language)),
        ("sentiment", talk::by_theme(report, counts).vega_lite(report.language)),
    ];
    made.extend(talk::timeline(report, counts, "chart-time").map(|data| ("time", data.vega_lite(report.language))));
    made
}
