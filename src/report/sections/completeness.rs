//! What each site says it has, and what was found.

use super::super::Report;
use super::super::counts::Counts;
use super::super::html::{Cell, paragraph, table};
use super::super::words::{filled, say};
use super::name_of;
use crate::model::{Certainty, CodedThread, Completeness, FoundBy};

/// Threads and failures listed; the tables have all.
const LISTED: usize = 100;

pub(super) fn completeness(report: &Report<'_>, counts: &Counts) -> String {
    let language = report.language;
    let word = |key| say(language, key);
    let mut out = String::new();
    paragraph(&mut out, word("completeness_about"));
    let count = |number: u64| language.count(number);
    let orphans = counts.of_all().map_or(0, |all| all.orphans);
    let (deleted, hidden, pending, orphans) =
        (count(counts.deleted), count(counts.hidden), count(counts.pending), count(orphans));
    let states: [(&str, &str); 4] =
        [("deleted", &deleted), ("hidden", &hidden), ("pending", &pending), ("orphans", &orphans)];
    paragraph(&mut out, &filled(language, "states", &states));
    let mut threads: Vec<&CodedThread> = report.study.threads.iter().collect();
    // What is short of comments matters most.
    let missing =
        |thread: &CodedThread| thread.thread.stated_count.unwrap_or(0).saturating_sub(thread.thread.parsed_count());
    threads.sort_by_key(|thread| std::cmp::Reverse(missing(thread)));
    let row = |thread: &&CodedThread| {
        let read = &thread.thread;
        let state = match read.completeness() {
            Completeness::Complete => "complete",
            Completeness::Partial => "partial",
            Completeness::Unknown => "unknown",
        };
        vec![
            Cell::text(name_of(thread)),
            Cell::text(&read.site),
            Cell::number(read.stated_count.map(count)),
            Cell::number(Some(count(read.parsed_count()))),
            Cell::text(word(state)),
            Cell::text(&format!("{}, {}", word(found_by(read.found_by)), word(certainty(read.certainty)))),
            Cell::english(&read.notes.join(" · ")),
        ]
    };
    let rows: Vec<Vec<Cell>> = threads.iter().take(LISTED).map(row).collect();
    let head =
        [word("thread"), word("site"), word("stated"), word("parsed"), word("state"), word("found_by"), word("notes")];
    table(&mut out, word("thread_table"), &head, &rows);
    more(&mut out, report, "more_threads", threads.len());
    let failures = &report.study.failures;
    if !failures.is_empty() {
        let rows: Vec<Vec<Cell>> = failures
            .iter()
            .take(LISTED)
            .map(|failure| vec![Cell::text(&failure.source), Cell::english(&failure.message)])
            .collect();
        table(&mut out, word("failures"), &[word("source"), word("reason")], &rows);
        more(&mut out, report, "more_failures", failures.len());
    }
    out
}

fn found_by(found_by: FoundBy) -> &'static str {
    match found_by {
        FoundBy::Nothing => "by_nothing",
        FoundBy::Region => "by_region",
        FoundBy::Pasted => "by_pasted",
        FoundBy::Mined => "by_mined",
        FoundBy::Structured => "by_structured",
        FoundBy::Adapter => "by_adapter",
    }
}

fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Low => "certainty_low",
        Certainty::Medium => "certainty_medium",
        Certainty::High => "certainty_high",
    }
}

fn more(out: &mut String, report: &Report<'_>, key: &str, of: usize) {
    if of > LISTED {
        let more = report.language.count((of - LISTED) as u64);
        paragraph(out, &filled(report.language, key, &[("more", &more)]));
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::charts::Language;
    use super::*;

    #[test]
    fn how_threads_were_found_is_said_in_both_languages() {
        for language in [Language::English, Language::French] {
            assert!(FoundBy::ALL.iter().all(|way| !say(language, found_by(*way)).is_empty()));
            assert!(Certainty::ALL.iter().all(|grade| !say(language, certainty(*grade)).is_empty()));
        }
    }
}
