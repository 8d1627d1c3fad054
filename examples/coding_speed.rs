//! How fast `--coder linear` codes: texts a second, for `benches/linear_peer.py`.
//!
//! `cargo run --release --example coding_speed -- TEXTS.jsonl` (one object a line with `text`; `RAYON_NUM_THREADS=1` for one core).
//! Prints one JSON object: sentiment alone and with themes, each with and without evidence, from the text to the decision.
#![allow(clippy::print_stdout, reason = "a command prints its result")]

use std::error::Error;
use std::time::{Duration, Instant};
use std::{env, fs};

use causerie::codebook::Codebook;
use causerie::coding::{Coder, Learned, Reads, code_thread};
use causerie::model::{Comment, Thread};
use serde_json::{Map, Value};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: coding_speed TEXTS.jsonl")?;
    let mut comments = Vec::new();
    for (at, line) in fs::read_to_string(path)?.lines().enumerate() {
        let row: Value = serde_json::from_str(line)?;
        let text = row["text"].as_str().unwrap_or_default().to_owned();
        comments.push(Comment { id: format!("c{at}"), text, ..Comment::default() });
    }
    let thread = Thread { comments, ..Thread::default() };
    let sentiment = || Learned::builtin(Reads::Linear, Codebook::of_names([]));
    let themes = || Learned::builtin(Reads::Linear, Codebook::builtin());
    let mut speeds = Map::new();
    for (name, coder) in [
        ("sentiment, without evidence", sentiment().without_evidence()),
        ("sentiment, with evidence", sentiment()),
        ("sentiment and themes, without evidence", themes().without_evidence()),
        ("sentiment and themes, with evidence", themes()),
    ] {
        speeds.insert(name.to_owned(), speed(&coder, &thread).into());
    }
    println!("{}", Value::Object(speeds));
    Ok(())
}

/// Texts a second, the best of several rounds within a second.
fn speed(coder: &dyn Coder, thread: &Thread) -> f64 {
    code_thread(coder, thread.clone());
    let started = Instant::now();
    let mut best = Duration::MAX;
    while started.elapsed() < Duration::from_secs(1) {
        let copy = thread.clone();
        let round = Instant::now();
        code_thread(coder, copy);
        best = best.min(round.elapsed());
    }
    thread.comments.len() as f64 / best.as_secs_f64()
}
