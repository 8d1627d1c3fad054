//! The sections of a report but the findings and the reader.

use std::fmt::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Report;
use super::charts::{
    self, Authors, ByDepth, CoOccurrence, Corrected, Figure, OverTime, Replies, ReplyTree, SentimentByTheme,
    SentimentRow, ShareRow, Shares,
};
use super::counts::{Counts, nodes};
use super::html::{Cell, bdi, escape, paragraph, table};
use super::words::{filled, say};
use crate::model::{CodeLabel, CodedThread, Coding, Comment, Completeness, Share};
use crate::study::{shape, talk};

/// Threads and failures listed; the tables have all.
const LISTED: usize = 100;
/// Threads drawn as trees.
const DRAWN: usize = 6;
/// Comments quoted for each theme.
const QUOTED: usize = 3;
/// Colours of codes in the style sheet.
const HUES: usize = 8;
/// Characters around the words of a quote.
const AROUND: usize = 180;
/// Words listed for each theme.
const WORDS: usize = 8;
/// Inputs and outputs listed.
const FILES: usize = 20;

/// A section: its id, its title's key and what it holds.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) body: String,
}

/// Those that stand before the reader.
pub(super) fn before_reader(report: &Report<'_>, counts: &Counts) -> Vec<Section> {
    let mut made = vec![
        Section { id: "completeness", title: "completeness", body: completeness(report, counts) },
        Section { id: "themes", title: "themes", body: themes(report, counts) },
        Section { id: "sentiment", title: "sentiment", body: sentiment(report, counts) },
    ];
    if let Some(body) = over_time(report, counts) {
        made.push(Section { id: "time", title: "time", body });
    }
    made.push(Section { id: "tree", title: "tree", body: replies(report, counts) });
    if report.study.codes.len() > 1 {
        made.push(Section { id: "cooccurrence", title: "co_occurrence", body: together(report) });
    }
    if !report.study.codes.is_empty() {
        made.push(Section { id: "words", title: "words", body: key_words(report) });
    }
    made
}

/// Those that stand after it.
pub(super) fn after_reader(report: &Report<'_>, counts: &Counts) -> Vec<Section> {
    vec![
        Section { id: "reliability", title: "reliability", body: reliability(report) },
        Section { id: "method", title: "method", body: method(report, counts) },
        Section { id: "run", title: "run", body: run(report) },
    ]
}

fn name_of(thread: &CodedThread) -> &str {
    let article = &thread.thread.article;
    let source = thread.thread.sources.first().map(String::as_str);
    article.title.as_deref().or(article.url.as_deref()).or(source).unwrap_or(&thread.thread.id)
}

fn completeness(report: &Report<'_>, counts: &Counts) -> String {
    let language = report.language;
    let word = |key| say(language, key);
    let mut out = String::new();
    paragraph(&mut out, word("completeness_about"));
    let count = |number: u64| language.count(number);
    let (deleted, hidden, pending, orphans) =
        (count(counts.deleted), count(counts.hidden), count(counts.pending), count(counts.orphans));
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
            Cell::text(&format!("{}, {}", read.found_by.as_str(), read.certainty.as_str())),
            Cell::text(&read.notes.join(" · ")),
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
            .map(|failure| vec![Cell::text(&failure.source), Cell::text(&failure.message)])
            .collect();
        table(&mut out, word("failures"), &[word("source"), word("reason")], &rows);
        more(&mut out, report, "more_failures", failures.len());
    }
    out
}

fn more(out: &mut String, report: &Report<'_>, key: &str, of: usize) {
    if of > LISTED {
        let more = report.language.count((of - LISTED) as u64);
        paragraph(out, &filled(report.language, key, &[("more", &more)]));
    }
}

fn corrected<'a>(report: &'a Report<'_>, question: &str, value: &str) -> Option<&'a Share> {
    report.shares.iter().find(|share| share.question == question && share.value == value && share.group_by.is_empty())
}

/// The charts that notebooks may want to change.
pub(super) fn vega_lite(report: &Report<'_>, counts: &Counts) -> Vec<(&'static str, serde_json::Value)> {
    let mut made = vec![
        ("shares", shares(report, counts).vega_lite(report.language)),
        ("sentiment", by_theme(report, counts).vega_lite(report.language)),
    ];
    made.extend(timeline(report, counts, "chart-time").map(|data| ("time", data.vega_lite(report.language))));
    made
}

fn shares(report: &Report<'_>, counts: &Counts) -> Shares {
    let row = |(at, code): (usize, &CodeLabel)| ShareRow {
        label: code.label.clone(),
        n: counts.carrying(at),
        share: counts.code_share(at).unwrap_or(0.0),
        interval: None,
        corrected: corrected(report, &code.name, "1").and_then(|row| {
            let (low, high) = row.interval?;
            Some(Corrected { share: row.share?, low, high })
        }),
    };
    Shares { figure: Figure::new("chart-shares"), rows: report.study.codes.iter().enumerate().map(row).collect() }
}

fn by_theme(report: &Report<'_>, counts: &Counts) -> SentimentByTheme {
    let rows = report.study.codes.iter().zip(&counts.codes);
    let rows = rows.map(|(code, tally)| SentimentRow { label: code.label.clone(), tally: *tally });
    SentimentByTheme { figure: Figure::new("chart-sentiment"), all: counts.all, rows: rows.collect() }
}

fn timeline(report: &Report<'_>, counts: &Counts, id: &str) -> Option<OverTime> {
    let codes = report.study.codes.iter().map(|code| code.label.clone()).collect();
    Some(OverTime { figure: Figure::new(id), step: counts.step?, codes, bins: counts.bins.clone() })
}

fn themes(report: &Report<'_>, counts: &Counts) -> String {
    let (language, codes) = (report.language, &report.study.codes);
    let mut out = charts::shares(&shares(report, counts), language);
    out.push_str("<dl class=\"codebook\">\n");
    for code in codes.iter().filter(|code| !code.definition.is_empty()) {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", bdi(&code.label), bdi(&code.definition));
    }
    out.push_str("</dl>\n");
    let _ = writeln!(out, "<h3>{}</h3>", escape(say(language, "quotes")));
    paragraph(&mut out, say(language, "quotes_about"));
    for (code, hue) in codes.iter().zip((1..=HUES).cycle()) {
        let quotes = quotes(report, &code.name, hue);
        if !quotes.is_empty() {
            let _ = writeln!(out, "<h4>{}</h4>\n{quotes}", bdi(&code.label));
        }
    }
    out
}

/// The comments the coder is surest of, those of a length that reads well first.
fn quotes(report: &Report<'_>, code: &str, hue: usize) -> String {
    let mut best: Vec<((i64, usize), &CodedThread, &Comment, &Coding)> = Vec::new();
    for thread in &report.study.threads {
        for (comment, coded) in thread.thread.comments.iter().zip(&thread.comments) {
            let said = coded.coded.iter().flat_map(|coded| &coded.codings);
            for coding in said.filter(|coding| coding.code == code && coding.evidence.start < coding.evidence.end) {
                let length = comment.text.chars().count();
                let rank = (-(coding.confidence * 100.0) as i64, length.abs_diff(140));
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
        let percent = report.language.percent(coding.confidence);
        let _ = writeln!(
            out,
            "<blockquote class=\"quote\"><p dir=\"auto\">{}<mark class=\"hue-{hue}\">{}</mark>{}</p><footer><a href=\"#{}\">{}</a> · {}</footer></blockquote>",
            escape(&before),
            escape(coding.evidence.of(&comment.text)),
            escape(&after),
            escape(&link),
            escape(&comment.id),
            escape(&percent)
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

fn sentiment(report: &Report<'_>, counts: &Counts) -> String {
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
    let place = |word: &Option<String>| {
        ["negative", "neutral", "positive"].iter().position(|tone| Some(*tone) == word.as_deref())
    };
    let mut known = true;
    for row in talk::responses(report.study).iter().filter(|row| row.question == "polarity") {
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

fn over_time(report: &Report<'_>, counts: &Counts) -> Option<String> {
    let mut out = charts::over_time(&timeline(report, counts, "chart-time")?, report.language);
    if counts.bins.len() > 2 && !report.study.codes.is_empty() {
        out.push_str(&charts::codes_over_time(&timeline(report, counts, "chart-code-time")?, report.language));
    }
    Some(out)
}

fn replies(report: &Report<'_>, counts: &Counts) -> String {
    let language = report.language;
    let word = |key| say(language, key);
    let mut largest: Vec<&CodedThread> = report
        .study
        .threads
        .iter()
        .filter(|thread| thread.thread.shows_structure() && !thread.comments.is_empty())
        .collect();
    largest.sort_by_key(|thread| std::cmp::Reverse(thread.comments.len()));
    let trees: Vec<ReplyTree> = largest
        .iter()
        .take(DRAWN)
        .enumerate()
        .map(|(at, thread)| ReplyTree {
            figure: Figure { id: format!("chart-tree-{at}"), title: name_of(thread).to_owned(), note: String::new() },
            codes: Vec::new(),
            nodes: nodes(thread),
        })
        .collect();
    let mut out = String::new();
    if largest.len() > DRAWN {
        paragraph(&mut out, word("tree_most"));
    }
    out.push_str(&charts::reply_trees(&trees, DRAWN, language));
    let titles = |id: &Option<String>| {
        let thread = report.study.threads.iter().find(|thread| Some(&thread.thread.id) == id.as_ref());
        thread.map_or(word("of_all"), name_of)
    };
    let decimal = |value: Option<f64>, digits| value.map(|value| language.decimal(value, digits));
    let mut rows = shape::shape(report.study);
    rows.sort_by_key(|row| (row.thread_id.is_some(), std::cmp::Reverse(row.comments)));
    let rows: Vec<Vec<Cell>> = rows
        .iter()
        .take(DRAWN + 1)
        .map(|row| {
            vec![
                Cell::text(titles(&row.thread_id)),
                Cell::number(Some(language.count(row.comments))),
                Cell::number(row.max_depth.map(|depth| language.count(depth + 1))),
                Cell::number(row.max_width.map(|width| language.count(width))),
                Cell::number(row.reply_share.map(|share| language.percent(share))),
                Cell::number(decimal(row.virality, 2)),
                Cell::number(decimal(row.author_gini, 2)),
                Cell::number(decimal(row.reply_after, 1)),
            ]
        })
        .collect();
    let head = [
        word("thread"),
        word("comments"),
        word("max_depth"),
        word("max_width"),
        word("reply_share"),
        word("virality"),
        word("gini"),
        word("reply_after"),
    ];
    table(&mut out, word("shape"), &head, &rows);
    paragraph(&mut out, word("shape_about"));
    if counts.authors.len() > 1 {
        let data = Authors { figure: Figure::new("chart-authors"), comments: counts.authors.clone() };
        out.push_str(&charts::authors(&data, language));
    }
    out
}

fn together(report: &Report<'_>) -> String {
    let codes = &report.study.codes;
    let place = |name: &str| codes.iter().position(|code| code.name == name);
    let mut counts = vec![vec![0; codes.len()]; codes.len()];
    let mut lift = vec![vec![None; codes.len()]; codes.len()];
    for row in talk::cooccurrence(report.study) {
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

fn key_words(report: &Report<'_>) -> String {
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

fn reliability(report: &Report<'_>) -> String {
    let language = report.language;
    let word = |key| say(language, key);
    let mut out = String::new();
    let known = |key: &str, or: &str| {
        let said = say(language, key);
        if said.is_empty() { or.to_owned() } else { said.to_owned() }
    };
    let rows: Vec<Vec<Cell>> = report
        .agreement
        .iter()
        .filter(|row| row.group_by.is_empty() && !say(language, &format!("measure_{}", row.measure)).is_empty())
        .map(|row| {
            let value = match row.value.as_str() {
                "" | "1" => String::new(),
                value => format!(" ({})", known(&format!("value_{value}"), value)),
            };
            let between = row.between.split(" / ").map(|who| match who {
                "machine" => word("of_machine"),
                "people" => word("of_people"),
                name => name,
            });
            let label = report.study.codes.iter().find(|code| code.name == row.question);
            let label = label
                .map_or_else(|| known(&format!("question_{}", row.question), &row.question), |code| code.label.clone());
            let interval =
                row.interval.map(|(low, high)| format!("{}–{}", language.decimal(low, 2), language.decimal(high, 2)));
            vec![
                Cell::text(&label),
                Cell::text(&between.collect::<Vec<_>>().join(" / ")),
                Cell::text(&format!("{}{value}", say(language, &format!("measure_{}", row.measure)))),
                Cell::number(row.estimate.map(|estimate| language.decimal(estimate, 2))),
                Cell::number(interval),
                Cell::number(Some(language.count(row.units))),
            ]
        })
        .collect();
    if rows.is_empty() {
        paragraph(&mut out, word("no_reliability"));
    } else {
        paragraph(&mut out, word("reliability_about"));
        let head = [word("question"), word("between"), word("measure"), word("value"), word("interval"), word("units")];
        table(&mut out, word("reliability_table"), &head, &rows);
    }
    out
}

fn method(report: &Report<'_>, counts: &Counts) -> String {
    let language = report.language;
    let mut out = String::new();
    let coders = if counts.coders.is_empty() { "–".to_owned() } else { counts.coders.join(", ") };
    paragraph(&mut out, &filled(language, "method_coders", &[("coders", &coders)]));
    for key in ["method_model", "method_shares", "method_people", "method_privacy"] {
        paragraph(&mut out, say(language, key));
    }
    out
}

fn run(report: &Report<'_>) -> String {
    let language = report.language;
    let word = |key| say(language, key);
    let made = &report.made;
    let mut out = String::new();
    if made.facts.is_empty() {
        paragraph(&mut out, word("no_run"));
        return out;
    }
    let named = |name: &str| {
        let known = say(language, &format!("fact_{name}"));
        if known.is_empty() { name.to_owned() } else { known.to_owned() }
    };
    let fact = |(name, value): &(String, String)| vec![Cell::text(&named(name)), Cell::text(value)];
    let file = |key, (path, digest): &(String, String)| {
        vec![Cell::text(word(key)), Cell::text(&format!("{path} · SHA-256 {digest}"))]
    };
    let mut rows: Vec<Vec<Cell>> = made.facts.iter().map(fact).collect();
    rows.extend(made.outputs.iter().take(FILES).map(|output| file("fact_output", output)));
    rows.extend(made.inputs.iter().take(FILES).map(|input| file("fact_input", input)));
    table(&mut out, word("run_table"), &[word("fact"), word("fact_value")], &rows);
    if made.inputs.len() > FILES {
        let more = language.count((made.inputs.len() - FILES) as u64);
        paragraph(&mut out, &filled(language, "fact_more", &[("more", &more)]));
    }
    out
}
