//! Encodes texts: for comparing the encoder with others.
//!
//! `cargo run --release --example encode -- TEXTS.jsonl [VECTORS.jsonl] [--plain] [--repeat N]`
//!
//! TEXTS.jsonl has one object a line with `text`. VECTORS.jsonl gets `ids` and `vector` a line. `--plain` leaves the adapters
//! out. On standard output: texts, and the seconds each of N rounds took (`RAYON_NUM_THREADS=1` for one core).
#![allow(clippy::print_stdout, reason = "a command prints its result")]

use std::error::Error;
use std::fmt::Write as _;
use std::time::Instant;
use std::{env, fs};

use causerie::encoder::{Encoder, Input, Keep};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let files: Vec<&String> = args.iter().take_while(|arg| !arg.starts_with("--")).collect();
    let option = |name: &str| args.iter().position(|arg| arg == name);
    let rounds = option("--repeat").and_then(|at| args.get(at + 1)?.parse().ok()).unwrap_or(1);
    let input = files.first().ok_or("usage: encode TEXTS.jsonl [VECTORS.jsonl] [--plain] [--repeat N]")?;
    let row = |line: &str| serde_json::from_str::<Value>(line).map(|row| row["text"].as_str().unwrap_or("").to_owned());
    let texts: Vec<String> = fs::read_to_string(input)?.lines().map(row).collect::<Result<_, _>>()?;
    let inputs: Vec<Input<'_>> = texts.iter().map(|text| Input { text, context: &[] }).collect();
    let encoder = if option("--plain").is_some() { Encoder::plain() } else { Encoder::builtin() };
    let mut encodings = Vec::new();
    let mut seconds = Vec::new();
    for _ in 0..rounds {
        let started = Instant::now();
        encodings = encoder.encode(&inputs, Keep::Vector);
        seconds.push(started.elapsed().as_secs_f64());
    }
    println!("{}", json!({ "texts": texts.len(), "seconds": seconds }));
    if let Some(output) = files.get(1) {
        let mut lines = String::new();
        for (input, encoding) in inputs.iter().zip(&encodings) {
            writeln!(lines, "{}", json!({ "ids": encoder.ids(input).0, "vector": encoding.vector }))?;
        }
        fs::write(output, lines)?;
    }
    Ok(())
}
