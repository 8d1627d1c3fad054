use super::answers::{Answers, Question};
use super::crosstab::Crosstab;
use crate::model::{Response, Study};
use crate::study::shape::{Tree, ratio, writer};

/// What comments of each value are answered with: of sentiment, irony and each code a row on the whole table, then one a pair of values.
///
/// A pair is a comment and a reply to it that both have an answer; replies of authors to themselves are left out, as they say the same for another reason.
/// There is no p-value: replies under one comment and by one author depend on one another, which chi-squared takes no account of.
pub fn responses(study: &Study) -> Vec<Response> {
    let answers = Answers::of(study);
    let pairs = pairs(study);
    answers
        .questions
        .iter()
        .enumerate()
        .flat_map(|(at, question)| {
            let given = answers.to(at);
            let mut table = Crosstab::new(question.values().len(), question.values().len());
            for (parent, reply) in pairs.iter().filter_map(|(parent, reply)| given[*parent].zip(given[*reply])) {
                table.add(usize::from(parent), usize::from(reply));
            }
            rows(*question, &table)
        })
        .collect()
}

/// Comments and replies to them, in places of the study.
fn pairs(study: &Study) -> Vec<(usize, usize)> {
    let (mut pairs, mut before) = (Vec::new(), 0);
    for thread in study.threads.iter().map(|thread| &thread.thread) {
        let tree = Tree::of(thread);
        for (reply, comment) in thread.comments.iter().enumerate() {
            let Some(parent) = tree.parent(reply) else { continue };
            let author = writer(comment);
            if author.is_none() || author != writer(&thread.comments[parent]) {
                pairs.push((before + parent, before + reply));
            }
        }
        before += thread.comments.len();
    }
    pairs
}

fn rows(question: Question, table: &Crosstab) -> Vec<Response> {
    let values = question.values();
    let chi_squared = table.chi_squared();
    let mut rows = vec![Response {
        question: question.name().to_owned(),
        replies: table.total(),
        chi_squared: chi_squared.map(|(chi_squared, _)| chi_squared),
        degrees: chi_squared.map(|(_, degrees)| degrees),
        cramers_v: table.cramers_v(),
        ..Response::default()
    }];
    for (row, parent) in values.iter().enumerate() {
        rows.extend(values.iter().enumerate().map(|(column, reply)| Response {
            question: question.name().to_owned(),
            parent: Some((*parent).to_owned()),
            reply: Some((*reply).to_owned()),
            replies: table.cell(row, column),
            share: ratio(table.cell(row, column) as f64, table.row(row) as f64),
            expected: table.expected(row, column),
            residual: table.residual(row, column),
            ..Response::default()
        }));
    }
    rows
}
