//! Threads as trees, their shape, and who writes how much.

use super::super::Report;
use super::super::charts::{self, Authors, Figure, ReplyTree};
use super::super::counts::{Counts, nodes};
use super::super::html::{Cell, paragraph, table};
use super::super::words::say;
use super::name_of;
use crate::model::{CodedThread, ThreadShape};

/// Threads drawn as trees.
const DRAWN: usize = 6;

pub(super) fn replies(report: &Report<'_>, counts: &Counts) -> String {
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
            nodes: nodes(thread),
        })
        .collect();
    let mut out = String::new();
    if largest.len() > DRAWN {
        paragraph(&mut out, word("tree_most"));
    }
    for tree in &trees {
        out.push_str(&charts::reply_tree(tree, language));
    }
    let titles = |id: &Option<String>| {
        let thread = report.study.threads.iter().find(|thread| Some(&thread.thread.id) == id.as_ref());
        thread.map_or(word("of_all"), name_of)
    };
    let decimal = |value: Option<f64>, digits| value.map(|value| language.decimal(value, digits));
    let mut rows: Vec<&ThreadShape> = counts.shapes.iter().collect();
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
