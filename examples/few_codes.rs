//! How many hand codes a new code needs: a coder is trained on 200 and on 1,000 comments coded for `own_experience`, which no shipped coder has
//! seen, and measured on comments of other threads (`data/training/own-experience.tsv`).
//!
//! `cargo run --release --example few_codes [linear]`

#![allow(clippy::print_stdout, reason = "a command prints its result")]

use std::collections::HashMap;
use std::error::Error;
use std::fs;

use causerie::codebook::Codebook;
use causerie::coding::{Coder, HandCoded, Labels, Learned, Reads, Task, code_thread, train};
use causerie::model::{Comment, Thread};
use serde_json::Value;
use sha2::{Digest, Sha256};

const CODE: &str = "own_experience";
/// Draws of hand-coded comments that a figure is the mean of.
const DRAWS: u64 = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let reads = if std::env::args().nth(1).as_deref() == Some("linear") { Reads::Linear } else { Reads::Encoder };
    let (learn, test) = threads()?;
    let rows: usize = learn.iter().map(|coded| labelled(coded).count()).sum();
    println!(
        "{rows} comments to learn from, {} to measure on",
        test.iter().map(|coded| labelled(coded).count()).sum::<usize>()
    );
    let mut reached = Vec::new();
    for wanted in [50, 100, 200, 400, 1000] {
        let draws = if wanted >= rows { 1 } else { DRAWS };
        let mut sum = [0.0; 2];
        for draw in 0..draws {
            let part = part(&learn, wanted, draw);
            let task = Task {
                name: CODE.into(),
                reads,
                polarity: false,
                codes: vec![CODE.into()],
                book: Codebook::of_names([CODE]),
                folds: 5,
                seed: 1 + draw,
            };
            let coder =
                Learned::with_models(reads, Codebook::of_names([CODE]), vec![train(&part, &task)?]).without_evidence();
            let [positive, negative] = f1s(&coder, &test);
            sum[0] += positive / draws as f64;
            sum[1] += f64::midpoint(positive, negative) / draws as f64;
        }
        println!("{wanted:>5} codes: F1 {:.3}, macro-F1 {:.3}", sum[0], sum[1]);
        reached.push((wanted, sum));
    }
    let of = |wanted: usize| reached.iter().find(|(codes, _)| *codes == wanted).map_or([0.0; 2], |(_, f1)| *f1);
    println!(
        "200 reach {:.2} of the F1 and {:.2} of the macro-F1 that 1,000 reach",
        of(200)[0] / of(1000)[0],
        of(200)[1] / of(1000)[1]
    );
    Ok(())
}

fn labelled(coded: &HandCoded) -> impl Iterator<Item = &Labels> {
    coded.labels.iter().filter(|labels| labels.codes.iter().any(Option::is_some))
}

/// Some of the labels, by chance; the other comments stay as context.
fn part(learn: &[HandCoded], wanted: usize, draw: u64) -> Vec<HandCoded> {
    let mut order: Vec<([u8; 32], usize, usize)> = Vec::new();
    for (thread, coded) in learn.iter().enumerate() {
        let luck = |at: usize| Sha256::digest(format!("{draw} {thread} {at}")).into();
        order.extend((0..coded.labels.len()).map(|at| (luck(at), thread, at)));
    }
    order.sort_unstable();
    let mut part = learn.to_vec();
    for (_, thread, at) in order.into_iter().skip(wanted) {
        part[thread].labels[at] = Labels::default();
    }
    part
}

/// F1 of the code, and of its absence.
fn f1s(coder: &dyn Coder, test: &[HandCoded]) -> [f64; 2] {
    let mut counts = [[0.0; 2]; 2];
    for HandCoded { thread, labels } in test {
        let coded = code_thread(coder, thread.clone());
        for (comment, labels) in coded.comments.iter().zip(labels) {
            if let (Some(coded), Some(Some(gold))) = (&comment.coded, labels.codes.first()) {
                let said = coded.codings.iter().any(|coding| coding.code == CODE);
                counts[usize::from(*gold)][usize::from(said)] += 1.0;
            }
        }
    }
    let f1 = |class: usize| 2.0 * counts[class][class] / (2.0 * counts[class][class] + counts[0][1] + counts[1][0]);
    [f1(1), f1(0)]
}

/// The threads to learn from and those to measure on.
fn threads() -> Result<(Vec<HandCoded>, Vec<HandCoded>), Box<dyn Error>> {
    let codes = fs::read_to_string("data/training/own-experience.tsv")?;
    let code = |line: &str| {
        let [thread, comment, code, held_out] = line.split('\t').collect::<Vec<_>>()[..] else { return None };
        Some(((thread.to_owned(), comment.to_owned()), (code == "1", held_out == "1")))
    };
    let codes: HashMap<(String, String), (bool, bool)> = codes.lines().skip(1).filter_map(code).collect();
    let mut threads: Vec<(bool, HandCoded)> = Vec::new();
    for line in fs::read_to_string("data/training/comments.jsonl")?.lines() {
        let row: Value = serde_json::from_str(line)?;
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        let (thread_id, id) = (text("thread_id").unwrap_or_default(), text("comment_id").unwrap_or_default());
        let Some((applies, held_out)) = codes.get(&(thread_id.clone(), id.clone())) else { continue };
        if threads.last().is_none_or(|(_, coded)| coded.thread.id != thread_id) {
            let mut thread = Thread { id: thread_id, ..Thread::default() };
            (thread.article.title, thread.article.body) = (text("article_title"), text("article_body"));
            threads.push((*held_out, HandCoded { thread, labels: Vec::new() }));
        }
        if let Some((_, coded)) = threads.last_mut() {
            let comment = Comment {
                id,
                reply_to: text("reply_to"),
                text: text("text").unwrap_or_default(),
                ..Comment::default()
            };
            coded.thread.comments.push(comment);
            coded.labels.push(Labels { codes: vec![Some(*applies)], ..Labels::default() });
        }
    }
    let (test, learn): (Vec<_>, Vec<_>) = threads.into_iter().partition(|(held_out, _)| *held_out);
    Ok((learn.into_iter().map(|(_, coded)| coded).collect(), test.into_iter().map(|(_, coded)| coded).collect()))
}
