//! The page around the sections: head, contents, style, script, and the policy that lets nothing else in.

use std::fmt::Write as _;

use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

use super::charts::escape;
use super::counts::Counts;
use super::findings::findings;
use super::html::bdi;
use super::sections::{Section, after_reader, before_reader};
use super::words::{filled, reader, say};
use super::{Report, data};

const SKELETON: &str = include_str!("../../data/report/page.html");
/// In the order they cascade.
const STYLES: [&str; 6] = [
    include_str!("../../data/report/report.css"),
    include_str!("../../data/report/figures.css"),
    include_str!("../../data/report/reader.css"),
    include_str!("../../data/report/comments.css"),
    include_str!("../../data/report/sheets.css"),
    include_str!("../../data/report/print.css"),
];
/// In the order they need each other.
const SCRIPTS: [&str; 11] = [
    include_str!("../../data/report/data.js"),
    include_str!("../../data/report/tree.js"),
    include_str!("../../data/report/filter.js"),
    include_str!("../../data/report/dom.js"),
    include_str!("../../data/report/marks.js"),
    include_str!("../../data/report/reason.js"),
    include_str!("../../data/report/comment.js"),
    include_str!("../../data/report/form.js"),
    include_str!("../../data/report/address.js"),
    include_str!("../../data/report/reader.js"),
    include_str!("../../data/report/begin.js"),
];

/// The whole page.
pub(super) fn page(report: &Report<'_>, counts: &Counts) -> Result<String, serde_json::Error> {
    let language = report.language;
    let style = STYLES.join("\n");
    let script = format!("\"use strict\";\n{{\n{}}}\n", SCRIPTS.join("\n"));
    let (before, after) = (before_reader(report, counts), after_reader(report, counts));
    let found = findings(report, counts).iter().fold(String::new(), |mut list, finding| {
        let _ = writeln!(list, "<li>{}</li>", escape(finding));
        list
    });
    let found = Section { id: "findings", title: "findings", body: format!("<ul class=\"findings\">\n{found}</ul>\n") };
    let words = reader(language);
    let word = |key: &str| escape(words.get(key).map_or("", String::as_str)).into_owned();
    let title = title(report);
    let before: Vec<Section> = std::iter::once(found).chain(before).collect();
    let data = data::json(report.study, language)?;
    let values: Vec<(&str, String)> = vec![
        ("lang", language.tag().to_owned()),
        ("style-hash", digest(&style)),
        ("script-hash", digest(&script)),
        ("title", escape(&title).into_owned()),
        ("style", style),
        ("first-section", "findings".to_owned()),
        ("word-skip", word("skip")),
        ("word-contents", word("contents")),
        ("word-reader", word("reader")),
        ("word-about", word("about")),
        ("word-noScript", word("noScript")),
        ("word-broken", word("broken")),
        ("header", header(report, counts, &title)),
        ("nav", contents(report, &before, &after, &word("reader"))),
        ("before-reader", sections(report, &before)),
        ("after-reader", sections(report, &after)),
        ("footer", footer(report)),
        ("data", data),
        ("script", script),
    ];
    Ok(fill(SKELETON, &values))
}

/// The skeleton with its places filled, in one pass: what is filled in is not filled again.
fn fill(skeleton: &str, values: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(values.iter().map(|(_, value)| value.len()).sum::<usize>() + skeleton.len());
    let mut rest = skeleton;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, after)) = after.split_once("}}") else { break };
        out.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The digest a Content Security Policy knows an inline style or script by.
fn digest(content: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(content.as_bytes())))
}

fn title(report: &Report<'_>) -> String {
    let comments: u64 = report.study.threads.iter().map(|thread| thread.thread.parsed_count()).sum();
    let count = |number: u64| report.language.count(number);
    match (report.title, &report.study.threads[..]) {
        (Some(title), _) => title.to_owned(),
        (None, [thread]) if thread.thread.article.title.is_some() => {
            thread.thread.article.title.clone().unwrap_or_default()
        }
        (None, [thread]) => {
            let values: [(&str, &str); 2] = [("comments", &count(comments)), ("site", &thread.thread.site)];
            filled(report.language, "of_thread", &values)
        }
        (None, threads) => {
            let values: [(&str, &str); 2] = [("comments", &count(comments)), ("threads", &count(threads.len() as u64))];
            filled(report.language, "of_threads", &values)
        }
    }
}

fn header(report: &Report<'_>, counts: &Counts, title: &str) -> String {
    let language = report.language;
    let mut facts = Vec::new();
    let comments = language.count(counts.comments);
    facts.push(match &report.study.threads[..] {
        [thread] => filled(language, "of_thread", &[("comments", &comments), ("site", &thread.thread.site)]),
        threads => {
            let threads = language.count(threads.len() as u64);
            filled(language, "of_threads", &[("comments", &comments), ("threads", &threads)])
        }
    });
    if let (Some(first), Some(last)) = (counts.first, counts.last) {
        let (first, last) = (first.date().to_string(), last.date().to_string());
        facts.push(filled(language, "span", &[("first", &first), ("last", &last)]));
    }
    // A title that says the counts need not say them twice.
    facts.retain(|fact| fact != title);
    let mut out = format!("<p class=\"brand\">causerie</p>\n<h1>{}</h1>\n<p class=\"facts\">", bdi(title));
    for fact in facts {
        let _ = write!(out, "<span>{}</span>", escape(&fact));
    }
    if let [thread] = &report.study.threads[..]
        && let Some(url) = thread.thread.article.url.as_deref().filter(|url| url.starts_with("http"))
    {
        let _ = write!(out, "<span><a href=\"{0}\" rel=\"noreferrer\">{0}</a></span>", escape(url));
    }
    out.push_str("</p>");
    out
}

fn contents(report: &Report<'_>, before: &[Section], after: &[Section], reader: &str) -> String {
    let mut out = String::new();
    let link = |out: &mut String, id: &str, title: &str| {
        let _ = writeln!(out, "<li><a href=\"#{id}\">{title}</a></li>");
    };
    for section in before {
        link(&mut out, section.id, &escape(say(report.language, section.title)));
    }
    link(&mut out, "reader", reader);
    for section in after {
        link(&mut out, section.id, &escape(say(report.language, section.title)));
    }
    out
}

fn sections(report: &Report<'_>, sections: &[Section]) -> String {
    let mut out = String::new();
    for Section { id, title, body } in sections {
        let title = escape(say(report.language, title));
        let _ = writeln!(
            out,
            "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{title}</h2>\n{body}</section>"
        );
    }
    out
}

fn footer(report: &Report<'_>) -> String {
    let made = filled(report.language, "made_with", &[("version", &report.made.version)]);
    format!("<p>{}</p>", escape(&made))
}
