//! Measures a coder on hand-coded comments.
//!
//! `cargo run --release --example score_coding -- GOLD [PREDICTIONS.jsonl] [--coder rules|linear|encoder] [--codebook FILE] [--alone]`
//!
//! GOLD is a folder with `threads.json` (thread, title, lead) and `gold.jsonl` or `hand-coded.jsonl`: one comment a line with
//! id, thread, reply_to, text, sentiment, one field a code (1, 0, or null where either is right) and, per code,
//! evidence strings; or a file of comments with `text` and `sentiment` only. Predictions go to a file of the same shape,
//! offsets in code points. `--alone` codes every comment without its thread.
#![allow(clippy::print_stdout, reason = "a command prints its result")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use causerie::codebook::Codebook;
use causerie::coding::{Coder, Learned, Reads, Rules, code_thread};
use causerie::model::{Article, CodedComment, Comment, Thread};
use serde_json::{Value, json};

const LABELS: [&str; 3] = ["negative", "neutral", "positive"];

#[derive(Default)]
struct Counts {
    hit: usize,
    extra: usize,
    missed: usize,
}

impl Counts {
    fn count(&mut self, gold: bool, said: bool) {
        match (gold, said) {
            (true, true) => self.hit += 1,
            (false, true) => self.extra += 1,
            (true, false) => self.missed += 1,
            (false, false) => {}
        }
    }

    fn rates(&self) -> (f64, f64, f64) {
        let share = |of: usize| self.hit as f64 / of.max(1) as f64;
        let f1 = 2.0 * self.hit as f64 / (2 * self.hit + self.extra + self.missed).max(1) as f64;
        (share(self.hit + self.extra), share(self.hit + self.missed), f1)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let option = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    let files: Vec<&String> = args.iter().take_while(|arg| !arg.starts_with("--")).collect();
    let gold = Path::new(files.first().ok_or("usage: score_coding GOLD [PREDICTIONS.jsonl] [--coder CODER]")?);
    let predictions = files.get(1).map_or("predictions.jsonl", |file| file.as_str());
    let book = option("--codebook").map_or_else(|| Ok(Codebook::builtin()), |path| Codebook::load(Path::new(path)))?;
    let alone = args.iter().any(|arg| arg == "--alone");
    let mut codes: Vec<String> = book.codes.iter().map(|code| code.name.clone()).collect();
    let coder: Box<dyn Coder> = match option("--coder").map_or("encoder", String::as_str) {
        "rules" => Box::new(Rules::new(book)),
        "linear" => Box::new(Learned::builtin(Reads::Linear, book)),
        _ => Box::new(Learned::builtin(Reads::Encoder, book)),
    };

    let within = |name: &str| Some(gold.join(name)).filter(|path| path.exists());
    let file = within("gold.jsonl").or_else(|| within("hand-coded.jsonl")).unwrap_or_else(|| gold.to_owned());
    let mut rows: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in fs::read_to_string(file)?.lines() {
        let row: Value = serde_json::from_str(line)?;
        // In the order of the file, where threads have no name.
        let own = || format!("{:08}", rows.len());
        let thread = row["thread"].as_str().filter(|_| !alone).map_or_else(own, str::to_owned);
        rows.entry(thread).or_default().push(row);
    }
    let articles: Vec<Value> = within("threads.json")
        .map_or_else(|| Ok("[]".to_owned()), fs::read_to_string)
        .map(|text| serde_json::from_str(&text))??;
    codes.push("irony".to_owned());

    let mut out = String::new();
    let mut per_code: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut per_label: BTreeMap<&str, Counts> = BTreeMap::new();
    let (mut right, mut judged) = (0_usize, 0_usize);
    for (id, gold) in &rows {
        let article = articles.iter().find(|article| article["thread"] == **id).unwrap_or(&Value::Null);
        let result = code_thread(coder.as_ref(), thread(article, gold));
        for ((row, comment), reading) in gold.iter().zip(&result.thread.comments).zip(&result.comments) {
            writeln!(out, "{}", prediction(&comment.text, &comment.id, reading, &codes))?;
            for code in &codes {
                let Some(expected) = row[if code == "irony" { "ironic" } else { code }].as_i64() else { continue };
                per_code.entry(code).or_default().count(expected == 1, has(reading, code));
            }
            let Some(expected) = row["sentiment"].as_str() else { continue };
            let said = sentiment(reading);
            judged += 1;
            right += usize::from(said == Some(expected));
            for label in LABELS {
                per_label.entry(label).or_default().count(expected == label, said == Some(label));
            }
        }
    }
    fs::write(predictions, out)?;
    let mut macro_f1 = 0.0;
    for code in &codes {
        let counts = per_code.remove(code.as_str()).unwrap_or_default();
        let (precision, recall, f1) = counts.rates();
        if counts.hit + counts.missed == 0 {
            continue;
        }
        if code != "irony" {
            macro_f1 += f1 / (codes.len() - 1) as f64;
        }
        println!(
            "{code:<20} precision {precision:.3}  recall {recall:.3}  F1 {f1:.3}  (n = {})",
            counts.hit + counts.missed
        );
    }
    println!("{:<20} F1 {macro_f1:.3}", "macro of the codes");
    let polarity_f1: f64 = per_label.values().map(|counts| counts.rates().2).sum::<f64>() / LABELS.len() as f64;
    println!("{:<20} accuracy {:.3}  macro-F1 {polarity_f1:.3}", "polarity", right as f64 / judged.max(1) as f64);
    Ok(())
}

fn thread(article: &Value, rows: &[Value]) -> Thread {
    let string = |value: &Value| value.as_str().map(str::to_owned);
    let comment = |row: &Value| Comment {
        id: string(&row["id"]).unwrap_or_default(),
        reply_to: string(&row["reply_to"]),
        text: string(&row["text"]).unwrap_or_default(),
        ..Comment::default()
    };
    Thread {
        article: Article { title: string(&article["title"]), body: string(&article["lead"]), ..Article::default() },
        comments: rows.iter().map(comment).collect(),
        ..Thread::default()
    }
}

fn has(reading: &CodedComment, code: &str) -> bool {
    let Some(coded) = &reading.coded else { return false };
    match code {
        "irony" => coded.irony.as_ref().is_some_and(|(applies, _)| *applies),
        _ => coded.codings.iter().any(|coding| coding.code == code),
    }
}

fn sentiment(reading: &CodedComment) -> Option<&'static str> {
    reading.coded.as_ref()?.polarity.as_ref().map(|polarity| polarity.polarity.as_str())
}

fn score(reading: &CodedComment) -> Option<f64> {
    reading.coded.as_ref()?.polarity.as_ref().map(|polarity| polarity.score)
}

fn prediction(text: &str, id: &str, reading: &CodedComment, codes: &[String]) -> Value {
    let mut row = json!({ "id": id, "sentiment": sentiment(reading), "score": score(reading), "evidence": {} });
    let polarity = reading.coded.as_ref().and_then(|coded| coded.polarity.as_ref());
    row["sentiment_words"] = json!(polarity.and_then(|polarity| polarity.evidence).map(|span| span.of(text)));
    for code in codes {
        row[if code == "irony" { "ironic" } else { code }] = json!(i32::from(has(reading, code)));
    }
    for coding in reading.coded.iter().flat_map(|coded| &coded.codings) {
        let (start, end) = coding.evidence.in_code_points(text);
        row["evidence"][coding.code.as_str()] = json!([[start, end]]);
    }
    row
}
